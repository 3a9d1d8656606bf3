"""What is chosen on the quality page, from the plan that is shown to the graph that is drawn."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.comfyui import FakeComfyUI
from session_kit import OpenApp, a_job, open_app, settings_with

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled
from vidgen_gui.core.events import JobFailed, StageFinished
from vidgen_gui.core.job import Job, JobSpec, JobState, StageName
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.picture_overrides import PictureOverrides
from vidgen_gui.core.plan import PAINTER
from vidgen_gui.core.quality import Aspect, Quality, frame_size
from vidgen_gui.core.settings import Settings
from vidgen_gui.pipeline.delivered import read_delivered

SCRIPT = "The sea is calm at dawn.\n\nStand still and listen.\n"
SCENES = 2
NOBODY = CancelToken()


@pytest.fixture(autouse=True)
def _simulated_card(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("VIDGEN_PATIENCE", "0.3")
    monkeypatch.setenv("VIDGEN_FAKE_GPU", "NVIDIA RTX A2000 12GB:12288:6144")
    return


def drawn_by(server: FakeComfyUI) -> Settings:
    return settings_with(image_maker={"url": server.url})


def pictured(app: OpenApp, spec: JobSpec) -> Job:
    """A job until its pictures are made; it is cancelled then."""
    job = app.submit(spec)

    def is_drawn() -> bool:
        done = app.events(StageFinished, job)
        return sum(event.stage is StageName.IMAGE for event in done) == SCENES

    app.wait_for(lambda: is_drawn() or app.events(JobFailed, job))
    assert not app.events(JobFailed, job), app.events(JobFailed, job)
    app.session.end([job.id], JobState.CANCELLED)
    return job


def samplers(server: FakeComfyUI) -> list[dict[str, Any]]:
    nodes = [node for prompt in server.prompts for node in prompt.graph.values()]
    return [node["inputs"] for node in nodes if node["class_type"] == "KSampler"]


@pytest.mark.req("LBL-3", "LBL-4", "V2", "P5")
def test_what_was_changed_under_advanced_is_what_comfyui_draws_with(tmp_path: Path) -> None:
    changed = PictureOverrides(steps=9, cfg=4.5, sampler="euler")
    with FakeComfyUI() as server, open_app(drawn_by(server)) as app:
        job = pictured(app, a_job(tmp_path, script_text=SCRIPT, picture=changed))
        drawn = samplers(server)
        assert len(drawn) >= SCENES
        assert {(node["sampler_name"], node["cfg"]) for node in drawn} == {("euler", 4.5)}
        assert drawn[0]["steps"] == 9
        assert drawn[0]["seed"] in {7, 8}
        # The same video without changes takes no picture of this one.
        before = len(server.prompts)
        pictured(app, a_job(tmp_path, script_text=SCRIPT))
        assert len(server.prompts) == before + SCENES
        assert samplers(server)[-1]["cfg"] == 6.0
        # With the same changes again, nothing has to be drawn.
        pictured(app, a_job(tmp_path, script_text=SCRIPT, picture=changed))
        assert len(server.prompts) == before + SCENES
        assert MessageId.SAMPLER_NOT_USED not in app.told(job)


def test_a_sampler_that_the_server_lacks_is_told_once_and_the_video_is_made(
    tmp_path: Path,
) -> None:
    strange = PictureOverrides(sampler="tea_leaves")
    with FakeComfyUI() as server, open_app(drawn_by(server)) as app:
        job = pictured(app, a_job(tmp_path, script_text=SCRIPT, picture=strange))
        assert app.told(job).count(MessageId.SAMPLER_NOT_USED) == 1
        assert samplers(server)[0]["sampler_name"] != "tea_leaves"
        assert set(app.rungs(job, StageName.IMAGE)) != {PAINTER}


@pytest.mark.req("P2", "B5")
def test_the_plan_that_is_shown_is_the_one_that_is_drawn(tmp_path: Path) -> None:
    with FakeComfyUI() as server, open_app(drawn_by(server)) as app:
        plans = app.session.plans(Aspect.PORTRAIT, NOBODY)
        assert list(plans) == list(Quality)
        for quality, plan in plans.items():
            assert plan.delivered == frame_size(quality, Aspect.PORTRAIT)
        card = app.session.keeper.memory(NOBODY)
        assert (card.name, card.simulated) == ("NVIDIA RTX A2000 12GB", True)
        assert not server.prompts
        job = pictured(app, a_job(tmp_path, script_text=SCRIPT))
        assert set(app.rungs(job, StageName.IMAGE)) == {plans[Quality.DRAFT].first.name}
        asked = {job.id: Quality.DRAFT}
        assert read_delivered(app.session.store.history, asked) == {}


def test_who_gave_up_waiting_for_plans_gets_none() -> None:
    gone = CancelToken()
    gone.cancel()
    with FakeComfyUI() as server, open_app(drawn_by(server)) as app, pytest.raises(Cancelled):
        app.session.plans(Aspect.PORTRAIT, gone)


@pytest.mark.req("ERR-11", "B3", "F1")
def test_a_video_whose_pictures_fell_says_how_it_was_delivered_and_the_next_is_asked_as_before(
    tmp_path: Path,
) -> None:
    small = FakeComfyUI(budget_mib=3000.0, error_factor=3.0)
    with small as server, open_app(drawn_by(server)) as app:
        job = pictured(app, a_job(tmp_path, script_text=SCRIPT, quality=Quality.STANDARD))
        history = app.session.store.history
        said = read_delivered(history, {job.id: Quality.STANDARD})[job.id]
        assert said.rung == app.rungs(job, StageName.IMAGE)[-1]
        assert said.reason is not None
        assert said.reason.id is MessageId.RUNG_FELL
        assert said.of == SCENES
        stored = app.session.store.jobs.get(job.id)
        assert stored is not None
        assert stored.spec.quality is Quality.STANDARD
