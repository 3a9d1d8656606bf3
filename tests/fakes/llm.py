"""A language model server over real sockets: llama-server as recorded, Ollama, LM Studio, others.

It misbehaves on cue (`FakeLlm.faults`), and remembers what it was asked.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

from fakes.llm_parts import bodies
from fakes.llm_parts.answering import Answering, wanted_schema
from fakes.llm_parts.faults import Fault, FaultKind
from fakes.llm_parts.web import Exchange, Web
from fakes.llm_parts.writing import answer, prompt_tokens, tokens_of

__all__ = ["FakeLlm", "Fault", "FaultKind", "Mode", "Seen"]

MAX_SEEN = 1000


class Mode(StrEnum):
    LLAMA_SERVER = "llama-server"
    OLLAMA = "ollama"
    LM_STUDIO = "lm-studio"
    OPENAI = "openai"


@dataclass(frozen=True)
class Seen:
    """A request; ``body`` is its JSON."""

    method: str
    path: str
    body: Any


class FakeLlm:
    """Use it in a ``with``.

    Args:
        context_tokens: what it says its context is; may be nonsense.
        missing: routes that it doesn't have (404; /slots and /metrics: 501).
        write: makes the reply to a request's body; without it, an example of the asked schema.
        pause_s: between the pieces of a stream.
        thinks: (Ollama) the model can think.
        below: the path that its routes stand below.

    Attributes:
        silent: it takes connections and says nothing.
        keeps_models: (Ollama) it unloads nothing.
        parameters: (Ollama) what its model was made with.
        running: (Ollama) the models in memory with their context.
        loading_requests: so many requests are still answered with "loading".
    """

    def __init__(
        self,
        mode: Mode = Mode.LLAMA_SERVER,
        *,
        models: Iterable[str] = ("gemma270m.gguf",),
        context_tokens: Any = 2048,
        slots: int = 4,
        missing: Iterable[str] = (),
        api_key: str = "",
        write: Callable[[Mapping[str, Any]], str] | None = None,
        pause_s: float = 0.0,
        thinks: bool = False,
        below: str = "",
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.mode = mode
        self.models = list(models)
        self.context_tokens = context_tokens
        self.slots = slots
        self.missing = set(missing)
        self.api_key = api_key
        self.write = write
        self.pause_s = pause_s
        self.thinks = thinks
        self.below = below
        self.parameters = ""
        self.silent = False
        self.keeps_models = False
        self._asked = threading.Event()
        self._asked_to_chat = threading.Event()
        self.faults: deque[Fault] = deque()
        self.loading_requests = 0
        self.requests: deque[Seen] = deque(maxlen=MAX_SEEN)
        self.running: dict[str, int] = {}
        self._busy = 0
        self._idle = threading.Condition()
        self._queue: asyncio.Semaphore | None = None
        self._web = Web(self._answer, host, port)
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._web.port}"

    def __enter__(self) -> Self:
        self._web.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._web.stop()
        assert not self._web.failures, self._web.failures

    @property
    def port(self) -> int:
        return self._web.port

    @property
    def open_connections(self) -> int:
        return self._web.open_connections

    @property
    def busy_slots(self) -> int:
        return self._busy

    @property
    def chats(self) -> list[Any]:
        """The bodies of the answers that were asked for."""
        routes = {"/v1/chat/completions", "/api/chat"}
        return [seen.body for seen in self.requests if seen.path in routes]

    def fail(self, *kinds: FaultKind | Fault) -> None:
        """The next answers go wrong in these ways, one each."""
        self.faults.extend(kind if isinstance(kind, Fault) else Fault(kind) for kind in kinds)

    def wait_until_idle(self, timeout_s: float) -> bool:
        """Whether no answer was being written within ``timeout_s``."""
        with self._idle:
            return self._idle.wait_for(lambda: self._busy == 0, timeout_s)

    def wait_for_request(self, timeout_s: float) -> bool:
        """Whether anything was asked within ``timeout_s``."""
        return self._asked.wait(timeout_s)

    def wait_for_chat(self, timeout_s: float) -> bool:
        """Whether an answer was asked for within ``timeout_s``."""
        return self._asked_to_chat.wait(timeout_s)

    async def _answer(self, exchange: Exchange) -> None:
        request = exchange.request
        is_here = request.path.startswith(f"{self.below}/")
        request = exchange.request = replace(request, path=request.path.removeprefix(self.below))
        self.requests.append(Seen(request.method, request.path, exchange.body))
        self._asked.set()
        if self.silent:
            await exchange.silence()
        if self.loading_requests > 0:
            self.loading_requests -= 1
            await exchange.json(bodies.LOADING, 503)
        elif self.api_key and request.headers.get("authorization") != f"Bearer {self.api_key}":
            await exchange.json(bodies.error(401, "Invalid API Key", "authentication_error"), 401)
        elif not is_here or request.path in self.missing:
            await self._not_here(exchange)
        else:
            await self._route(exchange)

    async def _route(self, exchange: Exchange) -> None:
        name = f"{exchange.request.method} {exchange.request.path}"
        if name == "POST /v1/chat/completions":
            await self._occupy(exchange, self._chat)
        elif self.mode is Mode.LLAMA_SERVER:
            await self._llama_route(exchange, name)
        elif self.mode is Mode.OLLAMA:
            await self._ollama_route(exchange, name)
        elif name == "GET /v1/models":
            await exchange.json(bodies.openai_models(self.models))
        elif self.mode is Mode.LM_STUDIO and name == "GET /api/v0/models":
            await exchange.json(bodies.lm_studio_models(self.models, self.context_tokens))
        else:
            await self._not_here(exchange)

    async def _not_here(self, exchange: Exchange) -> None:
        path = exchange.request.path
        if self.mode is Mode.LM_STUDIO:
            words = f"Unexpected endpoint or method. ({exchange.request.method} {path})"
            await exchange.json({"error": words})
        elif self.mode is Mode.OLLAMA:
            await exchange.send(b"404 page not found", "text/plain", 404)
        elif self.mode is Mode.LLAMA_SERVER and path in {"/slots", "/metrics"}:
            await exchange.json(bodies.NOT_SUPPORTED, 501)
        else:
            await exchange.json(bodies.NOT_FOUND, 404)

    async def _llama_route(self, exchange: Exchange, name: str) -> None:
        n_ctx = self.context_tokens
        match name:
            case "GET /health":
                await exchange.json({"status": "ok"})
            case "GET /props":
                await exchange.json(bodies.props(self.models[0], n_ctx, self.slots))
            case "GET /v1/models":
                await exchange.json(bodies.llama_models(self.models[0], n_ctx))
            case "GET /slots":
                slots = [
                    {"id": n, "n_ctx": n_ctx, "speculative": False, "is_processing": n < self._busy}
                    for n in range(self.slots)
                ]
                await exchange.json(slots)
            case "GET /metrics":
                await exchange.send(bodies.metrics(), "text/plain; version=0.0.4")
            case "POST /tokenize":
                await exchange.json({"tokens": tokens_of(str(exchange.body["content"]))})
            case _:
                await self._not_here(exchange)

    async def _ollama_route(self, exchange: Exchange, name: str) -> None:
        body = exchange.body if isinstance(exchange.body, dict) else {}
        model = str(body.get("model", ""))
        if name in {"POST /api/show", "POST /api/generate", "POST /api/chat"} and (
            model not in self.models
        ):
            await exchange.json({"error": f"model '{model}' not found"}, 404)
            return
        match name:
            case "GET /":
                await exchange.send(b"Ollama is running", "text/plain")
            case "GET /api/version":
                await exchange.json({"version": "0.12.6"})
            case "GET /v1/models":
                await exchange.json(bodies.openai_models(self.models, "library"))
            case "GET /api/tags":
                await exchange.json(bodies.ollama_tags(self.models))
            case "GET /api/ps":
                running = [bodies.ollama_running(*one) for one in self.running.items()]
                await exchange.json({"models": running})
            case "POST /api/show":
                show = bodies.ollama_show(self.context_tokens, self.parameters, thinks=self.thinks)
                await exchange.json(show)
            case "POST /api/generate":
                await self._ollama_generate(exchange, model, body)
            case "POST /api/chat":
                self._run_model(model, body)
                await self._occupy(exchange, self._chat)
            case _:
                await self._not_here(exchange)

    def _run_model(self, model: str, body: Mapping[str, Any]) -> None:
        self.running[model] = int(body.get("options", {}).get("num_ctx", 4096))

    async def _ollama_generate(
        self, exchange: Exchange, model: str, body: Mapping[str, Any]
    ) -> None:
        unload = body.get("keep_alive") == 0
        if unload and not self.keeps_models:
            self.running.pop(model, None)
        else:
            self._run_model(model, body)
        reason = "unload" if unload else "load"
        done = {"model": model, "created_at": bodies.NOW, "response": "", "done": True}
        await exchange.json(done | {"done_reason": reason})

    async def _occupy(self, exchange: Exchange, work: Callable[[Exchange], Any]) -> None:
        """Hold one of the slots; wait for one as the real server does."""
        if self._queue is None:
            self._queue = asyncio.Semaphore(self.slots)
        async with self._queue:
            self._busy += 1
            self._asked_to_chat.set()
            try:
                await work(exchange)
            finally:
                with self._idle:
                    self._busy -= 1
                    self._idle.notify_all()

    async def _chat(self, exchange: Exchange) -> None:
        fault = self.faults.popleft() if self.faults else None
        body = exchange.body
        messages = body.get("messages") if isinstance(body, dict) else None
        if fault and await self._refused(exchange, fault):
            return
        if not isinstance(messages, list):
            await exchange.json(bodies.error(400, "Expected 'messages' to be an array"), 400)
            return
        n_prompt = prompt_tokens(messages)
        n_ctx = self._real_context(body)
        if n_prompt >= n_ctx or (fault and fault.kind is FaultKind.CONTEXT):
            await exchange.json(bodies.context_error(max(n_prompt, n_ctx + 1), n_ctx), 400)
            return
        text = self.write(body) if self.write else answer(wanted_schema(body))
        answering = Answering(exchange, body, text, fault, n_ctx - n_prompt)
        model = str(body.get("model") or self.models[0])
        await answering.run(model, self.pause_s, timed=self.mode is Mode.LLAMA_SERVER)

    def _real_context(self, body: Mapping[str, Any]) -> int:
        if self.mode is Mode.OLLAMA:
            return int(body.get("options", {}).get("num_ctx", 4096))
        n_ctx = self.context_tokens
        return n_ctx if isinstance(n_ctx, int) and 0 < n_ctx < 1 << 24 else 4096

    async def _refused(self, exchange: Exchange, fault: Fault) -> bool:
        """Answer with something else, if that is the fault."""
        body = exchange.body
        after = {} if fault.retry_after is None else {"Retry_After": fault.retry_after}
        match fault.kind:
            case FaultKind.LOADING:
                await exchange.json(bodies.LOADING, 503, **after)
            case FaultKind.BUSY:
                words = bodies.error(429, "Too many requests", "rate_limit_error")
                await exchange.json(words, 429, **after)
            case FaultKind.FAIL:
                words = bodies.error(
                    500, "llama_decode: failed to decode, ret = -3", "server_error"
                )
                await exchange.json(words, 500)
            case FaultKind.NO_SCHEMA if "response_format" in body or "format" in body:
                words = bodies.error(400, "response_format.type must be 'text'")
                await exchange.json(words, 400)
            case FaultKind.NO_STREAM_OPTIONS if "stream_options" in body:
                words = bodies.error(422, "Unrecognized request argument: stream_options")
                await exchange.json(words, 422)
            case FaultKind.HTML:
                page = b"<!doctype html><html><body><h1>It works!</h1></body></html>"
                await exchange.send(page, "text/html")
            case FaultKind.REDIRECT:
                away = {"Location": "http://203.0.113.7/v1/chat/completions"}
                await exchange.send(b"", "text/plain", 302, away)
            case FaultKind.HANG:
                await exchange.silence()
            case _:
                return False
        return True
