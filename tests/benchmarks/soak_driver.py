"""Has the real window make videos round after round and looks at what it holds; see `bench_soak`.

``python -m tests.benchmarks.soak_driver REPORT REQUEST``: REQUEST is JSON with ``rounds``, each a
list of `JobSpec.create`'s arguments. When a round's jobs have all ended and the window has come to
rest, its newest video is played for a moment and a sample is taken; REPORT gets all samples and
how the jobs ended.
"""

import ctypes
import gc
import json
import sys
from pathlib import Path
from typing import Any

import psutil
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from vidgen_gui import app
from vidgen_gui.controller.job_view import JobView
from vidgen_gui.core.job import JobSpec
from vidgen_gui.ui.main_window import MainWindow

PLAYED_MS = 1500
REST_MS = 2500
"""Longer than the garbage collector's interval, and than reading a finished video's facts takes."""
AGAIN_MS = 1000
MOST_LOOKS = 30
SETTLES = ("qt_objects", "timers", "widgets", "temp_files")
"""What is the same again a second later once the window has come to rest."""
MB = 1_000_000


class SoakWindow(MainWindow):
    """The real window, which is given one round of jobs after the other."""

    def __init__(self, controller: Any) -> None:
        self._report_file, request = Path(sys.argv[1]), json.loads(sys.argv[2])
        self._rounds: list[list[dict[str, Any]]] = request["rounds"]
        self._left: int | None = None
        self._ended: dict[str, JobView] = {}
        self._samples: list[dict[str, Any]] = []
        self._looks: list[list[int]] = []
        super().__init__(controller)
        controller.jobs_loaded.connect(self._on_queue_opened)
        controller.job_changed.connect(self._on_job_told)

    def _on_queue_opened(self) -> None:
        QTimer.singleShot(REST_MS, self, self._look)

    def _on_job_told(self, view: JobView) -> None:
        if not view.state.is_final or view.id in self._ended or self._left is None:
            return
        self._ended[view.id] = view
        self._left -= 1
        if self._left == 0:
            QTimer.singleShot(REST_MS, self, self._play_newest)

    def _play_newest(self) -> None:
        done = [view for view in self._ended.values() if view.video_path is not None]
        self.preview.show_job(done[-1] if done else None)
        self.preview.player.toggle()
        QTimer.singleShot(PLAYED_MS, self, self._stop_playing)

    def _stop_playing(self) -> None:
        self.preview.show_job(None)
        QTimer.singleShot(REST_MS, self, self._look)

    def _look(self) -> None:
        seen = sample(len(self._ended), self._controller)
        self._looks.append([seen[name] for name in SETTLES])
        if self._looks[-2:-1] != self._looks[-1:] and len(self._looks) < MOST_LOOKS:
            QTimer.singleShot(AGAIN_MS, self, self._look)
            return
        self._looks.clear()
        self._samples.append(seen)
        if not self._rounds:
            self._finish()
            return
        specs = [JobSpec.create(**options) for options in self._rounds.pop(0)]
        self._left = len(specs)
        self._controller.submit(specs)

    def _finish(self) -> None:
        states = [view.state.value for view in self._ended.values()]
        report = {"samples": self._samples, "states": states}
        self._report_file.write_text(json.dumps(report), encoding="utf-8")
        self.close_at_once()


def sample(jobs: int, controller: Any) -> dict[str, Any]:
    """What this process and its children hold now, and what lies on the disk."""
    paths = controller.paths
    process = psutil.Process()
    python_blocks = sys.getallocatedblocks()
    widgets = QApplication.allWidgets()
    roots: list[QObject] = [controller, *(w for w in widgets if w.parent() is None)]
    owned = [child for root in roots for child in root.findChildren(QObject)]
    return {
        "jobs": jobs,
        "rss_mb": round(process.memory_info().rss / MB, 1),
        "threads": process.num_threads(),
        "descriptors": process.num_fds(),
        "heap_mb": _heap_mb(),
        "python_blocks": python_blocks,
        "qt_objects": len(owned),
        "timers": sum(isinstance(child, QTimer) for child in owned),
        "widgets": len(widgets),
        "workers_mb": _workers_mb(process),
        "log_kb": _kb(paths.log_file.parent, "*.log*"),
        "database_kb": _kb(paths.data, "jobs.db*") + _kb(paths.data, "journal*"),
        "temp_files": sum(1 for _ in paths.cache.rglob("tmp/*/*")),
    }


class _Mallinfo2(ctypes.Structure):
    """glibc's `struct mallinfo2`, from mallinfo(3)."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    )


def _heap_mb() -> float | None:
    """What malloc has given away, pictures and arrays too; what it keeps unused is left out.

    None without glibc. Small Python objects are not in it: Python has memory of its own for them.
    """
    try:
        ask = ctypes.CDLL(None).mallinfo2
    except (AttributeError, TypeError):
        return None
    ask.restype = _Mallinfo2
    told = ask()
    return round((told.uordblks + told.hblkhd) / MB, 2)


def _workers_mb(process: psutil.Process) -> dict[str, float]:
    found = {}
    for child in process.children(recursive=True):
        try:
            command = child.cmdline()
            if "--worker" in command[:-1]:
                kind = command[command.index("--worker") + 1]
                found[kind] = round(child.memory_info().rss / MB, 1)
        except psutil.NoSuchProcess:
            continue
    return found


def _kb(folder: Path, pattern: str) -> float:
    return round(sum(path.stat().st_size for path in folder.glob(pattern)) / 1000, 1)


if __name__ == "__main__":
    gc.disable()  # as `vidgen_gui.__main__` does
    app.MainWindow = SoakWindow  # type: ignore[misc]
    raise SystemExit(app.main())
