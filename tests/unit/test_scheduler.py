"""Which units start next: what is ready for whoever is on the card comes before a change."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidgen_gui.core.job import StageName
from vidgen_gui.pipeline.graph import MUSIC, RENDER, SCRIPT, Unit, ready_units
from vidgen_gui.pipeline.scheduler import (
    CARD_STAGES,
    LOOK_AHEAD_JOBS,
    Conditions,
    pick_units,
)

PICTURE, VOICE = Unit(StageName.IMAGE, 0), Unit(StageName.NARRATION, 0)
ALONE = frozenset(
    {StageName.SCRIPT, StageName.NARRATION, StageName.IMAGE, StageName.MUSIC, StageName.RENDER}
)
BY_TURNS = Conditions(takes_turns=True)


def turns(resident: StageName | None) -> Conditions:
    return Conditions(takes_turns=True, resident=resident)


def pick(
    jobs: Sequence[Sequence[Unit]],
    running: Sequence[Unit] = (),
    conditions: Conditions = BY_TURNS,
    slots: int = 2,
) -> list[tuple[int, Unit]]:
    return pick_units(enumerate(jobs), running, slots, ALONE, conditions)


@pytest.mark.req("BUG-44", "R1")
@pytest.mark.parametrize(
    ("jobs", "running", "conditions", "expected"),
    [
        # Nobody on the card: the first job's wish decides, the other model waits.
        ([[PICTURE], [SCRIPT]], [], turns(None), [(0, PICTURE)]),
        ([[SCRIPT], [PICTURE]], [], turns(None), [(0, SCRIPT)]),
        # Who is on the card goes first, even for a later job.
        ([[PICTURE], [SCRIPT]], [], turns(StageName.SCRIPT), [(1, SCRIPT)]),
        ([[SCRIPT], [PICTURE]], [], turns(StageName.IMAGE), [(1, PICTURE)]),
        # Who is on the card and has nothing to do makes room.
        ([[PICTURE]], [], turns(StageName.SCRIPT), [(0, PICTURE)]),
        # What runs is on the card, whatever was thought before.
        ([[SCRIPT], [PICTURE]], [PICTURE], turns(StageName.SCRIPT), []),
        # Work for the processor goes on beside either.
        ([[VOICE, PICTURE], [SCRIPT]], [], turns(StageName.SCRIPT), [(0, VOICE), (1, SCRIPT)]),
        ([[MUSIC], [SCRIPT]], [PICTURE], turns(StageName.IMAGE), [(0, MUSIC)]),
        # Both fit: everything as the queue has it.
        ([[PICTURE], [SCRIPT]], [], Conditions(), [(0, PICTURE), (1, SCRIPT)]),
        # The machine is short of memory: one at a time, and never none.
        ([[PICTURE], [SCRIPT]], [], Conditions(most_units=1), [(0, PICTURE)]),
        ([[RENDER]], [], Conditions(most_units=0), [(0, RENDER)]),
    ],
)
def test_who_is_next(
    jobs: Sequence[Sequence[Unit]],
    running: Sequence[Unit],
    conditions: Conditions,
    expected: list[tuple[int, Unit]],
) -> None:
    assert pick(jobs, running, conditions) == expected


@pytest.mark.req("R8")
def test_only_so_many_scripts_are_written_ahead() -> None:
    """The first video doesn't wait for the scripts of a hundred others."""
    slots = 2
    done = [0] * 100
    picked: list[int] = []
    while True:
        jobs = [[PICTURE] if written else [SCRIPT] for written in done]
        ((job, unit), *_) = pick(jobs, [], turns(StageName.SCRIPT), slots)
        if unit == PICTURE:
            break
        done[job] = 1
        picked.append(job)
    assert picked == list(range(slots + LOOK_AHEAD_JOBS))


JOB = st.tuples(st.one_of(st.none(), st.integers(1, 3)), st.integers(0, 9))


@given(
    jobs=st.lists(JOB, min_size=1, max_size=6),
    resident=st.sampled_from([None, StageName.SCRIPT, StageName.IMAGE]),
    slots=st.integers(1, 4),
    most=st.one_of(st.none(), st.integers(0, 4)),
)
def test_the_card_is_never_shared_and_work_never_stands_still(
    jobs: list[tuple[int | None, int]],
    resident: StageName | None,
    slots: int,
    most: int | None,
) -> None:
    conditions = Conditions(most_units=most, takes_turns=True, resident=resident)
    running: list[Unit] = []
    ready = []
    for scenes, finished in jobs:
        units = ready_units(scenes, [], [])
        done = {SCRIPT, *units[:finished]} if scenes is not None else set()
        ready.append(ready_units(scenes, done, []))
    picked = pick(ready, running, conditions, slots)
    stages = {unit.stage for _, unit in picked} & CARD_STAGES
    assert len(stages) <= 1
    assert len(picked) <= slots
    assert picked or not any(ready)
