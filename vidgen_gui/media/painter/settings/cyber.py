"""Settings of screens and data: grids, particle land, tunnels, code."""

from itertools import pairwise

import numpy as np

from vidgen_gui.media.painter import neon, sky
from vidgen_gui.media.painter.amounts import Fade, Glow
from vidgen_gui.media.painter.canvas import Mode, Ramp, Stencil
from vidgen_gui.media.painter.colour import Rgb, mix
from vidgen_gui.media.painter.geometry import Points, Rng, box, ellipse, placed, points, rounded
from vidgen_gui.media.painter.noise import noise_1d
from vidgen_gui.media.painter.painting import Painting
from vidgen_gui.media.painter.settings.machine import emblem_of, fitted, light_emblem
from vidgen_gui.media.painter.settings.town import blocks
from vidgen_gui.media.painter.subjects import EMBLEMS

_IN_TUNNEL, _IN_CODE = 0.26, 0.42
"""How large an emblem stands in these settings."""


def grid(p: Painting) -> None:
    """A floor of light lines to the horizon, a striped sun or a skyline on it."""
    rng, frame = p.rng("grid"), p.frame
    p.horizon = frame.y(float(rng.uniform(0.42, 0.6)))
    p.light.at = (
        p.toward(float(rng.uniform(0.3, 0.7))),
        p.horizon - float(rng.uniform(0.1, 0.2)),
    )
    p.light.radius = float(rng.uniform(0.13, 0.25))
    p.bloom = 0.6
    p.light.rays = 0.0
    sky.air(p, glow=0.5)
    sky.stars(p, 0.9)
    sunny = rng.random() < 0.7
    if p.emblem_maker or any(n in EMBLEMS for n in p.brief.subjects):
        light_emblem(p, p.light.at, 0.36, emblem_of(p, "globe", "chip"))
    elif sunny:
        _striped_sun(p)
    if rng.random() < 0.5:
        _wire_range(p)
    else:
        for index in range(2):
            blocks(p, p.horizon, 0.14 + 0.08 * index, 0.4 + 0.5 * index, f"grid-city-{index}")
    _floor(p)


def _striped_sun(p: Painting) -> None:
    at, radius = p.light.at, p.light.radius
    p.canvas.halo(at, radius * 2.1, p.palette.spark, 0.6)
    disc = p.canvas.stencil(ellipse(at, radius, count=200))
    for k in range(7):
        y = at[1] + radius * (0.02 + 0.15 * k)
        disc.erase(
            box(at[0] - radius * 1.1, y, at[0] + radius * 1.1, y + radius * (0.018 + 0.014 * k))
        )
    top, low = mix(p.palette.light, (1.0, 0.95, 0.6), 0.4), p.palette.spark
    p.canvas.lay(disc, Ramp(((at[1] - radius, top), (at[1] + radius, low))))


def _wire_range(p: Painting) -> None:
    """Mountains of glowing triangles."""
    rng, frame = p.rng("wire"), p.frame
    count = 15
    xs = np.linspace(-0.05, frame.width + 0.05, count)
    gap = 1 - np.exp(-(((xs - p.light.at[0]) / 0.22) ** 2))
    rows = [
        p.horizon - (0.03 + 0.2 * gap) * f * rng.uniform(0.55, 1.1, count)
        for f in (1.0, 0.62, 0.28)
    ]
    rows.append(np.full(count, p.horizon + 0.004))
    lines: list[tuple[Points, int]] = []
    outline = np.vstack(
        [np.stack([xs, rows[0]], axis=1), [[xs[-1], p.horizon], [xs[0], p.horizon]]]
    )
    p.canvas.lay(p.canvas.stencil(outline), mix(p.palette.near, p.palette.depth(0.4), 0.4))
    for upper, lower in pairwise(rows):
        lines.append((np.stack([xs, upper], axis=1), 235))
        for k in range(count - 1):
            lines.append((points((xs[k], upper[k]), (xs[k], lower[k])), 130))
            lines.append((points((xs[k], upper[k]), (xs[k + 1], lower[k + 1])), 90))
    neon.lines(p, lines, 0.0018, p.palette.accent)


def _floor(p: Painting) -> None:
    frame = p.frame
    floor = p.canvas.stencil(box(-0.1, p.horizon, frame.width + 0.1, frame.height + 0.1))
    p.canvas.lay(
        floor,
        Ramp(
            (
                (p.horizon, mix(p.palette.near, p.palette.sky[2], 0.5)),
                (p.horizon + 0.2, mix(p.palette.near, p.palette.sky[1], 0.5)),
                (frame.height, p.palette.near),
            )
        ),
    )
    p.canvas.lay(
        floor,
        p.palette.spark,
        0.5,
        [Glow((p.light.at[0], p.horizon), 0.22, 2.8, 0.35)],
        Mode.SCREEN,
    )
    middle = p.light.at[0]
    paths: list[tuple[Points, int]] = [
        (points((middle + 0.02 * k, p.horizon), (middle + 0.32 * k, frame.height + 0.15)), 230)
        for k in range(-16, 17)
    ]
    y, step = p.horizon, 0.007
    while y < frame.height:
        paths.append((points((-0.1, y), (frame.width + 0.1, y)), 230))
        y, step = y + step, step * 1.28
    calm = Fade(((p.horizon, 0.75), (frame.y(0.6), 0.7), (frame.y(0.76), 0.6), (frame.height, 1.0)))
    neon.lines(p, paths, 0.0075, p.palette.accent, 0.3, blur=0.004, amounts=[calm])
    neon.lines(p, paths, 0.0021, p.palette.accent, 0.95, amounts=[calm])
    edge = [(points((-0.1, p.horizon), (frame.width + 0.1, p.horizon)), 255)]
    neon.lines(p, edge, 0.003, mix(p.palette.accent, (1.0, 1.0, 1.0), 0.4))


def terrain(p: Painting) -> None:
    """Land made of points of light, rising like a wave of data; bars or curves above it."""
    rng, frame = p.rng("terrain"), p.frame
    top = frame.y(float(rng.uniform(0.4, 0.5)))
    p.bloom = 0.75
    p.light.rays = 0.0
    neon.dark_air(p, (p.toward(0.6), top - 0.14))
    variant = p.kind("terrain")
    if any(n in EMBLEMS for n in p.brief.subjects):
        light_emblem(p, (p.toward(0.5), frame.y(0.26)), 0.36, emblem_of(p, "brain"))
    elif variant < 0.5:
        _bars(p, top + 0.02)
    else:
        _curves(p, top - 0.12)
    _points_land(p, top)


def _points_land(p: Painting, top: float) -> None:
    rng, frame = p.rng("points-land"), p.frame
    sheet, hot = p.canvas.stencil(), p.canvas.stencil()
    phases = rng.uniform(0, 6.3, 4)
    for row in range(44):
        t = row / 43
        deep = 1 / (1.0 - 0.86 * t)
        y = top + (frame.height - top + 0.05) * (deep - 1) / 6.15
        cols = 76
        us = np.linspace(-1, 1, cols)
        xs = frame.x(0.5) + us * (0.62 + 0.5 * deep / 7 * 3)
        wave = (
            np.sin(us * 5 + phases[0] + row * 0.16)
            + 0.7 * np.sin(us * 9 - row * 0.24 + phases[1])
            + 0.6 * np.sin(row * 0.33 + phases[2] + us * 2)
        )
        lift = (0.02 + 0.012 * deep) * (wave + 1.2)
        size = 0.0009 + 0.00065 * deep
        for x, up in zip(xs, lift, strict=True):
            if -0.02 < x < frame.width + 0.02:
                high = min(1.0, max(0.0, float(up) / (0.06 + 0.02 * deep)))
                (hot if high > 0.72 else sheet).circle(
                    (float(x), y - float(up)), size, int(70 + 185 * high)
                )
    calm = Fade(((top - 0.2, 1.0), (frame.y(0.6), 0.95), (frame.y(0.7), 0.6), (frame.height, 0.9)))
    p.canvas.lay(sheet, p.palette.accent, 1.0, [calm], Mode.SCREEN)
    p.canvas.lay(hot, p.palette.spark, 1.0, [calm], Mode.SCREEN)


def _bars(p: Painting, base: float) -> None:
    rng, frame = p.rng("bars"), p.frame
    count = int(rng.integers(7, 12))
    heights = np.sort(rng.uniform(0.06, 0.36, count))[
        :: 1 if rng.random() < 0.7 else -1
    ] * rng.uniform(0.75, 1.1, count)
    width = frame.width * 0.82 / count
    for k, height in enumerate(heights):
        x = frame.x(0.09) + width * k
        bar = p.canvas.stencil(box(x, base - float(height), x + width * 0.62, base))
        colour = p.palette.spark if k == int(np.argmax(heights)) else p.palette.accent
        p.canvas.lay(
            bar,
            Ramp(((base - float(height), colour), (base, mix(p.palette.near, colour, 0.12)))),
            0.85,
        )
        p.canvas.lay(
            p.canvas.stencil(
                box(x, base - float(height), x + width * 0.62, base - float(height) + 0.005)
            ),
            mix(colour, (1.0, 1.0, 1.0), 0.6),
        )
    line = np.stack(
        [frame.x(0.09) + width * (np.arange(count) + 0.31), base - heights - 0.05], axis=1
    )
    neon.lines(p, [(line, 255)], 0.003, p.palette.spark)
    for spot in line:
        neon.node(p, (float(spot[0]), float(spot[1])), 0.0055, p.palette.spark)


def _curves(p: Painting, middle: float) -> None:
    """Waves of a signal, many phases of one shape."""
    rng, frame = p.rng("curves"), p.frame
    xs = np.linspace(-0.05, frame.width + 0.05, 260)
    hump = np.exp(-(((xs - frame.x(0.5)) / (0.3 * frame.width)) ** 2))
    base = noise_1d(rng, xs, 5, 3)
    paths: list[tuple[Points, int]] = []
    for k in range(18):
        sway = np.sin(xs * 13 + k * 0.22) * 0.5 + base
        paths.append(
            (np.stack([xs, middle + 0.17 * hump * sway * np.cos(k * 0.17)], axis=1), 60 + 11 * k)
        )
    neon.lines(p, paths[:9], 0.0017, p.palette.accent)
    neon.lines(p, paths[9:], 0.0017, p.palette.spark)


def tunnel(p: Painting) -> None:
    """A corridor of light frames or server racks to a bright end."""
    rng, frame = p.rng("tunnel"), p.frame
    at = p.toward(float(rng.uniform(0.24, 0.74))), frame.y(float(rng.uniform(0.25, 0.46)))
    emblem = emblem_of(p, "lock") if any(n in EMBLEMS for n in p.brief.subjects) else None
    if emblem:
        at, _ = fitted(p, at, _IN_TUNNEL, emblem)
    p.bloom = 0.75
    p.light.rays = 0.0
    p.light.at = at
    neon.dark_air(p, at, strength=0.9)
    round_one = rng.random() < 0.4
    turn, wide = float(rng.uniform(-0.16, 0.16)), float(rng.uniform(0.26, 0.5))
    colours = (p.palette.accent, p.palette.spark)
    for k in range(15, 0, -1):
        t = 1.33**-k * 4.6
        half_x, half_y = wide * t, 0.46 * t
        middle = at[0] + (frame.x(0.5) - at[0]) * min(1, t), at[1] + 0.03 * t
        outline = (
            ellipse((0, 0), half_x, half_x, count=120)
            if round_one
            else rounded(-half_x, -half_y, half_x, half_y, 0.03 * t)
        )
        ring = placed(outline, middle, 1.0, turn=turn * k)
        path = [(np.vstack([ring, ring[:1]]), 255)]
        fade = min(1.0, 0.25 + 0.9 * (1 - k / 16))
        colour = colours[k % 3 == 0]
        neon.lines(p, path, 0.02 * t, colour, 0.22 * fade, blur=0.01 * t)
        neon.lines(p, path, max(0.0016, 0.008 * t), colour, 0.9 * fade)
    _racks(p, at) if not round_one else _streams(p, at)
    p.canvas.halo(at, 0.2, mix(p.palette.accent, (1.0, 1.0, 1.0), 0.5), 0.95)
    if emblem:
        light_emblem(p, at, _IN_TUNNEL, emblem)


def _racks(p: Painting, at: tuple[float, float]) -> None:
    """Rows of small lights on both walls, in perspective."""
    rng = p.rng("racks")
    sheets = {name: p.canvas.stencil() for name in ("cool", "hot")}
    for side in (-1, 1):
        for depth in np.linspace(0.06, 1.25, 40) ** 1.6 + 0.03:
            for level in np.linspace(-0.9, 0.75, 20):
                if rng.random() < 0.5:
                    continue
                x = at[0] + side * 0.42 * float(depth)
                y = at[1] + float(level) * 0.52 * float(depth)
                wide, high = 0.011 * float(depth), 0.0045 * float(depth)
                name = "hot" if rng.random() < 0.14 else "cool"
                sheets[name].polygon(
                    box(x - wide, y - high, x + wide, y + high), int(rng.uniform(60, 255))
                )
    p.canvas.lay(sheets["cool"], p.palette.accent, 0.75, mode=Mode.SCREEN)
    p.canvas.lay(sheets["hot"], p.palette.spark, 0.95, mode=Mode.SCREEN)


def _streams(p: Painting, at: tuple[float, float]) -> None:
    """Lines of speed out of the middle."""
    rng = p.rng("streams")
    paths: list[tuple[Points, int]] = []
    for _ in range(130):
        angle = rng.uniform(0, 2 * np.pi)
        start, long = rng.uniform(0.06, 0.6), rng.uniform(0.05, 0.4)
        way = np.array([np.cos(angle), np.sin(angle)])
        paths.append(
            (np.array([at + way * start, at + way * (start + long)]), int(rng.uniform(40, 230)))
        )
    neon.lines(p, paths[:90], 0.0019, p.palette.accent, 0.9)
    neon.lines(p, paths[90:], 0.003, p.palette.spark, 0.9)


def code(p: Painting) -> None:
    """Falling columns of signs, or windows with lines of code, a device in front."""
    rng, frame = p.rng("code"), p.frame
    at = p.toward(float(rng.uniform(0.32, 0.66))), frame.y(float(rng.uniform(0.25, 0.4)))
    device = emblem_of(p, "phone", "lock", "chip", "globe")
    at, _ = fitted(p, at, _IN_CODE, device)
    p.bloom = 0.65
    p.light.rays = 0.0
    neon.dark_air(p, at)
    if p.kind("code") < 0.5:
        _sign_rain(p)
    else:
        _panels(p)
    p.canvas.halo(at, 0.34, p.palette.sky[2], 0.7)
    light_emblem(p, at, _IN_CODE, device)


def _sign_rain(p: Painting) -> None:
    """Columns of small block signs that fade upwards."""
    rng, frame = p.rng("sign-rain"), p.frame
    cell = 0.0215
    sheet, heads = p.canvas.stencil(), p.canvas.stencil()
    for col in range(int(frame.width / cell) + 1):
        for _ in range(2):
            head = int(rng.integers(4, int(frame.height / cell) + 14))
            long = int(rng.integers(8, 30))
            for k in range(long):
                y, x = (head - k) * cell, (col + 0.5) * cell
                value = int(235 * (1 - k / long) ** 1.3)
                _sign(heads if k == 0 else sheet, rng, (x, y), cell * 0.62, value)
    calm = p.calm(0.36)
    p.canvas.lay(sheet, p.palette.accent, 0.85, [calm], Mode.SCREEN)
    p.canvas.lay(heads, mix(p.palette.accent, (1.0, 1.0, 1.0), 0.75), 1.0, [calm], Mode.SCREEN)


def _sign(sheet: Stencil, rng: Rng, at: tuple[float, float], size: float, value: int) -> None:
    """A made-up sign on a three by four raster."""
    bits = int(rng.integers(1, 4096))
    dot = size / 4
    for k in range(12):
        if bits >> k & 1:
            x, y = at[0] + (k % 3 - 1) * dot * 1.2, at[1] + (k // 3 - 1.5) * dot * 1.2
            sheet.polygon(box(x - dot / 2, y - dot / 2, x + dot / 2, y + dot / 2), value)


def _panels(p: Painting) -> None:
    """Floating windows with lines of code at several depths."""
    rng, frame = p.rng("panels"), p.frame
    for k in range(6):
        near = k / 5
        width = 0.3 + 0.22 * near
        x, y = frame.x(float(rng.uniform(-0.15, 0.7))), frame.y(float(rng.uniform(0.02, 0.86)))
        tall = width * float(rng.uniform(0.55, 0.95))
        body = rounded(x, y, x + width, y + tall, 0.012)
        p.canvas.lay(p.canvas.stencil(body), mix(p.palette.near, p.palette.sky[1], 0.5), 0.72)
        neon.lines(
            p, [(np.vstack([body, body[:1]]), 200)], 0.0018, p.palette.accent, 0.35 + 0.4 * near
        )
        _code_lines(
            p,
            rng,
            x + 0.02,
            y + 0.03,
            width=width - 0.04,
            tall=tall - 0.04,
            opacity=0.35 + 0.5 * near,
        )


def _code_lines(
    p: Painting, rng: Rng, x: float, y: float, *, width: float, tall: float, opacity: float
) -> None:
    colours: tuple[Rgb, ...] = (
        p.palette.accent,
        p.palette.spark,
        mix(p.palette.accent, (1, 1, 1), 0.6),
    )
    sheets = [p.canvas.sheet(x, y - 0.01, x + width, y + tall) for _ in colours]
    row = y
    while row < y + tall - 0.012:
        at = x + 0.022 * int(rng.integers(0, 4))
        while at < x + width * float(rng.uniform(0.35, 0.95)):
            long = float(rng.uniform(0.012, 0.06))
            end = min(at + long, x + width)
            sheets[int(rng.integers(3))].polygon(rounded(at, row, end, row + 0.0065, 0.003))
            at += long + 0.009
        row += 0.0165
    for sheet, colour in zip(sheets, colours, strict=True):
        p.canvas.lay(sheet, colour, opacity, [p.calm(0.3)], Mode.SCREEN)
