"""What happens, line by line, bounded; newest last."""

import time
from collections import deque
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    QTimer,
)
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStackedWidget,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from vidgen_gui.controller.job_view import JobView
from vidgen_gui.core.job import JobState
from vidgen_gui.core.messages import Message
from vidgen_gui.core.text import truncate
from vidgen_gui.ui import labels, words
from vidgen_gui.ui.icons import icon_pixmap
from vidgen_gui.ui.job_delegate import STATE_LOOKS
from vidgen_gui.ui.parts import column, plain_tool_tip, row, text_label
from vidgen_gui.ui.theme import GRID_PX, Scale, Theme

MAX_LINES = 500
MAX_TITLE = 80
ICON_PX = 14
LINE_ROLE = Qt.ItemDataRole.UserRole + 1
_ROOT = QModelIndex()
AnyIndex = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """One line; ``icon`` and ``tone`` say of what kind it is."""

    at: float
    icon: str
    tone: str
    text: str


class ActivityModel(QAbstractListModel):
    """The last lines of the activity."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: deque[ActivityLine] = deque()

    def add(self, line: ActivityLine) -> None:
        if len(self._lines) >= MAX_LINES:
            self.beginRemoveRows(_ROOT, 0, 0)
            self._lines.popleft()
            self.endRemoveRows()
        end = len(self._lines)
        self.beginInsertRows(_ROOT, end, end)
        self._lines.append(line)
        self.endInsertRows()

    def rowCount(self, parent: AnyIndex = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._lines):
            return None
        line = self._lines[index.row()]
        if role == LINE_ROLE:
            return line
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{labels.moment(line.at)} {line.text}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tool_tip(line.text)
        return None


class _LineDelegate(QStyledItemDelegate):
    """Time, icon and text in one line; drawn plain."""

    def _metrics(self) -> QFontMetrics:
        return QFontMetrics(Theme.get().font(Scale.SMALL))

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        return QSize(200, max(3 * GRID_PX, self._metrics().height() + 6))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        line: ActivityLine = index.data(LINE_ROLE)
        theme = Theme.get()
        mirrored = option.direction is Qt.LayoutDirection.RightToLeft
        metrics = self._metrics()
        box: QRect = option.rect.adjusted(2 * GRID_PX, 0, -2 * GRID_PX, 0)
        time_px = metrics.horizontalAdvance("00:00 AM") + GRID_PX

        def at(left: int, width: int) -> QRect:
            if mirrored:
                left = box.width() - left - width
            return QRect(box.left() + left, box.top(), width, box.height())

        side = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
        flags = side | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute
        painter.save()
        painter.setFont(theme.font(Scale.SMALL))
        painter.setPen(theme.color("muted"))
        painter.drawText(at(0, time_px), flags, labels.moment(line.at))
        ratio = painter.device().devicePixelRatioF()
        glyph = icon_pixmap(line.icon, ICON_PX, ratio, theme.color(line.tone))
        spot = at(time_px, ICON_PX)
        painter.drawPixmap(spot.left(), spot.center().y() - ICON_PX // 2 + 1, glyph)
        painter.setPen(theme.color("text"))
        left = time_px + ICON_PX + GRID_PX
        rest = at(left, max(0, box.width() - left))
        text = metrics.elidedText(line.text, Qt.TextElideMode.ElideRight, rest.width())
        painter.drawText(rest, flags, text)
        painter.restore()


class ActivityPanel(QWidget):
    """The bottom dock. Notices come in as messages, jobs by comparing their states."""

    def __init__(self) -> None:
        super().__init__()
        self.model = ActivityModel(self)
        self._states: dict[str, JobState] = {}
        self._list = QListView()
        self._list.setModel(self.model)
        self._list.setItemDelegate(_LineDelegate(self._list))
        self._list.setUniformItemSizes(True)
        self._list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setAccessibleName(self.tr("Activity"))
        empty = text_label(self.tr("What VidGen does is told here, line by line."), "muted")
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedWidget()
        self._stack.addWidget(empty)
        self._stack.addWidget(self._list)
        self.setLayout(column(row(self._stack), margin=(0, GRID_PX // 2, 0, GRID_PX // 2)))
        Theme.get().changed.connect(self._list.viewport().update)
        # Once for all lines of a turn: each time, the list lays itself out anew.
        self._follow = QTimer(self, singleShot=True, interval=0)
        self._follow.timeout.connect(self._list.scrollToBottom)

    def say(self, message: Message) -> None:
        """Tell a notice."""
        self._add("info", "accent", words.sentence(message))

    def load(self, views: list[JobView]) -> None:
        """Remember where jobs stand, without a word about it."""
        self._states = {view.id: view.state for view in views}

    def forget(self, job_ids: list[str]) -> None:
        for job_id in job_ids:
            self._states.pop(job_id, None)

    def follow(self, view: JobView) -> None:
        """Tell it when a job's state has changed."""
        before = self._states.get(view.id)
        self._states[view.id] = view.state
        if before is view.state:
            return
        text = self._sentence(view, before)
        if text:
            icon, tone = STATE_LOOKS[view.state]
            self._add(icon, tone, text)

    def sizeHint(self) -> QSize:
        return QSize(640, 112)

    def minimumSizeHint(self) -> QSize:
        return QSize(256, 7 * GRID_PX)

    def _sentence(self, view: JobView, before: JobState | None) -> str:
        if view.state is JobState.WAITING and before is not None:
            return ""
        why = words.sentence(view.failure) if view.failure is not None else ""
        templates = {
            JobState.WAITING: self.tr("“{title}” is in the queue"),
            JobState.RUNNING: self.tr("“{title}” is being made"),
            JobState.DONE: self.tr("“{title}” is done"),
            JobState.FAILED: self.tr("“{title}” failed: {why}"),
            JobState.SCRIPT_READY: self.tr("“{title}” waits for you to read its script"),
            JobState.PAUSED: self.tr("“{title}” is paused"),
            JobState.CANCELLED: self.tr("“{title}” is cancelled"),
        }
        return templates[view.state].format(title=truncate(view.title, MAX_TITLE), why=why)

    def _add(self, icon: str, tone: str, text: str) -> None:
        bar = self._list.verticalScrollBar()
        follows = bar.value() >= bar.maximum() - GRID_PX
        self.model.add(ActivityLine(time.time(), icon, tone, text))
        self._stack.setCurrentIndex(1)
        if follows:
            self._follow.start()
