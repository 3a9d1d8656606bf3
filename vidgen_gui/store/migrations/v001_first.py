"""Version 1: jobs with their history and timings, artifacts and who uses them, processes."""

import sqlite3

_STATEMENTS = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
    """
    CREATE TABLE jobs (
        id TEXT PRIMARY KEY,
        spec TEXT NOT NULL,
        state TEXT NOT NULL,
        position REAL NOT NULL,
        created_at REAL NOT NULL,
        title TEXT NOT NULL DEFAULT '',
        finished_at REAL,
        video_path TEXT,
        failure TEXT,
        removed_at REAL,
        script TEXT,
        runner_pid INTEGER,
        runner_mark TEXT
    ) WITHOUT ROWID
    """,
    "CREATE INDEX jobs_by_position ON jobs (position)",
    """
    CREATE TABLE history (
        id INTEGER PRIMARY KEY,
        job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
        at REAL NOT NULL,
        stage TEXT,
        scene INTEGER,
        message TEXT NOT NULL
    )
    """,
    "CREATE INDEX history_by_job ON history (job_id, id)",
    # scene is -1 for a stage that runs once a job: NULLs would never collide.
    """
    CREATE TABLE stage_runs (
        id INTEGER PRIMARY KEY,
        job_id TEXT REFERENCES jobs (id) ON DELETE SET NULL,
        stage TEXT NOT NULL,
        scene INTEGER NOT NULL,
        quality INTEGER NOT NULL,
        started_at REAL NOT NULL,
        elapsed_s REAL NOT NULL,
        reused INTEGER NOT NULL,
        rung TEXT NOT NULL,
        UNIQUE (job_id, stage, scene)
    )
    """,
    "CREATE INDEX stage_runs_by_kind ON stage_runs (stage, quality, reused, id)",
    """
    CREATE TABLE artifacts (
        key TEXT PRIMARY KEY,
        stage TEXT NOT NULL,
        rung TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        used_at REAL NOT NULL
    ) WITHOUT ROWID
    """,
    "CREATE INDEX artifacts_by_use ON artifacts (used_at)",
    """
    CREATE TABLE job_artifacts (
        job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
        key TEXT NOT NULL REFERENCES artifacts (key) ON DELETE CASCADE,
        used_at REAL NOT NULL,
        PRIMARY KEY (job_id, key)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX job_artifacts_by_key ON job_artifacts (key)",
    """
    CREATE TABLE processes (
        pid INTEGER NOT NULL,
        mark TEXT NOT NULL,
        kind TEXT NOT NULL,
        owner_pid INTEGER NOT NULL,
        owner_mark TEXT NOT NULL,
        PRIMARY KEY (pid, mark)
    ) WITHOUT ROWID
    """,
)


def apply(connection: sqlite3.Connection) -> None:
    """Make the tables in an empty database."""
    for statement in _STATEMENTS:
        connection.execute(statement)
