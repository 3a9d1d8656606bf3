"""The field that makes a video from a topic and Enter."""

import pytest
from fake_controller import FakeController
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from vidgen_gui.core.job import JobSpec, Speech
from vidgen_gui.core.quality import Quality
from vidgen_gui.ui.quick_add import QuickAdd


@pytest.fixture
def field(qtbot: QtBot, controller: FakeController) -> QuickAdd:
    widget = QuickAdd(controller)
    qtbot.addWidget(widget)
    widget.show()
    return widget


def type_topic(field: QuickAdd, topic: str) -> None:
    field.field.setText(topic)
    QTest.keyClick(field.field, Qt.Key.Key_Return)


def visible_texts(field: QuickAdd) -> str:
    note = field._note
    return "" if note.isHidden() else f"{field._reason.text()} {field._advice.text()}"


def test_enter_makes_a_video_with_the_settings(
    qtbot: QtBot, controller: FakeController, field: QuickAdd
) -> None:
    controller.settings = controller.settings.with_values({"video.quality": Quality.HIGH})
    with qtbot.waitSignal(field.submitted) as sent:
        type_topic(field, "  The quiet  power of morning walks ")
    (spec,) = sent.args[0]
    assert isinstance(spec, JobSpec)
    assert spec.topic == "The quiet power of morning walks"
    assert spec.quality is Quality.HIGH
    assert spec.output_dir == controller.settings.output_folder
    assert field.field.text() == ""


def test_two_videos_of_one_topic_differ(qtbot: QtBot, field: QuickAdd) -> None:
    seeds = []
    for _ in range(2):
        with qtbot.waitSignal(field.submitted) as sent:
            type_topic(field, "Tea")
        seeds.append(sent.args[0][0].seed)
    assert seeds[0] != seeds[1]


@pytest.mark.req("T6")
@pytest.mark.parametrize(
    ("topic", "said"),
    [
        ("", "no topic"),
        ("   ", "no topic"),
        ("\0\x07", "no topic"),
        ("🎉🎉", "no words"),
        ("word " * 4000, "at most 500"),
    ],
)
def test_bad_topics_are_explained_beside_the_field(
    controller: FakeController, field: QuickAdd, topic: str, said: str
) -> None:
    field.field.setMaxLength(100_000)
    type_topic(field, topic)
    assert said in visible_texts(field)
    assert field.field.property("invalid")
    assert not controller.called("check_language")
    QTest.keyClick(field.field, Qt.Key.Key_A)
    assert visible_texts(field) == ""
    assert not field.field.property("invalid")


@pytest.mark.req("T8")
@pytest.mark.parametrize(
    "case",
    [
        ("English about it", "en", Speech.SPOKEN),
        ("Captions only, no voice", "es", Speech.CAPTIONS_ONLY),
    ],
)
def test_a_silent_language_is_said_before_anything_starts(
    qtbot: QtBot,
    controller: FakeController,
    field: QuickAdd,
    case: tuple[str, str, Speech],
) -> None:
    choice, language, speech = case
    topic = "Por qué el mar es salado"
    controller.languages[topic] = "es"
    with qtbot.assertNotEmitted(field.submitted):
        type_topic(field, topic)
        qtbot.waitUntil(lambda: "Spanish" in visible_texts(field))
    (button,) = [b for b in field.findChildren(QPushButton) if b.accessibleName() == choice]
    with qtbot.waitSignal(field.submitted) as sent:
        button.click()
    (spec,) = sent.args[0]
    assert (spec.topic, spec.language, spec.speech) == (topic, language, speech)


def test_a_late_answer_about_an_older_text_is_ignored(
    qtbot: QtBot, controller: FakeController, field: QuickAdd
) -> None:
    controller.answers_languages = False
    type_topic(field, "First")
    ((_, first),) = controller.called("check_language")
    QTest.keyClick(field.field, Qt.Key.Key_X)
    with qtbot.assertNotEmitted(field.submitted):
        controller.answer_language("First", int(str(first)))
    assert field.field.text() == "Firstx"


def test_markup_stays_text(qtbot: QtBot, field: QuickAdd) -> None:
    topic = "<b>{\\an8}</b> ':=,;[]% \\N"
    with qtbot.waitSignal(field.submitted) as sent:
        type_topic(field, topic)
    assert sent.args[0][0].topic == topic
