"""Words about services: what they are called, how they stand, what stands in for them.

Also which settings are about which service. No widgets here. Sentences that come with a `Message`
are made in `words`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from PySide6.QtCore import QCoreApplication

from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.service import (
    EndpointView,
    Ownership,
    ServiceKind,
    ServiceName,
    ServiceState,
    ServiceView,
)
from vidgen_gui.core.text import graphemes
from vidgen_gui.ui import labels, words
from vidgen_gui.ui.marks import QT_TRANSLATE_NOOP

MAX_NAME = 120
"""Graphemes of a name from a server that are ever shown in one line."""

SETTINGS_OF: Mapping[ServiceName, str] = MappingProxyType(
    {ServiceName.SCRIPT_WRITER: "script_writer", ServiceName.IMAGE_MAKER: "image_maker"}
)
"""The group of settings about each service."""

_NAMES = {
    ServiceName.SCRIPT_WRITER: QT_TRANSLATE_NOOP("services", "Script writer"),
    ServiceName.IMAGE_MAKER: QT_TRANSLATE_NOOP("services", "Image maker"),
}
_STAND_INS = {
    ServiceName.SCRIPT_WRITER: QT_TRANSLATE_NOOP("services", "built-in writer"),
    ServiceName.IMAGE_MAKER: QT_TRANSLATE_NOOP("services", "built-in painter"),
}
_STANDS_IN = {
    ServiceName.SCRIPT_WRITER: QT_TRANSLATE_NOOP(
        "services", "Meanwhile the built-in writer writes."
    ),
    ServiceName.IMAGE_MAKER: QT_TRANSLATE_NOOP(
        "services", "Meanwhile the built-in painter paints."
    ),
}
_SWITCHED_OFF = {
    ServiceName.SCRIPT_WRITER: QT_TRANSLATE_NOOP("services", "The built-in writer writes."),
    ServiceName.IMAGE_MAKER: QT_TRANSLATE_NOOP("services", "The built-in painter paints."),
}
_KINDS = {
    ServiceKind.LLAMA_SERVER: "llama-server",
    ServiceKind.OLLAMA: "Ollama",
    ServiceKind.COMFYUI: "ComfyUI",
    ServiceKind.OPENAI: QT_TRANSLATE_NOOP("services", "OpenAI-compatible server"),
}
_STATES = {
    ServiceState.UNKNOWN: QT_TRANSLATE_NOOP("services", "Looking for it…"),
    ServiceState.NOT_FOUND: QT_TRANSLATE_NOOP("services", "Not found"),
    ServiceState.STOPPED: QT_TRANSLATE_NOOP("services", "Stopped"),
    ServiceState.STARTING: QT_TRANSLATE_NOOP("services", "Starting"),
    ServiceState.READY: QT_TRANSLATE_NOOP("services", "Ready"),
    ServiceState.BUSY: QT_TRANSLATE_NOOP("services", "Busy"),
    ServiceState.PAUSED: QT_TRANSLATE_NOOP("services", "Paused"),
    ServiceState.STOPPING: QT_TRANSLATE_NOOP("services", "Stopping"),
    ServiceState.UNHEALTHY: QT_TRANSLATE_NOOP("services", "Unhealthy"),
}
_PAUSED_FOR_IMAGES = QT_TRANSLATE_NOOP("services", "Paused for images")
_OWNERS = {
    Ownership.NONE: "",
    Ownership.MANAGED: "",
    Ownership.ADOPTED: QT_TRANSLATE_NOOP("services", "found running"),
    Ownership.REMOTE: QT_TRANSLATE_NOOP("services", "elsewhere"),
}
_HOW_TO_GET = {
    ServiceName.SCRIPT_WRITER: QT_TRANSLATE_NOOP(
        "services",
        "Install Ollama, or llama.cpp with a model file (GGUF), to have scripts written by a "
        "language model.",
    ),
    ServiceName.IMAGE_MAKER: QT_TRANSLATE_NOOP(
        "services",
        "Install ComfyUI and put a checkpoint (SD 1.5 or SDXL) into it to have pictures made by "
        "an image model.",
    ),
}

_NAME_THE_STAND_IN = frozenset({MessageId.SERVICE_GET_LLM, MessageId.SERVICE_GET_COMFYUI})
USABLE = frozenset({ServiceState.READY, ServiceState.BUSY})
RUNNING = USABLE | {ServiceState.UNHEALTHY}


def _tr(text: str) -> str:
    return QCoreApplication.translate("services", text) if text else ""


def service_name(name: ServiceName) -> str:
    return _tr(_NAMES[name])


def stand_in_name(name: ServiceName) -> str:
    """The built-in part that works when the service doesn't."""
    return _tr(_STAND_INS[name])


def kind_name(kind: ServiceKind | None) -> str:
    """The program's name; empty when it isn't known."""
    return _tr(_KINDS[kind]) if kind is not None else ""


def state_name(view: ServiceView) -> str:
    """The state in words."""
    if view.state is ServiceState.PAUSED and view.name is ServiceName.SCRIPT_WRITER:
        return _tr(_PAUSED_FOR_IMAGES)
    return _tr(_STATES[view.state])


def owner_name(view: ServiceView) -> str:
    """What marks a program that VidGen did not start; empty for one of its own."""
    return _tr(_OWNERS[view.ownership])


def how_to_get(name: ServiceName) -> str:
    """What to do where the program is not installed."""
    return _tr(_HOW_TO_GET[name])


def stand_in_line(view: ServiceView, *, enabled: bool, autostart: bool) -> str:
    """Who does the work now, when the service doesn't; empty when it does."""
    if not enabled:
        return _tr(_SWITCHED_OFF[view.name])
    if view.state is ServiceState.PAUSED and view.detail is None:
        return _tr("Comes back by itself when a script needs it.")
    if view.state is ServiceState.STOPPED and view.can_start and autostart:
        return _tr("Starts by itself when a video needs it.")
    if view.detail is not None and view.detail.id in _NAME_THE_STAND_IN:
        return ""
    if view.state in (ServiceState.NOT_FOUND, ServiceState.STOPPED, ServiceState.UNHEALTHY):
        return _tr(_STANDS_IN[view.name])
    return ""


def one_line(text: str, limit: int = MAX_NAME) -> str:
    """Somebody else's text, fit to stand in one line: bounded, without line ends."""
    parts = graphemes(" ".join(text[: 8 * limit].split()))
    cut = len(parts) > limit or len(text) > 8 * limit
    return "".join(parts[: limit - 1]).rstrip() + "…" if cut else "".join(parts)


def short_url(url: str) -> str:
    """An address without what every address here begins with."""
    return one_line(url).removeprefix("http://").rstrip("/")


def memory_text(view: ServiceView) -> str:
    return labels.size_mib(view.memory_mib) if view.memory_mib is not None else ""


def uptime_text(view: ServiceView, now_unix_s: float) -> str:
    """How long it has been running, in whole minutes after the first; empty when not known."""
    if view.started_at is None or view.state not in RUNNING:
        return ""
    running_s = now_unix_s - view.started_at
    if running_s < 0:
        return ""
    whole_s = running_s if running_s < 60 else running_s - running_s % 60
    return _tr("up {time}").format(time=labels.duration(whole_s))


def latency_text(endpoint: EndpointView) -> str:
    """How fast an address answered last; empty when it did not."""
    if endpoint.latency_s is None:
        return ""
    return labels.milliseconds(endpoint.latency_s)


def endpoint_state(endpoint: EndpointView | None) -> tuple[str, str]:
    """A word and its tone about an address."""
    if endpoint is None or endpoint.healthy is None:
        return _tr("Not checked"), "muted"
    if endpoint.healthy:
        return _tr("Answers"), "done"
    return _tr("No answer"), "failed"


def endpoint_problem(endpoint: EndpointView) -> str:
    """Why an address does not answer, and how long it is left alone."""
    parts = []
    if endpoint.problem is not None:
        parts.append(words.sentence(endpoint.problem))
    if endpoint.blocked_s >= 1:
        wait = labels.duration(endpoint.blocked_s)
        parts.append(_tr("Left alone for another {time}.").format(time=wait))
    return " ".join(parts)
