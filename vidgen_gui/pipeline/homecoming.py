"""Brings back, beside other work, the script writer that was paused; one at a time."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled, VidgenError
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.pipeline.script_service import ScriptService

_logger = logging.getLogger(__name__)


class Homecoming:
    """One thread, which waits for services; used by any thread.

    Args:
        notify: is told when it is back, or why not; from this object's thread.
    """

    def __init__(self, writer: ScriptService, notify: Callable[[Message], None]) -> None:
        self._writer = writer
        self._notify = notify
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(1, "vidgen-residency")
        self._token = CancelToken()
        self._under_way: Future[None] | None = None
        self._closed = False

    def bring_back(self) -> None:
        """Begin; returns at once."""
        with self._lock:
            if self._closed:
                return
            self._token = CancelToken()
            token = self._token
            self._under_way = self._pool.submit(self._bring_back, token)

    def run(self, work: Callable[[], None]) -> None:
        """Do something short on the same thread, unless it is closed."""
        with self._lock:
            if not self._closed:
                self._pool.submit(self._run, work)

    def interrupt(self) -> None:
        """Stop what is under way: the memory is wanted again. Waits until it has stopped."""
        with self._lock:
            token, under_way = self._token, self._under_way
        token.cancel()
        if under_way is not None:
            # What was never begun has stopped, too; how it ended is told where it ran.
            with suppress(CancelledError):
                under_way.exception()

    def close(self) -> None:
        """Stop for good."""
        with self._lock:
            self._closed = True
        self._token.cancel()
        self._pool.shutdown(cancel_futures=True)

    def _bring_back(self, token: CancelToken) -> None:
        core = self._writer.core
        paused = core.paused
        try:
            if paused is not None and paused.comes_back:
                begun_s = time.monotonic()
                self._writer.come_back(token)
                took_s = time.monotonic() - begun_s
                self._notify(Message(MessageId.SCRIPT_WRITER_BACK, {"seconds": took_s}))
            elif paused is not None:
                core.note_back()
            core.note_work_over()
        except Cancelled:
            return
        except VidgenError as error:
            _logger.info("the script writer did not come back: %s", error)
            self._notify(Message(MessageId.SCRIPT_WRITER_NOT_BACK))
            self._notify(error.message)
        except Exception:
            # The outermost frame of this thread, whose results nobody asks for.
            _logger.exception("the script writer did not come back")

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Cancelled:
            return
        except VidgenError as error:
            _logger.info("a service could not be followed: %s", error)
        except Exception:
            # As above.
            _logger.exception("a service could not be followed")
