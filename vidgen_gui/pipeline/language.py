"""Which language and script a text is in, and whether a voice that is here can speak it.

Recognition is careful with short texts: a topic counts as English unless there is good
evidence against it, because asking about "Zen gardens" would be worse than saying a foreign
name with an English mouth.
"""

import functools
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import regex

from vidgen_gui.core.language import primary_language
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.system.resources import resource

SPEAKABLE_SHARE = 0.6
"""A text whose letters a voice can read to at least this share is spoken; the rest is left out."""
_NAME_WORDS = 4
"""Capitalised texts up to this many words may be names (Rio de Janeiro)."""
_SHORT_WORDS = 4
_SURE = 0.7
_SURE_FOR_ONE_WORD = 0.93
_SURE_FOR_FAMILY = 0.9
_ENGLISH_RULED_OUT = 0.1
_MANY_WORDS = 8

_SCRIPTS = MappingProxyType(
    {
        "Latn": "Latin", "Cyrl": "Cyrillic", "Grek": "Greek", "Arab": "Arabic",
        "Hebr": "Hebrew", "Deva": "Devanagari", "Hani": "Han", "Hira": "Hiragana",
        "Kana": "Katakana", "Hang": "Hangul", "Thai": "Thai", "Beng": "Bengali",
        "Taml": "Tamil", "Telu": "Telugu", "Knda": "Kannada", "Mlym": "Malayalam",
        "Gujr": "Gujarati", "Guru": "Gurmukhi", "Sinh": "Sinhala", "Geor": "Georgian",
        "Armn": "Armenian", "Khmr": "Khmer", "Laoo": "Lao", "Mymr": "Myanmar",
        "Ethi": "Ethiopic", "Tibt": "Tibetan",
    }
)  # fmt: skip
_LETTERS = {code: regex.compile(rf"\p{{Script={name}}}") for code, name in _SCRIPTS.items()}
_LETTER = regex.compile(r"\p{L}")
_WORD = regex.compile(r"[\p{L}\p{M}'’]+")
_SPOKEN_SIGN = regex.compile(r"[\p{L}\p{N}]")

_LANGUAGE_OF_SCRIPT = MappingProxyType(
    {
        "Hira": "ja", "Kana": "ja", "Hang": "ko", "Hani": "zh", "Grek": "el", "Hebr": "he",
        "Thai": "th", "Arab": "ar", "Deva": "hi", "Cyrl": "ru", "Beng": "bn", "Taml": "ta",
        "Telu": "te", "Knda": "kn", "Mlym": "ml", "Gujr": "gu", "Guru": "pa", "Sinh": "si",
        "Geor": "ka", "Armn": "hy", "Khmr": "km", "Laoo": "lo", "Mymr": "my", "Ethi": "am",
        "Tibt": "bo",
    }
)  # fmt: skip
_SCRIPTS_OF_LANGUAGE = MappingProxyType(
    {language: frozenset({script}) for script, language in _LANGUAGE_OF_SCRIPT.items()}
    | dict.fromkeys(("uk", "bg", "be", "kk", "mk", "mn", "ky", "tg", "tt"), frozenset({"Cyrl"}))
    | dict.fromkeys(("fa", "ur", "ps", "ug", "sd", "ckb"), frozenset({"Arab"}))
    | dict.fromkeys(("mr", "ne", "sa"), frozenset({"Deva"}))
    | {
        "ja": frozenset({"Hira", "Kana", "Hani"}),
        "ko": frozenset({"Hang", "Hani"}),
        "sr": frozenset({"Cyrl", "Latn"}),
        "yi": frozenset({"Hebr"}),
    }
)
_LATIN_ONLY = frozenset({"Latn"})

_ENGLISH_WORDS = frozenset(
    [
        "the",
        "of",
        "and",
        "my",
        "your",
        "our",
        "why",
        "how",
        "is",
        "are",
        "was",
        "with",
        "for",
        "at",
        "to",
        "from",
        "what",
        "when",
        "who",
        "which",
        "vs",
        "this",
        "that",
        "these",
        "you",
        "we",
        "they",
        "it",
        "don't",
        "explained",
        "never",
        "every",
        "about",
        "without",
    ]
)
_NAME_PARTICLES = frozenset(
    [
        "de",
        "da",
        "di",
        "do",
        "du",
        "del",
        "della",
        "dei",
        "des",
        "dos",
        "e",
        "el",
        "la",
        "le",
        "les",
        "los",
        "y",
        "van",
        "von",
        "der",
        "den",
        "of",
        "the",
        "al",
        "bin",
    ]
)


class LanguageChoice(StrEnum):
    """What can be done about a text that no voice here speaks."""

    ENGLISH_ABOUT_IT = "english-about-it"
    CAPTIONS_ONLY = "captions-only"


@dataclass(frozen=True, slots=True)
class Recognised:
    """A language (ISO 639 code; None without a letter) and its main script (ISO 15924)."""

    language: str | None
    script: str


@dataclass(frozen=True, slots=True)
class LanguageCheck:
    """Whether a request can be spoken, and what is offered when it can't."""

    recognised: Recognised
    speakable: bool
    choices: tuple[LanguageChoice, ...] = ()

    @property
    def message(self) -> Message | None:
        """What the person is told; None when all is well."""
        if self.speakable:
            return None
        return Message(
            MessageId.LANGUAGE_NOT_SPOKEN,
            {
                "language": self.recognised.language or "und",
                "script": self.recognised.script,
                "choices": [choice.value for choice in self.choices],
            },
        )


def check_language(
    topic: str, script_text: str | None, spoken_languages: Collection[str]
) -> LanguageCheck:
    """Say, before a job starts, whether its text can be spoken by the voices that are here.

    Args:
        topic: as typed; may be empty when a script is given.
        script_text: a pasted script; it is what would be spoken, so it decides.
        spoken_languages: BCP 47 codes of the present voices ("en", "en-US", "en_US").

    A text without letters can be spoken by anyone (numbers).
    """
    text = script_text or topic
    found = recognise(text)
    spoken = {primary_language(code) for code in spoken_languages}
    speakable = found.language is None or (
        found.language in spoken and speakable_share(text, found.language) >= SPEAKABLE_SHARE
    )
    if speakable:
        return LanguageCheck(found, speakable=True)
    if "en" in spoken and topic and not script_text:
        choices: tuple[LanguageChoice, ...] = (
            LanguageChoice.ENGLISH_ABOUT_IT,
            LanguageChoice.CAPTIONS_ONLY,
        )
    else:
        choices = (LanguageChoice.CAPTIONS_ONLY,)
    return LanguageCheck(found, speakable=False, choices=choices)


def recognise(text: str) -> Recognised:
    """Tell a text's language and script; in doubt between English and another, English."""
    counts = _letters_by_script(text)
    if not counts:
        return Recognised(None, "Zyyy")
    script = counts.most_common(1)[0][0]
    if script == "Latn":
        return Recognised(_latin_language(text), script)
    if script == "Hani" and (counts["Hira"] or counts["Kana"]):
        return Recognised("ja", "Hani")
    guess, _ = _best(_probabilities(text))
    if script in scripts_of(guess):
        return Recognised(guess, script)
    return Recognised(_LANGUAGE_OF_SCRIPT.get(script, "und"), script)


def scripts_of(language: str) -> frozenset[str]:
    """The scripts (ISO 15924) in which a voice for ``language`` reads."""
    return _SCRIPTS_OF_LANGUAGE.get(primary_language(language), _LATIN_ONLY)


def speakable_share(text: str, language: str) -> float:
    """How much of the letters, 0…1, a voice for ``language`` can read; 1 without letters."""
    counts = _letters_by_script(text)
    if not counts:
        return 1.0
    return sum(counts[script] for script in scripts_of(language)) / counts.total()


def is_speakable_word(word: str, language: str) -> bool:
    """Whether a voice for ``language`` can say this word.

    False for a word with a letter of a foreign script, and for one without letter or digit.
    """
    if not _SPOKEN_SIGN.search(word):
        return False
    return set(_letters_by_script(word)) <= scripts_of(language)


def _letters_by_script(text: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for letter in _LETTER.findall(text):
        counts[_script_of(letter)] += 1
    return counts


@functools.lru_cache(maxsize=4096)
def _script_of(letter: str) -> str:
    for code, pattern in _LETTERS.items():
        if pattern.match(letter):
            return code
    return "Zzzz"


def _latin_language(text: str) -> str:
    found = _probabilities(text)
    return _best(found)[0] if _is_foreign(_WORD.findall(text), found) else "en"


def _is_foreign(words: list[str], found: Mapping[str, float]) -> bool:
    """Whether the evidence against English is good enough for so many words."""
    guess, sure = _best(found)
    if guess == "en" or found.get("en", 0.0) > _ENGLISH_RULED_OUT:
        return False
    if len(words) >= _MANY_WORDS:
        return True
    if any(word.lower() in _ENGLISH_WORDS for word in words) or _may_be_a_name(words, guess):
        return False
    if len(words) == 1:
        return sure >= _SURE_FOR_ONE_WORD
    # Related languages share the evidence (Spanish, Portuguese, Galician).
    family = sum(sorted(found.values(), reverse=True)[:3])
    mostly = len(words) > 2 and _foreign_count(words) >= 0.75 * len(words)
    unsure = sure < _SURE and family < _SURE_FOR_FAMILY and not mostly
    short = len(words) < _SHORT_WORDS and sure < _SURE_FOR_ONE_WORD and _foreign_count(words) < 2
    return not (unsure or short)


def _may_be_a_name(words: list[str], guess: str) -> bool:
    """Las Vegas, Rio de Janeiro; but German writes every noun with a capital."""
    return (
        guess != "de"
        and 1 < len(words) <= _NAME_WORDS
        and words[0][0].isupper()
        and words[-1][0].isupper()
        and all(word[0].isupper() or word in _NAME_PARTICLES for word in words)
        and "'" not in words[0]
    )


def _foreign_count(words: list[str]) -> int:
    """How many words look foreign when seen alone."""
    return sum(_probabilities(word).get("en", 0.0) < _ENGLISH_RULED_OUT for word in words)


def _best(found: Mapping[str, float]) -> tuple[str, float]:
    return max(found.items(), key=lambda item: item[1], default=("en", 0.0))


@functools.lru_cache(maxsize=256)
def _probabilities(text: str) -> Mapping[str, float]:
    """Languages and their probabilities; empty when the text says nothing."""
    plain = " ".join(_WORD.findall(text.lower()))
    if not plain:
        return {}
    labels, values = _model().predict(plain, k=20)
    return {
        label.removeprefix("__label__"): float(value)
        for label, value in zip(labels, values, strict=True)
    }


@functools.cache
def _model() -> Any:
    # Imported when the first text is looked at: 4 ms and 15 MiB that a queue doesn't need.
    import fasttext  # noqa: PLC0415

    return fasttext.load_model(str(resource("language/lid.176.ftz")))
