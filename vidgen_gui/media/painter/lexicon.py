"""What the words of an image prompt ask the painter for."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import regex

from vidgen_gui.core.script import Genre
from vidgen_gui.media.painter.geometry import Rng
from vidgen_gui.system.resources import resource

_WORD = regex.compile(r"[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*")
_ENDINGS = ("'s", "’s", "ies", "es", "s", "ing", "ed", "y", "ly", "er")
_LONGEST_PHRASE = 3
_HOME_FACTOR = 1.5
_AWAY_FACTOR = MappingProxyType(
    {
        Genre.MOTIVATIONAL: 0.65,
        Genre.EMOTIONAL: 0.85,
        Genre.TECH: 0.5,
        Genre.NATURE: 0.55,
        Genre.CUSTOM: 1.0,
    }
)
"""A genre leans towards its own settings; technology and nature most, or none would know them."""
_STRANGE_FACTOR = 0.6
"""Machines in a genre that isn't about them make it look like the one that is."""
_HABIT_WEIGHT = MappingProxyType(
    {
        Genre.MOTIVATIONAL: 1.0,
        Genre.EMOTIONAL: 0.7,
        Genre.TECH: 1.1,
        Genre.NATURE: 0.8,
        Genre.CUSTOM: 0.25,
    }
)
"""What the genre's own choice weighs against settings named in passing."""
_TOPIC_OPENING, _TOPIC_LATER = 9.0, 0.4
"""What the topic's own words count for: the first picture says what a video is about, the others
show what is said meanwhile, or they would all be of one place."""
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


def _called(section: str, phrases: list[list[str]], shares: list[float]) -> dict[str, float]:
    """Names called by the words, with weights; phrases weigh by their place and length."""
    weights: dict[str, float] = {}
    for words, share in zip(phrases, shares, strict=True):
        position = 0
        while position < len(words):
            early = share / (1.0 + 0.06 * position)
            length, names, own = _longest(section, words[position:])
            for rank, name in enumerate(names):
                gain = early * own * length**1.5 / (1 + 0.25 * rank)
                weights[name] = weights.get(name, 0.0) + gain
            position += length
    return weights


def _longest(section: str, words: list[str]) -> tuple[int, tuple[str, ...], float]:
    """The longest known phrase at the start of ``words``: its length, names and weight."""
    index = _index(section)
    for length in range(min(_LONGEST_PHRASE, len(words)), 0, -1):
        head = " ".join(words[: length - 1])
        for form in _forms(words[length - 1]):
            names = index.get(f"{head} {form}".strip())
            if names:
                return length, names, 1.4 if form == words[length - 1] else 1.0
    return 1, (), 1.0


def _shares(phrases: list[list[str]]) -> list[float]:
    """How much each part between commas counts for what is seen: the first ones say it."""
    places = (1.5, 1.0, 0.7, 0.6, 0.8)
    return [
        0.1 if words[-1:] == ["mood"] else (places[index] if index < len(places) else 0.3)
        for index, words in enumerate(phrases)
    ]


def _words(text: str) -> list[list[str]]:
    """The words of each part between commas."""
    return [[match.group().lower() for match in _WORD.finditer(part)] for part in text.split(",")]


def _with_topic(
    phrases: list[list[str]], about: str, *, opening: bool
) -> tuple[list[list[str]], list[float]]:
    """The phrases and what each counts for, where a video's topic is among them or is to be."""
    topic = [words for words in _words(about) if words]
    shares = [
        _TOPIC_LATER if words in topic else share
        for words, share in zip(phrases, _shares(phrases), strict=True)
    ]
    if not opening:
        return phrases, shares
    others = [(w, share) for w, share in zip(phrases, shares, strict=True) if w not in topic]
    return (
        topic + [words for words, _ in others],
        [_TOPIC_OPENING] * len(topic) + [share for _, share in others],
    )


def _ranked(weights: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(sorted(weights, key=lambda name: (-weights[name], name)))


def _in_genre(named: Mapping[str, float], genre: Genre, habit: str) -> dict[str, float]:
    """Settings that words call, by what they count for in a genre, and the genre's own choice."""
    habits = _tables()["defaults"][genre.value]
    strange = set(_tables()["defaults"]["tech"]) - set(habits)
    settings = {
        name: weight
        * (_HOME_FACTOR if name in habits else _AWAY_FACTOR[genre])
        * (_STRANGE_FACTOR if name in strange and genre is not Genre.CUSTOM else 1.0)
        for name, weight in named.items()
    }
    settings[habit] = settings.get(habit, 0.0) + _HABIT_WEIGHT[genre]
    return settings


def read_prompt(
    prompt: str, genre: Genre, rng: Rng, *, about: str = "", opening: bool = False
) -> Brief:
    """Choose what to draw. Words decide first, then the genre's habits and ``rng``.

    ``rng`` is asked for the same number of values whatever the words are.

    Args:
        about: the topic of the video that the picture belongs to, if any.
        opening: whether it is the video's first picture, which shows the topic.
    """
    phrases, shares = _with_topic(_words(prompt), about, opening=opening)
    settings = _called("settings", phrases, shares)
    subjects = _called("subjects", phrases, shares)
    tables = _tables()
    habits = tables["defaults"][genre.value]
    habit = habits[int(rng.integers(len(habits)) * rng.uniform(0.35, 1.0))]
    extras = tables["extras"][genre.value]
    extra = extras[int(rng.integers(len(extras)))]
    topical = _called("settings", _words(about), [1.0] * len(_words(about))) if opening else {}
    named = bool(settings)
    settings = topical or _in_genre(settings, genre, habit)
    return Brief(
        setting=_ranked(settings)[0],
        subjects=_ranked(subjects) if subjects else ((extra,) if extra else ()),
        effects=_ranked(_called("effects", phrases, shares))[:3],
        moods=_ranked(_called("moods", phrases, [1.0] * len(phrases))),
        named_setting=named,
        named_subject=bool(subjects),
    )
