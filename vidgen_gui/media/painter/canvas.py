"""The picture while it is painted: three float planes, worked on in strips of rows.

Shapes are rasterised into eight-bit stencils no larger than their bounds; soft things live
in coarse fields that are scaled up strip by strip. What is painted is not decided here.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from vidgen_gui.media.painter.amounts import Amount, Halo, Window
from vidgen_gui.media.painter.colour import Rgb, gradient
from vidgen_gui.media.painter.geometry import Floats, Frame, Points

STRIP_ROWS = 48
_SHIFT = 4
_FAR_PX = 30_000


class Mode(Enum):
    """How a colour meets what is there."""

    OVER = auto()
    SCREEN = auto()
    ADD = auto()
    MULTIPLY = auto()


@dataclass(frozen=True, slots=True)
class Ramp:
    """A colour that changes from top to bottom: (y in units, colour) stops."""

    stops: tuple[tuple[float, Rgb], ...]


@dataclass(frozen=True, slots=True)
class Marbled:
    """Two colours, mixed by an amount."""

    first: Rgb
    second: Rgb
    amount: Amount


Colour: TypeAlias = Rgb | Ramp | Marbled


class Stencil:
    """An eight-bit picture of a shape inside its bounds; coordinates in units.

    Values below 255 draw it fainter. Lines thinner than a pixel become fainter lines of one.
    """

    def __init__(self, canvas: "Canvas", bounds: tuple[float, float, float, float]) -> None:
        left, top, right, bottom = bounds
        self._scale = canvas.scale
        first, last = canvas.row(top), canvas.row(bottom)
        start = (left - canvas.left) * self._scale
        end = (right - canvas.left) * self._scale
        self.window = Window(
            int(np.clip(np.floor(first) - 2, 0, canvas.height_px)),
            int(np.clip(np.ceil(last) + 2, 0, canvas.height_px)),
            int(np.clip(np.floor(start) - 2, 0, canvas.width_px)),
            int(np.clip(np.ceil(end) + 2, 0, canvas.width_px)),
        )
        self._corner = np.array([canvas.left, canvas.top])
        shape = self.window.bottom - self.window.top, self.window.right - self.window.left
        self.pixels = np.zeros(shape, np.uint8)

    @property
    def is_empty(self) -> bool:
        return self.pixels.size == 0

    def _fixed(self, outline: Points) -> npt.NDArray[np.int32]:
        origin = np.array([self.window.left, self.window.top])
        pixels = (outline - self._corner) * self._scale - 0.5 - origin
        pixels = np.clip(pixels, -_FAR_PX, _FAR_PX)
        return np.asarray(np.round(pixels * (1 << _SHIFT)), np.int32)

    def polygon(self, outline: Points, value: int = 255) -> "Stencil":
        if not self.is_empty:
            cv2.fillPoly(self.pixels, [self._fixed(outline)], value, cv2.LINE_AA, _SHIFT)
        return self

    def circle(self, center: tuple[float, float], radius: float, value: int = 255) -> "Stencil":
        if self.is_empty:
            return self
        at = self._fixed(np.array([center]))[0]
        size = radius * self._scale
        if size < 0.75:
            value, size = max(1, round(value * (size / 0.75) ** 2)), 0.75
        fixed = round(size * (1 << _SHIFT))
        cv2.circle(
            self.pixels, (int(at[0]), int(at[1])), fixed, value, cv2.FILLED, cv2.LINE_AA, _SHIFT
        )
        return self

    def line(
        self, path: Points, width: float, value: int = 255, *, closed: bool = False
    ) -> "Stencil":
        if self.is_empty:
            return self
        width_px = width * self._scale
        if width_px < 1:
            value = max(1, round(value * width_px))
        thickness = max(1, round(width_px))
        fixed = [self._fixed(path)]
        cv2.polylines(self.pixels, fixed, closed, value, thickness, cv2.LINE_AA, _SHIFT)
        return self

    def erase(self, outline: Points) -> "Stencil":
        return self.polygon(outline, 0)

    def softened(self, radius: float) -> "Stencil":
        """Blurred in place by a Gaussian of ``radius`` units (bounds must leave room)."""
        sigma = radius * self._scale
        if self.is_empty or sigma < 0.3:
            return self
        step = max(1, int(sigma / 3))
        height, width = self.pixels.shape
        small = cv2.resize(
            self.pixels,
            (max(1, width // step), max(1, height // step)),
            interpolation=cv2.INTER_AREA,
        )
        small = cv2.GaussianBlur(small, (0, 0), sigma / step, borderType=cv2.BORDER_REPLICATE)
        self.pixels = np.asarray(
            cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8
        )
        return self

    def moved(self, dx: float, dy: float) -> npt.NDArray[np.uint8]:
        """The pixels moved by (dx, dy) units, the borders drawn out."""
        to_target = np.array([[1, 0, dx * self._scale], [0, 1, dy * self._scale]])
        height, width = self.pixels.shape
        shifted = cv2.warpAffine(
            self.pixels, to_target, (width, height), borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(shifted, np.uint8)

    def like(self, pixels: npt.NDArray[np.uint8]) -> "Stencil":
        """Another stencil in the same place."""
        other = object.__new__(Stencil)
        other._scale, other._corner = self._scale, self._corner
        other.window, other.pixels = self.window, pixels
        return other

    def edge(self, dx: float, dy: float) -> "Stencil":
        """The part of the shape that is uncovered when it is moved by (dx, dy) units."""
        if self.is_empty:
            return self
        return self.like(np.asarray(cv2.subtract(self.pixels, self.moved(dx, dy)), np.uint8))

    def within(self, other: "Stencil") -> "Stencil":
        """This shape where ``other`` is too."""
        mine, theirs = self.window, other.window
        kept = np.zeros_like(self.pixels)
        top, bottom = max(mine.top, theirs.top), min(mine.bottom, theirs.bottom)
        left, right = max(mine.left, theirs.left), min(mine.right, theirs.right)
        if top < bottom and left < right:
            here = (
                slice(top - mine.top, bottom - mine.top),
                slice(left - mine.left, right - mine.left),
            )
            there = (
                slice(top - theirs.top, bottom - theirs.top),
                slice(left - theirs.left, right - theirs.left),
            )
            kept[here] = np.minimum(self.pixels[here], other.pixels[there])
        return self.like(kept)


class Canvas:
    """RGB planes of 0…1 (values above 1 are light that is not clipped yet).

    Shows the whole frame, or the part chosen by `look`.
    """

    def __init__(self, width_px: int, height_px: int) -> None:
        self.width_px, self.height_px = width_px, height_px
        self.frame = Frame.of_pixels(width_px, height_px)
        self.scale = float(width_px * height_px) ** 0.5
        self.left, self.top = 0.0, 0.0
        self.planes = np.zeros((3, height_px, width_px), np.float32)

    def look(self, zoom: float, left: float, top: float) -> None:
        """Show only a part of the frame: ``zoom`` times larger, its corner at (left, top) units.

        To be called before anything is painted.
        """
        self.scale = float(self.width_px * self.height_px) ** 0.5 * zoom
        self.left, self.top = left, top

    def row(self, y: float) -> float:
        """Where ``y`` units lie, in pixels from the top."""
        return float((y - self.top) * self.scale)

    def view_x(self, fraction: float) -> float:
        """A place across in units, as a fraction of what is shown."""
        return float(self.left + fraction * self.width_px / self.scale)

    def view_y(self, fraction: float) -> float:
        """A height in units, as a fraction of what is shown."""
        return float(self.top + fraction * self.height_px / self.scale)

    def xs(self, window: Window) -> Floats:
        """The columns' middles, in units."""
        columns = np.arange(window.left, window.right, dtype=np.float32)
        return np.asarray((columns + 0.5) / self.scale + self.left, np.float32)

    def ys(self, window: Window) -> Floats:
        """The rows' middles, in units."""
        rows = np.arange(window.top, window.bottom, dtype=np.float32)
        return np.asarray((rows + 0.5) / self.scale + self.top, np.float32)

    @property
    def window(self) -> Window:
        return Window(0, self.height_px, 0, self.width_px)

    def stencil(self, *outlines: Points, margin: float = 0.0) -> Stencil:
        """A stencil with these polygons filled, or covering the frame when there are none."""
        if not outlines:
            return Stencil(self, (0, 0, self.frame.width, self.frame.height))
        everything = np.vstack(outlines)
        low, high = everything.min(axis=0) - margin, everything.max(axis=0) + margin
        made = Stencil(self, (low[0], low[1], high[0], high[1]))
        for outline in outlines:
            made.polygon(outline)
        return made

    def sheet(self, left: float, top: float, right: float, bottom: float) -> Stencil:
        """An empty stencil for a part of the frame."""
        return Stencil(self, (left, top, right, bottom))

    def halo(
        self, at: tuple[float, float], radius: float, colour: Rgb, opacity: float = 1.0
    ) -> None:
        """Add a small round glow."""
        x, y = at
        patch = self.sheet(x - radius, y - radius, x + radius, y + radius)
        patch.pixels[:] = 255
        self.lay(patch, colour, opacity, [Halo(at, radius)], Mode.SCREEN)

    def strips(self, window: Window) -> Iterator[Window]:
        for top in range(window.top, window.bottom, STRIP_ROWS):
            yield window._replace(top=top, bottom=min(top + STRIP_ROWS, window.bottom))

    def lay(
        self,
        shape: Stencil | None,
        colour: Colour,
        opacity: float = 1.0,
        amounts: Sequence[Amount] = (),
        mode: Mode = Mode.OVER,
    ) -> None:
        """Paint ``colour`` where the shape and all ``amounts`` allow it."""
        if shape is not None and shape.is_empty:
            return
        for strip in self.strips(shape.window if shape else self.window):
            alpha = _alpha(self, shape, strip, opacity, amounts)
            if alpha is None:
                continue
            for plane, value in zip(self._cut(strip), self._colours(colour, strip), strict=True):
                _blend(plane, value, alpha, mode)

    def _cut(self, window: Window) -> Floats:
        return self.planes[:, window.top : window.bottom, window.left : window.right]

    def _colours(self, colour: Colour, window: Window) -> Iterable[Floats | np.float32]:
        if isinstance(colour, Ramp):
            table = gradient(colour.stops, self.ys(window).astype(np.float64))
            return [table[:, channel, None] for channel in range(3)]
        if isinstance(colour, Marbled):
            amount = colour.amount.rows(self, window)
            pairs = zip(colour.first, colour.second, strict=True)
            return [np.float32(a) + amount * np.float32(b - a) for a, b in pairs]
        return [np.float32(value) for value in colour]

    def small(self, cells: int) -> Floats:
        """The picture scaled down to a grid of ``cells`` a unit; shape (3, rows, cols)."""
        size = max(2, round(self.frame.width * cells)), max(2, round(self.frame.height * cells))
        # The whole view, whatever part of the frame it shows.
        return np.stack(
            [cv2.resize(plane, size, interpolation=cv2.INTER_AREA) for plane in self.planes]
        ).astype(np.float32)

    def sampled(self, cells: int) -> Floats:
        """The picture's colours at the middles of a grid of ``cells`` a unit of the frame.

        Far quicker than `small`, but what is finer than the grid may be missed.
        """
        rows, cols = round(self.frame.height * cells), round(self.frame.width * cells)
        ys = ((np.arange(rows) + 0.5) * self.height_px / rows).astype(np.int64)
        xs = ((np.arange(cols) + 0.5) * self.width_px / cols).astype(np.int64)
        return np.asarray(self.planes[:, ys[:, None], xs], np.float32)


def _alpha(
    canvas: Canvas,
    shape: Stencil | None,
    strip: Window,
    opacity: float,
    amounts: Sequence[Amount],
) -> Floats | np.float32 | None:
    if shape is None:
        alpha: Floats | np.float32 = np.float32(opacity)
    else:
        top = strip.top - shape.window.top
        cut = shape.pixels[top : top + strip.bottom - strip.top]
        if not cut.any():
            return None
        alpha = cut.astype(np.float32) * np.float32(opacity / 255)
    for amount in amounts:
        alpha = alpha * amount.rows(canvas, strip)
    return alpha


def _blend(
    plane: Floats, value: Floats | np.float32, alpha: Floats | np.float32, mode: Mode
) -> None:
    if mode is Mode.OVER:
        change = value - plane
        change *= alpha
    elif mode is Mode.ADD:
        change = np.asarray(value * alpha, dtype=np.float32)
    elif mode is Mode.SCREEN:
        change = np.maximum(1 - plane, 0)
        change *= value * alpha
    else:
        change = plane * ((value - 1) * alpha)
    plane += change
