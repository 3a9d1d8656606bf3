"""Online backups of the database: two are kept, named by the journal entry they reach."""

import logging
import re
import sqlite3
import threading
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path

from vidgen_gui.core.errors import StorageError
from vidgen_gui.store.database import Database, copy_database
from vidgen_gui.store.journal import Journal, sequence_of
from vidgen_gui.system.files import storage_errors

_logger = logging.getLogger(__name__)

KEPT = 2
_NAME = re.compile(r"jobs-(\d{12})\.db")


def sequence_in_name(path: Path) -> int:
    """The last journal entry that a backup contains."""
    match = _NAME.fullmatch(path.name)
    return int(match[1]) if match else -1


def find_backups(folder: Path) -> list[Path]:
    """The backups in ``folder``, newest first."""
    found = [path for path in folder.glob("jobs-*.db") if _NAME.fullmatch(path.name)]
    return sorted(found, key=sequence_in_name, reverse=True)


class Backup:
    """Makes backups on the database's lane and lets the journal forget what two of them hold."""

    def __init__(self, database: Database, journal: Journal, folder: Path) -> None:
        self._database = database
        self._journal = journal
        self._folder = folder
        self._lock = threading.Lock()
        self._pending: Future[Path] | None = None

    def make(self) -> Path:
        """Make one now and wait.

        Raises:
            StorageError: no room, or the database is damaged; earlier backups stay.
        """
        return self._database.call(self._copy)

    def sweep(self) -> None:
        """Remove what a kill left of an unfinished backup."""
        self._database.call(self._remove_parts)

    def request(self) -> None:
        """Have one made soon; a failure is logged. While one is waiting, it serves for all."""
        with self._lock:
            if self._pending is not None:
                return
            pending = self._pending = self._database.run(self._copy)
        pending.add_done_callback(self._on_done)

    def _on_done(self, done: Future[Path]) -> None:
        with self._lock:
            # Still there when the database was locked: then it was never begun.
            if self._pending is done:
                self._pending = None
        _log_failure(done)

    def _copy(self, connection: sqlite3.Connection) -> Path:
        with self._lock:
            self._pending = None
        self._remove_parts(connection)
        target = self._folder / f"jobs-{sequence_of(connection):012d}.db"
        # A second connection reads: SQLite doesn't copy through one that is writing, and it is
        # this transaction's write lock that keeps the journal still.
        with closing(sqlite3.connect(self._database.path, isolation_level=None)) as reader:
            copy_database(reader, target)
        backups = find_backups(self._folder)
        for old in backups[KEPT:]:
            old.unlink(missing_ok=True)
        if len(backups) >= KEPT:
            self._journal.compact(sequence_in_name(backups[KEPT - 1]))
        return target

    def _remove_parts(self, _: sqlite3.Connection) -> None:
        """Inside a transaction, as its lock says that nobody is making one now."""
        with storage_errors(self._folder):
            for part in self._folder.glob("jobs-*.part*"):
                part.unlink(missing_ok=True)


def _log_failure(done: Future[Path]) -> None:
    error = done.exception()
    if isinstance(error, StorageError):
        _logger.warning("no backup of the queue could be made: %s", error)
    elif error is not None:
        _logger.error("the backup of the queue failed", exc_info=error)
