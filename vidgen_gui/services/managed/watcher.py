"""The one thread that starts a service's program, waits until it is ready, watches and ends it.

Everything that happens to the program happens on this thread, one thing after the other; others
leave requests. No lock is held while it waits, asks the server or reports a change.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import TypeAlias

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled, ServiceError, StorageError, VidgenError
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.service import ServiceState
from vidgen_gui.net.errors import HttpFailure
from vidgen_gui.services.managed.advice import advise
from vidgen_gui.services.managed.launch import Launch, model_of
from vidgen_gui.services.managed.life import Life, ProcessRecords, port_taken
from vidgen_gui.services.managed.log_ring import LogRing
from vidgen_gui.services.managed.pulse import Pulse
from vidgen_gui.services.managed.requests import Abandon, Reply, Request, Standing, Start, Stop
from vidgen_gui.services.managed.restarts import MOST_RESTARTS, WINDOW_S, RestartPolicy
from vidgen_gui.system.patience import patient

_logger = logging.getLogger(__name__)

HealthCheck: TypeAlias = Callable[[CancelToken], None]

_STARTING_POLL_S = 0.2
_READY_POLL_S = 0.5
_NOTE_EVERY_S = 2.0
_DETAIL_LINES = 20
_HOPELESS = frozenset({401, 403})
"""Answers that waiting doesn't change: the server wants a key that it wasn't asked with."""
_CLEAN_UP_S = 10.0
"""How long a program may take to end when nobody asked for a certain time."""


class Watcher:
    """The thread's state. `run` is its body; `put` and `interrupt` are for everyone else."""

    def __init__(
        self,
        spec: Launch,
        check: HealthCheck,
        records: ProcessRecords,
        log: LogRing,
        on_change: Callable[[], None],
    ) -> None:
        self._spec = spec
        self._check = check
        self._records = records
        self._log = log
        self._on_change = on_change
        self.standing = Standing()
        self._inbox: queue.SimpleQueue[Request] = queue.SimpleQueue()
        self._probe_lock = threading.Lock()
        self._probe: CancelToken | None = None
        self._restarts = RestartPolicy()
        self._life: Life | None = None
        self._waiting: list[Reply] = []
        self._restarting = False
        self._resume_at: float | None = None
        self._begun_at = 0.0
        self._pulse = Pulse()
        self._last_answer = ""
        self._next_note = 0.0
        self._closed = False

    def put(self, request: Request) -> None:
        """Leave a request; never waits. Follow it by `interrupt`."""
        self._inbox.put(request)

    def interrupt(self) -> None:
        """Cut short the health check that runs just now, so that requests are seen at once."""
        with self._probe_lock:
            probe = self._probe
        if probe is not None:
            probe.cancel()

    def run(self) -> None:
        """Serve until a `Stop` that closes."""
        while not self._closed:
            try:
                self._turn()
            except Exception as error:  # noqa: BLE001 - nobody may be left waiting
                self._give_up(_explained(error))

    def _turn(self) -> None:
        try:
            request = self._inbox.get(timeout=self._pause_s())
        except queue.Empty:
            self._look()
            return
        if isinstance(request, Start):
            self._on_start(request)
        elif isinstance(request, Abandon):
            self._on_abandon(request)
        else:
            self._on_stop(request)

    def _pause_s(self) -> float | None:
        if self._resume_at is not None:
            return max(0.0, self._resume_at - time.monotonic())
        if self._life is None:
            return None
        ready = self.standing.state is ServiceState.READY
        return _READY_POLL_S if ready else _STARTING_POLL_S

    def _on_start(self, request: Start) -> None:
        self._waiting.append(request.reply)
        if self._life is not None and not self._life.alive:
            self._ended_by_itself()
            return
        if self._life is None and self._resume_at is None:
            self._restarting = False
            self._begin()
        elif self.standing.state is ServiceState.READY:
            self._tell_waiting(None)

    def _on_abandon(self, request: Abandon) -> None:
        if request.reply not in self._waiting:
            return
        self._waiting.remove(request.reply)
        try:
            if not self._waiting and not self._restarting:
                self._end(_CLEAN_UP_S)
                self._say(ServiceState.STOPPED)
        finally:
            request.reply.set_exception(Cancelled())

    def _on_stop(self, request: Stop) -> None:
        self._closed = request.close
        self._resume_at = None
        try:
            if self._life is not None:
                self._say(ServiceState.STOPPING)
                self._end(request.within_s)
        except Exception as error:  # noqa: BLE001 - whoever asked gets it
            self._say(ServiceState.UNHEALTHY, _explained(error).message)
            request.reply.set_exception(_explained(error))
        else:
            self._say(ServiceState.STOPPED)
            request.reply.set_result(None)
        self._tell_waiting(Message(MessageId.SERVICE_STOPPED, {"name": self._spec.name}))

    def _begin(self) -> None:
        self._resume_at = None
        self._begun_at = time.monotonic()
        self._last_answer = ""
        self._next_note = self._begun_at + _NOTE_EVERY_S
        self._say(ServiceState.STARTING, self._about(MessageId.SERVICE_LOADING))
        try:
            self._life = Life(self._spec, self._log, self._records)
        except ServiceError as error:
            self._failed(error)
            return
        _logger.info("%s starts as process %d", self._spec.name, self._life.pid)
        self._say(ServiceState.STARTING, self._about(MessageId.SERVICE_LOADING))

    def _look(self) -> None:
        """What is to be done when nobody asks for anything."""
        life = self._life
        if life is None:
            if self._resume_at is not None and time.monotonic() >= self._resume_at:
                self._begin()
            return
        if not life.alive:
            self._ended_by_itself()
            return
        if self.standing.state is not ServiceState.READY:
            self._look_whether_ready(life)
        elif self._pulse.is_due:
            self._look_whether_it_answers(life)
        if time.monotonic() >= self._next_note:
            self._next_note = time.monotonic() + _NOTE_EVERY_S
            self._note_processes(life)

    def _note_processes(self, life: Life) -> None:
        try:
            life.note_processes()
        except StorageError as error:
            # A server that works is not ended because a list could not be written.
            _logger.warning("processes of %s are not written down: %s", self._spec.name, error)

    def _look_whether_ready(self, life: Life) -> None:
        waited_s = time.monotonic() - self._begun_at
        if waited_s >= patient(self._spec.ready_deadline_s):
            self._end(_CLEAN_UP_S)
            self._failed(self._too_long(life.log(), waited_s))
        elif not life.marker_seen:
            self._say(ServiceState.STARTING, self._about(MessageId.SERVICE_LOADING))
        elif self._is_healthy():
            life.claim_server()
            _logger.info("%s is ready after %.1f s", self._spec.name, waited_s)
            self._restarting = False
            self._pulse = Pulse()
            self._say(ServiceState.READY)
            self._tell_waiting(None)
        else:
            self._say(ServiceState.STARTING, self._about(MessageId.SERVICE_WAITING))

    def _look_whether_it_answers(self, life: Life) -> None:
        """A program that hangs is ended and started again, like one that crashed."""
        silent_s = self._pulse.beat(answered=self._answers())
        if silent_s is None:
            return
        _logger.info("%s is silent since %.0f s and is ended", self._spec.name, silent_s)
        self._end(_CLEAN_UP_S)
        self._restarting = True
        self._failed(
            ServiceError(
                MessageId.SERVICE_HUNG,
                detail="\n".join((*life.log()[-_DETAIL_LINES:], self._last_answer)),
                name=self._spec.name,
                minutes=max(1, round(silent_s / 60)),
            )
        )

    def _answers(self) -> bool:
        """Whether there is any answer: that it cannot work just now is one."""
        try:
            self._ask()
        except (HttpFailure, Cancelled):
            # Cancelled by a request, which comes first; the pulse is felt again after it.
            return True
        except ServiceError as error:
            self._last_answer = str(error)
            return False
        return True

    def _too_long(self, lines: tuple[str, ...], waited_s: float) -> ServiceError:
        return self._advice(lines, None) or ServiceError(
            MessageId.SERVICE_START_TOO_LONG,
            detail="\n".join((*lines[-_DETAIL_LINES:], self._last_answer)),
            name=self._spec.name,
            after_s=round(waited_s),
            words=lines[-1] if lines else "",
        )

    def _is_healthy(self) -> bool:
        """Ask once.

        Raises:
            HttpFailure: it answers that it never will without a key.
        """
        try:
            self._ask()
        except HttpFailure as error:
            if error.status in _HOPELESS:
                raise
            self._last_answer = str(error)
            return False
        except ServiceError as error:
            self._last_answer = str(error)
            return False
        except Cancelled:
            return False
        return True

    def _ask(self) -> None:
        """Ask once whether it is healthy.

        Raises:
            ServiceError: it is not.
            Cancelled: there is a request.
        """
        probe = CancelToken()
        with self._probe_lock:
            self._probe = probe
        try:
            # Who left a request before the probe was there could not cut it short.
            if not self._inbox.empty():
                raise Cancelled
            self._check(probe)
        finally:
            with self._probe_lock:
                self._probe = None

    def _ended_by_itself(self) -> None:
        life = self._life
        if life is None:
            return
        code = life.returncode
        was_ready = self.standing.state is ServiceState.READY
        self._end(_CLEAN_UP_S)
        lines = life.log()
        _logger.info("%s ended by itself (%s)", self._spec.name, code)
        self._restarting = self._restarting or was_ready
        self._failed(self._reason(lines, code))

    def _reason(self, lines: tuple[str, ...], code: int | None) -> ServiceError:
        return self._advice(lines, code) or ServiceError(
            MessageId.SERVICE_ENDED if lines else MessageId.SERVICE_ENDED_MUTE,
            detail="\n".join(lines[-_DETAIL_LINES:]),
            name=self._spec.name,
            code="" if code is None else str(code),
            words=lines[-1] if lines else "",
        )

    def _advice(self, lines: tuple[str, ...], code: int | None) -> ServiceError | None:
        """What its last words mean, with what only we know: its name, file and port."""
        advice = advise(lines, code)
        if advice is None:
            return None
        if advice.id is MessageId.PORT_TAKEN:
            return port_taken(self._spec.port or int(advice.params.get("port", 0)))
        known = {"name": self._spec.name, "path": model_of(self._spec.argv)}
        return _error(
            Message(advice.id, {**known, **advice.params}), "\n".join(lines[-_DETAIL_LINES:])
        )

    def _failed(self, error: ServiceError) -> None:
        """It could not be started, or crashed: start it again, or say why not."""
        pause_s = self._restarts.next_pause_s() if self._restarting else None
        if pause_s is None:
            self._give_up(self._gave_up(error) if self._restarting else error)
            return
        self._resume_at = time.monotonic() + patient(pause_s)
        detail = Message(
            MessageId.SERVICE_RESTARTING,
            {
                "name": self._spec.name,
                "pause_s": round(pause_s),
                "attempt": self._restarts.used,
                "limit": MOST_RESTARTS,
            },
        )
        self._say(ServiceState.STARTING, detail)

    def _gave_up(self, error: ServiceError) -> ServiceError:
        """An advice is more use than the number of tries; the last words alone are not."""
        if error.message.id is not MessageId.SERVICE_ENDED:
            return error
        return ServiceError(
            MessageId.SERVICE_GAVE_UP,
            detail=error.detail,
            name=self._spec.name,
            times=MOST_RESTARTS + 1,
            minutes=round(WINDOW_S / 60),
            words=error.message.params.get("words", ""),
        )

    def _give_up(self, error: VidgenError) -> None:
        self._resume_at = None
        self._restarting = False
        if self._life is not None:
            try:
                self._end(_CLEAN_UP_S)
            except VidgenError as cannot_end:
                _logger.warning("%s could not be ended: %s", self._spec.name, cannot_end)
        self._say(ServiceState.UNHEALTHY, error.message)
        self._tell_waiting(error.message, error.detail)

    def _end(self, within_s: float) -> None:
        life, self._life = self._life, None
        if life is not None:
            life.end(patient(within_s))

    def _tell_waiting(self, problem: Message | None, detail: str = "") -> None:
        waiting, self._waiting = self._waiting, []
        for reply in waiting:
            if problem is None:
                reply.set_result(None)
            else:
                reply.set_exception(_error(problem, detail))

    def _about(self, message_id: MessageId) -> Message:
        return Message(message_id, {"name": self._spec.name, "port": str(self._spec.port or "")})

    def _say(self, state: ServiceState, detail: Message | None = None) -> None:
        life = self._life
        standing = Standing(
            state,
            detail,
            life.pid if life is not None else None,
            life.started_at if life is not None else None,
        )
        if standing == self.standing:
            return
        self.standing = standing
        try:
            self._on_change()
        except Exception:
            # A listener's mistake is its own; the program still has to be watched.
            _logger.exception("telling about %s failed", self._spec.name)


def _error(message: Message, detail: str = "") -> ServiceError:
    return ServiceError(message.id, detail=detail, **message.params)


def _explained(error: Exception) -> VidgenError:
    """A mistake of ours goes to the log; what the person can act on is passed on."""
    if isinstance(error, VidgenError):
        return error
    _logger.error("watching a service failed", exc_info=error)
    return ServiceError(MessageId.UNEXPECTED, detail=repr(error))
