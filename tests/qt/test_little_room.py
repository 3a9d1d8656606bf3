"""Small screens and large letters: nothing is cut off, nothing lies over something else."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fake_controller import FakeController
from fake_services import WRITER
from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QFont, QFontMetrics, QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from vidgen_gui.controller.job_view import Delivered, JobView
from vidgen_gui.core.job import JobState
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.quality import Quality
from vidgen_gui.ui.doctor_dialog import DoctorDialog
from vidgen_gui.ui.fitting import AROUND_WINDOW
from vidgen_gui.ui.history_dialog import HistoryDialog
from vidgen_gui.ui.main_window import MainWindow
from vidgen_gui.ui.script_dialog import ScriptDialog
from vidgen_gui.ui.service_dialog import ServiceDialog
from vidgen_gui.ui.settings_dialog import SettingsDialog
from vidgen_gui.ui.theme import GRID_PX, Theme
from vidgen_gui.ui.wizard import NewVideoWizard
from vidgen_gui.ui.wizard_flow import Step
from vidgen_gui.ui.wizard_parts import TITLE_PX

USUAL_PT, LARGE_PT = 10, 14
TITLE = "Letters that my grandfather wrote and never sent"
MakeJob = Callable[..., JobView]


@pytest.fixture(params=[USUAL_PT, LARGE_PT])
def letters(request: pytest.FixtureRequest) -> Iterator[int]:
    """How large everything is written, in points; name it before the window."""
    Theme.get().set_base_font(QFont("Noto Sans", request.param))
    yield request.param
    Theme.get().set_base_font(QFont("Noto Sans", USUAL_PT))


def cut_off(root: QWidget) -> list[str]:
    """The visible texts that have less height than their lines need."""
    return [
        label.text()
        for label in root.findChildren(QLabel)
        if label.isVisible() and label.text() and label.wordWrap()
        if label.height() + 1 < label.heightForWidth(label.width())
    ]


def overlapping(widget: QWidget) -> list[tuple[str, str]]:
    """Which of the widgets in one layout lie over each other, or stick out of their parent."""
    shown = [one for one in widget.children() if isinstance(one, QWidget) and one.isVisible()]
    names = [type(one).__name__ for one in shown]
    places: list[QRect] = [one.geometry() for one in shown]
    pairs = [
        (names[first], names[second])
        for second in range(len(shown))
        for first in range(second)
        if places[first].intersects(places[second])
    ]
    outside = [
        (name, "outside")
        for name, place in zip(names, places, strict=True)
        if not widget.rect().contains(place)
    ]
    return pairs + outside


def _jobs(make_job: MakeJob) -> list[JobView]:
    full = Message(MessageId.DISK_FULL, {"path": "/videos", "free_mib": 12, "needed_mib": 900})
    fell = Message(MessageId.RUNG_FELL, {"picture": 2, "before_way": "hires-full", "free_mib": 9})
    return [
        make_job(
            1,
            TITLE,
            state=JobState.DONE,
            video_path=Path("/videos/letters.mp4"),
            duration_s=34.0,
            elapsed_s=24.0,
            scene_starts_s=(0.0, 9.0, 18.0),
            delivered=Delivered("hires-tiles", Quality.STANDARD, 3, 4, fell),
        ),
        make_job(2, TITLE, state=JobState.SCRIPT_READY),
        make_job(3, TITLE, state=JobState.FAILED, failure=full),
        make_job(4, TITLE, state=JobState.RUNNING, fraction=0.4),
    ]


@pytest.mark.usefixtures("letters")
@pytest.mark.parametrize("room", [QSize(900, 460), QSize(1280, 720)])
def test_the_preview_shows_what_it_has_room_for(
    qtbot: QtBot, window: MainWindow, controller: FakeController, make_job: MakeJob, room: QSize
) -> None:
    window.resize(room)
    views = _jobs(make_job)
    controller.load(views)
    preview, player = window.preview, window.preview.player
    for view in views:
        window.jobs.list.select(view.id)
        assert preview.view is not None
        assert preview.view.id == view.id
        # Rows of a nested layout get their heights one event after the other.
        qtbot.waitUntil(lambda: not cut_off(preview))
        if player.isVisible():
            assert not overlapping(player)
            assert not overlapping(preview._player_page)


def test_buttons_of_the_preview_stay_in_sight(
    window: MainWindow, controller: FakeController, make_job: MakeJob
) -> None:
    window.resize(900, 500)
    controller.load(_jobs(make_job))
    for job_id in ("job-2", "job-3", "job-4"):
        window.jobs.list.select(job_id)
        QApplication.processEvents()
        buttons = [one for one in window.preview.progress._buttons.values() if one.isVisible()]
        assert len(buttons) > 1
        assert all(one.visibleRegion().boundingRect() == one.rect() for one in buttons)


def test_the_window_fits_a_small_laptop(window: MainWindow) -> None:
    small = QGuiApplication.screens()[1]
    room = small.availableSize() - AROUND_WINDOW
    assert (room.width(), room.height()) == (944, 492)
    least = window.minimumSizeHint()
    assert least.width() <= room.width()
    assert least.height() <= room.height()


def test_no_dialog_is_larger_than_its_screen(
    qtbot: QtBot, controller: FakeController, make_job: MakeJob
) -> None:
    small = QGuiApplication.screens()[1]
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.setScreen(small)
    parent.move(small.availableGeometry().topLeft())
    parent.show()
    view = make_job(1, state=JobState.SCRIPT_READY)
    for dialog in (
        SettingsDialog(controller, parent),
        NewVideoWizard(controller, parent),
        ScriptDialog(controller, view, parent),
        HistoryDialog(controller, view, parent),
        ServiceDialog(controller, WRITER, "", parent),
        DoctorDialog(controller, parent),
    ):
        qtbot.addWidget(dialog)
        dialog.show()
        qtbot.waitExposed(dialog)
        room = small.availableSize() - AROUND_WINDOW
        assert dialog.height() <= room.height(), dialog
        assert dialog.width() <= room.width(), dialog
        dialog.done(0)


def test_the_wizards_last_page_and_its_steps_can_be_read(
    letters: int, qtbot: QtBot, controller: FakeController
) -> None:
    wizard = NewVideoWizard(controller)
    qtbot.addWidget(wizard)
    wizard.show()
    wizard.what.topic.setText("The quiet power of morning walks")
    qtbot.waitUntil(wizard.what.isComplete)
    while wizard.currentId() != Step.CHECK:
        before = wizard.currentId()
        wizard.next()
        qtbot.waitUntil(lambda before=before: wizard.currentId() != before)
    QApplication.processEvents()
    assert not cut_off(wizard)
    steps = wizard._steps
    bold = QFontMetrics(QFont("Noto Sans", letters, QFont.Weight.DemiBold))
    for title in steps._titles:
        assert bold.horizontalAdvance(title) <= steps.width() - TITLE_PX - GRID_PX
