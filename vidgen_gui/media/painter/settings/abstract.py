"""Settings without a place: cut paper around a light, sound made visible."""

import cv2
import numpy as np

from vidgen_gui.media.painter import land, neon, sky
from vidgen_gui.media.painter.amounts import Cut, Field, Glow
from vidgen_gui.media.painter.canvas import Mode, Ramp, Stencil
from vidgen_gui.media.painter.colour import Rgb, mix, shift
from vidgen_gui.media.painter.geometry import (
    Floats,
    box,
    ellipse,
    placed,
    points,
    ribbon,
    rounded,
    under,
)
from vidgen_gui.media.painter.land import across
from vidgen_gui.media.painter.noise import noise_1d, noise_2d
from vidgen_gui.media.painter.painting import Painting
from vidgen_gui.media.painter.subjects import EMBLEMS, float_subjects, place_subject
from vidgen_gui.media.painter.things import Parts
from vidgen_gui.media.painter.weather import drifting_leaves


def paper(p: Painting) -> None:
    """Layers of cut paper with soft shadows: rings round a light, or waves before it."""
    p.light.rays = 0.0
    p.bloom = 0.2
    kind = p.kind("paper-kind")
    if kind < 0.4:
        _ring_layers(p)
    elif kind < 0.75:
        _wave_layers(p)
    else:
        _blob_field(p)
    float_subjects(p)


def _layer_colours(p: Painting, count: int) -> list[Rgb]:
    stops = [
        p.light.colour,
        p.palette.sky[3],
        p.palette.sky[2],
        p.palette.land[0],
        p.palette.sky[1],
        p.palette.land[1],
        p.palette.near,
    ]
    places = np.linspace(0, len(stops) - 1.001, count)
    return [mix(stops[int(at)], stops[int(at) + 1], float(at - int(at))) for at in places]


def _drop_shadow(
    p: Painting, sheet: Stencil, dx: float, dy: float, *, blur: float, opacity: float
) -> None:
    """What a sheet of paper throws on the one behind it."""
    shade = p.canvas.stencil()
    window = sheet.window
    shade.pixels[window.top : window.bottom, window.left : window.right] = sheet.pixels
    shade.pixels = shade.moved(dx, dy)
    p.canvas.lay(shade.softened(blur), (0.02, 0.02, 0.05), opacity)


def _ring_layers(p: Painting) -> None:
    """Openings in sheet after sheet, each wider, around something in the light."""
    rng, frame = p.rng("ring-layers"), p.frame
    at = p.toward(float(rng.uniform(0.4, 0.6))), frame.y(float(rng.uniform(0.3, 0.4)))
    p.light.at = at
    count = int(rng.integers(6, 9))
    colours = _layer_colours(p, count + 1)
    p.canvas.lay(None, Ramp(((0, colours[0]), (frame.height, mix(colours[0], colours[1], 0.6)))))
    p.canvas.lay(None, (1.0, 1.0, 0.97), 0.5, [Glow(at, 0.2, 3.0)], Mode.SCREEN)
    drawn = p.emblem()
    _inner_scene(p, at, drawn)
    angle = np.linspace(0, 2 * np.pi, 220, endpoint=False)
    lobes = int(rng.integers(3, 7))
    phase = rng.uniform(0, 6.3)
    for k in range(count):
        reach = 0.2 + 0.075 * k + 0.012 * k**1.5
        wobble = (
            1
            + (0.1 + 0.02 * k) * np.sin(angle * lobes + phase + 0.35 * k)
            + 0.06 * np.sin(angle * (lobes + 2) - phase * 2 + k)
        )
        stretch = 1 + 0.1 * k / count
        edge = np.stack(
            [
                at[0] + reach * wobble * np.cos(angle),
                at[1] + reach * wobble * stretch * np.sin(angle),
            ],
            axis=1,
        )
        sheet = p.canvas.stencil(box(-0.2, -0.2, frame.width + 0.2, frame.height + 0.2))
        sheet.erase(edge)
        _drop_shadow(p, sheet, -0.006 * p.side, 0.012, blur=0.012, opacity=0.42)
        colour = colours[k + 1]
        p.canvas.lay(
            sheet,
            Ramp(((0, shift(colour, light=0.025)), (frame.height, shift(colour, light=-0.03)))),
        )
        p.canvas.lay(sheet.edge(0.0, -0.0022), mix(colour, (1.0, 1.0, 1.0), 0.45), 0.75)


def _inner_scene(p: Painting, at: tuple[float, float], drawn: Parts | None) -> None:
    """In the innermost opening: the emblem, or small hills with a sun and someone."""
    if drawn:
        filled, openings = drawn
        sheet = p.canvas.stencil(*[placed(part, at, 0.32) for part in filled], margin=0.03)
        for part in openings:
            sheet.erase(placed(part, at, 0.32))
        _drop_shadow(p, sheet, -0.004 * p.side, 0.009, blur=0.008, opacity=0.3)
        p.canvas.lay(sheet, mix(p.palette.accent, p.palette.land[1], 0.3))
        return
    p.canvas.lay(
        p.canvas.stencil(ellipse((at[0], at[1] - 0.05), 0.085, count=120)), p.palette.accent, 0.9
    )
    rng = p.rng("inner")
    for k in range(3):
        ridge = land.hills(rng, p.frame, at[1] + 0.05 + 0.055 * k, 0.08, 3.2)
        sheet = p.canvas.stencil(ridge.outline(at[1] + 0.6))
        p.canvas.lay(sheet, mix(p.palette.sky[3], p.palette.land[1], 0.25 + 0.3 * k))
        if k == 1:
            place_subject(
                p, (at[0] + 0.03 * p.side, ridge.height_at(at[0] + 0.03 * p.side) + 0.003), 0.1
            )


def _wave_layers(p: Painting) -> None:
    """Waves of paper up to a disc of light."""
    rng, frame = p.rng("wave-layers"), p.frame
    colours = _layer_colours(p, 10)
    p.light.at = p.toward(float(rng.uniform(0.36, 0.62))), frame.y(float(rng.uniform(0.24, 0.36)))
    p.canvas.lay(None, Ramp(((0, mix(colours[2], colours[4], 0.6)), (frame.y(0.5), colours[1]))))
    p.canvas.lay(None, p.light.colour, 0.6, [Glow(p.light.at, 0.3, 3.0)], Mode.SCREEN)
    if p.emblem_maker:
        p.light.radius = 0.19
        sky.emblem_disc(p, p.emblem() or ([], []))
    else:
        radius = float(rng.uniform(0.12, 0.2))
        for k, (reach, colour) in enumerate(
            ((1.35, colours[2]), (1.15, colours[1]), (1.0, p.palette.accent))
        ):
            disc = p.canvas.stencil(ellipse(p.light.at, radius * reach, count=180))
            _drop_shadow(p, disc, -0.004 * p.side, 0.008, blur=0.01, opacity=0.25)
            p.canvas.lay(disc, mix(colour, p.light.colour, 0.35 if k < 2 else 0.1))
    xs = across(frame, 400)
    count = int(rng.integers(6, 9))
    slope = float(rng.uniform(-0.22, 0.22))
    for k in range(count):
        t = k / (count - 1)
        base = frame.y(0.4 + 0.55 * t**0.9)
        swing = 0.05 + 0.05 * (1 - t)
        ys = (
            base
            + swing * np.sin(xs * float(rng.uniform(4, 8)) + rng.uniform(0, 6.3))
            + slope * (xs - frame.x(0.5)) * (1 - t)
        )
        sheet = p.canvas.stencil(under(xs, ys, frame.height + 0.03))
        _drop_shadow(p, sheet, -0.005 * p.side, -0.009, blur=0.012, opacity=0.34)
        colour = colours[min(9, 3 + round(t * 6))]
        p.canvas.lay(
            sheet,
            Ramp(
                (
                    (float(ys.min()), shift(colour, light=0.04)),
                    (frame.height, shift(colour, light=-0.05)),
                )
            ),
        )
        p.canvas.lay(sheet.edge(0.0, 0.0026), mix(colour, (1.0, 1.0, 1.0), 0.4), 0.7)
        if k == 2:
            x = p.toward(0.32)
            place_subject(p, (x, float(np.interp(x, xs, ys)) + 0.004), 0.14)


def _blob_field(p: Painting) -> None:
    """Contour sheets of a soft height field, like a map cut out of paper."""
    rng, frame = p.rng("blob-field"), p.frame
    height = noise_2d(rng, frame, (1.7, 1.7), 2, gain=0.4)
    at = p.toward(float(rng.uniform(0.4, 0.6))), frame.y(float(rng.uniform(0.28, 0.38)))
    ys, xs = np.mgrid[0 : height.shape[0], 0 : height.shape[1]].astype(np.float32)
    sx, sy = frame.width / height.shape[1], frame.height / height.shape[0]
    distance = np.hypot(xs * sx - at[0], (ys * sy - at[1]) * 0.85)
    height = (height * 0.55 + (0.55 - distance) * 1.6).astype(np.float32)
    colours = _layer_colours(p, 10)[::-1]
    p.canvas.lay(None, colours[0])
    levels = np.linspace(-0.85, 0.75, 9)
    for k, level in enumerate(levels):
        shade = Field(_moved(height, -3 * p.side, 4))
        p.canvas.lay(
            None, (0.02, 0.02, 0.05), 0.4, [Cut(shade, float(level) - 0.1, float(level) + 0.04)]
        )
        p.canvas.lay(
            None,
            colours[k + 1],
            1.0,
            [Cut(Field(height), float(level) - 0.004, float(level) + 0.004)],
        )
    drawn = p.emblem()
    if drawn:
        filled, openings = drawn
        sheet = p.canvas.stencil(*[placed(part, at, 0.26) for part in filled], margin=0.03)
        for part in openings:
            sheet.erase(placed(part, at, 0.26))
        p.canvas.lay(sheet, mix(p.palette.near, p.palette.land[1], 0.5), 0.92)
    else:
        p.canvas.lay(
            p.canvas.stencil(ellipse(at, 0.085, count=120)),
            mix(p.palette.accent, p.light.colour, 0.25),
        )
    drifting_leaves(p, (p.palette.accent, p.palette.spark), 8, 0.014)


def _moved(values: Floats, dx: int, dy: int) -> Floats:
    height, width = values.shape
    to_target = np.array([[1.0, 0, dx], [0, 1.0, dy]])
    return np.asarray(
        cv2.warpAffine(values, to_target, (width, height), borderMode=cv2.BORDER_REPLICATE),
        dtype=np.float32,
    )


def music(p: Painting) -> None:
    """Sound made visible: bars or rings around an instrument, strings of light."""
    rng, frame = p.rng("music"), p.frame
    at = p.toward(float(rng.uniform(0.3, 0.68))), frame.y(float(rng.uniform(0.24, 0.42)))
    p.light.at = at
    p.bloom = 0.55
    neon.dark_air(p, at)
    names = [n for n in p.brief.subjects if n in EMBLEMS]
    name = names[0] if names else str(rng.choice(["vinyl", "guitar", "headphones", "piano"]))
    _staff(p)
    if rng.random() < 0.5:
        _radial_bars(p, at)
    else:
        _bar_row(p)
    p.canvas.halo(at, 0.4, p.light.colour, 0.5)
    filled, openings = EMBLEMS[name](p.rng("emblem"))
    size = float(rng.uniform(0.34, 0.62))
    sheet = p.canvas.stencil(*[placed(part, at, size) for part in filled], margin=0.03)
    dark = mix(p.palette.near, p.palette.depth(0.6), 0.3)
    p.canvas.lay(
        sheet,
        Ramp(((at[1] - size / 2, mix(dark, p.palette.accent, 0.3)), (at[1] + size / 2, dark))),
    )
    land.rim_light(p, sheet, 0.006, 0.9)
    if openings:
        p.canvas.lay(
            p.canvas.stencil(*[placed(part, at, size) for part in openings], margin=0.01),
            mix(p.palette.accent, p.palette.spark, 0.4),
            0.85,
        )
    _notes(p)


def _staff(p: Painting) -> None:
    """Five lines that wave across the picture."""
    rng, frame = p.rng("staff"), p.frame
    xs = np.linspace(-0.05, frame.width + 0.05, 200)
    curve = (
        frame.y(0.5) + 0.1 * np.sin(xs * 5 + rng.uniform(0, 6.3)) + 0.05 * noise_1d(rng, xs, 3, 2)
    )
    spread = 0.012 + 0.02 * (0.5 + 0.5 * np.sin(xs * 4 + rng.uniform(0, 6)))
    paths = [(np.stack([xs, curve + spread * k], axis=1), 200) for k in range(-2, 3)]
    neon.lines(p, paths, 0.0024, mix(p.palette.spark, p.palette.accent, 0.4), 0.7)


def _radial_bars(p: Painting, at: tuple[float, float]) -> None:
    rng = p.rng("radial-bars")
    count = 96
    level = 0.4 + 0.6 * np.abs(noise_1d(rng, np.linspace(0, 6, count), 3, 3))
    sheet = p.canvas.stencil()
    for k in range(count):
        angle = 2 * np.pi * k / count
        way = np.array([np.cos(angle), np.sin(angle)])
        long = 0.12 * float(level[k]) * float(rng.uniform(0.6, 1.2))
        sheet.polygon(
            ribbon(
                np.array([np.array(at) + way * 0.26, np.array(at) + way * (0.26 + long)]), 0.0075
            )
        )
    p.canvas.lay(
        sheet, Ramp(((at[1] - 0.4, p.palette.spark), (at[1] + 0.4, p.palette.accent))), 0.85
    )


def _bar_row(p: Painting) -> None:
    rng, frame = p.rng("bar-row"), p.frame
    count = round(34 * frame.width / 0.75)
    width = frame.width / count
    level = np.abs(noise_1d(rng, np.linspace(0, 4, count), 3, 3)) + 0.12
    base = frame.y(0.56)
    sheet = p.canvas.stencil()
    for k in range(count):
        high = 0.26 * float(level[k])
        sheet.polygon(
            rounded(width * (k + 0.2), base - high, width * (k + 0.8), base + high * 0.45, 0.004)
        )
    p.canvas.lay(
        sheet,
        Ramp(
            (
                (base - 0.25, p.palette.spark),
                (base, p.palette.accent),
                (base + 0.12, mix(p.palette.accent, p.palette.near, 0.7)),
            )
        ),
        0.8,
    )


def _notes(p: Painting) -> None:
    rng, frame = p.rng("notes"), p.frame
    for _ in range(11):
        at = frame.x(float(rng.uniform(0.04, 0.96))), frame.y(float(rng.uniform(0.06, 0.54)))
        size = float(rng.uniform(0.025, 0.06))
        head = placed(ellipse((0, 0), 0.3, 0.22, count=24), at, size, turn=-0.4)
        stem = placed(points((0.24, -0.06), (0.32, -0.06), (0.32, -1.1), (0.24, -1.1)), at, size)
        flag_shape = placed(
            points((0.3, -1.1), (0.66, -0.82), (0.6, -0.5), (0.52, -0.76), (0.3, -0.84)), at, size
        )
        sheet = p.canvas.stencil(head, stem, flag_shape)
        p.canvas.lay(
            sheet,
            mix(p.palette.spark, p.palette.accent, float(rng.random())),
            float(rng.uniform(0.45, 0.95)),
        )
