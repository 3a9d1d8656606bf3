"""Colours as the painter mixes them: sRGB triples of 0…1, mixed in OKLab.

OKLab: Björn Ottosson, "A perceptual color space for image processing" (2020).
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from vidgen_gui.media.painter.geometry import Floats

Rgb: TypeAlias = tuple[float, float, float]

_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_FROM_LMS = np.linalg.inv(_TO_LMS)
_FROM_LAB = np.linalg.inv(_TO_LAB)


def parse_hex(text: str) -> Rgb:
    value = int(text.removeprefix("#"), 16)
    return (value >> 16) / 255, (value >> 8 & 255) / 255, (value & 255) / 255


def _to_lab(rgb: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((np.maximum(rgb, 0) + 0.055) / 1.055) ** 2.4)
    lab: npt.NDArray[np.float64] = np.cbrt(linear @ _TO_LMS.T) @ _TO_LAB.T
    return lab


def _from_lab(lab: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    linear = np.clip(((lab @ _FROM_LAB.T) ** 3) @ _FROM_LMS.T, 0, 1)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


def _triple(values: npt.NDArray[np.float64]) -> Rgb:
    return float(values[0]), float(values[1]), float(values[2])


def mix(first: Rgb, second: Rgb, amount: float) -> Rgb:
    """``amount`` 0 is the first colour, 1 the second."""
    a, b = _to_lab(np.array(first)), _to_lab(np.array(second))
    return _triple(_from_lab(a + (b - a) * amount))


def shift(colour: Rgb, *, light: float = 0.0, chroma: float = 1.0, turn: float = 0.0) -> Rgb:
    """Lighter by ``light`` (OKLab L), ``chroma`` times as colourful, hue turned (radians)."""
    lab = _to_lab(np.array(colour))
    cos, sin = np.cos(turn) * chroma, np.sin(turn) * chroma
    level = float(np.clip(lab[0] + light, 0, 1))
    return _triple(
        _from_lab(np.array([level, lab[1] * cos - lab[2] * sin, lab[1] * sin + lab[2] * cos]))
    )


def oklab(colour: Rgb) -> npt.NDArray[np.float64]:
    """The colour in OKLab: L (0…1), a, b; shape (3,)."""
    return _to_lab(np.array(colour))


def lightness(colour: Rgb) -> float:
    """OKLab L, 0 black … 1 white."""
    return float(_to_lab(np.array(colour))[0])


def gradient(stops: Sequence[tuple[float, Rgb]], at: npt.NDArray[np.float64]) -> Floats:
    """Colours at the positions ``at`` of a gradient through ``stops``; shape (n, 3)."""
    places = np.array([place for place, _ in stops])
    labs = _to_lab(np.array([colour for _, colour in stops]))
    lab = np.stack([np.interp(at, places, labs[:, channel]) for channel in range(3)], axis=1)
    return _from_lab(lab).astype(np.float32)
