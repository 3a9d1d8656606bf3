"""The SQLite file: one connection on one thread of its own, opened, checked and migrated here.

What the tables mean is known to `jobs`, `history`, `artifacts`, `calibrations` and `processes`.
"""

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Self, TypeVar

from vidgen_gui.core.errors import StorageError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.store.migrations import MIGRATIONS, Migration
from vidgen_gui.system.files import fsync_dir, storage_errors

_logger = logging.getLogger(__name__)

T = TypeVar("T")

APPLICATION_ID = 0x56474E31
"""``VGN1`` in the file's header: tells our database from another program's."""
BUSY_TIMEOUT_S = 10.0
_COLUMNS = "SELECT one.name, own.name FROM sqlite_master AS one, pragma_table_info(one.name) AS own"
_MEANING = {
    sqlite3.SQLITE_FULL: MessageId.DISK_FULL,
    sqlite3.SQLITE_CORRUPT: MessageId.DATABASE_DAMAGED,
    sqlite3.SQLITE_NOTADB: MessageId.DATABASE_DAMAGED,
    sqlite3.SQLITE_BUSY: MessageId.DATABASE_BUSY,
    sqlite3.SQLITE_LOCKED: MessageId.DATABASE_BUSY,
}


def _damaged(path: Path, detail: str) -> StorageError:
    return StorageError(MessageId.DATABASE_DAMAGED, detail=detail, path=str(path))


@contextmanager
def database_errors(path: Path) -> Iterator[None]:
    """Put SQLite's errors into the app's words; programming errors pass as they are."""
    try:
        yield
    except (sqlite3.ProgrammingError, sqlite3.IntegrityError, sqlite3.InterfaceError):
        raise
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        if code == sqlite3.SQLITE_ERROR:
            raise
        # A file cut in the middle of a page is as damaged as one with wrong bytes.
        short = code == sqlite3.SQLITE_IOERR_SHORT_READ
        meaning = (
            MessageId.DATABASE_DAMAGED
            if short
            else _MEANING.get(code & 0xFF, MessageId.DATABASE_UNUSABLE)
        )
        raise StorageError(meaning, detail=str(error), path=str(path)) from error
    except UnicodeDecodeError as error:
        # SQLite's own message quotes the damaged bytes.
        raise _damaged(path, str(error)) from error


class Database:
    """The one writer lane: ``work(connection)`` runs on its thread, each in one transaction.

    Args:
        path: the file; made when missing.
        backup_folder: where the copy goes that is made before an old file is migrated.
        migrations: the schema's steps.

    Raises:
        StorageError: DATABASE_DAMAGED, DATABASE_TOO_NEW, DATABASE_BUSY, DATABASE_UNUSABLE or
            DISK_FULL; nothing stays open then.
    """

    def __init__(
        self,
        path: Path,
        backup_folder: Path,
        *,
        migrations: Sequence[Migration] = MIGRATIONS,
        busy_timeout_s: float = BUSY_TIMEOUT_S,
    ) -> None:
        self.path = path
        self._backup_folder = backup_folder
        self._migrations = migrations
        self._busy_timeout_s = busy_timeout_s
        self._lane = ThreadPoolExecutor(1, thread_name_prefix="vidgen-database")
        try:
            self._connection, self._lane_thread = self._lane.submit(self._open).result()
        except BaseException:
            self._lane.shutdown()
            raise
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(
        self,
        work: Callable[[sqlite3.Connection], T],
        *,
        on_rollback: Callable[[], None] | None = None,
    ) -> Future[T]:
        """Queue ``work`` as one writing transaction; an exception in it undoes all of it.

        ``on_rollback`` is called on the lane when nothing was kept, before the lock is given up.
        """
        return self._lane.submit(self._transact, "BEGIN IMMEDIATE", work, on_rollback)

    def call(
        self,
        work: Callable[[sqlite3.Connection], T],
        *,
        on_rollback: Callable[[], None] | None = None,
    ) -> T:
        """`run` and wait for the result.

        Raises:
            StorageError: the disk is full, or the file damaged, read-only or locked.
        """
        self._not_on_lane()
        return self.run(work, on_rollback=on_rollback).result()

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``work``, which only reads, on one consistent state and wait for the result."""
        self._not_on_lane()
        return self._lane.submit(self._transact, "BEGIN", work, None).result()

    def close(self) -> None:
        """Finish what is queued, close the file and end the thread; a second call is fine."""
        if not self._closed:
            self._closed = True
            self._lane.submit(self._connection.close).result()
            self._lane.shutdown()

    def _not_on_lane(self) -> None:
        if threading.get_ident() == self._lane_thread:
            raise RuntimeError("waiting for the database on its own thread never ends")

    def _transact(
        self,
        begin: str,
        work: Callable[[sqlite3.Connection], T],
        on_rollback: Callable[[], None] | None,
    ) -> T:
        connection = self._connection
        with database_errors(self.path):
            connection.execute(begin)
            try:
                result = work(connection)
                connection.execute("COMMIT")
            except BaseException:
                try:
                    if on_rollback is not None:
                        on_rollback()
                finally:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                raise
            return result

    def _open(self) -> tuple[sqlite3.Connection, int]:
        with database_errors(self.path):
            connection = sqlite3.connect(
                self.path, timeout=self._busy_timeout_s, isolation_level=None
            )
            connection.text_factory = _readable
            try:
                self._prepare(connection)
            except BaseException:
                connection.close()
                raise
        return connection, threading.get_ident()

    def _prepare(self, connection: sqlite3.Connection) -> None:
        version = _number(connection, "user_version")
        if version > len(self._migrations):
            raise StorageError(
                MessageId.DATABASE_TOO_NEW,
                path=str(self.path),
                found=version,
                known=len(self._migrations),
            )
        self._check_whole(connection, version)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA foreign_keys=ON")
        try:
            if version < len(self._migrations):
                self._migrate(connection, version)
            missing = self._columns() - set(connection.execute(_COLUMNS))
        except sqlite3.OperationalError as error:
            # Its tables are not those that its version says.
            if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
                raise
            raise _damaged(self.path, str(error)) from error
        if missing:
            raise _damaged(self.path, f"without {sorted(missing)}")

    def _columns(self) -> set[tuple[str, str]]:
        """Each table and column that there must be."""
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as model:
            for step in self._migrations:
                step(model)
            return set(model.execute(_COLUMNS))

    def _check_whole(self, connection: sqlite3.Connection, version: int) -> None:
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if version < 0 or (
            (tables or version) and _number(connection, "application_id") != APPLICATION_ID
        ):
            raise _damaged(self.path, "another program's database")
        _check_content(connection, self.path)

    def _migrate(self, connection: sqlite3.Connection, version: int) -> None:
        if version:
            copy_database(connection, self._backup_folder / f"jobs-before-v{version + 1}.db")
        for number, step in enumerate(self._migrations[version:], start=version + 1):
            connection.execute("BEGIN IMMEDIATE")
            try:
                # Another process may have been quicker.
                if _number(connection, "user_version") < number:
                    step(connection)
                    connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
                    connection.execute(f"PRAGMA user_version={number}")
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            _logger.info("database is at version %d", number)


def _check_content(connection: sqlite3.Connection, path: Path) -> None:
    # The quick check leaves out indexes; one that is wrong stops the queue whenever it is used.
    verdict = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if verdict != "ok":
        raise _damaged(path, str(verdict))
    stray = connection.execute("PRAGMA foreign_key_check").fetchone()
    if stray is not None:
        raise _damaged(path, f"a row of {stray[0]} belongs to nothing")


def _readable(text: bytes) -> str:
    """Text as it is, with a mark for each byte that is damaged: one letter is no reason to stop."""
    return text.decode("utf-8", "replace")


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])


def copy_database(source: sqlite3.Connection, target: Path) -> None:
    """Copy a whole database online, check the copy, then give it its name.

    Raises:
        StorageError: no room, or the copy is damaged; nothing is left behind.
    """
    part = target.with_name(target.name + ".part")
    with storage_errors(target), database_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        try:
            with closing(sqlite3.connect(part, isolation_level=None)) as copy:
                source.backup(copy)
                # One file that can be moved: no WAL beside it.
                copy.execute("PRAGMA journal_mode=DELETE")
                _check_content(copy, part)
            part.replace(target)
            fsync_dir(target.parent)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
