"""An editor for names in an order: dragged, or moved by keys and buttons; each can be left out."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem

from vidgen_gui.ui.parts import column, row, tool_button
from vidgen_gui.ui.setting_editors import Editor
from vidgen_gui.ui.theme import GRID_PX, set_role

LINE_PX = 4 * GRID_PX
_KEY = Qt.ItemDataRole.UserRole
_MOVES = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class OrderEditor(Editor):
    """All names in their usual order with all of them used is the empty value.

    Args:
        names: key and words of each, in the usual order. Keys that a value has beside these are
            kept, at the end.
    """

    def __init__(self, names: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._names = dict(names)
        self._usual = tuple(self._names)
        self.list = QListWidget()
        set_role(self.list, "boxed")
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.list.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.installEventFilter(self)
        self.list.setToolTip(self.tr("Drag lines, or move them with Alt and the arrow keys."))
        self.list.setAccessibleDescription(self.list.toolTip())
        self.up = tool_button("arrow-up", self.tr("Earlier"), shortcut="Alt+↑")
        self.down = tool_button("arrow-down", self.tr("Later"), shortcut="Alt+↓")
        self.setLayout(row(self.list, column(self.up, self.down, -1, spacing=GRID_PX // 2)))
        self.setFocusProxy(self.list)
        self.up.clicked.connect(lambda: self._move(-1))
        self.down.clicked.connect(lambda: self._move(1))
        self.list.itemChanged.connect(self._on_ticked)
        self.list.model().rowsMoved.connect(self._on_changed)
        self.list.currentRowChanged.connect(self._refresh_buttons)
        self.set_value(())

    def value(self) -> object:
        items = [self.list.item(at) for at in range(self.list.count())]
        chosen = tuple(
            item.data(_KEY) for item in items if item.checkState() is Qt.CheckState.Checked
        )
        return () if chosen == self._usual else chosen

    def set_value(self, value: object) -> None:
        given = [str(one) for one in value] if isinstance(value, list | tuple) else []
        left_out = [name for name in self._usual if name not in given]
        self.list.blockSignals(True)
        self.list.clear()
        for name in given or self._usual:
            self._add(name, used=True)
        if given:
            for name in left_out:
                self._add(name, used=False)
        self.list.blockSignals(False)
        self.list.setFixedHeight(self.list.count() * LINE_PX + 2 * 4 + 2)
        self.list.setCurrentRow(0)
        self._refresh_buttons()

    def set_name(self, name: str) -> None:
        self.list.setAccessibleName(name)
        for button in (self.up, self.down):
            words = button.accessibleName().partition(":")[0]
            button.setAccessibleName(f"{words}: {name}")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Alt with an arrow moves the current line."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            by = _MOVES.get(Qt.Key(event.key()), 0)
            if by and event.modifiers() & Qt.KeyboardModifier.AltModifier:
                self._move(by)
                return True
        return super().eventFilter(watched, event)

    def _add(self, key: str, *, used: bool) -> None:
        item = QListWidgetItem(self._names.get(key, key))
        item.setData(_KEY, key)
        item.setFlags(
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsUserCheckable
            | Qt.ItemFlag.ItemIsDragEnabled
        )
        item.setCheckState(Qt.CheckState.Checked if used else Qt.CheckState.Unchecked)
        item.setSizeHint(QSize(0, LINE_PX))
        self.list.addItem(item)

    def _move(self, by: int) -> None:
        here = self.list.currentRow()
        there = here + by
        if here < 0 or not 0 <= there < self.list.count():
            return
        self.list.blockSignals(True)
        item = self.list.takeItem(here)
        self.list.insertItem(there, item)
        self.list.setCurrentRow(there)
        self.list.blockSignals(False)
        self._on_changed()

    def _on_ticked(self, item: QListWidgetItem) -> None:
        ticks = [self.list.item(at).checkState() for at in range(self.list.count())]
        if Qt.CheckState.Checked not in ticks:
            # Without any there would be nothing to try.
            item.setCheckState(Qt.CheckState.Checked)
            return
        self._on_changed()

    def _on_changed(self) -> None:
        self._refresh_buttons()
        self.edited.emit()

    def _refresh_buttons(self) -> None:
        here = self.list.currentRow()
        self.up.setEnabled(here > 0)
        self.down.setEnabled(0 <= here < self.list.count() - 1)
