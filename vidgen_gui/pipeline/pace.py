"""How long a render may take: as measured here, or generously guessed until there is a measure."""

import threading
from types import MappingProxyType

from vidgen_gui.core.quality import Quality

FLOOR_S = 120.0
"""Nothing is given up on sooner: the machine may be busy with something else."""
PATIENCE = 6.0
"""How many times slower than last time is still believed to be work."""
FIRST_GUESS_S = MappingProxyType(
    {
        Quality.DRAFT: 4.0,
        Quality.STANDARD: 8.0,
        Quality.HIGH: 15.0,
        Quality.ULTRA_LITE: 20.0,
        Quality.ULTRA: 25.0,
    }
)
"""Seconds for each second of video at 30 frames a second."""
_GUESSED_FPS = 30


class RenderPace:
    """Remembers, for as long as the app runs, what a second of video cost. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._measured: dict[tuple[Quality, int], float] = {}

    def deadline_s(self, quality: Quality, fps: int, duration_s: float) -> float:
        """When a render that has not ended must be hanging."""
        with self._lock:
            measured = self._measured.get((quality, fps))
        if measured is not None:
            return max(FLOOR_S, PATIENCE * measured * duration_s)
        return max(FLOOR_S, FIRST_GUESS_S[quality] * fps / _GUESSED_FPS * duration_s)

    def record(self, quality: Quality, fps: int, duration_s: float, elapsed_s: float) -> None:
        """Take in a finished render; the slowest one counts."""
        pace = elapsed_s / duration_s
        with self._lock:
            self._measured[quality, fps] = max(pace, self._measured.get((quality, fps), 0.0))
