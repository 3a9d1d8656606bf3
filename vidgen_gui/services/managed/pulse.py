"""When to ask a program that runs whether it still answers, and when its silence is a hang."""

import time

from vidgen_gui.system.patience import patient

EVERY_S = 20.0
HUNG_AFTER_S = 180.0
"""Loading a large model from a slow disk keeps a server silent for a minute and more."""


class Pulse:
    """Begins with an answer. For one thread."""

    def __init__(self) -> None:
        self._answered_at = self._asked_at = time.monotonic()

    @property
    def is_due(self) -> bool:
        return time.monotonic() - self._asked_at >= patient(EVERY_S)

    def beat(self, *, answered: bool) -> float | None:
        """Note whether it answered; the seconds of its silence once that is a hang."""
        self._asked_at = time.monotonic()
        if answered:
            self._answered_at = self._asked_at
        silent_s = self._asked_at - self._answered_at
        return silent_s if silent_s >= patient(HUNG_AFTER_S) else None
