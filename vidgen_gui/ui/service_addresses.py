"""Where a service is: its address and those that step in, each with its health, and its key."""

import os
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QLineEdit, QScrollArea, QVBoxLayout, QWidget

from vidgen_gui.core.environment import read_environment
from vidgen_gui.core.errors import InputError
from vidgen_gui.core.messages import Message
from vidgen_gui.core.service import EndpointView, ServiceName, ServiceView
from vidgen_gui.core.service_settings import split_addresses
from vidgen_gui.net.address import parse_address
from vidgen_gui.ui import service_labels, words
from vidgen_gui.ui.address_row import AddressRow
from vidgen_gui.ui.parts import column, plain_widget, push_button, row, rule, text_label
from vidgen_gui.ui.theme import GRID_PX

MAX_ADDRESSES = 16
GIVE_UP_MS = 30_000
_TAKES_KEY = frozenset({ServiceName.SCRIPT_WRITER})


def same_server(first: str, second: str, default_port: int) -> bool:
    """Whether two spellings of an address mean one server."""
    try:
        return parse_address(first, default_port) == parse_address(second, default_port)
    except InputError:
        return first == second


class AddressesPage(QWidget):
    """The addresses in their order; ``edited`` when they differ from what they were."""

    edited = Signal()

    def __init__(self, controller: Any, name: ServiceName, group: str) -> None:
        super().__init__()
        self._controller = controller
        self._services = controller.services
        self._name = name
        self._paths = (f"{group}.url", f"{group}.fallback_urls")
        self._default_port: int = controller.settings.value(f"{group}.port")
        self._known: tuple[EndpointView, ...] = ()
        self._checked: list[AddressRow] | None = None
        variables = read_environment(os.environ).variables
        self._overruled = [variables[path] for path in self._paths if path in variables]
        self.rows: list[AddressRow] = []
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 0, GRID_PX, 0)
        self._list.setSpacing(GRID_PX * 3 // 2)
        self._hint = text_label(role="muted", wrap=True)
        self._found = text_label(role="small", wrap=True)
        self.add = push_button(self.tr("Add address"), "plus")
        self.check_now = push_button(self.tr("Check now"), "refresh-cw")
        self.key = _KeyField(self._services, name)
        self.key.setVisible(name in _TAKES_KEY)
        self.setLayout(self._build_layout())
        self.add.clicked.connect(lambda: self._add("", focus=True))
        self.check_now.clicked.connect(self.check_health)
        self._services.endpoints_checked.connect(self._on_endpoints_checked)
        # An app that is just being closed, or could not open its store, answers nothing.
        self._give_up = QTimer(self)
        self._give_up.setSingleShot(True)
        self._give_up.setInterval(GIVE_UP_MS)
        self._give_up.timeout.connect(lambda: self._on_endpoints_checked(name.value, ()))
        for address in self._saved():
            self._add(address)
        self._refresh()

    def values(self) -> dict[str, object]:
        """The settings as edited, by path."""
        if self._overruled:
            return {}
        addresses = self.addresses()
        first, rest = (addresses[0], addresses[1:]) if addresses else ("", [])
        return {self._paths[0]: first, self._paths[1]: ", ".join(rest)}

    def addresses(self) -> list[str]:
        return [line.address for line in self.rows if line.address]

    def check(self) -> bool:
        """Explain every impossible address beside it; whether all are possible."""
        wrong = [line for line in self.rows if not line.check()]
        return not wrong

    def check_health(self) -> None:
        """Ask every address as it stands here, saved or not."""
        if not self.check():
            return
        if not self.addresses():
            self._services.refresh()
            return
        self._checked = [line for line in self.rows if line.address]
        for line in self._checked:
            line.show_checking()
        self.check_now.setEnabled(False)
        self._give_up.start()
        self._services.check_endpoints(self._name, ", ".join(self.addresses()))

    def show_view(self, view: ServiceView) -> None:
        """Take what the service's own checks found, except while a check is asked for here."""
        if self._checked is None:
            self._learn(view.endpoints)

    def _build_layout(self) -> QVBoxLayout:
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(plain_widget(column(self._hint, self._found, self._list, -1)))
        buttons = row(self.add, self.check_now, -1)
        return column(scroll, buttons, self.key)

    def _saved(self) -> list[str]:
        first, rest = (str(self._controller.settings.value(path)) for path in self._paths)
        return [address for address in (first, *split_addresses(rest)) if address]

    def _add(self, text: str, *, focus: bool = False) -> None:
        line = AddressRow(self._paths[0], text)
        line.edited.connect(self._on_edited)
        line.moved.connect(lambda by: self._move(line, by))
        line.removed.connect(lambda: self._remove(line))
        self.rows.append(line)
        self._list.addWidget(line)
        if line.parentWidget() is not None:
            # At once, not with the next turn of the event loop: it is to take the focus.
            line.show()
        self._learn(self._known)
        self._refresh()
        if focus:
            line.field.setFocus()

    def _move(self, line: AddressRow, by: int) -> None:
        here = self.rows.index(line)
        there = here + by
        if 0 <= there < len(self.rows):
            self.rows.insert(there, self.rows.pop(here))
            self._list.insertWidget(there, line)
            self._refresh()
            # The button that was pressed may be disabled now, at an end of the list.
            wanted = line.up if by < 0 else line.down
            (wanted if wanted.isEnabled() else line.field).setFocus()
            self.edited.emit()

    def _remove(self, line: AddressRow) -> None:
        here = self.rows.index(line)
        self.rows.remove(line)
        self._list.removeWidget(line)
        line.hide()
        line.deleteLater()
        self._refresh()
        if self.rows:
            self.rows[min(here, len(self.rows) - 1)].field.setFocus()
        else:
            self.add.setFocus()
        self.edited.emit()

    def _refresh(self) -> None:
        for place, line in enumerate(self.rows):
            line.set_place(place, len(self.rows), locked=bool(self._overruled))
        self.add.setEnabled(not self._overruled and len(self.rows) < MAX_ADDRESSES)
        self.check_now.setEnabled(self._checked is None)
        if self._overruled:
            names = ", ".join(dict.fromkeys(self._overruled))
            hint = self.tr("Set by {0} in the environment.").format(names)
        elif len(self.rows) > 1:
            hint = self.tr("The first one that answers is used; the others step in when it fails.")
        elif self.rows:
            hint = self.tr("Add another address to have one that steps in when this one fails.")
        elif self._controller.settings.network.discover:
            hint = self.tr(
                "No address is given, so VidGen looks at the usual places on this computer."
            )
        else:
            hint = self.tr(
                "No address is given, and VidGen is told in Settings not to look on this computer."
            )
        self._hint.setText(hint)
        self._show_found()

    def _show_found(self) -> None:
        lines = []
        for endpoint in self._known if not self.rows else ():
            parts = [service_labels.short_url(endpoint.url)]
            parts.append(service_labels.endpoint_state(endpoint)[0])
            parts.append(service_labels.latency_text(endpoint))
            lines.append(" · ".join(filter(None, parts)))
        self._found.setText("\n".join(lines))
        self._found.setVisible(bool(lines))

    def _learn(self, endpoints: Sequence[EndpointView]) -> None:
        self._known = tuple(endpoints[:MAX_ADDRESSES])
        for line in self.rows:
            found = [
                endpoint
                for endpoint in self._known
                if line.address and same_server(line.address, endpoint.url, self._default_port)
            ]
            if found and line.endpoint != found[0]:
                line.show_endpoint(found[0])
        self._show_found()

    def _on_edited(self) -> None:
        self.edited.emit()

    def _on_endpoints_checked(self, name: str, endpoints: tuple[EndpointView, ...]) -> None:
        if name != self._name.value:
            return
        self._give_up.stop()
        asked, self._checked = self._checked, None
        for line in asked or ():
            if line in self.rows:
                line.show_endpoint(None)
        self._learn(endpoints)
        self._refresh()


class _KeyField(QWidget):
    """A key for servers that ask for one; it goes into the system's keyring, never into a file."""

    def __init__(self, services: Any, name: ServiceName) -> None:
        super().__init__()
        self._services = services
        self._name = name
        self._removes = False
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setAccessibleName(self.tr("API key"))
        self.field.setPlaceholderText(self.tr("Only for servers that ask for one"))
        self.save = push_button(self.tr("Keep key"))
        self.forget = push_button(self.tr("Remove key"))
        self._said = text_label(
            self.tr("It is kept in this system's keyring, not in a file."), "small", wrap=True
        )
        line = row(self.field, self.save, self.forget)
        line.setStretch(0, 1)
        self.setLayout(column(rule(), text_label(self.tr("API key"), "heading"), line, self._said))
        self.field.textChanged.connect(self._refresh)
        self.field.returnPressed.connect(self._on_save_clicked)
        self.save.clicked.connect(self._on_save_clicked)
        self.forget.clicked.connect(self._on_forget_clicked)
        services.api_key_saved.connect(self._on_api_key_saved)
        services.action_failed.connect(self._on_action_failed)
        self._refresh()

    def _refresh(self) -> None:
        self.save.setEnabled(bool(self.field.text().strip()))

    def _on_save_clicked(self) -> None:
        key = self.field.text().strip()
        if key:
            self._removes = False
            self._services.save_api_key(self._name, key)

    def _on_forget_clicked(self) -> None:
        self._removes = True
        self._services.save_api_key(self._name, "")

    def _on_api_key_saved(self, name: str, outlives: bool) -> None:  # noqa: FBT001 - a signal's
        if name != self._name.value:
            return
        self.field.clear()
        if self._removes:
            said = self.tr("The key is removed.")
        elif outlives:
            said = self.tr("The key is in this system's keyring.")
        else:
            said = self.tr(
                "This system has no keyring: the key is used until you close VidGen, then it is "
                "forgotten."
            )
        self._said.setText(said)

    def _on_action_failed(self, name: str, message: Message) -> None:
        if name == self._name.value and self.field.text():
            self._said.setText(words.sentence(message))
