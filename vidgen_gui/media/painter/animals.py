"""Outlines of animals, facing right. Those with feet stand on (0, 0); others lie around it."""

import numpy as np

from vidgen_gui.media.painter.geometry import Points, Rng, ellipse, placed, points, ribbon, smooth


def deer(rng: Rng) -> list[Points]:
    """A stag or a doe, antlers included one unit high."""
    body = smooth(
        points(
            (0.445, -0.675),
            (0.37, -0.745),
            (0.315, -0.735),
            (0.245, -0.65),
            (0.14, -0.57),
            (-0.08, -0.545),
            (-0.27, -0.555),
            (-0.335, -0.48),
            (-0.33, -0.36),
            (-0.25, -0.29),
            (-0.1, -0.325),
            (0.08, -0.315),
            (0.17, -0.37),
            (0.22, -0.46),
            (0.29, -0.58),
            (0.39, -0.635),
            (0.44, -0.65),
        ),
        5,
    )
    legs = [
        ribbon(
            smooth(
                points((-0.29, -0.38), (-0.25, -0.27), (-0.325, -0.17), (-0.3, 0)), 3, closed=False
            ),
            [0.13, 0.1, 0.08, 0.06, 0.05, 0.042, 0.036, 0.03, 0.028, 0.034],
        ),
        ribbon(
            points((-0.22, -0.34), (-0.2, -0.25), (-0.255, -0.16), (-0.235, 0)),
            [0.1, 0.055, 0.034, 0.03],
        ),
        ribbon(points((0.15, -0.37), (0.155, -0.18), (0.15, 0)), [0.09, 0.042, 0.03]),
        ribbon(points((0.09, -0.36), (0.06, -0.2), (0.085, 0)), [0.08, 0.04, 0.028]),
    ]
    head = [
        placed(points((0, 0), (-0.035, -0.085), (0.03, -0.02)), (0.315, -0.725), 1.0, turn=-0.4),
        points((-0.325, -0.52), (-0.375, -0.45), (-0.335, -0.43)),
    ]
    antlers: list[Points] = []
    if rng.random() < 0.75:
        for shift in (0.0, 0.045):
            x = 0.335 + shift
            stem = points((x, -0.74), (x - 0.05, -0.84), (x - 0.03, -0.93), (x + 0.02, -1.0))
            antlers.append(ribbon(smooth(stem, 4, closed=False), 0.016))
            for dx, dy, tx, ty in (
                (-0.035, -0.8, 0.045, -0.85),
                (-0.046, -0.87, 0.04, -0.93),
                (-0.04, -0.9, -0.1, -0.96),
            ):
                antlers.append(ribbon(points((x + dx, dy), (x + tx, ty)), [0.014, 0.005]))
    return [body, *legs, *head, *antlers]


def wolf() -> list[Points]:
    """A wolf or dog with its head raised, about one unit high."""
    body = smooth(
        points(
            (0.42, -0.93),
            (0.3, -0.92),
            (0.22, -0.86),
            (0.16, -0.72),
            (0.04, -0.62),
            (-0.2, -0.6),
            (-0.38, -0.58),
            (-0.45, -0.48),
            (-0.4, -0.34),
            (-0.27, -0.34),
            (-0.1, -0.37),
            (0.1, -0.32),
            (0.22, -0.38),
            (0.28, -0.55),
            (0.32, -0.72),
            (0.43, -0.86),
        ),
        5,
    )
    return [
        body,
        points((0.29, -0.9), (0.22, -1.0), (0.2, -0.84)),
        ribbon(
            smooth(points((-0.42, -0.52), (-0.58, -0.4), (-0.6, -0.2)), 5, closed=False),
            np.interp(np.linspace(0, 1, 11), [0, 0.6, 1], [0.08, 0.12, 0.02]),
        ),
        ribbon(
            points((-0.36, -0.44), (-0.3, -0.3), (-0.38, -0.18), (-0.35, 0)),
            [0.18, 0.13, 0.06, 0.06],
        ),
        ribbon(
            points((-0.26, -0.4), (-0.22, -0.28), (-0.28, -0.16), (-0.24, 0)),
            [0.14, 0.09, 0.055, 0.055],
        ),
        ribbon(points((0.19, -0.45), (0.19, -0.2), (0.2, 0)), [0.14, 0.065, 0.06]),
        ribbon(points((0.11, -0.42), (0.09, -0.2), (0.1, 0)), [0.12, 0.06, 0.055]),
    ]


def horse() -> list[Points]:
    """A horse at a trot, about one unit high."""
    body = smooth(
        points(
            (0.56, -0.76),
            (0.5, -0.87),
            (0.42, -0.93),
            (0.33, -0.87),
            (0.22, -0.7),
            (0.1, -0.635),
            (-0.12, -0.62),
            (-0.3, -0.66),
            (-0.42, -0.58),
            (-0.42, -0.44),
            (-0.34, -0.36),
            (-0.15, -0.36),
            (0.08, -0.34),
            (0.22, -0.4),
            (0.29, -0.52),
            (0.37, -0.68),
            (0.46, -0.74),
            (0.53, -0.72),
        ),
        5,
    )
    mane = smooth(
        points(
            (0.42, -0.97),
            (0.34, -0.93),
            (0.22, -0.77),
            (0.08, -0.66),
            (0.13, -0.58),
            (0.25, -0.66),
            (0.37, -0.86),
        ),
        4,
    )
    tail = ribbon(
        smooth(
            points((-0.4, -0.58), (-0.52, -0.56), (-0.62, -0.36), (-0.66, -0.2)), 5, closed=False
        ),
        np.interp(np.linspace(0, 1, 16), [0, 0.5, 1], [0.05, 0.11, 0.01]),
    )
    return [
        body,
        mane,
        tail,
        points((0.42, -0.91), (0.425, -1.0), (0.46, -0.91)),
        *_horse_legs(),
    ]


def _horse_legs() -> list[Points]:
    return [
        ribbon(
            points((-0.36, -0.46), (-0.31, -0.3), (-0.4, -0.17), (-0.46, 0)),
            [0.2, 0.1, 0.055, 0.05],
        ),
        ribbon(
            points((-0.28, -0.44), (-0.18, -0.3), (-0.2, -0.16), (-0.14, 0)),
            [0.16, 0.09, 0.052, 0.05],
        ),
        ribbon(points((0.19, -0.42), (0.24, -0.24), (0.2, 0)), [0.14, 0.06, 0.05]),
        ribbon(points((0.16, -0.42), (0.33, -0.34), (0.31, -0.17)), [0.13, 0.06, 0.045]),
    ]


def cat() -> list[Points]:
    """A cat that sits, one unit high."""
    body = smooth(
        points(
            (0.1, -0.68),
            (0.2, -0.5),
            (0.2, -0.25),
            (0.22, 0),
            (-0.2, 0),
            (-0.3, -0.1),
            (-0.29, -0.3),
            (-0.18, -0.52),
            (-0.08, -0.66),
        ),
        5,
    )
    tail = ribbon(
        smooth(
            points((-0.2, -0.04), (-0.42, -0.03), (-0.52, -0.15), (-0.46, -0.3)), 5, closed=False
        ),
        np.linspace(0.075, 0.05, 16),
    )
    return [
        body,
        tail,
        ellipse((0.06, -0.76), 0.165, 0.145, count=28),
        points((-0.085, -0.8), (-0.075, -1.0), (0.04, -0.88)),
        points((0.205, -0.8), (0.2, -1.0), (0.08, -0.88)),
    ]


def camel() -> list[Points]:
    """A dromedary, one unit high."""
    body = smooth(
        points(
            (0.6, -0.86),
            (0.5, -0.93),
            (0.43, -0.88),
            (0.4, -0.7),
            (0.32, -0.56),
            (0.22, -0.6),
            (0.08, -0.66),
            (-0.03, -0.86),
            (-0.14, -0.7),
            (-0.3, -0.6),
            (-0.36, -0.46),
            (-0.28, -0.38),
            (0.0, -0.36),
            (0.2, -0.38),
            (0.36, -0.42),
            (0.47, -0.55),
            (0.5, -0.77),
            (0.58, -0.81),
        ),
        5,
    )
    legs = [
        ribbon(points((-0.3, -0.45), (-0.29, -0.22), (-0.31, 0)), [0.14, 0.05, 0.045]),
        ribbon(points((-0.22, -0.43), (-0.2, -0.22), (-0.21, 0)), [0.12, 0.05, 0.045]),
        ribbon(points((0.2, -0.43), (0.22, -0.22), (0.2, 0)), [0.11, 0.05, 0.045]),
        ribbon(points((0.27, -0.43), (0.3, -0.22), (0.3, 0)), [0.11, 0.05, 0.045]),
    ]
    return [body, *legs]


def gull(rng: Rng) -> list[Points]:
    """A bird far off, wings about two units across."""
    lift = rng.uniform(0.15, 0.5)
    wing = smooth(
        points(
            (-1, -lift * 0.5),
            (-0.5, -lift),
            (-0.08, -0.02),
            (0.08, -0.02),
            (0.5, -lift),
            (1, -lift * 0.5),
        ),
        6,
        closed=False,
    )
    widths = 0.03 + 0.14 * np.exp(-((np.linspace(-1, 1, len(wing)) / 0.45) ** 2))
    return [ribbon(wing, widths), ellipse((0, 0.02), 0.16, 0.07, count=16)]


def bird() -> list[Points]:
    """A bird of passage near by, wings raised, about two units across."""
    body = smooth(
        points(
            (0.62, -0.1),
            (0.5, -0.17),
            (0.34, -0.14),
            (0.0, -0.16),
            (-0.4, -0.02),
            (-0.7, 0.06),
            (-0.72, 0.14),
            (-0.35, 0.1),
            (0.1, 0.09),
            (0.4, 0.0),
            (0.52, -0.06),
        ),
        5,
    )
    wing = smooth(
        points(
            (0.28, -0.1),
            (0.16, -0.5),
            (-0.12, -0.95),
            (-0.5, -1.2),
            (-0.42, -0.9),
            (-0.52, -0.78),
            (-0.38, -0.62),
            (-0.44, -0.5),
            (-0.28, -0.36),
            (-0.2, -0.05),
        ),
        4,
    )
    far = smooth(
        points(
            (0.3, -0.12),
            (0.42, -0.5),
            (0.36, -0.86),
            (0.16, -1.14),
            (0.14, -0.8),
            (0.06, -0.6),
            (0.02, -0.3),
            (0.1, -0.1),
        ),
        4,
    )
    return [body, wing, far]


def owl() -> list[Points]:
    """An owl on its perch, one unit high."""
    body = smooth(
        points(
            (0.0, -0.88),
            (0.2, -0.87),
            (0.26, -0.74),
            (0.24, -0.6),
            (0.3, -0.4),
            (0.24, -0.14),
            (0.1, 0.0),
            (0.05, 0.14),
            (-0.05, 0.14),
            (-0.1, 0.0),
            (-0.24, -0.14),
            (-0.3, -0.4),
            (-0.24, -0.6),
            (-0.26, -0.74),
            (-0.2, -0.87),
        ),
        4,
    )
    ears = [points((s * 0.25, -0.78), (s * 0.27, -1.0), (s * 0.08, -0.87)) for s in (-1, 1)]
    return [body, *ears]


def butterfly() -> list[Points]:
    """Wings spread, one unit across, body at (0, 0)."""
    upper = smooth(
        points((0.02, -0.02), (0.16, -0.34), (0.46, -0.42), (0.48, -0.14), (0.2, 0.04)), 5
    )
    lower = smooth(points((0.02, 0.02), (0.24, 0.04), (0.36, 0.2), (0.24, 0.38), (0.06, 0.18)), 5)
    mirror = np.array([-1.0, 1.0])
    feelers = [
        ribbon(points((0, -0.14), (s * 0.06, -0.26), (s * 0.13, -0.32)), 0.012) for s in (-1, 1)
    ]
    return [upper, lower, upper * mirror, lower * mirror, ellipse((0, 0.02), 0.022, 0.17), *feelers]


def skein(rng: Rng, count: int) -> list[Points]:
    """The parts of all the birds of a `wedge`."""
    return [part for one in wedge(rng, count) for part in one]


def wedge(rng: Rng, count: int) -> list[list[Points]]:
    """Birds flying in a loose wedge, about four units across, leader at (0, 0); parts of each."""
    made: list[list[Points]] = []
    for index in range(count):
        rank, side = (index + 1) // 2, 1 if index % 2 else -1
        at = -rank * 0.5 + rng.normal(0, 0.1), side * rank * 0.34 + rng.normal(0, 0.1)
        made.append([placed(part, at, 0.16 * rng.uniform(0.85, 1.2)) for part in gull(rng)])
    return made
