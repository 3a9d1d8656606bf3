"""The card's memory as plans and swaps reckon with it: what is free, what could come free.

Measures through `card_reader`; changes nothing but what simulated cards show.
"""

from collections.abc import Callable, Iterator

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.hardware_profile import HardwareProfile
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.plan import CardMemory
from vidgen_gui.core.service import Ownership, ServiceKind
from vidgen_gui.gpu.history import Holder
from vidgen_gui.gpu.monitor import GpuMonitor
from vidgen_gui.gpu.readings import GpuReading
from vidgen_gui.pipeline.card_reader import CardFacts, CardReader
from vidgen_gui.pipeline.service_hub import ServiceHub
from vidgen_gui.pipeline.simulated_tenants import SimulatedTenants
from vidgen_gui.pipeline.writer_memory import WriterMemory, WriterNeed

LOOK_AGAIN_S = 10.0
NEARLY = 0.9
"""Of what was expected: drivers round, and other programs come and go."""
LEAST_HELD_MIB = 64.0
"""Every program that ever spoke to the card holds a little."""
SETTLED_READINGS = 3
_BETWEEN_READINGS_S = 0.1


class CardAccounts:
    """Used by pool threads.

    Args:
        profile: gives the limits in force.
    """

    def __init__(
        self, monitor: GpuMonitor, services: ServiceHub, profile: Callable[[], HardwareProfile]
    ) -> None:
        self._monitor = monitor
        self._services = services
        self._writer = services.script_writer
        self._profile = profile
        self._memory_of_writer = WriterMemory(
            self._writer.core, lambda: services.image_maker.records
        )
        self.tenants = SimulatedTenants(monitor.simulated)
        self.reader = CardReader(monitor, self._writer.core, services.image_maker.core, profile)

    @property
    def profile(self) -> HardwareProfile:
        return self._profile()

    @property
    def card(self) -> GpuReading | None:
        """The card of the pictures as it was seen last; asks nobody."""
        return self.reader.pick(self._monitor.state())

    @property
    def machine(self) -> tuple[str, str]:
        """Card and driver that measurements belong to."""
        card = self.card
        return (card.name, card.driver) if card is not None else ("", "")

    @property
    def is_writer_in(self) -> bool:
        """Whether the script writer's model is in this computer's memory."""
        view = self._writer.core.view()
        if view.kind is ServiceKind.OLLAMA and view.url:
            return view.can_stop and self._is_writer_local
        return view.pid is not None

    @property
    def can_pause_writer(self) -> bool:
        """Whether the script writer can be made to give its memory back."""
        view = self._writer.core.view()
        if view.kind is ServiceKind.OLLAMA and view.url:
            return self._is_writer_local
        if view.ownership is Ownership.ADOPTED:
            # Without its command line it could not be started again.
            return self.profile.stop_found_programs and bool(view.command)
        return view.ownership is Ownership.MANAGED

    @property
    def _is_writer_local(self) -> bool:
        address = self._writer.core.address
        return address is not None and address.is_local

    @property
    def are_rivals(self) -> bool:
        """Whether both services are, or would be, on this computer, and the writer can make room.

        A language model that nobody lets us pause keeps its memory: pictures are made beside it.
        """
        writer, drawer = self._services.script_writer.core, self._services.image_maker.core
        if not (writer.is_present and drawer.is_present):
            return False
        address = drawer.address
        if address is not None and not address.is_local:
            return False
        return self.can_pause_writer or writer.paused is not None or self._would_start

    @property
    def _would_start(self) -> bool:
        core = self._writer.core
        return core.address is None and core.launch is not None

    def look(self, cancel: CancelToken) -> None:
        """Know how the services stand, where nobody else looks after them."""
        for core in self._services.cores.values():
            core.look(cancel, within_s=LOOK_AGAIN_S)

    def follow(self) -> None:
        """Have simulated cards show what was loaded or ended by others."""
        if self.tenants.is_real:
            return
        if not self.is_writer_in:
            self.tenants.writer_left()
            return
        need = self.writer_need()
        if need is None:
            self.tenants.writer_came(None, None)
        else:
            self.tenants.writer_came(need.mib.likely_mib, need.card)

    def writer_need(self) -> WriterNeed | None:
        """What the script writer takes, loaded or not; None where nothing tells."""
        return self._memory_of_writer.need(self.machine)

    def memory(self, cancel: CancelToken) -> CardMemory:
        """The card's memory, asked now."""
        self.follow()
        return self.as_memory(self.reader.read(cancel), cancel)

    def as_memory(self, facts: CardFacts, cancel: CancelToken) -> CardMemory:
        """What was read, as plans need it."""
        card = facts.reading
        if card is None:
            none = None if facts.has_card else 0.0
            return CardMemory(total_mib=none, free_mib=none)
        return CardMemory(
            name=card.name,
            total_mib=card.total_mib,
            free_mib=card.free_mib,
            drawer_mib=facts.shares.image_maker_mib or 0.0,
            writer_mib=self._writer_mib(facts, card, cancel),
            writer_can_pause=self.can_pause_writer,
            simulated=card.simulated,
        )

    def available_mib(self, memory: CardMemory) -> float | None:
        """What the next picture may use; None when nobody knows."""
        if memory.free_mib is None:
            return None
        profile = self.profile
        available = memory.free_mib + memory.drawer_mib - profile.reserve_mib
        if profile.vram_limit_mib:
            available = min(available, profile.vram_limit_mib)
        return max(0.0, available)

    def settled_mib(self, cancel: CancelToken) -> float | None:
        """What is used of the card: the middle of a few readings; None when nobody knows."""
        seen = []
        for number in range(SETTLED_READINGS):
            if number:
                cancel.wait(_BETWEEN_READINGS_S)
            facts = self.reader.read(cancel)
            if facts.reading is None or facts.reading.used_mib is None:
                return None
            seen.append(facts.reading.used_mib)
        return sorted(seen)[len(seen) // 2]

    def learn_writer(
        self, need: WriterNeed | None, before_mib: float | None, cancel: CancelToken
    ) -> None:
        """Remember what the script writer takes: by the driver's word, else by what was added.

        Args:
            need: as it was reckoned before.
            before_mib: what was used of the card before it came.
        """
        self.follow()
        facts = self.reader.read(cancel)
        if need is None or facts.remote or not self.tenants.is_real:
            return
        taken = facts.shares.script_writer_mib
        if taken is None and before_mib is not None and is_same_card(need, facts):
            after_mib = self.settled_mib(cancel)
            taken = None if after_mib is None else after_mib - before_mib
        if taken is not None and taken > 0:
            self._memory_of_writer.learn(self.machine, need, taken)

    def who_holds(self, need_mib: float, cancel: CancelToken) -> Iterator[Message]:
        """Name whoever still holds what is wanted, where it is much too little."""
        facts = self.reader.read(cancel)
        memory = self.as_memory(facts, cancel)
        available = self.available_mib(memory)
        if available is None or available >= NEARLY * need_mib:
            return
        figures = {"available": round(available), "need": round(need_mib)}
        holders = [one for one in facts.shares.others if (one.mib or 0.0) >= LEAST_HELD_MIB]
        view = self._writer.core.view()
        if memory.writer_mib >= LEAST_HELD_MIB and view.pid is not None:
            holders.append(Holder(view.pid, view.model or view.name.value, memory.writer_mib))
        if not holders:
            yield Message(MessageId.MEMORY_HELD_UNKNOWN, figures)
            return
        most = max(holders, key=lambda one: one.mib or 0.0)
        held = {"program": most.name, "pid": str(most.pid), "mib": round(most.mib or 0.0)}
        yield Message(MessageId.MEMORY_HELD_BY, {**figures, **held})

    def _writer_mib(self, facts: CardFacts, card: GpuReading, cancel: CancelToken) -> float:
        """What the script writer holds: by the driver's word, its own, or an estimate."""
        if facts.remote or not self.is_writer_in:
            return 0.0
        said = facts.shares.script_writer_mib
        if said is None:
            said = self._writer.loaded_mib(cancel)
        if said is None:
            need = self.writer_need()
            said = need.mib.likely_mib if need is not None and is_same_card(need, facts) else 0.0
        return said if card.used_mib is None else min(said, card.used_mib)


def is_same_card(need: WriterNeed, facts: CardFacts) -> bool:
    """Whether the script writer is, or would be, on the card of the pictures."""
    return facts.reading is not None and need.card == facts.reading.index
