"""ComfyUI's websocket messages as values; parsing only, nothing is decided here.

Everything unknown, malformed or too large parses to None, so that servers newer than this file
and broken ones are survived. Sources: ComfyUI ``server.py`` and ``execution.py`` (event names),
``protocol.py`` (binary events, big-endian).
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

from vidgen_gui.services.comfyui import untrusted

MAX_PREVIEW_BYTES = 1 << 20
"""Larger previews are dropped: they are only looked at in passing."""
_MOST_NODES = 4096
_MOST_FILES = 64
_MOST_METADATA_BYTES = 1 << 16
_IMAGE_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_PREVIEW, _PREVIEW_WITH_METADATA = 1, 4


@dataclass(frozen=True, slots=True)
class Greeting:
    """``status``: the server knows us, and this much waits in its queue."""

    waiting: int | None = None


@dataclass(frozen=True, slots=True)
class Started:
    prompt_id: str


@dataclass(frozen=True, slots=True)
class Cached:
    """These nodes' results are still known and are not computed again."""

    prompt_id: str
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Executing:
    """The node that is computed now. None: the server is done with the prompt, well or not."""

    prompt_id: str | None
    node: str | None


@dataclass(frozen=True, slots=True)
class NodeState:
    """How far a node is: ``done`` of ``total`` steps of its own."""

    node: str
    done: float
    total: float
    finished: bool = False


@dataclass(frozen=True, slots=True)
class NodeProgress:
    """Some nodes' states. Older servers name neither prompt nor node."""

    prompt_id: str | None
    states: tuple[NodeState, ...]


@dataclass(frozen=True, slots=True)
class ServerFile:
    """A file as the server names it. Never a path of ours: only handed back in a query."""

    filename: str
    subfolder: str
    type: str

    def query(self) -> dict[str, str]:
        return {"filename": self.filename, "subfolder": self.subfolder, "type": self.type}


@dataclass(frozen=True, slots=True)
class Executed:
    """An output node finished and wrote these files."""

    prompt_id: str
    node: str
    files: tuple[ServerFile, ...]


@dataclass(frozen=True, slots=True)
class Succeeded:
    prompt_id: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A node raised; the texts are cleaned and cut. ``trace`` is the end of its traceback."""

    prompt_id: str
    node: str
    node_type: str
    exception_type: str
    words: str
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Interrupted:
    prompt_id: str
    node: str
    node_type: str


@dataclass(frozen=True, slots=True)
class Preview:
    """How the picture looks by now, JPEG or PNG. Older servers name no prompt."""

    image: bytes
    prompt_id: str | None = None


ServerMessage: TypeAlias = (
    Greeting
    | Started
    | Cached
    | Executing
    | NodeProgress
    | Executed
    | Succeeded
    | Failed
    | Interrupted
    | Preview
)


def parse(frame: str | bytes) -> ServerMessage | None:
    """Read one websocket frame; None for everything that isn't known or isn't right."""
    if isinstance(frame, bytes):
        return _parse_binary(frame)
    message = untrusted.mapping(untrusted.loads(frame))
    return parse_event(message.get("type"), message.get("data"))


def parse_event(kind: Any, data: Any) -> ServerMessage | None:
    """Read an event by name, as the socket and the history both hold them."""
    parser = _PARSERS.get(kind) if isinstance(kind, str) else None
    if parser is None or not isinstance(data, Mapping):
        return None
    return parser(data)


def files_of(output: Any) -> tuple[ServerFile, ...]:
    """The pictures in an output node's result."""
    files = []
    for item in untrusted.items(untrusted.mapping(output).get("images"), _MOST_FILES):
        entry = untrusted.mapping(item)
        names = [untrusted.exact(entry.get(key, "")) for key in ("filename", "subfolder", "type")]
        filename, subfolder, kind = names
        if filename and subfolder is not None and kind is not None:
            files.append(ServerFile(filename, subfolder, kind or "output"))
    return tuple(files)


def _prompt_id(data: Mapping[str, Any]) -> str | None:
    return untrusted.exact(data.get("prompt_id"))


def _greeting(data: Mapping[str, Any]) -> Greeting:
    info = untrusted.mapping(untrusted.mapping(data.get("status")).get("exec_info"))
    waiting = untrusted.number(info.get("queue_remaining"))
    return Greeting(None if waiting is None else int(waiting))


def _started(data: Mapping[str, Any]) -> Started | None:
    prompt_id = _prompt_id(data)
    return None if prompt_id is None else Started(prompt_id)


def _cached(data: Mapping[str, Any]) -> Cached | None:
    prompt_id = _prompt_id(data)
    if prompt_id is None:
        return None
    ids = (untrusted.node_id(node) for node in untrusted.items(data.get("nodes"), _MOST_NODES))
    return Cached(prompt_id, tuple(node for node in ids if node is not None))


def _executing(data: Mapping[str, Any]) -> Executing | None:
    node = data.get("node")
    if node is None:
        return Executing(_prompt_id(data), None) if "node" in data else None
    known = untrusted.node_id(node)
    return None if known is None else Executing(_prompt_id(data), known)


def _state(node: Any, entry: Mapping[str, Any]) -> NodeState | None:
    known = untrusted.node_id(node)
    done, total = (untrusted.number(entry.get(key)) for key in ("value", "max"))
    if known is None or done is None or total is None or total <= 0:
        return None
    return NodeState(known, min(max(done, 0.0), total), total, entry.get("state") == "finished")


def _progress(data: Mapping[str, Any]) -> NodeProgress | None:
    state = _state(data.get("node", ""), data)
    return None if state is None else NodeProgress(_prompt_id(data), (state,))


def _progress_state(data: Mapping[str, Any]) -> NodeProgress | None:
    prompt_id = _prompt_id(data)
    nodes = list(untrusted.mapping(data.get("nodes")).items())[:_MOST_NODES]
    states = [_state(node, untrusted.mapping(entry)) for node, entry in nodes]
    known = tuple(state for state in states if state is not None)
    return NodeProgress(prompt_id, known) if prompt_id is not None and known else None


def _executed(data: Mapping[str, Any]) -> Executed | None:
    prompt_id, node = _prompt_id(data), untrusted.node_id(data.get("node"))
    if prompt_id is None or node is None:
        return None
    return Executed(prompt_id, node, files_of(data.get("output")))


def _succeeded(data: Mapping[str, Any]) -> Succeeded | None:
    prompt_id = _prompt_id(data)
    return None if prompt_id is None else Succeeded(prompt_id)


def _failed(data: Mapping[str, Any]) -> Failed | None:
    prompt_id = _prompt_id(data)
    if prompt_id is None:
        return None
    trace = [line for line in untrusted.items(data.get("traceback"), 200) if isinstance(line, str)]
    return Failed(
        prompt_id,
        node=untrusted.words(data.get("node_id")),
        node_type=untrusted.words(data.get("node_type")),
        exception_type=untrusted.words(data.get("exception_type")),
        words=untrusted.words(data.get("exception_message"), untrusted.DETAIL_LIMIT),
        trace=untrusted.words(" | ".join(trace[-3:]), untrusted.DETAIL_LIMIT),
    )


def _interrupted(data: Mapping[str, Any]) -> Interrupted | None:
    prompt_id = _prompt_id(data)
    if prompt_id is None:
        return None
    return Interrupted(
        prompt_id, untrusted.words(data.get("node_id")), untrusted.words(data.get("node_type"))
    )


_PARSERS: Mapping[str, Callable[[Mapping[str, Any]], ServerMessage | None]] = MappingProxyType(
    {
        "status": _greeting,
        "execution_start": _started,
        "execution_cached": _cached,
        "executing": _executing,
        "progress": _progress,
        "progress_state": _progress_state,
        "executed": _executed,
        "execution_success": _succeeded,
        "execution_error": _failed,
        "execution_interrupted": _interrupted,
    }
)


def _parse_binary(frame: bytes) -> Preview | None:
    """Event 1: u32 image kind, image. Event 4: u32 length, that much JSON, image."""
    if len(frame) < 8:
        return None
    event, second = struct.unpack_from(">II", frame)
    if event == _PREVIEW:
        return _preview(frame[8 : 9 + MAX_PREVIEW_BYTES], None)
    if event == _PREVIEW_WITH_METADATA and second <= min(_MOST_METADATA_BYTES, len(frame) - 8):
        metadata = untrusted.mapping(untrusted.loads(frame[8 : 8 + second]))
        image = frame[8 + second : 9 + second + MAX_PREVIEW_BYTES]
        return _preview(image, _prompt_id(metadata))
    return None


def _preview(image: bytes, prompt_id: str | None) -> Preview | None:
    if len(image) > MAX_PREVIEW_BYTES or not image.startswith(_IMAGE_STARTS):
        return None
    return Preview(image, prompt_id)
