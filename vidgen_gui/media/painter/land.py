"""Brushes for the ground: ridges, peaks with lit faces and snow, dunes, paths."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vidgen_gui.media.painter.amounts import Cut, Fade, Field, Glow
from vidgen_gui.media.painter.canvas import Ramp, Stencil
from vidgen_gui.media.painter.colour import Rgb, mix
from vidgen_gui.media.painter.geometry import Frame, Line, Points, Rng, points, under
from vidgen_gui.media.painter.noise import noise_1d, noise_2d
from vidgen_gui.media.painter.painting import Painting

_SAMPLES = 360
_FURROWS = 9


@dataclass(frozen=True, slots=True)
class Ridge:
    """A height line across the frame: ``ys[i]`` above ``xs[i]``, in units."""

    xs: Line
    ys: Line

    def height_at(self, x: float) -> float:
        return float(np.interp(x, self.xs, self.ys))

    def outline(self, bottom: float) -> Points:
        return under(self.xs, self.ys, bottom)

    @property
    def top(self) -> float:
        return float(self.ys.min())


def across(frame: Frame, count: int = _SAMPLES) -> Line:
    return np.linspace(-0.06, frame.width + 0.06, count)


def hills(rng: Rng, frame: Frame, base: float, height: float, frequency: float) -> Ridge:
    """Soft rolling ground."""
    xs = across(frame)
    return Ridge(xs, base - height * (0.5 + 0.5 * noise_1d(rng, xs, frequency, 3, 0.38)))


def crags(rng: Rng, frame: Frame, base: float, height: float, frequency: float) -> Ridge:
    """A broken mountain line far away."""
    xs = across(frame)
    sharp = 1 - np.abs(noise_1d(rng, xs, frequency, 2))
    broad = 0.5 + 0.5 * noise_1d(rng, xs, frequency * 0.6, 2)
    rough = noise_1d(rng, xs, frequency * 7, 4, 0.6)
    return Ridge(xs, base - height * (0.55 * sharp**1.6 + 0.45 * broad + 0.07 * rough))


def dunes(rng: Rng, frame: Frame, base: float, height: float, frequency: float) -> Ridge:
    """Long backs with a sharp crest, steep on one side."""
    xs = across(frame)
    warped = xs * frequency + rng.uniform(0, 1) + 0.18 * noise_1d(rng, xs, 1.4, 2)
    t = warped % 1.0
    wave = np.where(t < 0.72, (t / 0.72) ** 1.5, ((1 - t) / 0.28) ** 1.15)
    scale = 0.75 + 0.35 * noise_1d(rng, xs, 1.1, 1)
    return Ridge(xs, base - height * wave * scale)


def staged(p: Painting, ridge: Ridge, x: float, height: float = 9.0) -> Ridge:
    """The ridge, raised so far that one can stand on it at ``x`` clear of the captions."""
    y = ridge.height_at(x)
    return Ridge(ridge.xs, ridge.ys - (y - p.above_captions(y, height)))


def ground(p: Painting, ridge: Ridge, nearness: float, *, haze: float | None = None) -> Stencil:
    """Fill below a ridge: coloured by nearness, lighter where mist would lie, lit rim on top."""
    bottom = p.frame.height + 0.02
    sheet = p.canvas.stencil(ridge.outline(bottom))
    colour = p.palette.depth(nearness)
    foot = p.hazed(colour, (0.62 * (1 - nearness)) if haze is None else haze)
    span = 0.1 + 0.2 * nearness
    stops = ((ridge.top, colour), (float(ridge.ys.mean()) + span, foot), (bottom, foot))
    p.canvas.lay(sheet, Ramp(stops))
    rim_light(p, sheet, 0.0022 + 0.0025 * nearness, 0.75 - 0.35 * nearness)
    return sheet


def plain(p: Painting, ridge: Ridge) -> Stencil:
    """Flat ground seen at a slant: lit and hazy far away, dark at the viewer's feet."""
    bottom = p.frame.height + 0.02
    sheet = p.canvas.stencil(ridge.outline(bottom))
    top = ridge.top
    far = mix(p.hazed(p.palette.depth(0.25), 0.35), p.light.colour, 0.12)
    stops = (
        (top, far),
        (top + 0.1, p.palette.depth(0.5)),
        (top + 0.34, p.palette.depth(0.82)),
        (bottom, p.palette.near),
    )
    p.canvas.lay(sheet, Ramp(stops))
    warm = Glow((p.light.at[0], top), 0.26, 3.0, 0.4)
    p.canvas.lay(sheet, p.light.colour, 0.3, [warm])
    return sheet


def rim_light(p: Painting, sheet: Stencil, width: float, opacity: float) -> None:
    """Light caught by the edges that face the light."""
    rim = sheet.edge(0.0, width)
    near = Glow(p.light.at, 0.5, 2.6)
    p.canvas.lay(rim, p.light.colour, opacity, [near])


def texture(p: Painting, sheet: Stencil, colour: Rgb, opacity: float, name: str) -> None:
    """Broad dry brush strokes inside a shape."""
    rng = p.rng(name)
    strokes = noise_2d(rng, p.frame, (2.6, 11.0), 5, gain=0.6)
    p.canvas.lay(sheet, colour, opacity, [Cut(Field(strokes), 0.08, 0.2)])


def peak_line(
    rng: Rng, frame: Frame, base: float, peaks: list[tuple[float, float]], roughness: float
) -> Ridge:
    """The skyline of peaks given as (x, height above base)."""
    xs = across(frame, 520)
    rough = noise_1d(rng, xs, 9, 5, 0.62)
    ys = np.full_like(xs, base + 0.05)
    for x, height in peaks:
        left, right = rng.uniform(0.85, 1.35, 2)
        slope = np.where(xs < x, left, right)
        reach = np.abs(xs - x) * slope
        # A little concave, so that summits are sharp and feet run out.
        body = height * (1.12 * np.exp(-reach / (height * 1.05)) - 0.12)
        ys = np.minimum(ys, base - body)
    return Ridge(xs, ys + rough * roughness * np.clip((base - ys) / 0.4, 0.15, 1))


def faces(
    p: Painting, ridge: Ridge, sheet: Stencil, peaks: list[tuple[float, float]], base: float
) -> Stencil:
    """Shade the sides of peaks that look away from the light; returns the shaded shape."""
    rng, canvas = p.rng(f"faces-{base:.4f}"), p.canvas
    shade, gullies = canvas.stencil(), canvas.stencil()
    away = -p.side
    for x, height in sorted(peaks, key=lambda peak: peak[1]):
        shade.polygon(_dark_side(rng, ridge, (x, height), away=away, base=base))
        for _ in range(9):
            start = x + p.side * float(rng.uniform(0.02, 0.75)) * height
            gullies.polygon(_gully(rng, ridge, start, height, p.side))
    for xs in _local_tops(ridge):
        if rng.random() < 0.6:
            shade.polygon(_gully(rng, ridge, xs, float(rng.uniform(0.12, 0.4)), away, wide=1.7))
    shade, gullies = shade.within(sheet), gullies.within(sheet)
    colour = p.palette.depth(0.3)
    fade = Fade(((ridge.top, 1.0), (base - 0.2, 0.85), (base - 0.02, 0.0), (9, 0)))
    canvas.lay(gullies, mix(colour, p.palette.near, 0.3), 0.6, [fade])
    canvas.lay(shade, mix(colour, p.palette.near, 0.45), 0.82, [fade])
    return shade


def _dark_side(
    rng: Rng, ridge: Ridge, peak: tuple[float, float], *, away: int, base: float
) -> Points:
    """Down a wandering spine from a summit, and back along the skyline away from the light."""
    x, height = peak
    summit = ridge.height_at(x)
    depth = np.linspace(0, 1, 22)
    steps = rng.normal(0, 0.02, 22) + 0.035 * np.where(np.arange(22) // 2 % 2, 1, -1) * rng.uniform(
        0.3, 1.0, 22
    )
    wander = np.cumsum(steps) * height * 0.8
    wander[0] = 0
    spine = np.stack([x + wander, summit + depth * (base + 0.1 - summit)], axis=1)
    valley = x
    reach = np.linspace(0, height * 1.6, 60)
    skyline = np.interp(x + away * reach, ridge.xs, ridge.ys)
    lowest = int(np.argmax(skyline - 0.35 * np.maximum(0, reach - height * 0.9)))
    valley = x + away * float(reach[max(lowest, 20)])
    back_x = np.linspace(valley, x, 40)
    back = np.stack([back_x, np.interp(back_x, ridge.xs, ridge.ys) - 0.004], axis=1)
    return np.vstack([spine, [[valley + away * 0.05, base + 0.1]], back])


def _gully(
    rng: Rng, ridge: Ridge, x: float, height: float, away: int, *, wide: float = 1.0
) -> Points:
    """A narrow wedge that starts on the skyline and runs out below."""
    top = ridge.height_at(x)
    length = height * float(rng.uniform(0.25, 0.7))
    t = np.linspace(0, 1, 9)
    zig = np.cumsum(rng.normal(0, 0.03, 9)) * length
    zig[0] = 0
    left_x = x + zig + away * 0.18 * length * t
    left = np.stack([left_x, top - 0.006 + t * length], axis=1)
    width = wide * length * float(rng.uniform(0.1, 0.3)) * away
    right_x = np.linspace(x + width, left_x[-1], 6)[:-1]
    right_y = np.linspace(ridge.height_at(x + width), top + length, 6)[:-1]
    jag = rng.normal(0, 0.012, 5) * length
    right = np.stack([right_x + jag, right_y], axis=1)
    return np.vstack([left, right[::-1]])


def _local_tops(ridge: Ridge) -> list[float]:
    """Where the skyline has small summits."""
    ys = np.convolve(ridge.ys, np.ones(5) / 5, mode="same")
    inner = (ys[8:-8] < ys[:-16]) & (ys[8:-8] < ys[16:])
    return [float(x) for x in ridge.xs[8:-8][inner][::3]]


def snow_caps(
    p: Painting,
    ridge: Ridge,
    sheet: Stencil,
    shade: Stencil,
    *,
    peaks: list[tuple[float, float]],
    share: float,
) -> None:
    """Snow down to a torn line on each peak; blue where the face is shaded."""
    rng, canvas = p.rng("snow-caps"), p.canvas
    snow = canvas.stencil()
    for x, height in sorted(peaks, key=lambda peak: peak[1]):
        summit = ridge.height_at(x)
        drop = height * share
        edge_x = np.linspace(x - drop * 1.25, x + drop * 1.25, 23)
        teeth = rng.uniform(0.1, 1.0, 23)
        teeth[::2] *= 0.35
        edge_y = summit + drop * (0.4 + 0.75 * teeth) - 0.3 * np.abs(edge_x - x)
        torn = np.stack([edge_x, edge_y], axis=1)[::-1]
        over = points((edge_x[0], summit - 0.1), (edge_x[-1], summit - 0.1))
        snow.polygon(np.vstack([over, torn]))
    snow = snow.within(sheet)
    white = mix(p.palette.spark, p.palette.haze, 0.18)
    canvas.lay(snow, white, 0.95)
    canvas.lay(snow.within(shade), mix(p.palette.haze, p.palette.depth(0.4), 0.55), 0.9)


def winding_path(
    p: Painting, start: tuple[float, float], end: tuple[float, float], width: float, name: str
) -> Points:
    """The middle line of a path that runs from near ``start`` to far ``end``, and lays it.

    Returns the middle line, near to far, shape (n, 2).
    """
    rng = p.rng(name)
    t = np.linspace(0, 1, 90)
    near = (1 - t) ** 1.7
    swing = rng.uniform(0.7, 1.15) * rng.choice([-1, 1])
    xs = (
        end[0]
        + (start[0] - end[0]) * near
        + swing * 0.2 * np.sin(t * 7.2) * (1 - t) ** 1.1 * t**0.5
    )
    ys = end[1] + (start[1] - end[1]) * near
    line = np.stack([xs, ys], axis=1)
    widths = width * (0.035 + 0.965 * near)
    sheet = p.canvas.stencil(ribbon_flat(line, widths))
    light = mix(p.palette.haze, p.light.colour, 0.45)
    near_colour = mix(p.palette.depth(0.72), p.light.colour, 0.3)
    p.canvas.lay(sheet, Ramp(((end[1], light), (start[1], near_colour))), 0.85)
    return line


def ribbon_flat(line: Points, widths: npt.NDArray[np.float64]) -> Points:
    """A band whose width is measured sideways, as a path on the ground looks."""
    left = line - np.stack([widths / 2, np.zeros_like(widths)], axis=1)
    right = line + np.stack([widths / 2, np.zeros_like(widths)], axis=1)
    return np.vstack([left, right[::-1]])


def contour(p: Painting, ridge: Ridge, colour: Rgb, opacity: float, *, gap: float) -> None:
    """Lines that follow a ridge below it, as ploughed furrows do."""
    sheet = p.canvas.stencil()
    mean = float(ridge.ys.mean())
    for index in range(1, _FURROWS + 1):
        flat = min(1.0, index / _FURROWS * 0.8)
        ys = ridge.ys * (1 - flat) + mean * flat + gap * index**1.25
        sheet.line(np.stack([ridge.xs, ys], axis=1), 0.0012 + 0.0007 * index)
    p.canvas.lay(sheet, colour, opacity, [Glow(p.light.at, 0.9, 2.0)])
