"""How long the turns of a Qt event loop are, measured by a heartbeat on it."""

import statistics
import sys
import threading
import time
import traceback
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer

from tests.benchmarks.heartbeat import waited_for_core_ms

TICK_MS = 5
LONG_MS = 16


class LoopMeter(QObject):
    """Ticks every 5 ms: as much as a tick is late, the loop was held up.

    That is wall time, so that waiting for a lock counts; but so does a machine that gives its
    cores to others. Where the kernel tells how long this thread was ready without a core
    (Linux), ``own`` figures leave that out.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._late_ms: list[float] = []
        self._own_ms: list[float] = []
        self._ends_s: list[float] = []
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._on_tick)
        self.last_s = 0.0
        self._waited_ms = 0.0

    def start(self) -> None:
        self._late_ms.clear()
        self._own_ms.clear()
        self._ends_s.clear()
        self.last_s, self._waited_ms = time.perf_counter(), waited_for_core_ms()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def summary(self) -> dict[str, Any]:
        """Since the last start, in milliseconds."""
        return (
            {"turns": len(self._late_ms)}
            | _figures("", self._late_ms)
            | _figures("own_", self._own_ms)
        )

    @property
    def long_turns(self) -> list[tuple[float, float]]:
        """Turns of over 16 ms of our own: their ends (`time.monotonic`) and how long they were."""
        turns = zip(self._ends_s, self._own_ms, strict=True)
        return [(end_s, round(own_ms, 1)) for end_s, own_ms in turns if own_ms > LONG_MS]

    def _on_tick(self) -> None:
        now_s, waited_ms = time.perf_counter(), waited_for_core_ms()
        late_ms = max(0.0, 1000 * (now_s - self.last_s) - TICK_MS)
        self._late_ms.append(late_ms)
        self._own_ms.append(max(0.0, late_ms - (waited_ms - self._waited_ms)))
        self._ends_s.append(time.monotonic())
        self.last_s, self._waited_ms = now_s, waited_ms


def _figures(prefix: str, values: list[float]) -> dict[str, float]:
    if len(values) < 2:
        return {}
    return {
        f"{prefix}longest_ms": round(max(values), 1),
        f"{prefix}p99_ms": round(statistics.quantiles(values, n=100)[98], 1),
        f"{prefix}under_16_ms": round(sum(value < LONG_MS for value in values) / len(values), 4),
    }


class Blame(threading.Thread):
    """Notes what every thread is doing when the heartbeat stays out longer than a limit."""

    def __init__(self, meter: LoopMeter, limit_ms: float) -> None:
        super().__init__(name="blame", daemon=True)
        self._meter = meter
        self._limit_s = limit_ms / 1000
        self.notes: list[str] = []

    def run(self) -> None:
        noted_s = 0.0
        while True:
            time.sleep(0.004)
            late_s = time.perf_counter() - self._meter.last_s
            if late_s > self._limit_s and self._meter.last_s != noted_s:
                noted_s = self._meter.last_s
                names = {thread.ident: thread.name for thread in threading.enumerate()}
                for ident, frame in sys._current_frames().items():
                    where = "".join(traceback.format_stack(frame)[-6:])
                    self.notes.append(f"{late_s:.3f} s  {names.get(ident, ident)}\n{where}")
