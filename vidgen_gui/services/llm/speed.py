"""How fast a model reads and writes, as measured; for time-outs and for how long it will take."""

import threading
from collections import deque
from statistics import median

KEPT = 5
SLOW_WRITING_PER_S = 4.0
"""Until something was measured: a 7B model on a processor of four cores."""
SLOW_READING_PER_S = 25.0


class SpeedMeter:
    """The last few measurements of one model; used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._writing: deque[float] = deque(maxlen=KEPT)
        self._reading: deque[float] = deque(maxlen=KEPT)

    def add(self, *, writing_per_s: float, reading_per_s: float = 0.0) -> None:
        """Note what a reply measured, in tokens/s; 0 is not known."""
        with self._lock:
            if writing_per_s > 0:
                self._writing.append(writing_per_s)
            if reading_per_s > 0:
                self._reading.append(reading_per_s)

    @property
    def tokens_per_s(self) -> float | None:
        """The median of the last few, or None before the first."""
        with self._lock:
            return median(self._writing) if self._writing else None

    def expected_s(self, prompt_tokens: int, completion_tokens: int) -> float:
        """How long a reply will take; a slow machine is assumed until something was measured."""
        with self._lock:
            writing = median(self._writing) if self._writing else SLOW_WRITING_PER_S
            reading = median(self._reading) if self._reading else SLOW_READING_PER_S
        return prompt_tokens / reading + completion_tokens / writing
