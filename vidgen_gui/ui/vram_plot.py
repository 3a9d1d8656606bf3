"""The painted chart of one card's memory. Imports pyqtgraph: imported itself with the first chart.

Shows `ChartData`; what it says in words is in `vram_texts`, what it is painted with in
`vram_items`.
"""

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QLineF, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QFrame, QSizePolicy, QToolTip

from vidgen_gui.controller.gpu_chart import ChartData, Layers, MarkGroup, MarkKind, grouped
from vidgen_gui.core.job import StageName
from vidgen_gui.ui import vram_texts
from vidgen_gui.ui.parts import plain_tool_tip
from vidgen_gui.ui.theme import Scale, Theme, set_role
from vidgen_gui.ui.vram_items import (
    Bands,
    ClockAxis,
    DegreesAxis,
    Ghost,
    Run,
    SizeAxis,
    Strokes,
    pen_of,
)

PLOT_PX, SMALL_PLOT_PX = 160, 112
WARMTH_PX = 20
LEFT_PX, BOTTOM_PX = 40, 20
AHEAD_PART = 0.11
"""Room for what comes next, beside the past, as a part of the past's length."""
HEADROOM_PART = 0.16
"""Room for marks above the card's total."""
MARK_PX = 9
LABEL_OVERHANG_PX = 24
APART_PX = 11
"""Marks nearer to each other become one."""
COOL_C, HOT_C = 25.0, 95.0
KEY_STEPS = 60
"""The arrow keys cross the chart in so many steps."""
SYMBOLS = {MarkKind.STAGE: "o", MarkKind.SWAP: "d", MarkKind.FALL: "t"}
TONES = {MarkKind.STAGE: "muted", MarkKind.SWAP: "text", MarkKind.FALL: "failed"}

pg.setConfigOptions(antialias=True, exitCleanup=False)


class VramPlot(pg.GraphicsLayoutWidget):  # type: ignore[misc]
    """Memory by owner above, temperature below (not in a small one), the newest at the right.

    Hovering, or the arrow keys while it has the focus, tell about a moment.
    """

    def __init__(self, *, small: bool = False) -> None:
        super().__init__()
        self._data: ChartData | None = None
        self._offset_s = 0.0
        self._cursor_s: float | None = None
        self._groups: tuple[MarkGroup, ...] = ()
        self._is_small = small
        self.setBackground(None)
        self.setFrameShape(QFrame.Shape.NoFrame)
        set_role(self, "chart")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._clock, self._sizes = ClockAxis(), SizeAxis()
        self._degrees = DegreesAxis((COOL_C + HOT_C) / 2)
        self._view, self._warm_view = self._view_box(), self._view_box()
        self._grid, self._lines, self._cursor = Strokes(), Strokes(), Strokes()
        self._others, self._writer, self._maker = Bands(), Bands(), Bands()
        self._warmth, self._slowed, self._ghost = Bands(), Bands(), Ghost()
        self._marks = pg.ScatterPlotItem()
        self._build()
        Theme.get().changed.connect(self._use_theme)
        self._use_theme()

    def sizeHint(self) -> QSize:
        return QSize(240, SMALL_PLOT_PX if self._is_small else PLOT_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def show_data(self, data: ChartData, offset_s: float) -> None:
        """Show a chart; ``offset_s`` turns its monotonic seconds into Unix seconds."""
        self._data, self._offset_s = data, offset_s
        total = data.total_mib or max((max(run.used) for run in data.layers), default=1.0)
        length_s = data.end_s - data.begin_s
        ahead_s = length_s * AHEAD_PART
        self._sizes.total_mib = total
        self._clock.now_unix_s = data.end_s + offset_s
        top = total * (1 + HEADROOM_PART)
        self._view.setRange(xRange=(-length_s, ahead_s), yRange=(0, top), padding=0)
        self._warm_view.setRange(xRange=(-length_s, ahead_s), yRange=(COOL_C, HOT_C), padding=0)
        self._show_layers(data)
        self._show_warmth(data)
        self._show_marks(data, total)
        self._show_lines(data, total)
        self._show_ghost(data, ahead_s)
        self._clock.picture = self._sizes.picture = None
        self._clock.update()
        self._sizes.update()
        self.setAccessibleDescription(vram_texts.description(data))

    def told(self, at_s: float) -> str:
        """What is told about a moment, in monotonic seconds."""
        if self._data is None:
            return ""
        near_s = self._seconds_per_px() * APART_PX
        marks = [
            mark
            for group in self._groups
            if abs(group.at_s - at_s) <= near_s
            for mark in group.marks
        ]
        if at_s > self._data.end_s and self._data.outlook.next is not None:
            return vram_texts.next_line(self._data.outlook.next)
        return vram_texts.hover_text(self._data, min(at_s, self._data.end_s), self._offset_s, marks)

    def mouseMoveEvent(self, ev: QMouseEvent) -> None:
        super().mouseMoveEvent(ev)
        if self._data is None:
            return
        place = self._view.mapSceneToView(self.mapToScene(ev.position().toPoint()))
        if -(self._data.end_s - self._data.begin_s) <= place.x():
            self.point_at(self._data.end_s + place.x(), ev.globalPosition().toPoint())

    def leaveEvent(self, ev: QEvent) -> None:
        super().leaveEvent(ev)
        self.point_at(None)

    def focusOutEvent(self, ev: QEvent) -> None:
        super().focusOutEvent(ev)
        self.point_at(None)

    def keyPressEvent(self, ev: QKeyEvent) -> None:
        """Left and right go through time, page up and down from mark to mark."""
        data = self._data
        if data is None:
            return
        step_s = (data.end_s - data.begin_s) / KEY_STEPS
        at_s = data.end_s if self._cursor_s is None else self._cursor_s
        places = [group.at_s for group in self._groups]
        match ev.key():
            case Qt.Key.Key_Left:
                at_s -= step_s
            case Qt.Key.Key_Right:
                at_s += step_s
            case Qt.Key.Key_Home:
                at_s = data.begin_s
            case Qt.Key.Key_End:
                at_s = data.end_s
            case Qt.Key.Key_PageUp:
                at_s = max((place for place in places if place < at_s - 1), default=at_s)
            case Qt.Key.Key_PageDown:
                at_s = min((place for place in places if place > at_s + 1), default=at_s)
            case _:
                ev.ignore()
                return
        at_s = min(max(at_s, data.begin_s), data.end_s)
        spot = self._view.mapViewToScene(QPointF(at_s - data.end_s, self._sizes.total_mib / 2))
        self.point_at(at_s, self.mapToGlobal(self.mapFromScene(spot)))

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        super().drawForeground(painter, rect)
        if self.hasFocus():
            painter.setPen(QPen(Theme.get().color("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.viewport().rect()).adjusted(1, 1, -1, -1), 6, 6)

    def wheelEvent(self, ev: QEvent) -> None:
        """The panel around it scrolls."""
        ev.ignore()

    def _on_view_resized(self) -> None:
        """Which marks and labels fit depends on the room."""
        if self._data is not None:
            self.show_data(self._data, self._offset_s)

    def _view_box(self) -> pg.ViewBox:
        box = pg.ViewBox(enableMenu=False, enableMouse=False, defaultPadding=0)
        box.disableAutoRange()
        box.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        return box

    def _build(self) -> None:
        layout = self.ci.layout
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.addItem(self._sizes, 0, 0)
        self.addItem(self._view, 0, 1)
        self.addItem(self._degrees, 1, 0)
        self.addItem(self._warm_view, 1, 1)
        self.addItem(self._clock, 2, 1)
        self._sizes.linkToView(self._view)
        self._degrees.linkToView(self._warm_view)
        self._clock.linkToView(self._view)
        for axis in (self._sizes, self._degrees):
            axis.setWidth(LEFT_PX)
        self._clock.setHeight(BOTTOM_PX)
        layout.setRowFixedHeight(1, WARMTH_PX)
        order = (self._grid, self._others, self._writer, self._maker, self._ghost, self._lines)
        for depth, item in enumerate((*order, self._cursor, self._marks)):
            item.setZValue(depth)
            self._view.addItem(item, ignoreBounds=True)
        for item in (self._slowed, self._warmth):
            self._warm_view.addItem(item, ignoreBounds=True)
        self._view.sigResized.connect(self._on_view_resized)

    def _use_theme(self) -> None:
        theme = Theme.get()
        for bands, tone in (
            (self._others, "chart_other"),
            (self._writer, "chart_writer"),
            (self._maker, "chart_maker"),
        ):
            bands.set_look(theme.color(tone))
        self._warmth.set_look(theme.color("muted"), 36)
        self._slowed.set_look(theme.color("failed"), 150)
        for axis in (self._clock, self._sizes, self._degrees):
            axis.setStyle(
                tickFont=theme.font(Scale.SMALL),
                tickLength=0,
                tickTextOffset=4,
                autoExpandTextSpace=False,
                autoReduceTextSpace=False,
                hideOverlappingLabels=LABEL_OVERHANG_PX,
            )
            axis.setTextPen(theme.color("muted"))
            axis.setPen(None)
        if self._data is not None:
            self.show_data(self._data, self._offset_s)

    def _show_layers(self, data: ChartData) -> None:
        pieces: tuple[list[Run], list[Run], list[Run]] = ([], [], [])
        for run in data.layers:
            at = [moment - data.end_s for moment in run.at_s]
            for piece, (lower, upper) in zip(pieces, _edges(run), strict=True):
                piece.append((at, lower, upper))
        for bands, piece in zip((self._others, self._writer, self._maker), pieces, strict=True):
            bands.show_runs(piece)

    def _show_warmth(self, data: ChartData) -> None:
        runs: list[Run] = []
        for run in data.warmth:
            at = [moment - data.end_s for moment in run.at_s]
            runs.append((at, [COOL_C] * len(at), [min(max(c, COOL_C), HOT_C) for c in run.celsius]))
        self._warmth.show_runs(runs)
        shown = bool(runs) and not self._is_small
        self.ci.layout.setRowFixedHeight(1, WARMTH_PX if shown else 0)
        for item in (self._degrees, self._warm_view):
            item.setVisible(shown)
        self._slowed.show_runs(
            ([slow.begin_s - data.end_s, slow.end_s - data.end_s], [COOL_C] * 2, [HOT_C] * 2)
            for slow in data.slowed
        )

    def _show_marks(self, data: ChartData, total: float) -> None:
        theme = Theme.get()
        self._groups = grouped(data.marks, self._seconds_per_px() * APART_PX)
        height = total * (1 + HEADROOM_PART / 2)
        spots = []
        for group in self._groups:
            color = theme.color(TONES[group.kind])
            hollow = group.kind is MarkKind.STAGE
            spots.append(
                {
                    "pos": (group.at_s - data.end_s, height),
                    "symbol": SYMBOLS[group.kind],
                    "size": MARK_PX - 2 if hollow else MARK_PX,
                    "pen": pen_of(color),
                    "brush": theme.color("surface") if hollow else color,
                }
            )
        self._marks.setData(spots=spots)

    def _show_lines(self, data: ChartData, total: float) -> None:
        theme = Theme.get()
        left, right = data.begin_s - data.end_s, (data.end_s - data.begin_s) * AHEAD_PART
        faint, firm = pen_of(theme.color("border"), 1), pen_of(theme.color("outline"), 1)
        grid = [
            (QLineF(left, amount, right, amount), faint)
            for amount in self._sizes.amounts(self._view.height())
        ]
        self._grid.show_lines([*grid, (QLineF(left, total, right, total), firm)])
        lines = [(QLineF(0, 0, 0, total), firm)]
        for group in self._groups:
            if group.kind is not MarkKind.STAGE:
                x = group.at_s - data.end_s
                pen = pen_of(theme.color(TONES[group.kind]), 1, Qt.PenStyle.DotLine)
                lines.append((QLineF(x, 0, x, total), pen))
        if data.outlook.ceiling_mib is not None:
            pen = pen_of(theme.color("warn"), 1.5)
            pen.setDashPattern([5, 3])
            height = data.outlook.ceiling_mib
            lines.append((QLineF(left, height, right, height), pen))
        self._lines.show_lines(lines)

    def _show_ghost(self, data: ChartData, ahead_s: float) -> None:
        work, stays = data.outlook.next, data.outlook.stays_mib
        if work is None or work.need.high_mib <= 0:
            self._ghost.show_box(QRectF(), 0.0, 0.0)
            return
        is_script = work.stage.stage is StageName.SCRIPT
        self._ghost.set_color(Theme.get().color("chart_writer" if is_script else "chart_maker"))
        box = QRectF(ahead_s * 0.15, stays, ahead_s * 0.75, work.need.likely_mib)
        self._ghost.show_box(box, stays + work.need.low_mib, stays + work.need.high_mib)

    def _seconds_per_px(self) -> float:
        (left, right), _ = self._view.viewRange()
        return float(right - left) / max(1.0, float(self._view.width()))

    def point_at(self, at_s: float | None, place: QPoint | None = None) -> None:
        """Tell about a moment at a place on the screen; None ends it."""
        self._cursor_s = at_s
        if at_s is None or self._data is None or place is None:
            self._cursor.show_lines([])
            QToolTip.hideText()
            return
        x = min(at_s, self._data.end_s) - self._data.end_s
        pen = pen_of(Theme.get().color("text"), 1)
        self._cursor.show_lines([(QLineF(x, 0, x, self._sizes.total_mib), pen)])
        text = self.told(at_s)
        self.setAccessibleDescription(text)
        QToolTip.showText(place, plain_tool_tip(text), self)


def _edges(run: Layers) -> tuple[tuple[list[float], list[float]], ...]:
    """Lower and upper edge of each layer, the others' first."""
    middle = [one + other for one, other in zip(run.others, run.script_writer, strict=True)]
    return ([0.0] * len(run.at_s), run.others), (run.others, middle), (middle, run.used)
