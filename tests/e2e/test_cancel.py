"""A cancel takes hold within a second in every stage, with the real stages at real work."""

import os
import queue
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from busy_machine import in_time
from kit import wait_until

from vidgen_gui.core.events import Event, JobFinished, JobStateChanged, StageFinished, StageStarted
from vidgen_gui.core.job import JobSpec, JobState, StageName
from vidgen_gui.core.quality import Quality
from vidgen_gui.core.settings import Settings
from vidgen_gui.pipeline.session import Session
from vidgen_gui.system.paths import AppPaths

LIMIT_S = 1.0
LONG_SCENE = "The river goes on beside the road, and nobody asks it where it wants to be. " * 12
SCRIPT = f"Listen.\n\n{LONG_SCENE}"


class Desk:
    """A session with everything that it told."""

    def __init__(self, paths: AppPaths, pool: ThreadPoolExecutor) -> None:
        self.queue: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.events: list[Event] = []
        self.session = Session(paths, Settings(), submit=pool.submit, emit=self.queue.put)
        self.videos = paths.videos
        self.work = paths.cache / "artifacts" / "tmp"

    def told(self) -> list[Event]:
        while not self.queue.empty():
            self.events.append(self.queue.get())
        return self.events

    def started(self, stage: StageName, scene: int | None = None) -> bool:
        found = [e for e in self.told() if isinstance(e, StageStarted) and e.scene == scene]
        return any(event.stage is stage for event in found)

    def state_told(self, job_id: str, state: JobState) -> bool:
        states = [e for e in self.told() if isinstance(e, JobStateChanged) and e.job_id == job_id]
        return any(event.state is state for event in states)

    def submit(self, **options: object) -> str:
        values = {"topic": "Rivers", "output_dir": self.videos, "seed": 5} | options
        [job] = self.session.submit([JobSpec.create(**values)])  # type: ignore[arg-type]
        return job.id


@pytest.fixture
def desk(voice: Path) -> Iterator[Desk]:
    paths = AppPaths.find()
    shutil.copytree(voice, paths.data / "voices" / "patched", copy_function=os.link)
    with ThreadPoolExecutor(2) as pool:
        made = Desk(paths, pool)
        yield made
        made.session.close()


def children(*words: str) -> list[psutil.Process]:
    """Our processes whose command line has all of ``words``."""
    found = []
    for child in psutil.Process().children(recursive=True):
        try:
            line = " ".join(child.cmdline())
        except psutil.Error:
            continue
        if all(word in line for word in words):
            found.append(child)
    return found


def working(kind: str) -> bool:
    return bool(children("--worker", kind))


MOMENTS: dict[str, tuple[dict[str, object], Callable[[Desk], object]]] = {
    "script": (
        {"script_text": "Words upon words, line by line. " * 600},
        lambda desk: desk.started(StageName.SCRIPT),
    ),
    # The voice goes on being loaded: it is the session's, for whichever job speaks first.
    "voice loading": ({"script_text": SCRIPT}, lambda _: working("voice")),
    "narration": ({"script_text": SCRIPT}, lambda desk: desk.started(StageName.NARRATION, 1)),
    "image": (
        {"quality": Quality.ULTRA, "speech": "captions-only"},
        lambda desk: desk.started(StageName.IMAGE, 0) and working("painter"),
    ),
    "music": (
        {"script_text": SCRIPT, "speech": "captions-only"},
        lambda desk: desk.started(StageName.MUSIC) and working("composer"),
    ),
    "mix": (
        {"script_text": SCRIPT, "speech": "captions-only"},
        lambda _: children("ffmpeg", "ebur128"),
    ),
    "captions": (
        {"script_text": SCRIPT, "speech": "captions-only", "music": False},
        lambda _: working("captions"),
    ),
    "compositing": (
        {"script_text": SCRIPT, "speech": "captions-only", "music": False},
        lambda _: children("ffmpeg", "libx264"),
    ),
}


@pytest.mark.slow
@pytest.mark.req("A3", "E3", "F3", "ERR-6")
@pytest.mark.parametrize(
    ("moment", "outcome"),
    [
        *((moment, JobState.CANCELLED) for moment in MOMENTS),
        ("narration", JobState.PAUSED),
        ("compositing", JobState.PAUSED),
    ],
)
def test_it_takes_hold_within_a_second(desk: Desk, moment: str, outcome: JobState) -> None:
    options, reached = MOMENTS[moment]
    job_id = desk.submit(**({"quality": Quality.DRAFT} | options))
    wait_until(lambda: reached(desk))
    stays = {"voice"} if moment in {"script", "voice loading"} else set()
    busy = [child for child in children() if not is_warm(child, desk, stays)]
    asked = time.monotonic()
    desk.session.end([job_id], outcome)
    wait_until(lambda: desk.state_told(job_id, outcome))

    def is_over(child: psutil.Process) -> bool:
        # Seen between its fork and its exec, one that stays has still our own command line.
        return not is_there(child) or any(working_as(child, kind) for kind in stays)

    wait_until(lambda: all(is_over(child) for child in busy))
    took_s = time.monotonic() - asked
    assert in_time(took_s, LIMIT_S)
    job = desk.session.store.jobs.get(job_id)
    assert job is not None
    assert job.state is outcome
    assert list(desk.work.iterdir()) == []
    assert not list(desk.videos.rglob("*.mp4"))
    assert not [event for event in desk.told() if isinstance(event, JobFinished)]


def is_warm(child: psutil.Process, desk: Desk, stays: set[str]) -> bool:
    """Whether a process is a worker that need not end: idle, or of a kind that ``stays``."""
    idle = desk.session.workers._idle
    at_rest = {worker.pid for workers in idle.values() for _, worker in workers}
    return child.pid in at_rest or any(working_as(child, kind) for kind in stays)


def working_as(child: psutil.Process, kind: str) -> bool:
    try:
        return child.is_running() and child.cmdline()[-2:] == ["--worker", kind]
    except psutil.NoSuchProcess:
        return False


def is_there(child: psutil.Process) -> bool:
    try:
        return child.is_running() and child.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.slow
@pytest.mark.req("F2", "BUG-49")
def test_the_others_go_on_and_the_cancelled_one_can_be_taken_up_again(desk: Desk) -> None:
    short = {"quality": Quality.DRAFT, "speech": "captions-only", "music": False}
    script = "The sea is calm.\n\nStand still and listen."
    first = desk.submit(script_text=script, **short)
    second = desk.submit(script_text=f"{script} Then walk.", **short)
    wait_until(lambda: children("ffmpeg", "libx264"))
    desk.session.end([first], JobState.CANCELLED)

    def finished() -> set[str]:
        return {event.job_id for event in desk.told() if isinstance(event, JobFinished)}

    wait_until(lambda: second in finished())
    assert finished() == {second}
    made_before = len(desk.told())
    desk.session.retry([first])
    wait_until(lambda: first in finished())
    again = [e for e in desk.told()[made_before:] if isinstance(e, StageFinished) and not e.reused]
    assert [event.stage for event in again] == [StageName.RENDER]
    assert len(list(desk.videos.glob("*.mp4"))) == 2
