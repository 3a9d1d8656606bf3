"""Where to go on when a way of making a picture ran out of memory. Pure; `gpu.planner` plans."""

from collections.abc import Sequence

from vidgen_gui.core.plan import PAINTER, Plan, Rung
from vidgen_gui.gpu.image_memory import need

MOST_FALLS = 8
"""After so many failures in one picture, only the painter is left."""


def next_rung(plan: Plan, tried: Sequence[int], failed: int) -> int | None:
    """The place in ``plan.rungs`` to try after the one at ``failed`` ran out of memory.

    The nearest one below that needs no more than what failed, and that what is available does not
    rule out. The last try that is left before the painter goes to the way that needs least, so
    that the painter only paints where nothing else fits.

    Args:
        tried: the places tried in this picture so far; ``failed`` may be among them.

    Returns:
        None after the painter, which is never tried twice.
    """
    last = len(plan.rungs) - 1
    if failed >= last:
        return None
    done = {*tried, failed}
    left = MOST_FALLS - len(done)
    below = [
        place
        for place in range(failed + 1, last)
        if place not in done and _may_fit(plan, plan.rungs[place], plan.rungs[failed])
    ]
    if not below or left < 1:
        return last
    if left == 1:
        return min(below, key=lambda place: (plan.rungs[place].need.likely_mib, -place))
    return below[0]


def _may_fit(plan: Plan, rung: Rung, failed: Rung) -> bool:
    if rung.on_cpu or rung.name == PAINTER:
        return True
    if plan.available_mib is not None and rung.need.low_mib > plan.available_mib:
        return False
    return _modelled_mib(rung) <= _modelled_mib(failed)


def _modelled_mib(rung: Rung) -> float:
    """By the model alone: what was measured of one way says nothing about what just failed."""
    return rung.need.likely_mib if rung.picture is None else need(rung.picture).likely_mib
