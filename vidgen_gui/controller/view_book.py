"""Keeps the `JobView` of every job up to date from events. No Qt, no I/O; clocks handed in."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from vidgen_gui.controller.job_view import (
    WAITING_STAGES,
    JobView,
    QueueStatus,
    StageState,
    StageView,
)
from vidgen_gui.core.events import (
    Event,
    JobFailed,
    JobFinished,
    JobStateChanged,
    Notice,
    ScriptReady,
    StageFinished,
    StageProgressed,
    StageStarted,
)
from vidgen_gui.core.job import Job, JobSpec, JobState, StageName
from vidgen_gui.core.quality import Quality
from vidgen_gui.pipeline.graph import Unit
from vidgen_gui.pipeline.progress import JobProgress, estimated_stage_seconds, expected_scenes

_DONE_STAGES = tuple(StageView(name, StageState.DONE, 1.0) for name in StageName)


@dataclass
class _Live:
    """A job at work: its progress, when it started and was last looked at (monotonic seconds)."""

    progress: JobProgress
    started_s: float
    ticked_s: float
    reused: dict[StageName, bool] = field(default_factory=dict)
    running: set[Unit] = field(default_factory=set)


class ViewBook:
    """All jobs as they are shown.

    ``unit_seconds``: what one run of each stage took on this machine, by quality.
    """

    def __init__(self) -> None:
        self.unit_seconds: Mapping[Quality, Mapping[StageName, float]] = {}
        self._views: dict[str, JobView] = {}
        self._live: dict[str, _Live] = {}

    def __getitem__(self, job_id: str) -> JobView:
        return self._views[job_id]

    def get(self, job_id: str) -> JobView | None:
        return self._views.get(job_id)

    def views(self) -> Iterable[JobView]:
        """All jobs, in no order."""
        return self._views.values()

    def title_of(self, job_id: str) -> str:
        """A job's title; "" for one that is not known."""
        view = self._views.get(job_id)
        return "" if view is None else view.title

    def put(self, jobs: Iterable[Job]) -> list[JobView]:
        """Take jobs over as the store has them."""
        views = [self._fresh(job) for job in jobs]
        self._views.update((view.id, view) for view in views)
        return views

    def replace(self, view: JobView) -> None:
        self._views[view.id] = view

    def reposition(self, jobs: Iterable[Job]) -> list[JobView]:
        """Take over new positions only; returns the views that moved."""
        moved = []
        for job in jobs:
            view = self._views.get(job.id)
            if view is not None and view.position != job.position:
                self._views[job.id] = replace(view, position=job.position)
                moved.append(self._views[job.id])
        return moved

    def drop(self, job_ids: Iterable[str]) -> list[JobView]:
        """Take jobs out; returns what was there."""
        dropped = [self._views.pop(job_id) for job_id in job_ids if job_id in self._views]
        for view in dropped:
            self._live.pop(view.id, None)
        return dropped

    def expected_seconds(
        self, spec: JobSpec, picture_s: float | None = None
    ) -> dict[StageName, float]:
        """What each stage of ``spec`` will take, by what it took before.

        Args:
            picture_s: what one picture will take, where that is known better.
        """
        known = dict(self.unit_seconds.get(spec.quality, {}))
        if picture_s is not None:
            known[StageName.IMAGE] = picture_s
        return estimated_stage_seconds(spec, known)

    def status(self, *, paused: bool) -> QueueStatus:
        """The queue in one line."""
        waiting: defaultdict[tuple[Quality, int], list[JobSpec]] = defaultdict(list)
        for view in self._views.values():
            if view.state is JobState.WAITING:
                spec = view.spec
                waiting[spec.quality, expected_scenes(spec)].append(spec)
        running = [view for view in self._views.values() if view.state is JobState.RUNNING]
        if not waiting and not running:
            return QueueStatus(paused=paused)
        eta_s = sum(view.eta_s or 0.0 for view in running)
        for alike in waiting.values():
            eta_s += len(alike) * sum(self.expected_seconds(alike[0]).values())
        return QueueStatus(sum(map(len, waiting.values())), len(running), paused, eta_s)

    def apply(self, event: Event, now_s: float) -> JobView | None:
        """The job's view after ``event``; None when the event changes none.

        Args:
            now_s: a monotonic clock's reading.
        """
        view = self._views.get(event.job_id)
        if view is None:
            return None
        match event:
            case JobStateChanged(state=state):
                view = self._with_state(view, state, now_s)
            case JobFinished(video_path=path):
                view = replace(self._ended(view, JobState.DONE), video_path=Path(path))
                view = replace(view, stages=_DONE_STAGES, fraction=1.0)
            case JobFailed(reason=reason):
                view = replace(self._ended(view, JobState.FAILED), failure=reason)
            case ScriptReady(title=title, scene_count=count):
                self._at_work(view, now_s).progress.scene_count = count
                view = replace(view, title=title)
            case StageStarted() | StageProgressed() | StageFinished():
                view = self._progressed(view, event, now_s)
            case Notice(message=message):
                view = replace(view, question=message)
            case _:
                return None
        self._views[view.id] = view
        return view

    def _fresh(self, job: Job) -> JobView:
        done = job.state is JobState.DONE
        elapsed = job.finished_at - job.created_at if done and job.finished_at else None
        return JobView(
            id=job.id,
            spec=job.spec,
            title=job.shown_title,
            state=job.state,
            position=job.position,
            created_at=job.created_at,
            stages=_DONE_STAGES if done else WAITING_STAGES,
            fraction=1.0 if done else 0.0,
            finished_at=job.finished_at,
            failure=job.failure,
            video_path=job.video_path,
            elapsed_s=elapsed,
        )

    def _at_work(self, view: JobView, now_s: float) -> _Live:
        if view.id not in self._live:
            progress = JobProgress(self.expected_seconds(view.spec))
            self._live[view.id] = _Live(progress, now_s, now_s)
        return self._live[view.id]

    def _with_state(self, view: JobView, state: JobState, now_s: float) -> JobView:
        if state is JobState.RUNNING:
            self._at_work(view, now_s)
            return replace(view, state=state, failure=None, question=None)
        if state is JobState.WAITING:
            self._live.pop(view.id, None)
            return replace(
                view,
                state=state,
                failure=None,
                stages=WAITING_STAGES,
                fraction=0.0,
                eta_s=None,
                delivered=None,
                remark=None,
                question=None,
            )
        return self._ended(view, state)

    def _ended(self, view: JobView, state: JobState) -> JobView:
        live = self._live.pop(view.id, None)
        elapsed_s = live.ticked_s - live.started_s if live else view.elapsed_s
        failed = state is JobState.FAILED
        stages = tuple(
            replace(
                stage,
                state=StageState.FAILED
                if failed and stage.state is StageState.RUNNING
                else StageState.WAITING
                if stage.state is StageState.RUNNING
                else stage.state,
            )
            for stage in view.stages
        )
        question = view.question if state is JobState.PAUSED else None
        return replace(
            view, state=state, stages=stages, eta_s=None, elapsed_s=elapsed_s, question=question
        )

    def _progressed(
        self, view: JobView, event: StageStarted | StageProgressed | StageFinished, now_s: float
    ) -> JobView:
        if view.state is not JobState.RUNNING:
            # A last word of a job that was cancelled in the meantime.
            return view
        live = self._at_work(view, now_s)
        unit = Unit(event.stage, event.scene)
        match event:
            case StageStarted():
                live.running.add(unit)
            case StageProgressed(fraction=fraction):
                live.progress.update(unit, fraction)
            case StageFinished(reused=reused):
                live.running.discard(unit)
                live.progress.update(unit, 1.0)
                live.reused[unit.stage] = reused and live.reused.get(unit.stage, True)
        live.progress.tick(now_s - live.ticked_s)
        live.ticked_s = now_s
        return replace(
            view,
            stages=tuple(_stage_view(name, live) for name in StageName),
            fraction=live.progress.fraction,
            eta_s=live.progress.eta_s,
            elapsed_s=now_s - live.started_s,
        )


def _stage_view(name: StageName, live: _Live) -> StageView:
    fraction = live.progress.stage_fraction(name)
    if fraction >= 1.0:
        state = StageState.REUSED if live.reused.get(name) else StageState.DONE
    elif fraction > 0 or any(unit.stage is name for unit in live.running):
        state = StageState.RUNNING
    else:
        state = StageState.WAITING
    return StageView(name, state, fraction)
