"""Looks ahead for the window: the next work on the card, what holds its memory, what leaks.

Runs on a pool thread: it may ask the image server. What follows from it is in `forecast`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.job import StageName
from vidgen_gui.core.memory_range import MemoryRange
from vidgen_gui.core.plan import CardMemory
from vidgen_gui.gpu.history import NO_SHARES, Shares
from vidgen_gui.gpu.readings import GpuReading
from vidgen_gui.pipeline.forecast import Leak, Outlook, QueuedStage, find_leak, outlook
from vidgen_gui.pipeline.session import Session


@dataclass(frozen=True, slots=True)
class Thought:
    """What a look ahead has found.

    Args:
        chosen: uuid of the card that pictures are made on; "" when there is none.
        holders: programs of others, and the MiB that they hold.
        leaks: by the card's name.
    """

    chosen: str
    outlook: Outlook
    memory: CardMemory
    holders: tuple[tuple[str, float], ...]
    leaks: tuple[tuple[str, Leak], ...]


def look_ahead(
    session: Session,
    queue: Sequence[QueuedStage],
    cancel: CancelToken,
    *,
    writer_mib: float,
    finds_leaks: bool,
) -> Thought:
    """What comes next on the card, by its memory as it is now.

    Args:
        writer_mib: what the script writer took when it was loaded last; 0 is not known.

    Raises:
        VidgenError: it cannot be planned.
        Cancelled: the token was set, or the monitor stopped.
    """
    keeper = session.keeper
    state = session.monitor.state()
    card = keeper.reader.pick(state)
    shares = state.shares_of(card) if card is not None else NO_SHARES
    # With nothing to do, the servers are left in peace.
    memory = keeper.memory(cancel) if queue else _as_seen(card, shares)
    aspects = {stage.aspect for stage in _front(queue) if stage.stage is StageName.IMAGE}
    plans = {
        (quality, aspect): plan
        for aspect in aspects
        for quality, plan in session.plans(aspect, cancel).items()
    }
    ahead = outlook(
        queue,
        plans,
        memory,
        writer_need=MemoryRange.exact(writer_mib) if writer_mib else None,
        reserve_mib=session.profile.reserve_mib,
    )
    return Thought(
        card.uuid if card is not None else "",
        ahead,
        memory,
        tuple((holder.name, holder.mib) for holder in shares.others if holder.mib is not None),
        _leaks(session) if finds_leaks else (),
    )


def _as_seen(card: GpuReading | None, shares: Shares) -> CardMemory:
    if card is None:
        return CardMemory()
    return CardMemory(
        name=card.name,
        total_mib=card.total_mib,
        free_mib=card.free_mib,
        drawer_mib=shares.image_maker_mib or 0.0,
        writer_mib=shares.script_writer_mib or 0.0,
        simulated=card.simulated,
    )


def _front(queue: Sequence[QueuedStage]) -> list[QueuedStage]:
    """What is at work, and the next one: more need not be planned."""
    running = [stage for stage in queue if stage.is_running]
    pictures = [stage for stage in queue if stage.stage is StageName.IMAGE]
    return [*running, *[stage for stage in pictures if not stage.is_running][:1]]


def _leaks(session: Session) -> tuple[tuple[str, Leak], ...]:
    found = []
    for card in session.monitor.state().cards:
        points = session.monitor.history(card.uuid).session
        amounts = ((point.at_s, point.used_low_mib) for point in points)
        leak = find_leak(amounts, card.total_mib)
        if leak is not None:
            found.append((card.name, leak))
    return tuple(found)
