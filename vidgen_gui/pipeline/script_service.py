"""The language model at work: reached, spoken to, and kept account of."""

import logging
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import ServiceError
from vidgen_gui.core.events import Progress
from vidgen_gui.core.service import ServiceKind
from vidgen_gui.net.address import ServerAddress
from vidgen_gui.net.errors import NetError
from vidgen_gui.net.http import HttpClient
from vidgen_gui.pipeline.llm_writer import ScriptRequest, WrittenScript, write_with_model
from vidgen_gui.pipeline.service_core import ServiceCore, StandIn
from vidgen_gui.pipeline.service_plans import ServicePlan
from vidgen_gui.pipeline.service_view import ServerFacts
from vidgen_gui.services.llm.client import LlmClient
from vidgen_gui.services.llm.detect import check_health, detect_server
from vidgen_gui.services.llm.errors import (
    CutReply,
    ModelFailed,
    ModelLoading,
    ModelMissing,
    NotLlmServer,
)
from vidgen_gui.services.llm.ollama import ollama_load, ollama_unload
from vidgen_gui.services.llm.speed import SpeedMeter
from vidgen_gui.services.managed.life import ProcessRecords

_logger = logging.getLogger(__name__)

ATTEMPTS = 2
"""How many addresses one script is asked for; after that the built-in writer is quicker."""
_SERVER_FAILS = (NetError, CutReply, ModelFailed, ModelLoading, ModelMissing, NotLlmServer)
"""What another server may do better; all other errors are the model's."""


class ScriptService:
    """The script writer: `core` finds and starts it, the rest speaks to it."""

    def __init__(
        self,
        plan: ServicePlan,
        registry: ProcessRecords,
        on_change: Callable[[], None],
        *,
        model: str = "",
        api_key: str | None = None,
    ) -> None:
        self._model = model
        self._api_key = api_key
        self._speeds: dict[tuple[str, str], SpeedMeter] = {}
        self.core = ServiceCore(plan, self, registry, on_change)

    def configure(self, plan: ServicePlan, *, model: str, api_key: str | None) -> None:
        """Use other settings from now on."""
        self._model, self._api_key = model, api_key
        self.core.configure(plan)

    def health(self, address: ServerAddress, cancel: CancelToken) -> None:
        """Raise `ServiceError` unless the server could write now."""
        check_health(address, cancel, api_key=self._api_key)

    def facts(self, address: ServerAddress, cancel: CancelToken) -> ServerFacts:
        """What the server says about itself."""
        with HttpClient(address, api_key=self._api_key) as http:
            info = detect_server(http, cancel, model=self._model)
        return ServerFacts(
            kind=info.kind,
            model=info.model,
            models=info.models,
            context_tokens=info.context_tokens,
            version=info.version,
            loaded=info.loaded,
        )

    def is_passing(self, error: ServiceError) -> bool:
        """A model that is being loaded will be there."""
        return isinstance(error, ModelLoading)

    def way(self, cancel: CancelToken) -> str | None:
        """What tells scripts of this model from others; None when the built-in writer writes."""
        try:
            address = self.core.reach(cancel)
            return f"model:{self.facts(address, cancel).model}"
        except ServiceError:
            # `write` meets the same error and tells it.
            return None

    def write(
        self, request: ScriptRequest, cancel: CancelToken
    ) -> Generator[Progress, None, tuple[WrittenScript, str]]:
        """Have a script written; returns it and its way.

        Raises:
            StandIn: the model cannot be had.
            ServiceError: it answered, but with nothing that can be used.
            Cancelled: the token was set.
        """
        lost: ServiceError | None = None
        for _ in range(ATTEMPTS):
            try:
                address = self.core.reach(cancel)
            except StandIn:
                if lost is None:
                    raise
                break
            try:
                with self.core.busy(), self._client(address, cancel) as client:
                    written = yield from write_with_model(client, request, cancel)
            except _SERVER_FAILS as error:
                _logger.info("%s failed: %s", address.url, error)
                self.core.note_failure(address, error)
                lost = error
            else:
                return written, f"model:{client.model}"
        assert lost is not None  # noqa: S101 - every attempt ended in one
        raise lost

    def load(self, cancel: CancelToken) -> None:
        """Have Ollama bring the model into memory.

        Raises:
            ServiceError: it doesn't answer, or the model doesn't fit.
        """
        address = self.core.reach(cancel)
        facts = self.facts(address, cancel)
        context = {"context_tokens": facts.context_tokens} if facts.context_tokens else {}
        with HttpClient(address, api_key=self._api_key) as http:
            ollama_load(http, facts.model, cancel=cancel, **context)
        self.core.check(cancel)

    def unload(self, cancel: CancelToken) -> None:
        """Ask Ollama to give the model's memory back; the program itself goes on.

        Raises:
            ServiceError: it doesn't answer.
        """
        address = self.core.reach(cancel)
        facts = self.facts(address, cancel)
        with HttpClient(address, api_key=self._api_key) as http:
            ollama_unload(http, facts.model, cancel=cancel)

    @property
    def is_ollama(self) -> bool:
        """Whether starting and stopping mean a model, not the program."""
        return self.core.view().kind is ServiceKind.OLLAMA

    def close(self) -> None:
        """End the program of ours."""
        self.core.close()

    @contextmanager
    def _client(self, address: ServerAddress, cancel: CancelToken) -> Iterator[LlmClient]:
        with HttpClient(address, api_key=self._api_key) as http:
            info = detect_server(http, cancel, model=self._model)
            speed = self._speeds.setdefault((address.url, info.model), SpeedMeter())
            yield LlmClient(http, info, speed=speed)
