"""What a stage is: a generator that turns inputs into one artifact and knows nothing else."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeAlias

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import VidgenError
from vidgen_gui.core.events import Progress
from vidgen_gui.core.job import JobSpec, StageName
from vidgen_gui.core.messages import Message, MessageId

BUILT_IN = ""
"""The way that needs nothing but the app itself."""

REMARK = "remark"
"""Where an artifact's value holds a `Message` as a dict, or None: what is to be told to everybody
who gets the artifact, made for them or not."""

QUESTIONS = frozenset({MessageId.LOWERING_NEEDS_CONSENT, MessageId.PAUSING_NEEDS_CONSENT})
"""What a job waits for an answer to; letting it go on is the answer "yes"."""


class NeedsConsent(VidgenError):
    """The job waits, paused, until the person lets it go on."""

    def __init__(self, question: Message) -> None:
        super().__init__(question.id, **question.params)


@dataclass(frozen=True, slots=True)
class StageOutput:
    """What a stage made: named files in its work directory and a JSON value.

    ``files`` maps a short name (``"voice.wav"``) to itself under ``context.workdir``.
    ``rung`` names the way it was made (``"painter"``, ``"builtin"``, ``"piper"``). ``way`` is what
    decided the result besides the intent (a model's name, say); see `Stage.ways`.
    """

    files: tuple[str, ...] = ()
    value: Mapping[str, Any] = field(default_factory=dict)
    rung: str = "builtin"
    way: str = BUILT_IN


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
    empty, on the artifact store's disk and removed afterwards. ``words_per_s`` is how fast the
    job's voice was measured to speak; None before it was heard. ``agreed``: the person let the job
    go on after it had asked something (`NeedsConsent`).
    """

    spec: JobSpec
    scene: int | None
    inputs: Inputs
    workdir: Path
    cancel: CancelToken
    workers: Workers
    ffmpeg: Path
    words_per_s: float | None = None
    job_id: str = ""
    agreed: bool = False


class Stage(Protocol):
    """One step of a job.

    ``version`` goes up whenever the same intent would now give a different artifact.
    """

    name: ClassVar[StageName]
    version: ClassVar[int]
    per_scene: ClassVar[bool]

    @property
    def one_at_a_time(self) -> bool:
        """Whether two runs of this stage would only be in each other's way."""
        ...

    def ways(self, spec: JobSpec, cancel: CancelToken) -> Sequence[str]:
        """The ways whose results are as good as what would be made now, best first.

        Another job's artifact is reused only when it was made in one of them; a job's own is
        taken up again however it was made.
        """
        ...

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


def run_to_end(
    steps: Generator[Progress, None, StageOutput],
    cancel: CancelToken,
    on_step: Callable[[Progress], None] = lambda _: None,
) -> StageOutput:
    """Drive a stage's run, and close it on every path.

    Raises:
        VidgenError: what the stage raises.
        Cancelled: the token was set, heard at the latest with the next step.
    """
    try:
        while True:
            step = next(steps)
            cancel.raise_if_cancelled()
            on_step(step)
    except StopIteration as stop:
        output: StageOutput = stop.value
        return output
    finally:
        steps.close()


def way_intent(intent: Mapping[str, Any], way: str) -> Mapping[str, Any]:
    """What an artifact's key is made from when it is made in that way."""
    return {**intent, "way": way} if way != BUILT_IN else intent


class OneWay:
    """What a stage is that always makes its artifact in the same way."""

    one_at_a_time: bool = True

    def ways(self, spec: JobSpec, cancel: CancelToken) -> Sequence[str]:
        """Built in, whatever else is there."""
        return (BUILT_IN,)
