"""The field that makes a video from a topic and Enter, with the settings as they are."""

import random
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QWidget

from vidgen_gui.controller.job_view import LanguageCheck
from vidgen_gui.core.errors import InputError
from vidgen_gui.core.job import SEED_SPAN, JobSpec, Speech
from vidgen_gui.core.messages import Message
from vidgen_gui.ui import labels, words
from vidgen_gui.ui.parts import (
    Glyph,
    column,
    panel,
    plain_widget,
    push_button,
    row,
    text_label,
)
from vidgen_gui.ui.speech_choice import SpeechChoice, speech_options
from vidgen_gui.ui.theme import GRID_PX, set_role
from vidgen_gui.ui.topic_check import TopicCheck


class QuickAdd(QWidget):
    """Type a topic, press Enter. Emits ``submitted`` with what is to be made."""

    submitted = Signal(list)

    def __init__(self, controller: Any) -> None:
        super().__init__()
        self._controller = controller
        self._check = TopicCheck(controller, self)
        self._check.answered.connect(self._on_checked)
        self._found: LanguageCheck | None = None
        self.field = QLineEdit()
        set_role(self.field, "topic")
        self.field.setPlaceholderText(self.tr("Type a topic and press Enter"))
        self.field.setAccessibleName(self.tr("Topic of a new video"))
        self.field.setClearButtonEnabled(False)
        self._make = push_button(self.tr("Make video"), "sparkles", role="primary")
        self._make.setProperty("large", True)
        self._note = self._build_note()
        line = row(self.field, self._make)
        self.setLayout(column(line, self._note))
        self.field.returnPressed.connect(self.submit)
        self.field.textEdited.connect(self._on_edited)
        self._make.clicked.connect(self.submit)
        self.setFocusProxy(self.field)

    def submit(self) -> None:
        """Check what is typed and make a video of it, or say what is wrong."""
        if self._check.is_waiting:
            return
        self._hide_note()
        try:
            spec = JobSpec.create(topic=self.field.text(), **self._options(None))
        except InputError as error:
            self._explain(error.message)
            return
        self._make.setEnabled(False)
        self._check.ask(spec.topic)

    def use(self, topic: str) -> None:
        """Fill in a topic and make it."""
        self.field.setText(topic)
        self.submit()

    def _options(self, choice: SpeechChoice | None) -> dict[str, Any]:
        return {
            **self._controller.settings.job_options(),
            **speech_options(self._found, choice, self._controller.settings.voice.speech),
            "seed": random.randrange(SEED_SPAN),
        }

    def _build_note(self) -> QFrame:
        self._reason = text_label(wrap=True)
        self._advice = text_label(role="muted", wrap=True)
        self._glyph = Glyph("circle-alert", "failed")
        texts = column(self._reason, self._advice, spacing=GRID_PX // 2)
        top = row(self._glyph, texts, spacing=GRID_PX)
        top.setAlignment(self._glyph, Qt.AlignmentFlag.AlignTop)
        top.setStretch(1, 1)
        english = push_button(self.tr("English about it"))
        captions = push_button(self.tr("Captions only, no voice"))
        english.clicked.connect(self._on_english)
        captions.clicked.connect(self._on_captions_only)
        self._choices = plain_widget(row(24, english, captions, -1))
        note = panel(column(top, self._choices, margin=GRID_PX * 3 // 2), "note")
        note.hide()
        return note

    def _on_edited(self) -> None:
        self._check.forget()
        self._make.setEnabled(True)
        self._hide_note()

    def _on_checked(self, check: LanguageCheck) -> None:
        self._make.setEnabled(True)
        self._found = check
        silent = self._controller.settings.voice.speech is Speech.CAPTIONS_ONLY
        if check.spoken or silent:
            self._finish(None)
            return
        self._glyph.set_look("languages", "warn")
        language = labels.language_name(check.language)
        self._reason.setText(self.tr("No voice here speaks {0}.").format(language))
        self._advice.setText(
            self.tr("Make the video in English about this topic, or with captions only?")
        )
        self._show_note(choices=True)

    def _on_english(self) -> None:
        self._finish(SpeechChoice.ENGLISH)

    def _on_captions_only(self) -> None:
        self._finish(SpeechChoice.CAPTIONS_ONLY)

    def _finish(self, choice: SpeechChoice | None) -> None:
        try:
            spec = JobSpec.create(topic=self.field.text(), **self._options(choice))
        except InputError as error:
            self._explain(error.message)
            return
        self._found = None
        self.field.clear()
        self._hide_note()
        self.field.setFocus()
        self.submitted.emit([spec])

    def _explain(self, message: Message) -> None:
        self._glyph.set_look("circle-alert", "failed")
        self._reason.setText(words.reason(message))
        self._advice.setText(words.advice(message) or "")
        self._show_note(choices=False)
        self._set_invalid(True)
        self.field.setFocus()

    def _show_note(self, *, choices: bool) -> None:
        self._choices.setVisible(choices)
        self._note.show()

    def _hide_note(self) -> None:
        self._note.hide()
        self._set_invalid(False)

    def _set_invalid(self, invalid: bool) -> None:  # noqa: FBT001 - a property's setter
        if bool(self.field.property("invalid")) != invalid:
            self.field.setProperty("invalid", invalid)
            self.field.style().unpolish(self.field)
            self.field.style().polish(self.field)
