"""What the tests with real servers share: the programs, and a llama-server that is up."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import llm_files
import pytest
from llm_files import RunningServer
from service_kit import free_port

from vidgen_gui.net.address import parse_address
from vidgen_gui.system.process import ManagedProcess

LISTENING = re.compile(r"listening on http")
START_S = 240.0


@pytest.fixture(scope="session")
def llama_server_program() -> Path:
    return llm_files.llama_server_program()


@pytest.fixture(scope="session")
def gemma_model() -> Path:
    return llm_files.gemma_model()


@pytest.fixture(scope="module")
def llama_server(llama_server_program: Path, gemma_model: Path) -> Iterator[RunningServer]:
    """A llama-server with a context of 2048 tokens a slot, two slots."""
    port, up = free_port(), threading.Event()

    def look(line: str) -> None:
        if LISTENING.search(line):
            up.set()

    argv = [str(llama_server_program), "-m", str(gemma_model), "-c", "4096", "-np", "2"]
    # With as many threads as cores, its spinning threads wait for each other on a busy machine:
    # 10 tokens/s with one thread, less than 1 with two, were measured beside other tests.
    argv += ["-t", "1", "--poll", "0"]
    argv += ["--host", "127.0.0.1", "--port", str(port)]
    with ManagedProcess(argv, on_stderr_line=look, on_stdout_line=look) as process:
        assert up.wait(START_S), process.stderr_tail
        yield RunningServer(parse_address(f"127.0.0.1:{port}"), process)
