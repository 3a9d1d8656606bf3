"""Outlines of what grows: conifers, bare and leafy trees, grass, ferns, leaves, flowers."""

import numpy as np

from vidgen_gui.media.painter.canvas import Stencil
from vidgen_gui.media.painter.geometry import Points, Rng, placed, points, ribbon, smooth

_TUFT = 7
"""Blades in a tuft of grass."""
_ROOTS = (-0.2, 0.35)
"""How far behind and before its row a tuft may be rooted, in heights of the grass."""
_GOLDEN = 0.618
"""Steps of the golden ratio fill a span evenly without a visible rhythm."""


def conifer(rng: Rng, *, tiers: int = 9, slim: float = 1.0) -> Points:
    """A fir one unit high, foot at (0, 0)."""
    right: list[tuple[float, float]] = [(0.0, -1.0)]
    left: list[tuple[float, float]] = []
    for tier in range(1, tiers + 1):
        down = tier / tiers
        y = -1.0 + 0.93 * down**0.92
        reach = 0.23 * slim * (0.1 + 0.9 * down**0.9)
        for side, into in ((1, right), (-1, left)):
            out = reach * rng.uniform(0.72, 1.12)
            into.append((side * out, y + 0.022 * rng.uniform(0.3, 1.5)))
            into.append((side * out * rng.uniform(0.42, 0.6), y - 0.012))
    right += [(0.022, -0.07), (0.026, 0.02)]
    left += [(-0.022, -0.07), (-0.026, 0.02)]
    return np.array(right + left[::-1])


def far_conifer(rng: Rng) -> Points:
    """A fir of a few strokes, for tree lines."""
    width = rng.uniform(0.13, 0.2)
    return points(
        (0, -1),
        (width * 0.42, -0.62),
        (width * 0.26, -0.6),
        (width * 0.8, -0.3),
        (width * 0.5, -0.28),
        (width, 0.02),
        (-width, 0.02),
        (-width * 0.5, -0.28),
        (-width * 0.8, -0.32),
        (-width * 0.26, -0.6),
        (-width * 0.42, -0.64),
    )


class Branching:
    """A tree's limbs, grown once; drawn as many times as colours are needed."""

    def __init__(self, rng: Rng, *, depth: int = 7, spread: float = 0.5, lean: float = 0.0) -> None:
        self.limbs: list[tuple[Points, float, float]] = []
        self.tips: list[tuple[float, float]] = []
        self._rng, self._spread = rng, spread
        self._grow((0.0, 0.02), -np.pi / 2 + lean, 0.3, 0.042, depth)

    def _grow(
        self, at: tuple[float, float], angle: float, length: float, width: float, depth: int
    ) -> None:
        rng = self._rng
        bend = rng.normal(0, 0.14)
        middle = (
            at[0] + np.cos(angle + bend) * length * 0.5,
            at[1] + np.sin(angle + bend) * length * 0.5,
        )
        end = at[0] + np.cos(angle) * length, at[1] + np.sin(angle) * length
        self.limbs.append((smooth(points(at, middle, end), 3, closed=False), width, width * 0.7))
        if depth == 0:
            self.tips.append(end)
            return
        if depth <= 2:
            self.tips.append(end)
        for side in (-1, 1):
            turn = side * self._spread * rng.uniform(0.55, 1.25)
            up = -0.1 * np.sin(angle + np.pi / 2 + turn)
            share = rng.uniform(0.68, 0.84)
            self._grow(end, angle + turn + up, length * share, width * 0.66, depth - 1)

    def draw(self, sheet: Stencil, at: tuple[float, float], size: float, *, flip: bool) -> None:
        for path, start, end in self.limbs:
            widths = np.linspace(start, end, len(path))
            sheet.polygon(placed(ribbon(path, widths), at, size, flip=flip))

    def crown(
        self, sheet: Stencil, rng: Rng, at: tuple[float, float], size: float, *, flip: bool
    ) -> None:
        """Leaves as clusters of small blobs at the tips."""
        for tip in self.tips:
            center = placed(np.array([tip]), at, size, flip=flip)[0]
            for _ in range(3):
                off = rng.normal(0, 0.035 * size, 2)
                radius = float(rng.uniform(0.018, 0.052) * size)
                sheet.circle((center[0] + off[0], center[1] + off[1]), radius)


def blade(height: float, lean: float, width: float) -> Points:
    """One blade of grass from (0, 0) upwards, bent by ``lean``."""
    t = np.linspace(0, 1, 7)
    path = np.stack([lean * height * t**2, -height * t * (1 - 0.12 * abs(lean) * t)], axis=1)
    return ribbon(path, width * (1 - t) ** 0.8 * (0.45 + 0.55 * np.minimum(1, t * 3)) + 1e-4)


def grass(
    sheet: Stencil,
    rng: Rng,
    xs: tuple[float, float],
    ground: float,
    height: float,
    *,
    count: int,
    wind: float = 0.25,
) -> None:
    """Blades between two x, in tufts rooted a little behind and before ``ground``.

    Each tuft fans out from its root: a row of them never ends in a straight line.
    """
    if xs[1] <= xs[0]:
        return
    places = rng.uniform(xs[0], xs[1], count)
    for index in range(count):
        tuft, nth = divmod(index, _TUFT)
        spread = 2 * nth / (_TUFT - 1) - 1
        depth = _ROOTS[0] + (_ROOTS[1] - _ROOTS[0]) * (tuft * _GOLDEN % 1)
        root = places[tuft * _TUFT] + 0.09 * height * spread, ground + height * depth
        tall = height * rng.uniform(0.45, 1.15) * (1 - 0.3 * abs(spread))
        lean = rng.normal(wind, 0.3) + 0.45 * spread
        sheet.polygon(placed(blade(tall, lean, height * rng.uniform(0.03, 0.06)), root, 1.0))


def leaf(*, pointed: float = 1.0, count: int = 14) -> Points:
    """A simple leaf from its stalk at (0, 0) to its tip at (1, 0)."""
    t = np.linspace(0, 1, count)
    half = 0.24 * np.sin(np.pi * t**0.8) ** 0.9 * (1 - 0.25 * pointed * t)
    return np.vstack([np.stack([t, -half], axis=1), np.stack([t[::-1], half[::-1]], axis=1)[1:-1]])


def frond(rng: Rng, *, leaflets: int = 15, curl: float = 0.5) -> list[Points]:
    """A fern's frond: stalk and leaflets, about one unit long, growing along +x and bending."""
    t = np.linspace(0, 1, 24)
    path = np.stack([t - 0.12 * curl * t**2, curl * 0.55 * t**2], axis=1)
    shapes = [ribbon(path, 0.016 * (1 - t) + 0.003)]
    for index in range(1, leaflets):
        s = index / leaflets
        at = path[int(s * 23)]
        heading = np.arctan2(2 * curl * 0.55 * s, 1.0)
        size = 0.34 * np.sin(np.pi * (0.12 + 0.85 * s)) ** 0.9 * rng.uniform(0.9, 1.1)
        for side in (-1, 1):
            turn = heading + side * (1.15 - 0.45 * s)
            shapes.append(placed(leaf(count=7), (at[0], at[1]), size, turn=float(turn)))
    return shapes


def monstera(rng: Rng) -> Points:
    """A split tropical leaf, stalk at (0, 0), tip at (1, 0)."""

    def half(side: int) -> list[tuple[float, float]]:
        edge: list[tuple[float, float]] = [(0.0, 0.0), (-0.1, side * 0.2), (0.0, side * 0.4)]
        for index in range(5):
            t = 0.12 + 0.17 * index
            reach = 0.52 * np.sin(np.pi * (0.3 + 0.62 * t)) ** 0.8
            cut = reach * rng.uniform(0.28, 0.42)
            edge += [
                (t, side * reach),
                (t + 0.1, side * reach * 0.97),
                (t + 0.1, side * reach * 0.8),
                (t - 0.005 + 0.02 * index, side * cut),
                (t + 0.13, side * reach * 0.82),
            ]
        return edge

    outline = [*half(1), (1.0, 0.0), *half(-1)[:0:-1]]
    return smooth(np.array(outline), 3)


def flower(rng: Rng, petals: int = 6, width: float = 0.36) -> list[Points]:
    """Petals around (0, 0), one unit in radius."""
    shape = leaf(pointed=0.2, count=12) * np.array([1.0, width / 0.24])
    start = rng.uniform(0, np.pi)
    return [
        placed(shape, (0, 0), 1.0, turn=float(start + 2 * np.pi * k / petals))
        for k in range(petals)
    ]


def tulip() -> Points:
    """A cup of three petals seen from the side, foot at (0, 0), one unit high."""
    return smooth(
        points(
            (0, 0),
            (0.32, -0.14),
            (0.42, -0.5),
            (0.38, -0.98),
            (0.2, -0.72),
            (0.0, -1.0),
            (-0.2, -0.72),
            (-0.38, -0.98),
            (-0.42, -0.5),
            (-0.32, -0.14),
        ),
        4,
    )


def mushroom() -> list[Points]:
    """Cap and stalk, foot at (0, 0), one unit high."""
    cap = smooth(
        points((-0.52, -0.52), (-0.42, -0.84), (0, -1.0), (0.42, -0.84), (0.52, -0.52), (0, -0.44)),
        6,
    )
    stalk = points((-0.1, -0.5), (0.1, -0.5), (0.15, 0.02), (-0.15, 0.02))
    return [stalk, cap]


def cactus() -> list[Points]:
    """A saguaro one unit high, foot at (0, 0)."""
    trunk = ribbon(points((0, 0.02), (0, -0.5), (0, -0.97)), [0.15, 0.17, 0.13])
    left = ribbon(
        smooth(points((0, -0.35), (-0.2, -0.36), (-0.25, -0.5), (-0.25, -0.75)), 5, closed=False),
        0.1,
    )
    right = ribbon(
        smooth(points((0, -0.48), (0.19, -0.5), (0.23, -0.62), (0.23, -0.86)), 5, closed=False),
        0.09,
    )
    return [trunk, left, right]


def palm(rng: Rng) -> list[Points]:
    """A palm one unit high, foot at (0, 0), leaning a little."""
    lean = rng.uniform(0.1, 0.28)
    t = np.linspace(0, 1, 12)
    trunk = np.stack([lean * t**1.6, -0.8 * t], axis=1)
    shapes = [ribbon(trunk, 0.05 - 0.022 * t)]
    top = lean, -0.8
    for angle in np.linspace(-2.95, 0.35, 9) + rng.normal(0, 0.1, 9):
        reach = rng.uniform(0.3, 0.42)
        s = np.linspace(0, 1, 10)
        xs = top[0] + np.cos(angle) * reach * s
        ys = top[1] + np.sin(angle) * reach * s + 0.26 * s**2
        shapes.append(ribbon(np.stack([xs, ys], axis=1), 0.05 * np.sin(np.pi * s**0.7) + 0.004))
    return shapes
