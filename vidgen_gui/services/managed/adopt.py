"""Programs that somebody else started: who listens on a port, ending it with consent.

What is kept of such a program is enough to start it again the same way.
"""

import contextlib
import errno
import os
import re
import shutil
import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from vidgen_gui.core.errors import ServiceError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.text import clean_text, truncate
from vidgen_gui.services.managed.launch import LaunchSpec
from vidgen_gui.store.identity import ProcessIdentity
from vidgen_gui.store.processes import end_family
from vidgen_gui.system.patience import patient

STOP_GRACE_S = 5.0
_LOOPBACK = "127.0.0.1"
_REACHED_BY_LOOPBACK = frozenset({_LOOPBACK, "0.0.0.0", "::", "::1", "*"})  # noqa: S104 - compared


@dataclass(frozen=True, slots=True)
class Listener:
    """The process that listens on a port, and how it was started.

    ``mark`` tells it from a later process with the same pid. ``argv`` is empty, ``cwd`` None and
    ``env`` empty where the system doesn't tell. ``started_at`` is in Unix seconds.
    """

    pid: int
    mark: str
    port: int
    name: str
    argv: tuple[str, ...]
    cwd: Path | None
    started_at: float
    env: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def identity(self) -> ProcessIdentity:
        return ProcessIdentity(self.pid, self.mark)

    @property
    def alive(self) -> bool:
        """Whether this very process still runs, listening or not."""
        return self.identity.alive


def port_in_use(port: int) -> bool:
    """Whether nothing new could listen on this port of the loopback address."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if sys.platform == "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            # Connections of a server that just ended don't count, as they don't for servers.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_LOOPBACK, port))
        except OSError as error:
            taken = {errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", errno.EADDRINUSE)}
            denied = sys.platform == "win32" and error.errno == errno.EACCES
            return error.errno in taken or denied
    return False


def listening_pids(port: int) -> tuple[int, ...]:
    """The processes that listen where the loopback address leads, as far as they may be seen."""
    try:
        # Other users' sockets come without a pid.
        found = [(one.pid, one) for one in psutil.net_connections("tcp") if one.pid]
    except psutil.AccessDenied:
        # macOS tells it about all processes to root only.
        found = list(_connections_of_seen_processes())
    return tuple(
        dict.fromkeys(
            pid
            for pid, one in found
            if one.status == psutil.CONN_LISTEN
            and one.laddr
            and one.laddr.port == port
            and one.laddr.ip in _REACHED_BY_LOOPBACK
        )
    )


def _connections_of_seen_processes() -> Iterator[tuple[int, Any]]:
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            for connection in process.net_connections("tcp"):
                yield process.pid, connection


def find_listener(port: int) -> Listener | None:
    """Who listens on a port; None when nobody does or the system doesn't say who."""
    return next(filter(None, (_described(pid, port) for pid in listening_pids(port))), None)


def _described(pid: int, port: int) -> Listener | None:
    identity = ProcessIdentity.of(pid)
    if identity is None:
        return None
    try:
        process = psutil.Process(pid)
        argv: tuple[str, ...] = ()
        cwd = None
        env: Mapping[str, str] = {}
        with contextlib.suppress(psutil.AccessDenied):
            argv = tuple(process.cmdline())
        with contextlib.suppress(psutil.AccessDenied):
            cwd = Path(process.cwd()) if process.cwd() else None
        with contextlib.suppress(psutil.AccessDenied):
            env = process.environ()
        return Listener(
            pid,
            identity.mark,
            port,
            shown_name(process, argv),
            argv,
            cwd,
            process.create_time(),
            env,
        )
    except psutil.NoSuchProcess:
        return None


def shown_name(process: psutil.Process, argv: tuple[str, ...]) -> str:
    """A program's name for a sentence; for a Python program also its script."""
    name = process.name()
    if re.match(r"python|py(thon)?w?\.exe", name, re.IGNORECASE):
        script = next((part for part in argv[1:] if part.endswith(".py")), "")
        module = argv[argv.index("-m") + 1] if "-m" in argv[:-1] else ""
        if script or module:
            name = f"{name} {Path(script).name or module}"
    return truncate(clean_text(name, keep_lines=False), 60)


def relaunch(
    listener: Listener,
    name: str,
    ready_marker: re.Pattern[str] | None = None,
) -> LaunchSpec:
    """How to start an adopted program again as it was: same arguments, folder, environment.

    Raises:
        ServiceError: the system didn't tell how it was started.
    """
    if not listener.argv:
        raise ServiceError(
            MessageId.ADOPTED_COMMAND_UNKNOWN, program=listener.name, pid=str(listener.pid)
        )
    program = _program_of(listener)
    return LaunchSpec(
        name,
        (program, *listener.argv[1:]),
        cwd=listener.cwd,
        env=listener.env,
        ready_marker=ready_marker,
        port=listener.port,
    )


def _program_of(listener: Listener) -> str:
    """``argv[0]`` as the process meant it: from its own folder and along its own PATH.

    The process's executable file would be wrong: a virtual environment's Python is a link, and
    only by the link's path does Python find its packages.
    """
    program = listener.argv[0]
    if Path(program).is_absolute():
        return program
    if os.sep in program and listener.cwd is not None:
        return str(listener.cwd / program)
    return shutil.which(program, path=listener.env.get("PATH")) or program


def check_consent(listener: Listener, *, consented: bool) -> None:
    """What somebody else started is ended with consent alone.

    Raises:
        ServiceError: the person has not agreed to end this program.
    """
    if not consented:
        raise ServiceError(
            MessageId.ADOPTED_NEEDS_CONSENT, program=listener.name, pid=str(listener.pid)
        )


def stop_adopted(listener: Listener, *, consented: bool, within_s: float = STOP_GRACE_S) -> None:
    """End a program that somebody else started, with what it started itself.

    Args:
        consented: the person has agreed to end this program.
        within_s: how long it may take to end by itself before it is killed.

    Raises:
        ServiceError: no consent, another program listens there now, it may not be ended, or it
            does not end.
    """
    check_consent(listener, consented=consented)
    who = {"program": listener.name, "pid": str(listener.pid)}
    if not listener.identity.alive:
        return
    if listener.pid == os.getpid() or listener.pid not in listening_pids(listener.port):
        raise ServiceError(MessageId.ADOPTED_CHANGED, port=str(listener.port), **who)
    if not end_family(listener.identity, patient(within_s)):
        raise ServiceError(MessageId.ADOPTED_NOT_ENDED, **who)
