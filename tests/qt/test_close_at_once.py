"""Closing without a question, as a signal or the session's end does."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from vidgen_gui.controller.job_view import QueueStatus
from vidgen_gui.ui.main_window import MainWindow

BUSY = QueueStatus(waiting=1, running=2)


def test_a_working_window_closes_without_a_question(
    qtbot: QtBot, window: MainWindow, controller: object
) -> None:
    controller.queue_changed.emit(BUSY)  # type: ignore[attr-defined]
    window.open_settings()
    with qtbot.waitSignal(window.close_requested):
        window.close_at_once()
    assert not window.isVisible()
    assert [w for w in QApplication.topLevelWidgets() if w.isVisible()] == []


def test_the_question_goes_away_when_the_system_ends(
    window: MainWindow, controller: object
) -> None:
    controller.queue_changed.emit(BUSY)  # type: ignore[attr-defined]
    requests: list[None] = []
    window.close_requested.connect(lambda: requests.append(None))
    QTimer.singleShot(200, window, window.close_at_once)
    # Blocks in its question until the timer's call.
    window.close()
    assert len(requests) == 1
    assert not window.isVisible()


def test_after_the_system_s_word_no_question_is_asked(
    qtbot: QtBot, window: MainWindow, controller: object
) -> None:
    controller.queue_changed.emit(BUSY)  # type: ignore[attr-defined]
    window.stop_asking()
    with qtbot.waitSignal(window.close_requested):
        window.close()
