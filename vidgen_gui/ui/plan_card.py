"""The card of one quality: what is delivered, how it is made here, what that needs, how long."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy

from vidgen_gui.ui.cards import DOT_PX, Card
from vidgen_gui.ui.icons import icon_pixmap
from vidgen_gui.ui.memory_bar import MemoryBar
from vidgen_gui.ui.theme import GRID_PX, Scale

BAR_WIDTH_PX = 104
SIGN_PX = 14
_LEFT_PX = 2 * GRID_PX + DOT_PX + GRID_PX * 3 // 2


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What a card shows besides its title.

    ``spoken`` is more that only a screen reader says; ``bar`` None where no memory is needed.
    """

    size: str
    time: str = ""
    how: str = ""
    need: str = ""
    bar: MemoryBar | None = None
    warning: bool = False
    pauses: str = ""
    badge: str = ""
    spoken: str = ""


class PlanCard(Card):
    """Three lines: title and size, how and time, memory and the script writer.

    Args:
        sentence: what the quality is good for; a tool tip and a screen reader say it.
    """

    def __init__(self, title: str, sentence: str) -> None:
        super().__init__()
        self._title = title
        self._sentence = sentence
        self.facts = CardFacts("")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(sentence)
        self.set_facts(self.facts)

    def set_facts(self, facts: CardFacts) -> None:
        self.facts = facts
        parts = (
            self._title,
            facts.badge,
            facts.size,
            facts.how,
            facts.time,
            facts.need,
            facts.pauses,
            facts.spoken,
            self._sentence,
        )
        self.setAccessibleName(", ".join(dict.fromkeys(part for part in parts if part)))
        self.update()

    def sizeHint(self) -> QSize:
        title, small = self._metrics()
        return QSize(336, title.height() + 2 * max(small.height(), SIGN_PX) + 4 * GRID_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(232, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        x = 2 * GRID_PX + DOT_PX / 2
        mirrored = self._mirrored
        self._paint_dot(painter, QPointF(self.width() - x if mirrored else x, self.height() / 2))
        title, small = self._metrics()
        line = max(small.height(), SIGN_PX)
        lines = 2 if self.facts.need else 1
        top = (self.height() - title.height() - lines * (line + 2)) / 2
        self._paint_title(painter, top, title, small)
        top += title.height() + 2
        self._paint_how(painter, top, small, line)
        self._paint_memory(painter, top + line + 2, small, line)
        painter.end()

    @property
    def _mirrored(self) -> bool:
        return self.layoutDirection() is Qt.LayoutDirection.RightToLeft

    def _metrics(self) -> tuple[QFontMetrics, QFontMetrics]:
        bold = QFontMetrics(self._theme.font(Scale.BODY, bold=True))
        return bold, QFontMetrics(self._theme.font(Scale.SMALL))

    @property
    def _room_px(self) -> int:
        return self.width() - _LEFT_PX - 2 * GRID_PX

    def _box(self, left: float, top: float, width: float, height: float) -> QRectF:
        x = self.width() - left - width if self._mirrored else left
        return QRectF(x, top, width, height)

    def _write(self, painter: QPainter, box: QRectF, text: str, *, far: bool = False) -> None:
        right = far is not self._mirrored
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        flags = side | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute
        metrics = QFontMetrics(painter.font())
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, round(box.width()) + 1)
        painter.drawText(box, flags, shown)

    def _paint_title(
        self, painter: QPainter, top: float, title: QFontMetrics, small: QFontMetrics
    ) -> None:
        facts = self.facts
        painter.setFont(self._theme.font(Scale.BODY, bold=True))
        painter.setPen(self._theme.color("text"))
        width = title.horizontalAdvance(self._title) + 1
        self._write(painter, self._box(_LEFT_PX, top, width, title.height()), self._title)
        painter.setFont(self._theme.font(Scale.BODY))
        size = QFontMetrics(painter.font()).horizontalAdvance(facts.size) + 1
        far = self._box(_LEFT_PX + self._room_px - size, top, size, title.height())
        self._write(painter, far, facts.size, far=True)
        if facts.badge:
            left = _LEFT_PX + width + GRID_PX
            height = small.height() + 2
            pill = self._box(
                left,
                top + (title.height() - height) / 2,
                min(
                    small.horizontalAdvance(facts.badge) + 2 * GRID_PX,
                    self._room_px - width - size - 2 * GRID_PX,
                ),
                height,
            )
            self._paint_pill(painter, pill, facts.badge)

    def _paint_pill(self, painter: QPainter, pill: QRectF, text: str) -> None:
        path = QPainterPath()
        path.addRoundedRect(pill, pill.height() / 2, pill.height() / 2)
        painter.fillPath(path, self._theme.color("accent"))
        painter.setFont(self._theme.font(Scale.SMALL))
        painter.setPen(self._theme.color("accent_text"))
        metrics = QFontMetrics(painter.font())
        room = round(pill.width()) - GRID_PX
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, shown)

    def _paint_how(self, painter: QPainter, top: float, small: QFontMetrics, height: int) -> None:
        painter.setFont(self._theme.font(Scale.SMALL))
        painter.setPen(self._theme.color("muted"))
        time = small.horizontalAdvance(self.facts.time) + 1 if self.facts.time else 0
        room = self._room_px - (time + 2 * GRID_PX if time else 0)
        self._write(painter, self._box(_LEFT_PX, top, room, height), self.facts.how)
        if time:
            box = self._box(_LEFT_PX + self._room_px - time, top, time, height)
            self._write(painter, box, self.facts.time, far=True)

    def _paint_memory(
        self, painter: QPainter, top: float, small: QFontMetrics, height: int
    ) -> None:
        facts = self.facts
        left = float(_LEFT_PX)
        if facts.bar is not None:
            width = min(BAR_WIDTH_PX, self._room_px // 3)
            box = self._box(left, top, width, height)
            facts.bar.paint(painter, box, mirrored=self._mirrored)
            left += width + GRID_PX
        painter.setFont(self._theme.font(Scale.SMALL))
        painter.setPen(self._theme.color("warn" if facts.warning else "muted"))
        room = _LEFT_PX + self._room_px - left
        self._write(painter, self._box(left, top, room, height), facts.need)
        if not facts.pauses:
            return
        used = small.horizontalAdvance(facts.need) + 2 * GRID_PX
        width = small.horizontalAdvance(facts.pauses) + SIGN_PX + 5
        if used + SIGN_PX > room:
            return
        left = max(left + used, _LEFT_PX + self._room_px - width)
        sign = self._box(left, top + (height - SIGN_PX) / 2, SIGN_PX, SIGN_PX)
        color = self._theme.color("muted")
        glyph = icon_pixmap("circle-pause", SIGN_PX, self.devicePixelRatioF(), color)
        painter.drawPixmap(sign.topLeft(), glyph)
        painter.setPen(color)
        left += SIGN_PX + 4
        room = _LEFT_PX + self._room_px - left
        self._write(painter, self._box(left, top, room, height), facts.pauses)
