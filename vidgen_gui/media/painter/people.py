"""Outlines of people: joints by pose, limbs as tapered ribbons. One unit tall, feet at (0, 0)."""

from types import MappingProxyType

import numpy as np

from vidgen_gui.media.painter.geometry import Points, Rng, ellipse, placed, points, ribbon, smooth

Joint = tuple[float, float]

# head, neck, hip, then left and right: elbow, hand, knee, foot. Facing +x.
POSES = MappingProxyType(
    {
        "stand": (
            (0, -0.92),
            (0, -0.83),
            (0, -0.5),
            (-0.14, -0.63),
            (-0.135, -0.45),
            (0.14, -0.63),
            (0.135, -0.45),
            (-0.055, -0.26),
            (-0.065, 0),
            (0.055, -0.26),
            (0.065, 0),
        ),
        "walk": (
            (0.025, -0.92),
            (0.015, -0.83),
            (-0.005, -0.5),
            (-0.125, -0.64),
            (-0.13, -0.47),
            (0.12, -0.64),
            (0.17, -0.5),
            (-0.045, -0.26),
            (-0.175, -0.015),
            (0.085, -0.27),
            (0.13, 0),
        ),
        "run": (
            (0.11, -0.9),
            (0.08, -0.81),
            (-0.02, -0.51),
            (-0.1, -0.68),
            (-0.2, -0.6),
            (0.2, -0.66),
            (0.27, -0.79),
            (-0.12, -0.3),
            (-0.33, -0.24),
            (0.16, -0.36),
            (0.14, -0.04),
        ),
        "raise": (
            (0, -0.9),
            (0, -0.81),
            (0, -0.49),
            (-0.19, -0.92),
            (-0.24, -1.12),
            (0.19, -0.92),
            (0.24, -1.12),
            (-0.085, -0.25),
            (-0.12, 0),
            (0.085, -0.25),
            (0.12, 0),
        ),
        "open": (
            (0, -0.92),
            (0, -0.83),
            (0, -0.5),
            (-0.2, -0.7),
            (-0.36, -0.72),
            (0.2, -0.7),
            (0.36, -0.72),
            (-0.055, -0.26),
            (-0.075, 0),
            (0.055, -0.26),
            (0.075, 0),
        ),
        "sit": (
            (-0.005, -0.465),
            (-0.02, -0.375),
            (-0.06, -0.03),
            (0.055, -0.225),
            (0.165, -0.225),
            (0.085, -0.23),
            (0.185, -0.22),
            (0.17, -0.27),
            (0.27, 0),
            (0.19, -0.25),
            (0.3, 0),
        ),
        "lotus": (
            (0, -0.55),
            (0, -0.46),
            (0, -0.12),
            (-0.15, -0.27),
            (-0.21, -0.11),
            (0.15, -0.27),
            (0.21, -0.11),
            (-0.25, -0.07),
            (0.08, -0.03),
            (0.25, -0.07),
            (-0.08, -0.03),
        ),
        "bench": (
            (-0.02, -0.8),
            (-0.03, -0.71),
            (-0.08, -0.38),
            (0.02, -0.54),
            (0.11, -0.44),
            (0.04, -0.54),
            (0.13, -0.44),
            (0.15, -0.38),
            (0.16, -0.02),
            (0.17, -0.37),
            (0.2, 0),
        ),
        "reach": (
            (0.0, -0.92),
            (0, -0.83),
            (0, -0.5),
            (-0.14, -0.63),
            (-0.13, -0.45),
            (0.17, -0.88),
            (0.28, -1.06),
            (-0.055, -0.26),
            (-0.065, 0),
            (0.055, -0.26),
            (0.065, 0),
        ),
        "climb": (
            (0.08, -0.93),
            (0.05, -0.84),
            (-0.03, -0.52),
            (-0.08, -0.66),
            (-0.02, -0.5),
            (0.2, -0.74),
            (0.26, -0.58),
            (-0.06, -0.27),
            (-0.15, 0),
            (0.16, -0.43),
            (0.17, -0.13),
        ),
    }
)


def _limb(a: Joint, b: Joint, c: Joint, widths: tuple[float, float, float]) -> Points:
    path = smooth(points(a, b, c), 4, closed=False)
    return ribbon(path, np.interp(np.linspace(0, 1, len(path)), [0, 0.5, 1], widths))


def figure(pose: str = "stand", *, dress: str = "", pack: bool = False) -> list[Points]:
    """A person's parts in this pose; ``dress`` is "", "coat" or "skirt"."""
    head, neck, hip, le, lh, re, rh, lk, lf, rk, rf = POSES[pose]
    across = np.array([0.108, 0.0])
    neck_at, hip_at = np.array(neck), np.array(hip)
    if pose in {"walk", "run", "climb", "bench", "sit"}:
        across = across * 0.62
    ls, rs = neck_at - across + np.array((0, 0.035)), neck_at + across + np.array((0, 0.035))
    lh_at, rh_at = hip_at - across * 0.58, hip_at + across * 0.58
    torso = smooth(
        np.array(
            [
                neck_at + np.array((-0.03, -0.02)),
                neck_at + np.array((0.03, -0.02)),
                rs + np.array((0.012, -0.008)),
                (rs + rh_at) / 2 + across * 0.04,
                rh_at + np.array((0.012, 0.03)),
                lh_at + np.array((-0.012, 0.03)),
                (ls + lh_at) / 2 - across * 0.04,
                ls + np.array((-0.012, -0.008)),
            ]
        ),
        4,
    )
    parts = [
        torso,
        ellipse(head, 0.058, 0.072, count=22),
        ribbon(points(neck, ((neck[0] + head[0]) / 2, (neck[1] + head[1]) / 2)), 0.055),
        _limb((ls[0], ls[1]), le, lh, (0.062, 0.05, 0.034)),
        _limb((rs[0], rs[1]), re, rh, (0.062, 0.05, 0.034)),
        _limb((lh_at[0] * 0.7 + hip[0] * 0.3, lh_at[1]), lk, lf, (0.088, 0.07, 0.044)),
        _limb((rh_at[0] * 0.7 + hip[0] * 0.3, rh_at[1]), rk, rf, (0.088, 0.07, 0.044)),
        ellipse(lh, 0.02, 0.024, count=12),
        ellipse(rh, 0.02, 0.024, count=12),
        ribbon(points(lf, (lf[0] + 0.05, lf[1] + 0.003)), [0.045, 0.024]),
        ribbon(points(rf, (rf[0] + 0.05, rf[1] + 0.003)), [0.045, 0.024]),
    ]
    return parts + _extras(neck_at, hip_at, dress, pack=pack)


def _extras(
    neck: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    hip: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    dress: str,
    *,
    pack: bool,
) -> list[Points]:
    parts: list[Points] = []
    if dress == "coat":
        parts.append(
            np.array(
                [
                    neck + np.array((-0.105, 0.02)),
                    neck + np.array((0.105, 0.02)),
                    hip + np.array((0.13, 0.17)),
                    hip + np.array((-0.13, 0.17)),
                ]
            )
        )
    elif dress == "skirt":
        parts.append(
            np.array(
                [
                    hip + np.array((-0.075, -0.07)),
                    hip + np.array((0.075, -0.07)),
                    hip + np.array((0.155, 0.24)),
                    hip + np.array((-0.155, 0.24)),
                ]
            )
        )
    if pack:
        parts.append(
            smooth(
                np.array(
                    [
                        neck + np.array((-0.035, 0.0)),
                        neck + np.array((-0.17, 0.03)),
                        neck + np.array((-0.185, 0.24)),
                        neck + np.array((-0.05, 0.29)),
                    ]
                ),
                4,
            )
        )
    return parts


def umbrella_person() -> list[Points]:
    """Someone under an open umbrella."""
    parts = figure("stand", dress="coat")[:]
    angle = np.linspace(np.pi, 2 * np.pi, 25)
    dome = np.stack([0.03 + 0.36 * np.cos(angle), -1.02 + 0.25 * np.sin(angle)], axis=1)
    scallops = []
    for k in range(4):
        mid = 0.03 + 0.36 - 0.18 * (k + 0.5)
        scallops += [(mid + 0.05, -1.045), (mid - 0.05, -1.045), (mid - 0.09, -1.02)]
    parts += [
        np.vstack([dome, scallops]),
        ribbon(points((0.03, -1.3), (0.03, -1.02), (0.09, -0.6)), 0.014),
        ribbon(points((0.1, -0.77), (0.15, -0.66), (0.09, -0.62)), 0.045),
    ]
    return parts


def group(rng: Rng, kinds: tuple[tuple[str, float, float], ...]) -> list[Points]:
    """Several people: (pose, x, height) each; clothes by chance."""
    parts: list[Points] = []
    for pose, x, height in kinds:
        dress = str(rng.choice(["", "coat", "skirt"])) if height > 0.6 else ""
        parts += [placed(part, (x, 0.0), height) for part in figure(pose, dress=dress)]
    return parts


def pair(rng: Rng) -> list[Points]:
    """Two people hand in hand."""
    parts = group(rng, (("stand", -0.21, 1.0), ("stand", 0.21, 0.93)))
    return [*parts, ribbon(points((-0.075, -0.45), (0.0, -0.405), (0.085, -0.42)), 0.034)]


def family(rng: Rng) -> list[Points]:
    """Two grown-ups with a child between them."""
    parts = group(rng, (("stand", -0.27, 1.0), ("stand", 0.0, 0.55), ("stand", 0.26, 0.93)))
    arms = (
        ribbon(points((-0.14, -0.45), (-0.1, -0.4), (-0.06, -0.33)), 0.034),
        ribbon(points((0.14, -0.43), (0.1, -0.39), (0.06, -0.33)), 0.034),
    )
    return [*parts, *arms]
