"""How far a job's pictures have come down their plan. One value a job and server, for a while."""

import threading
from dataclasses import dataclass, field
from typing import TypeAlias

from vidgen_gui.core.errors import VidgenError
from vidgen_gui.core.picture_overrides import PictureOverrides
from vidgen_gui.core.plan import PAINTER, Plan, Rung
from vidgen_gui.core.quality import Aspect, FrameSize, Quality
from vidgen_gui.core.recent import Recent
from vidgen_gui.gpu.ladder import next_rung
from vidgen_gui.net.address import ServerAddress

MOST_JOBS = 64
"""So many jobs' plans are remembered; a job whose plan was forgotten gets a new one."""
DEATHS_A_PLAN = 2
"""A server that dies twice of the same plan has not enough memory for it; of the next, once."""

JobKey: TypeAlias = tuple[str, ServerAddress, str, Quality, Aspect, FrameSize, PictureOverrides]
"""Job, server, what decides its pictures, and what is asked for."""


@dataclass(slots=True, eq=False)
class JobPictures:
    """A job's plan, the rung at work, and what was tried. Used by one thread at a time.

    Attributes:
        at: which rung of the plan is at work.
        tried: the rungs that failed.
        dies: the server was seen dying for want of memory.
        room_mib: what was there when the latest rung began; None: nobody knows.
        reason: what brought the job down to the painter.
    """

    plan: Plan
    at: int = 0
    tried: list[int] = field(default_factory=list)
    deaths: int = 0
    dies: bool = False
    room_mib: float | None = None
    reason: VidgenError | None = None

    def __post_init__(self) -> None:
        self.at = self.plan.start

    @property
    def rung(self) -> Rung:
        return self.plan.rungs[self.at]

    @property
    def is_painted(self) -> bool:
        return self.rung.name == PAINTER

    def note_death(self) -> bool:
        """The server was lost while the rung was at work; whether that is the rung's fault."""
        self.deaths += 1
        self.dies = self.dies or self.deaths >= DEATHS_A_PLAN
        return self.dies

    def fall(self, error: VidgenError) -> None:
        """Go one rung down; the painter is below everything and is never passed."""
        self.tried.append(self.at)
        self.deaths = 0
        below = next_rung(self.plan, self.tried, self.at)
        self.at = len(self.plan.rungs) - 1 if below is None else below
        if self.is_painted:
            self.reason = error

    def pass_over(self) -> None:
        """Go to the rung below for this picture; what is at work has not failed."""
        self.at = min(self.at + 1, len(self.plan.rungs) - 1)

    def go_on_with(self, plan: Plan) -> None:
        """A better plan was found, as there is more memory now than when rungs failed."""
        self.plan, self.at, self.tried, self.deaths = plan, plan.start, [], 0


class JobBook:
    """The jobs' plans; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: Recent[JobKey, JobPictures] = Recent(MOST_JOBS)

    def find(self, key: JobKey) -> JobPictures | None:
        """What is remembered of this job, if it has a name."""
        with self._lock:
            return self._jobs.touch(key)

    def keep(self, key: JobKey, pictures: JobPictures) -> None:
        """Remember it; what was used longest ago is forgotten."""
        with self._lock:
            self._jobs[key] = pictures
