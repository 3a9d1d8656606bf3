"""Pictures and frames as BT.709 limited-range 4:2:0 planes.

Chroma of frames is sited as H.264 assumes it: on even luma columns, between luma rows. Chroma of
pictures lies in the middle of its four luma pixels; moving over a picture accounts for both.
"""

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from vidgen_gui.core.errors import MediaError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.quality import FrameSize
from vidgen_gui.media.compositor.resample import Plane, Resampler, pad
from vidgen_gui.media.motion import View

# ITU-R BT.709: luma weights, and the 8-bit limited ranges 16…235 and 16…240.
_KR, _KB = 0.2126, 0.0722
_KG = 1 - _KR - _KB
_Y_SPAN, _C_SPAN = 219 / 255, 224 / 255
Y_BLACK, C_NEUTRAL = 16, 128


def _chroma(red: float, green: float, blue: float, divisor: float) -> list[float]:
    return [_C_SPAN * value / divisor for value in (red, green, blue)]


Y_WEIGHTS = np.array([_Y_SPAN * _KR, _Y_SPAN * _KG, _Y_SPAN * _KB])
"""Contribution of R, G, B (0…255) to Y above `Y_BLACK`."""
U_WEIGHTS = np.array(_chroma(-_KR, -_KG, 1 - _KB, 2 * (1 - _KB)))
"""Contribution of R, G, B (0…255) to Cb around `C_NEUTRAL`."""
V_WEIGHTS = np.array(_chroma(1 - _KR, -_KG, -_KB, 2 * (1 - _KR)))
"""Contribution of R, G, B (0…255) to Cr around `C_NEUTRAL`."""


class Frame:
    """One yuv420p frame in a single block of memory, as FFmpeg reads it from a pipe."""

    __slots__ = ("block", "u", "v", "y")

    def __init__(self, size: FrameSize) -> None:
        width, height = size.width_px, size.height_px
        luma, chroma = width * height, width * height // 4
        self.block = np.empty(luma + 2 * chroma, np.uint8)
        self.y = self.block[:luma].reshape(height, width)
        self.u = self.block[luma : luma + chroma].reshape(height // 2, width // 2)
        self.v = self.block[luma + chroma :].reshape(height // 2, width // 2)

    def blend_over(self, other: "Frame", weight: float) -> None:
        """Mix ``other`` in: ``weight`` 1 is all of it."""
        cv2.addWeighted(other.block, weight, self.block, 1 - weight, 0, dst=self.block)

    def dim(self, level: float) -> None:
        """Towards black: ``level`` 1 changes nothing, 0 is black."""
        for plane, rest in ((self.y, Y_BLACK), (self.u, C_NEUTRAL), (self.v, C_NEUTRAL)):
            cv2.convertScaleAbs(plane, dst=plane, alpha=level, beta=rest * (1 - level))


class StillPicture:
    """A scene's picture as padded planes, ready to be moved over."""

    __slots__ = ("_u", "_v", "_y")

    def __init__(self, bgr: npt.NDArray[np.uint8]) -> None:
        self._y = pad(_weighted(bgr, Y_WEIGHTS, Y_BLACK))
        height, width = bgr.shape[:2]
        # Averages of four pixels; colours mix the same before and after a linear conversion.
        half_size = (width // 2, height // 2)
        half = np.asarray(cv2.resize(bgr, half_size, interpolation=cv2.INTER_AREA), np.uint8)
        self._u = pad(_weighted(half, U_WEIGHTS, C_NEUTRAL))
        self._v = pad(_weighted(half, V_WEIGHTS, C_NEUTRAL))

    def draw(self, view: View, frame: Frame, luma: Resampler, chroma: Resampler) -> None:
        """Show the part of the picture under ``view``."""
        scale = view.scale
        luma.fill([(frame.y, self._y)], view.left_px, view.top_px, scale)
        # Frame chroma c lies at luma column 2c and row 2c + ½, picture chroma at 2c + ½ in both.
        left, top = view.left_px / 2 - scale / 4, view.top_px / 2
        chroma.fill([(frame.u, self._u), (frame.v, self._v)], left, top, scale)


def _weighted(bgr: npt.NDArray[np.uint8], weights: npt.NDArray[np.float64], base: int) -> Plane:
    matrix = np.append(weights[::-1], base)[np.newaxis]
    return np.asarray(cv2.transform(bgr, matrix), np.uint8)


def load_picture(path: Path, size: FrameSize) -> StillPicture:
    """Read a picture file; one of another size is scaled and cropped to fill ``size``.

    Raises:
        MediaError: it cannot be read as a picture.
    """
    try:
        encoded = np.fromfile(path, np.uint8)
    except OSError as error:
        raise MediaError(MessageId.PICTURE_INVALID, detail=str(error), file=path.name) from error
    # Not cv2.imread, which cannot open every Unicode path on Windows.
    bgr = cv2.imdecode(encoded, cv2.IMREAD_COLOR) if encoded.size else None
    if bgr is None:
        raise MediaError(MessageId.PICTURE_INVALID, file=path.name)
    return StillPicture(_filling(np.asarray(bgr, np.uint8), size))


def _filling(bgr: npt.NDArray[np.uint8], size: FrameSize) -> npt.NDArray[np.uint8]:
    height, width = bgr.shape[:2]
    if (width, height) == (size.width_px, size.height_px):
        return bgr
    ratio = max(size.width_px / width, size.height_px / height)
    scaled = (max(size.width_px, round(width * ratio)), max(size.height_px, round(height * ratio)))
    method = cv2.INTER_AREA if ratio < 1 else cv2.INTER_CUBIC
    resized = np.asarray(cv2.resize(bgr, scaled, interpolation=method), np.uint8)
    left, top = (scaled[0] - size.width_px) // 2, (scaled[1] - size.height_px) // 2
    return resized[top : top + size.height_px, left : left + size.width_px]
