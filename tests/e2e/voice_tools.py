"""What the tests of the voice share: reading its sound, finding onsets, running steps."""

import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Spoken:
    """A request's result and its sound: mono floats."""

    words: list[tuple[str, float, float]]
    duration_s: float
    spoken: bool
    samples: np.ndarray
    rate_hz: int
    progress: list[float]


def read_wav(path: Path) -> tuple[np.ndarray, int]:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        data = file.readframes(file.getnframes())
        return np.frombuffer(data, "<i2") / 32768, file.getframerate()


def levels_db(spoken: Spoken, step_s: float = 0.005) -> np.ndarray:
    step = round(spoken.rate_hz * step_s)
    whole = len(spoken.samples) // step * step
    power = (spoken.samples[:whole].reshape(-1, step) ** 2).mean(axis=1)
    return 10 * np.log10(power + 1e-10)


def heard_onsets_s(spoken: Spoken) -> np.ndarray:
    """Where sound begins after at least 50 ms of quiet."""
    levels = levels_db(spoken)
    loud = levels > levels.max() - 38
    quiet = 100
    onsets = []
    for index, is_loud in enumerate(loud):
        if is_loud and quiet >= 10:
            onsets.append(index * 0.005)
        quiet = 0 if is_loud else quiet + 1
    return np.array(onsets)


def check_order(words: list[tuple[str, float, float]], text: str, duration_s: float) -> None:
    assert [word for word, _, _ in words] == text.split()
    edges = [edge for _, start_s, end_s in words for edge in (start_s, end_s)]
    assert edges == sorted(edges)
    assert edges[0] >= 0
    assert edges[-1] <= duration_s + 1e-6


def finish(steps: Any) -> Any:
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value
