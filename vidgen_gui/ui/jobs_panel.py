"""The left dock: quick-add field, filter, the list of videos, and the bar that undoes removing."""

from typing import Any

from PySide6.QtCore import QModelIndex, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QLineEdit, QStackedWidget, QWidget

from vidgen_gui.controller.job_view import JobView
from vidgen_gui.core.job import JobState
from vidgen_gui.core.messages import Message
from vidgen_gui.ui import words
from vidgen_gui.ui.empty_state import EmptyState, Examples
from vidgen_gui.ui.fitting import Shrinking
from vidgen_gui.ui.icons import bind_icon
from vidgen_gui.ui.job_actions import JobActions
from vidgen_gui.ui.job_list import ACTIVE_STATES, JobListView
from vidgen_gui.ui.parts import column, plain_widget, push_button, row
from vidgen_gui.ui.quick_add import QuickAdd
from vidgen_gui.ui.theme import GRID_PX
from vidgen_gui.ui.thumbnails import Thumbnails
from vidgen_gui.ui.undo_bar import UndoBar

FILTER_DELAY_MS = 150
PAGES = 2
EMPTY_LEAST = QSize(300, 160)
FEW = 100
"""Past so many selected jobs, actions are looked at when the menu opens, not at each change."""


class JobsPanel(QWidget):
    """Shows the jobs of ``controller.job_model`` and lets them be chosen and changed."""

    current_changed = Signal(object)
    """The `JobView` to show beside the list, or None."""
    action_triggered = Signal(str, list)
    """A key of `JobActions` and the jobs it is meant for."""
    rows_shown = Signal(list)
    """The `JobView` of every row on the screen, some time after scrolling or changes."""

    def __init__(self, controller: Any, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._controller = controller
        self._model = controller.job_model
        self._select_next_added = False
        self.list = JobListView(self._model, thumbnails, self)
        self.actions_ = JobActions(self.list)
        self.quick_add = QuickAdd(controller)
        self.first_add = QuickAdd(controller)
        self.undo_bar = UndoBar()
        self._stack = QStackedWidget()
        self._empty = self._build_empty()
        self._stack.addWidget(Shrinking(self._empty, EMPTY_LEAST))
        self._stack.addWidget(self._build_list_page())
        self.setLayout(column(self._stack))
        self._connect()
        self._on_count_changed()

    def focus_topic(self) -> None:
        """Put the cursor into the quick-add field that is shown."""
        (self.first_add if self.is_empty else self.quick_add).setFocus()

    def focus_filter(self) -> None:
        if not self.is_empty:
            self.search.setFocus()
            self.search.selectAll()

    @property
    def is_empty(self) -> bool:
        return self._stack.currentIndex() == 0

    def _build_empty(self) -> QWidget:
        examples = Examples(
            [
                self.tr("The quiet power of morning walks"),
                self.tr("Why the sea is salty"),
                self.tr("How a jet engine breathes"),
            ]
        )
        examples.chosen.connect(self.first_add.use)
        return EmptyState(
            "vidgen",
            self.tr("No videos yet"),
            self.tr(
                "Type a topic. A minute later you have a finished video with script, "
                "voice, pictures, music and captions, made on this computer."
            ),
            plain_widget(column(self.first_add, GRID_PX, examples)),
        )

    def _build_list_page(self) -> QWidget:
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search"))
        self.search.setAccessibleName(self.tr("Search videos"))
        self.search.setClearButtonEnabled(True)
        glass = QAction(self.search)
        bind_icon(glass, "search", "muted")
        self.search.addAction(glass, QLineEdit.ActionPosition.LeadingPosition)
        self.states = QComboBox()
        self.states.setAccessibleName(self.tr("Show videos by state"))
        for text, wanted in (
            (self.tr("All"), None),
            (self.tr("In the queue"), ACTIVE_STATES),
            (self.tr("Done"), frozenset({JobState.DONE})),
            (self.tr("Failed"), frozenset({JobState.FAILED, JobState.CANCELLED})),
        ):
            self.states.addItem(text, wanted)
        self._rows = QStackedWidget()
        self._rows.addWidget(self.list)
        clear = push_button(self.tr("Show all videos"))
        clear.clicked.connect(self.clear_filter)
        centred = plain_widget(row(-1, clear, -1))
        nothing = EmptyState(
            "search",
            self.tr("Nothing matches"),
            self.tr("No video has these words or this state."),
            centred,
        )
        self._rows.addWidget(Shrinking(nothing, EMPTY_LEAST))
        filters = row(self.search, self.states)
        filters.setStretch(0, 1)
        wide, side = 2 * GRID_PX, GRID_PX
        head = column(self.quick_add, filters, margin=(wide, wide, wide, 0))
        foot = column(self.undo_bar, margin=(side, 0, side, side))
        return plain_widget(column(head, self._rows, foot))

    def _connect(self) -> None:
        self._filter_timer = QTimer(self)
        self._filter_timer.setSingleShot(True)
        self._filter_timer.setInterval(FILTER_DELAY_MS)
        self._filter_timer.timeout.connect(self._apply_filter)
        self.search.textChanged.connect(self._on_search_changed)
        self.states.currentIndexChanged.connect(self._apply_filter)
        for added in (self.quick_add, self.first_add):
            added.submitted.connect(self.submit)
        rows = self.list.filter
        for signal in (rows.rowsInserted, rows.rowsRemoved, rows.modelReset, rows.layoutChanged):
            signal.connect(self._on_count_changed)
        self._model.rowsInserted.connect(self._on_rows_added)
        self._model.modelReset.connect(self._on_count_changed)
        self._model.dataChanged.connect(self._on_data_changed)
        self.list.selection_changed.connect(self._on_selection_changed)
        self.list.selectionModel().currentChanged.connect(self._on_current_changed)
        self.list.doubleClicked.connect(self._on_double_clicked)
        self.list.customContextMenuRequested.connect(self._on_menu_requested)
        self.list.move_requested.connect(self._on_move_requested)
        self.actions_.triggered.connect(self.action_triggered)
        self._rows_timer = QTimer(self)
        self._rows_timer.setSingleShot(True)
        self._rows_timer.setInterval(FILTER_DELAY_MS)
        self._rows_timer.timeout.connect(self._tell_rows)
        self.list.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    def submit(self, specs: list[Any]) -> None:
        """Hand new jobs over; the first of them is selected when it appears."""
        self._select_next_added = True
        self._controller.submit(specs)

    def show_failure(self, message: Message) -> None:
        """Say, instead of the list, why there is none and nothing can be made."""
        advice = words.advice(message) or ""
        page = EmptyState("circle-alert", words.reason(message), advice)
        self._stack.addWidget(page)
        self._stack.setCurrentWidget(page)

    def clear_filter(self) -> None:
        self.search.clear()
        self.states.setCurrentIndex(0)
        self._apply_filter()

    def _on_search_changed(self) -> None:
        self._filter_timer.start()

    def _apply_filter(self) -> None:
        self._filter_timer.stop()
        self.list.filter.set_text(self.search.text())
        self.list.filter.set_states(self.states.currentData())
        self._on_count_changed()

    def _on_count_changed(self) -> None:
        had_focus = self.first_add.field.hasFocus()
        if self._stack.count() > PAGES:
            return
        empty = self._model.rowCount() == 0
        self._stack.setCurrentIndex(0 if empty else 1)
        self._rows.setCurrentIndex(0 if empty or self.list.filter.rowCount() else 1)
        if had_focus and not empty:
            self.quick_add.setFocus()
        self._rows_timer.start()

    def _on_scrolled(self) -> None:
        if not self._rows_timer.isActive():
            self._rows_timer.start()

    def _tell_rows(self) -> None:
        views = self.list.shown_views()
        if views:
            self.rows_shown.emit(views)

    def _on_rows_added(self, _parent: QModelIndex, first: int, _last: int) -> None:
        if self._select_next_added:
            self._select_next_added = False
            self._on_count_changed()
            view = self._model.views()[first]
            self.list.select(view.id)

    def _on_data_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        if len(self.list.selectionModel().selectedRows()) <= FEW:
            self._on_selection_changed()
        self._rows_timer.start()
        current = self.list.filter.mapToSource(self.list.currentIndex())
        if current.isValid() and first.row() <= current.row() <= last.row():
            self.current_changed.emit(self.list.current_view())

    def _on_selection_changed(self) -> None:
        self.actions_.set_selection(self.list.selected_views())

    def _on_current_changed(self) -> None:
        self.current_changed.emit(self.list.current_view())

    def _on_double_clicked(self) -> None:
        view: JobView | None = self.list.current_view()
        if view is not None:
            self.action_triggered.emit("open", [view])

    def _on_menu_requested(self, position: Any) -> None:
        self._on_selection_changed()
        if self.list.selected_views():
            menu = self.actions_.menu(self.list)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.list.viewport().mapToGlobal(position))

    def _on_move_requested(self, ids: list[str], before: str | None) -> None:
        self._controller.move(ids, before)
