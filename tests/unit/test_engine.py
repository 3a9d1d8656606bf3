"""The queue at work, on the real store, with stages that do next to nothing."""

import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar

import pytest

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import MediaError, ProgramError, StorageError
from vidgen_gui.core.events import (
    Event,
    JobFailed,
    JobFinished,
    JobStateChanged,
    Notice,
    Progress,
    StageFinished,
)
from vidgen_gui.core.job import Job, JobSpec, JobState, StageName
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.script import Scene, Script
from vidgen_gui.pipeline.engine import Engine
from vidgen_gui.pipeline.graph import Unit
from vidgen_gui.pipeline.stage import BUILT_IN, REMARK, OneWay, StageContext, StageOutput
from vidgen_gui.pipeline.workers import WorkerPool
from vidgen_gui.store.jobs import JobStore
from vidgen_gui.store.store import Store, open_store
from vidgen_gui.system.paths import AppPaths

SCENES = 3
VALUES: Mapping[StageName, Mapping[str, Any]] = {
    StageName.NARRATION: {"words": [["words", 0.0, 0.5]], "duration_s": 0.5},
    StageName.RENDER: {"scene_starts_s": [0.0] * SCENES, "ffmpeg": "7", "duration_s": 1.0},
}


class SmallStage(OneWay):
    """Writes its own name; ``before`` can block or raise inside the run.

    ``made_by`` is the way in which it would be made now, ``accepted`` what else is as good.
    """

    version: ClassVar[int] = 1

    def __init__(self, name: StageName) -> None:
        self.name = name
        self.per_scene = name in {StageName.NARRATION, StageName.IMAGE}
        self.runs: list[tuple[str, int | None]] = []
        self.before: Callable[[StageContext], None] = lambda _: None
        self.one_at_a_time = name in {StageName.NARRATION, StageName.MUSIC, StageName.RENDER}
        self.made_by = BUILT_IN
        self.accepted: tuple[str, ...] = ()
        self.value = dict(VALUES.get(name, {}))

    def ways(self, spec: JobSpec, cancel: CancelToken) -> Sequence[str]:
        return (*self.accepted, self.made_by)

    def intent(self, spec: JobSpec, scene: int | None, inputs: Any) -> Mapping[str, Any]:
        return {"topic": spec.topic, "seed": spec.seed, "scene": scene}

    def run(self, context: StageContext) -> Generator[Progress, None, StageOutput]:
        self.runs.append((context.spec.topic, context.scene))
        yield Progress(0.5)
        self.before(context)
        if self.name is StageName.SCRIPT:
            scenes = tuple(Scene(f"words {n}", f"picture {n}") for n in range(SCENES))
            return StageOutput(value=Script("A title", scenes).to_dict())
        names = ["video.mp4", "thumbnail.jpg"] if self.name is StageName.RENDER else ["out.bin"]
        for name in names:
            (context.workdir / name).write_bytes(b"x" * 1000)
        return StageOutput(tuple(names), self.value, way=self.made_by)


class Bench:
    """A store, small stages and an engine, with everything that was emitted."""

    def __init__(self, folder: Path, slots: int = 2) -> None:
        self.folder = folder
        paths = AppPaths.find({"VIDGEN_HOME": str(folder / "home")})
        self.store: Store = open_store(paths)
        self.stages = {name: SmallStage(name) for name in StageName}
        self.events: list[Event] = []
        self.pool = ThreadPoolExecutor(slots)
        self.workers = WorkerPool()
        self.engine = Engine(
            store=self.store,
            stages=self.stages,
            workers=self.workers,
            find_ffmpeg=lambda: Path("ffmpeg"),
            submit=self.pool.submit,
            emit=self.events.append,
            slots=slots,
        )

    def add(self, topic: str, **options: Any) -> Job:
        spec = JobSpec.create(topic=topic, output_dir=self.folder / "videos", **options)
        return self.store.jobs.add(spec)

    def run(self, *jobs: Job) -> None:
        self.engine.add(jobs)
        assert self.engine.wait_idle(30)

    def state(self, job: Job) -> JobState:
        found = self.store.jobs.get(job.id)
        assert found is not None
        return found.state

    def of(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def close(self) -> None:
        self.engine.stop(10)
        self.pool.shutdown()
        self.workers.close()
        self.store.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def test_a_job_runs_through_all_units(bench: Bench) -> None:
    job = bench.add("sea")
    bench.run(job)
    assert bench.state(job) is JobState.DONE
    done = {Unit(event.stage, event.scene) for event in bench.of(StageFinished)}
    assert len(done) == 1 + SCENES + SCENES + 1 + 1
    (finished,) = bench.of(JobFinished)
    assert Path(finished.video_path).read_bytes() == b"x" * 1000


@pytest.mark.req("R2", "V5", "U10")
def test_an_equal_request_makes_nothing_again(bench: Bench) -> None:
    bench.run(bench.add("sea"))
    before = {name: len(stage.runs) for name, stage in bench.stages.items()}
    again = bench.add("sea")
    bench.run(again)
    assert bench.state(again) is JobState.DONE
    assert {name: len(stage.runs) for name, stage in bench.stages.items()} == before
    assert bench.of(JobFinished)[0].video_path != bench.of(JobFinished)[1].video_path


def test_what_a_part_has_to_say_is_told_once_to_every_job_that_gets_it(bench: Bench) -> None:
    remark = Message(MessageId.CAPTION_CHARACTERS_MISSING, {"characters": ["𓀀"]})
    render = bench.stages[StageName.RENDER]
    render.value[REMARK] = remark.to_dict()
    jobs = [bench.add("sea"), bench.add("sea")]
    for job in jobs:
        bench.run(job)
    assert len(render.runs) == 1
    assert bench.of(Notice) == [Notice(job.id, remark) for job in jobs]
    for job in jobs:
        (line,) = bench.store.history.lines(job.id)
        assert (line.message, line.stage) == (remark, StageName.RENDER)


@pytest.mark.req("R2")
def test_what_another_job_fell_back_to_is_not_served_as_better(bench: Bench) -> None:
    image = bench.stages[StageName.IMAGE]
    bench.run(bench.add("sea"))
    image.made_by = "big"
    bench.run(bench.add("sea"))
    assert len(image.runs) == 2 * SCENES
    bench.run(bench.add("sea"))
    assert len(image.runs) == 2 * SCENES
    image.made_by, image.accepted = "small", ("big",)
    bench.run(bench.add("sea"))
    assert len(image.runs) == 2 * SCENES


@pytest.mark.expected_log
def test_a_job_takes_up_its_own_pictures_however_they_were_made(bench: Bench) -> None:
    def fail(_: StageContext) -> None:
        raise MediaError(MessageId.VIDEO_INVALID)

    image, render = bench.stages[StageName.IMAGE], bench.stages[StageName.RENDER]
    image.made_by, render.before = "big", fail
    job = bench.add("sea")
    bench.run(job)
    assert bench.state(job) is JobState.FAILED
    image.made_by, render.before = BUILT_IN, lambda _: None
    bench.store.jobs.set_state(job.id, JobState.WAITING)
    bench.run(job)
    assert bench.state(job) is JobState.DONE
    assert len(image.runs) == SCENES


@pytest.mark.expected_log
@pytest.mark.req("F2", "PAT-PROGRESS")
def test_a_failed_job_goes_on_from_its_last_finished_scene(bench: Bench) -> None:
    def fail_at_two(context: StageContext) -> None:
        if context.scene == 2:
            raise MediaError(MessageId.PICTURE_INVALID)

    bench.stages[StageName.IMAGE].before = fail_at_two
    job, other = bench.add("sea"), bench.add("hills", seed=7)
    bench.run(job)
    assert bench.state(job) is JobState.FAILED
    (failed,) = bench.of(JobFailed)
    assert failed.reason.id is MessageId.PICTURE_INVALID
    bench.stages[StageName.IMAGE].before = lambda _: None
    done = {run for stage in bench.stages.values() for run in map(str, stage.runs)}
    assert done
    bench.store.jobs.set_state(job.id, JobState.WAITING)
    retried = bench.store.jobs.get(job.id)
    assert retried is not None
    bench.run(retried, other)
    assert bench.state(job) is JobState.DONE
    assert bench.state(other) is JobState.DONE
    assert bench.stages[StageName.IMAGE].runs.count(("sea", 0)) == 1
    assert bench.stages[StageName.IMAGE].runs.count(("sea", 2)) == 2
    assert bench.stages[StageName.SCRIPT].runs.count(("sea", None)) == 1


@pytest.mark.expected_log
def test_a_lost_worker_is_tried_once_more(bench: Bench) -> None:
    lost: list[int | None] = []

    def lose_once(context: StageContext) -> None:
        if not lost:
            lost.append(context.scene)
            raise ProgramError(MessageId.WORKER_LOST, kind="painter")

    bench.stages[StageName.IMAGE].before = lose_once
    job = bench.add("sea")
    bench.run(job)
    assert bench.state(job) is JobState.DONE
    assert lost


@pytest.mark.expected_log
@pytest.mark.req("F3", "AUD-9")
def test_an_unexpected_error_fails_one_job_only(bench: Bench) -> None:
    def break_sea(context: StageContext) -> None:
        if context.spec.topic == "sea":
            raise ZeroDivisionError("no")

    bench.stages[StageName.MUSIC].before = break_sea
    job, other = bench.add("sea"), bench.add("hills")
    bench.run(job, other)
    assert bench.state(job) is JobState.FAILED
    assert bench.state(other) is JobState.DONE
    assert bench.of(JobFailed)[0].reason.id is MessageId.UNEXPECTED


@pytest.mark.parametrize("stage", list(StageName))
def test_cancel_takes_hold_in_every_stage(bench: Bench, stage: StageName) -> None:
    inside = threading.Event()

    def wait_for_cancel(context: StageContext) -> None:
        inside.set()
        context.cancel.wait(30)

    bench.stages[stage].before = wait_for_cancel
    job = bench.add("sea")
    bench.engine.add([job])
    assert inside.wait(60)
    assert bench.engine.end_job(job.id, JobState.CANCELLED)
    # Long before the stage would end by itself.
    assert bench.engine.wait_idle(10)
    assert bench.state(job) is JobState.CANCELLED
    assert not list((bench.store.artifacts.root / "tmp").iterdir())


def test_a_paused_queue_starts_nothing(bench: Bench) -> None:
    bench.engine.pause()
    job = bench.add("sea")
    bench.engine.add([job])
    assert not bench.engine.wait_idle(0.2)
    assert bench.state(job) is JobState.WAITING
    bench.engine.resume()
    assert bench.engine.wait_idle(30)
    assert bench.state(job) is JobState.DONE


def test_a_job_can_wait_at_its_script_and_take_an_edited_one(bench: Bench) -> None:
    job = bench.add("sea", wait_for_script_ok=True)
    bench.run(job)
    assert bench.state(job) is JobState.SCRIPT_READY
    assert not bench.stages[StageName.IMAGE].runs
    edited = Script("Mine", (Scene("one", "a"), Scene("two", "b"), Scene("three", "c")))
    bench.store.jobs.set_script(job.id, edited)
    bench.store.jobs.set_state(job.id, JobState.WAITING)
    waiting = bench.store.jobs.get(job.id)
    assert waiting is not None
    bench.engine.add([waiting], approved=True)
    assert bench.engine.wait_idle(30)
    assert bench.state(job) is JobState.DONE
    assert bench.store.jobs.get(job.id).title == "Mine"  # type: ignore[union-attr]


def test_who_hears_that_a_script_is_ready_can_approve_it_at_once(bench: Bench) -> None:
    def approve(event: Event) -> None:
        bench.events.append(event)
        if isinstance(event, JobStateChanged) and event.state is JobState.SCRIPT_READY:
            bench.store.jobs.set_state(event.job_id, JobState.WAITING)
            waiting = bench.store.jobs.get(event.job_id)
            assert waiting is not None
            bench.engine.add([waiting], approved=True)

    bench.engine._emit = approve
    job = bench.add("sea", wait_for_script_ok=True)
    bench.run(job)
    assert bench.state(job) is JobState.DONE


@pytest.mark.expected_log
def test_an_unwritable_folder_fails_before_any_work(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    spec = JobSpec.create(topic="sea", output_dir=tmp_path / "file" / "videos")
    job = bench.store.jobs.add(spec)
    bench.run(job)
    assert bench.of(JobFailed)[0].reason.id is MessageId.OUTPUT_UNWRITABLE
    assert not bench.stages[StageName.SCRIPT].runs


def test_a_job_that_another_process_runs_is_left_alone(bench: Bench) -> None:
    job = bench.add("sea")
    bench.store.jobs.set_state(job.id, JobState.CANCELLED)
    bench.run(job)
    assert not bench.stages[StageName.SCRIPT].runs
    assert bench.state(job) is JobState.CANCELLED


@pytest.mark.req("AUD-33")
def test_no_more_units_run_than_there_are_slots(tmp_path: Path) -> None:
    bench = Bench(tmp_path, slots=2)
    lock = threading.Lock()
    now, most = 0, 0

    def count(context: StageContext) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        context.cancel.wait(0.01)
        with lock:
            now -= 1

    for stage in bench.stages.values():
        stage.before = count
    bench.run(*(bench.add(f"topic {n}") for n in range(6)))
    assert most == 2
    assert len(bench.of(JobFinished)) == 6
    assert len([e for e in bench.of(JobStateChanged) if e.state is JobState.RUNNING]) == 6
    bench.close()


def test_a_cancel_after_the_delivery_comes_too_late(bench: Bench) -> None:
    job = bench.add("sea")
    delivered, go_on = threading.Event(), threading.Event()
    finish = bench.store.jobs.finish

    def finish_and_wait(job_id: str, video_path: Path) -> None:
        finish(job_id, video_path)
        delivered.set()
        go_on.wait(60)

    bench.store.jobs.finish = finish_and_wait  # type: ignore[method-assign]
    bench.engine.add([job])
    assert delivered.wait(60)
    bench.engine.end_job(job.id, JobState.CANCELLED)
    go_on.set()
    assert bench.engine.wait_idle(60)
    assert bench.state(job) is JobState.DONE
    assert bench.of(JobFinished)


def test_a_cancelled_job_stays_cancelled_though_the_app_is_closed_at_once(bench: Bench) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def block(_context: StageContext) -> None:
        inside.set()
        go_on.wait(60)

    bench.stages[StageName.IMAGE].before = block
    job = bench.add("sea")
    bench.engine.add([job])
    assert inside.wait(60)
    bench.engine.end_job(job.id, JobState.CANCELLED)
    assert not bench.engine.stop(0.0)
    go_on.set()
    assert bench.engine.stop(60)
    bench.pool.shutdown()
    assert bench.state(job) is JobState.CANCELLED


@pytest.mark.expected_log
@pytest.mark.parametrize("error", [StorageError(MessageId.DISK_FULL), RuntimeError("bug")])
def test_a_jobs_end_is_told_even_if_it_cannot_be_recorded(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse(*_: object) -> None:
        raise error

    def fail(_: StageContext) -> None:
        raise MediaError(MessageId.PICTURE_INVALID)

    monkeypatch.setattr(JobStore, "fail", refuse)
    bench.stages[StageName.SCRIPT].before = fail
    job = bench.add("sea")
    bench.engine.add([job])
    assert bench.engine.wait_idle(60)
    (told,) = bench.of(JobFailed)
    assert told.reason.id is MessageId.PICTURE_INVALID
