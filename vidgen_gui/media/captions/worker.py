"""The worker process that turns timed words into caption pictures and their index."""

import functools
import json
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vidgen_gui.core.events import Progress
from vidgen_gui.core.text import clean_text
from vidgen_gui.media import fonts
from vidgen_gui.media.captions.frames import CaptionState, plan_states
from vidgen_gui.media.captions.layout import Page, lay_out_scene
from vidgen_gui.media.captions.request import CaptionRequest
from vidgen_gui.media.captions.sample import draw_samples
from vidgen_gui.media.captions.subtitles import write_srt
from vidgen_gui.system.files import atomic_write_text, storage_errors
from vidgen_gui.system.worker_protocol import Handler

if TYPE_CHECKING:
    from vidgen_gui.media.captions.painter import CaptionPainter

INDEX_NAME = "captions.json"


def make_handler() -> Handler:
    """Start Qt's text engine; fonts are loaded when a text first needs them."""
    # Only the worker process may load Qt, not whoever imports this module.
    from vidgen_gui.media.captions.painter import CaptionPainter  # noqa: PLC0415
    from vidgen_gui.media.captions.shaping import start_qt  # noqa: PLC0415

    start_qt()
    return functools.partial(_handle, CaptionPainter)


def _handle(
    new_painter: "type[CaptionPainter]", data: Mapping[str, Any]
) -> Generator[Progress, None, Mapping[str, Any]]:
    if "sample_text" in data:
        return draw_samples(data)
    return _draw_video(new_painter, data)


def _draw_video(
    new_painter: "type[CaptionPainter]", data: Mapping[str, Any]
) -> Generator[Progress, None, Mapping[str, Any]]:
    """Draw all pictures into ``out_dir``; the index lists them in drawing order.

    A page's unlit picture lies under the picture of its lit token: entries overlap in time,
    and a later entry lies above an earlier one.

    Raises:
        StorageError: disk full or folder not writable.
    """
    request = CaptionRequest.from_dict(data)
    text = " ".join(word.text for scene in request.scenes for word in scene)
    painter = new_painter(request.style, request.size, request.aspect, fonts.cjk_region(text))
    scenes = [
        lay_out_scene(scene, painter.measure, painter.limits, request.language)
        for scene in request.scenes
    ]
    pages = [page for scene in scenes for page in scene]
    states = plan_states(scenes, request.fps, request.frame_count, request.scene_end_frames)
    entries: list[dict[str, Any]] = []
    for number, of_page in enumerate(_by_page(states, len(pages))):
        entries += _draw_page(painter, pages[number], of_page, request.out_dir, len(entries))
        yield Progress((number + 1) / len(pages))
    if request.srt is not None:
        write_srt(request.srt, pages, states, request.fps)
    atomic_write_text(request.out_dir / INDEX_NAME, json.dumps(entries))
    missing = list(fonts.undrawable(clean_text(text)))
    return {"index": INDEX_NAME, "states": len(states), "missing": missing}


def _by_page(states: Sequence[CaptionState], page_count: int) -> list[list[CaptionState]]:
    found: list[list[CaptionState]] = [[] for _ in range(page_count)]
    for state in states:
        found[state.page].append(state)
    return found


def _draw_page(
    painter: "CaptionPainter",
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
    pictures = [drawing.unlit(), *(drawing.lit(state.token) for state in states)]
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
