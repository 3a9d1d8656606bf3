"""What a render needs, made without the other stages: voices, pictures, music, a context."""

import itertools
import wave
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.job import JobSpec, StageName
from vidgen_gui.core.picture import picture_size
from vidgen_gui.core.quality import FrameSize, Quality
from vidgen_gui.core.script import Scene, Script
from vidgen_gui.media.ffmpeg import find_ffmpeg
from vidgen_gui.pipeline.stage import StageContext, StoredInput, Workers

TEXTS = (
    "Walk before the world wakes up.",
    "The light is kind, and nobody needs you yet.",
    "Tomorrow, leave the phone at home.",
)


def write_voice(path: Path, duration_s: float, rate_hz: int = 22_050) -> Path:
    """Syllables of noise with a voice's rhythm: loud enough to be measured as speech."""
    rng = np.random.default_rng(round(duration_s * 1000))
    time_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    tone = sum(np.sin(2 * np.pi * 130 * k * time_s) / k for k in range(1, 12))
    rhythm = np.clip(np.sin(2 * np.pi * 3.1 * time_s), 0, 1) ** 0.5
    samples = (tone + rng.normal(0, 0.2, time_s.size)) * rhythm * 5000
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate_hz)
        out.writeframes(samples.astype("<i2").tobytes())
    return path


def write_music(path: Path, duration_s: float) -> Path:
    time_s = np.arange(round(duration_s * 48_000)) / 48_000
    chord = sum(np.sin(2 * np.pi * f * time_s) for f in (220.0, 277.2, 329.6)) * 3000
    with wave.open(str(path), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(48_000)
        out.writeframes(np.repeat(chord[:, np.newaxis], 2, axis=1).astype("<i2").tobytes())
    return path


def write_picture(path: Path, size: FrameSize, bgr: Sequence[int]) -> Path:
    """A flat colour with some detail in the lower half."""
    picture = np.empty((size.height_px, size.width_px, 3), np.uint8)
    picture[:] = bgr
    detail = np.random.default_rng(sum(bgr)).integers(0, 40, (size.height_px // 16, 64), np.uint8)
    detail = cv2.resize(detail, (size.width_px, size.height_px // 2))
    lower = picture[-detail.shape[0] :]
    cv2.add(lower, cv2.merge([detail] * 3), dst=lower)
    path.write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    return path


def _stored(folder: Path, value: dict[str, object], key: str) -> StoredInput:
    return StoredInput(key, f"sha-{key}", folder, value, "test")


def make_context(
    folder: Path, workers: Workers, *, voice_s: float = 1.6, scenes: int = 2, **options: object
) -> StageContext:
    """A context for a render of ``scenes`` short scenes at Draft unless ``options`` say more."""
    options.setdefault("quality", Quality.DRAFT)
    spec = JobSpec.create(topic="Morning walks", output_dir=folder / "out", seed=5, **options)
    texts = list(itertools.islice(itertools.cycle(TEXTS), scenes))
    script = Script("Morning walks", tuple(Scene(text, "hills at dawn") for text in texts))
    inputs = {(StageName.SCRIPT, None): _stored(folder, script.to_dict(), "script")}
    for number, text in enumerate(texts):
        home = folder / f"scene{number}"
        home.mkdir(parents=True)
        write_voice(home / "voice.wav", voice_s)
        words = text.split()
        step = voice_s / len(words)
        timed = [[word, i * step, (i + 1) * step] for i, word in enumerate(words)]
        voice = {"duration_s": voice_s, "words": timed}
        inputs[StageName.NARRATION, number] = _stored(home, voice, f"voice{number}")
        colour = [(180, 120, 60), (60, 90, 200), (70, 160, 90)][number % 3]
        write_picture(home / "picture.png", picture_size(spec.frame_size), colour)
        inputs[StageName.IMAGE, number] = _stored(home, {}, f"image{number}")
    if spec.music:
        write_music(folder / "music.wav", scenes * (voice_s + 0.35) + 1.2)
    inputs[StageName.MUSIC, None] = _stored(folder, {"credit": None}, "music")
    workdir = folder / "work"
    workdir.mkdir()
    return StageContext(spec, None, inputs, workdir, CancelToken(), workers, find_ffmpeg())
