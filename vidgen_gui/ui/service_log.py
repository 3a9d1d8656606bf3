"""What a service's program writes: followed, bounded, plain."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from vidgen_gui.core.service import Ownership, ServiceName, ServiceView
from vidgen_gui.ui.following_text import FollowingText
from vidgen_gui.ui.parts import column, push_button, row, text_label
from vidgen_gui.ui.theme import set_role

MAX_LINES = 2000
MAX_LINE = 2000
"""Characters of one line that are shown; programs write progress bars and whole prompts."""
POLL_MS = 1000


def added_lines(before: Sequence[str], after: Sequence[str]) -> list[str] | None:
    """What a sliding log gained since ``before``; None when it is another log altogether."""
    if not before:
        return list(after)
    if not after:
        return None
    for gone in range(len(before)):
        kept = len(before) - gone
        if before[gone] == after[0] and list(before[gone:]) == list(after[:kept]):
            return list(after[kept:])
    return None


class LogView(FollowingText):
    """The last lines of a log."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[str] = []
        self.setMaximumBlockCount(MAX_LINES)
        self.setAccessibleName(self.tr("Log"))
        set_role(self, "log")

    def show_lines(self, lines: Sequence[str]) -> None:
        """Show the end of a log, of which some may be there already."""
        shown = [line[:MAX_LINE].replace("\n", " ") for line in lines[-MAX_LINES:]]
        if shown == self._lines:
            return
        new = added_lines(self._lines, shown)
        begins = not self._lines
        self._lines = shown
        if new is None or begins:
            self.show_whole("\n".join(shown))
        elif new:
            self.grow("\n" + "\n".join(new))


class LogPage(QWidget):
    """Asks for the log once a second while it is seen."""

    def __init__(self, services: Any, name: ServiceName) -> None:
        super().__init__()
        self._services = services
        self._name = name
        self.view = LogView()
        self._hint = text_label(role="small", wrap=True)
        copy = push_button(self.tr("Copy"), "copy")
        copy.setAccessibleName(self.tr("Copy the log"))
        copy.clicked.connect(self._on_copy_clicked)
        foot = row(self._hint, copy)
        foot.setStretch(0, 1)
        self.setLayout(column(self.view, foot))
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._ask)
        services.log_loaded.connect(self._on_log_loaded)

    def show_view(self, view: ServiceView) -> None:
        if view.ownership in (Ownership.ADOPTED, Ownership.REMOTE):
            self.view.setPlaceholderText(
                self.tr("VidGen did not start this program, so it cannot see what it writes.")
            )
            hint = ""
        else:
            self.view.setPlaceholderText(
                self.tr("Nothing yet. What the program writes is shown here once it is started.")
            )
            hint = self.tr("The newest lines stand at the end.")
        if self._hint.text() != hint:
            self._hint.setText(hint)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def _ask(self) -> None:
        self._services.request_log(self._name)

    def _on_log_loaded(self, name: str, lines: list[str]) -> None:
        if name == self._name.value:
            self.view.show_lines(lines)

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self.view.toPlainText())
