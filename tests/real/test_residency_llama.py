"""A real llama-server that lends its memory to pictures, and writes the next script."""

from pathlib import Path

import pytest
from fakes.comfyui import FakeComfyUI
from residency_kit import WRITER, ids, make_room, records, told_by_app
from service_kit import free_port, runs
from session_kit import a_job, open_app, settings_with

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.job import StageName
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.service import ServiceState
from vidgen_gui.services.managed.adopt import find_listener

LIGHT = "-t 1 --poll 0"
SOON_S = 120.0


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.req("BUG-42", "BUG-44")
def test_a_real_one_is_paused_and_is_back_for_the_next_script_and_at_the_end(
    tmp_path: Path,
    llama_server_program: Path,
    gemma_model: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VIDGEN_FAKE_GPU", "A tiny card:2000")
    port = free_port()
    with FakeComfyUI() as comfy:
        settings = settings_with(
            script_writer={
                "program": str(llama_server_program),
                "model_file": str(gemma_model),
                "port": port,
                "context_tokens": 2048,
                "extra_flags": LIGHT,
            },
            image_maker={"url": comfy.url},
        )
        with open_app(settings) as app:
            app.session.services.start(WRITER)
            first = app.view(WRITER).pid
            assert first is not None
            memory = app.session.keeper.memory(CancelToken())
            # 235 MiB of weights, their buffers, and what the driver takes.
            assert 400 < memory.writer_mib < 1_200
            available, told = make_room(app, 1_400)
            assert ids(told) == [MessageId.SCRIPT_WRITER_PAUSED]
            assert available == 2_000 - 512
            assert not runs(first)
            assert find_listener(port) is None
            assert app.view(WRITER).state is ServiceState.PAUSED
            assert app.view(WRITER).model == gemma_model.name
            job = app.submit(a_job(tmp_path))
            app.wait_for_script(job)
            # What so small a model writes may be refused; that it came back is what counts.
            assert MessageId.SCRIPT_WRITER_BACK in app.told(job)
            assert app.rungs(job, StageName.SCRIPT) in (["model"], ["writer"])
            make_room(app, 1_400)
            app.finish(job, SOON_S)
            app.wait_for(lambda: not records(app), SOON_S)
            app.wait_for(lambda: app.view(WRITER).state is ServiceState.READY, SOON_S)
            # It is told once the writer is there.
            app.wait_for(lambda: MessageId.SCRIPT_WRITER_BACK in told_by_app(app), SOON_S)
            second = app.view(WRITER).pid
            assert second is not None
        assert not runs(second)
