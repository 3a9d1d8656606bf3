"""A program that the app starts, keeps running and ends. What it says to us is not spoken here."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Self

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import ServiceError
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.service import ServiceState
from vidgen_gui.services.managed.launch import Launch, OwnCommands
from vidgen_gui.services.managed.life import ProcessRecords
from vidgen_gui.services.managed.log_ring import LogRing
from vidgen_gui.services.managed.redaction import secrets_in, shown_command
from vidgen_gui.services.managed.requests import Abandon, Start, Stop
from vidgen_gui.services.managed.watcher import HealthCheck, Watcher

__all__ = ["STOP_WITHIN_S", "ManagedService", "ProcessRecords"]

STOP_WITHIN_S = 20.0


def _nothing() -> None:
    """For those who don't want to hear of changes."""


class ManagedService:
    """One program of ours. All methods may be called from any thread.

    It is ready when its log has the marker *and* its health check passes. When it crashes after
    that, it is started again after 1, 2 and 4 seconds, at most three times in ten minutes; then it
    stays unhealthy and `detail` says why. One that answers nothing for three minutes hangs, and
    counts as crashed.

    Args:
        check: asks the server whether it is healthy, and raises `ServiceError` if not. Called on
            the service's own thread; must keep a deadline of a few seconds and heed its token.
        registry: where processes are written down for the next start of the app to clean up.
        on_change: called on the service's own thread after `state`, `detail` or `pid` changed;
            must not wait for this service.
    """

    def __init__(
        self,
        spec: Launch,
        check: HealthCheck,
        *,
        registry: ProcessRecords,
        on_change: Callable[[], None] = _nothing,
    ) -> None:
        self.spec = spec
        stop = spec.stop if isinstance(spec, OwnCommands) and spec.stop else ()
        self._log = LogRing(secrets_in((*spec.argv, *stop), {**os.environ, **spec.env}))
        self._watcher = Watcher(spec, check, registry, self._log, on_change)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def state(self) -> ServiceState:
        return self._watcher.standing.state

    @property
    def is_alive(self) -> bool:
        """Whether it runs, is starting or ending, or is about to be started again."""
        return self.state not in {ServiceState.STOPPED, ServiceState.UNHEALTHY}

    @property
    def detail(self) -> Message | None:
        """What it waits for, or why it is unhealthy."""
        return self._watcher.standing.detail

    @property
    def pid(self) -> int | None:
        """The server's process; before its first answer, that of the command."""
        return self._watcher.standing.pid

    @property
    def started_at(self) -> float | None:
        """In Unix seconds; None while nothing runs."""
        return self._watcher.standing.started_at

    @property
    def command(self) -> tuple[str, ...]:
        """The command line as it may be shown."""
        return shown_command(self.spec.argv)

    def log_tail(self, count: int = 200) -> tuple[str, ...]:
        """At most the last ``count`` lines that it printed, both streams, oldest first."""
        return self._log.tail(count)

    def start(self, cancel: CancelToken) -> None:
        """Start it if it doesn't run, and wait until it is ready.

        A crashed one that is about to be started again is waited for.

        Raises:
            ServiceError: it did not become ready; the message is the advice.
            Cancelled: the token was set. The program is ended unless others wait for it too.
        """
        cancel.raise_if_cancelled()
        reply: Future[None] = Future()
        if not self._post(Start(reply)):
            raise ServiceError(MessageId.SERVICE_STOPPED, name=self.spec.name)

        def abandon() -> None:
            self._watcher.put(Abandon(reply))
            self._watcher.interrupt()

        with cancel.closing(abandon):
            reply.result()

    def stop(self, *, within_s: float = STOP_WITHIN_S) -> None:
        """End it with all that it started, and wait for that. It is not started again.

        Args:
            within_s: how long its stop command and the program itself may take before it is
                killed.

        Raises:
            ServiceError: something of it still runs; the message says what.
        """
        reply: Future[None] = Future()
        if self._thread is not None and self._post(Stop(reply, within_s)):
            reply.result()

    def restart(self, cancel: CancelToken) -> None:
        """Stop, then start.

        Raises:
            ServiceError: as `stop` and `start`.
            Cancelled: as `start`.
        """
        self.stop()
        self.start(cancel)

    def close(self, *, within_s: float = STOP_WITHIN_S) -> None:
        """Stop it for good and end its thread.

        Raises:
            ServiceError: something of it still runs; the thread has ended all the same.
        """
        with self._lock:
            thread, already = self._thread, self._closed
            self._closed = True
            reply: Future[None] = Future()
            if thread is not None and not already:
                self._watcher.put(Stop(reply, within_s, close=True))
        if thread is not None:
            self._watcher.interrupt()
            thread.join()
            if not already:
                reply.result()

    def _post(self, request: Start | Stop) -> bool:
        """Hand a request to the thread, which is started for the first; False once closed."""
        with self._lock:
            if self._closed:
                return False
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._watcher.run, name=f"service-{self.spec.name}", daemon=True
                )
                self._thread.start()
            self._watcher.put(request)
        self._watcher.interrupt()
        return True
