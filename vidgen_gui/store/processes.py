"""Which long-lived programs this app started, so that a crashed run's leftovers can be ended."""

import contextlib
import logging
import sqlite3
import time
from dataclasses import dataclass

import psutil

from vidgen_gui.store.database import Database
from vidgen_gui.store.identity import ProcessIdentity

_logger = logging.getLogger(__name__)

TERMINATE_WAIT_S = 2.0
KILL_WAIT_S = 5.0
_WAIT_SLICE_S = 0.1


@dataclass(frozen=True, slots=True)
class Leftover:
    """A program whose app died; ``ended`` is False when even a kill didn't end it."""

    kind: str
    pid: int
    ended: bool


class ProcessRegistry:
    """Records pid and start time; a stranger that got the same pid later is never touched."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, pid: int, kind: str) -> None:
        """Remember a program that this process just started; one that ended already is left out."""
        child = ProcessIdentity.of(pid)
        if child is None:
            return
        owner = ProcessIdentity.own()
        self._database.call(
            lambda connection: connection.execute(
                "INSERT OR REPLACE INTO processes VALUES (?, ?, ?, ?, ?)",
                (child.pid, child.mark, kind, owner.pid, owner.mark),
            )
        )

    def forget(self, pid: int) -> None:
        """Drop what this process recorded about ``pid``, once it was reaped."""
        owner = ProcessIdentity.own()
        self._database.call(
            lambda connection: connection.execute(
                "DELETE FROM processes WHERE pid = ? AND owner_pid = ? AND owner_mark = ?",
                (pid, owner.pid, owner.mark),
            )
        )

    def sweep(self) -> list[Leftover]:
        """End the programs whose app is gone, and forget all whose record is spent."""
        rows: list[tuple[int, str, str, int, str]] = self._database.read(
            lambda connection: connection.execute(
                "SELECT pid, mark, kind, owner_pid, owner_mark FROM processes"
            ).fetchall()
        )
        leftovers = []
        spent = []
        for pid, mark, kind, owner_pid, owner_mark in rows:
            if ProcessIdentity(owner_pid, owner_mark).alive:
                continue
            child = ProcessIdentity(pid, mark)
            if child.alive:
                ended = end_family(child)
                leftovers.append(Leftover(kind, pid, ended))
                _logger.info("ended a leftover %s process %d: %s", kind, pid, ended)
                if not ended:
                    continue
            spent.append((pid, mark))
        self._database.call(lambda connection: _forget_all(connection, spent))
        return leftovers


def _forget_all(connection: sqlite3.Connection, spent: list[tuple[int, str]]) -> None:
    connection.executemany("DELETE FROM processes WHERE pid = ? AND mark = ?", spent)


def end_family(child: ProcessIdentity, grace_s: float = TERMINATE_WAIT_S) -> bool:
    """Terminate, wait, kill, wait: the process and what it started itself.

    Args:
        grace_s: how long it may take to end by itself.

    Returns:
        Whether it has ended; False also when this user may not end it.
    """
    try:
        process = psutil.Process(child.pid)
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return True
    if not child.alive:
        return True
    # psutil checks each pid's start time again before it signals.
    for member in family:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            member.terminate()
    stubborn = _left_after(family, grace_s)
    for member in stubborn:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            member.kill()
    _left_after(stubborn, KILL_WAIT_S)
    return not child.alive


def _left_after(family: list[psutil.Process], timeout_s: float) -> list[psutil.Process]:
    """Who still runs after ``timeout_s``; our own dead children are reaped."""
    give_up = time.monotonic() + timeout_s
    while True:
        _, waiting = psutil.wait_procs(family, timeout=_WAIT_SLICE_S)
        # Zombies of other parents are dead already; in some containers nobody ever reaps them.
        family = [member for member in waiting if _runs(member)]
        if not family or time.monotonic() >= give_up:
            return family


def _runs(member: psutil.Process) -> bool:
    try:
        return member.is_running() and member.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
