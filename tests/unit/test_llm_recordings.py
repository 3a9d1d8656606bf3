"""The fake language model server answers as the real one did: same shapes, same order."""

import http.client
import itertools
import json
from typing import Any

import pytest
from fakes.llm import FakeLlm
from recordings import recording

EXCHANGES = [
    "chat",
    "chat_json_schema",
    "chat_stream",
    "error_bad_json_body",
    "error_context",
    "health",
    "metrics",
    "models",
    "notfound",
    "props",
    "slots",
    "tokenize",
]


def shape(value: Any) -> Any:
    """The names and types in it; lists by the kinds of their items."""
    if isinstance(value, dict):
        return {key: shape(part) for key, part in value.items()}
    if isinstance(value, list):
        kinds = [shape(part) for part in value]
        return [kind for index, kind in enumerate(kinds) if kind not in kinds[:index]]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "number"
    return type(value).__name__


def line_shape(line: str) -> Any:
    """A streamed line as its prefix and the shape of what follows; fixed words as they are."""
    prefix, _, rest = line.partition(" ")
    if not rest.startswith("{"):
        return line
    value = json.loads(rest)
    finish = [choice["finish_reason"] for choice in value["choices"]]
    return prefix, value["object"], finish, shape(value)


def stream_shape(lines: list[str]) -> list[Any]:
    """The order of the kinds of lines; how many pieces a text comes in doesn't matter."""
    events = [(line_shape(line), blank) for line, blank in itertools.pairwise(lines)][::2]
    return [event for event, _ in itertools.groupby(events)]


def metric_lines(text: str) -> list[list[str]]:
    return [line.split()[1:] for line in text.splitlines() if line.startswith("# TYPE")]


def replay(fake: FakeLlm, request: dict[str, Any]) -> tuple[int, str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", fake.port, timeout=20)
    try:
        body = json.dumps(request["body"]) if "body" in request else None
        connection.request(request["method"], request["path"], body)
        answer = connection.getresponse()
        return answer.status, answer.headers["content-type"], answer.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize("name", EXCHANGES)
def test_the_fake_answers_like_the_recording(name: str) -> None:
    recorded = recording(f"llama-server/{name}.json")
    with FakeLlm() as fake:
        status, kind, text = replay(fake, recorded["request"])
    assert status == recorded["status"]
    assert kind == recorded.get("headers", {}).get("content-type", kind)
    wanted = recorded["body"]
    if name == "chat_stream":
        assert stream_shape(text.split("\n")) == stream_shape(wanted)
    elif name == "metrics":
        assert metric_lines(text) == metric_lines(wanted)
    else:
        got = json.loads(text)
        assert shape(got) == shape(wanted)
        assert fixed_words(got) == fixed_words(wanted)


def fixed_words(value: Any) -> list[Any]:
    """The words that a client may decide by, wherever they stand."""
    if isinstance(value, list):
        return [word for part in value for word in fixed_words(part)]
    if not isinstance(value, dict):
        return []
    words = [(key, value[key]) for key in ("object", "finish_reason", "type") if key in value]
    return sorted(words) + [word for part in value.values() for word in fixed_words(part)]


def test_the_structured_reply_follows_its_schema() -> None:
    recorded = recording("llama-server/chat_json_schema.json")
    with FakeLlm() as fake:
        _, _, text = replay(fake, recorded["request"])
    for body in (json.loads(text), recorded["body"]):
        script = json.loads(body["choices"][0]["message"]["content"])
        assert shape(script) == {
            "title": "str",
            "scenes": [{"narration": "str", "image_prompt": "str"}],
        }
        assert len(script["scenes"]) == 2


def test_a_loading_server_says_so_as_recorded_in_the_notes() -> None:
    with FakeLlm() as fake:
        fake.loading_requests = 1
        health = {"method": "GET", "path": "/health"}
        assert replay(fake, health)[0] == 503
        assert replay(fake, health)[0] == 200
