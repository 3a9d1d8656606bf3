"""Taking turns at work that takes its time: one at a time, and no lock held meanwhile."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from vidgen_gui.core.cancel import CancelToken


class Turn:
    """Whose turn it is, for any number of threads. Not re-entrant.

    A lock is for values, and for moments: whoever waits for one can be neither cancelled nor told
    to end. Whoever waits here can.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._is_taken = False

    @contextmanager
    def taken(self, *cancels: CancelToken, timeout_s: float | None = None) -> Iterator[None]:
        """Wait until nobody is inside, then be the one.

        Raises:
            Cancelled: one of the tokens was set before it was this thread's turn.
            TimeoutError: somebody else kept it for ``timeout_s``.
        """
        with ExitStack() as waiting:
            for cancel in cancels:
                waiting.enter_context(cancel.closing(self._wake))
            with self._changed:
                self._changed.wait_for(
                    lambda: not self._is_taken or any(cancel.cancelled for cancel in cancels),
                    timeout_s,
                )
                for cancel in cancels:
                    cancel.raise_if_cancelled()
                if self._is_taken:
                    raise TimeoutError(f"not free within {timeout_s} s")
                self._is_taken = True
        try:
            yield
        finally:
            with self._changed:
                self._is_taken = False
                self._changed.notify_all()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()
