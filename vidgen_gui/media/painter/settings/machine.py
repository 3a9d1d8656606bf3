"""Settings of technology: circuit boards, networks, grids, particle land, tunnels, code."""

from itertools import pairwise

import numpy as np

from vidgen_gui.media.painter import neon
from vidgen_gui.media.painter.canvas import Mode
from vidgen_gui.media.painter.colour import mix
from vidgen_gui.media.painter.geometry import Points, Rng, ellipse, placed, points, rounded
from vidgen_gui.media.painter.painting import Painting
from vidgen_gui.media.painter.subjects import EMBLEMS

Emblem = tuple[list[Points], list[Points]]
_PIN_REACH = 1.16
"""From the middle of a chip to the ends of its pins, in halves of its side."""


def emblem_of(p: Painting, *fallback: str) -> Emblem:
    """What the words stand for here, or one of the fallbacks."""
    for name in p.brief.subjects:
        if name in EMBLEMS:
            return EMBLEMS[name](p.rng("emblem"))
    rng = p.rng("emblem-choice")
    return EMBLEMS[str(rng.choice(list(fallback)))](p.rng("emblem"))


def fitted(
    p: Painting, at: tuple[float, float], size: float, drawn: Emblem
) -> tuple[tuple[float, float], float]:
    """Where near ``at`` the emblem is seen whole, and its size there: ``size`` or less."""
    outline = np.concatenate(drawn[0])
    low, high = outline.min(axis=0), outline.max(axis=0)
    size = min(size, p.open_height / float(high[1] - low[1]))
    half_width, half_height = ((high - low) * size / 2).tolist()
    off_x, off_y = ((high + low) * size / 2).tolist()
    x, y = p.in_sight((at[0] + off_x, at[1] + off_y), half_width, half_height)
    return (x - off_x, y - off_y), size


def light_emblem(p: Painting, at: tuple[float, float], size: float, drawn: Emblem) -> None:
    """The emblem as a shape of light, about as large and about where it is asked for."""
    filled, openings = drawn
    at, size = fitted(p, at, size, drawn)
    p.meet([placed(part, at, size) for part in filled])
    p.canvas.halo(at, size * 0.9, p.palette.accent, 0.45)
    neon.shape_of_light(
        p,
        [placed(part, at, size) for part in filled],
        [placed(part, at, size) for part in openings],
        p.palette.accent,
        0.006,
    )


def circuit(p: Painting) -> None:
    """Traces that run out of a chip, pulses on them; a blurred board behind."""
    rng, frame = p.rng("circuit"), p.frame
    at = p.toward(float(rng.uniform(0.26, 0.72))), frame.y(float(rng.uniform(0.2, 0.43)))
    size = min(float(rng.uniform(0.12, 0.21)), p.open_height / 2 / _PIN_REACH)
    at = p.in_sight(at, _PIN_REACH * size, _PIN_REACH * size)
    p.bloom = 0.75
    p.light.rays = 0.0
    neon.dark_air(p, at)
    _board_dots(p)
    for depth, count, width, blur, opacity in (
        (0, 60, 0.005, 0.006, 0.4),
        (1, 84, 0.0026, 0.0, 0.8),
    ):
        routes = _routes(p.rng(f"routes-{depth}"), p, at, count, depth)
        cool = [(path, v) for k, (path, v) in enumerate(routes) if k % 4]
        hot = [(path, v) for k, (path, v) in enumerate(routes) if k % 4 == 0]
        calm = p.calm(0.45)
        neon.lines(
            p,
            cool,
            width,
            mix(p.palette.accent, p.palette.sky[2], 0.25),
            opacity,
            blur=blur,
            amounts=[calm],
        )
        neon.lines(p, hot, width, p.palette.spark, opacity, blur=blur, amounts=[calm])
        if depth:
            _pads(p, routes)
    _package(p, at, size)
    light_emblem(p, at, size * 1.15, emblem_of(p, "chip", "brain", "bulb"))
    _near_nodes(p)


def _board_dots(p: Painting) -> None:
    frame = p.frame
    sheet = p.canvas.stencil()
    step = 0.032
    for row in range(int(frame.height / step) + 1):
        for col in range(int(frame.width / step) + 1):
            sheet.circle((step * (col + 0.5 * (row % 2)), step * row), 0.0013, 150)
    p.canvas.lay(sheet, p.palette.accent, 0.34, mode=Mode.SCREEN)


def _routes(
    rng: Rng, p: Painting, at: tuple[float, float], count: int, depth: int
) -> list[tuple[Points, int]]:
    """Paths of straight and 45° pieces, away from ``at``."""
    made = []
    for _ in range(count):
        side = int(rng.integers(4))
        way = np.array(((1, 0), (0, 1), (-1, 0), (0, -1))[side], dtype=float)
        across = way[::-1]
        spot = np.array(at) + way * 0.15 + across * 0.02 * float(rng.integers(-6, 7))
        if depth == 0:
            spot = np.array([rng.uniform(0, p.frame.width), rng.uniform(0, p.frame.height)])
        path = [spot]
        heading = way
        for _ in range(int(rng.integers(2, 6))):
            spot = spot + heading * float(rng.uniform(0.04, 0.24))
            path.append(spot)
            turn = across * float(rng.choice([-1, 1]))
            slant = (way + turn) / 2**0.5
            spot = spot + slant * 0.02 * float(rng.integers(1, 6))
            path.append(spot)
            heading = way if rng.random() < 0.75 else turn
        made.append((np.array(path), int(rng.uniform(80, 255))))
    return made


def _pads(p: Painting, routes: list[tuple[Points, int]]) -> None:
    rng = p.rng("pads")
    rings = p.canvas.stencil()
    for path, value in routes:
        end = float(path[-1, 0]), float(path[-1, 1])
        rings.circle(end, 0.0068, value).circle(end, 0.0036, 0)
    p.canvas.lay(rings, p.palette.accent, 0.95, mode=Mode.SCREEN)
    for index in rng.choice(len(routes), 26, replace=False):
        path = routes[int(index)][0]
        k = int(rng.integers(0, len(path) - 1))
        t = float(rng.random())
        at = path[k] * (1 - t) + path[k + 1] * t
        colour = p.palette.spark if index % 3 == 0 else p.palette.accent
        neon.node(p, (float(at[0]), float(at[1])), 0.0034, colour)


def _package(p: Painting, at: tuple[float, float], size: float) -> None:
    """The chip's body with its pins."""
    pins = p.canvas.stencil()
    for k in np.linspace(-0.78, 0.78, 11) * size:
        for a, b in (
            ((k, -_PIN_REACH * size), (k, -0.9 * size)),
            ((k, 0.9 * size), (k, _PIN_REACH * size)),
            ((-_PIN_REACH * size, k), (-0.9 * size, k)),
            ((0.9 * size, k), (_PIN_REACH * size, k)),
        ):
            pins.line(np.array([a, b]) + np.array(at), 0.0055)
    p.canvas.lay(pins, mix(p.palette.accent, p.palette.spark, 0.2), 0.9, mode=Mode.SCREEN)
    body = rounded(at[0] - size, at[1] - size, at[0] + size, at[1] + size, 0.018)
    shade = p.canvas.stencil(body, margin=0.05).softened(0.02)
    p.canvas.lay(shade, p.palette.near, 0.8)
    neon.shape_of_light(p, [body], [], p.palette.accent, 0.005)
    inner = rounded(
        at[0] - size * 0.82, at[1] - size * 0.82, at[0] + size * 0.82, at[1] + size * 0.82, 0.012
    )
    neon.lines(p, [(np.vstack([inner, inner[:1]]), 150)], 0.0018, p.palette.accent)


def _near_nodes(p: Painting) -> None:
    """A few discs of light very near and out of focus."""
    rng, frame = p.rng("near-nodes"), p.frame
    for _ in range(7):
        edge = float(rng.choice([rng.uniform(-0.05, 0.16), rng.uniform(0.84, 1.05)]))
        at = frame.x(edge), frame.y(float(rng.uniform(0, 1)))
        size = float(rng.uniform(0.02, 0.055))
        disc = p.canvas.stencil(ellipse(at, size), margin=0.02).softened(0.005)
        colour = p.palette.accent if rng.random() < 0.6 else p.palette.spark
        p.canvas.lay(disc, colour, 0.22, mode=Mode.SCREEN)


def network(p: Painting) -> None:
    """Points of a ball or a mind, joined where they are near each other."""
    rng, frame = p.rng("network"), p.frame
    at = p.toward(float(rng.uniform(0.34, 0.66))), frame.y(float(rng.uniform(0.26, 0.42)))
    emblem = p.brief.named_subject and any(n in EMBLEMS for n in p.brief.subjects)
    drawn = emblem_of(p, "brain") if emblem else ([], [])
    size = float(rng.uniform(0.29, 0.44))
    if emblem:
        at, size = fitted(p, at, size, drawn)
    p.bloom = 0.75
    p.light.rays = 0.0
    neon.dark_air(p, at)
    _plexus(p, p.rng("field"), 70, None, reach=0.15, opacity=0.5)
    variant = p.kind("network")
    if emblem:
        _plexus(p, p.rng("ball"), 150, (at, 0.36), reach=0.11, opacity=0.75)
        light_emblem(p, at, size, drawn)
    elif variant < 0.5:
        _plexus(
            p, p.rng("ball"), 210, (at, float(rng.uniform(0.27, 0.33))), reach=0.092, opacity=1.0
        )
        _halo_rings(p, at, 0.36)
    elif variant < 0.75:
        _helix(p, at)
    else:
        _layers(p, at)
    _near_nodes(p)


def _plexus(
    p: Painting,
    rng: Rng,
    count: int,
    ball: tuple[tuple[float, float], float] | None,
    *,
    reach: float,
    opacity: float,
) -> None:
    """Points and the lines between neighbours; on a ball's surface, or all over the frame."""
    if ball:
        center, radius = ball
        z = rng.uniform(-1, 1, count)
        angle = rng.uniform(0, 2 * np.pi, count)
        flat = np.sqrt(1 - z**2)
        places = np.stack([flat * np.cos(angle), flat * np.sin(angle), z], axis=1)
        xy = places[:, :2] * radius + np.array(center)
        depth = (places[:, 2] + 1) / 2
        spaces = places * radius
    else:
        xy = rng.uniform(0, 1, (count, 2)) * np.array([p.frame.width, p.frame.height])
        depth = rng.uniform(0.1, 0.6, count)
        spaces = np.column_stack([xy, depth * 0.3])
    gaps = np.linalg.norm(spaces[:, None] - spaces[None], axis=2)
    pairs = np.argwhere(np.triu(gaps < reach, 1))
    bright = [
        (
            xy[[i, j]],
            int(
                60 + 195 * (1 - gaps[i, j] / reach) ** 0.7 * (0.25 + 0.75 * min(depth[i], depth[j]))
            ),
        )
        for i, j in pairs
    ]
    neon.lines(p, bright, 0.0026, p.palette.accent, 1.0 * opacity)
    for k in np.argsort(depth):
        colour = p.palette.spark if k % 6 == 0 else p.palette.accent
        size = (0.0016 + 0.0042 * float(depth[k]) ** 2) * (1.5 if k % 11 == 0 else 1.0)
        neon.node(
            p,
            (float(xy[k, 0]), float(xy[k, 1])),
            size,
            colour,
            glow=(0.25 + 0.75 * float(depth[k])) * opacity,
        )


def _halo_rings(p: Painting, at: tuple[float, float], radius: float) -> None:
    rng = p.rng("rings")
    for k in range(4):
        start, span = rng.uniform(0, 6.3), rng.uniform(1.2, 4.8)
        t = np.linspace(start, start + span, 90)
        reach = radius * (1 + 0.09 * k)
        path = np.stack([at[0] + reach * np.cos(t), at[1] + reach * np.sin(t)], axis=1)
        colour = p.palette.spark if k % 2 else p.palette.accent
        neon.lines(p, [(path, 220)], 0.0045 if k == 1 else 0.0016, colour, 0.8)
        neon.node(p, (float(path[-1, 0]), float(path[-1, 1])), 0.004, colour)


def _helix(p: Painting, at: tuple[float, float]) -> None:
    """Two strands wound around each other with rungs between."""
    lean = 0.35 * p.side
    t = np.linspace(-1, 1, 64)
    for strand in (0.0, np.pi):
        phase = t * 7.0 + strand
        xs, depth = 0.16 * np.sin(phase), (np.cos(phase) + 1) / 2
        line = placed(np.stack([xs, t * 0.62], axis=1), at, 1.0, turn=lean)
        neon.lines(
            p,
            [(line[k : k + 2], int(70 + 180 * depth[k])) for k in range(63)],
            0.0035,
            p.palette.accent if strand else p.palette.spark,
        )
        for k in range(0, 64, 2):
            neon.node(
                p,
                (float(line[k, 0]), float(line[k, 1])),
                0.003 + 0.005 * float(depth[k]),
                p.palette.accent if strand else p.palette.spark,
                glow=0.35 + 0.6 * float(depth[k]),
            )
    rungs = []
    for k in range(0, 64, 2):
        half = 0.16 * np.sin(t[k] * 7.0)
        rungs.append(
            (placed(points((-half, t[k] * 0.62), (half, t[k] * 0.62)), at, 1.0, turn=lean), 120)
        )
    neon.lines(p, rungs, 0.002, mix(p.palette.accent, p.palette.spark, 0.5))


def _layers(p: Painting, at: tuple[float, float]) -> None:
    """A layered network: columns of cells, each joined to the next column."""
    rng = p.rng("layers")
    sizes = (4, 7, 7, 5, 3)
    columns = []
    for k, count in enumerate(sizes):
        x = p.frame.x(0.12 + 0.19 * k)
        ys = at[1] + (np.arange(count) - (count - 1) / 2) * 0.085
        columns.append(np.stack([np.full(count, x), ys], axis=1))
    for a, b in pairwise(columns):
        neon.lines(
            p,
            [(np.array([i, j]), int(rng.uniform(20, 190))) for i in a for j in b],
            0.0015,
            p.palette.accent,
        )
    for column in columns:
        for spot in column:
            hot = rng.random() < 0.3
            neon.node(
                p,
                (float(spot[0]), float(spot[1])),
                0.012 if hot else 0.009,
                p.palette.spark if hot else p.palette.accent,
            )
