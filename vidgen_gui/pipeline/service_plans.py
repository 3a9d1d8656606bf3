"""What the settings say about a service: where it may be and how it could be started."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil

from vidgen_gui.core.errors import InputError, ServiceError, VidgenError
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.service import ServiceName
from vidgen_gui.core.service_settings import split_addresses
from vidgen_gui.core.settings import Settings
from vidgen_gui.net.address import ServerAddress, parse_address
from vidgen_gui.services.managed.launch import (
    ComfyOptions,
    Launch,
    LlamaOptions,
    OwnCommands,
    comfyui_launch,
    find_llama_server,
    llama_server_launch,
)
from vidgen_gui.services.managed.own_commands import runnable, split_command

LLAMA_SERVER_PORT = 8080
OLLAMA_PORT = 11434
COMFYUI_PORT = 8188


@dataclass(frozen=True, slots=True)
class MachineOptions:
    """How ComfyUI is started on this machine: more options, and variables such as its card."""

    flags: str = ""
    env: Mapping[str, str] = field(default_factory=dict)


USUAL_MACHINE = MachineOptions()


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """How a service is to be had.

    ``addresses`` are asked in this order. ``is_configured`` when a person named an address or a
    way to start it: then a failure is told, else the built-in part works without a word.
    ``launch`` starts it; ``launch_problem`` says why the settings for it don't do.
    """

    name: ServiceName
    enabled: bool
    autostart: bool
    addresses: tuple[ServerAddress, ...]
    is_configured: bool
    launch: Launch | None = None
    launch_problem: Message | None = None


def script_writer_plan(settings: Settings) -> ServicePlan:
    """The language model's plan. Looks for programs on the disk."""
    given = settings.script_writer

    def build() -> Launch | None:
        own = _own_commands("llama-server", given.start_command, given.stop_command, given.port)
        if own is not None or not given.model_file:
            return own
        return llama_server_launch(
            LlamaOptions(
                program=_llama_server(given.program),
                model_file=Path(given.model_file),
                context_tokens=given.context_tokens,
                gpu_layers=given.gpu_layers,
                port=given.port,
                threads=_spare_threads(),
                extra_flags=_split(given.extra_flags),
            )
        )

    return _plan(
        ServiceName.SCRIPT_WRITER,
        settings,
        build,
        usual_ports=(LLAMA_SERVER_PORT, OLLAMA_PORT),
    )


def image_maker_plan(settings: Settings, machine: MachineOptions = USUAL_MACHINE) -> ServicePlan:
    """ComfyUI's plan. Looks for programs on the disk."""
    given = settings.image_maker

    def build() -> Launch | None:
        own = _own_commands("ComfyUI", given.start_command, given.stop_command, given.port)
        if own is not None:
            return replace(own, env=machine.env)
        if not given.folder:
            return None
        launch = comfyui_launch(
            ComfyOptions(
                folder=Path(given.folder),
                python=Path(given.python) if given.python else None,
                port=given.port,
                # The machine's come last: of an option that is given twice, the last one counts.
                extra_flags=(*_split(given.extra_flags), *_split(machine.flags)),
            )
        )
        return replace(launch, env={**launch.env, **machine.env})

    return _plan(ServiceName.IMAGE_MAKER, settings, build, usual_ports=(COMFYUI_PORT,))


def _plan(
    name: ServiceName,
    settings: Settings,
    build: Callable[[], Launch | None],
    usual_ports: tuple[int, ...],
) -> ServicePlan:
    given = settings.script_writer if name is ServiceName.SCRIPT_WRITER else settings.image_maker
    launch, own, problem = None, None, None
    try:
        launch = build()
        if launch is not None:
            # Said now, not when a job needs it.
            runnable(launch.argv, launch.cwd)
            own = here(launch.port) if launch.port is not None else None
    except VidgenError as error:
        launch, problem = None, error.message
    named, bad = _named((given.url, *split_addresses(given.fallback_urls)), usual_ports[0])
    problem = bad or problem
    addresses = list(named)
    if own is not None:
        # What we start is asked first, unless the person names another server.
        addresses.insert(len(addresses) if given.url else 0, own)
    if not addresses and settings.network.discover:
        addresses = [here(port) for port in usual_ports]
    return ServicePlan(
        name=name,
        enabled=given.enabled,
        autostart=given.autostart,
        addresses=tuple(dict.fromkeys(addresses)),
        is_configured=bool(named) or launch is not None or problem is not None,
        launch=launch,
        launch_problem=problem,
    )


def _named(texts: Iterable[str], default_port: int) -> tuple[list[ServerAddress], Message | None]:
    """The addresses that can be used, and what is wrong with the first that can't."""
    found = []
    problem = None
    for text in filter(None, texts):
        try:
            found.append(parse_address(text, default_port=default_port))
        except InputError as error:
            problem = problem or error.message
    return found, problem


def here(port: int) -> ServerAddress:
    """A server on this computer."""
    return parse_address(f"http://127.0.0.1:{port}")


def _split(command: str) -> tuple[str, ...]:
    return split_command(command) if command.strip() else ()


def _spare_threads() -> int:
    """All cores but one, which is left to the voice and the render.

    llama.cpp's threads spin while they wait for each other: beside other work on two cores, two
    threads wrote 1.8 tokens a second and one thread 10.
    """
    return max(1, (psutil.cpu_count(logical=False) or 2) - 1)


def _llama_server(given: str) -> Path:
    program = Path(given) if given else find_llama_server()
    if program is None:
        raise ServiceError(MessageId.LLAMA_SERVER_MISSING)
    return program


def _own_commands(name: str, start: str, stop: str, port: int) -> OwnCommands | None:
    if not start.strip():
        return None
    return OwnCommands(name, start=_split(start), stop=_split(stop) or None, port=port)
