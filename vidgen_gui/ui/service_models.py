"""Which model a server is to use: what it offers, what is chosen, and a chosen one that is gone."""

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from vidgen_gui.core.service import ServiceKind, ServiceName, ServiceView
from vidgen_gui.ui import service_labels
from vidgen_gui.ui.icons import icon
from vidgen_gui.ui.parts import Glyph, column, push_button, row, text_label
from vidgen_gui.ui.theme import GRID_PX, ICON_PX, Theme, set_role

MAX_MODELS = 2000
FEW = 8
"""Up to so many models need no filter."""
_NAME_ROLE = Qt.ItemDataRole.UserRole + 1


class ModelsPage(QWidget):
    """A choice takes effect at once; emits ``start_requested`` where the model is a file."""

    start_requested = Signal()

    def __init__(self, controller: Any, name: ServiceName, setting: str) -> None:
        super().__init__()
        self._controller = controller
        self._name = name
        self._setting = setting
        self._view = ServiceView(name)
        self._shown: tuple[object, ...] = ()
        self._blank = _blank_icon()
        self._hint = text_label(role="muted", wrap=True)
        self._note, self._note_text = _note()
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(self.tr("Search"))
        self.filter.setAccessibleName(self.tr("Search models"))
        self.filter.setClearButtonEnabled(True)
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Models"))
        self.list.setUniformItemSizes(True)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        set_role(self.list, "boxed")
        self.use = push_button(self.tr("Use this one"), "check")
        self.to_start = push_button(self.tr("Choose a model file…"), "folder-open")
        self.refresh = push_button(self.tr("Ask again"), "refresh-cw")
        self.setLayout(self._build_layout())
        self.filter.textChanged.connect(self._filter)
        self.list.itemActivated.connect(self._on_item_activated)
        self.list.currentItemChanged.connect(self._refresh_button)
        self.use.clicked.connect(self._use_current)
        self.to_start.clicked.connect(self.start_requested)
        self.refresh.clicked.connect(controller.services.refresh)
        controller.settings_changed.connect(self._on_settings_changed)
        Theme.get().changed.connect(self._on_theme_changed)

    @property
    def chosen(self) -> str:
        """The model that is set; empty leaves it to the server."""
        return str(self._controller.settings.value(self._setting))

    def names(self) -> list[str]:
        """What is listed, without the first line that leaves the choice to VidGen."""
        items = [self.list.item(line) for line in range(self.list.count())]
        return [name for item in items if (name := item.data(_NAME_ROLE))]

    def show_view(self, view: ServiceView) -> None:
        self._view = view
        shown = (view.models, view.model, view.kind, view.state, self.chosen)
        if shown != self._shown:
            self._shown = shown
            self._fill()

    def _build_layout(self) -> QVBoxLayout:
        buttons = row(self.use, self.to_start, self.refresh, -1)
        return column(self._hint, self._note, self.filter, self.list, buttons)

    def _fill(self) -> None:
        view, models = self._view, self._view.models[:MAX_MODELS]
        current = self._current_name()
        self.list.clear()
        if models:
            self._add_item("", self.tr("Whichever is there"))
        for model in models:
            self._add_item(model, service_labels.one_line(model))
        self._select(current if current is not None else self.chosen)
        self.list.setVisible(bool(models))
        self.filter.setVisible(len(models) > FEW)
        self.use.setVisible(bool(models))
        self.to_start.setVisible(view.kind is ServiceKind.LLAMA_SERVER)
        self._hint.setText(self._explain())
        missing = self.chosen if models and self.chosen and self.chosen not in models else ""
        self._note.setVisible(bool(missing))
        if missing:
            self._note_text.setText(self._explain_missing(missing))
        self._filter(self.filter.text())
        self._refresh_button()

    def _add_item(self, name: str, text: str) -> None:
        marks = []
        if name and name == self._view.model:
            marks.append(self.tr("in use"))
        item = QListWidgetItem(" · ".join((text, *marks)))
        item.setData(_NAME_ROLE, name)
        is_chosen = name == self.chosen
        item.setIcon(icon("check", "accent") if is_chosen else self._blank)
        spoken = self.tr("{0}, chosen").format(item.text()) if is_chosen else item.text()
        item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
        self.list.addItem(item)

    def _explain(self) -> str:
        if not self._view.models:
            if self._view.state in service_labels.USABLE:
                return self._explain_none()
            return self.tr("The list comes from the server. Start it to choose from what it has.")
        if self._view.kind is ServiceKind.LLAMA_SERVER:
            return self.tr("llama-server has the one model that it was started with.")
        if self._name is ServiceName.IMAGE_MAKER:
            return self.tr(
                "The checkpoints that ComfyUI has. Pictures are made with the chosen one."
            )
        return self.tr("The models that the server has. Scripts are written by the chosen one.")

    def _explain_none(self) -> str:
        if self._name is ServiceName.IMAGE_MAKER:
            return self.tr(
                "ComfyUI has no checkpoint. Put one (SD 1.5 or SDXL) into its folder "
                "models/checkpoints, then ask again."
            )
        return self.tr("The server has no model. Load one there, then ask again.")

    def _explain_missing(self, name: str) -> str:
        name = service_labels.one_line(name)
        if self._name is ServiceName.IMAGE_MAKER:
            return self.tr(
                "ComfyUI does not have “{0}”. Choose one that it has, or put the file into its "
                "folder models/checkpoints and ask again."
            ).format(name)
        return self.tr(
            "The server does not have “{0}”. Choose one that it has, or load it there and ask "
            "again."
        ).format(name)

    def _current_name(self) -> str | None:
        item = self.list.currentItem()
        return str(item.data(_NAME_ROLE)) if item is not None else None

    def _select(self, name: str) -> None:
        for line in range(self.list.count()):
            if self.list.item(line).data(_NAME_ROLE) == name:
                self.list.setCurrentRow(line)
                return

    def _filter(self, text: str) -> None:
        wanted = text.casefold().split()
        for line in range(self.list.count()):
            item = self.list.item(line)
            name = str(item.data(_NAME_ROLE)).casefold()
            item.setHidden(not all(word in name for word in wanted))

    def _refresh_button(self) -> None:
        current = self._current_name()
        self.use.setEnabled(current is not None and current != self.chosen)

    def _use_current(self) -> None:
        current = self._current_name()
        if current is not None and current != self.chosen:
            self._controller.services.choose_model(self._name, current)

    def _on_item_activated(self, _item: QListWidgetItem) -> None:
        self._use_current()

    def _on_settings_changed(self, _settings: object) -> None:
        self.show_view(self._view)

    def _on_theme_changed(self) -> None:
        self._fill()


def _blank_icon() -> QIcon:
    """Keeps the names under each other where there is no mark."""
    pixmap = QPixmap(ICON_PX, ICON_PX)
    pixmap.fill(Qt.GlobalColor.transparent)
    return QIcon(pixmap)


def _note() -> tuple[QFrame, QLabel]:
    text = text_label(wrap=True)
    glyph = Glyph("triangle-alert", "warn")
    layout = row(glyph, text, margin=GRID_PX)
    layout.setAlignment(glyph, Qt.AlignmentFlag.AlignTop)
    layout.setStretch(1, 1)
    frame = QFrame()
    set_role(frame, "note")
    frame.setLayout(layout)
    frame.hide()
    return frame, text
