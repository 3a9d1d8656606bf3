"""What measuring has taught about how much memory things take: values and rules, no storage.

A job that *worked* with a peak needs at most that peak: an image server takes what is free, so
what it used is an upper bound. A job that ran *out of memory* needs more than what was available:
a lower bound. Programs that take exactly what they need (llama-server) are measured themselves.
Medians of the last few decide, so that one odd measurement changes little.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from statistics import median
from types import MappingProxyType
from typing import Any

from vidgen_gui.core.memory_range import MemoryRange
from vidgen_gui.gpu.readings import MOST_MIB, sane

VERSION = 1
MOST_OBSERVATIONS = 9
MOST_ENTRIES = 512
MOST_FACTOR, LEAST_FACTOR = 4.0, 0.25
"""A correction beyond this says that something else was measured."""
WIDEST_MARGIN, NARROWEST_MARGIN = 0.15, 0.04
AFTER_FAILURE = 1.05
"""The next try wants so many times what was not enough."""
RELATIVE_MARGIN = 0.1
"""Added where only other settings of the same rung were measured."""
_TEXT_LIMIT = 300


class Outcome(StrEnum):
    """How the measured thing ended."""

    WORKED = "worked"
    EXACT = "exact"
    OUT_OF_MEMORY = "out-of-memory"


@dataclass(frozen=True, slots=True)
class Key:
    """What was measured.

    Args:
        model: its name or path.
        fingerprint: changes when the file changes; a new one makes older measurements void.
        settings: everything else that changes what it takes (size, context…).
        rung: the way it was done.
    """

    model: str
    fingerprint: str
    settings: str
    rung: str


@dataclass(frozen=True, slots=True)
class Observation:
    """``mib``: the peak that worked, or what was available when it did not; and the estimate."""

    outcome: Outcome
    mib: float
    estimated_mib: float

    @property
    def factor(self) -> float:
        return self.mib / self.estimated_mib


@dataclass(frozen=True)
class Calibration:
    """All that was learned on one card with one driver; least recently used first."""

    card: str
    driver: str
    entries: Mapping[Key, tuple[Observation, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )

    def for_machine(self, card: str, driver: str) -> "Calibration":
        """Itself, or an empty one: another card or driver makes all of it void."""
        same = (self.card, self.driver) == (card, driver)
        return self if same else Calibration(card, driver)

    def observe(
        self, key: Key, outcome: Outcome, mib: float, estimated: MemoryRange
    ) -> "Calibration":
        """With one more measurement; unchanged when its figure cannot be true."""
        amount = sane(mib, MOST_MIB)
        if not amount or estimated.likely_mib <= 0:
            return self
        made = Observation(outcome, amount, estimated.likely_mib)
        if not LEAST_FACTOR <= made.factor <= MOST_FACTOR:
            return self
        kept = {
            other: seen
            for other, seen in self.entries.items()
            if other != key and not _outdated(other, key)
        }
        kept[key] = (*self.entries.get(key, ()), made)[-MOST_OBSERVATIONS:]
        for oldest in list(kept)[: max(0, len(kept) - MOST_ENTRIES)]:
            del kept[oldest]
        return replace(self, entries=MappingProxyType(kept))

    def corrected(self, key: Key, estimated: MemoryRange) -> MemoryRange:
        """The estimate, narrowed or moved by what was measured with the same key.

        Without such, the factors by which other settings of the same model and rung missed their
        estimates are applied, with a wider margin.
        """
        own = self.entries.get(key, ())
        if own:
            return _corrected(estimated, own, 0.0)
        relatives = [
            seen[-1]
            for other, seen in self.entries.items()
            if (other.model, other.fingerprint, other.rung)
            == (key.model, key.fingerprint, key.rung)
        ]
        scaled = tuple(
            replace(one, mib=one.factor * estimated.likely_mib, estimated_mib=estimated.likely_mib)
            for one in relatives[-MOST_OBSERVATIONS:]
        )
        return _corrected(estimated, scaled, RELATIVE_MARGIN) if scaled else estimated

    def evidence(self, key: Key) -> int:
        """How many measurements there are for exactly this."""
        return len(self.entries.get(key, ()))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for storage."""
        return {
            "version": VERSION,
            "card": self.card,
            "driver": self.driver,
            "entries": [
                {
                    "model": key.model,
                    "fingerprint": key.fingerprint,
                    "settings": key.settings,
                    "rung": key.rung,
                    "seen": [[one.outcome.value, one.mib, one.estimated_mib] for one in seen],
                }
                for key, seen in self.entries.items()
            ],
        }


def from_dict(stored: Any) -> Calibration:
    """What `Calibration.to_dict` gave.

    Raises:
        ValueError: it is something else, or a figure in it cannot be true.
    """
    if not isinstance(stored, Mapping) or stored.get("version") != VERSION:
        raise ValueError("no calibration of this version")
    entries = stored.get("entries")
    if not isinstance(entries, list) or len(entries) > MOST_ENTRIES:
        raise ValueError("no list of measurements")
    found: dict[Key, tuple[Observation, ...]] = {}
    for entry in entries:
        fields = entry if isinstance(entry, Mapping) else {}
        names = ("model", "fingerprint", "settings", "rung")
        key = Key(*(_text(fields.get(name)) for name in names))
        seen = fields.get("seen")
        if not isinstance(seen, list) or not 0 < len(seen) <= MOST_OBSERVATIONS:
            raise ValueError(f"no measurements of {key}")
        found[key] = tuple(_observation(one) for one in seen)
    card, driver = _text(stored.get("card")), _text(stored.get("driver"))
    return Calibration(card, driver, MappingProxyType(found))


def margin(count: int) -> float:
    """How much is added to what was measured so many times; less with each."""
    return max(NARROWEST_MARGIN, WIDEST_MARGIN / math.sqrt(max(1, count)))


def _corrected(estimated: MemoryRange, seen: tuple[Observation, ...], extra: float) -> MemoryRange:
    by_outcome = {
        outcome: [one.mib for one in seen if one.outcome is outcome] for outcome in Outcome
    }
    low, likely, high = estimated.low_mib, estimated.likely_mib, estimated.high_mib
    if exact := by_outcome[Outcome.EXACT]:
        likely = median(exact)
        spread = margin(len(exact)) + extra
        low, high = likely * (1 - spread), likely * (1 + spread)
    elif worked := by_outcome[Outcome.WORKED]:
        # Whatever is given works from here on; whether less would do is not known.
        high = median(worked) * (1 + margin(len(worked)) + extra)
        likely = min(likely, high)
        low = min(low, likely)
    if failed := by_outcome[Outcome.OUT_OF_MEMORY]:
        least = median(failed)
        low = max(low, least)
        likely = max(likely, least * AFTER_FAILURE)
        high = max(high, likely * (1 + margin(len(failed)) + extra))
    return MemoryRange(low, max(low, likely), max(low, likely, high))


def _outdated(other: Key, newer: Key) -> bool:
    return other.model == newer.model and other.fingerprint != newer.fingerprint


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _TEXT_LIMIT:
        raise ValueError(f"no name: {value!r:.80}")
    return value


def _observation(value: Any) -> Observation:
    if not isinstance(value, list) or len(value) != 3:
        raise ValueError("a measurement is none")
    mib, estimated = sane(value[1], MOST_MIB), sane(value[2], MOST_MIB)
    if not mib or not estimated:
        raise ValueError("a measured amount is none")
    made = Observation(Outcome(value[0]), mib, estimated)
    if not LEAST_FACTOR <= made.factor <= MOST_FACTOR:
        raise ValueError("a measured amount cannot be true")
    return made
