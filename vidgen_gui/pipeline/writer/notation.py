"""The notation of the script grammars: lines with choices in them.

A line is ``core // extension``, after ``words::`` one that is said of topics with such a word
only; ``{a|b}`` offers a choice (choices nest), ``{topic}``, ``{title}`` and ``{subject}`` are
filled from the topic. resources/scripts/README.md explains it to whoever writes lines.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

SLOTS = frozenset({"topic", "title", "subject"})
"""The topic inside a sentence, and as a sentence of its own with its end mark; and what a domain's
lines call what the topic is about, as dog, cat or pet."""

Node: TypeAlias = "str | Slot | Choice"
Pick: TypeAlias = Callable[[Sequence["Phrase"]], "Phrase"]
Fill: TypeAlias = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Slot:
    """A place filled by name."""

    name: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several phrases."""

    options: tuple["Phrase", ...]


@dataclass(frozen=True, slots=True)
class Phrase:
    """A run of text, slots and choices."""

    nodes: tuple[Node, ...]

    def expand(self, pick: Pick, fill: Fill) -> str:
        parts = []
        for node in self.nodes:
            match node:
                case str():
                    parts.append(node)
                case Slot(name):
                    parts.append(fill(name))
                case Choice(options):
                    parts.append(pick(options).expand(pick, fill))
        return "".join(parts)

    @property
    def variants(self) -> int:
        """In how many ways it can be said."""
        choices = (node for node in self.nodes if isinstance(node, Choice))
        return math.prod(sum(option.variants for option in c.options) for c in choices)


@dataclass(frozen=True, slots=True)
class Line:
    """What can be said at one place: a core, and an extension that may be left out.

    ``variants`` is in how many ways the core can be said. With ``topics`` it is said only of a
    topic that has one of these words.
    """

    core: Phrase
    extension: Phrase | None
    variants: int
    topics: frozenset[str]

    def suits(self, words: Iterable[str]) -> bool:
        """Whether it may be said of a topic with these words."""
        return not self.topics or not self.topics.isdisjoint(words)


def parse_phrase(text: str) -> Phrase:
    """Read one phrase.

    Raises:
        ValueError: unbalanced braces, an unknown slot or a choice of one.
    """
    phrase, rest = _parse(text, 0, top=True)
    if rest != len(text):
        raise ValueError(f"unbalanced braces in {text!r}")
    return phrase


def _parse(text: str, start: int, *, top: bool = False) -> tuple[Phrase, int]:
    nodes: list[Node] = []
    position = start
    while position < len(text) and (top or text[position] not in "|}"):
        if text[position] == "{":
            node, position = _parse_braces(text, position + 1)
            nodes.append(node)
            continue
        end = position
        while end < len(text) and text[end] not in ("{}" if top else "{|}"):
            end += 1
        if end == position:
            break
        nodes.append(text[position:end])
        position = end
    return Phrase(tuple(nodes)), position


def _parse_braces(text: str, start: int) -> tuple[Node, int]:
    options = []
    position = start
    while True:
        option, position = _parse(text, position)
        options.append(option)
        if position >= len(text):
            raise ValueError(f"unbalanced braces in {text!r}")
        position += 1
        if text[position - 1] == "}":
            break
    if len(options) > 1:
        return Choice(tuple(options)), position
    match options[0].nodes:
        case (str() as name,) if name.isidentifier():
            if name not in SLOTS:
                raise ValueError(f"unknown slot {name!r} in {text!r}")
            return Slot(name), position
    raise ValueError(f"a choice of one in {text!r}")


def parse_line(text: str) -> Line:
    """Read ``words:: core // extension``; ValueError as `parse_phrase`."""
    words, _, whole = text.rpartition(":: ")
    said, _, addition = (part.strip() for part in whole.partition(" // "))
    core, extension = parse_phrase(said), parse_phrase(addition) if addition else None
    return Line(core, extension, core.variants, frozenset(words.split()))
