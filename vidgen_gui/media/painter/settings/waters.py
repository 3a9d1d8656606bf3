"""Settings by and in the water: sea, lake, river, waterfall, under water."""

import numpy as np

from vidgen_gui.media.painter import animals, flora, land, sky, things
from vidgen_gui.media.painter.canvas import Fade, Field, Glow, Mode, Ramp
from vidgen_gui.media.painter.colour import mix, shift
from vidgen_gui.media.painter.geometry import ellipse, placed, points, ribbon, smooth, under
from vidgen_gui.media.painter.land import Ridge
from vidgen_gui.media.painter.noise import field_shape, noise_1d, noise_2d
from vidgen_gui.media.painter.painting import Painting
from vidgen_gui.media.painter.settings.highland import ledge_spot, massif, rock_ledge
from vidgen_gui.media.painter.subjects import (
    float_subjects,
    ground_subjects,
    place_subject,
    stand,
    treeline,
)
from vidgen_gui.media.painter.water import glitter, mirror, open_water, swell, water_colours


def sea(p: Painting) -> None:
    """The open sea under a low light: a boat, a lighthouse, someone on the shore."""
    rng, frame = p.rng("sea"), p.frame
    variant = rng.random()
    p.light.at = p.light.at[0], p.horizon - float(rng.uniform(0.02, 0.24))
    if "boat" in p.brief.subjects:
        variant *= 0.6
    sky.heavens(p)
    float_subjects(p)
    if rng.random() < 0.5:
        coast = land.hills(rng, frame, p.horizon + 0.005, 0.07, 2.2)
        slope = np.clip(
            (frame.width * 0.6 - coast.xs if p.side > 0 else coast.xs - frame.width * 0.4) / 0.3,
            0,
            1,
        )
        far = Ridge(coast.xs, p.horizon + 0.004 + (coast.ys - p.horizon) * slope)
        land.ground(p, far, 0.25)
    open_water(p, p.horizon, frame.height)
    if p.palette.body != "none" or p.emblem_maker:
        glitter(p, p.horizon, frame.height * 0.97)
    if variant < 0.34:
        _boat(p, rng.uniform(0.02, 0.07))
        _swells(p, 3)
    elif variant < 0.67:
        _boat(p, 0.02) if rng.random() < 0.5 or "boat" in p.brief.subjects else None
        _headland(p)
    else:
        _beach(p)


def _boat(p: Painting, depth: float) -> None:
    rng = p.rng("boat")
    x = p.toward(float(rng.uniform(0.3, 0.62)))
    y = p.horizon + depth
    size = 0.08 + 1.1 * depth
    parts = things.sailboat(rng)[0] if rng.random() < 0.7 else things.rowboat(rng)[0]
    flip = bool(rng.random() < 0.5)
    shadow = p.canvas.stencil(
        *[placed(part * np.array([1.0, -0.55]), (x, y), size, flip=flip) for part in parts]
    )
    p.canvas.lay(shadow, p.palette.near, 0.3)
    sheet = p.canvas.stencil(*[placed(part, (x, y), size, flip=flip) for part in parts])
    p.canvas.lay(sheet, mix(p.palette.near, p.palette.haze, 0.1))
    land.rim_light(p, sheet, 0.0018, 0.9)


def _swells(p: Painting, count: int) -> None:
    for index in range(count):
        t = (index + 1) / count
        base = p.frame.y(0.8 + 0.075 * index)
        swell(p, base, 0.03 + 0.035 * t, 0.5 + 0.5 * t, f"swell-{index}")


def _headland(p: Painting) -> None:
    """A cliff over the water with a lighthouse, a house or someone on it."""
    ledge = rock_ledge(p, away_from=p.light.at[0])
    x = ledge_spot(p, ledge, p.light.at[0])
    foot = x, ledge.height_at(x) + 0.006
    named = ground_subjects(p)
    if "lighthouse" in named or not p.brief.named_subject:
        stand(p, "lighthouse", foot, 0.075)
        lamp = foot[0], foot[1] - 0.075 * 4 * 0.855
        _beam(p, lamp)
    else:
        place_subject(p, foot, 0.15, beside=0.09)


def _beam(p: Painting, lamp: tuple[float, float]) -> None:
    """The lamp's two cones of light."""
    p.canvas.halo(lamp, 0.13, p.palette.accent, 0.9)
    for side in (-1, 1):
        cone = points(
            lamp, (lamp[0] + side * 0.95, lamp[1] - 0.13), (lamp[0] + side * 0.95, lamp[1] + 0.07)
        )
        sheet = p.canvas.stencil(cone, margin=0.02).softened(0.006)
        p.canvas.lay(sheet, p.palette.spark, 0.42, [Glow(lamp, 0.3, 2.2)], Mode.SCREEN)


def _beach(p: Painting) -> None:
    """Wet sand with the water's edge across it, someone walking there."""
    rng, frame = p.rng("beach"), p.frame
    xs = land.across(frame)
    slope = rng.uniform(0.06, 0.16) * p.side
    edge = frame.y(0.7) + slope * (xs / frame.width - 0.5) + 0.018 * noise_1d(rng, xs, 2.4, 3)
    wet = mix(p.palette.depth(0.72), p.palette.sky[3], 0.22)
    dry = mix(p.palette.near, p.palette.depth(0.5), 0.5)
    for k, (off, colour) in enumerate(
        ((-0.03, None), (0.0, wet), (0.055, mix(wet, dry, 0.6)), (0.12, dry))
    ):
        ys = edge + off + 0.01 * noise_1d(rng, xs, 3.5, 3)
        if colour is not None:
            sheet = p.canvas.stencil(under(xs, ys, frame.height + 0.03))
            p.canvas.lay(
                sheet, Ramp(((float(ys.min()), colour), (frame.height, shift(colour, light=-0.08))))
            )
        foam = p.canvas.sheet(
            -0.1, float(ys.min()) - 0.03, frame.width + 0.1, float(ys.max()) + 0.03
        )
        foam.line(np.stack([xs, ys], axis=1), 0.0045 if k < 2 else 0.0014)
        p.canvas.lay(foam, p.palette.spark, 0.8 if k < 2 else 0.18)
    x = p.toward(0.38)
    foot = x, float(np.interp(x, xs, edge)) + 0.03
    if ground_subjects(p):
        place_subject(p, foot, 0.15, beside=0.09)
    elif rng.random() < 0.5:
        palm_x = p.toward(0.02), frame.y(0.9)
        sheet = p.canvas.stencil(
            *[placed(s, palm_x, 0.75, flip=p.side < 0) for s in flora.palm(rng)], margin=0.01
        )
        p.canvas.lay(sheet, p.palette.near)
        land.rim_light(p, sheet, 0.002, 0.7)
    else:
        _boat(p, 0.05)


def lake(p: Painting) -> None:
    """Mountains, trees and sky, and all of it again in still water."""
    rng, frame = p.rng("lake"), p.frame
    line = frame.y(float(rng.uniform(0.53, 0.6)))
    p.horizon = line - 0.02
    sky.heavens(p)
    float_subjects(p)
    if rng.random() < 0.7:
        massif(p, line)
    else:
        land.ground(p, land.crags(rng, frame, line - 0.02, 0.3, 2.0), 0.25)
    p.mist(line - 0.2, line, 0.65)
    shore = land.hills(rng, frame, line - 0.005, 0.045, 2.0)
    land.ground(p, shore, 0.5)
    treeline(
        p,
        shore,
        0.52,
        (0.03, 0.085),
        int(90 * frame.width / 0.75),
        "shore-trees",
        leafy=rng.random() < 0.25,
    )
    p.mist(line - 0.05, line + 0.001, 0.35, name="shore-mist")
    mirror(p, line, frame.height + 0.02)
    p.mist(line - 0.02, line + 0.05, 0.25, name="water-mist")
    if "boat" in p.brief.subjects or rng.random() < 0.35:
        _boat(p, 0.05)
    _near_shore(p)


def _near_shore(p: Painting) -> None:
    """Reeds, a jetty with someone on it, or a dark bank."""
    rng, frame = p.rng("near-shore"), p.frame
    if ground_subjects(p) or p.genre.value == "emotional":
        jetty(p)
    reeds = p.canvas.sheet(-0.1, frame.y(0.68), frame.width + 0.1, frame.height + 0.05)
    for low, high, count in ((-0.02, 0.26, 80), (0.8, 1.02, 44)):
        a, b = sorted((p.toward(low), p.toward(high)))
        flora.grass(reeds, rng, (a, b), frame.height + 0.02, 0.2, count, 0.12)
        for x in rng.uniform(a, b, 7):
            top = frame.height - float(rng.uniform(0.12, 0.22))
            reeds.polygon(ribbon(points((x, frame.height + 0.03), (x + 0.01, top)), 0.003))
            reeds.polygon(ellipse((float(x) + 0.01, top), 0.0065, 0.026, count=16))
    p.canvas.lay(reeds, p.palette.near)
    land.rim_light(p, reeds, 0.0014, 0.45)


def jetty(p: Painting) -> None:
    """Planks that run from the viewer out over the water, someone at their end."""
    frame = p.frame
    x0, x1 = p.toward(0.66), p.toward(0.42)
    y0, y1 = frame.height + 0.03, frame.y(0.66)
    planks = p.canvas.stencil(
        points((x0 - 0.17, y0), (x0 + 0.17, y0), (x1 + 0.052, y1), (x1 - 0.052, y1))
    )
    wood = mix(p.palette.near, p.palette.depth(0.5), 0.3)
    p.canvas.lay(planks, Ramp(((y1, mix(wood, p.palette.haze, 0.25)), (y0, wood))))
    gaps = p.canvas.stencil()
    for k in range(1, 22):
        t = 1 - (1 / (1 + 0.17 * k) - 1 / 4.74) / (1 - 1 / 4.74)
        y, x, half = y0 + (y1 - y0) * t, x0 + (x1 - x0) * t, 0.17 + (0.052 - 0.17) * t
        gaps.line(points((x - half, y), (x + half, y)), 0.0036 * (1.15 - t))
    for side in (-1, 1):
        for t in (0.35, 0.72, 1.0):
            y, x, half = y0 + (y1 - y0) * t, x0 + (x1 - x0) * t, 0.17 + (0.052 - 0.17) * t
            gaps.polygon(
                ribbon(
                    points(
                        (x + side * half, y - 0.035 * (1.25 - t)),
                        (x + side * half, y + 0.05 * (1.3 - t)),
                    ),
                    0.016 * (1.2 - t),
                )
            )
    p.canvas.lay(gaps, p.palette.near, 0.9)
    place_subject(p, (x1, y1 + 0.014), 0.16, beside=0.0)


def river(p: Painting) -> None:
    """A river that winds out of the hills towards the viewer."""
    rng, frame = p.rng("river"), p.frame
    sky.heavens(p)
    float_subjects(p)
    if rng.random() < 0.65:
        massif(p, p.horizon + 0.05)
        p.mist(p.horizon - 0.15, p.horizon + 0.06, 0.75)
    for index in range(2):
        ridge = land.hills(rng, frame, p.horizon + 0.02 + 0.05 * index, 0.09, 1.9)
        land.ground(p, ridge, 0.2 + 0.22 * index)
        treeline(
            p,
            ridge,
            0.24 + 0.22 * index,
            (0.025, 0.06),
            60,
            f"river-trees-{index}",
            leafy=rng.random() < 0.4,
        )
        p.mist(float(ridge.ys.min()), float(ridge.ys.max()) + 0.06, 0.35, name=f"rm-{index}")
    land.plain(p, land.hills(rng, frame, p.horizon + 0.11, 0.025, 1.2))
    _stream(p)
    x = p.toward(0.2)
    y = frame.y(0.66)
    place_subject(p, (x, y), 0.14, beside=0.09)
    for index in range(4):
        t = index / 3
        sheet = p.canvas.sheet(-0.1, frame.y(0.6), frame.width + 0.1, frame.height + 0.1)
        ground = frame.y(0.8 + 0.075 * index)
        for low, high in ((-0.02, 0.3 - 0.1 * t), (0.72 + 0.1 * t, 1.02)):
            flora.grass(sheet, rng, (frame.x(low), frame.x(high)), ground, 0.05 + 0.06 * t, 90)
        p.canvas.lay(sheet, p.palette.depth(0.62 + 0.38 * t))
        land.rim_light(p, sheet, 0.0013, 0.4)


def _stream(p: Painting) -> None:
    rng, frame = p.rng("stream"), p.frame
    t = np.linspace(0, 1, 120)
    near = (1 - t) ** 1.9
    swing = float(rng.choice([-1, 1])) * rng.uniform(0.75, 1.15)
    ys = p.horizon + 0.115 + (frame.height + 0.04 - p.horizon - 0.115) * near
    xs = frame.x(0.5) + swing * 0.3 * np.sin(t * 8.4 + rng.uniform(0, 1)) * (0.2 + near) ** 0.7 * (
        1 - near * 0.4
    )
    line = np.stack([xs, ys], axis=1)
    widths = 0.5 * (0.05 + 0.95 * near)
    bank = p.canvas.stencil(land.ribbon_flat(line, widths * 1.08 + 0.006))
    p.canvas.lay(bank, p.palette.near, 0.6)
    water = p.canvas.stencil(land.ribbon_flat(line, widths))
    far, deep = p.palette.sky[3], mix(p.palette.sky[1], p.palette.depth(0.6), 0.45)
    p.canvas.lay(
        water,
        Ramp(
            (
                (float(ys.min()), mix(far, p.light.colour, 0.4)),
                (frame.y(0.75), mix(far, deep, 0.55)),
                (frame.height, deep),
            )
        ),
    )
    gleam = p.canvas.stencil()
    for _ in range(130):
        s = float(rng.uniform(0.02, 1) ** 1.2)
        k = int(s * 119)
        half = widths[k] * 0.42
        x = xs[k] + float(rng.uniform(-half, half))
        long = 0.006 + 0.06 * near[k]
        gleam.polygon(ellipse((x, float(ys[k])), long, 0.0008 + 0.003 * float(near[k]), count=14))
    p.canvas.lay(gleam.within(water), p.light.colour, 0.6)


def waterfall(p: Painting) -> None:
    """Water falling between dark cliffs into a misty pool."""
    rng, frame = p.rng("waterfall"), p.frame
    x, brink = frame.x(0.5 + 0.1 * p.side), frame.y(float(rng.uniform(0.22, 0.32)))
    p.light.at = x + 0.06 * p.side, brink - 0.08
    p.light.rays = 0.5
    sky.air(p, glow=1.2)
    if p.palette.body == "sun":
        sky.sun(p)
    foot = frame.y(0.62)
    ridge = land.hills(rng, frame, brink + 0.02, 0.1, 1.8)
    land.ground(p, ridge, 0.25, haze=0.2)
    treeline(p, ridge, 0.28, (0.04, 0.09), 60, "brink-trees", leafy=rng.random() < 0.4)
    _falling(p, x, brink + 0.03, foot, 0.13)
    for t in (0.0, 0.5, 1.0):
        _cliffs(p, x, 0.07 + 0.1 * t, brink + 0.01 - 0.05 * t, t)
        if t < 1:
            p.mist(foot - 0.2, foot + 0.06, 0.35, name=f"spray-{t}")
    _pool(p, foot)
    p.canvas.lay(None, p.palette.spark, 0.55, [Glow((x, foot), 0.13, 3.0, 0.5)], Mode.SCREEN)
    spot = p.toward(0.16)
    place_subject(p, (spot, foot + 0.09), 0.13)
    float_subjects(p)


def _falling(p: Painting, x: float, top: float, foot: float, width: float) -> None:
    rng = p.rng("falling")
    t = np.linspace(0, 1, 20)
    middle = np.stack([x + 0.012 * np.sin(t * 4), top + (foot - top) * t], axis=1)
    sheet = p.canvas.stencil(ribbon(middle, width * (0.8 + 0.35 * t)))
    pale = mix(p.palette.spark, p.palette.haze, 0.25)
    p.canvas.lay(sheet, Ramp(((top, mix(pale, p.palette.depth(0.3), 0.15)), (foot, pale))))
    for _ in range(70):
        at = x + float(rng.normal(0, width * 0.28))
        start = top + float(rng.uniform(-0.02, 0.6)) * (foot - top)
        long = float(rng.uniform(0.06, 0.26))
        s = np.linspace(0, 1, 8)
        strand = np.stack([at + (at - x) * 0.12 * s, np.minimum(start + long * s, foot)], axis=1)
        shade = (
            mix(p.palette.depth(0.3), p.palette.haze, 0.4)
            if rng.random() < 0.5
            else p.palette.spark
        )
        p.canvas.lay(
            p.canvas.stencil(ribbon(strand, 0.007 * np.sin(np.pi * (0.05 + 0.9 * s)))), shade, 0.55
        )


def _cliffs(p: Painting, x: float, gap: float, top: float, nearness: float) -> None:
    """Rock walls left and right of the gap."""
    rng, frame = p.rng(f"cliffs-{nearness}"), p.frame
    ys = np.linspace(top, frame.height + 0.05, 46)
    colour = p.palette.depth(0.45 + 0.55 * nearness)
    for side in (-1, 1):
        steps = np.cumsum(
            np.abs(rng.normal(0.0, 0.011, 46)) * rng.choice([-0.35, 1.0], 46, p=[0.6, 0.4])
        )
        wall = x + side * (
            gap * (1.1 + 0.5 * nearness) + 0.08 * nearness + 0.9 * np.clip(0.2 - steps, -0.05, 0.2)
        )
        wall = wall + side * 0.25 * nearness * np.clip((ys - frame.y(0.72)) / 0.3, 0, 1)
        edge = 2.0 * side
        outline = np.vstack(
            [np.stack([wall, ys], axis=1), [[edge, frame.height + 0.05], [edge, top - 0.08]]]
        )
        outline[:, 0] = np.clip(outline[:, 0], -0.5, frame.width + 0.5)
        sheet = p.canvas.stencil(outline)
        p.canvas.lay(
            sheet, Ramp(((top, p.hazed(colour, 0.15 * (1 - nearness))), (frame.height, colour)))
        )
        land.texture(p, sheet, shift(colour, light=0.045), 0.6, f"cliff-{nearness}-{side}")
        lit = sheet.edge(side * 0.004, 0.002)
        p.canvas.lay(lit, p.light.colour, 0.5, [Glow(p.light.at, 0.5, 2.4)])


def _pool(p: Painting, top: float) -> None:
    rng, frame = p.rng("pool"), p.frame
    ridge = land.hills(rng, frame, top + 0.015, 0.012, 2.0)
    sheet = p.canvas.stencil(ridge.outline(frame.height + 0.03))
    far, near = water_colours(p)
    p.canvas.lay(
        sheet,
        Ramp(
            (
                (top, mix(far, p.palette.spark, 0.35)),
                (top + 0.16, mix(far, near, 0.5)),
                (frame.height, near),
            )
        ),
    )
    rings = p.canvas.sheet(0, top, frame.width, frame.height)
    for k in range(7):
        y = top + 0.03 + 0.026 * k**1.25
        for _ in range(9):
            x = frame.x(rng.uniform(0, 1))
            rings.polygon(ellipse((x, y), 0.02 + 0.014 * k, 0.001 + 0.0007 * k, count=16))
    p.canvas.lay(rings, p.palette.spark, 0.4)
    stones = p.canvas.sheet(-0.1, top, frame.width + 0.1, frame.height + 0.1)
    for _ in range(16):
        x = p.frame.x(float(rng.choice([rng.uniform(-0.02, 0.25), rng.uniform(0.75, 1.02)])))
        y = float(rng.uniform(top + 0.08, frame.height))
        size = (y - top) * float(rng.uniform(0.08, 0.22)) + 0.008
        rock = smooth(
            placed(
                points((-1, 0.2), (-0.7, -0.45), (0.1, -0.7), (0.8, -0.35), (1, 0.2)), (x, y), size
            ),
            4,
        )
        stones.polygon(rock)
    p.canvas.lay(stones, p.palette.near)
    land.rim_light(p, stones, 0.0025, 0.6)


def underwater(p: Painting) -> None:
    """Light from above through deep water; reef, kelp and those who live there."""
    rng, frame = p.rng("underwater"), p.frame
    p.light.at = frame.x(0.5 + 0.2 * p.side), -0.06
    p.light.rays = 0.3
    _deep_air(p)
    names = [n for n in ("whale", "turtle", "jellyfish", "fish") if n in p.brief.subjects]
    chosen = (
        names[0] if names else str(rng.choice(["whale", "turtle", "jellyfish", "fish", "fish"]))
    )
    _sea_floor(p, 0.3, 0.72)
    _shoal(p, 0.4, 26 if chosen != "fish" else 60)
    _hero(p, chosen)
    _sea_floor(p, 0.62, 0.84)
    _kelp(p, 0.75, 9)
    _sea_floor(p, 1.0, 0.93)
    _kelp(p, 1.0, 6)
    for _ in range(60):
        at = float(rng.uniform(0, frame.width)), float(rng.uniform(0, frame.height))
        size = float(rng.exponential(0.0022) + 0.001)
        ring = p.canvas.sheet(at[0] - size, at[1] - size, at[0] + size, at[1] + size)
        ring.line(ellipse(at, size, count=18), size * 0.3, closed=True)
        p.canvas.lay(ring, p.palette.spark, 0.55)


def _deep_air(p: Painting) -> None:
    frame, colours = p.frame, p.palette
    top = mix(colours.sky[2], colours.light, 0.25)
    p.canvas.lay(
        None,
        Ramp(
            (
                (0, top),
                (frame.height * 0.3, mix(colours.sky[1], colours.land[0], 0.3)),
                (frame.height * 0.7, mix(colours.sky[0], colours.land[1], 0.5)),
                (frame.height, colours.near),
            )
        ),
    )
    p.canvas.lay(None, colours.light, 0.6, [Glow(p.light.at, 0.34, 2.6)], Mode.SCREEN)
    rng = p.rng("shafts")
    rows, cols = field_shape(frame, 160)
    ys, xs = np.mgrid[0:rows, 0:cols].astype(np.float32) / 160
    angle = np.arctan2(xs - p.light.at[0], ys - p.light.at[1] + 0.25)
    line = np.linspace(-1.6, 1.6, 800)
    beams = np.clip(noise_1d(rng, line, 9, 3, 0.6) * 1.6, 0, 1)
    shaft = np.interp(angle, line, beams) * np.exp(-ys / (0.5 * frame.height))
    p.canvas.lay(None, colours.light, 0.55, [Field(shaft.astype(np.float32))], Mode.SCREEN)
    ripple = noise_2d(rng, frame, (5, 22), 3)
    surface = np.clip(1 - np.abs(ripple) * 5, 0, 1).astype(np.float32)
    p.canvas.lay(
        None, colours.spark, 0.55, [Field(surface), Fade(((0, 1), (0.16, 0)))], Mode.SCREEN
    )


def _sea_floor(p: Painting, nearness: float, level: float) -> None:
    rng, frame = p.rng(f"sea-floor-{nearness}"), p.frame
    ridge = land.crags(rng, frame, frame.y(level) + 0.03, 0.1 + 0.06 * nearness, 2.2)
    bend = (ridge.xs / frame.width - 0.5) ** 2 * 0.35
    ridge = Ridge(ridge.xs, ridge.ys - bend)
    land.ground(p, ridge, nearness, haze=0.4 * (1 - nearness))
    coral = p.canvas.stencil()
    for _ in range(int(14 + 8 * nearness)):
        x = float(rng.uniform(0, frame.width))
        grown = flora.Branching(rng, depth=3, spread=0.55)
        grown.draw(
            coral,
            (x, ridge.height_at(x) + 0.01),
            float(rng.uniform(0.05, 0.12)) * (0.5 + nearness),
            flip=False,
        )
    tint = mix(p.palette.depth(nearness), p.palette.accent, 0.34 if nearness > 0.5 else 0.12)
    p.canvas.lay(coral, tint)


def _kelp(p: Painting, nearness: float, count: int) -> None:
    rng, frame = p.rng(f"kelp-{nearness}"), p.frame
    sheet = p.canvas.stencil()
    for _ in range(count):
        x = frame.x(float(rng.choice([rng.uniform(-0.03, 0.22), rng.uniform(0.78, 1.03)])))
        tall = float(rng.uniform(0.3, 0.75)) * (0.6 + 0.4 * nearness)
        t = np.linspace(0, 1, 26)
        phase = rng.uniform(0, 6)
        path = np.stack(
            [x + 0.03 * np.sin(t * 5 + phase) * t, frame.height + 0.03 - tall * t], axis=1
        )
        sheet.polygon(ribbon(path, 0.008 * (1 - t) + 0.002))
        for k in range(2, 25, 2):
            side = 1 if k // 2 % 2 else -1
            shape = flora.leaf(count=7) * np.array([1.0, 0.8])
            at = float(path[k, 0]), float(path[k, 1])
            sheet.polygon(
                placed(shape, at, 0.055 * (1.15 - t[k]), turn=float(-np.pi / 2 + side * 0.85))
            )
    p.canvas.lay(sheet, p.palette.depth(0.5 + 0.5 * nearness))
    land.rim_light(p, sheet, 0.0014, 0.4)


def _shoal(p: Painting, depth: float, count: int) -> None:
    rng, frame = p.rng("shoal"), p.frame
    at = frame.x(0.5 - 0.15 * p.side), frame.y(0.36)
    sheet = p.canvas.stencil()
    shape = animals.fish(rng)
    for _ in range(count):
        angle, far = rng.uniform(0, 6.3), rng.uniform(0.3, 1) ** 0.5
        spot = (
            at[0] + 0.3 * far * np.cos(angle),
            at[1] + 0.13 * far * np.sin(angle) + 0.1 * np.cos(angle),
        )
        size = float(rng.uniform(0.016, 0.036))
        for part in shape:
            sheet.polygon(
                placed(
                    part,
                    (float(spot[0]), float(spot[1])),
                    size,
                    flip=p.side < 0,
                    turn=float(rng.normal(-0.15, 0.12)),
                )
            )
    p.canvas.lay(sheet, mix(p.palette.depth(depth), p.palette.near, 0.35), 0.85)


def _hero(p: Painting, name: str) -> None:
    rng, frame = p.rng("hero"), p.frame
    at = p.toward(0.42), frame.y(float(rng.uniform(0.3, 0.42)))
    makers = {
        "whale": animals.whale,
        "turtle": animals.turtle,
        "jellyfish": animals.jellyfish,
        "fish": animals.fish,
    }
    size = {"whale": 0.26, "turtle": 0.26, "jellyfish": 0.2, "fish": 0.16}[name]
    turn = 0.0 if name == "jellyfish" else float(rng.uniform(-0.3, 0.12))
    if name == "jellyfish":
        for k in range(4):
            other = frame.x(float(rng.uniform(0.08, 0.92))), frame.y(float(rng.uniform(0.1, 0.6)))
            _glowing(p, makers[name](rng), other, 0.06 + 0.025 * k, 0.5)
        _glowing(p, makers[name](rng), at, size, 0.9)
        return
    sheet = p.canvas.stencil(
        *[placed(part, at, size, flip=p.side < 0, turn=turn) for part in makers[name](rng)],
        margin=0.02,
    )
    dark = mix(p.palette.near, p.palette.depth(0.5), 0.25)
    p.canvas.lay(
        sheet,
        Ramp(((at[1] - size * 0.3, mix(dark, p.palette.sky[1], 0.3)), (at[1] + size * 0.3, dark))),
    )
    land.rim_light(p, sheet, 0.004, 0.95)


def _glowing(p: Painting, parts, at, size, opacity):  # type: ignore[no-untyped-def]
    sheet = p.canvas.stencil(*[placed(part, at, size) for part in parts], margin=0.02)
    colour = mix(p.palette.accent, p.palette.spark, 0.3)
    p.canvas.halo((at[0], at[1] - size * 0.2), size * 1.6, colour, 0.5 * opacity)
    p.canvas.lay(
        sheet, Ramp(((at[1] - size * 0.6, p.palette.spark), (at[1] + size, colour))), 0.62 * opacity
    )
    p.canvas.lay(sheet.edge(0, 0.004), p.palette.spark, 0.8 * opacity)
