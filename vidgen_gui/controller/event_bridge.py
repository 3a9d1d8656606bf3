"""Brings the engine's events, which come from pool threads, to the GUI thread in batches."""

import threading
from collections import deque

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from vidgen_gui.core.events import Event, PicturePreviewed, ScriptStreamed, StageProgressed

INTERVAL_MS = 100
NEWEST_COUNTS = (StageProgressed, PicturePreviewed, ScriptStreamed)


class EventBridge(QObject):
    """Ten batches a second at most; of each unit's progress, picture and text only the newest."""

    events = Signal(list)
    """A list of `Event`, oldest first."""

    _arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._waiting: deque[Event] = deque()
        self._progress: dict[tuple[object, ...], Event] = {}
        self._announced = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self.flush)
        self._arrived.connect(self._on_arrived, Qt.ConnectionType.QueuedConnection)

    def put(self, event: Event) -> None:
        """Take an event, from any thread."""
        with self._lock:
            if isinstance(event, NEWEST_COUNTS):
                self._progress[_unit(event)] = event
            else:
                self._waiting.append(event)
            announce, self._announced = not self._announced, True
        if announce:
            self._arrived.emit()

    @Slot()
    def flush(self) -> None:
        """Deliver what has gathered."""
        self._timer.stop()
        with self._lock:
            batch = [*self._waiting, *self._progress.values()]
            self._waiting.clear()
            self._progress.clear()
            self._announced = False
        if batch:
            self.events.emit(batch)

    @Slot()
    def _on_arrived(self) -> None:
        if not self._timer.isActive():
            self._timer.start()


def _unit(event: Event) -> tuple[object, ...]:
    """Which progress replaces which."""
    part = (getattr(event, "stage", None), getattr(event, "scene", None))
    return (type(event), event.job_id, *part)
