"""From a model's answer to a script, or to what is wrong with it. Pure; nothing is trusted."""

# ruff: noqa: RUF001 - the signs of other scripts are meant

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import regex

from vidgen_gui.core.language import primary_language
from vidgen_gui.core.script import Scene, Script
from vidgen_gui.core.text import clean_text, has_words, truncate
from vidgen_gui.pipeline.language import recognise
from vidgen_gui.pipeline.llm_writer.cleaning import (
    has_blank,
    plain_line,
    spoken_line,
    tags,
    title_line,
)
from vidgen_gui.pipeline.llm_writer.length import LEAST_SCENES, cut_to_length, spoken_words, spread
from vidgen_gui.pipeline.llm_writer.prompt import (
    EXAMPLE,
    NARRATION_CHARS,
    PICTURE_CHARS,
    PLACEHOLDERS,
    TAG_CHARS,
    TITLE_CHARS,
    is_english,
    language_name,
    narration_chars,
)
from vidgen_gui.pipeline.llm_writer.request import ScriptRequest
from vidgen_gui.pipeline.sentences import split_sentences
from vidgen_gui.services.llm.lenient_json import MAX_CHARS, NotJson, parse_object

MOST_TAGS = 5
LENGTH_TOLERANCE = 0.15
"""How far from the wanted words a script may be without being asked for again."""
LEAST_LENGTH, MOST_LENGTH = 0.5, 1.6
"""As shares of the wanted words: outside, a script cannot be used at all."""
_MOST_ENTRIES = 40
_MOST_PROSE_CHARS = 8000
_LANGUAGE_WORDS = 12
_SAME_WORDS = 0.8
"""Two narrations that share so much of their words say the same."""
_LEAST_VARIETY = 0.5
_LEAST_LETTERS = 0.6
_WORDS_TO_JUDGE = 8

_WORD = regex.compile(r"[\p{L}\p{M}\p{N}'’]+")
_LETTER = regex.compile(r"[\p{L}\p{M}]")
_REFUSAL = regex.compile(
    r"\bas an? (?:ai|language model|large language model|assistant)\b"
    r"|\bi(?:['’]m| am) (?:(?:really|very|so) )?sorry,? but\b|\bi apologi[sz]e,? but\b"
    r"|\bi(?:['’]m| am) (?:unable|not able) to (?:help|assist|write|create|generate|provide|fulfil)"
    r"|\bi (?:can(?:not|['’]t)|won['’]t|will not|must decline to) "
    r"(?:help|assist|write|create|generate|provide|produce|fulfil|comply|engage|do that)",
    regex.IGNORECASE,
)
_CHATTER = regex.compile(
    r"^(?:sure|certainly|of course|absolutely|here(?:['’]s| is| are)|okay|great|title\b|topic\b"
    r"|let me know|i hope|feel free|do you (?:like|want)|would you like|hashtags?\b)"
    r"|[:：]$|^#\w",
    regex.IGNORECASE,
)
_ALIKE = (
    frozenset({"no", "nb", "nn", "da", "sv"}),
    frozenset({"hr", "sr", "bs", "sl"}),
    frozenset({"id", "ms"}),
    frozenset({"cs", "sk"}),
    frozenset({"ru", "uk", "bg", "be", "mk"}),
    frozenset({"es", "ca", "gl", "pt"}),
)
"""Too close for a recogniser to be sure of."""
_DECLINED = "You declined. The topic is harmless; write about it."


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer came to: a script, and what is wrong with it in words for the model.

    ``is_usable`` when the script can be taken though something is wrong with it.
    """

    script: Script | None
    problems: tuple[str, ...] = ()
    is_usable: bool = False


def read_answer(text: str, request: ScriptRequest) -> Reading:
    """Make a script of an answer as well as that can be done; plain prose is taken as well."""
    try:
        data = parse_object(text)
    except NotJson:
        return _read_prose(text, request)
    scenes = _scenes(_scene_list(data), request)
    if not scenes:
        words = " ".join(str(value) for value in data.values() if isinstance(value, str))
        problem = 'There is no list "scenes" with a "narration" in each.'
        return Reading(None, (_DECLINED if _REFUSAL.search(words[:MAX_CHARS]) else problem,))
    title = title_line(_first(data, ("title", "headline")), TITLE_CHARS)
    if not has_words(title) or has_blank(title) or _is_copied(title):
        title = truncate(request.topic, TITLE_CHARS)
    hashtags = tags(_first(data, ("hashtags", "tags")), limit=TAG_CHARS, most=MOST_TAGS)
    hashtags = tuple(tag for tag in hashtags if tag.casefold() not in _NOT_TAGS)
    return _judged(Script(title, tuple(scenes), hashtags), request)


def shown_text(partial: str, request: ScriptRequest) -> str:
    """The narrations in an answer that is still being written, for a person to read along."""
    try:
        data = parse_object(partial)
    except NotJson:
        return ""
    return "\n\n".join(scene.narration for scene in _scenes(_scene_list(data), request))


def _read_prose(text: str, request: ScriptRequest) -> Reading:
    """A script by a model that writes well but no JSON: its sentences, a scene each."""
    if _REFUSAL.search(text[:MAX_CHARS]):
        return Reading(None, (_DECLINED,))
    problem = "It is not a JSON object."
    lines = clean_text(text[:_MOST_PROSE_CHARS]).split("\n")
    spoken = (spoken_line(line, NARRATION_CHARS, cut_at=_MOST_PROSE_CHARS) for line in lines)
    kept = [line for line in spoken if line and not _CHATTER.search(line.rstrip("."))]
    sentences = [one for line in kept for one in split_sentences(line)]
    if any(mark in text for mark in "{}[]") or len(sentences) < LEAST_SCENES:
        return Reading(None, (problem,))
    scenes = _scenes([{"narration": sentence} for sentence in sentences], request)
    if not scenes:
        return Reading(None, (problem,))
    title = truncate(request.topic, TITLE_CHARS)
    judged = _judged(Script(title, tuple(scenes)), request)
    return replace(judged, problems=(problem, *judged.problems))


def _judged(script: Script, request: ScriptRequest) -> Reading:
    """The script at its length, and what is wrong with it."""
    scenes = spread(_unique(script.scenes))
    script = cut_to_length(
        replace(script, scenes=tuple(scenes)), request.words, LENGTH_TOLERANCE * request.words
    )
    grave = tuple(_grave_problems(script, request))
    share = spoken_words(script) / request.words
    problems = list(grave)
    if abs(share - 1) > LENGTH_TOLERANCE:
        more = "longer" if share < 1 else "shorter"
        problems.append(
            f"The narrations have {round(share * request.words)} words together; "
            f"they must be {more}: {request.words}."
        )
    usable = not grave and LEAST_LENGTH <= share <= MOST_LENGTH
    return Reading(script, tuple(problems), is_usable=usable)


def _grave_problems(script: Script, request: ScriptRequest) -> list[str]:
    """What makes a script useless, however long it is."""
    problems = []
    if len(script.scenes) < LEAST_SCENES:
        problems.append(f"It has {len(script.scenes)} scenes instead of {request.scenes}.")
    if not _is_language(script, request):
        problems.append(f"The narrations are not in {language_name(request.language)}.")
    if any(has_blank(scene.narration) for scene in script.scenes):
        problems.append("A narration has a blank to be filled in; write the words themselves.")
    if any(_REFUSAL.search(scene.narration) for scene in script.scenes):
        problems.append(_DECLINED)
    return problems


def _is_language(script: Script, request: ScriptRequest) -> bool:
    if spoken_words(script) < _LANGUAGE_WORDS:
        return True
    found = recognise(" ".join(scene.narration for scene in script.scenes)).language
    if not found:
        return True
    languages = {primary_language(found), primary_language(request.language)}
    return len(languages) == 1 or any(languages <= family for family in _ALIKE)


def _is_copied(title: str) -> bool:
    """Whether a title is the example's, more or less."""
    words = frozenset(_WORD.findall(title.casefold()))
    return title.casefold() in PLACEHOLDERS or len(words & _EXAMPLE_TITLE) > len(words) / 2


def _scene_list(data: Mapping[Any, Any]) -> Any:
    """The scenes by any name that models give them."""
    named = _first(data, ("scenes", "script", "beats", "parts", "lines", "video"))
    if isinstance(named, Mapping):
        inner = _first(named, ("scenes",))
        return list(named.values()) if inner is None else inner
    if named is None and "narration" in data:
        return [data]
    return named


def _scenes(value: Any, request: ScriptRequest) -> list[Scene]:
    """What can be said, in order; copies of the example and what makes no sense are left out."""
    if not isinstance(value, list):
        return []
    _, most = narration_chars(request)
    found = []
    for entry in value[:_MOST_ENTRIES]:
        if isinstance(entry, str):
            entry = {"narration": entry}  # noqa: PLW2901 - a model's shorthand
        if not isinstance(entry, Mapping):
            continue
        said = _first(entry, ("narration", "text", "voiceover", "line", "sentence", "script"))
        narration = spoken_line(said, 4 * NARRATION_CHARS, cut_at=most)
        if _makes_sense(narration):
            found.append(Scene(narration, _picture(entry, narration, request)))
    return found


def _picture(entry: Mapping[Any, Any], narration: str, request: ScriptRequest) -> str:
    given = plain_line(_first(entry, ("image_prompt", "image", "visual", "picture")), PICTURE_CHARS)
    if has_words(given) and given.casefold() not in PLACEHOLDERS and not has_blank(given):
        return given
    # What is said is English then, as prompts have to be.
    words = f"{request.topic}, {narration}" if is_english(request.language) else request.topic
    return truncate(words, PICTURE_CHARS)


def _makes_sense(narration: str) -> bool:
    """Whether these are words: no copy of the example, no file names, no needle in a groove."""
    said = narration.casefold().rstrip(".")
    if not has_words(narration) or said in PLACEHOLDERS or said in _NOT_NARRATIONS:
        return False
    signs = "".join(narration.split())
    words = _WORD.findall(said)
    if len(_LETTER.findall(signs)) < _LEAST_LETTERS * len(signs):
        return False
    return len(words) < _WORDS_TO_JUDGE or len(set(words)) >= _LEAST_VARIETY * len(words)


def _unique(scenes: Sequence[Scene]) -> list[Scene]:
    """Without what a model says twice."""
    kept: list[tuple[Scene, set[str]]] = []
    for scene in scenes:
        words = set(_WORD.findall(scene.narration.casefold()))
        if not any(len(words & other) >= _SAME_WORDS * len(words | other) for _, other in kept):
            kept.append((scene, words))
    return [scene for scene, _ in kept]


def _first(entry: Mapping[Any, Any], names: Sequence[str]) -> Any:
    lowered = {str(key).lower().replace(" ", "_"): value for key, value in entry.items()}
    return next((lowered[name] for name in names if name in lowered), None)


_EXAMPLE_TITLE = frozenset(_WORD.findall(str(EXAMPLE["title"]).casefold()))
_NOT_TAGS = frozenset(f"#{tag}".casefold() for tag in EXAMPLE["hashtags"]) | {"#one", "#two"}
_NOT_NARRATIONS = frozenset(
    str(scene["narration"]).casefold().rstrip(".") for scene in EXAMPLE["scenes"]
)
