"""The queue: jobs as they are submitted, ordered, edited, finished and removed.

Everything a person would miss goes through the journal; what a running job notes down on its
way (history, timings) is in `history`.
"""

import json
import logging
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from vidgen_gui.core.errors import InputError
from vidgen_gui.core.job import Job, JobSpec, JobState
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.script import Script
from vidgen_gui.store.database import Database
from vidgen_gui.store.entries import Entry
from vidgen_gui.store.identity import ProcessIdentity
from vidgen_gui.store.journal import Journal

_logger = logging.getLogger(__name__)

_COLUMNS = (
    "id, spec, state, position, created_at, title, finished_at, video_path, failure, removed_at"
)
_SMALLEST_GAP = 1e-6

EntryMaker = Callable[[sqlite3.Connection], Entry | None]


class JobStore:
    """The jobs in the database. Every method waits for it; call from any thread but Qt's.

    All methods raise `StorageError` when the disk or the database fails; nothing is half done.
    A job id that is not there (any more) changes nothing.
    """

    def __init__(self, database: Database, journal: Journal) -> None:
        self._database = database
        self._journal = journal

    def add(self, spec: JobSpec) -> Job:
        """Put one job at the end of the queue; when this returns it survives a power cut."""
        return self.add_many([spec])[0]

    def add_many(self, specs: Iterable[JobSpec]) -> list[Job]:
        """Put jobs at the end of the queue: all of them or, after an error, none."""
        now = time.time()
        documents = [_spec_json(spec) for spec in specs]
        ids = [uuid.uuid4().hex for _ in documents]
        if not ids:
            return []

        def entry(connection: sqlite3.Connection) -> Entry:
            last = connection.execute("SELECT max(position) FROM jobs").fetchone()[0] or 0.0
            rows = [
                {
                    "id": job_id,
                    "spec": document,
                    "state": JobState.WAITING.value,
                    "position": last + place,
                    "created_at": now,
                }
                for place, (job_id, document) in enumerate(
                    zip(ids, documents, strict=True), start=1
                )
            ]
            return {"op": "add", "jobs": rows}

        self._record(entry)
        # Another process may add in the same instant, so look by id.
        added = {job.id: job for job in self._select("created_at = ?", (now,))}
        return [added[job_id] for job_id in ids]

    def get(self, job_id: str) -> Job | None:
        """The job as it stands; None when it was purged."""
        return next(iter(self._select("id = ?", (job_id,))), None)

    def list(self, *, include_removed: bool = False) -> Sequence[Job]:
        """All jobs in the queue's order."""
        return self._select("1" if include_removed else "removed_at IS NULL", ())

    def set_state(self, job_id: str, state: JobState) -> None:
        """Move a job to ``state``; results of an earlier run are forgotten.

        RUNNING, DONE and FAILED have their own methods, as more goes with them.
        """
        if state in {JobState.RUNNING, JobState.DONE, JobState.FAILED}:
            raise ValueError(f"{state} is set by claim, finish or fail")
        finished_at = time.time() if state.is_final else None
        self._record_state(job_id, state, finished_at=finished_at)

    def claim(self, job_id: str) -> bool:
        """Let this process run a waiting job; False when it is not (or no longer) to be had."""
        runner = ProcessIdentity.own()
        changed = self._database.call(
            lambda connection: (
                connection.execute(
                    "UPDATE jobs SET state = ?, runner_pid = ?, runner_mark = ?"
                    " WHERE id = ? AND state = ? AND removed_at IS NULL",
                    (JobState.RUNNING, runner.pid, runner.mark, job_id, JobState.WAITING),
                ).rowcount
            )
        )
        return changed == 1

    def is_run_here(self, job_id: str) -> bool:
        """Whether the job runs, and it is this process that does it."""
        row = self._database.read(
            lambda connection: connection.execute(
                "SELECT runner_pid, runner_mark FROM jobs WHERE id = ? AND state = ?",
                (job_id, JobState.RUNNING.value),
            ).fetchone()
        )
        return row is not None and ProcessIdentity(*row) == ProcessIdentity.own()

    def finish(self, job_id: str, video_path: Path) -> None:
        """Mark a job as done."""
        self._record_state(
            job_id, JobState.DONE, finished_at=time.time(), video_path=str(video_path)
        )

    def fail(self, job_id: str, reason: Message) -> None:
        """Mark a job as failed because of ``reason``."""
        failure = json.dumps(reason.to_dict(), default=str)
        self._record_state(job_id, JobState.FAILED, finished_at=time.time(), failure=failure)

    def set_title(self, job_id: str, title: str) -> None:
        """Name a job by its script's title."""

        def entry(connection: sqlite3.Connection) -> Entry | None:
            query = "SELECT 1 FROM jobs WHERE id = ? AND title != ?"
            changes = connection.execute(query, (job_id, title)).fetchone()
            return {"op": "title", "id": job_id, "title": title} if changes else None

        self._record(entry)

    def set_script(self, job_id: str, script: Script | None) -> None:
        """Keep the script as a person edited it; None goes back to the written one."""
        text = None if script is None else json.dumps(script.to_dict())
        self._record(lambda _: {"op": "script", "id": job_id, "script": text})

    def script(self, job_id: str) -> Script | None:
        """The script that a person edited; None when nobody did."""
        row = self._database.read(
            lambda connection: connection.execute(
                "SELECT script FROM jobs WHERE id = ?", (job_id,)
            ).fetchone()
        )
        return Script.from_dict(json.loads(row[0])) if row and row[0] else None

    def move(self, job_ids: Sequence[str], before: str | None) -> None:
        """Put jobs, in the given order, before another one; at the end when it is None."""
        self._record(lambda connection: _move_entry(connection, job_ids, before))

    def remove(self, job_ids: Sequence[str]) -> None:
        """Take jobs out of the list; `undo_remove` brings them back until they are purged."""
        now = time.time()
        self._record(lambda _: {"op": "remove", "ids": list(job_ids), "removed_at": now})

    def undo_remove(self, job_ids: Sequence[str]) -> None:
        """Bring removed jobs back to their places."""
        self._record(lambda _: {"op": "remove", "ids": list(job_ids), "removed_at": None})

    def purge(self, *, older_than_s: float = 0.0) -> int:
        """Forget for good the jobs that were removed this long ago; returns how many."""
        limit = time.time() - older_than_s

        def entry(connection: sqlite3.Connection) -> Entry | None:
            rows = connection.execute("SELECT id FROM jobs WHERE removed_at <= ?", (limit,))
            ids = [row[0] for row in rows]
            return {"op": "purge", "ids": ids} if ids else None

        recorded = self._record(entry)
        return len(recorded["ids"]) if recorded else 0

    def requeue_interrupted(self, state: JobState = JobState.WAITING) -> Sequence[str]:
        """Put jobs whose running process is gone into ``state``; returns their ids.

        For the start of a process: what it claimed itself counts as interrupted, too.
        """
        return self._database.call(partial(_requeue_interrupted, state))

    def requeue_if_orphaned(self, job_id: str) -> None:
        """Let a job wait again that another process ran which is gone."""
        self._database.call(partial(_requeue_interrupted, JobState.WAITING, only=job_id))

    def _record_state(self, job_id: str, state: JobState, **results: object) -> None:
        self._record(lambda _: {"op": "state", "id": job_id, "state": state.value, **results})

    def _record(self, make_entry: EntryMaker) -> Entry | None:
        def work(connection: sqlite3.Connection) -> Entry | None:
            self._journal.settle()
            entry = make_entry(connection)
            if entry is not None:
                self._journal.record(connection, entry)
            return entry

        return self._database.call(work, on_rollback=self._journal.retract)

    def _select(self, where: str, values: Sequence[object]) -> Sequence[Job]:
        # `where` is one of this class's own conditions.
        query = f"SELECT {_COLUMNS} FROM jobs WHERE {where} ORDER BY position, id"  # noqa: S608
        rows = self._database.read(lambda connection: connection.execute(query, values).fetchall())
        jobs = (_job(row) for row in rows)
        return [job for job in jobs if job is not None]


def _spec_json(spec: JobSpec) -> str:
    try:
        return spec.model_dump_json()
    except ValueError as error:
        # A folder name that is no Unicode, which only Linux allows.
        raise InputError(
            MessageId.VALUE_INVALID,
            detail=str(error),
            field="output_dir",
            given=ascii(str(spec.output_dir)),
        ) from error


def _job(row: Sequence[Any]) -> Job | None:
    job_id, spec, state, position, created, title, finished, video, failure, removed = row
    try:
        return Job(
            id=job_id,
            spec=JobSpec.model_validate_json(spec),
            state=JobState(state),
            position=position,
            created_at=created,
            title=title,
            finished_at=finished,
            video_path=Path(video) if video else None,
            failure=_message(failure),
            removed=removed is not None,
        )
    except (ValidationError, ValueError):
        _logger.exception("job %s cannot be read; it stays in the database", job_id)
        return None


def _message(text: str | None) -> Message | None:
    if not text:
        return None
    data: Mapping[str, Any] = json.loads(text)
    return Message.from_dict(data)


def _move_entry(
    connection: sqlite3.Connection, job_ids: Sequence[str], before: str | None
) -> Entry | None:
    everything: list[tuple[str, float]] = connection.execute(
        "SELECT id, position FROM jobs ORDER BY position, id"
    ).fetchall()
    moving = set(job_ids) & {job_id for job_id, _ in everything}
    order = [row for row in everything if row[0] not in moving]
    wanted = [job_id for job_id in dict.fromkeys(job_ids) if job_id in moving]
    if not wanted:
        return None
    place = next((i for i, (job_id, _) in enumerate(order) if job_id == before), len(order))
    low = order[place - 1][1] if place else None
    high = order[place][1] if place < len(order) else None
    positions = _between(low, high, len(wanted))
    if positions is None:
        names = [job_id for job_id, _ in order]
        renumbered = [*names[:place], *wanted, *names[place:]]
        return {"op": "move", "positions": {n: float(i) for i, n in enumerate(renumbered, 1)}}
    return {"op": "move", "positions": dict(zip(wanted, positions, strict=True))}


def _between(low: float | None, high: float | None, count: int) -> list[float] | None:
    """``count`` rising numbers inside the open gap; None when it is too narrow."""
    if low is None:
        low = (0.0 if high is None else high) - count - 1
    if high is None:
        high = low + count + 1
    step = (high - low) / (count + 1)
    if step < _SMALLEST_GAP:
        return None
    return [low + step * number for number in range(1, count + 1)]


def _requeue_interrupted(
    state: JobState, connection: sqlite3.Connection, *, only: str | None = None
) -> list[str]:
    """``only`` one job, and not if this process runs it; else all, its own as well."""
    rows = connection.execute(
        "SELECT id, runner_pid, runner_mark FROM jobs WHERE state = ?", (JobState.RUNNING.value,)
    ).fetchall()
    own = ProcessIdentity.own()
    orphaned = []
    for job_id, pid, mark in rows:
        runner = ProcessIdentity(pid, mark) if pid is not None else None
        if only is not None and (job_id != only or runner == own):
            continue
        if runner is None or runner == own or not runner.alive:
            orphaned.append(job_id)
    connection.executemany(
        "UPDATE jobs SET state = ?, runner_pid = NULL, runner_mark = NULL WHERE id = ?",
        [(state.value, job_id) for job_id in orphaned],
    )
    return orphaned
