"""How a cell's card is shared, and the rungs that its jobs could have."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from gguf_kit import qwen_7b
from vram_kit import CHECKPOINTS, SUPER_MIB, Card, Cell, Writer

from vidgen_gui.core.hardware_profile import HardwareProfile
from vidgen_gui.core.picture import picture_size
from vidgen_gui.core.plan import CardMemory, Rung
from vidgen_gui.core.quality import Aspect, frame_size
from vidgen_gui.core.server_abilities import ServerAbilities
from vidgen_gui.gpu.gguf_model import GgufModel, read_model
from vidgen_gui.gpu.llm_memory import LlmSettings, estimate, most_gpu_layers
from vidgen_gui.gpu.planner import PlanRequest, make_plan

CONTEXT_TOKENS = 8192
LARGE_MIB = 49_152.0


@cache
def writer_model() -> GgufModel:
    """Qwen2.5-7B-Instruct, Q4_K_M, from a file that has its header only."""
    with TemporaryDirectory() as folder:
        return read_model(qwen_7b("Q4_K_M").write(Path(folder) / "model.gguf"))


@cache
def writer_mib(room_mib: float) -> float:
    """What the language model takes: all of it, or as many layers as fit."""
    usual = LlmSettings(context_tokens=CONTEXT_TOKENS)
    whole = estimate(writer_model(), usual).device
    if whole.high_mib <= room_mib:
        return whole.likely_mib
    layers = most_gpu_layers(writer_model(), usual, room_mib)
    fewer = LlmSettings(context_tokens=CONTEXT_TOKENS, gpu_layers=layers)
    return min(room_mib, estimate(writer_model(), fewer).device.likely_mib)


@dataclass(frozen=True)
class Room:
    """How a cell's card is shared: what strangers hold for good, and what the model takes."""

    strangers_mib: float
    writer_mib: float

    @classmethod
    def of(cls, card: Card, writer: Writer) -> "Room":
        used = float(card.total_mib - card.free_mib)
        if writer in {Writer.ABSENT, Writer.ELSEWHERE}:
            return cls(used, 0.0)
        model = writer_mib(float(card.free_mib) if not used else float(card.total_mib))
        return cls(max(0.0, used - model) if used else 0.0, model)

    def budget_mib(self, cell: Cell) -> float:
        """What the image server can have at most: the card less what nobody gives back."""
        kept = self.writer_mib if cell.writer is Writer.ADOPTED else 0.0
        return cell.card.total_mib - self.strangers_mib - kept


def request_for(cell: Cell, server: ServerAbilities, card: CardMemory) -> PlanRequest:
    """What the planner is asked for a cell where nothing was measured."""
    return PlanRequest(
        quality=cell.quality,
        aspect=Aspect.PORTRAIT,
        picture=picture_size(frame_size(cell.quality, Aspect.PORTRAIT)),
        family=cell.family,
        checkpoint=CHECKPOINTS[cell.family],
        server=server,
        profile=HardwareProfile(),
        card=card,
        no_card=not cell.card.is_there,
    )


def ladder(cell: Cell, server: ServerAbilities, budget_mib: float) -> list[Rung]:
    """Every rung that the quality may have, whatever the planner makes of the card's memory."""
    rungs = make_plan(request_for(cell, server, CardMemory("", LARGE_MIB, LARGE_MIB))).rungs
    return [rung for rung in rungs if budget_mib >= SUPER_MIB or not _is_super(rung)]


def _is_super(rung: Rung) -> bool:
    return rung.name.rpartition("/")[2].startswith("super")
