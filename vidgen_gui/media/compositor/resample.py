"""Reading a plane at sub-pixel positions, fast: `cv2.resize` made to start anywhere.

`cv2.resize` scales in two one-dimensional passes, the bicubic twice as fast as a
bilinear `cv2.warpAffine`, but begins at whole pixels. Its output pixel ``i`` lies at source
position ``(i + 0.5) * scale - 0.5``, so that leaving out the first ``k`` output pixels starts the
rest at ``k * scale``: for a scale that is not whole, some small ``k`` comes as close to any
wanted fraction as the eye can ask.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.uint8]

PAD_PX = 64
"""Border that `pad` adds, so that the skipped pixels have something to be read from."""
_MIN_SKIP = 2
_MAX_SKIP = 48
_CLOSE_ENOUGH_PX = 0.012
_TAIL_PX = 3


@dataclass(frozen=True, slots=True)
class _Cut:
    """One axis: read ``length`` pixels from ``origin``, leave out the first ``skip`` results."""

    origin: int
    length: int
    scale: float
    skip: int
    produced: int


def pad(plane: Plane) -> Plane:
    """The plane with the border that `Resampler` expects around it."""
    return np.asarray(
        cv2.copyMakeBorder(plane, PAD_PX, PAD_PX, PAD_PX, PAD_PX, cv2.BORDER_REFLECT_101),
        np.uint8,
    )


def _cut(offset_px: float, scale: float, count: int) -> _Cut:
    """Where to read so that result ``i`` lies at ``offset_px + (i + 0.5) * scale - 0.5``."""
    best_error, best_skip = math.inf, _MIN_SKIP
    for skip in range(_MIN_SKIP, _MAX_SKIP + 1):
        exact = offset_px - skip * scale
        error = abs(exact - round(exact))
        if error < best_error:
            best_error, best_skip = error, skip
            if error <= _CLOSE_ENOUGH_PX:
                break
    exact = offset_px - best_skip * scale
    origin = round(exact)
    # What is left over goes into the scale, so that the middle of the frame is exactly right.
    scale += (exact - origin) / (best_skip + count / 2)
    length = math.ceil((best_skip + count) * scale) + _TAIL_PX
    return _Cut(origin + PAD_PX, length, scale, best_skip, round(length / scale))


class Resampler:
    """Fills planes of one size; its scratch memory is reused from call to call."""

    def __init__(self, width_px: int, height_px: int, interpolation: int = cv2.INTER_CUBIC) -> None:
        self._width_px = width_px
        self._height_px = height_px
        self._interpolation = interpolation
        margin = _MAX_SKIP + _TAIL_PX + 2
        self._scratch = np.empty((height_px + margin) * (width_px + margin), np.uint8)

    def fill(
        self,
        targets: Sequence[tuple[Plane, Plane]],
        left_px: float,
        top_px: float,
        scale: float,
    ) -> None:
        """Sample padded planes so that ``out[y, x]`` lies at ``left + (x+½)·scale - ½`` (so in y).

        Args:
            targets: pairs of ``out`` (height x width, uint8; the size this resampler was made
                for) and the plane it is read from, as `pad` made it.
            scale: source pixels to a result pixel, above 1 and below 2.

        Positions are in the plane without its border and may reach a few pixels outside.
        """
        across = _cut(left_px, scale, self._width_px)
        down = _cut(top_px, scale, self._height_px)
        for out, padded in targets:
            self._fill_one(out, padded, across, down)

    def _fill_one(self, out: Plane, padded: Plane, across: _Cut, down: _Cut) -> None:
        window = padded[
            down.origin : down.origin + down.length, across.origin : across.origin + across.length
        ]
        if window.shape != (down.length, across.length):
            raise ValueError(f"view outside the picture: {across}, {down}")
        room = self._scratch[: down.produced * across.produced]
        # Where a side lies on the edge between two numbers of pixels, OpenCV may round to the
        # other one; it leaves the room as it is then and answers with memory of its own.
        made = cv2.resize(
            window,
            None,
            dst=room.reshape(down.produced, across.produced),
            fx=1 / across.scale,
            fy=1 / down.scale,
            interpolation=self._interpolation,
        )
        np.copyto(
            out,
            made[
                down.skip : down.skip + self._height_px, across.skip : across.skip + self._width_px
            ],
        )
