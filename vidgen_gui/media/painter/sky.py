"""Brushes for what is above the horizon: sky, sun, moon, stars, clouds, aurora."""

import numpy as np

from vidgen_gui.media.painter.amounts import Cut, Fade, Field, Glow
from vidgen_gui.media.painter.canvas import Marbled, Mode, Ramp
from vidgen_gui.media.painter.colour import Rgb, lightness, mix, shift
from vidgen_gui.media.painter.geometry import Points, ellipse, placed, points
from vidgen_gui.media.painter.noise import field_shape, noise_2d, smoothstep
from vidgen_gui.media.painter.painting import Painting


def air(p: Painting, *, glow: float = 1.0) -> None:
    """The sky's gradient down to the horizon, its slow unevenness and the light's glow."""
    sky, horizon, canvas = p.palette.sky, p.horizon, p.canvas
    canvas.lay(
        None,
        Ramp(
            (
                (0.0, sky[0]),
                (horizon * 0.42, sky[1]),
                (horizon * 0.78, sky[2]),
                (horizon, sky[3]),
                (p.frame.height, sky[3]),
            )
        ),
    )
    rng = p.rng("air")
    drift = noise_2d(rng, p.frame, (1.2, 1.7), 3, cells=70)
    canvas.lay(None, sky[0], 0.55, [Field(smoothstep(0.05, 0.85, drift))])
    canvas.lay(None, sky[2], 0.3, [Field(smoothstep(0.05, 0.85, -drift))])
    at = p.light.at
    core = mix(p.light.colour, p.palette.sky[3], 0.4)
    canvas.lay(None, core, 0.42 * glow, [Glow(at, 0.3, 3.2)], Mode.SCREEN)
    warm = mix(p.light.colour, p.palette.sky[3], 0.75)
    canvas.lay(None, warm, 0.34 * glow, [Glow(at, 0.62, 3.0, 0.55)], Mode.SCREEN)
    p.note_sky()


def sun(p: Painting) -> None:
    """A crisp disc with a soft halo."""
    canvas, at, radius = p.canvas, p.light.at, p.light.radius
    canvas.lay(None, p.light.colour, 0.75, [Glow(at, radius * 1.7, 4.0)], Mode.SCREEN)
    disc = canvas.stencil(ellipse(at, radius, count=160))
    low = mix(p.light.colour, p.palette.sky[3], 0.35)
    top, bottom = at[1] - radius, at[1] + radius
    canvas.lay(disc, Ramp(((top, shift(p.light.colour, light=0.03)), (bottom, low))))


def moon(p: Painting) -> None:
    """Full with its seas, or a crescent with earthshine, by chance."""
    canvas, rng = p.canvas, p.rng("moon")
    at, radius = p.light.at, p.light.radius * 0.82
    canvas.lay(None, p.light.colour, 0.5, [Glow(at, radius * 2.2, 3.4)], Mode.SCREEN)
    disc = canvas.stencil(ellipse(at, radius, count=160))
    if rng.random() < 0.6:
        seas = noise_2d(rng, p.frame, (0.34 / radius, 0.34 / radius), 4)
        marble = Marbled(
            p.light.colour,
            mix(p.light.colour, p.palette.sky[1], 0.34),
            Cut(Field(seas), 0.0, 0.45),
        )
        canvas.lay(disc, marble)
        return
    away = rng.uniform(0.35, 0.62) * radius
    disc.erase(ellipse((at[0] + away * p.side, at[1] - away * 0.45), radius * 0.98, count=160))
    canvas.lay(disc, p.light.colour)


def stars(p: Painting, amount: float, bottom: float | None = None) -> None:
    """Points of light, thinning out towards the horizon; a few have cross glints."""
    canvas, rng, frame = p.canvas, p.rng("stars"), p.frame
    bottom = p.horizon if bottom is None else bottom
    sheet = canvas.stencil()
    count = int(520 * amount)
    xs, depth = rng.uniform(0, frame.width, count), rng.power(1.7, count)
    sizes, values = rng.exponential(0.00085, count) + 0.0005, rng.uniform(70, 255, count)
    for x, y, size, value in zip(xs, (1 - depth) * bottom, sizes, values, strict=True):
        sheet.circle((x, y), float(min(size, 0.004)), int(value))
    canvas.lay(sheet, p.palette.spark, min(1.0, 0.5 + 0.5 * amount), mode=Mode.SCREEN)
    for _ in range(int(7 * amount)):
        at = rng.uniform(0, frame.width), rng.uniform(0, bottom * 0.75)
        glint(p, (float(at[0]), float(at[1])), float(rng.uniform(0.012, 0.026)))


def glint(p: Painting, at: tuple[float, float], size: float, colour: Rgb | None = None) -> None:
    """A four-pointed star."""
    x, y = at
    thin = size * 0.07
    star = points(
        (x, y - size),
        (x + thin, y - thin),
        (x + size * 0.7, y),
        (x + thin, y + thin),
        (x, y + size),
        (x - thin, y + thin),
        (x - size * 0.7, y),
        (x - thin, y - thin),
    )
    colour = colour or p.palette.spark
    p.canvas.lay(None, colour, 0.32, [Glow(at, size * 0.5, 4.0)], Mode.SCREEN)
    p.canvas.lay(p.canvas.stencil(star), colour, 0.95)


def milky_way(p: Painting) -> None:
    """A slanted band of star dust."""
    rng, frame = p.rng("milky-way"), p.frame
    rows, cols = field_shape(frame, 140)
    ys, xs = np.mgrid[0:rows, 0:cols] / 140
    slope = rng.uniform(0.5, 1.1) * -p.side
    across = (xs - frame.x(0.5)) * slope + ys - frame.y(rng.uniform(0.2, 0.4))
    band = np.exp(-((across / 0.16) ** 2))
    dust = noise_2d(rng, frame, (5, 5), 5, gain=0.6, cells=140)[:rows, :cols]
    cloud = (band * np.clip(0.55 + 0.75 * dust, 0, 1)).astype(np.float32)
    p.canvas.lay(
        None, mix(p.palette.haze, p.palette.spark, 0.45), 0.34, [Field(cloud)], Mode.SCREEN
    )
    sheet = p.canvas.stencil()
    for _ in range(700):
        along, off = rng.uniform(-1, 1), rng.normal(0, 0.075)
        x = frame.x(0.5) + along
        y = frame.y(0.3) - along * slope + off
        sheet.circle((x, y), float(rng.exponential(0.0006) + 0.0003), int(rng.uniform(50, 210)))
    p.canvas.lay(sheet, p.palette.spark, 0.8, [Fade(((0, 1), (p.horizon, 0.2)))], Mode.SCREEN)


def streaks(p: Painting, amount: float = 1.0) -> None:
    """Long thin clouds, lit from the light's side."""
    rng, frame = p.rng("streaks"), p.frame
    grain = noise_2d(rng, frame, (1.0, 7.5), 5, gain=0.55)
    level = float(rng.uniform(0.12, 0.34)) / max(amount, 0.1)
    band = Fade(((0.0, 0.25), (p.horizon * 0.55, 1.0), (p.horizon * 0.93, 0.55), (p.horizon, 0.0)))
    dark = lightness(p.palette.sky[2]) > 0.72
    body = mix(p.palette.sky[1], p.palette.sky[2], 0.35 if dark else 0.8)
    p.canvas.lay(None, body, 0.62, [Cut(Field(grain), level, level + 0.16), band])
    lit = mix(p.palette.sky[3], p.light.colour, 0.55)
    near = Glow(p.light.at, 0.6, 2.4, 0.7)
    p.canvas.lay(None, lit, 0.9, [Cut(Field(grain), level + 0.1, level + 0.3), band, near])


def cumulus(
    p: Painting,
    at: tuple[float, float],
    width: float,
    colour: Rgb,
    *,
    name: str,
    opacity: float = 1.0,
    rim: float = 0.8,
) -> None:
    """One heaped cloud standing on a flat base at ``at`` (its middle)."""
    rng = p.rng(name)
    puffs: list[tuple[float, float, float]] = []
    for t in np.linspace(-1, 1, 11):
        bulk = (1 - abs(t) ** 1.8) * width
        size = bulk * rng.uniform(0.1, 0.19) + width * 0.035
        puffs.append((at[0] + t * width * 0.5, at[1] - size * 0.75, size))
        high = size * (0.2 + 0.4 * rng.random())
        puffs.append((at[0] + t * width * 0.42, at[1] - size * 0.9 - high, size * 0.8))
    body = p.canvas.sheet(
        at[0] - width * 0.8, at[1] - width * 0.65, at[0] + width * 0.8, at[1] + width * 0.06
    )
    for x, y, size in puffs:
        body.circle((x, y), size)
    shade = mix(colour, p.palette.haze, 0.6)
    top = at[1] - width * 0.42
    fade = Fade(((top, 1.0), (at[1] - width * 0.16, 0.9), (at[1], 0.0)))
    p.canvas.lay(body, Ramp(((top, colour), (at[1] - width * 0.1, shade))), opacity, [fade])
    lift = width * 0.022
    edge = body.edge(-lift * 0.8 * p.side, lift)
    p.canvas.lay(
        edge.softened(width * 0.006), mix(colour, p.light.colour, 0.85), rim * opacity, [fade]
    )


def heaped_clouds(p: Painting, count: int, top: float, bottom: float, name: str = "heap") -> None:
    """Cumulus clouds, small and pale towards the horizon."""
    rng = p.rng(name)
    for index, t in enumerate(np.sort(rng.uniform(0, 1, count))):
        y = bottom + (top - bottom) * t
        x = p.frame.x(rng.uniform(-0.1, 1.1))
        width = (0.18 + 0.42 * t) * rng.uniform(0.8, 1.4)
        colour = mix(mix(p.palette.sky[3], p.light.colour, 0.28), p.palette.sky[2], 0.35 * (1 - t))
        cumulus(p, (x, y), width, colour, name=f"{name}-{index}", opacity=0.55 + 0.4 * t)


def aurora(p: Painting, colours: tuple[Rgb, Rgb]) -> None:
    """Curtains of light hanging from above the middle of the sky."""
    rng, frame = p.rng("aurora"), p.frame
    rows, cols = field_shape(frame, 160)
    ys, xs = np.mgrid[0:rows, 0:cols].astype(np.float32) / 160
    folds = noise_2d(rng, frame, (2.2, 0.35), 4, gain=0.55, cells=160)[:rows, :cols]
    fine = noise_2d(rng, frame, (26, 0.5), 3, gain=0.6, cells=160)[:rows, :cols]
    for index, colour in enumerate(colours):
        lower = p.horizon * (0.5 + 0.22 * index) + folds * 0.16 * (1 - 0.5 * index)
        lower += (xs - frame.x(0.5)) * float(rng.uniform(-0.25, 0.25))
        above = np.clip(lower - ys, -1, 1)
        curtain = np.where(above > 0, np.exp(-above / 0.2), np.exp(above / 0.012))
        strength = np.clip(0.62 + 0.6 * fine + 0.4 * folds, 0, 1) * curtain
        p.canvas.lay(None, colour, 1.0, [Field(strength.astype(np.float32))], Mode.SCREEN)


def emblem_disc(p: Painting, draw: tuple[list[Points], list[Points]]) -> None:
    """The light itself as a great disc with something standing for an idea in it."""
    canvas, at = p.canvas, p.light.at
    radius = p.light.radius
    canvas.lay(None, p.light.colour, 0.6, [Glow(at, radius * 1.5, 4.0)], Mode.SCREEN)
    disc = canvas.stencil(ellipse(at, radius, count=200))
    low = mix(p.light.colour, p.palette.sky[3], 0.5)
    canvas.lay(disc, Ramp(((at[1] - radius, p.light.colour), (at[1] + radius, low))))
    filled, openings = draw
    size = radius * 1.3
    dark = mix(p.palette.depth(0.55), p.palette.sky[1], 0.35)
    shape = canvas.stencil(*[placed(part, at, size) for part in filled])
    for part in openings:
        shape.erase(placed(part, at, size))
    canvas.lay(shape, Ramp(((at[1] - radius, dark), (at[1] + radius, mix(dark, low, 0.25)))), 0.94)


def heavens(p: Painting) -> None:
    """The whole sky as the palette and the words want it."""
    rng = p.rng("heavens")
    starry = max(p.palette.stars, 0.9 if p.wants("stars") else 0.0)
    clouds = rng.random()
    emblem = p.emblem()
    air(p)
    if starry > 0.05:
        stars(p, starry)
    if starry > 0.75 and rng.random() < 0.5:
        milky_way(p)
    if p.wants("aurora"):
        aurora(p, (p.palette.accent, p.palette.spark))
    if emblem:
        p.light.radius = float(rng.uniform(0.14, 0.22))
        p.light.at = (
            p.toward(float(rng.uniform(0.36, 0.7))),
            max(
                p.frame.y(float(rng.uniform(0.17, 0.27))),
                p.canvas.view_y(0.03) + p.light.radius,
            ),
        )
        emblem_disc(p, emblem)
    elif p.palette.body == "sun":
        sun(p)
    elif p.palette.body == "moon":
        moon(p)
    if clouds < 0.72:
        streaks(p, 0.7 + clouds * 0.5)
    if clouds > 0.5 and p.palette.stars < 0.5:
        heaped_clouds(p, int(rng.integers(2, 6)), p.horizon * 0.45, p.horizon * 0.95)
    p.note_sky()
