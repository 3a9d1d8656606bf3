"""Finished artifacts on disk, found by what was asked for: resume, reuse and redo are this.

``ROOT/ab/abcdef…/`` holds an artifact, ``ROOT/tmp`` what is not finished or on its way out.
What a folder says about itself and how it is checked is in `manifest`.
"""

import errno
import json
import logging
import re
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from vidgen_gui.core.errors import StorageError
from vidgen_gui.core.job import JobState
from vidgen_gui.core.messages import MessageId
from vidgen_gui.store.database import Database
from vidgen_gui.store.identity import ProcessIdentity
from vidgen_gui.store.manifest import (
    FULL_CHECK_LIMIT_BYTES,
    MANIFEST_NAME,
    StoredArtifact,
    UnsoundError,
    intent_key,
    read_artifact,
    write_manifest,
)
from vidgen_gui.system.files import fsync_dir, fsync_file, remove_tree, storage_errors

__all__ = ["ArtifactStore", "StoredArtifact", "intent_key"]

_logger = logging.getLogger(__name__)

DEFAULT_LIMIT_BYTES = 3 * 1024**3
_KEY = re.compile(r"[0-9a-f]{40}")
_TEMP_NAME = re.compile(r"vidgen\.(\d+)\.([0-9a-f-]+)\..+")
_UNFINISHED = tuple(state.value for state in JobState if not state.is_final)
_COMMIT_ATTEMPTS = 3


def _nothing() -> None:
    pass


class ArtifactStore:
    """Thread-safe and safe beside other processes of ours on the same folder.

    All methods raise `StorageError` when the disk or the database fails.

    Args:
        root: the store's folder, made when missing.
        tag_key: the secret that marks artifacts as ours.
        limit_bytes: what all artifacts together may take; those of unfinished jobs stay anyway.
        temp_root: where work directories are made; on the store's disk when None. On another
            disk, a finished artifact is copied over.
        after_rename: called between an artifact's rename into place and its record.
    """

    def __init__(
        self,
        root: Path,
        database: Database,
        tag_key: bytes,
        *,
        limit_bytes: int = DEFAULT_LIMIT_BYTES,
        temp_root: Path | None = None,
        after_rename: Callable[[], None] = _nothing,
    ) -> None:
        self.limit_bytes = limit_bytes
        self.root = root
        self._database = database
        self._tag_key = tag_key
        self._own_temp = root / "tmp"
        self.temp_root = temp_root or self._own_temp
        self._after_rename = after_rename
        self._prefix = "vidgen.{0.pid}.{0.mark}.".format(ProcessIdentity.own())
        self._make_folders()

    def _make_folders(self) -> None:
        """Also later: people and systems tidy caches and temp folders while the app is open."""
        for folder in (self.root, self._own_temp, self.temp_root):
            with storage_errors(folder):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def find(
        self,
        key: str,
        *,
        job_id: str | None = None,
        intent: str | None = None,
        full_check: bool = False,
    ) -> StoredArtifact | None:
        """The sound artifact at ``key``, or None.

        A damaged one is logged and removed, so that it is made again. One that a kill left
        unrecorded is recorded.

        Args:
            job_id: the job that uses it; it is kept until that job is done, failed, cancelled
                or removed, whatever the limit says.
            intent: what the job asked for, see `taken`.
            full_check: read every byte, however large it is.
        """
        limit = sys.maxsize if full_check else FULL_CHECK_LIMIT_BYTES
        return self._open(key, limit, job_id, intent)

    def taken(self, job_id: str, intent: str) -> StoredArtifact | None:
        """What this job took for ``intent`` before, whichever way it was made."""
        row = self._database.read(
            lambda connection: connection.execute(
                "SELECT key FROM job_artifacts WHERE job_id = ? AND intent = ?"
                " ORDER BY used_at DESC LIMIT 1",
                (job_id, intent),
            ).fetchone()
        )
        return None if row is None else self.find(row[0], job_id=job_id, intent=intent)

    def _open(
        self,
        key: str,
        full_check_limit: int,
        job_id: str | None = None,
        intent: str | None = None,
    ) -> StoredArtifact | None:
        try:
            stored = read_artifact(
                self._folder(key), key, self._tag_key, full_check_limit_bytes=full_check_limit
            )
        except FileNotFoundError:
            self._database.call(partial(_forget, key))
            return None
        except UnsoundError as error:
            _logger.warning("artifact %s is damaged and will be made again: %s", key, error)
            self.discard(key)
            return None
        present = self._database.call(partial(_record, stored, job_id, intent))
        return stored if present else None

    @contextmanager
    def workspace(self, key: str) -> Iterator[Path]:
        """A private empty folder for making the artifact ``key``; gone at the block's end."""
        self._make_folders()
        with storage_errors(self.temp_root, gone=MessageId.ARTIFACT_DAMAGED):
            folder = Path(tempfile.mkdtemp(dir=self.temp_root, prefix=self._prefix + key[:8]))
        try:
            yield folder
        finally:
            with storage_errors(folder):
                remove_tree(folder)

    def commit(
        self,
        key: str,
        *,
        stage: str,
        workdir: Path,
        files: Sequence[str],
        value: Mapping[str, Any],
        rung: str,
        job_id: str | None = None,
        intent: str | None = None,
    ) -> StoredArtifact:
        """Make what lies in ``workdir`` the artifact ``key``; when it returns, it is durable.

        When another job was quicker, its sound artifact is kept and returned.

        Args:
            workdir: from `workspace`; moved away. Files that are not in ``files`` are dropped.
            job_id, intent: the job that uses it and for what, see `find`.

        Raises:
            ValueError: a name in ``files`` is no plain file name in ``workdir``.
        """
        _keep_only(workdir, files)
        self._make_folders()
        with storage_errors(self.root, gone=MessageId.ARTIFACT_DAMAGED):
            write_manifest(
                workdir,
                key=key,
                stage=stage,
                rung=rung,
                value=value,
                files=files,
                tag_key=self._tag_key,
            )
            with self._on_own_disk(workdir) as ready:
                for _ in range(_COMMIT_ATTEMPTS):
                    check_limit = FULL_CHECK_LIMIT_BYTES
                    if _place(ready, self._folder(key)):
                        self._after_rename()
                        # Its bytes were hashed a moment ago.
                        check_limit = 0
                    if (stored := self._open(key, check_limit, job_id, intent)) is not None:
                        self._enforce(self.limit_bytes, keep=key)
                        return stored
        raise StorageError(MessageId.ARTIFACT_DAMAGED, path=str(self._folder(key)))

    def discard(self, key: str) -> None:
        """Remove an artifact, so that it is made again."""
        self._remove_trash(self._database.call(partial(self._take_out, key)))

    def latest(self, job_id: str, stage: str) -> StoredArtifact | None:
        """The artifact of ``stage`` that this job used last, if it is still kept."""
        row = self._database.read(
            lambda connection: connection.execute(
                "SELECT key FROM job_artifacts JOIN artifacts USING (key)"
                " WHERE job_id = ? AND stage = ? ORDER BY job_artifacts.used_at DESC LIMIT 1",
                (job_id, stage),
            ).fetchone()
        )
        return None if row is None else self.find(row[0])

    def total_bytes(self) -> int:
        """What all recorded artifacts take."""
        return self._database.read(_total_bytes)

    def enforce_limit(self) -> int:
        """Remove the longest unused artifacts until the limit holds; returns the bytes freed."""
        return self._enforce(self.limit_bytes)

    def clear(self) -> int:
        """Remove every artifact that no unfinished job needs; returns the bytes freed."""
        return self._enforce(0)

    def reconcile(self) -> None:
        """Record sound folders whose row was lost, forget rows whose folder is gone."""
        with storage_errors(self.root):
            on_disk = {
                folder.name
                for folder in self.root.glob("[0-9a-f][0-9a-f]/*")
                if _KEY.fullmatch(folder.name)
            }
        recorded = set(self._database.read(_keys))
        for key in sorted(on_disk - recorded):
            # Their bytes are checked when they are used.
            self._open(key, 0)
        for key in sorted(recorded - on_disk):
            self._database.call(partial(self._forget_if_gone, key))

    def sweep(self) -> int:
        """Remove the work directories of processes that are gone; returns how many."""
        removed = 0
        for base in {self._own_temp, self.temp_root}:
            for folder in base.glob("vidgen.*"):
                match = _TEMP_NAME.fullmatch(folder.name)
                if match is None or ProcessIdentity(int(match[1]), match[2]).alive:
                    continue
                try:
                    remove_tree(folder)
                    removed += 1
                except OSError as error:
                    # In a shared temp folder it may be somebody else's.
                    _logger.info("cannot remove %s: %s", folder, error)
        return removed

    def _folder(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError(f"not an artifact key: {key!r}")
        return self.root / key[:2] / key

    @contextmanager
    def _on_own_disk(self, workdir: Path) -> Iterator[Path]:
        """``workdir`` itself, or a copy of it when it lies on another disk than the store."""
        if workdir.stat().st_dev == self._own_temp.stat().st_dev:
            yield workdir
            return
        trash = self._trash()
        try:
            copy = Path(shutil.copytree(workdir, trash / "copy"))
            for path in copy.iterdir():
                fsync_file(path)
            fsync_dir(copy)
            yield copy
        finally:
            remove_tree(trash)

    def _trash(self) -> Path:
        self._make_folders()
        return Path(tempfile.mkdtemp(dir=self._own_temp, prefix=self._prefix))

    def _remove_trash(self, trash: Path) -> None:
        with storage_errors(trash):
            remove_tree(trash)

    def _take_out(self, key: str, connection: sqlite3.Connection) -> Path:
        """Move an artifact to the trash inside a transaction: its lock keeps `find` away."""
        trash = self._trash()
        folder = self._folder(key)
        if folder.is_dir():
            folder.rename(trash / key)
        _forget(key, connection)
        return trash

    def _forget_if_gone(self, key: str, connection: sqlite3.Connection) -> None:
        if not self._folder(key).is_dir():
            _forget(key, connection)

    def _enforce(self, limit_bytes: int, keep: str = "") -> int:
        trash: list[Path] = []

        def work(connection: sqlite3.Connection) -> int:
            excess = _total_bytes(connection) - limit_bytes
            freed = 0
            if excess > 0:
                for key, size in _evictable(connection, keep):
                    if freed >= excess:
                        break
                    trash.append(self._take_out(key, connection))
                    freed += size
            return freed

        try:
            with storage_errors(self.root):
                return self._database.call(work)
        finally:
            # Also when the record failed, for want of the very room that this gives back.
            for folder in trash:
                self._remove_trash(folder)


def _keep_only(workdir: Path, files: Sequence[str]) -> None:
    if not workdir.is_dir():
        # Somebody tidied up meanwhile.
        raise StorageError(MessageId.ARTIFACT_DAMAGED, path=str(workdir))
    for name in files:
        path = workdir / name
        if Path(name).name != name or name == MANIFEST_NAME or path.is_symlink():
            raise ValueError(f"not a plain file name: {name!r}")
        if not path.is_file():
            raise ValueError(f"{name!r} was not made")
    with storage_errors(workdir):
        for path in workdir.iterdir():
            if path.name in files:
                continue
            if path.is_dir() and not path.is_symlink():
                remove_tree(path)
            else:
                path.unlink()


def _place(ready: Path, target: Path) -> bool:
    """Rename ``ready`` to ``target``; False when there is one already."""
    target.parent.mkdir(exist_ok=True, mode=0o700)
    if target.is_dir() or not ready.is_dir():
        return False
    try:
        ready.rename(target)
    except OSError as error:
        if error.errno in {errno.ENOTEMPTY, errno.EEXIST}:
            return False
        raise
    fsync_dir(target.parent)
    return True


def _record(
    stored: StoredArtifact,
    job_id: str | None,
    intent: str | None,
    connection: sqlite3.Connection,
) -> bool:
    """Note that an artifact is there and used now; False when it was taken out meanwhile."""
    if not stored.folder.is_dir():
        _forget(stored.key, connection)
        return False
    now = time.time()
    connection.execute(
        "INSERT INTO artifacts (key, stage, rung, bytes, used_at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (key) DO UPDATE SET stage = excluded.stage, rung = excluded.rung,"
        " bytes = excluded.bytes, used_at = excluded.used_at",
        (stored.key, stored.stage, stored.rung, stored.bytes, now),
    )
    if job_id is not None:
        connection.execute(
            "INSERT OR REPLACE INTO job_artifacts (job_id, key, used_at, intent)"
            " SELECT id, ?, ?, ? FROM jobs WHERE id = ?",
            (stored.key, now, intent, job_id),
        )
    return True


def _forget(key: str, connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM artifacts WHERE key = ?", (key,))


def _keys(connection: sqlite3.Connection) -> list[str]:
    return [row[0] for row in connection.execute("SELECT key FROM artifacts")]


def _total_bytes(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT coalesce(sum(bytes), 0) FROM artifacts").fetchone()[0])


def _evictable(connection: sqlite3.Connection, keep: str) -> list[tuple[str, int]]:
    return connection.execute(
        "SELECT key, bytes FROM artifacts WHERE key != ? AND NOT EXISTS ("
        " SELECT 1 FROM job_artifacts AS used JOIN jobs ON jobs.id = used.job_id"
        " WHERE used.key = artifacts.key AND jobs.removed_at IS NULL"
        " AND jobs.state IN (SELECT value FROM json_each(?)))"
        " ORDER BY artifacts.used_at",
        (keep, json.dumps(_UNFINISHED)),
    ).fetchall()
