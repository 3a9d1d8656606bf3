"""A job: one video to be made, from the request to its result."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from vidgen_gui.core.errors import InputError
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.picture_overrides import NO_OVERRIDES, PictureOverrides
from vidgen_gui.core.quality import Aspect, FrameSize, Quality, frame_size
from vidgen_gui.core.script import Genre, Length
from vidgen_gui.core.text import clean_text, has_words

MAX_TOPIC_CHARS = 500
MAX_SCRIPT_CHARS = 20_000
SEED_SPAN = 2**64


class Speech(StrEnum):
    """Whether the script is spoken, or only written on the pictures."""

    SPOKEN = "spoken"
    CAPTIONS_ONLY = "captions-only"


class CaptionStyle(StrEnum):
    """How captions look."""

    BOLD = "bold"
    BOXED = "boxed"
    CLEAN = "clean"


class StageName(StrEnum):
    """The five steps of a job, in the order in which a person thinks of them."""

    SCRIPT = "script"
    NARRATION = "narration"
    MUSIC = "music"
    IMAGE = "image"
    RENDER = "render"


class JobState(StrEnum):
    """Where a job stands. PAUSED and SCRIPT_READY go on when the person says so."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    SCRIPT_READY = "script-ready"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        return self in {JobState.DONE, JobState.FAILED, JobState.CANCELLED}


def fold_seed(seed: int) -> int:
    """Map any whole number into 0…2⁶⁴−1, the range every sampler takes."""
    return seed % SEED_SPAN


class JobSpec(BaseModel):
    """Everything a person asked for. Frozen and validated; `model_copy` makes variants.

    Build it with `create`, which raises the app's own errors.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    topic: str = Field(max_length=MAX_TOPIC_CHARS)
    genre: Genre = Genre.CUSTOM
    language: str = Field("en", pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")
    speech: Speech = Speech.SPOKEN
    script_text: str | None = Field(None, max_length=MAX_SCRIPT_CHARS)
    length: Length = Length.MEDIUM
    quality: Quality = Quality.STANDARD
    aspect: Aspect = Aspect.PORTRAIT
    voice: str = "en_US-joe-medium"
    caption_style: CaptionStyle = CaptionStyle.BOLD
    captions: bool = True
    music: bool = True
    high_frame_rate: bool = False
    seed: Annotated[int, AfterValidator(fold_seed)] = 0
    picture: PictureOverrides = NO_OVERRIDES
    output_dir: Path
    wait_for_script_ok: bool = False

    @model_validator(mode="after")
    def _has_something_to_say(self) -> Self:
        if not self.topic and not self.script_text:
            raise ValueError("neither topic nor script")
        return self

    @property
    def frame_size(self) -> FrameSize:
        return frame_size(self.quality, self.aspect)

    @classmethod
    def create(cls, *, topic: str, script_text: str | None = None, **options: object) -> "JobSpec":
        """Clean and check what a person typed.

        Raises:
            InputError: empty, wordless or over-long text, or an option out of range.
        """
        topic = clean_text(topic, keep_lines=False)
        if script_text is not None:
            script_text = clean_text(script_text)
            if not has_words(script_text):
                raise InputError(MessageId.SCRIPT_EMPTY)
            if len(script_text) > MAX_SCRIPT_CHARS:
                raise InputError(
                    MessageId.SCRIPT_TOO_LONG, given=len(script_text), limit=MAX_SCRIPT_CHARS
                )
        elif not topic:
            raise InputError(MessageId.TOPIC_EMPTY)
        elif not has_words(topic):
            raise InputError(MessageId.TOPIC_NO_WORDS, topic=topic)
        if len(topic) > MAX_TOPIC_CHARS:
            raise InputError(MessageId.TOPIC_TOO_LONG, given=len(topic), limit=MAX_TOPIC_CHARS)
        try:
            return cls.model_validate({"topic": topic, "script_text": script_text, **options})
        except ValidationError as error:
            raise _as_input_error(error) from error


def _as_input_error(error: ValidationError) -> InputError:
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"]) or "request"
    return InputError(
        MessageId.VALUE_INVALID, detail=str(error), field=name, given=str(first["input"])[:80]
    )


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands in the queue.

    ``position`` orders the queue; ``created_at`` and ``finished_at`` are Unix seconds;
    ``failure`` says why a failed job failed.
    """

    id: str
    spec: JobSpec
    state: JobState
    position: float
    created_at: float
    title: str = ""
    finished_at: float | None = None
    video_path: Path | None = None
    failure: Message | None = None
    removed: bool = False

    @property
    def shown_title(self) -> str:
        return self.title or self.spec.topic or "…"
