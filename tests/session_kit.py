"""An opened app without a window, in this process: what it is told to make, and what it tells."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from vidgen_gui.core.events import (
    Event,
    JobFailed,
    JobFinished,
    JobStateChanged,
    PicturePreviewed,
    ScriptStreamed,
    StageFinished,
)
from vidgen_gui.core.hardware_profile import HardwareProfile
from vidgen_gui.core.job import Job, JobSpec, JobState, Speech, StageName
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.quality import Quality
from vidgen_gui.core.script import Length
from vidgen_gui.core.service import ServiceName, ServiceView
from vidgen_gui.core.settings import Settings
from vidgen_gui.pipeline.session import Session
from vidgen_gui.system.paths import AppPaths

JOB_S = 300.0
LOOK_AGAIN_S = 0.2
"""Files and servers tell nobody when they change."""
E = TypeVar("E", bound=Event)


class OpenApp:
    """A session with a record of its events."""

    def __init__(self, session: Session, changed: threading.Condition, events: list[Event]) -> None:
        self.session = session
        self._changed = changed
        self._events = events

    def events(self, kind: type[E], job: Job | None = None) -> list[E]:
        with self._changed:
            return [
                event
                for event in self._events
                if isinstance(event, kind) and (job is None or event.job_id == job.id)
            ]

    def wait_for(self, predicate: Callable[[], object], limit_s: float = JOB_S) -> None:
        """Until it is so; looked at after every event and change of a service, and in between."""
        give_up = time.monotonic() + limit_s
        with self._changed:
            while not predicate():
                assert time.monotonic() < give_up, "it never came to that"
                self._changed.wait(LOOK_AGAIN_S)

    def submit(self, spec: JobSpec) -> Job:
        return self.session.submit([spec])[0]

    def wait_for_script(self, job: Job, limit_s: float = JOB_S) -> None:
        """Until the job's script was made or it failed."""

        def is_there() -> bool:
            done = self.events(StageFinished, job)
            return any(event.stage is StageName.SCRIPT for event in done) or self._is_over(job)

        self.wait_for(is_there, limit_s)
        assert not self.events(JobFailed, job), self.events(JobFailed, job)

    def finish(self, job: Job, limit_s: float = JOB_S) -> Path:
        """The finished video."""
        self.wait_for(lambda: self._is_over(job), limit_s)
        assert not self.events(JobFailed, job), self.events(JobFailed, job)
        return Path(self.events(JobFinished, job)[0].video_path)

    def make(self, spec: JobSpec, limit_s: float = JOB_S) -> tuple[Job, Path]:
        job = self.submit(spec)
        return job, self.finish(job, limit_s)

    def _is_over(self, job: Job) -> bool:
        states = self.events(JobStateChanged, job)
        is_stopped = any(event.state.is_final for event in states)
        return bool(is_stopped or self.events(JobFinished, job) or self.events(JobFailed, job))

    def state(self, job: Job) -> JobState:
        found = self.session.store.jobs.get(job.id)
        assert found is not None
        return found.state

    def told(self, job: Job) -> list[MessageId]:
        """What the job's history says, in order."""
        return [line.message.id for line in self.session.store.history.lines(job.id)]

    def rungs(self, job: Job, stage: StageName) -> list[str]:
        rows = self.session.store.history.timings(job.id)
        return [row.rung for row in rows if row.stage is stage]

    def view(self, name: ServiceName) -> ServiceView:
        return next(view for view in self.session.services.views() if view.name is name)

    @property
    def streamed(self) -> list[str]:
        return [event.text for event in self.events(ScriptStreamed)]

    @property
    def previews(self) -> list[PicturePreviewed]:
        return self.events(PicturePreviewed)


@contextmanager
def open_app(
    settings: Settings, *, slots: int = 2, profile: HardwareProfile | None = None
) -> Iterator[OpenApp]:
    """The app in the test's private home; closed in the end, whatever became of it."""
    changed = threading.Condition(threading.RLock())
    events: list[Event] = []

    def emit(event: Event) -> None:
        with changed:
            events.append(event)
            changed.notify_all()

    def on_services() -> None:
        with changed:
            changed.notify_all()

    paths = AppPaths.find()
    paths.create()
    with ThreadPoolExecutor(slots, "session-job") as pool:
        session = Session(
            paths,
            settings,
            submit=pool.submit,
            emit=emit,
            on_services=on_services,
            profile=profile,
        )
        try:
            yield OpenApp(session, changed, events)
        finally:
            session.close()


def a_job(folder: Path, **options: Any) -> JobSpec:
    """A short Draft video without voice and music: as little work as makes a whole one."""
    given: dict[str, Any] = {
        "topic": "The sea at dawn",
        "quality": Quality.DRAFT,
        "length": Length.SHORT,
        "speech": Speech.CAPTIONS_ONLY,
        "music": False,
        "seed": 7,
        "output_dir": folder,
    }
    return JobSpec.create(**(given | options))


def sidecar(video: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (video.parent / ".vidgen" / f"{video.stem}.json").read_text(encoding="utf-8")
    )
    return found


def rung_in(video: Path, stage: StageName) -> set[str]:
    """How the parts of this stage were made, as the sidecar says."""
    return {one["rung"] for one in sidecar(video)["artifacts"] if one["stage"] == stage.value}


def settings_with(**groups: Any) -> Settings:
    """Settings that look for no service by themselves, changed as said."""
    return Settings.model_validate({"network": {"discover": False}} | groups)
