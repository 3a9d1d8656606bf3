"""Settings of wide air: desert, snow, cloud tops, storm, northern lights."""

from dataclasses import replace

import numpy as np

from vidgen_gui.media.painter import animals, flora, land, sky, weather
from vidgen_gui.media.painter.amounts import Glow
from vidgen_gui.media.painter.canvas import Mode, Ramp
from vidgen_gui.media.painter.colour import mix, shift
from vidgen_gui.media.painter.geometry import placed, points
from vidgen_gui.media.painter.land import Ridge
from vidgen_gui.media.painter.lexicon import Brief
from vidgen_gui.media.painter.painting import Painting
from vidgen_gui.media.painter.settings.highland import ledge_spot, massif, rock_ledge
from vidgen_gui.media.painter.settings.woods import tall_pines
from vidgen_gui.media.painter.subjects import (
    float_subjects,
    ground_subjects,
    lone_tree,
    place_subject,
    treeline,
)


def desert(p: Painting) -> None:
    """Dune behind dune with sharp crests, lit on one side."""
    rng, frame = p.rng("desert"), p.frame
    p.light.radius = max(p.light.radius, 0.1)
    sky.heavens(p)
    float_subjects(p)
    if rng.random() < 0.5:
        _mesas(p)
    count = int(rng.integers(4, 6))
    chosen = int(rng.integers(1, count - 1))
    for index in range(count):
        t = index / (count - 1)
        base = p.horizon + 0.05 + (frame.y(0.94) - p.horizon) * t**1.2
        ridge = land.dunes(rng, frame, base, 0.07 + 0.14 * t, 1.6 - 0.7 * t)
        if index == chosen:
            ridge = land.staged(p, ridge, p.toward(0.34))
        sheet = land.ground(p, ridge, 0.12 + 0.78 * t)
        _lee_side(p, ridge, 0.12 + 0.78 * t, f"lee-{index}")
        land.rim_light(p, sheet, 0.003, 0.55)
        if index == chosen:
            _caravan(p, ridge, 0.045 + 0.06 * t)
    if "cactus" in p.brief.subjects or rng.random() < 0.3:
        x = p.toward(0.12)
        shapes = [placed(s, (x, frame.y(0.9)), 0.34) for s in flora.cactus()]
        sheet = p.canvas.stencil(*shapes, margin=0.01)
        p.canvas.lay(sheet, p.palette.near)
        land.rim_light(p, sheet, 0.003, 0.8)


def _lee_side(p: Painting, ridge: Ridge, nearness: float, name: str) -> None:
    """The shaded slope below each crest, its foot a soft curve."""
    rng = p.rng(name)
    tops = [
        i
        for i in range(3, len(ridge.ys) - 3)
        if ridge.ys[i] == ridge.ys[max(0, i - 25) : i + 26].min()
    ]
    dark = mix(p.palette.depth(nearness), p.palette.near, 0.4)
    for top in tops:
        x, y = float(ridge.xs[top]), float(ridge.ys[top])
        t = np.linspace(0, 1, 26)
        drop = 0.1 + 0.14 * nearness
        spine = np.stack(
            [
                x - p.side * (0.02 * t + 0.05 * np.sin(t * 2.6 + rng.uniform(-0.4, 0.4)) * t),
                y + drop * t,
            ],
            axis=1,
        )
        away = x - p.side * np.linspace(0.0, 0.34, 26)
        skyline = np.stack([away, np.interp(away, ridge.xs, ridge.ys)], axis=1)
        p.canvas.lay(p.canvas.stencil(np.vstack([spine, skyline[::-1]])), dark, 0.62)


def _mesas(p: Painting) -> None:
    rng, frame = p.rng("mesas"), p.frame
    sheet = p.canvas.stencil()
    for _ in range(int(rng.integers(2, 4))):
        x, width = frame.x(float(rng.uniform(0, 1))), float(rng.uniform(0.07, 0.2))
        top = p.horizon - float(rng.uniform(0.05, 0.2))
        sheet.polygon(
            points(
                (x - width * 0.75, p.horizon + 0.06),
                (x - width * 0.5, top + 0.05),
                (x - width * 0.42, top),
                (x + width * 0.4, top + 0.004),
                (x + width * 0.52, top + 0.06),
                (x + width * 0.8, p.horizon + 0.06),
            )
        )
    colour = p.palette.depth(0.12)
    p.canvas.lay(sheet, Ramp(((p.horizon - 0.2, colour), (p.horizon + 0.05, p.hazed(colour, 0.6)))))
    land.rim_light(p, sheet, 0.003, 0.6)


def _caravan(p: Painting, ridge: Ridge, person: float) -> None:
    rng = p.rng("caravan")
    named = ground_subjects(p)
    if named and named[0] != "camel":
        x = p.toward(0.34)
        place_subject(p, (x, ridge.height_at(x) + 0.004), person * 1.2, beside=0.08, on=ridge)
        return
    for k in range(int(rng.integers(3, 6))):
        x = p.toward(0.2) + k * person * 1.7
        foot = x, ridge.height_at(x) + 0.003
        shapes = [placed(part, foot, person * 1.3, flip=p.side < 0) for part in animals.camel()]
        p.canvas.lay(p.canvas.stencil(*shapes), p.palette.near)


def snow(p: Painting) -> None:
    """White slopes with blue shade, firs, falling flakes."""
    rng, frame = p.rng("snow"), p.frame
    sky.heavens(p)
    massif(p, p.horizon + 0.06)
    p.mist(p.horizon - 0.16, p.horizon + 0.06, 0.7)
    white = mix(p.palette.spark, p.palette.haze, 0.25)
    count = 4
    for index in range(count):
        t = index / (count - 1)
        ridge = land.hills(
            rng, frame, p.horizon + 0.05 + 0.33 * t**1.1, 0.1, float(rng.uniform(0.8, 1.6))
        )
        x = p.toward(float(rng.uniform(0.25, 0.42)))
        if index == 2:
            ridge = land.staged(p, ridge, x)
        treeline(
            p,
            ridge,
            0.3 + 0.6 * t,
            (0.03 + 0.05 * t, 0.06 + 0.09 * t),
            count=int(30 - 12 * t),
            name=f"snow-trees-{index}",
        )
        sheet = p.canvas.stencil(ridge.outline(frame.height + 0.03))
        shade = mix(white, p.palette.depth(0.42), 0.32 + 0.22 * t)
        top = mix(white, p.palette.depth(0.4), 0.1 * t)
        p.canvas.lay(
            sheet,
            Ramp(
                (
                    (ridge.top, top),
                    (ridge.top + 0.24, shade),
                    (frame.height, mix(shade, p.palette.near, 0.3)),
                )
            ),
        )
        land.rim_light(p, sheet, 0.003, 0.7)
        if index == 2:
            place_subject(p, (x, ridge.height_at(x) + 0.004), 0.12, beside=0.09, on=ridge)
    tall_pines(p)
    float_subjects(p)
    weather.snowfall(p, 0.8)


def cloud_tops(p: Painting) -> None:
    """Above the clouds: a sea of them, something that flies."""
    rng, frame = p.rng("cloud-tops"), p.frame
    p.horizon = frame.y(float(rng.uniform(0.52, 0.7)))
    p.light.at = p.light.at[0], frame.y(float(rng.uniform(0.2, 0.45)))
    sky.heavens(p)
    sky.heaped_clouds(p, int(rng.integers(1, 4)), frame.y(0.2), frame.y(0.5), "tower")
    if rng.random() < 0.4:
        peaks = [(p.toward(0.3), 0.22), (p.toward(0.75), 0.13)]
        ridge = land.peak_line(rng, frame, p.horizon + 0.05, peaks, 0.03)
        sheet = land.ground(p, ridge, 0.3, haze=0.5)
        land.faces(p, ridge, sheet, peaks, p.horizon + 0.05)
    named = [
        n
        for n in p.brief.subjects
        if n in ("balloon", "kite", "rocket", "birds", "butterfly", "satellite")
    ]
    if not named:
        p.brief = _with_subject(p, "balloon" if rng.random() < 0.6 else "birds")
    for index in range(6):
        t = index / 5
        cloud_bank(p, p.horizon - 0.06 + 0.42 * t, 0.05 + 0.1 * t, t, f"bank-{index}")
        if index == 2:
            float_subjects(p)
    x = p.toward(0.35)
    if ground_subjects(p):
        ledge = rock_ledge(p, away_from=p.light.at[0])
        x = ledge_spot(p, p.light.at[0])
        place_subject(p, (x, ledge.height_at(x) + 0.004), 0.14, beside=0.09, on=ledge)


def _with_subject(p: Painting, name: str) -> Brief:
    return replace(p.brief, subjects=(*p.brief.subjects, name))


def cloud_bank(p: Painting, base: float, size: float, nearness: float, name: str) -> None:
    """A bank of heaped cloud across the frame, lit from the light's side."""
    rng, frame = p.rng(name), p.frame
    sheet = p.canvas.sheet(-0.2, base - size * 3, frame.width + 0.2, frame.height + 0.05)
    sheet.polygon(
        points(
            (-0.2, base),
            (frame.width + 0.2, base),
            (frame.width + 0.2, frame.height + 0.1),
            (-0.2, frame.height + 0.1),
        )
    )
    x = -0.15
    while x < frame.width + 0.15:
        radius = size * float(rng.uniform(0.45, 1.25))
        sheet.circle((x, base + radius * 0.15), radius)
        sheet.circle((x + radius * 0.5, base - radius * 0.45), radius * 0.62)
        x += radius * float(rng.uniform(0.8, 1.4))
    bright = mix(mix(p.palette.sky[3], p.light.colour, 0.55), p.palette.sky[2], 0.25 * nearness)
    low = mix(
        mix(p.palette.haze, p.palette.sky[0], 0.6), p.palette.depth(0.65), 0.25 + 0.5 * nearness
    )
    p.canvas.lay(
        sheet, Ramp(((base - size, mix(bright, low, 0.45 * nearness)), (base + size * 1.4, low)))
    )
    rim = sheet.edge(-0.006 * p.side, 0.01)
    p.canvas.lay(rim.softened(0.003), p.light.colour, 0.75, [Glow(p.light.at, 0.6, 2.0)])


def storm(p: Painting) -> None:
    """Dark heaped clouds, a bolt, rain over bare land."""
    rng, frame = p.rng("storm"), p.frame
    p.light.at = p.toward(0.4), frame.y(0.3)
    p.light.rays = 0.15
    sky.air(p, glow=0.5)
    dark = mix(p.palette.sky[0], p.palette.near, 0.45)
    p.canvas.lay(None, dark, 0.62)
    p.canvas.lay(
        None, p.palette.sky[3], 0.6, [Glow((p.light.at[0], p.horizon), 0.3, 2.4, 0.35)], Mode.SCREEN
    )
    for index in range(13):
        t = index / 12
        at = frame.x(float(rng.uniform(-0.1, 1.1))), frame.y(0.1 + 0.22 * t) + 0.02
        colour = mix(
            mix(p.palette.sky[2], p.palette.sky[1], t), p.palette.near, 0.2 + 0.35 * (1 - t)
        )
        sky.cumulus(
            p,
            at,
            float(rng.uniform(0.4, 0.7)),
            colour,
            name=f"storm-{index}",
            opacity=0.92,
            rim=0.25,
        )
    weather.lightning(p)
    for index in range(3):
        t = index / 2
        ridge = land.hills(rng, frame, p.horizon + 0.06 + 0.13 * index, 0.08, 1.5)
        x = p.toward(0.7)
        if index == 1:
            ridge = land.staged(p, ridge, x)
        land.ground(p, ridge, 0.4 + 0.5 * t)
        if index == 1:
            if ground_subjects(p):
                place_subject(p, (x, ridge.height_at(x) + 0.004), 0.13)
            else:
                lone_tree(p, (x, ridge.height_at(x) + 0.006), 0.3, bare=True)
    weather.rain(p, 1.2)


def aurora(p: Painting) -> None:
    """Curtains of light over snow and firs."""
    rng, frame = p.rng("aurora-scene"), p.frame
    p.light.at = frame.x(0.5), frame.y(0.3)
    p.light.rays = 0.0
    p.canvas.lay(
        None,
        Ramp(
            (
                (0, mix(p.palette.near, p.palette.sky[0], 0.5)),
                (p.horizon * 0.7, shift(p.palette.sky[0], light=0.03)),
                (p.horizon, mix(p.palette.sky[1], p.palette.sky[0], 0.3)),
                (frame.height, p.palette.near),
            )
        ),
    )
    sky.stars(p, 1.1)
    green, other = (
        mix((0.25, 1.0, 0.6), p.palette.accent, 0.3),
        mix((0.5, 0.4, 1.0), p.palette.spark, 0.25),
    )
    sky.aurora(p, (green, other))
    massif(p, p.horizon + 0.05)
    ridge = land.hills(rng, frame, p.horizon + 0.09, 0.08, 1.5)
    land.ground(p, ridge, 0.7, haze=0.1)
    treeline(p, ridge, 0.85, (0.05, 0.12), count=int(70 * frame.width / 0.75), name="aurora-trees")
    x = p.toward(0.35)
    near = land.staged(p, land.hills(rng, frame, p.horizon + 0.22, 0.05, 1.1), x)
    land.ground(p, near, 0.95, haze=0.0)
    place_subject(p, (x, near.height_at(x) + 0.004), 0.12, beside=0.08, on=near)
    tall_pines(p)
