"""Whole videos for tests: made by the app's own session, then looked at frame by frame."""

import subprocess
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from vidgen_gui.core.events import Event, JobFailed, JobFinished
from vidgen_gui.core.job import JobSpec
from vidgen_gui.core.quality import FrameSize
from vidgen_gui.core.safe_zone import Box
from vidgen_gui.core.settings import Settings
from vidgen_gui.media.ffmpeg import find_ffmpeg
from vidgen_gui.pipeline.session import Session
from vidgen_gui.system.paths import AppPaths

Rgb = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.uint8]
DEADLINE_S = 280.0
CAPTION_DIFFERENCE = 48
"""What two encodings of one frame never differ by, and a caption's letters do."""


def make_videos(home: Path, specs: Sequence[JobSpec]) -> list[Path]:
    """Make all of ``specs`` in one session, as the app does; returns their videos in order."""
    ended = threading.Event()
    videos: dict[str, Path] = {}
    failures: list[object] = []

    def take(event: Event) -> None:
        if isinstance(event, JobFinished):
            videos[event.job_id] = Path(event.video_path)
        elif isinstance(event, JobFailed):
            failures.append(event.reason)
        if failures or len(videos) == len(specs):
            ended.set()

    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(2) as pool:
        patch.setenv("VIDGEN_HOME", str(home))
        paths = AppPaths.find()
        paths.create()
        session = Session(paths, Settings(), submit=pool.submit, emit=take)
        try:
            jobs = session.submit(specs)
            assert ended.wait(DEADLINE_S), "the videos took too long"
        finally:
            session.close()
    assert failures == []
    return [videos[job.id] for job in jobs]


def frames(
    video: Path, size: FrameSize, *, box: Box | None = None, every: int = 1
) -> Iterator[Rgb]:
    """Decoded frames (h, w, 3), every ``every``-th, only the part in ``box`` if given."""
    box = box or Box(0, 0, size.width_px, size.height_px)
    crop = f"crop={box.width_px}:{box.height_px}:{box.left_px}:{box.top_px}"
    command = [str(find_ffmpeg()), "-v", "error", "-i", str(video), "-vf"]
    command += [f"select='not(mod(n,{every}))',{crop}", "-fps_mode", "passthrough"]
    command += ["-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    length = box.width_px * box.height_px * 3
    with subprocess.Popen(command, stdout=subprocess.PIPE) as decoder:
        assert decoder.stdout is not None
        while len(data := decoder.stdout.read(length)) == length:
            yield np.frombuffer(data, np.uint8).reshape(box.height_px, box.width_px, 3)
    assert decoder.returncode == 0


def caption_mask(shown: Rgb, clean: Rgb) -> Mask:
    """Where a frame differs from the same one without captions: 1, else 0; specks left out."""
    differs = cv2.absdiff(shown, clean).max(axis=2) > CAPTION_DIFFERENCE
    return np.asarray(cv2.erode(differs.astype(np.uint8), np.ones((2, 2), np.uint8)), np.uint8)


def accent_mask(shown: Rgb, clean: Rgb, colour: tuple[int, int, int]) -> npt.NDArray[np.bool_]:
    """Where a frame has a caption's highlight colour and its clean twin does not."""
    away = cv2.absdiff(shown, np.full_like(shown, colour)).max(axis=2)
    differs = cv2.absdiff(shown, clean).max(axis=2) > CAPTION_DIFFERENCE
    return np.asarray((away < 60) & differs)
