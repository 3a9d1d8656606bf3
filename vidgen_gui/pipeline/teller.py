"""Telling what happens to a listener whose faults are its own: no job ends for them."""

import contextlib
import inspect
import logging
from collections.abc import Callable

from vidgen_gui.core.events import Event

_logger = logging.getLogger(__name__)


class Teller:
    """Hands events on, from any thread. What the listener raises is logged, each kind once.

    Raises:
        TypeError: the listener takes no event.
    """

    def __init__(self, listener: Callable[[Event], None]) -> None:
        # Some functions of C don't say what they take.
        with contextlib.suppress(ValueError):
            inspect.signature(listener).bind(object())
        self._listener = listener
        self._logged: set[tuple[type, type]] = set()

    def __call__(self, event: Event) -> None:
        try:
            self._listener(event)
        except Exception as error:
            kind = (type(event), type(error))
            if kind not in self._logged:
                self._logged.add(kind)
                _logger.exception("what listens to jobs failed at %s", type(event).__name__)
