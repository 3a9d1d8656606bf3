"""Where things lie in a picture: the frame's own units, and helpers that make outlines.

Everything is composed in units whose square is one frame (1 u = √(width · height)), so a
picture has the same composition at every size. No pixels here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float32]
Points: TypeAlias = npt.NDArray[np.float64]
"""Shape (n, 2): x to the right and y downwards, in units."""
Line: TypeAlias = npt.NDArray[np.float64]
"""Shape (n,): one number after another."""
Rng: TypeAlias = np.random.Generator


@dataclass(frozen=True, slots=True)
class Frame:
    """The picture's extent in units; ``width * height == 1``."""

    width: float
    height: float

    @classmethod
    def of_pixels(cls, width_px: int, height_px: int) -> "Frame":
        side = (width_px * height_px) ** 0.5
        return cls(width_px / side, height_px / side)

    def x(self, fraction: float) -> float:
        return self.width * fraction

    def y(self, fraction: float) -> float:
        return self.height * fraction

    def at(self, x_fraction: float, y_fraction: float) -> tuple[float, float]:
        return self.width * x_fraction, self.height * y_fraction


def points(*pairs: tuple[float, float]) -> Points:
    return np.array(pairs, dtype=np.float64)


def placed(
    outline: Points,
    at: tuple[float, float],
    size: float,
    *,
    flip: bool = False,
    turn: float = 0.0,
) -> Points:
    """Scale, mirror, turn (radians, clockwise) and move an outline drawn around (0, 0)."""
    moved: Points = outline * (np.array([-1.0, 1.0]) if flip else 1.0) * size
    if turn:
        cos, sin = np.cos(turn), np.sin(turn)
        moved = moved @ np.array([[cos, sin], [-sin, cos]])
    moved += np.array(at)
    return moved


def smooth(outline: Points, steps: int = 6, *, closed: bool = True) -> Points:
    """Catmull-Rom curve through the points, ``steps`` pieces between two of them."""
    count = len(outline)
    if closed:
        before, after = np.roll(outline, 1, axis=0), np.roll(outline, -1, axis=0)
        after2 = np.roll(outline, -2, axis=0)
        here, following = outline, after
    else:
        padded = np.vstack([outline[:1], outline, outline[-1:]])
        before, here = padded[: count - 1], padded[1:count]
        following, after2 = padded[2 : count + 1], padded[3 : count + 2]
    t = (np.arange(steps) / steps)[None, :, None]
    p0, p1, p2, p3 = (p[:, None, :] for p in (before, here, following, after2))
    curve = 0.5 * (
        2 * p1
        + (p2 - p0) * t
        + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2
        + (3 * p1 - p0 - 3 * p2 + p3) * t**3
    )
    flat: Points = curve.reshape(-1, 2)
    return flat if closed else np.vstack([flat, outline[-1:]])


def ellipse(
    center: tuple[float, float], rx: float, ry: float | None = None, *, count: int = 48
) -> Points:
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.stack(
        [center[0] + rx * np.cos(angle), center[1] + (rx if ry is None else ry) * np.sin(angle)],
        axis=1,
    )


def box(left: float, top: float, right: float, bottom: float) -> Points:
    return points((left, top), (right, top), (right, bottom), (left, bottom))


def rounded(left: float, top: float, right: float, bottom: float, radius: float) -> Points:
    """A rectangle with round corners."""
    corners = []
    for x, y, start in (
        (right - radius, bottom - radius, 0.0),
        (left + radius, bottom - radius, 0.5),
        (left + radius, top + radius, 1.0),
        (right - radius, top + radius, 1.5),
    ):
        angle = np.pi * np.linspace(start, start + 0.5, 7)
        corners.append(np.stack([x + radius * np.cos(angle), y + radius * np.sin(angle)], axis=1))
    return np.vstack(corners)


def ribbon(line: Points, widths: float | Sequence[float] | Points) -> Points:
    """The outline of a stroke along ``line``, with one width or a width at each point."""
    step = np.gradient(line, axis=0)
    length = np.maximum(np.hypot(step[:, 0], step[:, 1]), 1e-9)
    normal = np.stack([-step[:, 1], step[:, 0]], axis=1) / length[:, None]
    half = np.broadcast_to(np.asarray(widths, dtype=np.float64), (len(line),))[:, None] / 2
    return np.vstack([line + normal * half, (line - normal * half)[::-1]])


def under(xs: npt.NDArray[np.float64], ys: npt.NDArray[np.float64], bottom: float) -> Points:
    """The area below a height line."""
    top = np.stack([xs, ys], axis=1)
    return np.vstack([top, [[xs[-1], bottom], [xs[0], bottom]]])
