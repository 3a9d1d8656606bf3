"""What is known of one prompt, learnt from messages and history by its one owner.

Pure. Duplicates, wrong order, and messages about other prompts change nothing.
"""

from collections.abc import Mapping
from typing import Any

from vidgen_gui.services.comfyui import untrusted
from vidgen_gui.services.comfyui.errors import ComfyError, ExecutionFailed, InterruptedByOther
from vidgen_gui.services.comfyui.failures import execution_failure
from vidgen_gui.services.comfyui.messages import (
    Cached,
    Executed,
    Executing,
    Failed,
    Interrupted,
    NodeProgress,
    Preview,
    ServerFile,
    ServerMessage,
    Started,
    Succeeded,
    files_of,
    parse_event,
)
from vidgen_gui.services.comfyui.progress import GraphProgress

_MOST_EVENTS = 64
_SAVING_NODES = ("SaveImage",)


def output_nodes(graph: Mapping[str, Any]) -> tuple[str, ...]:
    """The nodes whose pictures we want: those that save; empty when the graph has no such node."""
    return tuple(node for node, entry in graph.items() if entry.get("class_type") in _SAVING_NODES)


class PromptState:
    """One prompt as far as we were told. Owned by one thread.

    Attributes:
        prompt_id: ours, or the server's where it insists on one of its own.
        running: it was begun and is not known to have ended.
        ended: the server is done with it, well or not; only its history tells.
        succeeded: it is known to have gone well.
        failure: why it didn't.
        previews: how many came.
    """

    def __init__(self, prompt_id: str, graph: Mapping[str, Any]) -> None:
        self.prompt_id = prompt_id
        self.running = False
        self.ended = False
        self.succeeded = False
        self.failure: ComfyError | None = None
        self.previews = 0
        self._nodes = frozenset(graph)
        self._wanted = output_nodes(graph)
        self._progress = GraphProgress(graph)
        self._cached: set[str] = set()
        self._files: dict[str, tuple[ServerFile, ...]] = {}

    @property
    def fraction(self) -> float:
        return self._progress.fraction

    @property
    def cached(self) -> bool:
        """Whether nothing had to be computed."""
        return bool(self._nodes) and self._cached >= self._nodes

    @property
    def decided(self) -> bool:
        """Whether nothing can be learnt any more: it failed, or its picture has a name."""
        return self.failure is not None or (self.succeeded and self.file is not None)

    @property
    def file(self) -> ServerFile | None:
        """The picture to fetch: a saving node's before any other's, a kept one before a temporary.

        Of several the first is taken.
        """
        files = [
            (node not in self._wanted, file.type != "output", file)
            for node, written in self._files.items()
            for file in written
        ]
        return min(files, key=lambda entry: entry[:2])[2] if files else None

    def take(self, message: ServerMessage | None) -> bytes | None:
        """Learn from a message; returns the image when it is a preview of our picture."""
        if self.failure is not None or self.succeeded:
            # Late, twice or out of order; only the name of the picture may still be missing.
            if isinstance(message, Executed) and message.prompt_id == self.prompt_id:
                self._keep_files(message.node, message.files)
            return None
        if isinstance(message, Preview):
            return self._take_preview(message)
        if isinstance(message, NodeProgress):
            if message.prompt_id == self.prompt_id or (message.prompt_id is None and self.running):
                self.running = True
                self._progress.update(message.states)
            return None
        if getattr(message, "prompt_id", None) == self.prompt_id:
            self._take_event(message)
        return None

    def take_history(self, entry: Any) -> bool:
        """Learn from our entry in the history; False when it can't be made sense of.

        Servers before 0.2 have no ``status`` in it; there, outputs mean success.
        """
        fields = untrusted.mapping(entry)
        status = untrusted.mapping(fields.get("status"))
        for node, output in untrusted.mapping(fields.get("outputs")).items():
            self._keep_files(node, files_of(output))
        if status.get("status_str") == "success" or (not status and self._files):
            self.ended = self.succeeded = True
            return True
        for event in untrusted.items(status.get("messages"), _MOST_EVENTS):
            pair = untrusted.items(event, 2)
            if len(pair) == 2:
                self.take(parse_event(*pair))
        if self.failure is None and status.get("status_str") == "error":
            self._fail(ExecutionFailed("", "", "—", detail="the history names no reason"))
        return self.failure is not None

    def _take_preview(self, preview: Preview) -> bytes | None:
        # One without a name belongs to whatever runs, which is ours only between start and end.
        named = preview.prompt_id is not None
        if not (preview.prompt_id == self.prompt_id if named else self.running):
            return None
        self.previews += 1
        return preview.image

    def _take_event(self, message: ServerMessage | None) -> None:
        match message:
            case Started():
                self.running = True
            case Cached():
                self._cached.update(self._nodes.intersection(message.nodes))
                self._progress.finish(message.nodes)
            case Executing(node=None):
                self.running, self.ended = False, True
            case Executing(node=str(node)):
                self.running = True
                self._progress.begin(node)
            case Executed():
                self._keep_files(message.node, message.files)
                self._progress.finish([message.node])
            case Succeeded():
                self.running, self.ended, self.succeeded = False, True, True
            case Failed():
                self._fail(execution_failure(message))
            case Interrupted():
                self._fail(InterruptedByOther(message.node, message.node_type))
            case _:
                pass

    def _keep_files(self, node: str, files: tuple[ServerFile, ...]) -> None:
        if files and node in self._nodes:
            self._files[node] = files

    def _fail(self, failure: ComfyError) -> None:
        self.running, self.ended, self.failure = False, True, failure
