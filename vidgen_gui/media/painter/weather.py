"""Brushes for what is in the air before everything else: rain, snow, petals, sparks, birds."""

import numpy as np

from vidgen_gui.media.painter import animals, flora
from vidgen_gui.media.painter.amounts import Fade
from vidgen_gui.media.painter.canvas import Mode
from vidgen_gui.media.painter.colour import Rgb, mix
from vidgen_gui.media.painter.geometry import Line, Points, ellipse, placed, points, ribbon
from vidgen_gui.media.painter.painting import Painting

_FIREFLY = 0.0046
"""The largest firefly's body (units), however far it shines: larger ones pass for a moon."""
_FLIGHTS = ((0.0, 0.0), (-0.16, 0.0), (0.2, 0.0), (0.0, -0.1), (-0.2, -0.1), (0.24, -0.1))
"""Where else (units towards the light, down) a flock may fly if the sky is taken."""
_FEWEST_BIRDS = 3


def rain(p: Painting, amount: float = 1.0) -> None:
    """Slanting lines at two distances."""
    rng, frame = p.rng("rain"), p.frame
    slant = -p.side * float(rng.uniform(0.08, 0.2))
    for count, length, width, opacity in ((520, 0.045, 0.0011, 0.3), (150, 0.11, 0.0017, 0.3)):
        sheet = p.canvas.stencil()
        for _ in range(int(count * amount)):
            x, y = rng.uniform(-0.1, frame.width + 0.1), rng.uniform(-0.1, frame.height)
            long = length * rng.uniform(0.5, 1.4)
            path = points((x, y), (x + slant * long, y + long))
            sheet.line(path, width, int(rng.uniform(90, 255)))
        p.canvas.lay(sheet, p.palette.spark, opacity, mode=Mode.SCREEN)


def snowfall(p: Painting, amount: float = 1.0) -> None:
    """Flakes: many small, some near and soft."""
    rng, frame = p.rng("snowfall"), p.frame
    sheet = p.canvas.stencil()
    for _ in range(int(480 * amount)):
        at = float(rng.uniform(0, frame.width)), float(rng.uniform(0, frame.height))
        sheet.circle(at, float(rng.exponential(0.0011) + 0.0008), int(rng.uniform(90, 255)))
    p.canvas.lay(sheet, p.palette.spark, 0.9)
    for _ in range(int(16 * amount)):
        at = float(rng.uniform(0, frame.width)), float(rng.uniform(0, frame.height))
        p.canvas.halo(at, float(rng.uniform(0.008, 0.022)), p.palette.spark, 0.55)


def drifting_leaves(p: Painting, colours: tuple[Rgb, ...], count: int, size: float) -> None:
    """Petals or leaves on the wind; the nearest are large and out of focus."""
    rng, frame = p.rng("drift"), p.frame
    for index in range(count):
        near = rng.uniform(0, 1) ** 3
        at = float(rng.uniform(0, frame.width)), float(rng.uniform(0, frame.height))
        width = size * (0.5 + 2.2 * near)
        squash = np.array([1.0, rng.uniform(0.35, 1.6)])
        shape = placed(
            flora.leaf(count=8) * squash - np.array([0.5, 0]),
            at,
            width,
            turn=float(rng.uniform(0, 6.3)),
        )
        sheet = p.canvas.stencil(shape, margin=width * 0.4)
        if near > 0.55:
            sheet.softened(width * 0.09)
        colour = colours[index % len(colours)]
        p.canvas.lay(sheet, mix(colour, p.light.colour, float(rng.uniform(0, 0.35))), 0.9)


def fireflies(p: Painting, count: int = 34, *, top: float = 0.35) -> None:
    """Small living lights low over the ground."""
    rng, frame = p.rng("fireflies"), p.frame
    for _ in range(count):
        at = float(rng.uniform(0, frame.width)), float(frame.y(rng.uniform(top, 0.97)))
        size = float(rng.exponential(0.0018) + 0.0012)
        p.canvas.halo(at, size * 9, p.palette.accent, 0.75)
        body = p.canvas.stencil(ellipse(at, min(size, _FIREFLY), count=14))
        p.canvas.lay(body, p.palette.spark)


def bokeh(p: Painting, count: int = 26, *, top: float = 0.0, bottom: float = 1.0) -> None:
    """Discs of lights out of focus."""
    rng, frame = p.rng("bokeh"), p.frame
    colours = (p.palette.accent, p.palette.spark, p.light.colour, p.palette.sky[3])
    for _ in range(count):
        at = float(rng.uniform(0, frame.width)), float(frame.y(rng.uniform(top, bottom)))
        size = float(rng.uniform(0.012, 0.062) * rng.uniform(0.5, 1.0))
        colour = colours[int(rng.integers(len(colours)))]
        disc = p.canvas.stencil(ellipse(at, size, count=48), margin=0.006).softened(size * 0.05)
        p.canvas.lay(disc, colour, float(rng.uniform(0.1, 0.34)), mode=Mode.SCREEN)
        rim = p.canvas.sheet(at[0] - size, at[1] - size, at[0] + size, at[1] + size)
        rim.line(ellipse(at, size * 0.95, count=48), size * 0.07, closed=True)
        p.canvas.lay(rim, colour, 0.2, mode=Mode.SCREEN)


def embers(p: Painting, source: tuple[float, float], count: int = 110, reach: float = 0.6) -> None:
    """Sparks that rise from a fire and spread."""
    rng = p.rng("embers")
    for _ in range(count):
        up = float(rng.power(0.8)) * reach
        x = source[0] + float(rng.normal(0, 0.03 + up * 0.32))
        at = x, source[1] - up
        size = float(rng.exponential(0.0012) + 0.0008) * (1.3 - up / reach)
        p.canvas.halo(at, size * 7, p.palette.accent, 0.6)
        p.canvas.lay(p.canvas.stencil(ellipse(at, size, count=12)), p.palette.spark, 0.95)


def lightning(p: Painting) -> None:
    """A forked bolt and the cloud light around it."""
    rng = p.rng("lightning")
    x = p.light.at[0]
    main = _bolt(rng.normal(0, 1, (48,)), x, 0.02, p.horizon * 1.0, 0.11)
    p.canvas.halo((x, p.horizon * 0.3), 0.5, p.palette.spark, 0.5)
    sheet = p.canvas.stencil()
    sheet.polygon(ribbon(main, np.linspace(0.0085, 0.0028, len(main))))
    for start in (12, 20, 29, 36):
        fork = _bolt(rng.normal(0, 1, (24,)), 0.0, 0.0, float(rng.uniform(0.09, 0.2)), 0.06)
        lean = float(rng.choice([-1, 1]) * rng.uniform(0.5, 1.1))
        fork = fork + fork[:, 1:] * np.array([[lean, 0.0]]) + main[start]
        sheet.polygon(ribbon(fork, np.linspace(0.004, 0.0008, len(fork))))
    glow = p.canvas.stencil()
    glow.line(main, 0.022)
    p.canvas.lay(glow.softened(0.016), p.palette.light, 0.9, mode=Mode.SCREEN)
    p.canvas.lay(sheet, (1.0, 1.0, 1.0), 1.0)


def _bolt(jumps: Line, x: float, top: float, bottom: float, spread: float) -> Points:
    """A jagged way down from (x, top); ``jumps`` are its standard normal steps."""
    count = len(jumps)
    t = np.linspace(0, 1, count)
    walk = np.cumsum(jumps) / count**0.5
    walk -= t * walk[-1] * 0.6
    return np.stack([x + walk * spread, top + (bottom - top) * t], axis=1)


def flock(p: Painting, count: int = 9) -> None:
    """Birds far off, away from the light or crossing it."""
    rng = p.rng("flock")
    at = p.toward(float(rng.uniform(0.2, 0.7))), p.frame.y(float(rng.uniform(0.12, 0.3)))
    size = float(rng.uniform(0.07, 0.12))
    birds = [
        [placed(part, at, size, flip=p.side < 0) for part in one]
        for one in animals.wedge(rng, count)
    ]
    middles = np.array([one[0].mean(axis=0) for one in birds])
    best, by = np.zeros(len(birds), np.bool_), np.zeros(2)
    for across, down in _FLIGHTS:
        away = np.array([across * p.side, down])
        free = p.open_sky(middles + away)
        if free.sum() > best.sum():
            best, by = free, away
        if best.all():
            break
    seen = [part + by for one, free in zip(birds, best, strict=True) if free for part in one]
    if best.sum() >= _FEWEST_BIRDS:
        p.canvas.lay(p.canvas.stencil(*seen), mix(p.palette.near, p.palette.haze, 0.15), 0.9)


def dust(p: Painting, count: int = 160) -> None:
    """Motes that catch the light."""
    rng, frame = p.rng("dust"), p.frame
    sheet = p.canvas.stencil()
    for _ in range(count):
        at = float(rng.uniform(0, frame.width)), float(rng.uniform(0, frame.height))
        sheet.circle(at, float(rng.exponential(0.0009) + 0.0006), int(rng.uniform(60, 230)))
    fade = Fade(((0.0, 0.8), (frame.y(0.55), 0.9), (frame.y(0.75), 0.4), (frame.height, 0.6)))
    p.canvas.lay(sheet, p.palette.spark, 0.85, [fade], Mode.SCREEN)


def effects(p: Painting) -> None:
    """Whatever the words and the genre ask for, in a fitting order."""
    rng = p.rng("effects")
    chance = rng.random(4)
    if p.wants("lightning"):
        lightning(p)
    if p.wants("birds") or (
        chance[0] < 0.25 and p.palette.stars < 0.5 and "tech" not in p.palette.genres
    ):
        flock(p, int(rng.integers(5, 12)))
    if p.wants("rain"):
        rain(p)
    if p.wants("snow"):
        snowfall(p)
    if p.wants("petals"):
        drifting_leaves(p, (p.palette.spark, p.palette.accent), 34, 0.016)
    if p.wants("leaves"):
        drifting_leaves(p, (p.palette.accent, p.palette.land[0], p.palette.spark), 30, 0.022)
    if p.wants("fireflies"):
        fireflies(p)
    if p.wants("dust") or chance[1] < 0.35:
        dust(p, int(70 + 120 * chance[2]))
    if p.wants("bokeh") or (p.genre.value == "emotional" and chance[3] < 0.4):
        bokeh(p, 16, top=0.0, bottom=0.55)
        bokeh(p, 8, top=0.8, bottom=1.0)
