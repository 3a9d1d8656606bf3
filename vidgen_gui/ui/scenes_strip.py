"""The strip under the player: one piece a scene, as wide as it is long; a click jumps there.

What has no room is reached by scrolling; the scene that is played is always in sight.
"""

from bisect import bisect_right
from itertools import accumulate, pairwise
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from vidgen_gui.ui import labels
from vidgen_gui.ui.parts import plain_tool_tip
from vidgen_gui.ui.theme import RADIUS_PX, Scale, Theme
from vidgen_gui.ui.thumbnails import Thumbnails

HEIGHT_PX = 56
GAP_PX = 4
MIN_PIECE_PX = 24
DIGIT_PX = 8
"""A piece is this much wider for each digit of the scenes' numbers past the second."""
WHEEL_STEP_PX = 96
WHEEL_NOTCH = 120
"""What Qt tells for one notch, in eighths of a degree."""


class ScenesStrip(QWidget):
    """Scenes of a finished video; Left and Right go from scene to scene, the wheel scrolls."""

    jump_requested = Signal(float)
    """Seconds from the start of the video."""

    def __init__(self, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._theme = Theme.get()
        self._thumbnails = thumbnails
        self._starts_s: tuple[float, ...] = ()
        self._texts: tuple[str, ...] = ()
        self._pictures: tuple[Path, ...] = ()
        self._duration_s = 0.0
        self._current = 0
        self._edges_px: list[int] = [0]
        self._scrolled_px = 0
        self.setFixedHeight(HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._theme.changed.connect(self.update)
        thumbnails.loaded.connect(self._on_thumbnail_loaded)
        self._describe()

    def set_scenes(
        self,
        starts_s: tuple[float, ...],
        duration_s: float,
        texts: tuple[str, ...] = (),
        pictures: tuple[Path, ...] = (),
    ) -> None:
        """Show these scenes; fewer than two hide the strip."""
        self._starts_s = starts_s
        self._duration_s = max(duration_s, *starts_s, 0.001) if starts_s else 0.001
        self._texts = texts
        self._pictures = pictures
        self._current = 0
        self.setVisible(len(starts_s) > 1)
        self._lay_out()
        self._describe()
        self.update()

    def set_position(self, position_s: float) -> None:
        current = max(0, bisect_right(self._starts_s, position_s + 0.001) - 1)
        if current != self._current:
            self._choose(current)

    @property
    def current(self) -> int:
        return self._current

    def pieces(self) -> list[QRect]:
        """Where each scene lies; proportional, but never too narrow to be hit."""
        return [
            QRect(left - self._scrolled_px, 0, right - left - GAP_PX, self.height())
            for left, right in pairwise(self._edges_px)
        ]

    def _lay_out(self) -> None:
        count = len(self._starts_s)
        least_px = MIN_PIECE_PX + DIGIT_PX * max(0, len(str(count)) - 2)
        lengths = [b - a for a, b in pairwise((*self._starts_s, self._duration_s))]
        room = max(0, self.width() - GAP_PX * (count - 1) - least_px * count)
        total = sum(lengths) or 1.0
        edges = accumulate(
            (least_px + room * length / total + GAP_PX for length in lengths[:count]), initial=0.0
        )
        self._edges_px = [round(edge) for edge in edges]
        self._bring_into_sight()

    def _bring_into_sight(self) -> None:
        """Scroll no further than it takes to see the current scene and a bit of its neighbours."""
        if not self._starts_s:
            self._scrolled_px = 0
            return
        left, right = self._edges_px[self._current : self._current + 2]
        self._scroll_to(
            max(min(self._scrolled_px, left - HEIGHT_PX), right + HEIGHT_PX - self.width())
        )

    def _scroll_to(self, wanted_px: int) -> None:
        most_px = self._edges_px[-1] - GAP_PX - self.width()
        scrolled_px = max(0, min(wanted_px, most_px))
        if scrolled_px != self._scrolled_px:
            self._scrolled_px = scrolled_px
            self.update()

    def _choose(self, number: int) -> None:
        self._current = number
        self._bring_into_sight()
        self._describe()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, HEIGHT_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._theme.font(Scale.SMALL, bold=True))
        for number, rect in enumerate(self.pieces()):
            # A picture that is not seen is not read either.
            if rect.intersects(self.rect()):
                self._paint_piece(painter, number, rect)
        painter.end()

    def _paint_piece(self, painter: QPainter, number: int, rect: QRect) -> None:
        path = QPainterPath()
        path.addRoundedRect(QRectF(rect), RADIUS_PX - 2, RADIUS_PX - 2)
        painter.fillPath(path, self._theme.color("raised"))
        picture = None
        if number < len(self._pictures):
            ratio = self.devicePixelRatioF()
            picture = self._thumbnails.get(self._pictures[number], rect.size(), ratio)
        if picture is not None and not picture.isNull():
            painter.save()
            painter.setClipPath(path)
            painter.drawPixmap(rect, picture)
            painter.restore()
        digits = len(str(number + 1))
        label = QRectF(rect.left() + 4, rect.top() + 4, 20 + DIGIT_PX * max(0, digits - 2), 18)
        pill = QPainterPath()
        pill.addRoundedRect(label, 6, 6)
        is_current = number == self._current
        painter.fillPath(pill, self._theme.color("accent" if is_current else "stage"))
        painter.setPen(self._theme.color("accent_text") if is_current else QColor("#ffffff"))
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, str(number + 1))
        if is_current:
            painter.setPen(QPen(self._theme.color("accent"), 3 if self.hasFocus() else 2))
            painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), 6, 6)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self._scene_at(event.position().toPoint())
        if number is not None:
            self._jump(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        target = self._current + step
        if 0 <= target < len(self._starts_s):
            self._jump(target)

    def wheelEvent(self, event: QWheelEvent) -> None:
        pixels, turned = event.pixelDelta(), event.angleDelta()
        if not pixels.isNull():
            moved = pixels.x() or pixels.y()
        else:
            moved = round((turned.x() or turned.y()) / WHEEL_NOTCH * WHEEL_STEP_PX)
        self._scroll_to(self._scrolled_px - moved)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay_out()
        super().resizeEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()
        super().focusOutEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            number = self._scene_at(event.pos())
            text = self._tip(number) if number is not None else ""
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def _tip(self, number: int) -> str:
        text = f"{number + 1} · {labels.clock(self._starts_s[number])}"
        if number < len(self._texts):
            text += f"\n{self._texts[number]}"
        return plain_tool_tip(text)

    def _scene_at(self, point: QPoint) -> int | None:
        return next((n for n, rect in enumerate(self.pieces()) if rect.contains(point)), None)

    def _jump(self, number: int) -> None:
        self._choose(number)
        self.jump_requested.emit(self._starts_s[number])

    def _describe(self) -> None:
        text = self.tr("Scenes: {0} of {1}").format(self._current + 1, len(self._starts_s))
        self.setAccessibleName(text)

    def _on_thumbnail_loaded(self, path: str) -> None:
        if any(str(picture) == path for picture in self._pictures):
            self.update()
