"""The bar that offers to take back what was just done, for a while."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame

from vidgen_gui.ui.parts import Glyph, push_button, row, text_label, tool_button
from vidgen_gui.ui.theme import GRID_PX, set_role

SHOWN_MS = 10_000


class UndoBar(QFrame):
    """Says what was done; emits ``undo_requested`` when it is to be taken back."""

    undo_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        set_role(self, "note")
        self._text = text_label(wrap=True)
        self._undo = push_button(self.tr("Undo"), "undo-2", role="link")
        self._undo.setAccessibleName(self.tr("Undo removing"))
        close = tool_button("x", self.tr("Dismiss"))
        layout = row(Glyph("trash-2"), self._text, self._undo, close)
        layout.setContentsMargins(GRID_PX * 3 // 2, GRID_PX // 2, GRID_PX // 2, GRID_PX // 2)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SHOWN_MS)
        self._timer.timeout.connect(self.hide)
        self._undo.clicked.connect(self.undo)
        close.clicked.connect(self.dismiss)
        self.hide()

    def offer(self, text: str) -> None:
        """Show ``text`` with the undo button for ten seconds."""
        self._text.setText(text)
        self.show()
        self._timer.start()

    def undo(self) -> None:
        """Take it back, if it is still offered."""
        if not self.isHidden():
            self.dismiss()
            self.undo_requested.emit()

    def dismiss(self) -> None:
        self._timer.stop()
        self.hide()
