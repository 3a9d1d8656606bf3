"""The script grammars: genres with their themes, domains, habits; and reading them from files.

What is chosen and in which order is `assemble`'s business.
"""

import functools
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import regex

from vidgen_gui.core.script import Genre, Length
from vidgen_gui.pipeline.writer.notation import Line, Phrase, parse_line, parse_phrase
from vidgen_gui.system.resources import resource


@dataclass(frozen=True, slots=True)
class Beat:
    """One step of a theme: its lines say the same kind of thing in different ways.

    ``lengths`` are the lengths of script that it is said in, all when empty. A ``spare`` one is
    the first to be left out where a script has no room for all.
    """

    lines: tuple[Line, ...]
    images: tuple[str, ...]
    lengths: frozenset[str]
    spare: bool


@dataclass(frozen=True, slots=True)
class Theme:
    """One way through a genre: hooks, beats in the order in which they build, closes.

    ``topics`` are words that make it likelier, or that it needs (``own_topics_only``);
    ``kinds`` the kinds of topic that it suits, all when empty; ``lengths`` the lengths of script
    that it was written for. The beats of a ``whole`` one stay together, with nothing between
    them. ``beat_counts`` is how many beats a script of a length gets, any of them in their
    order; all where it names no number. ``genres`` are those that a domain's own theme suits;
    a genre's theme names none.
    """

    name: str
    topics: frozenset[str]
    kinds: frozenset[str]
    lengths: frozenset[str]
    own_topics_only: bool
    whole: bool
    beat_counts: dict[str, int]
    borrowed: bool
    hooks: tuple[Line, ...]
    beats: tuple[Beat, ...]
    closes: tuple[Line, ...]
    genres: frozenset[Genre]

    def beats_for(self, length: Length) -> tuple[Beat, ...]:
        """Its beats in a script of this length, in their order."""
        return tuple(b for b in self.beats if not b.lengths or length.value in b.lengths)


@dataclass(frozen=True, slots=True)
class Grammar:
    """A genre: its themes and the look of its pictures."""

    themes: tuple[Theme, ...]
    lights: tuple[str, ...]
    moods: tuple[str, ...]
    tags: tuple[str, ...]
    domains: tuple[str, ...]
    own_domains_only: bool
    fact_share: float


@dataclass(frozen=True, slots=True)
class Domain:
    """A field of life that topics belong to: what is true of it, and where its pictures are set.

    ``themes`` names the files of those that are about it alone; ``loose`` are those of its
    topics' words that often mean something else. ``subjects`` are what its lines call what a
    topic with such a word is about; without words, any other.
    """

    name: str
    topics: frozenset[str]
    settings: tuple[Phrase, ...]
    facts: tuple[Line, ...]
    genre: Genre | None
    themes: tuple[str, ...]
    loose: frozenset[str]
    subjects: tuple[tuple[str, frozenset[str]], ...]

    def subject(self, words: Iterable[str]) -> str:
        """What a topic with these words is about; empty where its lines don't say."""
        return next((s for s, of in self.subjects if not of or not of.isdisjoint(words)), "")


@dataclass(frozen=True, slots=True)
class Habit:
    """A way of speaking that some narrators have: one wording wherever another would do."""

    pattern: regex.Pattern[str]
    wording: str

    def apply(self, text: str) -> str:
        return self.pattern.sub(self._reworded, text)

    def _reworded(self, match: regex.Match[str]) -> str:
        said = match.expand(self.wording)
        return said[0].upper() + said[1:] if match[0][0].isupper() else said


@dataclass(frozen=True, slots=True)
class Shared:
    """What all genres use: narrators' habits, ways back to the topic by its kind, the domains.

    ``grave`` are words of topics that no light word suits.
    """

    habits: tuple[Habit, ...]
    returns: dict[str, tuple[Line, ...]]
    domains: dict[str, Domain]
    grave: frozenset[str]


def _rows(block: str) -> list[str]:
    return [row.strip() for row in block.splitlines() if row.strip()]


def _lines(block: str) -> tuple[Line, ...]:
    return tuple(parse_line(row) for row in _rows(block))


def _entries(text: str) -> tuple[Phrase, ...]:
    return tuple(parse_phrase(entry.strip()) for entry in text.split(";"))


def _beats(tables: list[dict[str, Any]]) -> tuple[Beat, ...]:
    return tuple(
        Beat(
            _lines(table["lines"]),
            tuple(table["images"]),
            frozenset(table.get("lengths", "").split()),
            bool(table.get("spare", False)),
        )
        for table in tables
    )


def _theme(data: dict[str, Any], *, borrowed: bool = False) -> Theme:
    return Theme(
        name=data["name"],
        topics=frozenset(data.get("topics", "").split()),
        kinds=frozenset(data.get("kinds", "").split()),
        lengths=frozenset(data["lengths"].split()),
        own_topics_only=bool(data.get("own_topics_only", False)),
        whole=bool(data.get("whole", False)),
        beat_counts=data.get("beat_counts", {}),
        borrowed=borrowed,
        hooks=_lines(data["hooks"]),
        beats=_beats(data["beat"]),
        closes=_lines(data["closes"]),
        genres=frozenset(Genre(name) for name in data.get("genres", "").split()),
    )


def _habit(row: str) -> Habit:
    pattern, wording = row.split(" => ")
    return Habit(regex.compile(rf"\b{pattern}\b", regex.IGNORECASE), wording)


def _subject(entry: str) -> tuple[str, frozenset[str]]:
    name, _, words = entry.partition(": ")
    return name, frozenset(words.split())


def _domain(name: str, data: dict[str, Any]) -> Domain:
    genre = data.get("genre")
    return Domain(
        name=name,
        topics=frozenset(data.get("topics", "").split()),
        settings=_entries(data["where"]),
        facts=_lines(data.get("facts", "")),
        genre=Genre(genre) if genre else None,
        themes=tuple(data.get("themes", ())),
        loose=frozenset(data.get("loose", "").split()),
        subjects=tuple(_subject(entry) for entry in data.get("subjects", ())),
    )


@functools.cache
def _read(name: str) -> dict[str, Any]:
    with resource(f"scripts/{name}.toml").open("rb") as file:
        return tomllib.load(file)


def _borrowed(entry: str) -> Theme:
    """A theme of another genre, written ``genre/theme: kinds of topic @ lengths``."""
    entry, _, lengths = entry.partition(" @ ")
    name, _, kinds = entry.partition(": ")
    genre, _, wanted = name.partition("/")
    for theme in _read(genre)["theme"]:
        if theme["name"] == wanted:
            kinds = kinds or theme.get("kinds", "")
            lengths = lengths or theme.get("lengths", "")
            changes = {"name": name, "kinds": kinds, "lengths": lengths}
            return _theme(theme | changes, borrowed=True)
    raise ValueError(f"no theme {name!r}")


@functools.cache
def load_grammar(genre: Genre) -> Grammar:
    """Read one genre's file; it stays in memory.

    Raises:
        StorageError: the file is missing.
        ValueError: it breaks the notation.
    """
    data = _read(genre.value)
    borrowed = [_borrowed(name) for name in data.get("also", [])]
    return Grammar(
        themes=(*(_theme(theme) for theme in data["theme"]), *borrowed),
        lights=tuple(data["lights"]),
        moods=tuple(data["moods"]),
        tags=tuple(data["tags"]),
        domains=tuple(data["domains"]),
        own_domains_only=bool(data.get("own_domains_only", False)),
        fact_share=float(data.get("fact_share", 0.0)),
    )


@functools.cache
def load_shared() -> Shared:
    """Read what all genres share; it stays in memory.

    Raises:
        StorageError: the file is missing.
    """
    data = _read("shared")
    return Shared(
        habits=tuple(_habit(row) for row in _rows(data["habits"])),
        returns={kind: _lines(block) for kind, block in data["returns"].items()},
        domains={name: _domain(name, entry) for name, entry in data["domain"].items()},
        grave=frozenset(data["grave"].split()),
    )


@functools.cache
def load_domain_themes(name: str) -> tuple[Theme, ...]:
    """Read one file of themes about a single domain; it stays in memory.

    Raises:
        StorageError: the file is missing.
        ValueError: it breaks the notation.
    """
    themes = _read(f"domains/{name}")["theme"]
    return tuple(_theme(theme | {"whole": True}) for theme in themes)
