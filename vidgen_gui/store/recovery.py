"""Opening the queue whatever state it is in: whole, behind its journal, damaged or gone."""

import logging
import shutil
from dataclasses import dataclass
from pathlib import Path

from vidgen_gui.core.errors import StorageError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.store.backup import find_backups
from vidgen_gui.store.database import Database
from vidgen_gui.store.journal import Journal
from vidgen_gui.store.set_aside import set_aside
from vidgen_gui.system.files import fsync_dir, fsync_file, storage_errors

_logger = logging.getLogger(__name__)

WAL_SUFFIXES = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Opened:
    """An open database that contains every journaled change.

    ``rebuilt`` when the file had to be replaced; ``replayed`` counts the entries that were
    done again; ``set_aside_as`` is where a damaged file went.
    """

    database: Database
    rebuilt: bool
    replayed: int
    set_aside_as: Path | None


def open_database(path: Path, journal: Journal, backup_folder: Path) -> Opened:
    """Open the queue, rebuilding it from the newest sound backup and the journal if need be.

    The caller keeps other processes from opening it meanwhile.

    Raises:
        StorageError: DATABASE_TOO_NEW, DATABASE_UNUSABLE, DATABASE_BUSY, DISK_FULL.
    """
    aside: Path | None = None
    database: Database | None = None
    rebuilt = _is_empty(path) and bool(find_backups(backup_folder) or journal.size_bytes)
    if not rebuilt:
        try:
            database = Database(path, backup_folder)
        except StorageError as error:
            if error.message.id is not MessageId.DATABASE_DAMAGED:
                raise
            _logger.info("the queue's database is damaged: %s", error)
            rebuilt = True
    if database is None:
        if path.exists():
            aside = set_aside(path, "damaged", *WAL_SUFFIXES)
        database = _restore(path, backup_folder)
    try:
        replayed = database.call(journal.replay)
    except BaseException:
        database.close()
        raise
    return Opened(database, rebuilt, replayed, aside)


def _is_empty(path: Path) -> bool:
    try:
        return path.stat().st_size == 0
    except FileNotFoundError:
        return True


def _restore(path: Path, backup_folder: Path) -> Database:
    """Open a copy of the newest backup that is sound, or an empty database."""
    for backup in find_backups(backup_folder):
        _copy_into_place(backup, path)
        try:
            return Database(path, backup_folder)
        except StorageError as error:
            if error.message.id is not MessageId.DATABASE_DAMAGED:
                raise
            _logger.info("the backup %s is damaged, too: %s", backup, error)
            backup.unlink()
    _remove(path)
    return Database(path, backup_folder)


def _copy_into_place(backup: Path, path: Path) -> None:
    _remove(path)
    part = path.with_name(path.name + ".part")
    with storage_errors(path):
        shutil.copyfile(backup, part)
        fsync_file(part)
        part.replace(path)
        fsync_dir(path.parent)


def _remove(path: Path) -> None:
    # What is removed here is a copy, or a WAL that lost its database.
    with storage_errors(path):
        for suffix in ("", *WAL_SUFFIXES):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
