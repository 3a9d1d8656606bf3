"""Outlines of things made by people, standing on (0, 0), about one unit high."""

import numpy as np

from vidgen_gui.media.painter.geometry import (
    Points,
    Rng,
    box,
    ellipse,
    points,
    ribbon,
    rounded,
    smooth,
)

Parts = tuple[list[Points], list[Points]]
"""Filled outlines, and openings in them through which light shows."""


def house() -> Parts:
    walls = box(-0.48, -0.52, 0.48, 0.02)
    roof = points((-0.6, -0.5), (0, -0.98), (0.6, -0.5))
    chimney = box(0.22, -0.98, 0.34, -0.6)
    windows = [box(-0.34, -0.4, -0.14, -0.2), box(0.18, -0.4, 0.36, -0.2)]
    return [walls, roof, chimney], [*windows, box(-0.05, -0.34, 0.1, 0.0)]


def lighthouse() -> Parts:
    tower = points((-0.1, -0.78), (0.1, -0.78), (0.15, 0.02), (-0.15, 0.02))
    gallery = box(-0.14, -0.8, 0.14, -0.765)
    cap = points((-0.1, -0.91), (0, -1.0), (0.1, -0.91))
    posts = [box(-0.09, -0.92, -0.075, -0.79), box(0.075, -0.92, 0.09, -0.79)]
    lamp = box(-0.06, -0.905, 0.06, -0.805)
    return [tower, gallery, cap, *posts, lamp], [lamp, box(-0.03, -0.5, 0.03, -0.42)]


def sailboat() -> Parts:
    hull = smooth(points((-0.42, -0.13), (0.46, -0.15), (0.32, 0.02), (-0.3, 0.02)), 4)
    sail = smooth(points((0.02, -1.0), (0.05, -0.2), (0.42, -0.2), (0.3, -0.55)), 4)
    jib = points((-0.03, -0.9), (-0.03, -0.2), (-0.36, -0.2))
    return [hull, sail, jib, ribbon(points((0, -1.02), (0, -0.1)), 0.018)], []


def rowboat() -> Parts:
    hull = smooth(
        points(
            (-0.9, -0.3),
            (-0.5, -0.17),
            (0, -0.14),
            (0.5, -0.17),
            (0.9, -0.3),
            (0.62, 0.05),
            (-0.62, 0.05),
        ),
        5,
    )
    head = ellipse((0.02, -0.62), 0.075, 0.09, count=20)
    torso = smooth(
        points((-0.13, -0.12), (-0.12, -0.45), (0.0, -0.54), (0.13, -0.45), (0.14, -0.12)), 4
    )
    oar = ribbon(points((-0.1, -0.36), (0.75, 0.12)), [0.016, 0.03])
    return [hull, head, torso, oar], []


def balloon() -> Parts:
    envelope = smooth(
        points(
            (0, -1.0),
            (0.3, -0.9),
            (0.4, -0.65),
            (0.26, -0.38),
            (0.1, -0.22),
            (-0.1, -0.22),
            (-0.26, -0.38),
            (-0.4, -0.65),
            (-0.3, -0.9),
        ),
        6,
    )
    basket = box(-0.075, -0.1, 0.075, 0.02)
    ropes = [ribbon(points((s * 0.1, -0.23), (s * 0.07, -0.09)), 0.008) for s in (-1, 1)]
    gores = [
        smooth(
            points((0.0, -0.98), (0.1, -0.65), (0.035, -0.24), (-0.035, -0.24), (-0.1, -0.65)), 5
        )
    ]
    return [envelope, basket, *ropes], gores


def kite() -> Parts:
    t = np.linspace(0, 1, 20)
    tail = np.stack([0.05 * np.sin(t * 14) - 0.25 * t, -0.4 + 0.9 * t], axis=1)
    return [points((0, -1), (0.32, -0.74), (0, -0.38), (-0.32, -0.74)), ribbon(tail, 0.012)], []


def rocket() -> Parts:
    hull = smooth(
        points(
            (0, -1.0),
            (0.14, -0.76),
            (0.16, -0.45),
            (0.1, -0.2),
            (-0.1, -0.2),
            (-0.16, -0.45),
            (-0.14, -0.76),
        ),
        6,
    )
    fins = [
        points((s * 0.13, -0.46), (s * 0.3, -0.2), (s * 0.29, -0.08), (s * 0.09, -0.22))
        for s in (-1, 1)
    ]
    return [hull, *fins, box(-0.07, -0.21, 0.07, -0.15)], [ellipse((0, -0.64), 0.06)]


def astronaut() -> Parts:
    parts = [
        ellipse((0, -0.84), 0.165, 0.16),
        smooth(points((-0.19, -0.68), (0.19, -0.68), (0.21, -0.32), (-0.21, -0.32)), 5),
        box(-0.25, -0.7, 0.25, -0.42),
        ribbon(points((-0.17, -0.62), (-0.32, -0.48), (-0.3, -0.3)), 0.11),
        ribbon(points((0.17, -0.62), (0.33, -0.56), (0.42, -0.72)), 0.11),
        ribbon(points((-0.1, -0.36), (-0.13, -0.16), (-0.13, 0.0)), 0.14),
        ribbon(points((0.1, -0.36), (0.14, -0.16), (0.14, 0.0)), 0.14),
    ]
    return parts, [
        smooth(points((-0.1, -0.9), (0.1, -0.9), (0.115, -0.8), (0, -0.75), (-0.115, -0.8)), 4)
    ]


def satellite() -> Parts:
    body = box(-0.12, -0.64, 0.12, -0.36)
    wings = [
        box(s * 0.18 if s > 0 else -0.62, -0.6, 0.62 if s > 0 else -0.18, -0.4) for s in (-1, 1)
    ]
    arms = [ribbon(points((-0.62, -0.5), (0.62, -0.5)), 0.02)]
    dish = smooth(points((-0.14, -0.72), (0, -0.64), (0.14, -0.72), (0, -0.68)), 4)
    cells = [box(x, -0.59, x + 0.012, -0.41) for x in (-0.5, -0.39, -0.28, 0.28, 0.39, 0.5)]
    return [body, *wings, *arms, dish, ribbon(points((0, -0.7), (0, -0.84)), 0.014)], cells


def robot() -> Parts:
    head = rounded(-0.21, -0.97, 0.21, -0.69, 0.07)
    torso = rounded(-0.22, -0.64, 0.22, -0.27, 0.06)
    limbs = [
        ribbon(points((-0.25, -0.6), (-0.33, -0.44), (-0.28, -0.28)), 0.075),
        ribbon(points((0.25, -0.6), (0.33, -0.44), (0.28, -0.28)), 0.075),
        ribbon(points((-0.09, -0.3), (-0.1, 0.0)), 0.1),
        ribbon(points((0.09, -0.3), (0.1, 0.0)), 0.1),
        ribbon(points((0, -0.7), (0, -0.6)), 0.09),
        ribbon(points((0, -0.95), (0, -1.05)), 0.018),
        ellipse((0, -1.07), 0.03, count=16),
    ]
    eyes = [ellipse((-0.085, -0.83), 0.038, count=20), ellipse((0.085, -0.83), 0.038, count=20)]
    return [head, torso, *limbs], [*eyes, ellipse((0, -0.48), 0.05, count=24)]


def tent() -> Parts:
    return [points((-0.85, 0.02), (0, -0.9), (0.85, 0.02))], [
        points((-0.26, 0.02), (0, -0.62), (0.26, 0.02))
    ]


def windmill(rng: Rng) -> Parts:
    tower = points((-0.022, -0.68), (0.022, -0.68), (0.04, 0.02), (-0.04, 0.02))
    start = rng.uniform(0, 2)
    blades = []
    for k in range(3):
        angle = start + k * 2 * np.pi / 3
        along = np.array([np.cos(angle), np.sin(angle)]) * 0.4
        tip = np.array([0, -0.68]) + along
        blades.append(
            ribbon(
                np.array([[0, -0.68], [tip[0] * 0.4, -0.68 + along[1] * 0.4], tip]),
                [0.03, 0.05, 0.008],
            )
        )
    return [tower, *blades, ellipse((0, -0.68), 0.03, count=16)], []


def flag() -> Parts:
    t = np.linspace(0, 1, 12)
    wave = 0.05 * np.sin(t * 6.0) * t
    upper = np.stack([0.55 * t, -1.0 + wave], axis=1)
    lower = np.stack([0.55 * t, -0.68 + wave], axis=1)[::-1]
    return [ribbon(points((0, 0.02), (0, -1.03)), 0.03), np.vstack([upper, lower])], []


def bicycle() -> Parts:
    def ring(x: float) -> list[Points]:
        return [ribbon(np.vstack([ellipse((x, -0.3), 0.28), ellipse((x, -0.3), 0.28)[:1]]), 0.035)]

    frame = [
        ribbon(points(a, b), 0.03)
        for a, b in (
            ((-0.42, -0.3), (-0.05, -0.3)),
            ((-0.05, -0.3), (0.27, -0.68)),
            ((-0.18, -0.68), (0.27, -0.68)),
            ((-0.42, -0.3), (-0.18, -0.68)),
            ((-0.2, -0.76), (-0.05, -0.3)),
            ((0.42, -0.3), (0.24, -0.84)),
            ((0.24, -0.84), (0.36, -0.88)),
            ((-0.3, -0.77), (-0.1, -0.77)),
        )
    ]
    return [*ring(-0.42), *ring(0.42), *frame], []


def car() -> Parts:
    body = smooth(
        points(
            (-1.0, -0.2),
            (-0.96, -0.45),
            (-0.6, -0.52),
            (-0.36, -0.86),
            (0.3, -0.86),
            (0.62, -0.52),
            (0.98, -0.44),
            (1.02, -0.18),
            (0.9, -0.12),
            (-0.92, -0.12),
        ),
        4,
    )
    wheels = [ellipse((-0.58, -0.16), 0.18), ellipse((0.58, -0.16), 0.18)]
    glass = [
        points((-0.48, -0.54), (-0.3, -0.79), (-0.04, -0.79), (-0.04, -0.54)),
        points((0.03, -0.54), (0.03, -0.79), (0.26, -0.79), (0.48, -0.54)),
    ]
    return [body, *wheels], glass


def train() -> Parts:
    cars, glass = [], []
    for k in range(3):
        x = -2.1 + k * 1.42
        cars.append(rounded(x, -0.88, x + 1.38, -0.1, 0.08))
        cars += [ellipse((x + d, -0.08), 0.1, count=20) for d in (0.25, 0.5, 0.88, 1.12)]
        glass += [box(x + 0.14 + 0.3 * j, -0.7, x + 0.34 + 0.3 * j, -0.42) for j in range(4)]
    nose = smooth(points((2.1, -0.88), (2.5, -0.6), (2.62, -0.1), (2.1, -0.1)), 4)
    return [*cars, nose], glass


def bridge() -> Parts:
    t = np.linspace(-1, 1, 41)
    deck = ribbon(np.stack([t * 2.6, np.full_like(t, -0.3)], axis=1), 0.05)
    towers = [ribbon(points((x, 0.1), (x, -1.0)), 0.07) for x in (-1.1, 1.1)]
    cables, hangers = [], []
    for center, half, rise in ((0.0, 1.1, 0.62), (-2.2, 1.1, 0.62), (2.2, 1.1, 0.62)):
        xs = center + np.linspace(-half, half, 25)
        ys = -0.36 - rise * ((xs - center) / half) ** 2
        cables.append(ribbon(np.stack([xs, ys], axis=1), 0.02))
        hangers += [
            ribbon(points((x, y), (x, -0.3)), 0.008) for x, y in zip(xs[::2], ys[::2], strict=True)
        ]
    return [deck, *towers, *cables, *hangers], []


def street_lamp() -> Parts:
    post = ribbon(points((0, 0.02), (0, -0.86)), [0.035, 0.018])
    neck = ribbon(
        smooth(points((0, -0.85), (0.02, -0.97), (0.13, -0.99), (0.17, -0.94)), 5, closed=False),
        0.014,
    )
    shade = points((0.12, -0.945), (0.22, -0.945), (0.245, -0.9), (0.095, -0.9))
    foot = points((-0.035, 0.02), (0.035, 0.02), (0.022, -0.09), (-0.022, -0.09))
    return [post, neck, shade, foot], [ellipse((0.17, -0.893), 0.03, 0.018, count=16)]


def door() -> Parts:
    angle = np.linspace(np.pi, 2 * np.pi, 20)
    arch = np.stack([0.27 * np.cos(angle), -0.72 + 0.27 * np.sin(angle)], axis=1)
    outer = np.vstack(
        [arch * np.array([1.25, 1.0]) + np.array([0, -0.02]), [[0.34, 0], [-0.34, 0]]]
    )
    inner = np.vstack([arch, [[0.27, 0], [-0.27, 0]]])
    return [outer], [inner]
