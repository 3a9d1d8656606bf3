"""Version 2: which artifact a job took for what it asked, however it was made; speaking rates."""

import sqlite3

_STATEMENTS = (
    # NULL for artifacts that were used before this version: their key is the intent's.
    "ALTER TABLE job_artifacts ADD COLUMN intent TEXT",
    "CREATE INDEX job_artifacts_by_intent ON job_artifacts (job_id, intent)",
    """
    CREATE TABLE speaking_rates (
        voice TEXT PRIMARY KEY,
        words REAL NOT NULL,
        seconds REAL NOT NULL
    ) WITHOUT ROWID
    """,
)


def apply(connection: sqlite3.Connection) -> None:
    """Add what jobs with services need."""
    for statement in _STATEMENTS:
        connection.execute(statement)
