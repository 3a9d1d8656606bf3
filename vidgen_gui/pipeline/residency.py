"""Who holds the graphics card: makes room on it, and sees that it is given back.

One object for as long as the app is open, used by pool threads. What is measured is in
`card_accounts`, how memory changes hands in `card_swaps`, whose turn it is in `card_turns`.
"""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled
from vidgen_gui.core.events import Progress
from vidgen_gui.core.hardware_profile import HardwareProfile, PauseScriptWriter
from vidgen_gui.core.job import StageName
from vidgen_gui.core.messages import Message
from vidgen_gui.core.plan import CardMemory
from vidgen_gui.gpu.monitor import GpuMonitor
from vidgen_gui.gpu.readings import GpuReading
from vidgen_gui.pipeline.card_accounts import CardAccounts
from vidgen_gui.pipeline.card_reader import CardReader
from vidgen_gui.pipeline.card_swaps import CardSwaps, Swap
from vidgen_gui.pipeline.card_turns import CardTurns
from vidgen_gui.pipeline.gpu_keeper import PeakWatch
from vidgen_gui.pipeline.homecoming import Homecoming
from vidgen_gui.pipeline.scheduler import Conditions
from vidgen_gui.pipeline.service_hub import ServiceHub

RAM_PART = 0.9
"""Of the computer's memory: with more than that in use, one thing is done at a time."""


class Resident(StrEnum):
    """Whose models are on the card."""

    EMPTY = "empty"
    WRITER = "script-writer"
    DRAWER = "image-maker"
    BOTH = "both"


class GpuResidency:
    """The `CardKeeper` of an opened app.

    Args:
        profile: gives the limits in force.
        notify: takes what no job can tell, from any thread.
    """

    def __init__(
        self,
        monitor: GpuMonitor,
        services: ServiceHub,
        profile: Callable[[], HardwareProfile],
        notify: Callable[[Message], None] = lambda _: None,
    ) -> None:
        self._monitor = monitor
        self._notify = notify
        self._accounts = CardAccounts(monitor, services, profile)
        self._swaps = CardSwaps(self._accounts, services)
        self._turns = CardTurns()
        self._home = Homecoming(services.script_writer, notify)
        self._drawer_holds = False
        self._fits_beside = False

    @property
    def reader(self) -> CardReader:
        """Whose memory it is, asked of the driver."""
        return self._accounts.reader

    # What pictures ask

    @property
    def profile(self) -> HardwareProfile:
        return self._accounts.profile

    @property
    def machine(self) -> tuple[str, str]:
        """Card and driver that measurements belong to."""
        return self._accounts.machine

    def memory(self, cancel: CancelToken) -> CardMemory:
        """The card's memory, asked now."""
        self._accounts.look(cancel)
        return self._accounts.memory(cancel)

    def make_room(
        self, need_mib: float, *, pause_script_writer: bool, cancel: CancelToken
    ) -> Generator[Progress, None, float | None]:
        """See `GpuKeeper`."""
        if pause_script_writer:
            self._home.interrupt()
        self._turns.wait_for_start(cancel)
        memory = self.memory(cancel)
        available = self._accounts.available_mib(memory)
        if pause_script_writer and available is not None and available < need_mib:
            if self._may_pause(memory):
                self._fits_beside = False
                with self._turns.pausing(cancel):
                    for notice in self._swaps.pause_writer(memory, need_mib, cancel):
                        yield Progress(0.0, notice)
            for notice in self._accounts.who_holds(need_mib, cancel):
                yield Progress(0.0, notice)
            available = self._accounts.available_mib(self._accounts.memory(cancel))
        elif memory.writer_mib > 0 or self._accounts.is_writer_in:
            self._fits_beside = True
        self._turns.promise()
        return available

    def _may_pause(self, memory: CardMemory) -> bool:
        is_allowed = self.profile.pause_script_writer is not PauseScriptWriter.NO
        return is_allowed and memory.writer_can_pause and memory.writer_mib > 0

    @contextmanager
    def watch(self) -> Iterator[PeakWatch]:
        """Sample the card's memory while inside."""
        card, since_s = self._accounts.card, time.monotonic()
        with self._monitor.watching():
            yield _Watch(self._monitor, card, since_s)

    @contextmanager
    def note_drawing(self, mib: float) -> Iterator[None]:
        """While inside, a picture of about so many MiB is drawn."""
        card = self._accounts.card
        index = card.index if card is not None else 0
        with self._turns.drawing(), self._accounts.tenants.drawing(mib, index):
            self._drawer_holds = True
            yield

    # What the script writer asks

    @contextmanager
    def writing(self, cancel: CancelToken) -> Iterator[None]:
        """See `WriterKeeper`."""
        with self._turns.writing(cancel):
            yield

    @contextmanager
    def starting(self, cancel: CancelToken) -> Iterator[None]:
        """See `WriterKeeper`."""
        with self._turns.starting(cancel):
            if self._accounts.is_writer_in:
                yield
                return
            need = self._accounts.writer_need()
            for notice in self._swaps.make_room_for_writer(need, cancel):
                self._drawer_holds = False
                self._notify(notice)
            before_mib = self._accounts.settled_mib(cancel)
            yield
            # Whoever waits for the script writer has it already, learnt or not.
            with suppress(Cancelled):
                self._accounts.learn_writer(need, before_mib, cancel)

    # What the app asks

    def conditions(self) -> Conditions:
        """What the machine allows the queue now; asks nobody."""
        profile, ram = self.profile, self._monitor.state().ram
        most = profile.workers or None
        if ram is not None:
            limit_mib = profile.ram_limit_mib or RAM_PART * ram.total_mib
            most = 1 if ram.used_mib > limit_mib else most
        stages = {Resident.EMPTY: None, Resident.DRAWER: StageName.IMAGE}
        return Conditions(
            most_units=most,
            takes_turns=self._takes_turns(),
            resident=stages.get(self.resident, StageName.SCRIPT),
        )

    def _takes_turns(self) -> bool:
        """Whether scripts and pictures may have to make room for each other."""
        if self._fits_beside or not self._monitor.state().cards:
            return False
        if self.profile.pause_script_writer is PauseScriptWriter.NO:
            return False
        return self._accounts.are_rivals

    @property
    def resident(self) -> Resident:
        """Whose models are on the card now, as far as the app knows."""
        if self._accounts.is_writer_in:
            return Resident.BOTH if self._drawer_holds else Resident.WRITER
        return Resident.DRAWER if self._drawer_holds else Resident.EMPTY

    @property
    def swaps(self) -> tuple[Swap, ...]:
        """The latest changes of who is on the card, oldest first."""
        return self._swaps.done

    def on_services_changed(self) -> None:
        """A service looks different; quick, from any thread."""
        if not self._accounts.tenants.is_real:
            self._home.run(self._accounts.follow)

    def pictures_over(self, *, freed: bool) -> None:
        """No job of the queue wants a picture: what was paused comes back, beside other work.

        Args:
            freed: the image maker was asked to unload its models.
        """
        if freed:
            self._drawer_holds = False
            self._accounts.tenants.drawer_left()
        self._turns.withdraw()
        # The next jobs' pictures may be larger.
        self._fits_beside = False
        self._home.bring_back()

    def close(self) -> None:
        """Stop bringing anything back; whoever ends the services sees to what is left."""
        self._home.close()


class _Watch:
    """The card's peak since a moment."""

    def __init__(self, monitor: GpuMonitor, card: GpuReading | None, since_s: float) -> None:
        self._monitor = monitor
        self._uuid = card.uuid if card is not None else None
        self._since_s = since_s

    @property
    def peak_mib(self) -> float | None:
        return self._monitor.peak_mib(self._since_s, self._uuid)
