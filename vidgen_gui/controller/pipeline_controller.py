"""The only thing the window talks to: takes wishes, works on pools, answers by signals.

Lives on the GUI thread and never waits there. What is done to jobs is in `pipeline.session`.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QThreadPool, QTimer, Signal, Slot

from vidgen_gui.controller.event_bridge import EventBridge
from vidgen_gui.controller.gpu_controller import GpuController
from vidgen_gui.controller.job_details import JobDetails, read_details
from vidgen_gui.controller.job_model import JobModel
from vidgen_gui.controller.job_remarks import JobRemarks, read_remarks
from vidgen_gui.controller.job_view import JobView, PlanBoard
from vidgen_gui.controller.profile_controller import (
    NO_CHANGES,
    ProfileChanges,
    ProfileController,
)
from vidgen_gui.controller.questions import Questions
from vidgen_gui.controller.service_controller import ServiceController
from vidgen_gui.controller.session_tasks import SessionTasks
from vidgen_gui.controller.tasks import TaskRunner
from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.events import Event, JobFinished, Notice, PicturePreviewed, ScriptStreamed
from vidgen_gui.core.job import Job, JobSpec, JobState, StageName
from vidgen_gui.core.messages import Message
from vidgen_gui.core.quality import Aspect, Quality
from vidgen_gui.core.script import Script
from vidgen_gui.core.service import ServiceView
from vidgen_gui.core.settings import Settings
from vidgen_gui.pipeline.stage import QUESTIONS, Workers
from vidgen_gui.store.profiles import change_profiles
from vidgen_gui.store.settings_file import save_settings, with_full_paths
from vidgen_gui.system.paths import AppPaths

if TYPE_CHECKING:
    from vidgen_gui.pipeline.session import Session

_logger = logging.getLogger(__name__)

IDLE_CHECK_MS = 5000


class PipelineController(Questions):
    """Jobs, settings and questions of the window.

    Signals carry values only. Every method returns at once; an error that no method's own
    signal carries comes as `notice`, and `store_failed` says that nothing can be made at all.
    """

    jobs_loaded = Signal(list)
    job_added = Signal(list)
    job_changed = Signal(object)
    job_removed = Signal(list)
    queue_changed = Signal(object)
    store_failed = Signal(object)
    settings_changed = Signal(object)
    script_loaded = Signal(str, object)
    history_loaded = Signal(str, list)
    picture_previewed = Signal(str, object, bytes)
    """A job, its scene, and the picture as it looks by now (JPEG or PNG)."""
    script_streamed = Signal(str, str)
    """A job, and its script as far as it is written."""
    closed = Signal()

    def __init__(self, paths: AppPaths, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(paths, settings, parent)
        self.job_model = JobModel(self)
        self.services = ServiceController(self.notice.emit, self)
        self.services.settings_wanted.connect(self.change_settings)
        self.profiles = ProfileController(paths, self._with_or_without_session, self)
        self.gpu = GpuController(self.notice.emit, self._book.views, self._close_when_unused, self)
        self._session: Session | None = None
        self._closing: Session | None = None
        self._session_tasks = SessionTasks(self._tasks, self._close_when_unused)
        self._is_opening = self._is_closing = False
        self._paused = False
        self._removed: list[str] = []
        self._job_pool = QThreadPool(self)
        self._job_pool.setMaxThreadCount(settings.general.workers)
        self._close_pool = QThreadPool(self)
        self._bridge = EventBridge(self)
        self._bridge.events.connect(self._on_bridge_events)
        self._idle_timer = QTimer(self)
        self._idle_timer.setInterval(IDLE_CHECK_MS)
        self._idle_timer.timeout.connect(self._on_idle_timer_timeout)

    def start(self) -> None:
        """Open the store and go on where the last run stopped."""
        self._is_opening = True
        self._tasks.run(self._open, self._on_opened, self._on_open_failed)

    def close(self) -> None:
        """Stop everything; `closed` follows, also while the store is just being opened."""
        self._idle_timer.stop()
        self.services.close()
        self.gpu.close()
        self.profiles.cancel_plan()
        self._script_cancel.cancel()
        self.cancel_plans()
        self._is_closing = True
        self._previews.stop()
        if self._is_opening:
            return
        self._closing, self._session = self._session, None
        if self._closing is None:
            self.closed.emit()
        self._close_when_unused()

    def _close_when_unused(self) -> None:
        """Close the session once no task uses it any more."""
        if self._closing is None or self._session_tasks.busy or self.gpu.is_busy:
            return
        session, self._closing = self._closing, None
        # A pool of its own: the other may be busy with a question that takes its time.
        tasks = TaskRunner(self._close_pool, lambda _: self.closed.emit(), self)
        tasks.run(session.close, lambda _: self.closed.emit())

    def submit(self, specs: Sequence[JobSpec]) -> None:
        """Put videos into the queue; `job_added` follows."""
        self._with_session(lambda session: session.submit(specs), self._on_jobs_added)

    def cancel(self, job_ids: Sequence[str]) -> None:
        self._end(job_ids, JobState.CANCELLED)

    def pause(self, job_ids: Sequence[str]) -> None:
        self._end(job_ids, JobState.PAUSED)

    def resume(self, job_ids: Sequence[str]) -> None:
        self.retry(job_ids)

    def retry(self, job_ids: Sequence[str]) -> None:
        """Let stopped jobs go on from their last finished stage."""
        self._with_session(lambda session: session.retry(job_ids), self._on_jobs_updated)

    def remove(self, job_ids: Sequence[str]) -> None:
        """Take jobs out of the list; their videos stay. `undo_remove` brings them back."""
        self._removed = list(job_ids)
        dropped = self._book.drop(job_ids)
        self.job_model.remove(job_ids)
        self.job_removed.emit([view.id for view in dropped])
        self._with_session(lambda session: session.remove(job_ids))

    def undo_remove(self) -> None:
        removed, self._removed = self._removed, []
        self._with_session(lambda session: session.undo_remove(removed), self._on_jobs_added)

    def move(self, job_ids: Sequence[str], before_id: str | None) -> None:
        self._with_session(
            lambda session: session.move(job_ids, before_id), self._on_jobs_reordered
        )

    def start_queue(self) -> None:
        self._paused = False
        self._with_session(lambda session: session.engine.resume())
        self._tell_status()

    def pause_queue(self) -> None:
        """Start nothing new; what runs goes on."""
        self._paused = True
        self._with_session(lambda session: session.engine.pause())
        self._tell_status()

    def request_script(self, job_id: str) -> None:
        """Ask for a job's script; `script_loaded` follows, with None while there is none."""
        self._with_session(
            lambda session: session.script(job_id),
            lambda script: self.script_loaded.emit(job_id, script),
        )

    def request_history(self, job_id: str) -> None:
        """Ask what happened to a job; `history_loaded` follows."""
        self._with_session(
            lambda session: session.store.history.lines(job_id),
            lambda lines: self.history_loaded.emit(job_id, lines),
        )

    def save_script(self, job_id: str, script: Script) -> None:
        """Keep an edited script; `approve_script` or `retry` makes the video from it."""
        self._with_session(lambda session: session.save_script(job_id, script))

    def approve_script(self, job_id: str) -> None:
        """Go on with a job that waits at its script."""
        self._with_session(lambda session: session.approve_script(job_id), self._on_jobs_updated)

    def request_details(self, job_id: str) -> None:
        """Fill in what a finished video's sidecar says; `job_changed` follows."""
        view = self._book.get(job_id)
        if view is not None and view.video_path is not None and not view.scene_starts_s:
            video = view.video_path
            self._with_session(
                lambda session: read_details(video, session.picture),
                lambda details: self._on_details_read(job_id, details),
            )

    def save_settings(self, settings: Settings, profiles: ProfileChanges = NO_CHANGES) -> None:
        """Keep and use new settings and hardware profiles; `settings_changed` follows."""

        def save(session: "Session | None") -> Settings:
            change_profiles(self.paths, profiles.put, profiles.removed)
            save_settings(self.paths, settings)
            used = with_full_paths(settings)
            if session is not None:
                session.use_settings(used)
            return used

        def on_saved(used: Settings) -> None:
            self.settings = used
            self.settings_changed.emit(used)
            self.services.refresh()

        self._with_or_without_session(save, on_saved, self.notice.emit)

    def change_settings(self, values: Mapping[str, object]) -> None:
        """Change some settings, by path, and keep them; `settings_changed` follows."""
        self.save_settings(self.settings.with_values(values))

    def _ask_services(self) -> Callable[[], tuple[ServiceView, ...]]:
        session = self._session
        return session.services.examine if session is not None else super()._ask_services()

    def _make_plans(
        self,
        aspect: Aspect,
        checkpoint: str,
        cancel: CancelToken,
        tell: Callable[[PlanBoard | Message], None],
    ) -> None:
        def make(session: "Session") -> PlanBoard:
            plans = session.plans(aspect, cancel, checkpoint=checkpoint)
            return PlanBoard(plans, session.keeper.memory(cancel))

        if self._session is None:
            super()._make_plans(aspect, checkpoint, cancel, tell)
        else:
            self._with_session(make, tell, tell)

    def _make_sample(
        self, make: Callable[[Workers | None], Path], on_made: Callable[[Path], None]
    ) -> None:
        self._with_or_without_session(
            lambda session: make(session.workers if session else None), on_made, self.notice.emit
        )

    def _preview_script(
        self, spec: JobSpec, cancel: CancelToken, tell: Callable[[Script | Message], None]
    ) -> None:
        if self._session is None:
            super()._preview_script(spec, cancel, tell)
        else:
            self._with_session(lambda session: session.preview_script(spec, cancel), tell, tell)

    def _open(self) -> "tuple[Session, Sequence[Job]]":
        # On a pool thread: these imports take as long as painting the window.
        from vidgen_gui.pipeline.session import Session  # noqa: PLC0415

        self.paths.create()
        session = Session(
            self.paths,
            self.settings,
            submit=self._job_pool.start,
            emit=self._bridge.put,
            on_services=self.services.on_change,
        )
        return session, session.load()

    def _on_opened(self, opened: "tuple[Session, Sequence[Job]]") -> None:
        session, jobs = opened
        self._session = session
        self._is_opening = False
        if self._is_closing:
            self.close()
            return
        self._job_pool.setMaxThreadCount(session.settings.general.workers)
        if self._paused:
            session.engine.pause()
        views = self._book.put(jobs)
        self.job_model.load(views)
        self.jobs_loaded.emit(views)
        for message in session.notices:
            self.notice.emit(message)
        self._with_session(lambda session: session.start(jobs))
        self._idle_timer.start()
        self.services.open(session.services)
        self.gpu.open(session)
        self._learn_remarks(views)
        self._learn_pace()
        self._tell_status()

    def _on_open_failed(self, message: Message) -> None:
        self._is_opening = False
        self.store_failed.emit(message)
        if self._is_closing:
            self.closed.emit()

    def _learn_remarks(self, views: Sequence[JobView], job_id: str | None = None) -> None:
        """Look up what these rows have to say besides their state."""
        if any(view.state in {JobState.DONE, JobState.PAUSED} for view in views):
            self._with_session(
                lambda session: read_remarks(session.store.history, views, job_id),
                self._on_remarks_read,
            )

    def _on_remarks_read(self, found: Mapping[str, JobRemarks]) -> None:
        for job_id, remarks in found.items():
            view = self._book.get(job_id)
            if view is not None:
                self._book.replace(remarks.added_to(view))
                self._show(self._book[job_id])

    def _learn_pace(self) -> None:
        """Look up what this machine takes, for times shown in advance."""

        def on_learned(seconds: Mapping[Quality, Mapping[StageName, float]]) -> None:
            self._book.unit_seconds = seconds
            self._tell_status()

        self._with_session(lambda session: session.typical_seconds(), on_learned)

    def _with_or_without_session(
        self,
        work: "Callable[[Session | None], object]",
        on_done: Callable[[Any], None],
        on_error: Callable[[Message], None],
    ) -> None:
        """Do what can be done before the store is open, too."""
        if self._session is None:
            self._tasks.run(lambda: work(None), on_done, on_error)
        else:
            self._with_session(work, on_done, on_error)

    def _with_session(
        self,
        work: "Callable[[Session], object]",
        on_done: Callable[..., None] | None = None,
        on_error: Callable[[Message], None] | None = None,
    ) -> None:
        session = self._session
        if session is not None:
            self._session_tasks.run(lambda: work(session), on_done, on_error or self.notice.emit)

    def _end(self, job_ids: Sequence[str], outcome: JobState) -> None:
        self._with_session(lambda session: session.end(job_ids, outcome), self._on_jobs_updated)

    def _on_jobs_added(self, jobs: Sequence[Job]) -> None:
        views = self._book.put(jobs)
        self.job_model.add(views)
        self.job_added.emit(views)
        self._learn_remarks(views)
        self._tell_status()

    def _on_jobs_updated(self, jobs: Iterable[Job]) -> None:
        for view in self._book.put(jobs):
            self._show(view)
        self._tell_status()

    def _on_jobs_reordered(self, jobs: Iterable[Job]) -> None:
        for view in self._book.reposition(jobs):
            self._show(view)

    def _on_details_read(self, job_id: str, details: JobDetails) -> None:
        view = self._book.get(job_id)
        if view is not None:
            view = details.added_to(view)
            self._book.replace(view)
            self._show(view)

    @Slot(list)
    def _on_bridge_events(self, events: Sequence[Event]) -> None:
        changed: dict[str, JobView] = {}
        now_s = time.monotonic()
        self.gpu.note(events, self._book.title_of)
        for event in events:
            if self._is_passed_on(event):
                continue
            view = self._book.apply(event, now_s)
            if view is not None:
                changed[view.id] = view
        for view in changed.values():
            self._show(view)
        for event in events:
            if isinstance(event, JobFinished):
                self.request_details(event.job_id)
                finished = [view for view in changed.values() if view.id == event.job_id]
                self._learn_remarks(finished, event.job_id)
                self._learn_pace()
        self._tell_status()

    def _is_passed_on(self, event: Event) -> bool:
        """Tell what is no job's state; whether it changes no job's view either."""
        match event:
            case Notice():
                self.notice.emit(event.message)
                return event.message.id not in QUESTIONS
            case PicturePreviewed():
                self.picture_previewed.emit(event.job_id, event.scene, event.image)
            case ScriptStreamed():
                self.script_streamed.emit(event.job_id, event.text)
            case _:
                return False
        return True

    @Slot()
    def _on_idle_timer_timeout(self) -> None:
        session = self._session
        if session is not None and session.workers.has_idle():
            self._with_session(lambda session: session.workers.close_idle())

    def _show(self, view: JobView) -> None:
        self.job_model.update(view)
        self.job_changed.emit(view)

    def _tell_status(self) -> None:
        self.queue_changed.emit(self._book.status(paused=self._paused))
