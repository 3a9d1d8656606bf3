"""The app's side of a worker process: starts it, asks it, kills it on cancel or deadline."""

import json
import logging
import queue
import threading
import time
from collections.abc import Generator, Mapping
from typing import Any

from vidgen_gui.core import errors
from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import ProgramError, VidgenError
from vidgen_gui.core.events import Progress
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.system.patience import patient
from vidgen_gui.system.process import ManagedProcess, self_command

_logger = logging.getLogger(__name__)

_START_DEADLINE_S = 60.0
_POLL_S = 0.1
_ERROR_TYPES = {
    name: getattr(errors, name)
    for name in ("InputError", "StorageError", "ProgramError", "MediaError")
}


class WorkerProcess:
    """One process of one kind. It answers one request at a time and is dead after a failure to.

    Raises:
        ProgramError: the process cannot be started.
    """

    def __init__(self, kind: str, env: Mapping[str, str] | None = None) -> None:
        self.kind = kind
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._process = ManagedProcess(
            [*self_command(), "--worker", kind],
            env=env,
            pipe_stdin=True,
            on_stdout_line=self._lines.put,
            on_stderr_line=lambda line: _logger.info("%s worker: %s", kind, line),
            low_priority=True,
        )
        self._ready = False

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.running

    def call(
        self, request: Mapping[str, Any], cancel: CancelToken, *, deadline_s: float
    ) -> Generator[Progress, None, Mapping[str, Any]]:
        """Send one request; yields progress, returns the result.

        Raises:
            VidgenError: what the worker reported; it stays usable.
            ProgramError: it died (WORKER_LOST) or hung (PROGRAM_HANGS); it is dead now.
            Cancelled: the token was set; it is dead now.
        """
        finished = False
        try:
            with cancel.closing(self._process.kill):
                if not self._ready:
                    self._receive(time.monotonic() + patient(_START_DEADLINE_S), cancel)
                    self._ready = True
                give_up = time.monotonic() + patient(deadline_s)
                self._send(request, cancel, give_up)
                while True:
                    message = self._receive(give_up, cancel)
                    if "progress" in message:
                        notice = message.get("notice")
                        yield Progress(
                            float(message["progress"]),
                            Message.from_dict(notice) if notice else None,
                        )
                        continue
                    finished = True
                    if "error" in message:
                        raise _rebuilt(message["error"])
                    result: Mapping[str, Any] = message["result"]
                    return result
        finally:
            if not finished:
                self.close()

    def close(self) -> None:
        """End the process now; what it has not answered is lost."""
        self._process.close()

    def _send(self, request: Mapping[str, Any], cancel: CancelToken, give_up: float) -> None:
        line = json.dumps({"request": dict(request)}, ensure_ascii=False) + "\n"
        started = time.monotonic()
        # A stopped process never empties its pipe, and a long request doesn't fit into it.
        hangs = threading.Timer(give_up - started, self._process.kill)
        hangs.start()
        try:
            self._process.stdin.write(line.encode())
            self._process.stdin.flush()
        except OSError as error:
            cancel.raise_if_cancelled()
            if time.monotonic() >= give_up:
                raise self._hangs(started) from error
            raise self._lost() from error
        finally:
            hangs.cancel()
            hangs.join()

    def _receive(self, give_up: float, cancel: CancelToken) -> dict[str, Any]:
        started = time.monotonic()
        while True:
            line = self._next_line()
            cancel.raise_if_cancelled()
            message: dict[str, Any] = json.loads(line) if line else {}
            in_time = time.monotonic() < give_up
            # An answer counts even when it is late; progress alone doesn't buy more time.
            if message and (in_time or "progress" not in message):
                return message
            if not in_time:
                raise self._hangs(started)
            if not line and not self._process.running and self._lines.empty():
                raise self._lost()

    def _next_line(self) -> str:
        try:
            return self._lines.get(timeout=_POLL_S)
        except queue.Empty:
            return ""

    def _hangs(self, since: float) -> ProgramError:
        after_s = max(1, round(time.monotonic() - since))
        return ProgramError(MessageId.PROGRAM_HANGS, program=self.kind, after_s=after_s)

    def _lost(self) -> ProgramError:
        return ProgramError(MessageId.WORKER_LOST, detail=self._process.stderr_tail, kind=self.kind)


def _rebuilt(data: Mapping[str, Any]) -> VidgenError:
    error_type = _ERROR_TYPES.get(str(data.get("type")), ProgramError)
    message = Message.from_dict(data)
    error: VidgenError = error_type(
        message.id, detail=str(data.get("detail", "")), **message.params
    )
    return error
