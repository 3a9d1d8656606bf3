"""Buttons to choose one of a few things: the surface they share, and shapes."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QSizePolicy

from vidgen_gui.core.quality import Aspect
from vidgen_gui.ui import labels
from vidgen_gui.ui.theme import GRID_PX, RADIUS_PX, Scale, Theme

DOT_PX = 16
SHAPE_PX = 32


class Card(QAbstractButton):
    """A checkable surface with a border; says by border, ground and dot that it is chosen."""

    def __init__(self) -> None:
        super().__init__()
        self._theme = Theme.get()
        self._theme.changed.connect(self._on_theme_changed)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()

    def _paint_ground(self, painter: QPainter) -> None:
        rect = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        path = QPainterPath()
        path.addRoundedRect(rect, RADIUS_PX, RADIUS_PX)
        ground = "surface"
        if self.isChecked():
            ground = "accent_soft"
        elif self.underMouse():
            ground = "hover"
        painter.fillPath(path, self._theme.color(ground))
        border = "accent" if self.isChecked() or self.hasFocus() else "border"
        painter.setPen(QPen(self._theme.color(border), 2 if self.isChecked() else 1))
        painter.drawPath(path)
        if self.hasFocus():
            painter.setPen(QPen(self._theme.color("accent"), 1))
            painter.drawRoundedRect(rect.adjusted(3, 3, -3, -3), RADIUS_PX - 3, RADIUS_PX - 3)

    def _paint_dot(self, painter: QPainter, center: QPointF) -> None:
        radius = DOT_PX / 2
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("accent"))
            painter.drawEllipse(center, radius, radius)
            painter.setBrush(self._theme.color("accent_text"))
            painter.drawEllipse(center, 3, 3)
        else:
            painter.setPen(QPen(self._theme.color("outline"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(center, radius - 0.5, radius - 0.5)


class ShapeCard(Card):
    """One aspect ratio: its outline, its name, its numbers."""

    def __init__(self, aspect: Aspect) -> None:
        super().__init__()
        self.aspect = aspect
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{labels.aspect_name(aspect)}, {aspect.value}")

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._theme.font(Scale.BODY))
        small = QFontMetrics(self._theme.font(Scale.SMALL))
        height = SHAPE_PX + metrics.height() + small.height() + 4 * GRID_PX
        wide = metrics.horizontalAdvance(labels.aspect_name(self.aspect)) + 2 * GRID_PX
        return QSize(max(88, wide), height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        ratio = self.aspect.ratio
        width = SHAPE_PX * min(1.0, ratio)
        shape = QRectF(0, 0, width, width / ratio)
        shape.moveCenter(QPointF(self.width() / 2, 1.5 * GRID_PX + SHAPE_PX / 2))
        tone = "accent" if self.isChecked() else "outline"
        painter.setPen(QPen(self._theme.color(tone), 2))
        painter.drawRoundedRect(shape, 3, 3)
        y = 2.0 * GRID_PX + SHAPE_PX
        for text, scale, tone in (
            (labels.aspect_name(self.aspect), Scale.BODY, "text"),
            (self.aspect.value, Scale.SMALL, "muted"),
        ):
            font = self._theme.font(scale)
            height = QFontMetrics(font).height()
            painter.setFont(font)
            painter.setPen(self._theme.color(tone))
            box = QRectF(0, y, self.width(), height)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
            y += height
        painter.end()


def exclusive(*cards: QAbstractButton) -> QButtonGroup:
    """One of these is checked; arrow keys go from one to the next."""
    group = QButtonGroup(cards[0])
    group.setExclusive(True)
    for number, card in enumerate(cards):
        group.addButton(card, number)
    return group
