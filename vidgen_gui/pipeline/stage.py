"""What a stage is: a generator that turns inputs into one artifact and knows nothing else."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeAlias

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.events import Progress
from vidgen_gui.core.job import JobSpec, StageName


@dataclass(frozen=True, slots=True)
class StageOutput:
    """What a stage made: named files in its work directory and a JSON value.

    ``files`` maps a short name (``"voice.wav"``) to itself under ``context.workdir``.
    ``rung`` names the way it was made (``"painter"``, ``"builtin"``, ``"piper"``).
    """

    files: tuple[str, ...] = ()
    value: Mapping[str, Any] = field(default_factory=dict)
    rung: str = "builtin"


@dataclass(frozen=True, slots=True)
class StoredInput:
    """A finished artifact as a later stage sees it. ``folder / name`` is a file of it."""

    key: str
    content_sha256: str
    folder: Path
    value: Mapping[str, Any]
    rung: str

    def file(self, name: str) -> Path:
        return self.folder / name


Inputs: TypeAlias = Mapping[tuple[StageName, int | None], StoredInput]
"""The artifacts that a unit works from, by (stage, scene)."""


class Workers(Protocol):
    """Runs requests in our worker processes (`pipeline.workers.WorkerPool`)."""

    def call(
        self, kind: str, request: Mapping[str, Any], cancel: CancelToken, *, deadline_s: float
    ) -> Generator[Progress, None, Mapping[str, Any]]:
        """Send one request to a worker of ``kind``; yields progress, returns its result.

        Raises:
            ProgramError: the worker died, hung past ``deadline_s`` or reported a failure.
            Cancelled: the token was set; the worker was killed and reaped.
        """
        ...


@dataclass(frozen=True, slots=True)
class StageContext:
    """What one run of a stage gets to work with.

    ``inputs`` maps (stage, scene) to the artifacts it asked for; ``workdir`` is private,
    empty, on the artifact store's disk and removed afterwards.
    """

    spec: JobSpec
    scene: int | None
    inputs: Inputs
    workdir: Path
    cancel: CancelToken
    workers: Workers
    ffmpeg: Path


class Stage(Protocol):
    """One step of a job.

    ``version`` goes up whenever the same intent would now give a different artifact.
    """

    name: ClassVar[StageName]
    version: ClassVar[int]
    per_scene: ClassVar[bool]

    def intent(
        self,
        spec: JobSpec,
        scene: int | None,
        inputs: Inputs,
    ) -> Mapping[str, Any]:
        """Everything that decides the result, as JSON values; it is hashed into the key."""
        ...

    def run(self, context: StageContext) -> Generator[Progress, None, StageOutput]:
        """Do the work; each ``yield`` is progress and a place where cancel takes hold."""
        ...
