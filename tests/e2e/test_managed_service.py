"""Programs that the app starts: ready when they say and prove it, watched, restarted, ended."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from kit import wait_until
from service_kit import (
    LIMIT_S,
    Bench,
    ask,
    bench,
    direct,
    free_port,
    pid_in,
    program,
    runs,
    stranger,
)

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled, ServiceError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.service import ServiceState
from vidgen_gui.net.address import parse_address
from vidgen_gui.net.errors import HttpFailure
from vidgen_gui.services.managed.log_ring import MAX_LINE_CHARS, MAX_LINES
from vidgen_gui.store.database import Database
from vidgen_gui.store.processes import ProcessRegistry

HURRY = "0.1"
"""Pauses and grace periods are a tenth of what they are for people."""
APP = Path(__file__).with_name("managed_app.py")


def app_process(folder: Path, *command: str) -> "subprocess.Popen[bytes]":
    """An app that starts ``command`` and says which process serves."""
    return subprocess.Popen(
        [sys.executable, str(APP), str(folder), *command],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(APP.parents[1])},
    )


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDGEN_PATIENCE", HURRY)


@pytest.fixture
def healthy(tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setenv("VIDGEN_PATIENCE", HURRY)
    with bench(tmp_path, direct(port, deadline_s=10 * LIMIT_S)) as made:
        made.start()
        yield made


@pytest.mark.req("BUG-41")
def test_it_is_ready_when_its_log_says_so_and_it_answers(tmp_path: Path, port: int) -> None:
    loaded = tmp_path / "loaded"
    spec = direct(port, "--load-until", loaded, "--answer-early")
    with bench(tmp_path, spec) as it:
        starting = it.start_aside()
        wait_until(lambda: ask(port) == 200)
        assert it.changes.never_come_to(lambda: it.service.state is not ServiceState.STARTING)
        assert it.service.detail is not None
        assert it.service.detail.id is MessageId.SERVICE_LOADING
        loaded.touch()
        starting.result(LIMIT_S)
        assert it.service.state is ServiceState.READY
        assert it.service.pid is not None
        assert it.service.started_at is not None
        assert it.recorded() == {it.service.pid}
        it.service.stop()
        assert it.service.state is ServiceState.STOPPED
        assert it.service.pid is None
        assert it.recorded() == set()


def test_saying_ready_without_answering_is_not_enough(
    tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIDGEN_PATIENCE", "0.5")
    with bench(tmp_path, direct(port, "--never-answer", deadline_s=10)) as it:
        starting = it.start_aside()
        it.wait_for(ServiceState.STARTING, MessageId.SERVICE_WAITING)
        with pytest.raises(ServiceError) as caught:
            starting.result(LIMIT_S)
        assert caught.value.message.id is MessageId.SERVICE_START_TOO_LONG
        assert caught.value.message.params["words"] == "service is ready"
        assert it.service.state is ServiceState.UNHEALTHY
        assert it.service.detail == caught.value.message
        assert it.recorded() == set()
        assert ask(port) == 0


def test_a_server_that_wants_a_key_is_not_waited_for(tmp_path: Path, port: int) -> None:
    address = parse_address(f"127.0.0.1:{port}")

    def wants_a_key(_: CancelToken) -> None:
        raise HttpFailure(
            MessageId.SERVER_WANTS_KEY,
            address,
            f"{address.url}/health",
            status=401,
            body="",
            retry_after_s=None,
        )

    with bench(tmp_path, direct(port), wants_a_key) as it:
        with pytest.raises(ServiceError) as caught:
            it.start()
        assert caught.value.message.id is MessageId.SERVER_WANTS_KEY
        assert it.service.state is ServiceState.UNHEALTHY
        assert ask(port) == 0


@pytest.mark.req("O7")
def test_a_taken_port_is_told_with_who_has_it(tmp_path: Path, port: int) -> None:
    with stranger(program(port), port) as theirs:
        with bench(tmp_path, direct(port)) as it:
            with pytest.raises(ServiceError) as caught:
                it.start()
            message = caught.value.message
            assert message.id is MessageId.PORT_TAKEN_BY
            assert message.params["pid"] == str(theirs.pid)
            assert message.params["program"].endswith("service_program.py")
            assert it.service.log_tail() == ()
        assert theirs.poll() is None


@pytest.mark.parametrize(
    ("options", "advice"),
    [
        (
            (
                "--say",
                "ggml_backend_cuda_buffer_type_alloc_buffer: cudaMalloc failed: out of memory",
            ),
            MessageId.GPU_MEMORY_SHORT,
        ),
        (("--say", "OSError: [Errno 98] address already in use"), MessageId.PORT_TAKEN),
        (("--say", "I have no idea"), MessageId.SERVICE_ENDED),
    ],
)
def test_what_fails_to_start_says_why_and_is_not_tried_again(
    tmp_path: Path, port: int, options: tuple[str, ...], advice: MessageId
) -> None:
    with bench(tmp_path, direct(port, *options, "--exit", 1)) as it:
        with pytest.raises(ServiceError) as caught:
            it.start()
        assert caught.value.message.id is advice
        assert it.service.state is ServiceState.UNHEALTHY
        assert it.service.log_tail()[-1] == options[-1]
        assert len(it.service.log_tail()) == 1


def test_one_that_ends_without_a_word_says_so(tmp_path: Path, port: int) -> None:
    """ "Its last words:" and then nothing would be no help."""
    silent = replace(direct(port), argv=(sys.executable, "-c", "raise SystemExit(3)"))
    with bench(tmp_path, silent) as it, pytest.raises(ServiceError) as caught:
        it.start()
    assert caught.value.message.id is MessageId.SERVICE_ENDED_MUTE
    assert caught.value.message.params["code"] == "3"


def test_a_program_that_is_not_there(tmp_path: Path, port: int) -> None:
    spec = replace(direct(port), argv=(str(tmp_path / "llama-server"),))
    with bench(tmp_path, spec) as it, pytest.raises(ServiceError) as caught:
        it.start()
    # Not that VidGen's own parts are missing: that is said of FFmpeg and the like.
    assert caught.value.message.id is MessageId.COMMAND_NOT_FOUND


@pytest.mark.req("BUG-43")
def test_a_crashed_one_is_started_again(healthy: Bench, port: int) -> None:
    first = healthy.service.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    healthy.wait_for(ServiceState.STARTING, MessageId.SERVICE_RESTARTING)
    # Who needs it meanwhile waits for the restart.
    healthy.start()
    assert healthy.service.state is ServiceState.READY
    assert healthy.service.pid != first
    assert healthy.recorded() == {healthy.service.pid}
    assert ask(port) == 200


@pytest.mark.req("BUG-43")
def test_one_that_hangs_is_started_again(healthy: Bench, port: int) -> None:
    hung = healthy.service.pid
    assert hung is not None
    os.kill(hung, signal.SIGSTOP)
    healthy.wait_for(ServiceState.STARTING, MessageId.SERVICE_RESTARTING)
    healthy.start()
    assert not runs(hung)
    assert healthy.service.state is ServiceState.READY
    assert ask(port) == 200


@pytest.mark.usefixtures("hurried")
def test_crashing_again_and_again_ends_in_words(tmp_path: Path, port: int) -> None:
    counter = tmp_path / "crashes"
    counter.write_text("0", encoding="utf-8")
    with bench(tmp_path, direct(port, "--crashes", counter, deadline_s=10 * LIMIT_S)) as it:
        it.start()
        counter.write_text("2", encoding="utf-8")
        ask(port, "/crash")
        it.wait_for(ServiceState.STARTING, MessageId.SERVICE_RESTARTING)
        it.start()
        assert counter.read_text(encoding="utf-8") == "0"
        assert it.service.state is ServiceState.READY
        # Three restarts are used up within ten minutes: the next crash is the last.
        ask(port, "/crash")
        it.wait_for(ServiceState.UNHEALTHY, MessageId.SERVICE_GAVE_UP)
        assert it.service.detail is not None
        assert it.service.detail.params["words"] == "the sky is falling"
        assert it.service.pid is None
        assert it.recorded() == set()
        # A person may still try: that is no restart.
        it.start()
        assert it.service.state is ServiceState.READY


def test_a_stop_is_never_followed_by_a_restart(healthy: Bench) -> None:
    pid = healthy.service.pid
    healthy.service.stop()
    assert pid is not None
    assert not runs(pid)
    healthy.start()
    healthy.service.stop()
    once = [ServiceState.STARTING, ServiceState.READY, ServiceState.STOPPING, ServiceState.STOPPED]
    assert healthy.changes.states() == once * 2
    assert MessageId.SERVICE_RESTARTING not in {detail for _, detail in healthy.changes.seen}


def test_a_stop_while_it_loads_is_told_to_who_waits(tmp_path: Path, port: int) -> None:
    with bench(tmp_path, direct(port, "--load-until", tmp_path / "never")) as it:
        starting = it.start_aside()
        it.changes.wait_for(lambda: it.service.pid)
        it.service.stop()
        with pytest.raises(ServiceError) as caught:
            starting.result(LIMIT_S)
        assert caught.value.message.id is MessageId.SERVICE_STOPPED
        assert it.service.state is ServiceState.STOPPED
        assert it.recorded() == set()


def test_a_stop_in_the_pause_before_a_restart_holds(healthy: Bench, port: int) -> None:
    ask(port, "/crash")
    healthy.wait_for(ServiceState.STARTING, MessageId.SERVICE_RESTARTING)
    healthy.service.stop()
    assert healthy.service.state is ServiceState.STOPPED
    assert not healthy.service.is_alive
    assert ask(port) == 0


def test_a_stop_does_not_wait_for_a_health_check(tmp_path: Path, port: int) -> None:
    asked = threading.Event()

    def hangs_until_cancelled(cancel: CancelToken) -> None:
        asked.set()
        cancel.wait(LIMIT_S)

    with bench(tmp_path, direct(port), hangs_until_cancelled) as it:
        starting = it.start_aside()
        assert asked.wait(LIMIT_S)
        stopping = it.pool.submit(it.service.stop)
        stopping.result(LIMIT_S / 2)
        with pytest.raises(ServiceError):
            starting.result(LIMIT_S)


def test_who_cancels_ends_it_unless_another_waits(tmp_path: Path, port: int) -> None:
    loaded = tmp_path / "loaded"
    with bench(tmp_path, direct(port, "--load-until", loaded)) as it:
        token = CancelToken()
        one, other = it.start_aside(token), it.start_aside()
        it.changes.wait_for(lambda: it.service.pid)
        wait_until(lambda: len(it.service._watcher._waiting) == 2)
        token.cancel()
        with pytest.raises(Cancelled):
            one.result(LIMIT_S)
        loaded.touch()
        other.result(LIMIT_S)
        it.service.stop()
        loaded.unlink()
        token = CancelToken()
        alone = it.start_aside(token)
        it.changes.wait_for(lambda: it.service.pid)
        pid = it.service.pid
        token.cancel()
        with pytest.raises(Cancelled):
            alone.result(LIMIT_S)
        assert pid is not None
        assert not runs(pid)
        assert it.service.state is ServiceState.STOPPED
        assert it.recorded() == set()


@pytest.mark.req("A3", "E3")
@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("options", [(), ("--ignore-term",)], ids=["child", "both"])
def test_the_whole_group_ends_even_when_it_ignores_being_asked(
    tmp_path: Path, port: int, options: tuple[str, ...]
) -> None:
    child = tmp_path / "child"
    spec = direct(port, *options, "--child", child, deadline_s=10 * LIMIT_S)
    with bench(tmp_path, spec) as it:
        it.start()
        pid = it.service.pid
        assert pid is not None
        assert runs(pid_in(child))
        it.service.stop()
        assert not runs(pid)
        assert not runs(pid_in(child))


@pytest.mark.usefixtures("hurried")
def test_a_child_that_outlives_a_crash_is_ended_before_the_restart(
    tmp_path: Path, port: int
) -> None:
    child = tmp_path / "child"
    with bench(tmp_path, direct(port, "--child", child, deadline_s=10 * LIMIT_S)) as it:
        it.start()
        orphan = pid_in(child)
        assert it.service.pid is not None
        os.kill(it.service.pid, signal.SIGKILL)
        it.wait_for(ServiceState.STARTING, MessageId.SERVICE_RESTARTING)
        assert not runs(orphan)
        it.start()
        assert pid_in(child) != orphan


@pytest.mark.req("N4", "ERR-6", "BUG-20")
def test_megabytes_of_log_stay_a_bounded_view(tmp_path: Path, port: int) -> None:
    with bench(tmp_path, direct(port, "--flood-mib", 8)) as it:
        it.start()
        lines = it.service.log_tail(10**6)
        assert len(lines) == MAX_LINES
        assert max(map(len, lines)) <= MAX_LINE_CHARS
        assert lines[-1] == "service is ready"
        assert lines[0].startswith("layer xxx")
        assert it.service.log_tail(3) == lines[-3:]


def test_keys_are_shown_nowhere(tmp_path: Path, port: int) -> None:
    key = "correct-horse-battery"
    with bench(tmp_path, direct(port, "--api-key", key)) as it:
        it.start()
        assert any("the key is •••" in line for line in it.service.log_tail())
        assert not any(key in line for line in it.service.log_tail())
        assert key not in " ".join(it.service.command)
        assert "•••" in it.service.command


@pytest.mark.expected_log
def test_a_listener_that_fails_stops_nothing(
    tmp_path: Path, port: int, caplog: pytest.LogCaptureFixture
) -> None:
    with bench(tmp_path, direct(port)) as it:

        def fail() -> None:
            raise ZeroDivisionError

        it.service._watcher._on_change = fail
        it.start()
        assert it.service.state is ServiceState.READY
    assert "telling about the server failed" in caplog.text


@pytest.mark.expected_log
def test_a_check_that_breaks_leaves_nobody_waiting(tmp_path: Path, port: int) -> None:
    def broken(_: CancelToken) -> None:
        raise ZeroDivisionError

    with bench(tmp_path, direct(port), broken) as it:
        with pytest.raises(ServiceError) as caught:
            it.start()
        assert caught.value.message.id is MessageId.UNEXPECTED
        assert it.service.state is ServiceState.UNHEALTHY
        assert ask(port) == 0


def test_closed_is_closed(tmp_path: Path, port: int) -> None:
    with bench(tmp_path, direct(port)) as it:
        it.start()
        it.service.close()
        it.service.close()
        assert ask(port) == 0
        assert not [one for one in threading.enumerate() if one.name.startswith("service-")]
        with pytest.raises(ServiceError):
            it.start()
        it.service.stop()


@pytest.mark.usefixtures("hurried")
def test_many_who_start_and_stop_at_once_leave_order_behind(tmp_path: Path, port: int) -> None:
    with bench(tmp_path, direct(port, deadline_s=10 * LIMIT_S)) as it:
        asked = [
            it.start_aside() if number % 3 else it.pool.submit(it.service.stop)
            for number in range(12)
        ]
        for one in asked:
            problem = one.exception(LIMIT_S)
            assert problem is None or isinstance(problem, ServiceError)
        it.service.stop()
        assert it.service.state is ServiceState.STOPPED
        assert it.recorded() == set()
        assert ask(port) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")
@pytest.mark.req("E1", "AUD-20")
def test_it_dies_with_an_app_that_is_killed(tmp_path: Path, port: int) -> None:
    with app_process(tmp_path, *program(port)) as app:
        assert app.stdout is not None
        pid = int(app.stdout.readline())
        assert runs(pid)
        assert ask(port) == 200
        app.kill()
        app.wait(LIMIT_S)
        wait_until(lambda: not runs(pid))
        assert ask(port) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")
@pytest.mark.req("F4", "BUG-43")
def test_a_server_in_the_background_is_ended_by_the_next_start(tmp_path: Path, port: int) -> None:
    with app_process(tmp_path, *program(port, "--background=session")) as app:
        assert app.stdout is not None
        pid = int(app.stdout.readline())
        app.kill()
        app.wait(LIMIT_S)
    assert ask(port) == 200
    with closing(sqlite3.connect(tmp_path / "records.db")) as records:
        assert (pid,) in records.execute("SELECT pid FROM processes").fetchall()
    with Database(tmp_path / "records.db", tmp_path / "backups") as database:
        swept = ProcessRegistry(database).sweep()
    assert pid in {leftover.pid for leftover in swept if leftover.ended}
    assert ask(port) == 0
