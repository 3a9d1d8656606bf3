"""How far a job is and how long it still takes, and what the window shows of it."""

import math
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidgen_gui.controller.job_view import StageState
from vidgen_gui.controller.view_book import ViewBook
from vidgen_gui.core.events import (
    JobFailed,
    JobFinished,
    JobStateChanged,
    Notice,
    ScriptReady,
    StageFinished,
    StageProgressed,
    StageStarted,
)
from vidgen_gui.core.job import Job, JobSpec, JobState, StageName
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.quality import Quality
from vidgen_gui.pipeline.graph import RENDER, SCRIPT, Unit, inputs_of, ready_units, units
from vidgen_gui.pipeline.progress import LONGEST_ETA_S, JobProgress, estimated_stage_seconds


def a_job(number: int = 1, state: JobState = JobState.WAITING) -> Job:
    spec = JobSpec.create(topic=f"topic {number}", output_dir=Path("/v"))
    return Job(f"job{number}", spec, state, float(number), 1000.0)


def test_units_become_ready_in_the_order_of_their_needs() -> None:
    assert ready_units(None, [], []) == [SCRIPT]
    after_script = ready_units(2, [SCRIPT], [])
    assert {unit.stage for unit in after_script} == {StageName.NARRATION, StageName.IMAGE}
    done = [unit for unit in units(2) if unit != RENDER]
    assert ready_units(2, done, []) == [RENDER]
    assert ready_units(2, done, [RENDER]) == []
    assert set(inputs_of(RENDER, 2)) == set(done)


def test_every_job_comes_to_an_end_whatever_is_picked_first() -> None:
    done: set[Unit] = set()
    while ready := ready_units(3, done, []):
        done.add(ready[-1])
    assert done == set(units(3))


def shortest_s(work: Callable[[], object]) -> float:
    """Seconds of processor time, other work on the machine left out as far as can be."""
    times = []
    for _ in range(5):
        started = time.thread_time()
        work()
        times.append(time.thread_time() - started)
    return min(times)


@pytest.mark.parametrize("scenes", [300, 1200])
def test_a_job_of_many_scenes_is_looked_through_in_no_time(scenes: int) -> None:
    """This is done at each scene's end, and `ViewBook.apply` on the window's own thread."""
    done = [SCRIPT, *(Unit(StageName.NARRATION, scene) for scene in range(scenes))]
    assert shortest_s(lambda: ready_units(scenes, set(done), [])) < 100e-6 * scenes
    book = ViewBook()
    book.put([a_job()])
    book.apply(JobStateChanged("job1", JobState.RUNNING), 0.0)
    book.apply(ScriptReady("job1", "A title", scenes), 0.1)
    for unit in done:
        book.apply(StageFinished("job1", unit.stage, unit.scene, 0.1), 1.0)
    event = StageProgressed("job1", StageName.RENDER, None, 0.3)
    assert shortest_s(lambda: book.apply(event, 2.0)) < 6e-6 * scenes
    assert book["job1"].stages[1].state is StageState.DONE


@pytest.mark.req("AUD-13", "D4")
@given(
    st.lists(st.tuples(st.sampled_from(units(4)), st.floats(), st.floats(-10, 1e7)), max_size=30),
    st.floats(0, 1e6),
)
def test_progress_and_eta_are_always_sensible(
    steps: list[tuple[Unit, float, float]], stage_s: float
) -> None:
    progress = JobProgress(dict.fromkeys(StageName, stage_s), scene_count=4)
    last = 0.0
    for unit, fraction, elapsed_s in steps:
        progress.update(unit, fraction)
        progress.tick(elapsed_s)
        assert 0.0 <= progress.fraction <= 1.0
        assert progress.fraction >= last
        last = progress.fraction
        eta_s = progress.eta_s
        assert eta_s is None or (math.isfinite(eta_s) and 0 <= eta_s <= LONGEST_ETA_S)


def test_eta_follows_this_jobs_own_speed() -> None:
    progress = JobProgress(dict.fromkeys(StageName, 10.0), scene_count=1)
    assert progress.eta_s == pytest.approx(50)
    for unit in units(1)[:4]:
        progress.update(unit, 1.0)
    progress.tick(80.0)
    assert progress.eta_s == pytest.approx(20, rel=0.01)


def test_an_estimate_grows_with_the_frame_until_it_was_measured() -> None:
    specs = {
        quality: JobSpec.create(topic="sea", output_dir=Path("/v"), quality=quality)
        for quality in Quality
    }
    totals = [sum(estimated_stage_seconds(spec, {}).values()) for spec in specs.values()]
    assert totals == sorted(totals)
    measured = estimated_stage_seconds(specs[Quality.ULTRA], {StageName.RENDER: 77.0})
    assert measured[StageName.RENDER] == 77.0


def test_a_long_scripts_render_is_expected_to_take_longer() -> None:
    measured = {Quality.STANDARD: dict.fromkeys(StageName, 10.0)}
    usual = JobSpec.create(topic="sea", output_dir=Path("/v"))
    long = JobSpec.create(topic="sea", output_dir=Path("/v"), script_text="Words. " * 2500)
    seconds = estimated_stage_seconds(long, measured[Quality.STANDARD])
    assert seconds[StageName.RENDER] > 200
    book = ViewBook()
    book.unit_seconds = measured
    jobs = [Job(f"job{n}", s, JobState.WAITING, n, 1.0) for n, s in enumerate((usual, long, long))]
    book.put(jobs)
    eta_s = book.status(paused=False).eta_s
    apart = [sum(book.expected_seconds(job.spec).values()) for job in jobs]
    assert eta_s == pytest.approx(sum(apart))
    assert apart[1] > 20 * apart[0]


def test_the_view_of_a_job_follows_its_events() -> None:
    book = ViewBook()
    book.put([a_job()])
    events = [
        JobStateChanged("job1", JobState.RUNNING),
        StageStarted("job1", StageName.SCRIPT),
        StageFinished("job1", StageName.SCRIPT, None, 0.1),
        ScriptReady("job1", "A title", 2),
        StageStarted("job1", StageName.IMAGE, 0),
        StageProgressed("job1", StageName.IMAGE, 0, 0.5),
        StageFinished("job1", StageName.NARRATION, 0, 0.1, reused=True),
        StageFinished("job1", StageName.NARRATION, 1, 0.1, reused=True),
    ]
    for second, event in enumerate(events):
        book.apply(event, float(second))
    view = book["job1"]
    stages = {stage.name: (stage.state, stage.fraction) for stage in view.stages}
    assert view.title == "A title"
    assert view.state is JobState.RUNNING
    assert stages[StageName.SCRIPT] == (StageState.DONE, 1.0)
    assert stages[StageName.NARRATION] == (StageState.REUSED, 1.0)
    assert stages[StageName.IMAGE] == (StageState.RUNNING, 0.25)
    assert stages[StageName.RENDER] == (StageState.WAITING, 0.0)
    assert view.eta_s is not None
    assert book.status(paused=False).running == 1
    finished = book.apply(JobFinished("job1", "/v/a.mp4"), 9.0)
    assert finished is not None
    assert (finished.state, finished.fraction) == (JobState.DONE, 1.0)
    assert finished.video_path == Path("/v/a.mp4")


def test_a_failure_marks_the_stage_and_late_words_change_nothing() -> None:
    book = ViewBook()
    book.put([a_job()])
    book.apply(JobStateChanged("job1", JobState.RUNNING), 0.0)
    book.apply(StageStarted("job1", StageName.SCRIPT), 1.0)
    reason = Message(MessageId.DISK_FULL, {"path": "/v"})
    failed = book.apply(JobFailed("job1", reason), 2.0)
    assert failed is not None
    assert failed.failure == reason
    assert failed.stages[0].state is StageState.FAILED
    book.apply(StageProgressed("job1", StageName.IMAGE, 0, 0.9), 3.0)
    assert book["job1"].state is JobState.FAILED
    assert book.apply(StageStarted("unknown", StageName.SCRIPT), 3.0) is None


QUESTION = Message(MessageId.LOWERING_NEEDS_CONSENT, {"after_way": "high/hires-full"})


@pytest.mark.req("B3")
def test_a_paused_job_says_what_it_asks_until_it_goes_on() -> None:
    book = ViewBook()
    book.put([a_job()])
    book.apply(JobStateChanged("job1", JobState.RUNNING), 0.0)
    book.apply(Notice("job1", QUESTION), 1.0)
    asked = book.apply(JobStateChanged("job1", JobState.PAUSED), 2.0)
    assert asked is not None
    assert asked.question == QUESTION
    for state in (JobState.WAITING, JobState.RUNNING, JobState.CANCELLED):
        book.replace(asked)
        after = book.apply(JobStateChanged("job1", state), 3.0)
        assert after is not None
        assert after.question is None
