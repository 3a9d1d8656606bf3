"""Which rungs a request's ladder has: the quality's own, lower ones, the processor, the painter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from vidgen_gui.core.hardware_profile import HardwareProfile, QualityPolicy
from vidgen_gui.core.image_family import Family
from vidgen_gui.core.memory_range import NOTHING
from vidgen_gui.core.picture_plan import PicturePlan, Refine
from vidgen_gui.core.plan import ON_CPU, PAINTER, CardMemory, Rung
from vidgen_gui.core.quality import Aspect, FrameSize, Quality
from vidgen_gui.core.server_abilities import ServerAbilities
from vidgen_gui.gpu.calibration import Calibration
from vidgen_gui.gpu.image_memory import comfortable_mib, need
from vidgen_gui.gpu.picture_calibration import learned_need
from vidgen_gui.gpu.rungs import plans_for


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """Everything that a plan rests on.

    Args:
        picture: what the video's motion needs, in pixels.
        calibration: what was measured on this card; None where nothing was.
        fingerprint: of the checkpoint, for the calibration.
        remembered: the rung that worked last on this card with this model, quality and aspect.
        seconds: how long a picture took by each rung.
        can_run_on_cpu: the image server is ours, so it can be started without the card.
        no_card: it is known that there is none, and the image server draws on the processor.
    """

    quality: Quality
    aspect: Aspect
    picture: FrameSize
    family: Family
    checkpoint: str
    server: ServerAbilities
    profile: HardwareProfile
    card: CardMemory
    calibration: Calibration | None = None
    fingerprint: str = ""
    seed: int = 0
    remembered: str = ""
    seconds: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    can_run_on_cpu: bool = False
    no_card: bool = False


def rungs_for(request: PlanRequest, available_mib: float | None) -> tuple[Rung, ...]:
    """The admitted rungs, best first; the last is the painter.

    Args:
        available_mib: the most that could be available; None when nobody knows.
    """
    own = _own(request, available_mib)
    if request.no_card:
        small = [plan for plan in own if plan.refine is Refine.NONE]
        drawn = [_without_card(request, plan) for plan in small or own[-1:]]
        return (*drawn, painter_rung(request.quality))
    drawn = [_rung(request, request.quality, plan) for plan in own]
    drawn += _lower(request, drawn)
    if own and request.profile.cpu_allowed and request.can_run_on_cpu:
        drawn.append(_on_cpu(request, own[-1]))
    return (*drawn, painter_rung(request.quality))


def painter_rung(quality: Quality) -> Rung:
    """The built-in painter."""
    return Rung(PAINTER, quality, NOTHING, 0.0)


def _own(request: PlanRequest, available_mib: float | None) -> tuple[PicturePlan, ...]:
    """The quality's own ways: those that the profile names, in its order, or all."""
    prefix = f"{request.quality.slug}/"
    named = [name.removeprefix(prefix) for name in request.profile.rungs]
    return _plans(request, request.quality, named, available_mib)


def _plans(
    request: PlanRequest, quality: Quality, wanted: Sequence[str], available_mib: float | None
) -> tuple[PicturePlan, ...]:
    return plans_for(
        quality,
        request.aspect,
        request.family,
        request.checkpoint,
        request.server,
        seed=request.seed,
        picture=request.picture,
        available_mib=available_mib,
        wanted=wanted,
    )


def _lower(request: PlanRequest, before: list[Rung]) -> list[Rung]:
    """Lower qualities' pictures, each needing less than all before it."""
    profile = request.profile
    if profile.quality_policy is QualityPolicy.KEEP:
        return []
    least_mib = min((_modelled_mib(rung) for rung in before), default=float("inf"))
    found: list[Rung] = []
    for quality in sorted(Quality, reverse=True):
        if not profile.lowest_quality <= quality < request.quality:
            continue
        for plan in _named_of(request, quality):
            rung = _rung(request, quality, plan)
            if _modelled_mib(rung) < least_mib:
                least_mib = _modelled_mib(rung)
                found.append(rung)
    return found


def _named_of(request: PlanRequest, quality: Quality) -> tuple[PicturePlan, ...]:
    """A lower quality's ways: the spelled-out ones, or else the kinds named for the quality."""
    names = request.profile.rungs
    if any("/" in name for name in names):
        prefix = f"{quality.slug}/"
        own = [name.removeprefix(prefix) for name in names if name.startswith(prefix)]
        return _plans(request, quality, own, None) if own else ()
    return _plans(request, quality, names, None)


def _modelled_mib(rung: Rung) -> float:
    return 0.0 if rung.picture is None else need(rung.picture).likely_mib


def _rung(request: PlanRequest, quality: Quality, plan: PicturePlan) -> Rung:
    name = plan.rung if quality is request.quality else f"{quality.slug}/{plan.rung}"
    return Rung(
        name=name,
        quality=quality,
        need=learned_need(plan, request.fingerprint, request.calibration),
        comfortable_mib=comfortable_mib(plan),
        seconds=request.seconds.get(name),
        picture=plan,
    )


def _without_card(request: PlanRequest, plan: PicturePlan) -> Rung:
    seconds = request.seconds.get(plan.rung)
    return Rung(plan.rung, request.quality, NOTHING, 0.0, seconds, plan)


def _on_cpu(request: PlanRequest, plan: PicturePlan) -> Rung:
    seconds = request.seconds.get(ON_CPU)
    return Rung(ON_CPU, request.quality, NOTHING, 0.0, seconds, plan, on_cpu=True)
