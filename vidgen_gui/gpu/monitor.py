"""The one place that watches cards: samples in a thread of its own; everyone else asks here.

Once a second all figures are read; memory alone at least every 50 ms while somebody is
`watching` (where the source can: nvidia-smi and servers cannot). Sources are tried in order; the
first that knows a card's memory is used, and one that failed is asked again every few seconds.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any, Self

import psutil

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled
from vidgen_gui.core.memory_range import MIB
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.turn import Turn
from vidgen_gui.gpu.history import NO_SHARES, CardHistory, History, Shares
from vidgen_gui.gpu.nvml import NvmlSource
from vidgen_gui.gpu.readings import GpuReading, GpuSource, SourceKind, SourceUnavailable
from vidgen_gui.gpu.server_stats import ServerSource
from vidgen_gui.gpu.simulated import VARIABLE, SimulatedSource
from vidgen_gui.gpu.smi import SmiSource

FULL_S = 1.0
RENEW_S = 30.0
"""How often sources look again which cards there are."""
RETRY_S = 5.0
"""A source that failed is left alone for so long; with nothing else to ask, too."""
MOST_CARDS = 64
STOP_S = 15.0

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RamReading:
    """The computer's memory. ``swap_used_mib`` grows when it ran out; None: not known."""

    total_mib: float
    available_mib: float
    used_mib: float
    swap_used_mib: float | None
    at_s: float


@dataclass(frozen=True, slots=True)
class MonitorStatus:
    """Who is asked now (None: nobody knows) and why those before it are not."""

    source: SourceKind | None
    reasons: tuple[tuple[SourceKind, Message], ...]


@dataclass(frozen=True, slots=True)
class GpuState:
    """Everything of one moment; ``cards`` is empty when there is none or nothing is known.

    ``shares`` says whose each card's memory is, in the same order.
    """

    cards: tuple[GpuReading, ...]
    ram: RamReading | None
    status: MonitorStatus
    shares: tuple[Shares, ...] = ()

    def shares_of(self, card: GpuReading) -> Shares:
        """Whose the memory of one of the cards is."""
        found = zip(self.cards, self.shares, strict=True)
        return next((shares for one, shares in found if one.uuid == card.uuid), NO_SHARES)


class _Source:
    """A source, and when it may be asked again."""

    def __init__(self, source: GpuSource) -> None:
        self.source = source
        self.reason: Message | None = None
        self.retry_at_s = 0.0


def default_sources(
    environ: Mapping[str, str],
    server: Callable[[CancelToken], Mapping[str, Any]] | None = None,
) -> tuple[GpuSource, ...]:
    """Simulated cards where the environment asks for them, else all that can be asked.

    Args:
        server: asks an image server for its ``/system_stats``.

    Raises:
        InputError: ``VIDGEN_FAKE_GPU`` names no card.
    """
    if given := environ.get(VARIABLE, "").strip():
        return (SimulatedSource.parse(given),)
    sources: list[GpuSource] = [NvmlSource(), SmiSource(environ)]
    if server is not None:
        sources.append(ServerSource(server))
    return tuple(sources)


def read_ram(at_s: float) -> RamReading:
    """The computer's memory now."""
    memory = psutil.virtual_memory()
    try:
        swap_mib: float | None = psutil.swap_memory().used / MIB
    except (OSError, RuntimeError):
        # Windows without performance counters, some containers.
        swap_mib = None
    return RamReading(
        total_mib=memory.total / MIB,
        available_mib=memory.available / MIB,
        used_mib=(memory.total - memory.available) / MIB,
        swap_used_mib=swap_mib,
        at_s=at_s,
    )


class GpuMonitor:
    """Watches cards from `start` to `stop`. Every method may be called from any thread.

    Args:
        sources: whom to ask, best first.
        clock: monotonic seconds; times in readings and queries are by it.
        ram: reads the computer's memory.
        shares: says whose each card's memory is; called once a reading, on the thread that reads.
    """

    def __init__(
        self,
        sources: Sequence[GpuSource],
        *,
        clock: Callable[[], float] = time.monotonic,
        ram: Callable[[float], RamReading] = read_ram,
        shares: Callable[[Sequence[GpuReading]], Sequence[Shares]] = (
            lambda cards: (NO_SHARES,) * len(cards)
        ),
    ) -> None:
        self._sources = [_Source(source) for source in sources]
        self._clock = clock
        self._ram = ram
        self._shares = shares
        self._cancel = CancelToken()
        self._thread: threading.Thread | None = None
        # Two threads never ask a source at once.
        self._asking = Turn()
        # Held for moments only; guards everything below.
        self._changed = threading.Condition()
        self._watchers = 0
        self._active: _Source | None = None
        self._state = GpuState((), None, MonitorStatus(None, ()))
        self._cards: dict[str, CardHistory] = {}
        self._computer = CardHistory()
        self._full_at_s = self._renewed_at_s = clock()
        self._first = True

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Begin sampling. A monitor is started once."""
        self._thread = threading.Thread(target=self._run, name="gpu-monitor", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End sampling at once and close the sources."""
        self._cancel.cancel()
        with self._changed:
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(STOP_S)
        try:
            with self._asking.taken(timeout_s=STOP_S):
                for entry in self._sources:
                    entry.source.close()
        except TimeoutError:
            _logger.info("a source that hangs is left behind as it is")

    @property
    def simulated(self) -> SimulatedSource | None:
        """The simulated cards, whose memory moves by what is claimed; None on real ones."""
        sources = (entry.source for entry in self._sources)
        return next((one for one in sources if isinstance(one, SimulatedSource)), None)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """While inside, memory is sampled at least every 50 ms; may be nested."""
        with self._changed:
            self._watchers += 1
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._watchers -= 1

    def state(self) -> GpuState:
        """The newest full readings; nothing is asked for it."""
        with self._changed:
            return self._state

    def latest(self, uuid: str | None = None) -> GpuReading | None:
        """The newest full reading of a card, or of the first one."""
        cards = self.state().cards
        return next((card for card in cards if uuid in (None, card.uuid)), None)

    def read_now(self, cancel: CancelToken | None = None) -> GpuState:
        """Ask now, on this thread, and return what was said: for whoever waits for memory.

        Raises:
            Cancelled: the monitor was stopped, or ``cancel`` was set before it was our turn to ask.
        """
        self._sample(*([cancel] if cancel is not None else []), full=True)
        return self.state()

    def history(self, uuid: str) -> History:
        """A card's past; empty for one that was never seen."""
        with self._changed:
            card = self._cards.get(uuid)
            return History((), ()) if card is None else card.points()

    def ram_history(self) -> History:
        """The past of the computer's own memory."""
        with self._changed:
            return self._computer.points()

    def peak_mib(self, since_s: float, uuid: str | None = None) -> float | None:
        """The most memory that was used at or after a moment, on a card or on the first one."""
        with self._changed:
            card = self._card(uuid)
            return None if card is None else card.peak_mib(since_s)

    def median_mib(self, since_s: float, uuid: str | None = None) -> float | None:
        """The middle of the second-by-second amounts used since a moment (ten minutes at most).

        Before and after a service starts, the difference is what it takes.
        """
        with self._changed:
            card = self._card(uuid)
            points = () if card is None else card.points().recent
        used = [
            point.used_high_mib
            for point in points
            if point.at_s >= since_s and point.used_high_mib is not None
        ]
        return median(used) if used else None

    def step(self) -> float:
        """Do what is due now and say in how many seconds something is due again.

        The thread calls this; with a clock of one's own it can be called instead of `start`.

        Raises:
            Cancelled: the monitor was stopped.
        """
        now = self._clock()
        full = self._first or now - self._full_at_s >= FULL_S
        with self._changed:
            watched = self._watchers > 0
        if full or watched:
            self._sample(full=full)
        with self._changed:
            active = self._active
            fast = active is not None and self._watchers > 0
        due_s = self._full_at_s + FULL_S - self._clock()
        if fast and active is not None:
            # Counted from the beginning of this sample, so that asking takes no extra time.
            due_s = min(due_s, now + active.source.fastest_s - self._clock())
        return max(0.0, due_s)

    def _run(self) -> None:
        try:
            while True:
                self._wait(self._step_or_log())
                self._cancel.raise_if_cancelled()
        except Cancelled:
            return

    def _step_or_log(self) -> float:
        try:
            return self.step()
        except Exception:
            # A source with a bug must not end the watch over the others.
            _logger.exception("a card could not be read")
            return RETRY_S

    def _wait(self, wait_s: float) -> None:
        with self._changed:
            known = self._watchers
            # Only whoever begins to watch cuts a wait short.
            self._changed.wait_for(lambda: self._cancel.cancelled or self._watchers > known, wait_s)

    def _card(self, uuid: str | None) -> CardHistory | None:
        if uuid is None:
            cards = self._state.cards
            uuid = cards[0].uuid if cards else next(iter(self._cards), "")
        return self._cards.get(uuid)

    def _sample(self, *cancels: CancelToken, full: bool) -> None:
        with self._asking.taken(self._cancel, *cancels):
            if full:
                self._read_all()
            else:
                self._read_memory()

    def _read_memory(self) -> None:
        """A quick look by whoever answered last; when that fails, a full reading finds another."""
        active = self._active
        if active is None:
            return
        try:
            samples = active.source.read_memory(self._clock(), self._cancel)
        except SourceUnavailable as error:
            self._failed(active, error.message)
            self._read_all()
            return
        with self._changed:
            for sample in samples:
                if card := self._cards.get(sample.uuid):
                    card.add_sample(sample)

    def _read_all(self) -> None:
        now = self._clock()
        self._full_at_s, self._first = now, False
        if now - self._renewed_at_s >= RENEW_S:
            self._renewed_at_s = now
            for entry in self._sources:
                entry.source.renew()
        found, cards = self._ask(now)
        shares = tuple(self._shares(cards))
        ram = self._ram(now)
        status = MonitorStatus(
            None if found is None else found.source.kind,
            tuple(
                (entry.source.kind, entry.reason)
                for entry in self._sources
                if entry.reason is not None
            ),
        )
        with self._changed:
            before = self._state.status
            self._active = found
            self._state = GpuState(cards, ram, status, shares)
            self._computer.add_amounts(now, ram.total_mib, ram.used_mib, ram.available_mib)
            for reading, share in zip(cards, shares, strict=True):
                self._remember(reading, ram.used_mib, share)
        if (before.source, len(before.reasons)) != (status.source, len(status.reasons)):
            _logger.info("cards are measured by %s; %s", status.source, status.reasons)

    def _ask(self, now: float) -> tuple[_Source | None, tuple[GpuReading, ...]]:
        """The first source that knows memory; else the first that answered; else nobody."""
        second: tuple[_Source | None, tuple[GpuReading, ...]] = (None, ())
        for entry in self._sources:
            if entry.reason is not None and now < entry.retry_at_s:
                continue
            try:
                cards = entry.source.read(now, self._cancel)
            except SourceUnavailable as error:
                self._failed(entry, error.message)
                continue
            if not cards:
                self._failed(entry, Message(MessageId.GPU_NO_CARD, {}))
            elif not any(card.memory_known for card in cards):
                entry.reason = Message(MessageId.GPU_FIGURES_REFUSED, {"name": cards[0].name})
                entry.retry_at_s = now
                if second[0] is None:
                    second = (entry, cards)
            else:
                entry.reason = None
                return entry, cards
        return second

    def _failed(self, entry: _Source, reason: Message) -> None:
        entry.reason = reason
        entry.retry_at_s = self._clock() + RETRY_S

    def _remember(self, reading: GpuReading, ram_used_mib: float, shares: Shares) -> None:
        card = self._cards.get(reading.uuid)
        if card is None:
            if len(self._cards) >= MOST_CARDS:
                del self._cards[next(iter(self._cards))]
            card = self._cards[reading.uuid] = CardHistory()
        card.add_reading(reading, ram_used_mib, shares)
