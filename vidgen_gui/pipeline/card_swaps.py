"""Verified changes of who is on the card: ask, measure until the memory is back, say who keeps it.

Who may ask for one, and when, is decided in `residency`.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import VidgenError
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.plan import CardMemory
from vidgen_gui.core.service import Ownership
from vidgen_gui.pipeline.card_accounts import (
    LEAST_HELD_MIB,
    NEARLY,
    CardAccounts,
    is_same_card,
)
from vidgen_gui.pipeline.service_hub import ServiceHub
from vidgen_gui.pipeline.writer_memory import WriterNeed
from vidgen_gui.system.patience import patient

_logger = logging.getLogger(__name__)

GIVEN_BACK_S = 5.0
"""Memory typically comes back 0.5 to 1.5 s after a program ended."""
POLL_S = 0.1
MOST_SWAPS = 200


@dataclass(frozen=True, slots=True)
class Swap:
    """One change of who is on the card: what it gained and took. ``at_s`` is monotonic."""

    at_s: float
    what: MessageId
    mib: float
    seconds: float


class CardSwaps:
    """Does swaps and remembers the latest. One at a time, which `CardTurns` sees to."""

    def __init__(self, accounts: CardAccounts, services: ServiceHub) -> None:
        self._accounts = accounts
        self._writer = services.script_writer
        self._drawer = services.image_maker
        self._done: deque[Swap] = deque(maxlen=MOST_SWAPS)

    @property
    def done(self) -> tuple[Swap, ...]:
        """The latest swaps, oldest first."""
        return tuple(self._done)

    def pause_writer(
        self, memory: CardMemory, need_mib: float, cancel: CancelToken
    ) -> Iterator[Message]:
        """Have the script writer give its memory back to pictures that want ``need_mib``.

        Args:
            memory: measured just before.

        Yields:
            What is to be told: what came free, or why nothing did.
        """
        card, begun_s = self._accounts.card, time.monotonic()
        try:
            consented = self._accounts.profile.stop_found_programs
            self._writer.pause(cancel, consented=consented)
        except VidgenError as error:
            _logger.info("the script writer was not paused: %s", error)
            yield Message(MessageId.SCRIPT_WRITER_NOT_PAUSED)
            yield error.message
            return
        self._accounts.tenants.writer_left(memory.writer_mib, card.index if card else 0)

        def is_enough(now: CardMemory) -> bool:
            available = self._accounts.available_mib(now)
            return available is not None and available >= need_mib

        gained = self._wait(memory, memory.writer_mib, is_enough, cancel)
        yield self._note(MessageId.SCRIPT_WRITER_PAUSED, gained, begun_s)

    def make_room_for_writer(
        self, need: WriterNeed | None, cancel: CancelToken
    ) -> Iterator[Message]:
        """Have the image maker give back what the script writer doesn't fit beside.

        First it is asked to unload its models; if that is not enough and it is ours, it is ended
        and started again for the next picture.

        Yields:
            What is to be told, if anything had to be done.
        """
        accounts = self._accounts
        facts = accounts.reader.read(cancel)
        memory = accounts.as_memory(facts, cancel)
        elsewhere = facts.remote or (need is not None and not is_same_card(need, facts))
        if elsewhere or memory.free_mib is None or memory.drawer_mib < LEAST_HELD_MIB:
            return
        if self._fits(memory, need):
            return
        begun_s = time.monotonic()
        self._drawer.free(cancel)
        accounts.tenants.drawer_left()

        def is_enough(now: CardMemory) -> bool:
            return self._fits(now, need)

        gained = self._wait(memory, memory.drawer_mib, is_enough, cancel)
        core = self._drawer.core
        if gained < NEARLY * memory.drawer_mib and not self._fits(accounts.memory(cancel), need):
            is_ours = core.view().ownership is Ownership.MANAGED
            if is_ours and not core.is_busy:
                # What is left are its context and what it never gives back.
                core.pause()
                gained = self._wait(memory, memory.drawer_mib, is_enough, cancel)
        yield self._note(MessageId.IMAGE_MAKER_FREED, gained, begun_s)
        if need is not None and not self._fits(accounts.memory(cancel), need):
            yield from accounts.who_holds(need.mib.likely_mib, cancel)

    def _fits(self, memory: CardMemory, need: WriterNeed | None) -> bool:
        """Whether the script writer fits into what is free as it is; not if nobody knows."""
        if need is None or memory.free_mib is None:
            return False
        return need.mib.high_mib <= memory.free_mib - self._accounts.profile.reserve_mib

    def _wait(
        self,
        before: CardMemory,
        expected_mib: float,
        is_enough: Callable[[CardMemory], bool],
        cancel: CancelToken,
    ) -> float:
        """Wait until the driver says that the memory is back; returns what came back, in MiB."""
        give_up = time.monotonic() + patient(GIVEN_BACK_S)
        while True:
            now = self._accounts.memory(cancel)
            gained = (now.free_mib or 0.0) - (before.free_mib or 0.0)
            if gained >= NEARLY * expected_mib or is_enough(now) or time.monotonic() >= give_up:
                return max(0.0, gained)
            cancel.wait(POLL_S)

    def _note(self, what: MessageId, mib: float, begun_s: float) -> Message:
        took_s = time.monotonic() - begun_s
        self._done.append(Swap(time.monotonic(), what, mib, took_s))
        _logger.info("%s: %.0f MiB in %.1f s", what, mib, took_s)
        return Message(what, {"mib": round(mib), "seconds": took_s})
