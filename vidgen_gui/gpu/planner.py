"""Decides how this machine makes a job's pictures: which rungs, which first, at what price. Pure.

The start is the first rung that might fit: by the lower end of what it is thought to need, and
unless it is known to fail. An attempt that runs out of memory costs one try; a start that is too
low costs every picture of the job. Once a rung worked, better ones have to be likely, not just
possible, and decoding at once instead of in tiles has to fit with room to spare. More memory
therefore never makes a plan worse.
"""

from dataclasses import dataclass, replace

from vidgen_gui.core.hardware_profile import PauseScriptWriter, QualityPolicy
from vidgen_gui.core.memory_range import NOTHING
from vidgen_gui.core.messages import Message
from vidgen_gui.core.picture_plan import Decode
from vidgen_gui.core.plan import WORKFLOW, Plan, Rung
from vidgen_gui.core.quality import Aspect, Quality, frame_size
from vidgen_gui.gpu.available import Available, available
from vidgen_gui.gpu.image_memory import need
from vidgen_gui.gpu.picture_calibration import least_worth_trying_mib
from vidgen_gui.gpu.plan_reasons import Decision, reasons_of
from vidgen_gui.gpu.plan_rungs import PlanRequest, painter_rung, rungs_for

__all__ = ["PlanRequest", "make_plan", "painter_plan", "workflow_plan"]

SURE = 1.25
"""How many times its likely need a finer decode wants."""
SMALL = 1.25
"""Ways that need at most so many times the least of all may use what is left to others."""


def make_plan(request: PlanRequest) -> Plan:
    """The plan for a request; there always is one.

    Figures of the card that cannot be true count as unknown, and the plan says so.
    """
    memory = available(request.card, request.profile)
    known = memory.known and not request.no_card
    rungs = rungs_for(request, memory.room_mib(paused=True) if known else None)
    start = _start(request, memory, rungs) if known else _start_in_the_dark(request, memory, rungs)
    first = rungs[start.place]
    pauses = known and start.pauses
    asks = _is_lower(first, request.quality) and (
        request.profile.quality_policy is QualityPolicy.ASK and not request.server.missing
    )
    if pauses and request.profile.pause_script_writer is PauseScriptWriter.ASK:
        asks = True
    decision = Decision(
        request=request,
        memory=memory,
        rungs=rungs,
        start=start.place,
        room_mib=start.room_mib,
        pauses=pauses,
        into_reserve=start.into_reserve,
        better_mib=_wanted_mib(request, rungs, start.place - 1) if start.place else 0.0,
    )
    return Plan(
        quality=request.quality,
        aspect=request.aspect,
        delivered=frame_size(request.quality, request.aspect),
        rungs=rungs,
        start=start.place,
        available_mib=start.room_mib if known else None,
        pauses_script_writer=pauses,
        asks_first=asks,
        reasons=reasons_of(decision),
    )


def painter_plan(quality: Quality, aspect: Aspect, *reasons: Message) -> Plan:
    """The plan where no image server can be had."""
    return _fixed(quality, aspect, (painter_rung(quality),), reasons)


def workflow_plan(quality: Quality, aspect: Aspect, *reasons: Message) -> Plan:
    """The plan for a person's own workflow, whose need nobody knows."""
    own = Rung(WORKFLOW, quality, NOTHING, 0.0)
    return _fixed(quality, aspect, (own, painter_rung(quality)), reasons)


def _fixed(
    quality: Quality, aspect: Aspect, rungs: tuple[Rung, ...], reasons: tuple[Message, ...]
) -> Plan:
    return Plan(
        quality=quality,
        aspect=aspect,
        delivered=frame_size(quality, aspect),
        rungs=rungs,
        start=0,
        available_mib=None,
        pauses_script_writer=False,
        asks_first=False,
        reasons=reasons,
    )


@dataclass(frozen=True, slots=True)
class _Start:
    """The first rung's place, what it may use, and what that costs."""

    place: int
    room_mib: float
    pauses: bool = False
    into_reserve: bool = False


def _start(request: PlanRequest, memory: Available, rungs: tuple[Rung, ...]) -> _Start:
    drawn = [place for place, rung in enumerate(rungs) if _is_drawn_on_card(rung)]
    small_mib = SMALL * min((_modelled_mib(rungs[place]) for place in drawn), default=0.0)
    for place in drawn:
        wanted, likely = _wanted_mib(request, rungs, place), rungs[place].need.likely_mib
        # The alternative to the smallest ways is not to draw at all.
        small = _modelled_mib(rungs[place]) <= small_mib
        beside = memory.room_mib(paused=False, with_reserve=small)
        most = memory.room_mib(paused=True, with_reserve=small)
        if _is_finer_decode(rungs, place):
            most = beside
        if wanted <= most:
            pauses = beside < wanted or beside < likely <= most
            room = most if pauses else beside
            usual = memory.room_mib(paused=pauses)
            return _Start(place, room if wanted > usual else usual, pauses, wanted > usual)
    return _Start(len(drawn), memory.room_mib(paused=False))


def _start_in_the_dark(request: PlanRequest, memory: Available, rungs: tuple[Rung, ...]) -> _Start:
    """Where it worked last; else the best whose decoding is done in tiles and that could fit."""
    for place, rung in enumerate(rungs):
        if rung.name == request.remembered:
            return _Start(place, 0.0)
    for place, rung in enumerate(rungs):
        tiled = rung.picture is None or rung.picture.decode is Decode.TILED or request.no_card
        if tiled and rung.need.low_mib <= memory.ceiling_mib:
            return _Start(place, 0.0)
    return _Start(len(rungs) - 1, 0.0)


def _wanted_mib(request: PlanRequest, rungs: tuple[Rung, ...], place: int) -> float:
    """With how much available a rung is tried first."""
    rung = rungs[place]
    if rung.picture is None:
        return 0.0
    worked = next((at for at, one in enumerate(rungs) if one.name == request.remembered), 0)
    least = rung.need.likely_mib if place < worked else rung.need.low_mib
    if _is_finer_decode(rungs, place) and rung.name != request.remembered:
        # Hardly visible, and it fails last, with all the drawing done.
        least = min(rung.need.high_mib, SURE * rung.need.likely_mib)
    failed = least_worth_trying_mib(rung.picture, request.fingerprint, request.calibration)
    return max(least, failed)


def _modelled_mib(rung: Rung) -> float:
    return 0.0 if rung.picture is None else need(rung.picture).likely_mib


def _is_drawn_on_card(rung: Rung) -> bool:
    return rung.picture is not None and not rung.on_cpu


def _is_finer_decode(rungs: tuple[Rung, ...], place: int) -> bool:
    """Whether the next rung differs by its decoding alone: worth no risk and no pause."""
    one, other = rungs[place].picture, rungs[place + 1].picture
    if one is None or other is None or one.decode is other.decode:
        return False
    return replace(one, rung=other.rung, decode=other.decode) == other


def _is_lower(rung: Rung, quality: Quality) -> bool:
    return rung.quality < quality or not _is_drawn_on_card(rung)
