"""The built-in script writer: English scripts about any topic, varied, the same for a seed."""

import regex

from vidgen_gui.core.script import Genre, Length, Scene, Script
from vidgen_gui.core.text import clean_text, truncate
from vidgen_gui.pipeline.writer.assemble import Workshop, compose
from vidgen_gui.pipeline.writer.dice import Dice
from vidgen_gui.pipeline.writer.domains import choose_domain, flavour
from vidgen_gui.pipeline.writer.grammar import load_grammar, load_shared
from vidgen_gui.pipeline.writer.prompts import describe
from vidgen_gui.pipeline.writer.topic import Topic, understand

MAX_TITLE_CHARS = 90
_MAX_TAG_CHARS = 24
_TAG_COUNT = 4
_TAG_LETTERS = regex.compile(r"[^\p{L}\p{M}\p{N}]+")

__all__ = ["make_tags", "make_title", "write_script"]


def write_script(
    topic: str, genre: Genre, length: Length, seed: int, *, shown_only: bool = False
) -> Script:
    """Write a script of about ``length.words`` words: a hook, three to six beats, a close.

    The same arguments give the same script on every machine. A topic that an English voice
    can't say is not named in it, unless the script is ``shown_only``.
    """
    understood = understand(topic, shown_only=shown_only)
    dice = Dice(genre.value, length.value, understood.shown, seed)
    shared = load_shared()
    tone = genre
    if genre is Genre.CUSTOM and dice.chance(_FLAVOUR_SHARE):
        tone = flavour(understood, shared) or genre
    grammar = load_grammar(tone)
    domain, on_topic = choose_domain(understood, tone, grammar, shared, dice)
    workshop = Workshop(tone, grammar, shared, understood, domain, on_topic, length, seed, dice)
    draft = compose(workshop)
    prompts = describe(draft, grammar, understood, dice)
    return Script(
        title=make_title(understood.shown),
        scenes=tuple(
            Scene(part.text, prompt) for part, prompt in zip(draft.parts, prompts, strict=True)
        ),
        hashtags=make_tags(understood, dice.shuffled(grammar.tags)),
    )


_FLAVOUR_SHARE = 0.5
"""How often a custom topic that clearly belongs to a genre is written in its tone."""


def make_title(topic: str) -> str:
    """The topic as typed, its first letter raised when it is a plain small English one."""
    title = truncate(clean_text(topic, keep_lines=False), MAX_TITLE_CHARS)
    first = title.split(" ", 1)[0]
    if first.isascii() and first.islower():
        return title[0].upper() + title[1:]
    return title


def make_tags(topic: Topic, genre_tags: list[str]) -> tuple[str, ...]:
    """A hashtag of the topic, when it makes a short one, and a few of the genre's."""
    words = [w for w in _TAG_LETTERS.sub(" ", topic.shown).split() if w]
    own = "".join(word[0].upper() + word[1:] for word in words)
    tags = [own] if own and len(own) <= _MAX_TAG_CHARS and not own.isdigit() else []
    for tag in genre_tags:
        if tag.lower() not in {t.lower() for t in tags}:
            tags.append(tag)
    return tuple(f"#{tag}" for tag in tags[:_TAG_COUNT])
