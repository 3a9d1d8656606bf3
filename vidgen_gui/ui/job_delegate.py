"""Paints one row of the job list: picture, title, quality, stages, progress, state."""

from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from vidgen_gui.controller.job_model import VIEW_ROLE
from vidgen_gui.controller.job_view import JobView, StageState, StageView
from vidgen_gui.core.job import JobState
from vidgen_gui.ui import labels, words
from vidgen_gui.ui.delivered_labels import delivered_badge, delivered_text
from vidgen_gui.ui.icons import icon_pixmap
from vidgen_gui.ui.theme import GRID_PX, RADIUS_PX, Scale, Theme
from vidgen_gui.ui.thumbnails import Thumbnails

THUMB = QSize(56, 72)
SMALL_ICON_PX = 12
STATE_ICON_PX = 14
BAR_PX = 6

STATE_LOOKS = {
    JobState.WAITING: ("clock", "muted"),
    JobState.RUNNING: ("circle-play", "accent"),
    JobState.PAUSED: ("circle-pause", "warn"),
    JobState.SCRIPT_READY: ("file-text", "warn"),
    JobState.DONE: ("circle-check", "done"),
    JobState.FAILED: ("circle-alert", "failed"),
    JobState.CANCELLED: ("ban", "muted"),
}
_STAGE_LOOKS = {
    StageState.WAITING: (None, "muted"),
    StageState.RUNNING: ("circle-dashed", "accent"),
    StageState.DONE: ("check", "done"),
    StageState.REUSED: ("check", "done"),
    StageState.FAILED: ("x", "failed"),
}
SHOWS_STAGES = frozenset(
    {JobState.RUNNING, JobState.PAUSED, JobState.SCRIPT_READY, JobState.FAILED}
)


def status_text(view: JobView) -> str:
    """The state in words, with what matters about it now."""
    name = labels.state_name(view.state)
    parts = [name]
    if view.state is JobState.FAILED and view.failure is not None:
        return f"{name}: {words.reason(view.failure)}"
    if view.state is JobState.PAUSED and view.question is not None:
        return f"{name}: {words.reason(view.question)}"
    if view.state is JobState.RUNNING:
        parts = [labels.percent(view.fraction)]
        if view.eta_s is not None:
            parts.append(labels.time_left(view.eta_s))
    elif view.state is JobState.PAUSED and view.fraction > 0:
        parts.append(labels.percent(view.fraction))
    elif view.state is JobState.DONE:
        if view.duration_s is not None:
            parts.append(labels.clock(view.duration_s))
        if view.finished_at is not None:
            parts.append(labels.moment(view.finished_at))
    return " · ".join(parts)


def facts_text(view: JobView) -> str:
    """What was asked for, in one line."""
    parts = [labels.aspect_name(view.aspect), str(view.spec.frame_size)]
    if view.state is JobState.DONE and view.elapsed_s is not None:
        parts.append(labels.made_in(view.elapsed_s))
    return " · ".join(parts)


def spoken_text(view: JobView) -> str:
    """The whole row for a screen reader."""
    state = labels.state_name(view.state)
    parts = [view.title, labels.quality_name(view.quality), state]
    detail = status_text(view)
    if detail != state:
        parts.append(detail)
    if told := delivered_text(view):
        parts.append(told)
    return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where things lie in one row, for left-to-right; `at` mirrors for right-to-left."""

    row: QRect
    mirrored: bool
    selected: bool

    @property
    def ground(self) -> str:
        """The colour of small areas on the row, apart from the row's own."""
        return "surface" if self.selected else "raised"

    def at(self, x: int, y: int, width: int, height: int) -> QRect:
        if self.mirrored:
            x = self.row.left() + self.row.right() + 1 - x - width
        return QRect(x, y, width, height)


class JobDelegate(QStyledItemDelegate):
    """Draws rows from `JobView`; all text is drawn plain."""

    def __init__(self, thumbnails: Thumbnails, parent: QWidget) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._theme = Theme.get()
        self._theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def _on_theme_changed(self) -> None:
        self._title_font = self._theme.font(Scale.BODY, bold=True)
        self._small_font = self._theme.font(Scale.SMALL)
        self._title = QFontMetrics(self._title_font)
        self._small = QFontMetrics(self._small_font)
        text = self._title.height() + 2 * max(self._small.height(), STATE_ICON_PX) + GRID_PX
        content = max(THUMB.height(), text)
        self._row_height = -(-(content + 3 * GRID_PX) // GRID_PX) * GRID_PX

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(320, self._row_height)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        view = index.data(VIEW_ROLE)
        if view is None:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect: QRect = option.rect
        frame = _Frame(
            rect,
            mirrored=option.direction is Qt.LayoutDirection.RightToLeft,
            selected=bool(option.state & QStyle.StateFlag.State_Selected),
        )
        self._paint_ground(painter, option)
        card = rect.adjusted(GRID_PX, GRID_PX // 2, -GRID_PX, -GRID_PX // 2)
        top = card.top() + (card.height() - THUMB.height()) // 2
        thumb = frame.at(card.left() + GRID_PX, top, THUMB.width(), THUMB.height())
        self._paint_thumbnail(painter, frame, thumb, view)
        left = card.left() + GRID_PX + THUMB.width() + GRID_PX * 3 // 2
        width = card.right() - GRID_PX - left
        self._paint_texts(painter, frame, QRect(left, card.top(), width, card.height()), view)
        painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        state: QStyle.StateFlag = option.state
        rect: QRect = option.rect
        card = QRectF(rect).adjusted(GRID_PX, GRID_PX / 2, -GRID_PX, -GRID_PX / 2)
        if state & QStyle.StateFlag.State_Selected:
            ground = "accent_soft"
        elif state & QStyle.StateFlag.State_MouseOver:
            ground = "hover"
        else:
            ground = ""
        if ground:
            path = QPainterPath()
            path.addRoundedRect(card, RADIUS_PX, RADIUS_PX)
            painter.fillPath(path, self._theme.color(ground))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(self._theme.color("accent"), 2))
            painter.drawRoundedRect(card.adjusted(1, 1, -1, -1), RADIUS_PX - 1, RADIUS_PX - 1)

    def _paint_thumbnail(
        self, painter: QPainter, frame: _Frame, rect: QRect, view: JobView
    ) -> None:
        path = QPainterPath()
        path.addRoundedRect(QRectF(rect), 6, 6)
        ratio = painter.device().devicePixelRatioF()
        picture = None
        if view.thumbnail_path is not None:
            picture = self._thumbnails.get(view.thumbnail_path, rect.size(), ratio)
        if picture is not None and not picture.isNull():
            painter.save()
            painter.setClipPath(path)
            painter.drawPixmap(rect, picture)
            painter.restore()
            return
        painter.fillPath(path, self._theme.color(frame.ground))
        glyph = icon_pixmap("film", 20, ratio, self._theme.color("outline"))
        painter.drawPixmap(rect.center().x() - 9, rect.center().y() - 9, glyph)

    def _paint_texts(self, painter: QPainter, frame: _Frame, box: QRect, view: JobView) -> None:
        line = max(self._small.height(), STATE_ICON_PX)
        total = self._title.height() + 2 * line + GRID_PX
        y = box.top() + (box.height() - total) // 2
        badges = self._paint_badges(painter, frame, box, y, view)
        painter.setFont(self._title_font)
        painter.setPen(self._theme.color("text"))
        title = frame.at(box.left(), y, box.width() - badges - GRID_PX, self._title.height())
        _draw_line(painter, title, view.title, self._title, mirrored=frame.mirrored)
        y += self._title.height() + GRID_PX // 2
        painter.setFont(self._small_font)
        if view.state in SHOWS_STAGES:
            self._paint_stages(painter, frame, QRect(box.left(), y, box.width(), line), view)
        else:
            painter.setPen(self._theme.color("muted"))
            facts = frame.at(box.left(), y, box.width(), line)
            _draw_line(painter, facts, facts_text(view), self._small, mirrored=frame.mirrored)
        y += line + GRID_PX // 2
        self._paint_status(painter, frame, QRect(box.left(), y, box.width(), line), view)

    def _paint_badges(
        self, painter: QPainter, frame: _Frame, box: QRect, y: int, view: JobView
    ) -> int:
        """The quality, and before it how it was delivered if otherwise; returns their width."""
        pills = [(labels.quality_name(view.quality), "muted")]
        if changed := delivered_badge(view):
            pills.append((changed, "warn"))
        used = 0
        for text, tone in pills:
            width = self._small.horizontalAdvance(text) + 2 * GRID_PX
            rect = frame.at(box.right() - used - width + 1, y, width, self._small.height() + 2)
            path = QPainterPath()
            path.addRoundedRect(QRectF(rect), rect.height() / 2, rect.height() / 2)
            painter.fillPath(path, self._theme.color(frame.ground))
            painter.setFont(self._small_font)
            painter.setPen(self._theme.color(tone))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
            used += width + GRID_PX // 2
        return used - GRID_PX // 2

    def _paint_stages(self, painter: QPainter, frame: _Frame, line: QRect, view: JobView) -> None:
        x = line.left()
        for stage, text in self._fitting(view.stages, line.width()):
            glyph, tone = _STAGE_LOOKS[stage.state]
            color = self._theme.color(tone)
            if glyph:
                self._paint_icon(
                    painter, frame, QRect(x, line.top(), SMALL_ICON_PX, line.height()), glyph, color
                )
                x += SMALL_ICON_PX + 4
            if text:
                painter.setPen(color if glyph != "check" else self._theme.color("muted"))
                width = self._small.horizontalAdvance(text)
                flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
                painter.drawText(frame.at(x, line.top(), width + 1, line.height()), flags, text)
                x += width
            x += GRID_PX + GRID_PX // 2

    def _fitting(self, stages: tuple[StageView, ...], width: int) -> list[tuple[StageView, str]]:
        """Stage names as far as they fit: finished ones give up theirs first, then waiting."""
        named = [(stage, labels.stage_name(stage.name)) for stage in stages]
        for give_up in (None, (StageState.DONE, StageState.REUSED), (StageState.WAITING,)):
            if give_up:
                named = [(s, "" if s.state in give_up else text) for s, text in named]
            used = sum(
                self._small.horizontalAdvance(text)
                + (SMALL_ICON_PX + 4 if _STAGE_LOOKS[stage.state][0] else 0)
                + (GRID_PX + GRID_PX // 2)
                for stage, text in named
            )
            if used <= width + GRID_PX + GRID_PX // 2:
                break
        return named

    def _paint_status(self, painter: QPainter, frame: _Frame, line: QRect, view: JobView) -> None:
        text = status_text(view)
        glyph, tone = STATE_LOOKS[view.state]
        color = self._theme.color(tone)
        if view.state is JobState.RUNNING:
            width = min(self._small.horizontalAdvance(text) + 2, line.width() * 2 // 3)
            bar = line.width() - width - GRID_PX * 3 // 2
            self._paint_bar(
                painter, frame, QRect(line.left(), line.top(), bar, line.height()), view.fraction
            )
            painter.setPen(self._theme.color("muted"))
            rect = frame.at(line.right() - width + 1, line.top(), width, line.height())
            _draw_line(painter, rect, text, self._small, mirrored=frame.mirrored)
            return
        self._paint_icon(
            painter,
            frame,
            QRect(line.left(), line.top(), STATE_ICON_PX, line.height()),
            glyph,
            color,
        )
        painter.setPen(color)
        left = line.left() + STATE_ICON_PX + 6
        _draw_line(
            painter,
            frame.at(left, line.top(), line.right() - left, line.height()),
            text,
            self._small,
            mirrored=frame.mirrored,
        )

    def _paint_bar(self, painter: QPainter, frame: _Frame, line: QRect, fraction: float) -> None:
        y = line.top() + (line.height() - BAR_PX) // 2
        radius = BAR_PX / 2
        whole = QPainterPath()
        whole.addRoundedRect(QRectF(frame.at(line.left(), y, line.width(), BAR_PX)), radius, radius)
        painter.fillPath(whole, self._theme.color("border"))
        done_px = round(line.width() * min(1.0, max(0.0, fraction)))
        if done_px:
            part = QPainterPath()
            width = max(BAR_PX, done_px)
            part.addRoundedRect(QRectF(frame.at(line.left(), y, width, BAR_PX)), radius, radius)
            painter.fillPath(part, self._theme.color("accent"))

    @staticmethod
    def _paint_icon(painter: QPainter, frame: _Frame, box: QRect, name: str, color: QColor) -> None:
        size = box.width()
        rect = frame.at(box.left(), box.top() + (box.height() - size) // 2, size, size)
        ratio = painter.device().devicePixelRatioF()
        painter.drawPixmap(rect, icon_pixmap(name, size, ratio, color))


def _draw_line(
    painter: QPainter, rect: QRect, text: str, metrics: QFontMetrics, *, mirrored: bool
) -> None:
    # Absolute: the side follows the window's direction, not each text's own.
    side = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
    flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute | side
    painter.drawText(
        rect, flags, metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    )
