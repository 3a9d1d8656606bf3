"""A text that grows at its end: plain, read-only, followed for as long as its end is in sight."""

from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from vidgen_gui.ui.theme import GRID_PX

_NEAR_PX = 4


class FollowingText(QPlainTextEdit):
    """What is there already isn't laid out anew; what is selected stays selected."""

    def __init__(self) -> None:
        super().__init__()
        self._follows = True
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(GRID_PX)
        bar = self.verticalScrollBar()
        bar.valueChanged.connect(self._on_scrolled)
        bar.rangeChanged.connect(self._on_range_changed)

    def show_whole(self, text: str) -> None:
        """Show another text altogether."""
        follows, place = self._follows, self.verticalScrollBar().value()
        self.setPlainText(text)
        self._settle(follows=follows, place=place)

    def grow(self, text: str) -> None:
        """Add to the end."""
        follows, place = self._follows, self.verticalScrollBar().value()
        if self.textCursor().hasSelection():
            selected = self.textCursor()
            selected.setKeepPositionOnInsert(True)
            self.setTextCursor(selected)
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(text)
        self._settle(follows=follows, place=place)

    def _settle(self, *, follows: bool, place: int) -> None:
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum() if follows else place)
        self._follows = follows

    def _on_scrolled(self, value: int) -> None:
        self._follows = value >= self.verticalScrollBar().maximum() - _NEAR_PX

    def _on_range_changed(self, _low: int, high: int) -> None:
        # Also when the text gets its room only after it was filled in.
        if self._follows:
            self.verticalScrollBar().setValue(high)
