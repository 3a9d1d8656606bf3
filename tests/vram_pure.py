"""The matrix without sockets: planner, ladder and calibration alone, against the hidden need.

What the image service adds to it is played in `vram_play`. This takes seconds for all cells, so
that other errors than the agreed one can be tried too.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from fakes.comfy_parts.memory import Memory, share
from vram_kit import JOBS, UPSCALERS, Cell, CellResult, JobRecord, Writer
from vram_oracle import best_rung, rung_needs_mib
from vram_room import Room, ladder, request_for
from vram_sums import server

from vidgen_gui.core.plan import PAINTER, CardMemory, Plan, Rung
from vidgen_gui.gpu.calibration import Calibration, Outcome
from vidgen_gui.gpu.image_memory import need
from vidgen_gui.gpu.ladder import next_rung
from vidgen_gui.gpu.picture_calibration import key_of
from vidgen_gui.gpu.planner import make_plan

JITTER = 0.05
FINGERPRINT = "played"


class Judge:
    """What rungs really need; the same graph is walked once."""

    def __init__(self, error_factor: tuple[float, float], world: str) -> None:
        self.memory = Memory(0.0, error_factor, world=world)
        self._known: dict[object, float] = {}

    def needs_mib(self, rung: Rung) -> float:
        assert rung.picture is not None
        picture = replace(rung.picture, rung="", seed=0)
        if picture not in self._known:
            self._known[picture] = rung_needs_mib(rung, self.memory, UPSCALERS)
        return self._known[picture]


@dataclass
class _Machine:
    """A cell's card as its jobs go by. ``held_mib`` is the image server's."""

    cell: Cell
    judge: Judge
    room: Room
    calibration: Calibration = field(default_factory=lambda: Calibration("played", "1"))
    remembered: str = ""
    paused: bool = False
    held_mib: float = 0.0

    @property
    def writer_mib(self) -> float:
        return 0.0 if self.paused else self.room.writer_mib

    @property
    def room_mib(self) -> float:
        """What the image server can have now."""
        return self.cell.card.total_mib - self.room.strangers_mib - self.writer_mib

    def plan(self) -> Plan:
        card = CardMemory(
            "played",
            self.cell.card.total_mib,
            self.room_mib - self.held_mib,
            drawer_mib=self.held_mib,
            writer_mib=self.writer_mib,
            writer_can_pause=self.cell.writer is Writer.MANAGED,
        )
        request = request_for(self.cell, server(), card)
        return make_plan(
            replace(
                request,
                calibration=self.calibration,
                fingerprint=FINGERPRINT,
                remembered=self.remembered,
            )
        )

    def job(self, number: int) -> JobRecord:
        plan = self.plan()
        pauses = plan.pauses_script_writer and not self.paused
        self.paused = self.paused or pauses
        place: int | None = plan.start
        tried: list[int] = []
        while place is not None and plan.rungs[place].name != PAINTER:
            if self._draws(plan.rungs[place], number):
                attempts = (*("failed" for _ in tried), "done")
                return JobRecord(plan.rungs[place].name, attempts, True, int(pauses), 0.0)
            tried.append(place)
            place = next_rung(plan, tried, place)
        return JobRecord(PAINTER, ("failed",) * len(tried), True, int(pauses), 0.0)

    def _draws(self, rung: Rung, number: int) -> bool:
        """One try, and what is learned of it."""
        assert rung.picture is not None
        luck = 2 * share(f"{self.cell} {rung.name} {number}") - 1
        needed_mib = self.judge.needs_mib(rung) * (1 + JITTER * luck)
        worked = needed_mib <= self.room_mib
        outcome, seen_mib = Outcome.OUT_OF_MEMORY, self.room_mib
        self.held_mib = 0.0
        if worked:
            # A server takes what is free for the model's weights.
            outcome, seen_mib = (
                Outcome.WORKED, min(self.room_mib, max(needed_mib, rung.comfortable_mib)),
            )  # fmt: skip
            self.held_mib, self.remembered = seen_mib / 2, rung.name
        key, modelled = key_of(rung.picture, FINGERPRINT), need(rung.picture)
        self.calibration = self.calibration.observe(key, outcome, seen_mib, modelled)
        return worked


def play(
    cells: Iterable[Cell], error_factor: tuple[float, float], *, world: str = ""
) -> list[CellResult]:
    """Each cell from an empty memory; those without a card are left out.

    Args:
        world: each has other hidden factors out of the same range.
    """
    judge = Judge(error_factor, world)
    return [_result(cell, judge) for cell in cells if cell.card.is_there]


def _result(cell: Cell, judge: Judge) -> CellResult:
    room = Room.of(cell.card, cell.writer)
    machine = _Machine(cell, judge, room)
    jobs = [machine.job(number) for number in range(JOBS + 1)]
    budget_mib = room.budget_mib(cell)
    rungs = ladder(cell, server(), budget_mib)
    best = best_rung(rungs, judge.memory, UPSCALERS, budget_mib)
    sure = best_rung(rungs, judge.memory, UPSCALERS, budget_mib, always=True)
    names = tuple(rung.name for rung in rungs)
    done, probe = tuple(jobs[:JOBS]), jobs[JOBS]
    return CellResult(cell, names, names[best], names[sure], budget_mib, done, probe)
