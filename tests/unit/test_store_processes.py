"""Leftover programs: recognised by pid and start time, ended; strangers are never touched."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from vidgen_gui.store.database import Database
from vidgen_gui.store.identity import ProcessIdentity
from vidgen_gui.store.processes import Leftover, ProcessRegistry

WAIT = [sys.executable, "-c", "input()"]
STUBBORN = [
    sys.executable,
    "-c",
    (
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('on', flush=True); input()"
    ),
]
DEAD = ProcessIdentity(2**22 + 1, "0-0")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "jobs.db", tmp_path / "backups") as opened:
        yield opened


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(WAIT, stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def _owned_by(database: Database, owner: ProcessIdentity) -> None:
    database.call(
        lambda c: c.execute(
            "UPDATE processes SET owner_pid = ?, owner_mark = ?", (owner.pid, owner.mark)
        )
    )


def _records(database: Database) -> list[tuple[int, str]]:
    return database.read(lambda c: c.execute("SELECT pid, kind FROM processes").fetchall())


@pytest.mark.req("F4", "ERR-PART9")
def test_a_dead_apps_program_is_ended(database: Database, child: subprocess.Popen[bytes]) -> None:
    registry = ProcessRegistry(database)
    registry.record(child.pid, "voice")
    assert registry.sweep() == []
    assert child.poll() is None
    _owned_by(database, DEAD)
    assert registry.sweep() == [Leftover("voice", child.pid, ended=True)]
    assert not psutil.pid_exists(child.pid)
    assert _records(database) == []


@pytest.mark.req("F4", "ERR-PART9")
def test_a_stranger_with_the_same_pid_lives(
    database: Database, child: subprocess.Popen[bytes]
) -> None:
    registry = ProcessRegistry(database)
    registry.record(child.pid, "voice")
    _owned_by(database, DEAD)
    database.call(lambda c: c.execute("UPDATE processes SET mark = '0-0'"))
    assert registry.sweep() == []
    assert child.poll() is None
    assert _records(database) == []


def test_a_program_that_ignores_the_request_is_killed(database: Database) -> None:
    with subprocess.Popen(STUBBORN, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        registry = ProcessRegistry(database)
        registry.record(child.pid, "server")
        _owned_by(database, DEAD)
        assert registry.sweep() == [Leftover("server", child.pid, ended=True)]
        assert not psutil.pid_exists(child.pid)


def test_what_it_started_itself_ends_with_it(database: Database) -> None:
    script = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'input()'], stdin=subprocess.PIPE)\n"
        "print(child.pid, flush=True); child.wait()\n"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        grandchild = ProcessIdentity.of(int(parent.stdout.readline()))
        assert grandchild is not None
        registry = ProcessRegistry(database)
        registry.record(parent.pid, "server")
        _owned_by(database, DEAD)
        registry.sweep()
        assert not psutil.pid_exists(parent.pid)
        assert not grandchild.alive


def test_a_reaped_program_is_forgotten(database: Database, child: subprocess.Popen[bytes]) -> None:
    registry = ProcessRegistry(database)
    registry.record(child.pid, "voice")
    assert _records(database) == [(child.pid, "voice")]
    registry.forget(child.pid)
    assert _records(database) == []
    registry.record(2**22 + 1, "never was")
    assert _records(database) == []
