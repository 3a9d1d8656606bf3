"""The person's own start and stop commands: servers that leave their script behind are found."""

import os
import shlex
import signal
import sys
from pathlib import Path

import psutil
import pytest
from kit import wait_until
from service_kit import LIMIT_S, ask, bench, free_port, own, pid_in, program, runs, stranger

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled, ServiceError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.service import ServiceState
from vidgen_gui.services.managed.launch import OwnCommands

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="scripts of a POSIX shell")
PATIENT_S = 10 * LIMIT_S
"""A deadline that a hurried clock leaves long enough."""


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses and grace periods are a tenth of what they are for people."""
    monkeypatch.setenv("VIDGEN_PATIENCE", "0.1")


@pytest.fixture
def port() -> int:
    return free_port()


def script(file: Path, *lines: str) -> tuple[str, ...]:
    file.write_text("\n".join(["#!/bin/sh", *lines, ""]), encoding="utf-8")
    file.chmod(0o755)
    return (str(file),)


def in_script(port: int, *options: object) -> str:
    return shlex.join(program(port, *options))


@pytest.mark.parametrize("how", ["--background=session", "--background=group"])
@pytest.mark.req("BUG-41", "O7")
def test_a_server_that_puts_itself_into_the_background(tmp_path: Path, port: int, how: str) -> None:
    with bench(tmp_path, own(port, how, deadline_s=PATIENT_S)) as it:
        it.start()
        pid = it.service.pid
        assert pid is not None
        assert psutil.Process(pid).net_connections("tcp")[0].laddr.port == port
        assert it.recorded() == {pid}
        it.service.stop()
        assert not runs(pid)
        assert ask(port) == 0
        assert it.recorded() == set()


def test_a_script_that_waits_for_its_server(tmp_path: Path, port: int) -> None:
    start = script(tmp_path / "start.sh", "echo from the script", in_script(port), "echo over")
    spec = OwnCommands("the server", start, None, port, ready_deadline_s=PATIENT_S)
    with bench(tmp_path, spec) as it:
        it.start()
        pid = it.service.pid
        assert pid is not None
        shell = psutil.Process(pid).ppid()
        assert it.recorded() == {pid, shell}
        assert it.service.log_tail()[0] == "from the script"
        it.service.stop()
        assert not runs(pid)
        assert not runs(shell)
        assert it.recorded() == set()


def test_a_script_that_leaves_its_server_with_an_ampersand(tmp_path: Path, port: int) -> None:
    start = script(tmp_path / "start.sh", f"nohup {in_script(port)} &", "sleep 0.1")
    spec = OwnCommands("the server", start, None, port, ready_deadline_s=PATIENT_S)
    with bench(tmp_path, spec) as it:
        it.start()
        assert it.service.log_tail()[-1] == "service is ready"
        pid = it.service.pid
        it.service.stop()
        assert pid is not None
        assert not runs(pid)


def test_the_stop_command_ends_it(tmp_path: Path, port: int) -> None:
    pid_file = tmp_path / "pid"
    stop = script(tmp_path / "stop.sh", f"echo stopping it; kill $(cat '{pid_file}')")
    options = ("--background=session", "--pid-file", pid_file)
    with bench(tmp_path, own(port, *options, stop=stop, deadline_s=PATIENT_S)) as it:
        it.start()
        assert it.service.pid == pid_in(pid_file)
        it.service.stop()
        assert "stopping it" in it.service.log_tail()
        assert not runs(pid_in(pid_file))


@pytest.mark.parametrize("stop", [("false",), ("vidgen-no-such-program",), ("sleep", "60")])
def test_a_stop_command_that_does_not_help(
    tmp_path: Path, port: int, stop: tuple[str, ...]
) -> None:
    with bench(tmp_path, own(port, "--background=session", stop=stop, deadline_s=PATIENT_S)) as it:
        it.start()
        pid = it.service.pid
        it.service.stop(within_s=10)
        assert pid is not None
        assert not runs(pid)
        assert it.service.state is ServiceState.STOPPED


def test_a_crash_in_the_background_is_seen_and_mended(tmp_path: Path, port: int) -> None:
    with bench(tmp_path, own(port, "--background=session", deadline_s=PATIENT_S)) as it:
        it.start()
        first = it.service.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        it.wait_for(ServiceState.STARTING, MessageId.SERVICE_RESTARTING)
        it.start()
        assert it.service.pid != first
        assert it.recorded() == {it.service.pid}


def test_a_start_command_that_fails_says_why(tmp_path: Path, port: int) -> None:
    spec = own(port, "--say", "ModuleNotFoundError: No module named 'torch'", "--exit", 3)
    with bench(tmp_path, spec) as it, pytest.raises(ServiceError) as caught:
        it.start()
    assert caught.value.message.id is MessageId.PYTHON_MODULE_MISSING
    assert caught.value.message.params["module"] == "torch"


def test_a_server_that_dies_in_the_background_is_not_waited_for(tmp_path: Path, port: int) -> None:
    pid_file = tmp_path / "pid"
    spec = own(
        port,
        *("--background=session", "--listen-late", "--pid-file", pid_file),
        *("--load-until", tmp_path / "never"),
        deadline_s=100 * LIMIT_S,
    )
    with bench(tmp_path, spec) as it:
        starting = it.start_aside()
        wait_until(lambda: pid_file.exists() and pid_in(pid_file) in it.recorded())
        os.kill(pid_in(pid_file), signal.SIGKILL)
        with pytest.raises(ServiceError) as caught:
            starting.result(LIMIT_S)
        assert caught.value.message.id is MessageId.SERVICE_ENDED_MUTE


def test_cancelling_while_it_loads_in_the_background_ends_it(tmp_path: Path, port: int) -> None:
    pid_file = tmp_path / "pid"
    options = ("--background=session", "--listen-late", "--pid-file", pid_file)
    never = tmp_path / "never"
    with bench(tmp_path, own(port, *options, "--load-until", never, deadline_s=PATIENT_S)) as it:
        token = CancelToken()
        starting = it.start_aside(token)
        wait_until(pid_file.exists)
        token.cancel()
        with pytest.raises(Cancelled):
            starting.result(LIMIT_S)
        assert not runs(pid_in(pid_file))
        assert it.recorded() == set()


def test_what_else_the_command_left_running_is_not_touched(tmp_path: Path, port: int) -> None:
    """A terminal multiplexer with the person's windows, say: only the server is ours to end."""
    helper = tmp_path / "helper"
    start = script(
        tmp_path / "start.sh",
        f"setsid sleep 300 >/dev/null 2>&1 & echo $! >'{helper}'",
        in_script(port, "--background=session"),
    )
    spec = OwnCommands("the server", start, None, port, ready_deadline_s=PATIENT_S)
    with bench(tmp_path, spec) as it:
        it.start()
        server = it.service.pid
        assert it.recorded() == {server}
        it.service.stop()
        assert server is not None
        assert not runs(server)
        assert runs(pid_in(helper))
        os.kill(pid_in(helper), signal.SIGKILL)


def test_a_stranger_on_the_port_is_never_ended(tmp_path: Path, port: int) -> None:
    """The start command does nothing, and somebody else opens the port meanwhile."""
    spec = OwnCommands("the server", ("true",), None, port, ready_deadline_s=PATIENT_S)
    with bench(tmp_path, spec) as it:
        starting = it.start_aside()
        it.changes.wait_for(lambda: it.service.pid)
        with stranger(program(port), port) as theirs:
            starting.result(LIMIT_S)
            assert it.service.state is ServiceState.READY
            assert theirs.pid not in it.recorded()
            with pytest.raises(ServiceError) as caught:
                it.service.stop()
            assert caught.value.message.id is MessageId.SERVICE_RUN_ELSEWHERE
            assert theirs.poll() is None


def test_a_server_that_a_service_manager_runs_needs_the_stop_command(
    tmp_path: Path, port: int
) -> None:
    pid_file = tmp_path / "pid"
    stop = script(tmp_path / "stop.sh", f"kill $(cat '{pid_file}')")
    options = ("--background=session", "--forget-environment", "--pid-file", pid_file)
    with bench(tmp_path, own(port, *options, stop=stop, deadline_s=PATIENT_S)) as it:
        it.start()
        assert it.service.state is ServiceState.READY
        assert it.recorded() == set()
        it.service.stop()
        assert it.service.state is ServiceState.STOPPED
        assert not runs(pid_in(pid_file))


@pytest.mark.parametrize(
    ("mode", "first_line", "expected"),
    [
        (0o644, "#!/bin/sh", MessageId.COMMAND_NOT_RUNNABLE),
        (0o755, "echo hello", MessageId.COMMAND_NO_FIRST_LINE),
    ],
)
def test_a_script_that_cannot_run_is_explained(
    tmp_path: Path, port: int, mode: int, first_line: str, expected: MessageId
) -> None:
    file = tmp_path / "start_qwen.sh"
    file.write_text(first_line + "\n", encoding="utf-8")
    file.chmod(mode)
    spec = OwnCommands("the server", ("./start_qwen.sh",), None, port, cwd=tmp_path)
    with bench(tmp_path, spec) as it, pytest.raises(ServiceError) as caught:
        it.start()
    assert caught.value.message.id is expected
    assert caught.value.message.params["path"] == str(file)
