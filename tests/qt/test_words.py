"""Every message has its sentence, without widgets, and what people typed stays plain."""

import subprocess
import sys

import pytest
from PySide6.QtCore import QLocale, Qt

from vidgen_gui.controller.job_view import CheckState, QueueStatus, StageState
from vidgen_gui.core.job import CaptionStyle, JobState, StageName
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.quality import Aspect, Quality
from vidgen_gui.core.script import Genre, Length
from vidgen_gui.core.settings import setting_fields
from vidgen_gui.ui import labels, words
from vidgen_gui.ui.parts import plain_tool_tip, text_label
from vidgen_gui.ui.queue_label import queue_text

HOSTILE = "<b>bold</b> {0} {path} %1 & \\an8"


@pytest.mark.req("F3")
@pytest.mark.parametrize("message_id", list(MessageId))
def test_every_message_has_words(message_id: MessageId) -> None:
    assert words.has_words(message_id)
    message = Message(message_id, {"path": "/films"})
    reason = words.reason(message)
    assert reason[0].isupper() or reason[0] in "“0123456789"
    assert "{" not in reason
    advice = words.advice(message)
    if not message_id.value.startswith("check-"):
        assert advice
    for text in (reason, advice or "."):
        assert text.endswith((".", "?", "—", "/films"))


def test_what_people_typed_is_neither_format_nor_markup() -> None:
    message = Message(MessageId.TOPIC_NO_WORDS, {"topic": HOSTILE})
    assert HOSTILE in words.reason(message)
    assert "&lt;b&gt;" in plain_tool_tip(HOSTILE)
    label = text_label(HOSTILE)
    assert label.textFormat() is Qt.TextFormat.PlainText
    label.deleteLater()


def test_numbers_are_written_as_the_person_does() -> None:
    message = Message(MessageId.TOPIC_TOO_LONG, {"given": 20000, "limit": 500})
    before = QLocale()
    try:
        QLocale.setDefault(QLocale("de_DE"))
        assert "20.000" in words.reason(message)
        QLocale.setDefault(QLocale("en_US"))
        assert "20,000" in words.reason(message)
    finally:
        QLocale.setDefault(before)


def test_a_full_disk_says_how_much_when_it_is_known() -> None:
    known = {"path": "/films", "free_mib": 12, "needed_mib": 900}
    assert "12 MB free; 900 MB are needed" in words.reason(Message(MessageId.DISK_FULL, known))
    ample = known | {"needed_mib": 3174.4}
    assert "3.1 GB are needed" in words.reason(Message(MessageId.DISK_FULL, ample))
    assert "full" in words.reason(Message(MessageId.DISK_FULL, {"path": "/films"}))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (-3.0, ""),
        (float("nan"), ""),
        (float("inf"), ""),
        (0.4, "0 s"),
        (42, "42 s"),
        (60, "1 min"),
        (70, "1 min 10 s"),
        (1234, "20 min"),
        (3725, "1 h 2 min"),
        (5_000_000, "99 h 0 min"),
    ],
)
@pytest.mark.req("AUD-13", "D4")
def test_spans_are_for_people(seconds: float | None, text: str) -> None:
    assert labels.duration(seconds) == text


def test_every_choice_has_a_name() -> None:
    named = [
        *map(labels.state_name, JobState),
        *map(labels.stage_name, StageName),
        *map(labels.stage_state_name, StageState),
        *map(labels.doctor_state_name, CheckState),
    ]
    named += [
        labels.choice_name(value)
        for kind in (Quality, Aspect, Genre, Length, CaptionStyle)
        for value in kind
    ]
    named += [labels.choice_name(v) for field in setting_fields().values() for v in field.choices]
    assert all(named)
    assert not {"spoken", "debug", "system"} & set(named)


def test_the_queue_in_one_line() -> None:
    assert queue_text(QueueStatus()) == "Nothing in the queue"
    busy = queue_text(QueueStatus(waiting=3, running=1, eta_s=250))
    assert busy == "1 being made · 3 waiting · about 4 min 10 s left"
    assert "queue paused" in queue_text(QueueStatus(waiting=3, paused=True, eta_s=250))


@pytest.mark.req("LBL-5", "N7")
def test_words_and_flow_need_no_widgets() -> None:
    """The command line says the same sentences; the wizard's logic needs no Qt at all."""
    program = (
        "import sys, vidgen_gui.ui.wizard_flow;"
        "assert not [m for m in sys.modules if m.startswith('PySide6')];"
        "import vidgen_gui.ui.words, vidgen_gui.ui.labels;"
        "assert 'PySide6.QtCore' in sys.modules;"
        "assert 'PySide6.QtGui' not in sys.modules and 'PySide6.QtWidgets' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)
