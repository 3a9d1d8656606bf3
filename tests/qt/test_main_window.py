"""The window as a whole: what it shows of the controller, what it keeps, how it closes."""

import inspect
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fake_controller import FakeController
from fake_services import MAKER, absent_view
from PySide6.QtCore import QObject, Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QSlider,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from vidgen_gui.controller.job_view import JobView, QueueStatus
from vidgen_gui.controller.pipeline_controller import PipelineController
from vidgen_gui.core.job import JobSpec, JobState
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.settings import Theme as ThemeSetting
from vidgen_gui.ui.main_window import LAYOUT_VERSION, MainWindow
from vidgen_gui.ui.theme import Theme

MakeJob = Callable[..., JobView]
CONTROLS = (
    QAbstractButton, QAbstractItemView, QComboBox, QLineEdit, QPlainTextEdit, QSlider, QSpinBox,
)  # fmt: skip


def lines(window: MainWindow) -> list[str]:
    model = window.activity.model
    return [model.index(row).data() for row in range(model.rowCount())]


def test_the_fake_speaks_like_the_real_controller() -> None:
    """What widgets call or connect to in these tests is there in the app, with the same names."""
    own = vars(FakeController)
    only_fake = {"load", "show", "called", "answer_language"}
    for name, member in own.items():
        is_spoken = inspect.isfunction(member) or isinstance(member, Signal)
        if name.startswith("_") or name in only_fake or not is_spoken:
            continue
        real = inspect.getattr_static(PipelineController, name)
        if inspect.isfunction(member) and inspect.isfunction(real):
            wanted = list(inspect.signature(member).parameters)
            assert wanted == list(inspect.signature(real).parameters), name
        else:
            assert str(member) == str(real), name


def test_the_empty_window_teaches_the_first_step(
    qtbot: QtBot, window: MainWindow, controller: FakeController
) -> None:
    assert window.jobs.is_empty
    shown = [label.text() for label in window.findChildren(QLabel) if label.isVisible()]
    assert "No videos yet" in shown
    assert QApplication.focusWidget() is window.jobs.first_add.field
    QTest.keyClicks(QApplication.focusWidget(), "Tea")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(controller.called("submit")))
    assert not window.jobs.is_empty
    assert window.jobs.quick_add.field.hasFocus()


def test_an_example_is_one_click(
    qtbot: QtBot, window: MainWindow, controller: FakeController
) -> None:
    (button,) = [
        b
        for b in window.findChildren(QAbstractButton)
        if b.accessibleName() == "Why the sea is salty"
    ]
    button.click()
    qtbot.waitUntil(lambda: bool(controller.called("submit")))
    (((spec,),),) = controller.called("submit")
    assert spec.topic == "Why the sea is salty"


@pytest.mark.parametrize("state", list(JobState))
def test_every_state_has_its_page_and_buttons(
    window: MainWindow, controller: FakeController, make_job: MakeJob, state: JobState
) -> None:
    failure = Message(MessageId.DISK_FULL, {"path": "/x"}) if state is JobState.FAILED else None
    controller.load([make_job(1, "<b>Tea</b>", state=state, failure=failure)])
    window.jobs.list.select("job-1")
    page = window.preview.progress
    assert page.isVisible()
    shown = [label.text() for label in page.findChildren(QLabel) if label.isVisible()]
    assert "<b>Tea</b>" in shown
    buttons = [b for b in page.findChildren(QAbstractButton) if b.isVisible()]
    assert buttons
    if state is JobState.FAILED:
        assert "The disk that holds /x is full." in shown
        (retry,) = [b for b in buttons if b.objectName() == "retry"]
        retry.click()
        assert controller.called("retry") == [(["job-1"],)]


def test_activity_tells_changes_once(
    window: MainWindow, controller: FakeController, make_job: MakeJob
) -> None:
    controller.load([make_job(1, "Tea")])
    assert not lines(window), "what was there before is not news"
    for fraction in (0.1, 0.2, 0.3):
        controller.show(make_job(1, "Tea", state=JobState.RUNNING, fraction=fraction))
    failure = Message(MessageId.DISK_FULL, {"path": "/x"})
    controller.show(make_job(1, "Tea", state=JobState.FAILED, failure=failure))
    controller.notice.emit(Message(MessageId.DATABASE_REBUILT, {"path": "/old.db"}))
    told = [line.split(" ", 2)[2] if "M" in line.split(" ")[0] else line for line in lines(window)]
    assert len(told) == 3
    assert "“Tea” is being made" in lines(window)[0]
    assert "“Tea” failed: The disk that holds /x is full. Make room" in lines(window)[1]
    assert "has been rebuilt" in lines(window)[2]


def test_a_folder_is_opened_or_said_to_be_gone(
    window: MainWindow, make_job: MakeJob, tmp_path: Path
) -> None:
    class FileManager(QObject):
        @Slot(QUrl)
        def take(self, url: QUrl) -> None:
            opened.append(url.toLocalFile())

    opened: list[str] = []
    manager = FileManager()
    QDesktopServices.setUrlHandler("file", manager, "take")
    try:
        for folder in (tmp_path, tmp_path / "unplugged"):
            view = replace(make_job(1, state=JobState.DONE), video_path=folder / "sea.mp4")
            window.do_action("folder", [view])
    finally:
        QDesktopServices.unsetUrlHandler("file")
    assert opened == [str(tmp_path)]
    [told] = lines(window)
    assert "unplugged is gone. Connect the drive" in told


@pytest.mark.req("N4")
def test_activity_follows_its_end_once_for_all_lines_of_a_turn(window: MainWindow) -> None:
    activity, bar = window.activity, window.activity._list.verticalScrollBar()
    ranges: list[int] = []
    bar.rangeChanged.connect(lambda _low, high: ranges.append(high))
    for _ in range(100):
        activity.say(Message(MessageId.ARTIFACT_DAMAGED))
    QApplication.processEvents()
    assert bar.value() == bar.maximum() > 0
    assert len(ranges) < 10
    bar.setValue(0)
    activity.say(Message(MessageId.ARTIFACT_DAMAGED))
    QApplication.processEvents()
    assert bar.value() == 0


def test_activity_is_bounded(window: MainWindow, controller: FakeController) -> None:
    for number in range(700):
        controller.notice.emit(Message(MessageId.UNEXPECTED, {"detail": f"event {number}"}))
    told = lines(window)
    assert len(told) == 500
    assert "event 699" in told[-1]


def test_the_queue_is_paused_and_started(window: MainWindow, controller: FakeController) -> None:
    controller.queue_changed.emit(QueueStatus(waiting=2, running=1, eta_s=95))
    assert window._queue_line.text() == "1 being made · 2 waiting · about 1 min 35 s left"
    window.toolbar._queue.trigger()
    assert controller.called("pause_queue") == [()]
    assert window.toolbar._queue.text() == "Start queue"
    window.toolbar._queue.trigger()
    assert controller.called("start_queue") == [()]
    assert window.toolbar._queue.text() == "Pause queue"


def test_an_unusable_store_is_explained_in_place_of_the_list(
    window: MainWindow, controller: FakeController
) -> None:
    controller.store_failed.emit(Message(MessageId.DATABASE_TOO_NEW))
    shown = [label.text() for label in window.jobs.findChildren(QLabel) if label.isVisible()]
    assert "The list of videos was made by a newer VidGen." in shown
    assert "Install the newest VidGen to open it." in shown
    assert not window.jobs.first_add.isVisible()


def test_arrangement_is_kept(qtbot: QtBot, window: MainWindow, controller: FakeController) -> None:
    window.resize(900, 690)
    window._activity_dock.close()
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, window._jobs_dock)
    QApplication.processEvents()
    left = window._jobs_dock.x() > window._preview_dock.x()
    window.close()
    again = MainWindow(controller)
    qtbot.addWidget(again)
    again.show()
    QApplication.processEvents()
    # The offscreen screen is 800 pixels wide, and windows come back within their screen.
    assert again.height() == 690
    assert not again._activity_dock.isVisible()
    assert left
    assert again._jobs_dock.x() > again._preview_dock.x()
    again.toolbar.reset_layout.emit()
    QApplication.processEvents()
    assert again._activity_dock.isVisible()
    assert again._jobs_dock.x() < again._preview_dock.x()


def test_an_arrangement_from_before_the_machine_panel_is_not_used(
    qtbot: QtBot, window: MainWindow, controller: FakeController
) -> None:
    """Its state knows nothing of the third dock and would leave it somewhere by chance."""
    window._machine_dock.close()
    kept = window._layout_file()
    kept.setValue("state", window.saveState(LAYOUT_VERSION - 1))
    kept.sync()
    again = MainWindow(controller)
    qtbot.addWidget(again)
    again.show()
    QApplication.processEvents()
    assert again._machine_dock.isVisible()


@pytest.mark.parametrize("size", [(1280, 800), (1024, 700), (1920, 1080)])
def test_three_panels_and_the_activity_have_room(
    window: MainWindow, controller: FakeController, make_job: MakeJob, size: tuple[int, int]
) -> None:
    video = controller.paths.videos / "tea.mp4"
    controller.load([make_job(1, state=JobState.DONE, video_path=video), make_job(2)])
    window.jobs.list.select("job-1")
    window.resize(*size)
    window.toolbar.reset_layout.emit()
    QApplication.processEvents()
    window.jobs.list.select("job-2")
    QApplication.processEvents()
    assert (window.width(), window.height()) == size, "no panel forces the window larger"
    jobs, preview, machine, activity = window._docks
    assert jobs.geometry().right() < preview.x() < preview.geometry().right() < machine.x()
    assert machine.geometry().right() < size[0]
    assert activity.y() > machine.geometry().bottom()
    assert min(jobs.width(), preview.width()) > machine.width() >= 208


def test_a_services_details_open_from_its_panel(
    window: MainWindow, controller: FakeController
) -> None:
    controller.services.show(absent_view(MAKER))
    window.machine.cards[MAKER].button("setup").click()
    dialog = window._dialogs["service"]
    assert dialog.windowTitle() == "Image maker"
    assert dialog.start.isVisible()
    dialog.close()


def test_what_a_service_refuses_is_told_in_the_activity(
    window: MainWindow, controller: FakeController
) -> None:
    message = Message(MessageId.SERVICE_NO_LAUNCH)
    controller.services.action_failed.emit(MAKER.value, message)
    assert "does not know how to start" in lines(window)[-1]


@pytest.mark.parametrize("answer", ["Keep working", "Close now"])
def test_closing_while_working_asks(
    qtbot: QtBot, window: MainWindow, controller: FakeController, answer: str
) -> None:
    controller.queue_changed.emit(QueueStatus(running=1))
    asked: list[str] = []

    def respond() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        asked.append(box.text())
        next(b for b in box.buttons() if b.text() == answer).click()

    QTimer.singleShot(50, respond)
    with qtbot.waitSignal(window.close_requested, raising=False, timeout=500) as closing:
        window.close()
    assert asked == ["Videos are being made: 1."]
    closes = answer == "Close now"
    assert closing.signal_triggered is closes
    assert window.isVisible() is not closes


def test_closing_while_idle_asks_nothing(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.close_requested):
        window.close()


def test_a_saved_appearance_is_used_at_once(window: MainWindow, controller: FakeController) -> None:
    dark = controller.settings.with_values({"general.theme": ThemeSetting.DARK})
    controller.save_settings(dark)
    assert Theme.get().is_dark
    assert window.palette().window().color().lightness() < 60


@pytest.mark.parametrize("opened", ["", "wizard", "settings", "doctor"])
def test_every_control_has_a_name(window: MainWindow, opened: str) -> None:
    top: QWidget = window
    if opened:
        getattr(window, f"open_{opened}")()
        top = window._dialogs[opened]
    nameless = [
        widget
        for widget in top.findChildren(QWidget)
        if isinstance(widget, CONTROLS) and not _name(widget) and not _is_inside_a_field(widget)
    ]
    assert not nameless
    if opened:
        top.close()


def _is_inside_a_field(widget: QWidget) -> bool:
    """Parts of Qt's own fields, which speak for them: a combo box's list, a spin box's editor."""
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QComboBox | QSpinBox | QLineEdit):
            return True
        parent = parent.parentWidget()
    return widget.objectName().startswith("qt_")


def _name(widget: QWidget) -> str:
    text = getattr(widget, "text", None)
    own = text() if isinstance(widget, QAbstractButton) and text else ""
    return widget.accessibleName() or own


def test_paths_are_copied_and_details_asked_once(
    qtbot: QtBot, window: MainWindow, controller: FakeController, make_job: MakeJob
) -> None:
    video = controller.paths.videos / "tea.mp4"
    controller.load([make_job(1, state=JobState.DONE, video_path=video)])
    qtbot.waitUntil(lambda: controller.called("request_details") == [("job-1",)])
    window.jobs.list.select("job-1")
    assert controller.called("request_details") == [("job-1",)]
    window.jobs.list.setFocus()
    QTest.keyClick(window.jobs.list, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == str(video)


@pytest.mark.parametrize(
    "direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft]
)
@pytest.mark.parametrize("size", [(800, 560), (1280, 800), (2560, 1440)])
def test_nothing_important_is_clipped(
    window: MainWindow,
    controller: FakeController,
    make_job: MakeJob,
    direction: Qt.LayoutDirection,
    size: tuple[int, int],
) -> None:
    """Every visible button is as wide as its words, small or large, left or right."""
    QGuiApplication.setLayoutDirection(direction)
    try:
        window.resize(*size)
        failure = Message(MessageId.DISK_FULL, {"path": "/x"})
        controller.load([make_job(1, "Tea " * 40, state=JobState.FAILED, failure=failure)])
        window.jobs.list.select("job-1")
        QApplication.processEvents()
        for button in window.findChildren(QAbstractButton):
            if button.isVisible() and button.text():
                needed = button.fontMetrics().horizontalAdvance(button.text())
                assert button.width() >= needed, button.text()
                assert button.visibleRegion().boundingRect().width() >= needed, button.text()
    finally:
        QGuiApplication.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


@pytest.mark.req("LBL-5", "N7")
def test_heavy_parts_are_not_imported_with_the_window() -> None:
    program = (
        "import sys, vidgen_gui.ui.main_window;"
        "heavy = {'numpy', 'cv2', 'PIL', 'onnxruntime', 'piper', 'PySide6.QtMultimedia',"
        " 'PySide6.QtNetwork', 'pyqtgraph', 'requests', 'fasttext'};"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)


def test_one_dialog_of_a_kind(window: MainWindow) -> None:
    window.open_settings()
    first: QObject = window._dialogs["settings"]
    window.open_settings()
    assert window._dialogs["settings"] is not first
    window._dialogs["settings"].close()


def test_the_wizard_hands_its_jobs_over(window: MainWindow, controller: FakeController) -> None:
    window.open_wizard()
    wizard = window._dialogs["wizard"]
    spec = JobSpec.create(topic="Tea", output_dir=controller.paths.videos)
    wizard.submitted.emit([spec])
    assert controller.called("submit") == [([spec],)]
    wizard.close()
