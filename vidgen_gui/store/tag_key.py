"""The secret that tags artifacts as ours: made once per person and machine, kept private."""

import logging
import os
import secrets
from pathlib import Path

from vidgen_gui.core.errors import StorageError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.system.files import fsync_dir, storage_errors
from vidgen_gui.system.lock import FileLock

_logger = logging.getLogger(__name__)

KEY_BYTES = 32
_LOCK_WAIT_S = 10.0


def load_tag_key(path: Path) -> bytes:
    """Read the key, or make it: any number of threads and processes get the same one.

    Raises:
        StorageError: the folder cannot be written, or somebody keeps the lock.
    """
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        key = _read(path)
        if key is not None:
            return key
        try:
            with FileLock(path.with_name(path.name + ".lock")).held(_LOCK_WAIT_S):
                return _read(path) or _make(path)
        except TimeoutError as error:
            raise StorageError(MessageId.DATA_UNWRITABLE, path=str(path)) from error


def _read(path: Path) -> bytes | None:
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        return None
    return key if len(key) == KEY_BYTES else None


def _make(path: Path) -> bytes:
    if path.exists():
        _logger.warning("the artifact key was incomplete; finished parts will be made again")
        path.unlink()
    key = secrets.token_bytes(KEY_BYTES)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    fsync_dir(path.parent)
    return key
