"""Making test sounds and judging finished ones, independently of what the app measures with."""

import subprocess
import wave
from pathlib import Path

import numpy as np

RATE = 48_000


def write_wav(path: Path, samples: np.ndarray, rate_hz: int) -> Path:
    """Write mono (n,) or stereo (2, n) floats as 16 bit."""
    pcm = np.rint(np.clip(samples, -1, 1) * 32767).astype("<i2")
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1 if pcm.ndim == 1 else 2)
        out.setsampwidth(2)
        out.setframerate(rate_hz)
        out.writeframes(pcm.T.tobytes() if pcm.ndim == 2 else pcm.tobytes())
    return path


def speech(length_s: float, rate_hz: int = 22_050, peak: float = 0.7, seed: int = 0) -> np.ndarray:
    """Something with speech's spectrum, syllables and crest factor."""
    random = np.random.default_rng(seed)
    n = round(length_s * rate_hz)
    t = np.arange(n) / rate_hz
    buzz = sum(
        np.sin(2 * np.pi * 115 * k * t + k) / (1 + (115 * k / 600) ** 2) for k in range(1, 30)
    )
    breath = np.diff(random.standard_normal(n + 1)) * 0.15
    syllables = np.clip(np.sin(2 * np.pi * 4.3 * t + random.uniform(0, 6)) + 0.55, 0, None) ** 1.5
    sound = (buzz + breath) * syllables * (1 + 0.4 * np.sin(2 * np.pi * 0.7 * t))
    edge = min(n // 4, rate_hz // 50)
    sound[:edge] *= np.linspace(0, 1, edge)
    sound[n - edge :] *= np.linspace(1, 0, edge)
    return sound / np.abs(sound).max() * peak


def chord(length_s: float, peak: float = 0.5) -> np.ndarray:
    """Steady stereo music, (2, n) at 48 kHz."""
    t = np.arange(round(length_s * RATE)) / RATE
    left = sum(np.sin(2 * np.pi * f * t) for f in (196.0, 247.0, 294.0))
    right = sum(np.sin(2 * np.pi * f * t + 1) for f in (196.0, 247.0, 294.0))
    return np.stack([left, right]) / 3 * peak


def decode(ffmpeg: Path, path: Path) -> np.ndarray:
    """The first sound of a file as a player would hear it: (2, n) floats at 48 kHz."""
    command = [str(ffmpeg), "-v", "error", "-i", str(path), "-map", "0:a:0"]
    raw = subprocess.run(
        [*command, "-ac", "2", "-ar", str(RATE), "-f", "f32le", "-"],
        check=True,
        capture_output=True,
    ).stdout
    return np.frombuffer(raw, "<f4").reshape(-1, 2).T.astype(np.float64)


def _k_weighting(freqs: np.ndarray) -> np.ndarray:
    """|H|² of BS.1770's two filters at 48 kHz (coefficients from its tables 1 and 2)."""
    z = np.exp(-2j * np.pi * freqs / RATE)
    shelf = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z**2) / (
        1 - 1.69065929318241 * z + 0.73248077421585 * z**2
    )
    high = (1 - 2 * z + z**2) / (1 - 1.99004745483398 * z + 0.99007225036621 * z**2)
    return np.abs(shelf * high)


def loudness_lufs(sound: np.ndarray) -> float:
    """Integrated loudness by BS.1770-4, for (2, n) at 48 kHz."""
    n = sound.shape[1]
    spectrum = np.fft.rfft(sound, 2 * n, axis=1)
    weighted = np.fft.irfft(spectrum * _k_weighting(np.fft.rfftfreq(2 * n, 1 / RATE)), axis=1)[
        :, :n
    ]
    block, hop = round(0.4 * RATE), round(0.1 * RATE)
    starts = range(0, max(1, n - block + 1), hop)
    powers = np.array([np.sum(np.mean(weighted[:, s : s + block] ** 2, axis=1)) for s in starts])
    powers = powers[powers > 10 ** ((-70 + 0.691) / 10)]
    if not powers.size:
        return -np.inf
    gated = powers[powers > powers.mean() / 10]
    return float(-0.691 + 10 * np.log10(gated.mean()))


def true_peak_dbtp(sound: np.ndarray) -> float:
    """The highest point of the waveform between its samples, by eightfold oversampling."""
    highest = 0.0
    for start in range(0, sound.shape[1], RATE):
        piece = sound[:, max(0, start - 256) : start + RATE + 256]
        n = piece.shape[1]
        window = np.ones(n)
        window[:128] = np.linspace(0, 1, 128)
        window[-128:] = np.linspace(1, 0, 128)
        fine = np.fft.irfft(np.fft.rfft(piece * window, axis=1), 8 * n, axis=1) * 8
        highest = max(highest, float(np.abs(fine[:, 8 * 128 : -8 * 128]).max()))
    return 20 * np.log10(max(highest, 1e-9))


def band(sound: np.ndarray, low_hz: float, high_hz: float) -> np.ndarray:
    """What of a sound lies between two frequencies."""
    spectrum = np.fft.rfft(sound, axis=1)
    freqs = np.fft.rfftfreq(sound.shape[1], 1 / RATE)
    spectrum[:, (freqs < low_hz) | (freqs >= high_hz)] = 0
    return np.fft.irfft(spectrum, sound.shape[1], axis=1)
