"""The lock across processes: exclusive, quick to change hands, gone with its holder, portable."""

import errno
import fcntl
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled, StorageError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.system import lock as module
from vidgen_gui.system.lock import FileLock

HANDOVERS = 15
SOON_S = 60.0
HOLDER = """
import sys, time
from pathlib import Path
from vidgen_gui.system.lock import FileLock

lock = FileLock(Path(sys.argv[1]))
for _ in sys.stdin:
    with lock.held(60):
        print("held", flush=True)
        sys.stdin.readline()
        released_at = time.monotonic()
    print(released_at, flush=True)
"""


@contextmanager
def holder(path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that takes the lock at a line that it is sent, and gives it back at the next."""
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def say(child: subprocess.Popen[str]) -> None:
    assert child.stdin is not None
    child.stdin.write("\n")
    child.stdin.flush()


def hear(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    return child.stdout.readline().strip()


@pytest.mark.req("BUG-38", "AUD-43")
def test_it_changes_hands_between_processes_within_a_few_steps_of_10_ms(tmp_path: Path) -> None:
    lock, waits_s, steps_s = FileLock(tmp_path / "a.lock"), [], []
    with holder(tmp_path / "a.lock") as child:
        for _ in range(HANDOVERS):
            say(child)
            assert hear(child) == "held"
            assert not lock.try_acquire()
            say(child)
            with lock.held(SOON_S):
                held_at = time.monotonic()
            waits_s.append(held_at - float(hear(child)))
            begun_at = time.monotonic()
            time.sleep(0.01)
            steps_s.append(time.monotonic() - begun_at)
    assert min(waits_s) >= 0
    # So long as a step of 10 ms is on this machine just now.
    assert statistics.median(waits_s) < 4 * statistics.median(steps_s)


def test_a_holder_that_is_killed_holds_nothing(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "a.lock")
    with holder(tmp_path / "a.lock") as child:
        say(child)
        assert hear(child) == "held"
        with pytest.raises(TimeoutError), lock.held(0):
            pass
        child.kill()
        with lock.held(SOON_S):
            assert not FileLock(tmp_path / "a.lock").try_acquire()
    assert lock.try_acquire()
    lock.release()


def test_a_disk_without_locks_is_not_taken_for_another_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a network share does whose server has no lock service."""

    def refuse(_fd: int, _mode: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    before = psutil.Process().num_fds()
    with pytest.raises(StorageError) as caught, FileLock(tmp_path / "a").held(SOON_S):
        pass
    assert caught.value.message.id is MessageId.DATA_UNWRITABLE
    assert caught.value.message.params["path"] == str(tmp_path / "a")
    assert psutil.Process().num_fds() == before


def test_waiting_hears_a_cancel(tmp_path: Path) -> None:
    token = CancelToken()
    token.cancel()
    with FileLock(tmp_path / "a.lock").held(0), pytest.raises(Cancelled):  # noqa: SIM117 - one holds, one waits
        with FileLock(tmp_path / "a.lock").held(SOON_S, token):
            pass


@pytest.mark.req("BUG-38", "AUD-43")
def test_where_there_is_no_flock_windows_own_lock_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the C library of Windows documents it: one byte, at once or not at all."""

    def locking(fd: int, mode: int, count: int) -> None:
        assert (mode, count) == (2, 1)
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)

    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(locking=locking, LK_NBLCK=2))
    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setattr(module, "sys", SimpleNamespace(platform="win32"))
    first, second = FileLock(tmp_path / "a.lock"), FileLock(tmp_path / "a.lock")
    with first.held(0):
        assert not second.try_acquire()
    with second.held(0):
        assert not first.try_acquire()
