"""FFmpeg and our own workers missing, failing, hanging, stopped or killed at work."""

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from kit import App, Run, wait_until, wrap_ffmpeg

from vidgen_gui.core.events import Event, JobFailed, JobFinished
from vidgen_gui.core.job import JobSpec
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.quality import Quality
from vidgen_gui.core.settings import Settings
from vidgen_gui.media.compositor import feed
from vidgen_gui.pipeline.session import Session
from vidgen_gui.system.paths import AppPaths

KINDS = ("voice", "painter", "composer", "captions", "compositor")
IMPATIENT = {"VIDGEN_PATIENCE": "0.2"}
"""The app's own deadlines, a fifth as long: what works is in time on a busy machine, too."""
ONCE = 'mkdir "$0.once" 2>/dev/null && { %s; }'


def silent(*arguments: str) -> tuple[str, ...]:
    return ("--captions-only", "--no-music", *arguments)


def only_with(kind: str) -> tuple[str, ...]:
    """What leaves out the stages that ``kind`` has no part in."""
    speech = () if kind == "voice" else ("--captions-only",)
    return speech if kind == "composer" else (*speech, "--no-music")


def named(program: Path) -> dict[str, str]:
    return {"VIDGEN_FFMPEG": str(program)}


@pytest.mark.req("O3")
@pytest.mark.parametrize("what", ["nothing", "folder", "text", "other"])
def test_an_ffmpeg_that_is_none(app: App, what: str) -> None:
    path = app.folder / "ffmpeg"
    told = "ffmpeg-missing"
    match what:
        case "folder":
            path.mkdir()
        case "text":
            path.write_text("not a program")
        case "other":
            path.write_text("#!/bin/sh\necho hello\n")
            path.chmod(0o755)
            told = "ffmpeg-failed"
    ended = app.make_short(*silent(), env=named(path))
    assert (ended.code, ended.failures) == (1, [told])
    app.assert_nothing_left()


@pytest.mark.slow
@pytest.mark.expected_log
@pytest.mark.req("O3")
def test_an_ffmpeg_named_in_the_settings_is_used_from_then_on() -> None:
    paths = AppPaths.find()
    failed, finished = threading.Event(), threading.Event()
    told: list[Event] = []

    def take(event: Event) -> None:
        told.append(event)
        if isinstance(event, JobFailed):
            failed.set()
        if isinstance(event, JobFinished):
            finished.set()

    wrong = Settings().with_values({"advanced.ffmpeg_path": "/nonexistent/ffmpeg"})
    with ThreadPoolExecutor(2) as pool:
        session = Session(paths, wrong, submit=pool.submit, emit=take)
        options = {"speech": "captions-only", "music": False, "quality": Quality.DRAFT}
        spec = JobSpec.create(
            topic="Sea", script_text="Look.\n\nListen.", output_dir=paths.videos, **options
        )
        [job] = session.submit([spec])
        assert failed.wait(60)
        assert [e.reason.id for e in told if isinstance(e, JobFailed)] == [MessageId.FFMPEG_MISSING]
        assert session.engine.wait_idle(60)
        session.use_settings(Settings())
        session.retry([job.id])
        assert finished.wait(300)
        session.close()


@pytest.mark.slow
@pytest.mark.req("F3", "ERR-15", "I2")
@pytest.mark.parametrize(
    ("when", "action", "told"),
    [
        ("libx264", "echo 'x264 says no' >&2; exit 1", "ffmpeg-failed"),
        ("libx264", "sleep 600", "program-hangs"),
        ("libx264", "kill -STOP $$", "program-hangs"),
        ("libx264", "head -c 3000000 >/dev/null; kill -9 $$", "program-killed"),
        ("sound.m4a", "sleep 600", "program-hangs"),
        ("-version", "sleep 600", "program-hangs"),
        ("yuvj420p", "exit 69", "ffmpeg-failed"),
        ("-xerror", "echo 'moov atom not found' >&2; exit 1", "video-invalid"),
    ],
)
def test_an_ffmpeg_that_breaks_once_costs_one_video(
    app: App, when: str, action: str, told: str
) -> None:
    broken = wrap_ffmpeg(app.folder, when, ONCE % action)
    ended = app.make_short(*silent("--count", "2"), env=named(broken) | IMPATIENT)
    assert (ended.code, ended.failures) == (1, [told])
    assert len(ended.videos) == 1
    assert ended.videos[0].is_file()
    assert len(list(app.out.glob("*.mp4"))) == 1
    assert sorted(app.job_states()) == ["done", "failed"]
    app.assert_nothing_left()


def wait_for_worker(app: App, run: Run, kind: str, after: set[int] | None = None) -> int:
    """The pid of a worker of ``kind`` that has begun its work, another one than ``after``."""
    moments = {"voice": "narration 0 made", "painter": "image 0 begins", "composer": "music begins"}
    moment = moments.get(kind, "render begins")
    found: list[int] = []

    def look() -> bool:
        assert run.process.poll() is None, "it ended before"
        found[:] = [pid for pid in app.workers(kind) if pid not in (after or set())]
        return bool(found) and f" {moment}" in app.log

    wait_until(look)
    return found[0]


@pytest.mark.slow
@pytest.mark.req("ERR-2", "E3", "BUG-35", "A3")
@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_worker_is_replaced_and_the_video_is_made(app: App, kind: str) -> None:
    run = app.start_short(*only_with(kind))
    os.kill(wait_for_worker(app, run, kind), signal.SIGKILL)
    ended = run.wait().clean()
    assert (ended.code, ended.failures) == (0, [])
    assert len(ended.videos) == 1
    app.assert_nothing_left()


@pytest.mark.slow
@pytest.mark.req("ERR-2", "F3")
@pytest.mark.parametrize("kind", ["painter", "compositor"])
def test_a_worker_killed_twice_costs_one_video(app: App, kind: str) -> None:
    run = app.start_short(*silent("--count", "2"), env={"MAX_WORKERS": "1"})
    first = wait_for_worker(app, run, kind)
    os.kill(first, signal.SIGKILL)
    second = wait_for_worker(app, run, kind, {first})
    os.kill(second, signal.SIGKILL)
    ended = run.wait().clean()
    assert (ended.code, ended.failures) == (1, ["worker-lost"])
    assert len(ended.videos) == 1
    assert kind in ended.stderr
    app.assert_nothing_left()


@pytest.mark.slow
@pytest.mark.req("I2", "E3")
@pytest.mark.parametrize("kind", KINDS)
def test_a_worker_that_stands_still_costs_one_video(app: App, kind: str) -> None:
    if kind == "voice":
        # The second scene takes a while, so that the voice is stopped in the midst of it.
        app.script.write_text("Listen.\n\n" + "The river goes on and on beside the road. " * 5)
    run = app.start_short("--count", "2", *only_with(kind), env=IMPATIENT | {"MAX_WORKERS": "1"})
    os.kill(wait_for_worker(app, run, kind), signal.SIGSTOP)
    ended = run.wait().clean()
    assert (ended.code, ended.failures) == (1, ["program-hangs"])
    [failure] = ended.report["failed"]
    assert kind in failure["message"]
    assert len(ended.videos) == 1
    app.assert_nothing_left()


@pytest.mark.slow
@pytest.mark.req("ERR-6", "E1")
def test_an_encoder_killed_at_work_ends_the_job_at_once(app: App) -> None:
    run = app.start_make("--topic", "Morning walks", *silent("--quality", "high"))
    found: list[int] = []
    wait_until(lambda: found.extend(app.workers("encoder")) or found)
    for pid in found:
        os.kill(pid, signal.SIGKILL)
    # Sooner than an encoder that stands still is given up.
    ended = run.wait(feed.STALL_S - 10).clean()
    assert (ended.code, ended.failures) == (1, ["program-killed"])
    assert "FFmpeg" in ended.report["failed"][0]["message"]
    app.assert_nothing_left()
