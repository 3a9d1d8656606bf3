"""The fake's misbehaviours by name. What each does is told here; where, in the other files."""

from collections import deque
from collections.abc import Iterable
from enum import StrEnum


class Fault(StrEnum):
    """One misbehaviour, for one prompt (in order of submission) or one request of a route."""

    NONE = "none"

    # When the graph is posted, or on any route
    ERROR_500 = "500"
    BUSY_503 = "503"  # with Retry-After: 1
    BUSY_429 = "429"  # with Retry-After: 1
    HTML = "html"  # 200 with a page where JSON or a picture belongs
    GARBLED = "garbled-json"
    EMPTY = "empty-body"
    HUGE_BODY = "huge-body"  # more than 80 MiB of valid JSON
    CUT_BODY = "cut-body"  # less than Content-Length says
    DRIP = "drip"  # a byte every 50 ms, for ever
    REDIRECT = "redirect"  # 302 to another host
    NEVER_ANSWER = "never-answer"  # accepted, not queued, no answer
    CLOSE = "close"  # the connection ends before any answer
    MISSING_CHECKPOINT = "missing-checkpoint"  # 400: the file is not there any more

    # Queued or not, the answer is lost
    QUEUE_AND_NEVER_ANSWER = "queue-and-never-answer"
    QUEUE_AND_CLOSE = "queue-and-close"

    # While it waits or runs
    DROP_BEFORE_START = "drop-before-start"  # the websocket, before execution_start
    DROP_MID_RUN = "drop-mid-run"
    RESTART = "restart"  # mid-run, losing queue and history; same port
    DIE = "die"  # mid-run: refuses connections from then on, until revive()
    HANG = "hang"  # no progress; an interrupt ends it
    HANG_HARD = "hang-hard"  # no progress, and interrupts aren't noticed
    OOM = "oom"
    OOM_OLD = "oom-old"  # torch.cuda.OutOfMemoryError
    OOM_ACCELERATOR = "oom-accelerator"  # torch.AcceleratorError, code 2
    OOM_HIP = "oom-hip"
    OOM_MPS = "oom-mps"
    OOM_RAM = "oom-ram"
    EXECUTION_ERROR = "execution-error"
    INTERRUPTED = "interrupted"  # by somebody else
    DELETED = "deleted"  # from the queue, by somebody else, before it runs

    # What is told about it
    SILENT = "silent"  # it runs, but no message is sent
    DUPLICATE = "duplicate-messages"
    OUT_OF_ORDER = "out-of-order-messages"
    UNKNOWN_MESSAGES = "unknown-messages"  # types, binary events and shapes nobody knows
    GARBAGE_MESSAGES = "garbage-messages"  # not JSON, not objects, cut binary frames
    HUGE_MESSAGE = "huge-message"  # 33 MiB of text
    HUGE_PREVIEW = "huge-preview"  # 33 MiB of binary
    FOREIGN_MESSAGES = "foreign-messages"  # another prompt's, on this socket
    FOREIGN_AROUND = "foreign-around"  # other people's prompts before and behind it
    LATE_HISTORY = "late-history"  # written 0.3 s after execution_success

    # What came out
    TRUNCATED_IMAGE = "truncated-image"
    CUT_IMAGE = "cut-image"  # less than Content-Length says
    WRONG_SIZE_IMAGE = "wrong-size-image"
    BLACK_IMAGE = "black-image"
    NOT_AN_IMAGE = "not-an-image"
    HTML_IMAGE = "html-image"
    ENDLESS_IMAGE = "endless-image"
    BOMB_IMAGE = "bomb-image"  # a small file that says 60000×60000
    MISSING_IMAGE = "missing-image"  # 404
    NO_OUTPUTS = "no-outputs"
    TRAVERSAL_NAME = "traversal-name"  # ../../…, and served
    ABSOLUTE_NAME = "absolute-name"  # /etc/…, and served


ANSWERS = {
    Fault.ERROR_500, Fault.BUSY_503, Fault.BUSY_429, Fault.HTML, Fault.GARBLED, Fault.EMPTY,
    Fault.HUGE_BODY, Fault.CUT_BODY, Fault.DRIP, Fault.REDIRECT, Fault.NEVER_ANSWER, Fault.CLOSE,
}  # fmt: skip
"""Those that any route can show."""

REFUSALS = ANSWERS | {Fault.MISSING_CHECKPOINT}
"""Those after which the prompt was never queued."""

SOON_OVER = set(Fault) - {Fault.DIE, Fault.HANG_HARD, Fault.NONE}
"""Those after which the server serves the next prompt without help from the test."""


class FaultQueue:
    """Names taken one a prompt; ``none`` for a prompt without. Unknown names raise at once."""

    def __init__(self) -> None:
        self._waiting: deque[Fault] = deque()

    def append(self, name: str) -> None:
        self._waiting.append(Fault(name))

    def extend(self, names: Iterable[str]) -> None:
        for name in names:
            self.append(name)

    def clear(self) -> None:
        self._waiting.clear()

    def take(self) -> Fault:
        return self._waiting.popleft() if self._waiting else Fault.NONE

    def __len__(self) -> int:
        return len(self._waiting)


class RouteFaults:
    """Misbehaviours of routes (``/view``, ``/queue``, ``/ws``…, without ``/api``)."""

    def __init__(self) -> None:
        self._once: dict[str, FaultQueue] = {}
        self._always: dict[str, Fault] = {}

    def once(self, route: str, name: str, times: int = 1) -> None:
        queue = self._once.setdefault(route, FaultQueue())
        queue.extend([_answer(name)] * times)

    def always(self, route: str, name: str | None) -> None:
        """From now on, or with None: no longer."""
        if name is None:
            self._always.pop(route, None)
        else:
            self._always[route] = _answer(name)

    def take(self, route: str) -> Fault:
        waiting = self._once.get(route)
        if waiting:
            return waiting.take()
        return self._always.get(route, Fault.NONE)


def _answer(name: str) -> Fault:
    fault = Fault(name)
    if fault not in ANSWERS | {Fault.NONE}:
        raise ValueError(f"{name} is no fault of a route")
    return fault
