"""Work on the open session, counted: it is closed only when nothing uses it any more."""

from collections.abc import Callable

from vidgen_gui.controller.tasks import OnDone, OnError, TaskRunner
from vidgen_gui.core.errors import Cancelled
from vidgen_gui.core.messages import Message


class SessionTasks:
    """Runs work through ``tasks``. Make it, and call it, on the GUI thread.

    Args:
        on_ended: called after each piece of work, cancelled or not.
    """

    def __init__(self, tasks: TaskRunner, on_ended: Callable[[], None]) -> None:
        self._tasks = tasks
        self._on_ended = on_ended
        self._count = 0

    @property
    def busy(self) -> bool:
        return self._count > 0

    def run(self, work: Callable[[], object], on_done: OnDone | None, on_error: OnError) -> None:
        """Call ``work`` on the pool, then ``on_done`` or ``on_error`` here; neither on a cancel."""

        def attempt() -> object:
            try:
                return work()
            except Cancelled:
                return Cancelled

        def on_returned(result: object) -> None:
            try:
                if on_done is not None and result is not Cancelled:
                    on_done(result)
            finally:
                self._end()

        def on_failed(message: Message) -> None:
            try:
                on_error(message)
            finally:
                self._end()

        self._count += 1
        self._tasks.run(attempt, on_returned, on_failed)

    def _end(self) -> None:
        self._count -= 1
        self._on_ended()
