"""Cards that are not there: the whole app can be run as if on any card. Marked as simulated.

``VIDGEN_FAKE_GPU`` is ``name:total_mib[:free_mib]``, several separated by ``;``, or ``none`` for a
machine without a card, or the path of a JSON file with a list of objects that have ``name`` and
``total_mib`` and may have ``free_mib``, ``temperature_c``, ``power_w``, ``utilisation_percent``.
"""

import json
import os
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import InputError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.gpu.readings import (
    MOST_GPUS,
    MOST_MIB,
    GpuReading,
    MemorySample,
    SourceKind,
    checked_memory,
    make_reading,
    sane,
)

VARIABLE = "VIDGEN_FAKE_GPU"
NO_CARD = "none"
_CARD = re.compile(
    r"^\s*(?P<name>[^;]*?[^;:\s])\s*:\s*(?P<total>\d{1,9})\s*(?::\s*(?P<free>\d{1,9})\s*)?$"
)
_FIXTURE_LIMIT_BYTES = 1 << 20


@dataclass
class _Card:
    name: str
    total_mib: float
    base_mib: float
    figures: Mapping[str, Any] = field(default_factory=dict)
    claims: dict[str, float] = field(default_factory=dict)

    @property
    def used_mib(self) -> float:
        return self.base_mib + sum(self.claims.values())


class SimulatedSource:
    """Cards of our own making; safe to use from any thread."""

    def __init__(self, cards: list[_Card]) -> None:
        self._cards = cards
        self._lock = threading.Lock()

    @classmethod
    def parse(cls, given: str) -> "SimulatedSource":
        """From what ``VIDGEN_FAKE_GPU`` says.

        Raises:
            InputError: it names no card.
        """
        text = given.strip()
        if text.lower() == NO_CARD:
            return cls([])
        if text.lower().endswith(".json"):
            return cls(_from_fixture(text))
        parts = [part for part in text.split(";") if part.strip()]
        if not 0 < len(parts) <= MOST_GPUS:
            raise _invalid(given)
        return cls([_from_text(part, given) for part in parts])

    @property
    def kind(self) -> SourceKind:
        return SourceKind.SIMULATED

    @property
    def fastest_s(self) -> float:
        return 0.04

    @property
    def has_cards(self) -> bool:
        return bool(self._cards)

    def claim(self, owner: str, mib: float, card: int = 0) -> float:
        """Let ``owner`` hold ``mib`` instead of what it held, as far as there is room.

        Returns:
            What it holds now; less than asked for where a real card would be out of memory.

        Raises:
            ValueError: no amount, or no such card.
        """
        amount = sane(mib, MOST_MIB)
        if amount is None or not 0 <= card < len(self._cards):
            raise ValueError(f"{owner} cannot hold {mib} MiB of card {card}")
        with self._lock:
            held = self._cards[card]
            held.claims.pop(owner, None)
            granted = min(amount, max(0.0, held.total_mib - held.used_mib))
            held.claims[owner] = granted
            return granted

    def release(self, owner: str) -> None:
        """Let ``owner`` hold nothing any more, on any card."""
        with self._lock:
            for card in self._cards:
                card.claims.pop(owner, None)

    def read(self, at_s: float, cancel: CancelToken) -> tuple[GpuReading, ...]:
        """All cards as they are now."""
        with self._lock:
            return tuple(
                make_reading(
                    index=index,
                    uuid=f"simulated-{index}",
                    name=card.name,
                    memory=checked_memory(
                        card.total_mib, card.used_mib, card.total_mib - card.used_mib
                    ),
                    source=self.kind,
                    at_s=at_s,
                    utilisation_percent=card.figures.get("utilisation_percent"),
                    temperature_c=card.figures.get("temperature_c"),
                    power_w=card.figures.get("power_w"),
                    throttle_reasons=(),
                    processes=[(os.getpid(), mib, owner) for owner, mib in card.claims.items()],
                )
                for index, card in enumerate(self._cards)
            )

    def read_memory(self, at_s: float, cancel: CancelToken) -> tuple[MemorySample, ...]:
        """Memory alone."""
        return tuple(reading.memory for reading in self.read(at_s, cancel))

    def renew(self) -> None:
        """Simulated cards stay."""

    def close(self) -> None:
        """Nothing is held open."""


def _from_text(part: str, given: str) -> _Card:
    found = _CARD.match(part)
    if found is None:
        raise _invalid(given)
    total = int(found["total"])
    return _card(found["name"], total, int(found["free"] or total), {}, given)


def _from_fixture(given: str) -> list[_Card]:
    try:
        with Path(given).open("rb") as file:
            entries = json.loads(file.read(_FIXTURE_LIMIT_BYTES))
    except (OSError, ValueError, RecursionError) as error:
        raise _invalid(given) from error
    if not isinstance(entries, list) or len(entries) > MOST_GPUS:
        raise _invalid(given)
    cards = []
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            raise _invalid(given)
        total = entry.get("total_mib")
        cards.append(_card(entry["name"], total, entry.get("free_mib", total), entry, given))
    return cards


def _card(name: str, total: Any, free: Any, figures: Mapping[str, Any], given: str) -> _Card:
    known_total, known_free = sane(total, MOST_MIB), sane(free, MOST_MIB)
    if not known_total or known_free is None or known_free > known_total:
        raise _invalid(given)
    return _Card(name, known_total, known_total - known_free, figures)


def _invalid(given: str) -> InputError:
    return InputError(MessageId.GPU_SIMULATION_INVALID, given=given[:80])
