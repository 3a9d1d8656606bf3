"""The time that one run has: all of it, and the part kept back for leaving the server tidy."""

import time

from vidgen_gui.system.patience import patient

_TIDY_S = 2.0
_CLOSE_S = 0.3
_TIDY_PART = 0.1


class Budget:
    """Counts down from ``deadline_s`` on a monotonic clock.

    A tenth of it, at most some two seconds, is kept back for withdrawing the prompt and closing
    the connections, so that even a run that fails at its deadline is over by it.
    """

    def __init__(self, deadline_s: float) -> None:
        self.started = time.monotonic()
        self.deadline_s = deadline_s
        self._end = self.started + deadline_s
        self._work_end = self._end - min(patient(_TIDY_S) + _CLOSE_S, _TIDY_PART * deadline_s)

    @property
    def spent_s(self) -> float:
        return time.monotonic() - self.started

    @property
    def over(self) -> bool:
        """Whether there is no time left to work in."""
        return time.monotonic() >= self._work_end

    def work_s(self, at_most_s: float | None = None) -> float:
        """Seconds left to work in, never quite 0, and at most ``at_most_s``."""
        left_s = max(0.001, self._work_end - time.monotonic())
        return left_s if at_most_s is None else min(left_s, at_most_s)

    def tidy_s(self) -> float:
        """Seconds that may be spent on withdrawing the prompt now."""
        return min(patient(_TIDY_S), max(0.001, self._end - _CLOSE_S - time.monotonic()))
