"""Pictures by ComfyUI, from a job to its sidecar: a server over real sockets, in every mood."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import pytest
from fakes.comfyui import FakeComfyUI
from fakes.llm import FakeLlm
from service_kit import free_port
from session_kit import OpenApp, a_job, open_app, rung_in, settings_with

from vidgen_gui.core.events import JobFailed, PicturePreviewed, ScriptReady, StageFinished
from vidgen_gui.core.job import Job, JobSpec, JobState, StageName
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.quality import Quality
from vidgen_gui.core.script import Scene, Script
from vidgen_gui.core.service import Ownership, ServiceName, ServiceState
from vidgen_gui.core.settings import Settings

PASTED = "The sea is calm at dawn.\n\nStand still and listen.\n"
SCENES = 2
DRAWN_SIZE = (574, 862)
"""Draft's picture: 1.12 times its frame."""
SMALL = {"budget_mib": 3000.0, "error_factor": 3.0}
"""Enough for a Standard picture refined a little smaller, not at full size, as is planned."""
WORKFLOW = {
    "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sd15.safetensors"}},
    "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "{{prompt}}, oil", "clip": ["1", 1]}},
    "3": {"class_type": "CLIPTextEncode", "inputs": {"text": "{{negative}}", "clip": ["1", 1]}},
    "4": {
        "class_type": "EmptyLatentImage",
        "inputs": {"width": 256, "height": 384, "batch_size": 1},
    },
    "5": {
        "class_type": "KSampler",
        "inputs": {
            "seed": "{{seed}}", "steps": "{{steps}}", "cfg": "{{cfg}}", "sampler_name": "euler",
            "scheduler": "normal", "denoise": 1.0, "model": ["1", 0], "positive": ["2", 0],
            "negative": ["3", 0], "latent_image": ["4", 0],
        },
    },
    "6": {"class_type": "VAEDecode", "inputs": {"samples": ["5", 0], "vae": ["1", 2]}},
    "7": {"class_type": "SaveImage", "inputs": {"filename_prefix": "own", "images": ["6", 0]}},
}  # fmt: skip


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What hangs is given up soon; nothing else here waits for a deadline."""
    monkeypatch.setenv("VIDGEN_PATIENCE", "0.3")
    return


def drawn_by(*servers: FakeComfyUI, **more: Any) -> Settings:
    """Settings with these servers as the first and the other addresses."""
    first, *others = [server.url for server in servers]
    return settings_with(image_maker={"url": first, "fallback_urls": ", ".join(others), **more})


def a_picture_job(folder: Path, **options: Any) -> JobSpec:
    return a_job(folder, script_text=PASTED, **options)


def pictured(app: OpenApp, spec: JobSpec) -> Job:
    """A job until its pictures are made; it is cancelled then."""
    job = app.submit(spec)

    def count() -> int:
        done = app.events(StageFinished, job)
        return sum(event.stage is StageName.IMAGE for event in done)

    app.wait_for(lambda: count() == SCENES or app.events(JobFailed, job))
    assert not app.events(JobFailed, job), app.events(JobFailed, job)
    app.session.end([job.id], JobState.CANCELLED)
    return job


def texts(server: FakeComfyUI) -> list[str]:
    """What was asked for, one for each picture that was made."""
    found = []
    for prompt in server.prompts:
        nodes = prompt.graph.values()
        found.append(
            next(node["inputs"]["text"] for node in nodes if node["class_type"] == "CLIPTextEncode")
        )
    return found


def picture_files(app: OpenApp) -> list[Path]:
    return sorted((app.session.store.artifacts.root).rglob("picture.png"))


@pytest.mark.slow
@pytest.mark.req("ERR-3", "I2", "K3", "A4")
def test_a_video_whose_pictures_comfyui_drew(tmp_path: Path) -> None:
    with FakeComfyUI(previews=True, step_s=0.02) as server, open_app(drawn_by(server)) as app:
        job, video = app.make(a_picture_job(tmp_path))
        assert len(rung_in(video, StageName.IMAGE)) == 1
        assert "painter" not in rung_in(video, StageName.IMAGE)
        assert app.told(job) == []
        for file in picture_files(app):
            height, width = cv2.imread(str(file)).shape[:2]
            assert (width, height) == DRAWN_SIZE
        shown = app.events(PicturePreviewed, job)
        assert shown
        assert {event.scene for event in shown} <= set(range(SCENES))
        # Live pictures are small, and no more than a few a second.
        assert all(len(event.image) <= 1 << 20 for event in shown)
        assert len(shown) <= 60
        # The last picture is made: the card is for others now.
        server.wait(lambda fake: fake.memory.loaded_mib == 0)
        assert not server.foreign_touched
        app.session.services.check()
        view = app.view(ServiceName.IMAGE_MAKER)
        assert (view.state, view.ownership) == (ServiceState.READY, Ownership.ADOPTED)
        assert view.models == ("sd15.safetensors",)


@pytest.mark.req("ERR-12", "B4", "A2")
@pytest.mark.parametrize("free_after", [True, False])
def test_the_card_is_freed_after_the_last_picture_if_wished(
    tmp_path: Path,
    free_after: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    with FakeComfyUI() as server, open_app(drawn_by(server, free_after=free_after)) as app:
        pictured(app, a_picture_job(tmp_path))
        pictured(app, a_picture_job(tmp_path, seed=8))
        if free_after:
            server.wait(lambda fake: fake.memory.loaded_mib == 0)
        else:
            assert server.memory.loaded_mib > 0


@pytest.mark.req("ERR-12")
def test_the_card_is_kept_for_a_job_that_still_wants_pictures_and_freed_when_it_ends(
    tmp_path: Path,
) -> None:
    with FakeComfyUI() as server, FakeLlm(pause_s=0.2) as writer:
        settings = settings_with(image_maker={"url": server.url}, script_writer={"url": writer.url})
        with open_app(settings) as app:
            app.session.services.check()
            server.add_foreign(1)
            job = app.submit(a_picture_job(tmp_path))
            server.wait(lambda fake: fake.prompts)
            other = app.submit(a_job(tmp_path))
            assert writer.wait_for_chat(60)
            server.finish_foreign()
            app.wait_for(lambda: app.rungs(job, StageName.IMAGE)[1:])
            app.session.end([job.id], JobState.CANCELLED)
            assert not server.inner.frees
            assert server.memory.loaded_mib > 0
            app.session.end([other.id], JobState.CANCELLED)
            server.wait(lambda fake: fake.memory.loaded_mib == 0)


def test_a_server_that_drew_nothing_for_us_keeps_its_models(tmp_path: Path) -> None:
    with FakeComfyUI() as server, open_app(drawn_by(server)) as app:
        pictured(app, a_picture_job(tmp_path))
        server.wait(lambda fake: fake.memory.loaded_mib == 0)
    with FakeComfyUI() as other, open_app(drawn_by(other)) as app:
        # The pictures are in the store: this server isn't needed.
        pictured(app, a_picture_job(tmp_path))
        assert not other.prompts
        assert not other.inner.frees


@pytest.mark.req("ERR-11", "B1")
def test_too_little_memory_means_a_smaller_way_and_is_remembered(tmp_path: Path) -> None:
    with FakeComfyUI(**SMALL) as server, open_app(drawn_by(server)) as app:
        job = pictured(app, a_picture_job(tmp_path, quality=Quality.STANDARD))
        states = [prompt.state.value for prompt in server.prompts]
        # The first scene finds out what fits; the second begins there.
        assert states[0] == "failed"
        assert states[-2:] == ["done", "done"]
        assert states.count("done") == SCENES
        fails = states.count("failed")
        assert states == ["failed"] * fails + ["done"] * SCENES
        assert app.told(job) == [MessageId.RUNG_FELL] * fails
        assert "painter" not in app.rungs(job, StageName.IMAGE)
        assert len(set(app.rungs(job, StageName.IMAGE))) == 1


@pytest.mark.req("B1")
def test_no_memory_at_all_leaves_the_painter_and_no_plan_is_tried_twice(tmp_path: Path) -> None:
    with FakeComfyUI(budget_mib=300) as server, open_app(drawn_by(server)) as app:
        job = pictured(app, a_picture_job(tmp_path))
        assert app.rungs(job, StageName.IMAGE) == ["painter", "painter"]
        assert app.told(job)[-2:] == [
            MessageId.COMFY_OUT_OF_GPU_MEMORY,
            MessageId.PAINTER_STANDS_IN,
        ]
        first = [prompt for prompt in server.prompts if prompt.graph]
        # The second scene tries only the least, which is another picture.
        smallest = len(first) - 1
        assert smallest >= 1
        seen = [json.dumps(prompt.graph, sort_keys=True) for prompt in first]
        assert len(set(seen)) == len(seen)


@pytest.mark.req("F3", "O8")
def test_a_missing_checkpoint_lists_what_there_is(tmp_path: Path) -> None:
    with (
        FakeComfyUI(checkpoints=("dream.safetensors", "real.safetensors")) as server,
        open_app(drawn_by(server, checkpoint="gone.safetensors")) as app,
    ):
        job = pictured(app, a_picture_job(tmp_path))
        assert app.rungs(job, StageName.IMAGE) == ["painter", "painter"]
        told = app.session.store.history.lines(job.id)[0].message
        assert told.id is MessageId.COMFY_CHECKPOINT_MISSING
        assert told.params["allowed"] == "dream.safetensors, real.safetensors"
        assert not server.prompts
        app.session.services.check()
        view = app.view(ServiceName.IMAGE_MAKER)
        assert view.detail is not None
        assert view.detail.id is MessageId.COMFY_CHECKPOINT_MISSING


@pytest.mark.req("K3", "V7")
@pytest.mark.parametrize("fault", ["black-image", "wrong-size-image"])
def test_a_picture_that_shows_nothing_is_drawn_again_from_another_seed(
    tmp_path: Path, fault: str
) -> None:
    with FakeComfyUI() as server, open_app(drawn_by(server)) as app:
        server.faults.append(fault)
        job = pictured(app, a_picture_job(tmp_path))
        assert "painter" not in app.rungs(job, StageName.IMAGE)
        assert len(set(app.rungs(job, StageName.IMAGE))) == 1
        assert len(server.prompts) == SCENES + 1
        seeds = [
            node["inputs"]["seed"]
            for prompt in server.prompts
            for node in prompt.graph.values()
            if node["class_type"] == "KSampler" and node["inputs"]["denoise"] == 1
        ]
        assert len(set(seeds)) == SCENES + 1


def test_pictures_that_stay_black_leave_the_painter(tmp_path: Path) -> None:
    with FakeComfyUI() as server, open_app(drawn_by(server)) as app:
        server.faults.extend(["black-image"] * 40)
        job = pictured(app, a_picture_job(tmp_path))
        assert app.rungs(job, StageName.IMAGE) == ["painter", "painter"]
        assert MessageId.COMFY_PICTURE_UNUSABLE in app.told(job)
        assert app.told(job)[-1] is MessageId.PAINTER_STANDS_IN


@pytest.mark.req("ERR-FALLBACK")
def test_a_server_that_dies_in_the_middle_is_followed_by_the_next(tmp_path: Path) -> None:
    with (
        FakeComfyUI(step_s=0.01) as first,
        FakeComfyUI() as second,
        open_app(drawn_by(first, second)) as app,
    ):
        first.faults.append("die")
        job = pictured(app, a_picture_job(tmp_path))
        assert "painter" not in app.rungs(job, StageName.IMAGE)
        assert len(second.prompts) == SCENES
        assert app.told(job) == []


@pytest.mark.req("LOG", "F3")
def test_a_server_that_dies_for_good_leaves_the_painter_and_a_word(tmp_path: Path) -> None:
    with FakeComfyUI(step_s=0.01) as server, open_app(drawn_by(server)) as app:
        server.faults.append("die")
        job = pictured(app, a_picture_job(tmp_path))
        assert app.rungs(job, StageName.IMAGE) == ["painter", "painter"]
        told = app.told(job)
        assert told[0] is MessageId.COMFY_GONE
        assert told.count(MessageId.PAINTER_STANDS_IN) == 1


@pytest.mark.req("I2")
def test_a_server_that_restarts_in_the_middle_draws_again(tmp_path: Path) -> None:
    with FakeComfyUI(step_s=0.01, restart_s=0.3) as server, open_app(drawn_by(server)) as app:
        server.faults.append("restart")
        job = pictured(app, a_picture_job(tmp_path))
        assert "painter" not in app.rungs(job, StageName.IMAGE)
        assert [prompt.state.value for prompt in server.prompts][-2:] == ["done", "done"]


@pytest.mark.slow
@pytest.mark.req("BUG-43")
def test_one_that_the_app_started_and_that_dies_is_started_again(tmp_path: Path) -> None:
    port = free_port()
    program = Path(__file__).parents[1] / "fakes" / "comfy_program.py"
    command = f'"{sys.executable}" "{program}" --port {port} --die-once "{tmp_path / "died"}"'
    settings = settings_with(image_maker={"start_command": command, "port": port})
    with open_app(settings) as app:
        job = pictured(app, a_picture_job(tmp_path))
        assert "painter" not in app.rungs(job, StageName.IMAGE)
        assert len(set(app.rungs(job, StageName.IMAGE))) == 1
        assert app.view(ServiceName.IMAGE_MAKER).ownership is Ownership.MANAGED
    assert (tmp_path / "died").exists()


def test_a_workflow_of_the_persons_own(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(WORKFLOW), encoding="utf-8")
    with FakeComfyUI() as server, open_app(drawn_by(server, workflow_file=str(file))) as app:
        job = pictured(app, a_picture_job(tmp_path))
        assert app.rungs(job, StageName.IMAGE) == ["workflow", "workflow"]
        for text in texts(server):
            assert text.endswith(", oil")
            assert "{{" not in text
        sampler = server.prompts[0].graph["5"]["inputs"]
        assert (sampler["steps"], sampler["cfg"]) == (20, 6.0)
        # It draws at its own size; the video gets the size that it needs.
        for path in picture_files(app):
            height, width = cv2.imread(str(path)).shape[:2]
            assert (width, height) == DRAWN_SIZE


def test_a_workflow_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text('{"nodes": [], "links": []}', encoding="utf-8")
    with FakeComfyUI() as server, open_app(drawn_by(server, workflow_file=str(file))) as app:
        job = pictured(app, a_picture_job(tmp_path))
        assert app.rungs(job, StageName.IMAGE) == ["painter", "painter"]
        assert app.told(job)[-1] is MessageId.PAINTER_STANDS_IN
        assert not server.prompts


@pytest.mark.req("ERR-11")
def test_a_fallen_picture_is_not_served_to_another_job(tmp_path: Path) -> None:
    spec = a_picture_job(tmp_path, quality=Quality.STANDARD)
    with FakeComfyUI(**SMALL) as server, open_app(drawn_by(server)) as app:
        fallen = pictured(app, spec)
        # Where it fell, its pictures are as good as what would be made.
        again = pictured(app, spec)
        assert app.rungs(again, StageName.IMAGE) == app.rungs(fallen, StageName.IMAGE)
        count = len(server.prompts)
    with FakeComfyUI() as server, open_app(drawn_by(server)) as app:
        # The next start of the app, with a larger card: the same pictures are drawn anew.
        better = pictured(app, spec)
        assert len(server.prompts) == SCENES
        assert app.rungs(better, StageName.IMAGE)[0] not in app.rungs(fallen, StageName.IMAGE)
    assert count > SCENES


@pytest.mark.req("LOG")
def test_a_painted_stand_in_is_drawn_once_the_server_is_there(tmp_path: Path) -> None:
    port = free_port()
    settings = settings_with(image_maker={"url": f"127.0.0.1:{port}"})
    with open_app(settings) as app:
        painted = pictured(app, a_picture_job(tmp_path))
        assert app.rungs(painted, StageName.IMAGE) == ["painter", "painter"]
        with FakeComfyUI(port=port) as server:
            app.session.services.check()
            drawn = pictured(app, a_picture_job(tmp_path))
            assert "painter" not in app.rungs(drawn, StageName.IMAGE)
            assert len(server.prompts) == SCENES


@pytest.mark.req("F3")
def test_other_peoples_prompts_are_left_alone(tmp_path: Path) -> None:
    with FakeComfyUI(step_s=0.02) as server, open_app(drawn_by(server)) as app:
        server.add_foreign(2)
        job = app.submit(a_picture_job(tmp_path))
        server.wait(lambda fake: fake.prompts)
        app.session.end([job.id], JobState.CANCELLED)
        server.wait(lambda fake: fake.prompts[-1].state.value == "deleted")
        server.finish_foreign()
        server.finish_foreign()
        server.wait(lambda fake: all(one.state.value == "done" for one in fake.foreign))
        assert not server.foreign_touched


def test_any_prompt_arrives_as_it_is(tmp_path: Path) -> None:
    odd = 'A "quoted" {{seed}} {braces} ${x} (weight:1.2) of it\'s own'
    with FakeComfyUI() as server, open_app(drawn_by(server)) as app:
        script = Script("Odd", tuple(Scene("Stand still.", f"{odd} {n}") for n in range(SCENES)))
        job = app.submit(a_picture_job(tmp_path, wait_for_script_ok=True))
        app.wait_for(lambda: app.events(ScriptReady, job))
        app.wait_for(lambda: app.state(job) is JobState.SCRIPT_READY)
        app.session.save_script(job.id, script)
        app.session.approve_script(job.id)
        app.wait_for(lambda: len(server.prompts) == SCENES)
        app.session.end([job.id], JobState.CANCELLED)
        assert sorted(texts(server)) == [f"{odd} 0", f"{odd} 1"]


def test_a_picture_of_the_highest_quality_is_planned_drawn_and_fitted(tmp_path: Path) -> None:
    with FakeComfyUI(budget_mib=24_000) as server, open_app(drawn_by(server)) as app:
        spec = a_picture_job(tmp_path, quality=Quality.ULTRA)
        job = app.submit(spec)
        app.wait_for(
            lambda: any(event.stage is StageName.IMAGE for event in app.events(StageFinished, job))
        )
        app.session.end([job.id], JobState.CANCELLED)
        assert "painter" not in app.rungs(job, StageName.IMAGE)
        height, width = cv2.imread(str(picture_files(app)[0])).shape[:2]
        assert (width, height) == (1614, 2868)
