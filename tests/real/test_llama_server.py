"""The language model client against a real llama-server with a real, small model."""

import json
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from busy_machine import in_time
from llm_files import RunningServer

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled
from vidgen_gui.core.service import ServiceKind
from vidgen_gui.net.http import HttpClient
from vidgen_gui.services.llm.client import LlmClient
from vidgen_gui.services.llm.detect import check_health, detect_server
from vidgen_gui.services.llm.errors import ContextExceeded
from vidgen_gui.services.llm.lenient_json import parse_object
from vidgen_gui.services.llm.reading import Reply
from vidgen_gui.services.llm.tokens import estimate_tokens

SAMPLES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "token_samples.json").read_text(encoding="utf-8")
)
SCENE = {
    "type": "object",
    "properties": {
        "narration": {"type": "string", "maxLength": 24},
        "image_prompt": {"type": "string", "maxLength": 24},
    },
    "required": ["narration", "image_prompt"],
}
SCHEMA = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "maxLength": 24},
        "scenes": {"type": "array", "minItems": 2, "maxItems": 2, "items": SCENE},
    },
    "required": ["title", "scenes"],
}
MESSAGES = [
    {"role": "system", "content": "You write short video scripts."},
    {"role": "user", "content": "Write a motivational script about running, 2 scenes."},
]
CHAT: dict[str, Any] = {"max_tokens": 400, "temperature": 0.2, "seed": 7, "deadline_s": 120.0}


@pytest.fixture
def http(llama_server: RunningServer) -> Iterator[HttpClient]:
    with HttpClient(llama_server.address) as client:
        yield client


@pytest.fixture
def client(http: HttpClient) -> LlmClient:
    return LlmClient(http, detect_server(http, CancelToken()))


def run(chat: Any) -> tuple[list[str], Reply]:
    """Everything that a chat yields, and what it returns."""
    shown = []
    while True:
        try:
            shown.append(next(chat))
        except StopIteration as end:
            return shown, end.value


@pytest.mark.req("BUG-8", "AUD-5")
def test_the_server_tells_its_model_and_its_real_context(
    llama_server: RunningServer, http: HttpClient
) -> None:
    check_health(llama_server.address, CancelToken())
    info = detect_server(http, CancelToken())
    assert info.kind is ServiceKind.LLAMA_SERVER
    assert info.model == "gemma-3-270m-q4_k_m.gguf"
    assert info.context_tokens is not None
    assert 2048 <= info.context_tokens <= 4096
    assert (info.slots, info.loaded, info.loading) == (2, True, False)
    assert info.version


def test_tokens_are_counted_by_the_server(http: HttpClient, client: LlmClient) -> None:
    for sample in SAMPLES:
        counted = http.post_json("/tokenize", {"content": sample["text"]}, deadline_s=20)
        assert client.count_tokens(sample["text"], CancelToken()) == len(counted["tokens"])


@pytest.mark.req("BUG-14")
def test_the_estimate_is_never_under_what_the_server_counts(client: LlmClient) -> None:
    short = []
    for sample in SAMPLES:
        words = sample["text"].split()
        for text in (sample["text"], " ".join(words[:7]), " ".join(words[-5:])):
            counted = client.count_tokens(text, CancelToken())
            if estimate_tokens(text) < counted:
                short.append((sample["name"], counted, estimate_tokens(text)))
    assert not short


@pytest.mark.req("T4", "BUG-13")
def test_a_script_follows_its_schema_and_is_seen_as_it_is_written(client: LlmClient) -> None:
    shown, reply = run(client.chat(MESSAGES, schema=SCHEMA, cancel=CancelToken(), **CHAT))
    script = parse_object(reply.text)
    assert set(script) == {"title", "scenes"}
    assert [set(scene) for scene in script["scenes"]] == [{"narration", "image_prompt"}] * 2
    assert len(shown) >= 3
    for earlier, later in pairwise(shown):
        assert len(earlier) <= len(later)
    assert shown[-1] == reply.text
    assert reply.finish_reason == "stop"
    assert 0 < reply.prompt_tokens <= client.prompt_tokens(MESSAGES, CancelToken())
    assert 0 < reply.completion_tokens <= 400
    assert client.tokens_per_s == pytest.approx(reply.tokens_per_s)
    expected_s = client.expected_s(reply.prompt_tokens, reply.completion_tokens)
    assert 0 < expected_s < 60


def test_the_same_seed_writes_the_same(client: LlmClient) -> None:
    ask: dict[str, Any] = CHAT | {"max_tokens": 30}
    replies = {run(client.chat(MESSAGES, cancel=CancelToken(), **ask))[1].text for _ in range(2)}
    assert len(replies) == 1


@pytest.mark.req("BUG-3", "BUG-45")
def test_what_is_too_long_is_never_sent(client: LlmClient) -> None:
    long = [{"role": "user", "content": "word " * 5000}]
    with pytest.raises(ContextExceeded) as caught:
        run(client.chat(long, cancel=CancelToken(), **CHAT))
    assert caught.value.n_prompt > 5000
    assert caught.value.n_ctx == client.context_tokens


def test_the_servers_own_refusal_of_a_long_prompt_is_understood(http: HttpClient) -> None:
    info = detect_server(http, CancelToken())
    believing = LlmClient(http, type(info)(info.kind, info.model, context_tokens=100_000))
    with pytest.raises(ContextExceeded) as caught:
        run(
            believing.chat(
                [{"role": "user", "content": "word " * 5000}], cancel=CancelToken(), **CHAT
            )
        )
    assert 5000 < caught.value.n_prompt < 5100
    assert caught.value.n_ctx == info.context_tokens


def busy_slots(http: HttpClient) -> int:
    return sum(slot["is_processing"] for slot in http.get_json("/slots", deadline_s=10))


@pytest.mark.req("A1")
def test_a_cancel_ends_the_answer_and_frees_the_slot(client: LlmClient, http: HttpClient) -> None:
    cancel, writing = CancelToken(), threading.Event()
    ended: list[tuple[str, float]] = []

    def ask() -> None:
        try:
            endless = CHAT | {"max_tokens": 1500}
            for _ in client.chat(MESSAGES, cancel=cancel, **endless):
                writing.set()
            ended.append(("finished", time.monotonic()))
        except Cancelled:
            ended.append(("cancelled", time.monotonic()))

    asking = threading.Thread(target=ask, name="asking")
    asking.start()
    assert writing.wait(60)
    assert busy_slots(http) == 1
    cancelled_at = time.monotonic()
    cancel.cancel()
    asking.join()
    assert ended[0][0] == "cancelled"
    assert in_time(ended[0][1] - cancelled_at, 0.5)
    give_up = time.monotonic() + 20
    while busy_slots(http) and time.monotonic() < give_up:
        threading.Event().wait(0.05)
    assert busy_slots(http) == 0


def test_whoever_stops_listening_frees_the_slot(client: LlmClient, http: HttpClient) -> None:
    endless: dict[str, Any] = CHAT | {"max_tokens": 1500}
    chat = client.chat(MESSAGES, cancel=CancelToken(), **endless)
    next(chat)
    chat.close()
    give_up = time.monotonic() + 20
    while busy_slots(http) and time.monotonic() < give_up:
        threading.Event().wait(0.05)
    assert busy_slots(http) == 0
