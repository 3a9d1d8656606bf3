"""How much of a colour goes where: fades, glows, and coarse grids read at full resolution."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from vidgen_gui.media.painter.geometry import Floats, Frame
from vidgen_gui.media.painter.noise import smoothstep

_UPSCALE = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP


class Window(NamedTuple):
    """A rectangle of pixels, half open."""

    top: int
    bottom: int
    left: int
    right: int


class View(Protocol):
    """What an amount has to know about the canvas: which part of the frame its pixels show."""

    frame: Frame
    width_px: int
    height_px: int
    scale: float
    left: float
    top: float

    def xs(self, window: Window) -> Floats: ...

    def ys(self, window: Window) -> Floats: ...


class Amount(Protocol):
    """How much of a colour goes where: 0…1, broadcastable to the window's shape."""

    def rows(self, view: View, window: Window) -> Floats: ...


def _read_grid(values: Floats, to_grid: npt.NDArray[np.float64], window: Window) -> Floats:
    size = window.right - window.left, window.bottom - window.top
    border = cv2.BORDER_REPLICATE
    read = cv2.warpAffine(values, to_grid, size, flags=_UPSCALE, borderMode=border)
    return np.asarray(read, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Field:
    """Values on a coarse grid that covers the whole frame, read with linear interpolation."""

    values: Floats

    def rows(self, view: View, window: Window) -> Floats:
        rows, cols = self.values.shape
        per_x, per_y = cols / view.frame.width, rows / view.frame.height
        first_x = view.left + (window.left + 0.5) / view.scale
        first_y = view.top + (window.top + 0.5) / view.scale
        to_grid = np.array(
            [
                [per_x / view.scale, 0, first_x * per_x - 0.5],
                [0, per_y / view.scale, first_y * per_y - 0.5],
            ]
        )
        return _read_grid(self.values, to_grid, window)


@dataclass(frozen=True, slots=True)
class Overlay:
    """Values on a coarse grid that covers what the canvas shows."""

    values: Floats

    def rows(self, view: View, window: Window) -> Floats:
        rows, cols = self.values.shape
        sx, sy = cols / view.width_px, rows / view.height_px
        to_grid = np.array(
            [
                [sx, 0, (window.left + 0.5) * sx - 0.5],
                [0, sy, (window.top + 0.5) * sy - 0.5],
            ]
        )
        return _read_grid(self.values, to_grid, window)


@dataclass(frozen=True, slots=True)
class Cut:
    """A field cut at a level at full resolution: smooth grid, crisp edge."""

    field: Field
    low: float
    high: float

    def rows(self, view: View, window: Window) -> Floats:
        return smoothstep(self.low, self.high, self.field.rows(view, window))


@dataclass(frozen=True, slots=True)
class Fade:
    """A change from top to bottom: (y in units, amount) stops."""

    stops: tuple[tuple[float, float], ...]

    def rows(self, view: View, window: Window) -> Floats:
        places, amounts = zip(*self.stops, strict=True)
        column: Floats = np.interp(view.ys(window), places, amounts).astype(np.float32)[:, None]
        return column


@dataclass(frozen=True, slots=True)
class Glow:
    """Light falling off around a centre: 1 at the centre, a half at about ``radius``."""

    center: tuple[float, float]
    radius: float
    power: float = 2.0
    squash: float = 1.0

    def rows(self, view: View, window: Window) -> Floats:
        xs, ys = view.xs(window), view.ys(window)
        dx2 = ((xs - self.center[0]) / self.radius) ** 2
        dy2 = ((ys - self.center[1]) / (self.radius * self.squash)) ** 2
        distance2 = dx2[None, :] + dy2[:, None]
        value = 1 / (1 + distance2) ** (self.power / 2)
        return np.asarray(value, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Halo:
    """Light that ends: 1 at the centre, 0 from ``radius`` on."""

    center: tuple[float, float]
    radius: float

    def rows(self, view: View, window: Window) -> Floats:
        xs, ys = view.xs(window), view.ys(window)
        dx2 = ((xs - self.center[0]) / self.radius) ** 2
        dy2 = ((ys - self.center[1]) / self.radius) ** 2
        return np.asarray(np.maximum(1 - dx2[None] - dy2[:, None], 0) ** 2, dtype=np.float32)
