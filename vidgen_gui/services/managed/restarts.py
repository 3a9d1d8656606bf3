"""When a crashed service may be started again: with growing pauses, and not for ever. Pure."""

import time
from collections import deque
from collections.abc import Callable

MOST_RESTARTS = 3
WINDOW_S = 600.0
FIRST_PAUSE_S = 1.0


class RestartPolicy:
    """At most `MOST_RESTARTS` restarts within `WINDOW_S`; the pauses are 1, 2 and 4 seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._restarts: deque[float] = deque(maxlen=MOST_RESTARTS)

    @property
    def used(self) -> int:
        """How many restarts still count."""
        oldest = self._clock() - WINDOW_S
        while self._restarts and self._restarts[0] <= oldest:
            self._restarts.popleft()
        return len(self._restarts)

    def next_pause_s(self) -> float | None:
        """How long to wait before the next restart, which is counted now; None: no more."""
        used = self.used
        if used >= MOST_RESTARTS:
            return None
        self._restarts.append(self._clock())
        return FIRST_PAUSE_S * 2.0**used
