"""How this machine will make a job's pictures: the plan, its rungs, and what they rest on.

Values only. Plans are made in `gpu.planner` and fallen down in `gpu.ladder`.
"""

from dataclasses import dataclass

from vidgen_gui.core.memory_range import MemoryRange
from vidgen_gui.core.messages import Message
from vidgen_gui.core.picture_plan import PicturePlan
from vidgen_gui.core.quality import Aspect, FrameSize, Quality

PAINTER = "painter"
"""The last rung of every plan: the built-in painter, which needs no card."""
ON_CPU = "on-cpu"
WORKFLOW = "workflow"
"""The person's own workflow: what it needs is not known."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One way of making the picture.

    Args:
        name: stable; of a lower quality's picture ``"high/hires-full-tiled"``.
        quality: whose detail the picture has.
        need: MiB on the card that it cannot do without; weights that don't fit are streamed.
        comfortable_mib: MiB with the model's weights wholly on the card.
        seconds: a picture's expected time; None where nothing was measured.
        picture: None for the painter and for a person's own workflow.
    """

    name: str
    quality: Quality
    need: MemoryRange
    comfortable_mib: float
    seconds: float | None = None
    picture: PicturePlan | None = None
    on_cpu: bool = False


@dataclass(frozen=True, slots=True)
class CardMemory:
    """A card's memory as a job finds it, in MiB. None is unknown and never guessed.

    Args:
        free_mib: what the driver says is free now.
        drawer_mib: held by the image server now, and given back or used by its next picture.
        writer_mib: held by the script writer.
        writer_can_pause: it can be made to give that back: ours, or asked to unload, or its owner
            allowed it. Memory on another card is not counted in `writer_mib`.
        simulated: the card is not real.
    """

    name: str = ""
    total_mib: float | None = None
    free_mib: float | None = None
    drawer_mib: float = 0.0
    writer_mib: float = 0.0
    writer_can_pause: bool = False
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """How a job's pictures are to be made.

    Args:
        delivered: the video's frame; the quality's, whatever the rung.
        rungs: the admitted ways, best first; the painter is always the last.
        start: which of them is tried first.
        available_mib: what that rung may use; None when nobody knows the card's memory.
        pauses_script_writer: the language model gives its memory to it.
        asks_first: the person is asked before it is made like this.
        reasons: sentences that explain it, for the person.
    """

    quality: Quality
    aspect: Aspect
    delivered: FrameSize
    rungs: tuple[Rung, ...]
    start: int
    available_mib: float | None
    pauses_script_writer: bool
    asks_first: bool
    reasons: tuple[Message, ...]

    @property
    def first(self) -> Rung:
        return self.rungs[self.start]
