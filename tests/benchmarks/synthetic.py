"""Pictures, captions and sounds that cost an encoder what real ones do, without their makers."""

import json
import wave
from pathlib import Path

import cv2
import numpy as np

from vidgen_gui.core.quality import FrameSize


def paint_picture(path: Path, size: FrameSize, number: int) -> Path:
    """A hazy range of hills with a light behind it and a little grain, as PNG."""
    width, height = size.width_px, size.height_px
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    down, across = down / height, across / width
    glow = np.exp(-((across - 0.5) ** 2 + (down - 0.3 - 0.05 * number) ** 2) * 9)
    picture = np.stack(
        [
            60 + 80 * down + 20 * np.sin(6 * across + number),
            40 + 90 * (1 - down) + 30 * np.sin(9 * down * across + number),
            90 + 120 * glow,
        ],
        axis=-1,
    )
    for hill in range(5):
        ridge = (
            0.45
            + 0.1 * hill
            + 0.05 * np.sin(across * (7 + 3 * hill) + number * 2 + hill)
            + 0.02 * np.sin(across * (31 + 7 * hill) + hill)
        )
        shade = picture * 0.72 + np.array([8 * hill, 12, 20 - 3 * hill], np.float32)
        picture = np.where((down > ridge)[..., np.newaxis], shade, picture)
    picture += np.random.default_rng(number).normal(0, 3, (height, width, 1))
    _, encoded = cv2.imencode(".png", np.clip(picture, 0, 255).astype(np.uint8))
    path.write_bytes(encoded.tobytes())
    return path


def caption_index(folder: Path, size: FrameSize, frame_count: int, changes: int) -> Path:
    """An index of ``changes`` caption pictures that follow each other without a gap."""
    folder.mkdir()
    width, height = size.width_px * 84 // 200 * 2, size.width_px // 8 * 2
    entries = []
    for number in range(changes):
        rgba = np.zeros((height, width, 4), np.uint8)
        cv2.putText(
            rgba,
            f"word {number} here",
            (width // 20, height // 2),
            cv2.FONT_HERSHEY_DUPLEX,
            size.width_px / 300,
            (255, 255, 255, 255),
            size.width_px // 90,
            cv2.LINE_AA,
        )
        rgba[..., :3] = rgba[..., :3].astype(np.uint16) * rgba[..., 3:] // 255
        np.save(folder / f"{number}.npy", rgba)
        entries.append(
            {
                "first_frame": number * frame_count // changes,
                "end_frame": (number + 1) * frame_count // changes,
                "x_px": (size.width_px - width) // 2,
                "y_px": size.height_px * 66 // 100,
                "file": f"{number}.npy",
            }
        )
    index = folder / "index.json"
    index.write_text(json.dumps(entries), encoding="utf-8")
    return index


def write_voice(path: Path, duration_s: float, rate_hz: int = 22_050) -> Path:
    """Buzzing syllables with a voice's rhythm."""
    time_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    buzz = sum(np.sin(2 * np.pi * 130 * k * time_s) / k for k in range(1, 12))
    samples = buzz * np.clip(np.sin(2 * np.pi * 3.1 * time_s), 0, 1) ** 0.5 * 5000
    return _write_wav(path, samples[:, np.newaxis], rate_hz)


def write_music(path: Path, duration_s: float, rate_hz: int = 48_000) -> Path:
    """A chord that stands."""
    time_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    chord = sum(np.sin(2 * np.pi * f * time_s) for f in (220.0, 277.2, 329.6)) * 3000
    return _write_wav(path, np.stack([chord, chord], axis=1), rate_hz)


def _write_wav(path: Path, samples: np.ndarray, rate_hz: int) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(samples.astype("<i2").tobytes())
    return path
