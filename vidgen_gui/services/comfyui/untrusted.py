"""Taking values out of a server's JSON: of the right type, cleaned and bounded, or empty."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from vidgen_gui.core.text import clean_text

WORDS_LIMIT = 300
"""Characters of a server's own words that are shown to a person."""
DETAIL_LIMIT = 4000
"""Characters of them that are logged."""
NAME_LIMIT = 1024
"""Longest file name, node id or class name that is believed."""


def loads(text: str | bytes) -> Any:
    """JSON from outside, or None: damaged, too deep or with numbers that are none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def mapping(value: Any) -> Mapping[str, Any]:
    """``value`` when it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def items(value: Any, limit: int) -> Sequence[Any]:
    """The first ``limit`` items of a list, else none."""
    return value[:limit] if isinstance(value, list) else ()


def words(value: Any, limit: int = WORDS_LIMIT) -> str:
    """A server's words in one line, plain and cut; numbers and truth values as text."""
    if isinstance(value, (bool, int, float)):
        value = str(value)
    if not isinstance(value, str):
        return ""
    # Cut before cleaning, so that a megabyte of words costs nothing.
    text = clean_text(value[: 4 * limit], keep_lines=False)
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def exact(value: Any) -> str | None:
    """A name that has to be handed back as it is, or None when it can't be one."""
    if not isinstance(value, str) or len(value) > NAME_LIMIT or "\0" in value:
        return None
    # JSON can spell half a surrogate pair, which no address and no file can carry.
    return None if any("\ud800" <= letter <= "\udfff" for letter in value) else value


def node_id(value: Any) -> str | None:
    """A node's id: text, though some servers write numbers."""
    if isinstance(value, bool):
        return None
    return str(value) if isinstance(value, int) else exact(value)


def number(value: Any) -> float | None:
    """A finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        result = float(value)
    except OverflowError:
        return None
    return result if math.isfinite(result) else None
