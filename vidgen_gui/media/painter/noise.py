"""Seeded randomness: independent streams for each layer, and smooth noise in 1 and 2 dimensions.

All of it is made on lattices in units, so it doesn't depend on the picture's size in pixels.
"""

import hashlib

import cv2
import numpy as np
import numpy.typing as npt

from vidgen_gui.media.painter.geometry import Floats, Frame, Rng

FIELD_CELLS = 280
"""Cells of a field along one unit."""


def stream(*parts: object) -> Rng:
    """A generator that depends on all ``parts`` and on nothing else."""
    text = "\x1f".join(str(part) for part in parts)
    digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "big")))


def field_shape(frame: Frame, cells: int = FIELD_CELLS) -> tuple[int, int]:
    return max(2, round(frame.height * cells)), max(2, round(frame.width * cells))


def noise_1d(
    rng: Rng, xs: npt.NDArray[np.float64], frequency: float, octaves: int = 4, gain: float = 0.5
) -> npt.NDArray[np.float64]:
    """Fractal value noise along ``xs`` (units), about −1…1, ``frequency`` bumps a unit."""
    total = np.zeros_like(xs)
    amplitude, weight = 1.0, 0.0
    low = float(xs.min())
    for _ in range(octaves):
        lattice = rng.uniform(-1, 1, int((float(xs.max()) - low) * frequency) + 4)
        position = (xs - low) * frequency + 1
        cell = np.clip(position.astype(int), 0, len(lattice) - 2)
        t = position - cell
        t = t * t * (3 - 2 * t)
        total += amplitude * (lattice[cell] * (1 - t) + lattice[cell + 1] * t)
        weight += amplitude
        amplitude *= gain
        frequency *= 2.03
    return total / weight


def noise_2d(
    rng: Rng,
    frame: Frame,
    frequency: tuple[float, float],
    octaves: int = 4,
    *,
    gain: float = 0.5,
    cells: int = FIELD_CELLS,
) -> Floats:
    """Fractal value noise over the frame, about −1…1, with ``frequency`` (x, y) bumps a unit."""
    rows, cols = field_shape(frame, cells)
    total = np.zeros((rows, cols), np.float32)
    amplitude, weight = 1.0, 0.0
    fx, fy = frequency
    for _ in range(octaves):
        shape = int(frame.height * fy) + 5, int(frame.width * fx) + 5
        lattice = rng.uniform(-1, 1, shape).astype(np.float32)
        shift = rng.uniform(0, 1, 2)
        to_lattice = np.array(
            [
                [frame.width * fx / cols, 0, 1 + shift[0]],
                [0, frame.height * fy / rows, 1 + shift[1]],
            ]
        )
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        total += amplitude * cv2.warpAffine(
            lattice, to_lattice, (cols, rows), flags=flags, borderMode=cv2.BORDER_REFLECT
        )
        weight += amplitude
        amplitude *= gain
        fx, fy = fx * 2.03, fy * 2.03
    return np.asarray(total * (1.35 / weight), dtype=np.float32)


def smoothstep(low: float, high: float, values: Floats) -> Floats:
    """0 below ``low``, 1 above ``high``, an S between (``high < low`` turns it round)."""
    t = np.clip((values - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)
