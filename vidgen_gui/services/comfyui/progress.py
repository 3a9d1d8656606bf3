"""How far a whole graph is, from what its nodes report; pure.

A fraction never goes back, whatever order the messages come in.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from vidgen_gui.services.comfyui.messages import NodeState

_HEAVY = 4.0
"""Weight of a node that works on pixels, in sampling steps; loading and encoding count as one."""
_HEAVY_WORDS = ("VAE", "UpscaleWithModel")
_MOST_STEPS = 10_000


class GraphProgress:
    """Weighs nodes by their steps and sums up what is done.

    Args:
        graph: the API graph, node id to ``class_type`` and ``inputs``.
    """

    def __init__(self, graph: Mapping[str, Any]) -> None:
        self._weights = {node: _weight(entry) for node, entry in graph.items()}
        self._total = sum(self._weights.values()) or 1.0
        self._done: dict[str, float] = {}
        self._running: str | None = None
        self.fraction = 0.0

    def finish(self, nodes: Iterable[str]) -> None:
        """These nodes are done, or needn't be."""
        for node in nodes:
            if node in self._weights:
                self._done[node] = 1.0
        self._sum_up()

    def begin(self, node: str) -> None:
        """``node`` is computed now, so the one before it is done. ComfyUI runs one at a time."""
        if node == self._running or node not in self._weights:
            return
        if self._running is not None:
            self._done[self._running] = 1.0
        self._running = node
        self._sum_up()

    def update(self, states: Iterable[NodeState]) -> None:
        """Take in what nodes report; an unnamed one is the node that runs."""
        for state in states:
            node = state.node or self._running
            if node in self._weights:
                part = 1.0 if state.finished else state.done / state.total
                # A tiled decode starts over when it retries with smaller tiles.
                self._done[node] = max(part, self._done.get(node, 0.0))
        self._sum_up()

    def _sum_up(self) -> None:
        done = sum(self._weights[node] * part for node, part in self._done.items())
        self.fraction = max(self.fraction, min(1.0, done / self._total))


def _weight(entry: Any) -> float:
    if not isinstance(entry, Mapping):
        return 1.0
    inputs = entry.get("inputs")
    steps = inputs.get("steps") if isinstance(inputs, Mapping) else None
    if isinstance(steps, (int, float)) and not isinstance(steps, bool):
        return float(min(max(steps, 1), _MOST_STEPS))
    kind = str(entry.get("class_type", ""))
    return _HEAVY if any(word in kind for word in _HEAVY_WORDS) else 1.0
