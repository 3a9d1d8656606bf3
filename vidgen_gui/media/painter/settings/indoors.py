"""Settings inside: a window on the rain or the night, a table with something on it."""

import numpy as np

from vidgen_gui.media.painter import animals, flora, land, people, sky, weather
from vidgen_gui.media.painter.canvas import Glow, Mode, Ramp, Stencil
from vidgen_gui.media.painter.colour import mix, shift
from vidgen_gui.media.painter.geometry import box, ellipse, placed, points, ribbon, smooth
from vidgen_gui.media.painter.painting import Painting
from vidgen_gui.media.painter.settings.town import blocks
from vidgen_gui.media.painter.subjects import EMBLEMS, ground_subjects, lone_tree


def window(p: Painting) -> None:
    """A dark room, a tall window, the world outside, someone or something on the sill."""
    rng, frame = p.rng("window"), p.frame
    p.light.rays = 0.25
    p.horizon = frame.y(0.52)
    _outside(p)
    half, top, sill = (
        frame.width * float(rng.uniform(0.3, 0.37)),
        frame.y(float(rng.uniform(0.06, 0.13))),
        frame.y(0.6),
    )
    x = frame.x(0.5 + rng.uniform(-0.07, 0.07))
    arched = bool(rng.random() < 0.4)
    _wall(p, x, half, top, sill, arched=arched)
    _bars(p, x, half, top, sill, int(rng.integers(2, 4)), int(rng.integers(2, 5)))
    if rng.random() < 0.6:
        _curtains(p, x, half, top)
    _sill(p, x, half, sill)
    _on_sill(p, x, half, sill)
    _floor_light(p, x, half, sill)


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


def _wall(p: Painting, x: float, half: float, top: float, sill: float, *, arched: bool) -> None:
    frame = p.frame
    wall = p.canvas.stencil(box(-0.1, -0.1, frame.width + 0.1, frame.height + 0.1))
    hole = box(x - half, top, x + half, sill)
    if arched:
        angle = np.linspace(np.pi, 2 * np.pi, 40)
        arch = np.stack(
            [x + half * np.cos(angle), top + half * 0.8 + half * 0.8 * np.sin(angle)], axis=1
        )
        hole = np.vstack([arch, [[x + half, sill], [x - half, sill]]])
    wall.erase(hole)
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
    p.canvas.lay(
        wall,
        p.palette.sky[2],
        0.16,
        [Glow((x, (top + sill) / 2), half * 1.35, 3.0, 1.3)],
        Mode.SCREEN,
    )
    casing = p.canvas.sheet(x - half * 1.2, top - 0.05, x + half * 1.2, sill + 0.05)
    casing.line(np.vstack([hole, hole[:1]]), 0.022)
    p.canvas.lay(casing, p.palette.near)
    p.canvas.lay(
        casing.edge(-0.003 * p.side, -0.002), mix(p.palette.sky[3], p.light.colour, 0.4), 0.35
    )


def _bars(
    p: Painting, x: float, half: float, top: float, sill: float, cols: int, rows: int
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


def _curtains(p: Painting, x: float, half: float, top: float) -> None:
    rng, frame = p.rng("curtains"), p.frame
    t = np.linspace(0, 1, 30)
    for side in (-1, 1):
        for fold in range(5):
            inner = (
                x
                + side * half * (0.72 + 0.13 * fold)
                - side * 0.05 * np.sin(np.pi * t * 0.55) * (1 - fold / 6)
            )
            inner = inner + 0.006 * np.sin(t * 7 + rng.uniform(0, 6))
            ys = top - 0.04 + (frame.y(0.86) - top) * t
            edge = np.stack([inner, ys], axis=1)
            outer = points(
                (x + side * (half * 1.38), float(ys[-1])), (x + side * (half * 1.38), top - 0.04)
            )
            sheet = p.canvas.stencil(np.vstack([edge, outer]))
            tone = mix(p.palette.depth(0.62), p.palette.near, 0.42 + 0.1 * fold)
            warm = mix(tone, p.palette.accent, 0.06)
            p.canvas.lay(sheet, warm, 0.9 if fold else 0.62)
            p.canvas.lay(sheet.edge(side * 0.004, 0), p.light.colour, 0.22)


def _sill(p: Painting, x: float, half: float, sill: float) -> None:
    board = p.canvas.stencil(box(x - half * 1.22, sill - 0.004, x + half * 1.22, sill + 0.026))
    wood = mix(p.palette.near, p.palette.depth(0.4), 0.35)
    p.canvas.lay(board, Ramp(((sill, mix(wood, p.palette.sky[3], 0.35)), (sill + 0.026, wood))))


def _on_sill(p: Painting, x: float, half: float, sill: float) -> None:
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
        shapes = [
            placed(part, (x + side * half * 0.42, sill), 0.5, flip=side > 0)
            for part in people.figure("sit")
        ]
        _backlit(p, p.canvas.stencil(*shapes, margin=0.01))
    elif "cat" in p.brief.subjects or rng.random() < 0.5:
        shapes = [
            placed(part, (x + side * half * 0.45, sill), 0.2, flip=side > 0)
            for part in animals.cat(rng)
        ]
        _backlit(p, p.canvas.stencil(*shapes, margin=0.01))
    _small_thing(
        p,
        (things_there or [str(rng.choice(["cup", "candle", "book"]))])[0],
        (x - side * half * 0.5, sill),
    )
    if rng.random() < 0.6:
        _potted_plant(p, (x - side * half * 0.95, sill), 0.17)


def _backlit(p: Painting, sheet: Stencil) -> None:
    p.canvas.lay(sheet, mix(p.palette.near, p.palette.depth(0.6), 0.06))
    land.rim_light(p, sheet, 0.0035, 0.9)


def _small_thing(p: Painting, name: str, at: tuple[float, float]) -> None:
    size = 0.13
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


def _potted_plant(p: Painting, at: tuple[float, float], size: float) -> None:
    rng = p.rng("potted")
    sheet = p.canvas.sheet(at[0] - size, at[1] - size * 1.4, at[0] + size, at[1] + 0.01)
    sheet.polygon(placed(points((-0.2, -0.42), (0.2, -0.42), (0.14, 0), (-0.14, 0)), at, size))
    for angle in np.linspace(-2.6, -0.5, 8):
        shape = flora.leaf() * np.array([1.0, 1.1])
        sheet.polygon(
            placed(
                shape,
                (at[0], at[1] - 0.4 * size),
                size * float(rng.uniform(0.5, 0.85)),
                turn=float(angle),
            )
        )
    _backlit(p, sheet)


def _floor_light(p: Painting, x: float, half: float, sill: float) -> None:
    """The window's light on the floor, slanted."""
    frame = p.frame
    slip = -0.22 * p.side
    top, bottom = frame.y(0.86), frame.height + 0.05
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


def table(p: Painting) -> None:
    """Something that matters on a table before a soft window light."""
    rng, frame = p.rng("table"), p.frame
    names = [n for n in p.brief.subjects if n in EMBLEMS]
    name = names[0] if names else str(rng.choice(["cup", "book", "candle", "clock"]))
    at = frame.x(0.5 + 0.06 * p.side), frame.y(0.36)
    p.light.at = at[0] + 0.08 * p.side, at[1] - 0.03
    p.emblem_maker = None
    p.horizon = frame.y(0.6)
    sky.air(p, glow=0.9)
    _back_window(p, at)
    weather.bokeh(p, 26, top=0.04, bottom=0.56)
    edge = frame.y(0.555)
    wood = mix(p.palette.depth(0.75), p.palette.near, 0.5)
    board = p.canvas.stencil(box(-0.1, edge, frame.width + 0.1, frame.height + 0.1))
    p.canvas.lay(
        board,
        Ramp(
            (
                (edge, mix(wood, p.light.colour, 0.3)),
                (edge + 0.1, wood),
                (frame.height, p.palette.near),
            )
        ),
    )
    land.texture(p, board, shift(wood, light=0.03), 0.35, "wood")
    p.canvas.lay(board, p.light.colour, 0.4, [Glow((at[0], edge), 0.2, 2.6, 0.7)], Mode.SCREEN)
    shade = p.canvas.stencil(
        ellipse((at[0] - 0.03 * p.side, edge + 0.012), 0.19, 0.022), margin=0.06
    ).softened(0.014)
    p.canvas.lay(shade, p.palette.near, 0.75)
    _hero_thing(p, name, at[0], edge + 0.012)
    others = [
        n for n in (*names[1:2], str(rng.choice(["cup", "candle", "book", "photo"]))) if n != name
    ][:1]
    for other in others:
        _small_thing(p, other, (p.toward(0.16), edge + 0.03))
    _potted_plant(p, (p.toward(0.9), edge + 0.02), 0.26)


def _back_window(p: Painting, at: tuple[float, float]) -> None:
    """The soft shape of a window behind, out of focus."""
    half, high = 0.24, 0.34
    pane = p.canvas.stencil(
        box(at[0] - half, at[1] - high, at[0] + half, at[1] + 0.16), margin=0.08
    )
    for k in (1 / 3, 2 / 3):
        a = at[0] - half + 2 * half * k
        pane.erase(box(a - 0.009, at[1] - high, a + 0.009, at[1] + 0.2))
    pane.erase(box(at[0] - half, at[1] - 0.09, at[0] + half, at[1] - 0.072))
    pane.softened(0.014)
    p.canvas.lay(pane, mix(p.palette.sky[3], p.light.colour, 0.6), 0.55, mode=Mode.SCREEN)


def _hero_thing(p: Painting, name: str, x: float, foot: float) -> None:
    """The chosen thing, large, with light behind it and its inside lit."""
    rng = p.rng("hero-thing")
    size = 0.4
    filled, openings = EMBLEMS[name](rng)
    low = max(float(part[:, 1].max()) for part in filled)
    middle = x, foot - size * low
    p.canvas.halo((middle[0], middle[1] - 0.03), 0.36, p.palette.accent, 0.5)
    sheet = p.canvas.stencil(*[placed(part, middle, size) for part in filled], margin=0.02)
    body = mix(p.palette.near, p.palette.depth(0.5), 0.42)
    warm = mix(body, p.palette.accent, 0.22)
    p.canvas.lay(
        sheet, Ramp(((middle[1] - size * 0.5, warm), (foot, mix(body, p.palette.near, 0.5))))
    )
    land.rim_light(p, sheet, 0.006, 0.9)
    p.canvas.lay(sheet.edge(-0.012 * p.side, 0.004), mix(warm, p.light.colour, 0.5), 0.5)
    if openings:
        lit = p.canvas.stencil(*[placed(part, middle, size) for part in openings], margin=0.01)
        p.canvas.lay(lit, mix(p.palette.accent, p.palette.spark, 0.55))
    if name == "candle":
        _flame(p, (middle[0], middle[1] - size * 0.28), size)
    if name == "book":
        _rising_motes(p, middle, size)


def _flame(p: Painting, at: tuple[float, float], size: float) -> None:
    p.canvas.halo(at, size * 1.4, p.palette.accent, 0.8)
    for scale, colour in ((1.0, p.palette.accent), (0.6, p.palette.spark)):
        shape = smooth(
            points(
                (0, -0.2), (0.07, -0.02), (0.05, 0.08), (0, 0.11), (-0.05, 0.08), (-0.07, -0.02)
            ),
            5,
        )
        p.canvas.lay(p.canvas.stencil(placed(shape, at, size * scale)), colour)


def _rising_motes(p: Painting, middle: tuple[float, float], size: float) -> None:
    """Light that rises from open pages."""
    rng = p.rng("motes")
    fan = points(
        (middle[0] - 0.06, middle[1]),
        (middle[0] + 0.06, middle[1]),
        (middle[0] + size * 0.7, middle[1] - size * 1.1),
        (middle[0] - size * 0.7, middle[1] - size * 1.1),
    )
    beam = p.canvas.stencil(fan, margin=0.05).softened(0.03)
    p.canvas.lay(beam, p.palette.accent, 0.3, [Glow(middle, 0.24, 2.2)], Mode.SCREEN)
    for _ in range(60):
        up = float(rng.power(0.7)) * size * 1.3
        at = middle[0] + float(rng.normal(0, 0.05 + up * 0.35)), middle[1] - 0.02 - up
        dot = float(rng.exponential(0.0014) + 0.001)
        p.canvas.halo(at, dot * 8, p.palette.accent, 0.6)
        p.canvas.lay(p.canvas.stencil(ellipse(at, dot, count=12)), p.palette.spark)
