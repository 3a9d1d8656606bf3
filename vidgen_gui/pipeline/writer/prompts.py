"""What each scene's picture shows, in English: subject, setting, light, mood, motifs."""

from collections.abc import Sequence

import regex

from vidgen_gui.core.script import Genre
from vidgen_gui.core.text import truncate
from vidgen_gui.pipeline.writer import lexicon as lx
from vidgen_gui.pipeline.writer.assemble import Draft
from vidgen_gui.pipeline.writer.dice import Dice
from vidgen_gui.pipeline.writer.grammar import Grammar, load_grammar
from vidgen_gui.pipeline.writer.notation import Phrase
from vidgen_gui.pipeline.writer.topic import Topic, content_words

MAX_MOTIFS = 3
_PASTED_MOTIFS = 5
_MAX_WORD_CHARS = 24
_SIGNS = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_DULL = lx.STOP_WORDS | lx.IMPERATIVES | frozenset(
    "thing things way ways kind sort lot bit part something nothing anything everything else "
    "even still only again almost already maybe perhaps really much well good bad better best "
    "worst first last next half whole same other others enough less least few once twice "
    "minute minutes hour day days week weeks month months year years time times today "
    "tomorrow tonight yesterday comes goes went gone got getting made making took taken said "
    "says know knows known want wants need needs feel feels felt look looks looked means "
    "turns turned usually often never ever always instead anyway somebody nobody people "
    "person yourself yours mine ours theirs themselves itself himself herself".split()
)  # fmt: skip


def describe(draft: Draft, grammar: Grammar, topic: Topic, dice: Dice) -> list[str]:
    """One prompt a scene. Light moves through the genre's day in order, mood stays."""
    count = len(draft.parts)
    start = dice.pick(range(max(1, len(grammar.lights) - count + 1)))
    lights = [grammar.lights[(start + i) % len(grammar.lights)] for i in range(count)]
    mood = dice.pick(grammar.moods)
    theme_words = _topic_motif(topic)
    shown: set[str] = set()
    prompts = []
    for part, light in zip(draft.parts, lights, strict=True):
        fresh = [image for image in part.images if image not in shown] or list(part.images)
        subject = dice.pick(fresh)
        shown.add(subject)
        setting = _setting(draft.domain.settings, dice)
        motifs = motif_words(part.text, exclude=set(content_words(subject)) | set(topic.words))
        pieces = [subject, setting, light, f"{mood} mood", *theme_words, *motifs]
        prompts.append(", ".join(dict.fromkeys(piece for piece in pieces if piece)))
    return prompts


def motif_words(
    text: str, *, exclude: set[str] | frozenset[str] = frozenset(), most: int = MAX_MOTIFS
) -> list[str]:
    """The most telling words of a sentence group: long before short, in their order."""
    words = [
        word
        for word in content_words(text)
        if len(word) > 3 and word not in _DULL and word not in exclude and not word.isdigit()
        and not word.endswith(("n't", "'re", "'ll", "'ve", "'d", "ly"))
    ]  # fmt: skip
    kept = sorted(words, key=len, reverse=True)[:most]
    return [word for word in words if word in kept]


def _setting(options: Sequence[Phrase], dice: Dice) -> str:
    return dice.pick(options).expand(dice.pick, lambda _: "")


def _topic_motif(topic: Topic) -> list[str]:
    if not topic.spoken:
        return []
    text = topic.title.rstrip("?!.,")
    return [text.lower() if text[1:].islower() else text] if len(text.split()) <= 6 else []


def describe_text(narrations: Sequence[str], language: str, topic: Topic, whole: str) -> list[str]:
    """Prompts for a text that was not written here: its own words, in its own language."""
    if language != "en":
        return [_foreign_prompt(text, topic) for text in narrations]
    dice = Dice("pasted", whole)
    grammar = load_grammar(Genre.CUSTOM)
    mood = dice.pick(grammar.moods)
    first = dice.pick(range(len(grammar.lights)))
    prompts = []
    for index, text in enumerate(narrations):
        words = motif_words(text, most=_PASTED_MOTIFS) or _topic_motif(topic) or ["a quiet scene"]
        light = grammar.lights[(first + index) % len(grammar.lights)]
        prompts.append(
            ", ".join(dict.fromkeys([*words, *_topic_motif(topic), light, f"{mood} mood"]))
        )
    return prompts


def _foreign_prompt(text: str, topic: Topic) -> str:
    words = _SIGNS.findall(text)
    telling = sorted(dict.fromkeys(words), key=len, reverse=True)[:_PASTED_MOTIFS]
    kept = [truncate(word, _MAX_WORD_CHARS) for word in dict.fromkeys(words) if word in telling]
    return ", ".join(kept or [topic.shown or text])
