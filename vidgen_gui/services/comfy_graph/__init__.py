"""Graphs for ComfyUI, purely: which ways there are to make a picture, and what to send for one.

Nothing here speaks to a server; that is `vidgen_gui.services.comfyui`.
"""

from vidgen_gui.services.comfy_graph.abilities import ServerAbilities, abilities
from vidgen_gui.services.comfy_graph.build import Graph, build_graph
from vidgen_gui.services.comfy_graph.check import GraphProblem, ProblemKind, check_graph
from vidgen_gui.services.comfy_graph.families import Family, guess_family
from vidgen_gui.services.comfy_graph.need import estimate_mib
from vidgen_gui.services.comfy_graph.plan import Decode, PicturePlan, Refine, UpscaleMethod
from vidgen_gui.services.comfy_graph.plans import plans_for
from vidgen_gui.services.comfy_graph.workflow import PLACEHOLDERS, UserWorkflow, load_workflow

__all__ = [
    "PLACEHOLDERS",
    "Decode",
    "Family",
    "Graph",
    "GraphProblem",
    "PicturePlan",
    "ProblemKind",
    "Refine",
    "ServerAbilities",
    "UpscaleMethod",
    "UserWorkflow",
    "abilities",
    "build_graph",
    "check_graph",
    "estimate_mib",
    "guess_family",
    "load_workflow",
    "plans_for",
]
