"""Script, history and doctor: what they ask, what they show, what they hand back."""

from collections.abc import Callable

import pytest
from fake_controller import SCRIPT, FakeController
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from vidgen_gui.controller.job_view import Check, CheckState, JobView
from vidgen_gui.core.job import JobState
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.script import Scene, Script
from vidgen_gui.ui.doctor_dialog import DoctorDialog
from vidgen_gui.ui.history_dialog import HistoryDialog
from vidgen_gui.ui.main_window import MainWindow
from vidgen_gui.ui.script_dialog import ScriptDialog
from vidgen_gui.ui.script_editor import ScriptEditor

MakeJob = Callable[..., JobView]


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    return widget


def texts(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def test_a_waiting_script_is_changed_and_approved(
    controller: FakeController, parent: QWidget, make_job: MakeJob
) -> None:
    dialog = ScriptDialog(controller, make_job(1, state=JobState.SCRIPT_READY), parent)
    dialog.show()
    assert not dialog.save.isEnabled()
    dialog.editor._cards[1].narration.setPlainText("Ten minutes,  no phone.")
    dialog.editor._cards[1].picture.setText("a phone left on a table")
    dialog.go_on.click()
    ((job_id, saved),) = controller.called("save_script")
    assert job_id == "job-1"
    assert isinstance(saved, Script)
    assert saved.scenes[1] == Scene("Ten minutes, no phone.", "a phone left on a table")
    assert saved.scenes[0] == SCRIPT.scenes[0]
    assert (saved.title, saved.hashtags) == (SCRIPT.title, SCRIPT.hashtags)
    assert controller.called("approve_script") == [("job-1",)]


@pytest.mark.parametrize("answer", ["Go back", "Throw away"])
def test_a_changed_script_is_not_lost_without_a_word(
    controller: FakeController, parent: QWidget, make_job: MakeJob, answer: str
) -> None:
    dialog = ScriptDialog(controller, make_job(1, state=JobState.SCRIPT_READY), parent)
    dialog.show()
    dialog.editor._cards[1].narration.setPlainText("Ten minutes, no phone.")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    (box,) = dialog.findChildren(QMessageBox)
    next(button for button in box.buttons() if button.text() == answer).click()
    assert dialog.isVisible() is (answer == "Go back")
    assert not controller.called("save_script")


def test_an_unchanged_script_closes_at_once(
    controller: FakeController, parent: QWidget, make_job: MakeJob
) -> None:
    dialog = ScriptDialog(controller, make_job(1, state=JobState.SCRIPT_READY), parent)
    dialog.show()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_an_untouched_script_is_approved_as_it_is(
    controller: FakeController, parent: QWidget, make_job: MakeJob
) -> None:
    dialog = ScriptDialog(controller, make_job(1, state=JobState.SCRIPT_READY), parent)
    dialog.go_on.click()
    assert not controller.called("save_script")
    assert controller.called("approve_script") == [("job-1",)]


@pytest.mark.parametrize("state", [JobState.RUNNING, JobState.DONE])
def test_what_is_being_made_can_only_be_read(
    controller: FakeController, parent: QWidget, make_job: MakeJob, state: JobState
) -> None:
    dialog = ScriptDialog(controller, make_job(1, state=state), parent)
    dialog.show()
    assert all(card.narration.isReadOnly() for card in dialog.editor._cards)
    assert not dialog.save.isVisible()
    assert not dialog.go_on.isVisible()
    controller.job_changed.emit(make_job(1, state=JobState.PAUSED))
    assert not any(card.narration.isReadOnly() for card in dialog.editor._cards)
    assert dialog.save.isVisible()


def test_a_script_that_is_not_written_yet(
    controller: FakeController, parent: QWidget, make_job: MakeJob
) -> None:
    controller.script = None
    dialog = ScriptDialog(controller, make_job(1), parent)
    dialog.show()
    assert "no script yet" in texts(dialog)
    assert not dialog.save.isEnabled()


def test_scenes_are_added_and_removed(qtbot: QtBot) -> None:
    editor = ScriptEditor()
    qtbot.addWidget(editor)
    editor.set_script(Script("Tea", (Scene("One.", "p1"), Scene("Two.", "p2"))))
    editor.show()
    assert not editor.is_changed
    editor._add.click()
    assert not editor.is_changed, "a scene without words is none"
    editor._cards[2].narration.setPlainText("Three.")
    editor._cards[0].remove.click()
    assert editor.text() == "Two.\n\nThree."
    assert editor.script().scenes[1].image_prompt == "Three."
    editor._cards[0].remove.click()
    assert not editor._cards[0].remove.isEnabled(), "one scene stays"
    assert editor._length.text().startswith("1 word, ")


def test_enter_goes_on_instead_of_breaking_a_line(qtbot: QtBot) -> None:
    editor = ScriptEditor()
    qtbot.addWidget(editor)
    editor.set_script(Script("Tea", (Scene("One.", "p1"),)))
    editor.show()
    edit = editor._cards[0].narration
    edit.setFocus()
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert edit.toPlainText() == "One."
    assert not edit.hasFocus()


def test_markup_in_a_script_is_shown_as_it_is(qtbot: QtBot) -> None:
    editor = ScriptEditor()
    qtbot.addWidget(editor)
    wild = "<b>bold</b> {\\an8} & 50% \\N"
    editor.set_script(Script("Tea", (Scene(wild, "p"),)))
    assert editor.text() == wild


def test_history_is_read_and_copied(
    controller: FakeController, parent: QWidget, make_job: MakeJob
) -> None:
    dialog = HistoryDialog(controller, make_job(1), parent)
    shown = dialog._text.toPlainText()
    assert "Pictures 3" in shown
    assert "damaged" in shown
    dialog._on_copy_clicked()
    assert QGuiApplication.clipboard().text() == shown


def test_the_doctor_leads_to_where_things_are_mended(
    qtbot: QtBot, window: MainWindow, controller: FakeController
) -> None:
    silent = Message(MessageId.SERVICE_SILENT)
    checks = [
        Check("ffmpeg", CheckState.BAD, Message(MessageId.FFMPEG_MISSING, {"path": "/opt/ffmpeg"})),
        Check("script-writer", CheckState.WARNING, silent),
        Check("image-maker", CheckState.GOOD, silent),
        Check("python", CheckState.WARNING, Message(MessageId.CHECK_PYTHON, {"version": "3"})),
    ]
    window.open_doctor()
    doctor = window._dialogs["doctor"]
    controller.doctor_finished.emit(checks)
    qtbot.waitUntil(lambda: doctor.findChild(QPushButton, "output folder") is None)
    buttons = {one.objectName(): one for one in doctor.findChildren(QPushButton)}
    assert {"ffmpeg", "script-writer"} == {name for name in buttons if name}
    assert "Script writer" in texts(doctor)
    assert buttons["ffmpeg"].accessibleName() == "FFmpeg: Open the setting"
    buttons["ffmpeg"].click()
    assert not doctor.isVisible()
    settings = window._dialogs["settings"]
    qtbot.waitUntil(lambda: settings.is_built)
    line = settings.rows["advanced.ffmpeg_path"]
    assert settings.focusWidget() is line.editor.focusProxy()
    assert not line.visibleRegion().isEmpty()
    settings.reject()
    window.open_doctor()
    controller.doctor_finished.emit(checks)
    again = window._dialogs["doctor"].findChild(QPushButton, "script-writer")
    again.click()
    assert window._dialogs["service"].windowTitle() == "Script writer"


def test_the_doctor_says_state_reason_and_advice(
    controller: FakeController, parent: QWidget
) -> None:
    dialog = DoctorDialog(controller, parent)
    dialog.show()
    shown = texts(dialog)
    assert "Worth a look: 2 of 2." in shown
    assert "Needs mending" in shown
    assert "/opt/ffmpeg" in shown
    assert "Install VidGen again" in shown
    good = Check("python", CheckState.GOOD, Message(MessageId.CHECK_PYTHON, {"version": "3"}))
    controller.doctor_finished.emit([good])
    assert "Everything VidGen needs is in place." in texts(dialog)
    dialog._on_copy_clicked()
    assert QGuiApplication.clipboard().text() == "[good] Python: Python 3 runs VidGen."
