"""Everything about one service: where it is, its model, how it starts, what it writes."""

import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from PySide6.QtCore import QSize, QTimer
from PySide6.QtWidgets import (
    QDialog,
    QListWidget,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from vidgen_gui.core.messages import Message
from vidgen_gui.core.service import Ownership, ServiceName, ServiceState, ServiceView
from vidgen_gui.core.settings import setting_fields
from vidgen_gui.ui import service_labels, words
from vidgen_gui.ui.consent import leave_question
from vidgen_gui.ui.fitting import WrappedLabel, resize_on_screen
from vidgen_gui.ui.parts import column, panel, push_button, row, text_label
from vidgen_gui.ui.service_addresses import AddressesPage
from vidgen_gui.ui.service_card import StateDot, dot_look
from vidgen_gui.ui.service_log import LogPage
from vidgen_gui.ui.service_models import ModelsPage
from vidgen_gui.ui.service_start import CommandBox, SettingsPage, WorkflowNote
from vidgen_gui.ui.theme import GRID_PX, set_role

PAGES_PX = 152
TICK_MS = 1000
_MODEL_SETTINGS: Mapping[ServiceName, str] = MappingProxyType(
    {
        ServiceName.SCRIPT_WRITER: "script_writer.model",
        ServiceName.IMAGE_MAKER: "image_maker.checkpoint",
    }
)
_PICTURE_SETTINGS = (
    "image_maker.workflow_file",
    "image_maker.negative_prompt",
    "image_maker.free_after",
)


class ServiceDialog(QDialog):
    """Opens on one of the pages ``addresses``, ``model``, ``pictures``, ``start`` and ``log``."""

    def __init__(
        self, controller: Any, name: ServiceName, page: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._controller = controller
        self._services = controller.services
        self._name = name
        self._view = self._current_view()
        self.setWindowTitle(service_labels.service_name(name))
        resize_on_screen(self, QSize(800, 616))
        self._build_header()
        self._build_pages()
        self.save = push_button(self.tr("Save"), role="primary")
        self.close_button = push_button(self.tr("Close"))
        self._restart_hint = text_label(role="muted", wrap=True)
        self._restart = push_button(self.tr("Restart now"), "rotate-ccw")
        self._restart.hide()
        self.setLayout(self._build_layout())
        self._connect()
        self._show_view(self._view)
        self._refresh_save()
        self.open_page(page or self._usual_page())
        self._ticker = QTimer(self)
        self._ticker.setInterval(TICK_MS)
        self._ticker.timeout.connect(self._show_facts)
        self._ticker.start()

    def open_page(self, page: str) -> None:
        """Show a page by its key."""
        self.nav.setCurrentRow(list(self._pages).index(page))

    def values(self) -> dict[str, object]:
        """What differs from the settings in force, by path."""
        settings = self._controller.settings
        edited: dict[str, object] = {}
        for page in self._edited_pages:
            edited |= page.values()
        return {path: value for path, value in edited.items() if value != settings.value(path)}

    def _current_view(self) -> ServiceView:
        views: tuple[ServiceView, ...] = self._services.views
        found = [view for view in views if view.name is self._name]
        return found[0] if found else ServiceView(self._name)

    def _usual_page(self) -> str:
        view = self._view
        died = view.state is ServiceState.UNHEALTHY and view.can_start
        return "log" if died or view.ownership is Ownership.MANAGED else "addresses"

    def _build_header(self) -> None:
        self._dot = StateDot()
        self._title = text_label(service_labels.service_name(self._name), "title")
        self._state = text_label()
        self._owner = text_label(role="badge")
        self._facts = WrappedLabel("muted")
        self._problem = WrappedLabel("failed")
        self._problem.hide()

    def _build_pages(self) -> None:
        name, controller = self._name, self._controller
        self.addresses = AddressesPage(controller, name, service_labels.SETTINGS_OF[name])
        self.models = ModelsPage(controller, name, _MODEL_SETTINGS[name])
        self.command = CommandBox()
        self.start = SettingsPage(controller, self._start_settings(), self.command)
        self.log = LogPage(self._services, name)
        self._edited_pages: list[AddressesPage | SettingsPage] = [self.addresses, self.start]
        self._pages: dict[str, QWidget] = {"addresses": self.addresses, "model": self.models}
        titles = [self.tr("Addresses"), self.tr("Model")]
        if name is ServiceName.IMAGE_MAKER:
            self.workflow = WorkflowNote(self._services)
            self.pictures = SettingsPage(controller, _PICTURE_SETTINGS)
            line = self.pictures.rows[_PICTURE_SETTINGS[0]]
            layout = line.layout()
            if isinstance(layout, QVBoxLayout):
                layout.addWidget(self.workflow)
            line.editor.edited.connect(self._on_workflow_edited)
            self._edited_pages.append(self.pictures)
            self._pages["pictures"] = self.pictures
            titles = [self.tr("Addresses"), self.tr("Checkpoint"), self.tr("Pictures")]
        self._pages |= {"start": self.start, "log": self.log}
        titles += [self.tr("Start"), self.tr("Log")]
        self._stack = QStackedWidget()
        self.nav = QListWidget()
        self.nav.setFixedWidth(PAGES_PX)
        self.nav.setAccessibleName(self.tr("Pages"))
        set_role(self.nav, "nav")
        for title, page in zip(titles, self._pages.values(), strict=True):
            self.nav.addItem(title)
            self._stack.addWidget(panel(column(page, margin=2 * GRID_PX)))

    def _start_settings(self) -> list[str]:
        """What the other pages don't show, the switch for the whole service first."""
        group = service_labels.SETTINGS_OF[self._name]
        elsewhere = {f"{group}.url", f"{group}.fallback_urls", _MODEL_SETTINGS[self._name]}
        elsewhere |= {f"{group}.needs_key", *_PICTURE_SETTINGS}
        return [
            path
            for path in setting_fields()
            if path.startswith(f"{group}.") and path not in elsewhere
        ]

    def _build_layout(self) -> QVBoxLayout:
        head = row(self._dot, self._title, GRID_PX, self._state, self._owner, -1)
        body = row(self.nav, self._stack, spacing=2 * GRID_PX)
        body.setStretch(1, 1)
        foot = row(self._restart_hint, self._restart, self.close_button, self.save)
        foot.setStretch(0, 1)
        layout = column(
            head, self._facts, self._problem, GRID_PX // 2, body, foot, margin=2 * GRID_PX
        )
        layout.setStretch(4, 1)
        return layout

    def _connect(self) -> None:
        self.nav.currentRowChanged.connect(self._stack.setCurrentIndex)
        self.models.start_requested.connect(lambda: self.open_page("start"))
        for page in self._edited_pages:
            page.edited.connect(self._refresh_save)
        self.save.clicked.connect(self._on_save_clicked)
        self.close_button.clicked.connect(self.reject)
        self._restart.clicked.connect(self._on_restart_clicked)
        self._services.services_changed.connect(self._on_services_changed)
        self._services.action_failed.connect(self._on_action_failed)
        self._controller.settings_changed.connect(self._refresh_save)

    def _on_services_changed(self, views: tuple[ServiceView, ...]) -> None:
        for view in views:
            if view.name is self._name and view != self._view:
                if view.state is not self._view.state:
                    self._problem.hide()
                self._view = view
                self._show_view(view)

    def _show_view(self, view: ServiceView) -> None:
        shape, tone = dot_look(view.state)
        self._dot.set_look(shape, tone)
        self._state.setText(service_labels.state_name(view))
        set_role(self._state, tone)
        owner = service_labels.owner_name(view)
        self._owner.setText(owner)
        self._owner.setVisible(bool(owner))
        self._show_facts()
        self.addresses.show_view(view)
        self.models.show_view(view)
        self.command.show_view(view)
        self.log.show_view(view)

    def _show_facts(self) -> None:
        view = self._view
        program = f"{service_labels.kind_name(view.kind)} {service_labels.one_line(view.version)}"
        process = self.tr("process {0}").format(view.pid) if view.pid is not None else ""
        parts = [program.strip(), service_labels.short_url(view.url), process]
        parts.append(service_labels.memory_text(view))
        parts.append(service_labels.uptime_text(view, time.time()))
        facts = " · ".join(filter(None, parts))
        if view.detail is not None:
            facts = "\n".join(filter(None, (facts, words.sentence(view.detail))))
        self._facts.show_text(facts)
        self._facts.setVisible(bool(facts))

    def _refresh_save(self) -> None:
        # Every page is looked at: each explains what is wrong on it.
        wrong = [page for page in self._edited_pages if not page.check()]
        self.save.setEnabled(bool(self.values()) and not wrong)
        if self.values():
            self._restart_hint.setText("")
            self._restart.hide()

    def _on_save_clicked(self) -> None:
        changed = self.values()
        self._controller.save_settings(self._controller.settings.with_values(changed))
        starts = any(path in self.start.rows for path in changed)
        if starts and self._view.ownership is Ownership.MANAGED and self._view.can_stop:
            self._restart_hint.setText(self.tr("Saved. It is used at the next start."))
            self._restart.show()
        else:
            self._restart_hint.setText(self.tr("Saved."))

    def _on_restart_clicked(self) -> None:
        self._restart.hide()
        self._restart_hint.setText("")
        self._services.restart_service(self._name)

    def _on_workflow_edited(self) -> None:
        path = self.pictures.rows[_PICTURE_SETTINGS[0]].editor.value()
        self.workflow.ask(str(path))

    def _on_action_failed(self, name: str, message: Message) -> None:
        if name == self._name.value:
            self._problem.show_text(words.sentence(message))
            self._problem.show()

    def reject(self) -> None:
        """Close, but ask first when something was changed and not saved."""
        if self.isVisible() and self.values():
            leave_question(self).open()
        else:
            super().reject()
