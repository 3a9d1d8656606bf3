"""What a media file says about itself: length, streams, sizes. Nothing is decoded here.

Reading is bounded in time and bytes, so that no file and no slow disk can hold up a job.
"""

import contextlib
import math
import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from pymediainfo import MediaInfo

from vidgen_gui.core.errors import MediaError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.minima import FileKind, is_too_small
from vidgen_gui.system.plain_letters import plain_letters

MAX_DURATION_S = 24 * 3600.0
DEADLINE_S = 10.0
MAX_READ_BYTES = 64 * 1024 * 1024
_CODECS = {"avc": "h264", "hevc": "h265", "mpeg audio": "mp3", "aac": "aac", "pcm": "pcm"}


@dataclass(frozen=True, slots=True)
class VideoStream:
    """``chroma`` is MediaInfo's, ``4:2:0`` say; colour names too, ``BT.709`` say; "" if unknown."""

    codec: str
    profile: str
    width_px: int
    height_px: int
    fps: float
    frame_count: int
    chroma: str
    bit_depth: int
    primaries: str
    transfer: str
    matrix: str
    colour_range: str


@dataclass(frozen=True, slots=True)
class AudioStream:
    codec: str
    sample_rate_hz: int
    channels: int
    duration_s: float


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """The facts of one file. ``duration_s`` is positive and finite."""

    duration_s: float
    size_bytes: int
    videos: tuple[VideoStream, ...]
    audios: tuple[AudioStream, ...]


def probe(path: Path, kind: FileKind, *, deadline_s: float = DEADLINE_S) -> MediaFacts:
    """Read the facts of a sound or video file.

    Raises:
        MediaError: VIDEO_INVALID or SOUND_INVALID when the file is missing, no regular file,
            too small, not readable within the deadline, or of a length that cannot be.
    """
    try:
        with _opened(path) as (file, size_bytes):
            if is_too_small(kind, size_bytes):
                raise invalid(path, kind, f"only {size_bytes} bytes")
            reader = _BoundedReader(file, time.monotonic() + deadline_s, MAX_READ_BYTES)
            with plain_letters():
                parsed = MediaInfo.parse(reader)
    except (OSError, RuntimeError, ValueError) as error:
        raise invalid(path, kind, str(error)) from error
    tracks = parsed.tracks
    general = next((t for t in tracks if t.track_type == "General"), None)
    videos = tuple(_video(t) for t in tracks if t.track_type == "Video")
    audios = tuple(_audio(t) for t in tracks if t.track_type == "Audio")
    if not (videos if kind is FileKind.VIDEO else audios):
        raise invalid(path, kind, f"no {kind.value} in it")
    stated = getattr(general, "duration", None)
    return MediaFacts(checked_duration_s(stated, path, kind), size_bytes, videos, audios)


def checked_duration_s(stated_ms: object, path: Path, kind: FileKind) -> float:
    """A stated length in milliseconds as seconds, if it can be true.

    Raises:
        MediaError: missing, zero, negative, not a number, or more than a day.
    """
    try:
        seconds = float(str(stated_ms)) / 1000
    except ValueError:
        seconds = math.nan
    if not 0 < seconds <= MAX_DURATION_S:
        raise invalid(path, kind, f"a length of {stated_ms!r} ms")
    return seconds


def invalid(path: Path, kind: FileKind, words: str) -> MediaError:
    """The error about a file that is not what it should be."""
    message = MessageId.VIDEO_INVALID if kind is FileKind.VIDEO else MessageId.SOUND_INVALID
    return MediaError(message, file=path.name, words=words)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[tuple[BinaryIO, int]]:
    # Opening a named pipe would wait for its writer; non-blocking, it can be looked at first.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags), "rb") as file:  # noqa: PTH123 - a descriptor, not a path
        facts = os.fstat(file.fileno())
        if not stat.S_ISREG(facts.st_mode):
            raise ValueError("not a regular file")
        yield file, facts.st_size


class _BoundedReader:
    """What libmediainfo reads through: gives up when it takes too long or too much."""

    mode = "rb"

    def __init__(self, file: BinaryIO, give_up_at: float, max_bytes: int) -> None:
        self._file = file
        self._give_up_at = give_up_at
        self._left_bytes = max_bytes

    def read(self, size: int) -> bytes:
        if time.monotonic() > self._give_up_at:
            raise TimeoutError("it took too long to read")
        if self._left_bytes <= 0:
            raise ValueError("its headers never end")
        data = self._file.read(size)
        self._left_bytes -= len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


def _video(track: Any) -> VideoStream:
    return VideoStream(
        codec=_codec(track),
        profile=str(track.format_profile or ""),
        width_px=_int(track.width),
        height_px=_int(track.height),
        fps=_float(track.frame_rate),
        frame_count=_int(track.frame_count),
        chroma=str(track.chroma_subsampling or ""),
        bit_depth=_int(track.bit_depth),
        primaries=str(track.color_primaries or ""),
        transfer=str(track.transfer_characteristics or ""),
        matrix=str(track.matrix_coefficients or ""),
        colour_range=str(track.color_range or ""),
    )


def _audio(track: Any) -> AudioStream:
    return AudioStream(
        codec=_codec(track),
        sample_rate_hz=_int(track.sampling_rate),
        channels=_int(track.channel_s),
        duration_s=_float(track.duration) / 1000,
    )


def _codec(track: Any) -> str:
    name = str(track.format or "").lower()
    return _CODECS.get(name, name)


def _int(value: object) -> int:
    return int(_float(value))


def _float(value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        return 0.0
    return number if math.isfinite(number) else 0.0
