"""One WAV with every scene's voice at its place, and where in it somebody speaks.

Files are read and written in pieces, so the length of a video does not count.
"""

import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vidgen_gui.core.errors import MediaError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.system.files import storage_errors

SILENCE_RMS = 10 ** (-72 / 20)
"""Below this nothing is meant to be heard."""
SPEECH_BELOW_PEAK_DB = 34.0
_CHUNK_BLOCKS = 200


@dataclass(frozen=True, slots=True)
class VoiceClip:
    """One scene's WAV (mono, 16 bit) and the second of the video at which it begins."""

    path: Path
    start_s: float


@dataclass(frozen=True, slots=True)
class NarrationTrack:
    """``path`` holds ``rate_hz`` mono samples; ``spans_s`` are the stretches of speech, rising."""

    path: Path
    rate_hz: int
    spans_s: tuple[tuple[float, float], ...]


def write_narration_tracks(
    clips: Sequence[VoiceClip], duration_s: float, folder: Path
) -> list[NarrationTrack]:
    """Write the clips into one track for each sampling rate that occurs (mostly one).

    Clips that reach beyond ``duration_s`` are cut. Each track is ``duration_s`` long.

    Raises:
        MediaError: SOUND_INVALID: a clip is missing, damaged, or not 16-bit mono.
        StorageError: the track cannot be written.
        ValueError: two clips overlap.
    """
    rates: dict[int, list[VoiceClip]] = {}
    for clip in sorted(clips, key=lambda clip: clip.start_s):
        rates.setdefault(_rate_of(clip.path), []).append(clip)
    return [
        _write_track(group, rate_hz, duration_s, folder / f"narration-{rate_hz}.wav")
        for rate_hz, group in rates.items()
    ]


def _rate_of(path: Path) -> int:
    with _opened(path) as reader:
        return reader.getframerate()


def _opened(path: Path) -> wave.Wave_read:
    try:
        reader = wave.open(str(path), "rb")  # noqa: SIM115 — the caller's with closes it
    except (OSError, EOFError, wave.Error) as error:
        raise MediaError(MessageId.SOUND_INVALID, file=path.name, words=str(error)) from error
    if reader.getnchannels() == 1 and reader.getsampwidth() == 2 and reader.getframerate() > 0:
        return reader
    words = f"{reader.getnchannels()} channels of {8 * reader.getsampwidth()} bit"
    reader.close()
    raise MediaError(MessageId.SOUND_INVALID, file=path.name, words=words)


def _write_track(
    clips: Sequence[VoiceClip], rate_hz: int, duration_s: float, path: Path
) -> NarrationTrack:
    total = round(duration_s * rate_hz)
    levels: list[tuple[float, NDArray[np.float64]]] = []
    with storage_errors(path), path.open("wb") as file, wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate_hz)
        at = 0
        for clip in clips:
            start = max(0, round(clip.start_s * rate_hz))
            if start < at - 1:
                raise ValueError(f"{clip.path} starts before the clip before it ends")
            _write_silence(out, min(start, total) - at)
            at = max(at, min(start, total))
            for samples in _chunks(clip.path, rate_hz):
                kept = samples[: total - at]
                levels.append((at / rate_hz, _block_rms(kept, rate_hz)))
                out.writeframesraw(kept.tobytes())
                at += kept.size
        _write_silence(out, total - at)
    return NarrationTrack(path, rate_hz, speech_spans(levels, _block_frames(rate_hz) / rate_hz))


def _chunks(path: Path, rate_hz: int) -> Iterator[NDArray[np.int16]]:
    with _opened(path) as reader:
        size = _block_frames(rate_hz) * _CHUNK_BLOCKS
        while data := reader.readframes(size):
            yield np.frombuffer(data[: len(data) // 2 * 2], dtype="<i2")


def _write_silence(out: wave.Wave_write, frames: int) -> None:
    piece = bytes(2 * 65_536)
    while frames > 0:
        count = min(frames, 65_536)
        out.writeframesraw(piece[: 2 * count])
        frames -= count


def _block_frames(rate_hz: int) -> int:
    return max(1, rate_hz // 100)


def _block_rms(samples: NDArray[np.int16], rate_hz: int) -> NDArray[np.float64]:
    block = _block_frames(rate_hz)
    padded = np.zeros(-(-samples.size // block) * block)
    padded[: samples.size] = samples
    rms: NDArray[np.float64] = np.sqrt(np.mean((padded / 32768).reshape(-1, block) ** 2, axis=1))
    return rms


def speech_spans(
    levels: Sequence[tuple[float, NDArray[np.float64]]], block_s: float, *, join_s: float = 0.15
) -> tuple[tuple[float, float], ...]:
    """Where the levels say that somebody speaks.

    Args:
        levels: (start in seconds, RMS of each block from there on), rising, not overlapping.
        block_s: a block's length, about 10 ms.
        join_s: shorter pauses belong to the speech (stops and breaths inside words).
    """
    loudest = max((float(rms.max()) for _, rms in levels if rms.size), default=0.0)
    if loudest < SILENCE_RMS:
        return ()
    threshold = max(loudest * 10 ** (-SPEECH_BELOW_PEAK_DB / 20), SILENCE_RMS)
    spans: list[tuple[float, float]] = []
    for start_s, rms in levels:
        edges = np.flatnonzero(np.diff(np.concatenate([[0], rms > threshold, [0]]).astype(np.int8)))
        for begin, end in edges.reshape(-1, 2) * block_s + start_s:
            if spans and begin - spans[-1][1] < join_s:
                spans[-1] = (spans[-1][0], float(end))
            else:
                spans.append((float(begin), float(end)))
    return tuple(spans)
