"""What the services panel talks to: starts, stops and looks after the two services.

Lives on the GUI thread and never waits there. What a service is, and how it is reached, is in
`pipeline.service_hub`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QThreadPool, QTimer, Signal, Slot

from vidgen_gui.controller.tasks import TaskRunner
from vidgen_gui.core.errors import VidgenError
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.service import ServiceName, ServiceView

if TYPE_CHECKING:
    from vidgen_gui.pipeline.service_hub import ServiceHub

CHECK_INTERVAL_MS = 5000
TELL_INTERVAL_MS = 100
POOL_THREADS = 8
"""Starting a model can take minutes, and a dead address seconds: neither holds up the other."""


class ServiceController(QObject):
    """Asks on a pool of its own; the answers arrive on the GUI thread."""

    services_changed = Signal(object)
    """A tuple of `ServiceView`."""
    log_loaded = Signal(str, list)
    endpoints_checked = Signal(str, object)
    workflow_checked = Signal(str, object)
    action_failed = Signal(str, object)
    api_key_saved = Signal(str, bool)
    """The service, and whether the key outlives this run."""
    settings_wanted = Signal(object)
    """Values to be changed in the settings, by path."""

    _changed = Signal()

    def __init__(self, notice: Callable[[Message], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.views: tuple[ServiceView, ...] = tuple(ServiceView(name) for name in ServiceName)
        self._hub: ServiceHub | None = None
        self._is_checking = False
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(POOL_THREADS)
        self._tasks = TaskRunner(self._pool, notice, self)
        self._changed.connect(self._on_changed, Qt.ConnectionType.QueuedConnection)
        self._tell_timer = QTimer(self)
        self._tell_timer.setSingleShot(True)
        self._tell_timer.setInterval(TELL_INTERVAL_MS)
        self._tell_timer.timeout.connect(self._tell)
        self._check_timer = QTimer(self)
        self._check_timer.setInterval(CHECK_INTERVAL_MS)
        self._check_timer.timeout.connect(self._on_check_timer_timeout)

    def on_change(self) -> None:
        """Something about a service is different; may be called from any thread."""
        self._changed.emit()

    def open(self, hub: "ServiceHub") -> None:
        """Look after the services of an opened session."""
        self._hub = hub
        self._check_timer.start()
        self.refresh()

    def close(self) -> None:
        """Ask nothing more; the session closes the services themselves."""
        self._hub = None
        self._check_timer.stop()
        self._tell_timer.stop()

    def refresh(self) -> None:
        """Ask every address now."""
        self._check(background=False)

    def start_service(self, name: ServiceName) -> None:
        self._act(name, lambda hub: hub.start(name))

    def stop_service(self, name: ServiceName, *, consented: bool = False) -> None:
        """Stop it; one that we only found needs the person's consent."""
        self._act(name, lambda hub: hub.stop(name, consented=consented))

    def restart_service(self, name: ServiceName, *, consented: bool = False) -> None:
        self._act(name, lambda hub: hub.restart(name, consented=consented))

    def request_log(self, name: ServiceName) -> None:
        """Ask for the last lines of a program of ours; `log_loaded` follows."""
        hub = self._hub
        if hub is not None:
            self._tasks.run(
                lambda: list(hub.cores[name].log_lines()),
                lambda lines: self.log_loaded.emit(name.value, lines),
            )

    def check_endpoints(self, name: ServiceName, addresses: str) -> None:
        """Ask addresses that are not saved yet; `endpoints_checked` follows."""
        hub = self._hub
        if hub is not None:
            self._tasks.run(
                lambda: hub.try_addresses(name, addresses),
                lambda views: self.endpoints_checked.emit(name.value, views),
            )

    def check_workflow(self, path: str) -> None:
        """Look whether a workflow can be used; `workflow_checked` follows, None when it can."""

        def check() -> Message | None:
            from vidgen_gui.pipeline.picture_recipes import read_workflow  # noqa: PLC0415

            try:
                read_workflow(str(Path(path).expanduser()))
            except VidgenError as error:
                return error.message
            return None

        self._tasks.run(check, lambda problem: self.workflow_checked.emit(path, problem))

    def choose_model(self, name: ServiceName, model: str) -> None:
        """Use another model or checkpoint from the next script or picture on."""
        is_writer = name is ServiceName.SCRIPT_WRITER
        path = "script_writer.model" if is_writer else "image_maker.checkpoint"
        self.settings_wanted.emit({path: model})

    def save_api_key(self, name: ServiceName, key: str) -> None:
        """Keep the language model server's key in the keyring; "" removes it."""

        def save() -> bool:
            from vidgen_gui.pipeline.service_hub import API_KEY_NAME  # noqa: PLC0415
            from vidgen_gui.system.secrets import save_secret  # noqa: PLC0415

            return save_secret(API_KEY_NAME, key)

        def on_saved(is_kept: bool) -> None:  # noqa: FBT001 - a result handed on
            self.settings_wanted.emit({"script_writer.needs_key": bool(key)})
            self.api_key_saved.emit(name.value, is_kept)

        self._tasks.run(save, on_saved)

    def _act(self, name: ServiceName, action: "Callable[[ServiceHub], None]") -> None:
        hub = self._hub
        if hub is None:
            self.action_failed.emit(name.value, Message(MessageId.SERVICE_OFF))
            return
        self._tasks.run(
            lambda: action(hub),
            on_error=lambda message: self.action_failed.emit(name.value, message),
        )

    def _check(self, *, background: bool) -> None:
        hub = self._hub
        if hub is None or self._is_checking:
            return
        self._is_checking = True
        self._tasks.run(lambda: hub.check(background=background), self._on_checked, self._on_failed)

    def _on_checked(self, _: object) -> None:
        self._is_checking = False

    def _on_failed(self, message: Message) -> None:
        self._is_checking = False
        for name in ServiceName:
            self.action_failed.emit(name.value, message)

    @Slot()
    def _on_check_timer_timeout(self) -> None:
        self._check(background=True)

    @Slot()
    def _on_changed(self) -> None:
        if not self._tell_timer.isActive():
            self._tell_timer.start()

    @Slot()
    def _tell(self) -> None:
        if self._hub is not None:
            self.views = self._hub.views()
            self.services_changed.emit(self.views)
