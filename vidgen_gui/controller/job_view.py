"""What the window is told: frozen values the controller makes and widgets only read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from vidgen_gui.core.job import JobSpec, JobState, StageName
from vidgen_gui.core.messages import Message
from vidgen_gui.core.plan import CardMemory, Plan
from vidgen_gui.core.quality import Aspect, Quality
from vidgen_gui.pipeline.delivered import Delivered
from vidgen_gui.pipeline.doctor import Check, CheckState
from vidgen_gui.store.history import HistoryLine

__all__ = [
    "Check",
    "CheckState",
    "Delivered",
    "Estimate",
    "FolderCheck",
    "HistoryLine",
    "JobView",
    "LanguageCheck",
    "PlanBoard",
    "QueueStatus",
    "StageState",
    "StageView",
    "VoiceInfo",
]


class StageState(StrEnum):
    """How far one stage of a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    REUSED = "reused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class StageView:
    """One stage of a job; ``fraction`` is 0…1 over all its scenes."""

    name: StageName
    state: StageState = StageState.WAITING
    fraction: float = 0.0


WAITING_STAGES = tuple(StageView(name) for name in StageName)


@dataclass(frozen=True, slots=True)
class JobView:
    """One row of the job list, complete enough to be shown without asking anybody.

    ``position`` orders the queue. ``created_at`` and ``finished_at`` are Unix seconds,
    ``fraction`` is 0…1 over the whole job, ``scene_starts_s`` where each scene begins in the
    finished video, ``scene_texts`` what is said there and ``scene_pictures`` what is seen
    (each empty or as long as the starts).
    """

    id: str
    spec: JobSpec
    title: str
    state: JobState
    position: float
    created_at: float
    stages: tuple[StageView, ...] = WAITING_STAGES
    fraction: float = 0.0
    eta_s: float | None = None
    elapsed_s: float | None = None
    finished_at: float | None = None
    failure: Message | None = None
    video_path: Path | None = None
    thumbnail_path: Path | None = None
    sidecar_path: Path | None = None
    duration_s: float | None = None
    fps: float | None = None
    scene_starts_s: tuple[float, ...] = ()
    scene_texts: tuple[str, ...] = ()
    scene_pictures: tuple[Path, ...] = ()
    delivered: Delivered | None = None
    """How the pictures were made where that is not what was asked for."""
    remark: Message | None = None
    """What is to be said of the finished video besides."""
    question: Message | None = None
    """What a paused job waits to be answered; letting it go on means yes."""

    @property
    def quality(self) -> Quality:
        return self.spec.quality

    @property
    def aspect(self) -> Aspect:
        return self.spec.aspect


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """The queue in one line: how many wait and run, and when it is through."""

    waiting: int = 0
    running: int = 0
    paused: bool = False
    eta_s: float | None = None


@dataclass(frozen=True, slots=True)
class VoiceInfo:
    """A voice that can be chosen now; ``languages`` are BCP 47 codes."""

    name: str
    title: str
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LanguageCheck:
    """Which language a text seems to be in (a BCP 47 code), and whether a voice here speaks it."""

    language: str
    spoken: bool


@dataclass(frozen=True, slots=True)
class Estimate:
    """What making one video takes: seconds of work, and room on the disk while it is made."""

    work_s: float | None
    disk_mib: int


@dataclass(frozen=True, slots=True)
class PlanBoard:
    """How each quality would be made as things stand now.

    ``plans`` is empty while nothing is known yet; ``card`` None where nobody was asked.
    """

    plans: Mapping[Quality, Plan] = field(default_factory=dict)
    card: CardMemory | None = None


@dataclass(frozen=True, slots=True)
class FolderCheck:
    """Whether videos can be put into ``path`` and how much room is there."""

    path: Path
    free_mib: int | None = None
    problem: Message | None = None
