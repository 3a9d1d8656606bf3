"""What is to come on the card, as far as it can be said now: the next work, and slow leaks. Pure.

Nothing is measured and nobody is asked here; the sentences are in `ui.forecast_words`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from vidgen_gui.core.job import StageName
from vidgen_gui.core.memory_range import MemoryRange
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.plan import PAINTER, CardMemory, Plan, Rung
from vidgen_gui.core.quality import Aspect, Quality

BIN_S = 600.0
LEAST_BINS, MOST_BINS = 7, 18
"""A leak shows in the lowest amounts of ten minutes each, over the last one to three hours."""
LEAST_GROWTH_MIB, LEAST_GROWTH_PART = 256.0, 0.03
STEADY_PART = 0.8
"""So many of all steps must go up: what is loaded and unloaded goes up and down."""
LARGEST_STEP_PART = 0.5
"""A single step that makes up more of the growth is a program that was started."""
SOON_H = 24.0
HOLDER_LEAST_MIB = 512.0
"""Programs that hold less are not worth closing."""


@dataclass(frozen=True, slots=True)
class QueuedStage:
    """A stage on the card that is at work or is going to be, in the queue's order."""

    job_id: str
    title: str
    stage: StageName
    quality: Quality
    aspect: Aspect
    is_running: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """What a stage will take of the card, and how. ``plan`` is None for a script."""

    stage: QueuedStage
    need: MemoryRange
    plan: Plan | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a chart adds to the past.

    Args:
        ceiling_mib: how high the use by all programs may go with the plan in force.
        stays_mib: what is in use beside the next work, which stands on it.
    """

    ceiling_mib: float | None = None
    current: Work | None = None
    next: Work | None = None
    stays_mib: float = 0.0


NO_OUTLOOK = Outlook()


@dataclass(frozen=True, slots=True)
class Leak:
    """Memory that grows and is not given back. ``hours_left``: until there is none."""

    mib_per_hour: float
    grown_mib: float
    hours_left: float | None


def outlook(
    queue: Sequence[QueuedStage],
    plans: Mapping[tuple[Quality, Aspect], Plan],
    memory: CardMemory,
    *,
    writer_need: MemoryRange | None = None,
    reserve_mib: float = 0.0,
) -> Outlook:
    """What is at work on the card, what comes next, and how high its use may go.

    Args:
        queue: the stages on the card that are at work or to come.
        plans: by what a picture is made for; what is missing is not known.
        writer_need: what the language model takes; None where that is not known.
        reserve_mib: kept free while no plan is in force.
    """
    is_loaded = memory.writer_mib > 0
    known = [
        work
        for stage in queue
        if (work := _work(stage, plans, writer_need=writer_need, is_loaded=is_loaded)) is not None
    ]
    current = next((work for work in known if work.stage.is_running), None)
    following = next((work for work in known if not work.stage.is_running), None)
    in_force = current or following
    return Outlook(
        ceiling_mib=_ceiling_mib(in_force.plan if in_force else None, memory, reserve_mib),
        current=current,
        next=following,
        stays_mib=_stays_mib(following, memory),
    )


def fit_warning(
    work: Work, memory: CardMemory, holders: Iterable[tuple[str, float]]
) -> Message | None:
    """What the next pictures' not fitting beside the rest will lead to; None when they fit.

    Args:
        holders: programs that VidGen cannot end, and the MiB that they hold.
    """
    plan = work.plan
    if plan is None or plan.available_mib is None or memory.free_mib is None:
        return None
    if len(plan.rungs) < 2:
        # Without ComfyUI there is nothing to fit.
        return None
    params = {
        "title": work.stage.title,
        "needed_gb": gb(_full_need_mib(plan)),
        "available_gb": gb(plan.available_mib),
        "free_gb": gb(memory.free_mib),
        "writer_gb": gb(memory.writer_mib),
    }
    if _detail(plan.first) < _detail(plan.rungs[0]):
        name, held = max(holders, key=lambda holder: holder[1], default=("", 0.0))
        if name and held >= HOLDER_LEAST_MIB:
            params |= {"program": name, "held_gb": gb(held)}
            return Message(MessageId.FORECAST_HELD_BY, params)
        painted = plan.first.name == PAINTER
        return Message(MessageId.FORECAST_PAINTED if painted else MessageId.FORECAST_LOWER, params)
    if plan.pauses_script_writer and memory.writer_mib > 0:
        return Message(MessageId.FORECAST_PAUSES_WRITER, params)
    return None


def _detail(rung: Rung) -> tuple[int, int]:
    """How much of the picture is drawn and not only enlarged; more is better."""
    if rung.picture is None:
        return (-1, 0) if rung.name == PAINTER else (int(rung.quality), 0)
    drawn = rung.picture.refine_size or rung.picture.base
    return int(rung.quality), drawn.width_px * drawn.height_px


def _full_need_mib(plan: Plan) -> float:
    """What the most frugal of the ways takes that lose no detail."""
    best = _detail(plan.rungs[0])
    return min(rung.need.likely_mib for rung in plan.rungs if _detail(rung) >= best)


def find_leak(
    amounts: Iterable[tuple[float, float | None]], total_mib: float | None
) -> Leak | None:
    """Whether memory in use grows steadily and is never given back.

    Looks at the lowest amount of every ten minutes: work goes up and down, a leak only up. The
    slope is the median of the slopes between all pairs (Theil and Sen), which a single outlier
    does not move.

    Args:
        amounts: (seconds, MiB in use), oldest first; None is unknown.
    """
    floors = _floors(amounts)[-MOST_BINS:]
    if len(floors) < LEAST_BINS:
        return None
    steps = [later[1] - earlier[1] for earlier, later in pairwise(floors)]
    grown = floors[-1][1] - floors[0][1]
    least = max(LEAST_GROWTH_MIB, LEAST_GROWTH_PART * (total_mib or 0.0))
    steady = sum(step > 0 for step in steps) >= STEADY_PART * len(steps)
    if grown < least or not steady or max(steps) > LARGEST_STEP_PART * grown:
        return None
    slope = median(
        (later[1] - earlier[1]) / (later[0] - earlier[0])
        for number, earlier in enumerate(floors)
        for later in floors[number + 1 :]
    )
    rate = slope * 3600
    if rate <= 0:
        return None
    hours = None if total_mib is None else max(0.0, total_mib - floors[-1][1]) / rate
    return Leak(rate, grown, hours)


def leak_warning(leak: Leak, name: str) -> Message | None:
    """What to say about a leak on ``name``; None for one that takes more than a day to matter."""
    if leak.hours_left is None or leak.hours_left > SOON_H:
        return None
    params = {
        "name": name,
        "rate_gb": gb(leak.mib_per_hour),
        "grown_gb": gb(leak.grown_mib),
        "hours": max(1, round(leak.hours_left)),
    }
    return Message(MessageId.FORECAST_LEAK, params)


def gb(mib: float) -> float:
    """MiB in the unit that people know from their card's name, to one decimal."""
    return round(mib / 1024, 1)


def _work(
    stage: QueuedStage,
    plans: Mapping[tuple[Quality, Aspect], Plan],
    *,
    writer_need: MemoryRange | None,
    is_loaded: bool,
) -> Work | None:
    if stage.stage is StageName.SCRIPT:
        # A script writer that is loaded needs nothing more.
        return None if writer_need is None or is_loaded else Work(stage, writer_need)
    plan = plans.get((stage.quality, stage.aspect))
    return None if plan is None else Work(stage, plan.first.need, plan)


def _ceiling_mib(plan: Plan | None, memory: CardMemory, reserve_mib: float) -> float | None:
    """What others keep and the plan may use, together."""
    if memory.total_mib is None:
        return None
    if plan is None or plan.available_mib is None or memory.free_mib is None:
        return max(0.0, memory.total_mib - reserve_mib)
    paused = memory.writer_mib if plan.pauses_script_writer else 0.0
    used = memory.total_mib - memory.free_mib
    kept = max(0.0, used - memory.drawer_mib - paused)
    return min(memory.total_mib, kept + plan.available_mib)


def _stays_mib(work: Work | None, memory: CardMemory) -> float:
    """What the next work finds in use and does not take the place of."""
    if work is None or memory.total_mib is None or memory.free_mib is None:
        return 0.0
    used = memory.total_mib - memory.free_mib
    if work.plan is None:
        return max(0.0, used - memory.writer_mib)
    paused = memory.writer_mib if work.plan.pauses_script_writer else 0.0
    return max(0.0, used - memory.drawer_mib - paused)


def _floors(amounts: Iterable[tuple[float, float | None]]) -> list[tuple[float, float]]:
    """The lowest known amount of every whole ten minutes."""
    lowest: dict[int, float] = {}
    newest = 0
    for at_s, amount in amounts:
        newest = int(at_s // BIN_S)
        if amount is not None:
            lowest[newest] = min(amount, lowest.get(newest, amount))
    # The newest ten minutes are not over: their lowest amount may be to come.
    lowest.pop(newest, None)
    return [((number + 0.5) * BIN_S, amount) for number, amount in sorted(lowest.items())]
