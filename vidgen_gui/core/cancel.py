"""The cancel token: how a running stage learns that it has to stop."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from vidgen_gui.core.errors import Cancelled


class CancelToken:
    """Set once, from any thread; whoever blocks registers how to be interrupted."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._closers: dict[int, Callable[[], None]] = {}
        self._next_id = 0

    @property
    def cancelled(self) -> bool:
        return self._event.is_set()

    def cancel(self) -> None:
        """Stop the work: every registered closer is called once, on this thread."""
        with self._lock:
            self._event.set()
            closers = list(self._closers.values())
            self._closers.clear()
        for closer in closers:
            closer()

    def raise_if_cancelled(self) -> None:
        """Raise `Cancelled` when the token was set."""
        if self._event.is_set():
            raise Cancelled

    def wait(self, timeout_s: float) -> None:
        """Sleep, but wake and raise `Cancelled` as soon as the token is set."""
        if self._event.wait(timeout_s):
            raise Cancelled

    @contextmanager
    def closing(self, closer: Callable[[], None]) -> Iterator[None]:
        """While inside, a cancel calls ``closer`` (close a socket, kill a process).

        ``closer`` must be quick, must not raise, and may be called from any thread.

        Raises:
            Cancelled: when the token was already set; ``closer`` is called first.
        """
        with self._lock:
            already = self._event.is_set()
            if not already:
                self._next_id += 1
                handle = self._next_id
                self._closers[handle] = closer
        if already:
            closer()
            raise Cancelled
        try:
            yield
        finally:
            with self._lock:
                self._closers.pop(handle, None)
