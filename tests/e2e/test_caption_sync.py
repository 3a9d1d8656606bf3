"""Captions in finished videos: what is seen in decoded frames against what is heard."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from sound_tools import RATE, band, decode
from video_kit import accent_mask, frames, make_videos

from vidgen_gui.core.job import CaptionStyle, JobSpec
from vidgen_gui.core.quality import PRESETS, Aspect, Quality, frame_size
from vidgen_gui.core.safe_zone import Box, safe_box
from vidgen_gui.media.ffmpeg import find_ffmpeg

SCRIPT = """One. Two. Red. Green. Stop. Listen. Breathe. Look.

Walk. Every. Single. Morning. Slowly. Quiet. Home. Again.

Light, water, stone, river, cloud, fire, seven, home."""
WORDS = SCRIPT.split()
STYLES = {CaptionStyle.BOLD: (255, 214, 10), CaptionStyle.BOXED: (94, 80, 242)}
SIZE = frame_size(Quality.STANDARD, Aspect.PORTRAIT)
FPS = PRESETS[Quality.STANDARD].fps
STEP_S = 0.005
MOST_ALIKE = 0.7
"""Two frames whose lit pixels overlap less than this show different words lit."""


@dataclass(frozen=True)
class Videos:
    """The same video without captions, and in each style; ``with_music`` has all it can."""

    clean: Path
    styled: dict[CaptionStyle, Path]
    with_music: Path


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Videos:
    folder = tmp_path_factory.mktemp("sync")

    def spec(name: str, **options: object) -> JobSpec:
        out = folder / name
        options = {"music": False, "quality": Quality.STANDARD, "seed": 4} | options
        return JobSpec.create(topic="Steps", script_text=SCRIPT, output_dir=out, **options)

    made = make_videos(
        folder / "home",
        [
            spec("clean", captions=False),
            *(spec(style.value, caption_style=style) for style in STYLES),
            spec("music", captions=False, music=True, quality=Quality.DRAFT),
        ],
    )
    return Videos(made[0], dict(zip(STYLES, made[1:-1], strict=True)), made[-1])


def seen_onsets_s(video: Path, clean: Path, colour: tuple[int, int, int]) -> list[float]:
    """When another word is lit, by the first frame that shows it so."""
    zone = safe_box(SIZE, Aspect.PORTRAIT)
    box = Box(zone.left_px, SIZE.height_px // 2, zone.right_px, zone.bottom_px)
    onsets: list[float] = []
    before: np.ndarray | None = None
    pairs = zip(frames(video, SIZE, box=box), frames(clean, SIZE, box=box), strict=True)
    for number, (shown, bare) in enumerate(pairs):
        lit = accent_mask(shown, bare, colour)
        if lit.sum() < 80:
            before = None
            continue
        if before is None or (lit & before).sum() < MOST_ALIKE * (lit | before).sum():
            onsets.append(number / FPS)
        before = lit
    return onsets


def heard_onsets_s(sound: np.ndarray) -> np.ndarray:
    """Where sound begins after at least 50 ms of quiet, in the decoded audio."""
    step = round(RATE * STEP_S)
    mono = sound.mean(axis=0)
    power = (mono[: mono.size // step * step].reshape(-1, step) ** 2).mean(axis=1)
    levels = 10 * np.log10(power + 1e-10)
    onsets, quiet = [], 100
    for index, level in enumerate(levels):
        loud = level > levels.max() - 38
        if loud and quiet >= 10:
            onsets.append(index * STEP_S)
        quiet = 0 if loud else quiet + 1
    return np.array(onsets)


@pytest.mark.slow
@pytest.mark.parametrize("style", list(STYLES))
@pytest.mark.req("V9")
def test_words_light_up_when_they_are_heard(
    videos: Videos, style: CaptionStyle, record_property: Callable[[str, object], None]
) -> None:
    video = videos.styled[style]
    seen = seen_onsets_s(video, videos.clean, STYLES[style])
    heard = heard_onsets_s(decode(find_ffmpeg(), video))
    assert len(seen) == len(WORDS)
    # A stop inside a word ("wa-ter") is heard as an onset too; words are never that close.
    nearest = [int(np.abs(heard - onset_s).argmin()) for onset_s in seen]
    assert len(set(nearest)) == len(WORDS)
    errors_s = [abs(heard[index] - onset_s) for index, onset_s in zip(nearest, seen, strict=True)]
    record_property("median_s", float(statistics.median(errors_s)))
    record_property("worst_s", float(max(errors_s)))
    assert statistics.median(errors_s) <= 0.040
    assert max(errors_s) <= 0.120


@pytest.mark.slow
def test_music_does_not_move_the_voice(videos: Videos) -> None:
    """Onsets hide under music; its mix must have the voice where the mix without it has."""
    plain, full = (
        _outline(decode(find_ffmpeg(), video)) for video in (videos.clean, videos.with_music)
    )
    length = min(plain.size, full.size)
    plain, full = plain[:length] - plain[:length].mean(), full[:length] - full[:length].mean()
    spectrum = np.fft.rfft(full, 2 * length) * np.conj(np.fft.rfft(plain, 2 * length))
    lags = np.fft.irfft(spectrum)
    best = int(np.argmax(lags))
    lag_s = (best if best < length else best - 2 * length) / 1000
    assert abs(lag_s) <= 0.005


def _outline(sound: np.ndarray) -> np.ndarray:
    """A voice's energy where music has little, a thousand times a second."""
    mono = band(sound, 2000, 6000).mean(axis=0)
    step = RATE // 1000
    power = (mono[: mono.size // step * step].reshape(-1, step) ** 2).mean(axis=1)
    return np.log10(power + 1e-8)
