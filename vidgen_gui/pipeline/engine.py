"""Runs jobs: picks ready units, runs their stages on the caller's pool, keeps what they make.

Qt-free. The window hands in a QThreadPool's ``submit``, the command line an executor's. All
state is guarded by one lock that is never held during I/O, a callback or a stage.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled, VidgenError
from vidgen_gui.core.events import Event, JobFailed, JobFinished, JobStateChanged, Notice
from vidgen_gui.core.job import Job, JobState, StageName
from vidgen_gui.core.messages import Message
from vidgen_gui.core.unforeseen import explained
from vidgen_gui.pipeline.graph import RENDER, SCRIPT, Unit, ready_units
from vidgen_gui.pipeline.scheduler import Conditions, pick_units
from vidgen_gui.pipeline.stage import NeedsConsent, Stage, StoredInput, Workers
from vidgen_gui.pipeline.unit_runner import UnitRunner
from vidgen_gui.store.store import Store

_logger = logging.getLogger(__name__)

Submit: TypeAlias = Callable[[Callable[[], None]], object]
Emit: TypeAlias = Callable[[Event], None]


@dataclass(eq=False)
class JobRun:
    """One job as the engine holds it; every field but ``job`` is guarded by the engine's lock."""

    job: Job
    token: CancelToken = field(default_factory=CancelToken)
    done: dict[Unit, StoredInput] = field(default_factory=dict)
    running: set[Unit] = field(default_factory=set)
    scene_count: int | None = None
    started: bool = False
    script_approved: bool = False
    outcome: JobState | None = None
    failure: Message | None = None
    question: Message | None = None
    recorded: bool = False
    settled: bool = False

    def ready(self) -> list[Unit]:
        """What could start now: nothing of a job that has ended or waits for its script's yes."""
        if self.outcome is not None:
            return []
        if SCRIPT in self.done and self.job.spec.wait_for_script_ok and not self.script_approved:
            return []
        return ready_units(self.scene_count, self.done, self.running)


class Engine:
    """The queue at work.

    Args:
        submit: runs a callable on a pool thread, soon.
        emit: takes events, from any thread; must be quick and must not raise.
        find_ffmpeg: asked whenever it is needed, as the person may change it meanwhile.
        slots: how many units run at once, 1 to 4.
        on_pictures_done: called on a pool thread when pictures were made and no job in the queue
            needs another.
        conditions: what the machine allows now; must be quick.
        on_begun: called on a pool thread with a job that runs here from now on.
        on_taken: called on a pool thread with a job that another process took first, or that
            was stopped before it began.
    """

    def __init__(
        self,
        *,
        store: Store,
        stages: Mapping[StageName, Stage],
        workers: Workers,
        find_ffmpeg: Callable[[], Path],
        submit: Submit,
        emit: Emit,
        slots: int = 2,
        on_pictures_done: Callable[[], None] = lambda: None,
        conditions: Callable[[], Conditions] = Conditions,
        on_begun: Callable[[str], None] = lambda _: None,
        on_taken: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._store = store
        self._conditions = conditions
        self._on_begun = on_begun
        self._on_taken = on_taken
        self._on_pictures_done = on_pictures_done
        self._stages = stages
        self._runner = UnitRunner(store, stages, workers, find_ffmpeg, emit)
        self._submit = submit
        self._emit = emit
        self._slots = slots
        self._changed = threading.Condition()
        self._runs: dict[str, JobRun] = {}
        self._running_count = 0
        self._paused = False
        self._stopped = False
        self._pictures_made = False

    def add(self, jobs: Iterable[Job], *, approved: bool = False) -> None:
        """Take jobs into the queue and start what fits; a job that is there already is ignored.

        Args:
            approved: the person has seen these jobs' scripts.
        """
        with self._changed:
            for job in jobs:
                known = self._runs.get(job.id)
                # Who hears of a job's end may let it go on at once.
                if known is None or known.settled:
                    self._runs[job.id] = JobRun(job, script_approved=approved)
            ordered = sorted(self._runs.values(), key=lambda run: run.job.position)
            self._runs = {run.job.id: run for run in ordered}
        self._advance()

    def reorder(self, jobs: Iterable[Job]) -> None:
        """Take over changed positions."""
        with self._changed:
            for job in jobs:
                if job.id in self._runs:
                    self._runs[job.id].job = job
            ordered = sorted(self._runs.values(), key=lambda run: run.job.position)
            self._runs = {run.job.id: run for run in ordered}

    def pause(self) -> None:
        """Start nothing new; what runs goes on."""
        with self._changed:
            self._paused = True

    def resume(self) -> None:
        """Go on after `pause`."""
        with self._changed:
            self._paused = False
        self._advance()

    def end_job(self, job_id: str, outcome: JobState, *, recorded: bool = False) -> bool:
        """Cancel or pause one job: its running units are stopped, finished ones are kept.

        Args:
            recorded: the store has it already, from another process.

        Returns:
            Whether the engine had the job; it will record and report its end then.
        """
        with self._changed:
            run = self._runs.get(job_id)
            if run is None:
                return False
            if run.outcome is not None:
                return True
            run.outcome, run.recorded = outcome, recorded
        run.token.cancel()
        self._settle(run)
        with self._changed:
            owed = self._pictures_made and not run.running and not self._stopped
        if owed:
            self._submit(self._look_at_pictures)
        return True

    def stop(self, timeout_s: float) -> bool:
        """Stop everything; jobs that ran are taken up again next time.

        Returns:
            Whether all units ended within ``timeout_s``.
        """
        with self._changed:
            self._stopped = True
            runs = list(self._runs.values())
        for run in runs:
            run.token.cancel()
        with self._changed:
            return self._changed.wait_for(lambda: self._running_count == 0, timeout_s)

    def wait_idle(self, timeout_s: float | None = None) -> bool:
        """Wait until no job is left; False when ``timeout_s`` went by first."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._runs, timeout_s)

    def _advance(self) -> None:
        """Submit ready units, jobs in queue order, until the slots are taken."""
        alone = {name for name, stage in self._stages.items() if stage.one_at_a_time}
        conditions = self._conditions()
        with self._changed:
            if self._paused or self._stopped:
                return
            runs = self._runs.values()
            running = [unit for run in runs for unit in run.running]
            ready = ((run, run.ready()) for run in runs if run.outcome is None)
            picked = pick_units(ready, running, self._slots, alone, conditions)
            for run, unit in picked:
                run.running.add(unit)
            self._running_count += len(picked)
        for run, unit in picked:
            self._submit(lambda run=run, unit=unit: self._work(run, unit))  # type: ignore[misc]

    def _work(self, run: JobRun, unit: Unit) -> None:
        failure: Message | None = None
        stored: StoredInput | None = None
        try:
            self._begin(run)
            made = self._runner.run(run.job, unit, dict(run.done), run.scene_count, run.token)
            if unit == RENDER:
                self._finish(run, made)
            stored = made
        except Cancelled:
            _logger.info("job %s: %s stopped", run.job.id, unit)
        except NeedsConsent as error:
            self._ask(run, error.message)
        except VidgenError as error:
            _logger.warning("job %s: %s failed: %s", run.job.id, unit, error)
            failure = error.message
        except Exception as error:
            # The outermost frame of a pool thread: the job fails, the others go on.
            _logger.exception("job %s: %s failed unexpectedly", run.job.id, unit)
            failure = explained(error)
        self._ended(run, unit, stored, failure)

    def _ask(self, run: JobRun, question: Message) -> None:
        """The job waits, paused, until the person lets it go on."""
        _logger.info("job %s asks: %s", run.job.id, question.id)
        with self._changed:
            if run.outcome is None:
                run.outcome, run.question = JobState.PAUSED, question
        run.token.cancel()

    def _ended(
        self, run: JobRun, unit: Unit, stored: StoredInput | None, failure: Message | None
    ) -> None:
        with self._changed:
            run.running.discard(unit)
            self._running_count -= 1
            if stored is not None and failure is None:
                run.done[unit] = stored
                if unit == SCRIPT:
                    run.scene_count = len(stored.value["scenes"])
                if unit == RENDER:
                    # A cancel that came after the delivery was recorded comes too late.
                    run.outcome = JobState.DONE
                waits = unit == SCRIPT and run.job.spec.wait_for_script_ok
                if waits and not run.script_approved and run.outcome is None:
                    run.outcome = JobState.SCRIPT_READY
            if failure is not None and run.outcome is None:
                run.outcome, run.failure = JobState.FAILED, failure
            stop_others = run.outcome is JobState.FAILED
            self._pictures_made |= unit.stage is StageName.IMAGE
            self._changed.notify_all()
        if stop_others:
            run.token.cancel()
        self._settle(run)
        self._advance()
        self._look_at_pictures()

    def _look_at_pictures(self) -> None:
        """Tell when pictures were made and no job of the queue wants another."""
        with self._changed:
            is_over = self._pictures_made and not self._stopped and not self._wants_pictures()
            self._pictures_made = self._pictures_made and not is_over
        if is_over:
            self._on_pictures_done()

    def _wants_pictures(self) -> bool:
        """Whether any job of the queue still has a picture to make."""
        return any(
            run.scene_count is None
            or any(Unit(StageName.IMAGE, scene) not in run.done for scene in range(run.scene_count))
            for run in self._runs.values()
            if run.outcome is None
        )

    def _begin(self, run: JobRun) -> None:
        """Say and record that a job runs, before its first unit does."""
        with self._changed:
            first, run.started = not run.started, True
        if first:
            if not self._store.jobs.claim(run.job.id):
                # Another process runs it, or it was removed: not ours any more.
                with self._changed:
                    self._runs.pop(run.job.id, None)
                self._on_taken(run.job.id)
                raise Cancelled
            self._on_begun(run.job.id)
            self._emit(JobStateChanged(run.job.id, JobState.RUNNING))
            self._runner.check_before_start(run.job)

    def _finish(self, run: JobRun, stored: StoredInput) -> None:
        video = self._runner.deliver(run.job, {**run.done, RENDER: stored}, run.token)
        self._store.jobs.finish(run.job.id, video)
        self._store.backup()
        self._emit(JobFinished(run.job.id, str(video)))

    def _settle(self, run: JobRun) -> None:
        """Record and report a job's end once its last unit has ended."""
        with self._changed:
            if run.outcome is None or run.running or run.settled:
                return
            if self._stopped and run.outcome is JobState.FAILED:
                # Being stopped looks like a failure to some; it is taken up again next time.
                return
            run.settled = True
        self._record_end(run)
        with self._changed:
            if self._runs.get(run.job.id) is run:
                del self._runs[run.job.id]
            self._changed.notify_all()

    def _record_end(self, run: JobRun) -> None:
        job_id = run.job.id
        event: Event
        if run.outcome is None or run.outcome is JobState.DONE:
            return
        try:
            if run.failure is not None:
                event = JobFailed(job_id, run.failure)
                self._store.history.add_line(job_id, run.failure)
                self._store.jobs.fail(job_id, run.failure)
            else:
                event = JobStateChanged(job_id, run.outcome)
                if run.question is not None:
                    self._store.history.add_line(job_id, run.question)
                    self._emit(Notice(job_id, run.question))
                if not run.recorded:
                    self._store.jobs.set_state(job_id, run.outcome)
        except VidgenError as error:
            # The person hears of the job's end all the same; next time it is taken up again.
            _logger.warning("job %s: its end could not be recorded: %s", job_id, error)
        except Exception:
            # As above: whoever waits for the job must not wait for ever.
            _logger.exception("job %s: its end could not be recorded", job_id)
        self._emit(event)
