"""Settings by and in the water: sea, lake, river, waterfall, under water."""

import numpy as np

from vidgen_gui.media.painter import flora, land, sky, things
from vidgen_gui.media.painter.amounts import Glow
from vidgen_gui.media.painter.canvas import Mode, Ramp
from vidgen_gui.media.painter.colour import mix, shift
from vidgen_gui.media.painter.geometry import ellipse, placed, points, ribbon, under
from vidgen_gui.media.painter.land import Ridge
from vidgen_gui.media.painter.noise import noise_1d
from vidgen_gui.media.painter.painting import Painting
from vidgen_gui.media.painter.settings.highland import ledge_spot, massif, rock_ledge
from vidgen_gui.media.painter.subjects import (
    PEOPLE,
    float_subjects,
    ground_subjects,
    place_subject,
    stand,
    treeline,
)
from vidgen_gui.media.painter.water import glitter, mirror, open_water, swell


def sea(p: Painting) -> None:
    """The open sea under a low light: a boat, a lighthouse, someone on the shore."""
    rng, frame = p.rng("sea"), p.frame
    # The open sea has room for boats alone, the beach for none.
    least = 0.34 if p.brief.named_subject and ground_subjects(p) else 0.0
    most = 0.67 if "boat" in p.brief.subjects else 1.0
    variant = least + (most - least) * p.kind("sea")
    p.light.at = p.light.at[0], p.horizon - float(rng.uniform(0.02, 0.24))
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
        afloat = rng.random() < 0.5 or "boat" in p.brief.subjects
        _boat(p, 0.02, aside=0.2) if afloat else None
        _headland(p)
    else:
        _beach(p)


def _boat(p: Painting, depth: float, *, aside: float = 0.0) -> None:
    """A boat on the water.

    Args:
        aside: how much nearer (a share of the frame's width) to the edge on the light's side, so
            that it doesn't meet whoever stands on the shore.
    """
    rng = p.rng("boat")
    x = p.toward(float(rng.uniform(0.3, 0.62)) + aside)
    y = p.horizon + depth
    size = 0.08 + 1.1 * depth
    parts = things.sailboat()[0] if rng.random() < 0.7 else things.rowboat()[0]
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
    x = ledge_spot(p, p.light.at[0])
    foot = x, ledge.height_at(x) + 0.006
    named = ground_subjects(p)
    if "lighthouse" in named or not p.brief.named_subject:
        stand(p, "lighthouse", foot, 0.075)
        lamp = foot[0], foot[1] - 0.075 * 4 * 0.855
        _beam(p, lamp)
    else:
        place_subject(p, foot, 0.15, beside=0.09, on=ledge)


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
    x = p.toward(0.38)
    foot = x, p.above_captions(float(np.interp(x, xs, edge)) + 0.03)
    edge += foot[1] - 0.03 - np.interp(x, xs, edge)
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
    line = p.above_captions(frame.y(float(rng.uniform(0.53, 0.6))) + 0.09) - 0.09
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
        count=int(90 * frame.width / 0.75),
        name="shore-trees",
        leafy=rng.random() < 0.25,
    )
    p.mist(line - 0.05, line + 0.001, 0.35, name="shore-mist")
    mirror(p, line, frame.height + 0.02)
    p.mist(line - 0.02, line + 0.05, 0.25, name="water-mist")
    if "boat" in p.brief.subjects or rng.random() < 0.35:
        _boat(p, 0.05, aside=_has_jetty(p))
    _near_shore(p)


def _has_jetty(p: Painting) -> bool:
    return p.genre.value == "emotional" or bool(set(ground_subjects(p)) & PEOPLE)


def _near_shore(p: Painting) -> None:
    """Reeds, a jetty with someone on it, or a dark bank."""
    rng, frame = p.rng("near-shore"), p.frame
    if _has_jetty(p):
        jetty(p)
    reeds = p.canvas.sheet(-0.1, frame.y(0.68), frame.width + 0.1, frame.height + 0.05)
    for low, high, count in ((-0.02, 0.26, 80), (0.8, 1.02, 44)):
        a, b = sorted((p.toward(low), p.toward(high)))
        flora.grass(reeds, rng, (a, b), frame.height + 0.02, 0.2, count=count, wind=0.12)
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
    y0, y1 = frame.height + 0.03, p.above_captions(frame.y(0.66) + 0.014) - 0.014
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
    place_subject(p, (x1, y1 + 0.014), 0.16, narrow=True)
