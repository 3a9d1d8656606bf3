"""Python's garbage collection for a process with a window: on the GUI thread only, and short.

Left to itself it runs on whichever thread allocates next. A Qt object that is part of a cycle
would then be destroyed on a pool's thread, which Qt forbids, and a full collection, with all that
imported modules hold, takes 40 ms in which no thread gets the interpreter: the window stands still.
"""

import contextlib
import gc
from collections.abc import Iterator

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 1000
SETTLING_TURNS = 10
"""For so long modules are still loaded beside the window: much is made, and hardly any garbage."""


class GarbageCollector(QObject):
    """Collects once a second what is due by Python's own thresholds.

    What is alive when it starts, and after each of the first turns, stays out of it for good
    (`gc.freeze`): modules, classes, the window.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._turns = 0
        gc.disable()
        gc.freeze()
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def collect(self) -> None:
        """Collect the oldest generation that is due."""
        self._turns += 1
        if self._turns <= SETTLING_TURNS:
            gc.freeze()
            return
        counts = zip(gc.get_count(), gc.get_threshold(), strict=True)
        due = [age for age, (count, threshold) in enumerate(counts) if 0 < threshold < count]
        if due:
            gc.collect(due[-1])

    def stop(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()


@contextlib.contextmanager
def collecting_on_this_thread() -> Iterator[None]:
    """Within, garbage is collected by a `GarbageCollector` on the thread that entered."""
    collector = GarbageCollector()
    try:
        yield
    finally:
        collector.stop()
