"""Which language model server answers, and what it can really do."""

import threading
import time
from typing import Any

import pytest
from fakes.llm import FakeLlm, Mode
from fakes.raw_server import refused_port
from llm_kit import CHAT, MESSAGES, drain, http_to

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled, ServiceError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.service import ServiceKind
from vidgen_gui.net.address import ServerAddress, parse_address
from vidgen_gui.net.errors import HttpFailure, TooSlow, Unreachable
from vidgen_gui.net.http import HttpClient
from vidgen_gui.services.llm.client import LlmClient
from vidgen_gui.services.llm.detect import DETECT_S, HEALTH_S, check_health, detect_server
from vidgen_gui.services.llm.errors import ModelLoading, ModelMissing, NotLlmServer, StillLoaded
from vidgen_gui.services.llm.info import ServerInfo
from vidgen_gui.services.llm.ollama import ollama_load, ollama_running, ollama_unload

NEVER = CancelToken()
GRACE_S = 3.0
"""A deadline is kept to the moment; a busy machine is late all the same."""


def detected(fake: FakeLlm, model: str = "") -> ServerInfo:
    with http_to(fake) as http:
        return detect_server(http, NEVER, model=model)


def healthy(fake: FakeLlm, api_key: str | None = None) -> None:
    check_health(parse_address(fake.url), NEVER, api_key)


@pytest.mark.req("BUG-8", "AUD-5")
def test_a_llama_server_tells_its_model_and_context() -> None:
    with FakeLlm(context_tokens=8192, slots=2) as fake:
        healthy(fake)
        assert detected(fake) == ServerInfo(
            ServiceKind.LLAMA_SERVER,
            model="gemma270m.gguf",
            models=("gemma270m.gguf",),
            context_tokens=8192,
            slots=2,
            version="b0-unknown",
        )


def test_a_model_given_by_its_path_is_called_by_its_name() -> None:
    for path in ("/models/qwen 7b.gguf", "C:\\Models\\qwen 7b.gguf"):
        with FakeLlm(models=[path]) as fake:
            assert detected(fake).model == "qwen 7b.gguf"


@pytest.mark.req("BUG-3", "BUG-45")
@pytest.mark.parametrize("context", [0, -1, 10**12, 12.5, "8192", None, True, [], {}])
def test_an_absurd_context_is_not_believed(context: Any) -> None:
    with FakeLlm(context_tokens=context) as fake:
        assert detected(fake).context_tokens is None
        assert fake.requests[-1].path == "/slots"


def test_a_llama_server_without_its_optional_routes_is_known_all_the_same() -> None:
    with FakeLlm(missing={"/slots", "/metrics", "/tokenize", "/v1/models"}) as fake:
        info = detected(fake)
        assert (info.model, info.context_tokens) == ("gemma270m.gguf", 2048)


def test_a_server_that_loads_is_neither_dead_nor_ready() -> None:
    with FakeLlm() as fake:
        fake.loading_requests = 2
        with pytest.raises(ModelLoading) as caught:
            healthy(fake)
        assert caught.value.message.id is MessageId.LLM_LOADING
        info = detected(fake)
        assert (info.kind, info.loading, info.loaded) == (ServiceKind.LLAMA_SERVER, True, False)
        healthy(fake)
        assert not detected(fake).loading


@pytest.mark.req("BUG-8")
def test_an_ollama_tells_its_models_and_what_each_request_may_ask_for() -> None:
    names = ["qwen2.5:7b", "llama3.2:latest"]
    with FakeLlm(Mode.OLLAMA, models=names, context_tokens=32768) as fake:
        healthy(fake)
        info = detected(fake)
        assert info == ServerInfo(
            ServiceKind.OLLAMA,
            model="qwen2.5:7b",
            models=("qwen2.5:7b", "llama3.2:latest"),
            context_tokens=4096,
            version="0.12.6",
            loaded=False,
        )
        assert detected(fake, "llama3.2").model == "llama3.2:latest"
        fake.parameters = 'stop    "<|im_end|>"\nnum_ctx    16384'
        assert detected(fake).context_tokens == 16384
        fake.running["llama3.2:latest"] = 8192
        info = detected(fake)
        assert (info.model, info.context_tokens, info.loaded) == ("llama3.2:latest", 8192, True)
        with pytest.raises(ModelMissing):
            detected(fake, "mistral")


def test_a_model_trained_for_less_is_not_asked_for_more() -> None:
    with FakeLlm(Mode.OLLAMA, context_tokens=2048) as fake:
        assert detected(fake).context_tokens == 2048


def test_an_ollama_without_models_is_no_dead_end() -> None:
    with FakeLlm(Mode.OLLAMA, models=()) as fake:
        healthy(fake)
        assert (detected(fake).model, detected(fake).models) == ("", ())


@pytest.mark.req("BUG-42")
def test_ollama_loads_and_unloads_a_model() -> None:
    with FakeLlm(Mode.OLLAMA, models=["qwen2.5:latest"]) as fake, http_to(fake) as http:
        ollama_load(http, "qwen2.5:latest", context_tokens=8192, cancel=NEVER)
        (running,) = ollama_running(http, NEVER)
        assert (running.name, running.context_tokens) == ("qwen2.5:latest", 8192)
        assert 4000 < running.vram_mib < running.size_mib < 6000
        ollama_unload(http, "qwen2.5:latest", cancel=NEVER)
        assert ollama_running(http, NEVER) == ()
        with pytest.raises(ModelMissing):
            ollama_load(http, "mistral", cancel=NEVER)


def test_a_model_that_stays_in_memory_is_reported() -> None:
    with FakeLlm(Mode.OLLAMA, models=["a"]) as fake, http_to(fake) as http:
        fake.keeps_models = True
        fake.running["a"] = 4096
        with pytest.raises(StillLoaded):
            ollama_unload(http, "a", deadline_s=0.3, cancel=NEVER)


@pytest.mark.req("BUG-3")
@pytest.mark.parametrize(("mode", "context"), [(Mode.LM_STUDIO, 6000), (Mode.OPENAI, None)])
def test_other_servers_tell_what_they_tell(mode: Mode, context: int | None) -> None:
    with FakeLlm(mode, models=["first", "second"], context_tokens=6000) as fake:
        healthy(fake)
        info = detected(fake)
        assert (info.kind, info.model) == (ServiceKind.OPENAI, "first")
        assert (info.models, info.context_tokens) == (("first", "second"), context)
        wanted = detected(fake, "second")
        assert (wanted.model, wanted.context_tokens) == ("second", None)
        assert wanted.loaded is (mode is Mode.OPENAI)


def test_something_else_at_the_address_is_recognised() -> None:
    routes = {"/v1/models", "/api/tags", "/props"}
    with FakeLlm(missing=routes) as fake:
        for act in (healthy, detected):
            with pytest.raises(NotLlmServer) as caught:
                act(fake)
            assert caught.value.message.params["address"] == fake.url


def test_a_key_that_is_wanted_is_asked_for() -> None:
    with FakeLlm(Mode.OPENAI, api_key="secret-7") as fake:
        healthy(fake, "secret-7")
        with pytest.raises(HttpFailure) as caught:
            healthy(fake)
        assert caught.value.message.id is MessageId.SERVER_WANTS_KEY
        assert "secret" not in str(caught.value)
        with http_to(fake, "wrong") as http, pytest.raises(HttpFailure):
            detect_server(http, NEVER)


@pytest.mark.req("G3", "LBL-14")
def test_nobody_at_the_address_is_known_at_once() -> None:
    with refused_port() as port:
        for host in ("localhost", "127.0.0.1", "[::1]"):
            started = time.monotonic()
            with pytest.raises(Unreachable):
                check_health(parse_address(f"{host}:{port}"), NEVER)
            assert time.monotonic() - started < HEALTH_S


def test_ipv6_servers_are_reached() -> None:
    with FakeLlm(host="::1") as fake:
        healthy(fake)
        assert detected(fake).kind is ServiceKind.LLAMA_SERVER


def test_a_silent_server_costs_no_more_than_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDGEN_PATIENCE", "0.1")
    with FakeLlm() as fake:
        fake.silent = True
        started = time.monotonic()
        with pytest.raises(TooSlow):
            healthy(fake)
        with pytest.raises(TooSlow):
            detected(fake)
        assert time.monotonic() - started < 0.1 * (HEALTH_S + DETECT_S) + GRACE_S


def test_a_check_can_be_cancelled() -> None:
    cancel, ended = CancelToken(), threading.Event()

    def check(address: ServerAddress) -> None:
        try:
            check_health(address, cancel)
        except (Cancelled, ServiceError) as error:
            if isinstance(error, Cancelled):
                ended.set()

    with FakeLlm() as fake:
        fake.silent = True
        checking = threading.Thread(target=check, args=(parse_address(fake.url),))
        checking.start()
        assert fake.wait_for_request(60)
        cancel.cancel()
        checking.join()
        assert ended.is_set()


def test_checks_leave_no_connection_open() -> None:
    with FakeLlm() as fake:
        for _ in range(20):
            healthy(fake)
        give_up = time.monotonic() + 60
        while fake.open_connections and time.monotonic() < give_up:
            threading.Event().wait(0.01)
        assert fake.open_connections == 0


def test_the_address_may_name_any_route() -> None:
    with FakeLlm(Mode.OPENAI) as fake:
        for route in ("", "/", "/v1", "/v1/", "/v1/chat/completions"):
            with HttpClient(parse_address(fake.url + route)) as http:
                assert detect_server(http, NEVER).kind is ServiceKind.OPENAI


@pytest.mark.req("ERR-FALLBACK", "C4")
@pytest.mark.parametrize("written", ["/api/v1", "/api/v1/", "/api/v1/chat/completions"])
def test_a_server_may_stand_below_api(written: str) -> None:
    with FakeLlm(Mode.OPENAI, models=["qwen"], below="/api") as fake:
        address = parse_address(fake.url + written)
        check_health(address, NEVER)
        with HttpClient(address) as http:
            client = LlmClient(http, detect_server(http, NEVER))
            _, reply = drain(client.chat(MESSAGES, cancel=NEVER, **CHAT))
        assert client.model == "qwen"
        assert reply.text
        assert fake.chats


@pytest.mark.parametrize("written", ["", "/", "/api", "/api/", "/api/generate", "/v1/"])
def test_an_ollamas_own_routes_still_name_it(written: str) -> None:
    with FakeLlm(Mode.OLLAMA) as fake:
        address = parse_address(fake.url + written)
        check_health(address, NEVER)
        with HttpClient(address) as http:
            assert detect_server(http, NEVER).kind is ServiceKind.OLLAMA
