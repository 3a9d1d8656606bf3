"""The programs we speak to, as values: what one is doing, where it is, what it can be told."""

from dataclasses import dataclass
from enum import StrEnum

from vidgen_gui.core.messages import Message


class ServiceName(StrEnum):
    """The two programs that make scripts and pictures better when they are there."""

    SCRIPT_WRITER = "script-writer"
    IMAGE_MAKER = "image-maker"


class ServiceKind(StrEnum):
    """Which program answers."""

    LLAMA_SERVER = "llama-server"
    OLLAMA = "ollama"
    OPENAI = "openai"
    COMFYUI = "comfyui"


class ServiceState(StrEnum):
    """What the panel's dot and word say."""

    UNKNOWN = "unknown"
    NOT_FOUND = "not-found"
    STOPPED = "stopped"
    STARTING = "starting"
    READY = "ready"
    BUSY = "busy"
    PAUSED = "paused"
    STOPPING = "stopping"
    UNHEALTHY = "unhealthy"


class Ownership(StrEnum):
    """Who answers for the process: we started it, we found it, or it runs elsewhere."""

    NONE = "none"
    MANAGED = "managed"
    ADOPTED = "adopted"
    REMOTE = "remote"


@dataclass(frozen=True, slots=True)
class EndpointView:
    """One address of a service as it stands.

    ``latency_s`` is the last good answer's; ``blocked_s`` is how much longer the address is left
    alone after repeated failures; ``problem`` is why the last try failed.
    """

    url: str
    healthy: bool | None = None
    latency_s: float | None = None
    blocked_s: float = 0.0
    problem: Message | None = None


@dataclass(frozen=True, slots=True)
class ServiceView:
    """A service as the panel shows it.

    ``detail`` says what it waits for, why it is unwell or how to get it. ``memory_mib`` is the
    process's resident memory. ``started_at`` is in Unix seconds. ``models`` are what the server
    offers, ``model`` the one in use. ``command`` is the line it is, or would be, started with.
    """

    name: ServiceName
    state: ServiceState = ServiceState.UNKNOWN
    kind: ServiceKind | None = None
    ownership: Ownership = Ownership.NONE
    detail: Message | None = None
    endpoints: tuple[EndpointView, ...] = ()
    url: str = ""
    pid: int | None = None
    started_at: float | None = None
    memory_mib: float | None = None
    model: str = ""
    models: tuple[str, ...] = ()
    context_tokens: int | None = None
    version: str = ""
    command: tuple[str, ...] = ()
    can_start: bool = False
    can_stop: bool = False
