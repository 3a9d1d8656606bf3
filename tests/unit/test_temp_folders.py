"""Where work in progress lies: private, on a disk with room, gone after a stage or a crash."""

import os
import signal
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from vidgen_gui.core.events import Event, JobFailed
from vidgen_gui.core.job import JobSpec
from vidgen_gui.core.messages import MessageId
from vidgen_gui.pipeline import preflight
from vidgen_gui.pipeline.engine import Engine
from vidgen_gui.pipeline.workers import WorkerPool
from vidgen_gui.store.store import open_store
from vidgen_gui.system.files import free_bytes
from vidgen_gui.system.paths import AppPaths

WORKS = """
import os, sys
from pathlib import Path
from vidgen_gui.store.store import open_store
from vidgen_gui.system.paths import AppPaths

os.umask(0)
with open_store(AppPaths.find(), temp_root=Path(sys.argv[1])) as store:
    with store.artifacts.workspace("ab" * 20) as gone:
        (gone / "half.png").write_bytes(b"half")
    with store.artifacts.workspace("cd" * 20) as folder:
        (folder / "half.png").write_bytes(b"half")
        print(gone.exists(), folder, flush=True)
        sys.stdin.read()
"""


@pytest.mark.req("R10", "S8")
def test_work_lies_in_the_chosen_folder_for_nobody_else_and_a_crash_leaves_none(
    tmp_path: Path,
) -> None:
    temp_root = tmp_path / "chosen" / "temp"
    command = [sys.executable, "-c", WORKS, str(temp_root)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        stands, _, name = child.stdout.readline().strip().partition(" ")
        folder = Path(name)
        assert stands == "False"
        assert folder.parent == temp_root
        for private in (temp_root, folder):
            assert stat.S_IMODE(private.stat().st_mode) == 0o700
        with open_store(AppPaths.find(), temp_root=temp_root):
            # The other one is still at work.
            assert (folder / "half.png").exists()
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    assert (folder / "half.png").exists()
    with open_store(AppPaths.find(), temp_root=temp_root):
        assert list(temp_root.iterdir()) == []


@pytest.mark.expected_log
@pytest.mark.req("R10", "S8")
def test_a_temp_folder_on_a_disk_without_room_stops_the_job_before_it_makes_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temp_root = tmp_path / "small disk"
    events: list[Event] = []

    def room(path: Path) -> int:
        return 2**20 if path == temp_root else free_bytes(path)

    monkeypatch.setattr(preflight, "free_bytes", room)
    workers = WorkerPool()
    with (
        open_store(AppPaths.find(), temp_root=temp_root) as store,
        ThreadPoolExecutor(2) as pool,
    ):
        engine = Engine(
            store=store,
            stages={},
            workers=workers,
            find_ffmpeg=lambda: Path("ffmpeg"),
            submit=pool.submit,
            emit=events.append,
        )
        engine.add([store.jobs.add(JobSpec.create(topic="sea", output_dir=tmp_path / "videos"))])
        assert engine.wait_idle(20)
    workers.close()
    (failed,) = [event for event in events if isinstance(event, JobFailed)]
    assert failed.reason.id is MessageId.DISK_FULL
    assert failed.reason.params["path"] == str(temp_root)
    assert failed.reason.params["free_mib"] == 1
    assert failed.reason.params["needed_mib"] > 100
