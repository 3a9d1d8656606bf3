"""Brushes that glow: lines of light, nodes, and the dark air they hang in."""

from collections.abc import Sequence

import numpy as np

from vidgen_gui.media.painter.amounts import Amount, Field, Glow
from vidgen_gui.media.painter.canvas import Mode, Ramp
from vidgen_gui.media.painter.colour import Rgb, lightness, mix
from vidgen_gui.media.painter.geometry import Points, ellipse
from vidgen_gui.media.painter.noise import noise_2d
from vidgen_gui.media.painter.painting import Painting


def dark_air(p: Painting, at: tuple[float, float], *, strength: float = 1.0) -> None:
    """Deep colour with two slow lights in it, one at ``at``, one across from it."""
    frame, colours = p.frame, p.palette
    # A bright palette would wash the dark out.
    strength *= min(1.0, max(0.32, 1.3 - lightness(colours.sky[3])))
    deep = mix(colours.near, colours.sky[0], 0.5)
    p.canvas.lay(
        None,
        Ramp(
            (
                (0, deep),
                (frame.y(0.4), mix(deep, colours.sky[1], 0.8)),
                (frame.height, colours.near),
            )
        ),
    )
    p.canvas.lay(None, colours.sky[2], 0.95 * strength, [Glow(at, 0.36, 3.0)], Mode.SCREEN)
    p.canvas.lay(None, colours.sky[3], 0.6 * strength, [Glow(at, 0.2, 3.2)], Mode.SCREEN)
    across = frame.width - at[0], frame.height * 0.94 - at[1]
    other = mix(colours.spark, colours.sky[2], 0.55)
    p.canvas.lay(None, other, 0.3 * strength, [Glow(across, 0.24, 3.4)], Mode.SCREEN)
    smoke = np.clip(noise_2d(p.rng("smoke"), frame, (1.5, 1.5), 4, gain=0.55, cells=120), 0, 1)
    p.canvas.lay(None, colours.sky[2], 0.32, [Field(smoke.astype(np.float32))], Mode.SCREEN)


def lines(
    p: Painting,
    paths: Sequence[tuple[Points, int]],
    width: float,
    colour: Rgb,
    opacity: float = 1.0,
    *,
    blur: float = 0.0,
    amounts: Sequence[Amount] = (),
) -> None:
    """Lines of light with their own brightness (0…255); ``blur`` puts them out of focus."""
    sheet = p.canvas.stencil()
    for path, value in paths:
        sheet.line(path, width, value)
    if blur:
        sheet.softened(blur)
    p.canvas.lay(sheet, colour, opacity, amounts, Mode.SCREEN)


def node(
    p: Painting, at: tuple[float, float], size: float, colour: Rgb, *, glow: float = 1.0
) -> None:
    """A bright dot in its halo."""
    p.canvas.halo(at, size * 6, colour, 0.55 * glow)
    p.canvas.lay(p.canvas.stencil(ellipse(at, size, count=24)), mix(colour, (1.0, 1.0, 1.0), 0.6))


def shape_of_light(
    p: Painting, outlines: Sequence[Points], openings: Sequence[Points], colour: Rgb, width: float
) -> None:
    """A thing drawn as a glowing outline over a dark body with lit openings."""
    body = p.canvas.stencil(*outlines, margin=0.03)
    p.canvas.lay(body, mix(p.palette.near, p.palette.sky[1], 0.35), 0.88)
    inside = body.pixels.copy()
    edge = p.canvas.stencil(*outlines, margin=0.03)
    reach = width / 2
    rims = [
        body.edge(dx * reach, dy * reach).pixels for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1))
    ]
    edge.pixels = np.asarray(np.minimum(np.maximum.reduce(rims), inside), np.uint8)
    soft = p.canvas.stencil(*outlines, margin=0.03)
    soft.pixels = edge.pixels.copy()
    p.canvas.lay(soft.softened(0.009), colour, 1.0, mode=Mode.ADD)
    p.canvas.lay(edge, mix(colour, (1.0, 1.0, 1.0), 0.35))
    if openings:
        lit = p.canvas.stencil(*openings, margin=0.02)
        p.canvas.lay(lit, mix(colour, (1.0, 1.0, 1.0), 0.25), 0.9)
