"""The window: puts the parts together and starts qasync's loop."""

import asyncio
import contextlib
import faulthandler
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType

import qasync
from PySide6.QtCore import QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QMessageBox

from vidgen_gui import __version__
from vidgen_gui.controller.garbage_collector import collecting_on_this_thread
from vidgen_gui.controller.pipeline_controller import PipelineController
from vidgen_gui.controller.single_instance import SingleInstance
from vidgen_gui.core.errors import VidgenError
from vidgen_gui.core.messages import Message
from vidgen_gui.store.settings_file import load_settings
from vidgen_gui.system.allocator import use_few_arenas
from vidgen_gui.system.logs import (
    logging_uncaught,
    set_log_level,
    set_up_logging,
    shut_down_logging,
)
from vidgen_gui.system.paths import APP_NAME, AppPaths
from vidgen_gui.system.resources import resource
from vidgen_gui.ui.main_window import MainWindow
from vidgen_gui.ui.qt_start import explained_failure, silence_asides
from vidgen_gui.ui.words import sentence

_logger = logging.getLogger(__name__)

SIGNAL_POLL_MS = 200
SWITCH_INTERVAL_S = 0.0005
"""Each call into Qt gives the interpreter up, and with another thread at work the GUI thread waits
for so long to have it back. Python's 5 ms add up to held-up turns."""
QUIT_LIMIT_S = 14.0
"""However something hangs, the app is gone this long after it was told to end."""


def main() -> int:
    """Open the window and stay until it is closed; returns the exit status."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    use_few_arenas()
    silence_asides()
    with explained_failure():
        app = QApplication([APP_NAME])
    app.setApplicationName(APP_NAME)
    app.setApplicationDisplayName(APP_NAME)
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("vidgen")
    app.setWindowIcon(QIcon(str(resource("icons/vidgen.svg"))))
    app.setQuitOnLastWindowClosed(False)
    try:
        paths = AppPaths.find()
        paths.create()
        set_up_logging(paths.log_file)
        instance = SingleInstance(paths)
        if not instance.claim():
            return 0
        settings, notices = load_settings(paths)
        set_log_level(settings.advanced.log_level.value)
    except VidgenError as error:
        QMessageBox.critical(None, APP_NAME, sentence(error.message))
        return 1
    controller = PipelineController(paths, settings)
    window = MainWindow(controller)
    instance.raised.connect(window.raise_to_front)
    window.close_requested.connect(instance.stop_answering)
    # Logging out must not be held up by a question either.
    app.commitDataRequest.connect(window.stop_asking)
    try:
        with (
            _end_in_time(window, paths.log_file),
            collecting_on_this_thread(),
            logging_uncaught(),
        ):
            return _run(app, controller, window, notices)
    finally:
        instance.close()
        shut_down_logging()


def _run(
    app: QApplication,
    controller: PipelineController,
    window: MainWindow,
    notices: Sequence[Message],
) -> int:
    loop = qasync.QEventLoop(app)
    asyncio.set_event_loop(loop)
    finished = asyncio.Event()
    window.close_requested.connect(controller.close)
    controller.closed.connect(finished.set)
    with _signals(window.close_at_once), loop:
        window.show()
        # The window is painted first; what needs the disk comes after.
        QTimer.singleShot(0, controller.start)
        for notice in notices:
            controller.notice.emit(notice)
        loop.run_until_complete(finished.wait())
    return 0


@contextlib.contextmanager
def _end_in_time(window: MainWindow, log_file: Path) -> Iterator[None]:
    """Once the window was closed, the process ends within `QUIT_LIMIT_S`, come what may.

    What hangs is written to the log. A watch in Python would stand still with the
    interpreter, and what the app started dies with it.
    """
    log = log_file.open("a", encoding="utf-8")

    def watch() -> None:
        faulthandler.dump_traceback_later(QUIT_LIMIT_S, exit=True, file=log)

    window.close_requested.connect(watch)
    yield


@contextlib.contextmanager
def _signals(close: Callable[[], object]) -> Iterator[None]:
    """Ctrl-C, SIGTERM and the like close the window; a second one ends at once."""

    def on_signal(number: int, _frame: FrameType | None) -> None:
        if closing:
            os._exit(128 + number)
        closing.append(number)
        QTimer.singleShot(0, close)

    closing: list[int] = []
    numbers = [signal.SIGINT, signal.SIGTERM]
    if sys.platform != "win32":
        numbers.append(signal.SIGHUP)
    previous = {number: signal.signal(number, on_signal) for number in numbers}
    # Python runs signal handlers between bytecodes only, which Qt's idle loop has none of.
    ticker = QTimer()
    ticker.timeout.connect(int)
    ticker.start(SIGNAL_POLL_MS)
    try:
        yield
    finally:
        ticker.stop()
        for number, handler in previous.items():
            signal.signal(number, handler)
