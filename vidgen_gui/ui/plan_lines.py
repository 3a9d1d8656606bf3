"""A plan in words and figures: how a picture is made, what it needs, how long. No widgets."""

from pathlib import PurePosixPath

from PySide6.QtCore import QCoreApplication, QLocale

from vidgen_gui.core.picture_overrides import PictureOverrides
from vidgen_gui.core.picture_plan import PicturePlan, Refine, UpscaleMethod, adjusted, refine_grid
from vidgen_gui.core.plan import PAINTER, WORKFLOW, CardMemory, Plan, Rung
from vidgen_gui.ui import labels
from vidgen_gui.ui.plan_fit import Fit, fit

_SAMPLERS = {
    "dpmpp_2m": "DPM++ 2M",
    "dpmpp_2m_sde": "DPM++ 2M SDE",
    "euler": "Euler",
    "euler_ancestral": "Euler ancestral",
    "ddim": "DDIM",
    "uni_pc": "UniPC",
}
_MINUTES_FROM_S = 100
MIB_PER_GIB = 1024
ARROW = " → "


def _tr(text: str) -> str:
    return QCoreApplication.translate("plan_lines", text)


def sampler_name(sampler: str) -> str:
    """A sampler as people write it; one that is not known stays as it is."""
    return _SAMPLERS.get(sampler, sampler)


def rung_line(rung: Rung, plan: Plan) -> str:
    """One way of making the picture in one short line."""
    if rung.name == PAINTER:
        return _tr("painted by VidGen itself")
    if rung.picture is None:
        return _tr("by your own workflow") if rung.name == WORKFLOW else rung.name
    line = ARROW.join(_passes(rung.picture))
    if rung.on_cpu:
        line = _tr("on the processor: {how}").format(how=line)
    if rung.quality < plan.quality:
        quality = labels.quality_name(rung.quality)
        line = _tr("detail of {quality}: {how}").format(quality=quality, how=line)
    return line


def _passes(picture: PicturePlan) -> list[str]:
    if picture.upscale is UpscaleMethod.NONE:
        return [_tr("drawn at {size}").format(size=picture.base)]
    passes = [str(picture.base)]
    if picture.refine is Refine.NONE:
        return [*passes, _enlarged_to(picture)]
    refined = _tr("refined at {size}")
    if picture.refine is Refine.TILES:
        refined = _tr("refined in tiles at {size}")
    return [*passes, refined.format(size=picture.refine_size)]


def _enlarged_to(picture: PicturePlan) -> str:
    if picture.upscale is UpscaleMethod.MODEL:
        return _tr("enlarged by a model")
    return _tr("enlarged to {size}").format(size=picture.final)


def pass_facts(plan: Plan, overrides: PictureOverrides) -> list[tuple[str, str]]:
    """What the first rung does, pass by pass, as name and figures."""
    rung = plan.first
    if rung.picture is None:
        return [(_tr("Pictures"), rung_line(rung, plan))]
    picture = adjusted(rung.picture, overrides)
    facts = [(_tr("Draws"), _drawing(picture))]
    if picture.upscale is not UpscaleMethod.NONE:
        facts.append((_tr("Enlarges"), _enlarging(picture)))
    if picture.refine is not Refine.NONE:
        facts.append((_tr("Refines"), _refining(picture)))
    return facts


def next_line(plan: Plan) -> str:
    """What is tried if the first rung fails; empty after the last."""
    following = plan.rungs[plan.start + 1 : plan.start + 2]
    if not following:
        return ""
    line = rung_line(following[0], plan)
    if line == rung_line(plan.first, plan):
        return _tr("the same, decoded in tiles")
    return line


def override_line(overrides: PictureOverrides) -> str:
    """What a person changed about the pictures, in one line; empty where nothing."""
    parts = []
    if overrides.steps is not None:
        parts.append(_tr("{steps} steps").format(steps=overrides.steps))
    if overrides.cfg is not None:
        parts.append(_tr("guidance {cfg}").format(cfg=QLocale().toString(overrides.cfg, "g", 4)))
    if overrides.sampler:
        parts.append(sampler_name(overrides.sampler))
    if overrides.checkpoint:
        parts.append(overrides.checkpoint)
    return " · ".join(parts)


def _drawing(picture: PicturePlan) -> str:
    return _tr("{size} in {steps} steps, guidance {cfg}, {sampler}").format(
        size=picture.base,
        steps=picture.steps,
        cfg=QLocale().toString(picture.cfg, "g", 4),
        sampler=sampler_name(picture.sampler),
    )


def _enlarging(picture: PicturePlan) -> str:
    if picture.upscale is UpscaleMethod.MODEL:
        model = PurePosixPath(picture.upscale_model.replace("\\", "/")).stem
        return _tr("with {model}").format(model=model)
    if picture.upscale is UpscaleMethod.LATENT:
        return _tr("before it is decoded")
    return _tr("by resampling")


def _refining(picture: PicturePlan) -> str:
    size, steps = picture.refine_size, picture.refine_steps
    if picture.refine is Refine.TILES:
        tiles = len(refine_grid(picture).tiles)
        return _tr("{size} in {tiles} tiles of {steps} steps").format(
            size=size, tiles=tiles, steps=steps
        )
    return _tr("{size} in {steps} steps").format(size=size, steps=steps)


def need_line(plan: Plan) -> str:
    """What the first rung needs of what is there, short: ``needs 2.9–5.1 of 6.3 GB``."""
    standing, need = fit(plan), plan.first.need
    if standing is Fit.NO_NEED:
        return _tr("needs no graphics memory")
    if need.high_mib <= 0:
        return _tr("what it needs is not known")
    available_mib = plan.available_mib
    if available_mib is None:
        return _tr("needs about {span}").format(span=span_mib(need.low_mib, need.high_mib))
    # The unit once, at the end.
    unit = _unit_of(max(need.high_mib, available_mib))
    low, high, available = (
        _in_unit(mib, unit) for mib in (need.low_mib, need.high_mib, available_mib)
    )
    span = low if low == high else f"{low}–{high}"
    return _tr("needs {span} of {available}").format(span=span, available=f"{available} {unit}")


def span_mib(low_mib: float, high_mib: float) -> str:
    """Two sizes as a span, in one unit: ``2.9–5.1 GB``."""
    unit = _unit_of(high_mib)
    low, high = _in_unit(low_mib, unit), _in_unit(high_mib, unit)
    return f"{high} {unit}" if low == high else f"{low}–{high} {unit}"


def _unit_of(mib: float) -> str:
    return "GB" if mib >= MIB_PER_GIB else "MB"


def _in_unit(mib: float, unit: str) -> str:
    if unit == "GB":
        return QLocale().toString(mib / MIB_PER_GIB, "f", 1)
    return QLocale().toString(round(mib))


def fit_line(plan: Plan) -> str:
    """Whether that will do, in words; empty where nothing is needed."""
    return {
        Fit.NO_NEED: "",
        Fit.UNKNOWN: _tr("how much is free is not known"),
        Fit.FITS: _tr("fits"),
        Fit.LIKELY: _tr("should fit"),
        Fit.TIGHT: _tr("may not fit"),
        Fit.SHORT: _tr("does not fit"),
    }[fit(plan)]


def about(seconds: float) -> str:
    """An estimate for people, no finer than it is: ``about 26 s``, ``about 4 min``."""
    whole = 60 * round(seconds / 60) if seconds >= _MINUTES_FROM_S else seconds
    return _tr("about {time}").format(time=labels.duration(whole))


def card_line(card: CardMemory | None) -> str:
    """The graphics card and its memory as they are now."""
    if card is None:
        return ""
    if card.total_mib == 0:
        return _tr("There is no graphics card")
    if card.total_mib is None and card.free_mib is None and not card.name:
        return _tr("No graphics card whose memory could be read")
    name = card.name or _tr("Graphics card")
    if card.simulated:
        name = _tr("{name} (simulated)").format(name=name)
    if card.free_mib is None:
        return _tr("{name}: how much of its memory is free is not known").format(name=name)
    free = labels.size_mib(card.free_mib)
    if card.total_mib is None:
        line = _tr("{name}: {free} free").format(name=name, free=free)
    else:
        total = labels.size_mib(card.total_mib)
        line = _tr("{name}: {free} of {total} free").format(name=name, free=free, total=total)
    if card.writer_mib > 0:
        held = labels.size_mib(card.writer_mib)
        line += " · " + _tr("the script writer holds {held}").format(held=held)
    return line
