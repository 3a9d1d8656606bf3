"""What no plan does, whatever the card, the driver's figures and what was learned."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_kit import EMPTY, learned, names, plan, rank, request, work

from vidgen_gui.core.image_family import Family
from vidgen_gui.core.picture_plan import Decode, Refine
from vidgen_gui.core.plan import PAINTER, CardMemory
from vidgen_gui.core.quality import Aspect, Quality, frame_size
from vidgen_gui.gpu.calibration import Outcome
from vidgen_gui.gpu.planner import make_plan

ROUNDING = 1.02
"""Sides are multiples of eight."""
MEMORY = st.floats(0, 120_000, allow_nan=False)
QUALITIES = st.sampled_from(list(Quality))
ASPECTS = st.sampled_from(list(Aspect))
FAMILIES = st.sampled_from(list(Family))


def _request_of(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "quality": draw(QUALITIES),
        "aspect": draw(ASPECTS),
        "family": draw(FAMILIES),
        "writer_mib": draw(st.floats(0, 40_000, allow_nan=False)),
        "can_pause": draw(st.booleans()),
        "remembered": draw(st.sampled_from(["", "hires-full", "hires-tiles", "plain"])),
        "profile": {
            "reserve_mib": draw(st.integers(0, 8192)),
            "vram_limit_mib": draw(st.sampled_from([0, 0, 4096, 22_000])),
            "quality_policy": draw(st.sampled_from(["keep", "lower", "ask"])),
        },
    }


requests = st.composite(_request_of)()


@pytest.mark.req("WISH", "BUG-10", "LBL-6")
@settings(deadline=None)
@given(given_=requests, less=MEMORY, more=MEMORY)
def test_more_memory_never_makes_a_worse_plan(
    given_: dict[str, Any], less: float, more: float
) -> None:
    less, more = sorted((less, more))
    longest = plan(200_000, 200_000, **{**given_, "profile": {}})
    poor, rich = plan(200_000, less, **given_), plan(200_000, more, **given_)
    assert rank(rich, longest) <= rank(poor, longest)


@pytest.mark.req("R7")
@settings(deadline=None)
@given(given_=requests, less=MEMORY, more=MEMORY, failed=MEMORY, worked=MEMORY)
def test_nor_after_something_was_learned(
    given_: dict[str, Any], less: float, more: float, failed: float, worked: float
) -> None:
    less, more = sorted((less, more))
    longest = plan(200_000, 200_000, **{**given_, "profile": {}})
    known = EMPTY
    for rung in longest.rungs[:-1]:
        known = learned(longest, rung.name, Outcome.OUT_OF_MEMORY, failed, known)
        known = learned(longest, rung.name, Outcome.WORKED, worked, known)
    poor = plan(200_000, less, calibration=known, **given_)
    rich = plan(200_000, more, calibration=known, **given_)
    assert rank(rich, longest) <= rank(poor, longest)


@settings(deadline=None)
@given(given_=requests, free=MEMORY, lower=QUALITIES, higher=QUALITIES)
def test_a_lower_quality_never_costs_more(
    given_: dict[str, Any], free: float, lower: Quality, higher: Quality
) -> None:
    """Not more memory by any way, no pause that the higher one does without, and less work."""
    lower, higher = sorted((lower, higher))
    given_ = {**given_, "remembered": ""}
    few = plan(200_000, free, **{**given_, "quality": lower})
    many = plan(200_000, free, **{**given_, "quality": higher})
    needs = {rung.name: rung.need.likely_mib for rung in many.rungs}
    for rung in few.rungs:
        if rung.name in needs and rung.quality is lower:
            assert rung.need.likely_mib <= ROUNDING * needs[rung.name]
    if PAINTER not in (few.first.name, many.first.name):
        assert work(few.first.picture) <= ROUNDING * work(many.first.picture)
        assert many.pauses_script_writer or not few.pauses_script_writer


@settings(deadline=None)
@given(given_=requests, free=MEMORY)
def test_every_plan_is_whole(given_: dict[str, Any], free: float) -> None:
    made = plan(200_000, free, **given_)
    assert made.delivered == frame_size(given_["quality"], given_["aspect"])
    assert made.rungs[-1].name == PAINTER
    assert len(set(names(made))) == len(made.rungs)
    assert 0 <= made.start < len(made.rungs)
    assert made.available_mib is not None
    assert 0 <= made.available_mib <= 200_000
    assert made.first.need.low_mib <= made.available_mib or given_["remembered"]
    assert made.reasons
    if made.pauses_script_writer:
        assert given_["can_pause"]
        assert given_["writer_mib"] > 0
    for rung in made.rungs:
        picture = rung.picture
        if picture is not None and picture.refine is Refine.FULL:
            assert picture.decode in {Decode.PLAIN, Decode.TILED}


@settings(deadline=None)
@given(
    total=st.floats(allow_nan=True, allow_infinity=True),
    free=st.floats(allow_nan=True, allow_infinity=True),
    drawer=st.floats(allow_nan=True, allow_infinity=True),
    writer=st.floats(allow_nan=True, allow_infinity=True),
)
def test_no_figure_of_a_driver_breaks_a_plan(
    total: float, free: float, drawer: float, writer: float
) -> None:
    card = CardMemory("Card", total, free, drawer, writer, writer_can_pause=True)
    made = make_plan(replace(request(None, None), card=card))
    assert made.available_mib is None or 0 <= made.available_mib <= 64 * 1024 * 1024
    assert made.rungs[-1].name == PAINTER
