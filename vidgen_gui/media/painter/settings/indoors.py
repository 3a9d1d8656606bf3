"""Settings inside: a window on the rain or the night, a table with something on it."""

import numpy as np

from vidgen_gui.media.painter import animals, land, people, sky, weather
from vidgen_gui.media.painter.amounts import Glow
from vidgen_gui.media.painter.canvas import Mode, Ramp, Stencil
from vidgen_gui.media.painter.colour import mix, shift
from vidgen_gui.media.painter.geometry import Points, box, ellipse, placed, points, ribbon
from vidgen_gui.media.painter.painting import Painting
from vidgen_gui.media.painter.settings.lit_window import seen_from_outside
from vidgen_gui.media.painter.settings.town import blocks
from vidgen_gui.media.painter.subjects import EMBLEMS, ground_subjects, lone_tree

TABLEWARE = frozenset(
    [
        "cup",
        "book",
        "candle",
        "clock",
        "hourglass",
        "photo",
        "phone",
        "heart",
        "bulb",
        "headphones",
        "vinyl",
        "flower",
        "sprout",
        "globe",
        "chip",
        "robot",
    ]
)
"""What can stand on a table or a sill."""
_CURTAINED = 1.38
"""How far a window with its curtains reaches, in halves of its width."""
_LAMP_ROOM = 0.19
"""How wide (units) the free wall must be for a lamp to hang there."""
_FLOOR = 0.86
"""Where the wall meets the floor, as a fraction of the frame's height."""


def window(p: Painting) -> None:
    """A dark room, a window, the world outside, someone or something on the sill."""
    if p.kind("window-side") < 0.35:
        seen_from_outside(p)
        return
    rng, frame = p.rng("window"), p.frame
    p.light.rays = 0.25
    p.horizon = frame.y(float(rng.uniform(0.4, 0.55)))
    _outside(p)
    kind = p.kind("window")
    sill = p.above_captions(frame.y(float(rng.uniform(0.5, 0.62))))
    top = frame.y(float(rng.uniform(0.02, 0.26)))
    if kind < 0.3:
        half, top, x = frame.width * 0.62, -0.1, frame.x(0.5 + float(rng.uniform(-0.1, 0.1)))
    elif kind < 0.55:
        half = frame.width * float(rng.uniform(0.22, 0.28))
        x = p.toward(float(rng.uniform(0.28, 0.42)))
    else:
        half = frame.width * float(rng.uniform(0.24, 0.42))
        x = frame.x(0.5 + float(rng.uniform(-0.2, 0.2)))
    arched = kind >= 0.3 and bool(rng.random() < 0.4)
    cols, rows = int(rng.integers(1, 5)), int(rng.integers(2, 5))
    twins = kind > 0.75
    holes = (
        [(x - half * 0.56, half * 0.42), (x + half * 0.56, half * 0.42)] if twins else [(x, half)]
    )
    for middle, reach in holes:
        _bars(p, middle, reach, top, sill=sill, cols=max(1, cols // len(holes)), rows=rows)
    _wall(p, holes, top, sill, arched=arched)
    _floor(p)
    curtained = rng.random() < 0.6
    _wall_lamp(p, x, half * _CURTAINED, (top + sill) / 2)
    _sill(p, x, half, sill)
    _on_sill(p, x, min(half, frame.width * 0.42), sill, plant=not curtained)
    _floor_light(p, x, min(half, frame.width * 0.4))
    if curtained:
        _curtains(p, x, half, top)


def _wall_lamp(p: Painting, window_x: float, reach: float, y: float) -> None:
    """A lit lamp on the wider free part of the wall, if one is wide enough.

    Args:
        reach: how far (units) the window with its sill and curtains goes to either side.
    """
    left, right = p.canvas.view_x(0.0), p.canvas.view_x(1.0)
    before, after = window_x - reach - left, right - window_x - reach
    if max(before, after) < _LAMP_ROOM:
        return
    x = left + before / 2 if before > after else right - after / 2
    p.canvas.halo((x, y), 0.42, p.palette.accent, 0.5)
    cone = points(
        (x - 0.035, y - 0.05), (x + 0.035, y - 0.05), (x + 0.075, y + 0.035), (x - 0.075, y + 0.035)
    )
    shade = p.canvas.stencil(cone)
    warm = mix(p.palette.accent, p.palette.spark, 0.35)
    p.canvas.lay(shade, Ramp(((y - 0.05, mix(warm, p.palette.near, 0.35)), (y + 0.035, warm))))
    arm = p.canvas.stencil(ribbon(points((x, y - 0.05), (x, y - 0.09), (x, -0.05)), 0.003))
    p.canvas.lay(arm, p.palette.near)


def _outside(p: Painting) -> None:
    """What is seen through the glass: sky with a light, far houses or hills, rain on the pane."""
    rng, frame = p.rng("outside"), p.frame
    wet = p.mood("rain", "storm") or p.wants("rain") or rng.random() < 0.4
    sky.air(p)
    if p.palette.stars > 0.4:
        sky.stars(p, p.palette.stars)
    if p.palette.body == "moon":
        sky.moon(p)
    elif p.palette.body == "sun":
        sky.sun(p)
    if rng.random() < 0.55:
        for index in range(2):
            blocks(p, p.horizon + 0.12, 0.2 + 0.09 * index, 0.3 + 0.4 * index, f"out-{index}")
    else:
        for index in range(3):
            ridge = land.hills(rng, frame, p.horizon - 0.04 + 0.06 * index, 0.1, 1.7)
            land.ground(p, ridge, 0.15 + 0.3 * index)
        if rng.random() < 0.5:
            lone_tree(p, (p.toward(0.3), p.horizon + 0.1), 0.4, bare=True)
    if wet:
        weather.bokeh(p, 22, top=0.2, bottom=0.62)
        _pane_drops(p)
        weather.rain(p, 0.5)


def _pane_drops(p: Painting) -> None:
    """Drops on the glass and the trails they leave."""
    rng, frame = p.rng("pane-drops"), p.frame
    drops, lights = p.canvas.stencil(), p.canvas.stencil()
    for _ in range(190):
        at = float(rng.uniform(0, frame.width)), float(rng.uniform(0, frame.y(0.62)))
        size = float(rng.exponential(0.0022) + 0.0012)
        drops.polygon(ellipse(at, size, size * 1.25, count=14), 170)
        lights.circle((at[0] - size * 0.3, at[1] - size * 0.45), size * 0.36)
    for _ in range(16):
        x, y = float(rng.uniform(0, frame.width)), float(rng.uniform(0, frame.y(0.4)))
        t = np.linspace(0, 1, 16)
        trail = np.stack(
            [x + 0.004 * np.cumsum(rng.normal(0, 0.6, 16)), y + float(rng.uniform(0.08, 0.3)) * t],
            axis=1,
        )
        drops.polygon(ribbon(trail, 0.0035 * (0.4 + 0.6 * t)), 110)
    p.canvas.lay(drops, mix(p.palette.spark, p.palette.haze, 0.4), 0.3)
    p.canvas.lay(lights, p.palette.spark, 0.75)


def _opening(x: float, half: float, top: float, sill: float, *, arched: bool) -> Points:
    if not arched:
        return box(x - half, top, x + half, sill)
    angle = np.linspace(np.pi, 2 * np.pi, 40)
    rise = half * 0.8
    arch = np.stack([x + half * np.cos(angle), top + rise + rise * np.sin(angle)], axis=1)
    return np.vstack([arch, [[x + half, sill], [x - half, sill]]])


def _wall(
    p: Painting, holes: list[tuple[float, float]], top: float, sill: float, *, arched: bool
) -> None:
    """The wall of the room around openings given as (middle, half width)."""
    frame = p.frame
    wall = p.canvas.stencil(box(-0.1, -0.1, frame.width + 0.1, frame.height + 0.1))
    outlines = [_opening(x, half, top, sill, arched=arched) for x, half in holes]
    for outline in outlines:
        wall.erase(outline)
    dark = mix(p.palette.near, p.palette.depth(0.6), 0.18)
    p.canvas.lay(
        wall,
        Ramp(
            (
                (0, shift(dark, light=0.015)),
                (sill, dark),
                (frame.height, shift(p.palette.near, light=-0.01)),
            )
        ),
    )
    shine = mix(p.palette.sky[3], p.light.colour, 0.4)
    for outline, (x, half) in zip(outlines, holes, strict=True):
        glow = Glow((x, (top + sill) / 2), half * 1.35, 3.0, 1.3)
        p.canvas.lay(wall, p.palette.sky[2], 0.16, [glow], Mode.SCREEN)
        casing = p.canvas.sheet(x - half * 1.2, top - 0.05, x + half * 1.2, sill + 0.05)
        casing.line(outline, 0.022, closed=True)
        p.canvas.lay(casing, p.palette.near)
        p.canvas.lay(casing.edge(-0.003 * p.side, -0.002), shine, 0.35)


def _bars(
    p: Painting, x: float, half: float, top: float, *, sill: float, cols: int, rows: int
) -> None:
    sheet = p.canvas.sheet(x - half, top, x + half, sill)
    for k in range(1, cols):
        at = x - half + 2 * half * k / cols
        sheet.polygon(box(at - 0.0055, top, at + 0.0055, sill))
    for k in range(1, rows):
        at = top + (sill - top) * k / rows
        sheet.polygon(box(x - half, at - 0.0055, x + half, at + 0.0055))
    p.canvas.lay(sheet, p.palette.near)
    land.rim_light(p, sheet, 0.002, 0.7)


def _floor(p: Painting) -> None:
    """The floor along the wall, and the skirting between them."""
    frame, line = p.frame, p.frame.y(_FLOOR)
    board = mix(p.palette.near, p.palette.depth(0.6), 0.1)
    ground = p.canvas.stencil(box(-0.1, line, frame.width + 0.1, frame.height + 0.1))
    p.canvas.lay(ground, Ramp(((line, board), (frame.height, shift(board, light=-0.03)))))
    skirting = p.canvas.stencil(box(-0.1, line - 0.022, frame.width + 0.1, line))
    p.canvas.lay(skirting, mix(p.palette.near, p.palette.depth(0.6), 0.26))
    p.canvas.lay(skirting.edge(0, 0.002), p.palette.haze, 0.25)


def _curtains(p: Painting, x: float, half: float, top: float) -> None:
    """Drawn aside, before wall and sill alike, from over the window down to the floor."""
    rng, frame = p.rng("curtains"), p.frame
    t = np.linspace(0, 1, 30)
    rod = p.canvas.sheet(x - half * 1.6, top - 0.06, x + half * 1.6, top - 0.02)
    rod.line(points((x - half * 1.46, top - 0.038), (x + half * 1.46, top - 0.038)), 0.009)
    p.canvas.lay(rod, mix(p.palette.near, p.palette.depth(0.4), 0.3))
    for side in (-1, 1):
        for fold in range(5):
            inner = (
                x
                + side * half * (0.9 + 0.1 * fold)
                - side * 0.03 * np.sin(np.pi * t * 0.55) * (1 - fold / 6)
            )
            inner = inner + 0.006 * np.sin(t * 7 + rng.uniform(0, 6))
            ys = top - 0.04 + (frame.y(_FLOOR) + 0.044 - top) * t
            edge = np.stack([inner, ys], axis=1)
            outer = points(
                (x + side * half * _CURTAINED, float(ys[-1])),
                (x + side * half * _CURTAINED, top - 0.04),
            )
            sheet = p.canvas.stencil(np.vstack([edge, outer]))
            tone = mix(p.palette.depth(0.62), p.palette.near, 0.42 + 0.1 * fold)
            warm = mix(tone, p.palette.accent, 0.06)
            p.canvas.lay(sheet, warm)
            p.canvas.lay(sheet.edge(side * 0.004, 0), p.light.colour, 0.22)


def _sill(p: Painting, x: float, half: float, sill: float) -> None:
    board = p.canvas.stencil(box(x - half * 1.22, sill - 0.004, x + half * 1.22, sill + 0.026))
    wood = mix(p.palette.near, p.palette.depth(0.4), 0.35)
    p.canvas.lay(board, Ramp(((sill, mix(wood, p.palette.sky[3], 0.35)), (sill + 0.026, wood))))


def _on_sill(p: Painting, x: float, half: float, sill: float, *, plant: bool) -> None:
    """A reader, a cat, a plant, a cup, a candle: what the words or chance choose."""
    rng = p.rng("on-sill")
    person = bool(ground_subjects(p)) and "cat" not in p.brief.subjects
    things_there = [
        n
        for n in p.brief.subjects
        if n in ("cup", "candle", "book", "photo", "hourglass", "flower", "clock")
    ]
    side = 1 if rng.random() < 0.5 else -1
    if person or (not things_there and rng.random() < 0.45):
        sitter = people.figure("sit")
        lowest = max(float(part[:, 1].max()) for part in sitter)
        seat = x + side * half * 0.42, sill - 0.002 - 0.5 * lowest
        shapes = [placed(part, seat, 0.5, flip=side > 0) for part in sitter]
        p.meet(shapes)
        _backlit(p, p.canvas.stencil(*shapes, margin=0.01))
    elif "cat" in p.brief.subjects or rng.random() < 0.5:
        shapes = [
            placed(part, (x + side * half * 0.45, sill), 0.2, flip=side > 0)
            for part in animals.cat()
        ]
        p.meet(shapes)
        _backlit(p, p.canvas.stencil(*shapes, margin=0.01))
    small_thing(
        p,
        (things_there or [str(rng.choice(["cup", "candle", "book"]))])[0],
        (x - side * half * 0.5, sill),
    )
    if plant and rng.random() < 0.6:
        potted_plant(p, (x - side * half * 0.95, sill), 0.17)


def _backlit(p: Painting, sheet: Stencil) -> None:
    p.canvas.lay(sheet, mix(p.palette.near, p.palette.depth(0.6), 0.06))
    land.rim_light(p, sheet, 0.0035, 0.9)


def small_thing(p: Painting, name: str, at: tuple[float, float], size: float = 0.13) -> None:
    """One of the `TABLEWARE` standing at ``at``, lit from behind."""
    middle = at[0], at[1] - size * 0.4
    if name == "candle":
        p.canvas.halo((at[0], at[1] - size * 0.85), 0.3, p.palette.accent, 0.7)
    filled, openings = EMBLEMS[name](p.rng(f"small-{name}"))
    everything = np.vstack(filled)
    drop = 0.5 - float(everything[:, 1].max())
    middle = at[0], at[1] - size * (0.5 - drop) + 0.002
    _backlit(p, p.canvas.stencil(*[placed(part, middle, size) for part in filled], margin=0.01))
    if openings:
        lit = p.canvas.stencil(*[placed(part, middle, size) for part in openings], margin=0.004)
        p.canvas.lay(lit, mix(p.palette.accent, p.palette.spark, 0.5))


def potted_plant(p: Painting, at: tuple[float, float], size: float) -> None:
    """A plant with long bent leaves in a plain pot."""
    rng = p.rng("potted")
    top = at[0], at[1] - 0.4 * size
    dark = mix(p.palette.near, p.palette.depth(0.6), 0.1)
    t = np.linspace(0, 1, 14)
    for k, angle in enumerate(rng.permutation(np.linspace(-2.75, -0.4, 11))):
        long = size * float(rng.uniform(0.55, 1.0))
        droop = 0.55 * abs(float(np.cos(angle))) + 0.1
        xs = top[0] + np.cos(angle) * long * t
        ys = top[1] + np.sin(angle) * long * t + droop * long * t**2 * 0.7
        widths = 0.085 * size * np.sin(np.pi * (0.12 + 0.86 * t)) + 0.001
        leaf = p.canvas.stencil(ribbon(np.stack([xs, ys], axis=1), widths), margin=0.005)
        p.canvas.lay(leaf, shift(dark, light=0.022 * (k % 3)))
        land.rim_light(p, leaf, 0.0022, 0.8)
    pot = points((-0.2, -0.42), (0.2, -0.42), (0.14, 0), (-0.14, 0))
    _backlit(p, p.canvas.stencil(placed(pot, at, size), margin=0.01))


def _floor_light(p: Painting, x: float, half: float) -> None:
    """The window's light on the floor, slanted."""
    frame = p.frame
    slip = -0.22 * p.side
    top, bottom = frame.y(_FLOOR), frame.height + 0.05
    sheet = p.canvas.stencil(
        points(
            (x - half * 0.8 + slip * 0.4, top),
            (x + half * 0.8 + slip * 0.4, top),
            (x + half * 1.15 + slip, bottom),
            (x - half * 1.15 + slip, bottom),
        ),
        margin=0.05,
    )
    for k in (1 / 3, 2 / 3):
        a, b = x - half * 0.8 + slip * 0.4 + 1.6 * half * k, x - half * 1.15 + slip + 2.3 * half * k
        sheet.erase(
            points(
                (a - 0.007, top - 0.01),
                (a + 0.007, top - 0.01),
                (b + 0.012, bottom),
                (b - 0.012, bottom),
            )
        )
    sheet.softened(0.006)
    p.canvas.lay(sheet, mix(p.palette.sky[3], p.light.colour, 0.5), 0.2, mode=Mode.SCREEN)
