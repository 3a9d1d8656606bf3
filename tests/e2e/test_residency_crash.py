"""What was paused comes back although the app was killed, a job failed or was stopped."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest
from fakes.comfyui import FakeComfyUI
from residency_kit import (
    WRITER,
    pid_of,
    records,
    started_by_us,
    told_by_app,
    writer_command,
)
from service_kit import ask, free_port, runs, stranger
from session_kit import OpenApp, a_job, open_app, settings_with

from vidgen_gui.core.events import JobStateChanged, StageStarted
from vidgen_gui.core.job import JobState, StageName
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.service import Ownership, ServiceState
from vidgen_gui.services.managed.adopt import find_listener
from vidgen_gui.store.identity import ProcessIdentity

APP = Path(__file__).with_name("residency_app.py")
SOON_S = 120.0


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture(autouse=True)
def _small_card(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A card on which a picture doesn't fit beside a language model of 5.4 GiB."""
    monkeypatch.setenv("VIDGEN_FAKE_GPU", "A small card:7000")
    return


def paused_and_killed(folder: Path, writer: Mapping[str, Any]) -> None:
    """An app pauses its script writer and is killed then."""
    given = folder / "writer.json"
    given.write_text(json.dumps(writer), encoding="utf-8")
    paths = os.pathsep.join([str(APP.parents[1]), os.environ.get("PYTHONPATH", "")])
    with subprocess.Popen(
        [sys.executable, str(APP), str(given)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": paths},
    ) as app:
        assert app.stdout is not None
        told = app.stdout.readline().decode().split()
        app.kill()
    assert told == [MessageId.SCRIPT_WRITER_PAUSED.value]


def open_again(app: OpenApp) -> None:
    app.session.start(app.session.load())
    app.wait_for(lambda: MessageId.SCRIPT_WRITER_BACK in told_by_app(app), SOON_S)
    assert app.view(WRITER).state is ServiceState.READY
    assert records(app) == []


@pytest.mark.req("BUG-43", "BUG-44")
def test_one_that_was_found_is_brought_back_by_the_next_start(tmp_path: Path, port: int) -> None:
    command = writer_command(tmp_path, port)
    writer = {"url": f"http://127.0.0.1:{port}"}
    back = None
    try:
        with stranger(command, port) as theirs:
            paused_and_killed(tmp_path, writer)
            assert theirs.wait(60) is not None
        assert ask(port) == 0
        with open_app(settings_with(script_writer=writer)) as app:
            assert app.view(WRITER).state is ServiceState.PAUSED
            assert len(records(app)) == 1
            open_again(app)
            assert app.view(WRITER).ownership is Ownership.ADOPTED
            found = find_listener(port)
            assert found is not None
            back = found.pid
            assert list(found.argv) == command
        assert runs(back)
    finally:
        if back is not None:
            process = psutil.Process(back)
            process.kill()
            process.wait(60)


@pytest.mark.req("BUG-43")
def test_one_of_ours_is_brought_back_by_the_next_start(tmp_path: Path, port: int) -> None:
    writer = started_by_us(tmp_path, port)
    paused_and_killed(tmp_path, writer)
    assert ask(port) == 0
    with open_app(settings_with(script_writer=writer)) as app:
        open_again(app)
        assert app.view(WRITER).ownership is Ownership.MANAGED


def test_what_another_running_app_paused_is_left_to_it(tmp_path: Path, port: int) -> None:
    writer = started_by_us(tmp_path, port)
    parent = ProcessIdentity.of(os.getppid())
    assert parent is not None
    with open_app(settings_with(script_writer=writer)) as app:
        folder = app.session.paths.state / "paused"
        folder.mkdir(parents=True)
        other = {
            "version": 1,
            "service": WRITER.value,
            "owner_pid": parent.pid,
            "owner_mark": parent.mark,
            "model": "",
            "unloaded": False,
            "comes_back": True,
        }
        theirs = folder / f"{WRITER.value}-{parent.pid}.json"
        theirs.write_text(json.dumps(other), encoding="utf-8")
        theirs.chmod(0o600)
    with open_app(settings_with(script_writer=writer)) as app:
        app.session.start([])
        assert app.view(WRITER).state is not ServiceState.PAUSED
        assert theirs.exists()


@pytest.mark.slow
@pytest.mark.req("BUG-43")
@pytest.mark.parametrize("outcome", [JobState.CANCELLED, JobState.PAUSED])
def test_it_comes_back_when_the_job_is_stopped_in_the_middle_of_a_picture(
    tmp_path: Path, port: int, outcome: JobState
) -> None:
    with FakeComfyUI(budget_mib=5_000, step_s=0.5) as comfy:
        settings = settings_with(
            script_writer=started_by_us(tmp_path, port), image_maker={"url": comfy.url}
        )
        with open_app(settings) as app:
            app.session.services.start(WRITER)
            job = app.submit(a_job(tmp_path))
            app.wait_for(lambda: MessageId.SCRIPT_WRITER_PAUSED in app.told(job), SOON_S)
            assert pid_of(app, WRITER) is None
            app.session.end([job.id], outcome)
            app.wait_for(lambda: app.events(JobStateChanged, job)[-1].state is outcome, SOON_S)
            app.wait_for(lambda: MessageId.SCRIPT_WRITER_BACK in told_by_app(app), SOON_S)
            assert app.view(WRITER).state is ServiceState.READY


@pytest.mark.slow
@pytest.mark.expected_log
@pytest.mark.req("BUG-43")
def test_it_comes_back_when_the_job_fails(tmp_path: Path, port: int) -> None:
    with FakeComfyUI(budget_mib=5_000, step_s=0.2) as comfy:
        settings = settings_with(
            script_writer=started_by_us(tmp_path, port), image_maker={"url": comfy.url}
        )
        with open_app(settings) as app:
            app.session.services.start(WRITER)
            job = app.submit(a_job(tmp_path))
            app.wait_for(lambda: MessageId.SCRIPT_WRITER_PAUSED in app.told(job), SOON_S)
            root = app.session.store.artifacts.root
            # The disk goes away under the job.
            root.rename(root.with_name("gone"))
            root.touch()
            app.wait_for(lambda: app.state(job) is JobState.FAILED, SOON_S)
            app.wait_for(lambda: MessageId.SCRIPT_WRITER_BACK in told_by_app(app), SOON_S)
            assert any(event.stage is StageName.IMAGE for event in app.events(StageStarted, job))
            assert app.view(WRITER).state is ServiceState.READY
            root.unlink()
            root.with_name("gone").rename(root)
