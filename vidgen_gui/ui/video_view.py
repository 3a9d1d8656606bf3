"""Where a video is seen: the frame or its still, the safe-zone overlay, a sentence when it can't.

The frames are painted by this widget rather than by QVideoWidget, whose native surface lets
nothing be drawn above it; a 1440×2560 frame costs about 10 ms on the processor, 720×1280 2 ms.
"""

from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from vidgen_gui.core.quality import Aspect
from vidgen_gui.core.safe_zone import SAFE_ZONES
from vidgen_gui.ui.icons import icon_pixmap
from vidgen_gui.ui.theme import GRID_PX, RADIUS_PX, Scale, Theme

PLAY_DISC_PX = 64


class VideoView(QWidget):
    """Shows frames fitted into the widget; a click or Space toggles playing."""

    toggled = Signal()
    fullscreen_toggled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._theme = Theme.get()
        self._frame: Any = None
        self._still: QPixmap | None = None
        self._aspect = Aspect.PORTRAIT
        self._shows_safe_zone = False
        self._shows_play = False
        self._sentence = ""
        self._theme.changed.connect(self.update)
        self.setMinimumSize(160, 96)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Video"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def set_aspect(self, aspect: Aspect) -> None:
        self._aspect = aspect
        self.update()

    def set_frame(self, frame: Any) -> None:
        """Show a QVideoFrame; None goes back to the still."""
        self._frame = frame
        self.update()

    def set_still(self, still: QPixmap | None) -> None:
        """What is seen before the first frame."""
        self._still = still
        self.update()

    def set_safe_zone(self, *, shown: bool) -> None:
        self._shows_safe_zone = shown
        self.update()

    def set_play_hint(self, *, shown: bool) -> None:
        """The large play sign over a video that stands still."""
        self._shows_play = shown
        self.update()

    def set_sentence(self, text: str) -> None:
        """Say why nothing can be seen; empty shows the video again."""
        self._sentence = text
        self.setAccessibleDescription(text)
        self.update()

    @property
    def sentence(self) -> str:
        return self._sentence

    @property
    def has_frame(self) -> bool:
        return self._frame is not None

    def picture_rect(self) -> QRectF:
        """Where the video lies in the widget."""
        width, height = self._size_px()
        scale = min(self.width() / width, self.height() / height)
        shown = QRectF(0, 0, width * scale, height * scale)
        shown.moveCenter(QRectF(self.rect()).center())
        return shown

    def sizeHint(self) -> QSize:
        return QSize(360, 560)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        rect = self.picture_rect()
        clip = QPainterPath()
        radius = 0 if self.window().isFullScreen() else RADIUS_PX
        clip.addRoundedRect(rect, radius, radius)
        painter.setClipPath(clip)
        painter.fillRect(rect, self._theme.color("stage"))
        if self._sentence:
            self._paint_sentence(painter, rect)
        else:
            self._paint_picture(painter, rect)
            if self._shows_safe_zone:
                self._paint_safe_zone(painter, rect)
            if self._shows_play:
                self._paint_play(painter, rect)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setFocus()
            self.toggled.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.fullscreen_toggled.emit()

    def _size_px(self) -> tuple[float, float]:
        if self._frame is not None:
            size = self._frame.size()
            if size.width() > 0 and size.height() > 0:
                return size.width(), size.height()
        return self._aspect.ratio, 1.0

    def _paint_picture(self, painter: QPainter, rect: QRectF) -> None:
        if self._frame is not None:
            image = self._frame.toImage()
            painter.drawImage(rect, image)
        elif self._still is not None and not self._still.isNull():
            painter.drawPixmap(rect, self._still, QRectF(self._still.rect()))

    def _paint_safe_zone(self, painter: QPainter, rect: QRectF) -> None:
        zone = SAFE_ZONES[self._aspect]
        inner = QRectF(
            rect.left() + zone.left * rect.width(),
            rect.top() + zone.top * rect.height(),
            rect.width() * (1 - zone.left - zone.right),
            rect.height() * (1 - zone.top - zone.bottom),
        )
        outside = QPainterPath()
        outside.addRect(rect)
        hole = QPainterPath()
        hole.addRect(inner)
        painter.fillPath(outside.subtracted(hole), QColor(0, 0, 0, 120))
        painter.setPen(QPen(QColor(255, 255, 255, 220), 1, Qt.PenStyle.DashLine))
        painter.drawRect(inner)
        painter.setFont(self._theme.font(Scale.SMALL))
        painter.setPen(QColor(255, 255, 255))
        top = QRectF(rect.left(), rect.top(), rect.width(), inner.top() - rect.top())
        bottom = QRectF(rect.left(), inner.bottom(), rect.width(), rect.bottom() - inner.bottom())
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(top, flags, self.tr("Tabs lie here"))
        painter.drawText(bottom, flags, self.tr("Names and buttons lie here"))

    def _paint_play(self, painter: QPainter, rect: QRectF) -> None:
        disc = QRectF(0, 0, PLAY_DISC_PX, PLAY_DISC_PX)
        disc.moveCenter(rect.center())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 150))
        painter.drawEllipse(disc)
        glyph = icon_pixmap("play", 28, self.devicePixelRatioF(), QColor("#ffffff"))
        painter.drawPixmap(int(disc.center().x() - 13), int(disc.center().y() - 14), glyph)

    def _paint_sentence(self, painter: QPainter, rect: QRectF) -> None:
        painter.setFont(self._theme.font(Scale.BODY))
        metrics = QFontMetrics(painter.font())
        glyph = icon_pixmap("circle-alert", 24, self.devicePixelRatioF(), QColor("#ffffff"))
        top = rect.center().y() - 24 - metrics.height()
        painter.drawPixmap(int(rect.center().x() - 12), int(top), glyph)
        painter.setPen(QColor("#ffffff"))
        box = rect.adjusted(2 * GRID_PX, 0, -2 * GRID_PX, 0)
        box.setTop(top + 24 + GRID_PX)
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        painter.drawText(box, flags | Qt.TextFlag.TextWordWrap, self._sentence)
