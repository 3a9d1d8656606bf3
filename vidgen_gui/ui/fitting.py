"""What gets along with little room: cut or wrapped labels, columns that scroll, windows.

What labels show is plain text; the whole of it is there for a screen reader.
"""

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QScrollArea, QSizePolicy, QWidget

from vidgen_gui.core.text import graphemes
from vidgen_gui.ui.parts import plain_tool_tip
from vidgen_gui.ui.theme import GRID_PX, set_role

PIECE = 8
"""Graphemes that stay together in a word that has to be broken."""
LEAST_PX = 64
AROUND_WINDOW = QSize(2 * GRID_PX, 6 * GRID_PX)
"""What systems draw around a window: its title and its edges."""
_ZERO_WIDTH_SPACE = "\u200b"
_WRAPPED = Qt.TextFlag.TextWordWrap.value


class ElidedLabel(QLabel):
    """One line that is cut to its width; the whole text is in the tool tip and for a reader."""

    def __init__(
        self, role: str = "", mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight
    ) -> None:
        super().__init__()
        self._whole = ""
        self._mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        if role:
            set_role(self, role)

    @property
    def whole(self) -> str:
        return self._whole

    def show_text(self, text: str) -> None:
        if text != self._whole:
            self._whole = text
            self.setAccessibleName(text)
            self.updateGeometry()
            self._fit()

    def sizeHint(self) -> QSize:
        self.ensurePolished()
        width_px = self.fontMetrics().horizontalAdvance(self._whole) + 2
        return QSize(width_px, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        self.ensurePolished()
        least = min(self.sizeHint().width(), self.fontMetrics().averageCharWidth() * 8)
        return QSize(least, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def _fit(self) -> None:
        room_px = self.contentsRect().width()
        shown = self.fontMetrics().elidedText(self._whole, self._mode, room_px)
        if shown != self.text():
            self.setText(shown)
        self.setToolTip(plain_tool_tip(self._whole) if shown != self._whole else "")


class WrappedLabel(QLabel):
    """A sentence in as many lines as it needs, never wider than it is given room."""

    def __init__(self, role: str = "") -> None:
        super().__init__()
        self._whole = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        if role:
            set_role(self, role)

    @property
    def whole(self) -> str:
        return self._whole

    def show_text(self, text: str) -> None:
        if text != self._whole:
            self._whole = text
            self.setAccessibleName(text)
            self.setText(self._fitting(self.width()))

    def minimumSizeHint(self) -> QSize:
        least = super().minimumSizeHint()
        return QSize(min(LEAST_PX, least.width()), least.height())

    def heightForWidth(self, width_px: int) -> int:
        text = self._fitting(width_px)
        if text == self.text():
            return super().heightForWidth(width_px)
        room = QRect(0, 0, width_px, 2**20)
        return self.fontMetrics().boundingRect(room, _WRAPPED, text).height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        text = self._fitting(self.width())
        if text != self.text():
            self.setText(text)

    def _fitting(self, width_px: int) -> str:
        """The text, with places to break where a word is wider than the room."""
        metrics = self.fontMetrics()
        words = self._whole.split(" ")
        if all(metrics.horizontalAdvance(word) <= width_px for word in words):
            return self._whole
        return " ".join(
            word if metrics.horizontalAdvance(word) <= width_px else breakable(word)
            for word in words
        )


class Shrinking(QScrollArea):
    """As high as what it holds, and scrolls where a small window leaves less.

    Args:
        least: what it can be squeezed to.
    """

    def __init__(self, content: QWidget, least: QSize) -> None:
        super().__init__()
        self._content = content
        self._least = least
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        policy = self.sizePolicy()
        policy.setHeightForWidth(True)
        policy.setVerticalPolicy(QSizePolicy.Policy.Preferred)
        self.setSizePolicy(policy)
        self.setWidget(content)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:
            # What it holds wants another height: so does this.
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width_px: int) -> int:
        return self._content.heightForWidth(width_px)

    def sizeHint(self) -> QSize:
        return self._content.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return self._least


def resize_on_screen(window: QWidget, usual: QSize) -> None:
    """Give a window its usual size, or as much of it as its screen has room for."""
    window.resize(usual.boundedTo(window.screen().availableSize() - AROUND_WINDOW))


def breakable(word: str) -> str:
    """A word with places where a line may end, between what a reader sees as characters."""
    parts = graphemes(word)
    pieces = ("".join(parts[at : at + PIECE]) for at in range(0, len(parts), PIECE))
    return _ZERO_WIDTH_SPACE.join(pieces)
