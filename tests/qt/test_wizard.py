"""The wizard's pages: by keyboard alone, back and forth, with answers that come late."""

from pathlib import Path

import pytest
from fake_controller import SCRIPT, FakeController
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget, QWizard
from pytestqt.qtbot import QtBot

from vidgen_gui.core.job import CaptionStyle, JobSpec, Speech
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.quality import Aspect, Quality
from vidgen_gui.core.script import Genre, Length
from vidgen_gui.core.settings import setting_fields
from vidgen_gui.ui.wizard import NewVideoWizard
from vidgen_gui.ui.wizard_flow import Step

BUTTON = QWizard.WizardButton


@pytest.fixture
def wizard(qtbot: QtBot, controller: FakeController) -> NewVideoWizard:
    made = NewVideoWizard(controller)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def focus() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def go_to(qtbot: QtBot, wizard: NewVideoWizard, step: Step, topic: str = "Tea") -> None:
    if not wizard.what.topic.text():
        wizard.what.topic.setText(topic)
    while wizard.currentId() < step:
        before = wizard.currentId()
        wizard.next()
        qtbot.waitUntil(lambda before=before: wizard.currentId() != before)


def finish(qtbot: QtBot, wizard: NewVideoWizard) -> list[JobSpec]:
    with qtbot.waitSignal(wizard.submitted) as sent:
        wizard.button(BUTTON.FinishButton).click()
    return list(sent.args[0])


def test_a_video_by_keyboard_alone(qtbot: QtBot, wizard: NewVideoWizard) -> None:
    """Type, Enter, arrow keys, Enter…: no mouse, no click."""
    wizard.activateWindow()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is wizard.what.topic)
    QTest.keyClicks(focus(), "The quiet power of morning walks")
    QTest.keyClick(focus(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: wizard.currentId() == Step.LOOK)
    QTest.keyClick(wizard, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: wizard.currentId() == Step.QUALITY)
    assert focus() is wizard.quality.cards[Quality.STANDARD]
    QTest.keyClick(focus(), Qt.Key.Key_Down)
    assert wizard.flow.choices.quality is Quality.HIGH
    QTest.keyClick(focus(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: wizard.currentId() == Step.CHECK)
    with qtbot.waitSignal(wizard.submitted) as sent:
        QTest.keyClick(wizard, Qt.Key.Key_Return)
    (spec,) = sent.args[0]
    assert spec.topic == "The quiet power of morning walks"
    assert spec.quality is Quality.HIGH


def test_tab_reaches_every_field(qtbot: QtBot, wizard: NewVideoWizard) -> None:
    go_to(qtbot, wizard, Step.CHECK)
    for step in (Step.CHECK, Step.QUALITY, Step.LOOK, Step.WHAT):
        while wizard.currentId() > step:
            wizard.back()
        page = wizard.page(step)
        wanted = {
            widget
            for widget in page.findChildren(QWidget)
            if widget.isVisible()
            and widget.isEnabled()
            and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
            and widget.focusProxy() is None
        }
        seen = set()
        for _ in range(60):
            QTest.keyClick(focus(), Qt.Key.Key_Tab)
            seen.add(focus())
        # Of one group of radio buttons or cards only the chosen one is a tab stop.
        missed = {w for w in wanted - seen if not hasattr(w, "isChecked") or w.isChecked()}
        assert not missed, step


def test_going_back_keeps_what_was_chosen(qtbot: QtBot, wizard: NewVideoWizard) -> None:
    go_to(qtbot, wizard, Step.LOOK)
    wizard.look._shapes[2].click()
    wizard.look.music.setChecked(False)
    go_to(qtbot, wizard, Step.QUALITY)
    wizard.quality.cards[Quality.ULTRA].click()
    wizard.quality.high_frame_rate.setChecked(True)
    go_to(qtbot, wizard, Step.CHECK)
    for _ in range(3):
        wizard.back()
    assert wizard.what.topic.text() == "Tea"
    go_to(qtbot, wizard, Step.CHECK)
    (spec,) = finish(qtbot, wizard)
    assert (spec.aspect, spec.music) == (Aspect.SQUARE, False)
    assert (spec.quality, spec.high_frame_rate) == (Quality.ULTRA, True)


def test_enter_waits_for_the_answer_about_the_language(
    controller: FakeController, wizard: NewVideoWizard
) -> None:
    controller.answers_languages = False
    controller.languages["Por qué"] = "es"
    wizard.what.topic.setText("Por qué")
    wizard.next()
    assert wizard.currentId() == Step.WHAT
    _, token = controller.called("check_language")[-1]
    controller.answer_language("Por qué", int(str(token)))
    assert wizard.currentId() == Step.WHAT
    assert wizard.what._note.isVisible()
    assert "Spanish" in wizard.what._note_text.text()
    assert not wizard.button(BUTTON.NextButton).isEnabled()
    english, captions = wizard.what._choices.values()
    assert not english.isChecked()
    captions.click()
    assert wizard.button(BUTTON.NextButton).isEnabled()
    wizard.next()
    assert wizard.currentId() == Step.LOOK
    assert not wizard.look._voice_line.isEnabled()
    assert wizard.flow.specs()[0].speech is Speech.CAPTIONS_ONLY


def test_what_is_typed_wrong_is_explained_and_nothing_before(wizard: NewVideoWizard) -> None:
    label = wizard.what._problem
    assert not label.isVisible()
    assert not wizard.button(BUTTON.NextButton).isEnabled()
    wizard.what.topic.setText("🎉")
    assert label.isVisible()
    assert "no words" in label.text()
    wizard.what.topic.setText("Tea")
    assert not label.isVisible()
    assert wizard.button(BUTTON.NextButton).isEnabled()


def test_cards_say_what_is_delivered_and_how_long(qtbot: QtBot, wizard: NewVideoWizard) -> None:
    go_to(qtbot, wizard, Step.LOOK)
    wizard.look._shapes[list(Aspect).index(Aspect.LANDSCAPE)].click()
    go_to(qtbot, wizard, Step.QUALITY)
    names = [card.accessibleName() for card in wizard.quality.cards.values()]
    assert names[1] == "Standard, 1280×720, Fine on every phone, about 26 s"
    assert "2560×1440" in names[4]
    assert [number for number, name in enumerate(names) if "Recommended" in name] == [3]
    assert not wizard.quality.high_frame_rate.isVisible()
    wizard.quality.cards[Quality.ULTRA].click()
    assert wizard.quality.high_frame_rate.isVisible()


def test_the_script_can_be_read_and_changed(
    qtbot: QtBot, controller: FakeController, wizard: NewVideoWizard
) -> None:
    go_to(qtbot, wizard, Step.CHECK)
    editor = wizard.check.editor
    assert editor.isVisible()
    assert editor.script().scenes[0].narration == SCRIPT.scenes[0].narration
    editor._cards[0].narration.setPlainText("Leave early.")
    wizard.back()
    go_to(qtbot, wizard, Step.CHECK)
    # Still the edited one: nothing that it depends on has changed.
    assert editor.text().startswith("Leave early.\n\n")
    assert len(controller.called("write_script_preview")) == 1
    (spec,) = finish(qtbot, wizard)
    assert spec.script_text == editor.text()


def test_an_untouched_script_is_left_to_the_writer(qtbot: QtBot, wizard: NewVideoWizard) -> None:
    go_to(qtbot, wizard, Step.CHECK)
    (spec,) = finish(qtbot, wizard)
    assert spec.script_text is None


def test_choices_stay_what_they_are(qtbot: QtBot, wizard: NewVideoWizard) -> None:
    """Qt turns enums of strings into strings when it stores them."""
    wizard.what.genre.setCurrentIndex(2)
    wizard.what.length.setCurrentIndex(0)
    go_to(qtbot, wizard, Step.LOOK)
    chosen = wizard.flow.choices
    assert chosen.genre is Genre.TECH
    assert chosen.length is Length.SHORT
    assert isinstance(chosen.caption_style, CaptionStyle)


def test_ten_videos(qtbot: QtBot, wizard: NewVideoWizard) -> None:
    wizard.what.count.setValue(10)
    go_to(qtbot, wizard, Step.CHECK)
    assert wizard.button(BUTTON.FinishButton).text() == "Make 10 videos"
    assert not wizard.check.editor.isVisible()
    assert len({spec.seed for spec in finish(qtbot, wizard)}) == 10


def test_an_own_script(qtbot: QtBot, controller: FakeController, wizard: NewVideoWizard) -> None:
    wizard.what._use_script.click()
    assert wizard.what.script.isVisible()
    assert not wizard.what.topic.isVisible()
    wizard.what.script.setPlainText("One thing.\n\nAnother thing.")
    go_to(qtbot, wizard, Step.CHECK, topic="unused")
    (preview, _) = controller.called("write_script_preview")[-1]
    assert isinstance(preview, JobSpec)
    (spec,) = finish(qtbot, wizard)
    assert spec.script_text == "One thing.\n\nAnother thing." == preview.script_text


def test_a_folder_that_cannot_be_used_is_explained(
    qtbot: QtBot, controller: FakeController, wizard: NewVideoWizard, tmp_path: Path
) -> None:
    controller.folder_problem = Message(MessageId.OUTPUT_UNWRITABLE, {"path": "/films"})
    go_to(qtbot, wizard, Step.CHECK)
    assert "/films" in wizard.check._problem.text()
    assert not wizard.button(BUTTON.FinishButton).isEnabled()
    controller.folder_problem = None
    wizard.check.folder.field.setText(str(tmp_path))
    wizard.check.folder.field.textEdited.emit(str(tmp_path))
    qtbot.waitUntil(lambda: wizard.button(BUTTON.FinishButton).isEnabled())
    assert "are free" in wizard.check._room.text()
    assert finish(qtbot, wizard)[0].output_dir == tmp_path


def test_cancelling_submits_nothing(qtbot: QtBot, wizard: NewVideoWizard) -> None:
    wizard.what.topic.setText("Tea")
    with qtbot.assertNotEmitted(wizard.submitted):
        QTest.keyClick(wizard, Qt.Key.Key_Escape)
    assert not wizard.isVisible()


def test_the_sample_follows_style_and_shape(
    qtbot: QtBot, controller: FakeController, wizard: NewVideoWizard, tmp_path: Path
) -> None:
    go_to(qtbot, wizard, Step.LOOK)
    _, first_aspect, first_token = controller.called("preview_caption_style")[-1]
    assert first_aspect is Aspect.PORTRAIT
    wizard.look._shapes[1].click()
    wizard.look.style_box.setCurrentIndex(1)
    style, aspect, token = controller.called("preview_caption_style")[-1]
    assert style is CaptionStyle.BOXED
    assert aspect is Aspect.LANDSCAPE
    controller.caption_previewed.emit(first_token, str(tmp_path / "old.png"))
    assert wizard.look.sample._path is None
    controller.caption_previewed.emit(token, str(tmp_path / "new.png"))
    assert wizard.look.sample._path == tmp_path / "new.png"
    size = wizard.look.sample.picture_size()
    assert size.width() / size.height() == pytest.approx(16 / 9, rel=0.02)


def test_the_genre_is_called_as_in_the_settings(wizard: NewVideoWizard) -> None:
    title = setting_fields()["script.genre"].title
    wizard.what.topic.setText("Tea")
    for page in (wizard.what, wizard.check):
        page.enter()
        assert title in [label.text() for label in page.findChildren(QLabel)]
