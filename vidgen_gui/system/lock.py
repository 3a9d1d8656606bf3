"""A lock across processes, held by the operating system: it ends with its holder."""

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from vidgen_gui.core.cancel import CancelToken

_STEP_S = 0.01


def _try_lock(fd: int) -> bool:
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - exists on Windows only

        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl  # noqa: PLC0415 - does not exist on Windows

    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class FileLock:
    """Held from `acquire` until `release` or the end of the process. Not re-entrant."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    def try_acquire(self) -> bool:
        """Take the lock if nobody holds it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        if _try_lock(fd):
            self._fd = fd
            return True
        os.close(fd)
        return False

    def release(self) -> None:
        """Give the lock back; the (empty) file stays, as removing it would race."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    @contextlib.contextmanager
    def held(self, timeout_s: float, cancel: CancelToken | None = None) -> Iterator[None]:
        """Hold the lock inside the block.

        Raises:
            TimeoutError: somebody else kept it for ``timeout_s``.
            Cancelled: the token was set meanwhile.
        """
        give_up = time.monotonic() + timeout_s
        while not self.try_acquire():
            if cancel is not None:
                cancel.raise_if_cancelled()
            if time.monotonic() >= give_up:
                raise TimeoutError(f"{self._path} is locked by another process")
            time.sleep(_STEP_S)
        try:
            yield
        finally:
            self.release()
