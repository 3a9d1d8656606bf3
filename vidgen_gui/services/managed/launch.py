"""What is started and how: command lines for llama-server and ComfyUI. Starts nothing itself."""

import os
import re
import shutil
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from vidgen_gui.core.errors import ServiceError
from vidgen_gui.core.messages import MessageId

READY_DEADLINE_S = 300.0
"""Loading 4.4 GiB from a slow disk, or ComfyUI with many extensions, takes minutes."""

LLAMA_READY = re.compile(r"model loaded|listening on http|all slots are idle")
"""llama.cpp says the first from 2024 on. "HTTP server is listening" comes *before* the model."""
COMFYUI_READY = re.compile(r"To see the GUI go to")

GGUF_MAGIC = b"GGUF"
# Options that silence what the marker looks for: then the health check alone decides.
_LLAMA_QUIET = frozenset({"--log-disable", "-lv", "--verbosity", "--log-verbosity"})
_COMFYUI_QUIET = frozenset({"WARNING", "ERROR", "CRITICAL"})


@dataclass(frozen=True, slots=True)
class LaunchSpec:
    """A program that stays in the foreground for as long as it serves.

    ``env`` is added to the app's own environment. ``ready_marker`` is searched for in each line
    that it prints; without one the health check alone decides. ``ready_deadline_s`` bounds the
    time from its start to its first good answer.
    """

    name: str
    argv: tuple[str, ...]
    cwd: Path | None = None
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    ready_marker: re.Pattern[str] | None = None
    port: int | None = None
    ready_deadline_s: float = READY_DEADLINE_S


@dataclass(frozen=True, slots=True)
class OwnCommands:
    """The person's own commands; ``start`` may end at once and leave a server behind it.

    That server is found again by ``port`` and the health check. Without ``stop`` it is ended by
    its process.
    """

    name: str
    start: tuple[str, ...]
    stop: tuple[str, ...] | None
    port: int
    cwd: Path | None = None
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    ready_marker: re.Pattern[str] | None = None
    ready_deadline_s: float = READY_DEADLINE_S

    @property
    def argv(self) -> tuple[str, ...]:
        return self.start


Launch: TypeAlias = LaunchSpec | OwnCommands


@dataclass(frozen=True, slots=True)
class LlamaOptions:
    """What llama-server is started with; ``gpu_layers`` 0 uses the processor alone.

    ``threads`` None leaves their number to the server, which takes every core.
    """

    program: Path
    model_file: Path
    context_tokens: int
    gpu_layers: int
    port: int
    extra_flags: tuple[str, ...] = ()
    threads: int | None = None


@dataclass(frozen=True, slots=True)
class ComfyOptions:
    """Where ComfyUI lies; without ``python`` the one that was installed with it is used."""

    folder: Path
    port: int
    python: Path | None = None
    extra_flags: tuple[str, ...] = ()


def llama_server_launch(options: LlamaOptions) -> LaunchSpec:
    """How to start llama-server with one model.

    Raises:
        ServiceError: the model file is missing or is no GGUF file.
    """
    check_model_file(options.model_file)
    argv = (
        str(options.program),
        *("-m", str(options.model_file)),
        *("-c", str(options.context_tokens)),
        *("-ngl", str(options.gpu_layers)),
        *(("-t", str(options.threads)) if options.threads else ()),
        *("--host", "127.0.0.1"),
        *("--port", str(options.port)),
        *options.extra_flags,
    )
    return LaunchSpec(
        "llama-server",
        argv,
        ready_marker=None if _LLAMA_QUIET & set(options.extra_flags) else LLAMA_READY,
        port=_port_of(options.extra_flags, options.port),
    )


def check_model_file(path: Path) -> None:
    """Look at a model file's first bytes before a program spends a minute on them.

    Raises:
        ServiceError: it is missing, unreadable or no GGUF file.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(len(GGUF_MAGIC))
    except PermissionError as error:
        raise ServiceError(MessageId.ACCESS_DENIED, what=str(path)) from error
    except OSError as error:
        raise ServiceError(MessageId.MODEL_FILE_MISSING, path=str(path)) from error
    if magic != GGUF_MAGIC:
        raise ServiceError(MessageId.MODEL_FILE_DAMAGED, path=str(path))


def model_of(argv: Sequence[str]) -> str:
    """The model file on a command line of llama-server; empty when there is none."""
    return _value_of(argv, "-m") or _value_of(argv, "--model")


def find_llama_server() -> Path | None:
    """llama-server on PATH or where its builds and package managers put it; None if nowhere."""
    home = Path.home()
    folders = [
        Path(sysconfig.get_path("scripts")),
        home / ".local" / "bin",
        home / "llama.cpp" / "build" / "bin",
        home / "llama.cpp" / "build" / "bin" / "Release",
        home / "llama.cpp",
    ]
    if sys.platform == "win32":
        local = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
        folders += [
            local / "Microsoft" / "WinGet" / "Links",
            local / "Programs" / "llama.cpp",
            Path(os.environ.get("PROGRAMFILES") or local) / "llama.cpp",
        ]
    if sys.platform == "darwin":
        # A program started from the Finder has no Homebrew on its PATH.
        root = Path(home.anchor)
        folders += [root / "opt" / "homebrew" / "bin", root / "usr" / "local" / "bin"]
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *map(str, folders)])
    found = shutil.which("llama-server", path=path)
    return None if found is None else Path(found)


def comfyui_launch(options: ComfyOptions) -> LaunchSpec:
    """How to start the ComfyUI in a folder: its ``main.py`` with its own Python.

    Raises:
        ServiceError: there is no ComfyUI in the folder, or no Python to run it.
    """
    folder = comfyui_folder(options.folder)
    python = options.python or _python_of(folder)
    if python is None:
        raise ServiceError(MessageId.COMFYUI_PYTHON_MISSING, path=str(folder))
    portable = python.parent.name == "python_embeded"
    argv = (
        str(python),
        *(("-s",) if portable else ()),
        str(folder / "main.py"),
        *("--listen", "127.0.0.1"),
        *("--port", str(options.port)),
        "--disable-auto-launch",
        *(("--windows-standalone-build",) if portable else ()),
        *options.extra_flags,
    )
    level = _value_of(options.extra_flags, "--verbose")
    return LaunchSpec(
        "ComfyUI",
        argv,
        cwd=folder,
        # Into a pipe Python would keep its words back until 8 KiB have come together.
        env={"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"},
        ready_marker=None if level in _COMFYUI_QUIET else COMFYUI_READY,
        port=_port_of(options.extra_flags, options.port),
    )


def comfyui_folder(folder: Path) -> Path:
    """The folder that holds ``main.py``: the given one, or ``ComfyUI`` in it (Windows portable).

    Raises:
        ServiceError: neither has one.
    """
    for candidate in (folder, folder / "ComfyUI"):
        if (candidate / "main.py").is_file():
            return candidate.absolute()
    raise ServiceError(MessageId.COMFYUI_FOLDER_WRONG, path=str(folder))


def _python_of(folder: Path) -> Path | None:
    """The Python that ComfyUI was installed with, else the system's; never the app's own."""
    windows = sys.platform == "win32"
    inside = Path("Scripts", "python.exe") if windows else Path("bin", "python")
    candidates = [
        place / name / inside for place in (folder, folder.parent) for name in ("venv", ".venv")
    ]
    candidates += [place / "python_embeded" / "python.exe" for place in (folder.parent, folder)]
    found = next((one for one in candidates if one.is_file()), None)
    if found is not None:
        return found
    names = ("python", "py") if windows else ("python3", "python")
    on_path = next(filter(None, map(shutil.which, names)), None)
    return None if on_path is None else Path(on_path)


def _port_of(flags: Sequence[str], port: int) -> int:
    """The port that the program really uses: the last ``--port`` on its command line counts."""
    given = _value_of(flags, "--port")
    return int(given) if given.isdecimal() else port


def _value_of(flags: Sequence[str], name: str) -> str:
    """The last value of an option, given as ``--name value`` or ``--name=value``."""
    value = ""
    for index, part in enumerate(flags):
        if part == name:
            value = flags[index + 1] if index + 1 < len(flags) else ""
        elif part.startswith(f"{name}="):
            value = part.removeprefix(f"{name}=")
    return value
