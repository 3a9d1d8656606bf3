"""One picture drawn at one server: rung after rung of its job's plan, until one holds.

Which server draws, and what is remembered of it, is known to `image_service`.
"""

import logging
from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import ServiceError
from vidgen_gui.core.events import Progress
from vidgen_gui.core.hardware_profile import QualityPolicy
from vidgen_gui.core.job import fold_seed
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.plan import Plan, Rung
from vidgen_gui.core.quality import FrameSize
from vidgen_gui.gpu.calibration import Outcome
from vidgen_gui.gpu.image_memory import need
from vidgen_gui.gpu.picture_calibration import key_of
from vidgen_gui.pipeline.drawing_notices import asks, fell, nothing_fits
from vidgen_gui.pipeline.gpu_keeper import GpuKeeper, PeakWatch
from vidgen_gui.pipeline.job_pictures import JobPictures
from vidgen_gui.pipeline.picture_plans import Standing, plan_pictures
from vidgen_gui.pipeline.picture_recipes import PictureRequest, Recipe, recipe
from vidgen_gui.pipeline.picture_records import PictureRecords
from vidgen_gui.pipeline.picture_times import PROBE, probe_of, probed_time, timed, usual_time
from vidgen_gui.pipeline.stage import NeedsConsent
from vidgen_gui.pipeline.step_pace import StepPace, passes_of
from vidgen_gui.services.comfyui.client import ComfyClient
from vidgen_gui.services.comfyui.errors import (
    ExecutionFailed,
    InterruptedByOther,
    OutOfGpuMemory,
    OutOfRam,
    PictureUnusable,
    StepTooSlow,
)
from vidgen_gui.services.comfyui.run import RunResult
from vidgen_gui.store.calibrations import PictureTime
from vidgen_gui.system.patience import patient

_logger = logging.getLogger(__name__)

FIRST_PICTURE_S = 1800.0
"""A picture's deadline before one was made here: slow cards and models on a hard disk."""
FIRST_CPU_PICTURE_S = 14_400.0
LEAST_PICTURE_S = 300.0
TIMES_AS_LONG = 8.0
OTHER_SEED = 0x9E3779B97F4A7C15
"""A picture that shows nothing mostly does so again with its seed, or comes from a cache."""
MOST_UNUSABLE = 3
"""So many rungs are tried for a picture that shows nothing: memory is not why it does."""


@dataclass(frozen=True, slots=True)
class MadePicture:
    """How a picture came about; ``way`` tells it from pictures of other models and rungs."""

    rung: str
    way: str
    checkpoint: str
    seconds: float
    size: FrameSize


class WantsOtherDevice(Exception):
    """The next rung runs on another device: the server has to be started anew for it."""


@dataclass(frozen=True, slots=True)
class _Room:
    """What was there when a rung began, in MiB; None: nobody knows."""

    mib: float | None
    others_mib: float | None


@dataclass(frozen=True, slots=True)
class Task:
    """What is drawn, where, and for whom.

    Args:
        target: where the picture goes, a PNG.
        keeper: who keeps the card that the server draws on; None: nobody.
        is_on_cpu: we started the server without a card.
    """

    request: PictureRequest
    standing: Standing
    client: ComfyClient
    target: Path
    cancel: CancelToken
    keeper: GpuKeeper | None = None
    is_on_cpu: bool = False


class Drawing:
    """One picture being made. Owned by the thread that iterates `steps`.

    Args:
        job: its job's plan; what this picture meets is noted there.
        records: what it teaches all jobs.
    """

    def __init__(self, task: Task, job: JobPictures, records: PictureRecords) -> None:
        self._request = task.request
        self._standing = task.standing
        self._client = task.client
        self._target = task.target
        self._cancel = task.cancel
        self._keeper = task.keeper
        self._is_on_cpu = task.is_on_cpu
        self._job = job
        self._records = records
        self._place = task.standing.place(task.request.quality, task.request.aspect)

    def steps(self) -> Generator[Progress, None, MadePicture]:
        """Draw; raises as `ImageService.draw` tells.

        Raises:
            WantsOtherDevice: go on with a server on the device that the job's rung wants.
            NeedsConsent: the person has to agree before quality is lowered.
        """
        if self._is_new_here:
            yield from self._probe()
        unusable = 0
        # A picture that shows nothing says nothing about the next one's rung.
        begun_at = self._job.at
        while True:
            rung = self._checked_rung()
            try:
                result = yield from self._attempt(rung)
            except (OutOfGpuMemory, OutOfRam, StepTooSlow) as error:
                yield from self._fall(error)
                begun_at = self._job.at
            except PictureUnusable as error:
                unusable += 1
                self._job.pass_over()
                other_device = self._job.rung.on_cpu is not self._is_on_cpu
                if unusable == MOST_UNUSABLE or self._job.is_painted or other_device:
                    self._job.at = begun_at
                    raise
                yield Progress(0.0, error.message)
            else:
                self._job.at = begun_at
                if rung is self._job.rung:
                    self._records.remember_rung(self._place, rung.name)
                return self._made(rung, result)

    @property
    def _is_new_here(self) -> bool:
        """Whether a real card never drew with this model as far as we know."""
        standing = self._standing
        return (
            bool(standing.machine[1])
            and not standing.memory.simulated
            and self._job.rung.picture is not None
            and not self._is_on_cpu
            and self._records.work_s(self._place) is None
        )

    def _probe(self) -> Generator[Progress, None, None]:
        """Draw a small picture first, so that it is known how long others take."""
        rung = self._checked_rung()
        if rung.picture is None:
            return
        yield Progress(0.0, Message(MessageId.CARD_IS_TRIED))
        made = recipe(probe_of(rung.picture), self._request, self._standing.known)
        if made.plan is None:
            return
        pace = StepPace(passes_of(made.plan, made.graph))
        deadline_s = patient(FIRST_PICTURE_S)
        try:
            yield from self._client.run(
                made.graph,
                self._target,
                size=made.size,
                deadline_s=deadline_s,
                cancel=self._cancel,
                pace=pace,
            )
        except (ExecutionFailed, StepTooSlow, PictureUnusable) as error:
            # What it is about will be seen with the picture itself.
            _logger.info("the small picture failed: %s", error)
        self._target.unlink(missing_ok=True)
        if pace.step_s:
            self._records.remember_time(self._place, PROBE, probed_time(made.plan, pace.step_s))
            self._job.plan = timed(self._job.plan, self._records.work_s(self._place))

    def after_death(self, error: ServiceError) -> Generator[Progress, None, bool]:
        """The server was lost in the middle of it; whether its job fell by that."""
        if not self._job.note_death():
            return False
        _logger.info("the server died of %s", self._job.rung.name)
        yield from self._fall(error, is_alive=False)
        return True

    def _checked_rung(self) -> Rung:
        job, rung = self._job, self._job.rung
        if not self._request.lowering_agreed and self._needs_consent:
            raise NeedsConsent(asks(job.plan, rung, is_start=job.at == job.plan.start))
        if job.is_painted:
            raise job.reason or nothing_fits(job.plan)
        if rung.on_cpu is not self._is_on_cpu:
            raise WantsOtherDevice
        return rung

    @property
    def _needs_consent(self) -> bool:
        """Whether the rung at work is one that the person wants to be asked about."""
        job = self._job
        lower = job.rung.quality < job.plan.quality or job.rung.on_cpu or job.is_painted
        is_asked = self._standing.profile.quality_policy is QualityPolicy.ASK
        return (is_asked and lower) or (job.plan.asks_first and job.at == job.plan.start)

    def _attempt(self, rung: Rung) -> Generator[Progress, None, RunResult]:
        """One rung; what may go well the second time is tried twice."""
        request = self._request
        made = recipe(rung.picture, request, self._standing.known)
        try:
            return (yield from self._run(rung, made))
        except InterruptedByOther as error:
            _logger.info("%s: once more: %s", rung.name, error)
            return (yield from self._run(rung, made))
        except PictureUnusable as error:
            _logger.info("%s: with another seed: %s", rung.name, error)
            other = replace(request, seed=fold_seed(request.seed + OTHER_SEED))
            again = recipe(rung.picture, other, self._standing.known)
            return (yield from self._run(rung, again))

    def _run(self, rung: Rung, recipe: Recipe) -> Generator[Progress, None, RunResult]:
        pace = self._pace(rung, recipe)
        with ExitStack() as stack:
            watch: PeakWatch | None = None
            room = _Room(None, None)
            if self._keeper is not None and not rung.on_cpu:
                room = yield from self._make_room(self._keeper, rung)
                watch = stack.enter_context(self._keeper.watch())
                stack.enter_context(self._keeper.note_drawing(rung.need.likely_mib))
            self._job.room_mib = room.mib
            result = yield from self._client.run(
                recipe.graph,
                self._target,
                size=recipe.size,
                deadline_s=patient(self._deadline_s(rung)),
                cancel=self._cancel,
                pace=pace,
            )
            peak_mib = watch.peak_mib if watch is not None else None
        if not result.cached:
            self._learn(rung, recipe, result.seconds, pace)
            self._observe_success(rung, room, peak_mib)
        return result

    def _make_room(self, keeper: GpuKeeper, rung: Rung) -> Generator[Progress, None, _Room]:
        """Have what the rung needs; with the script writer paused, what it can make use of."""
        plan = self._job.plan
        wanted = rung.need.likely_mib
        if plan.pauses_script_writer and plan.available_mib is not None:
            wanted = plan.available_mib
        yield from keeper.make_room(
            wanted, pause_script_writer=plan.pauses_script_writer, cancel=self._cancel
        )
        memory = keeper.memory(self._cancel)
        if memory.free_mib is None:
            return _Room(None, None)
        room = memory.free_mib + memory.drawer_mib
        others = memory.total_mib - room if memory.total_mib is not None else None
        return _Room(room, others)

    def _pace(self, rung: Rung, recipe: Recipe) -> StepPace | None:
        """On the processor, and where there is no card, nothing can spill."""
        if recipe.plan is None or rung.on_cpu or self._standing.no_card:
            return None
        usual = self._records.times(self._place).get(rung.name)
        return StepPace(
            passes_of(recipe.plan, recipe.graph),
            usual.step_s if usual is not None else None,
            usual.seconds if usual is not None else None,
        )

    def _deadline_s(self, rung: Rung) -> float:
        usual = self._records.times(self._place).get(rung.name)
        if usual is None:
            return FIRST_CPU_PICTURE_S if rung.on_cpu else FIRST_PICTURE_S
        steps = self._request.overrides.steps
        longer = steps / rung.picture.steps if steps and rung.picture is not None else 1.0
        return max(LEAST_PICTURE_S, TIMES_AS_LONG * usual.seconds * max(1.0, longer))

    def _fall(
        self, error: ServiceError, *, is_alive: bool = True
    ) -> Generator[Progress, None, None]:
        """Learn from a failure, have the memory given back, and go where the ladder says."""
        job, failed, plan = self._job, self._job.rung, self._job.plan
        _logger.info("%s: %s", failed.name, error)
        self._observe_failure(failed, error)
        better = self._with_more_memory(failed)
        if better is not None:
            job.go_on_with(better)
        else:
            job.fall(error)
        if not job.is_painted:
            # The next job begins there, and this one after a restart of the app.
            self._records.remember_rung(self._place, job.rung.name)
            now = job.plan, job.rung
            told = fell(self._request.scene, (plan, failed), now, error, job.room_mib)
            yield Progress(0.0, told)
        if is_alive:
            self._client.free(self._cancel)

    def _with_more_memory(self, failed: Rung) -> Plan | None:
        """A plan that pauses the script writer for at least what failed, if there is one."""
        job = self._job
        if job.plan.pauses_script_writer or self._keeper is None or job.room_mib is None:
            return None
        memory = self._keeper.memory(self._cancel)
        if not memory.writer_can_pause or memory.writer_mib <= 0:
            return None
        standing = replace(self._standing, memory=memory)
        plan = plan_pictures(self._request, standing, self._records)
        names = [rung.name for rung in job.plan.rungs]
        place = names.index(plan.first.name) if plan.first.name in names else 0
        return plan if plan.pauses_script_writer and place <= job.at else None

    def _observe_failure(self, rung: Rung, error: ServiceError) -> None:
        """A lower bound; a death or slow steps are none unless memory may have been the reason."""
        room_mib = self._job.room_mib
        if rung.picture is None or room_mib is None or isinstance(error, OutOfRam):
            return
        estimated = need(rung.picture)
        if isinstance(error, OutOfGpuMemory) or room_mib <= estimated.high_mib:
            self._observe(rung, Outcome.OUT_OF_MEMORY, room_mib)

    def _observe_success(self, rung: Rung, room: _Room, peak_mib: float | None) -> None:
        """An upper bound: what it took at most, and no more than there was."""
        if room.mib is None:
            return
        used_mib = room.mib
        if peak_mib is not None and room.others_mib is not None:
            own_mib = peak_mib - room.others_mib
            used_mib = min(room.mib, own_mib) if own_mib > 0 else room.mib
        self._observe(rung, Outcome.WORKED, used_mib)

    def _observe(self, rung: Rung, outcome: Outcome, mib: float) -> None:
        machine = self._standing.machine
        if rung.picture is None or not machine[0]:
            return
        key = key_of(rung.picture, self._standing.known.memory_mark)
        self._records.observe(machine, key, outcome, mib, need(rung.picture))

    def _learn(self, rung: Rung, recipe: Recipe, seconds: float, pace: StepPace | None) -> None:
        taken = PictureTime(seconds, pace.step_s if pace is not None else None)
        if recipe.plan is not None and rung.picture is not None:
            taken = usual_time(taken, rung.picture, recipe.plan)
        if rung.on_cpu:
            # It tells nothing about the card.
            taken = replace(taken, work=None)
        self._records.remember_time(self._place, rung.name, taken)

    def _made(self, rung: Rung, result: RunResult) -> MadePicture:
        known = self._standing.known
        return MadePicture(
            rung.name, known.way(rung.name), known.checkpoint, result.seconds, result.size
        )
