"""Written text → what is sent to the voice, with a map between written and spoken words.

Decides where sentences end, where the reader breathes, and what a voice cannot say and is
therefore never sent. How one English word is said is `spoken_en`'s; time is `word_times`'s.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

import regex

from vidgen_gui.core import lexicon_en as lexicon
from vidgen_gui.core import spoken_en
from vidgen_gui.core.amounts_en import NUMBER, PAUSE, Neighbours

MAX_SENTENCE_WORDS = 38
MAX_SENTENCE_CHARS = 180
"""Longer sentences are parted at a breath: the voice loses its melody over very long ones, and
takes 34 MB more for each second that it says at once."""
SILENT_RUN_WORDS = 4
"""So many unspeakable words in a row get reading time of their own, even inside a sentence."""
_MAX_WORD_CHARS = 30
_GAPS_S = {".": 0.30, "!": 0.30, "?": 0.33, "…": 0.40, ",": 0.12}
_LINE_GAP_S = 0.42

_QUOTES = str.maketrans({"’": "'", "‘": "'", "\u02bc": "'", "“": '"', "”": '"', "„": '"', "«": '"'})
_NOT_READ = regex.compile(r"[™®©℠\u200b-\u200f\u2060\ufe0e\ufe0f]")
_KEPT_FORMS = frozenset("²³…½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞⅐⅑⅒")
_OPENING = regex.compile(r"""^(?:["'(\[{<*_~¿¡|•·–—-]+(?=\S))""")
_MINUS = regex.compile(r"^[~-][\d.]*\d")
_CLOSING = regex.compile(r"""["')\]}>*_~|.,;:!?…—–。、-]+$""")
_LATIN_WORD = regex.compile(r"[A-Za-zÀ-ÖØ-öø-ž][A-Za-zÀ-ÖØ-öø-ž'.-]*")
_OTHER_LETTERS = regex.compile(r"[[\p{L}\p{M}]--[A-Za-zÀ-ÖØ-öø-ž]]+", regex.V1)
_FOLDED = str.maketrans({"ƒ": "f", "ə": "e", "Ə": "E", "ș": "s", "ț": "t", "Ș": "S", "Ț": "T"})
_SCRIPTS = {
    "Cyrillic": "ru uk bg sr mk kk be ky tg mn",
    "Greek": "el",
    "Arabic": "ar fa ur",
    "Hebrew": "he",
    "Devanagari": "hi ne mr",
    "Georgian": "ka",
    "Armenian": "hy",
    "Thai": "th",
    "Telugu": "te",
    "Malayalam": "ml",
    "Bengali": "bn",
    "Hangul": "ko",
    "Han": "zh yue",
}
_JAPANESE = r"\p{Han}\p{Hiragana}\p{Katakana}ー"


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """One word as it is sent to the voice.

    ``written`` is the index of the written word that it says (or says a part of);
    ``pause`` the punctuation that follows it.
    """

    text: str
    written: int
    pause: str = ""


@dataclass(frozen=True, slots=True)
class SpokenSentence:
    """What is synthesised in one go; ``gap_s`` is the silence after it."""

    words: tuple[SpokenWord, ...]
    gap_s: float

    @property
    def text(self) -> str:
        return " ".join(word.text + word.pause for word in self.words)


@dataclass(frozen=True, slots=True)
class SilentRun:
    """Written words ``first`` up to ``end`` (exclusive) that are shown, but not spoken."""

    first: int
    end: int


@dataclass(frozen=True, slots=True)
class SpokenText:
    """A text made ready for a voice: ``written`` as `str.split` gives it, parts in order."""

    written: tuple[str, ...]
    parts: tuple[SpokenSentence | SilentRun, ...]

    @property
    def sentences(self) -> tuple[SpokenSentence, ...]:
        return tuple(part for part in self.parts if isinstance(part, SpokenSentence))


@dataclass(frozen=True, slots=True)
class _Token:
    """A written word taken apart: core, what closes it, and whether its line ends."""

    core: str
    closing: str
    opens: bool
    line_end: bool = False


def speak(text: str, language: str = "en") -> SpokenText:
    """Make ``text`` ready for a voice that speaks ``language`` ("en", "de-DE", "pt_BR"…)."""
    family = regex.split("[-_]", language.lower())[0]
    written = text.split()
    found = _tokens(text, written)
    saying = _say_english if family == "en" else _Reader(family).say
    building = _Building()
    for index, token in enumerate(found):
        building.add(index, token, saying(found, index), _ending(found, index, family))
    return SpokenText(tuple(written), tuple(building.finished(len(found))))


def _tokens(text: str, written: list[str]) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    for word in written:
        begin = text.index(word, at)
        if found and "\n" in text[at:begin]:
            found[-1] = replace(found[-1], line_end=True)
        found.append(_token(word))
        at = begin + len(word)
    return found


def _token(word: str) -> _Token:
    plain = _NOT_READ.sub("", word).translate(_QUOTES)
    plain = "".join(_plain_form(char) for char in plain)
    opening = None if _MINUS.match(plain) else _OPENING.match(plain)
    opened = plain[opening.end() :] if opening else plain
    closing = _CLOSING.search(opened)
    core = opened[: closing.start()] if closing else opened
    opens = opening is not None and any(char in "([{–—" for char in opening[0])
    return _Token(core, closing[0] if closing else "", opens)


def _plain_form(char: str) -> str:
    """Letters and digits of all styles (mathematical, wide, of other scripts) as the plain ones."""
    if char in _KEPT_FORMS:
        return char
    digit = unicodedata.decimal(char, None)
    return unicodedata.normalize("NFKC", char) if digit is None else str(digit)


def _ending(found: list[_Token], index: int, family: str) -> str:
    """The punctuation that a voice should hear after this word: one of ``. ! ? … , ; :`` or ""."""
    token = found[index]
    after = found[index + 1] if index + 1 < len(found) else None
    closing = token.closing
    mark = next((char for char in "?!" if char in closing), "")
    if mark and '"' in closing and after is not None and after.core[:1].islower():
        return ","
    if not mark and ("…" in closing or "..." in closing):
        goes_on = after is not None and after.core[:1].islower()
        mark = "," if goes_on else "…"
    if not mark and ("." in closing or "。" in closing):
        mark = "" if family == "en" and _stop_belongs_to_word(token, found, index) else "."
    if not mark:
        mark = _breath(token, after)
    if token.line_end and mark not in {".", "!", "?", "…"}:
        return "."
    return mark


def _ends_sentence(found: list[_Token], index: int) -> bool:
    return _ending(found, index, "en") in {".", "!", "?", "…"}


def _breath(token: _Token, after: _Token | None) -> str:
    for char in ";:":
        if char in token.closing:
            return char
    if any(char in token.closing for char in ",)]}—–、") or (after is not None and after.opens):
        return ","
    # A dash standing alone is a breath after the word before it; a hyphen may end "pre-".
    return "," if not token.core and "-" in token.closing else ""


def _stop_belongs_to_word(token: _Token, found: list[_Token], index: int) -> bool:
    """Whether the full stop abbreviates ("Dr.", "J.", "U.S.") and ends no sentence."""
    after = found[index + 1].core if index + 1 < len(found) else ""
    if not after or token.line_end:
        return False
    key = token.core.lower()
    if len(key) == 1 and token.core.isupper():
        return _is_initial(found, index)
    if key in lexicon.BEFORE_NAMES:
        return after[:1].isupper() or (key in lexicon.ABBREVIATIONS and not after[:1].isalpha())
    if key in lexicon.BEFORE_NUMBERS:
        return after[:1].isdigit()
    known = key in lexicon.ABBREVIATIONS or regex.fullmatch(r"(?:\p{L}\.)+\p{L}", key) is not None
    return known and not after[:1].isupper()


def _is_initial(found: list[_Token], index: int) -> bool:
    """``J. Smith``, ``John F. Kennedy``, ``J. R. R. Tolkien``; not "plan A. Then"."""
    before = found[index - 1].core if index else ""
    after = found[index + 1].core
    if not after[:1].isupper():
        return False
    if len(after) == 1 and found[index + 1].closing.startswith("."):
        return True
    if before.lower() in lexicon.LETTERED:
        return False
    named = before[:1].isupper() and found[index - 1].closing in {"", "."}
    return named or (not before and found[index].core not in {"A", "I"})


def _is_abbreviation(token: _Token, found: list[_Token], index: int) -> bool:
    if token.core in lexicon.WITHOUT_STOP:
        return True
    key = token.core.lower()
    if key not in lexicon.ABBREVIATIONS or not token.closing.startswith("."):
        return False
    if index and key in lexicon.UNITS and regex.fullmatch(NUMBER, found[index - 1].core):
        return False
    if key in lexicon.BEFORE_NAMES | lexicon.BEFORE_NUMBERS | lexicon.AMBIGUOUS_WORDS:
        return _stop_belongs_to_word(token, found, index)
    return True


def _say_english(found: list[_Token], index: int) -> list[str]:
    token = found[index]
    if _is_abbreviation(token, found, index):
        return lexicon.ABBREVIATIONS[token.core.lower()].split()
    before = found[index - 1].core if index and not _ends_sentence(found, index - 1) else ""
    last = index + 1 == len(found) or _ends_sentence(found, index)
    after = "" if last else found[index + 1].core
    core = _english_letters(token.core)
    said = spoken_en.say(core, Neighbours(before, after, _shouts(before) or _shouts(after)))
    return [piece for word in said for piece in _sayable(word)]


def _english_letters(core: str) -> str:
    """Fold what the voice would read as "letter 101".

    Rare Latin letters lose their marks, other scripts go; but a single Greek letter standing
    alone is a symbol that has a name.
    """
    if core in lexicon.SYMBOLS:
        return core
    return _OTHER_LETTERS.sub(_fold, core)


def _fold(match: regex.Match[str]) -> str:
    plain = unicodedata.normalize("NFD", match[0].translate(_FOLDED))
    return "".join(char for char in plain if char.isascii() and char.isalpha())


def _sayable(word: str) -> Iterator[str]:
    if word == PAUSE:
        yield word
    elif _LATIN_WORD.fullmatch(word):
        for start in range(0, min(len(word), 8 * _MAX_WORD_CHARS), _MAX_WORD_CHARS):
            yield word[start : start + _MAX_WORD_CHARS]


def _shouts(core: str) -> bool:
    letters = core.replace("'", "")
    return letters.isalpha() and letters.isupper() and letters.lower() not in lexicon.SPELLED


class _Reader:
    """Languages without rules here: their own script and digits are read, the rest is not."""

    def __init__(self, family: str) -> None:
        script = next((name for name, known in _SCRIPTS.items() if family in known.split()), None)
        letters = _JAPANESE if family == "ja" else rf"\p{{{script or 'Latin'}}}"
        self._word = regex.compile(rf"[{letters}\p{{M}}\d][{letters}\p{{M}}\d'.,:-]*")

    def say(self, found: list[_Token], index: int) -> list[str]:
        words = [match[0].rstrip(".,:-'") for match in self._word.finditer(found[index].core)]
        return [word[:_MAX_WORD_CHARS] for word in words]


class _Building:
    """Collects spoken words into sentences and unspeakable ones into silent runs."""

    def __init__(self) -> None:
        self._parts: list[SpokenSentence | SilentRun] = []
        self._words: list[SpokenWord] = []
        self._unread: list[int] = []

    def add(self, index: int, token: _Token, said: list[str], ending: str) -> None:
        if said:
            self._settle_unread()
            self._extend(index, said)
        elif any(char.isalpha() for char in token.core):
            self._unread.append(index)
        elif token.opens or "-" in token.closing or ending:
            self._breathe(",")
        if token.opens and not said:
            self._breathe(",")
        if ending in {".", "!", "?", "…"}:
            self._settle_unread(at_end=True)
            self._finish(ending, _LINE_GAP_S if token.line_end else _GAPS_S[ending])
        elif ending and said:
            self._breathe(ending)

    def finished(self, count: int) -> list[SpokenSentence | SilentRun]:
        self._settle_unread(at_end=True)
        self._finish(".", _GAPS_S["."])
        if not self._parts and count:
            return []
        return self._parts

    def _extend(self, index: int, said: list[str]) -> None:
        for word in said:
            if word == PAUSE:
                self._breathe(",")
            else:
                self._words.append(SpokenWord(word, index))

    def _breathe(self, mark: str) -> None:
        if self._words and not self._words[-1].pause:
            self._words[-1] = replace(self._words[-1], pause=mark)

    def _settle_unread(self, *, at_end: bool = False) -> None:
        """Decide what becomes of the unspeakable words that have just ended."""
        unread, self._unread = self._unread, []
        if not unread:
            return
        if len(unread) >= SILENT_RUN_WORDS or (at_end and not self._words):
            self._finish(",", _GAPS_S[","])
            self._parts.append(SilentRun(unread[0], unread[-1] + 1))
        else:
            self._breathe(",")

    def _finish(self, mark: str, gap_s: float) -> None:
        words, self._words = self._words, []
        if not words:
            return
        words[-1] = replace(words[-1], pause="." if mark == "…" else mark)
        *first, last = _split_long(words)
        self._parts += [SpokenSentence(tuple(part), _GAPS_S[","]) for part in first]
        self._parts.append(SpokenSentence(tuple(last), gap_s))


def _split_long(words: list[SpokenWord]) -> list[list[SpokenWord]]:
    """Part an over-long sentence at the breath nearest to its middle, else at a word."""
    chars = sum(len(word.text) + 1 for word in words)
    is_short = len(words) <= MAX_SENTENCE_WORDS and chars <= MAX_SENTENCE_CHARS
    if is_short or len(words) == 1:
        return [words]
    middle = len(words) // 2
    breaths = [at for at, word in enumerate(words[:-1], 1) if word.pause]
    near = [at for at in breaths if abs(at - middle) <= len(words) // 4]
    cut = min(near, key=lambda at: abs(at - middle)) if near else middle
    head = [*words[: cut - 1], replace(words[cut - 1], pause=words[cut - 1].pause or ",")]
    return _split_long(head) + _split_long(words[cut:])
