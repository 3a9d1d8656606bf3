"""Our worker processes: kept warm between requests, replaced when they die, closed when idle."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Generator, Mapping
from typing import Any

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import VidgenError
from vidgen_gui.core.events import Progress
from vidgen_gui.store.processes import ProcessRegistry
from vidgen_gui.system.worker import WorkerProcess

_logger = logging.getLogger(__name__)

_POLL_S = 0.1
IDLE_S = 120.0
"""A warm worker that nobody asked for so long gives its memory back."""
MOST_WORKERS = {"voice": 1}
"""A voice takes some 200 MiB; who comes second waits for the first."""
UNKEPT_KINDS = frozenset({"compositor"})
"""Used once a job and large: ended as soon as they have answered."""


class WorkerPool:
    """Hands each request to an idle worker of its kind, or to a new one. Thread-safe.

    Args:
        registry: where running workers are noted, so that a crashed app's can be ended later.
    """

    def __init__(self, registry: ProcessRegistry | None = None) -> None:
        self._registry = registry
        self._lock = threading.Condition()
        self._idle: dict[str, list[tuple[float, WorkerProcess]]] = {}
        self._busy: set[WorkerProcess] = set()
        self._starting: Counter[str] = Counter()
        self._closed = False

    def call(
        self, kind: str, request: Mapping[str, Any], cancel: CancelToken, *, deadline_s: float
    ) -> Generator[Progress, None, Mapping[str, Any]]:
        """Run one request; yields progress and returns the result.

        Raises:
            VidgenError: the worker reported a failure, died or hung past ``deadline_s``.
            Cancelled: the token was set; the worker is dead and reaped.
        """
        cancel.raise_if_cancelled()
        worker = self._take(kind, cancel)
        try:
            result = yield from worker.call(request, cancel, deadline_s=deadline_s)
        finally:
            self._give_back(worker)
        return result

    def has_idle(self, older_than_s: float = IDLE_S) -> bool:
        """Whether `close_idle` would end a worker; takes no time."""
        limit = time.monotonic() - older_than_s
        with self._lock:
            return any(since <= limit for of_kind in self._idle.values() for since, _ in of_kind)

    def close_idle(self, older_than_s: float = IDLE_S) -> None:
        """End the workers that have been idle for longer."""
        limit = time.monotonic() - older_than_s
        with self._lock:
            old = [
                worker
                for workers in self._idle.values()
                for since, worker in workers
                if since <= limit
            ]
            for workers in self._idle.values():
                workers[:] = [entry for entry in workers if entry[0] > limit]
        for worker in old:
            try:
                self._end(worker)
            except VidgenError:
                _logger.exception("an idle %s worker stays behind", worker.kind)

    def close(self) -> None:
        """End every worker, busy ones too."""
        with self._lock:
            self._closed = True
            busy = list(self._busy)
        for worker in busy:
            try:
                worker.close()
            except VidgenError:
                _logger.exception("a %s worker stays behind", worker.kind)
        self.close_idle(older_than_s=0.0)

    def _take(self, kind: str, cancel: CancelToken) -> WorkerProcess:
        most = MOST_WORKERS.get(kind)
        with self._lock:
            while most is not None and not self._idle.get(kind) and self._count(kind) >= most:
                self._lock.wait(_POLL_S)
                cancel.raise_if_cancelled()
            workers = self._idle.setdefault(kind, [])
            worker = workers.pop()[1] if workers else None
            if worker is None:
                self._starting[kind] += 1
            else:
                self._busy.add(worker)
        if worker is not None and worker.alive:
            return worker
        if worker is not None:
            _logger.warning("an idle %s worker had died; starting another", kind)
            self._give_back(worker)
            return self._take(kind, cancel)
        return self._start(kind)

    def _count(self, kind: str) -> int:
        busy = sum(worker.kind == kind for worker in self._busy)
        return busy + self._starting[kind] + len(self._idle.get(kind, ()))

    def _start(self, kind: str) -> WorkerProcess:
        worker: WorkerProcess | None = None
        try:
            worker = WorkerProcess(kind)
            if self._registry is not None:
                self._registry.record(worker.pid, f"worker {kind}")
        except BaseException:
            unnoted, worker = worker, None
            if unnoted is not None:
                unnoted.close()
            raise
        finally:
            with self._lock:
                self._starting[kind] -= 1
                if worker is not None:
                    self._busy.add(worker)
                self._lock.notify_all()
        return worker

    def _give_back(self, worker: WorkerProcess) -> None:
        with self._lock:
            self._busy.discard(worker)
            keep = not self._closed and worker.alive and worker.kind not in UNKEPT_KINDS
            if keep:
                self._idle[worker.kind].append((time.monotonic(), worker))
            self._lock.notify_all()
        if not keep:
            self._end(worker)

    def _end(self, worker: WorkerProcess) -> None:
        worker.close()
        if self._registry is None:
            return
        try:
            self._registry.forget(worker.pid)
        except VidgenError as error:
            # The record of a dead process is harmless, and the next start drops it.
            _logger.warning("the end of worker %d could not be recorded: %s", worker.pid, error)
