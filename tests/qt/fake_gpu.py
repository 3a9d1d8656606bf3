"""Cards for widget tests: the real controller's signals and methods over a monitor with a clock."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from vidgen_gui.controller.gpu_chart import ChartData, Mark, Span, chart_data
from vidgen_gui.controller.gpu_controller import GpuView
from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.gpu.history import NO_SHARES, Shares
from vidgen_gui.gpu.monitor import GpuMonitor, RamReading
from vidgen_gui.gpu.readings import (
    GpuReading,
    MemorySample,
    SourceKind,
    checked_memory,
    make_reading,
)
from vidgen_gui.pipeline.forecast import NO_OUTLOOK, Outlook


class FakeClock:
    def __init__(self, now_s: float = 10_000.0) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s


class PlayedCard:
    """One card of a played driver; amounts are set from outside."""

    def __init__(self, name: str, total_mib: float, others_mib: float = 900.0) -> None:
        self.name = name
        self.total_mib = total_mib
        self.others_mib: float | None = others_mib
        self.shares: Shares | None = Shares(0.0, 0.0)
        self.temperature_c: float | None = 41.0
        self.throttle: tuple[str, ...] = ()

    @property
    def used_mib(self) -> float | None:
        if self.others_mib is None:
            return None
        held = self.shares or NO_SHARES
        return self.others_mib + (held.script_writer_mib or 0) + (held.image_maker_mib or 0)


class PlayedDriver:
    """A source of cards that says what it is told to."""

    fastest_s = 0.05

    def __init__(self, cards: Sequence[PlayedCard], kind: SourceKind = SourceKind.NVML) -> None:
        self.cards = list(cards)
        self.kind = kind

    def read(self, at_s: float, cancel: CancelToken) -> tuple[GpuReading, ...]:
        return tuple(
            make_reading(
                index=index,
                uuid=f"GPU-{index}",
                name=card.name,
                memory=checked_memory(
                    card.total_mib,
                    card.used_mib,
                    None if card.used_mib is None else card.total_mib - card.used_mib,
                ),
                source=self.kind,
                at_s=at_s,
                temperature_c=card.temperature_c,
                throttle_reasons=card.throttle,
            )
            for index, card in enumerate(self.cards)
        )

    def read_memory(self, at_s: float, cancel: CancelToken) -> tuple[MemorySample, ...]:
        return tuple(reading.memory for reading in self.read(at_s, cancel))

    def renew(self) -> None:
        pass

    def close(self) -> None:
        pass


class FakeGpu(QObject):
    """Stands for ``controller.gpu``. `pass_seconds` lets time go by, `tell` shows the newest."""

    gpu_changed = Signal(object)
    plot_ready = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.clock = FakeClock()
        self.view = GpuView()
        self.outlook: Outlook = NO_OUTLOOK
        self.marks: list[Mark] = []
        self.is_plot_ready = False
        self.plot_wishes = 0
        self.charted: list[tuple[str | None, Span]] = []
        self.use()

    def use(self, *cards: PlayedCard, kind: SourceKind = SourceKind.NVML) -> None:
        """Be a computer with these cards, whose past is empty."""
        self.cards = list(cards)
        self.driver = PlayedDriver(self.cards, kind)
        self.monitor = GpuMonitor([self.driver], clock=self.clock, ram=_ram, shares=self._shares_of)

    def pass_seconds(self, count: int, each: Callable[[int], None] | None = None) -> None:
        for number in range(count):
            if each is not None:
                each(number)
            self.clock.now_s += 1.0
            self.monitor.step()

    def tell(self) -> None:
        """Show what was measured last."""
        state = self.monitor.state()
        self.view = GpuView(
            cards=state.cards,
            ram=state.ram,
            chosen=state.cards[0].uuid if state.cards else "",
            problem=None if state.cards else Message(MessageId.GPU_LIBRARY_ABSENT),
            is_simulated=self.driver.kind is SourceKind.SIMULATED,
            is_known=state.ram is not None,
        )
        self.gpu_changed.emit(self.view)

    def load_plot(self) -> None:
        """What `wants_plot` leads to in life, on cue."""
        self.is_plot_ready = True
        self.plot_ready.emit()

    def wants_plot(self) -> None:
        self.plot_wishes += 1

    def chart(self, uuid: str | None, span: Span) -> ChartData:
        self.charted.append((uuid, span))
        ram = uuid is None
        history = self.monitor.ram_history() if ram else self.monitor.history(uuid or "")
        ahead = self.outlook if not ram and uuid == self.view.chosen else NO_OUTLOOK
        return chart_data(history, span, self.clock(), self.marks, ahead)

    def _shares_of(self, cards: Sequence[GpuReading]) -> list[Shares]:
        return [self.cards[reading.index].shares or NO_SHARES for reading in cards]


def _ram(at_s: float) -> RamReading:
    used = 6100.0 + 900.0 * ((at_s // 45) % 3)
    return RamReading(16_000.0, 16_000.0 - used, used, 0.0, at_s)


def with_shares(card: PlayedCard, **more: float) -> None:
    """Change what our programs hold of a card."""
    card.shares = replace(card.shares or Shares(0.0, 0.0), **more)
