"""What the fake model writes, and how it counts: pieces of text, one token each."""

import json
import re
from collections.abc import Mapping
from typing import Any

from fakes.llm_parts.faults import FaultKind

PROSE = (
    "Every morning the harbour wakes before the town does. Nets are folded, engines cough, and "
    "someone always whistles the same three notes. You do not need a bigger boat; you need to be "
    "there when the tide turns. Small steps, taken daily, carry further than one great leap that "
    "never comes. So fold the net, start the engine, and go while the others are still asleep."
)
REFUSAL = "I'm sorry, but I can't help with that request."
_PIECE = re.compile(r"\s?\w+|\s?[^\w\s]|\s+")
_TEMPLATE_TOKENS, _MESSAGE_TOKENS = 8, 12


def pieces(text: str) -> list[str]:
    return _PIECE.findall(text)


def tokens_of(text: str) -> list[int]:
    """One number a piece, the same for the same piece."""
    return [sum(map(ord, piece)) % 262_144 for piece in pieces(text)]


def prompt_tokens(messages: list[dict[str, Any]]) -> int:
    written = sum(len(pieces(str(message.get("content", "")))) for message in messages)
    return _TEMPLATE_TOKENS + _MESSAGE_TOKENS * len(messages) + written


def answer(schema: Mapping[str, Any] | None) -> str:
    """An object as the schema wants it, or prose."""
    return json.dumps(example(schema)) if schema else PROSE


def example(schema: Mapping[str, Any], name: str = "value", number: int = 1) -> Any:
    """A value of the schema; strings are sentences that differ by ``number``."""
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if kind == "object":
        return {key: example(part, key, number) for key, part in schema["properties"].items()}
    if kind == "array":
        count = max(1, int(schema.get("minItems", 1)))
        return [example(schema["items"], name, index + 1) for index in range(count)]
    if kind != "string":
        return kind == "boolean" or schema.get("minimum", number)
    sentence = f"The {name.replace('_', ' ')} number {number} is about a boat and the tide."
    return sentence[: int(schema.get("maxLength", 1000))]


def spoiled(text: str, kind: FaultKind | None) -> str:
    """The reply as a model would write it that has this fault."""
    return {
        FaultKind.INVALID_JSON: '{"title": The tide, "scenes": [oops {{{ and so on}',
        FaultKind.FENCED: f"```json\n{text}\n```",
        FaultKind.PROSE: f"Sure! Here is what you asked for:\n\n{text}\n\nDo you like it?",
        FaultKind.THOUGHTS: f'<think>\nThey want {{"title": "…"}} I think.\n</think>\n\n{text}',
        FaultKind.HALF: text[: len(text) // 2],
        FaultKind.EMPTY: "",
        FaultKind.REFUSAL_FIELD: "",
        FaultKind.REFUSAL: REFUSAL,
    }.get(kind or FaultKind.SLOW, text)
