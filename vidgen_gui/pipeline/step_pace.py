"""Whether a picture's steps take many times as long as they should; pure.

A driver that lends main memory where the card's runs out (as on Windows) raises no error: each
step takes ten to a hundred times as long. What a step should take is known from earlier pictures
of the same way, else from the small first pass of the picture itself: attention makes the cost of
a pass grow at most with the square of its pixels.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from vidgen_gui.core.picture_plan import PicturePlan, Refine, refine_grid
from vidgen_gui.core.picture_sizes import area_px
from vidgen_gui.system.patience import patient

TIMES_AS_LONG = 8.0
"""Many times: other programs on the card make steps two to four times as long."""
LEAST_S = 10.0
STRANGER_S = 180.0
"""A step on which nothing is known: slow cards that stream a large model take some ten seconds."""
LOADING_S = 180.0
"""Added to a node's first step: models are read from slow disks."""
RELOADING_S = 30.0
"""Added instead once the first pass was seen: its model is in main memory by then."""
STEPS_OF_OTHER_NODES = 40.0
"""What a node without steps (a decode, an upscale model) may cost, in steps of as many pixels."""


@dataclass(frozen=True, slots=True)
class Passes:
    """The sampling nodes of a graph, with their pixels beside the first pass's."""

    first: str
    shares: Mapping[str, float]

    @property
    def largest(self) -> float:
        return max(self.shares.values(), default=1.0)


def passes_of(plan: PicturePlan, graph: Mapping[str, Any]) -> Passes:
    """Find the passes in the graph that was built from ``plan``."""
    refined = plan.refine_size
    if refined is not None and plan.refine is Refine.TILES:
        refined = refine_grid(plan).size
    share = area_px(refined) / area_px(plan.base) if refined is not None else 1.0
    first, shares = "", {}
    for node, entry in graph.items():
        if entry.get("class_type") == "KSampler":
            is_first = entry["inputs"]["denoise"] == 1.0
            first = node if is_first else first
            shares[node] = 1.0 if is_first else share
    return Passes(first, shares)


class StepPace:
    """One picture's steps against the clock. Owned by the thread that watches it.

    Args:
        usual_step_s: of the costliest pass, as it was seen here before; None: never.
        usual_picture_s: of the whole picture.
    """

    def __init__(
        self,
        passes: Passes,
        usual_step_s: float | None = None,
        usual_picture_s: float | None = None,
    ) -> None:
        self._passes = passes
        self._usual_step_s = usual_step_s
        self._usual_picture_s = usual_picture_s
        self._node = ""
        self._done = 0.0
        self._since_s: float | None = None
        self._taken: dict[float, list[float]] = {}

    @property
    def step_s(self) -> float | None:
        """The median step of the costliest pass that was seen."""
        largest = max(self._taken, default=None)
        return median(self._taken[largest]) if largest is not None else None

    def begin(self, node: str, now_s: float) -> None:
        """This node is computed from now on."""
        if node != self._node or self._since_s is None:
            self._node, self._done, self._since_s = node, 0.0, now_s

    def advance(self, node: str, done: float, now_s: float) -> None:
        """This node, or with an empty name the one under way, has done so many steps."""
        node = node or self._node
        if node != self._node or self._since_s is None:
            self.begin(node, now_s)
        if done <= self._done:
            return
        share = self._passes.shares.get(node)
        # The first step of a node includes what was loaded for it.
        if share is not None and self._done > 0 and self._since_s is not None:
            each_s = (now_s - self._since_s) / (done - self._done)
            self._taken.setdefault(share, []).append(each_s)
        self._done, self._since_s = done, now_s

    def pause(self) -> None:
        """The server was not heard for a while: what it did meanwhile is not known."""
        self._since_s = None

    def overdue_s(self, now_s: float) -> float | None:
        """How long the work under way takes by now, if that is many times what it should."""
        if self._since_s is None or not self._node:
            return None
        limit_s = self._limit_s()
        if self._done == 0:
            limit_s += RELOADING_S if self._taken else LOADING_S
        taken_s = now_s - self._since_s
        return taken_s if taken_s > patient(limit_s) else None

    def _limit_s(self) -> float:
        """For the step, or the node without steps, that is under way."""
        share = self._passes.shares.get(self._node)
        expected_s = self._expected_step_s(share or self._passes.largest)
        if share is None:
            return self._node_limit_s()
        return STRANGER_S if expected_s is None else max(LEAST_S, TIMES_AS_LONG * expected_s)

    def _node_limit_s(self) -> float:
        if self._usual_picture_s is not None:
            return max(STRANGER_S, TIMES_AS_LONG * self._usual_picture_s)
        first = self._taken.get(1.0)
        if not first:
            return float("inf")
        pixels = self._passes.largest
        return max(STRANGER_S, TIMES_AS_LONG * STEPS_OF_OTHER_NODES * median(first) * pixels)

    def _expected_step_s(self, share: float) -> float | None:
        largest = self._passes.largest
        if self._usual_step_s is not None and share == largest:
            return self._usual_step_s
        if self._taken.get(share):
            return median(self._taken[share])
        first = self._taken.get(1.0)
        return median(first) * share * share if first else None
