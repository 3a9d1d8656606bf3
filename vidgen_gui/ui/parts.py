"""Small building blocks of every panel: labels, buttons, rows, with the theme's looks and grid."""

import html
from typing import TypeVar

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from vidgen_gui.ui.icons import bind_icon, icon_pixmap
from vidgen_gui.ui.theme import GRID_PX, ICON_PX, Theme, set_role

Item = QWidget | QLayout | int
Margin = int | tuple[int, int, int, int]
_Box = TypeVar("_Box", bound=QBoxLayout)


def text_label(text: str = "", role: str = "", *, wrap: bool = False) -> QLabel:
    """A label that never takes its text for markup."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(wrap)
    if role:
        set_role(label, role)
    return label


def plain_tool_tip(text: str) -> str:
    """Text for ``setToolTip`` that Qt cannot take for markup."""
    return "<p style='white-space:pre-wrap'>" + html.escape(text) + "</p>"


def menu_text(text: str) -> str:
    """Text for a button or menu whose ampersands are letters."""
    return text.replace("&", "&&")


def beside_icon(text: str) -> str:
    """Text that stands off a little from the icon before it; styles leave 4 px only."""
    return f" {text}"


def push_button(text: str, icon: str = "", role: str = "") -> QPushButton:
    button = QPushButton(beside_icon(text) if icon else text)
    button.setAccessibleName(text.replace("&&", "&"))
    if role:
        set_role(button, role)
    if icon:
        tone = {"primary": "accent_text", "link": "accent"}.get(role, "text")
        bind_icon(button, icon, tone)
        button.setIconSize(QSize(ICON_PX, ICON_PX))
    button.setAutoDefault(False)
    return button


def tool_button(
    icon: str, name: str, *, shortcut: str = "", checkable: bool = False
) -> QToolButton:
    """An icon button; ``name`` is its tool tip and what a screen reader says."""
    button = QToolButton()
    bind_icon(button, icon)
    button.setIconSize(QSize(ICON_PX, ICON_PX))
    button.setAccessibleName(name)
    button.setToolTip(f"{name} ({shortcut})" if shortcut else name)
    button.setCheckable(checkable)
    return button


def spin_box(low: int, high: int) -> QSpinBox:
    """A field for whole numbers."""
    box = QSpinBox()
    box.setRange(low, high)
    # The style sheet's padding does not reach the text of a spin box.
    box.lineEdit().setTextMargins(GRID_PX - 2, 0, 0, 0)
    return box


def rule() -> QFrame:
    """A thin line between groups."""
    line = QFrame()
    set_role(line, "rule")
    return line


def column(*items: Item, margin: Margin = 0, spacing: int = GRID_PX) -> QVBoxLayout:
    """Items under each other; a positive number is a gap, a negative one takes what is left.

    ``margin`` is the same on all sides, or left, top, right, bottom.
    """
    return _filled(QVBoxLayout(), items, margin, spacing)


def row(*items: Item, margin: Margin = 0, spacing: int = GRID_PX) -> QHBoxLayout:
    """Items side by side; numbers as in `column`."""
    return _filled(QHBoxLayout(), items, margin, spacing)


def plain_widget(layout: QLayout) -> QWidget:
    """A widget that only holds ``layout``."""
    widget = QWidget()
    set_role(widget, "plain")
    widget.setLayout(layout)
    return widget


def panel(layout: QLayout, role: str = "panel") -> QFrame:
    """A framed area that holds ``layout``."""
    frame = QFrame()
    set_role(frame, role)
    frame.setLayout(layout)
    return frame


class Glyph(QLabel):
    """An icon as a picture, in a colour of the theme."""

    def __init__(self, name: str, tone: str = "muted", size_px: int = ICON_PX) -> None:
        super().__init__()
        self._look = (name, tone)
        self._size_px = size_px
        self.setFixedSize(size_px, size_px)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        Theme.get().changed.connect(self._refresh)
        self._refresh()

    def set_look(self, name: str, tone: str) -> None:
        self._look = (name, tone)
        self._refresh()

    def _refresh(self) -> None:
        name, tone = self._look
        self.setPixmap(self._pixmap(name, tone))

    def _pixmap(self, name: str, tone: str) -> QPixmap:
        color = Theme.get().color(tone)
        return icon_pixmap(name, self._size_px, max(2.0, self.devicePixelRatioF()), color)


def _filled(layout: _Box, items: tuple[Item, ...], margin: Margin, spacing: int) -> _Box:
    sides = (margin,) * 4 if isinstance(margin, int) else margin
    layout.setContentsMargins(*sides)
    layout.setSpacing(spacing)
    for item in items:
        if isinstance(item, QWidget):
            layout.addWidget(item)
        elif isinstance(item, QLayout):
            layout.addLayout(item)
        elif item < 0:
            layout.addStretch(-item)
        else:
            layout.addSpacing(item)
    return layout
