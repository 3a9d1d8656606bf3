"""A simulated card whose memory is shared by the played image server and whoever else is there.

Needs the app, whose simulated card it is; the played server itself doesn't.
"""

from collections.abc import Callable

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.service import ServiceName
from vidgen_gui.gpu.readings import GpuReading
from vidgen_gui.gpu.simulated import SimulatedSource

NEVER = CancelToken()


class PlayedCard:
    """One card among those of a source, as the programs on it see it.

    Args:
        source: the cards, which a monitor may read meanwhile.
        index: which of them.
    """

    def __init__(self, source: SimulatedSource, index: int = 0) -> None:
        self.source = source
        self._index = index

    @classmethod
    def of(cls, total_mib: float, free_mib: float | None = None) -> "PlayedCard":
        """A machine with this one card."""
        free = total_mib if free_mib is None else free_mib
        return cls(SimulatedSource.parse(f"Played card:{total_mib:.0f}:{free:.0f}"))

    @property
    def reading(self) -> GpuReading:
        return self.source.read(0.0, NEVER)[self._index]

    @property
    def free_mib(self) -> float:
        free = self.reading.free_mib
        assert free is not None
        return free

    def held_by(self, owner: str) -> float:
        """What this program has of the card."""
        held = [process.used_mib for process in self.reading.processes if process.name == owner]
        return sum(amount for amount in held if amount is not None)

    def hold(self, owner: str, mib: float) -> float:
        """Let a program have this instead of what it had; returns what there was for it."""
        return self.source.claim(owner, mib, self._index)

    def room_for(self, owner: str) -> Callable[[], float]:
        """What a program could have at most, asked whenever it is called."""
        return lambda: self.free_mib + self.held_by(owner)

    def follow(self, owner: str = ServiceName.IMAGE_MAKER.value) -> Callable[[float], None]:
        """For `FakeComfyUI`'s ``on_hold``: the card shows what the server holds."""

        def hold(mib: float) -> None:
            self.hold(owner, mib)

        return hold
