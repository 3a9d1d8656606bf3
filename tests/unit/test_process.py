"""The one place that starts programs."""

import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled, ProgramError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.system.process import ManagedProcess, run

PYTHON = sys.executable
FOREVER = [PYTHON, "-c", "import time; print('up', flush=True); time.sleep(600)"]
STUBBORN = [
    PYTHON,
    "-c",
    (
        "import signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('up', flush=True)\n"
        "time.sleep(600)"
    ),
]


def started(argv: list[str]) -> ManagedProcess:
    """Start a child and wait until it says that it is up."""
    up = threading.Event()
    process = ManagedProcess(argv, on_stdout_line=lambda _: up.set())
    assert up.wait(60)
    return process


def test_a_program_that_ends_well() -> None:
    lines: list[str] = []
    outcome = run(
        [PYTHON, "-c", "print('é'); print('b')"], deadline_s=20, on_stdout_line=lines.append
    )
    assert outcome.ok
    assert lines == ["é", "b"]


@pytest.mark.req("ERR-15", "F3")
def test_a_failure_names_the_program_and_its_last_words() -> None:
    code = "import sys; print('the disk is on fire', file=sys.stderr); sys.exit(3)"
    outcome = run([PYTHON, "-c", code], deadline_s=20)
    error = outcome.error()
    assert error.message.id is MessageId.PROGRAM_FAILED
    assert error.message.params["code"] == 3
    assert error.message.params["words"] == "the disk is on fire"
    assert not outcome.ok


@pytest.mark.req("ERR-6", "E1", "E2")
def test_a_flood_on_both_pipes_neither_blocks_nor_grows() -> None:
    code = (
        "import sys\n"
        "for n in range(20000):\n"
        "    print('x' * 200); print('y' * 200, file=sys.stderr)\n"
        "print('z' * 5_000_000)"
    )
    longest = 0

    def keep_longest(line: str) -> None:
        nonlocal longest
        longest = max(longest, len(line))

    outcome = run([PYTHON, "-c", code], deadline_s=60, on_stdout_line=keep_longest)
    assert outcome.ok
    assert longest <= 1024 * 1024
    assert len(outcome.stderr_tail) < 60 * 202


@pytest.mark.req("A5", "E4")
def test_a_hanging_program_is_killed_at_its_deadline() -> None:
    outcome = run(FOREVER, deadline_s=1)
    assert outcome.timed_out
    assert outcome.error().message.id is MessageId.PROGRAM_HANGS


@pytest.mark.req("A3", "E3")
def test_cancel_kills_the_whole_group_and_reaps_it() -> None:
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)"
    )
    token = CancelToken()
    grandchildren: list[int] = []

    def on_line(line: str) -> None:
        grandchildren.append(int(line))
        token.cancel()

    with pytest.raises(Cancelled):
        run([PYTHON, "-c", code], deadline_s=30, cancel=token, on_stdout_line=on_line)
    _gone, alive = psutil.wait_procs(
        [psutil.Process(pid) for pid in grandchildren if psutil.pid_exists(pid)], timeout=60
    )
    assert grandchildren
    assert not alive


def test_stop_ends_a_program_that_ignores_terminate() -> None:
    with started(STUBBORN) as process:
        outcome = process.stop(grace_s=0.3)
        assert outcome.returncode == -signal.SIGKILL
        assert not psutil.pid_exists(process.pid)


def test_a_missing_program_is_said_plainly() -> None:
    with pytest.raises(ProgramError) as caught:
        run(["no-such-program-here"], deadline_s=5)
    assert caught.value.message.id is MessageId.PROGRAM_MISSING


def test_arguments_reach_the_program_as_they_are(tmp_path: Path) -> None:
    nasty = ["a b", "$(touch pwned)", "`id`", "'\"", "*", "é朝", "--", "\\", ";rm -rf x"]
    lines: list[str] = []
    code = "import sys\nfor a in sys.argv[1:]: print(ascii(a))"
    run([PYTHON, "-c", code, *nasty], deadline_s=20, cwd=tmp_path, on_stdout_line=lines.append)
    assert lines == [ascii(text) for text in nasty]
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform != "linux", reason="the signal follows the thread on Linux only")
@pytest.mark.req("ERR-2", "BUG-35", "AUD-20")
def test_a_child_outlives_the_pool_thread_that_asked_for_it() -> None:
    with ThreadPoolExecutor(1) as pool:
        process = pool.submit(started, FOREVER).result()
    # The pool's thread is gone now; a child forked by it would have been killed with it.
    with process:
        with pytest.raises(TimeoutError):
            process.wait(1.0)
        assert process.running


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.req("E1", "BUG-27", "AUD-31")
def test_children_die_when_the_app_is_killed() -> None:
    code = (
        "import sys, threading\n"
        "from vidgen_gui.system.process import ManagedProcess\n"
        "runs = threading.Event()\n"
        f"child = ManagedProcess({FOREVER!r}, on_stdout_line=lambda _: runs.set())\n"
        "runs.wait()\n"
        "print(child.pid, flush=True)\n"
        "threading.Event().wait()"
    )
    pids: list[int] = []
    told = threading.Event()

    def on_line(line: str) -> None:
        pids.append(int(line))
        told.set()

    with ManagedProcess([PYTHON, "-c", code], on_stdout_line=on_line) as app:
        assert told.wait(60)
        child = psutil.Process(pids[0])
        os.kill(app.pid, signal.SIGKILL)
        app.wait(60)
        psutil.wait_procs([child], timeout=60)
        assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_many_short_programs_leave_nothing() -> None:
    before = psutil.Process().num_fds() if hasattr(psutil.Process(), "num_fds") else 0
    started_at = time.monotonic()
    for _ in range(100):
        assert run(["true"], deadline_s=10).ok
    assert time.monotonic() - started_at < 60
    assert psutil.Process().num_fds() <= before + 2
