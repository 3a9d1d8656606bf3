"""What is asked of the thread that watches a program, and how the program stands."""

from concurrent.futures import Future
from dataclasses import dataclass
from typing import TypeAlias

from vidgen_gui.core.messages import Message
from vidgen_gui.core.service import ServiceState

Reply: TypeAlias = "Future[None]"


@dataclass(frozen=True, slots=True)
class Start:
    reply: Reply


@dataclass(frozen=True, slots=True)
class Abandon:
    """Who waited for `Start` doesn't any more."""

    reply: Reply


@dataclass(frozen=True, slots=True)
class Stop:
    reply: Reply
    within_s: float
    close: bool = False


Request: TypeAlias = Start | Abandon | Stop


@dataclass(frozen=True, slots=True)
class Standing:
    """How the service stands; replaced as a whole, so that it can be read from any thread."""

    state: ServiceState = ServiceState.STOPPED
    detail: Message | None = None
    pid: int | None = None
    started_at: float | None = None
