"""Plans for pictures from what is known: the server, the card, the limits, and past pictures.

Which plan is best is decided in `gpu.planner`; here its questions are answered.
"""

from dataclasses import dataclass, replace

from vidgen_gui.core.hardware_profile import HardwareProfile, PauseScriptWriter
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.plan import WORKFLOW, CardMemory, Plan, Rung
from vidgen_gui.core.quality import Aspect, Quality
from vidgen_gui.gpu.calibration import Calibration
from vidgen_gui.gpu.planner import PlanRequest, make_plan, workflow_plan
from vidgen_gui.net.address import ServerAddress
from vidgen_gui.pipeline.picture_recipes import KnownServer, PictureRequest, refusals
from vidgen_gui.pipeline.picture_records import PictureRecords
from vidgen_gui.pipeline.picture_times import timed
from vidgen_gui.store.calibrations import PicturePlace


@dataclass(frozen=True, slots=True)
class Standing:
    """What a plan rests on.

    Args:
        address: where the server is, or would be.
        machine: card and driver that measurements belong to; empty texts where not known.
        can_run_on_cpu: the server is ours and can be started without the card.
    """

    address: ServerAddress
    known: KnownServer
    memory: CardMemory
    profile: HardwareProfile
    machine: tuple[str, str]
    can_run_on_cpu: bool = False

    @property
    def is_blind(self) -> bool:
        """Whether nobody knows the card's memory."""
        return self.memory.free_mib is None

    @property
    def no_card(self) -> bool:
        """Whether it is certain that there is none."""
        return self.memory.total_mib == 0

    @property
    def room_mib(self) -> float | None:
        """What the server could have of the card now, down to the last MiB."""
        if self.memory.free_mib is None:
            return None
        return self.memory.free_mib + self.memory.drawer_mib

    def place(self, quality: Quality, aspect: Aspect) -> PicturePlace:
        """Where it is remembered what worked."""
        card, driver = self.machine
        return PicturePlace(
            card=card or self.address.url,
            driver=driver,
            model=self.known.checkpoint,
            fingerprint=self.known.memory_mark,
            quality=quality,
            aspect=aspect,
        )


def machine_of(memory: CardMemory, machine: tuple[str, str]) -> tuple[str, str]:
    """Card and driver that a measurement belongs to; a remote server's card has no driver here."""
    if not memory.name:
        return "", ""
    return machine if machine[0] == memory.name else (memory.name, "")


def plan_pictures(request: PictureRequest, standing: Standing, records: PictureRecords) -> Plan:
    """How a job's pictures are to be made at this server now."""
    known, place = standing.known, standing.place(request.quality, request.aspect)
    seconds = {rung: taken.seconds for rung, taken in records.times(place).items()}
    if known.workflow is not None:
        return _workflow_plan(request, standing, seconds.get(WORKFLOW))
    made = make_plan(
        PlanRequest(
            quality=request.quality,
            aspect=request.aspect,
            picture=request.size,
            family=known.family,
            checkpoint=known.checkpoint,
            server=known.abilities,
            profile=standing.profile,
            card=standing.memory,
            calibration=_calibration(standing, records),
            fingerprint=known.memory_mark,
            remembered=records.rung(place, is_blind=standing.is_blind),
            seconds=seconds,
            can_run_on_cpu=standing.can_run_on_cpu,
            no_card=standing.no_card,
        )
    )
    return timed(_without_what_it_lacks(made, request, known), records.work_s(place))


def _calibration(standing: Standing, records: PictureRecords) -> Calibration | None:
    return records.calibration(standing.machine) if standing.machine[0] else None


def _workflow_plan(request: PictureRequest, standing: Standing, seconds: float | None) -> Plan:
    """A person's own workflow may need anything: it gets all that there is."""
    memory = standing.memory
    may_pause = standing.profile.pause_script_writer is not PauseScriptWriter.NO
    pauses = may_pause and memory.writer_can_pause and memory.writer_mib > 0
    available = standing.room_mib
    if available is not None and pauses:
        available += memory.writer_mib
    plan = workflow_plan(request.quality, request.aspect, Message(MessageId.PLAN_BY_WORKFLOW))
    own, *rest = plan.rungs
    return replace(
        plan,
        rungs=(replace(own, seconds=seconds), *rest),
        available_mib=available,
        pauses_script_writer=pauses,
    )


def _without_what_it_lacks(plan: Plan, request: PictureRequest, known: KnownServer) -> Plan:
    """Without the rungs whose graphs this server would refuse."""
    kept = [place for place, rung in enumerate(plan.rungs) if _can(rung, request, known)]
    if len(kept) == len(plan.rungs):
        return plan
    start = next(new for new, place in enumerate(kept) if place >= plan.start)
    return replace(plan, rungs=tuple(plan.rungs[place] for place in kept), start=start)


def _can(rung: Rung, request: PictureRequest, known: KnownServer) -> bool:
    return rung.picture is None or not refusals(rung.picture, request, known)
