"""Which ready units start next. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import TypeVar

from vidgen_gui.core.job import StageName
from vidgen_gui.pipeline.graph import Unit

LOOK_AHEAD_JOBS = 2
"""How many jobs beyond the slots may be begun, so that unfinished parts don't pile up."""

Key = TypeVar("Key")


def pick_units(
    ready: Iterable[tuple[Key, Sequence[Unit]]],
    running: Collection[Unit],
    slots: int,
    one_at_a_time: AbstractSet[StageName],
) -> list[tuple[Key, Unit]]:
    """Fill the free slots, jobs in queue order, stages of a job in their order.

    Args:
        ready: each job of the queue, with the units that could start now.
        running: what runs already, of all jobs.
        one_at_a_time: stages that use all cores by themselves or share one program.
    """
    busy = Counter(unit.stage for unit in running)
    picked: list[tuple[Key, Unit]] = []
    for begun, (key, candidates) in enumerate(ready):
        if begun >= slots + LOOK_AHEAD_JOBS:
            break
        for unit in candidates:
            if len(running) + len(picked) >= slots:
                return picked
            if unit.stage in one_at_a_time and busy[unit.stage]:
                continue
            busy[unit.stage] += 1
            picked.append((key, unit))
    return picked
