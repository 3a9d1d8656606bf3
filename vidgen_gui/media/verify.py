"""Is a finished video what was planned? Only then does it get its final name.

Also cuts its thumbnail, the first look at what was really encoded.
"""

import io
import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import MediaError, VidgenError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.minima import SUSPECT_VIDEO_BYTES, FileKind
from vidgen_gui.core.quality import FrameSize
from vidgen_gui.media.ffmpeg import run_ffmpeg
from vidgen_gui.media.probe import MediaFacts, invalid, probe

DURATION_TOLERANCE_S = 0.1
THUMBNAIL_AT_S = 1.2
THUMBNAIL_SHORT_SIDE_PX = 540
_LOOK_DEADLINE_S = 120.0
_LOOK_FRAMES = 3
_BOX_HEADER = struct.Struct(">I4s")
_LONG_SIZE_BYTES = 8


@dataclass(frozen=True, slots=True)
class ExpectedVideo:
    """What the plan promised."""

    size: FrameSize
    fps: int
    frame_count: int

    @property
    def duration_s(self) -> float:
        return self.frame_count / self.fps


def verify_video(
    path: Path, expected: ExpectedVideo, ffmpeg: Path, cancel: CancelToken
) -> MediaFacts:
    """Check a finished MP4 from the outside in: container, streams, length, then its content.

    All of the sound and some frames at the start, middle and end are decoded; a suspiciously
    small file is decoded whole.

    Raises:
        MediaError: VIDEO_INVALID, saying in what it differs.
        ProgramError: FFmpeg could not be run.
        Cancelled: on cancel.
    """
    _check_boxes(path)
    facts = probe(path, FileKind.VIDEO)
    differences = list(_differences(facts, expected))
    if differences:
        raise invalid(path, FileKind.VIDEO, "; ".join(differences))
    whole = facts.size_bytes < SUSPECT_VIDEO_BYTES
    spots = [0.0] if whole else [0.0, expected.duration_s / 2, max(0.0, expected.duration_s - 0.5)]
    for spot_s in spots:
        _decode(path, spot_s, ffmpeg, cancel, whole=whole)
    return facts


def _differences(facts: MediaFacts, expected: ExpectedVideo) -> Iterator[str]:
    if len(facts.videos) != 1 or len(facts.audios) != 1:
        yield f"{len(facts.videos)} pictures and {len(facts.audios)} sound streams"
        return
    video, audio = facts.videos[0], facts.audios[0]
    size = FrameSize(video.width_px, video.height_px)
    colours = (video.primaries, video.transfer, video.matrix, video.colour_range)
    named = {
        "codec": (video.codec, "h264"),
        "size": (str(size), str(expected.size)),
        "pixels": (f"{video.chroma} {video.bit_depth}-bit", "4:2:0 8-bit"),
        "colours": (colours, ("BT.709", "BT.709", "BT.709", "Limited")),
        "frames": (video.frame_count, expected.frame_count),
        "sound": (audio.codec, "aac"),
    }
    for name, (found, wanted) in named.items():
        if found != wanted:
            yield f"{name} {found} instead of {wanted}"
    if not video.profile.startswith("High"):
        yield f"profile {video.profile} instead of High"
    for name, seconds in (("length", facts.duration_s), ("sound's length", audio.duration_s)):
        if not math.isclose(seconds, expected.duration_s, abs_tol=DURATION_TOLERANCE_S):
            yield f"{name} {seconds:.2f} s instead of {expected.duration_s:.2f} s"


def _check_boxes(path: Path) -> None:
    """Walk the MP4's top-level boxes: they must fill the file exactly, the index first.

    A file that was cut short keeps headers that promise all of it.
    """
    try:
        with path.open("rb") as file:
            boxes = list(_boxes(file))
            length = file.seek(0, io.SEEK_END)
    except (OSError, ValueError) as error:
        raise invalid(path, FileKind.VIDEO, str(error)) from error
    kinds = [kind for kind, _ in boxes]
    if kinds[:1] != [b"ftyp"] or b"moov" not in kinds or b"mdat" not in kinds:
        raise invalid(path, FileKind.VIDEO, "not a complete MP4")
    if boxes[-1][1] != length:
        raise invalid(path, FileKind.VIDEO, f"{length} bytes of {boxes[-1][1]}")
    if kinds.index(b"moov") > kinds.index(b"mdat"):
        raise invalid(path, FileKind.VIDEO, "its index comes last")


def _boxes(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Kind and end position of each top-level box (ISO/IEC 14496-12, 4.2)."""
    position = 0
    while header := file.read(_BOX_HEADER.size):
        if len(header) < _BOX_HEADER.size:
            raise ValueError("it ends within a header")
        size, kind = _BOX_HEADER.unpack(header)
        if size == 1:
            size = int.from_bytes(file.read(_LONG_SIZE_BYTES))
        if size < _BOX_HEADER.size:
            raise ValueError(f"a box of {size} bytes")
        position += size
        yield kind, position
        file.seek(position)


def _decode(path: Path, at_s: float, ffmpeg: Path, cancel: CancelToken, *, whole: bool) -> None:
    strict = ["-xerror", "-err_detect", "explode"]
    frames = [] if whole else ["-frames:v", str(_LOOK_FRAMES)]
    sound = ["-map", "0:a:0"] if at_s == 0 else []
    arguments = [
        *strict,
        *("-ss", f"{at_s:.3f}", "-i", str(path)),
        *("-map", "0:v:0", *frames, *sound, "-f", "null", "-"),
    ]
    try:
        run_ffmpeg(ffmpeg, arguments, deadline_s=_LOOK_DEADLINE_S, cancel=cancel)
    except VidgenError as error:
        if error.message.id is not MessageId.FFMPEG_FAILED:
            raise
        words = f"it cannot be played at {at_s:.0f} s"
        raise MediaError(
            MessageId.VIDEO_INVALID, detail=error.detail, file=path.name, words=words
        ) from error


def write_thumbnail(
    video: Path, thumbnail: Path, expected: ExpectedVideo, ffmpeg: Path, cancel: CancelToken
) -> None:
    """Save an early frame as a JPEG of at most 540 px on its short side.

    Raises:
        VidgenError: FFmpeg cannot read the video or write the picture.
        Cancelled: on cancel.
    """
    at_s = min(THUMBNAIL_AT_S, expected.duration_s * 0.4)
    share = min(1.0, THUMBNAIL_SHORT_SIDE_PX / expected.size.short_side_px)
    width = 2 * round(expected.size.width_px * share / 2)
    height = 2 * round(expected.size.height_px * share / 2)
    # JPEG is BT.601 full range by its own standard.
    scale = f"scale={width}:{height}:flags=lanczos:in_color_matrix=bt709:out_color_matrix=bt601"
    arguments = [
        *("-ss", f"{at_s:.3f}", "-i", str(video), "-frames:v", "1"),
        *("-vf", f"{scale}:in_range=tv:out_range=pc,format=yuvj420p", "-q:v", "3"),
        *("-f", "image2", "-update", "1", str(thumbnail)),
    ]
    run_ffmpeg(ffmpeg, arguments, deadline_s=_LOOK_DEADLINE_S, cancel=cancel)
