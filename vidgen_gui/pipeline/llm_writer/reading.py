"""From a model's answer to a script, or to what is wrong with it. Pure; nothing is trusted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import regex

from vidgen_gui.core.script import Scene, Script
from vidgen_gui.core.text import clean_text, has_words, truncate
from vidgen_gui.pipeline.language import recognise
from vidgen_gui.pipeline.llm_writer.prompt import (
    NARRATION_CHARS,
    PICTURE_CHARS,
    TAG_CHARS,
    TITLE_CHARS,
    language_name,
)
from vidgen_gui.pipeline.llm_writer.request import ScriptRequest
from vidgen_gui.pipeline.sentences import split_sentences
from vidgen_gui.services.llm.lenient_json import NotJson, parse_object

LEAST_SCENES, MOST_SCENES = 3, 10
MOST_TAGS = 5
LENGTH_TOLERANCE = 0.15
"""How far from the wanted words a script may be without being asked for again."""
LEAST_LENGTH, MOST_LENGTH = 0.5, 1.6
"""As shares of the wanted words: outside, a script cannot be used at all."""
_LANGUAGE_WORDS = 12

_LABEL = regex.compile(
    r"^\s*(?:[#>*_\-\s]*)(?:(?:scene|narrator|narration|voice[- ]?over|hook|close|beat|intro|outro)"
    r"\s*\d*\s*[:.\-–—]\s*|\d+\s*[.):]\s+)",
    regex.IGNORECASE,
)
_MARKUP = regex.compile(r"\*\*|__|`|(?<!\w)\*(?=\w)|(?<=\w)\*(?!\w)")
_DIRECTION = regex.compile(
    r"\[[^\]]{0,80}\]|\((?:music|pause|cut|beat|sfx|fade)[^)]{0,60}\)", regex.I
)
_EMOJI = regex.compile(r"[\p{Extended_Pictographic}\uFE0F\u200D\U0001F1E6-\U0001F1FF]+")
_BLANK = regex.compile(
    r"[\[<{](?:insert|your|name|topic|placeholder)[^\]>}]{0,40}[\]>}]|\.\.\.$|^…$", regex.I
)
_TAG = regex.compile(r"[^\p{L}\p{M}\p{N}_]+")
_REFUSAL = regex.compile(
    r"\b(?:i'?m sorry|i cannot|i can'?t|i am unable|as an ai|i won'?t)\b", regex.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer came to: a script, and what is wrong with it in words for the model.

    ``is_usable`` when the script can be taken though something is wrong with it.
    """

    script: Script | None
    problems: tuple[str, ...] = ()
    is_usable: bool = False


def read_answer(text: str, request: ScriptRequest) -> Reading:
    """Make a script of an answer as well as that can be done."""
    try:
        data = parse_object(text)
    except NotJson:
        if _REFUSAL.search(text):
            return Reading(None, ("You declined. The topic is harmless; write about it.",))
        return Reading(None, ("It is not a JSON object.",))
    scenes = _scenes(data.get("scenes"), request.topic)
    if not scenes:
        return Reading(None, ('There is no list "scenes" with a "narration" in each.',))
    scenes = _spread(_unique(scenes))
    title = _line(data.get("title"), TITLE_CHARS) or truncate(request.topic, TITLE_CHARS)
    script = cut_to_length(Script(title, tuple(scenes), _tags(data.get("hashtags"))), request.words)
    problems = tuple(_problems(script, request))
    share = script.word_count / request.words
    usable = (
        len(script.scenes) >= LEAST_SCENES
        and (LEAST_LENGTH <= share <= MOST_LENGTH or not _counts_words(request))
        and _is_language(script, request)
        and not _REFUSAL.search(script.scenes[0].narration)
    )
    return Reading(script, problems, is_usable=usable)


def shown_text(partial: str) -> str:
    """The narrations in an answer that is still being written, for a person to read along."""
    try:
        data = parse_object(partial)
    except NotJson:
        return ""
    return "\n\n".join(scene.narration for scene in _scenes(data.get("scenes"), ""))


def cut_to_length(script: Script, words: int) -> Script:
    """Leave sentences away from the middle until the script is about as long as wanted.

    Hook and close stay. What is left is never shorter than wanted by more than it was longer.
    """
    scenes = list(script.scenes)
    while True:
        total = sum(len(scene.narration.split()) for scene in scenes)
        excess = total - words
        if excess <= LENGTH_TOLERANCE * words:
            break
        cut = _best_cut(scenes, excess)
        if cut is None:
            break
        index, kept = cut
        if kept:
            scenes[index] = replace(scenes[index], narration=kept)
        else:
            del scenes[index]
    return replace(script, scenes=tuple(scenes))


def _best_cut(scenes: Sequence[Scene], excess: int) -> tuple[int, str] | None:
    """The sentence whose loss brings the length closest; (scene, what is left of it)."""
    best: tuple[int, int, str] | None = None
    for index in range(1, len(scenes) - 1):
        sentences = split_sentences(scenes[index].narration)
        loses_scene = len(sentences) == 1
        if loses_scene and len(scenes) <= LEAST_SCENES:
            continue
        lost = len(sentences[-1].split())
        left = abs(excess - lost)
        if left < excess and (best is None or left < best[0]):
            best = (left, index, " ".join(sentences[:-1]))
    return None if best is None else best[1:]


def _problems(script: Script, request: ScriptRequest) -> list[str]:
    problems = []
    if len(script.scenes) < LEAST_SCENES:
        problems.append(f"It has {len(script.scenes)} scenes instead of {request.scenes}.")
    words = script.word_count
    if _counts_words(request) and abs(words - request.words) > LENGTH_TOLERANCE * request.words:
        more = "longer" if words < request.words else "shorter"
        problems.append(
            f"The narrations have {words} words together; they must be {more}: {request.words}."
        )
    if not _is_language(script, request):
        problems.append(f"The narrations are not in {language_name(request.language)}.")
    if any(_BLANK.search(scene.narration) for scene in script.scenes):
        problems.append("A narration has a blank to be filled in; write the words themselves.")
    if _REFUSAL.search(script.scenes[0].narration):
        problems.append("You declined. The topic is harmless; write about it.")
    return problems


def _counts_words(request: ScriptRequest) -> bool:
    """Languages without spaces have no words to count."""
    return request.language.split("-", 1)[0] not in {"zh", "ja", "th", "lo", "km", "my"}


def _is_language(script: Script, request: ScriptRequest) -> bool:
    text = " ".join(scene.narration for scene in script.scenes)
    if len(text.split()) < _LANGUAGE_WORDS and _counts_words(request):
        return True
    found = recognise(text).language
    wanted = request.language.split("-", 1)[0].lower()
    return not found or found.split("-", 1)[0] == wanted or {found, wanted} <= _ALIKE


_ALIKE = frozenset({"no", "nb", "nn", "da", "sv"}) | frozenset({"hr", "sr", "bs"})
"""Too close for a recogniser to be sure of."""


def _scenes(value: Any, topic: str) -> list[Scene]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if not isinstance(value, list):
        return []
    found = []
    for entry in value[: 4 * MOST_SCENES]:
        if isinstance(entry, str):
            entry = {"narration": entry}  # noqa: PLW2901 - a model's shorthand
        if not isinstance(entry, Mapping):
            continue
        narration = _narration(_first(entry, ("narration", "text", "voiceover", "line")))
        if has_words(narration):
            picture = _line(_first(entry, ("image_prompt", "image", "visual")), PICTURE_CHARS)
            found.append(Scene(narration, picture if has_words(picture) else topic))
    return found


def _first(entry: Mapping[Any, Any], names: Sequence[str]) -> Any:
    lowered = {str(key).lower().replace(" ", "_"): value for key, value in entry.items()}
    return next((lowered[name] for name in names if name in lowered), None)


def _unique(scenes: Sequence[Scene]) -> list[Scene]:
    """Without what a model says twice."""
    seen: set[str] = set()
    kept = []
    for scene in scenes:
        said = scene.narration.casefold()
        if said not in seen:
            seen.add(said)
            kept.append(scene)
    return kept


def _spread(scenes: list[Scene]) -> list[Scene]:
    """Few long scenes become more, many become fewer, by whole sentences."""
    while len(scenes) < LEAST_SCENES:
        longest = max(range(len(scenes)), key=lambda i: len(scenes[i].narration))
        sentences = split_sentences(scenes[longest].narration)
        if len(sentences) < 2:
            break
        half = len(sentences) // 2
        parts = (" ".join(sentences[:half]), " ".join(sentences[half:]))
        scenes[longest : longest + 1] = [replace(scenes[longest], narration=part) for part in parts]
    while len(scenes) > MOST_SCENES:
        shortest = min(range(1, len(scenes)), key=lambda i: len(scenes[i].narration))
        before = scenes[shortest - 1]
        joined = f"{before.narration} {scenes[shortest].narration}"
        scenes[shortest - 1 : shortest + 1] = [replace(before, narration=joined)]
    return scenes


def _narration(value: Any) -> str:
    text = _line(value, 4 * NARRATION_CHARS)
    text = _DIRECTION.sub(" ", text)
    text = _MARKUP.sub("", _EMOJI.sub(" ", text))
    text = _LABEL.sub("", text).strip().strip('"“”').strip()
    return clean_text(text, keep_lines=False)


def _line(value: Any, limit: int) -> str:
    if not isinstance(value, str):
        return ""
    return truncate(clean_text(value[: 20 * limit], keep_lines=False), limit)


def _tags(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.replace(",", " ").split()
    if not isinstance(value, list):
        return ()
    names = (_TAG.sub("", _line(entry, TAG_CHARS)) for entry in value[:50])
    return tuple(dict.fromkeys(f"#{name}" for name in names if name))[:MOST_TAGS]
