"""From what is known about a service to what the panel shows."""

from dataclasses import dataclass, field

from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.service import (
    EndpointView,
    Ownership,
    ServiceKind,
    ServiceName,
    ServiceState,
    ServiceView,
)
from vidgen_gui.pipeline.paused_services import PausedProgram
from vidgen_gui.pipeline.service_plans import ServicePlan
from vidgen_gui.services.managed.adopt import Listener
from vidgen_gui.services.managed.launch import Launch
from vidgen_gui.services.managed.redaction import shown_command
from vidgen_gui.services.managed.service import ManagedService

_HOW_TO_GET = {
    ServiceName.SCRIPT_WRITER: MessageId.SERVICE_GET_LLM,
    ServiceName.IMAGE_MAKER: MessageId.SERVICE_GET_COMFYUI,
}


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What a server said about itself when it was asked last."""

    kind: ServiceKind | None = None
    model: str = ""
    models: tuple[str, ...] = ()
    context_tokens: int | None = None
    version: str = ""
    problem: Message | None = None
    loaded: bool = True


@dataclass(slots=True)
class ServiceStanding:
    """How a service stands. ``failed_at`` and ``checked_at`` are on the monotonic clock.

    ``url`` is the address in use, "" when none answers; ``listener`` the program behind it that
    we only found; ``relaunch`` starts one again that the person let us stop; ``paused`` is set
    while its memory is lent to others; ``for_work`` when it was started for the jobs at hand.
    """

    url: str = ""
    facts: ServerFacts = field(default_factory=ServerFacts)
    checked: bool = False
    checked_at: float | None = None
    busy: int = 0
    stopping: bool = False
    stopped_by_person: bool = False
    problem: Message | None = None
    failed_at: float | None = None
    listener: Listener | None = None
    managed: ManagedService | None = None
    relaunch: Launch | None = None
    paused: PausedProgram | None = None
    for_work: bool = False
    memory_mib: float | None = None


def is_running(managed: ManagedService) -> bool:
    """Whether there is a process, ready or not."""
    return managed.pid is not None or managed.state is ServiceState.STARTING


def build_view(
    plan: ServicePlan, standing: ServiceStanding, endpoints: tuple[EndpointView, ...]
) -> ServiceView:
    """Put together what is known; asks nobody."""
    managed = standing.managed if standing.managed and is_running(standing.managed) else None
    listener = standing.listener if managed is None else None
    pid = managed.pid if managed else listener.pid if listener else None
    started_at = managed.started_at if managed else listener.started_at if listener else None
    lent = standing.paused.launch if standing.paused is not None else None
    launch = lent or plan.launch or standing.relaunch
    state = _state(plan, standing, managed, endpoints)
    command = _command(managed, listener, launch)
    ownership = _ownership(standing, managed, listener)
    running = managed is not None or bool(standing.url)
    can_start = launch is not None and not running
    can_stop = managed is not None or listener is not None
    if running and standing.facts.kind is ServiceKind.OLLAMA:
        # Its program goes on for other users; the model is what comes and goes.
        can_start = bool(standing.facts.model) and not standing.facts.loaded
        can_stop = standing.facts.loaded
    return ServiceView(
        name=plan.name,
        state=state,
        kind=standing.facts.kind,
        ownership=ownership,
        detail=_detail(plan, standing, state, endpoints),
        endpoints=endpoints,
        url=standing.url,
        pid=pid,
        started_at=started_at,
        memory_mib=standing.memory_mib,
        model=standing.facts.model or (standing.paused.model if standing.paused else ""),
        models=standing.facts.models,
        context_tokens=standing.facts.context_tokens,
        version=standing.facts.version,
        command=command,
        can_start=can_start,
        can_stop=can_stop,
    )


def _state(
    plan: ServicePlan,
    standing: ServiceStanding,
    managed: ManagedService | None,
    endpoints: tuple[EndpointView, ...],
) -> ServiceState:
    if not plan.enabled:
        return ServiceState.STOPPED
    if standing.stopping:
        return ServiceState.STOPPING
    if managed is not None and managed.state is not ServiceState.READY:
        return managed.state
    if not standing.url and managed is None:
        return _absent_state(plan, standing)
    return _present_state(standing, endpoints)


def _present_state(standing: ServiceStanding, endpoints: tuple[EndpointView, ...]) -> ServiceState:
    if standing.busy:
        return ServiceState.BUSY
    if standing.paused is not None and standing.paused.unloaded:
        return ServiceState.PAUSED
    hangs = not standing.url and _hangs(endpoints)
    return ServiceState.UNHEALTHY if hangs else ServiceState.READY


def _hangs(endpoints: tuple[EndpointView, ...]) -> bool:
    """Whether something is there that takes connections and doesn't answer."""
    problems = (view.problem for view in endpoints if view.problem is not None)
    return any(problem.id is MessageId.SERVER_TOO_SLOW for problem in problems)


def _absent_state(plan: ServicePlan, standing: ServiceStanding) -> ServiceState:
    crashed = standing.managed is not None and standing.managed.state is ServiceState.UNHEALTHY
    if standing.paused is not None and not crashed:
        return ServiceState.PAUSED
    has_launch = plan.launch is not None or standing.relaunch is not None
    if not standing.checked:
        return ServiceState.UNKNOWN
    if not crashed and has_launch:
        return ServiceState.STOPPED
    return ServiceState.UNHEALTHY if crashed or plan.is_configured else ServiceState.NOT_FOUND


def _detail(
    plan: ServicePlan,
    standing: ServiceStanding,
    state: ServiceState,
    endpoints: tuple[EndpointView, ...],
) -> Message | None:
    """What it waits for, why it is unwell, or how to get it."""
    if not plan.enabled:
        return Message(MessageId.SERVICE_TURNED_OFF)
    if standing.managed is not None and standing.managed.detail is not None:
        return standing.managed.detail
    told = {
        ServiceState.NOT_FOUND: Message(_HOW_TO_GET[plan.name]),
        ServiceState.UNHEALTHY: (
            standing.problem or plan.launch_problem or _why_none_will_do(endpoints)
        ),
        ServiceState.STOPPED: None if standing.stopped_by_person else standing.problem,
        ServiceState.PAUSED: Message(MessageId.SERVICE_LENDS_MEMORY),
        ServiceState.READY: standing.facts.problem,
        ServiceState.BUSY: standing.facts.problem,
    }
    return told.get(state)


def _why_none_will_do(endpoints: tuple[EndpointView, ...]) -> Message:
    """What answers wrongly is told before what doesn't answer."""
    problems = (view.problem for view in endpoints if view.problem is not None)
    wrong = (one for one in problems if one.id is not MessageId.SERVER_UNREACHABLE)
    return next(wrong, Message(MessageId.SERVICE_SILENT))


def _ownership(
    standing: ServiceStanding, managed: ManagedService | None, listener: Listener | None
) -> Ownership:
    if managed is not None:
        return Ownership.MANAGED
    if listener is not None:
        return Ownership.ADOPTED
    return Ownership.REMOTE if standing.url else Ownership.NONE


def _command(
    managed: ManagedService | None, listener: Listener | None, launch: Launch | None
) -> tuple[str, ...]:
    if managed is not None:
        return managed.command
    if listener is not None:
        return shown_command(listener.argv)
    return shown_command(launch.argv) if launch is not None else ()
