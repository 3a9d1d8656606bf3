"""What a job's history adds to its row: how it was delivered, and what it waits to be answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from vidgen_gui.controller.job_view import Delivered, JobView
from vidgen_gui.core.job import JobState, StageName
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.pipeline.delivered import read_delivered
from vidgen_gui.pipeline.stage import QUESTIONS
from vidgen_gui.store.history import HistoryStore

REMARKS = frozenset({MessageId.CAPTION_CHARACTERS_MISSING})
"""What is told of a video as it is, whoever asks; a worker that was lost on the way is not."""


@dataclass(frozen=True, slots=True)
class JobRemarks:
    """See the fields of `JobView` with these names."""

    delivered: Delivered | None = None
    remark: Message | None = None
    question: Message | None = None

    def added_to(self, view: JobView) -> JobView:
        return replace(view, delivered=self.delivered, remark=self.remark, question=self.question)


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
        told = _told_of_videos(history, job_id)
        found = {
            job: JobRemarks(delivered=delivered.get(job), remark=told.get(job))
            for job in done
            if job in delivered or job in told
        }
    for view in views:
        if view.state is JobState.PAUSED:
            question = _question(history, view.id)
            if question is not None:
                found[view.id] = JobRemarks(question=question)
    return found


def _told_of_videos(history: HistoryStore, job_id: str | None) -> Mapping[str, Message]:
    """What was said last of the videos themselves, by job."""
    found = {}
    for job, told in history.told(StageName.RENDER, job_id).items():
        remarks = [message for message in told if message.id in REMARKS]
        if remarks:
            found[job] = remarks[-1]
    return found


def _question(history: HistoryStore, job_id: str) -> Message | None:
    """What the job asked last, if nothing has happened since."""
    lines = history.lines(job_id)
    return lines[-1].message if lines and lines[-1].message.id in QUESTIONS else None
