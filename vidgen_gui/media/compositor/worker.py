"""The worker that makes the video: draws frames and has FFmpeg encode them, in one pass."""

import time
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import cv2

from vidgen_gui.core.events import Progress
from vidgen_gui.media.compositor.feed import FrameFeed
from vidgen_gui.media.compositor.frames import FrameComposer
from vidgen_gui.media.compositor.plan import Composition
from vidgen_gui.media.encoders import key_frames, mp4_output, raw_input
from vidgen_gui.media.ffmpeg import ffmpeg_command, ffmpeg_missing
from vidgen_gui.system.worker_protocol import Handler

_PROGRESS_EVERY_S = 0.2


def make_handler() -> Handler:
    """The ``compositor`` worker; see `render` for its request."""
    # The encoder wants the cores; splitting a frame of two milliseconds gains nothing.
    cv2.setNumThreads(1)
    return render


def render(request: Mapping[str, Any]) -> Generator[Progress, None, Mapping[str, Any]]:
    """Make the file ``output`` with the FFmpeg at ``ffmpeg``.

    The request is a `Composition` as JSON values (`Composition.to_request`), and beside it
    ``ffmpeg`` and ``output`` (paths) and ``encoder`` (its arguments). The result tells
    ``frames`` and ``elapsed_s``.

    Raises:
        VidgenError: a picture cannot be read, or FFmpeg is missing, fails, hangs or dies.
    """
    started = time.monotonic()
    composition = Composition.from_request(request)
    ffmpeg, output = Path(request["ffmpeg"]), Path(request["output"])
    command = _command(composition, ffmpeg, output, list(request["encoder"]))
    with (
        ffmpeg_missing(ffmpeg),
        FrameFeed.opened(command, ffmpeg, output, composition.size) as feed,
        FrameComposer.opened(composition) as composer,
    ):
        yield from _draw_all(composition, composer, feed)
        feed.finish()
    return {"frames": composition.frame_count, "elapsed_s": time.monotonic() - started}


def _command(composition: Composition, ffmpeg: Path, output: Path, encoder: list[str]) -> list[str]:
    sound = composition.sound
    arguments = raw_input(composition.size, composition.fps)
    if sound:
        arguments += ["-i", str(sound)]
    middles = [s.first_frame + composition.crossfade_frames // 2 for s in composition.scenes[1:]]
    arguments += key_frames(middles, composition.fps)
    arguments += mp4_output(encoder, str(output), sound=sound is not None)
    return ffmpeg_command(ffmpeg, arguments, progress=False)


def _draw_all(
    composition: Composition, composer: FrameComposer, feed: FrameFeed
) -> Generator[Progress, None, None]:
    told = time.monotonic()
    for number in range(composition.frame_count):
        frame = feed.next_frame()
        composer.draw(number, frame)
        feed.submit(frame)
        if time.monotonic() - told >= _PROGRESS_EVERY_S:
            told = time.monotonic()
            yield Progress(number / composition.frame_count)
