"""Whole jobs whose pictures fall: what is kept, what is asked, and what their history says."""

from pathlib import Path

import pytest
from fakes.comfyui import FakeComfyUI
from kit import App
from session_kit import OpenApp, a_job, open_app, rung_in, settings_with

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.events import JobFailed, Notice, StageFinished, StageStarted
from vidgen_gui.core.hardware_profile import HardwareProfile, QualityPolicy
from vidgen_gui.core.job import Job, JobState, Speech, StageName
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.quality import Aspect, Quality
from vidgen_gui.store.profiles import export_profile
from vidgen_gui.ui.words import sentence

PASTED = "The sea is calm at dawn.\n\nStand still and listen.\n"
SCENES = 2
SMALL_CARD = "Small card:2048:300"


def kinds(app: OpenApp, job: Job) -> list[StageName]:
    return [event.stage for event in app.events(StageStarted, job)]


@pytest.mark.slow
@pytest.mark.req("ERR-11", "B3")
def test_a_fall_costs_one_picture_and_neither_script_nor_voice(tmp_path: Path) -> None:
    with FakeComfyUI() as server:
        settings = settings_with(image_maker={"url": server.url})
        with open_app(settings) as app:
            server.faults.extend(["none", "oom", "oom-hip"])
            spec = a_job(tmp_path, script_text=PASTED, speech=Speech.SPOKEN)
            job, video = app.make(spec)
            stages = kinds(app, job)
            assert stages.count(StageName.SCRIPT) == 1
            assert stages.count(StageName.NARRATION) == SCENES
            assert stages.count(StageName.IMAGE) == SCENES
            finished = app.events(StageFinished, job)
            assert not [event for event in finished if event.reused]
            assert app.told(job) == [MessageId.RUNG_FELL] * 2
            lines = app.session.store.history.lines(job.id)
            assert [(line.stage, line.scene) for line in lines] == [(StageName.IMAGE, 1)] * 2
            first, second = app.rungs(job, StageName.IMAGE)
            assert first != second
            assert rung_in(video, StageName.IMAGE) == {first, second}
            told = sentence(lines[0].message)
            assert "Picture 2" in told
            assert "the video keeps its size" in told


@pytest.mark.slow
@pytest.mark.req("ERR-13")
def test_a_job_that_may_not_lower_by_itself_waits_and_goes_on_when_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIDGEN_FAKE_GPU", SMALL_CARD)
    profile = HardwareProfile(quality_policy=QualityPolicy.ASK)
    with FakeComfyUI() as server:
        settings = settings_with(image_maker={"url": server.url})
        with open_app(settings, profile=profile) as app:
            job = app.submit(a_job(tmp_path, script_text=PASTED))
            app.wait_for(lambda: app.state(job) is JobState.PAUSED)
            assert not app.events(JobFailed, job)
            assert app.told(job) == [MessageId.LOWERING_NEEDS_CONSENT]
            (asked,) = app.events(Notice, job)
            assert "painter" in sentence(asked.message)
            assert "Go on" in sentence(asked.message)
        # The question stands after a restart; going on is the answer, for this job alone.
        with open_app(settings, profile=profile) as app:
            assert app.state(job) is JobState.PAUSED
            app.session.retry([job.id])
            video = app.finish(job)
            assert rung_in(video, StageName.IMAGE) == {"painter"}
            other = app.submit(a_job(tmp_path, script_text=PASTED, seed=9))
            app.wait_for(lambda: app.state(other) is JobState.PAUSED)
            assert not server.prompts


def test_the_plans_of_all_qualities_are_there_for_the_wizard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VIDGEN_FAKE_GPU", "Reference card:12288:6144")
    with (
        FakeComfyUI() as server,
        open_app(settings_with(image_maker={"url": server.url})) as app,
    ):
        plans = app.session.plans(Aspect.PORTRAIT, CancelToken())
    assert list(plans) == list(Quality)
    assert plans[Quality.ULTRA].first.name == "hires-full-tiled"
    assert plans[Quality.ULTRA].available_mib == 6144 - 512


@pytest.mark.slow
@pytest.mark.req("ERR-13")
def test_the_command_line_does_not_wait_for_an_answer_that_nobody_gives(app: App) -> None:
    with FakeComfyUI() as server:
        config = app.home / "config"
        profile = HardwareProfile(name="asks", quality_policy=QualityPolicy.ASK)
        (config / "profiles").mkdir(parents=True)
        export_profile(profile, config / "profiles" / "asks.toml")
        (config / "settings.toml").write_text(
            f'[hardware]\nprofile = "asks"\n[image_maker]\nurl = "{server.url}"\n', encoding="utf-8"
        )
        ended = app.make_short("--captions-only", env={"VIDGEN_FAKE_GPU": SMALL_CARD})
    assert ended.code == 1
    assert ended.failures == [MessageId.LOWERING_NEEDS_CONSENT.value]
    # The window can let it go on.
    assert app.job_states() == [JobState.PAUSED.value]
