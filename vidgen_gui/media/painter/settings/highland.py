"""Settings of height and distance: mountains, hills, paths, roads, volcanoes."""

from itertools import pairwise

import numpy as np

from vidgen_gui.media.painter import flora, land, sky
from vidgen_gui.media.painter.canvas import Ramp
from vidgen_gui.media.painter.colour import mix
from vidgen_gui.media.painter.geometry import Line, Points, points, ribbon
from vidgen_gui.media.painter.land import Ridge
from vidgen_gui.media.painter.noise import noise_1d, stream
from vidgen_gui.media.painter.painting import Painting
from vidgen_gui.media.painter.subjects import float_subjects, lone_tree, place_subject, treeline
from vidgen_gui.media.painter.weather import embers

_TREE_OUTWARDS = 0.16
"""Further beyond the picture's edge a tree shows some leaves only."""


def mountains(p: Painting) -> None:
    """One great peak among lesser ones, ridges before it, someone on the nearest."""
    rng, frame = p.rng("mountains"), p.frame
    sky.heavens(p)
    far = land.crags(rng, frame, p.horizon + 0.02, rng.uniform(0.12, 0.3), rng.uniform(1.6, 3))
    land.ground(p, far, 0.05, haze=0.5)
    p.mist(p.horizon - 0.12, p.horizon + 0.1, 0.5, name="far-mist")
    base = p.horizon + 0.14
    peaks = massif(p, base)
    p.mist(base - 0.22, base + 0.1, 0.75)
    float_subjects(p)
    middle = land.hills(rng, frame, base + 0.13, 0.14, rng.uniform(1.2, 2.2))
    land.ground(p, middle, 0.55)
    treeline(p, middle, 0.58, (0.025, 0.062), count=80, name="trees-middle")
    p.mist(base + 0.04, base + 0.2, 0.45, name="low-mist")
    ledge = rock_ledge(p, away_from=peaks[0][0])
    x = ledge_spot(p, peaks[0][0])
    place_subject(p, (x, ledge.height_at(x) + 0.004), 0.15, beside=0.1, on=ledge)


def massif(p: Painting, base: float) -> list[tuple[float, float]]:
    """A great mountain with lesser ones; returns the peaks (x, height), the greatest first."""
    rng, frame = p.rng("massif"), p.frame
    room = base - p.canvas.view_y(0.06)
    great = min(float(rng.uniform(0.36, 0.6)), room)
    peaks = [(p.toward(float(rng.uniform(0.22, 0.5))), great)]
    peaks += [
        (frame.x(rng.uniform(-0.1, 1.1)), great * float(rng.uniform(0.3, 0.7)))
        for _ in range(int(rng.integers(2, 5)))
    ]
    ridge = land.peak_line(rng, frame, base, peaks, 0.05)
    sheet = land.ground(p, ridge, 0.3, haze=0.55)
    shade = land.faces(p, ridge, sheet, peaks, base)
    if rng.random() < 0.8:
        land.snow_caps(p, ridge, sheet, shade, peaks=peaks, share=float(rng.uniform(0.28, 0.5)))
    return peaks


def rock_ledge(p: Painting, away_from: float) -> Ridge:
    """A dark rock in the near corner away from ``away_from``, for someone to stand on."""
    rng, frame = p.rng("ledge"), p.frame
    xs = land.across(frame, 520)
    right = away_from < frame.width / 2
    t = xs / frame.width if right else 1 - xs / frame.width
    high, low = frame.y(rng.uniform(0.56, 0.66)), frame.y(rng.uniform(0.9, 1.0))
    edge = rng.uniform(0.46, 0.6)
    knots_t = np.array([-0.2, 0.0, 0.25, edge - 0.1, edge, edge + 0.07, edge + 0.3, 1.0, 1.2])
    knots_y = np.array([1.0, 0.98, 0.86, 0.62, 0.2, 0.02, 0.0, -0.12, -0.2])
    knots_y = knots_y + rng.normal(0, 0.025, 9)
    ys = high + (low - high) * np.interp(t, knots_t, knots_y)
    ys += 0.012 * noise_1d(rng, xs, 16, 4, 0.6) * (0.4 + np.clip(1 - np.abs(t - edge) / 0.3, 0, 1))
    ridge = land.staged(p, Ridge(xs, ys), ledge_spot(p, away_from))
    sheet = land.ground(p, ridge, 1.0, haze=0.0)
    land.texture(p, sheet, mix(p.palette.near, p.palette.depth(0.6), 0.4), 0.5, "ledge-strokes")
    tufts = p.canvas.stencil()
    for x in rng.uniform(0, frame.width, 46):
        flora.grass(
            tufts, rng, (x - 0.012, x + 0.012), ridge.height_at(float(x)) + 0.004, 0.016, count=4
        )
    p.canvas.lay(tufts, p.palette.near)
    return ridge


def ledge_spot(p: Painting, away_from: float) -> float:
    """Where on the rock one would stand: near its edge, on the high side."""
    rng = stream(*p.key, "ledge-spot")
    fraction = float(rng.uniform(0.68, 0.8))
    return p.frame.x(fraction if away_from < p.frame.width / 2 else 1 - fraction)


def hills(p: Painting) -> None:
    """Rolling land in many folds, a lone tree or house on one of them."""
    rng, frame = p.rng("hills"), p.frame
    sky.heavens(p)
    float_subjects(p)
    count = int(rng.integers(5, 8))
    chosen = int(rng.integers(2, count - 2))
    top, bottom = p.horizon - 0.03, frame.y(0.93)
    for index in range(count):
        t = index / (count - 1)
        height = 0.06 + 0.13 * t * rng.uniform(0.6, 1.2)
        ridge = land.hills(
            rng, frame, top + (bottom - top) * t**1.25, height, rng.uniform(1.0, 2.3)
        )
        x = p.toward(float(rng.uniform(0.2, 0.4)))
        if index == chosen:
            ridge = land.staged(p, ridge, x)
        land.ground(p, ridge, 0.08 + 0.92 * t)
        if index % 2 == 1 and t < 0.9:
            land.contour(p, ridge, p.hazed(p.palette.depth(t), 0.35), 0.4, gap=0.006 + 0.006 * t)
        if t < 0.75:
            treeline(
                p,
                ridge,
                0.12 + 0.9 * t,
                (0.012 + 0.02 * t, 0.026 + 0.05 * t),
                count=int(26 * rng.uniform(0.3, 1.3)),
                name=f"hedge-{index}",
                leafy=rng.random() < 0.6,
            )
            p.mist(float(ridge.ys.min()), float(ridge.ys.max()) + 0.05, 0.28, name=f"fold-{index}")
        if index == chosen:
            if not p.brief.named_subject:
                lone_tree(p, (x, ridge.height_at(x) + 0.006), 0.2 + 0.14 * t)
            else:
                place_subject(
                    p, (x, ridge.height_at(x) + 0.004), 0.06 + 0.07 * t, beside=0.1, on=ridge
                )


def path(p: Painting) -> None:
    """A path winds over the hills towards the light; someone walks on it."""
    rng, frame = p.rng("path"), p.frame
    p.light.at = frame.x(0.5 + 0.16 * p.side), p.light.at[1]
    sky.heavens(p)
    if rng.random() < 0.6:
        massif(p, p.horizon + 0.06)
        p.mist(p.horizon - 0.14, p.horizon + 0.06, 0.8)
    else:
        land.ground(p, land.crags(rng, frame, p.horizon + 0.02, 0.16, 2.0), 0.12)
        p.mist(p.horizon - 0.1, p.horizon + 0.06, 0.6)
    float_subjects(p)
    back = land.hills(rng, frame, p.horizon + 0.05, 0.07, 1.6)
    land.ground(p, back, 0.35)
    treeline(p, back, 0.38, (0.02, 0.05), count=60, name="back-trees", leafy=rng.random() < 0.4)
    p.mist(p.horizon - 0.02, p.horizon + 0.1, 0.4, name="path-mist")
    field = land.hills(rng, frame, p.horizon + 0.1, 0.03, 1.0)
    land.plain(p, field)
    end = p.light.at[0], field.height_at(p.light.at[0]) + 0.004
    start = frame.x(0.5 - rng.uniform(0.02, 0.2) * p.side), frame.height + 0.05
    line = land.winding_path(p, start, end, 0.36, "winding")
    roadside(p, line, p.horizon + 0.13)
    level = p.above_captions(float(line[int(len(line) * 0.42), 1]))
    spot = line[int(np.argmax(line[:, 1] <= level))]
    place_subject(p, (float(spot[0]), float(spot[1])), 0.13, beside=0.09, narrow=True)
    frame_with_trees(p, away_from=float(spot[0]))


def roadside(p: Painting, line: Line, top: float) -> None:
    """Grass beside a path (its middle line, near to far) and all over the near ground."""
    rng, frame = p.rng("verge"), p.frame
    for step in range(7):
        t = step / 6
        y = top + (frame.height + 0.03 - top) * t**1.4
        sheet = p.canvas.sheet(-0.05, y - 0.12, frame.width + 0.05, y + 0.02)
        middle = float(np.interp(y, line[::-1, 1], line[::-1, 0]))
        half = 0.03 + 0.3 * t**1.5
        tall = 0.01 + 0.05 * t**1.2
        for low, high in ((-0.03, middle - half), (middle + half, frame.width + 0.03)):
            if high > low:
                flora.grass(sheet, rng, (low, high), y, tall, count=int(150 * (high - low)))
        p.canvas.lay(sheet, p.palette.depth(0.45 + 0.55 * t), 0.9)
        land.rim_light(p, sheet, 0.0012, 0.25)


def frame_with_trees(p: Painting, away_from: float) -> None:
    """A dark tree at one edge of the picture, its branches over the top."""
    rng, frame = p.rng("frame-trees"), p.frame
    if rng.random() < 0.35:
        return
    x = -0.02 if away_from > frame.x(0.5) else frame.width + 0.02
    size = float(rng.uniform(0.62, 0.85))
    # Its crown reaches about four fifths of its size to the side, and must not hide who walks.
    outwards = max(0.0, 0.8 * size - (abs(x - away_from) - 0.14))
    if outwards < _TREE_OUTWARDS:
        lone_tree(p, (x + (outwards if x > 0 else -outwards), frame.y(0.86)), size)


def road(p: Painting) -> None:
    """A straight road to the vanishing point under the light."""
    rng, frame = p.rng("road"), p.frame
    vanish = frame.x(0.5 + rng.uniform(-0.26, 0.26)), p.horizon + 0.01
    p.light.at = vanish[0] + 0.05 * p.side, p.horizon - float(rng.uniform(0.05, 0.2))
    sky.heavens(p)
    if rng.random() < 0.5:
        massif(p, p.horizon + 0.05)
    else:
        land.ground(p, land.crags(rng, frame, p.horizon + 0.02, rng.uniform(0.1, 0.22), 2.4), 0.15)
    p.mist(p.horizon - 0.1, p.horizon + 0.05, 0.6)
    float_subjects(p)
    flat = Ridge(land.across(frame), np.full(360, p.horizon + 0.012))
    sheet = land.plain(p, flat)
    land.texture(p, sheet, p.hazed(p.palette.depth(0.7), 0.3), 0.5, "plain")
    _asphalt(p, vanish)
    _poles(p, vanish)
    place_subject(p, (vanish[0], p.above_captions(p.horizon + 0.16)), 0.14, narrow=True)


def _asphalt(p: Painting, vanish: tuple[float, float]) -> None:
    bottom, half = p.frame.height + 0.05, 0.62
    middle = p.frame.x(0.5)

    def wedge(left: float, right: float) -> Points:
        return points(
            (vanish[0] + 0.012 * left, vanish[1]),
            (vanish[0] + 0.012 * right, vanish[1]),
            (middle + half * right, bottom),
            (middle + half * left, bottom),
        )

    near = mix(p.palette.near, p.palette.depth(0.6), 0.15)
    far = mix(p.palette.haze, p.light.colour, 0.3)
    ramp = Ramp(((vanish[1], far), (vanish[1] + 0.12, mix(near, far, 0.3)), (bottom, near)))
    p.canvas.lay(p.canvas.stencil(wedge(-1, 1)), ramp)
    edges = p.canvas.stencil(wedge(-0.93, -0.89), wedge(0.89, 0.93))
    paint = mix(p.palette.spark, p.palette.haze, 0.4)
    p.canvas.lay(edges, paint, 0.75)
    dashes = p.canvas.stencil()
    for k in np.arange(1, 26):
        near_t, far_t = 1 / (0.18 * k + 0.6), 1 / (0.18 * k + 0.69)
        t = np.array([near_t, far_t]) / (1 / 0.78)
        ys = vanish[1] + (bottom - vanish[1]) * t
        xs = vanish[0] + (middle - vanish[0]) * t
        wide = 0.024 * half * t
        dashes.polygon(
            points(
                (xs[0] - wide[0], ys[0]),
                (xs[0] + wide[0], ys[0]),
                (xs[1] + wide[1], ys[1]),
                (xs[1] - wide[1], ys[1]),
            )
        )
    p.canvas.lay(dashes, paint, 0.9)


def _poles(p: Painting, vanish: tuple[float, float]) -> None:
    """Telegraph poles that march to the horizon on the darker side."""
    side = -p.side
    sheet = p.canvas.stencil()
    tops = []
    for k in range(9):
        t = 1 / (1 + 0.62 * k)
        foot = vanish[0] + side * 0.62 * t, vanish[1] + 0.36 * t
        top = foot[1] - 0.86 * t
        sheet.polygon(ribbon(points(foot, (foot[0], top)), 0.016 * t))
        for level in (0.03, 0.08):
            sheet.polygon(
                ribbon(
                    points(
                        (foot[0] - 0.07 * t, top + level * t), (foot[0] + 0.07 * t, top + level * t)
                    ),
                    0.009 * t,
                )
            )
        tops.append((foot[0], top + 0.03 * t))
    for a, b in pairwise(tops):
        s = np.linspace(0, 1, 12)
        sag = 0.16 * (a[0] - b[0]) * side
        for off in (-1, 1):
            xs = a[0] + (b[0] - a[0]) * s + off * 0.06 * (1 - s)
            ys = a[1] + (b[1] - a[1]) * s + sag * s * (1 - s)
            sheet.line(np.stack([xs, ys], axis=1), 0.0014)
    p.canvas.lay(sheet, p.palette.near)
    land.rim_light(p, sheet, 0.0014, 0.7)


def volcano(p: Painting) -> None:
    """A cone that glows from within, ash above it."""
    rng, frame = p.rng("volcano"), p.frame
    x, base = p.toward(0.42), p.horizon + 0.16
    p.light.at = x, p.horizon - 0.28
    sky.air(p, glow=1.2)
    sky.stars(p, 0.5)
    for k in range(9):
        at = (
            x + float(rng.normal(0, 0.03 + 0.02 * k)) - 0.03 * k * p.side,
            p.horizon - 0.27 - 0.055 * k,
        )
        sky.cumulus(
            p,
            at,
            0.2 + 0.07 * k,
            mix(p.palette.depth(0.5), p.palette.sky[1], 0.4),
            name=f"ash-{k}",
            opacity=0.8,
        )
    peaks = [(x, 0.46), (frame.x(rng.uniform(0, 1)), 0.2)]
    ridge = land.peak_line(rng, frame, base, peaks, 0.03)
    cut = np.where(np.abs(ridge.xs - x) < 0.055, np.maximum(ridge.ys, p.horizon - 0.235), ridge.ys)
    ridge = Ridge(ridge.xs, cut)
    sheet = land.ground(p, ridge, 0.6, haze=0.2)
    land.faces(p, ridge, sheet, peaks, base)
    hot = mix(p.palette.accent, (1.0, 0.35, 0.08), 0.5)
    for k in range(4):
        t = np.linspace(0, 1, 20)
        path_x = (
            x
            + (k - 1.5) * 0.02
            + (k - 1.5) * 0.09 * t
            + 0.02 * np.cumsum(rng.normal(0, 0.3, 20)) * 0.5
        )
        stream = np.stack([path_x, p.horizon - 0.235 + t * rng.uniform(0.2, 0.42)], axis=1)
        lava = p.canvas.stencil(ribbon(stream, 0.014 * (1 - t) + 0.003))
        p.canvas.lay(lava, hot)
        p.canvas.lay(p.canvas.stencil(ribbon(stream, 0.006 * (1 - t) + 0.001)), p.palette.spark)
    p.canvas.halo((x, p.horizon - 0.25), 0.3, hot, 0.8)
    p.mist(base - 0.1, base + 0.1, 0.6)
    embers(p, (x, p.horizon - 0.24), 90, 0.4)
    ledge = rock_ledge(p, away_from=x)
    spot = ledge_spot(p, x)
    place_subject(p, (spot, ledge.height_at(spot) + 0.004), 0.13)
