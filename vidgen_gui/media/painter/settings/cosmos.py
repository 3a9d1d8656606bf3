"""Settings beyond the sky: planets, orbits, someone looking up."""

import numpy as np

from vidgen_gui.media.painter import land, sky
from vidgen_gui.media.painter.amounts import Cut, Field
from vidgen_gui.media.painter.canvas import Mode, Ramp
from vidgen_gui.media.painter.colour import Rgb, mix, shift
from vidgen_gui.media.painter.geometry import ellipse, placed, points, ribbon
from vidgen_gui.media.painter.land import Ridge
from vidgen_gui.media.painter.noise import FIELD_CELLS, field_shape, noise_2d
from vidgen_gui.media.painter.painting import Painting
from vidgen_gui.media.painter.subjects import (
    SUBJECTS,
    float_subjects,
    ground_subjects,
    place_subject,
)


def space(p: Painting) -> None:
    """A great planet with its shadow side, small moons, dust, and a near rock to stand on."""
    rng, frame = p.rng("space"), p.frame
    p.light.rays = 0.0
    _void(p)
    kind = p.kind("space")
    radius = float(rng.uniform(0.13, 0.33))
    at = p.toward(float(rng.uniform(0.16, 0.84))), frame.y(float(rng.uniform(0.14, 0.44)))
    if kind < 0.25:
        radius, at = 0.62, (p.toward(0.2), frame.y(0.02))
    _orbits(p, at, radius)
    ringed = rng.random() < 0.55 and radius < 0.4
    if ringed:
        _ring(p, at, radius, behind=True)
    planet(p, at, radius, "great", mix(p.palette.sky[2], p.palette.accent, 0.3))
    if ringed:
        _ring(p, at, radius, behind=False)
    for k in range(int(rng.integers(1, 4))):
        small = frame.x(float(rng.uniform(0.05, 0.95))), frame.y(float(rng.uniform(0.08, 0.5)))
        planet(
            p,
            small,
            float(rng.uniform(0.014, 0.05)),
            f"moon-{k}",
            mix(p.palette.haze, p.palette.spark, 0.3),
        )
    if p.wants("meteor") or rng.random() < 0.35:
        _meteors(p)
    float_subjects(p)
    if not any(
        n in SUBJECTS and SUBJECTS[n].home == "sky" for n in p.brief.subjects
    ) or ground_subjects(p):
        _moonscape(p)


def _void(p: Painting) -> None:
    rng, frame = p.rng("void"), p.frame
    deep = mix(p.palette.sky[0], p.palette.near, 0.6)
    p.canvas.lay(
        None,
        Ramp(((0, deep), (frame.y(0.55), mix(deep, p.palette.sky[1], 0.55)), (frame.height, deep))),
    )
    swirl = noise_2d(rng, frame, (1.6, 1.6), 5, gain=0.58)
    fine = noise_2d(rng, frame, (3.2, 3.2), 5, gain=0.6)
    colours = (p.palette.sky[2], p.palette.accent, p.palette.sky[3])
    for k, colour in enumerate(colours):
        source = swirl if k == 0 else (fine * (0.6 + 0.4 * k) + swirl * (0.6 - 0.5 * k))
        cloud = np.clip(source - 0.02 - 0.1 * k, 0, 1) ** 1.35
        p.canvas.lay(None, colour, 0.75 - 0.22 * k, [Field(cloud.astype(np.float32))], Mode.SCREEN)
    p.horizon = frame.height
    sky.stars(p, 2.2, bottom=frame.height)
    for _ in range(5):
        at = float(rng.uniform(0, frame.width)), float(rng.uniform(0, frame.y(0.6)))
        sky.glint(p, at, float(rng.uniform(0.014, 0.034)))


def planet(p: Painting, at: tuple[float, float], radius: float, name: str, colour: Rgb) -> None:
    """A ball lit from the light's side, with bands or seas and a thin air."""
    rng, frame = p.rng(f"planet-{name}"), p.frame
    rows, cols = field_shape(frame)
    ys, xs = np.mgrid[0:rows, 0:cols].astype(np.float32)
    dx, dy = (xs / FIELD_CELLS - at[0]) / radius, (ys / FIELD_CELLS - at[1]) / radius
    depth = np.sqrt(np.clip(1 - dx**2 - dy**2, 0, 1))
    lit = (
        np.clip(dx * 0.72 * p.side - dy * 0.5 + depth * 0.42 + 0.06, 0, 1).astype(np.float32) ** 0.8
    )
    p.canvas.halo(at, radius * 1.5, colour, 0.4)
    disc = p.canvas.stencil(ellipse(at, radius, count=220))
    dark = mix(p.palette.near, p.palette.sky[0], 0.5)
    p.canvas.lay(disc, dark)
    p.canvas.lay(disc, colour, 1.0, [Field(lit)])
    banded = rng.random() < 0.6
    frequency = (0.25 / radius, 1.8 / radius) if banded else (0.5 / radius, 0.5 / radius)
    marks = noise_2d(rng, frame, frequency, 5, gain=0.55)
    p.canvas.lay(
        disc, shift(colour, light=-0.13), 0.75, [Cut(Field(marks), 0.02, 0.12), Field(lit)]
    )
    p.canvas.lay(
        disc, mix(colour, p.palette.spark, 0.5), 0.6, [Cut(Field(-marks), 0.22, 0.34), Field(lit)]
    )
    air = disc.edge(-radius * 0.035 * p.side, radius * 0.025)
    p.canvas.lay(air.softened(radius * 0.02), p.palette.spark, 0.85)


def _ring(p: Painting, at: tuple[float, float], radius: float, *, behind: bool) -> None:
    tilt = -0.32 * p.side
    t = np.linspace(np.pi, 2 * np.pi, 80) if behind else np.linspace(0, np.pi, 80)
    for reach, width, value in ((1.42, 0.1, 0.75), (1.64, 0.16, 0.5), (1.86, 0.05, 0.65)):
        line = np.stack([reach * np.cos(t), 0.3 * reach * np.sin(t)], axis=1)
        widths = width * (0.32 + 0.68 * np.abs(np.cos(t)))
        band = placed(ribbon(line, widths), at, radius, turn=tilt)
        colour = mix(p.palette.spark, p.palette.accent, 0.45)
        p.canvas.lay(p.canvas.stencil(band, margin=0.01), colour, value)


def _orbits(p: Painting, at: tuple[float, float], radius: float) -> None:
    sheet = p.canvas.stencil()
    for k in range(4):
        reach = radius * (2.3 + 1.0 * k)
        line = placed(ellipse((0, 0), reach, reach * 0.36, count=220), at, 1.0, turn=-0.3 * p.side)
        sheet.line(line, 0.0012, 190 - 35 * k, closed=True)
    p.canvas.lay(sheet, p.palette.spark, 0.4)


def _meteors(p: Painting) -> None:
    rng, frame = p.rng("meteors"), p.frame
    for _ in range(int(rng.integers(2, 5))):
        head = frame.x(float(rng.uniform(0.1, 0.9))), frame.y(float(rng.uniform(0.1, 0.5)))
        long = float(rng.uniform(0.1, 0.28))
        tail = points(head, (head[0] + long * p.side * 0.85, head[1] - long * 0.62))
        p.canvas.lay(p.canvas.stencil(ribbon(tail, [0.0042, 0.0002])), p.palette.spark, 0.85)
        p.canvas.halo(head, 0.03, p.palette.spark, 0.8)


def _moonscape(p: Painting) -> None:
    """Cratered ground in the near, its edge lit."""
    rng, frame = p.rng("moonscape"), p.frame
    x = p.toward(0.3)
    ridge = land.crags(rng, frame, frame.y(0.76), 0.1, 1.7)
    far = land.staged(p, Ridge(ridge.xs, ridge.ys - 0.02), x)
    sheet = p.canvas.stencil(far.outline(frame.height + 0.03))
    colour = mix(p.palette.depth(0.6), p.palette.sky[1], 0.3)
    p.canvas.lay(sheet, Ramp(((far.top, colour), (frame.height, p.palette.near))))
    p.canvas.lay(
        sheet.edge(-0.003 * p.side, 0.004), mix(p.palette.accent, p.palette.spark, 0.4), 0.75
    )
    near = land.hills(rng, frame, frame.y(0.86), 0.07, 1.5)
    ground = p.canvas.stencil(near.outline(frame.height + 0.03))
    dark = mix(p.palette.depth(0.8), p.palette.near, 0.4)
    p.canvas.lay(ground, Ramp(((near.top, dark), (frame.height, p.palette.near))))
    p.canvas.lay(ground.edge(0, 0.004), mix(p.palette.accent, p.palette.haze, 0.4), 0.7)
    for _ in range(9):
        x, y = frame.x(float(rng.uniform(0, 1))), frame.y(float(rng.uniform(0.88, 0.99)))
        width = float(rng.uniform(0.02, 0.06))
        p.canvas.lay(p.canvas.stencil(ellipse((x, y), width, width * 0.24)), p.palette.near, 0.7)
        p.canvas.lay(
            p.canvas.stencil(ellipse((x, y + width * 0.16), width, width * 0.2)).edge(0, -0.002),
            p.palette.haze,
            0.3,
        )
    place_subject(p, (x, far.height_at(x) + 0.006), 0.17, beside=0.1, on=far)
