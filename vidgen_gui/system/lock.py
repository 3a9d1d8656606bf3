"""A lock across processes, held by the operating system: it ends with its holder."""

import contextlib
import errno
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.messages import MessageId
from vidgen_gui.system.files import storage_errors

_STEP_S = 0.01
_HELD = frozenset({errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK})
"""What systems say of a lock that another process holds."""


def _lock(fd: int) -> None:
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - exists on Windows only

        msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        return
    import fcntl  # noqa: PLC0415 - does not exist on Windows

    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _try_lock(fd: int) -> bool:
    try:
        _lock(fd)
    except OSError as error:
        if error.errno in _HELD:
            return False
        raise
    return True


class FileLock:
    """Held from `try_acquire` until `release` or the end of the process. Not re-entrant.

    Args:
        otherwise: what a disk's refusal is called that is no want of room.
    """

    def __init__(self, path: Path, otherwise: MessageId = MessageId.DATA_UNWRITABLE) -> None:
        self._path = path
        self._otherwise = otherwise
        self._fd: int | None = None

    def try_acquire(self) -> bool:
        """Take the lock if nobody holds it.

        Raises:
            StorageError: the file cannot be made, or its disk knows no locks.
        """
        with storage_errors(self._path, self._otherwise):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fd = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
            try:
                is_ours = _try_lock(fd)
            except BaseException:
                os.close(fd)
                raise
        if is_ours:
            self._fd = fd
        else:
            os.close(fd)
        return is_ours

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
            StorageError: as `try_acquire`.
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
