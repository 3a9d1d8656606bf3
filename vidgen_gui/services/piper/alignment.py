"""From timed phonemes to timed words. Pure.

The voice says when each phoneme sounds. Its phonemes come in groups that are mostly words, but
"in the" may be one group and "iPhone" two. The words' own phonemes, each looked up alone, are
matched with the groups by dynamic programming; a group that holds several words is split where
their phonemes meet, or else in proportion.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from vidgen_gui.core.word_times import Span

_MOST_GROUPS = 6
_MOST_WORDS = 4
_SKIPPED = 0.5
_BAND = 10
_FRAMES = frozenset("^$_ ,.;:!?-()\"'")
_STRESS = frozenset("ˈˌ")
_MODIFIERS = frozenset("ːˑʲ˞ʰʷ\u0329\u032f\u0303\u032a\u0327\u031d\u030a\u033a\u033b")
_VOWELS = frozenset("aeiouyæøœɐɑɒɔəɘɚɛɜɝɞɤɨɪɯɵɶʉʊʌʏᵻ")  # noqa: RUF001 - IPA letters are meant


@dataclass(frozen=True, slots=True)
class Phone:
    """One phoneme and when it sounds, in seconds."""

    symbol: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class _Group:
    """Phones between two breaks.

    ``sounds`` and ``starts_s`` leave out stress and length marks: a stress mark begins the
    sound after it, a length mark prolongs the one before.
    """

    sounds: str
    starts_s: tuple[float, ...]
    end_s: float

    @property
    def start_s(self) -> float:
        return self.starts_s[0]


def plain_sounds(phonemes: Sequence[str]) -> str:
    """Phonemes without breaks, punctuation, stress and length marks, one character a sound."""
    skipped = _FRAMES | _STRESS | _MODIFIERS
    return "".join(p[0] for p in phonemes if p and p[0] not in skipped)


def align_words(phones: Sequence[Phone], expected: Sequence[str]) -> list[Span]:
    """When each word of a sentence sounds.

    Args:
        phones: the sentence's phones in order, with ``^``, ``$``, spaces and punctuation.
        expected: for each word in order, its phonemes as `plain_sounds` gives them.

    Returns:
        One span a word; starts never go back. A word's start is where its first phoneme
        starts, its end where its last one ends: pauses belong to nobody.
    """
    groups = _groups(phones)
    if not expected:
        return []
    if not groups:
        at_s = phones[0].start_s if phones else 0.0
        return [(at_s, at_s)] * len(expected)
    spans: list[Span] = []
    for words, first, end in _best_path(tuple(expected), groups):
        spans += _spans_of(words, groups[first:end], groups[first - 1].end_s if first else None)
    return spans


def _groups(phones: Sequence[Phone]) -> list[_Group]:
    found: list[_Group] = []
    sounds: list[str] = []
    starts_s: list[float] = []
    pending_s: float | None = None
    end_s = 0.0

    def close() -> None:
        if sounds:
            found.append(_Group("".join(sounds), tuple(starts_s), end_s))
            sounds.clear()
            starts_s.clear()

    for phone in phones:
        mark = phone.symbol[:1]
        if mark in _FRAMES:
            close()
            pending_s = None
        elif mark in _STRESS:
            pending_s = phone.start_s if pending_s is None else pending_s
        elif mark in _MODIFIERS:
            end_s = phone.end_s
        else:
            sounds.append(mark)
            starts_s.append(phone.start_s if pending_s is None else pending_s)
            pending_s = None
            end_s = phone.end_s
    close()
    return found


def _best_path(
    expected: tuple[str, ...], groups: Sequence[_Group]
) -> list[tuple[tuple[str, ...], int, int]]:
    """The cheapest way to cut words and groups into matching bits, in order.

    A bit is one word with 0…6 groups, 2…4 words in one group, or a group of no word.
    """
    n_words, n_groups = len(expected), len(groups)
    infinity = float("inf")
    best = [[infinity] * (n_groups + 1) for _ in range(n_words + 1)]
    came: dict[tuple[int, int], tuple[int, int]] = {}
    best[0][0] = 0.0
    slope = n_groups / n_words
    band = _BAND + abs(n_groups - n_words) // 2
    for i in range(n_words + 1):
        centre = round(i * slope)
        for j in range(max(0, centre - band), min(n_groups, centre + band) + 1):
            here = best[i][j]
            if here == infinity:
                continue
            for w, g in _moves(n_words - i, n_groups - j):
                if w > 1 and not all(expected[i : i + w]):
                    continue
                said = "".join(expected[i : i + w])
                heard = "".join(group.sounds for group in groups[j : j + g])
                if here + abs(len(said) - len(heard)) >= best[i + w][j + g]:
                    continue
                cost = here + _distance(said, heard) + (_SKIPPED if 0 in {w, g} else 0.0)
                if cost < best[i + w][j + g]:
                    best[i + w][j + g] = cost
                    came[i + w, j + g] = (i, j)
    return _walk_back(came, expected, n_groups)


@functools.cache
def _moves(words_left: int, groups_left: int) -> tuple[tuple[int, int], ...]:
    if words_left > _MOST_WORDS or groups_left > _MOST_GROUPS:
        return _moves(min(words_left, _MOST_WORDS), min(groups_left, _MOST_GROUPS))
    moves = [(1, 1), (0, 1), (1, 0)]
    moves += [(1, g) for g in range(2, _MOST_GROUPS + 1)]
    moves += [(w, 1) for w in range(2, _MOST_WORDS + 1)]
    return tuple((w, g) for w, g in moves if w <= words_left and g <= groups_left)


def _walk_back(
    came: dict[tuple[int, int], tuple[int, int]], expected: tuple[str, ...], n_groups: int
) -> list[tuple[tuple[str, ...], int, int]]:
    bits = []
    at = (len(expected), n_groups)
    while at != (0, 0):
        before = came[at]
        bits.append((expected[before[0] : at[0]], before[1], at[1]))
        at = before
    return bits[::-1]


def _substitution(said: str, heard: str) -> float:
    if said == heard:
        return 0.0
    return 0.5 if said in _VOWELS and heard in _VOWELS else 1.0


@functools.lru_cache(maxsize=4096)
def _distance(said: str, heard: str) -> float:
    row = [float(j) for j in range(len(heard) + 1)]
    for i, sound in enumerate(said, 1):
        diagonal, row[0] = row[0], float(i)
        for j, other in enumerate(heard, 1):
            cost = min(row[j] + 1, row[j - 1] + 1, diagonal + _substitution(sound, other))
            diagonal, row[j] = row[j], cost
    return row[-1]


def _spans_of(
    words: tuple[str, ...], groups: Sequence[_Group], before_s: float | None
) -> list[Span]:
    if not words:
        return []
    if not groups:
        at_s = before_s or 0.0
        return [(at_s, at_s)]
    if len(words) == 1:
        return [(groups[0].start_s, groups[-1].end_s)]
    group = groups[0]
    cuts_s = [*_cuts(words, group), group.end_s]
    return list(pairwise([group.start_s, *cuts_s]))


def _cuts(words: tuple[str, ...], group: _Group) -> list[float]:
    """Where in a group that holds several words each but the first begins, in seconds."""
    owners = _owners("".join(words), group.sounds)
    cuts_s: list[float] = []
    said = 0
    at = 0
    for word in words[:-1]:
        said += len(word)
        found = next((k for k in range(at + 1, len(owners)) if owners[k] >= said), None)
        if found is None:
            return _proportional_cuts(words, group)
        at = found
        cuts_s.append(group.starts_s[at])
    return cuts_s


def _owners(said: str, heard: str) -> list[int]:
    """For each heard sound the index of the said one it stands for (an edit alignment)."""
    rows = [[float(j) for j in range(len(heard) + 1)]]
    for i, sound in enumerate(said, 1):
        row = [float(i)]
        for j, other in enumerate(heard, 1):
            matched = rows[-1][j - 1] + _substitution(sound, other)
            row.append(min(matched, rows[-1][j] + 1, row[-1] + 1))
        rows.append(row)
    owners = [0] * len(heard)
    i, j = len(said), len(heard)
    while j:
        if i and rows[i][j] == rows[i - 1][j - 1] + _substitution(said[i - 1], heard[j - 1]):
            i, j = i - 1, j - 1
            owners[j] = i
        elif i and rows[i][j] == rows[i - 1][j] + 1:
            i -= 1
        else:
            j -= 1
            owners[j] = max(0, i - 1)
    return owners


def _proportional_cuts(words: tuple[str, ...], group: _Group) -> list[float]:
    total = sum(max(1, len(word)) for word in words)
    cuts_s = []
    said = 0
    for word in words[:-1]:
        said += max(1, len(word))
        cuts_s.append(group.start_s + (group.end_s - group.start_s) * said / total)
    return cuts_s
