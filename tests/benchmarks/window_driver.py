"""Runs the real window, has it make videos, and measures its event loop; `bench_app` starts it.

``python -m tests.benchmarks.window_driver REPORT REQUEST``: REQUEST is JSON with ``topics``,
``options`` (of `JobSpec.create`), ``started`` (`time.monotonic` before this process was started)
and ``blame_ms`` (0, or how long a turn must be for all threads' stacks to be noted). When all
videos have ended and the last was shown for a while, REPORT is written and the window closes.
"""

import gc
import json
import sys
import time
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent

from tests.benchmarks.loop_meter import Blame, LoopMeter
from vidgen_gui import app
from vidgen_gui.controller.job_view import JobView
from vidgen_gui.core.job import JobSpec
from vidgen_gui.ui.main_window import MainWindow

SHOWN_MS = 3000


class DrivenWindow(MainWindow):
    """The real window, which submits what is wanted once the queue is open."""

    def __init__(self, controller: Any) -> None:
        self._report_file, self._request = Path(sys.argv[1]), json.loads(sys.argv[2])
        self._report: dict[str, Any] = {}
        self._ended: dict[str, str] = {}
        super().__init__(controller)
        self._meter = LoopMeter(self)
        self._meter.start()
        self._blame = Blame(self._meter, self._request["blame_ms"])
        if self._request["blame_ms"]:
            self._blame.start()
        controller.jobs_loaded.connect(self._on_queue_opened)
        controller.job_changed.connect(self._on_job_told)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        super().paintEvent(event)
        self._report.setdefault("visible_s", self._since_start_s())
        self._report.setdefault("visible_cpu_s", round(time.process_time(), 2))

    def _since_start_s(self) -> float:
        return round(time.monotonic() - self._request["started"], 2)

    def _on_queue_opened(self) -> None:
        self._report["ready_s"] = self._since_start_s()
        self._report["opening"] = self._meter.summary()
        self._meter.start()
        specs = [
            JobSpec.create(topic=topic, seed=number, **self._request["options"])
            for number, topic in enumerate(self._request["topics"])
        ]
        self._controller.submit(specs)

    def _on_job_told(self, view: JobView) -> None:
        if view.state.is_final and view.id not in self._ended:
            self._ended[view.id] = view.state.value
            if len(self._ended) == len(self._request["topics"]):
                QTimer.singleShot(SHOWN_MS, self, self._finish)

    def _finish(self) -> None:
        self._meter.stop()
        self._report["working"] = self._meter.summary()
        self._report["long_turns"] = self._meter.long_turns
        self._report["states"] = list(self._ended.values())
        self._report["blame"] = self._blame.notes
        self._report_file.write_text(json.dumps(self._report), encoding="utf-8")
        self.close_at_once()


if __name__ == "__main__":
    gc.disable()  # as `vidgen_gui.__main__` does
    app.MainWindow = DrivenWindow  # type: ignore[misc]
    raise SystemExit(app.main())
