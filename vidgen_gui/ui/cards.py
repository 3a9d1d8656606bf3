"""Buttons to choose one of a few things: rows with a title and facts, and shapes."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QSizePolicy

from vidgen_gui.core.quality import Aspect
from vidgen_gui.ui import labels
from vidgen_gui.ui.theme import GRID_PX, RADIUS_PX, Scale, Theme

DOT_PX = 16
SHAPE_PX = 32


class _Card(QAbstractButton):
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


class OptionCard(_Card):
    """One choice as a row: title, a sentence, and facts at the far side."""

    def __init__(self, title: str, sentence: str) -> None:
        super().__init__()
        self._title = title
        self._sentence = sentence
        self._facts = ("", "")
        self._badge = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._describe()

    def set_facts(self, first: str, second: str, badge: str = "") -> None:
        """What stands at the far side, and a mark beside the title."""
        self._facts = (first, second)
        self._badge = badge
        self._describe()
        self.update()

    def sizeHint(self) -> QSize:
        title, small = self._metrics()
        return QSize(480, title.height() + small.height() + 3 * GRID_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        title, small = self._metrics()
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        x = 2 * GRID_PX + DOT_PX / 2
        dot_x = self.width() - x if mirrored else x
        self._paint_dot(painter, QPointF(dot_x, self.height() / 2))
        left = 2 * GRID_PX + DOT_PX + 2 * GRID_PX
        width = self.width() - left - 2 * GRID_PX
        facts = max(
            small.horizontalAdvance(self._facts[1]), title.horizontalAdvance(self._facts[0])
        )
        top = (self.height() - title.height() - small.height() - 2) / 2
        lines = ((top, title, Scale.BODY), (top + title.height() + 2, small, Scale.SMALL))
        near = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
        far = Qt.AlignmentFlag.AlignLeft if mirrored else Qt.AlignmentFlag.AlignRight
        absolute = Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
        for number, (y, metrics, scale) in enumerate(lines):
            box = QRectF(2 * GRID_PX if mirrored else left, y, width, metrics.height())
            text = (self._title, self._sentence)[number]
            room = round(width - facts - 2 * GRID_PX)
            painter.setFont(self._theme.font(scale, bold=number == 0))
            painter.setPen(self._theme.color("text" if number == 0 else "muted"))
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
            painter.drawText(box, near | absolute, shown)
            painter.setFont(self._theme.font(scale))
            painter.drawText(box, far | absolute, self._facts[number])
        self._paint_badge(painter, left, top, mirrored=mirrored)
        painter.end()

    def _paint_badge(self, painter: QPainter, left: float, top: float, *, mirrored: bool) -> None:
        if not self._badge:
            return
        title, small = self._metrics()
        width = small.horizontalAdvance(self._badge) + 2 * GRID_PX
        x = left + title.horizontalAdvance(self._title) + GRID_PX * 3 / 2
        if mirrored:
            x = self.width() - x - width
        rect = QRectF(x, top + (title.height() - small.height()) / 2 - 1, width, small.height() + 2)
        pill = QPainterPath()
        pill.addRoundedRect(rect, rect.height() / 2, rect.height() / 2)
        painter.fillPath(pill, self._theme.color("accent"))
        painter.setFont(self._theme.font(Scale.SMALL))
        painter.setPen(self._theme.color("accent_text"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._badge)

    def _metrics(self) -> tuple[QFontMetrics, QFontMetrics]:
        bold = QFontMetrics(self._theme.font(Scale.BODY, bold=True))
        return bold, QFontMetrics(self._theme.font(Scale.SMALL))

    def _describe(self) -> None:
        parts = (self._title, self._badge, *self._facts, self._sentence)
        self.setAccessibleName(", ".join(part for part in parts if part))


class ShapeCard(_Card):
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
