"""What both services share: their addresses, the program that we may start, how they stand.

One object a service for as long as the app is open, used by pool threads. Its lock guards
values only; nothing waits or calls out while holding it.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import ServiceError, VidgenError
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.service import ServiceView
from vidgen_gui.net.address import ServerAddress
from vidgen_gui.net.endpoints import EndpointSet
from vidgen_gui.net.errors import NoEndpoint
from vidgen_gui.pipeline.paused_services import PausedProgram, PauseRecords, UnrecordedPauses
from vidgen_gui.pipeline.service_plans import ServicePlan
from vidgen_gui.pipeline.service_program import POLL_S, Asks, Guard, ServiceProgram
from vidgen_gui.pipeline.service_view import ServerFacts, ServiceStanding, build_view
from vidgen_gui.services.managed.launch import Launch
from vidgen_gui.services.managed.life import ProcessRecords
from vidgen_gui.system.patience import patient

FAILURE_KEPT_S = 10.0
"""How long work takes a failure to reach the service for granted."""
LOADING_WAIT_S = 180.0


class StandIn(ServiceError):
    """The built-in part has to do: the service is off, stopped by the person, or not there.

    ``told`` is False when that is nothing to tell: nobody ever set the service up.
    """

    def __init__(self, message: Message, *, told: bool, detail: str = "") -> None:
        super().__init__(message.id, detail=detail, **message.params)
        self.told = told


class ServiceCore:
    """Finds, starts, stops and watches one service.

    Args:
        on_change: called from any thread when `view` would look different; must be quick.
        records: where pauses are written down.
    """

    def __init__(
        self,
        plan: ServicePlan,
        asks: Asks,
        registry: ProcessRecords,
        on_change: Callable[[], None],
        records: PauseRecords | None = None,
    ) -> None:
        self._asks = asks
        self._on_change = on_change
        self._lock = threading.Lock()
        self._state = ServiceStanding()
        self._plan = plan
        self._endpoints = EndpointSet(plan.addresses, asks.health)
        self._program = ServiceProgram(
            lambda: self._plan,
            asks,
            registry,
            on_change,
            state=self._state,
            lock=self._lock,
            records=records or UnrecordedPauses(),
        )

    @property
    def plan(self) -> ServicePlan:
        return self._plan

    @property
    def is_wanted(self) -> bool:
        """Whether there is anything to try: turned on, and an address or a way to start it."""
        plan = self._plan
        return plan.enabled and bool(plan.addresses or plan.launch)

    @property
    def is_present(self) -> bool:
        """Whether it answered when it was asked last, or would be started."""
        plan = self._plan
        with self._lock:
            is_here = bool(self._state.url) or self._state.paused is not None
        return plan.enabled and (is_here or (plan.autostart and plan.launch is not None))

    @property
    def address(self) -> ServerAddress | None:
        """Where it answered when it was asked last; None when nowhere."""
        plan = self._plan
        with self._lock:
            url = self._state.url
        return next((one for one in plan.addresses if one.url == url), None)

    @property
    def paused(self) -> PausedProgram | None:
        """What lends its memory to others now."""
        with self._lock:
            return self._state.paused

    @property
    def is_busy(self) -> bool:
        """Whether it is worked with now."""
        with self._lock:
            return self._state.busy > 0

    @property
    def launch(self) -> Launch | None:
        """How the program would be started."""
        return self._program.launch

    def guard_starts(self, guard: Guard) -> None:
        """Have ``guard`` entered around each start of the program."""
        self._program.guard = guard

    def configure(self, plan: ServicePlan) -> None:
        """Use other settings from now on. A program of ours that runs goes on as it was started.

        One that listens on another port than is asked now is ended once it is needed.
        """
        if plan == self._plan:
            return
        endpoints = EndpointSet(plan.addresses, self._asks.health)
        with self._lock:
            self._plan, self._endpoints = plan, endpoints
            state = self._state
            state.failed_at, state.problem, state.checked = None, None, False
            if state.url not in {address.url for address in plan.addresses}:
                state.url, state.facts, state.listener = "", ServerFacts(), None
        self._program.forget_what_failed()
        self._on_change()

    def reach(self, cancel: CancelToken) -> ServerAddress:
        """The address to work with; starts the program when the settings allow that.

        Raises:
            StandIn: it cannot be had; the built-in part does it.
            Cancelled: the token was set meanwhile.
        """
        plan = self._plan
        with self._lock:
            state = self._state
            recent = state.failed_at is not None and time.monotonic() - state.failed_at < patient(
                FAILURE_KEPT_S
            )
            problem, stopped = state.problem, state.stopped_by_person
            # What was running goes on with its work, whatever the settings say about starting.
            may_start = (plan.autostart and not stopped) or state.paused is not None
        if not self.is_wanted:
            off = Message(MessageId.SERVICE_OFF)
            told = plan.enabled and plan.launch_problem is not None
            raise StandIn((told and plan.launch_problem) or off, told=told)
        if recent and problem is not None:
            raise StandIn(problem, told=plan.is_configured)
        try:
            return self._reach(plan, cancel, may_start=may_start)
        except VidgenError as error:
            with self._lock:
                self._state.failed_at = time.monotonic()
                self._state.problem = error.message
            self._on_change()
            raise StandIn(error.message, told=plan.is_configured, detail=str(error)) from error

    def _reach(self, plan: ServicePlan, cancel: CancelToken, *, may_start: bool) -> ServerAddress:
        try:
            address = self._choose(cancel)
        except NoEndpoint:
            if plan.launch is None and plan.launch_problem is not None:
                # More use than that nothing answers.
                problem = plan.launch_problem
                raise ServiceError(problem.id, **problem.params) from None
            if not may_start or self._program.launch is None:
                raise
            self._program.start(cancel, for_work=True)
            self.check(cancel)
            address = self._endpoints.choose(cancel)
        self._note_reached(address)
        return address

    def _choose(self, cancel: CancelToken) -> ServerAddress:
        """An address that can be used; a server that is still loading is waited for."""
        give_up = time.monotonic() + patient(LOADING_WAIT_S)
        while True:
            try:
                return self._endpoints.choose(cancel)
            except NoEndpoint as error:
                passing = any(self._asks.is_passing(reason) for _, reason in error.attempts)
                if not passing or time.monotonic() >= give_up:
                    raise
            cancel.wait(POLL_S)

    def start(self, cancel: CancelToken) -> None:
        """Start the program and wait until it can work; one that runs already is left alone.

        Raises:
            ServiceError: it cannot be started, or did not get ready in time.
        """
        self._program.start(cancel, for_work=False)
        self.check(cancel)

    def stop(self, *, consented: bool = False) -> None:
        """Stop the program; it isn't started again before the person says so.

        Args:
            consented: the person agreed to end a program that we only found running.

        Raises:
            ServiceError: it is not ours and nobody agreed, or it cannot be ended.
        """
        self._program.stop(consented=consented)
        self.check(CancelToken())

    def pause(self, *, consented: bool = False) -> None:
        """Stop the program for a while; `reach` and `start` bring it back as it was.

        Args:
            consented: the person allowed to end a program that we only found running.

        Raises:
            ServiceError: it is not ours and nobody agreed, or it cannot be ended.
            StorageError: it cannot be written down that it is to come back.
        """
        self._program.pause(consented=consented)
        # Other addresses that are dead must not hold up whoever waits for the memory.
        self.check(CancelToken(), background=True)

    def note_paused(self, paused: PausedProgram) -> None:
        """It lends its memory to others: to be known before it does.

        Raises:
            StorageError: that cannot be written down.
        """
        self._program.note_paused(paused)

    def take_over(self, paused: PausedProgram) -> None:
        """An app that is gone left it paused. What was there for its work alone is forgotten."""
        is_known = paused.unloaded or paused.launch is not None or self.launch is not None
        self._program.note_paused(paused)
        if not (is_known and paused.comes_back):
            self._program.note_back()

    def note_back(self) -> None:
        """It has its memory again, or nobody wants it back."""
        self._program.note_back()

    def note_for_work(self) -> None:
        """It came into memory for the jobs at hand."""
        with self._lock:
            self._state.for_work = True

    @property
    def is_for_work(self) -> bool:
        """Whether it came into memory for the jobs at hand alone."""
        with self._lock:
            return self._state.for_work

    def note_work_over(self) -> None:
        """From now on it counts as what was there before the next jobs."""
        with self._lock:
            self._state.for_work = False

    def restart(self, cancel: CancelToken, *, consented: bool = False) -> None:
        """Stop and start."""
        self.stop(consented=consented)
        self.start(cancel)

    def look(self, cancel: CancelToken, *, within_s: float) -> None:
        """Be sure to know how it stands, as of at most ``within_s`` ago."""
        with self._lock:
            asked_at = self._state.checked_at
        if self.is_wanted and (asked_at is None or time.monotonic() - asked_at > within_s):
            self.check(cancel)

    def check(self, cancel: CancelToken, *, background: bool = False) -> None:
        """Ask every address how it is, and what its server offers. Never raises `ServiceError`.

        Args:
            background: nobody waits for it: addresses that failed often are left alone.
        """
        plan, endpoints = self._plan, self._endpoints
        if not plan.enabled:
            return
        endpoints.check_all(cancel, background=background)
        healthy = next((view.url for view in endpoints.views() if view.healthy), "")
        facts = ServerFacts()
        address = next((a for a in plan.addresses if a.url == healthy), None)
        if address is not None:
            try:
                facts = self._asks.facts(address, cancel)
            except ServiceError as error:
                facts = ServerFacts(problem=error.message)
        listener = self._program.find_listener(address)
        memory_mib = self._program.memory_mib(listener)
        with self._lock:
            if plan is not self._plan:
                return
            state = self._state
            state.url, state.facts, state.checked, state.listener = healthy, facts, True, listener
            state.memory_mib, state.checked_at = memory_mib, time.monotonic()
            if address is not None:
                state.problem, state.failed_at = None, None
        self._on_change()

    def _note_reached(self, address: ServerAddress) -> None:
        with self._lock:
            changed = self._state.url != address.url
            self._state.url = address.url
            self._state.problem, self._state.failed_at = None, None
        if changed:
            self._on_change()

    def note_failure(self, address: ServerAddress, error: ServiceError) -> None:
        """An address failed while it was worked with."""
        self._endpoints.failed(address, error)

    @contextmanager
    def busy(self) -> Iterator[None]:
        """While inside, the panel says that the service works."""
        with self._lock:
            self._state.busy += 1
        self._on_change()
        try:
            yield
        finally:
            with self._lock:
                self._state.busy -= 1
            self._on_change()

    def log_lines(self) -> tuple[str, ...]:
        """The last lines of the program of ours."""
        return self._program.log_lines()

    def view(self) -> ServiceView:
        """How the service stands, for the panel."""
        with self._lock:
            state = replace(self._state)
        return build_view(self._plan, state, self._endpoints.views())

    def close(self) -> None:
        """End the program of ours; one that was found running goes on.

        Raises:
            ServiceError: something of it still runs.
        """
        self._program.close()
