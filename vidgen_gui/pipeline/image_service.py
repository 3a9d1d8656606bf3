"""ComfyUI at work: which picture it can make, and how a scene's picture comes from it.

When the graphics card's memory doesn't suffice, the next plan that needs less is taken; what
worked is remembered for as long as the app is open.
"""

import logging
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import InputError, ServiceError
from vidgen_gui.core.events import Progress
from vidgen_gui.core.job import fold_seed
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.quality import Aspect, FrameSize, Quality
from vidgen_gui.core.service import ServiceKind
from vidgen_gui.net.address import ServerAddress
from vidgen_gui.net.errors import NetError
from vidgen_gui.net.http import HttpClient
from vidgen_gui.pipeline.gpu_keeper import GpuKeeper
from vidgen_gui.pipeline.picture_recipes import (
    ImageWishes,
    KnownServer,
    PictureRequest,
    Recipe,
    know_server,
    known_for,
    lacks,
    recipes,
    wishes_problem,
)
from vidgen_gui.pipeline.service_core import ServiceCore, StandIn
from vidgen_gui.pipeline.service_plans import ServicePlan
from vidgen_gui.pipeline.service_view import ServerFacts
from vidgen_gui.services.comfyui.client import ComfyClient, check_health
from vidgen_gui.services.comfyui.errors import (
    InterruptedByOther,
    OutOfGpuMemory,
    OutOfRam,
    PictureUnusable,
    ServerGone,
)
from vidgen_gui.services.comfyui.run import RunResult
from vidgen_gui.services.managed.life import ProcessRecords
from vidgen_gui.system.patience import patient

_logger = logging.getLogger(__name__)

ABILITIES_KEPT_S = 60.0
FIRST_PICTURE_S = 1800.0
"""A picture's deadline before one was made here: slow cards and models on a hard disk."""
LEAST_PICTURE_S = 300.0
TIMES_AS_LONG = 8.0
ATTEMPTS = 3
"""How many times a picture is begun again after its server was lost."""
DEATHS_A_PLAN = 2
"""A server that dies twice of the same plan has not enough memory for it."""
OTHER_SEED = 0x9E3779B97F4A7C15
"""A picture that shows nothing mostly does so again with its seed, or comes from a cache."""

_Place: TypeAlias = tuple[ServerAddress, str, Quality, Aspect]
"""Where what worked, and how long it took, is remembered for: server, its model, picture."""


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
    address: ServerAddress
    known: KnownServer
    client: ComfyClient
    target: Path
    cancel: CancelToken

    @property
    def place(self) -> _Place:
        return self.address, self.known.fingerprint, self.request.quality, self.request.aspect


@dataclass(slots=True)
class _Descent:
    """How far down one picture has come: the recipe at work, the first that may be tried."""

    number: int = 0
    least: int = 0
    deaths: int = 0

    def note_death(self) -> None:
        """The server was lost while `number` was at work."""
        self.deaths += 1
        if self.deaths == DEATHS_A_PLAN:
            self.least, self.deaths = self.number + 1, 0


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
        self._first_rung: dict[_Place, int] = {}
        self._seconds: dict[tuple[_Place, str], float] = {}
        self._drawn_on: set[ServerAddress] = set()
        self.keeper: GpuKeeper | None = None
        self.core = ServiceCore(plan, self, registry, on_change)

    def configure(self, plan: ServicePlan, wishes: ImageWishes) -> None:
        """Use other settings from now on."""
        self._wishes = wishes
        self.core.configure(plan)

    def health(self, address: ServerAddress, cancel: CancelToken) -> None:
        """Raise `ServiceError` unless ComfyUI answers."""
        check_health(address, cancel)

    def facts(self, address: ServerAddress, cancel: CancelToken) -> ServerFacts:
        """Version and checkpoints; says so when no picture can be made as wished."""
        with HttpClient(address) as http:
            client = ComfyClient(http)
            version = client.system_stats(cancel).version
            checkpoints = client.models("checkpoints", cancel)
        problem = wishes_problem(self._wishes, checkpoints)
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
                server = self._know(address, ComfyClient(http), cancel)
            known = known_for(server, request.overrides)
            found = recipes(request, known)
        except (ServiceError, InputError):
            # `draw` meets the same error and tells it.
            return ()
        place = address, known.fingerprint, request.quality, request.aspect
        last = min(self._begin_at(place), len(found) - 1)
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
        descent = _Descent()
        lost: ServiceError | None = None
        for _ in range(ATTEMPTS):
            try:
                address = self.core.reach(cancel)
            except StandIn:
                if lost is None:
                    raise
                break
            try:
                with self.core.busy(), HttpClient(address) as http:
                    client = ComfyClient(http)
                    known = known_for(self._know(address, client, cancel), request.overrides)
                    if (unused := lacks(request.overrides, known)) is not None:
                        yield Progress(0.0, unused)
                    drawing = _Drawing(request, address, known, client, target, cancel)
                    return (yield from self._descend(drawing, descent))
            except (NetError, ServerGone) as error:
                _logger.info("%s was lost: %s", address.url, error)
                self.core.note_failure(address, error)
                lost = error
                if isinstance(error, ServerGone):
                    descent.note_death()
        assert lost is not None  # noqa: S101 - every attempt ended in one
        raise lost

    def free(self, cancel: CancelToken) -> None:
        """Ask every server that drew for us since the last time to unload its models."""
        with self._lock:
            addresses, self._drawn_on = self._drawn_on, set()
        for address in addresses:
            try:
                with HttpClient(address) as http:
                    ComfyClient(http).free(cancel)
            except ServiceError as error:
                # Its memory comes back when it is needed or ended; no job depends on it.
                _logger.info("%s was not freed: %s", address.url, error)

    def close(self) -> None:
        """End the program of ours."""
        self.core.close()

    def _descend(
        self, drawing: _Drawing, descent: _Descent
    ) -> Generator[Progress, None, MadePicture]:
        """Try the recipes from the one that worked last; each needs less memory than before."""
        found = recipes(drawing.request, drawing.known)
        last = len(found) - 1
        first = min(max(self._begin_at(drawing.place), descent.least), last)
        for number in range(first, len(found)):
            descent.number = number
            try:
                result = yield from self._attempt(drawing, found[number])
            except (OutOfGpuMemory, OutOfRam) as error:
                _logger.info("%s: %s", found[number].rung, error)
                # The next scene needn't find out again.
                self._begin_next_time(drawing.place, min(number + 1, last))
                if number == last:
                    raise
                drawing.client.free(drawing.cancel)
                yield Progress(0.0, Message(MessageId.PICTURE_MADE_SMALLER))
            except PictureUnusable as error:
                if number == last:
                    raise
                # What spoiled this picture need not spoil the next: it begins at the top again.
                yield Progress(0.0, error.message)
            else:
                if descent.least:
                    self._begin_next_time(drawing.place, number)
                return self._made(drawing, found[number], result)
        raise AssertionError("the last recipe returns or raises")

    def _made(self, drawing: _Drawing, recipe: Recipe, result: RunResult) -> MadePicture:
        known = drawing.known
        with self._lock:
            self._drawn_on.add(drawing.address)
            if not result.cached:
                self._seconds[drawing.place, recipe.rung] = result.seconds
        way = _way(known, recipe.rung)
        return MadePicture(recipe.rung, way, known.checkpoint, result.seconds, result.size)

    def _attempt(self, drawing: _Drawing, recipe: Recipe) -> Generator[Progress, None, RunResult]:
        """One recipe; what may go well the second time is tried twice."""
        try:
            return (yield from self._run(drawing, recipe))
        except InterruptedByOther as error:
            _logger.info("%s: once more: %s", recipe.rung, error)
            return (yield from self._run(drawing, recipe))
        except PictureUnusable as error:
            _logger.info("%s: with another seed: %s", recipe.rung, error)
            seed = fold_seed(drawing.request.seed + OTHER_SEED)
            others = recipes(replace(drawing.request, seed=seed), drawing.known)
            again = next((other for other in others if other.rung == recipe.rung), recipe)
            return (yield from self._run(drawing, again))

    def _run(self, drawing: _Drawing, recipe: Recipe) -> Generator[Progress, None, RunResult]:
        return drawing.client.run(
            recipe.graph,
            drawing.target,
            size=recipe.size,
            deadline_s=patient(self._deadline_s(drawing.place, recipe.rung)),
            cancel=drawing.cancel,
        )

    def _deadline_s(self, place: _Place, rung: str) -> float:
        with self._lock:
            known_s = self._seconds.get((place, rung))
        if known_s is None:
            return FIRST_PICTURE_S
        return max(LEAST_PICTURE_S, TIMES_AS_LONG * known_s)

    def _begin_at(self, place: _Place) -> int:
        with self._lock:
            return self._first_rung.get(place, 0)

    def _begin_next_time(self, place: _Place, number: int) -> None:
        with self._lock:
            self._first_rung[place] = number

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


def _way(known: KnownServer, rung: str) -> str:
    return f"comfyui:{known.fingerprint}:{rung}"
