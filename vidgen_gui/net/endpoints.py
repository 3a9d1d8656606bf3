"""A service's addresses: which one to use now, what is known of each, whom to leave alone.

What is asked of a server is the caller's ``check``. No lock is held while it runs.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import ServiceError
from vidgen_gui.core.messages import Message
from vidgen_gui.core.service import EndpointView
from vidgen_gui.net.address import ServerAddress
from vidgen_gui.net.errors import NoEndpoint

FRESH_S = 10.0
"""How long what was found out about an address is believed."""
FAILURES_TO_BLOCK = 3
FIRST_BLOCK_S = 60.0
LONGEST_BLOCK_S = 32 * 60.0
MAX_CHECKS = 8
"""How many addresses are checked at a time."""


@dataclass(frozen=True, slots=True)
class _Health:
    """What is known of one address; times are the clock's. A new value for every news."""

    healthy: bool | None = None
    seen_at: float = float("-inf")
    latency_s: float | None = None
    problem: Message | None = None
    failures: int = 0
    blocked_until: float = float("-inf")

    def after_success(self, now: float, latency_s: float) -> "_Health":
        return _Health(healthy=True, seen_at=now, latency_s=latency_s)

    def after_failure(self, now: float, problem: Message) -> "_Health":
        """A failure while blocked (somebody insisted) doesn't lengthen the block."""
        failures, until = self.failures, self.blocked_until
        if now >= until:
            failures += 1
            if failures >= FAILURES_TO_BLOCK:
                block_s = FIRST_BLOCK_S * 2 ** min(failures - FAILURES_TO_BLOCK, 16)
                until = now + min(LONGEST_BLOCK_S, block_s)
        return _Health(
            healthy=False,
            seen_at=now,
            latency_s=self.latency_s,
            problem=problem,
            failures=failures,
            blocked_until=until,
        )


class EndpointSet:
    """The addresses of one service in order of preference; used from any thread.

    Args:
        check: asks one server whether it is well; raises `ServiceError` when it isn't. It bounds
            its own time and heeds the token.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        addresses: Sequence[ServerAddress],
        check: Callable[[ServerAddress, CancelToken], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.addresses = tuple(dict.fromkeys(addresses))
        self._check = check
        self._clock = clock
        self._lock = threading.Lock()
        self._known = {address: _Health() for address in self.addresses}

    def choose(self, cancel: CancelToken) -> ServerAddress:
        """The first address that can be used: well within the last 10 s, or asked now.

        Addresses blocked after repeated failures, or found unwell a moment ago, are passed over;
        when nothing else is left each is asked once more, so that nobody who has just started a
        server has to wait. A better address that recovers is preferred again.

        Raises:
            NoEndpoint: none can be used; tells what came of each.
            Cancelled: the token was set.
        """
        asked: dict[ServerAddress, ServiceError | None] = {}
        for insist in (False, True):
            while True:
                cancel.raise_if_cancelled()
                usable, due = self._look_over(asked, insist=insist)
                if not due and usable is not None:
                    return usable
                if not due:
                    break
                # The best one alone, as it mostly is well; if it isn't, the others together.
                asked |= self._ask_all(due if asked else due[:1], cancel)
        errors = ((address.url, asked[address]) for address in self.addresses)
        raise NoEndpoint([(url, error) for url, error in errors if error is not None])

    def failed(self, address: ServerAddress, error: ServiceError) -> None:
        """Work with ``address`` failed; three times in a row block it, first for 60 s.

        An address of another set is ignored: the settings changed while the work went on.
        """
        now = self._clock()
        with self._lock:
            if address in self._known:
                self._known[address] = self._known[address].after_failure(now, error.message)

    def succeeded(self, address: ServerAddress, latency_s: float) -> None:
        """Work with ``address`` went well; one of another set is ignored."""
        now = self._clock()
        with self._lock:
            if address in self._known:
                self._known[address] = self._known[address].after_success(now, latency_s)

    def check_all(self, cancel: CancelToken, *, background: bool = False) -> None:
        """Ask every address now, side by side; returns when all have answered or given up.

        Args:
            background: nobody waits for it: blocked addresses are left alone.

        Raises:
            Cancelled: the token was set.
        """
        now = self._clock()
        due = [
            address
            for address in self.addresses
            if not background or now >= self._health(address).blocked_until
        ]
        cancel.raise_if_cancelled()
        self._ask_all(due, cancel)

    def views(self) -> tuple[EndpointView, ...]:
        """The addresses as they stand, in order."""
        now = self._clock()
        with self._lock:
            known = dict(self._known)
        return tuple(
            EndpointView(
                url=address.url,
                healthy=health.healthy,
                latency_s=health.latency_s,
                blocked_s=max(0.0, health.blocked_until - now),
                problem=health.problem,
            )
            for address, health in known.items()
        )

    def _health(self, address: ServerAddress) -> _Health:
        with self._lock:
            return self._known[address]

    def _look_over(
        self, asked: Mapping[ServerAddress, ServiceError | None], *, insist: bool
    ) -> tuple[ServerAddress | None, list[ServerAddress]]:
        """The first address that is known to be well, and those before it that are to be asked."""
        due: list[ServerAddress] = []
        for address in self.addresses:
            if address in asked:
                if asked[address] is None:
                    return address, due
                continue
            health, now = self._health(address), self._clock()
            fresh = now - health.seen_at < FRESH_S
            if health.healthy and fresh:
                return address, due
            if insist or not (fresh or now < health.blocked_until):
                due.append(address)
        return None, due

    def _ask_all(
        self, addresses: Sequence[ServerAddress], cancel: CancelToken
    ) -> dict[ServerAddress, ServiceError | None]:
        """What came of asking each, side by side."""
        if len(addresses) < 2:
            return {address: self._ask(address, cancel) for address in addresses}
        workers = min(MAX_CHECKS, len(addresses))
        with ThreadPoolExecutor(workers, thread_name_prefix="vidgen-check") as pool:
            pending = [pool.submit(self._ask, address, cancel) for address in addresses]
        return {address: one.result() for address, one in zip(addresses, pending, strict=True)}

    def _ask(self, address: ServerAddress, cancel: CancelToken) -> ServiceError | None:
        """Check one address and note the outcome; the error, or None when it is well."""
        started = self._clock()
        try:
            self._check(address, cancel)
        except ServiceError as error:
            self.failed(address, error)
            return error
        self.succeeded(address, self._clock() - started)
        return None
