"""What the window is told of the card: from the monitor's thread, never from the driver itself."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_controller import make_view
from pytestqt.qtbot import QtBot

from vidgen_gui.controller.gpu_chart import MarkKind, Span
from vidgen_gui.controller.gpu_controller import (
    LOOK_AHEAD,
    GpuController,
    GpuView,
    queued_stages,
)
from vidgen_gui.controller.job_view import JobView, StageState, StageView
from vidgen_gui.controller.pipeline_controller import PipelineController
from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.events import Notice, StageStarted
from vidgen_gui.core.job import JobSpec, JobState, StageName
from vidgen_gui.core.memory_range import MemoryRange
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.plan import PAINTER, CardMemory, Plan, Rung
from vidgen_gui.core.quality import Aspect, Quality, frame_size
from vidgen_gui.core.settings import Settings
from vidgen_gui.gpu.readings import GpuReading
from vidgen_gui.gpu.simulated import SimulatedSource
from vidgen_gui.pipeline import look_ahead as look_ahead_module
from vidgen_gui.pipeline.forecast import Leak, Outlook, QueuedStage, Work
from vidgen_gui.pipeline.look_ahead import Thought
from vidgen_gui.pipeline.session import Session
from vidgen_gui.system.paths import AppPaths

CARD = "NVIDIA RTX A2000 12GB:12282:11400"
WAIT_MS = 60_000


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of the threads that asked the driver."""
    names: set[str] = set()
    ask = SimulatedSource.read

    def noted(source: SimulatedSource, at_s: float, cancel: CancelToken) -> tuple[GpuReading, ...]:
        names.add(threading.current_thread().name)
        return ask(source, at_s, cancel)

    monkeypatch.setattr(SimulatedSource, "read", noted)
    return names


@pytest.fixture
def controller(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[PipelineController]:
    monkeypatch.setenv("VIDGEN_FAKE_GPU", CARD)
    paths = AppPaths.find({"VIDGEN_HOME": str(tmp_path / "home")})
    made = PipelineController(paths, Settings(default_output_folder=tmp_path / "out"))
    yield made
    with qtbot.waitSignal(made.closed, timeout=WAIT_MS):
        made.close()


@pytest.mark.req("L5", "Q1", "BUG-15")
def test_the_card_is_followed_without_asking_the_driver_on_the_gui_thread(
    qtbot: QtBot, controller: PipelineController, readers: set[str]
) -> None:
    views: list[GpuView] = []
    controller.gpu.gpu_changed.connect(views.append)
    controller.gpu.wants_plot()
    controller.start()
    with qtbot.waitSignal(controller.gpu.plot_ready, timeout=WAIT_MS):
        pass
    session = controller._session
    assert session is not None
    simulated = session.monitor.simulated
    assert simulated is not None
    simulated.claim("script-writer", 5530.0)
    simulated.claim("image-maker", 2100.0)
    simulated.claim("a game", 700.0)

    def shows() -> None:
        latest = controller.gpu.chart("simulated-0", Span.RECENT).latest
        assert latest is not None
        assert latest.used_high_mib == 882 + 5530 + 2100 + 700
        assert latest.shares.script_writer_mib == 5530
        assert latest.shares.image_maker_mib == 2100
        assert controller.gpu.outlook.ceiling_mib == 12_282 - 512
        assert views[-1].cards[0].used_mib == latest.used_high_mib

    qtbot.waitUntil(shows, timeout=WAIT_MS)
    assert views[-1].is_simulated
    assert views[-1].chosen == "simulated-0"
    assert views[-1].ram is not None
    assert controller.gpu.chart(None, Span.SESSION).latest is not None
    assert threading.main_thread().name not in readers
    assert "gpu-monitor" in readers


def test_closing_in_the_middle_of_a_thought_waits_for_it(
    qtbot: QtBot, controller: PipelineController, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What thinks uses the store, which must not be closed under it."""
    begun, go_on = threading.Event(), threading.Event()
    ended: list[bool] = []

    def look(session: Session, *_: object, **__: object) -> None:
        begun.set()
        go_on.wait(WAIT_MS / 1000)
        session.typical_seconds()
        ended.append(True)

    monkeypatch.setattr(look_ahead_module, "look_ahead", look)
    controller.start()
    qtbot.waitUntil(begun.is_set, timeout=WAIT_MS)
    closed: list[bool] = []
    controller.closed.connect(lambda: closed.append(bool(ended)))
    controller.close()
    go_on.set()
    qtbot.waitUntil(lambda: bool(closed), timeout=WAIT_MS)
    assert closed == [True]


@pytest.mark.usefixtures("qapp")
def test_before_anything_was_measured_there_is_an_empty_chart() -> None:
    gpu = GpuController(lambda _: None, list)
    gpu.tick()
    assert gpu.chart("GPU-0", Span.RECENT).is_empty
    assert gpu.view == GpuView()
    gpu.close()


@pytest.mark.usefixtures("qapp")
def test_what_happens_to_jobs_is_marked() -> None:
    gpu = GpuController(lambda _: None, list)
    fell = Message(MessageId.RUNG_FELL, {"picture": 1})
    gpu.note([StageStarted("a", StageName.IMAGE, 0), Notice("a", fell)], {"a": "Tea"}.__getitem__)
    assert [(mark.kind, mark.title) for mark in gpu.marks] == [
        (MarkKind.STAGE, "Tea"),
        (MarkKind.FALL, "Tea"),
    ]
    gpu.close()


def _job(number: int, tmp_path: Path, state: JobState, **stages: StageState) -> JobView:
    spec = JobSpec.create(topic=f"Topic {number}", output_dir=tmp_path, quality=Quality.ULTRA)
    shown = tuple(StageView(name, stages.get(name.value, StageState.WAITING)) for name in StageName)
    return make_view(spec, number, state=state, stages=shown)


def test_the_queue_is_looked_at_in_the_order_of_its_turns(tmp_path: Path) -> None:
    done, running = StageState.DONE, StageState.RUNNING
    jobs = [
        _job(3, tmp_path, JobState.WAITING),
        _job(1, tmp_path, JobState.DONE, script=done, image=done),
        _job(2, tmp_path, JobState.RUNNING, script=done, image=running),
        *(_job(number, tmp_path, JobState.WAITING) for number in range(4, 60)),
    ]
    found = queued_stages(jobs)
    assert [(one.job_id, one.stage, one.is_running) for one in found[:3]] == [
        ("job-2", StageName.IMAGE, True),
        ("job-3", StageName.SCRIPT, False),
        ("job-3", StageName.IMAGE, False),
    ]
    assert len({one.job_id for one in found}) == LOOK_AHEAD


def test_a_pasted_script_needs_no_script_writer(tmp_path: Path) -> None:
    spec = JobSpec.create(topic="", script_text="Leave early. Come home.", output_dir=tmp_path)
    (only,) = queued_stages([make_view(spec, 1)])
    assert only.stage is StageName.IMAGE


def _thought(
    *, start: int, running: bool = False, leaks: tuple[tuple[str, Leak], ...] = ()
) -> Thought:
    size = frame_size(Quality.ULTRA, Aspect.PORTRAIT)
    rungs = (
        Rung("hires-full", Quality.ULTRA, MemoryRange(6000, 7000, 9000), 8000),
        Rung(PAINTER, Quality.ULTRA, MemoryRange.exact(0), 0),
    )
    plan = Plan(Quality.ULTRA, Aspect.PORTRAIT, size, rungs, start, 4000.0, False, False, ())
    stage = QueuedStage("a", "Tea", StageName.IMAGE, Quality.ULTRA, Aspect.PORTRAIT, running)
    work = Work(stage, plan.first.need, plan)
    ahead = Outlook(11_000.0, work if running else None, None if running else work)
    memory = CardMemory("A2000", 12_282.0, 4_500.0)
    return Thought("GPU-0", ahead, memory, (("blender", 6_000.0),), leaks)


@pytest.mark.req("Q10")
@pytest.mark.usefixtures("qapp")
def test_a_warning_is_told_once_while_the_queue_goes_on() -> None:
    told: list[Message] = []
    gpu = GpuController(told.append, list)
    for _ in range(3):
        gpu._on_thought(_thought(start=1))
    gpu._on_thought(_thought(start=0, running=True))
    gpu._on_thought(_thought(start=1))
    assert [message.id for message in told] == [MessageId.FORECAST_HELD_BY]
    assert told[0].params["program"] == "blender"
    empty = Thought("GPU-0", Outlook(11_000.0), CardMemory(), (), ())
    gpu._on_thought(empty)
    gpu._on_thought(_thought(start=1))
    assert len(told) == 2
    leak = Leak(400.0, 1_200.0, 8.0)
    for _ in range(2):
        gpu._on_thought(_thought(start=0, leaks=(("A2000", leak),)))
    assert [message.id for message in told[2:]] == [MessageId.FORECAST_LEAK]
    gpu.close()
