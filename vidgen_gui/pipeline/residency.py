"""Who holds the graphics card: measures it, makes room on it, and sees that it is given back.

One object for as long as the app is open, used by pool threads. What a service is and how it is
stopped lives in `service_core`; what a job's pictures need is planned on `gpu`.
"""

import logging
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.events import Progress
from vidgen_gui.core.hardware_profile import HardwareProfile
from vidgen_gui.core.plan import CardMemory
from vidgen_gui.gpu.monitor import GpuMonitor
from vidgen_gui.gpu.readings import GpuReading
from vidgen_gui.pipeline.card_reader import DRAWER, CardFacts, CardReader, CardShares
from vidgen_gui.pipeline.gpu_keeper import PeakWatch
from vidgen_gui.pipeline.service_hub import ServiceHub

_logger = logging.getLogger(__name__)

KEPT_AFTER_DRAWING = 0.5
"""Of what a picture took, an image server keeps its models until it is told to let go."""


class GpuResidency:
    """The `GpuKeeper` of an opened app.

    Args:
        profile: gives the limits in force.
    """

    def __init__(
        self, monitor: GpuMonitor, services: ServiceHub, profile: Callable[[], HardwareProfile]
    ) -> None:
        self._monitor = monitor
        self._services = services
        self._profile = profile
        self.reader = CardReader(
            monitor, services.script_writer.core, services.image_maker.core, profile
        )

    @property
    def profile(self) -> HardwareProfile:
        return self._profile()

    @property
    def machine(self) -> tuple[str, str]:
        """Card and driver that measurements belong to."""
        card = self.reader.pick(self._monitor.state())
        return (card.name, card.driver) if card is not None else ("", "")

    def memory(self, cancel: CancelToken) -> CardMemory:
        """The card's memory, asked now."""
        return self._as_memory(self.reader.read(cancel))

    def make_room(
        self, need_mib: float, *, pause_script_writer: bool, cancel: CancelToken
    ) -> Generator[Progress, None, float | None]:
        """See `GpuKeeper`."""
        yield Progress(0.0)
        return self._available(self.memory(cancel))

    @contextmanager
    def watch(self) -> Iterator[PeakWatch]:
        """Sample the card's memory while inside."""
        since_s = time.monotonic()
        card = self.reader.pick(self._monitor.state())
        with self._monitor.watching():
            yield _Watch(self._monitor, card, since_s)

    @contextmanager
    def note_drawing(self, mib: float) -> Iterator[None]:
        """While inside, a picture of about so many MiB is drawn."""
        simulated = self._monitor.simulated
        if simulated is None or not simulated.has_cards:
            yield
            return
        card = self.reader.pick(self._monitor.state())
        index = card.index if card is not None else 0
        simulated.claim(DRAWER, mib, index)
        try:
            yield
        finally:
            simulated.claim(DRAWER, mib * KEPT_AFTER_DRAWING, index)

    def shares(self, card: GpuReading) -> CardShares:
        """Who holds what of a card, for a chart; asks nobody but the operating system."""
        return self.reader.shares(card)

    def _as_memory(self, facts: CardFacts) -> CardMemory:
        card = facts.reading
        if card is None:
            none = None if facts.has_card else 0.0
            return CardMemory(total_mib=none, free_mib=none)
        return CardMemory(
            name=card.name,
            total_mib=card.total_mib,
            free_mib=card.free_mib,
            drawer_mib=facts.shares.drawer_mib or 0.0,
            writer_mib=facts.shares.writer_mib or 0.0,
            simulated=card.simulated,
        )

    def _available(self, memory: CardMemory) -> float | None:
        """What the next picture may use; None when nobody knows."""
        if memory.free_mib is None:
            return None
        profile = self.profile
        available = memory.free_mib + memory.drawer_mib - profile.reserve_mib
        if profile.vram_limit_mib:
            available = min(available, profile.vram_limit_mib)
        return max(0.0, available)


class _Watch:
    """The card's peak since a moment."""

    def __init__(self, monitor: GpuMonitor, card: GpuReading | None, since_s: float) -> None:
        self._monitor = monitor
        self._uuid = card.uuid if card is not None else None
        self._since_s = since_s

    @property
    def peak_mib(self) -> float | None:
        return self._monitor.peak_mib(self._since_s, self._uuid)
