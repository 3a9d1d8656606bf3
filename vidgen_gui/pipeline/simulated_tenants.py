"""Simulated cards follow the services: what is loaded holds memory, what is freed gives it back."""

from collections.abc import Iterator
from contextlib import contextmanager

from vidgen_gui.core.turn import Turn
from vidgen_gui.gpu.simulated import SimulatedSource
from vidgen_gui.pipeline.card_reader import DRAWER, WRITER

KEPT_AFTER_DRAWING = 0.5
"""Of what a picture took, an image server keeps its models until it is told to let go."""


class SimulatedTenants:
    """Claims memory of simulated cards; used by any thread. Without such cards it does nothing.

    Args:
        source: the simulated cards.
    """

    def __init__(self, source: SimulatedSource | None) -> None:
        self._source = source if source is not None and source.has_cards else None
        self._telling = Turn()
        self._writer: tuple[float, int] | None = None
        self._is_writer_in = False

    @property
    def is_real(self) -> bool:
        """Whether there is nothing to do here: cards are real, or there are none."""
        return self._source is None

    def writer_came(self, mib: float | None, card: int | None) -> None:
        """The script writer is in memory.

        Args:
            mib: what it takes; None where that isn't known: what it held before, if anything.
            card: which card; None for none.
        """
        with self._telling.taken():
            if self._source is None or self._is_writer_in:
                return
            self._is_writer_in = True
            if mib is not None and card is not None:
                self._writer = (mib, card)
            if self._writer is not None:
                self._source.claim(WRITER, *self._writer)

    def writer_left(self, held_mib: float = 0.0, card: int = 0) -> None:
        """The script writer is not in memory any more.

        Args:
            held_mib: what it was seen to hold, which it takes again when it comes back.
        """
        with self._telling.taken():
            if self._source is None:
                return
            if held_mib > 0:
                self._writer = (held_mib, card)
            elif not self._is_writer_in:
                return
            self._is_writer_in = False
            self._source.release(WRITER)

    @contextmanager
    def drawing(self, mib: float, card: int) -> Iterator[None]:
        """A picture is drawn inside."""
        if self._source is None:
            yield
            return
        self._source.claim(DRAWER, mib, card)
        try:
            yield
        finally:
            self._source.claim(DRAWER, mib * KEPT_AFTER_DRAWING, card)

    def drawer_left(self) -> None:
        """The image maker has let go of its models."""
        if self._source is not None:
            self._source.release(DRAWER)
