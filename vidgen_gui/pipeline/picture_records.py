"""What drawing has taught about memory and time: asked by plans, fed by pictures, stored.

Used by pool threads. A store that fails costs what was learned, never a picture.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from statistics import median
from types import MappingProxyType
from typing import TypeVar

from vidgen_gui.core.errors import StorageError
from vidgen_gui.core.memory_range import MemoryRange
from vidgen_gui.core.recent import Recent
from vidgen_gui.gpu.calibration import Calibration, Key, Outcome, from_dict
from vidgen_gui.store.calibrations import CalibrationStore, PicturePlace, PictureTime

_logger = logging.getLogger(__name__)

T = TypeVar("T")

MOST_PLACES = 500
"""So many cards, models, qualities and shapes are remembered here; the store has more."""

BLIND_S = 14 * 86_400.0
"""Where nobody knows the card's memory, a lower rung is tried first for so long: the card may have
been exchanged meanwhile, or what took its memory may be gone."""


class PictureRecords:
    """Measurements, remembered rungs and seconds.

    Args:
        store: where they are kept; without one, for as long as this object.
    """

    def __init__(self, store: CalibrationStore | None = None) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._calibration: Calibration | None = None
        self._rungs: Recent[PicturePlace, str] = Recent(MOST_PLACES)
        self._times: Recent[PicturePlace, dict[str, PictureTime]] = Recent(MOST_PLACES)

    def calibration(self, machine: tuple[str, str]) -> Calibration:
        """What was measured on this card with this driver."""
        with self._lock:
            known = self._calibration
        if known is None or (known.card, known.driver) != machine:
            known = self._load(*machine)
            with self._lock:
                self._calibration = known
        return known

    def observe(
        self,
        machine: tuple[str, str],
        key: Key,
        outcome: Outcome,
        mib: float,
        estimated: MemoryRange,
    ) -> None:
        """Learn how a picture went."""
        before = self.calibration(machine)
        with self._lock:
            current = self._calibration if self._calibration is not None else before
            learned = current.for_machine(*machine).observe(key, outcome, mib, estimated)
            self._calibration = learned
        if learned is not current and self._store is not None:
            store = self._store
            self._kept(lambda: store.save(*machine, learned.to_dict()), None)

    def rung(self, place: PicturePlace, *, is_blind: bool) -> str:
        """The rung to begin with; empty when none is remembered.

        Args:
            is_blind: nobody knows the card's memory.
        """
        with self._lock:
            known = self._rungs.get(place)
        if known is None and self._store is not None:
            store, limit_s = self._store, BLIND_S if is_blind else None
            known = self._kept(lambda: store.rung(place, within_s=limit_s), "")
            with self._lock:
                self._rungs[place] = known
        return known or ""

    def remember_rung(self, place: PicturePlace, rung: str) -> None:
        """Begin with this rung next time, also after a restart of the app."""
        with self._lock:
            known = self._rungs.get(place)
            self._rungs[place] = rung
        if known != rung and self._store is not None:
            store = self._store
            self._kept(lambda: store.remember_rung(place, rung), None)

    def times(self, place: PicturePlace) -> Mapping[str, PictureTime]:
        """How long a picture took there, by rung."""
        with self._lock:
            known = self._times.get(place)
        if known is None:
            known = {}
            if self._store is not None:
                store, nothing = self._store, dict[str, PictureTime]()
                known = self._kept(lambda: dict(store.times(place)), nothing)
            with self._lock:
                self._times[place] = known
        return MappingProxyType(known)

    def work_s(self, place: PicturePlace) -> float | None:
        """Seconds a unit of work (`picture_times.work`) with this card and model; None: not seen.

        The median over what was drawn at any quality.
        """
        with self._lock:
            seen = [
                taken
                for other, times in self._times.items()
                if other.values[:4] == place.values[:4]
                for taken in times.values()
            ]
        if self._store is not None:
            store, nothing = self._store, list[PictureTime]()
            seen = self._kept(lambda: list(store.all_times(place)), nothing) or seen
        each = [taken.seconds / taken.work for taken in seen if taken.work]
        return median(each) if each else None

    def remember_time(self, place: PicturePlace, rung: str, taken: PictureTime) -> None:
        """Keep how long a picture took that was made like this."""
        self.times(place)
        with self._lock:
            self._times[place] = self._times.get(place, {}) | {rung: taken}
        if self._store is not None:
            store = self._store
            self._kept(lambda: store.remember_time(place, rung, taken), None)

    def _load(self, card: str, driver: str) -> Calibration:
        empty = Calibration(card, driver)
        if self._store is None or not card:
            return empty
        store = self._store
        stored = self._kept(lambda: store.load(card, driver), None)
        if stored is None:
            return empty
        try:
            return from_dict(stored).for_machine(card, driver)
        except ValueError as error:
            _logger.info("what was measured on %s is left out: %s", card, error)
            return empty

    def _kept(self, work: Callable[[], T], otherwise: T) -> T:
        try:
            return work()
        except StorageError as error:
            _logger.warning("what drawing taught is not kept: %s", error)
            return otherwise
