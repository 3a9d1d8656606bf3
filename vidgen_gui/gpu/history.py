"""What cards and the computer's memory did over time, in bounded memory; pure, one thread.

Ten minutes are kept second by second. The whole session is kept too, coarser the longer it gets:
when its list is full, neighbours are joined, so its length stays between half and all of
`SESSION_POINTS` whether the app runs for an hour or a year.
"""

from collections import deque
from dataclasses import dataclass

from vidgen_gui.gpu.readings import GpuReading, MemorySample

RECENT_POINTS = 600
SESSION_POINTS = 1_440
PEAK_STEPS = 4_096
LONGEST_SPAN_S = 5.0
"""Readings further apart than that have a gap between them."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A program of somebody else's on a card; ``mib`` None: not said."""

    pid: int
    name: str
    mib: float | None


@dataclass(frozen=True, slots=True)
class Shares:
    """Who holds a card's memory, in MiB. None: it cannot be told apart."""

    script_writer_mib: float | None = None
    image_maker_mib: float | None = None
    others: tuple[Holder, ...] = ()


NO_SHARES = Shares()


@dataclass(frozen=True, slots=True)
class HistoryPoint:
    """``span_s`` seconds up to ``at_s``, by the monitor's clock. None is unknown.

    ``used_…`` and ``free_mib`` are the card's; ``free_mib`` and ``total_mib`` are the lowest of
    the span, ``utilisation_percent`` and ``temperature_c`` the highest. ``shares`` are those of
    the moment with the most in use (the others not named), ``slowed_by`` all reasons that the card
    ran slower for. ``span_s`` is 0 after a gap.
    """

    at_s: float
    span_s: float
    total_mib: float | None
    used_low_mib: float | None
    used_high_mib: float | None
    free_mib: float | None
    utilisation_percent: float | None
    temperature_c: float | None
    ram_used_mib: float | None
    shares: Shares = NO_SHARES
    slowed_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """``recent``: the last ten minutes; ``session``: everything since the start; oldest first."""

    recent: tuple[HistoryPoint, ...]
    session: tuple[HistoryPoint, ...]


class CardHistory:
    """One card's points, and its peaks since any moment."""

    def __init__(self) -> None:
        self._recent: deque[HistoryPoint] = deque(maxlen=RECENT_POINTS)
        self._session: list[HistoryPoint] = []
        self._span = 1
        self._pending: HistoryPoint | None = None
        self._pending_count = 0
        self._low: float | None = None
        self._high: float | None = None
        # Ever lower amounts at ever later times: the first one after a moment is the peak since.
        self._peaks: deque[tuple[float, float]] = deque(maxlen=PEAK_STEPS)

    def add_sample(self, sample: MemorySample) -> None:
        """Count a quick look into the current span and into the peaks."""
        used = sample.used_mib
        if used is None:
            return
        self._low, self._high = _lower(self._low, used), _higher(self._high, used)
        while self._peaks and self._peaks[-1][1] <= used:
            self._peaks.pop()
        self._peaks.append((sample.at_s, used))

    def add_reading(
        self, reading: GpuReading, ram_used_mib: float | None, shares: Shares = NO_SHARES
    ) -> None:
        """End the current span with a full reading."""
        self.add_sample(reading.memory)
        point = HistoryPoint(
            at_s=reading.at_s,
            span_s=self._passed_s(reading.at_s),
            total_mib=reading.total_mib,
            used_low_mib=self._low,
            used_high_mib=self._high,
            free_mib=reading.free_mib,
            utilisation_percent=reading.utilisation_percent,
            temperature_c=reading.temperature_c,
            ram_used_mib=ram_used_mib,
            shares=Shares(shares.script_writer_mib, shares.image_maker_mib),
            slowed_by=reading.throttle_reasons or (),
        )
        self._low = self._high = None
        self._recent.append(point)
        self._lengthen(point)

    def add_amounts(self, at_s: float, total_mib: float, used_mib: float, free_mib: float) -> None:
        """End the current span with what is known of a memory that is no card's."""
        point = HistoryPoint(
            at_s=at_s,
            span_s=self._passed_s(at_s),
            total_mib=total_mib,
            used_low_mib=used_mib,
            used_high_mib=used_mib,
            free_mib=free_mib,
            utilisation_percent=None,
            temperature_c=None,
            ram_used_mib=used_mib,
        )
        self._recent.append(point)
        self._lengthen(point)

    def _passed_s(self, at_s: float) -> float:
        passed_s = at_s - self._recent[-1].at_s if self._recent else 0.0
        return passed_s if 0 <= passed_s <= LONGEST_SPAN_S else 0.0

    def peak_mib(self, since_s: float) -> float | None:
        """The most that was used at or after a moment; None when nothing is known of it."""
        return next((used for at_s, used in self._peaks if at_s >= since_s), None)

    def points(self) -> History:
        pending = () if self._pending is None else (self._pending,)
        return History(tuple(self._recent), (*self._session, *pending))

    def _lengthen(self, point: HistoryPoint) -> None:
        self._pending = point if self._pending is None else _joined(self._pending, point)
        self._pending_count += 1
        if self._pending_count < self._span:
            return
        self._session.append(self._pending)
        self._pending, self._pending_count = None, 0
        if len(self._session) >= SESSION_POINTS:
            pairs = zip(self._session[::2], self._session[1::2], strict=True)
            self._session = [_joined(first, second) for first, second in pairs]
            self._span *= 2


def _joined(first: HistoryPoint, second: HistoryPoint) -> HistoryPoint:
    fuller = max(first, second, key=lambda point: point.used_high_mib or 0.0)
    slowed_by = first.slowed_by
    if second.slowed_by != slowed_by:
        slowed_by = tuple(sorted({*slowed_by, *second.slowed_by}))
    return HistoryPoint(
        at_s=second.at_s,
        span_s=first.span_s + second.span_s,
        total_mib=_lower(first.total_mib, second.total_mib),
        used_low_mib=_lower(first.used_low_mib, second.used_low_mib),
        used_high_mib=_higher(first.used_high_mib, second.used_high_mib),
        free_mib=_lower(first.free_mib, second.free_mib),
        utilisation_percent=_higher(first.utilisation_percent, second.utilisation_percent),
        temperature_c=_higher(first.temperature_c, second.temperature_c),
        ram_used_mib=_higher(first.ram_used_mib, second.ram_used_mib),
        shares=fuller.shares,
        slowed_by=slowed_by,
    )


def _lower(one: float | None, other: float | None) -> float | None:
    return other if one is None else one if other is None else min(one, other)


def _higher(one: float | None, other: float | None) -> float | None:
    return other if one is None else one if other is None else max(one, other)
