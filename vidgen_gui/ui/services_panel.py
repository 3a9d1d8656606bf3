"""The right dock: the programs that videos are made with, how they stand, and what to do."""

from types import MappingProxyType
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from vidgen_gui.controller.job_view import Check, CheckState
from vidgen_gui.core.messages import Message
from vidgen_gui.core.service import Ownership, ServiceName, ServiceView
from vidgen_gui.core.settings import Settings
from vidgen_gui.ui import labels, service_labels, words
from vidgen_gui.ui.consent import stop_question
from vidgen_gui.ui.parts import Item, column, plain_widget, row, rule
from vidgen_gui.ui.service_card import INSET_PX, PartRow, ServiceCard
from vidgen_gui.ui.theme import GRID_PX

TICK_MS = 1000
LEAST_PX = 208
_PAGES = MappingProxyType({"details": "", "log": "log", "address": "addresses", "setup": "start"})


class ServicesPanel(QWidget):
    """Talks to ``controller.services``; emits ``details_requested`` with a name and a page."""

    details_requested = Signal(object, str)

    def __init__(self, controller: Any) -> None:
        super().__init__()
        self._controller = controller
        self.cards = {name: ServiceCard(name) for name in ServiceName}
        self.voice = PartRow(self.tr("Voice"))
        self.ffmpeg = PartRow(self.tr("FFmpeg"))
        self._scroll = self._build_scroll()
        self.setLayout(column(self._scroll))
        self._ticker = QTimer(self)
        self._ticker.setInterval(TICK_MS)
        self._ticker.timeout.connect(self._on_tick)
        self._connect()
        self._show_views(controller.services.views)
        self._show_voice()
        self._show_ffmpeg(None)

    def sizeHint(self) -> QSize:
        return QSize(280, 480)

    def minimumSizeHint(self) -> QSize:
        return QSize(LEAST_PX, 128)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._on_tick()
        self._ticker.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._ticker.stop()

    def _build_scroll(self) -> QScrollArea:
        items: list[Item] = []
        for card in self.cards.values():
            items += [card, _divider()]
        items += [self.voice, _divider(), self.ffmpeg, -1]
        content = column(
            *items, margin=(2 * GRID_PX, 2 * GRID_PX, 2 * GRID_PX - INSET_PX, 2 * GRID_PX)
        )
        content.setSpacing(GRID_PX * 3 // 2)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setAccessibleName(self.tr("Services"))
        scroll.setWidget(plain_widget(content))
        return scroll

    def _connect(self) -> None:
        services = self._controller.services
        services.services_changed.connect(self._show_views)
        services.action_failed.connect(self._on_action_failed)
        self._controller.settings_changed.connect(self._on_settings_changed)
        self._controller.voices_loaded.connect(self._show_voice)
        self._controller.doctor_finished.connect(self._on_doctor_finished)
        for card in self.cards.values():
            card.action_requested.connect(self._on_action_requested)

    def _show_views(self, views: tuple[ServiceView, ...]) -> None:
        settings: Settings = self._controller.settings
        for view in views:
            group = service_labels.SETTINGS_OF[view.name]
            self.cards[view.name].show_view(
                view,
                enabled=settings.value(f"{group}.enabled"),
                autostart=settings.value(f"{group}.autostart"),
            )

    def _on_settings_changed(self, _settings: Settings) -> None:
        self._show_views(self._controller.services.views)
        self._show_voice()
        self._show_ffmpeg(None)

    def _on_tick(self) -> None:
        for card in self.cards.values():
            card.tick()

    def _on_action_requested(self, name: ServiceName, key: str) -> None:
        services = self._controller.services
        if key in _PAGES:
            self.details_requested.emit(name, _PAGES[key])
        elif key in ("enable", "builtin"):
            value = {f"{service_labels.SETTINGS_OF[name]}.enabled": key == "enable"}
            self._controller.save_settings(self._controller.settings.with_values(value))
        elif key in ("start", "load"):
            self.cards[name].lock()
            services.start_service(name)
        elif key == "unload":
            self.cards[name].lock()
            services.stop_service(name)
        else:
            self._end(self.cards[name].view, restarts=key == "restart")

    def _end(self, view: ServiceView, *, restarts: bool) -> None:
        """Stop or restart it; the person is asked before one that VidGen did not start ends."""
        if view.ownership is not Ownership.ADOPTED:
            self._end_now(view.name, restarts=restarts, consented=False)
            return
        box = stop_question(self, view, restarts=restarts)
        box.accepted.connect(lambda: self._end_now(view.name, restarts=restarts, consented=True))
        box.open()

    def _end_now(self, name: ServiceName, *, restarts: bool, consented: bool) -> None:
        self.cards[name].lock()
        services = self._controller.services
        (services.restart_service if restarts else services.stop_service)(name, consented=consented)

    def _on_action_failed(self, name: str, message: Message) -> None:
        self.cards[ServiceName(name)].show_failure(message)

    def _show_voice(self, _voices: object = None) -> None:
        chosen = self._controller.settings.voice.voice
        voices = {voice.name: voice.title for voice in self._controller.voices}
        what = f"Piper · {service_labels.one_line(voices.get(chosen, chosen))}"
        if chosen in voices:
            self.voice.show_part(self.tr("Ready"), "done", what)
        elif voices:
            self.voice.show_part(self.tr("Not found"), "muted", what, shape="ring")
        else:
            self.voice.show_part(self.tr("Looking for it…"), "muted", what, shape="ring")

    def _show_ffmpeg(self, check: Check | None) -> None:
        own = self._controller.settings.advanced.ffmpeg_path
        what = service_labels.one_line(own) if own else self.tr("Comes with VidGen")
        if check is None:
            self.ffmpeg.show_part("", "muted", what, shape="ring")
        elif check.state is CheckState.GOOD:
            version = service_labels.one_line(str(check.message.params.get("version", "")), 24)
            self.ffmpeg.show_part(self.tr("Ready"), "done", f"{version} · {what}")
        else:
            state = labels.doctor_state_name(check.state)
            self.ffmpeg.show_part(state, "failed", words.reason(check.message))

    def _on_doctor_finished(self, checks: list[Check]) -> None:
        found = [check for check in checks if check.name == "ffmpeg"]
        if found:
            self._show_ffmpeg(found[0])


def _divider() -> QWidget:
    return plain_widget(row(rule(), margin=(0, 0, INSET_PX, 0)))
