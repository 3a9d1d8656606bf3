"""What drawing has to tell: falls, questions, and why nothing is drawn. Messages only."""

from vidgen_gui.core.errors import ServiceError
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.plan import Plan, Rung
from vidgen_gui.services.comfyui.errors import OutOfGpuMemory, OutOfRam, StepTooSlow


def fell(
    scene: int | None,
    before: tuple[Plan, Rung],
    after: tuple[Plan, Rung],
    error: ServiceError,
    room_mib: float | None,
) -> Message:
    """A picture is made in another way than was tried.

    Args:
        room_mib: what there was for it; None where nobody knows.
    """
    (old_plan, failed), (plan, rung) = before, after
    told = {
        "picture": (scene or 0) + 1,
        "before_way": failed.name,
        "after_way": rung.name,
    }
    if plan.pauses_script_writer and not old_plan.pauses_script_writer:
        return Message(MessageId.RUNG_AGAIN_WITH_MORE, told)
    if isinstance(error, OutOfRam):
        return Message(MessageId.RUNG_FELL_FOR_RAM, told)
    if isinstance(error, StepTooSlow):
        return Message(MessageId.RUNG_SPILLED, told)
    if not isinstance(error, OutOfGpuMemory):
        return Message(MessageId.RUNG_DEADLY, told)
    if room_mib is not None:
        told |= {"free_mib": round(room_mib)}
    return Message(MessageId.RUNG_FELL, told)


def asks(plan: Plan, rung: Rung, *, is_start: bool) -> Message:
    """What the person has to agree to before the job goes on."""
    told = {"after_way": rung.name}
    if is_start and plan.asks_first and plan.pauses_script_writer and rung.quality == plan.quality:
        return Message(MessageId.PAUSING_NEEDS_CONSENT, told)
    return Message(MessageId.LOWERING_NEEDS_CONSENT, told)


_WHY_PAINTED = frozenset(
    {MessageId.PLAN_PAINTS, MessageId.PLAN_NO_WAY_ADMITTED, MessageId.PLAN_SERVER_LACKS}
)


def nothing_fits(plan: Plan) -> ServiceError:
    """Why a plan begins with the painter."""
    reasons = (reason for reason in plan.reasons if reason.id in _WHY_PAINTED)
    reason = next(reasons, Message(MessageId.NO_RUNG_FITS))
    return ServiceError(reason.id, **reason.params)
