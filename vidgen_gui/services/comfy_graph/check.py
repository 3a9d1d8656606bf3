"""Finds what a server would refuse in a graph, before the graph is sent.

Follows the checks of ComfyUI 0.3.64 (``execution.py``, ``validate_inputs``), and adds cycles,
numbers that JSON cannot carry, plain values where only a link can do (the server lets those pass
and fails later), and what the server's own description lacks. Nothing is trusted: neither the
graph, which may be a person's own, nor the description.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.text import clean_text, graphemes
from vidgen_gui.services.comfy_graph.spec import (
    ANY_TYPE,
    LIST_TYPE,
    InputSpec,
    NodeSpec,
    node_spec,
)

MOST_SHOWN_CHARS = 120
MOST_ALLOWED = 50
MOST_NAMED = 8
_DYNAMIC = "COMFY_"
"""Newer input types whose real inputs have other names than the described one."""


class ProblemKind(StrEnum):
    """What is wrong with a node or one of its inputs."""

    NOT_A_GRAPH = "not-a-graph"
    MISSING_NODE = "missing-node"
    UNREADABLE_NODE = "unreadable-node"
    NO_OUTPUT = "no-output"
    MISSING_INPUT = "missing-input"
    NOT_IN_LIST = "not-in-list"
    OUT_OF_RANGE = "out-of-range"
    WRONG_TYPE = "wrong-type"
    BAD_LINK = "bad-link"
    CYCLE = "cycle"


_MESSAGES = {
    ProblemKind.NOT_A_GRAPH: MessageId.GRAPH_BROKEN,
    ProblemKind.MISSING_NODE: MessageId.GRAPH_NODE_MISSING,
    ProblemKind.UNREADABLE_NODE: MessageId.GRAPH_NODE_UNREADABLE,
    ProblemKind.NO_OUTPUT: MessageId.GRAPH_NO_OUTPUT,
    ProblemKind.MISSING_INPUT: MessageId.GRAPH_INPUT_MISSING,
    ProblemKind.NOT_IN_LIST: MessageId.GRAPH_VALUE_NOT_OFFERED,
    ProblemKind.OUT_OF_RANGE: MessageId.GRAPH_VALUE_OUT_OF_RANGE,
    ProblemKind.WRONG_TYPE: MessageId.GRAPH_VALUE_WRONG,
    ProblemKind.BAD_LINK: MessageId.GRAPH_BROKEN,
    ProblemKind.CYCLE: MessageId.GRAPH_BROKEN,
}


@dataclass(frozen=True, slots=True)
class GraphProblem:
    """One thing that the server would refuse. All text is cleaned and short enough to show.

    ``allowed`` is what would do instead: the first of a list, or a range.
    """

    kind: ProblemKind
    node_id: str = ""
    class_type: str = ""
    input_name: str = ""
    given: str = ""
    allowed: tuple[str, ...] = ()

    @property
    def message(self) -> Message:
        """What to tell the person."""
        return Message(
            _MESSAGES[self.kind],
            {
                "node": self.class_type or "?",
                "node_id": self.node_id or "?",
                "input": self.input_name or "?",
                "given": self.given,
                "allowed": ", ".join(self.allowed[:MOST_NAMED]) or "—",
            },
        )


def check_graph(graph: object, object_info: object) -> tuple[GraphProblem, ...]:
    """Everything that the server described by ``object_info`` would refuse; empty when all fits.

    As on the server, inputs are checked only in nodes that an output depends on.
    """
    if not isinstance(graph, Mapping) or not graph or not isinstance(object_info, Mapping):
        return (GraphProblem(ProblemKind.NOT_A_GRAPH),)
    return tuple(_Checker(graph, object_info).problems())


class _Checker:
    def __init__(self, graph: Mapping[Any, Any], object_info: Mapping[str, Any]) -> None:
        self._graph = graph
        self._info = object_info
        self._specs: dict[str, NodeSpec] = {}

    def problems(self) -> Iterator[GraphProblem]:
        whole = True
        for node_id, node in self._graph.items():
            problem = self._node_problem(node_id, node)
            if problem:
                whole = False
                yield problem
        if not whole:
            return
        outputs = [node_id for node_id, spec in self._specs.items() if spec.is_output]
        if not outputs:
            yield GraphProblem(ProblemKind.NO_OUTPUT)
        needed = self._upstream(outputs)
        for node_id in needed:
            yield from self._input_problems(node_id)
        yield from self._cycles(needed)

    def _node_problem(self, node_id: object, node: object) -> GraphProblem | None:
        if not isinstance(node_id, str) or not isinstance(node, Mapping):
            return GraphProblem(ProblemKind.NOT_A_GRAPH, shown(node_id))
        class_type = node.get("class_type")
        if not isinstance(class_type, str) or not isinstance(node.get("inputs"), Mapping):
            return GraphProblem(ProblemKind.NOT_A_GRAPH, shown(node_id), shown(class_type))
        if class_type not in self._info:
            return GraphProblem(ProblemKind.MISSING_NODE, shown(node_id), shown(class_type))
        spec = node_spec(self._info, class_type)
        if spec is None:
            return GraphProblem(ProblemKind.UNREADABLE_NODE, shown(node_id), shown(class_type))
        self._specs[node_id] = spec
        return None

    def _links(self, node_id: str) -> list[str]:
        """The nodes of the graph that this one takes something from."""
        values = self._graph[node_id]["inputs"].values()
        linked = (value[0] for value in values if isinstance(value, list) and len(value) == 2)
        return [one for one in linked if isinstance(one, str) and one in self._specs]

    def _upstream(self, outputs: list[str]) -> list[str]:
        found = dict.fromkeys(outputs)
        waiting = list(outputs)
        while waiting:
            for node_id in self._links(waiting.pop()):
                if node_id not in found:
                    found[node_id] = None
                    waiting.append(node_id)
        return list(found)

    def _cycles(self, needed: list[str]) -> Iterator[GraphProblem]:
        """Takes away whatever waits for nothing until nothing can be taken away."""
        waits = {node_id: set(self._links(node_id)) for node_id in needed}
        feeds: dict[str, list[str]] = {node_id: [] for node_id in needed}
        for node_id, sources in waits.items():
            for source in sources:
                feeds[source].append(node_id)
        free = [node_id for node_id, sources in waits.items() if not sources]
        while free:
            done = free.pop()
            del waits[done]
            for node_id in feeds[done]:
                waits[node_id].discard(done)
                if not waits[node_id]:
                    free.append(node_id)
        if not waits:
            return
        # What is left is a cycle and whatever comes after it: going upstream leads into it.
        node_id, seen = next(iter(waits)), set()
        while node_id not in seen:
            seen.add(node_id)
            node_id = min(waits[node_id])
        yield self._problem(ProblemKind.CYCLE, node_id, "")

    def _input_problems(self, node_id: str) -> Iterator[GraphProblem]:
        given = self._graph[node_id]["inputs"]
        for name, spec in self._specs[node_id].inputs.items():
            if spec.kind.startswith(_DYNAMIC):
                continue
            if name not in given:
                if spec.required:
                    yield self._problem(ProblemKind.MISSING_INPUT, node_id, name)
                continue
            value = given[name]
            if isinstance(value, list):
                problem = self._link_problem(node_id, name, spec, value)
            else:
                problem = self._value_problem(node_id, name, spec, value)
            if problem:
                yield problem

    def _link_problem(
        self, node_id: str, name: str, spec: InputSpec, link: list[Any]
    ) -> GraphProblem | None:
        fits = len(link) == 2 and isinstance(link[0], str) and link[0] in self._specs
        if not fits or isinstance(link[1], bool) or not isinstance(link[1], int):
            return self._problem(ProblemKind.BAD_LINK, node_id, name, link)
        outputs = self._specs[link[0]].outputs
        if not 0 <= link[1] < len(outputs):
            return self._problem(ProblemKind.BAD_LINK, node_id, name, link)
        offered = outputs[link[1]]
        if not _connects(offered, spec.kind):
            return self._problem(ProblemKind.WRONG_TYPE, node_id, name, offered, (spec.kind,))
        return None

    def _value_problem(
        self, node_id: str, name: str, spec: InputSpec, value: object
    ) -> GraphProblem | None:
        if isinstance(value, Mapping) and "__value__" in value:
            value = value["__value__"]
        if spec.choices is not None:
            several = value if isinstance(value, list) else [value]
            if all(one in spec.choices for one in several):
                return None
            allowed = tuple(shown(one) for one in spec.choices[:MOST_ALLOWED])
            return self._problem(ProblemKind.NOT_IN_LIST, node_id, name, value, allowed)
        if spec.kind not in {"INT", "FLOAT"}:
            return self._kind_problem(node_id, name, spec, value)
        number = _number(value, spec.kind)
        if number is None:
            return self._problem(ProblemKind.WRONG_TYPE, node_id, name, value, (spec.kind,))
        low = -math.inf if spec.low is None else spec.low
        high = math.inf if spec.high is None else spec.high
        if not low <= number <= high:
            bounds = (f"{_plain(spec.low)}…{_plain(spec.high)}",)
            return self._problem(ProblemKind.OUT_OF_RANGE, node_id, name, value, bounds)
        return None

    def _kind_problem(
        self, node_id: str, name: str, spec: InputSpec, value: object
    ) -> GraphProblem | None:
        """The server makes text and switches of anything; what is drawn must come by a link."""
        plain = isinstance(value, str | int | float | bool)
        if spec.kind in {"STRING", "BOOLEAN"} and plain:
            return None
        if spec.kind in _LINKED_ONLY or (spec.kind in {"STRING", "BOOLEAN"} and not plain):
            return self._problem(ProblemKind.WRONG_TYPE, node_id, name, value, (spec.kind,))
        return None

    def _problem(
        self,
        kind: ProblemKind,
        node_id: str,
        name: str,
        given: object = "",
        allowed: tuple[str, ...] = (),
    ) -> GraphProblem:
        class_type = shown(self._graph[node_id]["class_type"])
        return GraphProblem(kind, shown(node_id), class_type, shown(name), shown(given), allowed)


_LINKED_ONLY = frozenset(
    "MODEL CLIP VAE CONDITIONING LATENT IMAGE MASK UPSCALE_MODEL CONTROL_NET SIGMAS NOISE "
    "GUIDER SAMPLER CLIP_VISION".split()
)


def shown(value: object) -> str:
    """Text from outside, made plain and short enough to be shown.

    Code points are counted, not what a reader sees as one: marks can be stacked without end.
    """
    text = value[:2000] if isinstance(value, str) else repr(value)[:2000]
    plain = clean_text(text, keep_lines=False)
    if len(plain) <= MOST_SHOWN_CHARS:
        return plain
    # The last one may have been cut in two.
    whole = graphemes(plain[:MOST_SHOWN_CHARS])[:-1]
    return "".join(whole).rstrip() + "…"


def _connects(offered: str, wanted: str) -> bool:
    if wanted == LIST_TYPE or ANY_TYPE in {offered, wanted}:
        return True
    kinds = {kind.strip() for kind in wanted.split(",")}
    return bool(kinds & {kind.strip() for kind in offered.split(",")})


def _number(value: object, kind: str) -> float | None:
    """What the server would make of it: ``"20"`` is 20, ``"much"`` and not-a-number are nothing."""
    if not isinstance(value, str | int | float):
        return None
    try:
        number = int(value) if kind == "INT" else float(value)
        return number if math.isfinite(number) else None
    except (ValueError, OverflowError):
        return None


def _plain(bound: float | None) -> str:
    if bound is None:
        return ""
    return f"{bound:g}" if isinstance(bound, float) else str(bound)
