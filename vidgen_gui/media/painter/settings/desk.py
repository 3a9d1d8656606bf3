"""Two more ways to show things: from above on a desk, and on shelves."""

import numpy as np

from vidgen_gui.media.painter import flora, land
from vidgen_gui.media.painter.amounts import Fade, Glow
from vidgen_gui.media.painter.canvas import Mode, Ramp, Stencil
from vidgen_gui.media.painter.colour import Rgb, mix, shift
from vidgen_gui.media.painter.geometry import Points, Rng, box, ellipse, placed, points, rounded
from vidgen_gui.media.painter.painting import Painting
from vidgen_gui.media.painter.settings.indoors import potted_plant, small_thing
from vidgen_gui.media.painter.subjects import EMBLEMS


def flat_lay(p: Painting, name: str) -> None:
    """A desk from above in slanting light: paper with a sign on it, a cup, a pencil, leaves."""
    rng, frame = p.rng("flat-lay"), p.frame
    wood = mix(p.palette.depth(0.55), p.palette.sky[2], 0.3)
    dark = mix(wood, p.palette.near, 0.62)
    p.canvas.lay(None, Ramp(((0, wood), (frame.height, dark))))
    everywhere = p.canvas.stencil(box(0, 0, frame.width, frame.height))
    land.texture(p, everywhere, shift(wood, light=-0.035), 0.5, "desk-grain")
    _boards(p, rng, dark)
    side = 1 if rng.random() < 0.5 else -1
    turn = float(rng.uniform(-0.35, 0.35))
    sheet_at = (
        frame.x(0.5 + side * float(rng.uniform(0.02, 0.2))),
        frame.y(float(rng.uniform(0.26, 0.4))),
    )
    _sheet(p, sheet_at, float(rng.uniform(0.22, 0.32)), turn, name)
    cup_at = (
        frame.x(0.5 - side * float(rng.uniform(0.25, 0.4))),
        frame.y(float(rng.uniform(0.1, 0.55))),
    )
    _cup_from_above(p, cup_at, float(rng.uniform(0.07, 0.1)))
    pen_at = frame.x(0.5 - side * 0.22), frame.y(float(rng.uniform(0.55, 0.64)))
    _pencil(p, pen_at, float(rng.uniform(-0.9, 0.9)))
    _corner_leaves(p, rng, side)
    _slanting_light(p, rng)


def _boards(p: Painting, rng: Rng, dark: Rgb) -> None:
    """The joints between the desk's boards."""
    sheet = p.canvas.stencil()
    for y in np.cumsum(rng.uniform(0.14, 0.32, 9)):
        sheet.line(points((-0.1, float(y)), (p.frame.width + 0.1, float(y))), 0.003)
    p.canvas.lay(sheet, mix(dark, p.palette.near, 0.5), 0.55)


def _shadow_of(p: Painting, outline: Points, reach: float) -> None:
    moved = outline + np.array([-0.6 * reach * p.side, reach])
    shade = p.canvas.stencil(moved, margin=reach * 2).softened(reach * 0.45)
    p.canvas.lay(shade, p.palette.near, 0.6)


def _sheet(p: Painting, at: tuple[float, float], size: float, turn: float, name: str) -> None:
    """A notebook under a sheet of paper that bears the sign."""
    cover = placed(rounded(-0.86, -1.12, 0.86, 1.16, 0.06), at, size, turn=turn - 0.12)
    _shadow_of(p, cover, 0.022)
    leather = mix(p.palette.accent, p.palette.near, 0.35)
    p.canvas.lay(p.canvas.stencil(cover), leather)
    paper = placed(box(-0.78, -1.02, 0.78, 1.02), at, size, turn=turn)
    _shadow_of(p, paper, 0.01)
    white = mix(p.palette.spark, p.palette.sky[3], 0.2)
    page = p.canvas.stencil(paper)
    p.canvas.lay(page, white, 0.97)
    ink = mix(p.palette.near, p.palette.depth(0.5), 0.25)
    filled, openings = EMBLEMS[name](p.rng("sheet-sign"))
    center = placed(points((0, -0.2)), at, size, turn=turn)[0]
    middle = float(center[0]), float(center[1])
    sign = p.canvas.stencil(*[placed(part, middle, size * 1.15, turn=turn) for part in filled])
    for part in openings:
        sign.erase(placed(part, middle, size * 1.15, turn=turn))
    p.canvas.lay(sign, ink, 0.92)
    lines = p.canvas.stencil(paper)
    lines.pixels[:] = 0
    for k in range(3):
        ends = points((-0.55, 0.62 + 0.12 * k), (0.5 - 0.3 * (k % 2), 0.62 + 0.12 * k))
        lines.line(placed(ends, at, size, turn=turn), 0.005)
    p.canvas.lay(lines, ink, 0.55)


def _cup_from_above(p: Painting, at: tuple[float, float], size: float) -> None:
    rng = p.rng("cup-above")
    pale = mix(p.palette.spark, p.palette.depth(0.3), 0.25)
    rings: tuple[tuple[float, Rgb], ...] = (
        (1.55, shift(pale, light=-0.1)),
        (1.28, shift(pale, light=-0.04)),
        (1.0, pale),
        (0.84, mix((0.24, 0.13, 0.08), p.palette.near, 0.35)),
    )
    _shadow_of(p, ellipse(at, size * 1.55), 0.014)
    handle = placed(
        rounded(0.85, -0.17, 1.5, 0.17, 0.16), at, size, turn=float(rng.uniform(0, 6.3))
    )
    for reach, colour in rings:
        disc = p.canvas.stencil(ellipse(at, size * reach, count=120))
        if reach == 1.0:
            p.canvas.lay(p.canvas.stencil(handle), colour)
        p.canvas.lay(disc, colour)
        p.canvas.lay(disc.edge(-0.002 * p.side, 0.002), p.palette.spark, 0.5)
    foam = p.canvas.stencil()
    t = np.linspace(0, 2 * np.pi, 60)
    curl = np.stack([at[0] + size * 0.5 * np.cos(t), at[1] + size * 0.5 * np.sin(t)], axis=1)
    foam.line(curl, size * 0.1)
    p.canvas.lay(foam.softened(size * 0.05), pale, 0.35)


def _pencil(p: Painting, at: tuple[float, float], turn: float) -> None:
    size = 0.34
    body = placed(box(-0.5, -0.03, 0.38, 0.03), at, size, turn=turn)
    tip = placed(points((0.38, -0.03), (0.5, 0), (0.38, 0.03)), at, size, turn=turn)
    end = placed(box(-0.56, -0.03, -0.5, 0.03), at, size, turn=turn)
    for outline in (body, tip):
        _shadow_of(p, outline, 0.008)
    p.canvas.lay(p.canvas.stencil(tip), mix(p.palette.spark, p.palette.accent, 0.35))
    p.canvas.lay(p.canvas.stencil(body), p.palette.accent)
    lit = placed(box(-0.5, -0.012, 0.38, 0.004), at, size, turn=turn)
    p.canvas.lay(p.canvas.stencil(lit), mix(p.palette.accent, p.palette.spark, 0.5), 0.8)
    p.canvas.lay(p.canvas.stencil(end), p.palette.near)


def _corner_leaves(p: Painting, rng: Rng, side: int) -> None:
    """A fern that reaches in from a corner, with its shadow."""
    frame = p.frame
    corner = frame.x(0.5 + 0.56 * side), frame.y(float(rng.choice([-0.02, 0.98])))
    inward = np.arctan2(frame.y(0.5) - corner[1], frame.x(0.5) - corner[0])
    green = mix(p.palette.land[0], p.palette.land[1], 0.55)
    for k in range(5):
        turn = float(inward + (k - 2) * 0.42 + rng.normal(0, 0.08))
        size = float(rng.uniform(0.28, 0.46))
        curl = 0.4 if k % 2 else -0.4
        shapes = flora.frond(rng, leaflets=12, curl=curl)
        outlines = [placed(shape, corner, size, turn=turn) for shape in shapes]
        shade = p.canvas.stencil(
            *[o + np.array((-0.012 * p.side, 0.02)) for o in outlines], margin=0.03
        )
        p.canvas.lay(shade.softened(0.008), p.palette.near, 0.45)
        sheet = p.canvas.stencil(*outlines)
        p.canvas.lay(sheet, shift(green, light=0.03 * (k % 3)))
        p.canvas.lay(sheet.edge(-0.002 * p.side, 0.002), p.light.colour, 0.45)


def _slanting_light(p: Painting, rng: Rng) -> None:
    """Bright panes of window light across everything; the rest falls into shade."""
    frame = p.frame
    light = p.canvas.stencil()
    slope = float(rng.uniform(0.35, 0.8)) * p.side
    start = float(rng.uniform(-0.5, 0.1))
    wide, tall = float(rng.uniform(0.16, 0.26)), float(rng.uniform(0.26, 0.4))
    for col in range(3):
        for row in range(3):
            x = frame.x(0.5) + start * p.side + col * (wide + 0.018) * p.side
            y = frame.y(-0.12) + row * (tall + 0.016)
            pane = points(
                (x, y), (x + wide * p.side, y), (x + wide * p.side, y + tall), (x, y + tall)
            )
            pane[:, 0] += (pane[:, 1] - frame.y(0.2)) * slope
            light.polygon(pane)
    light.softened(0.006)
    shade = p.canvas.stencil()
    shade.pixels = 255 - light.pixels
    p.canvas.lay(shade, p.palette.near, 0.36)
    p.canvas.lay(light, mix(p.light.colour, p.palette.sky[3], 0.5), 0.2, mode=Mode.SCREEN)


def shelves(p: Painting, name: str) -> None:
    """Shelves with books and small things, one of them in the light."""
    rng, frame = p.rng("shelves"), p.frame
    wall = mix(p.palette.depth(0.7), p.palette.near, 0.35)
    p.canvas.lay(
        None, Ramp(((0, mix(wall, p.palette.sky[1], 0.3)), (frame.height, p.palette.near)))
    )
    levels = np.array([0.16, 0.37, 0.58]) + rng.uniform(-0.02, 0.02)
    hero_row = int(rng.integers(1, 3))
    hero_x = p.toward(float(rng.uniform(0.3, 0.7)))
    at = hero_x, frame.y(float(levels[hero_row])) - 0.09
    p.light.at = at
    p.canvas.lay(None, p.palette.accent, 0.75, [Glow(at, 0.26, 2.8)], Mode.SCREEN)
    for row, level in enumerate(levels):
        y = frame.y(float(level))
        gap = (hero_x - 0.15, hero_x + 0.15) if row == hero_row else None
        _book_row(p, p.rng(f"books-{row}"), y, gap)
        board = p.canvas.stencil(box(-0.1, y, frame.width + 0.1, y + 0.02))
        p.canvas.lay(board, mix(p.palette.near, p.palette.depth(0.5), 0.3))
        p.canvas.lay(board.edge(0, 0.004), p.palette.accent, 0.5, [Glow(at, 0.3, 2.0)])
        shade = p.canvas.stencil(box(-0.1, y + 0.02, frame.width + 0.1, y + 0.05), margin=0.02)
        p.canvas.lay(shade.softened(0.012), p.palette.near, 0.6)
    low = p.canvas.stencil(box(-0.1, frame.y(0.99), frame.width + 0.1, frame.height + 0.1))
    _book_row(p, p.rng("books-low"), frame.y(0.99), None)
    p.canvas.lay(low, p.palette.near)
    dim = p.canvas.stencil(box(-0.1, frame.y(0.62), frame.width + 0.1, frame.height + 0.1))
    p.canvas.lay(
        dim, p.palette.near, 0.45, [Fade(((frame.y(0.62), 0), (frame.y(0.75), 1), (9, 1)))]
    )
    small_thing(p, name, (hero_x, frame.y(float(levels[hero_row]))), size=0.24)
    free = frame.x(0.16 if hero_x > frame.x(0.5) else 0.84)
    potted_plant(p, (free, frame.y(float(levels[2]))), 0.2)


def _book_row(p: Painting, rng: Rng, y: float, gap: tuple[float, float] | None) -> None:
    """Backs of books standing on a board, with pauses."""
    hues = (
        p.palette.land[1],
        p.palette.accent,
        p.palette.sky[1],
        p.palette.land[0],
        p.palette.sky[2],
    )
    x = float(rng.uniform(-0.05, 0.06))
    while x < p.frame.width:
        wide, tall = float(rng.uniform(0.018, 0.045)), float(rng.uniform(0.11, 0.19))
        if rng.random() < 0.12:
            x += float(rng.uniform(0.06, 0.16))
            continue
        if gap and x + wide > gap[0] and x < gap[1]:
            x = gap[1]
            continue
        lean = float(rng.uniform(0.05, 0.22)) if rng.random() < 0.12 else 0.0
        colour = mix(
            hues[int(rng.integers(len(hues)))], p.palette.near, float(rng.uniform(0.35, 0.72))
        )
        back = placed(rounded(0, -tall, wide, 0.0, 0.003), (x, y), 1.0, turn=lean)
        sheet = p.canvas.stencil(back, margin=0.004)
        p.canvas.lay(sheet, colour)
        _book_bands(p, (x, y), wide, tall, lean)
        land.rim_light(p, sheet, 0.0018, 0.6)
        x += wide + 0.0015 + lean * tall


def _book_bands(
    p: Painting, at: tuple[float, float], wide: float, tall: float, lean: float
) -> None:
    bands: list[Points] = [
        placed(box(0, -tall * level, wide, -tall * level + 0.004), at, 1.0, turn=lean)
        for level in (0.85, 0.2)
    ]
    lines: Stencil = p.canvas.stencil(*bands)
    p.canvas.lay(lines, p.palette.accent, 0.5)
