"""The window's end: within seconds whatever runs, without a question, with nothing left."""

import os
import signal
import sys
from pathlib import Path

import pytest
from kit import App, Run, wait_until

from vidgen_gui.core.job import JobSpec
from vidgen_gui.core.quality import Quality
from vidgen_gui.pipeline.session import STOP_TIMEOUT_S
from vidgen_gui.store.store import open_store
from vidgen_gui.system.paths import AppPaths

LIMIT_S = 30.0
"""Work that hears no cancel is left behind after ten; the rest is a busy machine's."""
HANGING = Path(__file__).with_name("hang_in_stage.py")


def queue_jobs(app: App, count: int = 1) -> None:
    with open_store(AppPaths.find({"VIDGEN_HOME": str(app.home)})) as store:
        store.jobs.add_many(
            JobSpec.create(
                topic="The sea", quality=Quality.HIGH, seed=n, output_dir=app.out, music=False
            )
            for n in range(count)
        )


def start_until(app: App, moment: str) -> Run:
    """The window, once ``moment`` stands in the log."""
    run = app.start()

    def look() -> bool:
        assert run.process.poll() is None, run.process.communicate()[1]
        return moment in app.log

    wait_until(look)
    return run


@pytest.mark.slow
@pytest.mark.req("I3", "J3", "S9")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_closes_the_working_window_without_a_question(
    app: App, number: signal.Signals
) -> None:
    queue_jobs(app, 2)
    run = start_until(app, "image 1 begins")
    run.signal(number)
    ended = run.wait(LIMIT_S).clean()
    assert ended.code == 0
    # Taken up again by the next start.
    assert set(app.job_states()) <= {"running", "waiting"}
    assert (app.home / "config" / "window.ini").is_file()
    app.assert_nothing_left(1.0)


@pytest.mark.slow
@pytest.mark.req("I3", "E1")
@pytest.mark.parametrize("kind", ["voice", "painter"])
def test_a_worker_that_stands_still_holds_up_nothing(app: App, kind: str) -> None:
    queue_jobs(app)
    run = start_until(app, "image 0 begins")
    wait_until(lambda: app.workers(kind))
    for pid in app.workers(kind):
        os.kill(pid, signal.SIGSTOP)
    run.signal(signal.SIGTERM)
    assert run.wait(LIMIT_S).clean().code == 0
    app.assert_nothing_left(1.0)


@pytest.mark.slow
@pytest.mark.req("I3", "D5")
def test_what_hears_no_cancel_is_left_behind_in_time(app: App) -> None:
    queue_jobs(app)
    program = [sys.executable, "-P", str(HANGING)]
    run = app.start(program=program)
    wait_until(lambda: "the script stands still" in app.log)
    run.signal(signal.SIGTERM)
    ended = run.wait(LIMIT_S)
    assert ended.code == 1
    assert "hang_in_stage" in app.log
    app.assert_all_ended()
    # The next start takes the job up and sweeps what it left.
    assert app.job_states() == ["running"]
    run = start_until(app, "image 0 begins")
    run.signal(signal.SIGTERM)
    assert run.wait(LIMIT_S).clean().code == 0
    app.assert_nothing_left(1.0)


@pytest.mark.slow
@pytest.mark.req("I3")
def test_a_second_signal_ends_it_at_once(app: App) -> None:
    queue_jobs(app)
    run = app.start(program=[sys.executable, "-P", str(HANGING)])
    wait_until(lambda: "script begins" in app.log)
    run.signal(signal.SIGTERM)
    wait_until((app.home / "config" / "window.ini").is_file)
    run.signal(signal.SIGTERM)
    # Much sooner than work that hears no cancel is left behind.
    assert run.wait(STOP_TIMEOUT_S / 2).code == 128 + signal.SIGTERM
    app.assert_all_ended()


@pytest.mark.slow
def test_a_signal_while_it_starts_ends_it(app: App) -> None:
    run = app.start()
    wait_until((app.home / "data" / "window.lock").exists)
    run.signal(signal.SIGTERM)
    ended = run.wait(LIMIT_S).clean()
    assert ended.code in {0, -signal.SIGTERM}
    app.assert_all_ended()
