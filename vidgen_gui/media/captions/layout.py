"""Where caption text breaks: scenes into pages, pages into lines. Pure; the measuring is handed in.

A page is what is seen at once: at most two lines, about two to six words. Breaks are chosen
for a whole scene at a time, the sum of their costs being least, so that a page ends with a
sentence or at a pause rather than after "the".
"""

import math
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from vidgen_gui.core.script import WordTiming
from vidgen_gui.media.captions.leaning import leaning
from vidgen_gui.media.captions.tokens import Token, share_time, split_hard, tokenise

MAX_WORDS = 6
MAX_TOKENS = 12
LONG_PAUSE_S = 0.8
"""Longer silences empty the picture; a page never reaches across one."""

_REFERENCE_PX = 48
_REFERENCE_SHORT_SIDE_PX = 720
_SMALLEST_PX = 24
# A word is made this much smaller before it is cut in two, and never smaller than this to fit.
_SHRINK_BEFORE_CUT = 0.8
_SHRINK_AT_MOST = 0.62
_IDEAL_EM = 12.0
_SHORT_PAGE_S = 0.6
_PAUSE_S = 0.3
# What a bad break costs beside lines of unequal width (0.6 for a line and nothing) and pages
# that are too short or too long.
_LEANING_LINE = 0.5
_LEANING_PAGE = 0.9
_LONE_WORD = 0.3

Measure = Callable[[str], float]
"""The advance width in pixels of a piece of text at the full caption size."""


def caption_size_px(short_side_px: int) -> int:
    """The font size: 48 px where the short side is 720, rounded, at least 24."""
    scaled = _REFERENCE_PX * short_side_px / _REFERENCE_SHORT_SIDE_PX
    return max(_SMALLEST_PX, math.floor(scaled + 0.5))


@dataclass(frozen=True, slots=True)
class Limits:
    """``line_px``: the widest a line of text may be; ``size_px``: the full font size."""

    line_px: float
    size_px: int

    @property
    def smallest_scale(self) -> float:
        return min(1.0, max(_SMALLEST_PX / self.size_px, _SHRINK_AT_MOST))


@dataclass(frozen=True, slots=True)
class Page:
    """One or two lines of tokens, drawn at ``scale`` times the full size."""

    lines: tuple[tuple[Token, ...], ...]
    scale: float
    rtl: bool

    @property
    def tokens(self) -> tuple[Token, ...]:
        return tuple(token for line in self.lines for token in line)

    @property
    def start_s(self) -> float:
        return self.lines[0][0].start_s

    @property
    def end_s(self) -> float:
        return self.lines[-1][-1].end_s

    @property
    def line_texts(self) -> tuple[str, ...]:
        return tuple(join(line) for line in self.lines)


def join(tokens: Sequence[Token]) -> str:
    """The text of neighbouring tokens, with spaces where they are words."""
    text = "".join(t.text if t.joined else f" {t.text}" for t in tokens)
    return text.removeprefix(" ")


def reads_right_to_left(text: str) -> bool:
    """Whether most letters are written from right to left, so the line begins at the right."""
    classes = [unicodedata.bidirectional(char) for char in text]
    rtl = sum(name in {"R", "AL"} for name in classes)
    return rtl > classes.count("L")


def lay_out_scene(
    words: Sequence[WordTiming], measure: Measure, limits: Limits, language: str = ""
) -> list[Page]:
    """Part one scene's words into pages.

    Args:
        words: in video time, in order.
        measure: at the full size; called once for each different token.
        limits: what a line has room for.
        language: of the words, if it is known; tells which of them are no good end of a line.
    """
    tokens = [part for token in tokenise(words) for part in _cut_to_fit(token, measure, limits)]
    if not tokens:
        return []
    rtl = reads_right_to_left(join(tokens))
    scene = _Scene(tokens, measure, limits, language)
    return [scene.page(start, end, rtl=rtl) for start, end in scene.best_pages()]


def _cut_to_fit(token: Token, measure: Measure, limits: Limits) -> list[Token]:
    if measure(token.text) * max(_SHRINK_BEFORE_CUT, limits.smallest_scale) <= limits.line_px:
        return [token]
    room_px = limits.line_px / limits.smallest_scale
    count = 2
    parts = split_hard(token.text, count)
    while len(parts) == count and max(map(measure, parts)) > room_px:
        count += 1
        parts = split_hard(token.text, count)
    return share_time(
        parts, WordTiming(token.text, token.start_s, token.end_s), joined=token.joined
    )


@dataclass
class _Scene:
    """The search for one scene's page breaks."""

    tokens: Sequence[Token]
    measure: Measure
    limits: Limits
    language: str
    _widths: list[float] = field(init=False)
    _gaps: list[float] = field(init=False)
    _leaning: list[float] = field(init=False)

    def __post_init__(self) -> None:
        space_px = self.measure(" ")
        self._widths = [self.measure(token.text) for token in self.tokens]
        self._gaps = [0.0 if token.joined else space_px for token in self.tokens]
        self._leaning = [leaning(token.text, self.language) for token in self.tokens]

    def best_pages(self) -> list[tuple[int, int]]:
        """Half-open ranges of tokens; the sum of the pages' costs is the least possible."""
        count = len(self.tokens)
        best = [0.0] + [math.inf] * count
        came_from = [0] * (count + 1)
        for start in range(count):
            for end in range(start + 1, min(count, start + MAX_TOKENS) + 1):
                cost = self._cost(start, end)
                if cost == math.inf:
                    break
                if best[start] + cost < best[end]:
                    best[end] = best[start] + cost
                    came_from[end] = start
        ranges = []
        end = count
        while end > 0:
            ranges.append((came_from[end], end))
            end = came_from[end]
        return ranges[::-1]

    def page(self, start: int, end: int, *, rtl: bool) -> Page:
        cut, scale, _ = self._lines(start, end)
        tokens = tuple(self.tokens[start:end])
        lines = (tokens,) if cut == end else (tokens[: cut - start], tokens[cut - start :])
        return Page(lines, scale, rtl)

    def _width(self, start: int, end: int) -> float:
        return sum(self._widths[start:end]) + sum(self._gaps[start + 1 : end])

    def _lines(self, start: int, end: int) -> tuple[int, float, float]:
        """Where the second line begins (``end`` when there is one line), scale, badness."""
        line_px = self.limits.line_px
        whole = self._width(start, end)
        if whole <= line_px:
            return end, 1.0, 0.0
        if end - start == 1:
            return end, line_px / whole, 0.0
        choices = []
        for cut in range(start + 1, end):
            first, second = self._width(start, cut), self._width(cut, end)
            scale = min(1.0, line_px / max(first, second))
            last = self.tokens[cut - 1]
            badness = 0.1 + 0.6 * abs(first - second) / whole
            badness += _LEANING_LINE * self._leaning[cut - 1]
            pauses = last.ends_clause or last.ends_sentence
            lone = end - cut == 1 or (cut - start == 1 and not pauses)
            badness += _LONE_WORD * (lone and end - start > 2) - 0.15 * pauses
            choices.append((badness + 6 * (1 - scale), cut, scale, badness))
        _, cut, scale, badness = min(choices)
        return cut, scale, badness

    def _cost(self, start: int, end: int) -> float:
        """How bad a page is; infinite when it and every longer one are impossible."""
        tokens = self.tokens[start:end]
        words = sum(0.5 if token.joined else 1 for token in tokens)
        _, scale, badness = self._lines(start, end)
        if end - start > 1:
            pause = tokens[-1].start_s - tokens[-2].end_s
            if words > MAX_WORDS or pause > LONG_PAUSE_S or scale < self.limits.smallest_scale:
                return math.inf
        ideal_px = _IDEAL_EM * self.limits.size_px
        cost = 0.3 + (self._width(start, end) / ideal_px - 1) ** 2 + badness + 6 * (1 - scale)
        duration = tokens[-1].end_s - tokens[0].start_s
        cost += 2 * max(0.0, _SHORT_PAGE_S - duration)
        cost += _LONE_WORD * (end - start == 1 and not self._begins_sentence(start))
        inner = tokens[:-1]
        cost += 2.0 * sum(token.ends_sentence for token in inner)
        cost += 0.3 * sum(token.ends_clause for token in inner)
        return cost + self._end_cost(end)

    def _begins_sentence(self, start: int) -> bool:
        return start == 0 or self.tokens[start - 1].ends_sentence or self.tokens[start].joined

    def _end_cost(self, end: int) -> float:
        last = self.tokens[end - 1]
        if end == len(self.tokens) or last.ends_sentence:
            return 0.0
        following = self.tokens[end]
        if following.start_s - last.end_s > _PAUSE_S or last.ends_clause:
            return 0.1
        if following.joined:
            return 0.9
        return 0.5 + _LEANING_PAGE * self._leaning[end - 1]
