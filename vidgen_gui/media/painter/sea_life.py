"""Outlines of what lives in the sea, facing right, lying around (0, 0)."""

import numpy as np

from vidgen_gui.media.painter.geometry import Points, Rng, ellipse, points, ribbon, smooth


def whale() -> list[Points]:
    """A whale gliding, about two units long, middle at (0, 0)."""
    body = smooth(
        points(
            (1.0, -0.02),
            (0.86, -0.2),
            (0.5, -0.3),
            (0.1, -0.27),
            (-0.3, -0.16),
            (-0.66, -0.04),
            (-0.86, -0.06),
            (-0.88, 0.02),
            (-0.62, 0.08),
            (-0.2, 0.16),
            (0.3, 0.22),
            (0.72, 0.2),
            (0.95, 0.12),
        ),
        6,
    )
    fluke = smooth(
        points(
            (-0.8, -0.02),
            (-0.96, -0.18),
            (-1.2, -0.3),
            (-1.08, -0.08),
            (-1.14, 0.14),
            (-0.94, 0.06),
        ),
        5,
    )
    fin = smooth(points((0.44, 0.12), (0.3, 0.2), (0.06, 0.48), (0.2, 0.44), (0.52, 0.24)), 5)
    return [body, fluke, fin, smooth(points((-0.3, -0.15), (-0.46, -0.26), (-0.44, -0.12)), 4)]


def fish() -> list[Points]:
    """A fish one unit long, middle at (0, 0)."""
    body = smooth(
        points(
            (0.5, 0.0),
            (0.3, -0.16),
            (0.02, -0.2),
            (-0.3, -0.06),
            (-0.3, 0.05),
            (0.02, 0.17),
            (0.3, 0.14),
        ),
        5,
    )
    tail = points((-0.26, 0.0), (-0.54, -0.19), (-0.45, 0.0), (-0.54, 0.18))
    return [body, tail, points((0.14, -0.17), (-0.1, -0.3), (-0.14, -0.13))]


def turtle() -> list[Points]:
    """A sea turtle, about one and a half units long, middle at (0, 0)."""
    shell = smooth(
        points(
            (0.42, -0.04),
            (0.25, -0.24),
            (-0.1, -0.3),
            (-0.42, -0.1),
            (-0.5, 0.06),
            (-0.1, 0.12),
            (0.3, 0.1),
        ),
        6,
    )
    return [
        shell,
        ellipse((0.58, -0.06), 0.13, 0.085, count=20),
        smooth(points((0.28, 0.04), (0.3, 0.3), (0.1, 0.62), (0.06, 0.3), (0.12, 0.06)), 4),
        smooth(points((0.3, -0.12), (0.36, -0.34), (0.22, -0.56), (0.16, -0.3), (0.14, -0.2)), 4),
        smooth(points((-0.38, 0.04), (-0.6, 0.2), (-0.72, 0.16), (-0.52, 0.0)), 4),
    ]


def jellyfish(rng: Rng) -> list[Points]:
    """A bell and its trailing arms, bell one unit wide, top at (0, -0.5)."""
    bell = smooth(
        points(
            (-0.5, 0.0),
            (-0.46, -0.28),
            (-0.22, -0.48),
            (0, -0.52),
            (0.22, -0.48),
            (0.46, -0.28),
            (0.5, 0.0),
            (0.3, -0.06),
            (0.12, 0.02),
            (-0.12, -0.05),
            (-0.32, 0.01),
        ),
        5,
    )
    arms = []
    t = np.linspace(0, 1, 18)
    for x in np.linspace(-0.36, 0.36, 7):
        sway = 0.1 * np.sin(t * rng.uniform(5, 8) + rng.uniform(0, 6)) * t
        path = np.stack([x * (1 - 0.3 * t) + sway, -0.05 + t * rng.uniform(0.9, 1.6)], axis=1)
        arms.append(ribbon(path, 0.05 * (1 - t) ** 0.7 + 0.004))
    return [bell, *arms]
