"""Settings of running water: a river, a waterfall."""

import numpy as np

from vidgen_gui.media.painter import flora, land, sky
from vidgen_gui.media.painter.amounts import Glow
from vidgen_gui.media.painter.canvas import Mode, Ramp
from vidgen_gui.media.painter.colour import mix, shift
from vidgen_gui.media.painter.geometry import Line, Points, ellipse, placed, points, ribbon, smooth
from vidgen_gui.media.painter.painting import Painting
from vidgen_gui.media.painter.settings.highland import massif
from vidgen_gui.media.painter.subjects import (
    float_subjects,
    place_subject,
    treeline,
)
from vidgen_gui.media.painter.water import water_colours


def river(p: Painting) -> None:
    """A river that winds out of the hills towards the viewer."""
    rng, frame = p.rng("river"), p.frame
    sky.heavens(p)
    float_subjects(p)
    if rng.random() < 0.65:
        massif(p, p.horizon + 0.05)
        p.mist(p.horizon - 0.15, p.horizon + 0.06, 0.75)
    for index in range(2):
        ridge = land.hills(rng, frame, p.horizon + 0.02 + 0.05 * index, 0.09, 1.9)
        land.ground(p, ridge, 0.2 + 0.22 * index)
        treeline(
            p,
            ridge,
            0.24 + 0.22 * index,
            (0.025, 0.06),
            count=60,
            name=f"river-trees-{index}",
            leafy=rng.random() < 0.4,
        )
        p.mist(float(ridge.ys.min()), float(ridge.ys.max()) + 0.06, 0.35, name=f"rm-{index}")
    land.plain(p, land.hills(rng, frame, p.horizon + 0.11, 0.025, 1.2))
    line, widths = _stream(p)
    x = p.toward(0.2)
    y = p.above_captions(frame.y(0.66))
    place_subject(p, (x, y), 0.14, beside=0.09, narrow=True)
    for index in range(4):
        t = index / 3
        sheet = p.canvas.sheet(-0.1, frame.y(0.6), frame.width + 0.1, frame.height + 0.1)
        ground, tall = frame.y(0.8 + 0.075 * index), 0.05 + 0.06 * t
        left, right = _banks(line, widths, ground, ground + tall / 3)
        for low, high in (
            (frame.x(-0.02), min(frame.x(0.3 - 0.1 * t), left)),
            (max(frame.x(0.72 + 0.1 * t), right), frame.x(1.02)),
        ):
            flora.grass(sheet, rng, (low, high), ground, tall, count=90)
        p.canvas.lay(sheet, p.palette.depth(0.62 + 0.38 * t))
        land.rim_light(p, sheet, 0.0013, 0.4)


def _banks(line: Points, widths: Line, top: float, bottom: float) -> tuple[float, float]:
    """The leftmost and the rightmost x of the water between two heights."""
    ys = np.linspace(top, bottom, 5)
    middle = np.interp(ys, line[::-1, 1], line[::-1, 0])
    half = np.interp(ys, line[::-1, 1], widths[::-1]) * 0.54 + 0.012
    return float((middle - half).min()), float((middle + half).max())


def _stream(p: Painting) -> tuple[Points, Line]:
    """Lays the water; returns its middle line, near to far, and its widths there."""
    rng, frame = p.rng("stream"), p.frame
    t = np.linspace(0, 1, 120)
    near = (1 - t) ** 1.9
    swing = float(rng.choice([-1, 1])) * rng.uniform(0.75, 1.15)
    ys = p.horizon + 0.115 + (frame.height + 0.04 - p.horizon - 0.115) * near
    xs = frame.x(0.5) + swing * 0.3 * np.sin(t * 8.4 + rng.uniform(0, 1)) * (0.2 + near) ** 0.7 * (
        1 - near * 0.4
    )
    line = np.stack([xs, ys], axis=1)
    widths = 0.5 * (0.05 + 0.95 * near)
    bank = p.canvas.stencil(land.ribbon_flat(line, widths * 1.08 + 0.006))
    p.canvas.lay(bank, p.palette.near, 0.6)
    water = p.canvas.stencil(land.ribbon_flat(line, widths))
    far, deep = p.palette.sky[3], mix(p.palette.sky[1], p.palette.depth(0.6), 0.45)
    p.canvas.lay(
        water,
        Ramp(
            (
                (float(ys.min()), mix(far, p.light.colour, 0.4)),
                (frame.y(0.75), mix(far, deep, 0.55)),
                (frame.height, deep),
            )
        ),
    )
    gleam = p.canvas.stencil()
    for _ in range(130):
        s = float(rng.uniform(0.02, 1) ** 1.2)
        k = int(s * 119)
        half = widths[k] * 0.42
        x = xs[k] + float(rng.uniform(-half, half))
        long = 0.006 + 0.06 * near[k]
        gleam.polygon(ellipse((x, float(ys[k])), long, 0.0008 + 0.003 * float(near[k]), count=14))
    p.canvas.lay(gleam.within(water), p.light.colour, 0.6)
    return line, widths


def waterfall(p: Painting) -> None:
    """Water falling between dark cliffs into a misty pool."""
    rng, frame = p.rng("waterfall"), p.frame
    x, brink = p.toward(float(rng.uniform(0.3, 0.72))), frame.y(float(rng.uniform(0.14, 0.34)))
    p.light.at = x + 0.06 * p.side, brink - 0.08
    p.light.rays = 0.5
    sky.air(p, glow=1.2)
    if p.palette.body == "sun":
        sky.sun(p)
    foot = p.above_captions(frame.y(float(rng.uniform(0.56, 0.64))) + 0.09) - 0.09
    gap = float(rng.uniform(0.05, 0.13))
    ridge = land.hills(rng, frame, brink + 0.02, 0.1, 1.8)
    land.ground(p, ridge, 0.25, haze=0.2)
    treeline(p, ridge, 0.28, (0.04, 0.09), count=60, name="brink-trees", leafy=rng.random() < 0.4)
    _falling(p, x, brink + 0.03, foot, gap * float(rng.uniform(1.3, 2.0)))
    if rng.random() < 0.45:
        other = x + float(rng.choice([-1, 1])) * (gap + 0.07)
        _falling(p, other, brink + 0.05, foot, 0.035)
        gap += 0.06
    for t in (0.0, 0.5, 1.0):
        _cliffs(p, x, gap + 0.1 * t, brink + 0.01 - 0.05 * t, t)
        if t < 1:
            p.mist(foot - 0.2, foot + 0.06, 0.35, name=f"spray-{t}")
    _pool(p, foot)
    p.canvas.lay(None, p.palette.spark, 0.55, [Glow((x, foot), 0.13, 3.0, 0.5)], Mode.SCREEN)
    spot = p.toward(0.3)
    place_subject(p, (spot, foot + 0.09), 0.13)
    float_subjects(p)


def _falling(p: Painting, x: float, top: float, foot: float, width: float) -> None:
    rng = p.rng("falling")
    t = np.linspace(0, 1, 20)
    middle = np.stack([x + 0.012 * np.sin(t * 4), top + (foot - top) * t], axis=1)
    sheet = p.canvas.stencil(ribbon(middle, width * (0.8 + 0.35 * t)))
    pale = mix(p.palette.spark, p.palette.haze, 0.25)
    p.canvas.lay(sheet, Ramp(((top, mix(pale, p.palette.depth(0.3), 0.15)), (foot, pale))))
    for _ in range(70):
        at = x + float(rng.normal(0, width * 0.28))
        start = top + float(rng.uniform(-0.02, 0.6)) * (foot - top)
        long = float(rng.uniform(0.06, 0.26))
        s = np.linspace(0, 1, 8)
        strand = np.stack([at + (at - x) * 0.12 * s, np.minimum(start + long * s, foot)], axis=1)
        shade = (
            mix(p.palette.depth(0.3), p.palette.haze, 0.4)
            if rng.random() < 0.5
            else p.palette.spark
        )
        p.canvas.lay(
            p.canvas.stencil(ribbon(strand, 0.007 * np.sin(np.pi * (0.05 + 0.9 * s)))), shade, 0.55
        )


def _cliffs(p: Painting, x: float, gap: float, top: float, nearness: float) -> None:
    """Rock walls left and right of the gap."""
    rng, frame = p.rng(f"cliffs-{nearness}"), p.frame
    ys = np.linspace(top, frame.height + 0.05, 46)
    colour = p.palette.depth(0.45 + 0.55 * nearness)
    for side in (-1, 1):
        steps = np.cumsum(
            np.abs(rng.normal(0.0, 0.011, 46)) * rng.choice([-0.35, 1.0], 46, p=[0.6, 0.4])
        )
        wall = x + side * (
            gap * (1.1 + 0.5 * nearness) + 0.08 * nearness + 0.9 * np.clip(0.2 - steps, -0.05, 0.2)
        )
        wall = wall + side * 0.25 * nearness * np.clip((ys - frame.y(0.72)) / 0.3, 0, 1)
        edge = 2.0 * side
        outline = np.vstack(
            [np.stack([wall, ys], axis=1), [[edge, frame.height + 0.05], [edge, top - 0.08]]]
        )
        outline[:, 0] = np.clip(outline[:, 0], -0.5, frame.width + 0.5)
        sheet = p.canvas.stencil(outline)
        p.canvas.lay(
            sheet, Ramp(((top, p.hazed(colour, 0.15 * (1 - nearness))), (frame.height, colour)))
        )
        land.texture(p, sheet, shift(colour, light=0.045), 0.6, f"cliff-{nearness}-{side}")
        lit = sheet.edge(side * 0.004, 0.002)
        p.canvas.lay(lit, p.light.colour, 0.5, [Glow(p.light.at, 0.5, 2.4)])


def _pool(p: Painting, top: float) -> None:
    rng, frame = p.rng("pool"), p.frame
    ridge = land.hills(rng, frame, top + 0.015, 0.012, 2.0)
    sheet = p.canvas.stencil(ridge.outline(frame.height + 0.03))
    far, near = water_colours(p)
    p.canvas.lay(
        sheet,
        Ramp(
            (
                (top, mix(far, p.palette.spark, 0.35)),
                (top + 0.16, mix(far, near, 0.5)),
                (frame.height, near),
            )
        ),
    )
    rings = p.canvas.sheet(0, top, frame.width, frame.height)
    for k in range(7):
        y = top + 0.03 + 0.026 * k**1.25
        for _ in range(9):
            x = frame.x(rng.uniform(0, 1))
            rings.polygon(ellipse((x, y), 0.02 + 0.014 * k, 0.001 + 0.0007 * k, count=16))
    p.canvas.lay(rings, p.palette.spark, 0.4)
    stones = p.canvas.sheet(-0.1, top, frame.width + 0.1, frame.height + 0.1)
    for _ in range(16):
        x = p.frame.x(float(rng.choice([rng.uniform(-0.02, 0.25), rng.uniform(0.75, 1.02)])))
        y = float(rng.uniform(top + 0.08, frame.height))
        size = (y - top) * float(rng.uniform(0.08, 0.22)) + 0.008
        rock = smooth(
            placed(
                points((-1, 0.2), (-0.7, -0.45), (0.1, -0.7), (0.8, -0.35), (1, 0.2)), (x, y), size
            ),
            4,
        )
        stones.polygon(rock)
    p.canvas.lay(stones, p.palette.near)
    land.rim_light(p, stones, 0.0025, 0.6)
