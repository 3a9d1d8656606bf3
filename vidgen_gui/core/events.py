"""What happens to jobs, as frozen values; the controller turns them into signals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vidgen_gui.core.messages import Message

if TYPE_CHECKING:
    # Every worker imports Progress from here; pydantic, which jobs need, would cost it 0.1 s.
    from vidgen_gui.core.job import JobState, StageName


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to the job ``job_id``."""

    job_id: str


@dataclass(frozen=True, slots=True)
class JobStateChanged(Event):
    state: JobState


@dataclass(frozen=True, slots=True)
class StageStarted(Event):
    stage: StageName
    scene: int | None = None


@dataclass(frozen=True, slots=True)
class StageProgressed(Event):
    """``fraction`` of this (stage, scene), 0…1."""

    stage: StageName
    scene: int | None
    fraction: float


@dataclass(frozen=True, slots=True)
class StageFinished(Event):
    """``reused`` when a stored artifact was taken instead of working."""

    stage: StageName
    scene: int | None
    elapsed_s: float
    reused: bool = False


@dataclass(frozen=True, slots=True)
class ScriptReady(Event):
    title: str
    scene_count: int


@dataclass(frozen=True, slots=True)
class JobFinished(Event):
    video_path: str


@dataclass(frozen=True, slots=True)
class JobFailed(Event):
    reason: Message


@dataclass(frozen=True, slots=True)
class Notice(Event):
    """Something a person should know, though work goes on; ``job_id`` may be empty."""

    message: Message


@dataclass(frozen=True, slots=True)
class PicturePreviewed(Event):
    """How a scene's picture looks by now: a small JPEG or PNG."""

    scene: int | None
    image: bytes


@dataclass(frozen=True, slots=True)
class ScriptStreamed(Event):
    """How far a script is written: its whole text up to now, plain."""

    text: str


@dataclass(frozen=True, slots=True)
class Progress:
    """What a stage yields: the fraction done, 0…1, and an optional note for the history.

    ``preview`` is the picture as it looks by now (JPEG or PNG, at most 1 MiB), ``text`` the script
    as far as it is written.
    """

    fraction: float
    notice: Message | None = None
    preview: bytes | None = None
    text: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
