"""ComfyUI at work: which server draws, what is known of it, and how a job's pictures are planned.

How one picture comes about, rung after rung, is in `picture_drawing`.
"""

import hashlib
import logging
import threading
import time
import uuid
from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from pathlib import Path

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import InputError, ServiceError
from vidgen_gui.core.events import Progress
from vidgen_gui.core.hardware_profile import HardwareProfile
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.picture import picture_size
from vidgen_gui.core.picture_overrides import NO_OVERRIDES, PictureOverrides
from vidgen_gui.core.plan import PAINTER, CardMemory, Plan
from vidgen_gui.core.quality import Aspect, Quality, frame_size
from vidgen_gui.core.service import ServiceKind
from vidgen_gui.core.turn import Turn
from vidgen_gui.gpu.planner import painter_plan
from vidgen_gui.net.address import ServerAddress
from vidgen_gui.net.errors import NetError
from vidgen_gui.net.http import HttpClient
from vidgen_gui.pipeline.cpu_mode import CPU_FLAG, CpuMode
from vidgen_gui.pipeline.gpu_keeper import GpuKeeper
from vidgen_gui.pipeline.job_pictures import JobBook, JobKey, JobPictures
from vidgen_gui.pipeline.picture_drawing import Drawing, MadePicture, Task, WantsOtherDevice
from vidgen_gui.pipeline.picture_plans import Standing, machine_of, plan_pictures
from vidgen_gui.pipeline.picture_recipes import (
    ImageWishes,
    KnownServer,
    PictureRequest,
    expected_server,
    know_server,
    known_for,
    lacks,
    wishes_problem,
)
from vidgen_gui.pipeline.picture_records import PictureRecords
from vidgen_gui.pipeline.service_core import ServiceCore, StandIn
from vidgen_gui.pipeline.service_plans import ServicePlan
from vidgen_gui.pipeline.service_view import ServerFacts
from vidgen_gui.pipeline.stage import BUILT_IN
from vidgen_gui.services.comfyui.client import ComfyClient, check_health
from vidgen_gui.services.comfyui.errors import ServerGone
from vidgen_gui.services.managed.launch import LaunchSpec
from vidgen_gui.services.managed.life import ProcessRecords

_logger = logging.getLogger(__name__)

ABILITIES_KEPT_S = 60.0
CHECKPOINTS = Path("models") / "checkpoints"
"""Where ComfyUI looks for models first, under its own folder."""
ATTEMPTS = 3
"""How many times a picture is begun again after its server was lost."""


class ImageService:
    """The image maker: `core` finds and starts it, the rest speaks to it.

    Attributes:
        keeper: who keeps the graphics card; without one, nobody knows its memory.
        records: what drawing has taught.
    """

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
        self._drawn_on: set[ServerAddress] = set()
        self._jobs = JobBook()
        # Two pictures at a time would take the card's memory from each other.
        self._drawing = Turn()
        self.keeper: GpuKeeper | None = None
        self.records = PictureRecords()
        self.core = ServiceCore(plan, self, registry, on_change)
        self._cpu = CpuMode(self.core)

    def configure(self, plan: ServicePlan, wishes: ImageWishes) -> None:
        """Use other settings from now on."""
        self._wishes = wishes
        self.core.configure(self._cpu.planned(plan))

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

    def plans(
        self,
        aspect: Aspect,
        cancel: CancelToken,
        *,
        overrides: PictureOverrides = NO_OVERRIDES,
        profile: HardwareProfile | None = None,
        memory: CardMemory | None = None,
    ) -> Mapping[Quality, Plan]:
        """How pictures of each quality would be made now; starts no program.

        Where ComfyUI cannot be had, everything is painted, and the plan says why.

        Args:
            profile: the limits to plan with; None for those in force.
            memory: of the card to plan for; None for the one in use, as it is now.

        Raises:
            Cancelled: the token was set.
        """
        try:
            address, known, reasons = self._known_without_start(overrides, cancel)
            standing = self._standing(address, known_for(known, overrides), cancel)
        except (ServiceError, InputError) as error:
            reason = error.message
            return {quality: painter_plan(quality, aspect, reason) for quality in Quality}
        if profile is not None:
            standing = replace(standing, profile=profile)
        if memory is not None:
            machine = machine_of(memory, standing.machine)
            standing = replace(standing, memory=memory, machine=machine)
        found = {}
        for quality in Quality:
            size = picture_size(frame_size(quality, aspect))
            request = PictureRequest("", 0, quality, aspect, size, overrides)
            plan = plan_pictures(request, standing, self.records)
            found[quality] = replace(plan, reasons=(*reasons, *plan.reasons))
        return found

    def plan(self, quality: Quality, aspect: Aspect, cancel: CancelToken) -> Plan:
        """How pictures of this quality would be made now; see `plans`."""
        return self.plans(aspect, cancel)[quality]

    def ways(self, request: PictureRequest, cancel: CancelToken) -> tuple[str, ...]:
        """The ways as good as the picture that would be made now, best first; none without it."""
        try:
            address = self.core.reach(cancel)
            with HttpClient(address) as http:
                server = self._know(address, ComfyClient(http), cancel)
            known = known_for(server, request.overrides)
        except (ServiceError, InputError):
            # `draw` meets the same error and tells it.
            return ()
        plan = plan_pictures(request, self._standing(address, known, cancel), self.records)
        names = [rung.name for rung in plan.rungs[: plan.start + 1]]
        return tuple(BUILT_IN if name == PAINTER else known.way(name) for name in names)

    def draw(
        self, request: PictureRequest, target: Path, cancel: CancelToken
    ) -> Generator[Progress, None, MadePicture]:
        """Have a picture made and put at ``target``, a PNG; its size may be another than asked.

        Raises:
            StandIn: ComfyUI cannot be had.
            ServiceError: it cannot make this picture.
            InputError: the person's own workflow cannot be used.
            NeedsConsent: the person is to be asked before this job goes on.
            Cancelled: the token was set; only our own prompt was stopped.
        """
        # A picture of nobody's job is a job of its own.
        request = request if request.job else replace(request, job=uuid.uuid4().hex)
        with self._drawing.taken(cancel):
            return (yield from self._draw(request, target, cancel))

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
        try:
            self._cpu.use(on_cpu=False, cancel=cancel)
        except ServiceError as error:
            # The next picture tries to start it, and tells.
            _logger.warning("the image maker is not back on the card: %s", error)

    def close(self) -> None:
        """End the program of ours."""
        self.core.close()

    def _draw(
        self, request: PictureRequest, target: Path, cancel: CancelToken
    ) -> Generator[Progress, None, MadePicture]:
        losses = 0
        lost: ServiceError | None = None
        while losses < ATTEMPTS:
            try:
                address = self.core.reach(cancel)
            except StandIn:
                if lost is None:
                    raise
                break
            drawing: Drawing | None = None
            try:
                with self.core.busy(), HttpClient(address) as http:
                    drawing = yield from self._begin(
                        request, address, ComfyClient(http), target, cancel
                    )
                    made = yield from drawing.steps()
                    with self._lock:
                        self._drawn_on.add(address)
                    return made
            except WantsOtherDevice:
                self._cpu.use(on_cpu=not self._cpu.is_on, cancel=cancel)
            except (NetError, ServerGone) as error:
                _logger.info("%s was lost: %s", address.url, error)
                self.core.note_failure(address, error)
                lost = error
                losses += 1
                if isinstance(error, ServerGone) and drawing is not None:
                    fell = yield from drawing.after_death(error)
                    losses = 0 if fell else losses
        assert lost is not None  # noqa: S101 - every loss left one
        raise lost

    def _begin(
        self,
        request: PictureRequest,
        address: ServerAddress,
        client: ComfyClient,
        target: Path,
        cancel: CancelToken,
    ) -> Generator[Progress, None, Drawing]:
        known = known_for(self._know(address, client, cancel), request.overrides)
        if (unused := lacks(request.overrides, known)) is not None:
            yield Progress(0.0, unused)
        standing = self._standing(address, known, cancel)
        task = Task(
            request,
            standing,
            client,
            target,
            cancel,
            keeper=self.keeper if address.is_local else None,
            is_on_cpu=self._cpu.is_on,
        )
        return Drawing(task, self._job(request, standing), self.records)

    def _job(self, request: PictureRequest, standing: Standing) -> JobPictures:
        """The plan that the job's earlier pictures were made by; a new one for its first."""
        key: JobKey = (
            request.job,
            standing.address,
            standing.known.fingerprint,
            request.quality,
            request.aspect,
            request.size,
            request.overrides,
        )
        found = self._jobs.find(key)
        if found is None:
            found = JobPictures(plan_pictures(request, standing, self.records))
            self._jobs.keep(key, found)
        return found

    def _standing(
        self, address: ServerAddress, known: KnownServer, cancel: CancelToken
    ) -> Standing:
        keeper = self.keeper
        memory = keeper.memory(cancel) if keeper is not None else CardMemory()
        machine = keeper.machine if keeper is not None else ("", "")
        return Standing(
            address=address,
            known=known,
            memory=memory,
            profile=keeper.profile if keeper is not None else HardwareProfile(),
            machine=machine_of(memory, machine),
            can_run_on_cpu=self._cpu.is_possible,
        )

    def _known_without_start(
        self, overrides: PictureOverrides, cancel: CancelToken
    ) -> tuple[ServerAddress, KnownServer, tuple[Message, ...]]:
        """The server that answers, else the one that would be started, and what it likely offers.

        Raises:
            ServiceError: there is none.
            InputError: the person's own workflow cannot be used.
        """
        core = self.core
        if core.is_wanted and core.address is None:
            core.check(cancel, background=True)
        address = core.address
        if core.is_wanted and address is not None:
            with HttpClient(address) as http:
                return address, self._know(address, ComfyClient(http), cancel), ()
        if not core.is_present or not core.plan.addresses:
            raise ServiceError(MessageId.PLAN_NO_SERVER)
        address = core.plan.addresses[0]
        with self._lock:
            known = self._known.get(address)
        if known is None or known.wishes != self._wishes:
            known = self._marked(expected_server(self._wishes, overrides), address)
        return address, known, (Message(MessageId.PLAN_SERVER_NOT_ASKED),)

    def _know(
        self, address: ServerAddress, client: ComfyClient, cancel: CancelToken
    ) -> KnownServer:
        """What the server offers; asked again once a minute and when the wishes changed."""
        wishes, now = self._wishes, time.monotonic()
        with self._lock:
            known = self._known.get(address)
        if known and known.wishes == wishes and now - known.at < ABILITIES_KEPT_S:
            return known
        known = self._marked(know_server(client.object_info(cancel), wishes), address)
        with self._lock:
            self._known[address] = known
        return known

    def _marked(self, known: KnownServer, address: ServerAddress) -> KnownServer:
        """With what decides its memory besides the plan: the model's file, and its own flags."""
        launch = self.core.plan.launch
        if not isinstance(launch, LaunchSpec) or not address.is_local:
            return known
        if launch.port != address.port or launch.cwd is None:
            return known
        file = launch.cwd / CHECKPOINTS / known.checkpoint
        try:
            found = file.stat()
        except OSError:
            # Models may lie elsewhere, too: then another file under its name is not noticed.
            size, changed = 0, 0
        else:
            size, changed = found.st_size, found.st_mtime_ns
        flags = [word for word in launch.argv if word != CPU_FLAG]
        mark = hashlib.sha256(repr((size, changed, flags)).encode()).hexdigest()[:16]
        return replace(known, memory_mark=mark)
