"""Every change to the queue that has to survive a lost database, and what it does in SQL.

An entry is a JSON object with an ``op``. Doing it now and doing it again from the journal is
the same code. Which change is wanted is decided in `jobs`; where entries are kept, in `journal`.
"""

import logging
import sqlite3
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

Entry: TypeAlias = Mapping[str, Any]

_logger = logging.getLogger(__name__)


def _add(connection: sqlite3.Connection, entry: Entry) -> None:
    connection.executemany(
        "INSERT OR IGNORE INTO jobs (id, spec, state, position, created_at)"
        " VALUES (:id, :spec, :state, :position, :created_at)",
        entry["jobs"],
    )


def _state(connection: sqlite3.Connection, entry: Entry) -> None:
    connection.execute(
        "UPDATE jobs SET state = :state, finished_at = :finished_at, video_path = :video_path,"
        " failure = :failure, runner_pid = NULL, runner_mark = NULL WHERE id = :id",
        {
            "id": entry["id"],
            "state": entry["state"],
            "finished_at": entry.get("finished_at"),
            "video_path": entry.get("video_path"),
            "failure": entry.get("failure"),
        },
    )


def _title(connection: sqlite3.Connection, entry: Entry) -> None:
    connection.execute("UPDATE jobs SET title = :title WHERE id = :id", dict(entry))


def _script(connection: sqlite3.Connection, entry: Entry) -> None:
    connection.execute("UPDATE jobs SET script = :script WHERE id = :id", dict(entry))


def _move(connection: sqlite3.Connection, entry: Entry) -> None:
    connection.executemany(
        "UPDATE jobs SET position = ? WHERE id = ?",
        [(position, job_id) for job_id, position in entry["positions"].items()],
    )


def _remove(connection: sqlite3.Connection, entry: Entry) -> None:
    connection.executemany(
        "UPDATE jobs SET removed_at = ? WHERE id = ?",
        [(entry["removed_at"], job_id) for job_id in entry["ids"]],
    )


def _purge(connection: sqlite3.Connection, entry: Entry) -> None:
    connection.executemany("DELETE FROM jobs WHERE id = ?", [(i,) for i in entry["ids"]])


_EFFECTS: Mapping[str, Callable[[sqlite3.Connection, Entry], None]] = MappingProxyType(
    {
        "add": _add,
        "state": _state,
        "title": _title,
        "script": _script,
        "move": _move,
        "remove": _remove,
        "purge": _purge,
    }
)


def apply_entry(connection: sqlite3.Connection, entry: Entry) -> None:
    """Do what ``entry`` says, inside the caller's transaction; unknown jobs are left out."""
    effect = _EFFECTS.get(str(entry.get("op")))
    if effect is None:
        _logger.warning("the journal has an entry of an unknown kind: %r", entry.get("op"))
        return
    effect(connection, entry)
