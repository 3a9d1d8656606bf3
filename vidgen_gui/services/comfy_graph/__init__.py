"""Graphs for ComfyUI, purely: what to send for a picture plan, and whether a server takes it.

Nothing here speaks to a server; that is `vidgen_gui.services.comfyui`.
"""

from vidgen_gui.services.comfy_graph.abilities import abilities
from vidgen_gui.services.comfy_graph.build import Graph, build_graph
from vidgen_gui.services.comfy_graph.check import GraphProblem, ProblemKind, check_graph
from vidgen_gui.services.comfy_graph.workflow import PLACEHOLDERS, UserWorkflow, load_workflow

__all__ = [
    "PLACEHOLDERS",
    "Graph",
    "GraphProblem",
    "ProblemKind",
    "UserWorkflow",
    "abilities",
    "build_graph",
    "check_graph",
    "load_workflow",
]
