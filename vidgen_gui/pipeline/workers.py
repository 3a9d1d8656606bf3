"""Our worker processes: kept warm between requests, replaced when they die, closed when idle."""

import logging
import threading
import time
from collections.abc import Generator, Mapping
from typing import Any

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.events import Progress
from vidgen_gui.system.worker import WorkerProcess

_logger = logging.getLogger(__name__)

IDLE_S = 120.0
"""A warm worker that nobody asked for so long gives its memory back."""
UNKEPT_KINDS = frozenset({"compositor"})
"""Used once a job and large: ended as soon as they have answered."""


class WorkerPool:
    """Hands each request to an idle worker of its kind, or to a new one. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: dict[str, list[tuple[float, WorkerProcess]]] = {}
        self._busy: set[WorkerProcess] = set()
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
        worker = self._take(kind)
        try:
            result = yield from worker.call(request, cancel, deadline_s=deadline_s)
        finally:
            self._give_back(worker)
        return result

    def warm_up(self, kind: str) -> None:
        """Start a worker of ``kind`` ahead of its first request, unless one is idle."""
        with self._lock:
            if self._closed or self._idle.get(kind):
                return
        self._give_back(self._take(kind))

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
            worker.close()

    def close(self) -> None:
        """End every worker, busy ones too."""
        with self._lock:
            self._closed = True
            busy = list(self._busy)
        for worker in busy:
            worker.close()
        self.close_idle(older_than_s=0.0)

    def _take(self, kind: str) -> WorkerProcess:
        dead: list[WorkerProcess] = []
        chosen: WorkerProcess | None = None
        with self._lock:
            workers = self._idle.setdefault(kind, [])
            while workers and chosen is None:
                _, worker = workers.pop()
                if worker.alive:
                    chosen = worker
                    self._busy.add(chosen)
                else:
                    dead.append(worker)
        for worker in dead:
            _logger.warning("an idle %s worker had died; starting another", kind)
            worker.close()
        if chosen is None:
            chosen = WorkerProcess(kind)
            with self._lock:
                self._busy.add(chosen)
        return chosen

    def _give_back(self, worker: WorkerProcess) -> None:
        with self._lock:
            self._busy.discard(worker)
            keep = not self._closed and worker.alive and worker.kind not in UNKEPT_KINDS
            if keep:
                self._idle[worker.kind].append((time.monotonic(), worker))
        if not keep:
            worker.close()
