"""Work on a QThreadPool whose result comes back as a call on the GUI thread."""

import itertools
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QThreadPool, Signal, Slot

from vidgen_gui.core.errors import Cancelled, VidgenError
from vidgen_gui.core.messages import Message
from vidgen_gui.core.unforeseen import explained

_logger = logging.getLogger(__name__)

Result = TypeVar("Result")
OnDone = Callable[[Any], None]
OnError = Callable[[Message], None]
_CANCELLED = object()


@dataclass(frozen=True, slots=True)
class _Callbacks:
    done: OnDone | None
    failed: OnError


class TaskRunner(QObject):
    """Runs callables on a pool. Make it, and call it, on the GUI thread.

    One signal object for all tasks, made here and connected to a slot of this QObject: results
    can then neither arrive on the worker's thread nor be lost with a deleted runnable.
    """

    _ended = Signal(int, object, object)

    def __init__(self, pool: QThreadPool, on_error: OnError, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = pool
        self._on_error = on_error
        self._numbers = itertools.count()
        self._callbacks: dict[int, _Callbacks] = {}
        self._ended.connect(self._on_ended)

    @property
    def busy(self) -> bool:
        return bool(self._callbacks)

    def run(
        self,
        work: Callable[[], Result],
        on_done: Callable[[Result], None] | None = None,
        on_error: OnError | None = None,
    ) -> None:
        """Call ``work`` on the pool, then ``on_done`` or ``on_error`` here; neither on a cancel."""
        number = next(self._numbers)
        self._callbacks[number] = _Callbacks(on_done, on_error or self._on_error)
        self._pool.start(lambda: self._work(number, work))

    def _work(self, number: int, work: Callable[[], object]) -> None:
        try:
            result = work()
        except Cancelled:
            self._ended.emit(number, _CANCELLED, None)
        except VidgenError as error:
            _logger.warning("task failed: %s", error)
            self._ended.emit(number, None, error.message)
        except Exception as error:
            # The outermost frame of a pool thread: the window shows it, the log has it.
            _logger.exception("task failed unexpectedly")
            self._ended.emit(number, None, explained(error))
        else:
            self._ended.emit(number, result, None)

    @Slot(int, object, object)
    def _on_ended(self, number: int, result: object, failure: Message | None) -> None:
        callbacks = self._callbacks.pop(number)
        if result is _CANCELLED:
            return
        if failure is not None:
            callbacks.failed(failure)
        elif callbacks.done is not None:
            callbacks.done(result)
