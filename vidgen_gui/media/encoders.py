"""How pictures are encoded: the arguments for x264 and the tags that say what colours mean."""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass

from vidgen_gui.core.quality import FrameSize, Preset

COLOUR_TAGS = (
    *("-color_range", "tv"),
    *("-colorspace", "bt709"),
    *("-color_primaries", "bt709"),
    *("-color_trc", "bt709"),
)
"""Frames are made as BT.709 limited range; said of the input too, so that nothing converts."""

KEYFRAME_EVERY_S = 10
"""Each key frame redraws the picture's grain, which is seen as a pulse when nothing hides it:
scenes begin with one, inside their crossfade, and only longer ones get more."""

MAX_THREADS = 8
"""Each of x264's frame threads holds frames: at 1440 x 2560 eight take 680 MB, twelve 800."""


@dataclass(frozen=True, slots=True)
class VideoEncoder:
    """An encoder ready to be put on FFmpeg's command line."""

    name: str
    arguments: tuple[str, ...]


def x264(preset: Preset, fps: int, cores: int | None = None) -> VideoEncoder:
    """H.264 High, 4:2:0, at the quality's own CRF and speed.

    No B-frames: they blur the grain of a still that hardly moves, so that it flickers between
    them and their neighbours (its sharpness jumps by 4 % from frame to frame, without by 0.3 %).

    Args:
        cores: how many processors there are; asked of the system when not given.
    """
    threads = min(MAX_THREADS, math.ceil(1.5 * (cores or os.cpu_count() or 1)))
    arguments = [
        *("-c:v", "libx264", "-preset", preset.encoder_preset, "-crf", str(preset.crf)),
        *("-profile:v", "high", "-pix_fmt", "yuv420p", "-bf", "0"),
        *("-g", str(KEYFRAME_EVERY_S * fps)),
        *("-threads", str(threads)),
        *COLOUR_TAGS,
        *("-chroma_sample_location", "left"),
    ]
    return VideoEncoder("libx264", tuple(arguments))


def raw_input(size: FrameSize, fps: int, source: str = "pipe:0") -> list[str]:
    """Read raw yuv420p frames as the compositor makes them."""
    return [
        *("-f", "rawvideo", "-pixel_format", "yuv420p"),
        *("-video_size", f"{size.width_px}x{size.height_px}", "-framerate", str(fps)),
        *COLOUR_TAGS,
        *("-i", source),
    ]


def key_frames(frame_numbers: Sequence[int], fps: int) -> list[str]:
    """Ask for key frames at these places, beside those that the encoder wants anyway."""
    # FFmpeg takes the first frame at or after a time: half a frame early is that very frame.
    times_s = ",".join(f"{(number - 0.5) / fps:.4f}" for number in frame_numbers)
    return ["-force_key_frames", times_s] if times_s else []


def mp4_output(encoder: Sequence[str], output: str, *, sound: bool) -> list[str]:
    """Put encoded frames, and sound that is already AAC, into an MP4 that can be streamed."""
    streams = ["-map", "0:v:0", *(("-map", "1:a:0", "-c:a", "copy") if sound else ())]
    return [*streams, *encoder, "-movflags", "+faststart", "-f", "mp4", output]
