"""How long a picture will take, from how long others took; pure.

A sampler's step grows a little faster than its pixels; decoding and encoding grow with them. The
figures are rough: what was drawn in the very same way tells more, and is asked first.
"""

from dataclasses import replace

from vidgen_gui.core.picture_plan import PicturePlan, Refine, UpscaleMethod, refine_grid
from vidgen_gui.core.picture_sizes import area_px, with_area
from vidgen_gui.core.plan import Plan, Rung
from vidgen_gui.core.quality import FrameSize
from vidgen_gui.store.calibrations import PictureTime

PROBE = "probe"
PROBE_PX = 512 * 512
PROBE_STEPS = 6
_MEGAPIXEL = 1e6
_STEP_POWER = 1.2
"""Between convolutions, which grow with the pixels, and attention, with their square."""
_CODING_STEPS = 4.0
"""A decode or encode costs about as much as so many steps of as many pixels."""
_UPSCALER_STEPS = 30.0


def work(picture: PicturePlan) -> float:
    """How much there is to do, in steps of one megapixel."""
    total = picture.steps * _step(picture.base) + _coding(picture.base)
    if picture.upscale is UpscaleMethod.MODEL:
        total += _UPSCALER_STEPS * area_px(picture.base) / _MEGAPIXEL
    if picture.refine_size is None:
        return total
    if picture.refine is Refine.TILES:
        grid = refine_grid(picture)
        each = picture.refine_steps * _step(grid.size) + 2 * _coding(grid.size)
        return total + len(grid.tiles) * each
    return (
        total + picture.refine_steps * _step(picture.refine_size) + 2 * _coding(picture.refine_size)
    )


def probe_of(picture: PicturePlan) -> PicturePlan:
    """A small picture with the same model, which shows how long its steps take on this card."""
    small = with_area(picture.final, PROBE_PX)
    return replace(
        picture,
        rung=PROBE,
        base=small,
        final=small,
        steps=min(picture.steps, PROBE_STEPS),
        upscale=UpscaleMethod.NONE,
        upscale_model="",
        refine=Refine.NONE,
        refine_size=None,
        refine_steps=0,
        denoise=0.0,
    )


def probed_time(probe: PicturePlan, step_s: float) -> PictureTime:
    """What a small picture teaches: by its steps, as the whole includes loading the model."""
    whole = work(probe)
    return PictureTime(step_s / _step(probe.base) * whole, step_s, whole)


def usual_time(taken: PictureTime, planned: PicturePlan, used: PicturePlan) -> PictureTime:
    """What it would have taken as planned, where the person wished for another number of steps."""
    whole = work(planned)
    return replace(taken, seconds=taken.seconds * whole / work(used), work=whole)


def timed(plan: Plan, work_s: float | None) -> Plan:
    """The plan with expected seconds where nothing was drawn in the very same way yet.

    Args:
        work_s: seconds a unit of work; None: nothing was drawn yet.
    """
    if work_s is None:
        return plan
    return replace(plan, rungs=tuple(_timed(rung, work_s) for rung in plan.rungs))


def _timed(rung: Rung, work_s: float) -> Rung:
    if rung.seconds is not None or rung.picture is None or rung.on_cpu:
        return rung
    return replace(rung, seconds=work(rung.picture) * work_s)


def _step(size: FrameSize) -> float:
    return float((area_px(size) / _MEGAPIXEL) ** _STEP_POWER)


def _coding(size: FrameSize) -> float:
    return _CODING_STEPS * area_px(size) / _MEGAPIXEL
