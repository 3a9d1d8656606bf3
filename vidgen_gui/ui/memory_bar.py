"""Paints what a picture needs of a card's memory: at least, at most, and where the room ends."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from vidgen_gui.core.plan import Plan
from vidgen_gui.ui.plan_fit import Fit, fit
from vidgen_gui.ui.theme import Theme

BAR_PX = 8
MARK_PX = 14
_BAND_ALPHA = 0.4
_TONES = {Fit.TIGHT: "warn", Fit.SHORT: "failed"}


@dataclass(frozen=True, slots=True)
class MemoryBar:
    """A need and the room for it in MiB; ``scale_mib`` is the bar's whole width.

    A longer need ends where the bar ends. ``available_mib`` None: nobody knows the room, and the
    bar only shows the need.
    """

    low_mib: float
    high_mib: float
    available_mib: float | None
    scale_mib: float
    tone: str = "accent"

    @classmethod
    def of(cls, plan: Plan, scale_mib: float) -> "MemoryBar | None":
        """The first rung's bar; None where there is nothing to show."""
        standing, need = fit(plan), plan.first.need
        if standing is Fit.NO_NEED or need.high_mib <= 0 or scale_mib <= 0:
            return None
        tone = _TONES.get(standing, "accent")
        return cls(need.low_mib, need.high_mib, plan.available_mib, scale_mib, tone)

    def paint(self, painter: QPainter, rect: QRectF, *, mirrored: bool) -> None:
        """Fill ``rect``: solid up to the least need, pale up to the most, a mark at the room."""
        theme = Theme.get()
        bar = QRectF(rect.left(), rect.center().y() - BAR_PX / 2, rect.width(), BAR_PX)
        painter.save()
        if mirrored:
            painter.translate(2 * rect.center().x(), 0)
            painter.scale(-1, 1)
        whole = _rounded(bar)
        painter.setClipPath(whole)
        self._paint_room(painter, bar)
        strong = theme.color(self.tone)
        pale = QColor(strong)
        pale.setAlphaF(_BAND_ALPHA)
        low, high = self._x(bar, self.low_mib), self._x(bar, self.high_mib)
        painter.fillRect(QRectF(bar.left(), bar.top(), low - bar.left(), BAR_PX), strong)
        painter.fillRect(QRectF(low, bar.top(), high - low, BAR_PX), pale)
        painter.setClipping(False)
        if self.available_mib is not None:
            self._paint_mark(painter, rect, bar)
        painter.restore()

    def _paint_room(self, painter: QPainter, bar: QRectF) -> None:
        """What is there as a ground; what lies beyond it as a mere line."""
        ground = Theme.get().color("border")
        end = bar.right() if self.available_mib is None else self._x(bar, self.available_mib)
        painter.fillRect(QRectF(bar.left(), bar.top(), end - bar.left(), BAR_PX), ground)
        beyond = max(end, self._x(bar, self.high_mib))
        painter.fillRect(QRectF(beyond, bar.center().y() - 1, bar.right() - beyond, 2), ground)

    def _paint_mark(self, painter: QPainter, rect: QRectF, bar: QRectF) -> None:
        x = min(self._x(bar, self.available_mib or 0.0), bar.right() - 1)
        top = rect.center().y() - MARK_PX / 2
        pen = QPen(Theme.get().color("text"), 2)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawLine(round(x), round(top), round(x), round(top + MARK_PX))

    def _x(self, bar: QRectF, mib: float) -> float:
        return bar.left() + bar.width() * min(1.0, mib / self.scale_mib)


def _rounded(rect: QRectF) -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(rect, rect.height() / 2, rect.height() / 2)
    return path
