"""Brushes for water: open sea, mirrors, glitter, waves."""

import cv2
import numpy as np

from vidgen_gui.media.painter.amounts import Amount, Fade, Field, Glow, Window
from vidgen_gui.media.painter.canvas import Mode, Ramp
from vidgen_gui.media.painter.colour import Rgb, mix, shift
from vidgen_gui.media.painter.geometry import Points, Rng, box, points, under
from vidgen_gui.media.painter.land import across
from vidgen_gui.media.painter.noise import noise_1d, noise_2d
from vidgen_gui.media.painter.painting import Painting


def water_colours(p: Painting) -> tuple[Rgb, Rgb]:
    """Far and near colour of open water under this sky."""
    far = mix(p.palette.sky[3], p.palette.sky[1], 0.32)
    near = mix(p.palette.sky[0], p.palette.near, 0.45)
    return far, near


def open_water(p: Painting, top: float, bottom: float) -> None:
    """The surface from the horizon to the viewer, with wave marks."""
    far, near = water_colours(p)
    middle = mix(far, near, 0.5)
    sheet = p.canvas.stencil(box(-0.05, top, p.frame.width + 0.05, bottom + 0.05))
    span = bottom - top
    p.canvas.lay(sheet, Ramp(((top, far), (top + span * 0.3, middle), (bottom, near))))
    rng = p.rng("wave-marks")
    marks = p.canvas.sheet(0, top, p.frame.width, bottom)
    for _ in range(340):
        depth = float(rng.uniform(0.0, 1.0) ** 1.7)
        y = top + span * depth
        marks.polygon(lens(rng, float(rng.uniform(-0.1, p.frame.width)), y, depth, 1.3))
    p.canvas.lay(marks, shift(near, light=-0.05), 0.22)
    glints = p.canvas.sheet(0, top, p.frame.width, bottom)
    for _ in range(170):
        depth = float(rng.uniform(0.0, 1.0) ** 1.7)
        glints.polygon(
            lens(rng, float(rng.uniform(-0.1, p.frame.width)), top + span * depth, depth, 0.9)
        )
    p.canvas.lay(glints, far, 0.3)


def lens(rng: Rng, x: float, y: float, depth: float, stretch: float) -> Points:
    """A flat mark on the water, larger near by."""
    width = (0.012 + 0.085 * depth) * stretch * rng.uniform(0.5, 1.5)
    height = (0.0007 + 0.0055 * depth) * rng.uniform(0.5, 1.3)
    bend = height * rng.uniform(-0.5, 0.5)
    return points(
        (x - width, y),
        (x - width * 0.3, y - height + bend),
        (x + width * 0.4, y - height * 0.8),
        (x + width, y + bend),
        (x + width * 0.3, y + height),
        (x - width * 0.5, y + height * 0.7),
    )


def glitter(p: Painting, top: float, bottom: float, opacity: float = 0.95) -> None:
    """The light's road on the water."""
    rng = p.rng("glitter")
    span = bottom - top
    sheet = p.canvas.sheet(0, top, p.frame.width, bottom)
    wide = p.light.radius
    for _ in range(420):
        depth = float(rng.uniform(0, 1) ** 1.5)
        spread = wide * (0.55 + 1.15 * depth)
        x = p.light.at[0] + float(rng.normal(0, spread * 0.6))
        sheet.polygon(lens(rng, x, top + span * depth, depth, 0.62))
    fade = Fade(((top, 1.0), (top + span * 0.55, 0.75), (bottom, 0.12)))
    p.canvas.lay(sheet, p.light.colour, opacity, [fade])
    soft = Glow((p.light.at[0], top + span * 0.2), wide * 1.6, 3.0, 2.2)
    p.canvas.lay(
        p.canvas.stencil(box(-0.05, top, p.frame.width + 0.05, bottom)),
        p.light.colour,
        0.4,
        [soft],
        Mode.SCREEN,
    )


def mirror(p: Painting, line: float, bottom: float, *, ripple: float = 1.0) -> None:
    """Fill the rows below ``line`` with what is above it, upside down and rippled."""
    canvas = p.canvas
    rng = p.rng("mirror")
    waves = Field(noise_2d(rng, p.frame, (4.0, 55.0), 3, gain=0.6))
    first = round(canvas.row(line))
    last = min(canvas.height_px, round(canvas.row(bottom)))
    columns = np.arange(canvas.width_px, dtype=np.float32)[None]
    for top in range(first, last, 48):
        window = Window(top, min(top + 48, last), 0, canvas.width_px)
        lines = np.arange(window.top, window.bottom, dtype=np.float32)[:, None]
        depth = (lines - first) / max(1, last - first)
        moved = waves.rows(canvas, window) * (0.002 + 0.02 * depth) * canvas.scale * ripple
        from_y = np.clip(2 * first - lines - 1 + moved, 0, first - 1).astype(np.float32)
        from_x = (columns + moved * 0.35).astype(np.float32)
        for plane in canvas.planes:
            plane[window.top : window.bottom] = cv2.remap(
                plane, from_x, from_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            )
    tint = mix(p.palette.sky[0], p.palette.depth(0.7), 0.5)
    reach = canvas.top + last / canvas.scale
    shade: list[Amount] = [
        Fade(((line - 0.001, 0), (line, 0.22), (reach, 0.72), (reach + 0.001, 0)))
    ]
    canvas.lay(None, tint, 1.0, shade)
    shore = canvas.sheet(0, line - 0.004, p.frame.width, line + 0.006)
    shore.polygon(
        points(
            (0, line - 0.0012),
            (p.frame.width, line - 0.0012),
            (p.frame.width, line + 0.0016),
            (0, line + 0.0016),
        )
    )
    canvas.lay(shore, p.palette.haze, 0.55)


def swell(p: Painting, base: float, height: float, nearness: float, name: str) -> None:
    """One wave layer across the frame, its crests lit and edged with foam."""
    rng = p.rng(name)
    xs = across(p.frame)
    phase, length = rng.uniform(0, 6.3), rng.uniform(11, 16) * (1.3 - 0.5 * nearness)
    t = xs * length + phase + 1.2 * noise_1d(rng, xs, 1.5, 2)
    crest = 0.5 + 0.5 * np.cos(t + 0.45 * p.side * np.sin(t))
    ys = base - height * (crest**1.6 + 0.22 * noise_1d(rng, xs, 5, 3))
    far, near = water_colours(p)
    colour = mix(far, near, nearness)
    sheet = p.canvas.stencil(under(xs, ys, p.frame.height + 0.03))
    deep = shift(colour, light=-0.07)
    p.canvas.lay(sheet, Ramp(((base - height, shift(colour, light=0.07)), (base + 0.14, deep))))
    for drop, thick, opacity in ((0.0, 0.007, 0.75), (0.016, 0.004, 0.3), (0.034, 0.003, 0.18)):
        ragged = np.clip(0.35 + 0.9 * noise_1d(rng, xs, 17, 3), 0.02, 1.2)
        upper = ys + drop * (0.5 + crest) + 0.004 * noise_1d(rng, xs, 9, 2) * (drop > 0)
        lower = upper + thick * (0.35 + 0.65 * nearness) * ragged * (0.25 + 0.75 * crest)
        band = np.vstack([np.stack([xs, upper], axis=1), np.stack([xs, lower], axis=1)[::-1]])
        p.canvas.lay(p.canvas.stencil(band), mix(p.palette.spark, far, 0.25), opacity)
