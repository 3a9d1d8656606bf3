"""Version 3: what drawing pictures has taught: memory, rungs that worked, seconds."""

import sqlite3

_STATEMENTS = (
    """
    CREATE TABLE calibrations (
        card TEXT PRIMARY KEY,
        driver TEXT NOT NULL,
        content TEXT NOT NULL,
        used_at REAL NOT NULL
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE picture_rungs (
        card TEXT NOT NULL,
        driver TEXT NOT NULL,
        model TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        quality INTEGER NOT NULL,
        aspect TEXT NOT NULL,
        rung TEXT NOT NULL,
        at REAL NOT NULL,
        PRIMARY KEY (card, model, quality, aspect)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE picture_times (
        card TEXT NOT NULL,
        driver TEXT NOT NULL,
        model TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        quality INTEGER NOT NULL,
        aspect TEXT NOT NULL,
        rung TEXT NOT NULL,
        seconds REAL NOT NULL,
        step_s REAL,
        work REAL,
        at REAL NOT NULL,
        PRIMARY KEY (card, model, quality, aspect, rung)
    ) WITHOUT ROWID
    """,
)


def apply(connection: sqlite3.Connection) -> None:
    """Add what is learned from drawing."""
    for statement in _STATEMENTS:
        connection.execute(statement)
