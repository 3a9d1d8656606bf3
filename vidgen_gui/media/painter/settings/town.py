"""Settings where people live: skyline, street, village, steps to a door, lanterns."""

import numpy as np

from vidgen_gui.media.painter import land, sky
from vidgen_gui.media.painter.amounts import Fade, Glow
from vidgen_gui.media.painter.canvas import Ramp, Stencil
from vidgen_gui.media.painter.colour import mix
from vidgen_gui.media.painter.geometry import Rng, box, points, ribbon
from vidgen_gui.media.painter.land import Ridge
from vidgen_gui.media.painter.painting import Painting
from vidgen_gui.media.painter.subjects import (
    float_subjects,
    ground_subjects,
    place_subject,
)
from vidgen_gui.media.painter.water import mirror


def city(p: Painting) -> None:
    """A skyline in planes with lit windows; water, a street or a roof before it."""
    rng, frame = p.rng("city"), p.frame
    p.horizon = p.above_captions(frame.y(float(rng.uniform(0.56, 0.64))) + 0.03) - 0.03
    p.light.radius *= 1.3
    sky.heavens(p)
    float_subjects(p)
    for index in range(3):
        t = index / 2
        blocks(p, p.horizon + 0.03 * index, 0.16 + 0.15 * t, t, f"blocks-{index}")
        p.mist(p.horizon - 0.12, p.horizon + 0.05, 0.6 - 0.42 * t, name=f"smog-{index}")
    variant = p.kind("city-kind")
    line = p.horizon + 0.055
    if variant < 0.55 and not ground_subjects(p):
        land.ground(p, Ridge(land.across(frame), np.full(360, line - 0.006)), 0.9, haze=0.0)
        mirror(p, line, frame.height + 0.02, ripple=1.3)
    else:
        land.ground(p, Ridge(land.across(frame), np.full(360, line - 0.006)), 0.85, haze=0.0)
        level = frame.y(float(rng.uniform(0.62, 0.68)))
        _parapet(p, p.above_captions(level))


def _parapet(p: Painting, level: float) -> None:
    """The edge of a roof, with someone on it."""
    rng, frame = p.rng("parapet"), p.frame
    spot = p.toward(float(rng.uniform(0.34, 0.5)))
    if ground_subjects(p):
        behind = Glow((spot, level - 0.1), 0.2, 3.0)
        p.canvas.lay(None, mix(p.palette.haze, p.light.colour, 0.25), 0.72, [behind])
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
    _brickwork(p, level)
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
    place_subject(p, (spot, level - 0.01), 0.18, beside=0.1, narrow=True)


def _brickwork(p: Painting, level: float) -> None:
    """Courses of stone below the roof's edge, some of them caught by the light."""
    rng, frame = p.rng("brickwork"), p.frame
    sheet = p.canvas.sheet(-0.1, level, frame.width + 0.1, frame.height + 0.1)
    rise = 0.042
    for row in range(int((frame.height - level) / rise) + 1):
        y = level + 0.02 + rise * row
        for col in range(-1, int(frame.width / 0.11) + 1):
            x = 0.11 * (col + 0.5 * (row % 2))
            brick = box(x + 0.002, y + 0.002, x + 0.108, y + rise - 0.002)
            sheet.polygon(brick, int(rng.uniform(20, 190)))
    falling = Fade(((level, 1.0), (frame.height, 0.25)))
    p.canvas.lay(sheet, mix(p.palette.depth(0.6), p.palette.haze, 0.15), 0.3, [falling])


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
