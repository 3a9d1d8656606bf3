"""The program behind a service: started, stopped, recognised when it was only found running.

Guarded by the lock of the `ServiceCore` that it belongs to, which guards values only.
"""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import Protocol, TypeAlias

import psutil

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled, ServiceError
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.turn import Turn
from vidgen_gui.net.address import ServerAddress
from vidgen_gui.pipeline.paused_services import PausedProgram, PauseRecords
from vidgen_gui.pipeline.service_plans import ServicePlan, here
from vidgen_gui.pipeline.service_view import ServerFacts, ServiceStanding, is_running
from vidgen_gui.services.managed.adopt import (
    Listener,
    check_consent,
    find_listener,
    relaunch,
    stop_adopted,
)
from vidgen_gui.services.managed.launch import Launch, LaunchSpec
from vidgen_gui.services.managed.life import ProcessRecords
from vidgen_gui.services.managed.service import ManagedService
from vidgen_gui.store.identity import ProcessIdentity
from vidgen_gui.store.processes import end_family
from vidgen_gui.system.patience import patient
from vidgen_gui.system.process import start_released

POLL_S = 0.5
CLOSE_WITHIN_S = 6.0
"""The app itself has 15 s to end."""
MIB = 2**20


Guard: TypeAlias = Callable[[CancelToken], AbstractContextManager[None]]


class Asks(Protocol):
    """What a kind of service is asked; the concrete service hands these in."""

    def health(self, address: ServerAddress, cancel: CancelToken) -> None:
        """Raise `ServiceError` unless the server can work."""

    def facts(self, address: ServerAddress, cancel: CancelToken) -> ServerFacts:
        """What the server says about itself."""

    def is_passing(self, error: ServiceError) -> bool:
        """Whether the server will be well by itself: it is there, and loading its model."""


class ServiceProgram:
    """At most one program of ours at a time, and what is known of one that we only found.

    Args:
        plan: gives the settings in force.
        state: how the service stands; shared with its core, like ``lock``.
        records: where pauses are written down.

    Attributes:
        guard: entered around each start, with the start's token: for who has to make room first.
    """

    def __init__(
        self,
        plan: Callable[[], ServicePlan],
        asks: Asks,
        registry: ProcessRecords,
        on_change: Callable[[], None],
        *,
        state: ServiceStanding,
        lock: threading.Lock,
        records: PauseRecords,
    ) -> None:
        self._plan = plan
        self._state = state
        self._lock = lock
        self._asks = asks
        self._registry = registry
        self._on_change = on_change
        self._starting = Turn()
        self._closed = False
        self._records = records
        self.guard: Guard = lambda _: nullcontext()

    @property
    def launch(self) -> Launch | None:
        """How it would be started; None when that isn't known."""
        with self._lock:
            lent = self._state.paused.launch if self._state.paused is not None else None
            return lent or self._plan().launch or self._state.relaunch

    def start(self, cancel: CancelToken, *, for_work: bool) -> None:
        """Start the program and wait until it is ready; one that runs already is left alone.

        Args:
            for_work: a job needs it; nobody asked for it to stay.

        Raises:
            ServiceError: it cannot be started, or did not get ready in time.
        """
        with self._starting.taken(cancel), self.guard(cancel):
            with self._lock:
                paused, managed = self._state.paused, self._state.managed
                if paused is None and (managed is None or not is_running(managed)):
                    self._state.for_work = for_work
                self._state.stopped_by_person = False
                self._state.problem, self._state.failed_at = None, None
            self._on_change()
            if paused is not None and paused.launch is not None:
                self._start_theirs(paused.launch, cancel)
            else:
                self._managed_now().start(cancel)
            self.note_back()

    def stop(self, *, consented: bool) -> None:
        """Stop the program; it isn't started again before the person says so.

        Raises:
            ServiceError: it is not ours and nobody agreed, or it cannot be ended.
        """
        with self._lock:
            before = self._state.stopped_by_person
            # From now on no job starts it again.
            self._state.stopped_by_person = True
        try:
            self._end(consented=consented)
        except ServiceError:
            with self._lock:
                self._state.stopped_by_person = before
            raise
        self.note_back()

    def pause(self, *, consented: bool) -> None:
        """Stop the program for a while: the next `start` brings it back as it was.

        Nothing happens when nothing runs here.

        Raises:
            ServiceError: it is not ours and nobody agreed, or it cannot be ended.
            StorageError: it cannot be written down that it is to come back.
        """
        with self._lock:
            managed, listener = self._state.managed, self._state.listener
            model, stays = self._state.facts.model, not self._state.for_work
        if managed is not None and is_running(managed):
            paused = PausedProgram(model, comes_back=stays)
        elif listener is not None:
            check_consent(listener, consented=consented)
            paused = PausedProgram(model, relaunch(listener, listener.name))
        else:
            return
        # Before it is ended: a crash in between must find it.
        self.note_paused(paused)
        try:
            self._end(consented=consented)
        except ServiceError:
            self.note_back()
            raise

    def note_paused(self, paused: PausedProgram) -> None:
        """Its memory is lent to others from now on.

        Raises:
            StorageError: that cannot be written down.
        """
        self._records.note(self._plan().name, paused)
        with self._lock:
            self._state.paused = paused
            self._state.problem, self._state.failed_at = None, None
        self._on_change()

    def note_back(self) -> None:
        """Its memory is its own again, or nobody wants it back."""
        with self._lock:
            paused, self._state.paused = self._state.paused, None
        if paused is not None:
            self._records.forget(self._plan().name)
            self._on_change()

    def close(self) -> None:
        """End the program of ours for good; one that was found running goes on.

        Raises:
            ServiceError: something of it still runs.
            ProgramError: one that the person had started cannot be started again.
        """
        with self._lock:
            self._closed = True
            managed, self._state.managed = self._state.managed, None
            paused = self._state.paused
        if managed is not None:
            managed.close(within_s=CLOSE_WITHIN_S)
        if paused is not None and paused.launch is not None and not self._answers(CancelToken()):
            _release(paused.launch)
        self.note_back()

    def forget_what_failed(self) -> None:
        """Why a program could not be started as it was set up before is no news any more."""
        with ExitStack() as stack:
            try:
                stack.enter_context(self._starting.taken(timeout_s=0))
            except TimeoutError:
                # Whoever starts it now looks for itself.
                return
            with self._lock:
                managed = self._state.managed
                launch = self._plan().launch
                if managed is None or is_running(managed) or managed.spec == launch:
                    return
                self._state.managed = None
            managed.close()

    def find_listener(self, address: ServerAddress | None) -> Listener | None:
        """Which program answers there, when it runs here and is not ours."""
        if address is None or not address.is_local:
            return None
        with self._lock:
            managed, known = self._state.managed, self._state.listener
        if managed is not None and is_running(managed) and address == self._own_address():
            return None
        if known is not None and known.port == address.port and known.identity.alive:
            return known
        return find_listener(address.port)

    def memory_mib(self, listener: Listener | None) -> float | None:
        """What the program takes of the computer's memory."""
        with self._lock:
            managed = self._state.managed
        if managed is not None and managed.pid is not None:
            return resident_mib(managed.pid)
        return resident_mib(listener.pid) if listener is not None else None

    def log_lines(self) -> tuple[str, ...]:
        """The last lines of the program of ours."""
        with self._lock:
            managed = self._state.managed
        return managed.log_tail() if managed is not None else ()

    def _end(self, *, consented: bool) -> None:
        """End what runs, ours or found."""
        with self._lock:
            managed, listener = self._state.managed, self._state.listener
            self._state.stopping = True
        self._on_change()
        try:
            if managed is not None and is_running(managed):
                managed.stop()
            elif listener is not None:
                self._stop_adopted(listener, consented=consented)
        finally:
            with self._lock:
                self._state.stopping = False
            self._on_change()

    def _stop_adopted(self, listener: Listener, *, consented: bool) -> None:
        check_consent(listener, consented=consented)
        # First: what nobody could start again is not ended.
        again = relaunch(listener, listener.name)
        stop_adopted(listener, consented=consented)
        with self._lock:
            # Its own command line starts it again, in the same way.
            self._state.relaunch = again
            self._state.listener = None

    def _start_theirs(self, launch: LaunchSpec, cancel: CancelToken) -> None:
        """Start what the person had started, in the same way, and wait until it is ready.

        It is theirs: it goes on when the app ends.
        """
        if self._answers(cancel):
            # Somebody was quicker: a service manager, or the person.
            return
        identity = ProcessIdentity.of(_release(launch))
        try:
            is_back = identity is not None and self._gets_ready(launch, identity, cancel)
        except Cancelled:
            if identity is not None:
                end_family(identity)
            raise
        if not is_back:
            if identity is not None:
                end_family(identity)
            raise ServiceError(MessageId.ADOPTED_NOT_BACK, program=launch.name)

    def _gets_ready(
        self, launch: LaunchSpec, identity: ProcessIdentity, cancel: CancelToken
    ) -> bool:
        give_up = time.monotonic() + patient(launch.ready_deadline_s)
        while not self._answers(cancel):
            if not identity.alive or time.monotonic() >= give_up:
                return False
            cancel.wait(POLL_S)
        return True

    def _answers(self, cancel: CancelToken) -> bool:
        try:
            self._asks.health(self._own_address(), cancel)
        except ServiceError:
            return False
        return True

    def _managed_now(self) -> ManagedService:
        """The program of ours; made anew when it doesn't run as set now, or elsewhere."""
        launch = self.launch
        with self._lock:
            current = self._state.managed
        if launch is None:
            message = self._plan().launch_problem or Message(MessageId.SERVICE_NO_LAUNCH)
            raise ServiceError(message.id, **message.params)
        if current is not None and (
            current.spec == launch or (is_running(current) and current.spec.port == launch.port)
        ):
            return current
        if current is not None:
            current.close()
        address = self._own_address()
        managed = ManagedService(
            launch,
            lambda cancel: self._asks.health(address, cancel),
            registry=self._registry,
            on_change=self._on_change,
        )
        with self._lock:
            if self._closed:
                raise ServiceError(MessageId.SERVICE_OFF)
            self._state.managed = managed
        return managed

    def _own_address(self) -> ServerAddress:
        launch = self.launch
        port = launch.port if launch is not None else None
        mine = (a for a in self._plan().addresses if a.is_local and a.port == port)
        return next(mine, None) or here(port or 0)


def _release(launch: LaunchSpec) -> int:
    return start_released(launch.argv, cwd=launch.cwd, env=launch.env or None)


def resident_mib(pid: int) -> float | None:
    """What a program and those that it started take together; None when it is gone."""
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.Error:
        return None
    return sum(_resident_bytes(member) for member in family) / MIB


def _resident_bytes(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        # It ended meanwhile.
        return 0
