"""Captions over frames: each state's picture is turned into planes once, then mixed in its box.

What captions look like and when they change was decided before; see the index they come with.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from vidgen_gui.core.quality import FrameSize
from vidgen_gui.media.compositor.planes import (
    C_NEUTRAL,
    U_WEIGHTS,
    V_WEIGHTS,
    Y_BLACK,
    Y_WEIGHTS,
    Frame,
)
from vidgen_gui.media.compositor.resample import Plane


@dataclass(frozen=True, slots=True)
class CaptionState:
    """One picture that lies over the frames ``first_frame`` to ``end_frame`` (half-open).

    ``file`` is a ``.npy`` array, height x width x 4, uint8, RGBA premultiplied by alpha.
    """

    first_frame: int
    end_frame: int
    x_px: int
    y_px: int
    file: Path


def read_index(index: Path) -> list[CaptionState]:
    """The states of a caption index, in drawing order; files lie beside the index."""
    entries = json.loads(index.read_text(encoding="utf-8"))
    return [
        CaptionState(
            int(entry["first_frame"]),
            int(entry["end_frame"]),
            int(entry["x_px"]),
            int(entry["y_px"]),
            index.parent / entry["file"],
        )
        for entry in entries
    ]


class _Layer:
    """What one plane keeps of the frame (0…255) and what is added to it."""

    __slots__ = ("_added", "_kept", "_mixed")

    def __init__(
        self, rgba: npt.NDArray[np.uint8], weights: npt.NDArray[np.float64], base: int
    ) -> None:
        # Premultiplied colours stay premultiplied: the plane's zero level goes with alpha.
        self._added = cv2.transform(rgba, np.append(weights, base / 255)[np.newaxis])
        self._kept = 255 - rgba[..., 3]
        self._mixed = np.empty_like(self._kept)

    def mix(self, plane: Plane, left: int, top: int) -> None:
        height, width = self._kept.shape
        box = plane[top : top + height, left : left + width]
        cv2.multiply(box, self._kept, dst=self._mixed, scale=1 / 255)
        cv2.add(self._mixed, self._added, dst=box)


class CaptionOverlay:
    """One state as planes. The box is widened to even pixels, where chroma samples lie."""

    __slots__ = ("_left", "_top", "_u", "_v", "_y")

    def __init__(self, rgba: npt.NDArray[np.uint8], x_px: int, y_px: int, size: FrameSize) -> None:
        height, width = rgba.shape[:2]
        inside = x_px >= 0 and y_px >= 0
        if not inside or x_px + width > size.width_px or y_px + height > size.height_px:
            raise ValueError(f"caption outside the frame: {width}×{height} at {x_px}, {y_px}")
        left, top = x_px % 2, y_px % 2
        whole = np.pad(rgba, ((top, (top + height) % 2), (left, (left + width) % 2), (0, 0)))
        self._left, self._top = x_px - left, y_px - top
        # Chroma sits on even columns and between rows: 1-2-1 across, the mean of two down.
        across, down = np.array([0.25, 0.5, 0.25]), np.array([0.5, 0.5])
        blurred = cv2.sepFilter2D(
            whole, -1, across, down, anchor=(1, 0), borderType=cv2.BORDER_REPLICATE
        )
        half = np.ascontiguousarray(blurred[::2, ::2], np.uint8)
        self._y = _Layer(whole, Y_WEIGHTS, Y_BLACK)
        self._u = _Layer(half, U_WEIGHTS, C_NEUTRAL)
        self._v = _Layer(half, V_WEIGHTS, C_NEUTRAL)

    def draw(self, frame: Frame) -> None:
        """Mix the caption into the frame."""
        self._y.mix(frame.y, self._left, self._top)
        self._u.mix(frame.u, self._left // 2, self._top // 2)
        self._v.mix(frame.v, self._left // 2, self._top // 2)


class CaptionTrack:
    """Draws whatever states are due, each above those before it in the list.

    Frames are asked for in rising order.
    """

    def __init__(self, states: list[CaptionState], size: FrameSize) -> None:
        layers = enumerate(states)
        self._waiting = sorted(layers, key=lambda entry: entry[1].first_frame, reverse=True)
        self._size = size
        self._shown: list[tuple[int, int, CaptionOverlay]] = []

    def draw(self, frame_number: int, frame: Frame) -> None:
        """Mix the captions of this frame in.

        Raises:
            OSError, ValueError: a state's file is missing or not what it should be.
        """
        while self._waiting and self._waiting[-1][1].first_frame <= frame_number:
            layer, state = self._waiting.pop()
            if state.end_frame > frame_number:
                self._shown.append((layer, state.end_frame, self._overlay(state)))
                self._shown.sort(key=lambda shown: shown[0])
        self._shown = [shown for shown in self._shown if shown[1] > frame_number]
        for _, _, overlay in self._shown:
            overlay.draw(frame)

    def _overlay(self, state: CaptionState) -> CaptionOverlay:
        rgba = np.load(state.file, allow_pickle=False)
        if rgba.ndim != 3 or rgba.shape[2] != 4 or rgba.dtype != np.uint8:
            raise ValueError(f"{state.file.name} is no RGBA picture")
        return CaptionOverlay(rgba, state.x_px, state.y_px, self._size)
