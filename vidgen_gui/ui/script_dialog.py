"""A job's script, to be read and, while nothing is made from it, to be changed."""

from typing import Any

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QDialog, QStackedWidget, QWidget

from vidgen_gui.controller.job_view import JobView
from vidgen_gui.core.job import JobState
from vidgen_gui.core.script import Script
from vidgen_gui.core.text import truncate
from vidgen_gui.ui.consent import leave_question
from vidgen_gui.ui.empty_state import EmptyState
from vidgen_gui.ui.fitting import resize_on_screen
from vidgen_gui.ui.parts import column, push_button, row, text_label
from vidgen_gui.ui.progress_page import MAX_TITLE
from vidgen_gui.ui.script_editor import ScriptEditor
from vidgen_gui.ui.theme import GRID_PX

READ_ONLY_STATES = frozenset({JobState.RUNNING, JobState.DONE})


class ScriptDialog(QDialog):
    """Loads the script when it opens; saving goes through the controller."""

    def __init__(self, controller: Any, view: JobView, parent: QWidget) -> None:
        super().__init__(parent)
        self._controller = controller
        self._view = view
        self.setWindowTitle(self.tr("Script"))
        resize_on_screen(self, QSize(720, 672))
        self.editor = ScriptEditor()
        self._hint = text_label(role="muted", wrap=True)
        self._stack = QStackedWidget()
        self._stack.addWidget(
            EmptyState("file-text", self.tr("Loading the script"), self.tr("One moment."))
        )
        self._stack.addWidget(
            EmptyState(
                "file-text",
                self.tr("There is no script yet"),
                self.tr("It is written when the video's turn comes."),
            )
        )
        self._stack.addWidget(self.editor)
        self.save = push_button(self.tr("Save"))
        self.go_on = push_button(self.tr("Save and make the video"), "check", role="primary")
        close = push_button(self.tr("Close"))
        title = text_label(truncate(view.title, MAX_TITLE), "title", wrap=True)
        buttons = row(-1, close, self.save, self.go_on)
        self.setLayout(
            column(title, self._hint, self._stack, buttons, margin=2 * GRID_PX, spacing=GRID_PX)
        )
        close.clicked.connect(self.reject)
        self.save.clicked.connect(self._on_save_clicked)
        self.go_on.clicked.connect(self._on_go_on_clicked)
        self.editor.changed.connect(self._refresh_buttons)
        controller.script_loaded.connect(self._on_script_loaded)
        controller.job_changed.connect(self._on_job_changed)
        self._refresh()
        controller.request_script(view.id)

    def reject(self) -> None:
        """Close, but ask first when something was changed and not saved."""
        if self.isVisible() and self.save.isVisible() and self.save.isEnabled():
            leave_question(self).open()
        else:
            super().reject()

    @property
    def is_read_only(self) -> bool:
        return self._view.state in READ_ONLY_STATES

    def _refresh(self) -> None:
        self.editor.set_read_only(read_only=self.is_read_only)
        if self._view.state is JobState.RUNNING:
            hint = self.tr("The video is being made. Pause it to change the script.")
        elif self._view.state is JobState.DONE:
            hint = self.tr("The video is finished. This is what it says.")
        elif self._view.state is JobState.SCRIPT_READY:
            hint = self.tr("Change what you like. The video is made when you say so.")
        else:
            hint = self.tr("What you change here is used when the video is made.")
        self._hint.setText(hint)
        self._refresh_buttons()

    def _refresh_buttons(self) -> None:
        loaded = self._stack.currentWidget() is self.editor
        usable = loaded and bool(self.editor.script().scenes)
        self.save.setVisible(not self.is_read_only)
        self.save.setEnabled(usable and self.editor.is_changed)
        self.go_on.setVisible(self._view.state is JobState.SCRIPT_READY)
        self.go_on.setEnabled(usable)

    def _on_script_loaded(self, job_id: str, script: Script | None) -> None:
        if job_id != self._view.id:
            return
        if script is None:
            self._stack.setCurrentIndex(1)
        else:
            self.editor.set_script(script)
            self._stack.setCurrentWidget(self.editor)
            self.editor.focus_first()
        self._refresh()

    def _on_job_changed(self, view: JobView) -> None:
        if view.id == self._view.id and view.state is not self._view.state:
            self._view = view
            self._refresh()

    def _on_save_clicked(self) -> None:
        self._save()
        self.accept()

    def _on_go_on_clicked(self) -> None:
        if self.editor.is_changed:
            self._save()
        self._controller.approve_script(self._view.id)
        self.accept()

    def _save(self) -> None:
        self._controller.save_script(self._view.id, self.editor.script())
