"""Page 1: what the video is about."""

from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QWidget,
)

from vidgen_gui.controller.job_view import LanguageCheck
from vidgen_gui.core.job import MAX_SCRIPT_CHARS, Speech
from vidgen_gui.core.script import Genre, Length
from vidgen_gui.ui import labels
from vidgen_gui.ui.parts import Glyph, column, panel, plain_widget, row, spin_box, text_label
from vidgen_gui.ui.script_editor import WORDS_PER_SECOND
from vidgen_gui.ui.speech_choice import LANGUAGES, SpeechChoice
from vidgen_gui.ui.theme import GRID_PX, set_role
from vidgen_gui.ui.topic_check import TopicCheck
from vidgen_gui.ui.wizard_flow import MAX_COUNT, Step, WizardFlow
from vidgen_gui.ui.wizard_parts import ChoiceBox, Page, labelled, problem_label, show_problem

CHECK_DELAY_MS = 400


class WhatPage(Page):
    """Topic or own script, genre, length, how many, and what to do about a silent language."""

    def __init__(self, flow: WizardFlow, controller: Any) -> None:
        super().__init__(flow, Step.WHAT)
        self.set_heading(
            self.tr("What is it about?"), self.tr("Give a topic, or bring your own words.")
        )
        self._wants_next = False
        self._check = TopicCheck(controller, self)
        self._check.answered.connect(self._on_language_answered)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(CHECK_DELAY_MS)
        self._timer.timeout.connect(self._ask)
        self.box.addLayout(self._build_source())
        self.box.addWidget(self._problem)
        self.box.addWidget(self._build_language_note())
        self.box.addSpacing(GRID_PX)
        self.box.addLayout(self._build_options())
        self.box.addStretch(1)
        self._load()
        self._connect()
        self._refresh()

    def enter(self) -> None:
        self._refresh()

    def focus_source(self) -> None:
        """Put the cursor where the words go."""
        (self.script if self.flow.choices.uses_own_script else self.topic).setFocus()

    def validatePage(self) -> bool:
        """Leave only when it is known whether a voice speaks the text."""
        if self.flow.language is None:
            self._wants_next = True
            self._ask()
            return False
        return self.isComplete()

    def _build_source(self) -> Any:
        self._use_topic = QRadioButton(self.tr("A topic"))
        self._use_script = QRadioButton(self.tr("My own script"))
        self.topic = QLineEdit()
        set_role(self.topic, "topic")
        self.topic.setPlaceholderText(self.tr("The quiet power of morning walks"))
        self.topic.setAccessibleName(self.tr("Topic"))
        self.script = QPlainTextEdit()
        self.script.setTabChangesFocus(True)
        self.script.setPlaceholderText(
            self.tr("Paste or write what is to be said. An empty line begins a new scene.")
        )
        self.script.setAccessibleName(self.tr("Own script"))
        self._count_words = text_label(role="small")
        self.script.setMinimumHeight(30 * GRID_PX)
        self._script_box = plain_widget(column(self.script, self._count_words))
        self._problem = problem_label()
        return column(
            row(self._use_topic, 2 * GRID_PX, self._use_script, -1),
            self.topic,
            self._script_box,
        )

    def _build_language_note(self) -> QWidget:
        self._note_text = text_label(role="heading", wrap=True)
        self._choices = {
            SpeechChoice.ENGLISH: QRadioButton(self.tr("Make it in English, about this topic")),
            SpeechChoice.CAPTIONS_ONLY: QRadioButton(
                self.tr("Keep the language: captions and music, no voice")
            ),
        }
        texts = column(self._note_text, *self._choices.values(), spacing=GRID_PX // 2)
        glyph = Glyph("languages", "warn", 20)
        layout = row(glyph, texts, margin=GRID_PX * 3 // 2)
        layout.setStretch(1, 1)
        layout.setAlignment(glyph, Qt.AlignmentFlag.AlignTop)
        self._note = panel(layout, "note")
        return self._note

    def _build_options(self) -> Any:
        self.genre = ChoiceBox()
        self.length = ChoiceBox()
        self.count = spin_box(1, MAX_COUNT)
        self.count.setMinimumWidth(96)
        chosen = self.flow.choices
        self.genre.set_choices([(labels.genre_name(g), g) for g in Genre], chosen.genre)
        self.length.set_choices([(self._length_text(n), n) for n in Length], chosen.length)
        self.language = ChoiceBox()
        self._fill_languages()
        self._length_box = plain_widget(labelled(self.tr("Length"), self.length))
        self._language_box = plain_widget(labelled(self.tr("Language"), self.language))
        self._count_box = plain_widget(labelled(self.tr("How many videos"), self.count))
        return row(
            labelled(self.tr("Genre"), self.genre),
            self._length_box,
            self._language_box,
            self._count_box,
            -1,
            spacing=2 * GRID_PX,
        )

    def _fill_languages(self) -> None:
        """Those that a voice here speaks come first; the others can be shown as captions."""
        spoken = self.flow.spoken_languages
        named = sorted((labels.language_name(code), code) for code in LANGUAGES)
        voiced = [(name, code) for name, code in named if code in spoken]
        silent = [
            (self.tr("{0}, captions only").format(name), code)
            for name, code in named
            if code not in spoken
        ]
        of_topic = (self.tr("The topic’s own"), "")
        self.language.set_choices([of_topic, *voiced, *silent], self.flow.choices.language)

    def _length_text(self, length: Length) -> str:
        seconds = labels.duration(length.words / WORDS_PER_SECOND)
        return self.tr("{0}, about {1}").format(labels.length_name(length), seconds)

    def _load(self) -> None:
        chosen = self.flow.choices
        self._use_script.setChecked(chosen.uses_own_script)
        self._use_topic.setChecked(not chosen.uses_own_script)
        self.topic.setText(chosen.topic)
        self.script.setPlainText(chosen.own_script)
        self.count.setValue(chosen.count)

    def _connect(self) -> None:
        self._use_script.toggled.connect(self._on_edited)
        self.topic.textChanged.connect(self._on_edited)
        self.script.textChanged.connect(self._on_edited)
        self.genre.currentIndexChanged.connect(self._on_edited)
        self.length.currentIndexChanged.connect(self._on_edited)
        self.language.currentIndexChanged.connect(self._on_edited)
        self.count.valueChanged.connect(self._on_edited)
        for button in self._choices.values():
            button.toggled.connect(self._on_speech_chosen)

    def _on_edited(self) -> None:
        self._wants_next = False
        self.flow.change(
            uses_own_script=self._use_script.isChecked(),
            topic=self.topic.text(),
            own_script=self.script.toPlainText(),
            genre=self.genre.value(),
            length=self.length.value(),
            language=self.language.value(),
            count=self.count.value(),
        )
        if self.flow.language is None:
            self._check.forget()
            self._timer.start()
        self._refresh()

    def _on_speech_chosen(self) -> None:
        chosen = next((c for c, button in self._choices.items() if button.isChecked()), None)
        if chosen is not None and chosen is not self.flow.choices.speech_choice:
            self.flow.change(speech_choice=chosen)
            self._refresh()

    def _ask(self) -> None:
        self._timer.stop()
        if self.flow.text_to_check.strip():
            self._check.ask(self.flow.text_to_check)

    def _on_language_answered(self, check: LanguageCheck) -> None:
        self.flow.set_language(check)
        self._refresh()
        wanted, self._wants_next = self._wants_next, False
        if wanted and self.isComplete():
            self.wizard().next()

    def _refresh(self) -> None:
        chosen = self.flow.choices
        own = chosen.uses_own_script
        self.topic.setVisible(not own)
        self._script_box.setVisible(own)
        self._length_box.setVisible(not own)
        self._language_box.setVisible(not own)
        self._count_box.setVisible(not own)
        words = len(chosen.own_script.split())
        spoken = labels.duration(words / WORDS_PER_SECOND)
        self._count_words.setText(self.tr("{0} words, about {1} spoken").format(words, spoken))
        text = self.flow.text_to_check
        typed = bool(text.strip()) or len(text) > MAX_SCRIPT_CHARS
        show_problem(self._problem, self.problem("topic", "own_script") if typed else None)
        self._refresh_language()
        self.completeChanged.emit()

    def _refresh_language(self) -> None:
        needed = self.flow.needs_speech_choice
        self._note.setVisible(needed)
        check = self.flow.wanted_language
        if not needed or check is None:
            return
        name = labels.language_name(check.language)
        self._note_text.setText(self.tr("No voice here speaks {0}.").format(name))
        for choice, button in self._choices.items():
            button.setVisible(choice in self.flow.speech_choices)
            if self.flow.choices.speech_choice is None:
                button.setAutoExclusive(False)
                button.setChecked(False)
                button.setAutoExclusive(True)
        if self.flow.choices.speech is Speech.CAPTIONS_ONLY:
            self._note.hide()
