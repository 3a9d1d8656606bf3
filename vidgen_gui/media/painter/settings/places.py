"""Settings with a meaning of their own: a village at dusk, steps to a door, lanterns."""

import numpy as np

from vidgen_gui.media.painter import land, sky, things
from vidgen_gui.media.painter.amounts import Fade, Glow
from vidgen_gui.media.painter.canvas import Mode, Ramp
from vidgen_gui.media.painter.colour import mix
from vidgen_gui.media.painter.geometry import box, placed, points, ribbon, smooth
from vidgen_gui.media.painter.painting import Painting
from vidgen_gui.media.painter.settings.highland import roadside
from vidgen_gui.media.painter.settings.open_air import cloud_bank
from vidgen_gui.media.painter.subjects import (
    float_subjects,
    ground_subjects,
    lone_tree,
    place_subject,
    stand,
    treeline,
)
from vidgen_gui.media.painter.water import mirror


def village(p: Painting) -> None:
    """Houses on a slope with warm windows under a wide sky."""
    rng, frame = p.rng("village"), p.frame
    sky.heavens(p)
    float_subjects(p)
    if rng.random() < 0.6:
        land.ground(p, land.crags(rng, frame, p.horizon, 0.2, 1.9), 0.12)
        p.mist(p.horizon - 0.12, p.horizon + 0.03, 0.6)
    rows = 4
    x = p.toward(0.28)
    deep = p.above_captions(p.horizon + 0.31) - p.horizon - 0.04
    for index in range(rows):
        t = index / (rows - 1)
        base = p.horizon + 0.04 + deep * t
        ridge = land.hills(rng, frame, base, 0.08, float(rng.uniform(0.9, 1.6)))
        if index == rows - 1:
            ridge = land.staged(p, ridge, x)
        land.ground(p, ridge, 0.25 + 0.7 * t)
        treeline(
            p,
            ridge,
            0.28 + 0.68 * t,
            (0.03 + 0.03 * t, 0.06 + 0.06 * t),
            count=22,
            name=f"vt-{index}",
            leafy=index % 2 == 0,
        )
        if index < rows - 1:
            for _ in range((5, 4, 3)[index]):
                x = frame.x(float(rng.uniform(0.04, 0.96)))
                _cottage(p, (x, ridge.height_at(x) + 0.01), 0.05 + 0.075 * t, 0.3 + 0.68 * t)
            p.mist(float(ridge.ys.min()), float(ridge.ys.max()) + 0.05, 0.25, name=f"vm-{index}")
    line = land.winding_path(
        p,
        (frame.x(0.5), frame.height + 0.05),
        (x + 0.12 * p.side, ridge.height_at(x + 0.12 * p.side) + 0.006),
        0.3,
        "village-path",
    )
    roadside(p, line, ridge.height_at(x) + 0.03)
    people = [n for n in ground_subjects(p) if n != "house"]
    if people:
        stand(p, people[0], (x, ridge.height_at(x) + 0.004), 0.15)
    else:
        lone_tree(p, (p.toward(0.06), ridge.height_at(p.toward(0.06)) + 0.01), 0.5)


def _cottage(p: Painting, foot: tuple[float, float], size: float, nearness: float) -> None:
    rng = p.rng("cottages")
    filled, openings = things.house()
    flip = bool(rng.random() < 0.5)
    sheet = p.canvas.stencil(*[placed(part, foot, size, flip=flip) for part in filled])
    p.canvas.lay(sheet, mix(p.palette.depth(nearness), p.palette.near, 0.35))
    land.rim_light(p, sheet, 0.0022, 0.8)
    glow = mix(p.palette.accent, p.palette.spark, 0.3)
    p.canvas.lay(
        p.canvas.stencil(*[placed(part, foot, size, flip=flip) for part in openings]), glow
    )
    p.canvas.halo((foot[0], foot[1] - size * 0.3), size * 0.9, p.palette.accent, 0.4)
    t = np.linspace(0, 1, 14)
    start = placed(points((0.28, -1.0)), foot, size, flip=flip)[0]
    smoke = np.stack(
        [start[0] + 0.02 * np.sin(t * 5) - 0.05 * t * p.side, start[1] - 0.13 * t], axis=1
    )
    puff = p.canvas.stencil(ribbon(smoke, size * (0.05 + 0.22 * t)), margin=0.02).softened(
        size * 0.03
    )
    p.canvas.lay(
        puff, p.palette.haze, 0.45, [Fade(((float(start[1]) - 0.13, 0), (float(start[1]), 1)))]
    )


def stairs(p: Painting) -> None:
    """Steps up to a doorway full of light, or out of the clouds into the sky."""
    if p.kind("stairs-kind") < 0.78 and "door" not in p.brief.subjects:
        _sky_stairs(p)
    else:
        _hall_stairs(p)


def _sky_stairs(p: Painting) -> None:
    """A long flight seen from the side, rising over clouds towards the light."""
    rng, frame = p.rng("sky-stairs"), p.frame
    # A step has room for one; more than one stand on the landing.
    several = {"pair", "family"}.intersection(ground_subjects(p)[:1])
    reach = float(rng.uniform(0.7, 0.95))
    low_x, high_x = p.toward(-0.1), p.toward(reach - 0.27 if several else reach)
    low_y, high_y = frame.y(float(rng.uniform(0.72, 0.84))), frame.y(float(rng.uniform(0.34, 0.44)))
    p.horizon = frame.y(0.62)
    p.light.at = high_x - 0.04 * p.side, high_y - float(rng.uniform(0.06, 0.16))
    p.light.radius = float(rng.uniform(0.09, 0.15))
    sky.heavens(p)
    far = land.crags(rng, frame, p.horizon, float(rng.uniform(0.08, 0.2)), 2.0)
    land.ground(p, far, 0.15)
    for index in range(2):
        cloud_bank(
            p, p.horizon + 0.01 + 0.08 * index, 0.05, 0.2 + 0.2 * index, f"step-cloud-{index}"
        )
    count = int(rng.integers(11, 16))
    xs = np.repeat(np.linspace(low_x, high_x, count + 1), 2)[1:-1]
    ys = np.repeat(np.linspace(low_y, high_y, count), 2)
    end = p.toward(1.1) if several else high_x + 0.2 * p.side
    top = np.vstack([np.stack([xs, ys], axis=1), [[end, high_y], [end, high_y + 0.02]]])
    under_side = points((end - 0.22 * p.side, high_y + 0.06), (low_x, low_y + 0.2))
    flight = p.canvas.stencil(np.vstack([top, under_side]), margin=0.01)
    p.canvas.lay(flight, Ramp(((high_y, p.palette.depth(0.8)), (low_y, p.palette.near))))
    land.rim_light(p, flight, 0.004, 1.0)
    step = int(rng.integers(count // 2, count - 2))
    x, y = float(xs[2 * step] + xs[2 * step + 1]) / 2, float(ys[2 * step])
    at = (high_x + 0.1 * p.side, high_y) if several else (x, y)
    place_subject(p, (at[0], at[1] + 0.003), 0.15, narrow=True)
    for index in range(2):
        cloud_bank(p, frame.y(0.82 + 0.1 * index), 0.08, 0.6 + 0.3 * index, f"near-cloud-{index}")


def _hall_stairs(p: Painting) -> None:
    rng, frame = p.rng("stairs"), p.frame
    x, top = p.toward(float(rng.uniform(0.22, 0.72))), frame.y(float(rng.uniform(0.34, 0.56)))
    half, high = float(rng.uniform(0.07, 0.17)), float(rng.uniform(0.22, 0.44))
    p.light.at = x, top - high * 0.45
    p.light.rays = 0.75
    p.bloom = 0.5
    wall = mix(p.palette.sky[0], p.palette.sky[1], 0.35)
    p.canvas.lay(
        None,
        Ramp(
            (
                (0, mix(wall, p.palette.near, 0.45)),
                (top, wall),
                (frame.height, p.palette.near),
            )
        ),
    )
    p.canvas.lay(None, p.palette.sky[2], 0.7, [Glow(p.light.at, 0.26, 2.8)], Mode.SCREEN)
    _doorway(p, x, top, half, high, arched=bool(rng.random() < 0.65))
    _steps(p, x, top, half)
    _pillars(p, x, top)
    spot = int(rng.integers(2, 5))
    y = top + 0.012 * sum(1.22**k for k in range(spot))
    place_subject(p, (x + 0.02 * p.side, y + 0.004), 0.15, narrow=True)


def _doorway(p: Painting, x: float, top: float, half: float, high: float, *, arched: bool) -> None:
    angle = np.linspace(np.pi, 2 * np.pi, 30)
    rise = half if arched else 0.0
    arch = np.stack([x + half * np.cos(angle), top - high + rise + rise * np.sin(angle)], axis=1)
    feet = points((x + half, top), (x - half, top))
    opening = np.vstack([arch, feet])
    casing = (opening - [x, top]) * [1.28, 1.07] + [x, top]
    p.canvas.lay(p.canvas.stencil(casing), mix(p.palette.sky[0], p.palette.near, 0.6))
    shine = mix(p.light.colour, p.palette.sky[3], 0.4)
    p.canvas.lay(p.canvas.stencil(opening), Ramp(((top - high, shine), (top, p.light.colour))))


def _steps(p: Painting, x: float, top: float, half: float) -> None:
    y, rise, width = top, 0.012, half * 1.25
    lit = mix(p.light.colour, p.palette.sky[3], 0.45)
    for k in range(18):
        below = y + rise
        fade = min(1.0, k / 11)
        tread = mix(mix(lit, p.palette.depth(0.5), fade**0.7), p.palette.near, 0.35 * fade)
        face = mix(tread, p.palette.near, 0.5)
        p.canvas.lay(p.canvas.stencil(box(x - width, y, x + width, below + 0.002)), face)
        p.canvas.lay(p.canvas.stencil(box(x - width, y, x + width, y + rise * 0.42)), tread)
        y, rise, width = below, rise * 1.22, width * 1.13 + 0.01
        if y > p.frame.height:
            break


def _pillars(p: Painting, x: float, top: float) -> None:
    for k in range(4):
        near = k / 3
        off = 0.2 + 0.1 * k + 0.05 * k**2
        half = 0.018 + 0.026 * near**1.3
        foot = top + 0.05 + 0.2 * near**1.4
        head = top - 0.48 - 0.25 * near
        colour = mix(p.palette.depth(0.45 + 0.4 * near), p.palette.near, 0.25 + 0.6 * near)
        for side in (-1, 1):
            middle = x + side * off
            sheet = p.canvas.stencil(
                box(middle - half, head, middle + half, foot),
                box(middle - half * 1.4, foot - half * 0.9, middle + half * 1.4, foot),
                box(middle - half * 1.5, head - half, middle + half * 1.5, head + half * 0.5),
                box(middle - half * 1.8, -0.1, middle + half * 1.8, head),
            )
            p.canvas.lay(sheet, colour)
            p.canvas.lay(
                sheet.edge(side * half * 0.4, 0.0),
                p.light.colour,
                0.42 * (1 - 0.5 * near),
                [Glow(p.light.at, 0.4, 2.2)],
            )
        p.canvas.lay(None, p.palette.sky[3], 0.06, [Glow(p.light.at, 0.4, 2.0)], Mode.SCREEN)


def lanterns(p: Painting) -> None:
    """Paper lanterns rising over dark water, people watching."""
    rng, frame = p.rng("lanterns"), p.frame
    line = frame.y(float(rng.uniform(0.5, 0.68)))
    p.horizon = line
    sky.air(p, glow=0.5)
    sky.stars(p, max(0.4, p.palette.stars))
    p.light.rays = 0.0
    p.canvas.lay(
        None, p.palette.accent, 0.3, [Glow((p.light.at[0], line), 0.36, 2.4, 0.5)], Mode.SCREEN
    )
    land.ground(p, land.crags(rng, frame, line, 0.14, 1.8), 0.4, haze=0.3)
    depths = np.sort(rng.power(0.75, int(rng.integers(26, 54))))
    foot, lean, spread = (float(v) for v in rng.uniform((0.2, -0.5, 0.14), (0.8, 0.5, 0.4)))
    for t in depths:
        high = float(rng.uniform(0, 1)) * (0.45 + 0.55 * float(t))
        middle = foot + lean * high + float(rng.normal(0, spread))
        at = frame.x(middle), line - 0.06 - (line - 0.02) * high
        lantern(p, at, 0.008 + 0.05 * float(t) ** 2.2)
    land.ground(p, land.hills(rng, frame, line - 0.004, 0.02, 2.2), 0.8, haze=0.0)
    mirror(p, line, frame.height + 0.02, ripple=1.6)
    x = p.toward(0.3)
    bank = land.staged(p, land.hills(rng, frame, frame.y(0.93), 0.06, 1.2), x, 0.18)
    land.ground(p, bank, 1.0, haze=0.0)
    names = ground_subjects(p) or ["pair"]
    stand(p, names[0], (x, bank.height_at(x) + 0.004), 0.18)


def lantern(p: Painting, at: tuple[float, float], size: float) -> None:
    """One paper lantern, lit from below."""
    shape = smooth(
        points(
            (-0.42, 0.5),
            (-0.56, -0.1),
            (-0.44, -0.62),
            (0, -0.74),
            (0.44, -0.62),
            (0.56, -0.1),
            (0.42, 0.5),
        ),
        4,
    )
    p.canvas.halo(at, size * 3.4, p.palette.accent, 0.55)
    sheet = p.canvas.stencil(placed(shape, at, size), margin=0.004)
    if size > 0.045:
        sheet.softened(0.0016)
    deep = mix(p.palette.accent, (0.75, 0.25, 0.1), 0.4)
    p.canvas.lay(
        sheet,
        Ramp(
            (
                (at[1] - size * 0.7, deep),
                (at[1] + size * 0.2, p.palette.accent),
                (at[1] + size * 0.5, p.palette.spark),
            )
        ),
    )
