"""When each written word is shown: heard words keep their time, unheard ones share what is left.

Pure. Where the heard words lie in the sound is found by the voice's service; how long a text
takes to read when nothing is spoken is decided here.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import regex

from vidgen_gui.core.script import WordTiming

Span: TypeAlias = tuple[float, float]
"""Start and end in seconds."""

NARRATION_SPEED = 0.88
"""A little slower than the bundled voice's own pace (3.6 words a second), for captions' sake."""
READING_WORDS_PER_S = 2.6
"""A comfortable pace for captions, near that of the voice."""
_UNSPACED_CHARS_PER_S = 5.0
_MEAN_WORD_CHARS = 4.7
_SENTENCE_PAUSE_S = 0.3
_SHORTEST_READING_S = 1.5
_SYMBOL_S = 0.25
_UNHEARD_S = 0.15
_BORROWED_SHARE = 0.3

_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_READABLE = regex.compile(r"[\p{L}\p{N}]")


def reading_time_s(word: str) -> float:
    """How long one written word takes to read, the pause after its sentence included."""
    readable = len(_READABLE.findall(word))
    if readable == 0:
        return _SYMBOL_S
    unspaced = len(_UNSPACED.findall(word))
    spaced = readable - unspaced
    time_s = unspaced / _UNSPACED_CHARS_PER_S
    if spaced:
        # Half of a word's time is the same for every word, half follows its length.
        time_s += (0.5 + 0.5 * spaced / _MEAN_WORD_CHARS) / READING_WORDS_PER_S
    return time_s + (_SENTENCE_PAUSE_S if word.rstrip("\"')]”’»")[-1:] in set(".!?…。！？") else 0)  # noqa: RUF001 - wide marks


def plan_reading(words: Sequence[str]) -> tuple[list[WordTiming], float]:
    """Lay words out at reading speed; the timings touch, and the duration is theirs in all.

    Without any words it is a moment of silence all the same.
    """
    if not words:
        return [], _SHORTEST_READING_S
    times_s = [reading_time_s(word) for word in words]
    stretch = max(1.0, _SHORTEST_READING_S / sum(times_s))
    timings = []
    clock = 0.0
    for word, time_s in zip(words, times_s, strict=True):
        timings.append(WordTiming(word, clock, clock + time_s * stretch))
        clock += time_s * stretch
    return timings, clock


def place_words(
    words: Sequence[str], heard: Mapping[int, Span], duration_s: float
) -> list[WordTiming]:
    """Give every written word its time.

    Args:
        words: all written words.
        heard: index → span of those that are heard (or have reading time), not overlapping.
        duration_s: length of the sound.

    Returns:
        One timing a word, in order, starts and ends never going back, within the sound.
    """
    spans: list[Span | None] = [heard.get(index) for index in range(len(words))]
    at = 0
    while at < len(spans):
        if spans[at] is not None:
            at += 1
            continue
        end = at
        while end < len(spans) and spans[end] is None:
            end += 1
        _share(spans, at, end, duration_s)
        at = end
    return _in_order(words, spans, duration_s)


def _share(spans: list[Span | None], first: int, end: int, duration_s: float) -> None:
    """Spread the unheard words ``first`` … ``end`` over the silence they stand in.

    Where that is too short, the word before gives a part of its end away: its own start, and
    that of the word after, are what an eye compares with the ear.
    """
    before = spans[first - 1] if first else None
    after = spans[end] if end < len(spans) else None
    start_s = before[1] if before else 0.0
    end_s = after[0] if after else duration_s
    lacking_s = _UNHEARD_S * (end - first) - (end_s - start_s)
    if before and lacking_s > 0:
        start_s = max(start_s - lacking_s, before[1] - (before[1] - before[0]) * _BORROWED_SHARE)
        spans[first - 1] = (before[0], start_s)
    step_s = max(0.0, end_s - start_s) / (end - first)
    for offset in range(end - first):
        spans[first + offset] = (start_s + offset * step_s, start_s + (offset + 1) * step_s)


def _in_order(
    words: Sequence[str], spans: Sequence[Span | None], duration_s: float
) -> list[WordTiming]:
    timings: list[WordTiming] = []
    clock = 0.0
    for index, (word, span) in enumerate(zip(words, spans, strict=True)):
        start_s, end_s = span or (clock, clock)
        after = spans[index + 1] if index + 1 < len(spans) else None
        start_s = min(max(start_s, clock), duration_s)
        limit_s = max(start_s, min(after[0], duration_s) if after else duration_s)
        end_s = min(max(end_s, start_s), limit_s)
        timings.append(WordTiming(word, start_s, end_s))
        clock = end_s
    return timings
