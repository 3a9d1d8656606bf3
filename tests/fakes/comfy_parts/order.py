"""Which nodes run, in which order, and which are remembered from the run before."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

Graph = Mapping[str, dict[str, Any]]


def is_link(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str)


def signature(graph: Graph, node: str, files: Mapping[str, str]) -> str:
    """The same for the same class, values and everything upstream, whatever the ids."""
    inputs: dict[str, Any] = {}
    for name, value in sorted(graph[node].get("inputs", {}).items()):
        if is_link(value):
            inputs[name] = [signature(graph, value[0], files), value[1]]
        else:
            inputs[name] = [value, files.get(value, "") if isinstance(value, str) else ""]
    text = json.dumps([graph[node]["class_type"], inputs], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


class Order:
    """Hands out the nodes that an output needs, those near an output first.

    What is cached isn't visited, unless it is an output itself.
    """

    def __init__(self, graph: Graph, outputs: list[str], cached: set[str]) -> None:
        self._graph = graph
        self._outputs = {node for node in graph if node in outputs}
        self._waiting: dict[str, set[str]] = {}
        self._blocks: dict[str, list[str]] = {}
        for output in outputs:
            self._stage(output, cached)

    def _stage(self, output: str, cached: set[str]) -> None:
        stack = [output]
        while stack:
            node = stack.pop()
            if node in self._waiting:
                continue
            self._waiting[node] = set()
            self._blocks.setdefault(node, [])
            for value in self._graph[node].get("inputs", {}).values():
                if is_link(value) and value[0] not in cached and node not in cached:
                    stack.append(value[0])
                    self._waiting[node].add(value[0])
                    self._blocks.setdefault(value[0], []).append(node)

    def next(self) -> str | None:
        """The node to run now; None when all have run."""
        ready = [node for node, needs in self._waiting.items() if not needs]
        if not ready:
            return None
        return min(ready, key=lambda node: (self._distance(node), ready.index(node)))

    def _distance(self, node: str) -> int:
        near = [node]
        for distance in range(3):
            if any(each in self._outputs for each in near):
                return distance
            near = [blocked for each in near for blocked in self._blocks[each]]
        return 3

    def done(self, node: str) -> None:
        del self._waiting[node]
        for needs in self._waiting.values():
            needs.discard(node)
