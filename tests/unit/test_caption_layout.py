"""Captions before they are drawn: fonts by coverage, tokens, pages, lines, frames, subtitles."""

# ruff: noqa: RUF001 - letters that look like Latin ones are what is tested
import itertools
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidgen_gui.core.quality import Aspect, FrameSize, Quality, frame_size
from vidgen_gui.core.safe_zone import Box, safe_box
from vidgen_gui.core.script import WordTiming
from vidgen_gui.core.text import graphemes
from vidgen_gui.media import fonts
from vidgen_gui.media.captions.frames import LINGER_S, onset_frame, plan_states
from vidgen_gui.media.captions.layout import (
    LONG_PAUSE_S,
    MAX_WORDS,
    Limits,
    Page,
    caption_size_px,
    lay_out_scene,
    reads_right_to_left,
)
from vidgen_gui.media.captions.leaning import leaning
from vidgen_gui.media.captions.subtitles import write_srt
from vidgen_gui.media.captions.tokens import split_hard, split_unspaced, tokenise
from vidgen_gui.system.resources import resource

LIMITS = Limits(line_px=510, size_px=48)
FAMILY = "👨‍👩‍👧‍👦"
PARAGRAPH = (
    "There is a quiet power in the way a morning begins. Before the phone, before the news, "
    "you walk. Ten minutes is enough: your breath settles, your shoulders drop, and the day "
    "stops chasing you. Try it tomorrow."
)


def measure(text: str) -> float:
    """A stand-in for a font: wide characters are one em, others a bit over half."""
    return sum(48 if ord(g[0]) > 0x2E80 else 13 if g == " " else 28 for g in graphemes(text))


def timed(text: str, *, start_s: float = 0.35, word_s: float = 0.3) -> list[WordTiming]:
    return [
        WordTiming(word, start_s + word_s * i, start_s + word_s * (i + 1))
        for i, word in enumerate(text.split())
    ]


def pages_of(text: str, limits: Limits = LIMITS) -> list[Page]:
    return lay_out_scene(timed(text), measure, limits)


def check_fits(pages: list[Page], limits: Limits = LIMITS) -> None:
    for page in pages:
        assert 1 <= len(page.lines) <= 2
        assert 0 < page.scale <= 1
        for line in page.line_texts:
            assert measure(line) * page.scale <= limits.line_px + 1e-6
        words = [token for token in page.tokens if not token.joined]
        assert len(words) <= MAX_WORDS


@pytest.mark.parametrize("unseen", ["\u200d", "\u200c\u200d", "\ufe0f", "\U000e0041", "\u3164"])
def test_words_that_nobody_can_see_take_no_place(unseen: str) -> None:
    def widths(text: str) -> float:
        return 0.0 if text.strip() == unseen else measure(text)

    words = timed(f"{unseen} Stand {unseen} still {unseen}.")
    (page,) = lay_out_scene(words, widths, LIMITS)
    assert [line.replace(unseen, "") for line in page.line_texts] == ["Stand still ."]
    assert lay_out_scene(timed(unseen), widths, LIMITS) == []


@pytest.mark.parametrize(
    ("short_side_px", "size_px"),
    [(720, 48), (1080, 72), (1440, 96), (512, 34), (1280, 85), (1088, 73), (300, 24), (64, 24)],
)
@pytest.mark.req("AUD-11")
def test_size_follows_the_short_side_rounded_with_a_minimum(
    short_side_px: int, size_px: int
) -> None:
    assert caption_size_px(short_side_px) == size_px


def test_pages_follow_sentences_and_are_a_few_words_long() -> None:
    pages = pages_of(PARAGRAPH)
    check_fits(pages)
    texts = [" ".join(page.line_texts) for page in pages]
    assert " ".join(texts) == PARAGRAPH
    assert "Before the phone," in texts[2]
    for text in texts:
        assert ". " not in text
        assert not text.endswith((" the", " a", " is"))
        assert 2 <= len(text.split()) <= MAX_WORDS


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Plan for the bad days.", "Plan for / the bad days."),
        ("It rises when it is ready.", "It rises / when it is ready."),
        ("Any kid would ask what we don't dare to ask.",
         "Any kid would ask | what we don't dare / to ask."),
    ],
)  # fmt: skip
def test_lines_and_pages_break_where_a_reader_would_pause(text: str, lines: str) -> None:
    pages = lay_out_scene(timed(text), measure, LIMITS, "en")
    assert " | ".join(" / ".join(page.line_texts) for page in pages) == lines


@pytest.mark.parametrize(
    ("word", "language", "leans"),
    [
        ("the", "en", True), ("The", "en-GB", True), ("with", "en", True), ("don’t", "en", True),
        ("day", "en", False), ("sun", "en", False), ("in,", "en", False), ("mountain", "en", False),
        ("der", "de", True), ("и", "ru", True), ("los", "", True), ("Tag", "de", False),
    ],
)  # fmt: skip
def test_which_words_lean_on_the_next(word: str, language: str, *, leans: bool) -> None:
    assert (leaning(word, language) > 0.4) is leans


def test_a_page_never_reaches_across_a_long_pause() -> None:
    words = [WordTiming("one", 0, 0.3), WordTiming("two", 0.3 + LONG_PAUSE_S + 0.1, 1.6)]
    assert [page.line_texts for page in lay_out_scene(words, measure, LIMITS)] == [
        ("one",),
        ("two",),
    ]


@pytest.mark.parametrize("length", [30, 60, 100, 500])
@pytest.mark.req("T4", "K5")
def test_a_word_too_wide_shrinks_a_little_then_is_cut(length: int) -> None:
    word = "".join(random.Random(length).choices("abcdefghij", k=length))
    pages = pages_of(word)
    check_fits(pages)
    assert "".join(token.text for page in pages for token in page.tokens) == word
    assert min(page.scale for page in pages) >= LIMITS.smallest_scale


def test_one_character_wider_than_a_line_still_fits() -> None:
    (page,) = lay_out_scene(timed("\ufdfd"), lambda _: 2000.0, LIMITS)
    assert page.scale == pytest.approx(510 / 2000)


@pytest.mark.req("BUG-18", "AUD-22")
def test_a_cut_never_parts_a_grapheme() -> None:
    pages = pages_of(FAMILY * 40)
    check_fits(pages)
    for page in pages:
        for token in page.tokens:
            assert set(graphemes(token.text)) == {FAMILY}


def test_a_cut_prefers_the_place_after_a_sign() -> None:
    assert split_hard("https://example.com/very/long-path?query=1", 2) == [
        "https://example.com/",
        "very/long-path?query=1",
    ]


@given(
    st.lists(
        st.text(st.sampled_from("abcdefg,.;中文かな😀éمر"), min_size=1, max_size=70), max_size=30
    ),
    st.integers(120, 1400),
)
def test_nothing_is_lost_and_everything_fits(words: list[str], line_px: int) -> None:
    limits = Limits(line_px, 48)
    text = " ".join(words)
    pages = lay_out_scene(timed(text), measure, limits)
    check_fits(pages, limits)
    shown = "".join(token.text for page in pages for token in page.tokens)
    expected = "".join(token.text for token in tokenise(timed(text)))
    assert shown == expected
    starts = [token.start_s for page in pages for token in page.tokens]
    assert starts == sorted(starts)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Hello", ["Hello"]),
        ("한국어는", ["한국어는"]),
        ("今天的天气真好，我们", ["今天", "的天", "气真", "好，", "我们"]),
        ("「私は日本語を勉強しています。」", ["「私は", "日本", "語を", "勉強しています。」"]),
        ("コンピューターを使って", ["コンピューター", "を", "使って"]),
        ("間を流れていきます。", ["間を", "流れていきます。"]),
        ("ありがとうございました", ["ありがとう", "ございました"]),
        ("Python编程", ["Python", "编程"]),
        ("2024年", ["2024年"]),
        ("สวัสดีครับวันนี้อากาศดีมาก", ["สวัส", "ดีครับ", "วันนี้", "อากาศ", "ดีมาก"]),
        ("မြန်မာဘာသာ", ["မြန်မာဘာသာ"]),
    ],
)
def test_scripts_without_spaces_light_up_in_parts(text: str, parts: list[str]) -> None:
    assert split_unspaced(text) == parts
    tokens = tokenise([WordTiming(text, 1.0, 3.0)])
    assert [token.text for token in tokens] == parts
    assert (tokens[0].start_s, tokens[-1].end_s) == (1.0, 3.0)
    assert [token.joined for token in tokens] == [False] + [True] * (len(parts) - 1)
    for token, following in itertools.pairwise(tokens):
        assert token.end_s == following.start_s > token.start_s


def test_signs_alone_join_their_neighbours() -> None:
    tokens = tokenise(timed("— so it goes … & on !"))
    assert [token.text for token in tokens] == ["— so", "it", "goes …", "&", "on !"]
    assert tokens[0].start_s == pytest.approx(0.65)


@pytest.mark.req("T6", "LBL-8")
def test_markup_controls_and_line_ends_come_out_as_plain_text() -> None:
    words = [
        WordTiming(text, i, i + 1)
        for i, text in enumerate(
            ["{\\an8}", "<b>x</b>", "&lt;", "100%", "':=,;[]", "C:\\new", "a\x00\u202eb", "x\r\ny"]
        )
    ]
    assert [token.text for token in tokenise(words)] == [
        *("{\\an8}", "<b>x</b>", "&lt;", "100%", "':=,;[]", "C:\\new", "ab", "x y"),
    ]


@pytest.mark.parametrize(
    ("text", "rtl"),
    [
        ("Hello world", False),
        ("مرحبا بكم", True),
        ("iPhone هو هاتف ذكي جدا", True),
        ("He said שלום and left", False),
        ("2024!", False),
        ("", False),
    ],
)
def test_the_side_on_which_a_line_begins(text: str, *, rtl: bool) -> None:
    assert reads_right_to_left(text) is rtl


@pytest.mark.parametrize("fps", [24, 30, 60])
def test_highlights_are_at_most_half_a_frame_off(fps: int) -> None:
    rng = random.Random(7)
    clock = 0.35
    words = []
    for number in range(200):
        length = rng.uniform(0.08, 0.6)
        words.append(WordTiming(f"word{number}", clock, clock + length))
        clock += length + rng.choice([0, 0, 0.05, 0.4, 1.5])
    pages = lay_out_scene(words, measure, LIMITS)
    states = plan_states([pages], fps, 10_000)
    tokens = {(n, i): t for n, page in enumerate(pages) for i, t in enumerate(page.tokens)}
    assert len(states) == len(words)
    for state in states:
        onset = tokens[state.page, state.token].start_s
        assert abs(state.first_frame / fps - onset) <= 0.5 / fps + 1e-9
    for state, following in itertools.pairwise(states):
        assert state.first_frame < state.end_frame <= following.first_frame


def test_a_page_goes_in_a_long_pause_and_stays_in_a_short_one() -> None:
    def states(gap_s: float) -> list[tuple[int, int]]:
        words = [WordTiming("one.", 0, 1), WordTiming("two.", 1 + gap_s, 2 + gap_s)]
        pages = lay_out_scene(words, measure, LIMITS)
        return [(s.first_frame, s.end_frame) for s in plan_states([pages], 30, 1000)]

    lingers = round(LINGER_S * 30)
    assert states(0.5) == [(0, 45), (45, 75 + lingers)]
    assert states(2.0) == [(0, 30 + lingers), (90, 120 + lingers)]


def test_captions_end_with_their_scene() -> None:
    first = lay_out_scene([WordTiming("one", 0, 1)], measure, LIMITS)
    second = lay_out_scene([WordTiming("two", 5, 6)], measure, LIMITS)
    states = plan_states([first, second], 30, 170, [35, 170])
    assert [(s.page, s.first_frame, s.end_frame) for s in states] == [(0, 0, 35), (1, 150, 170)]


def test_words_too_quick_for_a_frame_are_not_flashed() -> None:
    words = [WordTiming(w, t, t + 0.001) for w, t in (("a", 0), ("b", 0.001), ("c", 1.0))]
    states = plan_states([lay_out_scene(words, measure, LIMITS)], 30, 100)
    assert all(s.end_frame > s.first_frame for s in states)
    assert onset_frame(0.001, 30) == 0
    assert next(s.token for s in states if s.page == 0) == 1


@pytest.mark.req("T4")
def test_a_script_of_twenty_thousand_characters_is_laid_out() -> None:
    text = (PARAGRAPH + " ") * 95
    pages = pages_of(text)
    check_fits(pages)
    assert sum(len(page.tokens) for page in pages) == len(text.split())


@pytest.mark.parametrize("aspect", list(Aspect))
@pytest.mark.parametrize("quality", list(Quality))
def test_the_safe_zone_lies_in_the_frame_on_even_pixels(aspect: Aspect, quality: Quality) -> None:
    size = frame_size(quality, aspect)
    box = safe_box(size, aspect)
    assert Box(0, 0, size.width_px, size.height_px).contains(box)
    edges = (box.left_px, box.top_px, box.right_px, box.bottom_px)
    assert not any(edge % 2 for edge in edges)
    assert box.width_px > 0.7 * size.width_px
    assert box.height_px > 0.5 * size.height_px


def test_portrait_keeps_free_of_the_apps_buttons() -> None:
    box = safe_box(FrameSize(1080, 1920), Aspect.PORTRAIT)
    assert box.top_px >= 0.13 * 1920
    assert box.bottom_px <= 0.80 * 1920
    assert box.right_px <= 0.88 * 1080


@pytest.mark.req("S1", "T8")
def test_fonts_are_bundled_with_their_licences() -> None:
    folder = resource("fonts")
    for face in fonts.faces():
        assert (folder / face.file).stat().st_size > 10_000
    licences = [path.read_text(encoding="utf-8") for path in folder.glob("LICENSE-*.txt")]
    assert len(licences) == 4
    assert all("SIL Open Font License" in text or "SIL OPEN FONT" in text for text in licences)
    assert sum(path.stat().st_size for path in folder.iterdir()) < 40 * 2**20
    assert len(fonts.window_faces()) == len(fonts.WINDOW_WEIGHTS)


@pytest.mark.parametrize(
    "text",
    [
        "Grüße, naïve café — “quotes” … € ₹ ₿ ½ № ™",
        "Привет Їжак Ђорђе",
        "Γειά σου Ἀθῆναι",
        "مرحبا بالعالم، پارسی ٹ ۱۲۳",
        "שָׁלוֹם עולם",
        "नमस्ते क्षत्रिय ॐ",
        "สวัสดี ๑๒๓",
        "今天天氣 繁體 简体 龘",
        "日本語のカタカナ、々〆",
        "안녕하세요 뷁 ㄱㄴ",
        "😀 🫠 ❤️ 🏳️‍🌈 🇩🇪 🏴󠁧󠁢󠁥󠁮󠁧󠁿 👍🏽 1️⃣ ☀ ☎",
        "বাংলা தமிழ் తెలుగు ગુજરાતી ਪੰਜਾਬੀ ಕನ್ನಡ മലയാളം ଓଡ଼ିଆ සිංහල",
        "ქართული Հայերեն አማርኛ ខ្មែរ ລາວ မြန်မာ ދިވެހި བོད་ ᏣᎳᎩ",
        "→ ✓ ★ ∑ √ ≠ ∞ ℝ ♪ ▲ ①",
    ],
)
@pytest.mark.req("T8", "T3")
def test_every_script_and_emoji_is_covered(text: str) -> None:
    assert fonts.undrawable(text) == ()
    assert fonts.drawable(text) == text
    runs = fonts.face_runs(text, region=fonts.cjk_region(text))
    assert "".join(text[run.start : run.end] for run in runs) == text
    starts = set(itertools.accumulate((len(g) for g in graphemes(text)), initial=0))
    assert {run.start for run in runs} <= starts


def test_what_no_font_has_is_replaced_on_purpose() -> None:
    assert fonts.undrawable("a 𓀀𓀁 b 🫩") == ("𓀀", "𓀁", "🫩")
    assert fonts.drawable("a 𓀀𓀁 b 🫩c") == "a … b c"
    assert fonts.drawable("𝓗𝓮𝓵𝓵𝓸") == "Hello"
    assert tokenise([WordTiming("🫩", 0, 1), WordTiming("ok", 1, 2)])[0].text == "ok"


@pytest.mark.parametrize(
    ("text", "region"),
    [("简体中文测试", "SC"), ("繁體中文測試", "TC"), ("漢字かな", "JP"), ("漢字와 한글", "KR")],
)
def test_ideographs_take_their_countrys_shapes(text: str, region: str) -> None:
    assert fonts.cjk_region(text) == region
    (face,) = {r.face.family for r in fonts.face_runs("漢", region=region)}
    expected = "SC" if region == "KR" else region
    assert face == f"Noto Sans CJK {expected}"


def test_emoji_are_coloured_unless_text_was_asked_for() -> None:
    def family(text: str) -> str:
        return fonts.face_runs(text)[0].face.family

    assert family("❤") == family("❤️") == family("1️⃣") == fonts.EMOJI_FAMILY
    assert family("❤\ufe0e") != fonts.EMOJI_FAMILY
    assert family("1") == family("©") == family("#") == fonts.LATIN_FAMILY


@pytest.mark.req("T6")
def test_subtitles_hold_the_same_pages_as_plain_text(tmp_path: Path) -> None:
    text = r"{\an8} <b>bold</b> \N done."
    pages = pages_of(text)
    target = tmp_path / "captions.srt"
    write_srt(target, pages, plan_states([pages], 30, 1000), 30)
    written = target.read_text(encoding="utf-8")
    assert "<b>" not in written
    assert "{\\an8}" not in written
    blocks = written.strip().split("\n\n")
    assert len(blocks) == len(pages)
    assert blocks[0].splitlines()[1].startswith("00:00:00,367 --> ")
    lines = [line for block in blocks for line in block.splitlines()[2:]]
    assert " ".join(lines).replace("\u2060", "") == text
