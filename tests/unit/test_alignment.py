"""Timed phonemes → timed words, on phonemes as the voice gives them."""

# ruff: noqa: RUF001 - letters of the phonetic alphabet are the data here

import itertools
import time

import pytest
from busy_machine import in_time
from hypothesis import given
from hypothesis import strategies as st

from vidgen_gui.core.word_times import (
    READING_WORDS_PER_S,
    place_words,
    plan_reading,
    reading_time_s,
)
from vidgen_gui.services.piper.alignment import Phone, align_words, plain_sounds

SOUNDS = "abdefhijklmnoprstuvwzæðŋɑɔəɛɡɪɹʃʊʌʒθ"


def phones_of(phonemes: str, step_s: float = 0.1) -> list[Phone]:
    """One phone a character, each of the same length."""
    return [
        Phone(symbol, index * step_s, (index + 1) * step_s) for index, symbol in enumerate(phonemes)
    ]


def starts(phonemes: str, words: list[str]) -> list[str]:
    """Align and say each word's start as what is left of the phonemes from there."""
    spans = align_words(phones_of(phonemes), [plain_sounds(word) for word in words])
    return [phonemes[round(start_s * 10) :] for start_s, _ in spans]


def test_a_word_is_where_its_phonemes_are_and_the_pause_is_nobodys() -> None:
    phonemes = "^wˈʌn, tˈuː.$"
    spans = align_words(phones_of(phonemes), ["wʌn", "tu"])
    assert spans == [
        (pytest.approx(0.1), pytest.approx(0.5)),
        (pytest.approx(0.7), pytest.approx(1.1)),
    ]


def test_a_merged_group_is_split_where_the_words_meet() -> None:
    # "walk in the park" as the voice's phonemizer gives it
    assert starts("^wˈɔːk ɪnðə pˈɑːɹk.$", ["wˈɔːk", "ˈɪn", "ðə", "pˈɑːɹk"]) == [
        "wˈɔːk ɪnðə pˈɑːɹk.$", "ɪnðə pˈɑːɹk.$", "ðə pˈɑːɹk.$", "pˈɑːɹk.$",
    ]  # fmt: skip


def test_a_merged_group_with_changed_sounds_is_split_too() -> None:
    # "out of it": the t became a flap, the stress moved
    assert starts("^ˌaʊɾəv ɪt.$", ["ˈaʊt", "ʌv", "ɪt"]) == ["ˌaʊɾəv ɪt.$", "əv ɪt.$", "ɪt.$"]


def test_words_of_several_groups_keep_them_together() -> None:
    # "iPhone" comes in two groups, "covid-19" as two with two spaces
    assert starts("^maɪ ˈaɪ fˈoʊn ɪz nˈuː.$", ["maɪ", "ˈaɪ fˈoʊn", "ɪz", "nˈuː"]) == [
        "maɪ ˈaɪ fˈoʊn ɪz nˈuː.$", "ˈaɪ fˈoʊn ɪz nˈuː.$", "ɪz nˈuː.$", "nˈuː.$",
    ]  # fmt: skip


def test_nothing_in_common_is_split_in_proportion() -> None:
    spans = align_words(phones_of("^bbbbbb.$"), ["s", "sss", "ss"])
    assert [start for start, _ in spans] == pytest.approx([0.1, 0.2, 0.5])


def test_a_word_that_left_no_sound_has_no_length_and_disturbs_no_other() -> None:
    spans = align_words(phones_of("^wˈʌn θɹˈiː.$"), ["wʌn", "", "θɹi"])
    assert spans[0][1] <= spans[1][0] <= spans[1][1] <= spans[2][0]
    assert spans[2][0] == pytest.approx(0.6)


def test_silence_and_no_words() -> None:
    assert align_words(phones_of("^.$"), ["wʌn"]) == [(0.0, 0.0)]
    assert align_words(phones_of("^wˈʌn.$"), []) == []


@given(
    st.lists(st.text(SOUNDS, min_size=1, max_size=7), min_size=1, max_size=30),
    st.lists(st.booleans(), min_size=30, max_size=30),
)
def test_words_joined_at_will_keep_their_order(words: list[str], joined: list[bool]) -> None:
    phonemes = "^" + words[0]
    for word, join in zip(words[1:], joined, strict=False):
        phonemes += word if join else " " + word
    spans = align_words(phones_of(phonemes + ".$"), words)
    assert len(spans) == len(words)
    edges = list(itertools.chain.from_iterable(spans))
    assert edges == sorted(edges)


@given(st.lists(st.text(SOUNDS, min_size=2, max_size=7), min_size=1, max_size=30))
def test_words_apart_are_found_exactly(words: list[str]) -> None:
    spans = align_words(phones_of("^" + " ".join(words) + ".$"), words)
    expected_s, at = [], 1
    for word in words:
        expected_s.append(at / 10)
        at += len(word) + 1
    assert [start_s for start_s, _ in spans] == pytest.approx(expected_s)


def test_a_long_sentence_is_aligned_quickly() -> None:
    words = [SOUNDS[k % 20 : k % 20 + 5] for k in range(120)]
    began = time.monotonic()
    align_words(phones_of("^" + " ".join(words) + ".$"), words)
    assert in_time(time.monotonic() - began, 5.0)


def test_unheard_words_share_the_pause_they_stand_in() -> None:
    words = ["walk", "🌅", "—", "on"]
    timings = place_words(words, {0: (0.1, 0.5), 3: (1.1, 1.4)}, 1.5)
    assert [(t.text, t.start_s, t.end_s) for t in timings] == [
        ("walk", 0.1, 0.5),
        ("🌅", 0.5, pytest.approx(0.8)),
        ("—", pytest.approx(0.8), pytest.approx(1.1)),
        ("on", 1.1, 1.4),
    ]


def test_without_a_pause_the_word_before_gives_of_its_end_and_none_loses_its_start() -> None:
    timings = place_words(["walk", "🌅", "on"], {0: (0.0, 0.5), 2: (0.5, 0.8)}, 0.8)
    assert [t.start_s for t in timings] == [0.0, pytest.approx(0.35), 0.5]
    timings = place_words(["up", *"★★★★★", "on"], {0: (0.0, 0.2), 6: (0.2, 0.8)}, 0.8)
    assert timings[0].end_s == pytest.approx(0.14)
    assert timings[-1].start_s == 0.2


@given(
    st.lists(st.tuples(st.booleans(), st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=40),
    st.floats(0, 1),
)
def test_every_word_has_its_time_in_order(
    words: list[tuple[bool, float, float]], rest_s: float
) -> None:
    heard, clock = {}, 0.0
    for index, (is_heard, pause_s, length_s) in enumerate(words):
        if is_heard:
            heard[index] = (clock + pause_s, clock + pause_s + length_s)
            clock += pause_s + length_s
    timings = place_words([f"w{k}" for k in range(len(words))], heard, clock + rest_s)
    edges = [edge for t in timings for edge in (t.start_s, t.end_s)]
    assert edges == sorted(edges)
    assert edges[0] >= 0
    assert edges[-1] <= clock + rest_s
    for index, span in heard.items():
        assert timings[index].start_s == pytest.approx(span[0])


def test_reading_pace_is_that_of_words_or_of_unspaced_characters() -> None:
    words = ["The", "quiet", "power", "of", "morning", "walks", "is", "not", "in", "the", "miles"]
    timings, duration_s = plan_reading(words)
    assert duration_s == pytest.approx(len(words) / READING_WORDS_PER_S, rel=0.15)
    assert timings[0].start_s == 0
    assert timings[-1].end_s == pytest.approx(duration_s)
    assert all(a.end_s == b.start_s for a, b in itertools.pairwise(timings))
    assert reading_time_s("清晨散步的力量") == pytest.approx(7 / 5)
    assert reading_time_s("end.") > reading_time_s("end")


def test_the_shortest_text_stays_long_enough_to_be_read() -> None:
    timings, duration_s = plan_reading(["🎉"])
    assert duration_s == pytest.approx(1.5)
    assert timings[0].end_s == pytest.approx(1.5)
    assert plan_reading([]) == ([], 1.5)
