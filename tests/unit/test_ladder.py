"""Where a picture goes when its way ran out of memory: down, never twice, and to an end."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_kit import EMPTY, learned, names, plan

from vidgen_gui.core.image_family import Family
from vidgen_gui.core.plan import ON_CPU, PAINTER, Plan
from vidgen_gui.core.quality import Aspect, Quality
from vidgen_gui.gpu.calibration import Outcome
from vidgen_gui.gpu.ladder import MOST_FALLS, next_rung
from vidgen_gui.gpu.planner import painter_plan, workflow_plan


def fall(made: Plan, start: int | None = None) -> list[int]:
    """All places that are tried when everything fails."""
    tried: list[int] = []
    at: int | None = made.start if start is None else start
    while at is not None:
        tried.append(at)
        at = next_rung(made, tried, at)
    return tried


@pytest.mark.req("ERR-11", "B3", "F1", "M5")
def test_ultra_falls_through_its_own_ways_to_the_painter() -> None:
    made = plan(12288, 6144)
    assert [made.rungs[place].name for place in fall(made)] == [
        "hires-full-tiled",
        "hires-fraction",
        "hires-fraction-small",
        "hires-tiles",
        "upscale",
        "plain",
        PAINTER,
    ]


@pytest.mark.req("ERR-18", "P3", "V6", "B6")
def test_then_through_lower_qualities_and_the_processor() -> None:
    profile = {"rungs": ("hires-full", "hires-full-tiled"), "cpu_allowed": True}
    made = plan(65536, 60000, profile=profile, can_run_on_cpu=True)
    fallen = [made.rungs[place].name for place in fall(made)]
    assert fallen == names(made)
    assert fallen[1:4] == [
        "hires-full-tiled",
        "ultra-lite/hires-full-tiled",
        "high/hires-full-tiled",
    ]
    assert fallen[-2:] == [ON_CPU, PAINTER]


def test_what_needs_more_than_what_failed_is_passed_over() -> None:
    """The largest picture, decoded in tiles, needs less than the usual one decoded at once."""
    made = plan(49152, 48000)
    below = next_rung(made, [1], 1)
    assert below is not None
    assert made.rungs[1].name == "super-tiled"
    assert made.rungs[below].name == "hires-full-tiled"


def test_what_is_known_to_need_more_than_there_is_is_passed_over() -> None:
    before = plan(2304, 2304)
    known = EMPTY
    for name in ("hires-fraction", "hires-fraction-small"):
        known = learned(before, name, Outcome.OUT_OF_MEMORY, 2000.0, known)
    made = plan(2304, 2304, calibration=known)
    assert made.first.name == "hires-full-tiled"
    below = next_rung(made, [], made.start)
    assert below is not None
    assert made.rungs[below].name == "hires-tiles"


@pytest.mark.req("B3")
def test_the_last_try_before_the_painter_goes_to_what_needs_least() -> None:
    long = plan(49152, 48000)
    assert len(long.rungs) > MOST_FALLS
    tried = fall(long, 0)
    assert len(tried) <= MOST_FALLS + 1
    least = min(rung.need.likely_mib for rung in long.rungs if rung.picture)
    assert long.rungs[tried[-2]].need.likely_mib == least
    assert long.rungs[tried[-1]].name == PAINTER
    failed = list(range(MOST_FALLS - 1))
    last_try = next_rung(long, failed, failed[-1])
    assert last_try is not None
    assert long.rungs[last_try].name == "plain"
    assert next_rung(long, range(MOST_FALLS), MOST_FALLS - 1) == len(long.rungs) - 1


@pytest.mark.req("ERR-11", "F1")
def test_before_the_painter_what_was_passed_over_is_tried() -> None:
    """A tiny room, begun at the least way: a better one may need less than it is thought to."""
    made = plan(720, 720, family=Family.SDXL, remembered="plain")
    least = len(made.rungs) - 2
    climb = next_rung(made, [], least)
    assert climb is not None
    assert climb < least
    assert made.rungs[climb].need.low_mib <= 720
    too_large = {place for place in range(least) if made.rungs[place].need.low_mib > 720}
    assert too_large
    assert not too_large & set(fall(made, least))
    assert fall(made, least)[-1] == len(made.rungs) - 1


def test_the_processor_comes_after_all_that_the_card_might_do() -> None:
    profile = {"cpu_allowed": True}
    made = plan(720, 720, family=Family.SDXL, profile=profile, can_run_on_cpu=True)
    fallen = [made.rungs[place] for place in fall(made, made.start)]
    assert [rung.name for rung in fallen[-2:]] == [ON_CPU, PAINTER]
    assert len(fallen) > 3
    processor = len(made.rungs) - 2
    assert next_rung(made, [made.start, processor], processor) == len(made.rungs) - 1


def test_after_the_painter_there_is_nothing() -> None:
    made = plan(12288, 6144)
    last = len(made.rungs) - 1
    assert next_rung(made, [], last) is None
    assert fall(painter_plan(Quality.HIGH, Aspect.SQUARE)) == [0]
    assert fall(workflow_plan(Quality.HIGH, Aspect.SQUARE)) == [0, 1]


@settings(deadline=None)
@given(
    free=st.floats(0, 120_000),
    quality=st.sampled_from(list(Quality)),
    family=st.sampled_from(list(Family)),
    rungs=st.sampled_from([(), ("hires-full",), ("plain", "hires-tiles", "hires-full")]),
    data=st.data(),
)
@pytest.mark.req("ERR-11", "F1")
def test_every_fall_ends_with_the_painter_and_tries_nothing_twice(
    free: float,
    quality: Quality,
    family: Family,
    rungs: tuple[str, ...],
    data: Any,
) -> None:
    made = plan(
        200_000,
        free,
        quality=quality,
        family=family,
        profile={"rungs": rungs, "cpu_allowed": True},
        can_run_on_cpu=True,
    )
    start = data.draw(st.integers(0, len(made.rungs) - 1))
    tried = fall(made, start)
    assert made.rungs[tried[-1]].name == PAINTER
    assert len(tried) == len(set(tried)) <= MOST_FALLS + 1
    climbs = [later for earlier, later in pairwise(tried) if later < earlier]
    assert all(made.rungs[place].need.low_mib <= (made.available_mib or 0) for place in climbs)
