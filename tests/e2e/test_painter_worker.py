"""The painter in its own process: finished pictures, bounded memory, cancelled, killed."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from busy_machine import in_time

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled, ProgramError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.picture import picture_size
from vidgen_gui.core.quality import Aspect, FrameSize, Quality, frame_size
from vidgen_gui.media.png_check import check_png
from vidgen_gui.system.worker import WorkerProcess

DEADLINE_S = 120.0
MAX_RSS_MIB = 250
ULTRA = picture_size(frame_size(Quality.ULTRA, Aspect.PORTRAIT))


@pytest.fixture
def worker() -> Iterator[WorkerProcess]:
    made = WorkerProcess("painter")
    yield made
    made.close()


def request(path: Path, prompt: str, size: FrameSize = ULTRA) -> dict[str, Any]:
    return {
        "prompt": prompt, "genre": "custom", "seed": 3, "width_px": size.width_px,
        "height_px": size.height_px, "out_png": str(path),
    }  # fmt: skip


def peak_rss_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak from /proc")
def test_ultra_pictures_are_whole_and_stay_within_memory(
    worker: WorkerProcess, tmp_path: Path
) -> None:
    prompts = (
        "a mountain summit",
        "a lake with mountains",
        "a circuit board",
        "cut paper",
        "street",
    )
    for prompt in prompts:
        path = tmp_path / "picture.png"
        steps = list(worker.call(request(path, prompt), CancelToken(), deadline_s=DEADLINE_S))
        assert len(steps) >= 4
        check_png(path, ULTRA)
    assert peak_rss_mib(worker.pid) < MAX_RSS_MIB


def test_a_cancel_ends_the_painting_at_once(worker: WorkerProcess, tmp_path: Path) -> None:
    cancel = CancelToken()
    work = worker.call(request(tmp_path / "picture.png", "a forest"), cancel, deadline_s=DEADLINE_S)
    next(work)
    started = time.monotonic()
    threading.Thread(target=cancel.cancel).start()
    with pytest.raises(Cancelled):
        list(work)
    assert in_time(time.monotonic() - started, 1.0)
    assert not worker.alive


def test_a_killed_painter_is_reported_and_leaves_no_picture(
    worker: WorkerProcess, tmp_path: Path
) -> None:
    path = tmp_path / "picture.png"
    work = worker.call(request(path, "a jungle"), CancelToken(), deadline_s=DEADLINE_S)
    next(work)
    psutil.Process(worker.pid).kill()
    with pytest.raises(ProgramError) as caught:
        list(work)
    assert caught.value.message.id is MessageId.WORKER_LOST
    assert not path.exists()


def test_an_unwritable_place_is_reported_and_the_worker_lives_on(
    worker: WorkerProcess, tmp_path: Path
) -> None:
    small = FrameSize(96, 128)
    nowhere = request(tmp_path / "missing" / "picture.png", "a lake", small)
    with pytest.raises(Exception, match="data-unwritable"):
        list(worker.call(nowhere, CancelToken(), deadline_s=DEADLINE_S))
    path = tmp_path / "picture.png"
    list(worker.call(request(path, "a lake", small), CancelToken(), deadline_s=DEADLINE_S))
    check_png(path, small)
