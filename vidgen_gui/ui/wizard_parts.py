"""What the wizard's pages have in common: heading, fields, the list of steps at the side."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget, QWizardPage

from vidgen_gui.ui import words
from vidgen_gui.ui.icons import icon_pixmap
from vidgen_gui.ui.parts import Item, column, text_label
from vidgen_gui.ui.theme import GRID_PX, RADIUS_PX, Scale, Theme
from vidgen_gui.ui.wizard_flow import Problem, Step, WizardFlow

SIDE_PX = 184
WIDEST_SIDE_PX = 288
DOT_PX = 24
TITLE_PX = 2 * GRID_PX + DOT_PX + GRID_PX * 3 // 2
"""Where the titles of the steps begin."""


class Page(QWizardPage):
    """A page with a heading; complete when the flow finds nothing wrong with its step."""

    def __init__(self, flow: WizardFlow, step: Step) -> None:
        super().__init__()
        self.flow = flow
        self.step = step
        self._heading = text_label(role="title")
        self._text = text_label(role="muted", wrap=True)
        margin = (3 * GRID_PX, 2 * GRID_PX, 2 * GRID_PX, GRID_PX)
        self.box = column(self._heading, self._text, GRID_PX, margin=margin)
        self.setLayout(self.box)

    def set_heading(self, title: str, text: str) -> None:
        """Say what this page is about."""
        self._heading.setText(title)
        self._text.setText(text)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)

    def enter(self) -> None:
        """Show what is chosen; called whenever the page comes up, from either side."""

    def isComplete(self) -> bool:
        return not self.flow.problems(self.step)

    def problem(self, *fields: str) -> Problem | None:
        """What is wrong with one of these choices, if anything."""
        return next((p for p in self.flow.problems(self.step) if p.field in fields), None)


def labelled(text: str, field: QWidget, *more: Item) -> QVBoxLayout:
    """A field under its name; the name's mnemonic and the screen reader find the field."""
    label = text_label(text, "heading")
    label.setBuddy(field)
    if not field.accessibleName():
        field.setAccessibleName(text.replace("&", ""))
    return column(label, field, *more, spacing=GRID_PX // 2)


def problem_label() -> QLabel:
    """Where a sentence about a wrong value stands; takes no room while all is well."""
    label = text_label(role="failed", wrap=True)
    label.hide()
    return label


def show_problem(label: QLabel, problem: Problem | None) -> None:
    label.setText(words.sentence(problem.message) if problem is not None else "")
    label.setVisible(problem is not None)


class ChoiceBox(QComboBox):
    """Named values, one of them chosen. Values stay what they are: Qt makes strings of enums."""

    def __init__(self) -> None:
        super().__init__()
        self._values: list[Any] = []

    def set_choices(self, choices: Sequence[tuple[str, object]], chosen: object) -> None:
        """Offer these and show the chosen one, without saying that anything changed."""
        self.blockSignals(True)
        self.clear()
        self._values = [value for _, value in choices]
        for name, _ in choices:
            self.addItem(name)
        if chosen in self._values:
            self.setCurrentIndex(self._values.index(chosen))
        self.blockSignals(False)

    def value(self) -> Any:
        """The chosen value; None while there are none."""
        index = self.currentIndex()
        return self._values[index] if index >= 0 else None


class StepList(QWidget):
    """The pages in order; where one is, and what is behind."""

    def __init__(self, titles: list[str]) -> None:
        super().__init__()
        self._titles = titles
        self._current = 0
        Theme.get().changed.connect(self._fit)
        self._fit()
        self.show_step(0)

    def show_step(self, number: int) -> None:
        self._current = number
        text = self.tr("Step {0} of {1}: {2}")
        self.setAccessibleName(
            text.format(number + 1, len(self._titles), self._titles[max(0, number)])
        )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.width(), 400)

    def _fit(self) -> None:
        """As wide as its titles, in whatever size they are written."""
        bold = QFontMetrics(Theme.get().font(Scale.BODY, bold=True))
        widest_px = max(bold.horizontalAdvance(title) for title in self._titles)
        width_px = TITLE_PX + widest_px + 2 * GRID_PX
        self.setFixedWidth(min(max(SIDE_PX, width_px), WIDEST_SIDE_PX))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = Theme.get()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QPainterPath()
        ground.addRoundedRect(QRectF(self.rect()), RADIUS_PX, RADIUS_PX)
        painter.fillPath(ground, theme.color("raised"))
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        for number, title in enumerate(self._titles):
            y = 3 * GRID_PX + number * 5 * GRID_PX
            x = 2 * GRID_PX
            dot = QRectF(self.width() - x - DOT_PX if mirrored else x, y, DOT_PX, DOT_PX)
            self._paint_dot(painter, dot, number)
            current = number == self._current
            painter.setFont(theme.font(Scale.BODY, bold=current))
            painter.setPen(theme.color("text" if current else "muted"))
            width = self.width() - TITLE_PX - GRID_PX
            text = QRectF(GRID_PX if mirrored else TITLE_PX, y, width, DOT_PX)
            side = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
            flags = side | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute
            shown = QFontMetrics(painter.font()).elidedText(
                title, Qt.TextElideMode.ElideRight, width
            )
            painter.drawText(text, flags, shown)
        painter.end()

    def _paint_dot(self, painter: QPainter, dot: QRectF, number: int) -> None:
        theme = Theme.get()
        if number < self._current:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent"))
            painter.drawEllipse(dot)
            glyph = icon_pixmap("check", 16, self.devicePixelRatioF(), theme.color("accent_text"))
            painter.drawPixmap(QPointF(dot.left() + 4, dot.top() + 4), glyph)
            return
        current = number == self._current
        painter.setPen(QPen(theme.color("accent" if current else "outline"), 2 if current else 1))
        painter.setBrush(theme.color("surface"))
        painter.drawEllipse(dot.adjusted(1, 1, -1, -1))
        painter.setFont(theme.font(Scale.SMALL, bold=current))
        painter.setPen(theme.color("accent" if current else "muted"))
        painter.drawText(dot, Qt.AlignmentFlag.AlignCenter, str(number + 1))
