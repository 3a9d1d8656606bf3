"""Captions in decoded frames of finished videos: inside the safe zone, two lines, right order.

Each video is made twice, with and without captions; what differs is the captions.
"""

# ruff: noqa: RUF001 - letters that look like Latin ones are what is tested
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pysubs2
import pytest
from video_kit import Mask, accent_mask, caption_mask, frames, make_videos

from vidgen_gui.core.job import CaptionStyle, JobSpec, Speech
from vidgen_gui.core.quality import Aspect, FrameSize, Quality, frame_size
from vidgen_gui.core.safe_zone import safe_box
from vidgen_gui.media.captions.layout import caption_size_px
from vidgen_gui.pipeline.delivery import subtitles_path

YELLOW = (255, 214, 10)
LONG = (
    "Extraordinarily uncharacteristic responsibilities overwhelm "
    "Donaudampfschifffahrtsgesellschaft captains, jumping puppies and quiet "
    "WWWWWWWWWWWWWWWWWWWWWWWWWWWW fans alike. "
    "Go. Now, quietly, keep going until the very last of the light has left the hills."
)
SCRIPTS = {
    "cyrillic": "Доброе утро, дорогой друг! Каждый новый день — маленький шаг к мечте.",
    "greek": "Καλημέρα, φίλε μου! Κάθε μικρό βήμα μετράει.",
    "arabic": "صباح الخير يا صديقي! كل خطوة صغيرة تصنع فرقًا في عام 2024.",
    "hebrew": "בוקר טוב, חבר יקר! כל צעד קטן חשוב, גם ב-2024.",
    "devanagari": "सुप्रभात मेरे मित्र! हर छोटा कदम मायने रखता है।",
    "thai": "สวัสดีตอนเช้าเพื่อนรัก ทุกก้าวเล็กๆ มีความหมาย",
    "chinese": "早上好，我的朋友！每一小步都很重要，慢慢走。",
    "japanese": "おはようございます。小さな一歩が「大きな力」になります。",
    "korean": "좋은 아침입니다, 친구여! 작은 걸음 하나하나가 소중합니다.",
    "emoji": "Family 👨‍👩‍👧‍👦 time! Flags 🇩🇪 🇯🇵 wave. Hands 👍🏽 say hello ❤️ now.",
}
RIGHT_TO_LEFT = {"arabic", "hebrew"}


@dataclass(frozen=True)
class Pair:
    """A video with captions and its twin without."""

    captioned: Path
    clean: Path
    size: FrameSize
    aspect: Aspect

    def masks(self, every: int) -> Iterator[Mask]:
        """Where captions lie, in every ``every``-th frame that has any."""
        shown = frames(self.captioned, self.size, every=every)
        bare = frames(self.clean, self.size, every=every)
        for with_captions, without in zip(shown, bare, strict=True):
            mask = caption_mask(with_captions, without)
            if mask.any():
                yield mask

    def first_step(self) -> float:
        """How far the highlight goes across when it first moves within a line, in pixels."""
        shown, bare = frames(self.captioned, self.size), frames(self.clean, self.size)
        last: tuple[float, float] | None = None
        for with_captions, without in zip(shown, bare, strict=True):
            lit = accent_mask(with_captions, without, YELLOW)
            if lit.sum() < 40:
                continue
            place = tuple(float(np.flatnonzero(lit.any(axis=a)).mean()) for a in (0, 1))
            if last is not None and abs(place[1] - last[1]) < 12 and abs(place[0] - last[0]) > 8:
                return place[0] - last[0]
            last = (place[0], place[1])
        pytest.fail("the highlight never moves")


def make_pairs(folder: Path, specs: dict[str, dict[str, object]]) -> dict[str, Pair]:
    common = {"quality": Quality.DRAFT, "speech": Speech.CAPTIONS_ONLY, "music": False, "seed": 6}
    wanted = [
        JobSpec.create(topic=name, output_dir=folder / name, captions=captions, **common, **options)
        for name, options in specs.items()
        for captions in (True, False)
    ]
    made = iter(make_videos(folder / "home", wanted))
    return {
        name: Pair(next(made), next(made), spec.frame_size, spec.aspect)
        for name, spec in zip(specs, wanted[::2], strict=True)
    }


def check_place(pair: Pair, every: int) -> int:
    """Hold every caption against the safe zone and two lines; returns how many were seen."""
    zone = safe_box(pair.size, pair.aspect)
    em = caption_size_px(pair.size.short_side_px)
    seen = 0
    for mask in pair.masks(every):
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        assert zone.left_px <= columns[0]
        assert columns[-1] < zone.right_px
        assert zone.top_px <= rows[0]
        assert rows[-1] < zone.bottom_px
        # Two lines with letters of every height and depth, their outline and shadow.
        assert rows[-1] - rows[0] < 3.1 * em
        seen += 1
    return seen


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pair]:
    styles = [CaptionStyle.BOLD, CaptionStyle.BOXED, CaptionStyle.CLEAN, CaptionStyle.BOXED]
    specs: dict[str, dict[str, object]] = {
        aspect.name: {"aspect": aspect, "caption_style": style, "script_text": LONG}
        for aspect, style in zip(Aspect, styles, strict=True)
    }
    return make_pairs(tmp_path_factory.mktemp("shapes"), specs)


@pytest.mark.slow
@pytest.mark.parametrize("aspect", list(Aspect))
@pytest.mark.req("T4", "K5")
def test_captions_stay_in_the_safe_zone_on_two_lines(
    shapes: dict[str, Pair], aspect: Aspect
) -> None:
    pair = shapes[aspect.name]
    assert pair.size == frame_size(Quality.DRAFT, aspect)
    assert check_place(pair, every=5) > 40


@pytest.fixture(scope="module")
def languages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pair]:
    specs: dict[str, dict[str, object]] = {
        name: {"script_text": text} for name, text in SCRIPTS.items()
    }
    return make_pairs(tmp_path_factory.mktemp("languages"), specs)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(SCRIPTS))
@pytest.mark.req("T3", "T8")
def test_every_script_is_delivered_and_lit_in_its_own_order(
    languages: dict[str, Pair], name: str
) -> None:
    pair = languages[name]
    assert check_place(pair, every=10) > 8
    assert (pair.first_step() < 0) is (name in RIGHT_TO_LEFT)
    words = subtitle_text(pair.captioned).split()
    assert "".join(words) == "".join(SCRIPTS[name].split())


def subtitle_text(video: Path) -> str:
    lines = pysubs2.load(str(subtitles_path(video)), encoding="utf-8")
    return " ".join(line.plaintext for line in lines)
