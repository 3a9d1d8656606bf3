"""Qualities, aspects, timelines, cancel tokens and job requests."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled, InputError
from vidgen_gui.core.job import JobSpec, fold_seed
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.quality import PRESETS, Aspect, FrameSize, Quality, frame_size
from vidgen_gui.core.timeline import plan_timeline


@pytest.mark.req("P3", "M10", "LBL-11")
def test_table_of_qualities() -> None:
    table = {
        q.slug: (str(p.portrait), p.steps, p.cfg, p.crf, p.fps, p.high_fps)
        for q, p in PRESETS.items()
    }
    assert table == {
        "draft": ("512×768", 20, 6.0, 24, 30, None),
        "standard": ("720×1280", 35, 7.5, 20, 30, None),
        "high": ("1080×1920", 50, 8.5, 19, 30, None),
        "ultra-lite": ("1280×2272", 60, 8.5, 18, 30, None),
        "ultra": ("1440×2560", 80, 9.5, 18, 30, 60),
    }


@pytest.mark.req("LBL-20")
def test_qualities_are_ordered_once() -> None:
    assert max(Quality) is Quality.ULTRA
    assert Quality.DRAFT < Quality.STANDARD < Quality.HIGH < Quality.ULTRA_LITE < Quality.ULTRA


@pytest.mark.req("LBL-3", "LBL-4")
def test_presets_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        PRESETS[Quality.ULTRA].steps = 1  # type: ignore[misc]
    with pytest.raises(TypeError):
        PRESETS[Quality.ULTRA] = PRESETS[Quality.DRAFT]  # type: ignore[index]


@pytest.mark.parametrize("quality", list(Quality))
@pytest.mark.parametrize("aspect", list(Aspect))
def test_every_size_is_even_and_keeps_the_short_side(quality: Quality, aspect: Aspect) -> None:
    size = frame_size(quality, aspect)
    assert size.width_px % 2 == 0
    assert size.height_px % 2 == 0
    assert size.short_side_px == PRESETS[quality].portrait.width_px


@pytest.mark.req("BUG-22", "AUD-26", "LBL-16")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9:16", Aspect.PORTRAIT),
        ("16x9", Aspect.LANDSCAPE),
        (" 1/1 ", Aspect.SQUARE),
        ("4×5", Aspect.TALL),
    ],
)
def test_aspect_is_parsed_at_the_boundary(text: str, expected: Aspect) -> None:
    assert Aspect.parse(text) is expected


@pytest.mark.req("BUG-22", "T7")
@pytest.mark.parametrize("text", ["1:10", "", "9:0", "0:0", "wide", "9:16:1", "-9:16"])
def test_unknown_aspect_is_refused_with_the_list(text: str) -> None:
    with pytest.raises(InputError) as caught:
        Aspect.parse(text)
    assert caught.value.message.id is MessageId.ASPECT_UNKNOWN
    assert "9:16" in caught.value.message.params["known"]


@pytest.mark.req("T7")
@pytest.mark.parametrize(
    ("width", "height", "fits"),
    [
        (1440, 2560, True),
        (1280, 2272, True),
        (1200, 2134, True),
        (512, 768, False),
        (720, 1279, False),
        (720, 1300, False),
        (0, 0, False),
        (-720, -1280, False),
    ],
)
def test_free_size_must_be_even_and_near_its_ratio(width: int, height: int, fits: bool) -> None:  # noqa: FBT001
    size = FrameSize(width, height)
    if fits:
        size.check_matches(Aspect.PORTRAIT)
        return
    with pytest.raises(InputError):
        size.check_matches(Aspect.PORTRAIT)


@pytest.mark.req("G5", "T2")
@given(st.integers())
def test_any_seed_is_folded_into_64_bits(seed: int) -> None:
    assert 0 <= fold_seed(seed) < 2**64
    assert JobSpec.create(topic="sea", output_dir=Path("/v"), seed=seed).seed == fold_seed(seed)


@pytest.mark.parametrize(
    ("topic", "script", "message_id"),
    [
        ("", None, MessageId.TOPIC_EMPTY),
        (" \t\n\u00a0", None, MessageId.TOPIC_EMPTY),
        ("\x00\x01", None, MessageId.TOPIC_EMPTY),
        ("🎉🎉👨‍👩‍👧", None, MessageId.TOPIC_NO_WORDS),
        ("a" * 20_000, None, MessageId.TOPIC_TOO_LONG),
        ("x", " \n ", MessageId.SCRIPT_EMPTY),
        ("x", "word " * 5_000, MessageId.SCRIPT_TOO_LONG),
    ],
)
def test_unusable_text_is_refused_at_the_boundary(
    topic: str, script: str | None, message_id: MessageId
) -> None:
    with pytest.raises(InputError) as caught:
        JobSpec.create(topic=topic, script_text=script, output_dir=Path("/v"))
    assert caught.value.message.id is message_id


def test_a_wrong_option_names_its_field() -> None:
    with pytest.raises(InputError) as caught:
        JobSpec.create(topic="sea", output_dir=Path("/v"), language="../etc")
    assert caught.value.message.params["field"] == "language"


@given(st.lists(st.floats(0.05, 60), min_size=1, max_size=30), st.sampled_from([24, 25, 30, 60]))
def test_timeline_covers_every_frame_and_every_word(durations: list[float], fps: int) -> None:
    timeline = plan_timeline(durations, fps)
    assert timeline.scenes[0].first_frame == 0
    assert timeline.scenes[-1].end_frame == timeline.frame_count
    for before, after in zip(timeline.scenes, timeline.scenes[1:], strict=False):
        assert before.first_frame <= after.first_frame <= before.end_frame
        assert before.voice_end_s < after.voice_start_s
    for scene in timeline.scenes:
        assert scene.first_frame < scene.end_frame <= timeline.frame_count
        assert scene.voice_end_s < timeline.duration_s


@pytest.mark.parametrize("durations", [[], [0.0], [-1.0], [float("nan")], [float("inf")], [1e9]])
def test_timeline_refuses_absurd_durations(durations: list[float]) -> None:
    with pytest.raises(ValueError, match="durations"):
        plan_timeline(durations, 30)


def test_cancel_calls_the_closers_of_those_who_wait_now() -> None:
    token = CancelToken()
    called: list[str] = []
    with token.closing(lambda: called.append("left")):
        pass
    with token.closing(lambda: called.append("waiting")):
        token.cancel()
    assert called == ["waiting"]
    with pytest.raises(Cancelled):
        token.raise_if_cancelled()
    with pytest.raises(Cancelled), token.closing(lambda: called.append("late")):
        pytest.fail("a cancelled token must not let work begin")
    assert called == ["waiting", "late"]


@pytest.mark.req("AUD-17")
def test_cancel_is_not_taken_for_a_failure() -> None:
    assert not issubclass(Cancelled, Exception)
