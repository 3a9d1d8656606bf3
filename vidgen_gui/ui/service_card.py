"""One service in the panel: its state as dot and word, its facts, and what can be done now."""

import time

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from vidgen_gui.core.messages import Message
from vidgen_gui.core.service import Ownership, ServiceKind, ServiceName, ServiceState, ServiceView
from vidgen_gui.ui import service_labels, words
from vidgen_gui.ui.fitting import ElidedLabel, WrappedLabel
from vidgen_gui.ui.flow import FlowLayout
from vidgen_gui.ui.parts import (
    Glyph,
    column,
    plain_widget,
    push_button,
    row,
    text_label,
    tool_button,
)
from vidgen_gui.ui.theme import GRID_PX, ICON_PX, Theme, set_role

DOT_PX = 10
_ASKS_SERVICE = ("start", "load", "stop", "unload", "restart")
INSET_PX = 6
"""How far an icon button's picture is from its edge; everything else ends where it does."""
_STATE_LOOKS = {
    ServiceState.UNKNOWN: ("ring", "muted"),
    ServiceState.NOT_FOUND: ("ring", "muted"),
    ServiceState.STOPPED: ("ring", "muted"),
    ServiceState.STARTING: ("half", "accent"),
    ServiceState.READY: ("full", "done"),
    ServiceState.BUSY: ("full", "accent"),
    ServiceState.PAUSED: ("half", "warn"),
    ServiceState.STOPPING: ("half", "muted"),
    ServiceState.UNHEALTHY: ("full", "failed"),
}
"""The dot's shape and tone; it differs by shape too, and the word stands beside it."""


class StateDot(QWidget):
    """A full dot for what runs, a ring for what doesn't, half a dot for what is between."""

    def __init__(self, size_px: int = DOT_PX) -> None:
        super().__init__()
        self._look = ("ring", "muted")
        self._size_px = size_px
        self.setFixedSize(ICON_PX, ICON_PX)
        Theme.get().changed.connect(self.update)

    @property
    def look(self) -> tuple[str, str]:
        return self._look

    def set_look(self, shape: str, tone: str) -> None:
        if (shape, tone) != self._look:
            self._look = (shape, tone)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        shape, tone = self._look
        color = Theme.get().color(tone)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = (self.width() - self._size_px) / 2
        box = QRectF(left, (self.height() - self._size_px) / 2, self._size_px, self._size_px)
        if shape == "full":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawEllipse(box)
        else:
            painter.setPen(QPen(color, 1.8))
            ring = box.adjusted(0.9, 0.9, -0.9, -0.9)
            painter.drawEllipse(ring)
            if shape == "half":
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(color)
                painter.drawPie(ring, 270 * 16, 180 * 16)
        painter.end()


def dot_look(state: ServiceState) -> tuple[str, str]:
    """Shape and tone of a state's dot."""
    return _STATE_LOOKS[state]


def fitting_actions(view: ServiceView, *, enabled: bool) -> tuple[str, ...]:
    """What can be done with a service now, by the keys of `ServiceCard`'s buttons."""
    stops = view.can_stop and view.state is not ServiceState.STOPPING
    found = ["stop"] if stops else []
    if not enabled:
        return ("enable", *found)
    if view.state is ServiceState.STARTING:
        return tuple(found)
    own = view.ownership is Ownership.MANAGED
    if stops and view.kind is ServiceKind.OLLAMA:
        found = ["unload"]
    elif stops:
        found.append("restart")
    elif view.can_start and not stops:
        loads = view.kind is ServiceKind.OLLAMA and bool(view.url)
        found.append("load" if loads else "start")
    match view.state:
        case ServiceState.UNHEALTHY:
            # What VidGen starts has a log, also when it ended again at once.
            found += ["log" if own or view.can_start else "address", "builtin"]
        case ServiceState.NOT_FOUND:
            found += ["setup", "address"]
        case ServiceState.STOPPED if not view.can_start:
            found.append("setup")
    return tuple(found)


class _Note(QFrame):
    """What went wrong and what to do, set off from the facts."""

    def __init__(self) -> None:
        super().__init__()
        set_role(self, "note")
        self._glyph = Glyph("triangle-alert", "failed")
        self._reason = WrappedLabel()
        self._advice = WrappedLabel("small")
        texts = column(self._reason, self._advice, spacing=GRID_PX // 2)
        layout = row(self._glyph, texts, margin=GRID_PX)
        layout.setAlignment(self._glyph, Qt.AlignmentFlag.AlignTop)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self.hide()

    def say(self, message: Message | None) -> None:
        if message is not None:
            _show(self._reason, words.reason(message))
            _show(self._advice, words.advice(message) or "")
        self.setVisible(message is not None)


class ServiceCard(QWidget):
    """Shows one `ServiceView`; emits what is wished by a key."""

    action_requested = Signal(object, str)
    """The `ServiceName`, and ``start``, ``load``, ``stop``, ``unload``, ``restart``, ``enable``,
    ``builtin``, or a page of the details: ``details``, ``log``, ``address``, ``setup``."""

    def __init__(self, name: ServiceName) -> None:
        super().__init__()
        self._view = ServiceView(name)
        self._enabled = True
        self._autostart = True
        self._failure: Message | None = None
        title = service_labels.service_name(name)
        self._dot = StateDot()
        self._title = text_label(title, "heading")
        self.details = tool_button("ellipsis", self.tr("Details of {0}").format(title))
        self.details.clicked.connect(lambda: self.action_requested.emit(name, "details"))
        self._state = text_label()
        self._owner = text_label(role="badge")
        self._program = ElidedLabel("small")
        self._memory = text_label(role="small")
        self._address = ElidedLabel("small", Qt.TextElideMode.ElideMiddle)
        self._uptime = text_label(role="small")
        self._model = ElidedLabel("small", Qt.TextElideMode.ElideMiddle)
        self._waiting = QProgressBar()
        self._waiting.setTextVisible(False)
        self._waiting.setAccessibleName(self.tr("{0} is starting").format(title))
        self._pairs = (
            _Pair(self._program, self._memory),
            _Pair(self._address, self._uptime),
        )
        self._detail = WrappedLabel("small")
        self._note = _Note()
        self._stand_in = WrappedLabel("small")
        self._buttons = self._build_buttons(title)
        buttons = FlowLayout(*self._buttons.values())
        buttons.setContentsMargins(0, GRID_PX // 2, 0, 0)
        self._button_row = plain_widget(buttons)
        self.setLayout(self._build_layout())
        self._refresh()

    @property
    def view(self) -> ServiceView:
        return self._view

    def button(self, key: str) -> QPushButton:
        return self._buttons[key]

    def show_view(self, view: ServiceView, *, enabled: bool, autostart: bool) -> None:
        """Show how the service stands; costs nothing while nothing has changed."""
        shown = (self._view, self._enabled, self._autostart)
        if shown == (view, enabled, autostart):
            self._unlock()
            return
        if view.state is not self._view.state:
            self._failure = None
        self._view, self._enabled, self._autostart = view, enabled, autostart
        self._unlock()
        self._refresh()

    def show_failure(self, message: Message) -> None:
        """Say why what was asked for did not work, until the state changes."""
        self._failure = message
        self._unlock()
        self._refresh()

    def tick(self) -> None:
        """Bring the uptime up to date."""
        _show(self._uptime, service_labels.uptime_text(self._view, time.time()))

    def _build_layout(self) -> QVBoxLayout:
        head = row(self._dot, self._title, -1, self.details)
        state = row(self._state, self._owner, -1)
        body = column(
            state,
            self._waiting,
            *self._pairs,
            self._model,
            self._detail,
            self._note,
            self._stand_in,
            self._button_row,
            spacing=GRID_PX // 2,
        )
        body.setContentsMargins(ICON_PX + GRID_PX, 0, INSET_PX, 0)
        return column(head, body, spacing=0)

    def _build_buttons(self, title: str) -> dict[str, QPushButton]:
        made = {}
        for key, icon, text, spoken in (
            ("enable", "check", self.tr("Use it"), self.tr("Use {0}")),
            ("start", "play", self.tr("Start"), self.tr("Start {0}")),
            ("load", "play", self.tr("Load model"), self.tr("Load the model of {0}")),
            ("stop", "square", self.tr("Stop"), self.tr("Stop {0}")),
            ("unload", "square", self.tr("Unload model"), self.tr("Unload the model of {0}")),
            ("restart", "rotate-ccw", self.tr("Restart"), self.tr("Restart {0}")),
            ("setup", "settings", self.tr("Set up…"), self.tr("Set up {0}")),
            ("address", "", self.tr("Address…"), self.tr("Edit the address of {0}")),
            ("log", "", self.tr("Log…"), self.tr("Show the log of {0}")),
            ("builtin", "", self.tr("Use built-in"), self.tr("Use the built-in part, not {0}")),
        ):
            button = push_button(text, icon, "compact" if icon else "compact-link")
            button.setAccessibleName(spoken.format(title))
            button.setObjectName(key)
            button.clicked.connect(self._on_button_clicked)
            made[key] = button
        return made

    def _refresh(self) -> None:
        view = self._view
        state = service_labels.state_name(view) if self._enabled else self.tr("Switched off")
        shape, tone = dot_look(view.state) if self._enabled else ("ring", "muted")
        self._dot.set_look(shape, tone)
        self._state.setText(state)
        set_role(self._state, tone)
        _show(self._owner, service_labels.owner_name(view))
        program = [service_labels.kind_name(view.kind), service_labels.one_line(view.version, 24)]
        _show(self._program, " ".join(filter(None, program)))
        _show(self._memory, service_labels.memory_text(view))
        _show(self._address, service_labels.short_url(view.url))
        _show(self._model, service_labels.one_line(view.model))
        self.tick()
        for pair in self._pairs:
            pair.refit()
        self._show_waiting(waits=self._enabled and view.state is ServiceState.STARTING)
        self._show_sentences()
        wanted = fitting_actions(view, enabled=self._enabled)
        for key, button in self._buttons.items():
            button.setVisible(key in wanted)
        self._button_row.setVisible(bool(wanted))
        self._speak(state)

    def _show_waiting(self, *, waits: bool) -> None:
        # A bar without an end keeps a timer of the style busy: only while it is seen.
        self._waiting.setRange(0, 0 if waits else 1)
        self._waiting.setVisible(waits)

    def _show_sentences(self) -> None:
        view = self._view
        unwell = view.state is ServiceState.UNHEALTHY and self._enabled
        problem = self._failure or (view.detail if unwell else None)
        self._note.say(problem)
        detail = ""
        if view.detail is not None and problem is not view.detail and self._enabled:
            detail = words.sentence(view.detail)
        elif view.detail is None and view.state is ServiceState.NOT_FOUND and self._enabled:
            detail = service_labels.how_to_get(view.name)
        _show(self._detail, detail)
        line = service_labels.stand_in_line(view, enabled=self._enabled, autostart=self._autostart)
        _show(self._stand_in, line)

    def _speak(self, state: str) -> None:
        parts = [self._title.text(), state, self._owner.text() if self._view.ownership else ""]
        parts += [self._program.whole, self._address.whole, self._stand_in.whole]
        self.setAccessibleName(", ".join(filter(None, parts)))

    def _unlock(self) -> None:
        for button in self._buttons.values():
            button.setEnabled(True)

    def _on_button_clicked(self) -> None:
        key = self.sender().objectName()
        self.action_requested.emit(self._view.name, key)

    def lock(self) -> None:
        """Something was asked for: no second click before the answer."""
        for key in _ASKS_SERVICE:
            self._buttons[key].setEnabled(False)


class PartRow(QWidget):
    """A part of VidGen's own that does service work: name, state, what it is."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._name = title
        self._dot = StateDot()
        self._state = text_label(role="muted")
        self._what = ElidedLabel("small")
        head = row(self._dot, text_label(title, "heading"), -1, self._state)
        head.setContentsMargins(0, 0, INSET_PX, 0)
        body = column(self._what)
        body.setContentsMargins(ICON_PX + GRID_PX, 0, INSET_PX, 0)
        self.setLayout(column(head, body, spacing=GRID_PX // 2))

    def show_part(self, state: str, tone: str, what: str, *, shape: str = "full") -> None:
        self._dot.set_look(shape, tone)
        self._state.setText(state)
        set_role(self._state, tone)
        _show(self._what, what)
        self.setAccessibleName(", ".join(filter(None, (self._name, state, what))))


class _Pair(QWidget):
    """Two facts in one line, the second at its end; gone when there are none."""

    def __init__(self, start: ElidedLabel, end: QLabel) -> None:
        super().__init__()
        self._labels = (start, end)
        layout = row(start, end)
        layout.setStretch(0, 1)
        self.setLayout(layout)

    def refit(self) -> None:
        self.setVisible(any(not label.isHidden() for label in self._labels))


def _show(label: QLabel, text: str) -> None:
    """Put a text into a label, and hide it when there is none."""
    if isinstance(label, ElidedLabel | WrappedLabel):
        label.show_text(text)
    elif label.text() != text:
        label.setText(text)
    label.setVisible(bool(text))
