"""The worker process that turns timed words into caption pictures and their index."""

import json
import math
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vidgen_gui.core.events import Progress
from vidgen_gui.core.job import CaptionStyle
from vidgen_gui.core.quality import Aspect, FrameSize
from vidgen_gui.core.script import WordTiming
from vidgen_gui.media import fonts
from vidgen_gui.media.captions.frames import CaptionState, plan_states
from vidgen_gui.media.captions.layout import Page, lay_out_scene
from vidgen_gui.media.captions.painter import CaptionPainter, Picture
from vidgen_gui.media.captions.shaping import start_qt
from vidgen_gui.media.captions.subtitles import write_srt
from vidgen_gui.system.files import atomic_write_text, storage_errors
from vidgen_gui.system.worker_protocol import Handler

INDEX_NAME = "captions.json"


@dataclass(frozen=True, slots=True)
class CaptionRequest:
    """What to draw. ``scenes``: each scene's words in video time; ``srt``: also write this."""

    scenes: Sequence[Sequence[WordTiming]]
    scene_end_frames: Sequence[int] | None
    fps: float
    frame_count: int
    size: FrameSize
    aspect: Aspect
    style: CaptionStyle
    out_dir: Path
    srt: Path | None = None

    def to_dict(self) -> dict[str, Any]:
        return {
            "words": [[[w.text, w.start_s, w.end_s] for w in scene] for scene in self.scenes],
            "scene_end_frames": self.scene_end_frames and list(self.scene_end_frames),
            "fps": self.fps,
            "frame_count": self.frame_count,
            "width_px": self.size.width_px,
            "height_px": self.size.height_px,
            "aspect": self.aspect.value,
            "style": self.style.value,
            "out_dir": str(self.out_dir),
            "srt": str(self.srt) if self.srt else None,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "CaptionRequest":
        """Rebuild what `to_dict` made; KeyError, TypeError or ValueError for anything else."""
        srt = data.get("srt")
        request = cls(
            scenes=[
                [WordTiming(str(text), float(start), float(end)) for text, start, end in scene]
                for scene in data["words"]
            ],
            scene_end_frames=data.get("scene_end_frames"),
            fps=float(data["fps"]),
            frame_count=int(data["frame_count"]),
            size=FrameSize(int(data["width_px"]), int(data["height_px"])),
            aspect=Aspect(data["aspect"]),
            style=CaptionStyle(data["style"]),
            out_dir=Path(data["out_dir"]),
            srt=Path(srt) if srt else None,
        )
        times = [t for scene in request.scenes for w in scene for t in (w.start_s, w.end_s)]
        if not all(map(math.isfinite, times)) or request.fps <= 0:
            raise ValueError("times and rate must be finite, the rate positive")
        return request


def make_handler() -> Handler:
    """Start Qt's text engine; fonts are loaded when a text first needs them."""
    start_qt()
    return _handle


def _handle(data: Mapping[str, Any]) -> Generator[Progress, None, Mapping[str, Any]]:
    """Draw all pictures into ``out_dir``; the index lists them in drawing order.

    A page's unlit picture lies under the picture of its lit token: entries overlap in time,
    and a later entry lies above an earlier one.

    Raises:
        StorageError: disk full or folder not writable.
    """
    request = CaptionRequest.from_dict(data)
    text = " ".join(word.text for scene in request.scenes for word in scene)
    painter = CaptionPainter(request.style, request.size, request.aspect, fonts.cjk_region(text))
    scenes = [lay_out_scene(s, painter.measure, painter.limits) for s in request.scenes]
    pages = [page for scene in scenes for page in scene]
    states = plan_states(scenes, request.fps, request.frame_count, request.scene_end_frames)
    entries: list[dict[str, Any]] = []
    for number, of_page in enumerate(_by_page(states, len(pages))):
        entries += _draw_page(painter, pages[number], of_page, request.out_dir, len(entries))
        yield Progress((number + 1) / len(pages))
    if request.srt is not None:
        write_srt(request.srt, pages, states, request.fps)
    atomic_write_text(request.out_dir / INDEX_NAME, json.dumps(entries))
    missing = list(fonts.undrawable(text))
    return {"index": INDEX_NAME, "states": len(states), "missing": missing}


def _by_page(states: Sequence[CaptionState], page_count: int) -> list[list[CaptionState]]:
    found: list[list[CaptionState]] = [[] for _ in range(page_count)]
    for state in states:
        found[state.page].append(state)
    return found


def _draw_page(
    painter: CaptionPainter,
    page: Page,
    states: Sequence[CaptionState],
    folder: Path,
    number: int,
) -> list[dict[str, Any]]:
    """Draw one page's pictures; their files are numbered on from ``number``."""
    if not states:
        return []
    drawing = painter.draw(page)
    spans = [(states[0].first_frame, states[-1].end_frame)]
    spans += [(state.first_frame, state.end_frame) for state in states]
    pictures: list[Picture] = [drawing.unlit(), *(drawing.lit(state.token) for state in states)]
    entries = []
    for index, (picture, span) in enumerate(zip(pictures, spans, strict=True)):
        path = folder / f"{number + index:05}.npy"
        with storage_errors(path):
            np.save(path, picture.pixels, allow_pickle=False)
        entries.append(
            {
                "first_frame": span[0],
                "end_frame": span[1],
                "x_px": picture.x_px,
                "y_px": picture.y_px,
                "file": path.name,
            }
        )
    return entries
