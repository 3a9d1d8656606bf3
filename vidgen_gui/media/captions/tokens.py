"""What captions light up one after the other: words, or parts of them where there are no spaces.

Pure text and time; nothing here knows how wide anything is.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import regex

from vidgen_gui.core.script import WordTiming
from vidgen_gui.core.text import clean_text, graphemes
from vidgen_gui.media.fonts import drawable

# Signs that are seen but never said; "&", "+", "%" and emoji are words of their own.
_INVISIBLE = regex.compile(r"\p{Default_Ignorable_Code_Point}*")
_UNSAID = regex.compile(r"[\p{Pd}\p{Ps}\p{Pe}\p{Pi}\p{Pf}.,;:!?…·•|*\"'/~_]+")
_SENTENCE_END = regex.compile(r"[.!?…\u3002\uff01\uff1f।॥؟\u06d4።፧។၏]+[\p{Pe}\p{Pf}\p{Po}\"']*$")
_CLAUSE_END = regex.compile(
    r"[,;:—\u2013،؛\uff0c、\uff1b\uff1a፣]+[\p{Pe}\p{Pf}\"']*$|[\p{Pe}\p{Pf}]$"
)

_KINDS = (
    ("han", regex.compile(r"[\p{Han}々〇]")),
    ("hiragana", regex.compile(r"\p{Hiragana}")),
    ("katakana", regex.compile(r"[\p{Katakana}ー]")),
    ("syllables", regex.compile(r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")),
)
# Never first in a line: closing marks, small kana, the long-vowel mark, repetition.
_NEVER_FIRST = regex.compile(
    r"[\p{Pe}\p{Pf}\p{Po}ー々ゝゞヽヾぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ〜\uff5e%‰°ๆฯໆ]"
)
_NEVER_LAST = regex.compile(r"[\p{Ps}\p{Pi}$£¥€]")
_CLOSING = regex.compile(r"[\p{Pe}\p{Pf}\p{Po}]")
_DIGIT = regex.compile(r"\p{N}")
# Written before the consonant that they follow in speech: a syllable begins here.
_LEADING_VOWEL = regex.compile(r"[เแโใไເແໂໃໄ]")
_TRAILING_VOWEL = regex.compile(r"[ะาำๅະາຳ]")
_DEPENDENT = regex.compile(r"\p{M}")
# Second consonants of a Thai cluster ("ครั"), and what they follow.
_CLUSTER_HEAD = regex.compile(r"[กขคตทปผพส]")
_CLUSTER_TAIL = regex.compile(r"[รลว]")
# Stacks the next consonant below; kills the vowel, so the consonant closes its syllable.
_STACKER = regex.compile(r"[\u17d2\u1039]")
_KILLER = regex.compile(r"[\u103a\u17cb\u17cd]")
_LONGEST = {"han": 2, "hiragana": 5, "katakana": 8, "syllables": 10}
_SHORTEST_SYLLABLES = 3
_SOFT_BREAK = regex.compile(r"[\p{P}\p{S}_]")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, or a part of one, that lights up at ``start_s`` (video time).

    ``joined``: no space before it, because it goes on from the token before.
    """

    text: str
    start_s: float
    end_s: float
    joined: bool = False

    @property
    def ends_sentence(self) -> bool:
        return _SENTENCE_END.search(self.text) is not None

    @property
    def ends_clause(self) -> bool:
        return _CLAUSE_END.search(self.text) is not None


def tokenise(words: Sequence[WordTiming]) -> list[Token]:
    """Make what can be lit out of one scene's words.

    Text is made plain and drawable; a word of punctuation alone joins its neighbour; words of
    scripts without spaces are parted, their time shared out by graphemes.
    """
    tokens: list[Token] = []
    opening = ""
    for word in words:
        text = clean_text(drawable(clean_text(word.text, keep_lines=False)), keep_lines=False)
        if _INVISIBLE.fullmatch(text):
            continue
        if _UNSAID.fullmatch(text):
            if tokens:
                last = tokens[-1]
                tokens[-1] = replace(last, text=f"{last.text} {text}", end_s=word.end_s)
            else:
                opening = f"{opening}{text} "
            continue
        timing = WordTiming(opening + text, word.start_s, word.end_s)
        opening = ""
        tokens.extend(share_time(split_unspaced(timing.text), timing))
    return tokens


def share_time(parts: Sequence[str], word: WordTiming, *, joined: bool = False) -> list[Token]:
    """Give each part of a word its share of the word's time, by graphemes."""
    lengths = [max(1, len(graphemes(part))) for part in parts]
    total = sum(lengths)
    span = word.end_s - word.start_s
    tokens = []
    done = 0
    for index, (part, length) in enumerate(zip(parts, lengths, strict=True)):
        start = word.start_s + span * done / total
        done += length
        end = word.start_s + span * done / total
        tokens.append(Token(part, start, end, joined=joined or index > 0))
    return tokens


def split_unspaced(text: str) -> list[str]:
    """Part a run of a script without spaces where a reader would not stumble.

    No dictionary: ideographs in twos, kana by kind, Thai and its relatives by syllable, never
    before a closing mark or small kana, never after an opening mark. Other text stays whole.
    """
    clusters = graphemes(text)
    kinds = [_kind(cluster) for cluster in clusters]
    cuts = [0]
    for at in range(1, len(clusters)):
        if _may_break(clusters, kinds, cuts[-1], at):
            cuts.append(at)
    cuts.append(len(clusters))
    return ["".join(clusters[a:b]) for a, b in itertools.pairwise(cuts)]


def split_hard(text: str, count: int) -> list[str]:
    """Cut a word that is too wide into ``count`` parts of about as many graphemes.

    A cut moves by up to a sixth of a part to come after a sign ("/", "-", ".").
    """
    clusters = graphemes(text)
    count = min(count, len(clusters))
    reach = len(clusters) // (count * 6)
    cuts = [0]
    for number in range(1, count):
        ideal = round(len(clusters) * number / count)
        soft = [
            at
            for at in range(ideal - reach, ideal + reach + 1)
            if at > cuts[-1] and _SOFT_BREAK.match(clusters[at - 1])
        ]
        cuts.append(min(soft, key=lambda at: abs(at - ideal), default=max(ideal, cuts[-1] + 1)))
    cuts.append(len(clusters))
    return ["".join(clusters[a:b]) for a, b in itertools.pairwise(cuts)]


def _kind(cluster: str) -> str:
    for name, pattern in _KINDS:
        if pattern.match(cluster):
            return name
    return "other"


def _may_break(clusters: Sequence[str], kinds: list[str], start: int, at: int) -> bool:
    """Whether the part that began at ``start`` may end before ``at``."""
    last, cluster = clusters[at - 1], clusters[at]
    before, kind = kinds[at - 1], kinds[at]
    if set(kinds[start : at + 1]) == {"other"}:
        return False
    if _NEVER_FIRST.match(cluster) or _NEVER_LAST.match(last):
        return False
    if _CLOSING.match(last):
        return True
    if before == kind == "syllables":
        return _syllable_break(clusters, start, at)
    if kind == before:
        long_enough = kind != "other" and _run_length(kinds, start, at) >= _LONGEST[kind]
        # One kana alone ("す。") says nothing; an ideograph does.
        return long_enough and (kind == "han" or kinds[at + 1 : at + 2] == [kind])
    # Endings stay with their stem, counters with their number.
    return not ((before == "han" and kind == "hiragana") or (_DIGIT.match(last) and kind == "han"))


def _syllable_break(clusters: Sequence[str], start: int, at: int) -> bool:
    last, cluster = clusters[at - 1], clusters[at]
    if at - start < _SHORTEST_SYLLABLES or _LEADING_VOWEL.match(last) or _STACKER.search(last):
        return False
    if _TRAILING_VOWEL.match(cluster) or _DEPENDENT.match(cluster) or _KILLER.search(cluster):
        return False
    if _CLUSTER_HEAD.fullmatch(last) and _CLUSTER_TAIL.match(cluster):
        return False
    following = clusters[at + 1] if at + 1 < len(clusters) else ""
    begins_syllable = (
        _LEADING_VOWEL.match(cluster)
        or _DEPENDENT.search(cluster)
        or _TRAILING_VOWEL.match(following)
    )
    return bool(begins_syllable) or at - start >= _LONGEST["syllables"]


def _run_length(kinds: Sequence[str], start: int, at: int) -> int:
    kind = kinds[at]
    length = 0
    while at - 1 - length >= start and kinds[at - 1 - length] == kind:
        length += 1
    return length
