"""What is said of the work to come, and which growth is a leak."""

import math
import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidgen_gui.core.image_family import Family
from vidgen_gui.core.job import StageName
from vidgen_gui.core.memory_range import MemoryRange
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.picture_plan import PicturePlan, Refine, UpscaleMethod
from vidgen_gui.core.plan import PAINTER, CardMemory, Plan, Rung
from vidgen_gui.core.quality import Aspect, FrameSize, Quality, frame_size
from vidgen_gui.pipeline.forecast import (
    HOLDER_LEAST_MIB,
    QueuedStage,
    Work,
    find_leak,
    fit_warning,
    leak_warning,
    outlook,
)

HOUR_S = 3600
CARD = CardMemory("A2000", 12_288.0, 6_144.0, 0.0, 5_400.0, writer_can_pause=True)
ULTRA = (Quality.ULTRA, Aspect.PORTRAIT)


def _picture(name: str, refined: FrameSize | None) -> PicturePlan:
    return PicturePlan(
        rung=name,
        family=Family.SD15,
        checkpoint="x.safetensors",
        base=FrameSize(512, 912),
        final=FrameSize(1440, 2560),
        steps=20,
        cfg=7.0,
        sampler="euler",
        scheduler="normal",
        seed=1,
        upscale=UpscaleMethod.LATENT if refined else UpscaleMethod.IMAGE,
        refine=Refine.FULL if refined else Refine.NONE,
        refine_size=refined,
        refine_steps=10 if refined else 0,
        denoise=0.5 if refined else 0.0,
    )


def _rung(name: str, mib: float, refined: FrameSize | None = None) -> Rung:
    need = MemoryRange(mib * 0.75, mib, mib * 1.6)
    picture = None if name == PAINTER else _picture(name, refined)
    return Rung(name, Quality.ULTRA, need, mib, None, picture)


FULL = FrameSize(1440, 2560)
RUNGS = (
    _rung("hires-full", 9_800, FULL),
    _rung("hires-full-tiled", 6_000, FULL),
    _rung("hires-fraction", 4_100, FrameSize(1200, 2136)),
    _rung("upscale", 2_000),
    Rung(PAINTER, Quality.ULTRA, MemoryRange.exact(0.0), 0.0),
)


def _plan(start: int = 0, available: float | None = 11_000.0, *, pauses: bool = False) -> Plan:
    size = frame_size(*ULTRA)
    return Plan(*ULTRA, size, RUNGS, start, available, pauses, False, ())


def _stage(
    stage: StageName = StageName.IMAGE, job_id: str = "a", *, running: bool = False
) -> QueuedStage:
    return QueuedStage(job_id, "Why the sea is salty", stage, *ULTRA, running)


def test_the_ceiling_is_what_others_keep_and_what_the_plan_may_use() -> None:
    # 6144 are used, 5400 of them by the writer, which is paused: 744 stay.
    found = outlook([_stage()], {ULTRA: _plan(available=11_032.0, pauses=True)}, CARD)
    assert found.ceiling_mib == pytest.approx(744 + 11_032)
    assert found.stays_mib == pytest.approx(744)
    assert found.next is not None
    assert found.next.need == RUNGS[0].need
    beside = outlook([_stage()], {ULTRA: _plan(available=5_632.0)}, CARD)
    assert beside.ceiling_mib == pytest.approx(6_144 + 5_632)


def test_what_is_at_work_decides_the_ceiling_and_the_next_is_another() -> None:
    queue = [_stage(running=True), _stage(StageName.SCRIPT, "b"), _stage(job_id="b")]
    need = MemoryRange.exact(5_400.0)
    swapped = CardMemory("A2000", 12_288.0, 4_000.0, drawer_mib=7_500.0)
    found = outlook(queue, {ULTRA: _plan(1, 11_000.0)}, swapped, writer_need=need)
    assert found.current is not None
    assert found.current.stage.job_id == "a"
    assert found.ceiling_mib == pytest.approx(788 + 11_000)
    assert found.next is not None
    assert (found.next.stage.stage, found.next.need) == (StageName.SCRIPT, need)


def test_a_loaded_script_writer_needs_nothing_more() -> None:
    queue = [_stage(StageName.SCRIPT), _stage()]
    found = outlook(queue, {ULTRA: _plan()}, CARD, writer_need=MemoryRange.exact(5_400.0))
    assert found.next is not None
    assert found.next.stage.stage is StageName.IMAGE


def test_without_a_queue_only_the_reserve_is_kept() -> None:
    assert outlook([], {}, CARD, reserve_mib=512.0).ceiling_mib == pytest.approx(11_776)
    nothing_known = outlook([_stage()], {}, CardMemory())
    assert (nothing_known.ceiling_mib, nothing_known.next) == (None, None)


@pytest.mark.req("Q10")
@pytest.mark.parametrize(
    ("plan", "holders", "told"),
    [
        (_plan(0), (), None),
        (_plan(0, pauses=True), (), MessageId.FORECAST_PAUSES_WRITER),
        # Finished in tiles, the picture loses nothing.
        (_plan(1, 6_100.0), (), None),
        (_plan(2, 5_000.0), (), MessageId.FORECAST_LOWER),
        (_plan(2, 5_000.0), (("blender", 3_000.0), ("code", 900.0)), MessageId.FORECAST_HELD_BY),
        (_plan(2, 5_000.0), (("code", HOLDER_LEAST_MIB - 1),), MessageId.FORECAST_LOWER),
        (_plan(4, 900.0), (), MessageId.FORECAST_PAINTED),
        (_plan(2, None), (), None),
    ],
)
def test_what_will_not_fit_is_told_before(
    plan: Plan, holders: tuple[tuple[str, float], ...], told: MessageId | None
) -> None:
    message = fit_warning(Work(_stage(), plan.first.need, plan), CARD, holders)
    assert (message.id if message else None) == told
    if message is not None:
        # The most frugal way without a loss, not the dearest.
        assert message.params["needed_gb"] == 5.9
        assert message.params.get("program", "blender") == "blender"


def test_without_comfyui_nothing_has_to_fit() -> None:
    size = frame_size(*ULTRA)
    painted = Plan(*ULTRA, size, RUNGS[-1:], 0, 900.0, False, False, ())
    assert fit_warning(Work(_stage(), RUNGS[-1].need, painted), CARD, ()) is None


def _amounts(
    hours: float, mib_an_hour: float, work_mib: float = 0.0
) -> Iterator[tuple[float, float]]:
    dice = random.Random(4)
    for second in range(0, round(hours * HOUR_S), 20):
        busy = work_mib if second % 900 < 500 else 0.0
        noise = dice.uniform(0, 12)
        yield float(second), 2_000 + mib_an_hour * second / HOUR_S + busy + noise


@pytest.mark.req("Q10")
def test_a_leak_under_work_that_comes_and_goes_is_found_with_its_rate() -> None:
    leak = find_leak(_amounts(3.2, 400.0, 6_000.0), 12_288.0)
    assert leak is not None
    assert leak.mib_per_hour == pytest.approx(400, rel=0.1)
    assert leak.hours_left == pytest.approx((12_288 - 2_000 - 3.1 * 400) / 400, rel=0.1)
    message = leak_warning(leak, "A2000")
    assert message is not None
    assert message.params["rate_gb"] == 0.4
    assert message.params["hours"] in (22, 23)


@pytest.mark.parametrize("hours", [0.5, 1.0])
def test_an_hour_at_most_says_nothing(hours: float) -> None:
    assert find_leak(_amounts(hours, 900.0), 12_288.0) is None


def test_work_without_growth_and_a_program_that_starts_are_no_leaks() -> None:
    assert find_leak(_amounts(4, 0.0, 6_000.0), 12_288.0) is None
    started = [(float(at), 2_000.0 if at < 2 * HOUR_S else 5_000.0) for at in range(0, 14_400, 20)]
    assert find_leak(started, 12_288.0) is None
    stairs = [(float(at), 2_000.0 + 300 * (at // HOUR_S % 2)) for at in range(0, 14_400, 20)]
    assert find_leak(stairs, 12_288.0) is None


def test_a_leak_that_takes_days_to_matter_is_not_told() -> None:
    leak = find_leak(_amounts(3.2, 260.0), 48_000.0)
    assert leak is None or leak_warning(leak, "A6000") is None
    unbounded = find_leak(_amounts(3.2, 400.0), None)
    assert unbounded is not None
    assert leak_warning(unbounded, "?") is None


@given(
    st.lists(
        st.tuples(
            st.floats(0, 1e7, allow_nan=False),
            st.none() | st.floats(0, 1e6, allow_nan=False),
        ),
        max_size=200,
    )
)
def test_whatever_was_measured_a_leak_grows_and_ends(
    amounts: list[tuple[float, float | None]],
) -> None:
    leak = find_leak(sorted(amounts, key=lambda one: one[0]), 12_288.0)
    if leak is not None:
        assert leak.mib_per_hour > 0
        assert leak.hours_left is not None
        assert leak.hours_left >= 0
        assert math.isfinite(leak.hours_left)
