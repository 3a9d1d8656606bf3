"""The way over a picture: inside its margin, smooth, never still, different from scene to scene."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vidgen_gui.core.picture import OVERSCAN, picture_size
from vidgen_gui.core.quality import PRESETS, Aspect, FrameSize, Quality, frame_size
from vidgen_gui.media.motion import Motion, Pose, View, ease, plan_motions

FRAME = FrameSize(720, 1280)


def views(motion: Motion, frames: int) -> list[View]:
    return [motion.view(number / (frames - 1)) for number in range(frames)]


@pytest.mark.parametrize("quality", list(Quality))
@pytest.mark.parametrize("aspect", list(Aspect))
def test_pictures_leave_the_margin_and_have_even_sides(quality: Quality, aspect: Aspect) -> None:
    frame = frame_size(quality, aspect)
    picture = picture_size(frame)
    assert picture.width_px % 2 == picture.height_px % 2 == 0
    for frame_px, picture_px in (
        (frame.width_px, picture.width_px),
        (frame.height_px, picture.height_px),
    ):
        assert frame_px * OVERSCAN <= picture_px < frame_px * OVERSCAN + 2


@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**64 - 1),
    durations=st.lists(st.floats(0.2, 120), min_size=1, max_size=6),
    aspect=st.sampled_from(Aspect),
)
def test_views_stay_inside_the_picture_and_never_enlarge(
    seed: int, durations: list[float], aspect: Aspect
) -> None:
    frame = frame_size(Quality.STANDARD, aspect)
    picture = picture_size(frame)
    for motion in plan_motions(frame, picture, durations, seed):
        for view in views(motion, 41):
            assert 1 < view.scale <= OVERSCAN
            assert view.left_px >= -1e-9
            assert view.top_px >= -1e-9
            assert view.left_px + frame.width_px * view.scale <= picture.width_px + 1e-9
            assert view.top_px + frame.height_px * view.scale <= picture.height_px + 1e-9


@pytest.mark.parametrize("seed", range(8))
def test_motion_is_slow_smooth_and_never_stands_still(seed: int) -> None:
    fps = 30
    for motion in plan_motions(FRAME, picture_size(FRAME), [5.0] * 5, seed):
        # A corner of the frame moves in every kind of move.
        corners = [
            (v.left_px + FRAME.width_px * v.scale, v.top_px + FRAME.height_px * v.scale)
            for v in views(motion, 5 * fps)
        ]
        steps = [math.dist(a, b) for a, b in itertools.pairwise(corners)]
        assert max(steps) * fps < 0.03 * FRAME.height_px
        assert min(steps) > 0.02
        assert max(abs(b - a) for a, b in itertools.pairwise(steps)) < 0.02


def test_easing_goes_from_start_to_end_and_only_forwards() -> None:
    values = [ease(n / 100) for n in range(101)]
    assert values[0] == 0
    assert values[-1] == pytest.approx(1)
    assert all(a < b for a, b in itertools.pairwise(values))


def test_same_seed_same_moves_and_neighbours_differ() -> None:
    def plan(seed: int) -> tuple[Motion, ...]:
        return plan_motions(FRAME, picture_size(FRAME), [4.0] * 8, seed)

    assert plan(3) == plan(3)
    assert plan(3) != plan(4)
    for one, following in zip(plan(3), plan(3)[1:], strict=False):
        assert (one.start, one.end) != (following.start, following.end)


def test_first_frame_shows_the_whole_picture() -> None:
    for seed in range(5):
        view = plan_motions(FRAME, picture_size(FRAME), [5.0, 4.0], seed)[0].view(0)
        assert view.scale == OVERSCAN


def test_a_picture_without_margin_is_not_read_past_its_edge() -> None:
    motion = Motion(FRAME, FrameSize(740, 1300), Pose(OVERSCAN, 0, 0), Pose(1.03, 0.5, 0.5))
    for view in views(motion, 20):
        assert view.left_px + FRAME.width_px * view.scale <= 740 + 1e-9


@pytest.mark.req("LBL-11")
def test_every_quality_has_its_frame_rate_in_the_one_table() -> None:
    assert {q: PRESETS[q].frame_rate(high=False) for q in Quality} == dict.fromkeys(Quality, 30)
    assert PRESETS[Quality.ULTRA].frame_rate(high=True) == 60
    assert PRESETS[Quality.DRAFT].frame_rate(high=True) == 30
