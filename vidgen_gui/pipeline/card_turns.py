"""Whose turn it is on the card: nobody is stopped at work, and nobody starts beside a picture.

Counts only; who really holds memory is measured elsewhere.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from vidgen_gui.core.cancel import CancelToken

PROMISE_S = 5.0
"""How long room that was made stays reserved for a picture that doesn't begin."""
_POLL_S = 0.2


class CardTurns:
    """Used by pool threads; every wait ends with `Cancelled` when its token is set."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._drawing = 0
        self._writing = 0
        self._starting = 0
        self._pausing = False
        self._wants_pause = 0
        self._promised_until = 0.0

    def promise(self) -> None:
        """Room was made: until the picture begins, or a few seconds went by, nobody takes it."""
        with self._changed:
            self._promised_until = time.monotonic() + PROMISE_S

    def withdraw(self) -> None:
        """No picture comes any more: what was promised is free."""
        with self._changed:
            self._promised_until = 0.0
            self._changed.notify_all()

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """A picture is drawn inside."""
        with self._changed:
            self._drawing += 1
            self._promised_until = 0.0
        try:
            yield
        finally:
            with self._changed:
                self._drawing -= 1
                self._changed.notify_all()

    @contextmanager
    def writing(self, cancel: CancelToken) -> Iterator[None]:
        """A script is written inside: the script writer is not paused meanwhile."""
        with self._changed:
            self._wait(lambda: not self._pausing and not self._wants_pause, cancel)
            self._writing += 1
        try:
            yield
        finally:
            with self._changed:
                self._writing -= 1
                self._changed.notify_all()

    @contextmanager
    def starting(self, cancel: CancelToken) -> Iterator[None]:
        """The script writer comes into memory inside: not while a picture is drawn."""
        with self._changed:
            self._wait(lambda: not self._pausing and self._is_card_idle(), cancel)
            self._starting += 1
        try:
            yield
        finally:
            with self._changed:
                self._starting -= 1
                self._changed.notify_all()

    @contextmanager
    def pausing(self, cancel: CancelToken) -> Iterator[None]:
        """The script writer is stopped inside: not while it writes or starts."""
        with self._changed:
            self._wants_pause += 1
            try:
                self._wait(self._is_writer_idle, cancel)
                self._pausing = True
            finally:
                self._wants_pause -= 1
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._pausing = False
                self._changed.notify_all()

    def wait_for_start(self, cancel: CancelToken) -> None:
        """Until the script writer is not on its way into memory: figures would be wrong soon."""
        with self._changed:
            self._wait(lambda: not self._starting, cancel)

    def _is_card_idle(self) -> bool:
        return not self._drawing and time.monotonic() >= self._promised_until

    def _is_writer_idle(self) -> bool:
        return not self._writing and not self._starting and not self._pausing

    def _wait(self, until: Callable[[], bool], cancel: CancelToken) -> None:
        """With the condition held; a promise runs out without a word, so it is looked at."""
        while not until():
            cancel.raise_if_cancelled()
            self._changed.wait(_POLL_S)
        cancel.raise_if_cancelled()
