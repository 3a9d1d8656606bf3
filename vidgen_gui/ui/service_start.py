"""How a service is started, and with what it works: the settings about it, and its command."""

import os
import shlex
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QPlainTextEdit, QScrollArea, QWidget

from vidgen_gui.core.environment import read_environment
from vidgen_gui.core.messages import Message
from vidgen_gui.core.service import ServiceView
from vidgen_gui.core.settings import setting_fields
from vidgen_gui.ui import words
from vidgen_gui.ui.parts import Item, column, plain_widget, push_button, row, rule, text_label
from vidgen_gui.ui.setting_row import SettingRow
from vidgen_gui.ui.theme import GRID_PX, set_role

MAX_COMMAND = 4000
_COMMAND_LINES = 3


class SettingsPage(QWidget):
    """Some settings under each other; ``edited`` at every change."""

    edited = Signal()

    def __init__(self, controller: Any, paths: Sequence[str], top: QWidget | None = None) -> None:
        super().__init__()
        self._controller = controller
        variables = read_environment(os.environ).variables
        fields = setting_fields()
        self.rows = {
            path: SettingRow(
                fields[path], controller.settings, controller.voices, variables.get(path)
            )
            for path in paths
        }
        items: list[Item] = [top, rule()] if top is not None else []
        for place, line in enumerate(self.rows.values()):
            items += [rule(), line] if place else [line]
            line.editor.edited.connect(self._on_edited)
        content = column(*items, -1, spacing=2 * GRID_PX)
        content.setContentsMargins(0, 0, GRID_PX, 0)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(plain_widget(content))
        self.setLayout(column(scroll))

    def values(self) -> dict[str, object]:
        """The settings as edited, by path, but those that the environment sets."""
        return {
            path: line.editor.value() for path, line in self.rows.items() if not line.is_overruled
        }

    def check(self) -> bool:
        """Explain every impossible value beside it; whether all are possible."""
        settings = self._controller.settings
        wrong = [line for line in self.rows.values() if not line.check(settings)]
        return not wrong

    def _on_edited(self) -> None:
        self.check()
        self.edited.emit()


class CommandBox(QWidget):
    """The command line a service runs with, or would be started with; to be read and copied."""

    def __init__(self) -> None:
        super().__init__()
        self._command: tuple[str, ...] | None = None
        self._head = text_label(role="heading")
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(self.tr("Command"))
        set_role(self.text, "log")
        copy = push_button(self.tr("Copy"), "copy", "compact")
        copy.setAccessibleName(self.tr("Copy the command"))
        copy.clicked.connect(self._on_copy_clicked)
        self.setLayout(column(row(self._head, -1, copy), self.text))

    def showEvent(self, event: QShowEvent) -> None:
        """Only now does the text have its font."""
        super().showEvent(event)
        line_px = self.text.fontMetrics().lineSpacing()
        self.text.setFixedHeight(line_px * _COMMAND_LINES + 2 * GRID_PX)

    def show_view(self, view: ServiceView) -> None:
        running = view.pid is not None
        self._head.setText(
            self.tr("Runs with this command") if running else self.tr("Starts with this command")
        )
        if view.command != self._command:
            self._command = view.command
            self.text.setPlainText(shlex.join(view.command)[:MAX_COMMAND])
        self.setVisible(bool(view.command))

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(shlex.join(self._command or ()))


class WorkflowNote(QWidget):
    """What was found out about the person's own workflow file."""

    def __init__(self, services: Any) -> None:
        super().__init__()
        self._text = text_label(role="small", wrap=True)
        self._path = ""
        self.setLayout(column(self._text))
        self.hide()
        self._services = services
        services.workflow_checked.connect(self._on_workflow_checked)

    def ask(self, path: str) -> None:
        """Have the file looked at, once for each path."""
        if path == self._path:
            return
        self._path = path
        if not path:
            self.hide()
            return
        self._tell(self.tr("Looking at the workflow…"), "small")
        self._services.check_workflow(path)

    def _on_workflow_checked(self, path: str, problem: Message | None) -> None:
        if path != self._path or not path:
            return
        if problem is None:
            self._tell(self.tr("The workflow can be used."), "done")
        else:
            self._tell(words.sentence(problem), "failed")

    def _tell(self, text: str, role: str) -> None:
        self._text.setText(text)
        set_role(self._text, role)
        self.show()
