"""How long a render may take before it must be hanging."""

import pytest

from vidgen_gui.core.quality import Quality
from vidgen_gui.pipeline.pace import FLOOR_S, RenderPace


@pytest.mark.req("BUG-16", "BUG-48")
@pytest.mark.parametrize(
    ("quality", "seconds_per_s"),
    [
        (Quality.DRAFT, 4),
        (Quality.STANDARD, 8),
        (Quality.HIGH, 15),
        (Quality.ULTRA_LITE, 20),
        (Quality.ULTRA, 25),
    ],
)
def test_unmeasured_renders_get_seconds_for_each_second_of_video(
    quality: Quality, seconds_per_s: float
) -> None:
    assert RenderPace().deadline_s(quality, 30, 60.0) == 60 * seconds_per_s
    assert RenderPace().deadline_s(quality, 60, 60.0) == 120 * seconds_per_s


def test_a_short_video_still_gets_time() -> None:
    assert RenderPace().deadline_s(Quality.DRAFT, 30, 2.0) == FLOOR_S


def test_a_measured_speed_replaces_the_guess() -> None:
    pace = RenderPace()
    pace.record(Quality.ULTRA, 30, duration_s=20, elapsed_s=16)
    pace.record(Quality.ULTRA, 30, duration_s=20, elapsed_s=10)
    assert pace.deadline_s(Quality.ULTRA, 30, 600) == pytest.approx(6 * 0.8 * 600)
    assert pace.deadline_s(Quality.ULTRA, 60, 600) == 2 * 25 * 600
    assert pace.deadline_s(Quality.STANDARD, 30, 600) == 8 * 600
