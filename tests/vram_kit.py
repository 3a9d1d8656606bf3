"""The machines that plans are judged on: cards, who else is on them, what became of each job.

Values only; `vram_play` plays them, `vram_report` writes them down.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from vidgen_gui.core.image_family import Family
from vidgen_gui.core.plan import PAINTER
from vidgen_gui.core.quality import Quality

JOBS = 3
"""After so many on a card, it should be known what fits."""
ERROR_FACTOR = (0.75, 1.6)
"""How far the server's rules are off, unseen by the planner; stable within 5 % for a way."""
CHECKPOINTS = {Family.SD15: "sd15.safetensors", Family.SDXL: "sdxl.safetensors"}
UPSCALERS = ("RealESRGAN_x4.pth",)
SUPER_MIB = 20 * 1024
"""From so much on, pictures larger than the video are worth their time."""


@dataclass(frozen=True)
class Card:
    """``free_mib`` is what is left of it while the language model runs as usual, where less than
    all is; ``total_mib`` 0: there is no card.
    """

    name: str
    total_mib: int
    free_mib: int

    @property
    def is_there(self) -> bool:
        return self.total_mib > 0


CARDS = (
    Card("2 GB", 2048, 2048),
    Card("3 GB", 3072, 3072),
    Card("4 GB", 4096, 4096),
    Card("6 GB", 6144, 6144),
    Card("8 GB", 8192, 8192),
    Card("12 GB, 6 GB free", 12288, 6144),
    Card("11.7 GB, 6.2 GB free", 11980, 6350),
    Card("16 GB", 16384, 16384),
    Card("24 GB", 24576, 24576),
    Card("48 GB", 49152, 49152),
    Card("no card", 0, 0),
)


class Writer(StrEnum):
    """Where the language model is."""

    ABSENT = "absent"
    MANAGED = "ours"
    ADOPTED = "not ours"
    ELSEWHERE = "on another card"


@dataclass(frozen=True)
class Cell:
    """One machine, and what is asked of it."""

    card: Card
    quality: Quality
    family: Family
    writer: Writer

    def __str__(self) -> str:
        what = f"{self.quality.slug}, {self.family.value}"
        return f"{self.card.name}, {what}, writer {self.writer.value}"


def all_cells() -> Iterator[Cell]:
    """The whole matrix; neighbours share what is costly to set up."""
    for card, writer, family, quality in itertools.product(CARDS, Writer, CHECKPOINTS, Quality):
        yield Cell(card, quality, family, writer)


def sampled_cells() -> tuple[Cell, ...]:
    """Every card, quality, family and state of the writer at least twice."""
    cells = []
    for number, card in enumerate(CARDS):
        for turn, family in enumerate(CHECKPOINTS):
            quality = Quality.ULTRA if turn == number % 2 else list(Quality)[number % 5]
            cells.append(Cell(card, quality, family, list(Writer)[(number + turn) % 4]))
    return tuple(cells)


@dataclass(frozen=True)
class JobRecord:
    """One picture's story.

    Args:
        rung: how it was made in the end.
        attempts: what became of each try on the server, in order; none for the painter alone.
        is_full_size: the file covers what the video's quality wants.
        pauses: how often the language model was stopped for it.
        seconds: until it was there.
    """

    rung: str
    attempts: tuple[str, ...]
    is_full_size: bool
    pauses: int
    seconds: float

    @property
    def steps_down(self) -> int:
        """Tries that ran out of memory."""
        return sum(attempt != "done" for attempt in self.attempts)

    @property
    def began_well(self) -> bool:
        """The first try met no out-of-memory; the painter alone meets none."""
        return not self.attempts or self.attempts[0] == "done"


@dataclass(frozen=True)
class CellResult:
    """A machine's jobs, and what its hidden budget admitted.

    Args:
        ladder: the rungs that a card of any size could have, best first.
        best: the first of them that fits in a run like most.
        sure: the first that fits in every run; what is needed moves a little from run to run.
        probe: the job after the `JOBS` ones, which shows what was learned.
    """

    cell: Cell
    ladder: tuple[str, ...]
    best: str
    sure: str
    budget_mib: float
    jobs: tuple[JobRecord, ...]
    probe: JobRecord
    writer_came_back: bool | None = None

    def steps_below_best(self, job: JobRecord) -> int:
        """How many rungs under the best possible one; negative: luck was better than the rule."""
        return self.ladder.index(job.rung) - self.ladder.index(self.best)

    @property
    def every_job(self) -> tuple[JobRecord, ...]:
        return (*self.jobs, self.probe)

    @property
    def is_near_best(self) -> bool:
        """Every job was made at most one rung below the best."""
        return all(self.steps_below_best(job) <= 1 for job in self.every_job)

    @property
    def is_painted(self) -> bool:
        """The painter painted one of the jobs."""
        return any(job.rung == PAINTER for job in self.every_job)

    @property
    def painted_needlessly(self) -> bool:
        """The painter painted though another rung fits, whatever the run."""
        return self.sure != PAINTER and self.is_painted

    @property
    def painted_by_bad_luck(self) -> bool:
        """It painted where another rung fits in some runs and not in others."""
        return self.sure == PAINTER != self.best and self.is_painted


@dataclass
class Verdict:
    """The figures that must hold, of all cells."""

    results: Sequence[CellResult]

    @property
    def jobs(self) -> list[JobRecord]:
        return [job for result in self.results for job in result.every_job]

    @property
    def full_size(self) -> float:
        """Share of jobs."""
        return _share([job.is_full_size for job in self.jobs])

    @property
    def near_best(self) -> float:
        """Share of cells."""
        return _share([result.is_near_best for result in self.results])

    @property
    def learned(self) -> float:
        """Share of first tries after `JOBS` jobs that met no out-of-memory."""
        return _share([result.probe.began_well for result in self.results])

    @property
    def began_well(self) -> tuple[float, ...]:
        """The same for each job in turn, the later ones last."""
        turns = zip(*(result.every_job for result in self.results), strict=True)
        return tuple(_share([job.began_well for job in turn]) for turn in turns)

    @property
    def luckless(self) -> list[CellResult]:
        return [result for result in self.results if result.painted_by_bad_luck]

    @property
    def needlessly_painted(self) -> list[CellResult]:
        return [result for result in self.results if result.painted_needlessly]

    def problems(self) -> list[str]:
        """What doesn't hold, in a sentence each."""
        found = []
        if self.full_size < 1:
            found.append(f"{self.full_size:.1%} of the jobs have the full size, not all")
        if self.near_best < 0.9:
            found.append(f"{self.near_best:.1%} of the cells are near the best rung, not 90 %")
        if self.learned < 0.9:
            found.append(f"{self.learned:.1%} of the first tries after {JOBS} jobs go well")
        found += [f"painted though {one.sure} fits: {one.cell}" for one in self.needlessly_painted]
        return found


def _share(held: Sequence[bool]) -> float:
    return sum(held) / len(held) if held else 1.0
