"""Captions drawn by Qt with the bundled fonts: every script, every style, and the worker."""

# ruff: noqa: RUF001 - letters that look like Latin ones are what is tested
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import StorageError
from vidgen_gui.core.job import CaptionStyle
from vidgen_gui.core.quality import Aspect, FrameSize, Quality, frame_size
from vidgen_gui.core.safe_zone import Box, safe_box
from vidgen_gui.core.script import WordTiming
from vidgen_gui.core.text import graphemes
from vidgen_gui.media.captions.frames import onset_frame
from vidgen_gui.media.captions.layout import Page, lay_out_scene
from vidgen_gui.media.captions.painter import CaptionPainter, PageDrawing, Picture
from vidgen_gui.media.captions.request import CaptionRequest
from vidgen_gui.media.captions.shaping import ink_of, shape_line
from vidgen_gui.media.fonts import cjk_region
from vidgen_gui.system.worker import WorkerProcess

PORTRAIT = frame_size(Quality.STANDARD, Aspect.PORTRAIT)

SAMPLES = {
    "latin": "Grüße, “naïve” café — über 100 % größer!",
    "cyrillic": "Привет, мир! Как у тебя дела?",
    "greek": "Γειά σου Κόσμε, τι κάνεις;",
    "arabic": "مرحبا بكم في iPhone الجديد 2024!",
    "hebrew": "שָׁלוֹם עולם, זה YouTube טוב!",
    "devanagari": "नमस्ते दुनिया, क्षत्रिय कैसे हैं?",
    "thai": "สวัสดีครับวันนี้อากาศดีมาก ที่นี่",
    "chinese": "今天的天气真好，我们一起去公园散步吧！",
    "traditional": "今天的天氣真好，我們一起去公園。",
    "japanese": "私は「日本語」を勉強しています。",
    "korean": "안녕하세요, 만나서 반갑습니다!",
    "bengali": "আমি বাংলায় কথা বলি",
    "tamil": "தமிழ் மொழி வாழ்க",
    "ethiopic": "ሰላም ለዓለም",
    "khmer": "ខ្ញុំស្រឡាញ់ភាសាខ្មែរណាស់",
    "georgian": "მე მიყვარს საქართველო",
    "emoji": "Family 👨‍👩‍👧‍👦 flags 🇩🇪🇯🇵 👍🏽 1️⃣ ❤️ 🏳️‍🌈 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "emoji after devanagari": "नमस्ते 🙏 مرحبا 🙏 ไทย 🙏",
    "markup": r"{\an8} <b>x</b> &lt; 100% 'a' C:\new",
    "long": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "tall": "Z̴̡̢̛͇̪̗̈́̇a̵̡̛͚̭̿l̸̰͇̄g̷͓͝o ﷽﷽ བཀྲ་ཤིས་",
}


@pytest.fixture(autouse=True)
def _qt_is_silent(qapp: QApplication) -> Iterator[None]:
    """Drawing needs Qt's application object; Qt's complaints fail the test."""
    assert qapp is not None
    said: list[str] = []
    before = qInstallMessageHandler(lambda _kind, _context, text: said.append(text))
    yield
    qInstallMessageHandler(before)
    assert said == []


def timed(text: str) -> list[WordTiming]:
    return [WordTiming(w, 0.35 + 0.3 * i, 0.65 + 0.3 * i) for i, w in enumerate(text.split())]


def painter_for(
    text: str,
    style: CaptionStyle = CaptionStyle.BOLD,
    size: FrameSize = PORTRAIT,
    aspect: Aspect = Aspect.PORTRAIT,
) -> CaptionPainter:
    return CaptionPainter(style, size, aspect, cjk_region(text))


def drawn(text: str, painter: CaptionPainter) -> list[tuple[Page, PageDrawing]]:
    pages = lay_out_scene(timed(text), painter.measure, painter.limits)
    return [(page, painter.draw(page)) for page in pages]


def box_of(picture: Picture) -> Box:
    height, width = picture.pixels.shape[:2]
    x, y = picture.x_px, picture.y_px
    return Box(x, y, x + width, y + height)


def over_white(picture: Picture) -> npt.NDArray[np.float64]:
    pixels = picture.pixels.astype(float)
    return np.asarray(255 - pixels[..., 3:] + pixels[..., :3])


def luminance(rgb: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Relative luminance by WCAG 2."""
    c = rgb / 255
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("style", list(CaptionStyle))
@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.req("T8", "S1", "T3")
def test_every_script_is_drawn_whole_inside_the_safe_zone(sample: str, style: CaptionStyle) -> None:
    text = SAMPLES[sample]
    painter = painter_for(text, style)
    zone = safe_box(PORTRAIT, Aspect.PORTRAIT)
    for page, drawing in drawn(text, painter):
        assert drawing.missing_glyphs == 0
        assert len(drawing.line_boxes) <= 2
        pictures = [drawing.unlit(), *(drawing.lit(n) for n in range(len(page.tokens)))]
        for picture in pictures:
            assert zone.contains(box_of(picture))
            assert picture.pixels[..., 3].max() > 200
            assert not any(value % 2 for value in (picture.x_px, picture.y_px))
            assert np.all(picture.pixels[..., :3] <= picture.pixels[..., 3:])


@pytest.mark.req("T8")
def test_a_missing_glyph_would_be_noticed_and_left_out() -> None:
    shaped = shape_line("a𓀀b", 48, weight=800, region="SC", rtl=False)
    ink = ink_of(shaped, 0, 4, line=0)
    assert ink.missing > 0
    whole = ink_of(shape_line("ab", 48, weight=800, region="SC", rtl=False), 0, 2, line=0)
    assert ink.path.elementCount() == whole.path.elementCount()


@pytest.mark.parametrize("aspect", list(Aspect))
@pytest.mark.parametrize("quality", [Quality.DRAFT, Quality.HIGH, Quality.ULTRA])
@pytest.mark.parametrize("style", list(CaptionStyle))
def test_captions_keep_to_the_safe_zone_in_every_format(
    aspect: Aspect, quality: Quality, style: CaptionStyle
) -> None:
    size = frame_size(quality, aspect)
    text = f"{SAMPLES['long']} Wide WWWWWWWW MMMMMM jjj {SAMPLES['tall']}"
    painter = painter_for(text, style, size, aspect)
    zone = safe_box(size, aspect)
    for page, drawing in drawn(text, painter):
        for picture in (drawing.unlit(), drawing.lit(len(page.tokens) - 1)):
            assert zone.contains(box_of(picture))


def lefts(text: str, *, style: CaptionStyle = CaptionStyle.BOLD) -> dict[str, float]:
    """Each word's horizontal middle; the words of ``text`` differ and share one line."""
    painter = painter_for(text, style, FrameSize(3840, 2160), Aspect.LANDSCAPE)
    pages = drawn(text, painter)
    assert len(pages) == 1
    assert len(pages[0][0].lines) == 1
    page, drawing = pages[0]
    return {t.text: drawing.token_box(n).center().x() for n, t in enumerate(page.tokens)}


@pytest.mark.parametrize(
    ("text", "from_left"),
    [
        ("one two three", ["one", "two", "three"]),
        ("مرحبا بكم جميعا", ["جميعا", "بكم", "مرحبا"]),
        ("שלום לכל העולם", ["העולם", "לכל", "שלום"]),
        ("هذا هاتف new iPhone جديد", ["جديد", "new", "iPhone", "هاتف", "هذا"]),
        ("he said שלום עולם loudly", ["he", "said", "עולם", "שלום", "loudly"]),
        ("नमस्ते मेरी दुनिया", ["नमस्ते", "मेरी", "दुनिया"]),
    ],
)
@pytest.mark.req("T8")
def test_words_stand_in_their_scripts_order(text: str, from_left: list[str]) -> None:
    places = lefts(text)
    assert sorted(places, key=places.__getitem__) == from_left


def glyphs(text: str) -> list[int]:
    shaped = shape_line(text, 48, weight=700, region="SC", rtl=False)
    return [glyph for run in shaped.layout.glyphRuns() for glyph in run.glyphIndexes()]


def test_letters_are_joined_and_reordered() -> None:
    isolated = list(itertools.chain(*(glyphs(letter) for letter in "بيت")))
    assert not set(glyphs("بيت")) & set(isolated)
    assert len(glyphs("क्ष")) == 1
    vowel_after_consonant = [*glyphs("क"), *glyphs("ि")]
    assert glyphs("कि")[-1] == vowel_after_consonant[0]


@pytest.mark.parametrize("emoji", ["👨‍👩‍👧‍👦", "🇩🇪", "👍🏽", "1️⃣", "❤️", "🏳️‍🌈", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🧑🏿‍🚀"])
@pytest.mark.req("T8", "K4")
def test_an_emoji_sequence_is_one_coloured_picture(emoji: str) -> None:
    assert graphemes(emoji) == [emoji]
    painter = painter_for(emoji)
    ((page, drawing),) = drawn(f"{emoji}x", painter)
    assert page.line_texts == (f"{emoji}x",)
    shaped = shape_line(emoji, 48, weight=700, region="SC", rtl=False)
    assert len(ink_of(shaped, 0, len(emoji.encode("utf-16-le")) // 2, line=0).emoji) == 1
    pixels = drawing.unlit().pixels
    opaque = pixels[pixels[..., 3] == 255][:, :3].astype(int)
    assert len(np.unique(opaque // 16, axis=0)) > 12


@pytest.mark.req("T6", "LBL-8")
def test_markup_is_drawn_letter_by_letter() -> None:
    for text in (r"{\an8}", "<b>x</b>", "&lt;", "%s", "':=,;[]"):
        assert len(glyphs(text)) == len(text)


def lit_over_unlit(drawing: PageDrawing, token: int) -> npt.NDArray[np.float64]:
    """What is seen on black in the box of a lit token."""
    shown = np.zeros((PORTRAIT.height_px, PORTRAIT.width_px, 3))
    for picture in (drawing.unlit(), drawing.lit(token)):
        box = box_of(picture)
        pixels = picture.pixels.astype(float)
        part = shown[box.top_px : box.bottom_px, box.left_px : box.right_px]
        part[:] = part * (1 - pixels[..., 3:] / 255) + pixels[..., :3]
    place = drawing.token_box(token)
    rows = slice(int(place.top()), int(place.bottom()))
    return shown[rows, int(place.left()) : int(place.right())]


@pytest.mark.parametrize("style", list(CaptionStyle))
def test_the_lit_word_takes_its_colour_and_hides_the_unlit_one(style: CaptionStyle) -> None:
    text = "There is a quiet power"
    ((page, drawing),) = drawn(text, painter_for(text, style))
    for token in range(len(page.tokens)):
        shown = lit_over_unlit(drawing, token)
        red, green, blue = np.moveaxis(shown, -1, 0)
        white = shown.min(axis=2) > 200
        yellow = (red > 220) & (green > 180) & (blue < 140)
        violet = (blue > 200) & (red < 140)
        if style is CaptionStyle.BOXED:
            assert violet.mean() > 0.3
            assert white.mean() > 0.1
        else:
            assert yellow.mean() > 0.15
            assert white.sum() < 0.02 * yellow.sum()


@pytest.mark.parametrize("style", list(CaptionStyle))
@pytest.mark.parametrize("quality", [Quality.DRAFT, Quality.ULTRA])
def test_letters_stand_out_even_from_white(style: CaptionStyle, quality: Quality) -> None:
    text = "Morning"
    painter = painter_for(text, style, frame_size(quality, Aspect.PORTRAIT))
    ((_, drawing),) = drawn(text, painter)
    shown = over_white(drawing.unlit())
    alpha = drawing.unlit().pixels[..., 3]
    letters = (shown.min(axis=2) > 250) & (alpha == 255)
    reach = max(2, round(0.05 * painter.size_px))
    near = np.zeros_like(letters)
    for dy, dx in itertools.product((-reach, 0, reach), repeat=2):
        near |= np.roll(letters, (dy, dx), (0, 1))
    touching = np.zeros_like(letters)
    for dy, dx in itertools.product((-1, 0, 1), repeat=2):
        touching |= np.roll(letters, (dy, dx), (0, 1))
    ring = luminance(shown[near & ~touching])
    colour = painter.look.lit if painter.look.lit_plate is None else painter.look.text
    least = luminance(np.array(colour[:3], float)) + 0.05
    assert least / (np.percentile(ring, 95) + 0.05) >= 4.5, "the letters' corners count, too"


def request_for(text: str, folder: Path, **changes: Any) -> CaptionRequest:
    words = timed(text)
    fields: dict[str, Any] = {
        "scenes": [words],
        "scene_end_frames": None,
        "fps": 30,
        "frame_count": round((words[-1].end_s + 1) * 30),
        "size": PORTRAIT,
        "aspect": Aspect.PORTRAIT,
        "style": CaptionStyle.BOLD,
        "out_dir": folder,
    }
    return CaptionRequest(**(fields | changes))


def ask(worker: WorkerProcess, request: CaptionRequest) -> tuple[dict[str, Any], list[float]]:
    steps = worker.call(request.to_dict(), CancelToken(), deadline_s=60)
    fractions = []
    while True:
        try:
            fractions.append(next(steps).fraction)
        except StopIteration as stop:
            return dict(stop.value), fractions


@pytest.fixture
def worker() -> Iterator[WorkerProcess]:
    process = WorkerProcess("captions")
    yield process
    process.close()


def test_the_worker_writes_pictures_and_their_index(worker: WorkerProcess, tmp_path: Path) -> None:
    text = "Hello there 🫩 world. " + SAMPLES["chinese"]
    request = request_for(text, tmp_path, srt=tmp_path / "captions.srt")
    result, fractions = ask(worker, request)
    assert result["missing"] == ["🫩"]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    index = json.loads((tmp_path / result["index"]).read_text(encoding="utf-8"))
    files = {path.name for path in tmp_path.glob("*.npy")}
    assert {entry["file"] for entry in index} == files
    assert len(files) == len(index)
    for entry in index:
        pixels = np.load(tmp_path / entry["file"], allow_pickle=False)
        assert pixels.dtype == np.uint8
        assert pixels.shape[2] == 4
        assert 0 <= entry["first_frame"] < entry["end_frame"] <= request.frame_count
    shown_at = {entry["first_frame"] for entry in index}
    assert {onset_frame(word.start_s, 30) for word in request.scenes[0][:2]} <= shown_at
    assert "Hello there" in (tmp_path / "captions.srt").read_text(encoding="utf-8")


@pytest.mark.req("S1", "T8")
def test_pictures_are_the_same_with_and_without_the_systems_fonts(
    worker: WorkerProcess, tmp_path: Path
) -> None:
    """The worker sees no system font; this process, which draws again, sees all there are."""
    for name in ("arabic", "thai", "japanese", "emoji"):
        text = SAMPLES[name]
        folder = tmp_path / name
        folder.mkdir()
        result, _ = ask(worker, request_for(text, folder))
        index = json.loads((folder / result["index"]).read_text(encoding="utf-8"))
        pictures = [
            picture
            for page, drawing in drawn(text, painter_for(text))
            for picture in (
                drawing.unlit(),
                *(drawing.lit(token) for token in range(len(page.tokens))),
            )
        ]
        for entry, picture in zip(index, pictures, strict=True):
            assert (entry["x_px"], entry["y_px"]) == (picture.x_px, picture.y_px)
            np.testing.assert_array_equal(np.load(folder / entry["file"]), picture.pixels)


def test_a_vanished_folder_is_a_storage_error(worker: WorkerProcess, tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        ask(worker, request_for("Hello", tmp_path / "gone"))
    assert ask(worker, request_for("Hello", tmp_path))[0]["states"] == 1


@pytest.mark.slow
@pytest.mark.req("T4")
def test_twenty_thousand_characters_stay_within_memory(
    worker: WorkerProcess, tmp_path: Path
) -> None:
    psutil = pytest.importorskip("psutil")
    text = ("Every morning brings a quiet chance to begin again, slowly. " * 340)[:20_000]
    request = request_for(text, tmp_path, size=frame_size(Quality.DRAFT, Aspect.PORTRAIT))
    result, _ = ask(worker, request)
    assert result["states"] == len(text.split())
    peak_mib = psutil.Process(worker.pid).memory_info().rss / 2**20
    assert peak_mib < 600
