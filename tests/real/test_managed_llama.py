"""A real llama-server, started by the app: ready, watched, restarted, and gone when told."""

import os
import signal
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from service_kit import Bench, bench, free_port, runs

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import ServiceError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.service import ServiceState
from vidgen_gui.net.address import parse_address
from vidgen_gui.services.llm.detect import check_health
from vidgen_gui.services.managed.adopt import find_listener, relaunch, stop_adopted
from vidgen_gui.services.managed.launch import (
    LLAMA_READY,
    LlamaOptions,
    OwnCommands,
    llama_server_launch,
)

LIGHT = ("-t", "1", "--poll", "0")
"""Spinning threads, as many as cores, would wait for each other beside other tests."""


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def options(llama_server_program: Path, gemma_model: Path, port: int) -> LlamaOptions:
    return LlamaOptions(llama_server_program, gemma_model, 512, 0, port, LIGHT)


def llama(tmp_path: Path, options: LlamaOptions) -> AbstractContextManager[Bench]:
    return bench(tmp_path, llama_server_launch(options), health(options.port))


def health(port: int) -> Callable[[CancelToken], None]:
    address = parse_address(f"127.0.0.1:{port}")

    def check(cancel: CancelToken) -> None:
        check_health(address, cancel)

    return check


@pytest.mark.req("BUG-41", "BUG-42")
def test_it_is_started_when_asked_and_gone_when_told(tmp_path: Path, options: LlamaOptions) -> None:
    with llama(tmp_path, options) as it:
        it.start()
        # Ready means that it can be asked, not just that the process is there.
        health(options.port)(CancelToken())
        pid = it.service.pid
        assert pid is not None
        assert it.recorded() == {pid}
        assert any(LLAMA_READY.search(line) for line in it.service.log_tail())
        it.service.stop()
        assert not runs(pid)
        assert find_listener(options.port) is None
        assert it.recorded() == set()
        with pytest.raises(ServiceError):
            health(options.port)(CancelToken())


@pytest.mark.req("BUG-43")
def test_killed_by_force_it_comes_back(tmp_path: Path, options: LlamaOptions) -> None:
    with llama(tmp_path, options) as it:
        it.start()
        first = it.service.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        it.wait_for(ServiceState.STARTING, MessageId.SERVICE_RESTARTING)
        it.start()
        assert it.service.pid not in {None, first}
        health(options.port)(CancelToken())


def test_a_model_file_that_is_cut_off(
    tmp_path: Path, llama_server_program: Path, gemma_model: Path, port: int
) -> None:
    cut = tmp_path / "half a model.gguf"
    with gemma_model.open("rb") as model:
        cut.write_bytes(model.read(20_000_000))
    with llama(tmp_path, LlamaOptions(llama_server_program, cut, 512, 0, port, LIGHT)) as it:
        with pytest.raises(ServiceError) as caught:
            it.start()
        assert caught.value.message.id is MessageId.MODEL_FILE_DAMAGED
        assert caught.value.message.params["path"] == str(cut)
        assert it.service.state is ServiceState.UNHEALTHY


def test_a_flag_that_it_does_not_know(
    tmp_path: Path, llama_server_program: Path, gemma_model: Path, port: int
) -> None:
    wrong = LlamaOptions(llama_server_program, gemma_model, 512, 0, port, ("--quick",))
    with llama(tmp_path, wrong) as it, pytest.raises(ServiceError) as caught:
        it.start()
    assert caught.value.message.id is MessageId.FLAG_UNKNOWN
    assert caught.value.message.params["flag"] == "--quick"


@pytest.mark.req("O7")
def test_a_port_that_another_llama_server_has(tmp_path: Path, options: LlamaOptions) -> None:
    (tmp_path / "other").mkdir()
    with llama(tmp_path, options) as first, llama(tmp_path / "other", options) as second:
        first.start()
        with pytest.raises(ServiceError) as caught:
            second.start()
        message = caught.value.message
        assert message.id is MessageId.PORT_TAKEN_BY
        assert message.params["program"] == "llama-server"
        assert message.params["pid"] == str(first.service.pid)
        assert first.service.state is ServiceState.READY


@pytest.mark.skipif(os.name == "nt", reason="a script of a POSIX shell")
@pytest.mark.req("BUG-41")
def test_a_start_script_that_leaves_it_in_the_background(
    tmp_path: Path, options: LlamaOptions
) -> None:
    argv = " ".join(f"'{part}'" for part in llama_server_launch(options).argv)
    start = tmp_path / "start_qwen.sh"
    start.write_text(f"#!/bin/sh\nsetsid nohup {argv} >'{tmp_path}/log' 2>&1 &\n", encoding="utf-8")
    start.chmod(0o755)
    spec = OwnCommands("llama-server", (str(start),), None, options.port)
    with bench(tmp_path, spec, health(options.port)) as it:
        it.start()
        pid = it.service.pid
        assert pid is not None
        listener = find_listener(options.port)
        assert listener is not None
        assert listener.pid == pid
        assert it.recorded() == {pid}
        it.service.stop()
        assert not runs(pid)


@pytest.mark.req("BUG-42", "AUD-40")
def test_an_adopted_one_is_started_again_by_its_own_command(
    tmp_path: Path, options: LlamaOptions
) -> None:
    argv = llama_server_launch(options).argv
    with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True) as theirs:
        assert theirs.stderr is not None
        assert any("listening on" in line for line in theirs.stderr)
        listener = find_listener(options.port)
        assert listener is not None
        assert listener.argv == argv
        again = relaunch(listener, "llama-server", LLAMA_READY)
        stop_adopted(listener, consented=True)
        assert theirs.wait(60) is not None
    with bench(tmp_path, again, health(options.port)) as it:
        it.start()
        started = find_listener(options.port)
        assert started is not None
        assert started.argv == argv
        assert started.pid == it.service.pid
