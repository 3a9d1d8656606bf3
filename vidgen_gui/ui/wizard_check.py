"""Page 4: everything at a glance, the script to read and change, the folder and its room."""

from itertools import count
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtWidgets import QCheckBox, QGridLayout, QStackedWidget, QVBoxLayout, QWidget

from vidgen_gui.controller.job_view import FolderCheck
from vidgen_gui.core.errors import InputError
from vidgen_gui.core.job import JobSpec, Speech
from vidgen_gui.core.messages import Message
from vidgen_gui.core.script import Script
from vidgen_gui.ui import labels, plan_lines, words
from vidgen_gui.ui.empty_state import EmptyState
from vidgen_gui.ui.fitting import Shrinking
from vidgen_gui.ui.parts import column, panel, plain_widget, row, text_label
from vidgen_gui.ui.script_editor import ScriptEditor
from vidgen_gui.ui.setting_editors import PathEditor
from vidgen_gui.ui.theme import GRID_PX
from vidgen_gui.ui.wizard_flow import Step, WizardFlow
from vidgen_gui.ui.wizard_parts import Page, labelled, problem_label, show_problem

FOLDER_DELAY_MS = 400
SUMMARY_PX = 288
SCROLL_BAR_PX = 12
_tokens = count(1)


class CheckPage(Page):
    """Summary and folder on the left, the script on the right."""

    def __init__(self, flow: WizardFlow, controller: Any) -> None:
        super().__init__(flow, Step.CHECK)
        self._controller = controller
        self._script_token = 0
        self._folder_token = 0
        self._previewed: tuple[object, ...] | None = None
        self.editor = ScriptEditor(with_pictures=False)
        left = self._build_left()
        left.setContentsMargins(0, 0, SCROLL_BAR_PX, 0)
        summary = Shrinking(plain_widget(left), QSize(SUMMARY_PX, 0))
        summary.setFixedWidth(SUMMARY_PX + SCROLL_BAR_PX)
        body = row(summary, self._build_right(), spacing=3 * GRID_PX - SCROLL_BAR_PX)
        body.setStretch(1, 1)
        self.box.addLayout(body, 1)
        self._folder_timer = QTimer(self)
        self._folder_timer.setSingleShot(True)
        self._folder_timer.setInterval(FOLDER_DELAY_MS)
        self._folder_timer.timeout.connect(self._ask_folder)
        self.folder.edited.connect(self._on_folder_edited)
        self.wait.toggled.connect(self._on_wait_toggled)
        self.editor.changed.connect(self._on_script_edited)
        controller.script_previewed.connect(self._on_script_previewed)
        controller.folder_checked.connect(self._on_folder_checked)

    def enter(self) -> None:
        many = self.flow.choices.effective_count > 1
        self.set_heading(
            self.tr("Ready to make them?") if many else self.tr("Ready to make it?"),
            self.tr("Each video gets its own script.")
            if many
            else self.tr("Read what will be said, and change what you like."),
        )
        self.folder.set_value(self.flow.choices.output_dir)
        self.wait.setChecked(self.flow.choices.wait_for_script_ok)
        self.wait.setVisible(not self.flow.choices.uses_own_script)
        self._fill_summary()
        self._ask_script()
        self._ask_folder()

    def _build_left(self) -> QVBoxLayout:
        self._summary = QGridLayout()
        self._summary.setContentsMargins(*(2 * GRID_PX,) * 4)
        self._summary.setHorizontalSpacing(2 * GRID_PX)
        self._summary.setVerticalSpacing(GRID_PX)
        self._summary.setColumnStretch(1, 1)
        self.folder = PathEditor(folder=True, placeholder="")
        self.folder.set_name(self.tr("Output folder"))
        self._room = text_label(role="small", wrap=True)
        self._problem = problem_label()
        self.wait = QCheckBox(self.tr("Wait for my OK at each script"))
        return column(
            panel(self._summary),
            GRID_PX,
            labelled(self.tr("Output folder"), self.folder, self._room, self._problem),
            GRID_PX,
            self.wait,
            -1,
        )

    def _build_right(self) -> QWidget:
        self._stack = QStackedWidget()
        self._busy = EmptyState("file-text", self.tr("Writing the script"), self.tr("One moment."))
        self._failed = EmptyState(
            "circle-alert",
            self.tr("No script to show"),
            self.tr("It is written when the video is made."),
        )
        self._many = EmptyState(
            "list-video",
            self.tr("Each script is different"),
            self.tr("You can read each one in the list once it is written."),
        )
        for page in (self._busy, self._failed, self._many, self.editor):
            self._stack.addWidget(page)
        return self._stack

    def _fill_summary(self) -> None:
        while (item := self._summary.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for line, (name, value) in enumerate(self._facts()):
            top = Qt.AlignmentFlag.AlignTop
            self._summary.addWidget(text_label(name, "muted"), line, 0, top)
            self._summary.addWidget(text_label(value, wrap=True), line, 1)

    def _facts(self) -> list[tuple[str, str]]:
        chosen = self.flow.choices
        spec = self.flow.preview_spec()
        voices = {voice.name: voice.title for voice in self.flow.voices}
        silent = spec.speech is Speech.CAPTIONS_ONLY
        voice = self.tr("None") if silent else voices.get(spec.voice, spec.voice)
        yes, no = self.tr("Yes"), self.tr("No")
        style = labels.caption_style_name(spec.caption_style) if spec.captions else no
        facts = [
            (self.tr("Videos"), str(chosen.effective_count)),
            (self.tr("Genre"), labels.genre_name(spec.genre)),
            (self.tr("Shape"), f"{labels.aspect_name(spec.aspect)} · {spec.aspect.value}"),
            (self.tr("Quality"), f"{labels.quality_name(spec.quality)} · {spec.frame_size}"),
            *self._picture_facts(spec),
            (self.tr("Voice"), voice),
            (self.tr("Captions"), style),
            (self.tr("Music"), yes if spec.music else no),
        ]
        seconds = self._controller.estimate(spec, self.flow.plan).work_s
        if seconds:
            total = plan_lines.about(seconds * chosen.effective_count)
            facts.append((self.tr("Takes"), total))
        return facts

    def _picture_facts(self, spec: JobSpec) -> list[tuple[str, str]]:
        """How they will be made, and what the person changed about it."""
        plan, changed = self.flow.plan, plan_lines.override_line(spec.picture)
        facts = []
        if plan is not None:
            facts.append((self.tr("Pictures"), plan_lines.rung_line(plan.first, plan)))
        if changed:
            facts.append((self.tr("Advanced"), changed))
        return facts

    def _ask_script(self) -> None:
        if self.flow.choices.uses_own_script:
            self._show_own_script()
            return
        if not self.flow.can_preview_script:
            self._stack.setCurrentWidget(self._many)
            return
        spec = self.flow.preview_spec()
        wanted = (spec.topic, spec.genre, spec.length, spec.language, spec.speech, spec.seed)
        if wanted == self._previewed:
            # The script, perhaps edited, is still the right one.
            self._stack.setCurrentWidget(self.editor)
            return
        self._previewed = wanted
        self._stack.setCurrentWidget(self._busy)
        self._script_token = next(_tokens)
        self._controller.write_script_preview(spec, self._script_token)

    def _show_own_script(self) -> None:
        self._previewed = None
        self._script_token = next(_tokens)
        self._stack.setCurrentWidget(self._busy)
        self._controller.write_script_preview(self.flow.preview_spec(), self._script_token)

    def _on_script_previewed(self, token: int, script: Script | Message) -> None:
        if token != self._script_token:
            return
        if isinstance(script, Message):
            self._previewed = None
            self._stack.setCurrentWidget(self._failed)
            return
        self.editor.set_script(script)
        self.editor.set_read_only(read_only=self.flow.choices.uses_own_script)
        self._stack.setCurrentWidget(self.editor)

    def _on_script_edited(self) -> None:
        if self.flow.can_preview_script:
            edited = self.editor.text() if self.editor.is_changed else None
            self.flow.change(edited_script=edited or None)
            self.completeChanged.emit()

    def _on_wait_toggled(self, checked: bool) -> None:  # noqa: FBT001 - a Qt slot
        self.flow.change(wait_for_script_ok=checked)

    def _on_folder_edited(self) -> None:
        self.flow.change(output_dir=Path(str(self.folder.value()) or "."))
        self._folder_timer.start()
        self.completeChanged.emit()

    def _ask_folder(self) -> None:
        self._folder_timer.stop()
        self._room.setText("")
        self._folder_token = next(_tokens)
        self._controller.check_folder(self.flow.choices.output_dir, self._folder_token)

    def _on_folder_checked(self, token: int, check: FolderCheck) -> None:
        if token != self._folder_token:
            return
        self.flow.set_folder(check)
        if check.free_mib is not None:
            self._room.setText(self._room_text(self.flow.preview_spec(), check.free_mib))
        show_problem(self._problem, self.problem("output_dir"))
        self.completeChanged.emit()

    def _room_text(self, spec: JobSpec, free_mib: int) -> str:
        # Room is needed for one video at a time; what is finished is small.
        needed = labels.size_mib(self._controller.estimate(spec).disk_mib)
        return self.tr("Needs {0} while it is made; {1} are free.").format(
            needed, labels.size_mib(free_mib)
        )

    def explain(self, error: InputError) -> None:
        """Say why the jobs cannot be made after all."""
        self._problem.setText(words.sentence(error.message))
        self._problem.show()
