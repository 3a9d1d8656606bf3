"""Who stands in a painted picture stands clear of where captions will be."""

from collections.abc import Iterator

import numpy as np
import pytest

from tests.unit.test_painter import SIZES, sharpness, written_scenes
from vidgen_gui.core.picture import picture_size
from vidgen_gui.core.quality import Aspect, FrameSize, Quality, frame_size
from vidgen_gui.core.safe_zone import CAPTION_CENTRE
from vidgen_gui.core.script import Genre
from vidgen_gui.media.captions.layout import caption_size_px
from vidgen_gui.media.captions.styles import LOOKS
from vidgen_gui.media.motion import plan_motions
from vidgen_gui.media.painter.canvas import Canvas
from vidgen_gui.media.painter.caption_band import caption_band
from vidgen_gui.media.painter.compose import SETTINGS, begin, paint
from vidgen_gui.media.painter.geometry import Frame

WHO = ("a person", "a family", "a couple", "someone walking", "a runner", "a deer", "a wolf")
HEAD = 0.16
"""A head and neck beside the figure's height."""
LINES_EM = 2 * (0.80 + 0.24) + 0.18
"""Two lines of Latin letters, as the captions' painter sets them."""


def figures(prompt: str, genre: Genre, seed: int, size: FrameSize) -> Iterator[tuple[float, float]]:
    """Top and bottom of each figure, as fractions of the picture's height."""
    canvas = Canvas(size.width_px, size.height_px)
    painting = begin(prompt, genre, seed, canvas)
    SETTINGS[painting.brief.setting][0](painting)
    for top, bottom in painting.figures:
        yield canvas.row(top) / size.height_px, canvas.row(bottom) / size.height_px


def scenes_with_people() -> list[tuple[str, Genre, int]]:
    return [
        (f"{WHO[number % len(WHO)]}, {prompt}", genre, seed)
        for number, (prompt, genre, seed) in enumerate(written_scenes()[::2])
    ]


@pytest.mark.parametrize("aspect", list(SIZES))
def test_no_head_is_where_captions_stand_in_100_scenes_with_people(aspect: str) -> None:
    size = FrameSize(*(side // 2 for side in SIZES[aspect]))
    top, bottom = caption_band(Frame.of_pixels(size.width_px, size.height_px))
    scenes = scenes_with_people()
    assert len(scenes) == 100
    met, covered = 0, []
    for prompt, genre, seed in scenes:
        for head, foot in figures(prompt, genre, seed, size):
            neck = head + HEAD * (foot - head)
            assert neck <= top or head >= bottom, (prompt, genre, seed, head, foot)
            met += 1
            covered.append(max(0.0, min(foot, bottom) - max(head, top)) / (foot - head))
    assert met >= 60
    assert float(np.mean(covered)) < 0.12, "bodies stand in the captions"


@pytest.mark.parametrize("setting", sorted(SETTINGS))
def test_in_every_setting_people_are_seen_above_the_captions(setting: str) -> None:
    size = FrameSize(90, 160)
    top, bottom = caption_band(Frame.of_pixels(90, 160))
    for seed in range(6):
        for head, foot in figures(f"{setting}, a person", Genre.CUSTOM, seed, size):
            assert head + HEAD * (foot - head) <= top or head >= bottom, (seed, head, foot)
            assert head > 0, "cut off above"


@pytest.mark.parametrize("setting", ["village", "hills", "meadow", "sea", "mountains"])
def test_what_is_tall_is_seen_whole(setting: str) -> None:
    for width_px, height_px in SIZES.values():
        size = FrameSize(width_px // 2, height_px // 2)
        for seed in range(6):
            drawn = list(figures(f"{setting}, a lighthouse", Genre.CUSTOM, seed, size))
            assert all(head > 0.02 for head, _ in drawn), (seed, drawn)


@pytest.mark.parametrize("who", ["a lighthouse", "a person", "a boat, a lighthouse"])
def test_who_is_named_at_the_sea_is_there(who: str) -> None:
    size = FrameSize(90, 160)
    for seed in range(8):
        assert list(figures(f"the sea, {who}", Genre.CUSTOM, seed, size)), seed


@pytest.mark.parametrize("aspect", list(SIZES))
@pytest.mark.parametrize(
    "prompt",
    [
        "a circuit board, a lightbulb",
        "a neural network, a robot",
        "software, code, a lock",
        "rows of servers, a lock",
        "data, an algorithm, a brain",
        "a smartphone app",
    ],
)
def test_emblems_of_light_are_seen_whole_above_the_captions(prompt: str, aspect: str) -> None:
    size = FrameSize(*(side // 2 for side in SIZES[aspect]))
    top, _ = caption_band(Frame.of_pixels(size.width_px, size.height_px))
    drawn = [span for seed in range(4) for span in figures(prompt, Genre.TECH, seed, size)]
    assert len(drawn) >= 4
    for upper, lower in drawn:
        assert upper > 0.06, "the frame's upper edge cuts it while it drifts"
        assert lower <= top + 0.01, "it reaches into the captions"


@pytest.mark.parametrize("prompt", ["lines of code on a screen", "a circuit board"])
def test_busy_pictures_are_calm_where_captions_stand(prompt: str) -> None:
    top, bottom = caption_band(Frame.of_pixels(180, 320))
    for seed in range(6):
        picture = paint(prompt, Genre.TECH, seed, 180, 320)
        assert sharpness(picture, top, bottom) < 0.6 * sharpness(picture, 0.1, 0.5), seed


@pytest.mark.parametrize("aspect", list(Aspect))
@pytest.mark.parametrize("quality", list(Quality))
def test_the_band_is_where_captions_come_to_lie(quality: Quality, aspect: Aspect) -> None:
    frame = frame_size(quality, aspect)
    picture = picture_size(frame)
    em = caption_size_px(frame.short_side_px)
    plates = [look.plate.pad_y_em for look in LOOKS.values() if look.plate]
    half = (LINES_EM + max(look.line_gap_em for look in LOOKS.values())) / 2 + max(plates)
    centre = CAPTION_CENTRE[aspect] * frame.height_px
    seen = []
    for seed in range(40):
        for motion in plan_motions(frame, picture, [2.0, 4.0, 7.0, 12.0], seed):
            for fraction in (0.0, 0.5, 1.0):
                view = motion.view(fraction)
                seen += [view.top_px + (centre + s * half * em) * view.scale for s in (-1, 1)]
    top, bottom = caption_band(Frame.of_pixels(picture.width_px, picture.height_px))
    assert top <= min(seen) / picture.height_px
    assert max(seen) / picture.height_px <= bottom
    assert bottom - top < 1.5 * (max(seen) - min(seen)) / picture.height_px
