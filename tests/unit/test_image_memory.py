"""What a picture needs: the server's figures, their range, and what they never do."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_kit import FINGERPRINT, plan

from vidgen_gui.core.image_family import FACTS, Family
from vidgen_gui.core.memory_range import MIB
from vidgen_gui.core.picture_plan import Decode, PicturePlan
from vidgen_gui.core.picture_sizes import rounded_up
from vidgen_gui.core.quality import FrameSize, Quality
from vidgen_gui.gpu.calibration import Calibration, Outcome
from vidgen_gui.gpu.image_memory import (
    comfortable_mib,
    decoding_mib,
    encoding_mib,
    need,
    sampling_mib,
    step_needs,
)
from vidgen_gui.gpu.picture_calibration import key_of, learned_need, least_worth_trying_mib

SIDES = st.integers(64, 16_384)
FAMILIES = st.sampled_from(list(Family))
EMPTY = Calibration("Card", "1")


def picture(rung: str = "hires-full-tiled", family: Family = Family.SD15) -> PicturePlan:
    found = plan(12288, 6144, family=family)
    made = next(one.picture for one in found.rungs if one.name == rung)
    assert made is not None
    return made


@pytest.mark.req("ERR-11", "ERR-13")
def test_the_steps_are_the_servers_own_figures() -> None:
    """Latent 202×359: 2·h·w·0.01 at a time; decode 2178·64·64·64·2 bytes; encode 1767·512²·2."""
    steps = [(step.kind.value, step.resident_mib, step.work_mib) for step in step_needs(picture())]
    assert steps[0] == ("reading the prompt", 128.0, 16.0)
    sampled = [step for step in steps if step[0] == "sampling"]
    assert sampled[-1][1:] == (168.0, pytest.approx(202 * 359 * 2 * 0.01))
    decoded = [step for step in steps if step[0] == "decoding"]
    assert decoded[-1][1:] == (128.0, pytest.approx(2178 * 64**3 * 2 / MIB))
    encoded = [step for step in steps if step[0] == "encoding"]
    assert encoded[-1][1:] == (128.0, pytest.approx(1767 * 512**2 * 2 / MIB))
    assert need(picture()).likely_mib == pytest.approx(250 + 168 + 202 * 359 * 0.02)


@pytest.mark.parametrize("family", list(Family))
def test_the_range_holds_what_the_figures_may_be_off_by(family: Family) -> None:
    for rung in ("hires-full", "hires-tiles", "plain"):
        found = need(picture(rung, family))
        assert found.low_mib < 0.75 * found.likely_mib
        assert found.high_mib == pytest.approx(1.6 * found.likely_mib)
        assert comfortable_mib(picture(rung, family)) > found.likely_mib


@pytest.mark.req("AUD-35")
@given(width=SIDES, height=SIDES, family=FAMILIES)
def test_no_size_up_to_16k_overflows_or_is_negative(
    width: int, height: int, family: Family
) -> None:
    size = FrameSize(width, height)
    for mib in (sampling_mib(size, family, batch=2), decoding_mib(size), encoding_mib(size)):
        assert math.isfinite(mib)
        assert 0 < mib < 4_000_000


@pytest.mark.req("AUD-35")
@given(width=SIDES, height=SIDES, more_x=SIDES, more_y=SIDES, family=FAMILIES)
def test_more_pixels_never_need_less(
    width: int, height: int, more_x: int, more_y: int, family: Family
) -> None:
    few = FrameSize(width, height)
    many = FrameSize(width + more_x, height + more_y)
    assert sampling_mib(few, family) < sampling_mib(many, family)
    assert decoding_mib(few) < decoding_mib(many)
    assert encoding_mib(few) < encoding_mib(many)


@settings(deadline=None)
@given(
    width=st.integers(256, 4096),
    height=st.integers(256, 4096),
    scale=st.floats(1.0, 1.8),
    family=FAMILIES,
    rung=st.sampled_from(["hires-full", "hires-full-tiled", "hires-tiles", "plain"]),
)
def test_a_larger_picture_of_the_same_kind_never_needs_less(
    width: int, height: int, scale: float, family: Family, rung: str
) -> None:
    small = rounded_up(FrameSize(width, height))
    large = rounded_up(FrameSize(int(width * scale), int(height * scale)))
    base = picture(rung, family)
    refined = base.refine_size is not None
    one = replace(base, final=small, refine_size=small if refined else None)
    other = replace(base, final=large, refine_size=large if refined else None)
    for low, high in ((need(one), need(other)),):
        assert low.low_mib <= high.low_mib
        assert low.likely_mib <= high.likely_mib
        assert low.high_mib <= high.high_mib
    assert comfortable_mib(one) <= comfortable_mib(other)


def test_a_decode_at_once_needs_more_than_in_tiles() -> None:
    tiled = picture()
    assert need(replace(tiled, decode=Decode.PLAIN)).likely_mib > 10 * need(tiled).likely_mib


def test_an_unknown_model_is_taken_to_be_as_heavy_as_the_heaviest() -> None:
    for rung in ("hires-full-tiled", "hires-tiles", "plain"):
        unknown = comfortable_mib(picture(rung, Family.UNKNOWN))
        assert unknown >= comfortable_mib(picture(rung, Family.SD15))
    assert FACTS[Family.UNKNOWN].unet_mib == FACTS[Family.SDXL].unet_mib


@pytest.mark.req("AUD-46", "B2")
def test_measurements_of_the_same_picture_correct_its_need() -> None:
    drawn = picture()
    key = key_of(drawn, FINGERPRINT)
    worked = EMPTY.observe(key, Outcome.WORKED, 2000.0, need(drawn))
    assert learned_need(drawn, FINGERPRINT, worked).high_mib == pytest.approx(2000 * 1.15)
    assert learned_need(drawn, FINGERPRINT, None) == need(drawn)
    assert learned_need(drawn, "another file", worked) == need(drawn)
    failed = EMPTY.observe(key, Outcome.OUT_OF_MEMORY, 2000.0, need(drawn))
    assert learned_need(drawn, FINGERPRINT, failed).low_mib == 2000.0
    assert least_worth_trying_mib(drawn, FINGERPRINT, failed) == pytest.approx(2100.0)
    later = failed.observe(key, Outcome.WORKED, 1900.0, need(drawn))
    assert least_worth_trying_mib(drawn, FINGERPRINT, later) == 1900.0
    assert least_worth_trying_mib(drawn, FINGERPRINT, None) == 0.0


def test_the_key_is_what_changes_memory() -> None:
    drawn = picture()
    same = replace(drawn, seed=9, steps=3, cfg=1.5, sampler="euler", refine_steps=2, denoise=0.2)
    assert key_of(same, FINGERPRINT) == key_of(drawn, FINGERPRINT)
    for changed in (
        replace(drawn, tile_px=320),
        replace(drawn, decode=Decode.PLAIN),
        replace(drawn, base=FrameSize(512, 512)),
        replace(drawn, refine_size=FrameSize(1024, 1816)),
        replace(drawn, checkpoint="other.safetensors"),
    ):
        assert key_of(changed, FINGERPRINT) != key_of(drawn, FINGERPRINT)
    assert key_of(drawn, "f2") != key_of(drawn, FINGERPRINT)


@pytest.mark.parametrize("quality", list(Quality))
def test_every_way_of_a_quality_has_its_own_key(quality: Quality) -> None:
    drawn = [rung.picture for rung in plan(49152, 48000, quality=quality).rungs if rung.picture]
    assert len({key_of(one, FINGERPRINT).settings for one in drawn}) == len(drawn) > 2
