"""Sentences become one WAV: level, joins without clicks, pauses. What is said is not known here."""

import math
import wave
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from vidgen_gui.system.files import storage_errors

if TYPE_CHECKING:
    # At run time it would bring the voice's engine into whoever only writes silence.
    from vidgen_gui.services.piper.synthesis import Utterance

Samples: TypeAlias = npt.NDArray[np.float32]
TARGET_RMS_DBFS = -20.0
"""Level of the sounding parts of speech; the mix sets the final loudness."""
_VOICE_RMS_DBFS = -23.5
_LEVELLED_SHARE = 0.5
_MOST_LEVELLING_DB = 3.0
_PEAK = 0.89
_FADE_IN_S = 0.004
_FADE_OUT_S = 0.012
_TAIL_S = 0.12
_SOUNDING_BELOW_PEAK = 1e-3
_WINDOW_S = 0.01


class WavWriter:
    """A mono 16-bit WAV that grows by utterances and silences.

    Raises:
        StorageError: the file cannot be written.
    """

    def __init__(self, path: Path, sample_rate_hz: int) -> None:
        self._path = path
        self._rate_hz = sample_rate_hz
        self._frames = 0
        with storage_errors(path):
            # What cannot be opened must not reach `wave`, which complains when it is dropped.
            self._raw = path.open("wb")
            self._file = wave.open(self._raw, "wb")  # noqa: SIM115 - closed by `close`
            self._file.setnchannels(1)
            self._file.setsampwidth(2)
            self._file.setframerate(sample_rate_hz)

    @property
    def duration_s(self) -> float:
        return self._frames / self._rate_hz

    def silence(self, duration_s: float) -> None:
        """Append at least so much silence (nothing when negative)."""
        self._write(np.zeros(max(0, math.ceil(duration_s * self._rate_hz)), np.int16))

    def samples(self, samples: Samples) -> None:
        """Append samples in −1…1."""
        self._write(np.round(np.clip(samples, -1, 1) * 32767).astype(np.int16))

    def close(self) -> None:
        with storage_errors(self._path), self._raw:
            self._file.close()

    def _write(self, samples: npt.NDArray[np.int16]) -> None:
        with storage_errors(self._path):
            self._file.writeframes(samples.astype("<i2").tobytes())
        self._frames += len(samples)


def write_silence(path: Path, duration_s: float, sample_rate_hz: int) -> float:
    """A silent WAV; returns its exact length in seconds.

    Raises:
        StorageError: the file cannot be written.
    """
    writer = WavWriter(path, sample_rate_hz)
    writer.silence(duration_s)
    writer.close()
    return writer.duration_s


def shaped(utterance: "Utterance", sample_rate_hz: int) -> Samples:
    """The utterance levelled, its idle tail cut, its ends faded so that joins don't click."""
    end = round((_sound_end_s(utterance) + _TAIL_S) * sample_rate_hz)
    samples = utterance.samples[:end] * _gain(utterance.samples, sample_rate_hz)
    fade_in = min(len(samples), round(_FADE_IN_S * sample_rate_hz))
    fade_out = min(len(samples), round(_FADE_OUT_S * sample_rate_hz))
    samples[:fade_in] *= np.linspace(0, 1, fade_in, dtype=np.float32)
    samples[len(samples) - fade_out :] *= np.linspace(1, 0, fade_out, dtype=np.float32)
    return samples


def pause_after_s(gap_s: float, lead_s: float) -> float:
    """Silence to add so that ``gap_s`` lies between the last sound and the next one's first.

    ``lead_s`` is how long the next utterance takes to its first sound.
    """
    return max(0.0, gap_s - _TAIL_S - lead_s)


def _sound_end_s(utterance: "Utterance") -> float:
    sounding = [phone.end_s for phone in utterance.phones if phone.symbol.isalpha()]
    return sounding[-1] if sounding else 0.0


def _gain(samples: Samples, sample_rate_hz: int) -> float:
    """A fixed gain, with half of a sentence's deviation from the usual level taken back."""
    window = max(1, round(_WINDOW_S * sample_rate_hz))
    whole = len(samples) // window * window
    power = (samples[:whole].reshape(-1, window) ** 2).mean(axis=1)
    sounding = power[power > power.max(initial=0.0) * _SOUNDING_BELOW_PEAK]
    if not sounding.size:
        return 1.0
    level_db = 10 * np.log10(sounding.mean())
    deviation_db = (_VOICE_RMS_DBFS - level_db) * _LEVELLED_SHARE
    gain_db = TARGET_RMS_DBFS - _VOICE_RMS_DBFS
    gain_db += float(np.clip(deviation_db, -_MOST_LEVELLING_DB, _MOST_LEVELLING_DB))
    return min(float(10 ** (gain_db / 20)), _PEAK / float(np.abs(samples).max()))
