"""Settings where people live: skyline, street, village, steps to a door, lanterns."""

import numpy as np

from vidgen_gui.media.painter import land, sky, things, weather
from vidgen_gui.media.painter.canvas import Glow, Mode, Ramp, Stencil
from vidgen_gui.media.painter.colour import mix
from vidgen_gui.media.painter.geometry import Rng, box, ellipse, placed, points, ribbon
from vidgen_gui.media.painter.land import Ridge
from vidgen_gui.media.painter.painting import Painting
from vidgen_gui.media.painter.subjects import (
    float_subjects,
    ground_subjects,
    lone_tree,
    place_subject,
)
from vidgen_gui.media.painter.water import mirror


def city(p: Painting) -> None:
    """A skyline in planes with lit windows; water, a street or a roof before it."""
    rng, frame = p.rng("city"), p.frame
    p.horizon = frame.y(float(rng.uniform(0.56, 0.64)))
    p.light.radius *= 1.3
    sky.heavens(p)
    float_subjects(p)
    for index in range(3):
        t = index / 2
        blocks(p, p.horizon + 0.03 * index, 0.16 + 0.15 * t, t, f"blocks-{index}")
        p.mist(p.horizon - 0.12, p.horizon + 0.05, 0.6 - 0.42 * t, name=f"smog-{index}")
    variant = rng.random()
    line = p.horizon + 0.055
    if variant < 0.55:
        land.ground(p, Ridge(land.across(frame), np.full(360, line - 0.006)), 0.9, haze=0.0)
        mirror(p, line, frame.height + 0.02, ripple=1.3)
        if ground_subjects(p):
            _parapet(p, frame.y(0.9))
    else:
        land.ground(p, Ridge(land.across(frame), np.full(360, line - 0.006)), 0.85, haze=0.0)
        _parapet(p, frame.y(float(rng.uniform(0.62, 0.68))))


def _parapet(p: Painting, level: float) -> None:
    """The edge of a roof, with someone on it."""
    rng, frame = p.rng("parapet"), p.frame
    slab = p.canvas.stencil(box(-0.1, level, frame.width + 0.1, frame.height + 0.1))
    p.canvas.lay(
        slab,
        Ramp(
            (
                (level, mix(p.palette.near, p.palette.depth(0.5), 0.25)),
                (frame.height, p.palette.near),
            )
        ),
    )
    cap = p.canvas.stencil(box(-0.1, level - 0.012, frame.width + 0.1, level + 0.012))
    p.canvas.lay(cap, p.palette.near)
    land.rim_light(p, cap, 0.003, 0.8)
    tank_x = p.toward(0.1)
    tank = p.canvas.stencil(
        box(tank_x - 0.06, level - 0.17, tank_x + 0.06, level - 0.06),
        points(
            (tank_x - 0.07, level - 0.165), (tank_x, level - 0.21), (tank_x + 0.07, level - 0.165)
        ),
        *[box(tank_x + d, level - 0.07, tank_x + d + 0.008, level) for d in (-0.05, -0.004, 0.042)],
    )
    p.canvas.lay(tank, p.palette.near)
    land.rim_light(p, tank, 0.003, 0.7)
    spot = p.toward(float(rng.uniform(0.34, 0.5)))
    place_subject(p, (spot, level - 0.01), 0.16, beside=0.1, narrow=True)


def blocks(p: Painting, base: float, tall: float, nearness: float, name: str) -> None:
    """One plane of buildings with windows."""
    rng, frame = p.rng(name), p.frame
    sheet, panes = p.canvas.stencil(), p.canvas.stencil()
    x = -0.05
    peak = p.toward(float(rng.uniform(0.25, 0.5)))
    while x < frame.width + 0.05:
        width = float(rng.uniform(0.035, 0.075)) * (1 + 0.55 * nearness)
        swell = 0.55 + 0.75 * np.exp(-(((x - peak) / 0.3) ** 2))
        height = tall * float(rng.uniform(0.35, 1.1)) * swell
        top = base - height
        sheet.polygon(box(x, top, x + width, base + 0.1))
        _roof(sheet, rng, x, top, width)
        _windows(panes, rng, x, top, width=width, base=base, nearness=nearness)
        x += width * float(rng.uniform(0.86, 1.12))
    colour = mix(p.palette.depth(0.15 + 0.75 * nearness), p.palette.near, 0.3 * nearness)
    top_y = base - tall
    p.canvas.lay(sheet, Ramp(((top_y, colour), (base, p.hazed(colour, 0.45 * (1 - nearness))))))
    land.rim_light(p, sheet, 0.0016, 0.55)
    lit = sheet.edge(-0.0028 * p.side, 0.0)
    p.canvas.lay(lit, p.light.colour, 0.5, [Glow(p.light.at, 0.45, 2.6)])
    glow = mix(p.palette.accent, p.palette.spark, 0.3)
    day = p.palette.body == "sun" and p.palette.stars < 0.2
    p.canvas.lay(panes, glow, (0.35 if day else 0.92) * (0.55 + 0.45 * nearness))


def _roof(sheet: Stencil, rng: Rng, x: float, top: float, width: float) -> None:
    kind = rng.random()
    middle = x + width / 2
    if kind < 0.25:
        sheet.polygon(
            ribbon(
                points((middle, top), (middle, top - width * float(rng.uniform(0.4, 1.1)))), 0.0025
            )
        )
    elif kind < 0.45:
        sheet.polygon(box(x + width * 0.2, top - width * 0.25, x + width * 0.8, top + 0.01))
    elif kind < 0.58:
        sheet.polygon(
            points(
                (x, top),
                (x + width, top),
                (x + width * float(rng.choice([0.0, 1.0])), top - width * 0.5),
            )
        )
    elif kind < 0.66:
        sheet.polygon(
            points((x + width * 0.2, top), (middle, top - width * 1.1), (x + width * 0.8, top))
        )


def _windows(
    panes: Stencil,
    rng: Rng,
    x: float,
    top: float,
    *,
    width: float,
    base: float,
    nearness: float,
) -> None:
    step = 0.0075 + 0.0065 * nearness
    cols = max(2, int(width / step))
    gap = width / cols
    rows = int((base - top) / (step * 1.25))
    share = float(rng.uniform(0.08, 0.5))
    lit = rng.random((rows, cols)) < share
    values = rng.uniform(90, 255, (rows, cols))
    for row, col in zip(*np.nonzero(lit), strict=True):
        left = x + gap * (col + 0.24)
        upper = top + step * 1.25 * (row + 0.45)
        panes.polygon(
            box(left, upper, left + gap * 0.52, upper + step * 0.62), int(values[row, col])
        )


def street(p: Painting) -> None:
    """A wet street at night between dark houses: lamps, their reflections, someone alone."""
    rng, frame = p.rng("street"), p.frame
    open_side = int(rng.choice([-1, 0, 1]))
    vanish = (
        frame.x(0.5 + 0.3 * open_side * float(rng.uniform(0.5, 1.0)) + 0.07 * p.side),
        frame.y(float(rng.uniform(0.4, 0.53))),
    )
    p.horizon = vanish[1]
    p.light.at = vanish[0], vanish[1] - 0.05
    p.light.rays = 0.2
    sky.air(p, glow=0.8)
    if p.palette.stars > 0.3:
        sky.stars(p, p.palette.stars * 0.7)
    p.canvas.lay(
        None, p.palette.accent, 0.5, [Glow((vanish[0], vanish[1] - 0.02), 0.16, 2.6)], Mode.SCREEN
    )
    if open_side:
        _open_quay(p, vanish, open_side)
    for index in range(5):
        _house_pair(p, vanish, index, open_side)
        p.mist(
            vanish[1] - 0.2,
            vanish[1] + 0.06,
            0.2,
            colour=mix(p.palette.haze, p.palette.accent, 0.25),
            name=f"st-{index}",
        )
    lamps = [_lamp_row(vanish, side) for side in (-1, 1)]
    line = vanish[1] + 0.075
    _wet_ground(p, line)
    for row in lamps:
        for at, size in row[-2:]:
            stand_lamp(p, at, size)
    foot = (
        vanish[0] * 0.5 + frame.x(0.25) - 0.1 * p.side * float(rng.uniform(0.3, 1.3)),
        frame.y(float(rng.uniform(0.6, 0.67))),
    )
    _shadow(p, foot)
    place_subject(p, foot, 0.22, beside=0.12, narrow=True)
    if p.mood("rain", "storm") or rng.random() < 0.5:
        weather.rain(p, 0.9)


def _open_quay(p: Painting, vanish: tuple[float, float], side: int) -> None:
    """Where one side of the street has no houses: far lights over water, a bare tree, a rail."""
    frame = p.frame
    if p.palette.body == "moon":
        p.light.at = vanish[0] + side * 0.3, frame.y(0.2)
        p.light.radius = 0.07
        sky.moon(p)
    blocks(p, vanish[1] + 0.05, 0.13, 0.25, "quay-far")
    edge = vanish[0] + side * 0.1
    lone_tree(p, (vanish[0] + side * 0.42, vanish[1] + 0.13), 0.5, bare=True)
    rail = p.canvas.stencil()
    for k in range(1, 16):
        t = k / 15
        x, y = edge + side * 0.62 * t**2, vanish[1] + 0.06 + 0.03 * t**2
        rail.polygon(
            ribbon(points((x, y + 0.03 * t), (x, y - 0.02 - 0.05 * t)), 0.0015 + 0.004 * t)
        )
    along = np.linspace(0, 1, 20)
    for level in (1.0, 0.55):
        top = np.stack(
            [
                edge + side * 0.62 * along**2,
                vanish[1] + 0.06 + 0.03 * along**2 - level * (0.02 + 0.05 * along),
            ],
            axis=1,
        )
        rail.polygon(ribbon(top, 0.0015 + 0.004 * along))
    p.canvas.lay(rail, p.palette.near)


def _house_pair(p: Painting, vanish: tuple[float, float], index: int, open_side: int) -> None:
    rng = p.rng(f"house-pair-{index}")
    near = (index + 1) / 5
    scale = 0.12 + 0.88 * near**1.7
    colour = mix(p.palette.depth(0.2 + 0.7 * near), p.palette.near, 0.45 * near)
    for side in [side for side in (-1, 1) if side != open_side]:
        inner = vanish[0] + side * (0.05 + 0.36 * scale)
        outer = vanish[0] + side * 2.0
        top = vanish[1] - float(rng.uniform(0.35, 0.62)) * scale - 0.05
        foot = vanish[1] + 0.09 + 0.05 * scale
        sheet = p.canvas.stencil(
            points((inner, top), (outer, top - 0.5), (outer, foot + 0.4), (inner, foot))
        )
        p.canvas.lay(
            sheet, Ramp(((top, colour), (foot, mix(colour, p.palette.accent, 0.12 * (1 - near)))))
        )
        edge = sheet.edge(side * 0.003, 0.002)
        p.canvas.lay(edge, mix(p.palette.accent, p.palette.haze, 0.4), 0.5)
        panes = p.canvas.stencil()
        for row in range(6):
            for col in range(4):
                if rng.random() < 0.62:
                    continue
                x0 = inner + side * scale * (0.05 + 0.13 * col)
                x1 = x0 + side * scale * 0.065
                y0 = top + scale * (0.07 + 0.105 * row)
                y1 = y0 + scale * 0.06
                if y1 < foot - 0.05 * scale:
                    panes.polygon(box(min(x0, x1), y0, max(x0, x1), y1), int(rng.uniform(110, 255)))
        p.canvas.lay(panes, mix(p.palette.accent, p.palette.spark, 0.25), 0.85)


def _lamp_row(vanish: tuple[float, float], side: int) -> list[tuple[tuple[float, float], float]]:
    row = []
    for k in range(5, 0, -1):
        t = 1 / k**1.1
        row.append(
            ((vanish[0] + side * (0.05 + 0.3 * t), vanish[1] + 0.075 + 0.03 * t), 0.07 + 0.36 * t)
        )
    return row


def stand_lamp(p: Painting, at: tuple[float, float], size: float) -> None:
    """A street lamp that shines."""
    flip = at[0] > p.frame.x(0.5)
    filled, openings = things.street_lamp()
    bulb = placed(openings[0], at, size, flip=flip)
    center = float(bulb[:, 0].mean()), float(bulb[:, 1].mean())
    p.canvas.halo(center, size * 0.75, p.palette.accent, 0.75)
    cone = points(center, (center[0] - size * 0.3, at[1]), (center[0] + size * 0.3, at[1]))
    light = p.canvas.stencil(cone, margin=0.02).softened(0.008)
    p.canvas.lay(light, p.palette.accent, 0.28, [Glow(center, size * 0.6, 2.5)], Mode.SCREEN)
    sheet = p.canvas.stencil(*[placed(part, at, size, flip=flip) for part in filled])
    p.canvas.lay(sheet, p.palette.near)
    p.canvas.lay(p.canvas.stencil(bulb, margin=0.003), p.palette.spark)
    p.canvas.halo(center, size * 0.1, p.palette.spark, 1.0)


def _wet_ground(p: Painting, line: float) -> None:
    mirror(p, line, p.frame.height + 0.02, ripple=2.4)
    rng, frame = p.rng("wet"), p.frame
    streaks = p.canvas.stencil()
    for _ in range(60):
        x = frame.x(0.5) + float(rng.normal(0, 0.2))
        y = float(rng.uniform(line + 0.02, frame.height))
        streaks.polygon(
            ellipse((x, y), 0.02 + 0.1 * (y - line), 0.0009 + 0.003 * (y - line), count=14)
        )
    p.canvas.lay(
        streaks, p.palette.accent, 0.35, [Glow((frame.x(0.5), line + 0.1), 0.4, 2.0)], Mode.SCREEN
    )


def _shadow(p: Painting, foot: tuple[float, float]) -> None:
    shade = p.canvas.stencil(
        ellipse((foot[0], foot[1] + 0.006), 0.07, 0.009), margin=0.03
    ).softened(0.006)
    p.canvas.lay(shade, p.palette.near, 0.7)
