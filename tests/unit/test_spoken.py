"""Written text → spoken text: what is said, where it breathes, what never reaches the voice."""

import time

import pytest
import regex
from busy_machine import in_time
from hypothesis import example, given
from hypothesis import strategies as st

from vidgen_gui.core import numbers_en
from vidgen_gui.core.spoken import (
    MAX_SENTENCE_CHARS,
    MAX_SENTENCE_WORDS,
    SilentRun,
    SpokenSentence,
    SpokenText,
    speak,
)

SENDABLE = regex.compile(r"[A-Za-zÀ-ÖØ-öø-ž '.,;:!?-]*")


def said(text: str, language: str = "en") -> list[str]:
    return [sentence.text for sentence in speak(text, language).sentences]


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("1,000 steps", "one thousand steps."),
        ("3.5 hours", "three point five hours."),
        ("0.5", "zero point five."),
        ("007", "zero zero seven."),
        ("1,234,567", "one million two hundred thirty four thousand five hundred sixty seven."),
        ("in 2024", "in twenty twenty four."),
        ("in 1905", "in nineteen oh five."),
        ("in 2009", "in two thousand nine."),
        ("2024 steps", "two thousand twenty four steps."),
        ("the 1990s", "the nineteen nineties."),
        ("the '90s", "the nineties."),
        ("1st, 22nd and 103rd", "first, twenty second and one hundred third."),
        ("$5", "five dollars."),
        ("$1", "one dollar."),
        ("$5.99", "five dollars and ninety nine cents."),
        ("$3.5M", "three point five million dollars."),
        ("$5 million", "five million dollars."),
        ("$5-$10", "five dollars to ten dollars."),
        ("€1,200.50", "one thousand two hundred euros and fifty cents."),
        ("£0.01", "one penny."),
        ("50% off", "fifty percent off."),
        ("50 % off", "fifty percent off."),
        ("at 10:30", "at ten thirty."),
        ("at 10:05am", "at ten oh five A.M."),
        ("at 7:00", "at seven o'clock."),
        ("at 5 p.m. sharp", "at five P.M sharp."),
        ("½ cup", "a half cup."),
        ("3½ cups", "three and a half cups."),
        ("2/3 done", "two thirds done."),
        ("24/7", "twenty four seven."),
        ("10-20 people", "ten to twenty people."),
        ("60 km/h", "sixty kilometers per hour."),
        ("5km", "five kilometers."),
        ("1 km", "one kilometer."),
        ("6 ft", "six feet."),
        ("-5°C", "minus five degrees Celsius."),
        ("3x faster", "three times faster."),
        ("4x4", "four by four."),
        ("16:9", "sixteen to nine."),
        ("on 12/25/2024", "on december twenty fifth, twenty twenty four."),
        ("on 2024-05-01", "on may first, twenty twenty four."),
        ("Jan. 5", "january fifth."),
        ("555-1234", "five five five, one two three four."),
        ("v3.11.2", "version three point eleven point two."),
    ],
)
def test_amounts_are_said_as_a_person_would(written: str, spoken: str) -> None:
    assert said(written) == [spoken]


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Dr. Smith", "doctor Smith."),
        ("Mrs. Jones et al. agree", "missus Jones et al agree."),
        ("tea, e.g. green", "tea, for example green."),
        ("you & me", "you and me."),
        ("AT&T", "A.T and T."),
        ("the FBI", "the F.B.I."),
        ("an AI model", "an A.I model."),
        ("NASA's plan", "nasa's plan."),
        ("two DVDs", "two D.V dees."),
        ("the U.S. economy", "the U.S economy."),
        ("THE QUIET POWER", "the quiet power."),
        ("DO IT NOW", "do it now."),
        ("GIVE US TIME", "give us time."),
        ("World War II", "World War two."),
        ("Henry VIII", "Henry the eighth."),
        ("vitamin A", "vitamin eh."),
        ("well-being", "well-being."),
        ("$2 billion a year", "two billion dollars a year."),
        ("a 20-year-old", "a twenty year-old."),
        ("#MorningWalk", "Morning Walk."),
        ("#1", "number one."),
        ("@john_doe", "at john doe."),
        ("example.com/walk?x=1", "example dot com slash walk."),
        ("https://www.example.org", "example dot org."),
        ("me@example.org", "me at example dot org."),
        ("C++", "see plus plus."),
        ("Nooooo", "noo."),
        ("Shhhh!", "shush!"),
        ("𝗛𝗲𝗹𝗹𝗼 ｗｏｒｌｄ", "Hello world."),  # noqa: RUF001 - fancy letters are the point
        ("café Łódź", "café Łódź."),
        ("Nẵng", "Nang."),
        ("**bold** _it_", "bold it."),
        ("“Hello,” he said", "Hello, he said."),
        ("don’t", "don't."),
    ],
)
@pytest.mark.req("K4", "T3")
def test_abbreviations_names_and_signs_are_said(written: str, spoken: str) -> None:
    assert said(written) == [spoken]


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("One — two", ["One, two."]),
        ("one—two", ["one, two."]),
        ("walk -- stop", ["walk, stop."]),
        ("ten (see below) and", ["ten, see below, and."]),
        ("Wait... what? Yes!", ["Wait, what?", "Yes!"]),
        ("Wait… Then go.", ["Wait.", "Then go."]),
        ("“Wow!” he said.", ["Wow, he said."]),
        ("First line\nSecond line", ["First line.", "Second line."]),
        ("- one\n- two", ["one.", "two."]),
        ("He said no. No. 5 is here.", ["He said no.", "number five is here."]),
        ("J. R. R. Tolkien wrote. I read.", ["J R R Tolkien wrote.", "I read."]),
        ("Plan A. Then plan B.", ["Plan eh.", "Then plan B."]),
        ("It opens at 5 a.m. We go.", ["It opens at five A.M.", "We go."]),
        ("It costs $5. Million of us pay.", ["It costs five dollars.", "Million of us pay."]),
        ("walk: slowly; always", ["walk: slowly; always."]),
    ],
)
def test_sentences_end_and_breathe_where_a_reader_would(written: str, spoken: list[str]) -> None:
    assert said(written) == spoken


@pytest.mark.req("T8")
def test_what_the_voice_cannot_say_never_reaches_it() -> None:
    text = speak("Morning 🌅 walks ✨ are мир free 👨‍👩‍👧 ★ 你好。 Bye.")
    assert [s.text for s in text.sentences] == ["Morning walks are, free.", "Bye."]


def test_a_foreign_sentence_becomes_a_silent_run() -> None:
    text = speak("Hello. Привет, мир. Bye.")
    assert text.parts[1:2] == (SilentRun(1, 3),)
    assert [type(part) for part in text.parts] == [SpokenSentence, SilentRun, SpokenSentence]


def test_many_foreign_words_inside_a_sentence_get_time_of_their_own() -> None:
    text = speak("She said один два три четыре пять and left.")
    assert text.parts[1] == SilentRun(2, 7)
    assert [s.text for s in text.sentences] == ["She said,", "and left."]


@pytest.mark.parametrize("text", ["", "😀🎉", "?! …", "你好世界", "— – -", "★ ★ ★"])
def test_nothing_to_say_gives_no_sentence(text: str) -> None:
    assert speak(text).sentences == ()


def test_a_number_is_several_spoken_words_of_one_written_word() -> None:
    words = speak("Walk 1,024 steps").sentences[0].words
    assert [(word.text, word.written) for word in words] == [
        ("Walk", 0), ("one", 1), ("thousand", 1), ("twenty", 1), ("four", 1), ("steps", 2),
    ]  # fmt: skip


@pytest.mark.req("K5")
def test_long_sentences_are_parted_at_a_breath() -> None:
    part = "we walked along the river until the sun went down behind the hills"
    sentences = speak(f"{part}, {part}, {part}, {part}.").sentences
    assert max(len(s.words) for s in sentences) <= MAX_SENTENCE_WORDS
    assert all(s.text.endswith("hills,") for s in sentences[:-1])
    assert sentences[-1].text.endswith("hills.")


@pytest.mark.req("K5")
def test_a_sentence_of_long_words_is_parted_sooner() -> None:
    text = "unforgettable responsibilities " * 19 + "end."
    sentences = speak(text).sentences
    assert len(text.split()) > MAX_SENTENCE_WORDS
    assert max(len(s.text) for s in sentences) <= MAX_SENTENCE_CHARS
    assert min(len(s.words) for s in sentences) > 3
    assert [w.written for s in sentences for w in s.words] == list(range(39))


@pytest.mark.req("T4")
@pytest.mark.parametrize("text", ["word " * 4000, "a" * 20_000, "1" * 20_000, "$1,000 " * 2857])
def test_twenty_thousand_characters_are_parted_quickly(text: str) -> None:
    began = time.monotonic()
    sentences = speak(text).sentences
    assert in_time(time.monotonic() - began, 10.0)
    assert sentences
    assert max(len(s.words) for s in sentences) <= MAX_SENTENCE_WORDS
    assert max(len(w.text) for s in sentences for w in s.words) <= 30


def check_map(text: str, spoken: SpokenText) -> None:
    assert list(spoken.written) == text.split()
    indices: list[int] = []
    for part in spoken.parts:
        if isinstance(part, SilentRun):
            assert 0 <= part.first < part.end
            indices += range(part.first, part.end)
        else:
            assert part.words
            assert part.text[-1] in ".!?,"
            indices += [word.written for word in part.words]
    assert indices == sorted(indices)
    assert not indices or indices[-1] < len(spoken.written)


@given(st.text(max_size=120))
@example("J. ")
@example("\x1f\r0\x85\u3000x")
@example("½%‰²- -5- #- @. 1:1:1:1 $.5 €5€ 5/0 0/0 99:99 13/45/2024 VIII's A's İs ǅ's")
def test_any_text_is_mapped_in_order_and_only_sayable_text_is_sent(text: str) -> None:
    spoken = speak(text)
    check_map(text, spoken)
    for sentence in spoken.sentences:
        assert SENDABLE.fullmatch(sentence.text), sentence.text
        assert all(regex.search(r"\p{L}", word.text) for word in sentence.words)


FIGURES_AND_SIGNS = (*"12055.,:/-–$€%xkMaAIV'½°C", "km", "st", "th", "'s")


@given(st.lists(st.sampled_from(FIGURES_AND_SIGNS)))
def test_any_heap_of_figures_and_signs_is_survived(parts: list[str]) -> None:
    text = "".join(parts) + " " + " ".join(parts)
    check_map(text, speak(text))


@given(st.text(max_size=60), st.sampled_from(["de", "ru_RU", "zh-CN", "ja", "ar", "hi", "xx"]))
def test_other_languages_are_mapped_in_order_too(text: str, language: str) -> None:
    check_map(text, speak(text, language))


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("de", "Schöne Grüße 🌅 и мир, 25 Mal!", ["Schöne Grüße, 25 Mal!"]),
        ("ru", "Привет, world 3 раза.", ["Привет, 3 раза."]),
        ("ja", "こんにちは 世界。", ["こんにちは 世界."]),
        ("el", "Καλημέρα κόσμε", ["Καλημέρα κόσμε."]),
    ],
)
def test_other_languages_read_their_own_script(
    language: str, written: str, spoken: list[str]
) -> None:
    assert said(written, language) == spoken


@given(st.integers(0, numbers_en.LARGEST))
def test_every_cardinal_can_be_read_back(number: int) -> None:
    ones = dict(zip(map(" ".join, map(numbers_en.cardinal, range(1000))), range(1000), strict=True))
    scales = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
    scales |= {"quadrillion": 10**15}
    total, group = 0, []
    for word in numbers_en.cardinal(number):
        if word in scales:
            total += ones[" ".join(group)] * scales[word]
            group = []
        else:
            group.append(word)
    total += ones[" ".join(group)] if group else 0
    assert total == number
