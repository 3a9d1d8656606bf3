"""The setting on a table: something that matters, with light around it."""

import numpy as np

from vidgen_gui.media.painter import flora, land, sky, weather
from vidgen_gui.media.painter.amounts import Glow
from vidgen_gui.media.painter.canvas import Mode, Ramp
from vidgen_gui.media.painter.colour import mix, shift
from vidgen_gui.media.painter.geometry import box, ellipse, placed, points, ribbon, smooth
from vidgen_gui.media.painter.painting import Painting
from vidgen_gui.media.painter.settings.desk import flat_lay, shelves
from vidgen_gui.media.painter.settings.indoors import TABLEWARE, potted_plant, small_thing
from vidgen_gui.media.painter.subjects import EMBLEMS


def table(p: Painting) -> None:
    """Something that matters: on a table in some light, on a desk from above, on a shelf."""
    rng, frame = p.rng("table"), p.frame
    names = [n for n in p.brief.subjects if n in TABLEWARE]
    name = (
        names[0]
        if names
        else str(rng.choice(["cup", "book", "candle", "clock", "hourglass", "photo"]))
    )
    p.emblem_maker = None
    kind = int(7 * p.kind("table-kind"))
    if kind >= 5:
        (flat_lay if kind == 5 else shelves)(p, name)
        return
    edge = frame.y(float(rng.uniform(0.5, 0.6)))
    size = float(rng.uniform(0.32, 0.46))
    x = p.toward(float(rng.uniform(0.36, 0.66)))
    p.horizon = edge
    p.light.at = x + 0.08 * p.side, edge - size * 0.6
    backdrop = (_window_light, _hanging_lamp, _great_disc, _side_window)[kind % 4]
    backdrop(p, x, edge)
    _board(p, x, edge)
    _hero_thing(p, name, x, edge + 0.012, size)
    away = -1 if x > frame.x(0.5) else 1
    others = [
        n for n in (*names[1:2], str(rng.choice(["cup", "candle", "book", "photo"]))) if n != name
    ][:1]
    for other in others:
        small_thing(p, other, (x + away * (size * 0.5 + 0.13), edge + 0.035))
    if rng.random() < 0.6:
        potted_plant(p, (frame.x(0.5 - away * 0.42), edge + 0.02), float(rng.uniform(0.2, 0.34)))


def _board(p: Painting, x: float, edge: float) -> None:
    """The table top with its pool of light."""
    frame = p.frame
    wood = mix(p.palette.depth(0.75), p.palette.near, 0.45)
    board = p.canvas.stencil(box(-0.1, edge, frame.width + 0.1, frame.height + 0.1))
    lit = mix(wood, p.light.colour, 0.34)
    p.canvas.lay(board, Ramp(((edge, lit), (edge + 0.1, wood), (frame.height, p.palette.near))))
    land.texture(p, board, shift(wood, light=0.035), 0.4, "wood")
    p.canvas.lay(board, p.light.colour, 0.42, [Glow((x, edge), 0.24, 2.6, 0.6)], Mode.SCREEN)
    shade = p.canvas.stencil(
        ellipse((x - 0.03 * p.side, edge + 0.012), 0.19, 0.022), margin=0.06
    ).softened(0.014)
    p.canvas.lay(shade, p.palette.near, 0.75)


def _window_light(p: Painting, x: float, edge: float) -> None:
    """A window behind, out of focus, and lights beyond it."""
    sky.air(p, glow=0.9)
    half, high, y = 0.24, 0.34, edge - 0.2
    pane = p.canvas.stencil(box(x - half, y - high, x + half, y + 0.16), margin=0.08)
    for k in (1 / 3, 2 / 3):
        a = x - half + 2 * half * k
        pane.erase(box(a - 0.009, y - high, a + 0.009, y + 0.2))
    pane.erase(box(x - half, y - 0.09, x + half, y - 0.072))
    pane.softened(0.014)
    p.canvas.lay(pane, mix(p.palette.sky[3], p.light.colour, 0.6), 0.55, mode=Mode.SCREEN)
    weather.bokeh(p, 26, top=0.04, bottom=0.52)


def _dark_wall(p: Painting) -> None:
    wall = mix(p.palette.depth(0.7), p.palette.near, 0.45)
    p.canvas.lay(
        None,
        Ramp(((0, mix(wall, p.palette.near, 0.5)), (p.horizon, mix(wall, p.palette.sky[1], 0.3)))),
    )


def _hanging_lamp(p: Painting, x: float, edge: float) -> None:
    """A lamp over the table and the cone of its light in a dark room."""
    rng = p.rng("hanging-lamp")
    _dark_wall(p)
    at = x + 0.03 * p.side, edge - float(rng.uniform(0.58, 0.7))
    spread = float(rng.uniform(0.3, 0.46))
    cone = p.canvas.stencil(
        points(
            (at[0] - 0.05, at[1]),
            (at[0] + 0.05, at[1]),
            (at[0] + spread, edge + 0.1),
            (at[0] - spread, edge + 0.1),
        ),
        margin=0.06,
    ).softened(0.02)
    p.canvas.lay(cone, p.palette.accent, 0.62, [Glow(at, 0.5, 2.4)], Mode.SCREEN)
    p.canvas.halo(at, 0.4, p.palette.accent, 0.8)
    dome = smooth(
        points(
            (-0.13, 0.02), (-0.1, -0.07), (-0.03, -0.12), (0.03, -0.12), (0.1, -0.07), (0.13, 0.02)
        ),
        5,
    )
    sheet = p.canvas.stencil(
        placed(dome, at, 1.0), ribbon(points((at[0], at[1] - 0.1), (at[0], -0.1)), 0.004)
    )
    p.canvas.lay(sheet, p.palette.near)
    land.rim_light(p, sheet, 0.003, 0.8)
    p.canvas.lay(p.canvas.stencil(ellipse((at[0], at[1] + 0.018), 0.06, 0.018)), p.palette.spark)
    p.canvas.halo((at[0], at[1] + 0.02), 0.13, p.palette.spark, 0.9)


def _great_disc(p: Painting, x: float, edge: float) -> None:
    """A great pale disc on the wall, leaves' shadows over it."""
    rng = p.rng("great-disc")
    _dark_wall(p)
    radius = float(rng.uniform(0.26, 0.36))
    at = x - 0.04 * p.side, edge - radius * float(rng.uniform(0.75, 1.0))
    p.canvas.halo(at, radius * 1.9, p.palette.sky[3], 0.5)
    disc = p.canvas.stencil(ellipse(at, radius, count=200))
    top = mix(p.light.colour, p.palette.sky[3], 0.35)
    low = mix(p.palette.sky[2], p.palette.accent, 0.35)
    p.canvas.lay(disc, Ramp(((at[1] - radius, top), (at[1] + radius, low))))
    shade = p.canvas.stencil()
    corner = at[0] - p.side * radius * 1.3, at[1] - radius * 1.2
    for k in range(7):
        turn = float(np.arctan2(1.0, p.side) + rng.normal(0, 0.5))
        for part in flora.frond(rng, leaflets=11, curl=0.35 * (1 if k % 2 else -1)):
            shade.polygon(placed(part, corner, radius * float(rng.uniform(0.9, 1.5)), turn=turn))
    p.canvas.lay(shade.softened(0.006).within(disc), p.palette.land[1], 0.5)


def _side_window(p: Painting, x: float, edge: float) -> None:
    """A bright tall window at one side, its light falling across the wall."""
    rng, frame = p.rng("side-window"), p.frame
    _dark_wall(p)
    away = 1 if x < frame.x(0.5) else -1
    near, far = frame.x(0.5 + away * 0.2), frame.x(0.5 + away * 0.6)
    top, low = frame.y(float(rng.uniform(0.05, 0.12))), edge - float(rng.uniform(0.1, 0.18))
    pane = p.canvas.stencil(box(min(near, far), top, max(near, far), low))
    bright = mix(p.palette.sky[3], p.light.colour, 0.4)
    p.canvas.lay(
        pane, Ramp(((top, p.palette.sky[1]), ((top + low) / 2, p.palette.sky[2]), (low, bright)))
    )
    ridge = land.hills(rng, frame, low - 0.02, 0.1, 2.4)
    p.canvas.lay(p.canvas.stencil(ridge.outline(low + 0.02)).within(pane), p.palette.depth(0.2))
    bars = p.canvas.sheet(0, top - 0.03, frame.width, low + 0.03)
    for k in range(1, 4):
        y = top + (low - top) * k / 4
        bars.polygon(box(min(near, far), y - 0.004, max(near, far), y + 0.004))
    middle = (near + far) / 2
    for at in (near, middle - away * 0.03):
        bars.polygon(box(at - 0.008, top, at + 0.008, low))
    for y in (top, low):
        bars.polygon(box(min(near, far) - 0.02, y - 0.011, max(near, far) + 0.02, y + 0.011))
    p.canvas.lay(bars, p.palette.near)
    p.canvas.halo((middle, (top + low) / 2), 0.62, bright, 0.5)
    beam = p.canvas.stencil(
        points(
            (near, top),
            (near, low),
            (near - away * 0.72, edge + 0.3),
            (near - away * 0.72, edge - 0.3),
        ),
        margin=0.05,
    ).softened(0.02)
    p.canvas.lay(beam, bright, 0.3, [Glow((near, (top + low) / 2), 0.5, 2.0)], Mode.SCREEN)


def _hero_thing(p: Painting, name: str, x: float, foot: float, size: float) -> None:
    """The chosen thing, large, with light behind it and its inside lit."""
    rng = p.rng("hero-thing")
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
