"""What the chart of a card's memory is painted with: bands, strokes, the ghost, the axes.

Imports pyqtgraph: imported itself with the first chart.
"""

import math
import time
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from vidgen_gui.ui import vram_texts

FILL_ALPHA = 112
EDGE_PX = 1.4
GHOST_ALPHA = 40
CLOCK_STEPS_S = (60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
SIZE_STEPS_MIB = (128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072, 262144)
CLOCK_PX, AMOUNT_PX = 60, 26
"""Room that a time of day and an amount want along their axis."""

Run: TypeAlias = tuple[Sequence[float], Sequence[float], Sequence[float]]
"""Times, lower edge, upper edge."""


def pen_of(
    color: QColor, width_px: float = EDGE_PX, style: Qt.PenStyle = Qt.PenStyle.SolidLine
) -> QPen:
    """A pen as wide on the screen whatever the axes' scale."""
    pen = QPen(color, width_px, style)
    pen.setCosmetic(True)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


class Bands(pg.GraphicsObject):  # type: ignore[misc]
    """A filled band in several pieces, with a line along its upper edge."""

    def __init__(self) -> None:
        super().__init__()
        self._fill, self._edge = QPainterPath(), QPainterPath()
        self._brush, self._pen = QColor(), QPen()

    def set_look(self, color: QColor, alpha: int = FILL_ALPHA) -> None:
        self._brush = QColor(color)
        self._brush.setAlpha(alpha)
        self._pen = pen_of(color)
        self.update()

    def show_runs(self, runs: Iterable[Run]) -> None:
        """Show pieces; those without any height are left out."""
        fill, edge = QPainterPath(), QPainterPath()
        for at, lower, upper in runs:
            if all(high <= low for low, high in zip(lower, upper, strict=True)):
                continue
            top = [QPointF(x, y) for x, y in zip(at, upper, strict=True)]
            bottom = [QPointF(x, y) for x, y in zip(at, lower, strict=True)]
            fill.addPolygon(QPolygonF([*top, *reversed(bottom)]))
            fill.closeSubpath()
            edge.addPolygon(QPolygonF(top))
        self.prepareGeometryChange()
        self._fill, self._edge = fill, edge

    def boundingRect(self) -> QRectF:
        return self._fill.boundingRect()

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        painter.fillPath(self._fill, self._brush)
        painter.setPen(self._pen)
        painter.drawPath(self._edge)


class Strokes(pg.GraphicsObject):  # type: ignore[misc]
    """Straight lines, each with its pen."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: tuple[tuple[QLineF, QPen], ...] = ()

    def show_lines(self, lines: Iterable[tuple[QLineF, QPen]]) -> None:
        self.prepareGeometryChange()
        self._lines = tuple(lines)

    def boundingRect(self) -> QRectF:
        box = QRectF()
        for line, _ in self._lines:
            # An empty rectangle would be left out of the union.
            box = box.united(QRectF(line.p1(), line.p2()).normalized().adjusted(-1, -1, 1, 1))
        return box

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for line, pen in self._lines:
            painter.setPen(pen)
            painter.drawLine(line)


class Ghost(pg.GraphicsObject):  # type: ignore[misc]
    """What comes next: a dashed box on what stays, and how far its height may be off."""

    def __init__(self) -> None:
        super().__init__()
        self._box, self._range = QRectF(), (0.0, 0.0)
        self._pen, self._brush = QPen(), QColor()

    def set_color(self, color: QColor) -> None:
        self._pen = pen_of(color)
        self._pen.setDashPattern([3, 2])
        self._brush = QColor(color)
        self._brush.setAlpha(GHOST_ALPHA)
        self.update()

    def show_box(self, box: QRectF, low: float, high: float) -> None:
        """Show ``box``, whose top is between ``low`` and ``high``; an empty one is nothing."""
        self.prepareGeometryChange()
        self._box, self._range = box, (low, high)

    def boundingRect(self) -> QRectF:
        low, high = self._range
        return self._box.united(QRectF(self._box.left(), low, self._box.width(), high - low))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        if self._box.isEmpty():
            return
        painter.setPen(self._pen)
        painter.setBrush(self._brush)
        painter.drawRect(self._box)
        low, high = self._range
        if high > low:
            painter.setPen(pen_of(self._pen.color()))
            middle, reach = self._box.center().x(), self._box.width() / 5
            painter.drawLine(QPointF(middle, low), QPointF(middle, high))
            for y in (low, high):
                painter.drawLine(QPointF(middle - reach, y), QPointF(middle + reach, y))


class QuietAxis(pg.AxisItem):  # type: ignore[misc]
    """Labels alone: the chart has lines of its own."""

    def drawPicture(self, p: QPainter, axisSpec: Any, tickSpecs: Any, textSpecs: Any) -> None:  # noqa: N803 - pyqtgraph's
        p.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        p.setFont(self.style["tickFont"])
        p.setPen(self.textPen())
        for box, flags, text in textSpecs:
            p.drawText(box, int(flags), text)


class ClockAxis(QuietAxis):
    """Times of day below a chart whose x are seconds before now."""

    def __init__(self) -> None:
        super().__init__("bottom")
        self.now_unix_s = 0.0

    def tickValues(
        self, low: float, high: float, size_px: float
    ) -> list[tuple[float, list[float]]]:
        step = clock_step_s(high - low, size_px / CLOCK_PX)
        # Whole steps of the person's own time of day.
        zone_s = time.localtime(self.now_unix_s).tm_gmtoff
        first = math.ceil((self.now_unix_s + low + zone_s) / step) * step - zone_s
        count = max(0, math.floor((self.now_unix_s - first) / step) + 1)
        return [(step, [first + number * step - self.now_unix_s for number in range(count)])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        return [vram_texts.clock(self.now_unix_s + value) for value in values]


class SizeAxis(QuietAxis):
    """Amounts of memory in few round steps, up to the card's total."""

    def __init__(self) -> None:
        super().__init__("left")
        self.total_mib = 0.0

    def amounts(self, size_px: float) -> list[float]:
        """Where the lines are."""
        step = size_step_mib(self.total_mib, size_px / AMOUNT_PX)
        # A card's total is a little less than its name says: the last line may be above it.
        return [number * step for number in range(int(1.02 * self.total_mib / step) + 1)]

    def tickValues(
        self, low: float, high: float, size_px: float
    ) -> list[tuple[float, list[float]]]:
        return [(1.0, [amount for amount in self.amounts(size_px) if amount <= high])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        return vram_texts.axis_sizes(values)


class DegreesAxis(QuietAxis):
    """Says once what the lower chart shows."""

    def __init__(self, middle_c: float) -> None:
        super().__init__("left")
        self._middle_c = middle_c

    def tickValues(
        self, low: float, high: float, size_px: float
    ) -> list[tuple[float, list[float]]]:
        return [(1.0, [self._middle_c])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        return ["°C" for _ in values]


def clock_step_s(span_s: float, most: float) -> float:
    """The shortest round step with at most ``most`` labels in a span."""
    fitting = (step for step in CLOCK_STEPS_S if span_s / step <= max(1.0, most))
    return next(fitting, math.ceil(span_s / CLOCK_STEPS_S[-1]) * float(CLOCK_STEPS_S[-1]))


def size_step_mib(total_mib: float, most: float) -> float:
    """The smallest round step with at most ``most`` lines up to a total."""
    fitting = (step for step in SIZE_STEPS_MIB if total_mib / step <= max(1.0, most))
    return next(fitting, max(1.0, total_mib))
