"""Plans by what the card has: the start, the price, what is learned, and what never gets worse."""

import math
from dataclasses import replace
from typing import Any

import pytest
from plan_kit import EMPTY, QWEN_MIB, SERVER, learned, names, plan, rank

from vidgen_gui.core.image_family import Family
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.plan import ON_CPU, PAINTER, Plan
from vidgen_gui.core.quality import Aspect, Quality, frame_size
from vidgen_gui.gpu.calibration import Outcome
from vidgen_gui.gpu.image_memory import need
from vidgen_gui.gpu.planner import painter_plan, workflow_plan


def told(made: Plan) -> set[MessageId]:
    return {why.id for why in made.reasons}


@pytest.mark.req("WISH", "LBL-1", "LBL-2", "BUG-10")
@pytest.mark.parametrize("family", [Family.SD15, Family.SDXL])
def test_ultra_on_twelve_gigabytes_of_which_six_are_free(family: Family) -> None:
    """The highest rung that the rules say fits: 250 + 168 + 1450 and 250 + 490 + 1160 MiB."""
    made = plan(12288, 6144, writer_mib=QWEN_MIB, family=family)
    assert made.first.name == "hires-full-tiled"
    assert made.delivered == frame_size(Quality.ULTRA, Aspect.PORTRAIT)
    assert made.available_mib == 6144 - 512
    assert not made.pauses_script_writer
    assert made.first.need.high_mib < made.available_mib
    above = made.rungs[made.start - 1]
    assert above.name == "hires-full"
    assert above.need.low_mib > 12288
    paused = plan(12288, 6144 + QWEN_MIB, family=family)
    assert rank(paused, made) <= rank(made, made)


@pytest.mark.req("WISH")
@pytest.mark.parametrize(
    ("total", "free", "first"),
    [
        (2048, 2048, "hires-full-tiled"),
        (3072, 3072, "hires-full-tiled"),
        (4096, 4096, "hires-full-tiled"),
        (8192, 8192, "hires-full-tiled"),
        (11980, 6350, "hires-full-tiled"),
        (16384, 16384, "hires-full-tiled"),
        (24576, 24000, "super-tiled"),
        (24576, 22000, "super-tiled"),
        (49152, 48000, "super"),
    ],
)
def test_ultra_on_other_cards(total: float, free: float, first: str) -> None:
    assert plan(total, free).first.name == first


@pytest.mark.req("WISH")
def test_from_24_gigabytes_on_a_larger_picture_is_drawn_and_scaled_down() -> None:
    """2048×3640, 100 steps, CFG 9.5; other shapes alike."""
    for aspect, size in (
        (Aspect.PORTRAIT, "2048×3640"),
        (Aspect.LANDSCAPE, "3640×2048"),
        (Aspect.SQUARE, "2048×2048"),
        (Aspect.TALL, "2048×2560"),
    ):
        made = plan(24576, 24000, aspect=aspect)
        picture = made.first.picture
        assert picture is not None
        assert (str(picture.refine_size), picture.steps, picture.cfg) == (size, 100, 9.5)
        assert str(made.delivered) == str(frame_size(Quality.ULTRA, aspect))
        usual = plan(12288, 12000, aspect=aspect).first.picture
        assert usual is not None
        assert usual.final == picture.final
    assert not any(name.startswith("super") for name in names(plan(24576, 20_900)))
    assert not any(
        name.startswith("super") for name in names(plan(49152, 48000, quality=Quality.HIGH))
    )


@pytest.mark.req("BUG-32", "AUD-40", "LBL-2", "AUD-8")
@pytest.mark.parametrize(
    ("card", "profile", "available"),
    [
        ({}, {}, 5632),
        ({"drawer_mib": 3000.0}, {}, 8632),
        ({"writer_mib": 4000.0}, {}, 5632),
        ({"writer_mib": 4000.0, "can_pause": False}, {}, 5632),
        ({}, {"reserve_mib": 2000}, 4144),
        ({}, {"reserve_mib": 0}, 6144),
        ({}, {"vram_limit_mib": 3000}, 3000),
        ({"drawer_mib": 9000.0}, {}, 12288),
    ],
)
def test_available_is_what_is_free_or_can_really_be_freed(
    card: dict[str, Any], profile: dict[str, Any], available: float
) -> None:
    assert plan(12288, 6144, profile=profile, **card).available_mib == available


@pytest.mark.req("BUG-32", "AUD-40")
def test_the_writer_is_paused_only_where_that_gains_something() -> None:
    gains = plan(8192, 2000, writer_mib=QWEN_MIB)
    assert gains.pauses_script_writer
    assert gains.available_mib == 2000 + QWEN_MIB - 512
    assert {MessageId.PLAN_PAUSES_WRITER, MessageId.PLAN_AVAILABLE_WITH_WRITERS} <= told(gains)
    fits = plan(8192, 2600, writer_mib=QWEN_MIB)
    assert not fits.pauses_script_writer
    assert fits.first.name == gains.first.name
    stays = plan(8192, 1500, writer_mib=QWEN_MIB, can_pause=False)
    assert not stays.pauses_script_writer
    assert stays.first.name == "hires-fraction-small"
    assert MessageId.PLAN_WRITER_STAYS in told(stays)
    forbidden = plan(8192, 1500, writer_mib=QWEN_MIB, profile={"pause_script_writer": "no"})
    assert (forbidden.first.name, forbidden.asks_first) == (stays.first.name, False)
    asked = plan(8192, 1500, writer_mib=QWEN_MIB, profile={"pause_script_writer": "ask"})
    assert asked.pauses_script_writer
    assert asked.asks_first


def test_a_finer_decode_is_no_reason_to_pause_the_writer() -> None:
    high = {"quality": Quality.HIGH}
    beside = plan(16384, 10_600, writer_mib=QWEN_MIB, **high)
    assert (beside.first.name, beside.pauses_script_writer) == ("hires-full-tiled", False)
    alone = plan(16384, 16_200, **high)
    assert alone.first.name == "hires-full"


def test_a_finer_decode_is_chosen_only_with_room_to_spare() -> None:
    made = plan(16384, 16_384, quality=Quality.HIGH)
    likely = made.first.need.likely_mib
    assert (made.first.name, likely < 12_000) == ("hires-full", True)
    tight = plan(16384, likely * 1.1 + 512, quality=Quality.HIGH)
    assert tight.first.name == "hires-full-tiled"
    [needed] = [m for m in tight.reasons if m.id is MessageId.PLAN_BETTER_NEEDS]
    assert needed.params["needed_mib"] == pytest.approx(1.25 * likely, abs=1)
    # Once it was proven to work with so much, it is taken again.
    remembered = plan(16384, likely * 1.1 + 512, quality=Quality.HIGH, remembered="hires-full")
    assert remembered.first.name == "hires-full"


@pytest.mark.req("BUG-32")
def test_the_smallest_way_may_use_what_is_left_to_others() -> None:
    made = plan(6144, 600, writer_mib=QWEN_MIB, can_pause=False)
    assert made.first.name == "hires-tiles"
    assert made.available_mib == 600
    assert MessageId.PLAN_USES_RESERVE in told(made)
    least = min(rung.need.low_mib for rung in made.rungs if rung.picture)
    nothing = plan(6144, least - 1)
    assert nothing.first.name == PAINTER
    assert MessageId.PLAN_PAINTS in told(nothing)
    limited = plan(6144, 6000, profile={"vram_limit_mib": int(least) - 1})
    assert limited.first.name == PAINTER
    assert MessageId.PLAN_LIMITED in told(plan(6144, 6000, profile={"vram_limit_mib": 3000}))


@pytest.mark.req("AUD-35", "ERR-13")
@pytest.mark.parametrize(
    ("total", "free"),
    [
        (math.nan, 6000.0),
        (12288.0, math.nan),
        (12288.0, math.inf),
        (12288.0, -1.0),
        (12288.0, 3.4e38),
        (12288.0, 12289.0),
    ],
)
def test_figures_that_cannot_be_true_are_said_and_not_used(total: float, free: float) -> None:
    made = plan(total, free)
    assert MessageId.PLAN_FIGURES_REFUSED in told(made)
    assert all(math.isfinite(rung.need.high_mib) for rung in made.rungs)
    if math.isnan(total):
        assert made.available_mib == 6000 - 512
    else:
        assert made.available_mib is None
        assert made.first.name == "hires-full-tiled"


@pytest.mark.parametrize("held", [math.nan, math.inf, -5.0])
def test_absurd_amounts_held_count_as_none(held: float) -> None:
    made = plan(12288, 6144, writer_mib=held, drawer_mib=held)
    assert made.available_mib == 5632
    assert MessageId.PLAN_FIGURES_REFUSED in told(made)


@pytest.mark.req("AUD-35")
def test_unknown_memory_is_said_and_the_start_is_tiled_or_what_worked() -> None:
    made = plan(None, None)
    assert (made.available_mib, made.first.name) == (None, "hires-full-tiled")
    assert MessageId.PLAN_MEMORY_UNKNOWN in told(made)
    assert plan(None, None, remembered="upscale").first.name == "upscale"
    assert plan(None, None, remembered="gone").first.name == "hires-full-tiled"
    small = plan(1280, None)
    assert small.available_mib is None
    assert small.first.need.low_mib <= 1280


def test_without_a_card_small_pictures_are_drawn_and_it_is_said() -> None:
    made = plan(None, None, no_card=True)
    assert names(made) == ["upscale", "plain", PAINTER]
    assert MessageId.PLAN_NO_CARD in told(made)
    assert made.available_mib is None
    assert all(rung.need.high_mib == 0 for rung in made.rungs)


def test_a_server_that_can_draw_nothing_leaves_the_painter() -> None:
    server = replace(SERVER, nodes=SERVER.nodes - {"KSampler"})
    made = plan(24576, 24000, server=server, profile={"quality_policy": "ask"})
    assert names(made) == [PAINTER]
    assert MessageId.PLAN_SERVER_LACKS in told(made)
    assert not made.asks_first
    assert painter_plan(Quality.HIGH, Aspect.SQUARE).first.name == PAINTER
    assert names(workflow_plan(Quality.HIGH, Aspect.SQUARE))[-1] == PAINTER


@pytest.mark.req("ERR-11", "P1", "V10")
def test_lower_qualities_follow_where_they_need_less() -> None:
    """Whole pictures only: then nothing but a lower quality needs less."""
    profile = {"rungs": ("hires-full-tiled",)}
    made = plan(12288, 6144, profile=profile)
    assert names(made) == [
        "hires-full-tiled",
        "ultra-lite/hires-full-tiled",
        "high/hires-full-tiled",
        PAINTER,
    ]
    needs = [need(rung.picture).likely_mib for rung in made.rungs if rung.picture]
    assert needs == sorted(set(needs), reverse=True)
    low = plan(2048, 1700, profile=profile)
    assert (low.first.name, low.first.quality) == (
        "ultra-lite/hires-full-tiled",
        Quality.ULTRA_LITE,
    )
    assert low.delivered == made.delivered
    assert MessageId.PLAN_LOWER_QUALITY in told(low)
    assert low.first.picture is not None
    assert low.first.picture.final == made.rungs[0].picture.final  # type: ignore[union-attr]


@pytest.mark.req("ERR-11", "ENV", "G2")
def test_the_policy_says_how_far_down_it_goes() -> None:
    whole: dict[str, Any] = {"rungs": ("hires-full-tiled",)}
    kept = plan(2048, 1300, profile={**whole, "quality_policy": "keep"})
    assert names(kept) == ["hires-full-tiled", PAINTER]
    assert (kept.first.name, kept.asks_first) == (PAINTER, False)
    asked = plan(2048, 1700, profile={**whole, "quality_policy": "ask"})
    assert (asked.first.quality, asked.asks_first) == (Quality.ULTRA_LITE, True)
    enough = plan(12288, 6144, profile={**whole, "quality_policy": "ask"})
    assert not enough.asks_first
    bound = plan(12288, 6144, profile={**whole, "lowest_quality": Quality.ULTRA_LITE})
    assert names(bound) == ["hires-full-tiled", "ultra-lite/hires-full-tiled", PAINTER]


def test_the_profiles_own_order_is_kept() -> None:
    order = ("plain", "hires-tiles", "high/hires-full", "hires-full", "nothing-like-it")
    made = plan(12288, 6144, profile={"rungs": order})
    assert names(made)[:3] == ["plain", "hires-tiles", "hires-full"]
    assert made.first.name == "plain"
    tight = plan(12288, 6144, profile={"rungs": ("hires-full", "high/hires-full", "draft/plain")})
    assert names(tight) == ["hires-full", "high/hires-full", "draft/plain", PAINTER]
    assert tight.first.name == "draft/plain"
    none = plan(12288, 6144, profile={"rungs": ("no-such-way",)})
    assert names(none) == [PAINTER]
    assert MessageId.PLAN_NO_WAY_ADMITTED in told(none)
    draft = plan(
        12288, 6144, quality=Quality.DRAFT, family=Family.SDXL, profile={"rungs": ("hires-full",)}
    )
    assert names(draft)[0] == "base"


@pytest.mark.req("ERR-18", "F1")
def test_the_processor_draws_before_the_painter_paints_if_allowed() -> None:
    allowed = {"cpu_allowed": True}
    made = plan(4096, 100, profile=allowed, can_run_on_cpu=True)
    assert names(made)[-2:] == [ON_CPU, PAINTER]
    assert made.first.on_cpu
    assert MessageId.PLAN_ON_CPU in told(made)
    assert ON_CPU not in names(plan(4096, 100, profile=allowed))
    assert ON_CPU not in names(plan(4096, 100, can_run_on_cpu=True))
    assert plan(4096, 4000, profile=allowed, can_run_on_cpu=True).first.name == "hires-full-tiled"


@pytest.mark.req("R7", "P2")
def test_what_failed_is_not_tried_again_until_there_is_more() -> None:
    made = plan(2304, 2304)
    assert made.first.name == "hires-full-tiled"
    room = made.available_mib or 0.0
    known = learned(made, "hires-full-tiled", Outcome.OUT_OF_MEMORY, room, EMPTY)
    again = plan(2304, 2304, calibration=known)
    assert again.first.name == "hires-fraction"
    assert MessageId.PLAN_BETTER_FAILED in told(again)
    hardly = plan(4096, 2304 + 0.04 * room, calibration=known)
    assert hardly.first.name == "hires-fraction"
    more = plan(4096, 2304 + 0.06 * room, calibration=known)
    assert more.first.name == "hires-full-tiled"
    worked = learned(made, "hires-full-tiled", Outcome.WORKED, room, known)
    assert plan(2304, 2304, calibration=worked).first.name == "hires-full-tiled"


@pytest.mark.req("R7", "P2")
def test_what_failed_beside_the_writer_is_a_reason_to_pause_it() -> None:
    beside = plan(8192, 2500, writer_mib=QWEN_MIB)
    assert not beside.pauses_script_writer
    room = beside.available_mib or 0.0
    known = learned(beside, "hires-full-tiled", Outcome.OUT_OF_MEMORY, room, EMPTY)
    again = plan(8192, 2500, writer_mib=QWEN_MIB, calibration=known)
    assert (again.first.name, again.pauses_script_writer) == ("hires-full-tiled", True)


@pytest.mark.req("R7")
def test_once_something_worked_better_ways_must_be_likely_to_fit() -> None:
    free = 2048.0
    assert plan(free, free).first.name == "hires-full-tiled"
    settled = plan(free, free, remembered="hires-fraction")
    assert settled.first.name == "hires-fraction"
    assert MessageId.PLAN_REMEMBERED in told(settled)
    assert plan(4096, 4096, remembered="hires-fraction").first.name == "hires-full-tiled"
    lost = plan(1200, 1200, remembered="hires-fraction")
    assert lost.first.name == "hires-tiles"


def test_expected_times_are_carried_along() -> None:
    made = plan(4096, 4096, seconds={"hires-full-tiled": 61.0})
    assert made.first.seconds == 61.0
    assert made.rungs[0].seconds is None
