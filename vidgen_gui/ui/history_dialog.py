"""What happened to one job, to be read and copied."""

from typing import Any

from PySide6.QtCore import QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget

from vidgen_gui.controller.job_view import HistoryLine, JobView
from vidgen_gui.core.text import truncate
from vidgen_gui.ui import labels, words
from vidgen_gui.ui.fitting import resize_on_screen
from vidgen_gui.ui.job_delegate import facts_text, status_text
from vidgen_gui.ui.parts import column, push_button, row, text_label
from vidgen_gui.ui.progress_page import MAX_TITLE
from vidgen_gui.ui.theme import GRID_PX


class HistoryDialog(QDialog):
    """Loads the lines when it opens."""

    def __init__(self, controller: Any, view: JobView, parent: QWidget) -> None:
        super().__init__(parent)
        self._view = view
        self.setWindowTitle(self.tr("History"))
        resize_on_screen(self, QSize(680, 480))
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setTabChangesFocus(True)
        self._text.setAccessibleName(self.tr("History"))
        self._text.setPlaceholderText(self.tr("Nothing has happened yet."))
        copy = push_button(self.tr("Copy"), "copy")
        close = push_button(self.tr("Close"))
        copy.clicked.connect(self._on_copy_clicked)
        close.clicked.connect(self.accept)
        self.setLayout(
            column(
                text_label(truncate(view.title, MAX_TITLE), "title", wrap=True),
                text_label(self._facts(), "muted", wrap=True),
                self._text,
                row(-1, copy, close),
                margin=2 * GRID_PX,
            )
        )
        controller.history_loaded.connect(self._on_history_loaded)
        controller.request_history(view.id)

    def _facts(self) -> str:
        created = self.tr("asked for at {0}").format(labels.moment(self._view.created_at))
        quality = labels.quality_name(self._view.quality)
        return " · ".join((quality, facts_text(self._view), created, status_text(self._view)))

    def _on_history_loaded(self, job_id: str, lines: list[HistoryLine]) -> None:
        if job_id == self._view.id:
            self._text.setPlainText("\n".join(self._line(line) for line in lines))

    def _line(self, line: HistoryLine) -> str:
        parts = [labels.moment(line.at)]
        if line.stage is not None:
            where = labels.stage_name(line.stage)
            parts.append(where if line.scene is None else f"{where} {line.scene + 1}")
        parts.append(words.sentence(line.message))
        return "  ".join(parts)

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._text.toPlainText())
