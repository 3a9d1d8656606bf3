"""Plays the machines: a card, a ComfyUI and a language model on it, and the app's own parts.

Planner, ladder, residency, calibration, image service and ComfyUI client are the real ones, over
real sockets; a language model of ours is a real process that is really stopped. Played are the
card, and what the servers take of it.
"""

import shlex
import sys
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Self, TypeVar

from fakes.card import NEVER, AsIfReal, PlayedCard
from fakes.comfyui import FakeComfyUI
from service_kit import free_port, stranger
from session_kit import settings_with
from vram_kit import (
    CHECKPOINTS,
    ERROR_FACTOR,
    JOBS,
    UPSCALERS,
    Cell,
    CellResult,
    JobRecord,
    Writer,
)
from vram_oracle import best_rung
from vram_room import Room, ladder, writer_mib

from vidgen_gui.core.errors import ServiceError
from vidgen_gui.core.events import Progress
from vidgen_gui.core.hardware_profile import HardwareProfile
from vidgen_gui.core.job import JobSpec, StageName
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.picture import picture_size
from vidgen_gui.core.plan import PAINTER
from vidgen_gui.core.quality import FrameSize, Quality
from vidgen_gui.core.script import Scene, Script
from vidgen_gui.core.service import ServiceName
from vidgen_gui.core.settings import Settings
from vidgen_gui.gpu.history import Shares
from vidgen_gui.gpu.monitor import GpuMonitor
from vidgen_gui.gpu.readings import GpuReading
from vidgen_gui.gpu.simulated import NO_CARD, SimulatedSource
from vidgen_gui.media.ffmpeg import find_ffmpeg
from vidgen_gui.pipeline.gpu_keeper import PeakWatch
from vidgen_gui.pipeline.picture_recipes import PictureRequest
from vidgen_gui.pipeline.residency import GpuResidency
from vidgen_gui.pipeline.service_core import ServiceCore
from vidgen_gui.pipeline.service_hub import NoRecords, ServiceHub
from vidgen_gui.pipeline.stage import StageContext, StoredInput
from vidgen_gui.pipeline.stages.image import PICTURE_NAME, ImageStage
from vidgen_gui.pipeline.workers import WorkerPool
from vidgen_gui.services.comfy_graph import abilities
from vidgen_gui.services.comfyui.picture_header import picture_dimensions

T = TypeVar("T")

MAKER, WRITER = ServiceName.IMAGE_MAKER.value, ServiceName.SCRIPT_WRITER.value
LLM_PROGRAM = Path(__file__).parent / "fakes" / "llm_program.py"
CONTEXT_TOKENS = 8192
LARGE_MIB = 49_152.0
BACK_S = 60.0
NO_CARD_RAM_MIB = 11_264.0
"""Free main memory where a ComfyUI without a card draws: of 16 GB."""


class ExactPeaks(GpuResidency):
    """Pictures here take milliseconds: their peak is noted, not sampled twenty times a second."""

    card: PlayedCard | None = None

    @contextmanager
    def watch(self) -> Iterator[PeakWatch]:
        watched = _Peak(self.card)
        yield watched
        watched.end()


class _Peak:
    def __init__(self, card: PlayedCard | None) -> None:
        self._card = card
        self._last: float | None = None
        if card is not None:
            card.most_used_mib = card.used_mib

    @property
    def peak_mib(self) -> float | None:
        return self._last if self._card is None else self._card.most_used_mib

    def end(self) -> None:
        self._last, self._card = self.peak_mib, None


@dataclass
class Machine:
    """What a cell's jobs are drawn on."""

    cell: Cell
    card: PlayedCard | None
    server: FakeComfyUI
    hub: ServiceHub
    keeper: GpuResidency
    room: Room
    claims: "Claims"
    tools: "Tools"

    def job(self, number: int) -> JobRecord:
        """One picture for a new job, with words and a seed of its own."""
        before, began = len(self.server.prompts), time.monotonic()
        notices: list[MessageId] = []
        with TemporaryDirectory(dir=self.tools.folder) as workdir:
            context = self._context(number, Path(workdir))
            if self.tools.whole:
                rung, is_full_size = self._staged(
                    ImageStage(self.hub.image_maker), context, notices
                )
            else:
                rung, is_full_size = self._drawn(context, notices)
        return JobRecord(
            rung,
            tuple(prompt.state.value for prompt in self.server.prompts[before:]),
            is_full_size,
            notices.count(MessageId.SCRIPT_WRITER_PAUSED),
            time.monotonic() - began,
        )

    def _context(self, number: int, workdir: Path) -> StageContext:
        spec = JobSpec.create(
            topic="The sea", quality=self.cell.quality, seed=number, output_dir=self.tools.folder
        )
        script = Script("The sea", (Scene("Words.", f"the sea at dawn, {number}"),))
        made = StoredInput("key", "sha", Path(), script.to_dict(), "builtin")
        return StageContext(
            spec=spec,
            scene=0,
            inputs={(StageName.SCRIPT, None): made},
            workdir=workdir,
            cancel=NEVER,
            workers=self.tools.workers,
            ffmpeg=self.tools.ffmpeg,
            job_id=f"job {number}",
        )

    def _staged(
        self, stage: ImageStage, context: StageContext, notices: list[MessageId]
    ) -> tuple[str, bool]:
        """By the stage, which brings the picture to its size or has it painted."""
        output = followed(stage.run(context), notices)
        size = picture_size(context.spec.frame_size)
        return output.rung, size_of(context.workdir / PICTURE_NAME) == size

    def _painted(self, context: StageContext) -> bool:
        """The painter takes no memory of the card: once a quality is as good as every time."""
        known, quality = self.tools.painted, context.spec.quality
        if quality not in known:
            known[quality] = self._staged(ImageStage(), context, [])[1]
        return known[quality]

    def _drawn(self, context: StageContext, notices: list[MessageId]) -> tuple[str, bool]:
        """Without the last step, FFmpeg's, which only cuts off what is more than was asked for."""
        size = picture_size(context.spec.frame_size)
        spec, target = context.spec, context.workdir / "drawn.png"
        request = PictureRequest(
            f"the sea at dawn, {spec.seed}",
            spec.seed,
            spec.quality,
            spec.aspect,
            size,
            job=context.job_id,
            scene=0,
        )
        try:
            made = followed(self.hub.image_maker.draw(request, target, NEVER), notices)
        except ServiceError:
            return PAINTER, self._painted(context)
        found = size_of(target)
        covers = found.width_px >= size.width_px and found.height_px >= size.height_px
        return made.rung, covers

    def play(self) -> CellResult:
        """The cell's jobs one after the other, and what the budget admitted."""
        jobs = [self.job(number) for number in range(JOBS + 1)]
        came_back = self._writer_comes_back()
        budget_mib = NO_CARD_RAM_MIB
        if self.card is not None:
            budget_mib = self.room.budget_mib(self.cell)
        rungs = ladder(self.cell, abilities(self.server.inner.info()), budget_mib)
        best = best_rung(rungs, self.server.memory, UPSCALERS, budget_mib)
        sure = best_rung(rungs, self.server.memory, UPSCALERS, budget_mib, always=True)
        return CellResult(
            self.cell,
            tuple(rung.name for rung in rungs),
            rungs[best].name,
            rungs[sure].name,
            budget_mib,
            tuple(jobs[:JOBS]),
            jobs[JOBS],
            came_back,
        )

    def _writer_comes_back(self) -> bool | None:
        """After the batch's last picture; None where no language model of ours is concerned."""
        self.hub.image_maker.free(NEVER)
        self.keeper.pictures_over(freed=True)
        if self.cell.writer is not Writer.MANAGED:
            return None
        return self.claims.is_in.wait(BACK_S)


def followed(steps: Generator[Progress, None, T], notices: list[MessageId]) -> T:
    """Run to the end; collects what is told."""
    while True:
        try:
            step = next(steps)
        except StopIteration as stop:
            made: T = stop.value
            return made
        if step.notice is not None:
            notices.append(step.notice.id)


def size_of(file: Path) -> FrameSize:
    found = picture_dimensions(file.read_bytes()[:4096])
    assert found is not None
    return found


@dataclass(frozen=True)
class Tools:
    """What all cells share.

    Args:
        whole: pictures go through the whole image stage.
        painted: whether the painter delivered a quality's full size.
    """

    folder: Path
    workers: WorkerPool
    ffmpeg: Path
    whole: bool
    painted: dict[Quality, bool] = field(default_factory=dict)


class Playground:
    """Plays one cell after the other. Use it in a ``with``.

    A language model that isn't ours is one process for all cells, which nobody may end.
    """

    def __init__(self, *, whole: bool = False) -> None:
        self._stack = ExitStack()
        self._whole = whole
        self._adopted_port = free_port()

    def __enter__(self) -> Self:
        folder = Path(self._stack.enter_context(TemporaryDirectory(prefix="vidgen-vram-")))
        workers = WorkerPool()
        self._stack.callback(workers.close)
        self._tools = Tools(folder, workers, find_ffmpeg(), self._whole)
        command = writer_command(self._adopted_port)
        self._adopted = self._stack.enter_context(stranger(command, self._adopted_port))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def play(self, cell: Cell) -> CellResult:
        """A cell from an empty memory to what it learned.

        Raises:
            AssertionError: somebody ended the language model that isn't ours.
        """
        with ExitStack() as stack:
            result = self._machine(cell, stack).play()
        assert self._adopted.poll() is None, f"{cell}: a stranger's program was ended"
        return result

    def _machine(self, cell: Cell, stack: ExitStack) -> Machine:
        room = Room.of(cell.card, cell.writer)
        card = None
        if cell.card.is_there:
            free_mib = cell.card.total_mib - room.strangers_mib
            card = PlayedCard.of(cell.card.total_mib, free_mib, count=2)
        server = stack.enter_context(
            FakeComfyUI(
                budget_mib=card.room_for(MAKER) if card else NO_CARD_RAM_MIB,
                on_hold=card.follow() if card else lambda _: None,
                error_factor=ERROR_FACTOR,
                checkpoints=(CHECKPOINTS[cell.family],),
                upscale_models=UPSCALERS,
                sheets=True,
                on_cpu=card is None,
            )
        )
        source = card.source if card else SimulatedSource.parse(NO_CARD)

        def whose(cards: Sequence[GpuReading]) -> Sequence[Shares]:
            return keeper.reader.shares(cards)

        monitor = GpuMonitor((AsIfReal(source),), shares=whose)
        claims = Claims(card, room, cell.writer)
        hub = ServiceHub(self._settings(cell, server), NoRecords(), claims)
        claims.core = hub.script_writer.core
        keeper = ExactPeaks(monitor, hub, HardwareProfile)
        keeper.card = card
        hub.use_keeper(keeper)
        monitor.start()
        stack.callback(monitor.stop)
        stack.callback(hub.close)
        stack.callback(keeper.close)
        claims()
        if cell.writer is Writer.MANAGED:
            hub.script_writer.core.start(NEVER)
        hub.check()
        return Machine(cell, card, server, hub, keeper, room, claims, self._tools)

    def _settings(self, cell: Cell, server: FakeComfyUI) -> Settings:
        writer: dict[str, object] = {"url": f"http://127.0.0.1:{self._adopted_port}"}
        if cell.writer is Writer.ABSENT:
            writer = {"enabled": False}
        elif cell.writer is Writer.MANAGED:
            port = free_port()
            writer = {"start_command": shlex.join(writer_command(port)), "port": port}
        return settings_with(image_maker={"url": server.url}, script_writer=writer)


def writer_command(port: int) -> tuple[str, ...]:
    return sys.executable, str(LLM_PROGRAM), "--port", str(port)


class Claims:
    """Lets the card show what the language model holds while its process is there."""

    core: ServiceCore | None = None

    def __init__(self, card: PlayedCard | None, room: Room, writer: Writer) -> None:
        self._card, self._room, self._writer = card, room, writer
        self.is_in = Event()

    def __call__(self) -> None:
        card = self._card
        if self._runs():
            self.is_in.set()
        else:
            self.is_in.clear()
        if card is None or self._writer is Writer.ABSENT:
            return
        if self._writer is Writer.ELSEWHERE:
            card.source.claim(WRITER, writer_mib(card.total_mib), 1)
        elif self._writer is Writer.ADOPTED or self._runs():
            card.hold(WRITER, self._room.writer_mib)
        else:
            card.source.release(WRITER)

    def _runs(self) -> bool:
        return self.core is not None and self.core.view().pid is not None
