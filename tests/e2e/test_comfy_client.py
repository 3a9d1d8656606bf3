"""The ComfyUI client against a server over real sockets: pictures, cancels, order, memory."""

import gc
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
import uuid
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest
from busy_machine import in_time
from comfy_kit import SIZE, Story, client, follow, graph, run
from fakes.comfyui import FakeComfyUI, JobState
from fakes.raw_server import RawServer, refused_port, says_json
from service_kit import free_port

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.quality import FrameSize
from vidgen_gui.net.address import parse_address
from vidgen_gui.net.errors import HttpFailure, NetError, Unreachable
from vidgen_gui.services.comfyui.client import ComfyClient, check_health
from vidgen_gui.services.comfyui.errors import (
    DeadlinePassed,
    MissingNode,
    NotComfyUI,
    ServerGone,
    ValidationFailed,
)

FAKES = Path(__file__).parents[1] / "fakes"
GRACE_S = 3.0
"""A deadline is kept to the moment; a busy machine is late all the same."""


@pytest.fixture
def server() -> Iterator[FakeComfyUI]:
    with FakeComfyUI() as fake:
        yield fake


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder / "picture.png"


@pytest.mark.req("ERR-3", "A4", "K3", "V7")
def test_a_picture_is_made_with_previews_and_lands_verified(target: Path) -> None:
    with FakeComfyUI(previews=True, step_s=0.05) as server:
        story = run(server, target, work=graph(steps=10))
        server.wait(lambda fake: fake.sockets == 0)
        (job,) = server.prompts
    assert story.done.path == target
    assert story.done.size == SIZE
    assert not story.done.cached
    assert story.done.file.filename.startswith("vidgen_")
    fractions = [event.fraction for event in story.events]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0.0
    assert len(set(fractions)) > 8
    assert 0.9 < fractions[-1] < 1.0
    assert story.previews
    assert all(preview.startswith(b"\xff\xd8\xff") for preview in story.previews)
    assert story.done.previews >= len(story.previews)
    assert [path.name for path in target.parent.iterdir()] == ["picture.png"]
    picture = cv2.imread(str(target), cv2.IMREAD_UNCHANGED)
    assert picture is not None
    assert picture.shape == (SIZE.height_px, SIZE.width_px, 3)
    assert str(uuid.UUID(job.prompt_id)) == job.prompt_id


@pytest.mark.req("I2")
def test_a_repeat_that_takes_milliseconds_is_never_missed(
    server: FakeComfyUI, target: Path
) -> None:
    with client(server.url) as comfy:
        for number in range(25):
            story = follow(
                comfy.run(graph(), target, size=SIZE, deadline_s=20, cancel=CancelToken())
            )
            assert story.done.cached == (number > 0)
            assert story.done.seconds < 4
    # Told by the socket every time: nobody had to ask.
    assert server.inner.requests["GET /history"] + server.inner.requests["GET /queue"] == 0
    assert len({job.prompt_id for job in server.prompts}) == 25
    assert len({job.client_id for job in server.prompts}) == 25


@pytest.mark.parametrize("options", [{"older": True}, {"newer": True}, {"own_ids": True}])
def test_older_and_newer_servers(options: dict[str, bool], target: Path) -> None:
    with FakeComfyUI(previews=True, step_s=0.01, **options) as server:  # type: ignore[arg-type]
        story = run(server, target)
        work = graph() | {"8": {"class_type": "NoSuchNode", "inputs": {"samples": ["3", 0]}}}
        with pytest.raises(MissingNode) as caught:
            run(server, target, work=work)
    assert story.done.size == SIZE
    assert len(story.events) > 4
    assert (caught.value.class_type, caught.value.node_id) == ("NoSuchNode", "8")


def test_any_size_is_taken_when_none_is_asked_for(server: FakeComfyUI, target: Path) -> None:
    assert run(server, target, size=None).done.size == SIZE


def test_waiting_behind_others_is_no_fault(server: FakeComfyUI, target: Path) -> None:
    server.add_foreign(2)
    worker = threading.Thread(target=lambda: stories.append(run(server, target)))
    stories: list[Story] = []
    worker.start()
    server.wait_for_state(JobState.WAITING)
    server.finish_foreign()
    worker.join()
    assert stories[0].done.size == SIZE
    assert not server.foreign_touched
    assert [job.state for job in server.foreign] == [JobState.DONE] * 2


def cancel_once(server: FakeComfyUI, state: JobState, target: Path) -> float:
    """Cancel a run when its prompt is in ``state``; how long it took to end then."""
    token = CancelToken()
    cancelled_at: list[float] = []

    def stop() -> None:
        server.wait_for_state(state)
        cancelled_at.append(time.monotonic())
        token.cancel()

    stopper = threading.Thread(target=stop)
    stopper.start()
    with pytest.raises(Cancelled):
        run(server, target, work=graph(steps=2000), cancel=token)
    stopper.join()
    return time.monotonic() - cancelled_at[0]


@pytest.mark.parametrize("options", [{}, {"older": True}])
@pytest.mark.req("F3")
def test_a_cancel_while_waiting_removes_ours_and_no_other(
    options: dict[str, bool], target: Path
) -> None:
    with FakeComfyUI(**options) as server:  # type: ignore[arg-type]
        running, waiting = server.add_foreign(2)
        assert in_time(cancel_once(server, JobState.WAITING, target), 3.0)
        assert server.prompts[0].state is JobState.DELETED
        assert server.inner.deleted == [server.prompts[0].prompt_id]
        assert server.inner.interrupts == []
        with client(server.url) as comfy:
            queue = comfy.queue(CancelToken())
        assert (queue.running, queue.pending) == ((running,), (waiting,))
        assert not server.foreign_touched
        server.finish_foreign()
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize("options", [{}, {"older": True}])
@pytest.mark.req("F3")
def test_a_cancel_while_running_interrupts_ours_and_no_other(
    options: dict[str, bool], target: Path
) -> None:
    with FakeComfyUI(step_s=0.05, **options) as server:  # type: ignore[arg-type]
        server.faults.append("foreign-around")
        assert in_time(cancel_once(server, JobState.RUNNING, target), 3.0)
        server.wait_for_state(JobState.INTERRUPTED)
        ours = server.prompts[0].prompt_id
        assert set(server.inner.interrupts) == {ours}
        server.wait(lambda fake: all(job.state is JobState.DONE for job in fake.foreign))
        assert not server.foreign_touched
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("route", "fault"),
    [
        ("/ws", "never-answer"),
        ("/ws", "drip"),
        ("/prompt", "never-answer"),
        ("/prompt", "drip"),
        ("/view", "never-answer"),
        ("/view", "drip"),
    ],
)
def test_a_cancel_takes_hold_wherever_it_waits(
    server: FakeComfyUI, target: Path, route: str, fault: str
) -> None:
    server.route_faults.always(route, fault)
    token = CancelToken()
    timer = threading.Timer(0.5, token.cancel)
    started = time.monotonic()
    timer.start()
    with pytest.raises(Cancelled):
        run(server, target, deadline_s=60, cancel=token)
    assert in_time(time.monotonic() - started, 5.0)
    timer.join()
    assert list(target.parent.iterdir()) == []


def test_a_token_that_is_set_already_reaches_no_server(server: FakeComfyUI, target: Path) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        run(server, target, cancel=token)
    assert not server.prompts
    assert server.connections == 0


def test_closing_the_generator_withdraws_the_prompt(target: Path) -> None:
    with FakeComfyUI(step_s=0.05) as server, client(server.url) as comfy:
        steps = comfy.run(graph(steps=2000), target, size=SIZE, deadline_s=60, cancel=CancelToken())
        while next(steps).fraction == 0:
            pass
        steps.close()
        server.wait_for_state(JobState.INTERRUPTED)


@pytest.mark.req("I1", "I2")
def test_the_deadline_is_for_everything_and_the_prompt_does_not_outlive_it(target: Path) -> None:
    with FakeComfyUI() as server:
        server.faults.append("hang")
        started = time.monotonic()
        with pytest.raises(DeadlinePassed) as caught:
            run(server, target, deadline_s=2.0)
        assert time.monotonic() - started < 2.0 + GRACE_S
        server.wait_for_state(JobState.INTERRUPTED)
    assert caught.value.message.params["after_s"] == 2
    assert list(target.parent.iterdir()) == []


@pytest.mark.req("I2")
def test_a_long_silence_is_told_once(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[MessageId] = []
    port = free_port()
    command = [sys.executable, str(FAKES / "comfy_program.py"), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        program.stdout.readline()
        with client(f"http://127.0.0.1:{port}") as comfy:
            # Not done before it is stopped.
            steps = comfy.run(
                graph(steps=2000), target, size=SIZE, deadline_s=60, cancel=CancelToken()
            )
            next(steps)
            program.send_signal(signal.SIGSTOP)
            monkeypatch.setenv("VIDGEN_PATIENCE", "0.02")
            notices = (step.notice.id for step in steps if step.notice is not None)
            with pytest.raises(ServerGone):
                # Unlike a list's comprehension, it keeps what came before the error.
                told.extend(notices)
        program.kill()
    assert told == [MessageId.IMAGE_SERVER_SILENT]


def second_output(kind: str, width: int) -> dict[str, object]:
    """A graph with another output of its own, which is refused when ``width`` is out of range."""
    return graph() | {
        "20": {
            "class_type": "EmptyLatentImage",
            "inputs": {"width": width, "height": 64, "batch_size": 1},
        },
        "21": {"class_type": "VAEDecode", "inputs": {"samples": ["20", 0], "vae": ["4", 2]}},
        "22": {
            "class_type": kind,
            "inputs": {"images": ["21", 0]}
            | ({"filename_prefix": "other"} if kind == "SaveImage" else {}),
        },
    }


@pytest.mark.req("F3")
def test_an_output_that_the_server_drops_silently_is_an_error(target: Path) -> None:
    with FakeComfyUI(step_s=0.05) as server:
        with pytest.raises(ValidationFailed) as caught:
            run(server, target, work=second_output("SaveImage", 3))
        (problem,) = caught.value.problems
        assert (problem.node_id, problem.input) == ("20", "width")
        assert problem.outputs == ("22",)
        server.wait(lambda fake: fake.inner.books.running is None)
        assert server.prompts[0].state in {JobState.DELETED, JobState.INTERRUPTED}
        story = run(server, target, work=second_output("PreviewImage", 3))
    assert story.done.file.type == "output"


@pytest.mark.req("ERR-3", "A4")
def test_thousands_of_messages_take_no_memory(target: Path) -> None:
    """Each step sends two messages and a preview; nothing of them may stay."""
    with FakeComfyUI(previews=True) as server, client(server.url) as comfy:
        steps = comfy.run(
            graph(steps=1500), target, size=SIZE, deadline_s=300, cancel=CancelToken()
        )
        seen: list[int] = []
        ours = tracemalloc.Filter(True, "*/vidgen_gui/*")
        theirs = tracemalloc.Filter(True, "*/websockets/*")
        tracemalloc.start()
        try:
            for event in steps:
                share = 0.3 if not seen else 0.9
                if event.fraction > share and len(seen) < 2:
                    gc.collect()
                    snapshot = tracemalloc.take_snapshot().filter_traces([ours, theirs])
                    seen.append(sum(trace.size for trace in snapshot.traces))
        finally:
            tracemalloc.stop()
    assert len(seen) == 2
    assert seen[1] - seen[0] < 300_000


def test_questions_beside_a_run(server: FakeComfyUI, tmp_path: Path) -> None:
    with client(server.url) as comfy:
        token = CancelToken()
        stats = comfy.system_stats(token)
        assert stats.devices[0].vram_total_mib == pytest.approx(24_000)
        info = comfy.object_info(token)
        assert "KSampler" in info
        assert comfy.models("checkpoints", token) == ("sd15.safetensors",)
        assert comfy.models("upscale_models", token) == ("RealESRGAN_x4.pth",)
        comfy.free(token)
        comfy.free(token, unload=False)
        assert [free["unload_models"] for free in server.inner.frees] == [True, False]
        picture = tmp_path / "a strange näme.png"
        run(server, picture)
        name = comfy.upload_image(picture, token)
        assert name == comfy.upload_image(picture, token)
        assert name in comfy.object_info(token)["LoadImage"]["input"]["required"]["image"][0]


FAULTS = ("500", "429", "html", "garbled-json", "empty-body", "huge-body", "cut-body", "redirect")


@pytest.mark.parametrize("fault", [*FAULTS, "close"])
def test_a_question_answered_badly_is_a_typed_error(server: FakeComfyUI, fault: str) -> None:
    token = CancelToken()
    with client(server.url) as comfy:
        for route, ask in (
            ("/system_stats", lambda: comfy.system_stats(token)),
            ("/object_info", lambda: comfy.object_info(token)),
            ("/models", lambda: comfy.models("checkpoints", token)),
            ("/queue", lambda: comfy.queue(token)),
        ):
            server.route_faults.always(route, fault)
            with pytest.raises((NetError, NotComfyUI)):
                ask()


@pytest.mark.req("G3", "A1")
def test_health_knows_comfyui_from_other_servers(server: FakeComfyUI) -> None:
    token = CancelToken()
    for route in ("", "/", "/api", "/api/", "/api/prompt"):
        check_health(parse_address(server.url + route), token)
    server.wait(lambda fake: fake.connections == 0)
    with RawServer(says_json({"status": "ok"})) as other, pytest.raises(NotComfyUI) as caught:
        check_health(parse_address(other.url), token)
    assert caught.value.message.params["url"] == other.url
    server.route_faults.always("/system_stats", "500")
    with pytest.raises(HttpFailure):
        check_health(parse_address(server.url), token)
    started = time.monotonic()
    with refused_port() as port, pytest.raises(Unreachable):
        check_health(parse_address(f"localhost:{port}"), token)
    assert in_time(time.monotonic() - started, 3.0)


@pytest.mark.req("D1", "ERR-4")
def test_runs_side_by_side_never_mix(tmp_path: Path) -> None:
    """Through one client, from several threads: everybody gets the picture of their own graph."""
    sizes = [FrameSize(64 + 8 * number, 96) for number in range(6)]
    stories: dict[FrameSize, Story] = {}

    def draw(comfy: ComfyClient, size: FrameSize) -> None:
        work = graph()
        work["5"]["inputs"]["width"] = size.width_px
        target = tmp_path / f"{size.width_px}.png"
        stories[size] = follow(
            comfy.run(work, target, size=size, deadline_s=60, cancel=CancelToken())
        )

    with FakeComfyUI(previews=True, step_s=0.01) as server, client(server.url) as comfy:
        threads = [threading.Thread(target=draw, args=(comfy, size)) for size in sizes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert {size: story.done.size for size, story in stories.items()} == {s: s for s in sizes}
    assert all(story.done.previews == 4 for story in stories.values())


def test_a_wrong_size_is_said_in_figures(server: FakeComfyUI, target: Path) -> None:
    with pytest.raises(Exception, match="64×96 instead of 96×64"):
        run(server, target, size=FrameSize(96, 64))
    assert list(target.parent.iterdir()) == []
