"""Brings a picture to an exact size: scaled until it covers, the rest cut off evenly."""

from pathlib import Path

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.quality import FrameSize
from vidgen_gui.media.ffmpeg import run_ffmpeg

DEADLINE_S = 120.0


def fit_picture(
    ffmpeg: Path, source: Path, target: Path, size: FrameSize, cancel: CancelToken
) -> None:
    """Write ``source`` to ``target``, an eight-bit RGB PNG of exactly ``size``.

    Raises:
        ProgramError: FFmpeg cannot read it.
        Cancelled: the token was set.
    """
    width, height = size.width_px, size.height_px
    scale = f"scale={width}:{height}:force_original_aspect_ratio=increase:flags=lanczos"
    arguments = [
        *("-i", f"file:{source}"),
        *("-vf", f"{scale},crop={width}:{height},format=rgb24"),
        *("-frames:v", "1", "-y", f"file:{target}"),
    ]
    run_ffmpeg(ffmpeg, arguments, deadline_s=DEADLINE_S, cancel=cancel)
