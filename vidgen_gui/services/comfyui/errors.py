"""What can go wrong at a ComfyUI server, as distinct types; the words come from the server.

::

    ServiceError
    └── ComfyError
        ├── NotComfyUI          something else answers at this address
        ├── ValidationFailed    the graph is refused: which input, what is allowed
        │   └── MissingCheckpoint   the model file is not on the server
        ├── MissingNode         the server doesn't have a kind of node
        ├── ExecutionFailed     a node raised
        │   ├── OutOfGpuMemory
        │   └── OutOfRam
        ├── InterruptedByOther  somebody else stopped our prompt
        ├── ServerGone          the server ended, or lost the prompt in a restart
        ├── StepTooSlow         a step takes many times as long as it should
        ├── DeadlinePassed      no picture in the time that there was
        └── PictureUnusable     what was delivered is no picture of the wanted kind
"""

from dataclasses import dataclass

from vidgen_gui.core.errors import ServiceError
from vidgen_gui.core.messages import MessageId

_ALLOWED_SHOWN = 8


@dataclass(frozen=True, slots=True)
class NodeProblem:
    """One reason why the server refuses a graph.

    ``kind`` is the server's own name of it (``value_not_in_list``); ``allowed`` are the values
    that it would take, or its bounds as one text (``"1 … 10000"``); ``words`` are the server's.
    ``outputs`` are the output nodes that are lost by it.
    """

    node_id: str
    node_type: str
    kind: str
    input: str
    given: str
    allowed: tuple[str, ...]
    words: str
    outputs: tuple[str, ...] = ()


class ComfyError(ServiceError):
    """A ComfyUI server refused, failed or vanished."""


class NotComfyUI(ComfyError):
    """What answers doesn't speak as ComfyUI does."""

    def __init__(self, url: str, detail: str = "") -> None:
        super().__init__(MessageId.COMFY_NOT_COMFYUI, detail=detail, url=url)


class ValidationFailed(ComfyError):
    """The server refuses the graph; ``problems`` say which inputs and what is allowed.

    Without problems it is the graph as a whole (no output node, say), and ``words`` say why.
    """

    input_message_id = MessageId.COMFY_INPUT_REFUSED

    def __init__(
        self, problems: tuple[NodeProblem, ...], words: str = "", *, detail: str = ""
    ) -> None:
        self.problems = problems
        if not problems:
            super().__init__(MessageId.COMFY_GRAPH_REFUSED, detail=detail, words=words)
            return
        first = problems[0]
        super().__init__(
            self.input_message_id,
            detail=detail,
            words=first.words,
            node=first.node_id,
            node_type=first.node_type,
            input=first.input,
            given=first.given,
            allowed=_shown(first.allowed),
        )


class MissingCheckpoint(ValidationFailed):
    """The model file that the graph names is not on the server; ``allowed`` lists what is."""

    input_message_id = MessageId.COMFY_CHECKPOINT_MISSING

    @property
    def allowed(self) -> tuple[str, ...]:
        return self.problems[0].allowed


class NoCheckpoint(MissingCheckpoint):
    """The server has no model file at all."""

    input_message_id = MessageId.COMFY_CHECKPOINT_NONE


class MissingNode(ComfyError):
    """The server doesn't know the node ``class_type``: too old, or an extension is missing."""

    def __init__(self, class_type: str, node_id: str = "", *, words: str = "") -> None:
        self.class_type = class_type
        self.node_id = node_id
        super().__init__(
            MessageId.COMFY_NODE_MISSING, detail=words, node_type=class_type, node=node_id
        )


class ExecutionFailed(ComfyError):
    """A node raised while the picture was made. ``words`` are the server's, cleaned and cut."""

    message_id = MessageId.COMFY_FAILED

    def __init__(self, node_id: str, node_type: str, words: str, *, detail: str = "") -> None:
        self.node_id = node_id
        self.node_type = node_type
        self.words = words
        super().__init__(
            self.message_id, detail=detail, node=node_id, node_type=node_type, words=words
        )


class OutOfGpuMemory(ExecutionFailed):
    """The graphics card's memory was not enough for this graph; a smaller one may fit."""

    message_id = MessageId.COMFY_OUT_OF_GPU_MEMORY


class OutOfRam(ExecutionFailed):
    """The computer's memory was not enough for this graph."""

    message_id = MessageId.COMFY_OUT_OF_RAM


class InterruptedByOther(ComfyError):
    """Somebody stopped or removed our prompt at the server; it wasn't us."""

    def __init__(self, node_id: str = "", node_type: str = "") -> None:
        self.node_id = node_id
        self.node_type = node_type
        super().__init__(MessageId.COMFY_INTERRUPTED, node=node_id, node_type=node_type)


class ServerGone(ComfyError):
    """The server ended while it had our prompt, or came back without it."""

    def __init__(self, url: str, *, detail: str = "") -> None:
        super().__init__(MessageId.COMFY_GONE, detail=detail, url=url)


class DeadlinePassed(ComfyError):
    """There was no picture within ``after_s`` seconds, all waiting and retrying included."""

    def __init__(self, url: str, after_s: float, *, detail: str = "") -> None:
        self.after_s = after_s
        super().__init__(
            MessageId.COMFY_TOO_LATE, detail=detail, url=url, after_s=max(1, round(after_s))
        )


class StepTooSlow(ComfyError):
    """A step takes far too long: mostly memory that the driver lends from the computer's own."""

    def __init__(self, after_s: float, *, detail: str = "") -> None:
        self.after_s = after_s
        super().__init__(
            MessageId.COMFY_STEP_TOO_SLOW, detail=detail, after_s=max(1, round(after_s))
        )


class PictureUnusable(ComfyError):
    """What came is damaged, too large, of another size, or shows nothing.

    ``damaged``: it may be whole when it is fetched again.
    """

    def __init__(self, words: str, *, damaged: bool = False, detail: str = "") -> None:
        self.words = words
        self.damaged = damaged
        super().__init__(MessageId.COMFY_PICTURE_UNUSABLE, detail=detail, words=words)


def _shown(allowed: tuple[str, ...]) -> str:
    if not allowed:
        return "—"
    more = "…" if len(allowed) > _ALLOWED_SHOWN else ""
    return ", ".join((*allowed[:_ALLOWED_SHOWN], *([more] if more else [])))
