"""A pasted script becomes scenes. Its words are kept as they are, markup signs included."""

# ruff: noqa: RUF001 - the signs of other scripts are meant

from collections.abc import Iterable

import regex

from vidgen_gui.core.script import Genre, Scene, Script
from vidgen_gui.core.text import clean_text, has_words, truncate
from vidgen_gui.pipeline.language import recognise
from vidgen_gui.pipeline.sentences import split_long, split_sentences, spoken_size
from vidgen_gui.pipeline.writer import make_tags, make_title
from vidgen_gui.pipeline.writer.grammar import load_grammar
from vidgen_gui.pipeline.writer.prompts import describe_text
from vidgen_gui.pipeline.writer.topic import understand

SCENE_WORDS = 22
"""A scene is closed when it has about this many words (8 to 9 s)."""
MAX_SCENE_WORDS = 36
MOST_SHORT_SCENES = 400
"""More scenes than this are joined to longer ones: thousands of one word each are no video."""
_TITLE_WORDS = 12
_TITLE_CHARS = 90
_TITLE_FROM_TEXT_CHARS = 60

_PARAGRAPHS = regex.compile(r"\n\s*\n")
_HEADING = regex.compile(r"(?:#{1,6}\s+|(?:title|titel|titre|título|titolo)\s*:\s*)(.+)", regex.I)
_SENTENCE_END = regex.compile(r"[.!?…。！？؟।,;:][\"'”’»)]*$")


def script_from_text(text: str, topic: str) -> Script:
    """Make a script of a person's own text.

    A heading (``# …``, ``Title: …``, or a short first line set apart) gives the title and is
    not spoken; otherwise the topic does, otherwise the first words.
    """
    title, body = _split_title(clean_text(text), titled=bool(topic.strip()))
    narrations = _scenes(body)
    about = understand(title or topic)
    title = title or topic or _opening_words(narrations[0])
    language = recognise(body).language or "en"
    prompts = describe_text(narrations, language, about, body)
    tags = list(load_grammar(Genre.CUSTOM).tags) if language == "en" else []
    return Script(
        title=make_title(title),
        scenes=tuple(
            Scene(narration, prompt) for narration, prompt in zip(narrations, prompts, strict=True)
        ),
        hashtags=make_tags(about, tags),
    )


def _opening_words(text: str) -> str:
    return truncate(split_sentences(text)[0].rstrip(".。।"), _TITLE_FROM_TEXT_CHARS)


def _split_title(text: str, *, titled: bool) -> tuple[str, str]:
    first, _, rest = text.partition("\n")
    if not has_words(rest):
        return "", text
    marked = _HEADING.fullmatch(first.strip())
    if marked and has_words(marked[1]):
        return marked[1].strip().rstrip("#").strip(), rest.strip()
    apart = rest.startswith("\n")
    short = len(first.split()) <= _TITLE_WORDS and len(first) <= _TITLE_CHARS
    if apart and short and not titled and has_words(first) and not _SENTENCE_END.search(first):
        return first.strip(), rest.strip()
    return "", text


def _scenes(text: str) -> list[str]:
    scenes: list[str] = []
    for paragraph in _paragraphs(text):
        for group in _groups(paragraph):
            # A picture needs words: what has none (an emoji, a line of stars) joins its neighbour.
            if scenes and not (has_words(group) and has_words(scenes[-1])):
                scenes[-1] = f"{scenes[-1]} {group}"
            else:
                scenes.append(group)
    return scenes if len(scenes) <= MOST_SHORT_SCENES else _joined(scenes)


def _paragraphs(text: str) -> list[str]:
    """Blocks between blank lines; without any, lines that are whole sentences each."""
    blocks = [block for block in _PARAGRAPHS.split(text) if block.strip()]
    result = []
    for block in blocks:
        lines = [line.strip() for line in block.split("\n") if line.strip()]
        whole = len(lines) > 1 and all(_SENTENCE_END.search(line) for line in lines[:-1])
        if whole and len(blocks) == 1:
            result.extend(lines)
        else:
            result.append(" ".join(lines))
    return result


def _groups(paragraph: str) -> list[str]:
    """Sentence groups of about `SCENE_WORDS` words."""
    return _joined(
        piece
        for sentence in split_sentences(paragraph)
        for piece in split_long(sentence, MAX_SCENE_WORDS)
    )


def _joined(sentences: Iterable[str]) -> list[str]:
    groups: list[str] = []
    size = float(MAX_SCENE_WORDS)
    for sentence in sentences:
        more = spoken_size(sentence)
        if size >= SCENE_WORDS or size + more > MAX_SCENE_WORDS:
            groups.append(sentence)
            size = more
        else:
            groups[-1] = f"{groups[-1]} {sentence}"
            size += more
    return groups
