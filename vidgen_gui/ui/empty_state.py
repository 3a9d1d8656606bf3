"""What a panel shows when there is nothing to show: why, and the next step right there."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from vidgen_gui.ui.icons import app_icon
from vidgen_gui.ui.parts import Glyph, column, menu_text, push_button, text_label
from vidgen_gui.ui.theme import GRID_PX, set_role

EMBLEM_PX = 72


class _Emblem(QWidget):
    """The product's icon, large."""

    def __init__(self) -> None:
        super().__init__()
        self._icon = app_icon()
        self.setFixedSize(EMBLEM_PX, EMBLEM_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._icon.paint(painter, self.rect())
        painter.end()


class EmptyState(QWidget):
    """An icon, a title, a sentence, and perhaps a widget to act with; centred."""

    def __init__(self, icon: str, title: str, text: str, action: QWidget | None = None) -> None:
        super().__init__()
        set_role(self, "plain")
        picture = _Emblem() if icon == "vidgen" else Glyph(icon, "outline", 40)
        heading = text_label(title, "title" if action else "heading", wrap=True)
        heading.setAlignment(Qt.AlignmentFlag.AlignCenter)
        sentence = text_label(text, "muted", wrap=True)
        sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = column(-2, margin=(2 * GRID_PX, 3 * GRID_PX, 2 * GRID_PX, 3 * GRID_PX))
        layout.addWidget(picture, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(GRID_PX)
        layout.addWidget(heading)
        layout.addWidget(sentence)
        if action is not None:
            layout.addSpacing(2 * GRID_PX)
            layout.addWidget(action)
        layout.addStretch(3)
        self.setLayout(layout)

    def sizeHint(self) -> QSize:
        return QSize(400, 320)


class Examples(QWidget):
    """Topics to start from; a click hands one over."""

    chosen = Signal(str)

    def __init__(self, topics: Sequence[str]) -> None:
        super().__init__()
        layout = QVBoxLayout()
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID_PX)
        layout.addWidget(text_label(self.tr("Or start with one of these:"), "small"))
        for topic in topics:
            button = push_button(menu_text(topic), "sparkles", role="chip")
            button.setProperty("topic", topic)
            button.clicked.connect(self._on_clicked)
            layout.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.setLayout(layout)

    def _on_clicked(self) -> None:
        self.chosen.emit(self.sender().property("topic"))
