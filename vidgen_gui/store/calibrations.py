"""What drawing pictures on a card has taught, kept between runs of the app.

Measurements are kept as the plain values of `gpu.calibration`, which this floor doesn't know.
Another driver, or another file under a model's name, makes void what was learned with the former.
"""

import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from vidgen_gui.core.quality import Aspect, Quality
from vidgen_gui.store.database import Database

MOST_CARDS = 64
MOST_ROWS = 2000
"""Rungs and times of what was not drawn for longest go beyond this."""
MOST_CONTENT_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class PicturePlace:
    """What a remembered rung holds for.

    Args:
        card: its name, or the server's address where the card is not known.
        driver: its version; empty where not known.
        model: the checkpoint's name.
        fingerprint: changes with the model's file and the server's version.
    """

    card: str
    driver: str
    model: str
    fingerprint: str
    quality: Quality
    aspect: Aspect

    @property
    def values(self) -> tuple[str, str, str, str, int, str]:
        quality, aspect = int(self.quality), self.aspect.value
        return self.card, self.driver, self.model, self.fingerprint, quality, aspect


@dataclass(frozen=True, slots=True)
class PictureTime:
    """How long a picture took.

    Args:
        step_s: the median step of its costliest pass; None: not seen.
        work: how much there was to do (`pipeline.picture_times`); None: not known.
    """

    seconds: float
    step_s: float | None = None
    work: float | None = None


_IS_PLACE = (
    "card = ? AND driver = ? AND model = ? AND fingerprint = ? AND quality = ? AND aspect = ?"
)


class CalibrationStore:
    """Every method waits for the database and may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, card: str, driver: str) -> Mapping[str, Any] | None:
        """What was measured on this card with this driver, as `save` was given it."""
        row = self._database.read(
            lambda connection: connection.execute(
                "SELECT content FROM calibrations WHERE card = ? AND driver = ?", (card, driver)
            ).fetchone()
        )
        if row is None:
            return None
        try:
            found = json.loads(row[0])
        except ValueError:
            # Measurements are made anew; nothing else depends on them.
            return None
        return found if isinstance(found, dict) else None

    def save(self, card: str, driver: str, content: Mapping[str, Any]) -> None:
        """Keep what was measured; what was learned with another driver is forgotten."""
        text = json.dumps(content, allow_nan=False)
        if len(text) > MOST_CONTENT_BYTES:
            raise ValueError(f"measurements of {len(text)} bytes")

        def work(connection: sqlite3.Connection) -> None:
            _forget_other_driver(connection, card, driver)
            connection.execute(
                "INSERT OR REPLACE INTO calibrations VALUES (?, ?, ?, ?)",
                (card, driver, text, time.time()),
            )
            connection.execute(
                "DELETE FROM calibrations WHERE card NOT IN"
                " (SELECT card FROM calibrations ORDER BY used_at DESC LIMIT ?)",
                (MOST_CARDS,),
            )

        self._database.call(work)

    def rung(self, place: PicturePlace, *, within_s: float | None = None) -> str:
        """The rung that is to be tried first there; empty when none is known.

        Args:
            within_s: only if it was remembered so lately.
        """
        since = 0.0 if within_s is None else time.time() - within_s
        row = self._database.read(
            lambda connection: connection.execute(
                f"SELECT rung FROM picture_rungs WHERE {_IS_PLACE} AND at >= ?",  # noqa: S608 - ours
                (*place.values, since),
            ).fetchone()
        )
        return "" if row is None else str(row[0])

    def remember_rung(self, place: PicturePlace, rung: str) -> None:
        """Begin with this rung next time."""
        values = (*place.values, rung, time.time())

        def work(connection: sqlite3.Connection) -> None:
            _forget_what_changed(connection, place)
            connection.execute(
                "INSERT OR REPLACE INTO picture_rungs VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values
            )
            _trim(connection)

        self._database.call(work)

    def times(self, place: PicturePlace) -> Mapping[str, PictureTime]:
        """How long pictures took there, by rung."""
        rows = self._database.read(
            lambda connection: connection.execute(
                f"SELECT rung, seconds, step_s, work FROM picture_times WHERE {_IS_PLACE}",  # noqa: S608 - ours
                place.values,
            ).fetchall()
        )
        return MappingProxyType({rung: PictureTime(*figures) for rung, *figures in rows})

    def all_times(self, place: PicturePlace) -> Sequence[PictureTime]:
        """How long pictures of every quality and shape took with this card and model."""
        rows = self._database.read(
            lambda connection: connection.execute(
                "SELECT seconds, step_s, work FROM picture_times"
                " WHERE card = ? AND driver = ? AND model = ? AND fingerprint = ?",
                place.values[:4],
            ).fetchall()
        )
        return [PictureTime(*figures) for figures in rows]

    def remember_time(self, place: PicturePlace, rung: str, taken: PictureTime) -> None:
        """Keep how long the latest picture took that was made like this."""
        values = (*place.values, rung, taken.seconds, taken.step_s, taken.work, time.time())

        def work(connection: sqlite3.Connection) -> None:
            _forget_what_changed(connection, place)
            connection.execute(
                "INSERT OR REPLACE INTO picture_times VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )
            _trim(connection)

        self._database.call(work)


def _forget_other_driver(connection: sqlite3.Connection, card: str, driver: str) -> None:
    for table in ("picture_rungs", "picture_times"):
        connection.execute(
            f"DELETE FROM {table} WHERE card = ? AND driver != ?",  # noqa: S608 - our own names
            (card, driver),
        )
    connection.execute("DELETE FROM calibrations WHERE card = ? AND driver != ?", (card, driver))


def _forget_what_changed(connection: sqlite3.Connection, place: PicturePlace) -> None:
    _forget_other_driver(connection, place.card, place.driver)
    for table in ("picture_rungs", "picture_times"):
        connection.execute(
            f"DELETE FROM {table} WHERE card = ? AND model = ? AND fingerprint != ?",  # noqa: S608 - our own names
            (place.card, place.model, place.fingerprint),
        )


def _trim(connection: sqlite3.Connection) -> None:
    for table in ("picture_rungs", "picture_times"):
        connection.execute(
            f"DELETE FROM {table} WHERE at <"  # noqa: S608 - our own names
            f" (SELECT at FROM {table} ORDER BY at DESC LIMIT 1 OFFSET ?)",
            (MOST_ROWS - 1,),
        )
