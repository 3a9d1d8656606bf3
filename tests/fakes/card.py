"""A simulated card whose memory is shared by the played image server and whoever else is there.

Needs the app, whose simulated card it is; the played server itself doesn't.
"""

from collections.abc import Callable
from dataclasses import replace

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.service import ServiceName
from vidgen_gui.gpu.readings import GpuProcess, GpuReading, MemorySample, SourceKind
from vidgen_gui.gpu.simulated import SimulatedSource

NEVER = CancelToken()
FIRST_PROCESS = 1
"""There always is one, and it is nobody's here."""


class PlayedCard:
    """One card among those of a source, as the programs on it see it.

    Args:
        source: the cards, which a monitor may read meanwhile.
        index: which of them.
    """

    def __init__(self, source: SimulatedSource, index: int = 0) -> None:
        self.source = source
        self._index = index
        self.most_used_mib = 0.0

    @classmethod
    def of(cls, total_mib: float, free_mib: float | None = None, count: int = 1) -> "PlayedCard":
        """The first card of a machine with so many of this kind; the others are empty."""
        free = total_mib if free_mib is None else free_mib
        others = f";Another card:{total_mib:.0f}" * (count - 1)
        return cls(SimulatedSource.parse(f"Played card:{total_mib:.0f}:{free:.0f}{others}"))

    @property
    def reading(self) -> GpuReading:
        return self.source.read(0.0, NEVER)[self._index]

    @property
    def free_mib(self) -> float:
        free = self.reading.free_mib
        assert free is not None
        return free

    @property
    def total_mib(self) -> float:
        total = self.reading.total_mib
        assert total is not None
        return total

    @property
    def used_mib(self) -> float:
        used = self.reading.used_mib
        assert used is not None
        return used

    def held_by(self, owner: str) -> float:
        """What this program has of the card."""
        held = [process.used_mib for process in self.reading.processes if process.name == owner]
        return sum(amount for amount in held if amount is not None)

    def hold(self, owner: str, mib: float) -> float:
        """Let a program have this instead of what it had; returns what there was for it.

        ``most_used_mib`` is the most that was ever used, until somebody sets it back.
        """
        held = self.source.claim(owner, mib, self._index)
        self.most_used_mib = max(self.most_used_mib, self.used_mib)
        return held

    def room_for(self, owner: str) -> Callable[[], float]:
        """What a program could have at most, asked whenever it is called."""
        return lambda: self.free_mib + self.held_by(owner)

    def follow(self, owner: str = ServiceName.IMAGE_MAKER.value) -> Callable[[float], None]:
        """For `FakeComfyUI`'s ``on_hold``: the card shows what the server holds."""

        def hold(mib: float) -> None:
            self.hold(owner, mib)

        return hold


class AsIfReal:
    """The played cards as a driver's: nobody in the app moves their memory but who is on them.

    The played image server runs in this process; all else on the cards is another's.
    """

    def __init__(self, source: SimulatedSource) -> None:
        self._source = source

    @property
    def kind(self) -> SourceKind:
        return self._source.kind

    @property
    def fastest_s(self) -> float:
        return self._source.fastest_s

    def read(self, at_s: float, cancel: CancelToken) -> tuple[GpuReading, ...]:
        return tuple(
            replace(card, processes=tuple(map(_as_if_elsewhere, card.processes)))
            for card in self._source.read(at_s, cancel)
        )

    def read_memory(self, at_s: float, cancel: CancelToken) -> tuple[MemorySample, ...]:
        return self._source.read_memory(at_s, cancel)

    def renew(self) -> None:
        self._source.renew()

    def close(self) -> None:
        self._source.close()


def _as_if_elsewhere(process: GpuProcess) -> GpuProcess:
    is_here = process.name == ServiceName.IMAGE_MAKER.value
    return process if is_here else replace(process, pid=FIRST_PROCESS)
