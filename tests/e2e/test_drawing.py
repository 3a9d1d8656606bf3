"""A job's pictures by their plan: OOM, death and spilling at every rung, over real sockets."""

import itertools
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from drawing_kit import DRAWER, WRITER, Desk, PlayedKeeper, desk, request, size_of
from fakes.card import PlayedCard
from fakes.comfyui import FakeComfyUI, Overflow
from service_kit import free_port
from session_kit import settings_with

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import ServiceError
from vidgen_gui.core.hardware_profile import HardwareProfile, PauseScriptWriter, QualityPolicy
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.plan import ON_CPU, PAINTER, Plan
from vidgen_gui.core.quality import Aspect, Quality
from vidgen_gui.gpu.ladder import MOST_FALLS, next_rung
from vidgen_gui.media.png_check import check_png
from vidgen_gui.pipeline.picture_drawing import MadePicture
from vidgen_gui.pipeline.picture_times import PROBE_STEPS
from vidgen_gui.pipeline.stage import NeedsConsent
from vidgen_gui.services.comfyui.errors import ExecutionFailed, OutOfGpuMemory

WORDINGS = ("oom", "oom-old", "oom-accelerator", "oom-hip", "oom-mps", "oom-ram")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDGEN_PATIENCE", "0.3")


def path_of(plan: Plan) -> list[int]:
    """The places that are tried when everything fails."""
    tried: list[int] = []
    at: int | None = plan.start
    while at is not None:
        tried.append(at)
        at = next_rung(plan, tried, at)
    return tried


def graphs(server: FakeComfyUI) -> list[dict[str, Any]]:
    return [prompt.graph for prompt in server.prompts]


def played(card: PlayedCard, **options: Any) -> FakeComfyUI:
    """A server that has of the card what others leave it."""
    room = card.room_for(DRAWER)
    return FakeComfyUI(budget_mib=room, on_hold=card.follow(), sheets=True, **options)


def assert_covers(made_by: Desk, made: MadePicture) -> None:
    """The file is a whole picture, as large as the video's motion needs."""
    wanted = size_of(Quality.ULTRA)
    assert made.size.width_px >= wanted.width_px
    assert made.size.height_px >= wanted.height_px
    check_png(made_by.picture, made.size, may_be_plain=True)


def no_graph_twice(server: FakeComfyUI) -> None:
    seen = [str(graph) for graph in graphs(server)]
    assert len(set(seen)) == len(seen)


@pytest.mark.req("ERR-11", "B3", "F1", "M1")
def test_it_falls_exactly_as_the_ladder_says_from_each_rung(tmp_path: Path) -> None:
    falls = 0
    while True:
        folder = tmp_path / f"{falls}"
        folder.mkdir()
        with FakeComfyUI(sheets=True) as server, desk(server.url, folder) as made_by:
            plan = made_by.plan()
            path = [plan.rungs[place].name for place in path_of(plan)]
            server.faults.extend((WORDINGS * 2)[:falls])
            is_painted = path[falls] == PAINTER
            if is_painted:
                with pytest.raises(ServiceError):
                    made_by.draw()
            else:
                made = made_by.draw()
                assert made.rung == path[falls]
                assert_covers(made_by, made)
            told = [(one.params["before_way"], one.params["after_way"]) for one in made_by.told]
            pairs = itertools.pairwise(path[: falls + 1])
            assert told == [pair for pair in pairs if pair[1] != PAINTER]
            no_graph_twice(server)
        if is_painted:
            break
        falls += 1
    assert falls == len(path) - 1 >= 5


def test_a_job_does_not_try_again_what_failed_and_the_next_begins_where_it_worked(
    tmp_path: Path,
) -> None:
    with FakeComfyUI(sheets=True) as server:
        with desk(server.url, tmp_path) as made_by:
            server.faults.extend(["oom", "oom"])
            first = made_by.draw(scene=0)
            count = len(server.prompts)
            assert count == 3
            assert made_by.draw(scene=1).rung == first.rung
            assert made_by.draw(job="next").rung == first.rung
            assert len(server.prompts) == count + 2
            assert made_by.plan().first.name == first.rung
        # The app starts again.
        with desk(server.url, tmp_path) as made_by:
            assert made_by.draw(job="later").rung == first.rung
            assert [prompt.state.value for prompt in server.prompts].count("failed") == 2


@pytest.mark.req("R7", "P2")
def test_what_a_card_taught_is_known_after_a_restart_and_void_on_another(tmp_path: Path) -> None:
    card = PlayedCard.of(12_288, 2_100)
    keeper = PlayedKeeper(card)
    with played(card, error_factor=1.6) as server:
        with desk(server.url, tmp_path, keeper) as made_by:
            first = made_by.draw()
            fails = [prompt.state.value for prompt in server.prompts].count("failed")
            assert fails >= 1
            assert all(one.params["free_mib"] <= 2_100 for one in made_by.told)
        with desk(server.url, tmp_path, keeper) as made_by:
            assert made_by.plan().first.name == first.rung
            assert made_by.draw(job="later").rung == first.rung
            states = [prompt.state.value for prompt in server.prompts]
            assert states.count("failed") == fails
            seconds = made_by.plan().first.seconds
            assert seconds is not None
            assert seconds > 0
        keeper.machine = ("Played card", "2.0")
        with desk(server.url, tmp_path, keeper) as made_by:
            assert made_by.plan().start < [r.name for r in made_by.plan().rungs].index(first.rung)
            assert made_by.plan().first.seconds is None


@pytest.mark.req("ERR-11", "ERR-18")
def test_a_server_that_dies_of_it_falls_too(tmp_path: Path) -> None:
    card = PlayedCard.of(12_288, 1_900)
    with (
        played(card, overflow=Overflow.DIE, error_factor=1.3) as server,
        desk(server.url, tmp_path, PlayedKeeper(card)) as made_by,
    ):
        plan = made_by.plan()
        made = made_by.draw()
        assert made.rung != plan.first.name
        assert {one.id for one in made_by.told} == {MessageId.RUNG_DEADLY}
        # The first rung is tried twice: a server may die of other things. The others once.
        tries = [str(graph) for graph in graphs(server)]
        assert [tries.count(each) for each in dict.fromkeys(tries)] == [2] + [1] * len(made_by.told)
        made_by.told.clear()
        assert made_by.draw(scene=1).rung == made.rung
        assert made_by.draw(job="next").rung == made.rung
        assert not made_by.told


@pytest.mark.req("ERR-11")
def test_steps_that_take_many_times_as_long_are_an_out_of_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIDGEN_PATIENCE", "0.05")
    card = PlayedCard.of(12_288, 1_900)
    with (
        played(card, overflow=Overflow.SPILL, error_factor=1.3, spilled_step_s=4.0) as server,
        desk(server.url, tmp_path, PlayedKeeper(card)) as made_by,
    ):
        plan = made_by.plan()
        made = made_by.draw()
        assert made.rung != plan.first.name
        assert {one.id for one in made_by.told} == {MessageId.RUNG_SPILLED}
        no_graph_twice(server)
        assert_covers(made_by, made)


@pytest.mark.req("ERR-18", "V10")
def test_the_painter_is_left_where_nothing_fits_and_the_job_asks_no_more(tmp_path: Path) -> None:
    with FakeComfyUI(sheets=True, budget_mib=200) as server, desk(server.url, tmp_path) as made_by:
        with pytest.raises(OutOfGpuMemory):
            made_by.draw()
        count = len(server.prompts)
        assert 1 < count <= MOST_FALLS
        no_graph_twice(server)
        with pytest.raises(OutOfGpuMemory):
            made_by.draw(scene=1)
        assert len(server.prompts) == count


@pytest.mark.req("LBL-2")
def test_the_script_writer_gives_its_memory_for_the_rung_that_failed_beside_it(
    tmp_path: Path,
) -> None:
    card = PlayedCard.of(12_288)
    card.hold("others", 1_838)
    card.hold(WRITER, 8_000)
    keeper = PlayedKeeper(card)
    with (
        played(card, error_factor=1.75) as server,
        desk(server.url, tmp_path, keeper) as made_by,
    ):
        plan = made_by.plan()
        assert not plan.pauses_script_writer
        made = made_by.draw()
        assert made.rung == plan.first.name
        assert keeper.pauses == 1
        assert [one.id for one in made_by.told] == [MessageId.RUNG_AGAIN_WITH_MORE]
        # The same way once more, with more memory: another plan. Not more often than that.
        assert [prompt.state.value for prompt in server.prompts] == ["failed", "done"]


def test_the_writer_stays_where_that_is_wished(tmp_path: Path) -> None:
    card = PlayedCard.of(12_288)
    card.hold(WRITER, 8_000)
    profile = HardwareProfile(pause_script_writer=PauseScriptWriter.NO)
    keeper = PlayedKeeper(card, profile)
    with (
        played(card, error_factor=1.6) as server,
        desk(server.url, tmp_path, keeper) as made_by,
    ):
        made = made_by.draw()
        assert keeper.pauses == 0
        assert card.held_by(WRITER) == 8_000
        assert_covers(made_by, made)


@pytest.mark.req("ERR-13", "G2")
def test_the_person_is_asked_before_quality_is_lowered_if_they_want_that(tmp_path: Path) -> None:
    keeper = PlayedKeeper(
        PlayedCard.of(2_048, 300), HardwareProfile(quality_policy=QualityPolicy.ASK)
    )
    with played(keeper.card) as server, desk(server.url, tmp_path, keeper) as made_by:
        assert made_by.plan().asks_first
        with pytest.raises(NeedsConsent) as asked:
            made_by.draw()
        assert asked.value.message.id is MessageId.LOWERING_NEEDS_CONSENT
        with pytest.raises(ServiceError) as painted:
            made_by.draw(lowering_agreed=True)
        assert painted.value.message.id is MessageId.PLAN_PAINTS
        assert not server.prompts


def test_the_person_is_asked_when_a_picture_would_fall_below_its_quality(tmp_path: Path) -> None:
    keeper = PlayedKeeper(
        PlayedCard.of(2_048, 900), HardwareProfile(quality_policy=QualityPolicy.ASK)
    )
    with (
        played(keeper.card, error_factor=3.0) as server,
        desk(server.url, tmp_path, keeper) as made_by,
    ):
        assert not made_by.plan().asks_first
        with pytest.raises(NeedsConsent):
            made_by.draw()
        count = len(server.prompts)
        assert count > 1
        with pytest.raises(OutOfGpuMemory):
            made_by.draw(lowering_agreed=True)
        assert len(server.prompts) == count


@pytest.mark.req("ERR-11")
def test_size_is_kept_and_quality_not_lowered_where_that_is_wished(tmp_path: Path) -> None:
    card = PlayedCard.of(2_048, 900)
    keeper = PlayedKeeper(card, HardwareProfile(quality_policy=QualityPolicy.KEEP))
    with played(card) as server, desk(server.url, tmp_path, keeper) as made_by:
        assert {rung.quality for rung in made_by.plan().rungs} == {Quality.ULTRA}
        assert_covers(made_by, made_by.draw())


MAIN = """
import sys, threading, signal
sys.path.insert(0, {tests!r})
from fakes.comfyui import FakeComfyUI
over = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: over.set())
port = int(sys.argv[sys.argv.index("--port") + 1])
budget = 64_000 if "--cpu" in sys.argv else 150
with FakeComfyUI(port=port, budget_mib=budget, sheets=True) as server:
    print("To see the GUI go to:", server.url, flush=True)
    over.wait()
"""


@pytest.mark.slow
@pytest.mark.req("ERR-18", "M2", "P7")
def test_our_own_server_draws_on_the_processor_when_allowed_and_comes_back(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "ComfyUI"
    folder.mkdir()
    tests = str(Path(__file__).parents[1])
    (folder / "main.py").write_text(MAIN.format(tests=tests), encoding="utf-8")
    settings = settings_with(
        image_maker={"folder": str(folder), "python": sys.executable, "port": free_port()}
    )
    card = PlayedCard.of(2_048, 1_800)
    keeper = PlayedKeeper(card, HardwareProfile(cpu_allowed=True))
    with desk(settings, tmp_path, keeper) as made_by:
        assert made_by.plan().rungs[-2].name == ON_CPU
        made = made_by.draw(Quality.DRAFT)
        assert made.rung == ON_CPU
        assert "--cpu" in made_by.service.core.view().command
        assert made_by.draw(Quality.DRAFT, scene=1).rung == ON_CPU
        made_by.service.free(CancelToken())
        command = made_by.service.core.view().command
        assert command
        assert "--cpu" not in command


def test_plans_are_made_without_a_server_and_start_none(tmp_path: Path) -> None:
    folder = tmp_path / "ComfyUI"
    folder.mkdir()
    (folder / "main.py").write_text("raise SystemExit(1)", encoding="utf-8")
    keeper = PlayedKeeper(PlayedCard.of(12_288, 6_144))
    startable = settings_with(
        image_maker={"folder": str(folder), "python": sys.executable, "port": free_port()}
    )
    with desk(startable, tmp_path, keeper) as made_by:
        plan = made_by.plan()
        assert plan.first.picture is not None
        assert plan.reasons[0].id is MessageId.PLAN_SERVER_NOT_ASKED
        assert made_by.service.core.view().pid is None
    with desk(f"127.0.0.1:{free_port()}", tmp_path, keeper) as made_by:
        plans = made_by.service.plans(Aspect.SQUARE, CancelToken())
        assert list(plans) == list(Quality)
        for plan in plans.values():
            assert plan.first.name == PAINTER
            assert plan.reasons[0].id is MessageId.PLAN_NO_SERVER


def test_a_picture_that_shows_nothing_does_not_lower_the_job(tmp_path: Path) -> None:
    with FakeComfyUI() as server, desk(server.url, tmp_path) as made_by:
        server.faults.extend(["black-image"] * 2)
        first = made_by.plan(Quality.DRAFT).first.name
        assert made_by.draw(Quality.DRAFT).rung != first
        assert made_by.draw(Quality.DRAFT, scene=1).rung == first
        assert made_by.plan(Quality.DRAFT).first.name == first


def test_ways_are_those_of_the_plan_down_to_its_start(tmp_path: Path) -> None:
    with FakeComfyUI(sheets=True) as server, desk(server.url, tmp_path) as made_by:
        server.faults.extend(["oom"])
        made = made_by.draw()
        ways = made_by.service.ways(request(Quality.ULTRA), CancelToken())
        assert ways[-1] == made.way
        plan = made_by.plan()
        assert len(ways) == plan.start + 1
        assert len(ways) < len(plan.rungs)


@pytest.mark.parametrize("is_known", [True, False])
def test_what_failed_before_a_crash_is_not_tried_after_it(
    tmp_path: Path, *, is_known: bool
) -> None:
    card = PlayedCard.of(12_288, 6_144)
    keeper = PlayedKeeper(card) if is_known else None
    with played(card) as server:
        with desk(server.url, tmp_path, keeper) as made_by:
            server.faults.extend(["oom", "execution-error"])
            first = made_by.plan().first.name
            with pytest.raises(ExecutionFailed):
                made_by.draw()
        with desk(server.url, tmp_path, keeper) as made_by:
            assert made_by.draw().rung != first
            failed = graphs(server)[0]
            assert graphs(server).count(failed) == 1


@pytest.mark.slow
@pytest.mark.req("BUG-43", "ERR-11")
def test_our_own_server_that_the_system_kills_for_memory_is_started_again_and_falls(
    tmp_path: Path,
) -> None:
    port = free_port()
    program = Path(__file__).parents[1] / "fakes" / "comfy_program.py"
    command = f'"{sys.executable}" "{program}" --port {port} --budget-mib 1100 --killed-at-overflow'
    settings = settings_with(image_maker={"start_command": command, "port": port})
    with desk(settings, tmp_path) as made_by:
        made = made_by.draw(Quality.STANDARD)
        assert made.rung != made_by.told[0].params["before_way"]
        assert {one.id for one in made_by.told} == {MessageId.RUNG_DEADLY}
        assert made.size.height_px >= size_of(Quality.STANDARD).height_px


@pytest.mark.req("R7", "P2")
def test_a_new_card_or_model_is_tried_once_with_a_small_picture(tmp_path: Path) -> None:
    keeper = PlayedKeeper(PlayedCard.of(12_288), simulated=False)
    with FakeComfyUI(step_s=0.01, sheets=True) as server:
        with desk(server.url, tmp_path, keeper) as made_by:
            assert made_by.plan().first.seconds is None
            made = made_by.draw()
            assert_covers(made_by, made)
            assert [one.id for one in made_by.told] == [MessageId.CARD_IS_TRIED]
            probe, picture = graphs(server)
            assert steps_in(probe) == PROBE_STEPS < steps_in(picture)
            assert made_by.plan(Quality.HIGH).first.seconds is not None
        with desk(server.url, tmp_path, keeper) as made_by:
            made_by.draw(job="next")
            made_by.draw(Quality.DRAFT, job="other")
            assert len(graphs(server)) == 4
        keeper.machine = ("Played card", "2.0")
        with desk(server.url, tmp_path, keeper) as made_by:
            server.faults.append("oom")
            # A small picture that fails costs nothing: the picture itself tells more.
            made_by.draw(Quality.DRAFT, job="again", scene=5)
            assert len(graphs(server)) == 6


def steps_in(graph: dict[str, Any]) -> int:
    """Of the first pass."""
    samplers = (node["inputs"] for node in graph.values() if node["class_type"] == "KSampler")
    return next(inputs["steps"] for inputs in samplers if inputs["denoise"] == 1)


def test_two_scenes_at_once_find_out_once_what_does_not_fit(tmp_path: Path) -> None:
    with FakeComfyUI(sheets=True, budget_mib=1_100) as server, desk(server.url, tmp_path) as one:
        two = Desk(one.service, tmp_path / "second")
        with ThreadPoolExecutor(2) as pool:
            first, second = pool.submit(one.draw, scene=0), pool.submit(two.draw, scene=1)
            assert first.result().rung == second.result().rung
        states = [prompt.state.value for prompt in server.prompts]
        assert states == ["failed"] * (len(states) - 2) + ["done"] * 2
        assert len(one.told) + len(two.told) == len(states) - 2 >= 1
        assert not one.told or not two.told
