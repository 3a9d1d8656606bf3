"""The whole store in one piece: opens it, repairs it, cleans up after a crash."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from vidgen_gui.core.errors import StorageError
from vidgen_gui.core.job import JobState
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.store.artifacts import DEFAULT_LIMIT_BYTES, ArtifactStore
from vidgen_gui.store.backup import Backup
from vidgen_gui.store.calibrations import CalibrationStore
from vidgen_gui.store.database import Database
from vidgen_gui.store.history import HistoryStore
from vidgen_gui.store.jobs import JobStore
from vidgen_gui.store.journal import Journal
from vidgen_gui.store.processes import ProcessRegistry
from vidgen_gui.store.recovery import Opened, open_database
from vidgen_gui.store.tag_key import load_tag_key
from vidgen_gui.system.lock import FileLock
from vidgen_gui.system.paths import AppPaths

_logger = logging.getLogger(__name__)

LOCK_WAIT_S = 30.0
JOURNAL_LIMIT_BYTES = 4 * 1024 * 1024
"""A journal this long at start is worth a backup, so that it can be shortened."""
REMOVED_KEPT_S = 30 * 86_400.0
"""How long removed jobs can still be brought back by a restart of the app."""


@dataclass(frozen=True, slots=True)
class Store:
    """The open store. ``notices`` is what the person should know about the opening."""

    database: Database
    jobs: JobStore
    history: HistoryStore
    artifacts: ArtifactStore
    processes: ProcessRegistry
    calibrations: CalibrationStore
    backups: Backup
    notices: tuple[Message, ...]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def backup(self) -> None:
        """Have a backup of the queue made soon; to be called after every finished job."""
        self.backups.request()

    def close(self) -> None:
        """Finish what is queued and close the database."""
        self.database.close()


def open_store(
    paths: AppPaths,
    *,
    limit_bytes: int = DEFAULT_LIMIT_BYTES,
    temp_root: Path | None = None,
    clean_leftovers: bool = True,
    resume: bool = True,
    after_rename: Callable[[], None] = lambda: None,
) -> Store:
    """Open the store in ``paths``: repair it, let interrupted jobs wait again, sweep leftovers.

    Args:
        limit_bytes: of the artifacts.
        temp_root: see `ArtifactStore`.
        clean_leftovers: end programs and remove work folders that a crashed run left.
        resume: False pauses interrupted jobs instead of letting them wait again.
        after_rename: see `ArtifactStore`.

    Raises:
        StorageError: the folders or the database cannot be used; nothing stays open.
    """
    paths.create(MessageId.DATABASE_UNUSABLE)
    path = paths.data / "jobs.db"
    backups = paths.state / "backups"
    journal = Journal(paths.data / "journal.jsonl")
    tag_key = load_tag_key(paths.data / "artifact.key")
    with _alone(paths.data / "store.lock"):
        opened = open_database(path, journal, backups)
        try:
            artifacts = ArtifactStore(
                paths.cache / "artifacts",
                opened.database,
                tag_key,
                limit_bytes=limit_bytes,
                temp_root=temp_root,
                after_rename=after_rename,
            )
            store = Store(
                database=opened.database,
                jobs=JobStore(opened.database, journal),
                history=HistoryStore(opened.database),
                artifacts=artifacts,
                processes=ProcessRegistry(opened.database),
                calibrations=CalibrationStore(opened.database),
                backups=Backup(opened.database, journal, backups),
                notices=(),
            )
            _tidy(store, clean_leftovers=clean_leftovers, resume=resume)
            if opened.rebuilt or opened.replayed or journal.size_bytes > JOURNAL_LIMIT_BYTES:
                store.backup()
            return replace(store, notices=_notices(opened, store.jobs))
        except BaseException:
            opened.database.close()
            raise


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """No other process opens or rebuilds the store inside the block."""
    with ExitStack() as stack:
        try:
            stack.enter_context(FileLock(path, MessageId.DATABASE_UNUSABLE).held(LOCK_WAIT_S))
        except TimeoutError as error:
            raise StorageError(MessageId.DATABASE_BUSY, path=str(path)) from error
        yield


def _tidy(store: Store, *, clean_leftovers: bool, resume: bool) -> None:
    store.jobs.requeue_interrupted(JobState.WAITING if resume else JobState.PAUSED)
    store.artifacts.reconcile()
    if clean_leftovers:
        store.processes.sweep()
        store.artifacts.sweep()
        store.backups.sweep()
    store.jobs.purge(older_than_s=REMOVED_KEPT_S)
    store.history.trim()
    store.artifacts.enforce_limit()


def _notices(opened: Opened, jobs: JobStore) -> tuple[Message, ...]:
    if opened.replayed:
        _logger.info("%d journal entries were done again", opened.replayed)
    if not opened.rebuilt:
        return ()
    params = {"jobs": len(jobs.list()), "path": str(opened.set_aside_as or opened.database.path)}
    return (Message(MessageId.DATABASE_REBUILT, params),)
