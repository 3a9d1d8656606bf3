"""Frames: where things land to a hundredth of a pixel, in what colour, and what lies over them."""

import json
import math
import statistics
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from vidgen_gui.core.errors import MediaError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.picture import picture_size
from vidgen_gui.core.quality import Aspect, FrameSize, Quality, frame_size
from vidgen_gui.media.compositor.frames import FrameComposer
from vidgen_gui.media.compositor.overlay import CaptionOverlay, read_index
from vidgen_gui.media.compositor.plan import DIM_TO, Composition, ScenePicture
from vidgen_gui.media.compositor.planes import Frame, StillPicture, load_picture
from vidgen_gui.media.compositor.resample import Resampler
from vidgen_gui.media.motion import Motion, Pose, View, plan_motions

SIZE = FrameSize(360, 640)
Picture = npt.NDArray[np.uint8]


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    yield
    cv2.setNumThreads(before)


def save(path: Path, bgr: Picture) -> Path:
    path.write_bytes(cv2.imencode(".png", bgr)[1].tobytes())
    return path


def flat(bgr: tuple[int, int, int], size: FrameSize | None = None) -> Picture:
    size = size or picture_size(SIZE)
    return np.full((size.height_px, size.width_px, 3), bgr, np.uint8)


def with_dot(x_px: float, y_px: float, bgr: tuple[int, int, int] = (220, 220, 220)) -> Picture:
    """A soft round dot on dark grey, centred between pixels if asked."""
    picture = flat((40, 40, 40)).astype(np.float64)
    down, across = np.mgrid[0 : picture.shape[0], 0 : picture.shape[1]]
    weight = np.exp(-((across - x_px) ** 2 + (down - y_px) ** 2) / (2 * 3.5**2))[..., np.newaxis]
    return (picture + (np.array(bgr) - 40) * weight).round().astype(np.uint8)


def centre_of_dot(plane: Picture, near: tuple[float, float], base: int) -> tuple[float, float]:
    reach = 15
    left, top = round(near[0]) - reach, round(near[1]) - reach
    box = plane[top : top + 2 * reach + 1, left : left + 2 * reach + 1].astype(np.float64)
    weight = np.abs(box - base)
    weight[weight < 3] = 0
    down, across = np.mgrid[top : top + 2 * reach + 1, left : left + 2 * reach + 1]
    return (
        float((weight * across).sum() / weight.sum()),
        float((weight * down).sum() / weight.sum()),
    )


def on_frame(point: tuple[float, float], view: View) -> tuple[float, float]:
    """Where a point of the picture is seen, both counted in pixel centres."""
    x, y = point
    return (x - view.left_px + 0.5) / view.scale - 0.5, (y - view.top_px + 0.5) / view.scale - 0.5


def composition(pictures: list[Path], frames_each: int = 40, fade: int = 10) -> Composition:
    ends = [(n + 1) * frames_each for n in range(len(pictures))]
    firsts = [max(0, end - frames_each - fade) for end in ends]
    firsts[0] = 0
    motions = plan_motions(SIZE, picture_size(SIZE), [frames_each / 30] * len(pictures), seed=1)
    return Composition(
        size=SIZE,
        fps=30,
        frame_count=ends[-1],
        crossfade_frames=fade,
        dim_frames=0,
        scenes=tuple(map(ScenePicture, pictures, firsts, ends, motions)),
    )


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_pictures_follow_their_path_within_a_twentieth_of_a_pixel(seed: int) -> None:
    point = (231.3, 390.7)
    picture = StillPicture(with_dot(*point))
    frame = Frame(SIZE)
    luma, chroma = _resamplers()
    errors, slips = [], []
    for motion in plan_motions(SIZE, picture_size(SIZE), [5.0] * 4, seed):
        last = None
        for number in range(150):
            view = motion.view(number / 149)
            picture.draw(view, frame, luma, chroma)
            wanted = on_frame(point, view)
            found = centre_of_dot(frame.y, wanted, int(frame.y[5, 5]))
            error = (found[0] - wanted[0], found[1] - wanted[1])
            errors.append(math.hypot(*error))
            if last:
                slips.append(math.dist(error, last))
            last = error
    assert statistics.median(errors) <= 0.05
    assert max(errors) < 0.12
    # From one frame to the next: what would be seen as jitter.
    assert max(slips) < 0.12


def _resamplers() -> tuple[Resampler, Resampler]:
    return (
        Resampler(SIZE.width_px, SIZE.height_px),
        Resampler(SIZE.width_px // 2, SIZE.height_px // 2),
    )


def test_colour_moves_with_brightness() -> None:
    """Chroma lies on even luma columns and between rows: it must not wander against luma."""
    point = (200.25, 350.5)
    picture = StillPicture(with_dot(*point, bgr=(40, 60, 230)))
    frame = Frame(SIZE)
    luma, chroma = _resamplers()
    motion = Motion(SIZE, picture_size(SIZE), Pose(1.0618, -0.6, -0.5), Pose(1.0618, 0.6, 0.5))
    offsets = []
    for number in range(60):
        view = motion.view(number / 59)
        picture.draw(view, frame, luma, chroma)
        x, y = on_frame(point, view)
        found = centre_of_dot(frame.v, (x / 2, (y - 0.5) / 2), int(frame.v[5, 5]))
        offsets.append((2 * found[0] - x, 2 * found[1] + 0.5 - y))
    assert max(math.hypot(*offset) for offset in offsets) < 0.25
    assert statistics.median(math.hypot(*offset) for offset in offsets) < 0.08


@pytest.mark.parametrize(
    ("bgr", "yuv"),
    [
        ((255, 255, 255), (235, 128, 128)),
        ((0, 0, 0), (16, 128, 128)),
        ((0, 0, 255), (63, 102, 240)),
        ((0, 255, 0), (173, 42, 26)),
        ((255, 0, 0), (32, 240, 118)),
    ],
)
def test_colours_are_bt709_limited_range(
    bgr: tuple[int, int, int], yuv: tuple[int, int, int]
) -> None:
    frame = Frame(SIZE)
    StillPicture(flat(bgr)).draw(View(3.3, 5.7, 1.06), frame, *_resamplers())
    for plane, value in zip((frame.y, frame.u, frame.v), yuv, strict=True):
        assert np.ptp(plane) == 0
        assert abs(int(plane[0, 0]) - value) <= 1


def test_views_at_the_very_edge_are_filled_from_the_picture() -> None:
    picture = flat((90, 90, 90))
    picture[:, -1] = picture[:, 0] = picture[0] = picture[-1] = 200
    frame = Frame(SIZE)
    whole = Motion(SIZE, picture_size(SIZE), Pose(1.12, 0, 0), Pose(1.12, 0, 0)).view(0)
    StillPicture(picture).draw(whole, frame, *_resamplers())
    assert frame.y[0, 5] > frame.y[10, 10]
    assert frame.y[-1, 5] > frame.y[10, 10]
    assert frame.y[300, 0] > frame.y[10, 10]
    assert frame.y[300, -1] > frame.y[10, 10]


@pytest.mark.parametrize("aspect", list(Aspect))
@pytest.mark.parametrize("quality", [Quality.DRAFT, Quality.STANDARD])
def test_every_frame_of_every_move_is_drawn(quality: Quality, aspect: Aspect) -> None:
    size = frame_size(quality, aspect)
    still = StillPicture(flat((90, 120, 200), picture_size(size)))
    resamplers = (
        Resampler(size.width_px, size.height_px),
        Resampler(size.width_px // 2, size.height_px // 2, cv2.INTER_LINEAR),
    )
    frame = Frame(size)
    for motion in plan_motions(size, picture_size(size), [1.0] * 6, seed=3):
        for fraction in (0.0, 0.31, 1.0):
            frame.block[:] = 0
            still.draw(motion.view(fraction), frame, *resamplers)
            for plane in (frame.y, frame.u, frame.v):
                assert np.ptp(plane) <= 1
                assert plane.min() > 60


def test_scenes_crossfade_only_where_they_overlap(tmp_path: Path) -> None:
    dark, light = flat((50, 50, 50)), flat((200, 200, 200))
    plan = composition([save(tmp_path / "a.png", dark), save(tmp_path / "b.png", light)])
    frame = Frame(SIZE)
    levels = []
    with FrameComposer.opened(plan) as composer:
        for number in range(plan.frame_count):
            composer.draw(number, frame)
            assert np.ptp(frame.y) <= 1
            levels.append(int(frame.y[100, 100]))
    assert set(levels[:30]) == {levels[0]}
    assert set(levels[40:]) == {levels[-1]}
    fade = levels[29:41]
    assert fade == sorted(fade)
    assert len(set(fade)) > 8
    assert levels[0] < levels[34] < levels[-1]


@pytest.mark.req("P9", "E1", "N2")
def test_however_long_the_video_only_neighbouring_pictures_are_held(tmp_path: Path) -> None:
    pictures = [save(tmp_path / f"{n}.png", flat((n * 9, 90, 60))) for n in range(24)]
    plan = composition(pictures, frames_each=12, fade=4)
    frame = Frame(SIZE)
    most = 0
    with FrameComposer.opened(plan) as composer:
        for number in range(plan.frame_count):
            composer.draw(number, frame)
            most = max(most, len(composer._pictures))
    assert most <= 3


def test_the_end_grows_dark_but_not_black(tmp_path: Path) -> None:
    plan = composition([save(tmp_path / "a.png", flat((200, 200, 200)))])
    assert plan.light(0) == plan.light(39) == 1.0
    dimming = Composition.from_request(plan.to_request() | {"dim_frames": 15})
    lights = [dimming.light(number) for number in range(40)]
    assert lights[:25] == [1.0] * 25
    assert lights[25:] == sorted(lights[25:], reverse=True)
    assert lights[-1] == DIM_TO
    frame = Frame(SIZE)
    with FrameComposer.opened(dimming) as composer:
        composer.draw(0, frame)
        bright = int(frame.y[50, 50]) - 16
        composer.draw(39, frame)
    assert abs(int(frame.y[50, 50]) - 16 - bright * DIM_TO) <= 1
    assert abs(int(frame.u[50, 50]) - 128) <= 1


def test_a_composition_survives_the_trip_to_the_worker(tmp_path: Path) -> None:
    plan = composition([tmp_path / "a.png", tmp_path / "b.png"])
    assert Composition.from_request(json.loads(json.dumps(plan.to_request()))) == plan


@pytest.mark.parametrize(("first", "end"), [(1, 40), (0, 39)])
def test_a_plan_with_a_frame_that_no_picture_covers_is_refused(first: int, end: int) -> None:
    motion = plan_motions(SIZE, picture_size(SIZE), [1.0], seed=0)[0]
    with pytest.raises(ValueError, match=r"picture"):
        Composition(SIZE, 30, 40, 10, 0, (ScenePicture(Path("a.png"), first, end, motion),))


def caption(height: int, width: int) -> Picture:
    """Half transparent red with an opaque white core, premultiplied."""
    rgba = np.zeros((height, width, 4), np.uint8)
    rgba[2:-2, 2:-2] = (120, 0, 0, 120)
    rgba[height // 3 : -height // 3, width // 3 : -width // 3] = 255
    return rgba


@pytest.mark.parametrize(("x_px", "y_px"), [(40, 60), (41, 61), (40, 61)])
@pytest.mark.parametrize(("height", "width"), [(50, 90), (51, 91)])
def test_captions_mix_as_light_does(x_px: int, y_px: int, height: int, width: int) -> None:
    frame = Frame(SIZE)
    frame.y[:], frame.u[:], frame.v[:] = 150, 90, 170
    before = frame.y.copy()
    rgba = caption(height, width)
    CaptionOverlay(rgba, x_px, y_px, SIZE).draw(frame)
    inside = frame.y[y_px : y_px + height, x_px : x_px + width].astype(np.float64)
    colour, alpha = rgba[..., :3].astype(np.float64), rgba[..., 3].astype(np.float64) / 255
    light = 16 * alpha + 219 / 255 * (colour @ np.array([0.2126, 0.7152, 0.0722]))
    assert np.abs(inside - (150 * (1 - alpha) + light)).max() <= 1.5
    outside = np.ones_like(before, dtype=bool)
    outside[y_px : y_px + height, x_px : x_px + width] = False
    assert (frame.y[outside] == before[outside]).all()
    middle = ((y_px + height // 2) // 2, (x_px + width // 2) // 2)
    assert abs(int(frame.u[middle]) - 128) <= 1
    assert abs(int(frame.v[middle]) - 128) <= 1
    assert frame.u[10, 10] == 90
    assert frame.v[-5, -5] == 170


def test_later_captions_in_the_index_lie_above_earlier_ones(tmp_path: Path) -> None:
    entries = []
    for name, level, span in (("low", 60, (0, 20)), ("high", 250, (5, 9)), ("next", 110, (20, 30))):
        rgba = np.full((40, 60, 4), level, np.uint8)
        rgba[..., 3] = 255
        np.save(tmp_path / f"{name}.npy", rgba)
        entries.append(
            {
                "first_frame": span[0],
                "end_frame": span[1],
                "x_px": 30,
                "y_px": 30,
                "file": f"{name}.npy",
            }
        )
    index = tmp_path / "captions.json"
    index.write_text(json.dumps(entries))
    assert [state.file.stem for state in read_index(index)] == ["low", "high", "next"]
    picture = save(tmp_path / "a.png", flat((150, 150, 150)))
    plan = Composition.from_request(composition([picture]).to_request() | {"captions": str(index)})
    frame = Frame(SIZE)
    seen = []
    with FrameComposer.opened(plan) as composer:
        for number in range(plan.frame_count):
            composer.draw(number, frame)
            seen.append(round((int(frame.y[50, 60]) - 16) * 255 / 219))
    for number, wanted in ((0, 60), (4, 60), (5, 250), (8, 250), (9, 60), (19, 60), (20, 110)):
        assert abs(seen[number] - wanted) <= 2
    assert abs(seen[30] - 150) <= 2


def test_a_caption_outside_the_frame_is_refused() -> None:
    with pytest.raises(ValueError, match="outside"):
        CaptionOverlay(caption(50, 90), SIZE.width_px - 80, 10, SIZE)


def test_a_picture_of_another_size_fills_the_frame(tmp_path: Path) -> None:
    wide = np.zeros((300, 900, 3), np.uint8)
    wide[:, 300:600] = (0, 200, 0)
    path = save(tmp_path / "wide.png", wide)
    frame = Frame(SIZE)
    load_picture(path, picture_size(SIZE)).draw(View(10, 10, 1.05), frame, *_resamplers())
    assert np.ptp(frame.y[50:-50, 50:-50]) <= 1
    assert frame.y[300, 180] > 120


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\nbroken", None])
def test_an_unreadable_picture_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "picture.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(MediaError) as caught:
        load_picture(path, picture_size(SIZE))
    assert caught.value.message.id is MessageId.PICTURE_INVALID
    assert caught.value.message.params["file"] == "picture.png"
