"""What a played card's hidden budget admits, found by trying: no figure of the planner is used.

Each rung's graph is walked as the played ComfyUI walks it; the dearest node decides. The server's
error factor, which no planner sees, is in it; its jitter from run to run is not.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from fakes.comfy_parts import demands, sheets
from fakes.comfy_parts.memory import Memory

from vidgen_gui.core.plan import PAINTER, Rung
from vidgen_gui.services.comfy_graph import build_graph

Graph = Mapping[str, Mapping[str, Any]]


def graph_needs_mib(graph: Graph, memory: Memory, upscalers: tuple[str, ...]) -> float:
    """The least with which the played server finishes this graph, in a run like most."""
    way = demands.way_of({node: dict(entry) for node, entry in graph.items()})
    outputs: dict[str, tuple[Any, ...]] = {}
    most = 0.0
    for node, entry in graph.items():
        kind = entry["class_type"]
        values = {
            name: outputs[value[0]][value[1]] if isinstance(value, list) else value
            for name, value in entry["inputs"].items()
        }
        most = max(most, demands.least_mib(memory, kind, values, way))
        if kind not in {"SaveImage", "PreviewImage"}:
            outputs[node] = sheets.work(kind, values, upscalers)
    return most


def rung_needs_mib(rung: Rung, memory: Memory, upscalers: tuple[str, ...]) -> float:
    """What a rung takes of the played card; nothing without one."""
    if rung.picture is None or rung.on_cpu:
        return 0.0
    graph = build_graph(rung.picture, "a hill", "blurry", prefix="vidgen")
    return graph_needs_mib(graph, memory, upscalers)


def best_rung(
    rungs: Sequence[Rung],
    memory: Memory,
    upscalers: tuple[str, ...],
    budget_mib: float,
    *,
    always: bool = False,
) -> int:
    """Which of the rungs, best first, is the first that the budget admits; the painter at last.

    Args:
        always: in every run, however its jitter turns out; else in a run like most.
    """
    worst = 1 + memory.jitter if always else 1.0
    for number, rung in enumerate(rungs):
        if rung.name == PAINTER or worst * rung_needs_mib(rung, memory, upscalers) <= budget_mib:
            return number
    raise AssertionError("a ladder ends with the painter")
