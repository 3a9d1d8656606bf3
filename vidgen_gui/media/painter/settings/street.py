"""The street, in its two views: along it into the distance, and across to a row of houses."""

import numpy as np

from vidgen_gui.media.painter import land, sky, things, weather
from vidgen_gui.media.painter.amounts import Glow
from vidgen_gui.media.painter.canvas import Mode, Ramp
from vidgen_gui.media.painter.colour import mix
from vidgen_gui.media.painter.geometry import Rng, box, ellipse, placed, points, ribbon
from vidgen_gui.media.painter.painting import Painting
from vidgen_gui.media.painter.settings.town import blocks
from vidgen_gui.media.painter.subjects import (
    lone_tree,
    place_subject,
    reflect,
)
from vidgen_gui.media.painter.water import mirror


def street(p: Painting) -> None:
    """A wet street with lamps, their reflections, someone alone."""
    if p.kind("street-kind") < 0.42:
        _across(p)
    else:
        _along(p)


def _across(p: Painting) -> None:
    """A row of old houses seen from the other side, shops lit, the pavement wet."""
    rng, frame = p.rng("across"), p.frame
    line = p.above_captions(frame.y(float(rng.uniform(0.54, 0.62))) + 0.02) - 0.02
    p.horizon = line
    p.light.at = p.toward(float(rng.uniform(0.5, 0.85))), frame.y(float(rng.uniform(0.08, 0.2)))
    p.light.radius *= 0.8
    p.light.rays = 0.1
    sky.heavens(p)
    blocks(p, line - 0.05, 0.32, 0.2, "behind")
    x = float(rng.uniform(-0.2, -0.05))
    index = 0
    while x < frame.width:
        wide = float(rng.uniform(0.17, 0.3))
        if rng.random() > 0.12 or index == 0:
            _facade(p, x, wide, line, index)
        x += wide
        index += 1
    kerb = p.canvas.stencil(box(-0.1, line - 0.012, frame.width + 0.1, line + 0.004))
    p.canvas.lay(kerb, mix(p.palette.near, p.palette.haze, 0.25))
    lamp = p.toward(float(rng.uniform(0.15, 0.4))), line
    stand_lamp(p, lamp, 0.44)
    if rng.random() < 0.5:
        lone_tree(p, (p.toward(float(rng.uniform(0.75, 0.95))), line), 0.42, bare=True)
    _wet_ground(p, line + 0.004)
    foot = (
        p.toward(float(rng.uniform(0.35, 0.68))),
        p.above_captions(line + float(rng.uniform(0.012, 0.06))),
    )
    place_subject(p, foot, 0.19, beside=0.1, narrow=True)
    if p.mood("rain", "storm") or rng.random() < 0.4:
        weather.rain(p, 0.9)


def _facade(p: Painting, x: float, wide: float, line: float, index: int) -> None:
    """One old house: roof, rows of windows, a lit shop or a door below."""
    rng = p.rng(f"facade-{index}")
    storey = 0.085
    storeys = int(rng.integers(2, 5))
    top = line - 0.12 - storey * storeys
    tone = mix(p.palette.depth(float(rng.uniform(0.5, 0.9))), p.palette.near, 0.35)
    wall = p.canvas.stencil(box(x, top, x + wide, line))
    p.canvas.lay(wall, Ramp(((top, tone), (line, mix(tone, p.palette.near, 0.45)))))
    peak = float(rng.uniform(0.03, 0.09))
    roof = (
        points((x - 0.008, top), (x + wide * 0.5, top - peak * 1.4), (x + wide + 0.008, top))
        if rng.random() < 0.5
        else points(
            (x - 0.008, top),
            (x + 0.03, top - peak),
            (x + wide - 0.03, top - peak),
            (x + wide + 0.008, top),
        )
    )
    cap = p.canvas.stencil(roof)
    p.canvas.lay(cap, mix(tone, p.palette.near, 0.6))
    land.rim_light(p, cap, 0.0025, 0.8)
    glow = mix(p.palette.accent, p.palette.spark, 0.3)
    dark = mix(tone, p.palette.near, 0.55)
    cols = max(2, round(wide / 0.075))
    for row in range(storeys):
        for col in range(cols):
            left = x + wide * (col + 0.24) / cols
            upper = top + 0.022 + storey * row
            pane = box(left, upper, left + wide * 0.52 / cols, upper + 0.052)
            lit = rng.random() < 0.34
            p.canvas.lay(p.canvas.stencil(pane), glow if lit else dark, 0.92)
            sill = box(
                left - 0.004, upper + 0.052, left + wide * 0.52 / cols + 0.004, upper + 0.056
            )
            p.canvas.lay(p.canvas.stencil(sill), mix(tone, p.palette.haze, 0.35), 0.8)
            if lit:
                middle = left + wide * 0.26 / cols
                bars = p.canvas.stencil(box(middle - 0.0015, upper, middle + 0.0015, upper + 0.052))
                p.canvas.lay(bars, dark)
    _shop_front(p, rng, x, wide, line)


def _shop_front(p: Painting, rng: Rng, x: float, wide: float, line: float) -> None:
    glow = mix(p.palette.accent, p.palette.spark, 0.35)
    if rng.random() < 0.55:
        pane = box(x + wide * 0.1, line - 0.085, x + wide * 0.9, line - 0.02)
        p.canvas.lay(p.canvas.stencil(pane), Ramp(((line - 0.085, glow), (line, p.palette.accent))))
        p.canvas.halo((x + wide / 2, line - 0.03), wide * 0.9, p.palette.accent, 0.5)
        count = 7
        for k in range(count):
            a = x + wide * (0.06 + 0.88 * k / count)
            b = a + wide * 0.88 / count
            stripe = points(
                (a, line - 0.108),
                (b, line - 0.108),
                (b + 0.004, line - 0.082),
                (a + 0.004, line - 0.082),
            )
            colour = p.palette.accent if k % 2 else p.palette.near
            p.canvas.lay(p.canvas.stencil(stripe), mix(colour, p.palette.near, 0.35))
        for k in (1, 2):
            post = x + wide * (0.1 + 0.8 * k / 3)
            p.canvas.lay(
                p.canvas.stencil(box(post - 0.002, line - 0.085, post + 0.002, line - 0.02)),
                p.palette.near,
            )
        return
    left = x + wide * float(rng.uniform(0.2, 0.6))
    door_way = box(left, line - 0.095, left + 0.042, line - 0.002)
    lit = rng.random() < 0.4
    p.canvas.lay(
        p.canvas.stencil(door_way), glow if lit else mix(p.palette.near, p.palette.accent, 0.2), 0.9
    )


def _along(p: Painting) -> None:
    rng, frame = p.rng("street"), p.frame
    open_side = int(rng.choice([-1, 0, 1]))
    vanish = (
        frame.x(0.5 + 0.3 * open_side * float(rng.uniform(0.5, 1.0)) + 0.07 * p.side),
        p.above_captions(frame.y(float(rng.uniform(0.36, 0.54))) + 0.11) - 0.11,
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
        p.above_captions(frame.y(float(rng.uniform(0.6, 0.67)))),
    )
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
    storeys = 0.55 + p.rng("storeys-" + str(index // 2)).random()
    colour = mix(p.palette.depth(0.2 + 0.7 * near), p.palette.near, 0.45 * near)
    for side in [side for side in (-1, 1) if side != open_side]:
        inner = vanish[0] + side * (0.05 + 0.36 * scale)
        outer = vanish[0] + side * 2.0
        top = vanish[1] - float(rng.uniform(0.35, 0.62)) * scale * storeys - 0.05
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
    parts = [placed(part, at, size, flip=flip) for part in filled]
    if p.wet:
        reflect(p, parts, at[1])
    p.canvas.lay(p.canvas.stencil(*parts), p.palette.near)
    p.canvas.lay(p.canvas.stencil(bulb, margin=0.003), p.palette.spark)
    p.canvas.halo(center, size * 0.1, p.palette.spark, 1.0)


def _wet_ground(p: Painting, line: float) -> None:
    mirror(p, line, p.frame.height + 0.02, ripple=2.4)
    p.wet = True
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
