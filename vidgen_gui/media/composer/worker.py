"""The composer as a worker: takes a request, writes the music as a WAV, says what it is."""

import wave
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidgen_gui.core.events import Progress
from vidgen_gui.core.script import Genre
from vidgen_gui.media.composer.form import SAMPLE_RATE_HZ
from vidgen_gui.media.composer.moods import mood_of
from vidgen_gui.media.composer.piece import Piece, compose
from vidgen_gui.media.composer.synth import Samples, ramp
from vidgen_gui.system.files import storage_errors
from vidgen_gui.system.worker_protocol import Handler

FADE_IN_S = 0.25
FADE_OUT_S = 1.0
LOOP_FADE_OUT_S = 5.0
_CHUNK_FRAMES = 1 << 16


def make_handler() -> Handler:
    """The worker kind ``composer``.

    Request: ``genre``, ``seed``, ``duration_s``, ``topic``, ``out_wav``. Result: ``duration_s``,
    ``key``, ``tempo_bpm``, ``mood``. The file is 48 kHz stereo, 16 bit, exactly
    ``round(duration_s · 48000)`` samples, peak at most −3 dBFS.
    """
    return _handle


def _handle(request: Mapping[str, Any]) -> Generator[Progress, None, Mapping[str, Any]]:
    seed = int(request["seed"])
    duration_s = float(request["duration_s"])
    mood = mood_of(Genre(request["genre"]), str(request.get("topic", "")), seed)
    composing = compose(mood, seed, duration_s)
    while True:
        try:
            yield Progress(0.9 * next(composing))
        except StopIteration as finished:
            piece: Piece = finished.value
            break
    frames = round(duration_s * SAMPLE_RATE_HZ)
    write_wav(Path(request["out_wav"]), piece, frames)
    return {
        "duration_s": frames / SAMPLE_RATE_HZ,
        "key": piece.form.key.name,
        "tempo_bpm": round(piece.form.tempo_bpm, 2),
        "mood": mood.value,
    }


def write_wav(path: Path, piece: Piece, frames: int) -> None:
    """Write ``frames`` samples of a piece, a loop repeated as often as it takes, with fades.

    Raises:
        StorageError: the disk is full or the folder is not writable.
    """
    with storage_errors(path), path.open("wb") as file, wave.open(file, "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE_HZ)
        out.setnframes(frames)
        for chunk in pcm_chunks(piece, frames):
            out.writeframesraw(chunk.tobytes())


def pcm_chunks(piece: Piece, frames: int) -> Iterator[NDArray[np.int16]]:
    """(n, 2) 16-bit chunks with triangular dither of ±1 step, faded in and out."""
    random = np.random.default_rng([piece.form.seed % 2**32, frames])
    fade_in = ramp(min(round(FADE_IN_S * SAMPLE_RATE_HZ), frames // 4))
    fade_out_s = LOOP_FADE_OUT_S if piece.form.loop else FADE_OUT_S
    fade_out = ramp(min(round(fade_out_s * SAMPLE_RATE_HZ), frames // 2))[::-1]
    for start in range(0, frames, _CHUNK_FRAMES):
        end = min(start + _CHUNK_FRAMES, frames)
        chunk = _stretch(piece.samples, start, end)
        _apply_fade(chunk, start, fade_in, 0)
        _apply_fade(chunk, start, fade_out, frames - fade_out.size)
        chunk *= 32767
        chunk += random.random(chunk.shape, dtype=np.float32)
        chunk -= random.random(chunk.shape, dtype=np.float32)
        np.rint(chunk, out=chunk)
        yield chunk.T.astype("<i2")


def _stretch(samples: Samples, start: int, end: int) -> Samples:
    """A copy of samples ``start``…``end`` of the endlessly repeated piece."""
    return np.take(samples, np.arange(start, end), axis=1, mode="wrap")


def _apply_fade(chunk: Samples, chunk_start: int, fade: Samples, fade_start: int) -> None:
    first = max(fade_start, chunk_start)
    last = min(fade_start + fade.size, chunk_start + chunk.shape[1])
    if first < last:
        chunk[:, first - chunk_start : last - chunk_start] *= fade[
            first - fade_start : last - fade_start
        ]
