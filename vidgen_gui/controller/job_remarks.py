"""What a job's history adds to its row: how it was delivered, and what it waits to be answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from vidgen_gui.controller.job_view import Delivered, JobView
from vidgen_gui.core.job import JobState
from vidgen_gui.core.messages import Message
from vidgen_gui.pipeline.delivered import read_delivered
from vidgen_gui.pipeline.stage import QUESTIONS
from vidgen_gui.store.history import HistoryStore


@dataclass(frozen=True, slots=True)
class JobRemarks:
    """See the fields of `JobView` with these names."""

    delivered: Delivered | None = None
    question: Message | None = None

    def added_to(self, view: JobView) -> JobView:
        return replace(view, delivered=self.delivered, question=self.question)


def read_remarks(
    history: HistoryStore, views: Sequence[JobView], job_id: str | None = None
) -> Mapping[str, JobRemarks]:
    """What is to be added to these rows, by id; most need nothing and are missing.

    Args:
        job_id: where there is only one.

    Raises:
        StorageError: the database cannot be read.
    """
    done = {view.id: view.quality for view in views if view.state is JobState.DONE}
    found = {}
    if done:
        delivered = read_delivered(history, done, job_id)
        found = {job: JobRemarks(delivered=one) for job, one in delivered.items()}
    for view in views:
        if view.state is JobState.PAUSED:
            question = _question(history, view.id)
            if question is not None:
                found[view.id] = JobRemarks(question=question)
    return found


def _question(history: HistoryStore, job_id: str) -> Message | None:
    """What the job asked last, if nothing has happened since."""
    lines = history.lines(job_id)
    return lines[-1].message if lines and lines[-1].message.id in QUESTIONS else None
