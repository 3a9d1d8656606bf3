"""One address of a service in the editor: where, whether it answers, and in what place it is."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLineEdit

from vidgen_gui.core.errors import InputError
from vidgen_gui.core.service import EndpointView
from vidgen_gui.core.settings import Settings
from vidgen_gui.net.address import parse_address
from vidgen_gui.ui import service_labels, words
from vidgen_gui.ui.fitting import WrappedLabel
from vidgen_gui.ui.parts import column, row, text_label, tool_button
from vidgen_gui.ui.service_card import StateDot
from vidgen_gui.ui.theme import GRID_PX, set_role

PLACE_PX = 3 * GRID_PX


class AddressRow(QFrame):
    """Emits ``edited``, and ``moved`` by -1 or 1, and ``removed``."""

    edited = Signal()
    moved = Signal(int)
    removed = Signal()

    def __init__(self, setting: str, text: str = "") -> None:
        super().__init__()
        self._setting = setting
        self.endpoint: EndpointView | None = None
        self._place = text_label(role="muted")
        self._place.setFixedWidth(PLACE_PX)
        self._place.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.field = QLineEdit(text)
        self.field.setCursorPosition(0)
        self.field.textEdited.connect(self._on_edited)
        self.up = tool_button("arrow-up", self.tr("Move up"))
        self.down = tool_button("arrow-down", self.tr("Move down"))
        self.remove = tool_button("x", self.tr("Remove"))
        self.up.clicked.connect(lambda: self.moved.emit(-1))
        self.down.clicked.connect(lambda: self.moved.emit(1))
        self.remove.clicked.connect(self.removed)
        line = row(self._place, self.field, self.up, self.down, self.remove, spacing=GRID_PX // 2)
        line.setStretch(1, 1)
        self._dot = StateDot(8)
        self._state = text_label(role="small")
        self._state.setProperty("small", True)
        self._latency = text_label(role="small")
        self._problem = WrappedLabel("small")
        health = row(self._dot, self._state, self._latency, -1, spacing=GRID_PX // 2)
        below = column(health, self._problem, spacing=GRID_PX // 2)
        below.setContentsMargins(PLACE_PX + GRID_PX // 2, 0, 0, 0)
        self.setLayout(column(line, below, spacing=GRID_PX // 2))
        self.show_endpoint(None)

    @property
    def address(self) -> str:
        return self.field.text().strip()

    def set_place(self, place: int, count: int, *, locked: bool) -> None:
        """Its number from 0, and whether it can be changed at all."""
        self._place.setText(str(place + 1))
        title = self.tr("Address {0} of {1}").format(place + 1, count)
        self.field.setAccessibleName(title)
        self.field.setReadOnly(locked)
        for button, works, name in (
            (self.up, place > 0, self.tr("Move address {0} up")),
            (self.down, place < count - 1, self.tr("Move address {0} down")),
            (self.remove, True, self.tr("Remove address {0}")),
        ):
            button.setEnabled(works and not locked)
            button.setAccessibleName(name.format(place + 1))

    def show_endpoint(self, endpoint: EndpointView | None) -> None:
        """Show what is known about the address; None: nothing yet."""
        self.endpoint = endpoint
        state, tone = service_labels.endpoint_state(endpoint)
        shape = "full" if endpoint is not None and endpoint.healthy is not None else "ring"
        self._tell(state, tone, shape)
        self._latency.setText(service_labels.latency_text(endpoint) if endpoint else "")
        self._say(service_labels.endpoint_problem(endpoint) if endpoint else "")

    def show_checking(self) -> None:
        self._tell(self.tr("Checking…"), "accent", "half")
        self._latency.setText("")
        self._say("")

    def check(self) -> bool:
        """Say what is wrong with what is typed; whether it can be an address."""
        problem = ""
        try:
            if self.address:
                parse_address(self.address)
            Settings().with_values({self._setting: self.address})
        except InputError as error:
            problem = words.sentence(error.message)
        self.field.setProperty("invalid", bool(problem))
        self.field.style().unpolish(self.field)
        self.field.style().polish(self.field)
        if problem:
            self._tell(self.tr("Not an address"), "failed", "ring")
            self._say(problem)
        return not problem

    def _tell(self, state: str, tone: str, shape: str) -> None:
        self._dot.set_look(shape, tone)
        self._state.setText(state)
        set_role(self._state, "small" if tone == "muted" else tone)

    def _say(self, sentence: str) -> None:
        self._problem.show_text(sentence)
        self._problem.setVisible(bool(sentence))

    def _on_edited(self) -> None:
        self.show_endpoint(None)
        self.check()
        self.edited.emit()
