"""The job list's view and what stands between it and the model: filter, words, keyboard."""

import html

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from vidgen_gui.controller.job_model import VIEW_ROLE, JobModel
from vidgen_gui.controller.job_view import JobView
from vidgen_gui.core.job import JobState
from vidgen_gui.core.text import clean_text
from vidgen_gui.ui import words
from vidgen_gui.ui.delivered_labels import delivered_text
from vidgen_gui.ui.job_delegate import JobDelegate, spoken_text, status_text
from vidgen_gui.ui.thumbnails import Thumbnails

ACTIVE_STATES = frozenset(
    {JobState.WAITING, JobState.RUNNING, JobState.PAUSED, JobState.SCRIPT_READY}
)


class JobFilter(QSortFilterProxyModel):
    """Rows whose words contain what was typed and whose state is wanted."""

    def __init__(self, model: JobModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = model
        self._words: list[str] = []
        self._states: frozenset[JobState] | None = None
        self.setSourceModel(model)

    def set_text(self, text: str) -> None:
        wanted = clean_text(text, keep_lines=False).casefold().split()
        if wanted != self._words:
            self._words = wanted
            self.invalidate()

    def set_states(self, states: frozenset[JobState] | None) -> None:
        """Show only these states; None shows all."""
        if states != self._states:
            self._states = states
            self.invalidate()

    @property
    def is_filtering(self) -> bool:
        return bool(self._words) or self._states is not None

    def filterAcceptsRow(
        self, source_row: int, source_parent: QModelIndex | QPersistentModelIndex
    ) -> bool:
        if not self._words and self._states is None:
            return True
        if self._states is not None and self._jobs.view_at(source_row).state not in self._states:
            return False
        if not self._words:
            return True
        text = self._jobs.search_text(source_row)
        return all(word in text for word in self._words)

    def views_between(self, first: int, last: int) -> list[JobView]:
        """The jobs in these rows, as many as there are."""
        rows = range(first, last + 1)
        if not self.is_filtering:
            return [self._jobs.view_at(row) for row in rows]
        sources = (self.mapToSource(self.index(row, 0)).row() for row in rows)
        return [self._jobs.view_at(row) for row in sources]

    def data(
        self,
        index: QModelIndex | QPersistentModelIndex,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            view = super().data(index, VIEW_ROLE)
            if isinstance(view, JobView):
                if role == Qt.ItemDataRole.AccessibleTextRole:
                    return spoken_text(view)
                return _tool_tip(view)
        return super().data(index, role)


def _tool_tip(view: JobView) -> str:
    """Title, state and advice as text that Qt cannot take for markup."""
    lines = [view.title, status_text(view)]
    told = view.failure or view.question
    advice = words.advice(told) if told is not None else None
    if advice:
        lines.append(advice)
    if told_of_video := delivered_text(view):
        lines.append(told_of_video)
    return "<p style='white-space:pre-wrap'>" + html.escape("\n".join(lines)) + "</p>"


class JobListView(QListView):
    """Rows of jobs; many can be selected, dragged and moved with Alt and the arrow keys."""

    move_requested = Signal(list, object)
    """Ids to move and the id they go before (None: the end)."""
    selection_changed = Signal()

    def __init__(self, model: JobModel, thumbnails: Thumbnails, parent: QWidget) -> None:
        super().__init__(parent)
        self._jobs = model
        self.filter = JobFilter(model, self)
        self.setModel(self.filter)
        self.setItemDelegate(JobDelegate(thumbnails, self))
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalScrollBar().setSingleStep(24)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        self.setDropIndicatorShown(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName(self.tr("Videos"))
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)
        model.reorder_requested.connect(self.move_requested)
        thumbnails.loaded.connect(self._on_thumbnail_loaded)

    def selected_views(self) -> list[JobView]:
        """The selected jobs in the order shown."""
        chosen = self.selectionModel().selection().toList()
        blocks = sorted((one.top(), one.bottom()) for one in chosen)
        return [view for block in blocks for view in self.filter.views_between(*block)]

    def current_view(self) -> JobView | None:
        index = self.currentIndex()
        return index.data(VIEW_ROLE) if index.isValid() else None

    def shown_views(self) -> list[JobView]:
        """The jobs whose rows are on the screen."""
        view = self.viewport().rect()
        first = self.indexAt(view.topLeft())
        if not first.isValid():
            return []
        last = self.indexAt(view.bottomLeft())
        end = last.row() if last.isValid() else self.filter.rowCount() - 1
        rows = range(first.row(), end + 1)
        return [self.filter.index(row, 0).data(VIEW_ROLE) for row in rows]

    def select(self, job_id: str) -> None:
        """Select one job alone and scroll to it; nothing happens when it is filtered out."""
        row = self._jobs.row(job_id)
        if row is None:
            return
        index = self.filter.mapFromSource(self._jobs.index(row))
        if index.isValid():
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.selectionModel().setCurrentIndex(index, flags)
            self.scrollTo(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.AltModifier and event.key() in (
            Qt.Key.Key_Up,
            Qt.Key.Key_Down,
        ):
            self._move_selection(up=event.key() == Qt.Key.Key_Up)
            event.accept()
            return
        super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(440, 480)

    def _move_selection(self, *, up: bool) -> None:
        ids = [view.id for view in self.selected_views()]
        rows = sorted(index.row() for index in self.selectionModel().selectedIndexes())
        if not rows:
            return
        target = rows[0] - 1 if up else rows[-1] + 2
        if target < 0 or (not up and rows[-1] + 1 >= self.filter.rowCount()):
            return
        before = self.filter.index(target, 0).data(VIEW_ROLE)
        self.move_requested.emit(ids, before.id if before is not None else None)

    def _on_selection_changed(self) -> None:
        self.selection_changed.emit()

    def _on_thumbnail_loaded(self, _path: str) -> None:
        self.viewport().update()
