"""The language model client: counts, asks, and reads the answer while it is written.

Prompts and what an answer must look like are the caller's business, and so is which server.
"""

import math
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from typing import Any

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import ServiceError
from vidgen_gui.core.service import ServiceKind
from vidgen_gui.net.errors import Garbled, HttpFailure, TooSlow, Unreachable
from vidgen_gui.net.http import HttpClient
from vidgen_gui.services.llm.asking import (
    SCHEMA_OPTIONS,
    Question,
    exceeded_context,
    misses_model,
    refused_option,
    route_and_body,
)
from vidgen_gui.services.llm.budget import ASSUMED_CONTEXT_TOKENS
from vidgen_gui.services.llm.errors import ContextExceeded, ModelLoading, ModelMissing
from vidgen_gui.services.llm.info import ServerInfo, part
from vidgen_gui.services.llm.probing import is_loading, loading
from vidgen_gui.services.llm.reading import Reading, Reply
from vidgen_gui.services.llm.speed import SpeedMeter
from vidgen_gui.services.llm.tokens import (
    TEMPLATE_TOKENS,
    TEMPLATE_TOKENS_PER_MESSAGE,
    estimate_tokens,
)
from vidgen_gui.system.patience import patient

COUNT_S = 10.0
IDLE_S = 60.0
"""The longest silence inside an answer; a big model on a small machine takes seconds a token."""
SHOWN_EVERY_S = 0.05
FIRST_WAIT_S, LONGEST_WAIT_S = 0.25, 8.0
MAX_STREAM_BYTES = 64 * 1024 * 1024
_BUSY = frozenset({429, 503})
_NO_ROUTE = frozenset({400, 404, 405, 501})


class LlmClient:
    """Asks one model of one server.

    Args:
        http: stays the caller's, who closes it.
        info: what `detect_server` found, asked for the same ``model``.
        model: "" takes the one that the server has.
        speed: measurements of the same model from before; they go on being added to.
    """

    def __init__(
        self,
        http: HttpClient,
        info: ServerInfo,
        model: str = "",
        *,
        speed: SpeedMeter | None = None,
    ) -> None:
        self.info = info
        self.model = model or info.model
        self.speed = speed or SpeedMeter()
        self._http = http
        self._refused: set[str] = set()
        self._counts = info.kind is ServiceKind.LLAMA_SERVER

    @property
    def context_tokens(self) -> int:
        """What a prompt and its answer may use together."""
        return self.info.context_tokens or ASSUMED_CONTEXT_TOKENS

    @property
    def tokens_per_s(self) -> float | None:
        """How fast the model writes: the median of the last few answers, None before the first."""
        return self.speed.tokens_per_s

    @property
    def offers_schema(self) -> bool:
        """Whether answers can be held to a JSON schema, as far as is known."""
        return not self._refused & SCHEMA_OPTIONS

    def expected_s(self, prompt_tokens: int, completion_tokens: int) -> float:
        """How long an answer will take; a slow machine is assumed until something was measured."""
        return self.speed.expected_s(prompt_tokens, completion_tokens)

    def count_tokens(self, text: str, cancel: CancelToken, *, deadline_s: float = math.inf) -> int:
        """How many tokens ``text`` takes: the server's count, or else an upper bound.

        Args:
            deadline_s: asking takes at most `COUNT_S` anyway.

        Raises:
            ModelLoading: llama-server is not ready.
            NetError: as any call.
        """
        if self._counts:
            limit_s = min(patient(COUNT_S), deadline_s)
            try:
                answer = self._http.post_json(
                    "/tokenize", {"content": text}, deadline_s=limit_s, cancel=cancel
                )
            except HttpFailure as failure:
                if is_loading(failure):
                    raise loading(failure) from failure
                if failure.status not in _NO_ROUTE:
                    raise
                answer = None
            tokens = part(answer, "tokens")
            if isinstance(tokens, list):
                return len(tokens)
            self._counts = False
        return estimate_tokens(text)

    def prompt_tokens(self, messages: Sequence[Mapping[str, str]], cancel: CancelToken) -> int:
        """At most how many tokens the messages take, the chat template included."""
        written = sum(self.count_tokens(str(one["content"]), cancel) for one in messages)
        return written + self.template_tokens(len(messages))

    @staticmethod
    def template_tokens(messages: int) -> int:
        """What to reserve for the chat template around so many messages."""
        return TEMPLATE_TOKENS + TEMPLATE_TOKENS_PER_MESSAGE * messages

    def chat(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int,
        temperature: float,
        seed: int,
        deadline_s: float,
        cancel: CancelToken,
        frequency_penalty: float = 0.0,
    ) -> Generator[str, None, Reply]:
        """Ask, and yield the text so far up to 20 times a second; returns the whole reply.

        A server that is busy or loading is asked again, when it says or with growing pauses, as
        long as the deadline allows. An option that it doesn't know is left out from then on; an
        answer without a schema has to be asked for in words as well.

        Args:
            messages: each with ``role`` and ``content``.
            schema: the JSON schema that the answer has to follow, where the server can.
            deadline_s: for all of it, waiting included.
            frequency_penalty: how much words that were said are avoided, 0…2.

        Raises:
            ContextExceeded: it would not fit (nothing is sent then), or the server says so.
            ModelLoading: the model was not there before the deadline.
            ModelMissing, EmptyReply, CutReply, ReplyTooLong, Refused, ModelFailed, NotLlmServer:
                see `vidgen_gui.services.llm.errors`.
            NetError: as any call. HttpFailure for all other refusals.
            Cancelled: the token was set; the connection is closed, so that the server stops.
        """
        until = time.monotonic() + deadline_s
        needed = self._room_needed(messages, until, cancel) + max_tokens
        if needed > self.context_tokens:
            raise ContextExceeded(n_prompt=needed, n_ctx=self.context_tokens)
        question = Question(messages, schema, max_tokens, temperature, seed, frequency_penalty)
        wait_s = FIRST_WAIT_S
        while True:
            route, body = route_and_body(
                question, self.info, self.model, self.context_tokens, self._refused
            )
            try:
                return (yield from self._ask(route, body, until, cancel))
            except HttpFailure as failure:
                self._prepare_another(
                    failure, body, needed=needed, until=until, wait_s=wait_s, cancel=cancel
                )
            wait_s = min(LONGEST_WAIT_S, wait_s * 2)

    def _room_needed(
        self, messages: Sequence[Mapping[str, str]], until: float, cancel: CancelToken
    ) -> int:
        """As `prompt_tokens`, waiting for a model that loads."""
        needed = self.template_tokens(len(messages))
        for one in messages:
            wait_s = FIRST_WAIT_S
            while True:
                left_s = max(0.0, until - time.monotonic())
                try:
                    needed += self.count_tokens(str(one["content"]), cancel, deadline_s=left_s)
                    break
                except ModelLoading as error:
                    _wait(error, max(wait_s, error.retry_after_s or 0.0), until, cancel)
                wait_s = min(LONGEST_WAIT_S, wait_s * 2)
        return needed

    def _ask(
        self, route: str, body: Mapping[str, Any], until: float, cancel: CancelToken
    ) -> Generator[str, None, Reply]:
        reading = Reading(self._http.address.url, self.model)
        lines = self._http.stream_lines(
            route,
            body,
            deadline_s=max(0.0, until - time.monotonic()),
            idle_s=patient(IDLE_S),
            cancel=cancel,
            max_bytes=MAX_STREAM_BYTES,
        )
        began, shown_at, shown = 0.0, 0.0, 0
        try:
            with closing(lines):
                for line in lines:
                    reading.take(line)
                    now = time.monotonic()
                    began = began or (now if reading.pieces else 0.0)
                    if reading.pieces > shown and now - shown_at >= SHOWN_EVERY_S:
                        shown_at, shown = now, reading.pieces
                        yield reading.text()
                    if reading.over:
                        break
        except (Garbled, Unreachable, TooSlow) as error:
            # After the model's last word only counts are missing.
            if not reading.finished:
                raise reading.broken_by(error) from error
        reply = reading.reply(time.monotonic() - began if began else 0.0)
        self.speed.add(writing_per_s=reply.tokens_per_s, reading_per_s=reading.prompt_tokens_per_s)
        if reading.pieces > shown:
            yield reply.text
        return reply

    def _prepare_another(
        self,
        failure: HttpFailure,
        body: Mapping[str, Any],
        *,
        needed: int,
        until: float,
        wait_s: float,
        cancel: CancelToken,
    ) -> None:
        """Make the next try possible, or raise what the failure means."""
        if failure.status in _BUSY:
            error = loading(failure) if is_loading(failure) else failure
            _wait(error, max(wait_s, failure.retry_after_s or 0.0), until, cancel)
            return
        too_long = exceeded_context(failure, needed, self.context_tokens)
        if too_long is not None:
            raise too_long from failure
        option = refused_option(failure, body)
        if option is not None:
            self._refused.add(option)
            return
        if misses_model(failure):
            address = self._http.address.url
            raise ModelMissing(address, self.model) from failure
        raise failure


def _wait(error: ServiceError, wait_s: float, until: float, cancel: CancelToken) -> None:
    """Wait before the next try; raise ``error`` when that would be too late."""
    if time.monotonic() + wait_s >= until:
        raise error
    cancel.wait(wait_s)
