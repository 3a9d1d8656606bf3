"""How the music gives way to the voice: a gain over time, made from where somebody speaks."""

import itertools
import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vidgen_gui.system.files import storage_errors

CURVE_RATE_HZ = 1000
DEPTH_DB = 8.0
"""How far the music goes down; in a long pause it stands this much higher."""
DOWN_S = 0.22
"""The way down, which ends before the first word begins."""
UP_S = 0.3
AHEAD_S = 0.04
HOLD_S = 0.06
FULL_LIFT_PAUSE_S = 1.1
NO_LIFT_PAUSE_S = 0.3


def duck_curve(spans_s: Sequence[tuple[float, float]], duration_s: float) -> NDArray[np.float64]:
    """The gain (0…1) of the music, `CURVE_RATE_HZ` values a second.

    It is down while somebody speaks; in a pause it comes up as far as the pause is long, so that
    music doesn't pump between sentences. All ramps are half cosines in dB.

    Args:
        spans_s: stretches of speech, rising, not overlapping.
    """
    decibels = np.zeros(round(duration_s * CURVE_RATE_HZ) + 1)
    times = np.arange(decibels.size) / CURVE_RATE_HZ
    for first, last in np.searchsorted(times, np.reshape(spans_s, (-1, 2))):
        decibels[first:last] = -DEPTH_DB
    if spans_s:
        _shape_pause(decibels, 0.0, spans_s[0][0], falls=True)
        for (_, end), (begin, _) in itertools.pairwise(spans_s):
            _shape_pause(decibels, end, begin, rises=True, falls=True)
        _shape_pause(decibels, spans_s[-1][1], duration_s, rises=True)
    return np.asarray(10 ** (decibels / 20))


def lift(pause_s: float) -> float:
    """How far the music comes up in a pause: 0 (not at all) … 1 (to its full level)."""
    place = (pause_s - NO_LIFT_PAUSE_S) / (FULL_LIFT_PAUSE_S - NO_LIFT_PAUSE_S)
    place = min(1.0, max(0.0, place))
    return place * place * (3 - 2 * place)


def _shape_pause(
    decibels: NDArray[np.float64],
    begin_s: float,
    end_s: float,
    *,
    rises: bool = False,
    falls: bool = False,
) -> None:
    """Fill one pause in place. At the video's start and end it is as good as endless."""
    first = max(0, round(begin_s * CURVE_RATE_HZ))
    last = min(decibels.size, round(end_s * CURVE_RATE_HZ))
    count = last - first
    if count <= 0:
        return
    height = lift(count / CURVE_RATE_HZ) if rises and falls else 1.0
    shape = np.ones(count)
    if rises:
        shape = np.minimum(shape, _ramp(count, HOLD_S, UP_S))
    if falls:
        shape = np.minimum(shape, _ramp(count, AHEAD_S, DOWN_S)[::-1])
    decibels[first:last] = -DEPTH_DB * (1 - height * shape)


def _ramp(count: int, delay_s: float, length_s: float) -> NDArray[np.float64]:
    place = (np.arange(count) / CURVE_RATE_HZ - delay_s) / length_s
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * np.clip(place, 0, 1)))


def write_curve(path: Path, curve: NDArray[np.float64]) -> None:
    """Write a gain curve as a mono 16-bit WAV, its last value held for two seconds more.

    Raises:
        StorageError: the file cannot be written.
    """
    held = np.concatenate([curve, np.full(2 * CURVE_RATE_HZ, curve[-1])])
    with storage_errors(path), path.open("wb") as file, wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(CURVE_RATE_HZ)
        out.writeframes(np.rint(held * 32767).astype("<i2").tobytes())
