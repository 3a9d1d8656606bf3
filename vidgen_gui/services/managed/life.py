"""One start of a service's program, from its command to the end of its last process."""

import logging
import os
import sys
import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from typing import Protocol

import psutil

from vidgen_gui.core.errors import ProgramError, ServiceError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.services.managed.adopt import find_listener, listening_pids, port_in_use
from vidgen_gui.services.managed.launch import Launch, OwnCommands
from vidgen_gui.services.managed.log_ring import LogRing
from vidgen_gui.services.managed.own_commands import runnable
from vidgen_gui.store.identity import ProcessIdentity
from vidgen_gui.store.processes import end_family
from vidgen_gui.system.patience import patient
from vidgen_gui.system.process import ManagedProcess, run

_logger = logging.getLogger(__name__)

MARK_VARIABLE = "VIDGEN_SERVICE_MARK"
"""Set for what we start, so that a server that left our process tree is known as ours."""

TERMINATE_GRACE_S = 5.0
_POLL_S = 0.05
_SCAN_S = 1.0


class ProcessRecords(Protocol):
    """Where started programs are written down, so that a crashed run's are found again."""

    def record(self, pid: int, kind: str) -> None: ...

    def forget(self, pid: int) -> None: ...


class Life:
    """A started program. Used by one thread; only the log lines come from others.

    Raises:
        ServiceError: the port is taken, or the program is missing or cannot be started.
        StorageError: it could not be written down; nothing is left running.
    """

    def __init__(self, spec: Launch, log: LogRing, records: ProcessRecords) -> None:
        self._spec = spec
        self._own = spec if isinstance(spec, OwnCommands) else None
        self._log = log
        self._records = records
        self._recorded: dict[int, ProcessIdentity] = {}
        self._mark = uuid.uuid4().hex
        self._server: ProcessIdentity | None = None
        self._answered = False
        self._was_seen = False
        self._came_and_went = False
        self._next_scan = 0.0
        self._marker = threading.Event()
        if spec.ready_marker is None:
            self._marker.set()
        self.log_position = log.position
        self.started_at = time.time()
        if spec.port is not None and port_in_use(spec.port):
            raise port_taken(spec.port)
        try:
            self._command = ManagedProcess(
                runnable(spec.argv, spec.cwd),
                cwd=spec.cwd,
                env={**self._environment(), MARK_VARIABLE: self._mark},
                on_stdout_line=self._on_line,
                on_stderr_line=self._on_line,
            )
        except ProgramError as error:
            raise ServiceError(
                error.message.id, detail=error.detail, **error.message.params
            ) from error
        try:
            self._record(self._command.pid)
        except BaseException:
            self._command.close()
            raise

    @property
    def pid(self) -> int:
        """The server's process, or the command's while the server isn't known."""
        return self._server.pid if self._server else self._command.pid

    @property
    def marker_seen(self) -> bool:
        """Whether it said in its log that it is ready."""
        return self._marker.is_set()

    @property
    def returncode(self) -> int | None:
        """The exit code of its command; None while that runs."""
        return self._command.returncode

    @property
    def behind(self) -> bool:
        """Whether the command ended and left its server behind it."""
        return self._own is not None and not self._command.running

    @property
    def alive(self) -> bool:
        """Whether the server runs or may still come up."""
        if self._server is not None:
            return self._server.alive
        if self._command.running:
            return True
        if self._own is None:
            return False
        if port_in_use(self._own.port):
            return True
        return self.returncode == 0 and not self._answered and self._may_come_up()

    def log(self) -> tuple[str, ...]:
        """What it printed, as far as it is kept."""
        return self._log.since(self.log_position)

    def claim_server(self) -> None:
        """After its first good answer: find the process that gave it, and write it down.

        Raises:
            ServiceError: another program answers on the port.
        """
        self._answered = True
        port = self._spec.port
        if port is None:
            return
        pids = listening_pids(port)
        mine = next((pid for pid in pids if self._is_mine(pid)), None)
        if mine is not None:
            self._record(mine)
            if mine != self._command.pid:
                self._server = ProcessIdentity.of(mine)
        elif pids and self._own is None:
            raise port_taken(port)
        self.note_processes()

    def note_processes(self) -> None:
        """Write down what the program started itself, and drop what has ended."""
        family = set(self._family())
        for pid in family:
            self._record(pid)
        kept = {*family, self._server.pid if self._server else 0}
        if self._command.running:
            kept.add(self._command.pid)
        self._forget(pid for pid in list(self._recorded) if pid not in kept)

    def end(self, within_s: float) -> None:
        """Stop command, terminate, wait, kill, wait; nothing of it runs afterwards.

        Args:
            within_s: how long the program may take to end by itself.

        Raises:
            ServiceError: something of it still runs.
        """
        grace_s = min(patient(TERMINATE_GRACE_S), within_s / 2)
        if self._own is not None and self._own.stop and (self._server or self.behind):
            self._run_stop_command(self._own, self._own.stop, within_s - grace_s)
        self._end_session(grace_s)
        self._end_outside(grace_s)
        try:
            self._command.stop(0.0)
            self._command.close()
        except ProgramError as error:
            raise ServiceError(error.message.id, **error.message.params) from error
        finally:
            self._forget(pid for pid, one in list(self._recorded.items()) if not one.alive)
        self._complain_about_survivors()

    def _environment(self) -> dict[str, str]:
        env = dict(os.environ)
        # A frozen app points the loader at its own libraries; other programs need the system's.
        if getattr(sys, "frozen", False):
            original = env.pop("LD_LIBRARY_PATH_ORIG", None)
            env.pop("LD_LIBRARY_PATH", None)
            if original is not None:
                env["LD_LIBRARY_PATH"] = original
        return {**env, **self._spec.env}

    def _on_line(self, line: str) -> None:
        kept = self._log.add(line)
        marker = self._spec.ready_marker
        if marker is not None and not self._marker.is_set() and marker.search(kept):
            self._marker.set()

    def _run_stop_command(self, own: OwnCommands, stop: tuple[str, ...], within_s: float) -> None:
        """What it says goes to the log; whether it helped is seen by what still runs."""
        give_up = time.monotonic() + within_s
        try:
            run(
                runnable(stop, own.cwd),
                deadline_s=within_s / patient(1.0),
                cwd=own.cwd,
                env=self._environment(),
                on_stdout_line=self._on_line,
                on_stderr_line=self._on_line,
            )
        except (ProgramError, ServiceError) as error:
            _logger.info("the stop command of %s did not run: %s", own.name, error)
            self._log.add(str(error))
            return
        while time.monotonic() < give_up:
            if not (self._server.alive if self._server else port_in_use(own.port)):
                return
            time.sleep(_POLL_S)

    def _may_come_up(self) -> bool:
        """Whether a command that ended well may have left a server that still loads.

        What was seen in the background and is gone won't come back; what was never seen may be
        run by a service manager or a container, which don't hand our mark on.
        """
        now = time.monotonic()
        if now >= self._next_scan:
            self._next_scan = now + _SCAN_S
            if any(True for _ in self._family()):
                self._was_seen = True
            else:
                self._came_and_went = self._was_seen
        return not self._came_and_went

    def _end_session(self, grace_s: float) -> None:
        """The command and what shares its session; both get the same time to end by themselves."""
        if self._command.running:
            self._command.terminate()
            give_up = time.monotonic() + grace_s
            while self._session_lives() and time.monotonic() < give_up:
                time.sleep(_POLL_S)
            grace_s = 0.0
        _end_each(self._inside(), grace_s)

    def _session_lives(self) -> bool:
        return self._command.running or any(True for _ in self._inside())

    def _end_outside(self, grace_s: float) -> None:
        """The server that left the session; while it isn't known, everything that left it."""
        if self._server is not None:
            end_family(self._server, grace_s)
        elif self._own is not None:
            _end_each(self._marked(), grace_s)

    def _complain_about_survivors(self) -> None:
        name = self._spec.name
        if self._server is not None and self._server.alive:
            raise ServiceError(
                MessageId.PROGRAM_UNKILLABLE, program=name, pid=str(self._server.pid)
            )
        if self._own is not None and self._server is None and port_in_use(self._own.port):
            # A service manager or a container runs it: none of our processes.
            raise ServiceError(MessageId.SERVICE_RUN_ELSEWHERE, name=name, port=str(self._own.port))

    def _record(self, pid: int) -> None:
        identity = ProcessIdentity.of(pid)
        if identity is not None and self._recorded.get(pid) != identity:
            self._records.record(pid, self._spec.name)
            self._recorded[pid] = identity

    def _forget(self, pids: Iterable[int]) -> None:
        for pid in pids:
            self._records.forget(pid)
            del self._recorded[pid]

    def _is_mine(self, pid: int) -> bool:
        return pid == self._command.pid or self._has_mark(pid)

    def _family(self) -> Iterator[int]:
        """What is ours besides the command.

        While the server of an own command isn't known, one that left the session may be it. Once
        it is known, others outside (a terminal multiplexer with the person's windows, say) are
        left alone.
        """
        anywhere = self._own is not None and self._server is None
        return self._marked() if anywhere else self._inside()

    def _inside(self) -> Iterator[int]:
        """Those in the command's session, which outlives its first process."""
        mine = self._command.pid
        return (pid for pid in psutil.pids() if _session_of(pid) == mine and self._has_mark(pid))

    def _marked(self) -> Iterator[int]:
        return (pid for pid in psutil.pids() if self._has_mark(pid))

    def _has_mark(self, pid: int) -> bool:
        return pid != self._command.pid and _mark_of(pid) == self._mark


def _end_each(pids: Iterable[int], grace_s: float) -> None:
    for identity in [ProcessIdentity.of(pid) for pid in pids]:
        if identity is not None:
            end_family(identity, grace_s)


def _session_of(pid: int) -> int | None:
    """On Windows there are no sessions; its job object ends what is left with the app."""
    if sys.platform == "win32":
        return None
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return None


def _mark_of(pid: int) -> str:
    """The mark that a process was started with, or inherited; empty when there is none."""
    try:
        return psutil.Process(pid).environ().get(MARK_VARIABLE, "")
    except (psutil.Error, OSError):
        return ""


def port_taken(port: int) -> ServiceError:
    """The error that names the program on a port, where the system tells."""
    listener = find_listener(port)
    if listener is None:
        return ServiceError(MessageId.PORT_TAKEN, port=str(port))
    return ServiceError(
        MessageId.PORT_TAKEN_BY, port=str(port), program=listener.name, pid=str(listener.pid)
    )
