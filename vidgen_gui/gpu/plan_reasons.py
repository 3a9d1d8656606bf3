"""Why a plan is as it is, as messages for the person: the sums, the price, what is better."""

from collections.abc import Iterator
from dataclasses import dataclass

from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.plan import PAINTER, Rung
from vidgen_gui.gpu.available import Available
from vidgen_gui.gpu.picture_calibration import least_worth_trying_mib
from vidgen_gui.gpu.plan_rungs import PlanRequest


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided: the place that is tried first, and what it may use.

    ``better_mib``: with how much the next better way would have been tried.
    """

    request: PlanRequest
    memory: Available
    rungs: tuple[Rung, ...]
    start: int
    room_mib: float
    pauses: bool
    into_reserve: bool
    better_mib: float

    @property
    def first(self) -> Rung:
        return self.rungs[self.start]

    @property
    def known(self) -> bool:
        return self.memory.known and not self.request.no_card


def reasons_of(made: Decision) -> tuple[Message, ...]:
    """The sentences, in the order in which they explain the plan."""
    return (*_about_the_card(made), *_about_the_first_way(made), *_about_better_ways(made))


def _about_the_card(made: Decision) -> Iterator[Message]:
    card, memory = made.request.card, made.memory
    if card.simulated:
        yield Message(MessageId.PLAN_SIMULATED, {"name": card.name})
    if memory.refused:
        yield Message(MessageId.PLAN_FIGURES_REFUSED)
    if made.request.server.missing:
        yield Message(MessageId.PLAN_SERVER_LACKS, {"node": made.request.server.missing[0]})
    if made.request.no_card:
        yield Message(MessageId.PLAN_NO_CARD)
    elif not made.known:
        yield Message(MessageId.PLAN_MEMORY_UNKNOWN)
    else:
        yield _sum(made)
        if memory.limit_mib is not None and made.room_mib >= memory.limit_mib:
            yield Message(MessageId.PLAN_LIMITED, {"limit_mib": round(memory.limit_mib)})


def _sum(made: Decision) -> Message:
    memory = made.memory
    sums = {
        "available_mib": round(made.room_mib),
        "free_mib": round(memory.free_mib or 0.0),
        "writer_mib": round(memory.writer_mib),
        "reserve_mib": 0 if made.into_reserve else round(memory.reserve_mib),
    }
    if round(memory.drawer_mib):
        sums["drawer_mib"] = round(memory.drawer_mib)
    if made.pauses:
        return Message(MessageId.PLAN_AVAILABLE_WITH_WRITERS, sums)
    return Message(MessageId.PLAN_AVAILABLE, sums)


def _about_the_first_way(made: Decision) -> Iterator[Message]:
    first = made.first
    if first.on_cpu:
        yield Message(MessageId.PLAN_ON_CPU)
    elif first.name == PAINTER:
        if not made.request.server.missing:
            yield _why_painted(made)
    elif made.known:
        yield from _about_need(made)
    if made.request.remembered == first.name:
        yield Message(MessageId.PLAN_REMEMBERED)
    if first.quality < made.request.quality:
        yield Message(MessageId.PLAN_LOWER_QUALITY)
    if made.into_reserve and first.picture is not None:
        yield Message(MessageId.PLAN_USES_RESERVE, {"reserve_mib": round(made.memory.reserve_mib)})


def _why_painted(made: Decision) -> Message:
    drawn = [rung.need.low_mib for rung in made.rungs if rung.picture is not None]
    if not drawn:
        return Message(MessageId.PLAN_NO_WAY_ADMITTED)
    return Message(MessageId.PLAN_PAINTS, {"needed_mib": round(min(drawn))})


def _about_need(made: Decision) -> Iterator[Message]:
    needed = made.first.need
    sums = {
        "low_mib": round(needed.low_mib),
        "likely_mib": round(needed.likely_mib),
        "high_mib": round(needed.high_mib),
    }
    unsure = needed.likely_mib > made.room_mib
    yield Message(MessageId.PLAN_MAY_NOT_FIT if unsure else MessageId.PLAN_NEEDS, sums)
    if made.first.comfortable_mib > made.room_mib:
        yield Message(
            MessageId.PLAN_STREAMS, {"comfortable_mib": round(made.first.comfortable_mib)}
        )
    if made.pauses:
        yield Message(MessageId.PLAN_PAUSES_WRITER, {"writer_mib": round(made.memory.writer_mib)})


def _about_better_ways(made: Decision) -> Iterator[Message]:
    """What would be needed for the next better way, and whether the writer stands in its way."""
    if not made.known or made.start == 0:
        return
    better = made.rungs[made.start - 1]
    if better.picture is None:
        return
    request = made.request
    failed = least_worth_trying_mib(better.picture, request.fingerprint, request.calibration)
    if failed > made.room_mib:
        yield Message(MessageId.PLAN_BETTER_FAILED)
    else:
        yield Message(MessageId.PLAN_BETTER_NEEDS, {"needed_mib": round(made.better_mib)})
    if made.memory.writer_stays and made.better_mib <= made.room_mib + made.memory.writer_mib:
        yield Message(MessageId.PLAN_WRITER_STAYS, {"writer_mib": round(made.memory.writer_mib)})
