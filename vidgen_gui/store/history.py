"""What happened to each job: lines for a person to read, and how long each stage took.

Not journaled: after a lost database this is what is missing, and nothing depends on it.
"""

import json
import sqlite3
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass

from vidgen_gui.core.job import StageName
from vidgen_gui.core.messages import Message
from vidgen_gui.core.quality import Quality
from vidgen_gui.store.database import Database

MAX_LINES_PER_JOB = 200
ESTIMATE_SAMPLES = 30
"""How many recent runs an estimate looks at."""
MAX_ORPHANED_RUNS = 1000
"""Timings of purged jobs that are kept for estimates."""
_NO_SCENE = -1
_SPEECH_MEMORY = 0.98
"""What is left of older speech with each new scene: about the last fifty count."""


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """Something that happened to a job; ``at`` is in Unix seconds."""

    at: float
    message: Message
    stage: StageName | None = None
    scene: int | None = None


@dataclass(frozen=True, slots=True)
class StageTiming:
    """One run of a (stage, scene); ``started_at`` in Unix seconds, ``elapsed_s`` by a steady clock.

    ``reused`` when a stored artifact was taken; ``rung`` names how it was made.
    """

    stage: StageName
    scene: int | None
    started_at: float
    elapsed_s: float
    reused: bool
    rung: str


class HistoryStore:
    """Lines and timings of jobs. Every method waits for the database and may raise StorageError.

    What is noted about a job that was purged meanwhile is dropped.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_line(
        self,
        job_id: str,
        message: Message,
        *,
        stage: StageName | None = None,
        scene: int | None = None,
    ) -> None:
        """Note something down; the oldest lines beyond the limit go."""
        values = (time.time(), stage, scene, json.dumps(message.to_dict(), default=str), job_id)

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO history (job_id, at, stage, scene, message)"
                " SELECT id, ?, ?, ?, ? FROM jobs WHERE id = ?",
                values,
            )
            connection.execute(
                "DELETE FROM history WHERE job_id = ? AND id <= (SELECT id FROM history"
                " WHERE job_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
                (job_id, job_id, MAX_LINES_PER_JOB),
            )

        self._database.call(work)

    def lines(self, job_id: str) -> list[HistoryLine]:
        """A job's history, oldest first."""
        rows = self._database.read(
            lambda connection: connection.execute(
                "SELECT at, message, stage, scene FROM history WHERE job_id = ? ORDER BY id",
                (job_id,),
            ).fetchall()
        )
        return [
            HistoryLine(
                at, Message.from_dict(json.loads(text)), StageName(stage) if stage else None, scene
            )
            for at, text, stage, scene in rows
        ]

    def record_stage(
        self,
        job_id: str,
        stage: StageName,
        scene: int | None,
        elapsed_s: float,
        *,
        reused: bool,
        rung: str,
    ) -> None:
        """Keep how a (stage, scene) that ended just now went; a later run of it replaces this."""
        values = (
            stage.value,
            _NO_SCENE if scene is None else scene,
            time.time() - elapsed_s,
            elapsed_s,
            reused,
            rung,
            job_id,
        )
        self._database.call(
            lambda connection: connection.execute(
                "INSERT OR REPLACE INTO stage_runs"
                " (job_id, stage, scene, started_at, elapsed_s, reused, rung, quality)"
                " SELECT id, ?, ?, ?, ?, ?, ?, json_extract(spec, '$.quality')"
                " FROM jobs WHERE id = ?",
                values,
            )
        )

    def timings(self, job_id: str) -> list[StageTiming]:
        """How a job's stages went, in the order in which they started."""
        rows = self._database.read(
            lambda connection: connection.execute(
                "SELECT stage, scene, started_at, elapsed_s, reused, rung FROM stage_runs"
                " WHERE job_id = ? ORDER BY started_at, id",
                (job_id,),
            ).fetchall()
        )
        return [
            StageTiming(
                StageName(stage),
                None if scene == _NO_SCENE else scene,
                started,
                elapsed,
                bool(reused),
                rung,
            )
            for stage, scene, started, elapsed, reused, rung in rows
        ]

    def rungs(self, stage: StageName, job_id: str | None = None) -> Mapping[str, list[str]]:
        """By which rungs a stage was made, scene by scene, by job.

        Args:
            job_id: only this job; None for all that are not removed.
        """
        rows = self._database.read(
            lambda connection: connection.execute(
                "SELECT stage_runs.job_id, rung FROM stage_runs JOIN jobs ON jobs.id = job_id"
                " WHERE stage = ? AND removed_at IS NULL AND job_id = COALESCE(?, job_id)"
                " ORDER BY scene",
                (stage.value, job_id),
            ).fetchall()
        )
        found: dict[str, list[str]] = {}
        for job, rung in rows:
            found.setdefault(job, []).append(rung)
        return found

    def told(self, stage: StageName, job_id: str | None = None) -> Mapping[str, list[Message]]:
        """What a stage told, oldest first, by job. Jobs as for `rungs`."""
        rows = self._database.read(
            lambda connection: connection.execute(
                "SELECT job_id, message FROM history JOIN jobs ON jobs.id = job_id"
                " WHERE stage = ? AND removed_at IS NULL AND job_id = COALESCE(?, job_id)"
                " ORDER BY history.id",
                (stage.value, job_id),
            ).fetchall()
        )
        found: dict[str, list[Message]] = {}
        for job, text in rows:
            found.setdefault(job, []).append(Message.from_dict(json.loads(text)))
        return found

    def typical_seconds(self, quality: Quality) -> Mapping[StageName, float]:
        """Median seconds of one run of each stage lately, real work only.

        A stage that never ran at this quality is missing.
        """

        def work(connection: sqlite3.Connection) -> dict[StageName, float]:
            typical = {}
            for stage in StageName:
                rows = connection.execute(
                    "SELECT elapsed_s FROM stage_runs WHERE stage = ? AND quality = ?"
                    " AND reused = 0 ORDER BY id DESC LIMIT ?",
                    (stage.value, int(quality), ESTIMATE_SAMPLES),
                ).fetchall()
                if rows:
                    typical[stage] = statistics.median(row[0] for row in rows)
            return typical

        return self._database.read(work)

    def record_speech(self, voice: str, words: int, seconds: float) -> None:
        """Learn how fast a voice speaks; what it spoke lately counts most."""
        self._database.call(
            lambda connection: connection.execute(
                "INSERT INTO speaking_rates VALUES (?, ?, ?) ON CONFLICT (voice) DO UPDATE SET"
                " words = words * ? + excluded.words, seconds = seconds * ? + excluded.seconds",
                (voice, words, seconds, _SPEECH_MEMORY, _SPEECH_MEMORY),
            )
        )

    def words_per_s(self, voice: str) -> float | None:
        """How many written words a voice speaks a second; None before it was heard."""
        row = self._database.read(
            lambda connection: connection.execute(
                "SELECT words / seconds FROM speaking_rates WHERE voice = ? AND seconds > 0",
                (voice,),
            ).fetchone()
        )
        return None if row is None else float(row[0])

    def trim(self) -> None:
        """Drop the oldest timings of jobs that are no longer there."""
        self._database.call(
            lambda connection: connection.execute(
                "DELETE FROM stage_runs WHERE job_id IS NULL AND id <= (SELECT id FROM stage_runs"
                " WHERE job_id IS NULL ORDER BY id DESC LIMIT 1 OFFSET ?)",
                (MAX_ORPHANED_RUNS,),
            )
        )
