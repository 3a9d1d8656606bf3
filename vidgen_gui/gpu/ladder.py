"""Where to go on when a way of making a picture ran out of memory. Pure; `gpu.planner` plans."""

from collections.abc import Sequence

from vidgen_gui.core.plan import PAINTER, Plan, Rung
from vidgen_gui.gpu.image_memory import need

MOST_FALLS = 8
"""After so many failures in one picture, only the painter is left."""


def next_rung(plan: Plan, tried: Sequence[int], failed: int) -> int | None:
    """The place in ``plan.rungs`` to try after the one at ``failed`` ran out of memory.

    The nearest one below that needs no more than what failed, and that what is available does not
    rule out. The last try that is left before the painter goes to the way that needs least. Where
    nothing is left below, those above that were passed over and might fit are tried too: what a
    way really needs may be less than what a lower one does, and the painter only paints where
    nothing else fits.

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
    if left < 1 or plan.rungs[failed].on_cpu:
        return last
    below = [
        place
        for place in range(failed + 1, last)
        if place not in done and _may_fit(plan, plan.rungs[place], plan.rungs[failed])
    ]
    on_card = [place for place in below if not plan.rungs[place].on_cpu]
    if not on_card:
        return next(iter([*_passed_over(plan, done, failed), *below]), last)
    if left == 1:
        return min(below, key=lambda place: (plan.rungs[place].need.likely_mib, -place))
    return on_card[0]


def _passed_over(plan: Plan, done: set[int], failed: int) -> list[int]:
    """What stands above and might fit all the same, by what is known of it; least need first."""
    available_mib = plan.available_mib
    if available_mib is None:
        return []
    found = [
        place
        for place in range(failed)
        if place not in done
        and plan.rungs[place].picture is not None
        and not plan.rungs[place].on_cpu
        and plan.rungs[place].need.low_mib <= available_mib
    ]
    return sorted(found, key=lambda place: (plan.rungs[place].need.low_mib, place))


def _may_fit(plan: Plan, rung: Rung, failed: Rung) -> bool:
    if rung.on_cpu or rung.name == PAINTER:
        return True
    if plan.available_mib is not None and rung.need.low_mib > plan.available_mib:
        return False
    return _modelled_mib(rung) <= _modelled_mib(failed)


def _modelled_mib(rung: Rung) -> float:
    """By the model alone: what was measured of one way says nothing about what just failed."""
    return rung.need.likely_mib if rung.picture is None else need(rung.picture).likely_mib
