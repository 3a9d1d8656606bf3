"""What the window's chart and status bar know of the card: figures each second, marks, forecasts.

Lives on the GUI thread and never waits there: the monitor measures on a thread of its own, plans
are made on a pool. Which values a chart has is in `gpu_chart`, what is to come in
`pipeline.forecast`.
"""

from __future__ import annotations

import heapq
import importlib
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThreadPool, QTimer, Signal, Slot

from vidgen_gui.controller.gpu_chart import ChartData, Mark, MarkBook, Span, chart_data
from vidgen_gui.controller.job_view import JobView, StageState
from vidgen_gui.controller.session_tasks import SessionTasks
from vidgen_gui.controller.tasks import TaskRunner
from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import VidgenError
from vidgen_gui.core.events import Event
from vidgen_gui.core.job import JobState, StageName
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.gpu.history import History
from vidgen_gui.gpu.readings import GpuReading
from vidgen_gui.pipeline.forecast import (
    NO_OUTLOOK,
    Outlook,
    QueuedStage,
    fit_warning,
    leak_warning,
)

if TYPE_CHECKING:
    from vidgen_gui.gpu.monitor import GpuState, RamReading
    from vidgen_gui.pipeline.look_ahead import Thought
    from vidgen_gui.pipeline.session import Session

_logger = logging.getLogger(__name__)

TICK_MS = 1000
THINK_S = 5.0
"""How often is looked at what comes next; oftener when the queue changes."""
LEAKS_S = 600.0
LOOK_AHEAD = 12
"""So many jobs at the front of the queue are looked at."""
PLOT_LIBRARY = "pyqtgraph"
PLOT_TICKS = 2
"""The library of charts is loaded after so many seconds: the window's start goes first."""


@dataclass(frozen=True, slots=True)
class GpuView:
    """The machine's memory as it is shown; ``cards`` is empty when none is known.

    Args:
        chosen: uuid of the card that pictures are made on; "" when there is none.
        problem: why no card is known.
        is_known: something was measured already.
    """

    cards: tuple[GpuReading, ...] = ()
    ram: RamReading | None = None
    chosen: str = ""
    problem: Message | None = None
    is_simulated: bool = False
    is_known: bool = False


@dataclass(slots=True)
class _Told:
    """What was said already; the same is not said twice while the queue goes on."""

    fits: set[tuple[object, ...]] = field(default_factory=set)
    leaks: set[str] = field(default_factory=set)


class GpuController(QObject):
    """Asks the session's monitor once a second.

    Args:
        notice: takes what a person should be told.
        jobs: all jobs as they are shown now.
        on_idle: called when the session is not used here any more; see `is_busy`.
    """

    gpu_changed = Signal(object)
    """A `GpuView`, once a second."""
    plot_ready = Signal()
    """The library of charts is loaded; see `wants_plot`."""

    def __init__(
        self,
        notice: Callable[[Message], None],
        jobs: Callable[[], Iterable[JobView]],
        on_idle: Callable[[], None] = lambda: None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.view = GpuView()
        self.outlook: Outlook = NO_OUTLOOK
        self.is_plot_ready = False
        self._notice = notice
        self._jobs = jobs
        self._marks = MarkBook()
        self._told = _Told()
        self._session: Session | None = None
        self._cancel = CancelToken()
        self._ticks = 0
        self._plot_wanted = self._is_loading = False
        self._has_failed = False
        self._thought_at_s = self._leaks_at_s = float("-inf")
        self._chosen = ""
        self._writer_mib = 0.0
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._tasks = TaskRunner(self._pool, notice, self)
        self._thinking = SessionTasks(self._tasks, on_idle)
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self.tick)

    @property
    def marks(self) -> Sequence[Mark]:
        """What happened on the time line, oldest first."""
        return self._marks.marks

    @property
    def is_busy(self) -> bool:
        """Whether the session is in use."""
        return self._thinking.busy

    def open(self, session: Session) -> None:
        """Show the cards of an opened session."""
        self._session = session
        self._timer.start()
        self.tick()

    def close(self) -> None:
        """Ask nothing more; the session stops its monitor itself."""
        self._timer.stop()
        self._cancel.cancel()
        self._session = None

    def note(self, events: Iterable[Event], title_of: Callable[[str], str]) -> None:
        """Take what happened to jobs; some of it is marked on the time line."""
        if self._marks.note(events, time.monotonic(), title_of):
            # What is at work has changed, and with it what may be used.
            self._thought_at_s = float("-inf")

    def chart(self, uuid: str | None, span: Span) -> ChartData:
        """A card's chart as of now; None is the computer's own memory."""
        session = self._session
        if session is None:
            history = History((), ())
        elif uuid is None:
            history = session.monitor.ram_history()
        else:
            history = session.monitor.history(uuid)
        ahead = self.outlook if uuid is not None and uuid == self.view.chosen else NO_OUTLOOK
        return chart_data(history, span, time.monotonic(), self._marks.marks, ahead)

    def wants_plot(self) -> None:
        """Load the library of charts beside the window; `plot_ready` follows, once."""
        self._plot_wanted = True

    @Slot()
    def tick(self) -> None:
        """Tell the newest figures, and think about what comes when it is time."""
        session = self._session
        if session is None:
            return
        self._ticks += 1
        self.view = self._as_view(session.monitor.state(), session.monitor.simulated is not None)
        self.gpu_changed.emit(self.view)
        self._load_plot()
        now_s = time.monotonic()
        if self.view.is_known and not self._thinking.busy and now_s - self._thought_at_s >= THINK_S:
            self._thought_at_s = now_s
            self._think(session)

    def _as_view(self, state: GpuState, is_simulated: bool) -> GpuView:  # noqa: FBT001 - handed on
        known = any(card.uuid == self._chosen for card in state.cards)
        first = state.cards[0].uuid if state.cards else ""
        reasons = [reason for _, reason in state.status.reasons]
        return GpuView(
            cards=state.cards,
            ram=state.ram,
            chosen=self._chosen if known else first,
            problem=None if state.cards else next(iter(reasons), Message(MessageId.GPU_NO_CARD)),
            is_simulated=is_simulated,
            is_known=state.ram is not None,
        )

    def _load_plot(self) -> None:
        if not self._plot_wanted or self._is_loading or self._ticks < PLOT_TICKS:
            return
        self._is_loading = True

        def on_loaded(_module: object) -> None:
            self.is_plot_ready = True
            self.plot_ready.emit()

        self._tasks.run(lambda: importlib.import_module(PLOT_LIBRARY), on_loaded)

    def _think(self, session: Session) -> None:
        queue = queued_stages(self._jobs())
        now_s = time.monotonic()
        looks_for_leaks = now_s - self._leaks_at_s >= LEAKS_S
        if looks_for_leaks:
            self._leaks_at_s = now_s
        writer_mib, cancel = self._writer_mib, self._cancel

        def think() -> Thought | None:
            # On a pool thread: what an opened session has loaded, a window at start has not.
            from vidgen_gui.pipeline.look_ahead import look_ahead  # noqa: PLC0415

            try:
                return look_ahead(
                    session, queue, cancel, writer_mib=writer_mib, finds_leaks=looks_for_leaks
                )
            except VidgenError as error:
                # A forecast that cannot be made changes nothing; the job itself will tell.
                _logger.info("nothing can be said of what comes next: %s", error)
                return None

        self._thinking.run(think, self._on_thought, self._on_thinking_failed)

    def _on_thought(self, thought: Thought | None) -> None:
        if thought is None:
            return
        self._chosen = thought.chosen
        self.outlook = thought.outlook
        self._writer_mib = thought.memory.writer_mib or self._writer_mib
        self._warn(thought)

    def _on_thinking_failed(self, message: Message) -> None:
        # Once is enough: it is tried again every few seconds.
        if not self._has_failed:
            self._has_failed = True
            self._notice(message)

    def _warn(self, thought: Thought) -> None:
        for name, leak in thought.leaks:
            message = leak_warning(leak, name)
            if message is not None and name not in self._told.leaks:
                self._told.leaks.add(name)
                self._notice(message)
        work = thought.outlook.next
        if work is None:
            if thought.outlook.current is None:
                self._told.fits.clear()
            return
        message = fit_warning(work, thought.memory, thought.holders)
        if message is None:
            return
        told = (message.id, work.stage.quality, message.params.get("program"))
        if told not in self._told.fits:
            self._told.fits.add(told)
            self._notice(message)


def queued_stages(jobs: Iterable[JobView]) -> tuple[QueuedStage, ...]:
    """The stages on the card of the first jobs in the queue, in the order of their turn."""
    unfinished = (job for job in jobs if job.state in (JobState.RUNNING, JobState.WAITING))
    first = heapq.nsmallest(LOOK_AHEAD, unfinished, key=lambda job: job.position)
    found = []
    for job in first:
        for stage in job.stages:
            writes = stage.name is StageName.SCRIPT and not job.spec.script_text
            if stage.state not in (StageState.RUNNING, StageState.WAITING):
                continue
            if writes or stage.name is StageName.IMAGE:
                running = stage.state is StageState.RUNNING
                found.append(
                    QueuedStage(job.id, job.title, stage.name, job.quality, job.aspect, running)
                )
    return tuple(found)
