"""Unpitched sounds: soft drums, shakers, swells, wind and water, as mono samples."""

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from vidgen_gui.media.composer.form import SAMPLE_RATE_HZ, smooth_length
from vidgen_gui.media.composer.score import Hit
from vidgen_gui.media.composer.synth import Samples, partials, shape

Noise: TypeAlias = NDArray[np.float32]
_GUST_NOISE_FRAMES = 1 << 18


def band_noise(
    frames: int,
    low_hz: float,
    high_hz: float,
    seed: int,
    *,
    tilt: float = 0.0,
    steepness: int = 16,
) -> Noise:
    """Noise between two frequencies, RMS 1, periodic in ``frames``.

    ``tilt`` is the slope in powers of frequency (−0.5 is pink), ``steepness`` how sharply the
    noise ends above ``high_hz``.
    """
    random = np.random.default_rng(seed)
    freqs = np.fft.rfftfreq(frames, 1 / SAMPLE_RATE_HZ)
    edge = 1 / (1 + (low_hz / np.maximum(freqs, 1)) ** 6) / (1 + (freqs / high_hz) ** steepness)
    magnitude = edge * np.maximum(freqs, 20.0) ** tilt
    phases = random.random(freqs.size, dtype=np.float32) * np.float32(2 * np.pi)
    spectrum = (magnitude * np.exp(1j * phases)).astype(np.complex64)
    spectrum[0] = 0
    noise = np.fft.irfft(spectrum, frames).astype(np.float32)
    return np.asarray(noise / np.sqrt(np.mean(noise**2)), dtype=np.float32)


def _seconds(length_s: float) -> NDArray[np.float32]:
    return (np.arange(round(length_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ).astype(np.float32)


def _drum(start_hz: float, end_hz: float, sweep_s: float, t60_s: float, length_s: float) -> Samples:
    """A membrane: a sine that falls from one pitch to another while it dies."""
    t = _seconds(length_s).astype(np.float64)
    phase = 2 * np.pi * (end_hz * t + (start_hz - end_hz) * sweep_s * (1 - np.exp(-t / sweep_s)))
    body = np.sin(phase) * np.exp(-6.9 * t / t60_s)
    return shape(body.astype(np.float32), 0.003, 0.06)


def _burst(
    band_hz: tuple[float, float], length_s: float, attack_s: float, t60_s: float, seed: int
) -> Samples:
    t = _seconds(length_s)
    noise = band_noise(smooth_length(t.size), *band_hz, seed)[: t.size]
    return shape(noise * np.exp(-6.9 * t / t60_s) * np.float32(0.3), attack_s, length_s * 0.3)


def _tom() -> Samples:
    t = _seconds(0.7)
    freqs = np.array([82.0, 131.0, 176.0])
    body = partials(
        t.size,
        freqs,
        np.array([[0.7, 0.25, 0.1]]),
        np.array([9.0, 16.0, 22.0]),
        np.zeros(3),
    )[0]
    skin = _burst((150, 700), 0.7, 0.002, 0.12, 11) * np.float32(0.25)
    return shape(body + skin[: t.size], 0.004, 0.15)


def _clap() -> Samples:
    """Three quick soft bursts and a tail, below and above the voice's own consonants."""
    sound = np.zeros(round(0.3 * SAMPLE_RATE_HZ), dtype=np.float32)
    for order, late_s in enumerate((0.0, 0.011, 0.023)):
        burst = _burst((900, 1900), 0.22, 0.0015, 0.16 if order == 2 else 0.03, 20 + order)
        start = round(late_s * SAMPLE_RATE_HZ)
        sound[start : start + burst.size] += burst * np.float32(0.6)
    return shape(sound, 0.001, 0.08)


def _wood() -> Samples:
    frames = round(0.16 * SAMPLE_RATE_HZ)
    freqs = np.array([640.0, 1010.0])
    tones = partials(frames, freqs, np.array([[0.7, 0.25]]), np.array([42.0, 70.0]), np.zeros(2))[0]
    return shape(tones, 0.002, 0.04)


def _drop(variant: int) -> Samples:
    """A water drop: a short tone that bends upwards."""
    t = _seconds(0.09).astype(np.float64)
    start_hz = (520, 610, 700, 790, 880, 960)[variant % 6]
    phase = 2 * np.pi * (start_hz * t + 0.5 * start_hz * 4.0 * t**2)
    body = np.sin(phase) * np.exp(-45 * t)
    return shape((body * 0.5).astype(np.float32), 0.004, 0.03)


_DRUMS: dict[str, Callable[[], Samples]] = {
    "kick": partial(_drum, 130.0, 48.0, 0.028, 0.34, 0.36),
    "boom": partial(_drum, 78.0, 41.0, 0.05, 0.9, 0.9),
    "tom": _tom,
    "clap": _clap,
    "snap": partial(_burst, (1100.0, 2300.0), 0.16, 0.0015, 0.09, 31),
    "wood": _wood,
}


_NOISES = {
    "gust": (170.0, 560.0, -0.6, 5),
    "breeze": (4800.0, 9500.0, -0.5, 16),
    "stream": (420.0, 900.0, -0.5, 4),
    "swell": (4200.0, 11_000.0, -0.5, 16),
}


class Percussion:
    """Makes each sound once and hands it out again; holds a few megabytes at most."""

    def __init__(self) -> None:
        self._sounds: dict[tuple[str, int], Samples] = {}

    def sound(self, hit: Hit) -> Samples:
        """The mono samples of one hit at velocity 1."""
        if hit.sound in _NOISES:
            return self._windowed(hit)
        variant = hit.variant if hit.sound in {"shaker", "hat", "drop"} else 0
        key = (hit.sound, variant)
        if key not in self._sounds:
            self._sounds[key] = self._make(hit.sound, variant)
        return self._sounds[key]

    def _make(self, name: str, variant: int) -> Samples:
        if name == "shaker":
            return _burst((5200, 10_500), 0.09, 0.014, 0.11, 40 + variant)
        if name == "hat":
            t60_s = 0.07 if variant else 0.12
            return _burst((7000, 12_000), 0.12, 0.002, t60_s, 50 + variant)
        if name == "drop":
            return _drop(variant)
        return _DRUMS[name]()

    def _noise(self, name: str) -> Samples:
        key = (name, -1)
        if key not in self._sounds:
            low, high, tilt, steepness = _NOISES[name]
            self._sounds[key] = band_noise(
                _GUST_NOISE_FRAMES, low, high, 60, tilt=tilt, steepness=steepness
            )
        return self._sounds[key]

    def _windowed(self, hit: Hit) -> Samples:
        """A stretch of noise that comes and goes (or, for a swell, grows and stops short)."""
        noise = self._noise(hit.sound)
        frames = min(round(hit.length_s * SAMPLE_RATE_HZ), noise.size)
        start = (hit.variant * 7919 * 13) % (noise.size - frames + 1)
        piece = noise[start : start + frames] * np.float32(0.3)
        if hit.sound == "swell":
            rise: Samples = ((np.arange(frames) / frames) ** 3).astype(np.float32)
            return shape(piece * rise, 0.05, 0.09)
        half = frames // 2
        return shape(piece, half / SAMPLE_RATE_HZ, (frames - half) / SAMPLE_RATE_HZ)
