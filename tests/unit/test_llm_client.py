"""The language model client against servers that behave, and that don't."""

import contextlib
import threading
import time
from collections.abc import Mapping
from typing import Any

import pytest
from busy_machine import in_time
from fakes.llm import FakeLlm, Fault, FaultKind, Mode
from llm_kit import CHAT, MESSAGES, SCHEMA, ask, client_of, drain, http_to

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled, ServiceError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.service import ServiceKind
from vidgen_gui.net.errors import HttpFailure, RedirectRefused, TooSlow
from vidgen_gui.services.llm.client import LlmClient
from vidgen_gui.services.llm.errors import (
    ContextExceeded,
    CutReply,
    EmptyReply,
    ModelFailed,
    ModelLoading,
    ModelMissing,
    NotLlmServer,
    Refused,
    ReplyTooLong,
)
from vidgen_gui.services.llm.info import ServerInfo
from vidgen_gui.services.llm.lenient_json import NotJson, parse_object
from vidgen_gui.services.llm.speed import SpeedMeter
from vidgen_gui.services.llm.tokens import estimate_tokens

NEVER = CancelToken()
GRACE_S = 3.0
"""A deadline is kept to the moment; a busy machine is late all the same."""
ALL_MODES = [Mode.LLAMA_SERVER, Mode.OLLAMA, Mode.LM_STUDIO, Mode.OPENAI]


@pytest.mark.req("T4")
@pytest.mark.parametrize("mode", ALL_MODES)
def test_an_answer_follows_its_schema_whoever_writes_it(mode: Mode) -> None:
    with FakeLlm(mode, pause_s=0.01) as fake, client_of(fake) as client:
        shown, reply = drain(client.chat(MESSAGES, schema=SCHEMA, cancel=NEVER, **CHAT))
        script = parse_object(reply.text)
        assert list(script) == ["title", "scenes"]
        assert len(script["scenes"]) == 2
        assert reply.finish_reason == "stop"
        assert reply.prompt_tokens > 20
        assert reply.completion_tokens > 20
        assert reply.tokens_per_s > 1
        assert len(shown) >= 3
        assert all(reply.text.startswith(text) for text in shown)
        assert shown[-1] == reply.text
        (body,) = fake.chats
        assert body["model"] == client.model
        assert body["messages"] == MESSAGES


def test_ollama_is_asked_for_its_context_and_not_to_think() -> None:
    with FakeLlm(Mode.OLLAMA, context_tokens=32768, thinks=True) as fake:
        fake.parameters = "num_ctx 8192"
        with client_of(fake) as client:
            ask(client)
        (body,) = fake.chats
        assert body["options"] == {
            "num_ctx": 8192,
            "num_predict": 400,
            "temperature": 0.5,
            "seed": 1,
        }
        assert body["think"] is False
        assert body["format"] == SCHEMA


def test_the_answer_may_be_no_longer_than_asked() -> None:
    with FakeLlm() as fake, client_of(fake) as client:
        reply = ask(client, schema=None, max_tokens=5)
        assert (reply.finish_reason, reply.completion_tokens) == ("length", 5)
        assert reply.text == "Every morning the harbour wakes"


@pytest.mark.req("K1", "K5")
@pytest.mark.parametrize(
    "kind", [FaultKind.FENCED, FaultKind.PROSE, FaultKind.THOUGHTS, FaultKind.GARBAGE,
             FaultKind.ODD_SHAPES, FaultKind.NO_DONE, FaultKind.WHOLE]
)  # fmt: skip
@pytest.mark.parametrize("mode", [Mode.LLAMA_SERVER, Mode.OPENAI])
def test_a_sound_answer_is_found_in_odd_wrapping(kind: FaultKind, mode: Mode) -> None:
    with FakeLlm(mode) as fake, client_of(fake) as client:
        fake.fail(kind)
        assert len(parse_object(ask(client).text)["scenes"]) == 2


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.EMPTY, EmptyReply),
        (FaultKind.REFUSAL_FIELD, Refused),
        (FaultKind.CUT, CutReply),
        (FaultKind.DROP, CutReply),
        (FaultKind.STREAM_ERROR, ModelFailed),
        (FaultKind.ENDLESS, ReplyTooLong),
        (FaultKind.LONG_LINE, CutReply),
        (FaultKind.HTML, NotLlmServer),
        (FaultKind.REDIRECT, RedirectRefused),
        (FaultKind.FAIL, HttpFailure),
        (FaultKind.CONTEXT, ContextExceeded),
    ],
)
@pytest.mark.req("F3")
def test_each_failure_has_its_name(kind: FaultKind, error: type[ServiceError]) -> None:
    with FakeLlm() as fake, client_of(fake) as client:
        fake.fail(kind)
        with pytest.raises(error) as caught:
            ask(client)
        assert type(caught.value) is error
        assert fake.wait_until_idle(60)
        assert len(parse_object(ask(client).text)["scenes"]) == 2
        assert len(fake.chats) == 2


@pytest.mark.parametrize("kind", [FaultKind.CUT, FaultKind.DROP, FaultKind.STREAM_ERROR])
def test_ollamas_lines_break_as_plainly(kind: FaultKind) -> None:
    with FakeLlm(Mode.OLLAMA) as fake, client_of(fake) as client:
        fake.fail(kind)
        wanted = ModelFailed if kind is FaultKind.STREAM_ERROR else CutReply
        with pytest.raises(wanted):
            ask(client)


def test_what_had_come_of_a_cut_answer_is_kept() -> None:
    with FakeLlm() as fake, client_of(fake) as client:
        fake.fail(Fault(FaultKind.CUT, pieces=4))
        with pytest.raises(CutReply) as caught:
            ask(client, schema=None)
        assert caught.value.partial == "Every morning the harbour"


def test_a_failure_says_the_servers_words() -> None:
    with FakeLlm() as fake, client_of(fake) as client:
        fake.fail(FaultKind.FAIL, FaultKind.STREAM_ERROR, FaultKind.REFUSAL_FIELD)
        for error, words in [
            (HttpFailure, "failed to decode"),
            (ModelFailed, "the model crashed"),
            (Refused, "I won't write that."),
        ]:
            with pytest.raises(error) as caught:
                ask(client)
            assert words in caught.value.message.params["words"]


@pytest.mark.parametrize("kind", [FaultKind.INVALID_JSON, FaultKind.REFUSAL])
def test_words_that_are_no_answer_are_handed_on_as_they_are(kind: FaultKind) -> None:
    with FakeLlm() as fake, client_of(fake) as client:
        fake.fail(kind)
        reply = ask(client)
        with pytest.raises(NotJson):
            parse_object(reply.text)


@pytest.mark.req("BUG-3", "BUG-46")
@pytest.mark.parametrize("mode", ALL_MODES)
def test_what_cannot_fit_is_never_sent(mode: Mode) -> None:
    with FakeLlm(mode, context_tokens=2048) as fake, client_of(fake) as client:
        room = client.context_tokens
        assert room == (4096 if mode is Mode.OPENAI else 2048)
        with pytest.raises(ContextExceeded) as caught:
            ask(client, max_tokens=room)
        assert caught.value.n_ctx == room < caught.value.n_prompt
        assert fake.chats == []
        ask(client, max_tokens=room - client.prompt_tokens(MESSAGES, NEVER))
        assert len(fake.chats) == 1


def test_a_servers_refusal_of_what_is_too_long_carries_its_figures() -> None:
    with FakeLlm(context_tokens=2048) as fake, http_to(fake) as http:
        client = LlmClient(http, ServerInfo(ServiceKind.LLAMA_SERVER, context_tokens=100_000))
        with pytest.raises(ContextExceeded) as caught:
            ask(client, messages=[{"role": "user", "content": "word " * 3000}])
        assert (caught.value.n_prompt, caught.value.n_ctx) == (3021, 2048)


@pytest.mark.req("BUG-14")
def test_tokens_are_counted_by_the_server_else_estimated() -> None:
    text = "Every moment is a chance. 🚀"
    with FakeLlm() as fake, client_of(fake) as client:
        assert client.count_tokens(text, NEVER) == 7
    with FakeLlm(missing={"/tokenize"}) as fake, client_of(fake) as client:
        assert client.count_tokens(text, NEVER) == estimate_tokens(text)
        assert client.count_tokens(text, NEVER) == estimate_tokens(text)
        assert [seen.path for seen in fake.requests].count("/tokenize") == 1
    with FakeLlm(Mode.OLLAMA) as fake, client_of(fake) as client:
        assert client.count_tokens(text, NEVER) == estimate_tokens(text)


@pytest.mark.req("BUG-13")
def test_speed_is_measured_and_tells_how_long_it_takes() -> None:
    with FakeLlm(Mode.OPENAI, pause_s=0.02) as fake, client_of(fake) as client:
        assert client.tokens_per_s is None
        before_s = client.expected_s(100, 100)
        ask(client, schema=None, max_tokens=20)
        assert client.tokens_per_s is not None
        assert 5 < client.tokens_per_s < 60
        assert client.expected_s(100, 100) < before_s


def test_the_median_speed_shrugs_at_one_odd_answer() -> None:
    meter = SpeedMeter()
    assert meter.expected_s(50, 40) == pytest.approx(12)
    for speed in (10.0, 11.0, 500.0, 0.0):
        meter.add(writing_per_s=speed, reading_per_s=100.0)
    assert meter.tokens_per_s == 11.0
    assert meter.expected_s(200, 22) == pytest.approx(4)
    for _ in range(5):
        meter.add(writing_per_s=20.0)
    assert meter.tokens_per_s == 20.0


@pytest.mark.req("I1")
@pytest.mark.parametrize("kind", [FaultKind.BUSY, FaultKind.LOADING])
def test_a_busy_server_is_asked_again_when_it_says(kind: FaultKind) -> None:
    with FakeLlm() as fake, client_of(fake) as client:
        fake.fail(Fault(kind, retry_after="1"), Fault(kind, retry_after=None))
        started = time.monotonic()
        ask(client)
        assert 1.4 < time.monotonic() - started < 1.4 + 2 * GRACE_S
        assert len(fake.chats) == 3


@pytest.mark.req("I1", "I2")
@pytest.mark.parametrize(
    ("kind", "error"), [(FaultKind.BUSY, HttpFailure), (FaultKind.LOADING, ModelLoading)]
)
def test_waiting_ends_with_the_deadline(kind: FaultKind, error: type[ServiceError]) -> None:
    with FakeLlm() as fake, client_of(fake) as client:
        fake.fail(*[Fault(kind, retry_after="3600")] * 3)
        started = time.monotonic()
        with pytest.raises(error):
            ask(client, deadline_s=30)
        assert time.monotonic() - started < 30 / 3
        assert len(fake.chats) == 1
        fake.faults.clear()
        fake.fail(*[Fault(kind)] * 50)
        started = time.monotonic()
        with pytest.raises(error):
            ask(client, deadline_s=1.5)
        assert time.monotonic() - started < 1.5 + GRACE_S
        assert len(fake.chats) < 8


def test_what_cannot_succeed_is_not_tried_again() -> None:
    with FakeLlm() as fake, client_of(fake) as client:
        fake.fail(FaultKind.FAIL)
        with pytest.raises(HttpFailure):
            ask(client)
        assert len(fake.chats) == 1
    with FakeLlm(Mode.OLLAMA, models=["here"]) as fake, client_of(fake, "here") as client:
        fake.models[:] = ["other"]
        with pytest.raises(ModelMissing):
            ask(client)
        assert len(fake.chats) == 1


@pytest.mark.parametrize(
    ("kind", "option"),
    [
        (FaultKind.NO_SCHEMA, "response_format"),
        (FaultKind.NO_STREAM_OPTIONS, "stream_options"),
    ],
)
def test_an_option_that_a_server_does_not_know_is_left_out(kind: FaultKind, option: str) -> None:
    with FakeLlm(Mode.OPENAI) as fake, client_of(fake) as client:
        fake.fail(kind)
        assert ask(client).text
        assert [option in body for body in fake.chats] == [True, False]
        ask(client)
        assert option not in fake.chats[-1]
        assert client.offers_schema is (option != "response_format")


def test_counting_is_within_the_deadline_too() -> None:
    with FakeLlm() as fake, client_of(fake) as client:
        fake.silent = True
        started = time.monotonic()
        with pytest.raises(TooSlow):
            ask(client, deadline_s=0.5)
        assert time.monotonic() - started < 0.5 + GRACE_S


@pytest.mark.req("I2")
@pytest.mark.parametrize("kind", [FaultKind.HANG, FaultKind.STALL, FaultKind.SLOW])
def test_no_answer_outlasts_the_deadline(kind: FaultKind) -> None:
    with FakeLlm() as fake, client_of(fake) as client:
        fake.fail(Fault(kind, pause_s=0.2))
        started = time.monotonic()
        with pytest.raises(TooSlow):
            ask(client, deadline_s=1.0)
        assert 0.9 < time.monotonic() - started < 1.0 + GRACE_S
        assert fake.wait_until_idle(60)


def test_silence_inside_an_answer_ends_it_before_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VIDGEN_PATIENCE", "0.02")
    with FakeLlm() as fake, http_to(fake) as http:
        fake.fail(FaultKind.STALL)
        info = ServerInfo(ServiceKind.OPENAI, "m", context_tokens=2048)
        started = time.monotonic()
        with pytest.raises(TooSlow) as caught:
            ask(LlmClient(http, info), deadline_s=60)
        assert caught.value.message.id is MessageId.SERVER_STALLED
        assert time.monotonic() - started < 60 / 4


@pytest.mark.parametrize("kind", [FaultKind.HANG, FaultKind.STALL, FaultKind.BUSY, None])
def test_a_cancel_ends_it_at_once_and_frees_the_server(kind: FaultKind | None) -> None:
    with FakeLlm(pause_s=0.1) as fake, client_of(fake) as client:
        if kind:
            fake.fail(*[Fault(kind, retry_after="9")] * 3)
        cancel, seen, ended = CancelToken(), threading.Event(), []

        def work() -> None:
            try:
                for _ in client.chat(MESSAGES, schema=SCHEMA, cancel=cancel, **CHAT):
                    seen.set()
            except Cancelled:
                ended.append(time.monotonic())

        working = threading.Thread(target=work)
        working.start()
        assert fake.wait_for_chat(60)
        if kind in {FaultKind.STALL, None}:
            assert seen.wait(60)
        cancelled_at = time.monotonic()
        cancel.cancel()
        working.join()
        assert ended
        assert in_time(ended[0] - cancelled_at, 0.5)
        assert fake.wait_until_idle(60)


def test_whoever_stops_listening_frees_the_server() -> None:
    with FakeLlm(pause_s=0.1) as fake, client_of(fake) as client:
        chat = client.chat(MESSAGES, schema=SCHEMA, cancel=NEVER, **CHAT)
        next(chat)
        assert fake.busy_slots == 1
        chat.close()
        assert fake.wait_until_idle(60)


def test_hostile_text_comes_out_clean() -> None:
    def write(_: Mapping[str, Any]) -> str:
        return "Line one\x00\x1b[31m red\r\nline\u202etwo\u2028three <b>bold</b> \ud83d"

    with FakeLlm(write=write) as fake, client_of(fake) as client:
        reply = ask(client, schema=None)
        assert reply.text == "Line one[31m red\nlinetwo\nthree <b>bold</b>"


def test_a_loading_model_is_waited_for() -> None:
    with FakeLlm() as fake, client_of(fake) as client:
        fake.loading_requests = 1
        with pytest.raises(ModelLoading):
            client.count_tokens("text", NEVER)
        fake.loading_requests = 2
        fake.fail(FaultKind.LOADING, FaultKind.LOADING)
        assert ask(client).text
        fake.loading_requests = 1000
        with pytest.raises(ModelLoading):
            ask(client, deadline_s=2.0)


def test_a_key_is_sent_and_never_said() -> None:
    with FakeLlm(Mode.OPENAI, api_key="secret-7") as fake:
        info = ServerInfo(ServiceKind.OPENAI, "m", context_tokens=2048)
        with http_to(fake, "secret-7") as http:
            assert ask(LlmClient(http, info)).text
        with http_to(fake, "secret-8") as http, pytest.raises(HttpFailure) as caught:
            ask(LlmClient(http, info))
        assert caught.value.message.id is MessageId.SERVER_WANTS_KEY
        assert "secret" not in f"{caught.value}{caught.value!r}{caught.value.detail}"


def test_fifty_bad_answers_leave_nothing_behind() -> None:
    """Threads, sockets and descriptors are counted by the fixtures around every test."""
    kinds = [kind for kind in FaultKind if kind not in {FaultKind.BUSY, FaultKind.LOADING}]
    ended = 0
    with FakeLlm(slots=2) as fake, client_of(fake) as client:
        for round_ in range(50):
            fake.faults.clear()
            fake.fail(Fault(kinds[round_ % len(kinds)], pause_s=0.05))
            started = time.monotonic()
            with contextlib.suppress(ServiceError):
                ask(client, deadline_s=0.8)
            assert time.monotonic() - started < 0.8 + GRACE_S
            ended += 1
        assert fake.wait_until_idle(60)
        assert len(fake.chats) >= ended
