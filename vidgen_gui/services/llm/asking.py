"""What is sent to a model, in the way its server wants it; and which of it a server refuses.

Pure.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vidgen_gui.core.service import ServiceKind
from vidgen_gui.net.errors import HttpFailure
from vidgen_gui.services.llm.errors import ContextExceeded
from vidgen_gui.services.llm.info import ServerInfo, part, whole_number
from vidgen_gui.services.llm.ollama import KEEP_ALIVE

SCHEMA_OPTIONS = frozenset({"response_format", "format"})
_REFUSALS = frozenset({400, 404, 415, 422, 500, 501})
# By which words a server's refusal means the option.
_OPTION_WORDS: Mapping[str, tuple[str, ...]] = {
    "chat_template_kwargs": ("chat_template_kwargs", "enable_thinking"),
    "think": ("think",),
    "stream_options": ("stream_options", "include_usage"),
    "seed": ("seed",),
    "frequency_penalty": ("frequency_penalty", "frequency penalty"),
    "response_format": ("response_format", "json_schema", "schema", "grammar"),
    "format": ("format", "schema", "grammar"),
}
_CONTEXT_WORDS = (
    "exceed_context_size",
    "context_length_exceeded",
    "maximum context length",
    "exceeds the available context",
    "exceeds the context",
    "context the overflows",
    "context window",
)


@dataclass(frozen=True, slots=True)
class Question:
    """What a model is asked.

    Attributes:
        schema: the JSON schema of the answer; None asks for text.
        max_tokens: how long the answer may be.
        frequency_penalty: how much words that were said are avoided, 0…2.
    """

    messages: Sequence[Mapping[str, str]]
    schema: Mapping[str, Any] | None
    max_tokens: int
    temperature: float
    seed: int
    frequency_penalty: float = 0.0


def route_and_body(
    question: Question, info: ServerInfo, model: str, context_tokens: int, refused: Collection[str]
) -> tuple[str, dict[str, Any]]:
    """The route and JSON body for a question; options that the server refused are left out."""
    messages = [
        {"role": str(one["role"]), "content": str(one["content"])} for one in question.messages
    ]
    if info.kind is ServiceKind.OLLAMA:
        route, body = "/api/chat", _ollama_body(question, info, context_tokens)
    else:
        route, body = "/v1/chat/completions", _openai_body(question, info)
    body = {"messages": messages, "stream": True, **body}
    if model:
        body["model"] = model
    return route, {key: value for key, value in body.items() if key not in refused}


def _ollama_body(question: Question, info: ServerInfo, context_tokens: int) -> dict[str, Any]:
    """Ollama's own route: only there can the context be asked for, which else is its default."""
    body: dict[str, Any] = {
        "keep_alive": KEEP_ALIVE,
        "options": {
            "num_ctx": context_tokens,
            "num_predict": question.max_tokens,
            "temperature": question.temperature,
            "seed": question.seed,
        },
    }
    if question.frequency_penalty:
        body["options"]["frequency_penalty"] = question.frequency_penalty
    if info.thinks:
        body["think"] = False
    if question.schema is not None:
        body["format"] = question.schema
    return body


def _openai_body(question: Question, info: ServerInfo) -> dict[str, Any]:
    body: dict[str, Any] = {
        "max_tokens": question.max_tokens,
        "temperature": question.temperature,
        "seed": question.seed,
        "stream_options": {"include_usage": True},
    }
    if question.frequency_penalty:
        body["frequency_penalty"] = question.frequency_penalty
    if info.kind is ServiceKind.LLAMA_SERVER:
        # Templates of models that think heed it; the others don't know it.
        body["chat_template_kwargs"] = {"enable_thinking": False}
    if question.schema is not None:
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "strict": True, "schema": question.schema},
        }
    return body


def refused_option(failure: HttpFailure, body: Mapping[str, Any]) -> str | None:
    """Which option of ``body`` the server stumbled over, if its words say so."""
    if failure.status not in _REFUSALS:
        return None
    words = _words(failure)
    for option, names in _OPTION_WORDS.items():
        if option in body and any(name in words for name in names):
            return option
    return None


def exceeded_context(failure: HttpFailure, needed: int, room: int) -> ContextExceeded | None:
    """The failure as "too long", if that is what it says.

    Args:
        needed: our own count, used where the server doesn't say.
        room: what we took the context for.
    """
    words = _words(failure)
    if failure.status not in {400, 413, 422, 500} or not any(
        one in words for one in _CONTEXT_WORDS
    ):
        return None
    n_prompt = whole_number(part(failure.body, "error", "n_prompt_tokens"), 0, 1 << 31)
    n_ctx = whole_number(part(failure.body, "error", "n_ctx"), 0, 1 << 31)
    return ContextExceeded(n_prompt=n_prompt or needed, n_ctx=n_ctx or room)


def misses_model(failure: HttpFailure) -> bool:
    """Whether the failure says that there is no such model."""
    words = _words(failure)
    return (
        failure.status in {400, 404}
        and "model" in words
        and ("not found" in words or "not_found" in words or "does not exist" in words)
    )


def _words(failure: HttpFailure) -> str:
    return json.dumps(failure.body, ensure_ascii=False)[:4000].lower()
