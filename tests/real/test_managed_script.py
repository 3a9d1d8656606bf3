"""A video whose script comes from a real llama-server that the app itself started."""

from pathlib import Path

import pytest
from service_kit import free_port, runs
from session_kit import a_job, open_app, rung_in, settings_with, sidecar

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.job import JobState, Speech, StageName
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.minima import FileKind
from vidgen_gui.core.service import Ownership, ServiceKind, ServiceName, ServiceState
from vidgen_gui.core.settings import Settings
from vidgen_gui.media.probe import probe
from vidgen_gui.services.managed.adopt import find_listener

LIGHT = "-t 1 --poll 0"
"""As many spinning threads as cores would wait for each other beside other tests."""
TOPICS = ("The sea at dawn", "A garden in the rain", "Old trees")
"""The model has not been taught to follow instructions: what it writes about one topic may be
refused, and rightly so. It has never failed with all three."""


def settings(program: Path, model: Path, port: int) -> Settings:
    return settings_with(
        script_writer={
            "program": str(program),
            "model_file": str(model),
            "port": port,
            "context_tokens": 2048,
            "gpu_layers": 0,
            "extra_flags": LIGHT,
        }
    )


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.req("BUG-41", "BUG-43", "K5", "T4")
def test_a_video_whose_script_a_model_wrote_that_the_app_started(
    tmp_path: Path, llama_server_program: Path, gemma_model: Path
) -> None:
    port = free_port()
    with open_app(settings(llama_server_program, gemma_model, port)) as app:
        assert find_listener(port) is None
        for seed, topic in enumerate(TOPICS):
            spec = a_job(tmp_path, topic=topic, seed=seed, speech=Speech.SPOKEN, music=True)
            job = app.submit(spec)
            app.wait_for_script(job)
            if app.rungs(job, StageName.SCRIPT) == ["model"]:
                break
            assert MessageId.SCRIPT_REJECTED in app.told(job)
            app.session.end([job.id], JobState.CANCELLED)
        assert app.rungs(job, StageName.SCRIPT) == ["model"]
        video = app.finish(job)
        # What is in the video is what the model wrote, and it was seen being written.
        told = sidecar(video)
        assert rung_in(video, StageName.SCRIPT) == {"model"}
        narrations = [scene["narration"] for scene in told["scenes"]]
        assert len(narrations) >= 3
        assert any(text.startswith(narrations[0]) for text in app.streamed)
        assert MessageId.SCRIPT_BY_MODEL in app.told(job)
        assert MessageId.WRITER_STANDS_IN not in app.told(job)
        assert probe(video, FileKind.VIDEO).duration_s > 8
        app.session.services.cores[ServiceName.SCRIPT_WRITER].check(CancelToken())
        view = app.view(ServiceName.SCRIPT_WRITER)
        assert (view.state, view.ownership) == (ServiceState.READY, Ownership.MANAGED)
        assert (view.kind, view.model) == (ServiceKind.LLAMA_SERVER, gemma_model.name)
        assert view.context_tokens == 2048
        assert view.memory_mib is not None
        assert view.pid is not None
        pid = view.pid
        assert runs(pid)
        assert app.session.services.cores[ServiceName.SCRIPT_WRITER].log_lines()
    assert not runs(pid)
    assert find_listener(port) is None


@pytest.mark.slow
@pytest.mark.req("BUG-41")
def test_an_app_that_is_closed_while_the_model_loads_leaves_nothing(
    tmp_path: Path, llama_server_program: Path, gemma_model: Path
) -> None:
    port = free_port()
    with open_app(settings(llama_server_program, gemma_model, port)) as app:
        app.submit(a_job(tmp_path))
        app.wait_for(lambda: app.view(ServiceName.SCRIPT_WRITER).pid is not None)
        pid = app.view(ServiceName.SCRIPT_WRITER).pid
        assert pid is not None
    assert not runs(pid)
    assert find_listener(port) is None
