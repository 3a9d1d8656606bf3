"""The ways in which the fake language model server misbehaves on cue."""

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    # Answers other than the one asked for
    LOADING = "503, the model is loading"
    BUSY = "429, with Retry-After"
    FAIL = "500"
    CONTEXT = "400, the context is exceeded"
    NO_SCHEMA = "400, response_format is not known"
    NO_STREAM_OPTIONS = "400, stream_options is not known"
    HTML = "200, a web page"
    REDIRECT = "302 to another host"
    WHOLE = "a whole JSON reply although a stream was asked for"
    # What the model writes
    INVALID_JSON = "braces, but no JSON"
    FENCED = "the reply in a fence"
    PROSE = "the reply with prose around it"
    THOUGHTS = "the reply after thoughts"
    HALF = "half of the reply, and an end as if it were all"
    EMPTY = "nothing"
    REFUSAL = "a refusal in words"
    REFUSAL_FIELD = "a refusal in a field of its own"
    # How it comes
    SLOW = "piece by piece, with a pause"
    STALL = "some pieces, then silence"
    HANG = "silence"
    CUT = "some pieces, then an orderly end without a reason"
    DROP = "some pieces, then a reset"
    STREAM_ERROR = "some pieces, then an error in the stream"
    ENDLESS = "the reply again and again"
    LONG_LINE = "a line of 2 MiB"
    GARBAGE = "lines that are no JSON between those that are"
    ODD_SHAPES = "JSON of the wrong shapes between those that are right"
    NO_DONE = "everything but the last line"


@dataclass(frozen=True)
class Fault:
    """``pieces`` come before a stream breaks; ``pause_s`` is between pieces."""

    kind: FaultKind
    pieces: int = 3
    pause_s: float = 0.05
    retry_after: str | None = "0"
