"""What the tests of the language model client share."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

from fakes.llm import FakeLlm

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.net.address import parse_address
from vidgen_gui.net.http import HttpClient
from vidgen_gui.services.llm.client import LlmClient
from vidgen_gui.services.llm.detect import detect_server
from vidgen_gui.services.llm.reading import Reply

MESSAGES = [
    {"role": "system", "content": "You write short video scripts."},
    {"role": "user", "content": "Write about the tide."},
]
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "scenes": {
            "type": "array",
            "minItems": 2,
            "items": {"type": "object", "properties": {"narration": {"type": "string"}}},
        },
    },
}
CHAT: dict[str, Any] = {"max_tokens": 400, "temperature": 0.5, "seed": 1, "deadline_s": 20.0}


@contextmanager
def http_to(fake: FakeLlm, api_key: str = "") -> Iterator[HttpClient]:
    with HttpClient(parse_address(fake.url), api_key=api_key) as http:
        yield http


@contextmanager
def client_of(fake: FakeLlm, model: str = "") -> Iterator[LlmClient]:
    with http_to(fake) as http:
        yield LlmClient(http, detect_server(http, CancelToken(), model=model))


def drain(chat: Generator[str, None, Reply]) -> tuple[list[str], Reply]:
    """Everything that a chat yields, and what it returns."""
    shown = []
    while True:
        try:
            shown.append(next(chat))
        except StopIteration as end:
            return shown, end.value


def ask(client: LlmClient, cancel: CancelToken | None = None, **changes: Any) -> Reply:
    """Chat about `MESSAGES`; the reply."""
    given = {"messages": MESSAGES, "schema": SCHEMA, **CHAT, **changes}
    return drain(client.chat(given.pop("messages"), cancel=cancel or CancelToken(), **given))[1]
