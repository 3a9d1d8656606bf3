"""Reads the JSON object in a model's reply, however it is wrapped or broken. Pure.

Models put thoughts and prose around it, fence it, write it like Python or JavaScript, or stop in
the middle. What was cut off is left out rather than kept as half a sentence.
"""

import json
from typing import Any

import regex

from vidgen_gui.services.llm.loose_parser import MAX_DEPTH, Loose, LooseParser

MAX_CHARS = 256 * 1024
_MAX_STARTS = 64
_START = regex.compile(r"[{\[]")
# A thought that was opened and never closed takes the rest with it: the answer never came.
_THOUGHT = regex.compile(
    r"<(think|thinking|thought|reasoning)>.*?(?:</\1>|\Z)", regex.DOTALL | regex.IGNORECASE
)
_THOUGHT_END = regex.compile(r"\A.*</(?:think|thinking|thought|reasoning)>", regex.DOTALL)


class NotJson(ValueError):
    """There is no JSON object in the text."""


def parse_object(text: str) -> dict[str, Any]:
    """The object in ``text``; of several, the one that takes the most room.

    Fences, prose, thoughts, comments, single and typographic quotes, bare keys, trailing and
    missing commas, raw line ends, Python's words and one level of quoting are all understood.
    Of an object that is cut off, the members and items that are complete are returned. A list
    that holds nothing but one object means that object.

    Raises:
        NotJson: there is none, it is nested too deeply, or the text is longer than `MAX_CHARS`.
    """
    if len(text) > MAX_CHARS:
        raise NotJson(f"{len(text)} characters")
    value = _strict(text)
    if isinstance(value, str):
        text, value = value, _strict(value)
    if _deeper_than(value, MAX_DEPTH):
        raise NotJson("nested too deeply")
    if value is None:
        value = _loose(_without_thoughts(text))
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        raise NotJson(f"a {type(value).__name__} instead of an object")
    return value


def _strict(text: str) -> Any:
    """What Python's reader makes of it, or None."""
    try:
        return json.loads(text.strip().lstrip("\ufeff"), strict=False, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def _deeper_than(value: Any, limit: int) -> bool:
    """Whether objects and lists are inside each other more than ``limit`` times."""
    level = [value]
    for _ in range(limit + 1):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return True


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _without_thoughts(text: str) -> str:
    text = _THOUGHT.sub("", text)
    return _THOUGHT_END.sub("", text)


def _loose(text: str) -> Any:
    """The largest object or list that can be read, complete ones before cut-off ones."""
    best: Loose | None = None
    position = 0
    for _ in range(_MAX_STARTS):
        match = _START.search(text, position)
        if match is None:
            break
        found = LooseParser(text, match.start()).parse()
        position = match.end() if found is None else found.end
        if found and found.value and (best is None or found.rank > best.rank):
            best = found
    if best is None:
        raise NotJson("no object in it")
    return best.value
