"""Which ready units start next. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from vidgen_gui.core.job import StageName
from vidgen_gui.pipeline.graph import Unit

LOOK_AHEAD_JOBS = 2
"""How many jobs beyond the slots may be begun, so that unfinished parts don't pile up.

It also bounds how long the first video waits while other jobs' scripts are written before the
card changes hands.
"""
CARD_STAGES = frozenset({StageName.SCRIPT, StageName.IMAGE})
"""Stages whose models want the graphics card."""

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the machine allows now.

    Args:
        most_units: no more than that at once, whatever the slots; None for no such limit.
        takes_turns: scripts and pictures cannot be made beside each other: changing from one to
            the other means that a model leaves the card.
        resident: whose model is on the card: that of scripts, of pictures, or None.
    """

    most_units: int | None = None
    takes_turns: bool = False
    resident: StageName | None = None


UNBOUND = Conditions()


def pick_units(
    ready: Iterable[tuple[Key, Sequence[Unit]]],
    running: Collection[Unit],
    slots: int,
    one_at_a_time: AbstractSet[StageName],
    conditions: Conditions = UNBOUND,
) -> list[tuple[Key, Unit]]:
    """Fill the free slots, jobs in queue order, stages of a job in their order.

    Where the card takes turns, everything that is ready for who is on it comes first.

    Args:
        ready: each job of the queue, with the units that could start now.
        running: what runs already, of all jobs.
        one_at_a_time: stages that use all cores by themselves or share one program.
    """
    if conditions.most_units is not None:
        slots = max(1, min(slots, conditions.most_units))
    begun = list(islice(ready, slots + LOOK_AHEAD_JOBS))
    kept_back = _kept_back([unit for _, units in begun for unit in units], running, conditions)
    busy = Counter(unit.stage for unit in running)
    picked: list[tuple[Key, Unit]] = []
    for key, candidates in begun:
        for unit in candidates:
            if len(running) + len(picked) >= slots:
                return picked
            if unit.stage in kept_back or (unit.stage in one_at_a_time and busy[unit.stage]):
                continue
            busy[unit.stage] += 1
            picked.append((key, unit))
    return picked


def _kept_back(
    ready: Collection[Unit], running: Collection[Unit], conditions: Conditions
) -> AbstractSet[StageName]:
    """The stages that must not start because the card is another's."""
    if not conditions.takes_turns:
        return frozenset()
    at_work = CARD_STAGES & {unit.stage for unit in running}
    if at_work:
        return CARD_STAGES - at_work
    wanting = [unit.stage for unit in ready if unit.stage in CARD_STAGES]
    if not wanting:
        return frozenset()
    turn = conditions.resident if conditions.resident in wanting else wanting[0]
    return CARD_STAGES - {turn}
