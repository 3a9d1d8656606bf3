"""ComfyUI at work: which picture it can make, and how a scene's picture comes from it.

When the graphics card's memory doesn't suffice, the next plan that needs less is taken; what
worked is remembered for as long as the app is open.
"""

import logging
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import InputError, ServiceError
from vidgen_gui.core.events import Progress
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.quality import Aspect, FrameSize, Quality
from vidgen_gui.core.service import ServiceKind
from vidgen_gui.net.address import ServerAddress
from vidgen_gui.net.errors import NetError
from vidgen_gui.net.http import HttpClient
from vidgen_gui.pipeline.picture_recipes import (
    ImageWishes,
    KnownServer,
    PictureRequest,
    Recipe,
    checkpoint_problem,
    know_server,
    recipes,
)
from vidgen_gui.pipeline.service_core import ServiceCore
from vidgen_gui.pipeline.service_plans import ServicePlan
from vidgen_gui.pipeline.service_view import ServerFacts
from vidgen_gui.services.comfyui.client import ComfyClient
from vidgen_gui.services.comfyui.errors import (
    InterruptedByOther,
    OutOfGpuMemory,
    PictureUnusable,
    ServerGone,
)
from vidgen_gui.services.comfyui.run import RunResult
from vidgen_gui.services.managed.life import ProcessRecords
from vidgen_gui.system.patience import patient

_logger = logging.getLogger(__name__)

HEALTH_DEADLINE_S = 3.0
ABILITIES_KEPT_S = 60.0
FIRST_PICTURE_S = 1800.0
"""A picture's deadline before one was made here: slow cards and models on a hard disk."""
LEAST_PICTURE_S = 300.0
TIMES_AS_LONG = 8.0
TRIES_A_PLAN = 2


@dataclass(frozen=True, slots=True)
class MadePicture:
    """How a picture came about; ``way`` tells it from pictures of other models and rungs."""

    rung: str
    way: str
    checkpoint: str
    seconds: float
    size: FrameSize


@dataclass(frozen=True, slots=True)
class _Drawing:
    """One picture being made."""

    request: PictureRequest
    known: KnownServer
    client: ComfyClient
    target: Path
    cancel: CancelToken


class ImageService:
    """The image maker: `core` finds and starts it, the rest speaks to it."""

    def __init__(
        self,
        plan: ServicePlan,
        registry: ProcessRecords,
        on_change: Callable[[], None],
        wishes: ImageWishes,
    ) -> None:
        self._wishes = wishes
        self._lock = threading.Lock()
        self._known: dict[ServerAddress, KnownServer] = {}
        self._first_rung: dict[tuple[str, Quality, Aspect], int] = {}
        self._seconds: dict[tuple[str, str, Quality], float] = {}
        self.core = ServiceCore(plan, self, registry, on_change)

    def configure(self, plan: ServicePlan, wishes: ImageWishes) -> None:
        """Use other settings from now on."""
        self._wishes = wishes
        self.core.configure(plan)

    def health(self, address: ServerAddress, cancel: CancelToken) -> None:
        """Raise `ServiceError` unless ComfyUI answers."""
        with HttpClient(address) as http:
            ComfyClient(http).system_stats(cancel, deadline_s=HEALTH_DEADLINE_S)

    def facts(self, address: ServerAddress, cancel: CancelToken) -> ServerFacts:
        """Version and checkpoints; says so when the chosen checkpoint is not there."""
        with HttpClient(address) as http:
            client = ComfyClient(http)
            version = client.system_stats(cancel).version
            checkpoints = client.models("checkpoints", cancel)
        problem = checkpoint_problem(self._wishes.checkpoint, checkpoints)
        return ServerFacts(
            kind=ServiceKind.COMFYUI,
            model=self._wishes.checkpoint or next(iter(checkpoints), ""),
            models=checkpoints,
            version=version,
            problem=problem,
        )

    def is_passing(self, error: ServiceError) -> bool:
        """ComfyUI answers nothing before it is ready."""
        return False

    def ways(self, request: PictureRequest, cancel: CancelToken) -> tuple[str, ...]:
        """The ways as good as the picture that would be made now, best first; none without it."""
        try:
            address = self.core.reach(cancel)
            with HttpClient(address) as http:
                known = self._know(address, ComfyClient(http), cancel)
            found = recipes(request, known)
        except (ServiceError, InputError):
            # `draw` meets the same error and tells it.
            return ()
        last = min(self._begin_at(request, known), len(found) - 1)
        return tuple(_way(known, recipe.rung) for recipe in found[: last + 1])

    def draw(
        self, request: PictureRequest, target: Path, cancel: CancelToken
    ) -> Generator[Progress, None, MadePicture]:
        """Have a picture made and put at ``target``, a PNG; its size may be another than asked.

        Raises:
            StandIn: ComfyUI cannot be had.
            ServiceError: it cannot make this picture.
            InputError: the person's own workflow cannot be used.
            Cancelled: the token was set; only our own prompt was stopped.
        """
        address = self.core.reach(cancel)
        try:
            with self.core.busy(), HttpClient(address) as http:
                client = ComfyClient(http)
                known = self._know(address, client, cancel)
                drawing = _Drawing(request, known, client, target, cancel)
                return (yield from self._descend(drawing))
        except (NetError, ServerGone) as error:
            self.core.note_failure(address, error)
            raise

    def free(self, cancel: CancelToken) -> None:
        """Ask ComfyUI to unload its models; nothing happens when it isn't there."""
        url = self.core.view().url
        address = next((a for a in self.core.plan.addresses if a.url == url), None)
        if address is None:
            return
        try:
            with HttpClient(address) as http:
                ComfyClient(http).free(cancel)
        except ServiceError as error:
            # Its memory comes back when it is needed or ended; no job depends on it.
            _logger.info("ComfyUI was not freed: %s", error)

    def close(self) -> None:
        """End the program of ours."""
        self.core.close()

    def _descend(self, drawing: _Drawing) -> Generator[Progress, None, MadePicture]:
        """Try the recipes from the one that worked last; each needs less memory than before."""
        request, known = drawing.request, drawing.known
        found = recipes(request, known)
        begin = min(self._begin_at(request, known), len(found) - 1)
        failure: ServiceError | None = None
        for number, recipe in enumerate(found[begin:], begin):
            try:
                result = yield from self._attempt(drawing, recipe)
            except (OutOfGpuMemory, PictureUnusable) as error:
                _logger.info("%s: %s", recipe.rung, error)
                failure = error
                if number + 1 < len(found):
                    drawing.client.free(drawing.cancel)
                    yield Progress(0.0, Message(MessageId.PICTURE_MADE_SMALLER))
                continue
            with self._lock:
                self._first_rung[_place(request, known)] = number
            way = _way(known, recipe.rung)
            return MadePicture(recipe.rung, way, known.checkpoint, result.seconds, result.size)
        assert failure is not None  # noqa: S101 - there is at least one recipe
        raise failure

    def _attempt(self, drawing: _Drawing, recipe: Recipe) -> Generator[Progress, None, RunResult]:
        """One recipe; what may go well the second time is tried twice."""
        pace = (drawing.known.fingerprint, recipe.rung, drawing.request.quality)
        for attempt in range(1, TRIES_A_PLAN + 1):
            try:
                result = yield from drawing.client.run(
                    recipe.graph,
                    drawing.target,
                    size=recipe.size,
                    deadline_s=patient(self._deadline_s(pace)),
                    cancel=drawing.cancel,
                )
            except (InterruptedByOther, PictureUnusable):
                if attempt == TRIES_A_PLAN:
                    raise
                continue
            except ServerGone:
                # A server that dies of a picture mostly dies of its memory; once is forgiven.
                if attempt == TRIES_A_PLAN or not self.core.wait_for_recovery(drawing.cancel):
                    raise
                continue
            if not result.cached:
                with self._lock:
                    self._seconds[pace] = result.seconds
            return result
        raise AssertionError("the last attempt returns or raises")

    def _deadline_s(self, pace: tuple[str, str, Quality]) -> float:
        with self._lock:
            known_s = self._seconds.get(pace)
        if known_s is None:
            return FIRST_PICTURE_S
        return max(LEAST_PICTURE_S, TIMES_AS_LONG * known_s)

    def _begin_at(self, request: PictureRequest, known: KnownServer) -> int:
        with self._lock:
            return self._first_rung.get(_place(request, known), 0)

    def _know(
        self, address: ServerAddress, client: ComfyClient, cancel: CancelToken
    ) -> KnownServer:
        """What the server offers; asked again once a minute and when the wishes changed."""
        wishes, now = self._wishes, time.monotonic()
        with self._lock:
            known = self._known.get(address)
        if known and known.wishes == wishes and now - known.at < ABILITIES_KEPT_S:
            return known
        known = know_server(client.object_info(cancel), wishes)
        with self._lock:
            self._known[address] = known
        return known


def _place(request: PictureRequest, known: KnownServer) -> tuple[str, Quality, Aspect]:
    return known.fingerprint, request.quality, request.aspect


def _way(known: KnownServer, rung: str) -> str:
    return f"comfyui:{known.fingerprint}:{rung}"
