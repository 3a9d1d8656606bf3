"""Jobs that another process of ours has taken, or has ended while they run here.

A window and ``vidgen-gui make`` may work on one queue at once. Which of them runs a job, and that
one of them ended it, is settled in the store; here the other one hears of it.
"""

import logging
import threading
from collections.abc import Callable

from vidgen_gui.core.errors import VidgenError
from vidgen_gui.core.events import Event, JobFailed, JobFinished, JobStateChanged
from vidgen_gui.core.job import Job, JobState
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.store.jobs import JobStore

_logger = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0


class Elsewhere:
    """Looks after jobs that others run, or may end, on a thread of its own while there are any.

    Args:
        emit: takes what becomes of a job that another runs, as if it had been run here.
        take_back: called on that thread with a job that waits again, as its process is gone.
        end_here: called on that thread with a job that runs here and was ended elsewhere, and
            with how; the store has that already.
    """

    def __init__(
        self,
        jobs: JobStore,
        emit: Callable[[Event], None],
        take_back: Callable[[Job], None],
        end_here: Callable[[str, JobState], None],
    ) -> None:
        self._jobs = jobs
        self._emit = emit
        self._take_back = take_back
        self._end_here = end_here
        self._changed = threading.Condition()
        self._watched: dict[str, JobState | None] = {}
        self._own: set[str] = set()
        self._closed = False
        self._thread: threading.Thread | None = None

    def watch(self, job_id: str) -> None:
        """Look after a job that another process runs."""
        with self._changed:
            self._watched.setdefault(job_id, None)
            self._look_from_now_on()

    def watch_own(self, job_id: str) -> None:
        """Look after a job that runs here: others may cancel, pause or remove it."""
        with self._changed:
            self._own.add(job_id)
            self._look_from_now_on()

    def _look_from_now_on(self) -> None:
        if self._thread is None and not self._closed:
            self._thread = threading.Thread(target=self._look_on, name="vidgen-elsewhere")
            self._thread.start()

    def close(self) -> None:
        """Look no more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _look_on(self) -> None:
        while True:
            with self._changed:
                if self._closed or not (self._watched or self._own):
                    self._thread = None
                    return
                looks = [(self._look, job_id) for job_id in self._watched]
                looks += [(self._look_at_own, job_id) for job_id in self._own]
            for look, job_id in looks:
                try:
                    look(job_id)
                except VidgenError as error:
                    # The disk or the database has a bad moment: there will be another look.
                    _logger.info("job %s cannot be looked up: %s", job_id, error)
                except Exception:
                    # The outermost frame of this thread: the other jobs are looked after.
                    _logger.exception("job %s cannot be looked after", job_id)
                    self._forget(job_id)
            with self._changed:
                self._changed.wait_for(lambda: self._closed, LOOK_EVERY_S)

    def _forget(self, job_id: str) -> None:
        with self._changed:
            self._watched.pop(job_id, None)
            self._own.discard(job_id)

    def _look_at_own(self, job_id: str) -> None:
        job = self._jobs.get(job_id)
        state = JobState.CANCELLED if job is None or job.removed else job.state
        if state is JobState.RUNNING:
            if self._jobs.is_run_here(job_id):
                return
            # Cancelled and tried again elsewhere between two looks.
            state = JobState.CANCELLED
        self._forget(job_id)
        if state in {JobState.CANCELLED, JobState.PAUSED}:
            self._end_here(job_id, state)

    def _look(self, job_id: str) -> None:
        self._jobs.requeue_if_orphaned(job_id)
        job = self._jobs.get(job_id)
        state = JobState.CANCELLED if job is None or job.removed else job.state
        with self._changed:
            known = self._watched.get(job_id)
            self._watched[job_id] = state
            if state is not JobState.RUNNING:
                del self._watched[job_id]
        if state is JobState.RUNNING and known is None:
            self._emit(JobStateChanged(job_id, state))
        elif state is JobState.WAITING and job is not None:
            self._take_back(job)
        elif state is not JobState.RUNNING:
            self._emit(_end(job_id, state, job))


def _end(job_id: str, state: JobState, job: Job | None) -> Event:
    if job is not None and state is JobState.DONE:
        return JobFinished(job_id, str(job.video_path))
    if job is not None and state is JobState.FAILED:
        unknown = Message(MessageId.UNEXPECTED, {"detail": "—"})
        return JobFailed(job_id, job.failure or unknown)
    return JobStateChanged(job_id, state)
