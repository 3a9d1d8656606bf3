"""How well a plan's first rung suits the memory that is there, and the quality that was chosen."""

from enum import StrEnum

from vidgen_gui.core.picture_plan import Refine, UpscaleMethod
from vidgen_gui.core.plan import PAINTER, Plan, Rung
from vidgen_gui.core.quality import Quality


class Fit(StrEnum):
    """Whether a picture's need is met.

    NO_NEED: it needs no graphics card. UNKNOWN: nobody knows what is free, or what is needed.
    FITS even if it needs the most that it may; LIKELY by the probable need; TIGHT only by the
    least; SHORT not at all.
    """

    NO_NEED = "no-need"
    UNKNOWN = "unknown"
    FITS = "fits"
    LIKELY = "likely"
    TIGHT = "tight"
    SHORT = "short"


def is_drawn(rung: Rung) -> bool:
    """Whether ComfyUI makes the picture."""
    return rung.name != PAINTER


def fit(plan: Plan) -> Fit:
    """How the first rung's need stands to what it may use."""
    rung, available_mib = plan.first, plan.available_mib
    if rung.on_cpu or not is_drawn(rung):
        return Fit.NO_NEED
    if available_mib is None or rung.need.high_mib <= 0:
        return Fit.UNKNOWN
    if rung.need.high_mib <= available_mib:
        return Fit.FITS
    if rung.need.likely_mib <= available_mib:
        return Fit.LIKELY
    return Fit.TIGHT if rung.need.low_mib <= available_mib else Fit.SHORT


def draws_own_detail(rung: Rung, quality: Quality) -> bool:
    """Whether the card draws the quality's own detail; a picture that is only enlarged has less."""
    if rung.picture is None or rung.on_cpu or rung.quality < quality:
        return False
    picture = rung.picture
    return picture.refine is not Refine.NONE or picture.upscale is UpscaleMethod.NONE


def keeps_promise(plan: Plan) -> bool:
    """Whether the quality's own detail will probably be drawn, if not at the first attempt."""
    available_mib = plan.available_mib
    if plan.asks_first or available_mib is None:
        return False
    return draws_own_detail(plan.first, plan.quality) and any(
        draws_own_detail(rung, plan.quality) and rung.need.likely_mib <= available_mib
        for rung in plan.rungs[plan.start :]
    )
