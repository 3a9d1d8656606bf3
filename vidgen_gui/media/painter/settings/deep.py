"""The setting under water: light from above, reef, kelp and those who live there."""

import numpy as np

from vidgen_gui.media.painter import flora, land, sea_life
from vidgen_gui.media.painter.amounts import Fade, Field, Glow
from vidgen_gui.media.painter.canvas import Mode, Ramp
from vidgen_gui.media.painter.colour import mix
from vidgen_gui.media.painter.geometry import Points, ellipse, placed, ribbon
from vidgen_gui.media.painter.land import Ridge
from vidgen_gui.media.painter.noise import field_shape, noise_1d, noise_2d
from vidgen_gui.media.painter.painting import Painting


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
    shape = sea_life.fish()
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
    size = {"whale": 0.26, "turtle": 0.26, "jellyfish": 0.2, "fish": 0.16}[name]
    turn = float(rng.uniform(-0.3, 0.12))
    if name == "jellyfish":
        for k in range(4):
            other = frame.x(float(rng.uniform(0.08, 0.92))), frame.y(float(rng.uniform(0.1, 0.6)))
            _glowing(p, sea_life.jellyfish(rng), other, 0.06 + 0.025 * k, opacity=0.5)
        _glowing(p, sea_life.jellyfish(rng), at, size, opacity=0.9)
        return
    makers = {"whale": sea_life.whale, "turtle": sea_life.turtle, "fish": sea_life.fish}
    sheet = p.canvas.stencil(
        *[placed(part, at, size, flip=p.side < 0, turn=turn) for part in makers[name]()],
        margin=0.02,
    )
    dark = mix(p.palette.near, p.palette.depth(0.5), 0.25)
    p.canvas.lay(
        sheet,
        Ramp(((at[1] - size * 0.3, mix(dark, p.palette.sky[1], 0.3)), (at[1] + size * 0.3, dark))),
    )
    land.rim_light(p, sheet, 0.004, 0.95)


def _glowing(
    p: Painting, parts: list[Points], at: tuple[float, float], size: float, *, opacity: float
) -> None:
    sheet = p.canvas.stencil(*[placed(part, at, size) for part in parts], margin=0.02)
    colour = mix(p.palette.accent, p.palette.spark, 0.3)
    p.canvas.halo((at[0], at[1] - size * 0.2), size * 1.6, colour, 0.5 * opacity)
    p.canvas.lay(
        sheet, Ramp(((at[1] - size * 0.6, p.palette.spark), (at[1] + size, colour))), 0.62 * opacity
    )
    p.canvas.lay(sheet.edge(0, 0.004), p.palette.spark, 0.8 * opacity)
