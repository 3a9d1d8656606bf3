"""The limits of one call to a server: its deadline, its patience, its cancel token. No sockets."""

import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import TypeVar

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.messages import MessageId
from vidgen_gui.net.address import ServerAddress
from vidgen_gui.net.errors import TooSlow

SLICE_S = 0.05
"""The longest wait without a look at the deadline and the token."""

T = TypeVar("T")

current_call: ContextVar["Call"] = ContextVar("current_call")
"""The call that opens a connection now: urllib3 has no way to hand it down."""


class Call:
    """One call: everything that may block asks here whether it may go on.

    Args:
        url: the route asked for, for errors.
        deadline_s: for the whole call, connecting and every read included.
    """

    def __init__(
        self, address: ServerAddress, url: str, deadline_s: float, cancel: CancelToken | None = None
    ) -> None:
        self.address = address
        self.url = url
        self.deadline_s = deadline_s
        self._cancel = cancel
        self._idle_s: float | None = None
        self.may_reuse = False
        """Whether a connection of an earlier call will do."""
        self.reused = False
        self.last_heard = time.monotonic()
        self._deadline = self.last_heard + deadline_s

    def expect_more_within(self, idle_s: float) -> None:
        """From now on no more than ``idle_s`` may pass without a byte."""
        self._idle_s = idle_s
        self.last_heard = time.monotonic()

    def left_s(self) -> float:
        """What is left of the deadline, at least 0."""
        return max(0.0, self._deadline - time.monotonic())

    def check(self) -> None:
        """Go on, or raise.

        Raises:
            Cancelled: the token was set.
            TooSlow: the deadline passed, or nothing came for too long.
        """
        if self._cancel is not None:
            self._cancel.raise_if_cancelled()
        now = time.monotonic()
        if now >= self._deadline:
            raise TooSlow(
                MessageId.SERVER_TOO_SLOW, self.address, self.url, waited_s=self.deadline_s
            )
        if self._idle_s is not None and now >= self.last_heard + self._idle_s:
            raise TooSlow(MessageId.SERVER_STALLED, self.address, self.url, waited_s=self._idle_s)

    def insist(self, step: Callable[[], T]) -> T:
        """Repeat ``step``, which waits for at most `SLICE_S`, until it is done or `check` raises.

        Asking again after every slice, instead of closing the socket from the thread that
        cancels, works on every platform and can never close a descriptor that became another's.
        """
        while True:
            self.check()
            try:
                done = step()
            except TimeoutError as error:
                if error.errno is not None:  # the system gave the connection up
                    raise
                continue
            self.last_heard = time.monotonic()
            return done
