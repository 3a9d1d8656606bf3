"""In which way a video's pictures were made, where that is not what was asked for, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vidgen_gui.core.errors import InputError
from vidgen_gui.core.job import StageName
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.plan import PAINTER
from vidgen_gui.core.quality import Quality
from vidgen_gui.store.history import HistoryStore

FALLS = frozenset(
    {
        MessageId.RUNG_FELL,
        MessageId.RUNG_FELL_FOR_RAM,
        MessageId.RUNG_SPILLED,
        MessageId.RUNG_DEADLY,
        MessageId.NO_RUNG_FITS,
        MessageId.LOWERING_NEEDS_CONSENT,
    }
)
"""What is told when a picture is made in a lesser way than the one that was tried."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The poorest of a video's pictures.

    Args:
        rung: how it was made; with a quality before a slash, that one's detail was drawn.
        quality: whose detail it has; None where the built-in painter stood in.
        pictures: how many were made in that way, ``of`` so many.
        reason: why; None where nothing was told because the plan began there.
    """

    rung: str
    quality: Quality | None
    pictures: int
    of: int
    reason: Message | None = None


def read_delivered(
    history: HistoryStore, asked: Mapping[str, Quality], job_id: str | None = None
) -> dict[str, Delivered]:
    """What is to be said of jobs, by id; one whose pictures are as asked for is missing.

    Args:
        asked: the jobs' qualities.
        job_id: only this job.

    Raises:
        StorageError: the database cannot be read.
    """
    told = history.told(StageName.IMAGE, job_id)
    rungs = history.rungs(StageName.IMAGE, job_id)
    found = {
        job: delivered(asked[job], made, told.get(job, ()))
        for job, made in rungs.items()
        if job in asked
    }
    return {job: one for job, one in found.items() if one is not None}


def delivered(asked: Quality, rungs: Sequence[str], told: Sequence[Message]) -> Delivered | None:
    """What is to be said of a job's pictures; None when they are as asked for.

    A machine where the painter always paints has nothing to explain: only a painter that stood in
    for ComfyUI is told.

    Args:
        rungs: of each picture, in order.
        told: what was told while they were made, oldest first.
    """
    if not rungs:
        return None
    reason = _reason(told)
    poorest = max(rungs, key=lambda rung: asked - (_quality(asked, rung) or 0))
    quality = _quality(asked, poorest)
    as_asked = quality is None or quality >= asked
    if as_asked and reason is None:
        return None
    if as_asked and quality is not None:
        # The last picture has the way that was found to fit.
        poorest = rungs[-1]
    return Delivered(poorest, quality, rungs.count(poorest), len(rungs), reason)


def _quality(asked: Quality, rung: str) -> Quality | None:
    """Whose detail a rung draws; None for the painter."""
    if rung == PAINTER:
        return None
    lower, slash, _ = rung.rpartition("/")
    if not slash:
        return asked
    try:
        return Quality.parse(lower)
    except InputError:
        return asked


def _reason(told: Sequence[Message]) -> Message | None:
    falls = [message for message in told if message.id in FALLS]
    if falls:
        return falls[-1]
    ids = [message.id for message in told]
    if MessageId.PAINTER_STANDS_IN not in ids:
        return None
    place = ids.index(MessageId.PAINTER_STANDS_IN)
    # What went wrong is told right before.
    return told[max(0, place - 1)]
