"""How much of a card a job's pictures may use: sums of checked figures, pure."""

from dataclasses import dataclass

from vidgen_gui.core.hardware_profile import HardwareProfile, PauseScriptWriter
from vidgen_gui.core.plan import CardMemory
from vidgen_gui.gpu.readings import MOST_MIB, sane


@dataclass(frozen=True, slots=True)
class Available:
    """Checked amounts in MiB.

    Args:
        free_mib: None where nobody knows.
        reserve_mib: left to others.
        ceiling_mib: more is never available, whatever is free: the card's size or the limit.
        limit_mib: what the profile allows; None without a limit.
        writer_stays: the script writer holds memory, and may not or cannot be paused.
        refused: a figure of the card could not be true and was not used.
    """

    free_mib: float | None
    drawer_mib: float
    writer_mib: float
    reserve_mib: float
    ceiling_mib: float
    limit_mib: float | None
    writer_stays: bool
    refused: bool

    @property
    def known(self) -> bool:
        return self.free_mib is not None

    @property
    def can_pause(self) -> bool:
        """Whether there is something to gain by pausing the script writer."""
        return self.writer_mib > 0 and not self.writer_stays

    def room_mib(self, *, paused: bool, with_reserve: bool = False) -> float:
        """What pictures may use, with the script writer paused or not; 0 where nobody knows."""
        if self.free_mib is None:
            return 0.0
        room = self.free_mib + self.drawer_mib
        if paused and self.can_pause:
            room += self.writer_mib
        if not with_reserve:
            room -= self.reserve_mib
        return min(max(0.0, room), self.ceiling_mib)


def available(card: CardMemory, profile: HardwareProfile) -> Available:
    """What a card has for pictures. A figure that cannot be true counts as unknown."""
    total, free = sane(card.total_mib, MOST_MIB), sane(card.free_mib, MOST_MIB)
    drawer, writer = sane(card.drawer_mib, MOST_MIB), sane(card.writer_mib, MOST_MIB)
    refused = (
        _is_refused(card.total_mib, total)
        or _is_refused(card.free_mib, free)
        or drawer is None
        or writer is None
    )
    if total is not None and free is not None and free > total:
        free, refused = None, True
    limit = float(profile.vram_limit_mib) or None
    may_pause = card.writer_can_pause and profile.pause_script_writer is not PauseScriptWriter.NO
    return Available(
        free_mib=free,
        drawer_mib=drawer or 0.0,
        writer_mib=writer or 0.0,
        reserve_mib=float(profile.reserve_mib),
        ceiling_mib=min(MOST_MIB if total is None else total, limit or MOST_MIB),
        limit_mib=limit,
        writer_stays=not may_pause,
        refused=refused,
    )


def _is_refused(given: float | None, checked: float | None) -> bool:
    return given is not None and checked is None
