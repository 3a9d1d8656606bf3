"""What the tests of started programs share: the program, its health check, who waits for what."""

import http.client
import os
import random
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TypeAlias

import psutil

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import ServiceError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.service import ServiceState
from vidgen_gui.services.managed.launch import Launch, LaunchSpec, OwnCommands
from vidgen_gui.services.managed.service import ManagedService
from vidgen_gui.store.database import Database
from vidgen_gui.store.processes import ProcessRegistry

PROGRAM = Path(__file__).parent / "fakes" / "service_program.py"
MARKER = re.compile("service is ready")
LIMIT_S = 60.0
MOST_WORKERS = 16
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % MOST_WORKERS
PORTS = range(10_000 + _worker, 32_000, MOST_WORKERS)
"""This test process's own, below those that systems give to whoever asks for any."""
_given: set[int] = set()


def free_port() -> int:
    """A port at which nothing listens, and which no other test gets."""
    dice = random.SystemRandom()
    while True:
        port = dice.choice(PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in _given:
            _given.add(port)
            return port


def program(port: int, *options: object) -> tuple[str, ...]:
    """The command line of the server program."""
    return (sys.executable, str(PROGRAM), "--port", str(port), *map(str, options))


def ask(port: int, path: str = "/health") -> int:
    """The status that a server answers with; 0 when it hangs up without a word."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (http.client.HTTPException, OSError):
        return 0
    finally:
        connection.close()


def health_of(port: int) -> Callable[[CancelToken], None]:
    def check(_: CancelToken) -> None:
        if ask(port) != 200:
            raise ServiceError(MessageId.SERVER_BUSY)

    return check


Standing: TypeAlias = tuple[ServiceState, MessageId | None]


class Changes:
    """Wakes who waits for a state, whenever the service says that something changed."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self.look: Callable[[], Standing] | None = None
        self.seen: list[Standing] = []

    def __call__(self) -> None:
        with self._condition:
            if self.look is not None:
                self.seen.append(self.look())
            self._condition.notify_all()

    def states(self) -> list[ServiceState]:
        """The states in their order, each as long as it lasted counted once."""
        return [state for state, _ in groupby(state for state, _ in self.seen)]

    def wait_for(self, predicate: Callable[[], object]) -> None:
        with self._condition:
            assert self._condition.wait_for(predicate, LIMIT_S), "it never came to that"

    def never_come_to(self, predicate: Callable[[], object], for_s: float = 1.0) -> bool:
        """Whether it doesn't become so for a while, in which it could have many times."""
        with self._condition:
            return not self._condition.wait_for(predicate, for_s)


@dataclass
class Bench:
    """One service on a free port, with a real registry."""

    spec: Launch
    service: ManagedService
    changes: Changes
    database: Database
    registry: ProcessRegistry
    pool: ThreadPoolExecutor

    def start(self) -> None:
        self.service.start(CancelToken())

    def start_aside(self, cancel: CancelToken | None = None) -> "Future[None]":
        return self.pool.submit(self.service.start, cancel or CancelToken())

    def wait_for(self, state: ServiceState, detail: MessageId) -> None:
        """Until it came to that; what lasts a moment only may be over again."""
        self.changes.wait_for(lambda: (state, detail) in self.changes.seen)

    def recorded(self) -> set[int]:
        rows = self.database.read(
            lambda connection: connection.execute("SELECT pid FROM processes").fetchall()
        )
        return {pid for (pid,) in rows}


@contextmanager
def bench(
    folder: Path,
    spec: Launch,
    check: Callable[[CancelToken], None] | None = None,
) -> Iterator[Bench]:
    """A service that is closed in the end, whatever became of it."""
    changes = Changes()
    port = spec.port or 0
    with (
        Database(folder / "records.db", folder / "backups") as database,
        ThreadPoolExecutor(4) as pool,
    ):
        registry = ProcessRegistry(database)
        service = ManagedService(
            spec, check or health_of(port), registry=registry, on_change=changes
        )
        changes.look = lambda: (service.state, service.detail.id if service.detail else None)
        with service:
            yield Bench(spec, service, changes, database, registry, pool)


def direct(port: int, *options: object, deadline_s: float = LIMIT_S) -> LaunchSpec:
    return LaunchSpec(
        "the server",
        program(port, *options),
        ready_marker=MARKER,
        port=port,
        ready_deadline_s=deadline_s,
    )


def own(
    port: int,
    *options: object,
    stop: tuple[str, ...] | None = None,
    deadline_s: float = LIMIT_S,
) -> OwnCommands:
    return OwnCommands(
        "the server", program(port, *options), stop, port, ready_deadline_s=deadline_s
    )


@contextmanager
def stranger(argv: Sequence[str], port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """A server that somebody else started; it is up, and gone afterwards."""
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            give_up = time.monotonic() + LIMIT_S
            while ask(port) != 200:
                assert time.monotonic() < give_up, "it never answered"
                time.sleep(0.02)
            yield process
        finally:
            process.kill()


def runs(pid: int) -> bool:
    """Whether a process runs; a zombie, which nobody may ever reap, doesn't."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def pid_in(file: Path) -> int:
    return int(file.read_text(encoding="utf-8"))
