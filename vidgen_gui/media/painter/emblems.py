"""Outlines of things that stand for an idea, drawn around (0, 0) inside a circle of radius 0.5."""

import numpy as np

from vidgen_gui.media.painter.geometry import (
    Points,
    Rng,
    box,
    ellipse,
    placed,
    points,
    ribbon,
    rounded,
    smooth,
)
from vidgen_gui.media.painter.things import Parts, robot, rocket


def _ring(radius: float, width: float, center: tuple[float, float] = (0, 0)) -> Points:
    circle = ellipse(center, radius, count=96)
    return ribbon(np.vstack([circle, circle[:1]]), width)


def heart() -> Parts:
    t = np.linspace(0, 2 * np.pi, 80, endpoint=False)
    xs = 0.026 * 16 * np.sin(t) ** 3
    ys = -0.026 * (13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)) - 0.03
    outline = np.stack([xs, ys], axis=1)
    return [outline], []


def book() -> Parts:
    right = smooth(
        points(
            (0, -0.16),
            (0.14, -0.24),
            (0.32, -0.25),
            (0.46, -0.2),
            (0.46, 0.22),
            (0.32, 0.17),
            (0.14, 0.18),
            (0, 0.26),
        ),
        4,
    )
    mirror = np.array([-1.0, 1.0])
    lines = [
        ribbon(points((0.07, y - 0.02), (0.22, y - 0.065), (0.4, y - 0.05)), 0.016)
        for y in (-0.06, 0.01, 0.08, 0.15)
    ]
    spine = ribbon(points((0, -0.17), (0, 0.27)), 0.018)
    return [right, right * mirror], [*lines, *[line * mirror for line in lines], spine]


def clock(rng: Rng) -> Parts:
    hour, minute = rng.uniform(0, 2 * np.pi, 2)
    hands = [
        ribbon(points((0, 0), (0.2 * np.sin(hour), -0.2 * np.cos(hour))), [0.04, 0.026]),
        ribbon(points((0, 0), (0.31 * np.sin(minute), -0.31 * np.cos(minute))), [0.03, 0.016]),
    ]
    marks = []
    for k in range(12):
        angle = k * np.pi / 6
        a, b = (0.335, 0.385) if k % 3 else (0.31, 0.39)
        way = np.array([np.sin(angle), -np.cos(angle)])
        marks.append(ribbon(np.array([way * a, way * b]), 0.03 if k % 3 == 0 else 0.018))
    return [_ring(0.44, 0.035), *hands, *marks, ellipse((0, 0), 0.03, count=20)], []


def hourglass() -> Parts:
    glass = smooth(
        points(
            (-0.26, -0.38),
            (0.26, -0.38),
            (0.24, -0.2),
            (0.035, 0),
            (0.24, 0.2),
            (0.26, 0.38),
            (-0.26, 0.38),
            (-0.24, 0.2),
            (-0.035, 0),
            (-0.24, -0.2),
        ),
        5,
    )
    air = smooth(
        points(
            (-0.2, -0.34),
            (0.2, -0.34),
            (0.19, -0.24),
            (0.14, -0.17),
            (-0.14, -0.17),
            (-0.19, -0.24),
        ),
        3,
    )
    low = smooth(
        points(
            (-0.03, 0.06),
            (0.03, 0.06),
            (0.17, 0.2),
            (0.1, 0.22),
            (0, 0.16),
            (-0.1, 0.22),
            (-0.17, 0.2),
        ),
        3,
    )
    return [glass, box(-0.31, -0.44, 0.31, -0.38), box(-0.31, 0.38, 0.31, 0.44)], [air, low]


def cup() -> Parts:
    body = smooth(
        points((-0.3, -0.12), (0.24, -0.12), (0.23, 0.1), (0.14, 0.3), (-0.2, 0.3), (-0.29, 0.1)), 4
    )
    handle = ribbon(
        smooth(points((0.22, -0.05), (0.37, -0.05), (0.38, 0.1), (0.2, 0.18)), 5, closed=False),
        0.05,
    )
    saucer = smooth(points((-0.42, 0.31), (0.36, 0.31), (0.26, 0.37), (-0.32, 0.37)), 4)
    steam = []
    t = np.linspace(0, 1, 16)
    for x, phase in ((-0.14, 0.0), (-0.02, 1.4), (0.1, 2.6)):
        path = np.stack([x + 0.035 * np.sin(t * 7 + phase), -0.18 - 0.26 * t], axis=1)
        steam.append(ribbon(path, 0.03 * np.sin(np.pi * (0.08 + 0.9 * t))))
    return [body, handle, saucer, *steam], []


def candle() -> Parts:
    stick = points((-0.11, -0.06), (0.11, -0.08), (0.11, 0.42), (-0.11, 0.42))
    flame = smooth(
        points(
            (0, -0.44), (0.075, -0.26), (0.055, -0.15), (0, -0.12), (-0.055, -0.15), (-0.075, -0.26)
        ),
        5,
    )
    return [stick, ribbon(points((0, -0.06), (0, -0.16)), 0.016), flame], [flame]


def bulb() -> Parts:
    glass = smooth(
        points(
            (0, -0.44),
            (0.24, -0.34),
            (0.31, -0.12),
            (0.2, 0.08),
            (0.12, 0.2),
            (-0.12, 0.2),
            (-0.2, 0.08),
            (-0.31, -0.12),
            (-0.24, -0.34),
        ),
        6,
    )
    cap = [box(-0.11, 0.22 + 0.065 * k, 0.11, 0.27 + 0.065 * k) for k in range(3)]
    wire = smooth(
        points(
            (-0.06, 0.18),
            (-0.09, -0.06),
            (-0.04, -0.12),
            (0, -0.04),
            (0.04, -0.12),
            (0.09, -0.06),
            (0.06, 0.18),
        ),
        5,
        closed=False,
    )
    return [glass, *cap, ellipse((0, 0.42), 0.06, 0.035, count=18)], [ribbon(wire, 0.022)]


def phone() -> Parts:
    case = rounded(-0.24, -0.46, 0.24, 0.46, 0.06)
    rows = [box(-0.16, -0.3 + 0.17 * k, 0.16 - 0.07 * (k % 2), -0.19 + 0.17 * k) for k in range(4)]
    return [case], [*rows, box(-0.05, 0.38, 0.05, 0.4)]


def lock() -> Parts:
    body = rounded(-0.28, -0.06, 0.28, 0.38, 0.06)
    angle = np.linspace(np.pi, 2 * np.pi, 20)
    bow = np.stack([0.185 * np.cos(angle), -0.2 + 0.2 * np.sin(angle)], axis=1)
    shackle = ribbon(np.vstack([[[-0.185, -0.02]], bow, [[0.185, -0.02]]]), 0.075)
    return [body, shackle], [ellipse((0, 0.12), 0.055, count=24), box(-0.022, 0.13, 0.022, 0.26)]


def brain() -> Parts:
    half = smooth(
        points(
            (0.02, -0.36),
            (0.12, -0.4),
            (0.23, -0.35),
            (0.32, -0.28),
            (0.38, -0.16),
            (0.37, -0.03),
            (0.4, 0.09),
            (0.33, 0.2),
            (0.24, 0.25),
            (0.19, 0.34),
            (0.08, 0.36),
            (0.02, 0.28),
        ),
        5,
    )
    folds = [
        smooth(points((0.1, -0.28), (0.2, -0.22), (0.17, -0.12), (0.28, -0.1)), 5, closed=False),
        smooth(points((0.08, -0.1), (0.13, 0.0), (0.26, 0.02), (0.27, 0.12)), 5, closed=False),
        smooth(points((0.08, 0.1), (0.14, 0.14), (0.13, 0.25)), 5, closed=False),
    ]
    mirror = np.array([-1.0, 1.0])
    cuts = [ribbon(fold, 0.024) for fold in folds]
    return [half, half * mirror], [*cuts, *[cut * mirror for cut in cuts]]


def globe() -> Parts:
    t = np.linspace(0, 2 * np.pi, 72)
    lines = [_ring(0.42, 0.022)]
    lines += [
        ribbon(np.stack([0.42 * squash * np.cos(t), 0.42 * np.sin(t)], axis=1), 0.014)
        for squash in (0.33, 0.72)
    ]
    for level in (-0.5, 0.0, 0.5):
        reach = 0.42 * (1 - level**2) ** 0.5
        sag = 0.05
        xs = np.linspace(-reach, reach, 30)
        ys = 0.42 * level + sag * (1 - (xs / reach) ** 2)
        lines.append(ribbon(np.stack([xs, ys], axis=1), 0.014))
    lines.append(ribbon(points((0, -0.42), (0, 0.42)), 0.014))
    return lines, []


def chip() -> Parts:
    body = box(-0.28, -0.28, 0.28, 0.28)
    pins = []
    for k in np.linspace(-0.22, 0.22, 6):
        pins += [
            box(k - 0.02, -0.42, k + 0.02, -0.27),
            box(k - 0.02, 0.27, k + 0.02, 0.42),
            box(-0.42, k - 0.02, -0.27, k + 0.02),
            box(0.27, k - 0.02, 0.42, k + 0.02),
        ]
    inner = box(-0.2, -0.2, 0.2, 0.2)
    edge = ribbon(np.vstack([inner, inner[:1]]), 0.018)
    return [body, *pins], [edge, ellipse((-0.13, 0.13), 0.022, count=16)]


def target() -> Parts:
    arrow = [
        ribbon(points((0.02, -0.02), (0.46, -0.46)), 0.024),
        points((0.34, -0.42), (0.5, -0.54), (0.46, -0.34)),
    ]
    return [_ring(0.4, 0.05), _ring(0.26, 0.05), ellipse((0, 0), 0.11), *arrow], []


def guitar() -> Parts:
    body = smooth(
        points(
            (0, 0.02),
            (0.13, 0.0),
            (0.16, 0.1),
            (0.13, 0.18),
            (0.21, 0.3),
            (0.14, 0.44),
            (0, 0.47),
            (-0.14, 0.44),
            (-0.21, 0.3),
            (-0.13, 0.18),
            (-0.16, 0.1),
            (-0.13, 0.0),
        ),
        5,
    )
    neck = box(-0.028, -0.38, 0.028, 0.1)
    head = points((-0.045, -0.38), (0.045, -0.38), (0.055, -0.5), (-0.055, -0.5))
    turned = [placed(part, (0, 0.0), 1.0, turn=0.5) for part in (body, neck, head)]
    return turned, [placed(ellipse((0, 0.18), 0.06, count=30), (0, 0), 1.0, turn=0.5)]


def headphones() -> Parts:
    angle = np.linspace(np.pi * 1.02, np.pi * 1.98, 30)
    band = ribbon(np.stack([0.34 * np.cos(angle), 0.02 + 0.36 * np.sin(angle)], axis=1), 0.055)
    cups = [
        smooth(
            points(
                (s * 0.26, 0.0),
                (s * 0.4, -0.02),
                (s * 0.44, 0.16),
                (s * 0.4, 0.34),
                (s * 0.26, 0.32),
            ),
            4,
        )
        for s in (-1, 1)
    ]
    return [band, *cups], []


def vinyl() -> Parts:
    grooves = [_ring(r, 0.006) for r in (0.2, 0.25, 0.3, 0.35, 0.4)]
    return [ellipse((0, 0), 0.46, count=120)], [
        *grooves,
        _ring(0.12, 0.07),
        ellipse((0, 0), 0.018, count=14),
    ]


def piano() -> Parts:
    keys = [box(-0.45 + 0.13 * k, -0.3, -0.335 + 0.13 * k, 0.34) for k in range(7)]
    black = [box(-0.375 + 0.13 * k, -0.32, -0.285 + 0.13 * k, 0.08) for k in (0, 1, 3, 4, 5)]
    return keys, black


def photo() -> Parts:
    frame = placed(box(-0.34, -0.4, 0.34, 0.42), (0, 0), 1.0, turn=-0.09)
    view = placed(box(-0.27, -0.33, 0.27, 0.2), (0, 0), 1.0, turn=-0.09)
    return [frame], [view]


def planet() -> Parts:
    t = np.linspace(-0.06 * np.pi, 1.06 * np.pi, 60)
    front = np.stack([0.52 * np.cos(t), 0.13 * np.sin(t)], axis=1)
    band = placed(ribbon(front, 0.05 * np.clip(np.sin(t) + 0.3, 0.1, 1)), (0, 0), 1.0, turn=-0.35)
    gap = placed(ribbon(front[6:-6] + np.array([0, -0.045]), 0.016), (0, 0), 1.0, turn=-0.35)
    return [ellipse((0, 0), 0.29, count=80), band], [gap]


def sprout() -> Parts:
    stem = ribbon(
        smooth(points((0, 0.44), (-0.02, 0.15), (0.0, -0.1)), 5, closed=False),
        [0.05] * 5 + [0.035] * 6,
    )
    leaf_r = smooth(points((0, -0.06), (0.1, -0.28), (0.34, -0.38), (0.38, -0.2), (0.2, -0.02)), 5)
    leaf_l = smooth(
        points((-0.01, 0.06), (-0.12, -0.1), (-0.32, -0.16), (-0.34, 0.0), (-0.18, 0.12)), 5
    )
    return [stem, leaf_r, leaf_l], []


def rose() -> Parts:
    bloom = [
        placed(ellipse((0.16, 0), 0.17, 0.13, count=30), (0, -0.14), 1.0, turn=float(a))
        for a in np.linspace(0, 2 * np.pi, 7)[:-1]
    ]
    stem = ribbon(smooth(points((0, -0.05), (0.03, 0.2), (0, 0.46)), 5, closed=False), 0.032)
    leaf_shape = smooth(points((0.02, 0.24), (0.16, 0.12), (0.27, 0.14), (0.18, 0.26)), 4)
    swirl_t = np.linspace(0, 5.4 * np.pi / 2, 50)
    swirl = np.stack(
        [0.016 * swirl_t * np.cos(swirl_t), -0.14 + 0.016 * swirl_t * np.sin(swirl_t)], axis=1
    )
    return [*bloom, stem, leaf_shape], [ribbon(swirl, 0.018)]


def _centered(parts: Parts) -> Parts:
    filled, openings = parts
    return [part * 0.92 + np.array([0, 0.47]) for part in filled], [
        part * 0.92 + np.array([0, 0.47]) for part in openings
    ]


def robot_bust() -> Parts:
    return _centered(robot())


def rocket_up() -> Parts:
    filled, openings = _centered(rocket())
    fire = smooth(points((-0.06, 0.3), (0.06, 0.3), (0.04, 0.42), (0, 0.5), (-0.04, 0.42)), 4)
    return [*filled, fire], openings
