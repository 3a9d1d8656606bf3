"""Settings among plants: forest, pines, jungle, meadow."""

import numpy as np

from vidgen_gui.media.painter import flora, land, sky
from vidgen_gui.media.painter.amounts import Glow
from vidgen_gui.media.painter.canvas import Mode, Ramp, Stencil
from vidgen_gui.media.painter.colour import Rgb, mix, shift
from vidgen_gui.media.painter.geometry import Points, Rng, ellipse, placed, points, ribbon
from vidgen_gui.media.painter.noise import noise_1d
from vidgen_gui.media.painter.painting import Painting
from vidgen_gui.media.painter.subjects import float_subjects, place_subject, treeline
from vidgen_gui.media.painter.weather import fireflies


def forest(p: Painting) -> None:
    """Trunks in planes of misty light, a clearing somewhere between them."""
    rng, frame = p.rng("forest"), p.frame
    clearing = p.toward(float(rng.uniform(0.3, 0.7)))
    wide = 0.55 + 0.95 * p.kind("forest")
    off = 0.16 * float(rng.uniform(-1, 1))
    p.light.at = clearing + off, frame.y(float(rng.uniform(0.12, 0.4)))
    p.light.rays = 0.75
    _wood_air(p)
    ground_y = p.above_captions(p.horizon + 0.185) - 0.085
    planes = 5
    for index in range(planes):
        t = index / (planes - 1)
        trunks(p, t, ground_y + 0.05 + 0.3 * t**1.5, clearing, wide * (0.05 + 0.17 * t))
        if index < planes - 1:
            p.mist(
                ground_y - 0.25, ground_y + 0.12 + 0.2 * t, 0.42 - 0.22 * t, name=f"wood-{index}"
            )
            glow = Glow(p.light.at, 0.32, 3.0, 1.3)
            p.canvas.lay(None, p.light.colour, 0.24 * (1 - t), [glow], Mode.SCREEN)
        if index == 2:
            _forest_floor(p, ground_y, clearing)
            place_subject(
                p, (clearing + 0.03 * p.side, ground_y + 0.085), 0.15, beside=0.1, narrow=True
            )
            float_subjects(p)
    ferns(p)
    if p.palette.body == "moon" or p.wants("fireflies"):
        fireflies(p, 26)


def _wood_air(p: Painting) -> None:
    """No sky in a wood: light from behind the trees, green to the edges."""
    colours = p.palette
    height = p.frame.height
    p.canvas.lay(
        None,
        Ramp(
            (
                (0, mix(colours.sky[1], colours.depth(0.35), 0.55)),
                (height * 0.3, mix(colours.sky[2], colours.depth(0.1), 0.3)),
                (height * 0.52, mix(colours.sky[3], colours.haze, 0.5)),
                (height, colours.depth(0.6)),
            )
        ),
    )
    p.canvas.lay(None, colours.light, 0.72, [Glow(p.light.at, 0.3, 2.6, 1.2)], Mode.SCREEN)
    rng = p.rng("leaf-light")
    sheet = p.canvas.stencil()
    for _ in range(150):
        at = float(rng.uniform(0, p.frame.width)), float(p.frame.y(rng.uniform(0, 0.4)))
        sheet.circle(at, float(rng.uniform(0.012, 0.05)), int(rng.uniform(60, 190)))
    sheet.softened(0.006)
    p.canvas.lay(sheet, colours.depth(0.25), 0.5)


def trunks(p: Painting, nearness: float, foot: float, middle: float, clearing: float) -> None:
    """One plane of trunks with some boughs; ``clearing`` units around ``middle`` stay free."""
    rng, frame = p.rng(f"trunks-{nearness:.2f}"), p.frame
    usual = (24, 17, 11, 7, 4)[round(nearness * 4)] * frame.width / 0.75
    count = max(2, round(usual * float(rng.uniform(0.65, 1.25))))
    sheet = p.canvas.stencil()
    for k in range(count):
        x = frame.x((k + rng.uniform(0.1, 0.9)) / count)
        width = (0.008 + 0.05 * nearness**1.4) * float(rng.uniform(0.6, 1.4))
        if abs(x - middle) < clearing + width:
            x = middle + (clearing + width + 0.02) * (1 if x > middle else -1)
        trunk(
            sheet, p, x, foot + float(rng.normal(0, 0.012)), width=width, name=f"{nearness:.2f}-{k}"
        )
    colour = mix(p.palette.haze, p.palette.near, 0.14 + 0.86 * nearness**0.85)
    top = mix(colour, p.palette.depth(0.5), 0.25)
    p.canvas.lay(
        sheet, Ramp(((0, top), (foot - 0.1, colour), (foot, p.hazed(colour, 0.3 * (1 - nearness)))))
    )
    lit = sheet.edge(-0.0022 * p.side - 0.002 * nearness * p.side, 0.0)
    p.canvas.lay(lit, p.light.colour, 0.6, [Glow(p.light.at, 0.5, 3.0)])
    if nearness > 0.9:
        canopy(p, colour)


def trunk(sheet: Stencil, p: Painting, x: float, foot: float, *, width: float, name: str) -> None:
    """A trunk from above the frame down to its roots, with a few boughs."""
    rng = p.rng(f"trunk-{name}")
    t = np.linspace(0, 1, 14)
    lean = float(rng.normal(0, 0.035))
    xs = x + lean * (1 - t) + width * 0.25 * noise_1d(rng, t, 3, 2)
    widths = width * (0.62 + 0.3 * t + 0.75 * np.clip(t - 0.93, 0, 1) / 0.07)
    ys = -0.03 + (foot + 0.04) * t
    sheet.polygon(ribbon(np.stack([xs, ys], axis=1), widths))
    for _ in range(int(rng.integers(1, 4))):
        at = float(rng.uniform(0.1, 0.55))
        side = float(rng.choice([-1, 1]))
        long = width * float(rng.uniform(2.5, 6)) + 0.03
        start = float(np.interp(at, t, xs)), float(np.interp(at, t, ys))
        s = np.linspace(0, 1, 8)
        bough = np.stack(
            [start[0] + side * long * s, start[1] - long * (0.75 * s - 0.2 * s**2)], axis=1
        )
        sheet.polygon(ribbon(bough, width * 0.3 * (1 - s) + 0.0012))


def canopy(p: Painting, colour: Rgb) -> None:
    """Dark leaves hanging into the top of the picture."""
    rng, frame = p.rng("canopy"), p.frame
    sheet = p.canvas.sheet(-0.05, -0.05, frame.width + 0.05, 0.4)
    clumps = [
        (float(rng.uniform(0, frame.width)), float(rng.uniform(-0.03, 0.07))) for _ in range(16)
    ]
    for cx, cy in clumps:
        for _ in range(26):
            off = rng.normal(0, (0.065, 0.035))
            shape = placed(
                flora.leaf(count=7),
                (cx + float(off[0]), cy + float(off[1])),
                float(rng.uniform(0.018, 0.045)),
                turn=float(rng.uniform(0, 6.3)),
            )
            sheet.polygon(shape)
    p.canvas.lay(sheet, colour)
    land.rim_light(p, sheet, 0.0014, 0.5)


def _forest_floor(p: Painting, top: float, clearing: float) -> None:
    """Ground with grass, and a path, a stream of light or neither through the clearing."""
    rng, frame = p.rng("floor"), p.frame
    ridge = land.hills(rng, frame, top + 0.07, 0.03, 1.4)
    land.plain(p, ridge)
    if rng.random() < 0.62:
        start = frame.x(float(rng.uniform(0.25, 0.75))), frame.height + 0.05
        width = float(rng.uniform(0.26, 0.44))
        land.winding_path(p, start, (clearing, top + 0.055), width, "wood-path")
    else:
        pool = Glow((clearing, top + 0.16), 0.2, 3.0, 0.5)
        p.canvas.lay(p.canvas.stencil(ridge.outline(frame.height)), p.light.colour, 0.5, [pool])
    sheet = p.canvas.sheet(-0.05, top, frame.width + 0.05, frame.height)
    for _ in range(5):
        level = float(rng.uniform(0.08, 0.3))
        flora.grass(sheet, rng, (0, clearing - 0.1 - level * 0.4), top + level, 0.03, count=60)
        flora.grass(
            sheet, rng, (clearing + 0.1 + level * 0.4, frame.width), top + level, 0.03, count=60
        )
    p.canvas.lay(sheet, p.palette.depth(0.7), 0.9)


def ferns(p: Painting) -> None:
    """Fronds in both lower corners."""
    rng, frame = p.rng("ferns"), p.frame
    sheet = p.canvas.sheet(-0.3, frame.y(0.68), frame.width + 0.3, frame.height + 0.1)
    for corner in (0.02, 0.98):
        foot = frame.x(corner), frame.y(float(rng.uniform(0.97, 1.03)))
        for angle in np.linspace(-2.7, -0.45, 9):
            curl = 0.6 if angle > -np.pi / 2 else -0.6
            size = float(rng.uniform(0.16, 0.27))
            turn = float(angle + rng.normal(0, 0.12))
            for shape in flora.frond(rng, leaflets=11, curl=curl):
                sheet.polygon(placed(shape, foot, size, turn=turn))
    p.canvas.lay(sheet, mix(p.palette.near, p.palette.depth(0.6), 0.12))
    land.rim_light(p, sheet, 0.0016, 0.4)


def pines(p: Painting) -> None:
    """Ridge behind ridge of firs in the mist; tall ones at the sides."""
    rng, frame = p.rng("pines"), p.frame
    sky.heavens(p)
    float_subjects(p)
    if rng.random() < 0.6:
        far = land.crags(rng, frame, p.horizon - 0.02, rng.uniform(0.15, 0.34), 1.9)
        land.ground(p, far, 0.08, haze=0.55)
        p.mist(p.horizon - 0.16, p.horizon, 0.7, name="pine-far")
    rows = int(rng.integers(4, 6))
    for index in range(rows):
        t = index / (rows - 1)
        base = p.horizon + (frame.y(0.86) - p.horizon) * t**1.15
        ridge = land.hills(rng, frame, base, 0.1 + 0.09 * t, rng.uniform(0.9, 1.9))
        x = p.toward(float(rng.uniform(0.22, 0.45)))
        if index == 1:
            ridge = land.staged(p, ridge, x)
        land.ground(p, ridge, 0.2 + 0.72 * t)
        treeline(
            p,
            ridge,
            0.2 + 0.72 * t,
            (0.04 + 0.05 * t, 0.075 + 0.12 * t),
            count=int((105 - 55 * t) * frame.width / 0.75),
            name=f"pine-{index}",
        )
        if t < 0.9:
            p.mist(
                float(ridge.ys.min()) - 0.02,
                float(ridge.ys.max()) + 0.1,
                0.55 - 0.2 * t,
                name=f"pm-{index}",
            )
        if index == 1:
            place_subject(p, (x, ridge.height_at(x) + 0.004), 0.1)
    tall_pines(p)


def tall_pines(p: Painting) -> None:
    """A few great firs on one side, from below the frame to near its top."""
    rng, frame = p.rng("tall-pines"), p.frame
    sheet = p.canvas.stencil()
    for _ in range(int(rng.integers(3, 6))):
        x = p.toward(float(rng.uniform(-0.1, 0.2)))
        size = float(rng.uniform(0.5, 0.95))
        outline = flora.conifer(rng, tiers=16, slim=0.72)
        sheet.polygon(
            placed(outline, (x, frame.height + 0.06), size, flip=bool(rng.random() < 0.5))
        )
    for _ in range(int(rng.integers(2, 5))):
        x = p.toward(float(rng.uniform(0.84, 1.1)))
        outline = flora.conifer(rng, tiers=13, slim=0.8)
        sheet.polygon(placed(outline, (x, frame.height + 0.06), float(rng.uniform(0.3, 0.5))))
    p.canvas.lay(sheet, p.palette.near)
    land.rim_light(p, sheet, 0.0022, 0.55)


def jungle(p: Painting) -> None:
    """Leaves in cut-paper layers around a bright opening."""
    rng, frame = p.rng("jungle"), p.frame
    heart = p.toward(float(rng.uniform(0.34, 0.66)))
    p.light.at = heart, frame.y(float(rng.uniform(0.26, 0.44)))
    p.light.rays = 0.25
    p.bloom = 0.2
    sky.air(p, glow=0.9)
    if p.palette.body != "none":
        p.light.radius = 0.13
        sky.sun(p)
    far = land.hills(rng, frame, p.horizon + 0.1, 0.2, 2.0)
    land.ground(p, far, 0.15)
    treeline(p, far, 0.18, (0.05, 0.1), count=50, name="far-canopy", leafy=True)
    p.mist(p.horizon, p.horizon + 0.2, 0.6)
    near = land.staged(p, land.hills(rng, frame, frame.y(0.72), 0.05, 1.5), p.toward(0.45))
    land.ground(p, near, 0.5)
    place_subject(p, (p.toward(0.45), near.height_at(p.toward(0.45)) + 0.004), 0.16)
    float_subjects(p)
    layers = 5
    for index in range(layers):
        t = index / (layers - 1)
        leaf_ring(p, t, 0.56 - 0.2 * (1 - t) + 0.05 * t, heart)
        if t < 0.8:
            p.canvas.lay(None, p.palette.haze, 0.06, [Glow(p.light.at, 0.5, 2.0)])


def leaf_ring(p: Painting, nearness: float, opening: float, heart: float) -> None:
    """Leaves that point from the frame's edges towards the clearing at ``heart`` (x)."""
    rng, frame = p.rng(f"leaf-ring-{nearness:.2f}"), p.frame
    middle = np.array((heart, frame.y(0.42)))
    half = (
        np.array([frame.width, frame.height]) / 2 * (0.72 + 0.42 * nearness) * (0.8 + 0.4 * opening)
    )
    count = round(30 - 8 * nearness)
    colour = p.palette.depth(0.25 + 0.75 * nearness)
    for k in range(count):
        angle = 2 * np.pi * (k + rng.uniform(0, 0.8)) / count
        way = np.array([np.cos(angle), np.sin(angle)])
        reach = 1.0 / max(abs(way[0]), abs(way[1])) ** 0.8
        foot = middle + way * half * reach * float(rng.uniform(1.12, 1.3))
        size = float(rng.uniform(0.2, 0.36)) * (0.7 + 0.55 * nearness)
        turn = float(angle + np.pi + rng.normal(0, 0.5))
        shapes = _any_leaf(rng, int(rng.integers(4)))
        sheet = p.canvas.stencil(
            *[placed(s, (foot[0], foot[1]), size, turn=turn) for s in shapes], margin=0.01
        )
        own = shift(colour, light=float(rng.uniform(-0.035, 0.045)))
        p.canvas.lay(sheet, own)
        land.rim_light(p, sheet, 0.002, 0.45)
        spine = placed(points((0, 0), (0.5, 0.004), (0.98, 0)), (foot[0], foot[1]), size, turn=turn)
        rib = p.canvas.stencil(ribbon(spine, [0.006, 0.004, 0.001]))
        p.canvas.lay(rib, shift(own, light=0.07), 0.8)


def _any_leaf(rng: Rng, kind: int) -> list[Points]:
    if kind == 0:
        return [flora.monstera(rng)]
    if kind == 1:
        return flora.frond(rng, leaflets=13, curl=float(rng.choice([-0.4, 0.4])))
    return [flora.leaf() * np.array([1.0, float(rng.uniform(0.8, 1.7))])]


def meadow(p: Painting) -> None:
    """Flowers and grasses against a low light, hills behind."""
    rng, frame = p.rng("meadow"), p.frame
    sky.heavens(p)
    float_subjects(p)
    for index in range(3):
        t = index / 2
        ridge = land.hills(rng, frame, p.horizon + 0.11 * index, 0.09, 1.5 + 0.4 * index)
        land.ground(p, ridge, 0.12 + 0.4 * t)
        treeline(
            p,
            ridge,
            0.15 + 0.42 * t,
            (0.02 + 0.02 * t, 0.04 + 0.03 * t),
            count=30,
            name=f"ml-{index}",
            leafy=True,
        )
        p.mist(float(ridge.ys.min()), float(ridge.ys.max()) + 0.06, 0.35, name=f"mm-{index}")
    x = p.toward(float(rng.uniform(0.25, 0.42)))
    field = land.staged(p, land.hills(rng, frame, p.horizon + 0.27, 0.04, 1.1), x)
    land.plain(p, field)
    place_subject(p, (x, field.height_at(x) + 0.008), 0.15, beside=0.1)
    for index in range(4):
        flower_band(p, index)


def flower_band(p: Painting, index: int) -> None:
    """Grass and flowers in one plane, larger and darker nearer by."""
    rng, frame = p.rng(f"flower-band-{index}"), p.frame
    t = index / 3
    ground = frame.y(0.74 + 0.1 * index)
    tall = 0.05 + 0.13 * t**1.3
    sheet = p.canvas.sheet(-0.1, ground - tall * 1.6, frame.width + 0.1, ground + 0.12)
    flora.grass(
        sheet,
        rng,
        (-0.05, frame.width + 0.05),
        ground + 0.03,
        tall,
        count=int(300 - 130 * t),
        wind=0.2 * p.side,
    )
    colour = p.palette.depth(0.55 + 0.45 * t)
    p.canvas.lay(
        sheet,
        Ramp(((ground - tall, mix(colour, p.light.colour, 0.14 * (1 - t))), (ground, colour))),
    )
    land.rim_light(p, sheet, 0.0015, 0.4)
    hues = (
        p.palette.accent,
        p.palette.spark,
        shift(p.palette.accent, chroma=1.3, turn=-0.9, light=-0.06),
    )
    for k in range(int(22 - 13 * t)):
        x = float(rng.uniform(-0.02, frame.width + 0.02))
        calm = 0.25 < x / frame.width < 0.75
        height = tall * float(rng.uniform(0.75, 1.25)) * (0.72 if calm and t > 0.4 else 1.0)
        lean = float(rng.normal(0.1 * p.side, 0.12)) * height
        head = x + lean, ground - height
        stem = p.canvas.stencil(
            ribbon(
                points((x, ground + 0.05), (x + lean * 0.3, ground - height * 0.5), head),
                0.002 + 0.003 * t,
            )
        )
        p.canvas.lay(stem, colour)
        _bloom_head(p, head, 0.008 + 0.03 * t**1.2, hues[k % 3], k)


def _bloom_head(p: Painting, at: tuple[float, float], size: float, colour: Rgb, kind: int) -> None:
    rng = p.rng("bloom-heads")
    if kind % 4 == 0:
        shapes = [placed(flora.tulip(), (at[0], at[1] + size), size * 2.2)]
    else:
        squash = np.array([1.0, float(rng.uniform(0.45, 0.95))])
        shapes = [s * squash for s in flower_shapes(rng, kind)]
        shapes = [placed(s, at, size * 1.25) for s in shapes]
    for shape in shapes:
        petal = mix(colour, p.light.colour, float(rng.uniform(0, 0.25)))
        p.canvas.lay(p.canvas.stencil(shape), petal, 0.96)
    if kind % 4:
        p.canvas.lay(
            p.canvas.stencil(ellipse(at, size * 0.34, size * 0.26)),
            mix(p.palette.accent, p.palette.near, 0.35),
        )


def flower_shapes(rng: Rng, kind: int) -> list[Points]:
    return flora.flower(rng, 5 + kind % 4, 0.4)
