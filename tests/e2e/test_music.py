"""The music stage with its real worker process: a whole piece, and a cancel in the middle."""

import threading
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from busy_machine import in_time

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled, StorageError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.pipeline.workers import WorkerPool


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    workers = WorkerPool()
    yield workers
    workers.close()


def request(path: Path, **options: object) -> dict[str, object]:
    given = {"genre": "emotional", "seed": 3, "duration_s": 12.5, "topic": "letters home"}
    return given | {"out_wav": str(path)} | options


def test_a_worker_composes_and_stays_warm_for_the_next_piece(
    pool: WorkerPool, tmp_path: Path
) -> None:
    for seed in (1, 2):
        path = tmp_path / f"{seed}.wav"
        steps = pool.call("composer", request(path, seed=seed), CancelToken(), deadline_s=60)
        fractions = [step.fraction for step in steps]
        assert fractions == sorted(fractions)
        assert len(fractions) > 3
        with wave.open(str(path)) as file:
            assert file.getnframes() == round(12.5 * 48_000)
    assert len(psutil.Process().children()) == 1
    assert (tmp_path / "1.wav").read_bytes() != (tmp_path / "2.wav").read_bytes()


def test_cancel_while_composing_ends_the_worker_within_a_second(
    pool: WorkerPool, tmp_path: Path
) -> None:
    token = CancelToken()
    asked = request(tmp_path / "long.wav", duration_s=3600.0)
    steps = pool.call("composer", asked, token, deadline_s=300)
    next(steps)
    cancelled_at: list[float] = []

    def cancel() -> None:
        cancelled_at.append(time.monotonic())
        token.cancel()

    timer = threading.Timer(0.2, cancel)
    timer.start()
    with pytest.raises(Cancelled):
        for _ in steps:
            pass
    assert in_time(time.monotonic() - cancelled_at[0], 1.0)
    timer.join()
    assert not psutil.Process().children()


def test_a_folder_that_vanished_comes_back_as_a_storage_error(
    pool: WorkerPool, tmp_path: Path
) -> None:
    steps = pool.call(
        "composer", request(tmp_path / "gone" / "a.wav"), CancelToken(), deadline_s=60
    )
    with pytest.raises(StorageError) as caught:
        for _ in steps:
            pass
    assert caught.value.message.id is MessageId.DATA_UNWRITABLE
