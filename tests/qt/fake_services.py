"""Services for widget tests: the real controller's signals and methods, answers on cue."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from vidgen_gui.core.messages import Message
from vidgen_gui.core.service import (
    EndpointView,
    Ownership,
    ServiceKind,
    ServiceName,
    ServiceState,
    ServiceView,
)

WRITER, MAKER = ServiceName.SCRIPT_WRITER, ServiceName.IMAGE_MAKER


class FakeServices(QObject):
    """Holds views in memory. ``calls`` is what was asked; ``log`` what a program wrote."""

    services_changed = Signal(object)
    log_loaded = Signal(str, list)
    endpoints_checked = Signal(str, object)
    workflow_checked = Signal(str, object)
    api_key_saved = Signal(str, bool)
    action_failed = Signal(str, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.views: tuple[ServiceView, ...] = tuple(ServiceView(name) for name in ServiceName)
        self.calls: list[tuple[object, ...]] = []
        self.log: list[str] = []
        self.endpoints: tuple[EndpointView, ...] | None = None
        self.workflow_problem: Message | None = None
        self.has_keyring = True

    def show(self, *views: ServiceView) -> None:
        new = {view.name: view for view in views}
        self.views = tuple(new.get(view.name, view) for view in self.views)
        self.services_changed.emit(self.views)

    def view(self, name: ServiceName) -> ServiceView:
        return next(view for view in self.views if view.name is name)

    def called(self, name: str) -> list[tuple[object, ...]]:
        return [call[1:] for call in self.calls if call[0] == name]

    def start_service(self, name: ServiceName) -> None:
        self.calls.append(("start_service", name))

    def stop_service(self, name: ServiceName, *, consented: bool = False) -> None:
        self.calls.append(("stop_service", name, consented))

    def restart_service(self, name: ServiceName, *, consented: bool = False) -> None:
        self.calls.append(("restart_service", name, consented))

    def refresh(self) -> None:
        self.calls.append(("refresh",))

    def request_log(self, name: ServiceName) -> None:
        self.calls.append(("request_log", name))
        self.log_loaded.emit(name.value, list(self.log))

    def check_endpoints(self, name: ServiceName, addresses: str) -> None:
        self.calls.append(("check_endpoints", name, addresses))
        if self.endpoints is not None:
            self.endpoints_checked.emit(name.value, self.endpoints)

    def choose_model(self, name: ServiceName, model: str) -> None:
        self.calls.append(("choose_model", name, model))

    def check_workflow(self, path: str) -> None:
        self.calls.append(("check_workflow", path))
        self.workflow_checked.emit(path, self.workflow_problem)

    def save_api_key(self, name: ServiceName, key: str) -> None:
        self.calls.append(("save_api_key", name, key))
        self.api_key_saved.emit(name.value, self.has_keyring)


def writer_view(**more: object) -> ServiceView:
    """A llama-server of our own, ready."""
    values: dict[str, object] = {
        "state": ServiceState.READY,
        "kind": ServiceKind.LLAMA_SERVER,
        "ownership": Ownership.MANAGED,
        "url": "http://127.0.0.1:8080",
        "endpoints": (EndpointView("http://127.0.0.1:8080", healthy=True, latency_s=0.004),),
        "pid": 4242,
        "memory_mib": 5530.0,
        "model": "Qwen2.5-7B-Instruct-Q4_K_M.gguf",
        "models": ("Qwen2.5-7B-Instruct-Q4_K_M.gguf",),
        "context_tokens": 8192,
        "version": "b6301",
        "command": (
            "/opt/llama.cpp/llama-server",
            "-m",
            "/home/ada/models/Qwen2.5-7B-Instruct-Q4_K_M.gguf",
            "-c",
            "8192",
            "-ngl",
            "99",
            "--port",
            "8080",
        ),
        "can_stop": True,
    }
    return ServiceView(WRITER, **{**values, **more})  # type: ignore[arg-type]


def maker_view(**more: object) -> ServiceView:
    """A ComfyUI of our own, ready."""
    values: dict[str, object] = {
        "state": ServiceState.READY,
        "kind": ServiceKind.COMFYUI,
        "ownership": Ownership.MANAGED,
        "url": "http://127.0.0.1:8188",
        "endpoints": (EndpointView("http://127.0.0.1:8188", healthy=True, latency_s=0.021),),
        "pid": 4310,
        "memory_mib": 3170.0,
        "model": "dreamshaper_8.safetensors",
        "models": (
            "dreamshaper_8.safetensors",
            "juggernautXL_v9.safetensors",
            "v1-5-pruned-emaonly-fp16.safetensors",
        ),
        "version": "0.3.64",
        "command": ("/home/ada/ComfyUI/venv/bin/python", "main.py", "--port", "8188"),
        "can_stop": True,
    }
    return ServiceView(MAKER, **{**values, **more})  # type: ignore[arg-type]


def absent_view(name: ServiceName, **more: object) -> ServiceView:
    """A program that is not there."""
    return replace(ServiceView(name, ServiceState.NOT_FOUND), **more)  # type: ignore[arg-type]


def unwell(view: ServiceView, detail: Message) -> ServiceView:
    return replace(view, state=ServiceState.UNHEALTHY, detail=detail)


def addresses_of(endpoints: Sequence[EndpointView]) -> list[str]:
    return [endpoint.url for endpoint in endpoints]
