"""Scripts by a language model, from a job to its history: over real sockets, in every mood."""

import json
import re
import threading
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from fakes.llm import FakeLlm, Fault, FaultKind, Mode
from residency_kit import SENTENCES
from service_kit import free_port
from session_kit import OpenApp, a_job, open_app, settings_with

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.events import JobStateChanged, ScriptStreamed
from vidgen_gui.core.job import Job, JobSpec, JobState, StageName
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.service import ServiceKind, ServiceName, ServiceState
from vidgen_gui.core.settings import Settings

TITLE = "What the harbour knows"


def script(sentences: tuple[str, ...] = SENTENCES, title: str = TITLE) -> str:
    scenes = [
        {"narration": sentence, "image_prompt": f"harbour view number {number}, soft light"}
        for number, sentence in enumerate(sentences)
    ]
    return json.dumps({"scenes": scenes, "title": title, "hashtags": ["sea", "dawn"]})


def writes(*answers: str) -> Callable[[Mapping[str, Any]], str]:
    """One answer after the other; the last one for ever."""
    waiting = list(answers)

    def write(_: Mapping[str, Any]) -> str:
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    return write


def served_by(*servers: FakeLlm, **more: Any) -> Settings:
    """Settings with these servers as the first and the other addresses."""
    first, *others = [server.url for server in servers]
    return settings_with(script_writer={"url": first, "fallback_urls": ", ".join(others), **more})


def scripted(app: OpenApp, spec: JobSpec) -> Job:
    """A job that stops once its script is there."""
    job = app.submit(spec.model_copy(update={"wait_for_script_ok": True}))
    app.wait_for(
        lambda: any(
            event.state in {JobState.SCRIPT_READY, JobState.FAILED, JobState.CANCELLED}
            for event in app.events(JobStateChanged, job)
        )
    )
    return job


def narrations(app: OpenApp, job: Job) -> list[str]:
    found = app.session.script(job.id)
    assert found is not None
    return [scene.narration for scene in found.scenes]


@pytest.mark.req("K5", "T4")
@pytest.mark.parametrize("mode", list(Mode))
def test_a_script_by_every_kind_of_server(tmp_path: Path, mode: Mode) -> None:
    with FakeLlm(mode, write=writes(script())) as server, open_app(served_by(server)) as app:
        job = scripted(app, a_job(tmp_path))
        assert app.rungs(job, StageName.SCRIPT) == ["model"]
        found = app.session.script(job.id)
        assert found is not None
        assert (found.title, found.hashtags) == (TITLE, ("#sea", "#dawn"))
        assert narrations(app, job) == list(SENTENCES)
        assert found.scenes[0].image_prompt.startswith("harbour view")
        assert app.told(job) == [MessageId.SCRIPT_BY_MODEL]
        assert len(server.chats) == 1
        asked = json.dumps(server.chats[0])
        assert "The sea at dawn" in asked
        assert "English" in asked


@pytest.mark.req("T9")
def test_one_round_of_repair(tmp_path: Path) -> None:
    answers = writes(script(SENTENCES[:3]), script())
    with FakeLlm(write=answers) as server, open_app(served_by(server)) as app:
        job = scripted(app, a_job(tmp_path))
        assert narrations(app, job) == list(SENTENCES)
        first, second = server.chats
        # The second question quotes the first answer and says what was wrong with it.
        assert second["messages"][: len(first["messages"])] == first["messages"]
        assert SENTENCES[0] in second["messages"][-2]["content"]
        assert re.search(r"37 words.*longer: 61", second["messages"][-1]["content"])


@pytest.mark.req("K5", "T9")
@pytest.mark.parametrize(
    "fault", [FaultKind.INVALID_JSON, FaultKind.EMPTY, FaultKind.REFUSAL, FaultKind.REFUSAL_FIELD]
)
def test_invalid_twice_means_the_built_in_writer_and_the_reason(
    tmp_path: Path, fault: FaultKind
) -> None:
    with FakeLlm(write=writes(script())) as server, open_app(served_by(server)) as app:
        server.fail(fault, fault)
        job = scripted(app, a_job(tmp_path))
        assert app.rungs(job, StageName.SCRIPT) == ["writer"]
        assert app.told(job) == [MessageId.SCRIPT_REJECTED, MessageId.WRITER_STANDS_IN]
        assert len(narrations(app, job)) >= 3
        assert len(server.chats) == 2


@pytest.mark.parametrize(
    "fault", [FaultKind.FENCED, FaultKind.PROSE, FaultKind.THOUGHTS, FaultKind.NO_SCHEMA,
              FaultKind.NO_STREAM_OPTIONS, FaultKind.WHOLE, FaultKind.GARBAGE,
              FaultKind.ODD_SHAPES, FaultKind.NO_DONE, FaultKind.BUSY, FaultKind.LOADING]
)  # fmt: skip
def test_what_needs_no_second_answer(tmp_path: Path, fault: FaultKind) -> None:
    with FakeLlm(write=writes(script())) as server, open_app(served_by(server)) as app:
        server.fail(fault)
        job = scripted(app, a_job(tmp_path))
        assert app.rungs(job, StageName.SCRIPT) == ["model"]
        assert narrations(app, job) == list(SENTENCES)


@pytest.mark.req("AUD-5")
def test_a_model_that_is_being_loaded_is_waited_for(tmp_path: Path) -> None:
    with FakeLlm(write=writes(script())) as server, open_app(served_by(server)) as app:
        server.loading_requests = 3
        job = scripted(app, a_job(tmp_path))
        assert server.loading_requests == 0
        assert app.rungs(job, StageName.SCRIPT) == ["model"]


@pytest.mark.req("ERR-FALLBACK")
@pytest.mark.parametrize("fault", [FaultKind.DROP, FaultKind.FAIL, FaultKind.STREAM_ERROR])
def test_a_server_that_fails_in_the_middle_is_followed_by_the_next(
    tmp_path: Path, fault: FaultKind
) -> None:
    with (
        FakeLlm(write=writes(script())) as first,
        FakeLlm(write=writes(script(title="By the other"))) as second,
        open_app(served_by(first, second)) as app,
    ):
        first.fail(*[Fault(fault, pieces=5)] * 2)
        job = scripted(app, a_job(tmp_path))
        assert app.rungs(job, StageName.SCRIPT) == ["model"]
        assert app.told(job) == [MessageId.SCRIPT_BY_MODEL]
        found = app.session.script(job.id)
        assert found is not None
        assert found.title == "By the other"
        assert (len(first.chats), len(second.chats)) == (1, 1)


@pytest.mark.parametrize("fault", [FaultKind.DROP, FaultKind.CUT, FaultKind.FAIL])
def test_the_only_server_is_asked_again_when_it_failed_once(
    tmp_path: Path, fault: FaultKind
) -> None:
    with FakeLlm(write=writes(script())) as server, open_app(served_by(server)) as app:
        server.fail(Fault(fault, pieces=5))
        job = scripted(app, a_job(tmp_path))
        assert app.rungs(job, StageName.SCRIPT) == ["model"]
        assert len(server.chats) == 2


@pytest.mark.req("LOG", "ERR-FALLBACK")
def test_a_server_that_dies_in_the_middle_leaves_the_built_in_writer(tmp_path: Path) -> None:
    with ExitStack() as life:
        server = life.enter_context(FakeLlm(write=writes(script()), pause_s=0.02))
        with open_app(served_by(server)) as app:
            job = app.submit(a_job(tmp_path, wait_for_script_ok=True))
            app.wait_for(lambda: app.events(ScriptStreamed, job))
            life.close()
            app.wait_for_script(job)
            assert app.rungs(job, StageName.SCRIPT) == ["writer"]
            assert app.told(job) == [MessageId.LLM_CUT_REPLY, MessageId.WRITER_STANDS_IN]


@pytest.mark.req("ERR-FALLBACK", "C4")
def test_addresses_are_tried_in_their_order(tmp_path: Path) -> None:
    with (
        FakeLlm(write=writes(script(title="Second"))) as second,
        FakeLlm(write=writes(script(title="Third"))) as third,
    ):
        settings = settings_with(
            script_writer={
                "url": f"127.0.0.1:{free_port()}/v1/chat/completions",
                "fallback_urls": f"{second.url}/v1, {third.url}",
            }
        )
        with open_app(settings) as app:
            job = scripted(app, a_job(tmp_path))
            found = app.session.script(job.id)
            assert found is not None
            assert found.title == "Second"
            assert not third.chats
            view = app.view(ServiceName.SCRIPT_WRITER)
            assert [one.healthy for one in view.endpoints[:2]] == [False, True]
            assert (view.url, view.state) == (second.url, ServiceState.READY)


@pytest.mark.req("LOG")
def test_nothing_configured_is_no_word_worth(tmp_path: Path) -> None:
    with open_app(settings_with()) as app:
        job = scripted(app, a_job(tmp_path))
        assert app.rungs(job, StageName.SCRIPT) == ["writer"]
        assert app.told(job) == []


@pytest.mark.req("LOG", "AUD-25")
def test_configured_but_dead_is_told(tmp_path: Path) -> None:
    urls = [f"http://127.0.0.1:{free_port()}" for _ in range(2)]
    settings = settings_with(script_writer={"url": urls[0], "fallback_urls": urls[1]})
    with open_app(settings) as app:
        job = scripted(app, a_job(tmp_path))
        assert app.rungs(job, StageName.SCRIPT) == ["writer"]
        assert app.told(job) == [MessageId.NO_ENDPOINT, MessageId.WRITER_STANDS_IN]
        told = app.session.store.history.lines(job.id)[0].message
        assert [attempt["address"] for attempt in told.params["attempts"]] == urls


def test_a_model_file_that_is_missing_is_told(tmp_path: Path) -> None:
    with open_app(
        settings_with(
            script_writer={"program": "/bin/true", "model_file": str(tmp_path / "no.gguf")}
        )
    ) as app:
        job = scripted(app, a_job(tmp_path))
        assert app.told(job) == [MessageId.MODEL_FILE_MISSING, MessageId.WRITER_STANDS_IN]


@pytest.mark.req("A1")
def test_a_cancel_in_the_middle_frees_the_server(tmp_path: Path) -> None:
    with (
        # Minutes long, so that it doesn't end by itself.
        FakeLlm(write=writes(script(SENTENCES * 30)), pause_s=0.05) as server,
        open_app(served_by(server)) as app,
    ):
        job = app.submit(a_job(tmp_path))
        app.wait_for(lambda: app.events(ScriptStreamed, job))
        app.session.end([job.id], JobState.CANCELLED)
        app.wait_for(
            lambda: any(
                event.state is JobState.CANCELLED for event in app.events(JobStateChanged, job)
            )
        )
        assert server.wait_until_idle(30)
        assert app.rungs(job, StageName.SCRIPT) == []
        assert len(server.chats) == 1


def test_the_script_is_seen_as_it_is_written(tmp_path: Path) -> None:
    with (
        FakeLlm(write=writes(script()), pause_s=0.01) as server,
        open_app(served_by(server)) as app,
    ):
        job = scripted(app, a_job(tmp_path))
        shown = [event.text for event in app.events(ScriptStreamed, job)]
        assert len(shown) >= 3
        assert any(text.startswith(SENTENCES[0]) for text in shown)
        assert not any("image_prompt" in text or "{" in text for text in shown)
        assert all(len(text) < 4000 for text in shown)


@pytest.mark.req("A6", "ERR-5", "N3")
def test_a_script_is_kept_and_shared_by_what_it_was_asked_for(tmp_path: Path) -> None:
    topic = "Un café à l'aube"
    spelled = unicodedata.normalize("NFD", topic)
    assert spelled != topic
    with FakeLlm(write=writes(script())) as server:
        settings = served_by(server)
        with open_app(settings) as first_run:
            scripted(first_run, a_job(tmp_path, topic=topic))
        # The next start of the app, with the topic as macOS spells it.
        with open_app(settings) as second_run:
            job = scripted(second_run, a_job(tmp_path, topic=spelled))
            assert second_run.rungs(job, StageName.SCRIPT) == ["model"]
            assert len(server.chats) == 1
            scripted(second_run, a_job(tmp_path, topic=topic, seed=8))
            assert len(server.chats) == 2


@pytest.mark.req("A6")
def test_another_model_does_not_share_scripts_but_a_job_keeps_its_own(tmp_path: Path) -> None:
    with (
        FakeLlm(models=["one.gguf"], write=writes(script(title="By one"))) as one,
        FakeLlm(models=["two.gguf"], write=writes(script(title="By two"))) as two,
        open_app(served_by(one)) as app,
    ):
        first = scripted(app, a_job(tmp_path))
        app.session.use_settings(served_by(two))
        second = scripted(app, a_job(tmp_path))
        titles = [app.session.script(job.id) for job in (first, second)]
        assert [found and found.title for found in titles] == ["By one", "By two"]
        # Taken up again, the first job has the script that it had.
        app.session.approve_script(first.id)
        app.finish(first)
        again = app.session.script(first.id)
        assert again is not None
        assert again.title == "By one"
        assert (len(one.chats), len(two.chats)) == (1, 1)


@pytest.mark.req("BUG-42")
def test_stopping_ollama_unloads_its_model_and_starting_loads_it(tmp_path: Path) -> None:
    with (
        FakeLlm(Mode.OLLAMA, models=["qwen2.5:7b"], write=writes(script())) as server,
        open_app(served_by(server)) as app,
    ):
        scripted(app, a_job(tmp_path))
        assert list(server.running) == ["qwen2.5:7b"]
        app.session.services.check()
        view = app.view(ServiceName.SCRIPT_WRITER)
        assert (view.kind, view.can_stop) == (ServiceKind.OLLAMA, True)
        app.session.services.stop(ServiceName.SCRIPT_WRITER)
        assert not server.running
        app.session.services.check()
        view = app.view(ServiceName.SCRIPT_WRITER)
        assert (view.can_start, view.can_stop) == (True, False)
        app.session.services.start(ServiceName.SCRIPT_WRITER)
        assert list(server.running) == ["qwen2.5:7b"]
        view = app.view(ServiceName.SCRIPT_WRITER)
        assert (view.can_start, view.can_stop) == (False, True)


def test_a_script_shown_before_its_job_is_the_jobs_script(tmp_path: Path) -> None:
    with FakeLlm(write=writes(script())) as server, open_app(served_by(server)) as app:
        spec = a_job(tmp_path)
        shown = app.session.preview_script(spec, CancelToken())
        assert shown.title == TITLE
        job = scripted(app, spec)
        assert narrations(app, job) == [scene.narration for scene in shown.scenes]
        assert len(server.chats) == 1


def test_two_jobs_are_written_one_after_the_other(tmp_path: Path) -> None:
    with FakeLlm(write=writes(script()), pause_s=0.005) as server:
        most, lock = 0, threading.Lock()

        def write(_: Mapping[str, Any]) -> str:
            nonlocal most
            with lock:
                most = max(most, server.busy_slots)
            return script()

        server.write = write
        with open_app(served_by(server)) as app:
            app.session.services.check()
            specs = [a_job(tmp_path, seed=seed, wait_for_script_ok=True) for seed in range(3)]
            jobs = app.session.submit(specs)
            for job in jobs:
                app.wait_for_script(job)
            assert most == 1
            assert len(server.chats) == 3
