"""A dark house in the evening with one window lit, seen from the street."""

from vidgen_gui.media.painter import animals, people, weather
from vidgen_gui.media.painter.canvas import Ramp, Stencil
from vidgen_gui.media.painter.colour import Rgb, mix, shift
from vidgen_gui.media.painter.geometry import box, placed, points
from vidgen_gui.media.painter.painting import Painting
from vidgen_gui.media.painter.subjects import lone_tree


def seen_from_outside(p: Painting) -> None:
    """A dark house wall in the evening with one lit window, someone behind it."""
    rng, frame = p.rng("from-outside"), p.frame
    p.light.rays = 0.0
    wall = mix(p.palette.sky[1], p.palette.near, 0.36)
    p.canvas.lay(None, Ramp(((0, wall), (frame.height, mix(wall, p.palette.near, 0.55)))))
    _bricks(p, wall)
    wide = frame.width / float(rng.uniform(1.7, 2.9))
    tall = frame.height * 0.31
    inset = wide * 0.4
    at_x = p.toward(float(rng.uniform(0.22, 0.78)))
    at_x = min(max(at_x, p.canvas.view_x(0.1) + inset), p.canvas.view_x(0.9) - inset)
    foot = p.canvas.view_y(float(rng.uniform(0.36, 0.62)))
    middle = p.above_captions(foot) - tall * 0.36
    for col in range(-3, 4):
        for row in range(-2, 3):
            at = at_x + wide * col, middle + tall * row
            _house_window(p, at, wide * 0.29, tall * 0.33, lit=(col, row) == (0, 0))
    if rng.random() < 0.5:
        size = float(rng.uniform(0.5, 0.8))
        x = at_x + float(rng.uniform(0.24, 0.4)) * (1 if at_x < frame.x(0.5) else -1)
        lone_tree(p, (x, frame.height + 0.02), size, bare=True)
    if p.mood("winter") or p.wants("snow"):
        weather.snowfall(p, 0.9)
    elif p.mood("rain", "storm") or p.wants("rain"):
        weather.rain(p, 0.9)


def _bricks(p: Painting, wall: Rgb) -> None:
    rng, frame = p.rng("bricks"), p.frame
    sheet = p.canvas.stencil()
    for row in range(int(frame.height / 0.022) + 1):
        for _ in range(5):
            x, y = float(rng.uniform(0, frame.width)), row * 0.022
            long = float(rng.uniform(0.02, 0.05))
            sheet.polygon(box(x, y, x + long, y + 0.017), int(rng.uniform(60, 255)))
    p.canvas.lay(sheet, shift(wall, light=0.03), 0.5)


def _house_window(
    p: Painting, at: tuple[float, float], half: float, high: float, *, lit: bool
) -> None:
    """One window seen from the street; the lit one shows who is awake."""
    pane = p.canvas.stencil(box(at[0] - half, at[1] - high, at[0] + half, at[1] + high))
    warm = mix(p.palette.accent, p.palette.spark, 0.25)
    glass = mix(p.palette.sky[2], p.palette.near, 0.7)
    if lit:
        p.light.at = at
        p.canvas.halo(at, half * 4.5, p.palette.accent, 0.6)
        p.canvas.lay(pane, Ramp(((at[1] - high, warm), (at[1] + high, p.palette.accent))))
        _who_is_awake(p, at, half, high, pane)
    else:
        p.canvas.lay(pane, Ramp(((at[1] - high, glass), (at[1] + high, p.palette.near))))
    bars = p.canvas.stencil(
        box(at[0] - 0.004, at[1] - high, at[0] + 0.004, at[1] + high),
        box(at[0] - half, at[1] - high * 0.25, at[0] + half, at[1] - high * 0.25 + 0.007),
    )
    frame_line = p.canvas.sheet(
        at[0] - half * 1.2, at[1] - high * 1.1, at[0] + half * 1.2, at[1] + high * 1.2
    )
    frame_line.line(box(at[0] - half, at[1] - high, at[0] + half, at[1] + high), 0.013, closed=True)
    sill = p.canvas.stencil(
        box(at[0] - half * 1.15, at[1] + high, at[0] + half * 1.15, at[1] + high + 0.016)
    )
    tone = mix(p.palette.near, p.palette.depth(0.4), 0.3)
    for part in (bars, frame_line, sill):
        p.canvas.lay(part, tone)
    p.canvas.lay(sill.edge(0, 0.004), p.palette.haze, 0.5)


def _who_is_awake(
    p: Painting, at: tuple[float, float], half: float, high: float, pane: Stencil
) -> None:
    rng = p.rng("awake")
    dark = mix(p.palette.near, p.palette.accent, 0.12)
    curtain_tone = mix(p.palette.accent, p.palette.near, 0.35)
    for side in (-1, 1):
        hem = points(
            (at[0] + side * half, at[1] - high),
            (at[0] + side * half * 0.35, at[1] - high),
            (at[0] + side * half * 0.75, at[1] + high * 0.2),
            (at[0] + side * half * 0.7, at[1] + high),
            (at[0] + side * half, at[1] + high),
        )
        p.canvas.lay(p.canvas.stencil(hem).within(pane), curtain_tone, 0.75)
    foot = at[0] + half * float(rng.uniform(-0.25, 0.25)), at[1] + high * 1.3
    if "cat" in p.brief.subjects:
        foot = foot[0], at[1] + high
        parts = [placed(part, foot, high * 0.9) for part in animals.cat()]
    elif "pair" in p.brief.subjects or "family" in p.brief.subjects:
        parts = [placed(part, foot, high * 2.05) for part in people.pair(rng)]
    else:
        parts = [placed(part, foot, high * 2.1) for part in people.figure("stand", dress="coat")]
    p.canvas.lay(p.canvas.stencil(*parts).within(pane), dark)
    p.meet(
        [part.clip((at[0] - half, at[1] - high), (at[0] + half, at[1] + high)) for part in parts]
    )
