"""The real controller on the GUI thread: pools, batches of events, the whole way of a job."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from plan_scenes import CARDS, painted_board, plan
from PySide6.QtCore import QCoreApplication, QObject, QThread, QThreadPool, Slot
from pytestqt.qtbot import QtBot

from vidgen_gui.controller.event_bridge import EventBridge
from vidgen_gui.controller.job_view import Delivered, PlanBoard
from vidgen_gui.controller.pipeline_controller import PipelineController
from vidgen_gui.controller.session_tasks import SessionTasks
from vidgen_gui.controller.tasks import TaskRunner
from vidgen_gui.core.errors import InputError
from vidgen_gui.core.events import StageProgressed, StageStarted
from vidgen_gui.core.job import CaptionStyle, JobSpec, JobState, StageName
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.picture_overrides import PictureOverrides
from vidgen_gui.core.plan import PAINTER
from vidgen_gui.core.quality import Aspect, Quality
from vidgen_gui.core.script import Length, Script
from vidgen_gui.core.settings import Settings
from vidgen_gui.pipeline.progress import EXPECTED_SCENES
from vidgen_gui.pipeline.session import Session
from vidgen_gui.services.piper.voices import BUNDLED_VOICE
from vidgen_gui.store.store import open_store
from vidgen_gui.system.logs import logging_uncaught
from vidgen_gui.system.paths import AppPaths


class Listener(QObject):
    """Notes what arrives and on which thread."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[list[object]] = []
        self.results: list[object] = []
        self.threads: set[QThread] = set()

    @Slot(list)
    def on_batch(self, batch: list[object]) -> None:
        self.batches.append(batch)

    def on_result(self, result: object) -> None:
        self.results.append(result)
        self.threads.add(QThread.currentThread())


@pytest.mark.req("L5", "U4")
def test_results_of_pool_work_arrive_on_the_gui_thread(qtbot: QtBot) -> None:
    listener, pool = Listener(), QThreadPool()
    errors: list[Message] = []
    runner = TaskRunner(pool, errors.append)
    workers: set[int] = set()

    def work(number: int) -> int:
        workers.add(threading.get_ident())
        return number

    for number in range(200):
        runner.run(lambda number=number: work(number), listener.on_result)  # type: ignore[misc]
    qtbot.waitUntil(lambda: len(listener.results) == 200)
    assert sorted(listener.results) == list(range(200))  # type: ignore[type-var]
    assert listener.threads == {QCoreApplication.instance().thread()}  # type: ignore[union-attr]
    assert threading.get_ident() not in workers
    assert not runner.busy


@pytest.mark.expected_log
def test_a_failing_task_gives_its_message(qtbot: QtBot) -> None:
    errors: list[Message] = []
    runner = TaskRunner(QThreadPool.globalInstance(), errors.append)

    def fail() -> None:
        raise InputError(MessageId.TOPIC_EMPTY)

    runner.run(fail)
    runner.run(lambda: 1 // 0)
    qtbot.waitUntil(lambda: len(errors) == 2)
    assert {message.id for message in errors} == {MessageId.TOPIC_EMPTY, MessageId.UNEXPECTED}


def test_a_flood_of_progress_comes_in_few_batches_with_the_newest_only(qtbot: QtBot) -> None:
    bridge, listener = EventBridge(), Listener()
    bridge.events.connect(listener.on_batch)

    def flood() -> None:
        for number in range(5000):
            bridge.put(StageProgressed("a", StageName.RENDER, None, number / 5000))
        bridge.put(StageStarted("a", StageName.RENDER))

    thread = threading.Thread(target=flood)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: bool(listener.batches))
    bridge.flush()
    events = [event for batch in listener.batches for event in batch]
    progress = [event for event in events if isinstance(event, StageProgressed)]
    assert len(progress) <= 3
    assert progress[-1].fraction == 4999 / 5000


@pytest.fixture
def controller(tmp_path: Path, qtbot: QtBot) -> Iterator[PipelineController]:
    paths = AppPaths.find({"VIDGEN_HOME": str(tmp_path / "home")})
    made = PipelineController(paths, Settings(default_output_folder=paths.videos))
    with qtbot.waitSignal(made.jobs_loaded):
        made.start()
    yield made
    with qtbot.waitSignal(made.closed):
        made.close()


def draft(folder: Path, topic: str = "Morning walks", **options: object) -> JobSpec:
    values = {"quality": Quality.DRAFT, "length": Length.SHORT, "seed": 3} | options
    return JobSpec.create(topic=topic, output_dir=folder, **values)


def state_of(controller: PipelineController, row: int = 0) -> JobState:
    return controller.job_model.views()[row].state


@pytest.mark.slow
def test_a_submitted_topic_becomes_a_video(
    controller: PipelineController, tmp_path: Path, qtbot: QtBot
) -> None:
    controller.submit([draft(tmp_path / "videos")])
    qtbot.waitUntil(
        lambda: (
            controller.job_model.rowCount() == 1
            and state_of(controller) in {JobState.DONE, JobState.FAILED}
        ),
        timeout=400_000,
    )
    qtbot.waitUntil(lambda: bool(controller.job_model.views()[0].scene_starts_s))
    view = controller.job_model.views()[0]
    assert view.failure is None
    assert view.video_path is not None
    assert view.video_path.stat().st_size > 100_000
    assert view.thumbnail_path is not None
    assert view.thumbnail_path.is_file()
    assert all(stage.fraction == 1.0 for stage in view.stages)


@pytest.mark.slow
@pytest.mark.expected_log
@pytest.mark.req("ERR-9")
def test_a_slot_that_fails_is_logged_and_neither_jobs_nor_the_end_wait_for_it(
    controller: PipelineController,
    tmp_path: Path,
    qtbot: QtBot,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("in a slot")

    for signal in (controller.job_added, controller.job_changed, controller.script_loaded):
        signal.connect(fail)
    with qtbot.capture_exceptions() as raised, logging_uncaught():
        controller.submit([draft(tmp_path / "videos", wait_for_script_ok=True)])
        qtbot.waitUntil(lambda: controller.job_model.rowCount() == 1)
        qtbot.waitUntil(lambda: state_of(controller) is JobState.SCRIPT_READY)
        with qtbot.waitSignal(controller.script_loaded):
            controller.request_script(controller.job_model.views()[0].id)
    assert raised
    logged = [record for record in caplog.records if record.exc_info]
    assert len(logged) == len(raised)


@pytest.mark.expected_log
def test_a_callback_that_fails_leaves_no_work_open(qtbot: QtBot) -> None:
    ended: list[bool] = []
    runner = TaskRunner(QThreadPool.globalInstance(), lambda _: None)
    tasks = SessionTasks(runner, lambda: ended.append(tasks.busy))

    def fail(_: object) -> None:
        raise ZeroDivisionError

    def refuse() -> None:
        raise InputError(MessageId.TOPIC_EMPTY)

    with qtbot.capture_exceptions() as raised:
        tasks.run(lambda: 1, fail, fail)
        qtbot.waitUntil(lambda: len(raised) == 1)
        tasks.run(refuse, None, fail)
        qtbot.waitUntil(lambda: len(raised) == 2)
    assert ended == [False, False]


def test_a_job_can_be_read_edited_removed_and_brought_back(
    controller: PipelineController, tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(controller.job_added):
        controller.submit([draft(tmp_path / "videos", wait_for_script_ok=True)])
    qtbot.waitUntil(lambda: state_of(controller) is JobState.SCRIPT_READY)
    job_id = controller.job_model.views()[0].id
    with qtbot.waitSignal(controller.script_loaded) as loaded:
        controller.request_script(job_id)
    script = loaded.args[1]
    assert len(script.scenes) >= 3
    with qtbot.waitSignal(controller.job_removed):
        controller.remove([job_id])
    assert controller.job_model.rowCount() == 0
    with qtbot.waitSignal(controller.job_added):
        controller.undo_remove()
    assert controller.job_model.rowCount() == 1


def test_plans_are_made_for_the_page_and_leaving_it_holds_nothing_up(
    controller: PipelineController, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(controller.plans_made) as made:
        controller.make_plans(Aspect.SQUARE, "", 7)
    token, board = made.args
    assert token == 7
    assert set(board.plans) == set(Quality)
    assert {plan.aspect for plan in board.plans.values()} == {Aspect.SQUARE}
    # No ComfyUI here: the painter paints, and each plan says why.
    assert all(plan.first.name == PAINTER and plan.reasons for plan in board.plans.values())
    assert board.card is not None
    # Closing (the fixture does it) waits for no answer that was given up.
    for number in range(5):
        controller.make_plans(Aspect.PORTRAIT, "", number)
    controller.cancel_plans()


@pytest.mark.req("P2")
def test_a_time_is_promised_only_for_a_way_that_was_timed(
    controller: PipelineController, tmp_path: Path
) -> None:
    spec = draft(tmp_path)
    timed, untimed = (
        plan(Quality.DRAFT, CARDS["12gb"], step_s, Aspect.PORTRAIT) for step_s in (2.0, 0.0)
    )
    painted = painted_board().plans[Quality.DRAFT]
    usual_s = controller.estimate(spec).work_s
    assert usual_s is not None
    assert controller.estimate(spec, painted).work_s == usual_s
    assert controller.estimate(spec, untimed).work_s is None
    assert timed.first.seconds is not None
    drawn_s = controller.estimate(spec, timed).work_s
    assert drawn_s is not None
    assert drawn_s > timed.first.seconds
    # Half of the steps are nearly half of the time of each picture.
    halved = spec.model_copy(update={"picture": PictureOverrides(steps=10)})
    halved_s = controller.estimate(halved, timed).work_s
    assert halved_s is not None
    assert halved_s - drawn_s == pytest.approx(-EXPECTED_SCENES * timed.first.seconds / 2)


def test_samples_use_the_workers_that_videos_are_made_with(
    controller: PipelineController, qtbot: QtBot
) -> None:
    session = controller._session
    assert session is not None
    with qtbot.waitSignal(controller.caption_previewed, timeout=120_000):
        controller.preview_caption_style(CaptionStyle.BOLD, Aspect.SQUARE, 1)
    with qtbot.waitSignal(controller.sample_ready, timeout=120_000):
        controller.speak_sample(BUNDLED_VOICE)
    assert {"painter", "captions", "voice"} <= set(session.workers._idle)
    qtbot.waitUntil(lambda: not controller._session_tasks.busy)
    # Nobody has been idle for long: nothing is to be done.
    controller._on_idle_timer_timeout()
    assert not controller._session_tasks.busy


def test_rows_say_after_a_restart_how_they_were_delivered_and_what_they_ask(
    tmp_path: Path, qtbot: QtBot
) -> None:
    paths = AppPaths.find({"VIDGEN_HOME": str(tmp_path / "home")})
    paths.create()
    asks = Message(MessageId.LOWERING_NEEDS_CONSENT, {"after_way": "draft/plain"})
    store = open_store(paths, limit_bytes=2**30)
    done, paused, plain = store.jobs.add_many(
        [draft(tmp_path, quality=Quality.ULTRA) for _ in range(3)]
    )
    for job, rung in ((done, "high/plain"), (plain, "hires-full")):
        store.jobs.finish(job.id, tmp_path / f"{job.id}.mp4")
        store.history.record_stage(job.id, StageName.IMAGE, 0, 1.0, reused=False, rung=rung)
    store.jobs.set_state(paused.id, JobState.PAUSED)
    store.history.add_line(paused.id, asks)
    lost, remark = (
        Message(MessageId.WORKER_LOST, {"kind": "captions"}),
        Message(MessageId.CAPTION_CHARACTERS_MISSING, {"characters": ["𓀀"]}),
    )
    for told in (remark, lost):
        store.history.add_line(plain.id, told, stage=StageName.RENDER)
    store.close()
    made = PipelineController(paths, Settings(default_output_folder=paths.videos))
    made.start()
    model = made.job_model
    qtbot.waitUntil(
        lambda: model.rowCount() == 3 and model.view(paused.id).question is not None,
    )
    assert model.view(paused.id).question == asks
    assert model.view(done.id).delivered == Delivered("high/plain", Quality.HIGH, 1, 1)
    assert model.view(done.id).remark is None
    assert model.view(plain.id).delivered is None
    assert model.view(plain.id).remark == remark
    with qtbot.waitSignal(made.closed):
        made.close()


def test_before_the_store_is_open_there_are_no_plans(tmp_path: Path, qtbot: QtBot) -> None:
    paths = AppPaths.find({"VIDGEN_HOME": str(tmp_path / "home")})
    made = PipelineController(paths, Settings(default_output_folder=paths.videos))
    with qtbot.waitSignal(made.plans_made) as answer:
        made.make_plans(Aspect.PORTRAIT, "", 1)
    assert answer.args == [1, PlanBoard()]


@pytest.mark.parametrize("use", ["settings", "script"])
def test_the_session_is_closed_only_when_what_uses_it_has_ended(
    tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, use: str
) -> None:
    begun, goes_on = threading.Event(), threading.Event()
    open_then: list[bool] = []

    def hold(session: Session, *_: object) -> Script:
        begun.set()
        assert goes_on.wait(60)
        # A closed store would raise.
        session.store.jobs.list()
        open_then.append(True)
        return Script("A title", ())

    monkeypatch.setattr(Session, "use_settings", hold)
    monkeypatch.setattr(Session, "preview_script", hold)
    paths = AppPaths.find({"VIDGEN_HOME": str(tmp_path / "home")})
    made = PipelineController(paths, Settings(default_output_folder=paths.videos))
    with qtbot.waitSignal(made.jobs_loaded):
        made.start()
    if use == "settings":
        made.change_settings({"general.workers": 1})
    else:
        made.write_script_preview(draft(tmp_path), 1)
    qtbot.waitUntil(begun.is_set)
    with qtbot.waitSignal(made.closed):
        made.close()
        # Long enough for a session that nobody holds to be closed.
        qtbot.wait(500)
        goes_on.set()
    assert open_then == [True]


def test_jobs_survive_a_restart(tmp_path: Path, qtbot: QtBot) -> None:
    paths = AppPaths.find({"VIDGEN_HOME": str(tmp_path / "home")})
    settings = Settings(default_output_folder=paths.videos)
    for expected in (0, 2):
        made = PipelineController(paths, settings)
        made.pause_queue()
        with qtbot.waitSignal(made.jobs_loaded):
            made.start()
        assert made.job_model.rowCount() == expected
        if not expected:
            with qtbot.waitSignal(made.job_added):
                made.submit([draft(tmp_path, wait_for_script_ok=True) for _ in range(2)])
        with qtbot.waitSignal(made.closed):
            made.close()
