"""Programs that were found running: recognised, ended with consent only, started again alike."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from kit import wait_until
from service_kit import LIMIT_S, MARKER, PROGRAM, ask, bench, free_port, program, runs

from vidgen_gui.core.errors import ServiceError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.service import ServiceState
from vidgen_gui.services.managed.adopt import (
    Listener,
    find_listener,
    listening_pids,
    port_in_use,
    relaunch,
    stop_adopted,
)


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def stranger(port: int, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A server that somebody started in a folder of theirs, with a variable of theirs."""
    python = Path(sys.executable)
    folder = tmp_path / "their folder"
    folder.mkdir()
    with subprocess.Popen(
        [python.name, str(PROGRAM), "--port", str(port), "--say", "théir words"],
        executable=sys.executable,
        cwd=folder,
        env={"PATH": str(python.parent), "THEIRS": "yes"},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    ) as process:
        wait_until(lambda: ask(port) == 200)
        yield process
        process.kill()


def found(port: int) -> Listener:
    listener = find_listener(port)
    assert listener is not None
    return listener


@pytest.mark.req("BUG-41", "Q9")
def test_who_listens_is_found_with_how_it_was_started(
    stranger: subprocess.Popen[bytes], port: int, tmp_path: Path
) -> None:
    listener = found(port)
    assert listener.pid == stranger.pid
    assert listener.argv[1:] == (str(PROGRAM), "--port", str(port), "--say", "théir words")
    assert listener.cwd == tmp_path / "their folder"
    assert listener.env["THEIRS"] == "yes"
    assert listener.name.endswith("service_program.py")
    assert listener.started_at == pytest.approx(psutil.Process(stranger.pid).create_time())
    assert "THEIRS" not in repr(listener)
    assert port_in_use(port)


def test_a_free_port_has_nobody(port: int) -> None:
    assert find_listener(port) is None
    assert not port_in_use(port)


@pytest.mark.parametrize("address", ["0.0.0.0", "::1", "::"])  # noqa: S104 - what others do
def test_every_way_to_listen_is_seen(port: int, address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as server:
        try:
            server.bind((address, port))
        except OSError:
            pytest.skip(f"this machine has no {address}")
        server.listen()
        assert listening_pids(port) == (os.getpid(),)


def test_a_connection_from_that_port_is_no_listener() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        assert listening_pids(client.getsockname()[1]) == ()


def test_it_is_found_where_only_own_processes_may_be_asked(
    stranger: subprocess.Popen[bytes], port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(_: str) -> None:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil, "net_connections", denied)
    assert found(port).pid == stranger.pid


@pytest.mark.req("BUG-42", "AUD-40")
def test_it_is_ended_with_consent_only(stranger: subprocess.Popen[bytes], port: int) -> None:
    listener = found(port)
    with pytest.raises(ServiceError) as caught:
        stop_adopted(listener, consented=False)
    assert caught.value.message.id is MessageId.ADOPTED_NEEDS_CONSENT
    assert stranger.poll() is None
    assert ask(port) == 200
    stop_adopted(listener, consented=True)
    assert not runs(stranger.pid)
    assert not listener.alive
    assert not port_in_use(port)
    stop_adopted(listener, consented=True)


def test_another_process_with_that_pid_is_never_touched(
    stranger: subprocess.Popen[bytes], port: int
) -> None:
    stop_adopted(replace(found(port), mark="another start"), consented=True)
    assert stranger.poll() is None


def test_a_process_that_left_the_port_is_not_touched(
    stranger: subprocess.Popen[bytes], port: int
) -> None:
    with pytest.raises(ServiceError) as caught:
        stop_adopted(replace(found(port), port=free_port()), consented=True)
    assert caught.value.message.id is MessageId.ADOPTED_CHANGED
    assert stranger.poll() is None


def test_the_app_does_not_end_itself() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        pytest.raises(ServiceError) as caught,
    ):
        stop_adopted(found(server.getsockname()[1]), consented=True)
    assert caught.value.message.id is MessageId.ADOPTED_CHANGED


def test_one_that_ignores_being_asked_is_killed(port: int) -> None:
    with subprocess.Popen(program(port, "--ignore-term"), stdout=subprocess.DEVNULL) as process:
        wait_until(lambda: ask(port) == 200)
        stop_adopted(found(port), consented=True, within_s=0.3)
        assert not runs(process.pid)


@pytest.mark.req("BUG-42", "BUG-43")
def test_it_is_started_again_the_same_way(
    stranger: subprocess.Popen[bytes], port: int, tmp_path: Path
) -> None:
    listener = found(port)
    again = relaunch(listener, "the server", MARKER)
    stop_adopted(listener, consented=True)
    stranger.wait(LIMIT_S)
    with bench(tmp_path, again) as it:
        it.start()
        assert it.service.state is ServiceState.READY
        assert "théir words" in it.service.log_tail()
        started = found(port)
        assert started.argv[1:] == listener.argv[1:]
        assert started.argv[0] == str(Path(sys.executable).parent / listener.argv[0])
        assert started.cwd == listener.cwd
        assert started.env["THEIRS"] == "yes"


def test_without_its_command_line_it_cannot_be_started_again(
    stranger: subprocess.Popen[bytes], port: int
) -> None:
    with pytest.raises(ServiceError) as caught:
        relaunch(replace(found(port), argv=()), "the server")
    assert caught.value.message.id is MessageId.ADOPTED_COMMAND_UNKNOWN
    assert stranger.poll() is None
