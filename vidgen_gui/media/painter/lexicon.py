"""What the words of an image prompt ask the painter for."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import regex

from vidgen_gui.core.script import Genre
from vidgen_gui.media.painter.geometry import Rng
from vidgen_gui.system.resources import resource

_WORD = regex.compile(r"[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*")
_ENDINGS = ("'s", "’s", "ies", "es", "s", "ing", "ed", "y", "ly", "er")
_LONGEST_PHRASE = 3
Table = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Brief:
    """What is to be seen: one setting, subjects and effects by weight, moods."""

    setting: str
    subjects: tuple[str, ...]
    effects: tuple[str, ...]
    moods: tuple[str, ...]
    named_setting: bool
    named_subject: bool


@cache
def _tables() -> Mapping[str, Table]:
    text = resource("painter/lexicon.toml").read_text(encoding="utf-8")
    return {
        section: {name: tuple(words) for name, words in table.items()}
        for section, table in tomllib.loads(text).items()
    }


@cache
def _index(section: str) -> Mapping[str, tuple[str, ...]]:
    """Word or phrase → the names that it calls in this section."""
    found: dict[str, tuple[str, ...]] = {}
    for name, words in _tables()[section].items():
        for word in (name, *words):
            if name not in found.get(word, ()):
                found[word] = (*found.get(word, ()), name)
    return found


def _forms(word: str) -> list[str]:
    """The word itself and what it may be a form of."""
    forms = [word]
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            stem = word[: -len(ending)]
            forms += [stem, stem + "e", stem + "y"]
            if stem[-1] == stem[-2:-1]:
                forms.append(stem[:-1])
    return forms


def _called(section: str, words: list[str]) -> dict[str, float]:
    """Names called by the words, with weights; earlier words and phrases weigh more."""
    index = _index(section)
    weights: dict[str, float] = {}
    for position in range(len(words)):
        early = 1.0 / (1.0 + 0.08 * position)
        for length in range(1, _LONGEST_PHRASE + 1):
            part = words[position : position + length]
            if len(part) < length:
                break
            heads = " ".join(part[:-1])
            for form in _forms(part[-1]):
                names = index.get(f"{heads} {form}".strip(), ())
                for rank, name in enumerate(names):
                    own = 1.6 if form == name else 1.0
                    gain = early * own * length**2 / (1 + 0.25 * rank)
                    weights[name] = weights.get(name, 0.0) + gain
                if names:
                    break
    return weights


def _ranked(weights: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(sorted(weights, key=lambda name: (-weights[name], name)))


def read_prompt(prompt: str, genre: Genre, rng: Rng) -> Brief:
    """Choose what to draw. Words decide first, then the genre's habits and ``rng``.

    ``rng`` is asked for the same number of values whatever the words are.
    """
    words = [match.group().lower() for match in _WORD.finditer(prompt)]
    settings = _called("settings", words)
    subjects = _called("subjects", words)
    tables = _tables()
    habits = tables["defaults"][genre.value]
    habit = habits[int(rng.integers(len(habits)) * rng.uniform(0.35, 1.0))]
    for name in habits:
        if name in settings:
            settings[name] *= 1.25
    extras = tables["extras"][genre.value]
    extra = extras[int(rng.integers(len(extras)))]
    return Brief(
        setting=_ranked(settings)[0] if settings else habit,
        subjects=_ranked(subjects) if subjects else ((extra,) if extra else ()),
        effects=_ranked(_called("effects", words)),
        moods=_ranked(_called("moods", words)),
        named_setting=bool(settings),
        named_subject=bool(subjects),
    )
