"""A window and ``make`` on one queue at the same time: each hears what the other did."""

import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from kit import App, wait_until

from vidgen_gui.core.events import Event, JobFinished, StageFinished
from vidgen_gui.core.job import JobState, StageName
from vidgen_gui.core.settings import Settings
from vidgen_gui.pipeline.session import Session
from vidgen_gui.store.jobs import JobStore
from vidgen_gui.store.store import open_store
from vidgen_gui.system.paths import AppPaths

SILENT = ("--captions-only", "--no-music")


def paths_of(app: App) -> AppPaths:
    return AppPaths.find({"VIDGEN_HOME": str(app.home)})


@pytest.mark.slow
@pytest.mark.req("F2")
def test_make_ends_with_all_videos_though_a_window_made_some(app: App) -> None:
    run = app.start_short(*SILENT, "--count", "4", env={"MAX_WORKERS": "1"})
    wait_until(lambda: "script begins" in app.log)
    window = app.start()
    ended = run.wait().clean()
    assert (ended.code, ended.failures) == (0, [])
    assert len(ended.videos) == len(set(ended.videos)) == 4
    assert app.job_states() == ["done"] * 4
    window.signal(signal.SIGTERM)
    assert window.wait(60).clean().code == 0
    app.assert_nothing_left()


@pytest.mark.slow
@pytest.mark.req("F2")
def test_what_a_killed_make_left_is_finished_by_whoever_is_open(app: App) -> None:
    run = app.start_short(*SILENT)
    wait_until(lambda: "script made" in app.log)
    told: list[Event] = []
    with ThreadPoolExecutor(2) as pool:
        settings = Settings().with_values({"advanced.temp_folder": str(app.temp)})
        session = Session(paths_of(app), settings, submit=pool.submit, emit=told.append)
        jobs = session.load()
        assert [job.state for job in jobs] == [JobState.RUNNING]
        session.start(jobs)
        run.signal(signal.SIGKILL)
        wait_until(lambda: any(isinstance(event, JobFinished) for event in told))
        session.close()
    assert run.wait().code == -signal.SIGKILL
    assert len(list(app.out.glob("*.mp4"))) == 1
    [script] = [e for e in told if isinstance(e, StageFinished) and e.stage is StageName.SCRIPT]
    assert script.reused
    app.assert_nothing_left()


@pytest.mark.slow
def test_a_job_that_is_cancelled_in_a_window_ends_make(app: App) -> None:
    run = app.start_short(*SILENT, "--count", "2", env={"MAX_WORKERS": "1"})
    wait_until(lambda: "script begins" in app.log)
    with open_store(paths_of(app)) as store:
        waiting = store.jobs.list()[-1]
        store.jobs.set_state(waiting.id, JobState.CANCELLED)
    ended = run.wait().clean()
    assert (ended.code, ended.failures) == (1, ["job-stopped"])
    assert len(ended.videos) == 1
    app.assert_nothing_left()


def cancel(jobs: JobStore, job_id: str) -> None:
    jobs.set_state(job_id, JobState.CANCELLED)


def pause(jobs: JobStore, job_id: str) -> None:
    jobs.set_state(job_id, JobState.PAUSED)


def remove(jobs: JobStore, job_id: str) -> None:
    jobs.remove([job_id])


def cancel_and_take(jobs: JobStore, job_id: str) -> None:
    jobs.set_state(job_id, JobState.CANCELLED)
    jobs.set_state(job_id, JobState.WAITING)
    assert jobs.claim(job_id)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("end", "left"),
    [(cancel, "cancelled"), (pause, "paused"), (remove, "running"), (cancel_and_take, "running")],
)
def test_what_runs_in_make_ends_when_a_window_ends_it(
    app: App, end: Callable[[JobStore, str], None], left: str
) -> None:
    run = app.start_make("--topic", "The sea at dawn", "--quality", "ultra", "--length", "long")
    wait_until(lambda: ": image " in app.log)
    with open_store(paths_of(app)) as store:
        [running] = store.jobs.list()
        end(store.jobs, running.id)
    ended = run.wait().clean()
    assert (ended.code, ended.failures) == (1, ["job-stopped"])
    assert not ended.videos
    assert app.job_states() == [left]
    app.assert_nothing_left()
