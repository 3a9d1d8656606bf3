"""Files: atomic writes, syncing, free room, removing trees, and disk faults in the app's words."""

import contextlib
import errno
import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from vidgen_gui.core.errors import StorageError
from vidgen_gui.core.messages import MessageId

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def storage_error(
    error: OSError, path: Path, otherwise: MessageId = MessageId.DATA_UNWRITABLE
) -> StorageError:
    """Put an OSError into the app's words: disk full, or ``otherwise``."""
    message_id = MessageId.DISK_FULL if error.errno in _FULL else otherwise
    return StorageError(message_id, detail=str(error), path=str(path))


@contextlib.contextmanager
def storage_errors(
    path: Path,
    otherwise: MessageId = MessageId.DATA_UNWRITABLE,
    *,
    gone: MessageId | None = None,
) -> Iterator[None]:
    """Turn an OSError inside the block into a `StorageError` about ``path``.

    Args:
        gone: said of what is not there any more, in place of ``otherwise``.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise storage_error(error, path, gone or otherwise) from error
    except OSError as error:
        raise storage_error(error, path, otherwise) from error


def fsync_dir(path: Path) -> None:
    """Make a rename inside ``path`` durable; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def fsync_file(path: Path) -> None:
    """Flush a finished file to the disk."""
    # Windows only syncs what is open for writing.
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def read_at_most(path: Path, limit_bytes: int) -> bytes:
    """What a file holds, but not more than ``limit_bytes`` + 1: it may be a device without an end.

    A pipe is read while somebody writes to it; nobody is waited for.

    Raises:
        OSError: it cannot be read.
    """

    def opener(name: str, flags: int) -> int:
        fd = os.open(name, flags | getattr(os, "O_NONBLOCK", 0))
        if os.name != "nt":
            os.set_blocking(fd, True)
        return fd

    with io.BufferedReader(io.FileIO(path, opener=opener)) as file:
        return file.read(limit_bytes + 1)


def atomic_write_bytes(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write a file so that a reader sees the old or the new content, never a part.

    Raises:
        StorageError: disk full or folder not writable; nothing is left behind.
    """
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        fd, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
        try:
            with os.fdopen(fd, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(mode)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        fsync_dir(path.parent)


def atomic_write_text(path: Path, text: str, *, mode: int = 0o644) -> None:
    """`atomic_write_bytes` for text, as UTF-8."""
    atomic_write_bytes(path, text.encode(), mode=mode)


def nearest_existing(path: Path) -> Path:
    """``path`` itself, or the closest of its parents that is there."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


def free_bytes(path: Path) -> int:
    """Room on the disk that holds ``path`` (or its nearest existing parent)."""
    return shutil.disk_usage(nearest_existing(path)).free


def remove_tree(path: Path) -> None:
    """Remove a folder of ours with all that is in it; a missing one is fine."""
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(path)


def is_writable_dir(path: Path) -> bool:
    """Whether a file can really be made in ``path``: permissions lie on some systems."""
    try:
        # On Linux it never has a name that a kill could leave behind.
        with tempfile.TemporaryFile(dir=path, prefix=".vidgen-"):
            return True
    except OSError:
        return False
