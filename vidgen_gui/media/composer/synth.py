"""Pitched sounds as sums of (damped) sine partials; nothing here knows about time or scores.

Everything is one matrix product: with ``z = exp((-d + iω)/fs)`` sample ``r·B + c`` of a partial is
``Im(a · z^(rB) · z^c)``, so a note is rows times columns, and no sample is computed by a loop.
"""

from dataclasses import dataclass
from typing import TypeAlias, TypedDict

import numpy as np
from numpy.typing import NDArray

from vidgen_gui.media.composer.form import SAMPLE_RATE_HZ
from vidgen_gui.media.composer.styles import BassKind, PadKind, Timbre

Samples: TypeAlias = NDArray[np.float32]
Values: TypeAlias = NDArray[np.float64]

_BLOCK = 512
_SERIAL_PRODUCT = 1 << 18
"""Matrix products of at most this many multiplications are not spread over threads by OpenBLAS.

Here threads would mostly wait for each other, and the last bit would depend on their number.
"""
_TOP_HZ = 14_000.0
_LN_60_DB = 6.907755


def partials(
    frames: int, freqs_hz: Values, amps: Values, rates_per_s: Values, phases: Values
) -> Samples:
    """Sum damped sines.

    Args:
        freqs_hz: (K,) frequencies.
        amps: (C, K) amplitudes for each channel.
        rates_per_s: (K,) how fast each dies, 1/s (0 = never).
        phases: (K,) starting phases in radians.

    Returns:
        (C, frames) samples.
    """
    audible = freqs_hz < _TOP_HZ
    together = max(1, _SERIAL_PRODUCT // (_BLOCK * 2 * max(1, int(audible.sum()))))
    rows = -(-frames // (_BLOCK * together)) * together
    omega = (-rates_per_s + 2j * np.pi * freqs_hz)[audible] / SAMPLE_RATE_HZ
    coarse = np.exp(np.outer(np.arange(rows) * _BLOCK, omega) + 1j * phases[audible])
    fine = np.exp(np.outer(omega, np.arange(_BLOCK)))
    fine_parts = np.concatenate([fine.real, fine.imag]).astype(np.float32)
    channels = []
    for channel in amps[:, audible]:
        weighted = coarse * channel
        parts = np.concatenate([weighted.imag, weighted.real], axis=1).astype(np.float32)
        few_rows = parts.reshape(rows // together, together, -1)
        channels.append((few_rows @ fine_parts).reshape(-1)[:frames])
    return np.stack(channels)


def ramp(frames: int) -> Samples:
    """A rising half cosine, 0 → 1, without a corner at either end."""
    return (0.5 - 0.5 * np.cos(np.pi * (np.arange(frames) + 0.5) / max(frames, 1))).astype(
        np.float32
    )


def shape(sound: Samples, attack_s: float, release_s: float) -> Samples:
    """Fade a sound in and out in place; attack and release share what room there is."""
    frames = sound.shape[-1]
    attack = min(round(attack_s * SAMPLE_RATE_HZ), frames // 2)
    release = min(round(release_s * SAMPLE_RATE_HZ), frames - attack)
    if attack:
        sound[..., :attack] *= ramp(attack)
    if release:
        sound[..., frames - release :] *= ramp(release)[::-1]
    return sound


def hertz(midi: float) -> float:
    """Equal temperament, A4 = 440 Hz."""
    return float(440.0 * 2.0 ** ((midi - 69) / 12))


def _lowpass(freqs_hz: Values, cutoff_hz: float, order: float = 1.0) -> Values:
    return np.asarray(1 / np.sqrt(1 + (freqs_hz / cutoff_hz) ** (2 * order)))


@dataclass(frozen=True, slots=True)
class PluckedTimbre:
    """A struck or plucked sound.

    ``ratios`` and ``amps`` are its partials; ``t60_s`` the fundamental's decay at middle C,
    ``damping`` how much faster each further partial dies; ``stiffness`` stretches them (a piano
    string); ``rings`` whether it sounds on after the key is let go.
    """

    ratios: tuple[float, ...]
    amps: tuple[float, ...]
    cutoff_hz: float
    t60_s: float
    damping: float
    attack_s: float
    release_s: float
    stiffness: float = 0.0
    detune_cents: float = 0.0
    rings: bool = False


class _Overtones(TypedDict):
    ratios: tuple[float, ...]
    amps: tuple[float, ...]


def _harmonics(count: int, slope: float, *, odd: bool = False) -> _Overtones:
    numbers = range(1, count * 2, 2) if odd else range(1, count + 1)
    return {"ratios": tuple(map(float, numbers)), "amps": tuple(n**-slope for n in numbers)}


_TIMBRES: dict[Timbre, PluckedTimbre] = {
    "felt": PluckedTimbre(
        **_harmonics(10, 1.25),
        cutoff_hz=900,
        t60_s=4.6,
        damping=0.32,
        attack_s=0.007,
        release_s=0.35,
        stiffness=3.2e-4,
        detune_cents=0.8,
    ),
    "mute": PluckedTimbre(
        **_harmonics(9, 1.1),
        cutoff_hz=900,
        t60_s=0.85,
        damping=0.45,
        attack_s=0.003,
        release_s=0.09,
        detune_cents=2.0,
    ),
    "marimba": PluckedTimbre(
        (1.0, 3.93, 9.2), (1.0, 0.16, 0.02), 2200, 1.1, 1.1, 0.0035, 0.2, rings=True
    ),
    "kalimba": PluckedTimbre(
        (1.0, 2.01, 5.87), (1.0, 0.1, 0.05), 2600, 2.3, 1.3, 0.003, 0.4, rings=True
    ),
    "harp": PluckedTimbre(
        **_harmonics(9, 1.45),
        cutoff_hz=1300,
        t60_s=2.9,
        damping=0.45,
        attack_s=0.003,
        release_s=0.5,
        rings=True,
    ),
    "bell": PluckedTimbre(
        (1.0, 2.0, 2.99, 4.17, 5.43),
        (1.0, 0.28, 0.12, 0.06, 0.025),
        2000,
        3.4,
        0.5,
        0.004,
        0.6,
        rings=True,
    ),
    "saw": PluckedTimbre(
        **_harmonics(16, 1.0),
        cutoff_hz=950,
        t60_s=0.75,
        damping=0.28,
        attack_s=0.003,
        release_s=0.1,
        detune_cents=5.0,
    ),
    "square": PluckedTimbre(
        **_harmonics(9, 1.05, odd=True),
        cutoff_hz=1050,
        t60_s=0.65,
        damping=0.2,
        attack_s=0.003,
        release_s=0.1,
        detune_cents=4.0,
    ),
    "glass": PluckedTimbre(
        (1.0, 2.0, 3.0, 5.0, 7.0), (1.0, 0.3, 0.2, 0.08, 0.05), 2400, 1.5, 0.7, 0.003, 0.3
    ),
    "soft": PluckedTimbre(
        (1.0, 2.0, 3.0), (1.0, 0.22, 0.06), 1800, 7.0, 0.3, 0.07, 0.35, detune_cents=3.0
    ),
}


def plucked(timbre: Timbre, midi: int, length_s: float, brightness: int) -> Samples:
    """One note, (frames,), peak about 1 at middle C; lower notes decay more slowly."""
    kind = _TIMBRES[timbre]
    freq = hertz(midi)
    order = np.asarray(kind.ratios)
    freqs = freq * order * np.sqrt(1 + kind.stiffness * order**2)
    amps = np.asarray(kind.amps) * _lowpass(freqs, kind.cutoff_hz * 1.45 ** (brightness - 1))
    t60 = kind.t60_s * (261.6 / freq) ** 0.45
    rates = _LN_60_DB / t60 * (1 + kind.damping * np.arange(len(order)))
    sounding_s = t60 * 0.9 if kind.rings else min(length_s, t60 * 0.9)
    frames = round((sounding_s + kind.release_s) * SAMPLE_RATE_HZ)
    if kind.detune_cents:
        spread = 2 ** (kind.detune_cents / 1200)
        freqs = np.concatenate([freqs, freqs * spread])
        amps = np.concatenate([amps * 0.6, amps * 0.4])
        rates = np.concatenate([rates, rates * 0.8])
    amps = amps / np.sum(amps) * min(1.2, (261.6 / freq) ** 0.2)
    sound = partials(frames, freqs, amps[None, :], rates, np.zeros(len(freqs)))
    return shape(sound[0], kind.attack_s, kind.release_s)


@dataclass(frozen=True, slots=True)
class _PadTimbre:
    harmonics: int
    slope: float
    cutoff_hz: float
    attack_s: float
    release_s: float
    detune_cents: float
    odd_only: bool = False


_PADS: dict[PadKind, _PadTimbre] = {
    "warm": _PadTimbre(12, 1.15, 800, 0.5, 1.1, 6.0),
    "strings": _PadTimbre(16, 1.0, 1100, 0.7, 1.2, 9.0),
    "airy": _PadTimbre(12, 1.35, 1300, 1.1, 1.8, 7.0),
    "analog": _PadTimbre(20, 1.0, 1000, 0.35, 0.9, 11.0),
}
_GOLDEN = 2.399963


def pad(kind: PadKind, midi: int, length_s: float, brightness: int, pan: float) -> Samples:
    """One held note, (2, frames), three detuned voices spread over the stereo field.

    It rises within the attack and sounds ``release_s`` beyond ``length_s``, so that chords
    overlap; the upper partials swell in later than the lower.
    """
    timbre = _PADS[kind]
    freq = hertz(midi)
    number = np.arange(1, timbre.harmonics + 1, dtype=float)
    voices = np.array([-1.0, 0.13, 0.9])
    spread = 2 ** (voices * timbre.detune_cents / 1200)
    freqs = (freq * spread[:, None] * number).ravel()
    cutoff = timbre.cutoff_hz * 1.5 ** (brightness - 1)
    tone = number**-timbre.slope * _lowpass(freq * number, cutoff, 1.2)
    places = np.clip(pan + np.array([-0.55, 0.0, 0.55]), -1, 1)
    angle = (places + 1) * np.pi / 4
    gains = np.stack([np.cos(angle), np.sin(angle)])
    weights = np.array([0.8, 1.2, 0.8])[:, None]
    amps = (gains[:, :, None] * weights * tone / np.sum(tone)).reshape(2, -1) / 3
    phases: Values = _GOLDEN * np.arange(freqs.size, dtype=np.float64) + midi
    frames = round((length_s + timbre.release_s) * SAMPLE_RATE_HZ)
    upper = np.tile(number > 3, 3)
    still = np.zeros(freqs.size)
    low = partials(frames, freqs, amps * ~upper, still, phases)
    high = partials(frames, freqs[upper], amps[:, upper], still[upper], phases[upper])
    swell = min(round(length_s * 0.7 * SAMPLE_RATE_HZ), frames)
    high[:, :swell] *= 0.35 + 0.65 * ramp(swell)
    return shape(low + high, min(timbre.attack_s, length_s * 0.4), timbre.release_s)


def bass(kind: BassKind, midi: int, length_s: float, brightness: int) -> Samples:
    """One bass note, (frames,); its overtones let small loudspeakers tell its pitch."""
    freq = hertz(midi)
    number = np.arange(1, 9, dtype=float)
    slope, cutoff, t60, attack = {
        "round": (1.3, 300.0, 3.2, 0.012),
        "sub": (1.9, 260.0, 7.0, 0.05),
        "pulse": (1.0, 420.0, 1.6, 0.006),
    }[kind]
    amps = number**-slope * _lowpass(freq * number, cutoff * 1.3 ** (brightness - 1), 1.5)
    rates = _LN_60_DB / t60 * (1 + 0.35 * (number - 1))
    release_s = 0.12 if kind != "sub" else 0.4
    frames = round((length_s + release_s) * SAMPLE_RATE_HZ)
    amps = amps / np.sum(amps)
    sound = partials(frames, freq * number, amps[None, :], rates, np.zeros(8))
    return shape(sound[0], attack, release_s)
