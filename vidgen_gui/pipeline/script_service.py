"""The language model at work: reached, spoken to, and kept account of."""

import logging
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, nullcontext

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import ServiceError
from vidgen_gui.core.events import Progress
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.recent import Recent
from vidgen_gui.core.service import ServiceKind
from vidgen_gui.net.address import ServerAddress
from vidgen_gui.net.errors import NetError
from vidgen_gui.net.http import HttpClient
from vidgen_gui.pipeline.gpu_keeper import WriterKeeper
from vidgen_gui.pipeline.llm_writer import ScriptRequest, WrittenScript, write_with_model
from vidgen_gui.pipeline.paused_services import PausedProgram, PauseRecords
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
from vidgen_gui.services.llm.info import ServerInfo
from vidgen_gui.services.llm.ollama import ollama_load, ollama_running, ollama_unload
from vidgen_gui.services.llm.speed import SpeedMeter
from vidgen_gui.services.managed.life import ProcessRecords

_logger = logging.getLogger(__name__)

ATTEMPTS = 2
"""How many addresses one script is asked for; after that the built-in writer is quicker."""
MOST_MODELS = 64
"""Of so many models is remembered how fast they write."""
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
        records: PauseRecords | None = None,
    ) -> None:
        self._model = model
        self._api_key = api_key
        self._keeper: WriterKeeper | None = None
        self._speeds: Recent[tuple[str, str], SpeedMeter] = Recent(MOST_MODELS)
        self.core = ServiceCore(plan, self, registry, on_change, records)

    def use_keeper(self, keeper: WriterKeeper) -> None:
        """Ask who keeps the graphics card before the model comes into memory, from now on."""
        self._keeper = keeper
        self.core.guard_starts(keeper.starting)

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
        paused = self.core.paused
        if paused is not None and paused.model:
            # A script that is stored already must not cost the pictures their memory.
            return f"model:{paused.model}"
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
        with self._keeper.writing(cancel) if self._keeper is not None else nullcontext():
            return (yield from self._write(request, cancel))

    def _write(
        self, request: ScriptRequest, cancel: CancelToken
    ) -> Generator[Progress, None, tuple[WrittenScript, str]]:
        lost: ServiceError | None = None
        paused, begun_s = self.core.paused, time.monotonic()
        for _ in range(ATTEMPTS):
            try:
                address = self.core.reach(cancel)
            except StandIn:
                if lost is None:
                    raise
                break
            try:
                with self.core.busy(), self._client(address, cancel) as client:
                    if paused is not None and self.core.paused is None:
                        yield _back(time.monotonic() - begun_s)
                        paused = None
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
        with HttpClient(address, api_key=self._api_key) as http:
            info = detect_server(http, cancel, model=self._model)
            self._load(http, info, cancel)
        self.core.check(cancel)

    def _load(self, http: HttpClient, info: ServerInfo, cancel: CancelToken) -> None:
        context = {"context_tokens": info.context_tokens} if info.context_tokens else {}
        with self._keeper.starting(cancel) if self._keeper is not None else nullcontext():
            ollama_load(http, info.model, cancel=cancel, **context)
        self.core.note_back()

    def unload(self, cancel: CancelToken) -> None:
        """Ask Ollama to give the model's memory back; the program itself goes on.

        Raises:
            ServiceError: it doesn't answer.
        """
        address = self.core.reach(cancel)
        facts = self.facts(address, cancel)
        with HttpClient(address, api_key=self._api_key) as http:
            ollama_unload(http, facts.model, cancel=cancel)

    def pause(self, cancel: CancelToken, *, consented: bool) -> None:
        """Have it give its memory to others until it is needed, or `come_back` is called.

        Args:
            consented: the person allowed to end a program that we only found running.

        Raises:
            ServiceError: it doesn't do so, or is not ours and nobody agreed.
            StorageError: it cannot be written down that it is to come back.
        """
        if not self.is_ollama:
            self.core.pause(consented=consented)
            return
        stays = not self.core.is_for_work
        model = self.core.view().model
        self.core.note_paused(PausedProgram(model, unloaded=True, comes_back=stays))
        try:
            self.unload(cancel)
        except BaseException:
            self.core.note_back()
            raise
        self.core.check(cancel)

    def come_back(self, cancel: CancelToken) -> None:
        """Bring back what was paused.

        Raises:
            ServiceError: it cannot be started.
        """
        paused = self.core.paused
        if paused is not None and paused.unloaded:
            self.load(cancel)
        elif paused is not None:
            self.core.start(cancel)

    def loaded_mib(self, cancel: CancelToken) -> float | None:
        """What Ollama says that its models take of the card; None for others, or no answer."""
        address = self.core.address
        if address is None or not self.is_ollama:
            return None
        try:
            with HttpClient(address, api_key=self._api_key) as http:
                return sum(one.vram_mib for one in ollama_running(http, cancel))
        except ServiceError as error:
            _logger.info("%s doesn't say what its models take: %s", address.url, error)
            return None

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
            if info.kind is ServiceKind.OLLAMA and not info.loaded:
                # It would load by itself, but room has to be made first.
                if self.core.paused is None:
                    self.core.note_for_work()
                self._load(http, info, cancel)
            speed = self._speeds.setdefault((address.url, info.model), SpeedMeter())
            yield LlmClient(http, info, speed=speed)


def _back(seconds: float) -> Progress:
    return Progress(0.0, Message(MessageId.SCRIPT_WRITER_BACK, {"seconds": seconds}))
