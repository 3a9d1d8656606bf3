"""The job list as a Qt model: rows in queue order, changes handed to views ten times a second."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise
from operator import attrgetter
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)

from vidgen_gui.controller.job_view import JobView

FLUSH_INTERVAL_MS = 100
MANY_CHANGES = 50
"""Past this many separate blocks one reset is cheaper than telling each."""
MIME_TYPE = "application/x-vidgen-jobs"
VIEW_ROLE = Qt.ItemDataRole.UserRole + 1

AnyIndex = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_position = attrgetter("position")


class JobModel(QAbstractListModel):
    """Every job that is not removed, ordered by ``JobView.position``.

    Adding, removing and moving happen at once; mere changes of a row (progress, state) are
    collected and flushed together, so that a busy batch never floods the view.
    """

    reorder_requested = Signal(list, object)
    """The ids that were dragged, in row order, and the id they go before (None: the end)."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[JobView] = []
        self._row_of: dict[str, int] = {}
        self._search: dict[str, str] = {}
        self._pending: dict[str, JobView] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(FLUSH_INTERVAL_MS)
        self._timer.timeout.connect(self.flush)

    def load(self, views: Iterable[JobView]) -> None:
        """Replace everything."""
        self.beginResetModel()
        self._pending.clear()
        self._search.clear()
        self._rows = sorted(views, key=_position)
        self._reindex(0)
        self.endResetModel()

    def add(self, views: Sequence[JobView]) -> None:
        """Insert rows where their positions say; an id that is already there is updated."""
        fresh = []
        for view in sorted(views, key=_position):
            if view.id in self._row_of:
                self.update(view)
            else:
                fresh.append(view)
        if not fresh:
            return
        first = bisect_left(self._rows, fresh[0].position, key=_position)
        if first == bisect_left(self._rows, fresh[-1].position, key=_position):
            self._insert(first, fresh)
            return
        for view in fresh:
            self._insert(bisect_left(self._rows, view.position, key=_position), [view])

    def update(self, view: JobView) -> None:
        """Note a changed row; views hear of it with the next flush. Unknown ids are ignored."""
        if view.id in self._row_of:
            self._pending[view.id] = view
            if not self._timer.isActive():
                self._timer.start()

    def remove(self, ids: Iterable[str]) -> None:
        """Take rows out, in blocks; unknown ids are ignored."""
        rows = sorted(self._row_of[job_id] for job_id in set(ids) if job_id in self._row_of)
        runs = _runs(rows)
        if len(runs) > MANY_CHANGES:
            gone = set(rows)
            self.load(v for row, v in enumerate(self._current()) if row not in gone)
            return
        for first, last in reversed(runs):
            self.beginRemoveRows(_ROOT, first, last)
            for view in self._rows[first : last + 1]:
                self._row_of.pop(view.id)
                self._search.pop(view.id, None)
                self._pending.pop(view.id, None)
            del self._rows[first : last + 1]
            self._reindex(first)
            self.endRemoveRows()

    def flush(self) -> None:
        """Hand collected changes to the views now."""
        self._timer.stop()
        pending, self._pending = self._pending, {}
        moves = sum(self._rows[self._row_of[i]].position != v.position for i, v in pending.items())
        if moves > MANY_CHANGES:
            self.load([pending.get(view.id, view) for view in self._rows])
            return
        moved = []
        rows = []
        for job_id, view in pending.items():
            row = self._row_of[job_id]
            if self._rows[row].position != view.position:
                moved.append(view)
                continue
            self._replace(row, view)
            rows.append(row)
        for first, last in _runs(sorted(rows)):
            self.dataChanged.emit(self.index(first), self.index(last))
        for view in moved:
            self._move(view)

    def view(self, job_id: str) -> JobView | None:
        """The newest known state of a job, flushed or not."""
        row = self._row_of.get(job_id)
        return self._pending.get(job_id) or (self._rows[row] if row is not None else None)

    def row(self, job_id: str) -> int | None:
        return self._row_of.get(job_id)

    def views(self) -> list[JobView]:
        """All jobs in queue order, as the view shows them."""
        return list(self._rows)

    def view_at(self, row: int) -> JobView:
        """The job in a row, without Qt's way round by an index: for looking at thousands."""
        return self._rows[row]

    def search_text(self, row: int) -> str:
        """What a search looks through in a row, case-folded."""
        return self._search_text(self._rows[row])

    def rowCount(self, parent: AnyIndex = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        view = self._rows[index.row()]
        if role == VIEW_ROLE:
            return view
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return view.title
        return None

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        return (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsDragEnabled
            | Qt.ItemFlag.ItemNeverHasChildren
        )

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [MIME_TYPE]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        ids = [self._rows[row].id for row in sorted({index.row() for index in indexes})]
        data = QMimeData()
        data.setData(MIME_TYPE, "\n".join(ids).encode())
        return data

    def dropMimeData(
        self,
        data: QMimeData,
        action: Qt.DropAction,
        row: int,
        column: int,
        parent: AnyIndex,
    ) -> bool:
        """Ask for the new order; the rows move when the queue has agreed.

        Always answers False: Qt would otherwise remove the dragged rows itself.
        """
        if action == Qt.DropAction.MoveAction and data.hasFormat(MIME_TYPE):
            ids = bytes(data.data(MIME_TYPE).data()).decode().split("\n")
            target = parent.row() if row < 0 and parent.isValid() else row
            self.reorder_requested.emit(ids, self._id_from(target, set(ids)))
        return False

    def _current(self) -> list[JobView]:
        return [self._pending.get(view.id, view) for view in self._rows]

    def _id_from(self, row: int, skipped: set[str]) -> str | None:
        if row < 0:
            return None
        return next((v.id for v in self._rows[row:] if v.id not in skipped), None)

    def _insert(self, row: int, views: Sequence[JobView]) -> None:
        self.beginInsertRows(_ROOT, row, row + len(views) - 1)
        self._rows[row:row] = views
        self._reindex(row)
        self.endInsertRows()

    def _move(self, view: JobView) -> None:
        source = self._row_of[view.id]
        others = self._rows[:source] + self._rows[source + 1 :]
        target = bisect_left(others, view.position, key=_position)
        if target == source:
            self._replace(source, view)
            self.dataChanged.emit(self.index(source), self.index(source))
            return
        # Qt counts the destination with the moving row still in its old place.
        self.beginMoveRows(_ROOT, source, source, _ROOT, target + (target > source))
        others.insert(target, view)
        self._rows = others
        self._search.pop(view.id, None)
        self._reindex(min(source, target))
        self.endMoveRows()

    def _replace(self, row: int, view: JobView) -> None:
        if self._rows[row].title != view.title:
            self._search.pop(view.id, None)
        self._rows[row] = view

    def _reindex(self, first: int) -> None:
        if first == 0:
            self._row_of.clear()
        for row in range(first, len(self._rows)):
            self._row_of[self._rows[row].id] = row

    def _search_text(self, view: JobView) -> str:
        text = self._search.get(view.id)
        if text is None:
            text = f"{view.title}\n{view.spec.topic}\n{view.quality.slug}".casefold()
            self._search[view.id] = text
        return text


def _runs(rows: list[int]) -> list[tuple[int, int]]:
    """Group sorted row numbers into inclusive runs of neighbours."""
    if not rows:
        return []
    breaks = [i for i, (a, b) in enumerate(pairwise(rows), start=1) if b != a + 1]
    edges = [0, *breaks, len(rows)]
    return [(rows[a], rows[b - 1]) for a, b in pairwise(edges)]
