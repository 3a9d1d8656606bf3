"""Who is asked about cards, how often, and what is remembered."""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled, InputError, ServiceError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.gpu.history import (
    NO_SHARES,
    RECENT_POINTS,
    SESSION_POINTS,
    CardHistory,
    Shares,
)
from vidgen_gui.gpu.monitor import GpuMonitor, RamReading, default_sources, read_ram
from vidgen_gui.gpu.readings import (
    GpuReading,
    MemorySample,
    SourceKind,
    SourceUnavailable,
    checked_memory,
    make_reading,
)
from vidgen_gui.gpu.server_stats import ServerSource
from vidgen_gui.gpu.simulated import SimulatedSource

WAIT_S = 20.0


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class PlayedSource:
    """Says what it is told to say, and remembers when it was asked."""

    def __init__(self, kind: SourceKind, used: float = 1000.0, fastest_s: float = 0.04) -> None:
        self.kind = kind
        self.fastest_s = fastest_s
        self.used: Any = used
        self.total: Any = 12288
        self.cards = 1
        self.fails: MessageId | None = None
        self.full: list[float] = []
        self.quick: list[float] = []
        self.renewed = self.closed = 0
        self.asked = threading.Semaphore(0)

    def read(self, at_s: float, cancel: CancelToken) -> tuple[GpuReading, ...]:
        self.full.append(at_s)
        self.asked.release()
        if self.fails is not None:
            raise SourceUnavailable(self.fails)
        free = self.total - self.used if isinstance(self.used, (int, float)) else None
        return tuple(
            make_reading(
                index=index,
                uuid=f"GPU-{index}",
                name="A2000",
                memory=checked_memory(self.total, self.used, free),
                source=self.kind,
                at_s=at_s,
            )
            for index in range(self.cards)
        )

    def read_memory(self, at_s: float, cancel: CancelToken) -> tuple[MemorySample, ...]:
        self.quick.append(at_s)
        self.asked.release()
        if self.fails is not None:
            raise SourceUnavailable(self.fails)
        return tuple(MemorySample(f"GPU-{index}", self.used, at_s) for index in range(self.cards))

    def renew(self) -> None:
        self.renewed += 1

    def close(self) -> None:
        self.closed += 1


def _ram(at_s: float) -> RamReading:
    return RamReading(16384, 8192, 8192, 0, at_s)


def _stepped(
    *sources: PlayedSource, clock: Clock | None = None
) -> tuple[GpuMonitor, Callable[..., None]]:
    time_now = clock or Clock()
    monitor = GpuMonitor(sources, clock=time_now, ram=_ram)

    def run(seconds: float, tick_s: float = 1.0) -> None:
        for _ in range(round(seconds / tick_s)):
            monitor.step()
            time_now.now += tick_s

    return monitor, run


@pytest.mark.req("ERR-16", "BUG-15", "Q1")
def test_all_is_read_each_second_and_memory_oftener_while_somebody_watches() -> None:
    source = PlayedSource(SourceKind.NVML)
    monitor, run = _stepped(source)
    run(5, 0.05)
    assert (len(source.full), len(source.quick)) == (5, 0)
    with monitor.watching(), monitor.watching():
        run(5, 0.05)
    assert len(source.full) in {9, 10}
    assert len(source.full) + len(source.quick) == 105
    gaps = [later - earlier for earlier, later in pairwise(sorted(source.full + source.quick)[5:])]
    assert max(gaps) <= 0.05 + 1e-9
    before = len(source.quick)
    run(5, 0.05)
    assert len(source.quick) == before


def test_the_thread_keeps_the_pace() -> None:
    source = PlayedSource(SourceKind.NVML)
    with GpuMonitor([source], ram=_ram) as monitor:
        assert source.asked.acquire(timeout=WAIT_S)
        begun = time.monotonic()
        with monitor.watching():
            for _ in range(25):
                assert source.asked.acquire(timeout=WAIT_S)
            taken_s = time.monotonic() - begun
            gaps = sorted(b - a for a, b in pairwise(sorted(source.quick)))
            # Half of them in time even when other tests keep the machine busy.
            assert gaps[len(gaps) // 2] <= 0.05
        assert taken_s >= 0.5
        assert monitor.latest() is not None
    assert source.closed == 1


@pytest.mark.req("AUD-35", "O12", "S7")
def test_it_falls_back_says_why_and_recovers() -> None:
    nvml, smi = PlayedSource(SourceKind.NVML), PlayedSource(SourceKind.SMI, fastest_s=1.0)
    server = PlayedSource(SourceKind.SERVER, fastest_s=1.0)
    monitor, run = _stepped(nvml, smi, server)
    run(2)
    assert monitor.state().status.source is SourceKind.NVML
    assert not smi.full
    nvml.fails = MessageId.GPU_DRIVER_LOST
    run(1)
    status = monitor.state().status
    assert status.source is SourceKind.SMI
    assert [(kind, why.id) for kind, why in status.reasons] == [
        (SourceKind.NVML, MessageId.GPU_DRIVER_LOST)
    ]
    smi.fails = MessageId.GPU_TOOL_FAILED
    run(1)
    assert monitor.state().status.source is SourceKind.SERVER
    server.fails = MessageId.GPU_SERVER_UNKNOWING
    run(2)
    state = monitor.state()
    assert (state.cards, state.status.source, monitor.latest()) == ((), None, None)
    assert len(state.status.reasons) == 3
    assert state.ram is not None
    asked = len(nvml.full)
    run(60)
    assert 8 <= len(nvml.full) - asked <= 15
    nvml.fails = None
    run(6)
    assert monitor.state().status.source is SourceKind.NVML
    assert monitor.latest() is not None


@pytest.mark.req("AUD-35", "ERR-16")
@pytest.mark.parametrize("garbage", [-5.0, float("nan"), 3.4e38, 99_999])
def test_garbage_is_unknown_and_the_next_source_is_asked(garbage: float) -> None:
    nvml, smi = PlayedSource(SourceKind.NVML), PlayedSource(SourceKind.SMI)
    monitor, run = _stepped(nvml, smi)
    nvml.used = garbage
    run(2)
    status = monitor.state().status
    assert status.source is SourceKind.SMI
    assert status.reasons[0][1].id is MessageId.GPU_FIGURES_REFUSED
    smi.fails = MessageId.GPU_TOOL_FAILED
    for _ in range(8):
        run(1)
        card = monitor.latest()
        assert card is not None
        assert (card.source, card.total_mib, card.free_mib) == (SourceKind.NVML, 12288, None)
    nvml.used = 2000
    run(2)
    assert [kind for kind, _ in monitor.state().status.reasons] == [SourceKind.SMI]


def test_no_card_is_no_failure() -> None:
    nvml = PlayedSource(SourceKind.NVML)
    nvml.cards = 0
    monitor, run = _stepped(nvml)
    run(3)
    assert monitor.state().status.source is None
    assert monitor.state().status.reasons[0][1].id is MessageId.GPU_NO_CARD


@pytest.mark.req("B2", "G1")
def test_other_cards_are_seen_within_a_minute() -> None:
    source = PlayedSource(SourceKind.NVML)
    monitor, run = _stepped(source)
    run(5)
    assert len(monitor.state().cards) == 1
    source.cards, source.total = 2, 24576
    run(60)
    assert source.renewed >= 1
    assert [card.total_mib for card in monitor.state().cards] == [24576, 24576]
    assert monitor.latest("GPU-1") is not None
    assert monitor.latest("GPU-9") is None


@pytest.mark.req("ERR-16")
def test_what_the_idle_card_used_is_never_the_answer_for_the_busy_one() -> None:
    source = PlayedSource(SourceKind.NVML, used=500)
    clock = Clock()
    monitor, run = _stepped(source, clock=clock)
    run(3)
    source.used = 9000
    state = monitor.read_now()
    assert state.cards[0].used_mib == 9000
    assert state.cards[0].at_s == clock.now


def test_peaks_since_a_moment_come_from_quick_looks_too() -> None:
    source = PlayedSource(SourceKind.NVML, used=1000)
    clock = Clock()
    monitor, run = _stepped(source, clock=clock)
    run(2)
    begun = clock.now
    with monitor.watching():
        for used in (1000, 7000, 3000, 5000, 2000):
            source.used = used
            run(0.2, 0.05)
    after = clock.now
    source.used = 1500
    run(5)
    assert monitor.peak_mib(begun) == 7000
    assert monitor.peak_mib(begun + 0.41) == 5000
    assert monitor.peak_mib(after) == 1500
    assert monitor.peak_mib(clock.now + 1) is None
    assert monitor.peak_mib(begun, "GPU-9") is None
    assert monitor.median_mib(after) == 1500
    assert monitor.median_mib(clock.now + 1) is None
    spans = [point for point in monitor.history("GPU-0").recent if point.used_high_mib == 7000]
    assert [point.used_low_mib for point in spans] == [1000]


def test_a_day_of_samples_takes_no_more_room_than_an_hour() -> None:
    source = PlayedSource(SourceKind.NVML)
    clock = Clock()
    monitor, run = _stepped(source, clock=clock)
    begun = clock.now
    for hour in range(24):
        source.used = 5000 - hour
        run(3600)
        source.full.clear()
        if hour == 12:
            source.used = 9999
            run(1)
        history = monitor.history("GPU-0")
        assert len(history.recent) == RECENT_POINTS
        assert SESSION_POINTS / 2 - 1 <= len(history.session) <= SESSION_POINTS
    history = monitor.history("GPU-0")
    assert [point.at_s for point in history.recent] == [
        clock.now - RECENT_POINTS + index for index in range(RECENT_POINTS)
    ]
    assert sum(point.span_s for point in history.session) == pytest.approx(86_400, abs=5)
    assert max(point.used_high_mib or 0 for point in history.session) == 9999
    spans = [point.span_s for point in history.session[1:-1]]
    assert max(spans) <= 2 * min(spans)
    times = [point.at_s for point in history.session]
    assert times == sorted(times)
    assert monitor.peak_mib(begun) == 9999


def test_a_card_that_was_gone_leaves_a_gap() -> None:
    source = PlayedSource(SourceKind.NVML)
    monitor, run = _stepped(source)
    run(3)
    source.fails = MessageId.GPU_DRIVER_LOST
    run(60)
    source.fails = None
    run(10)
    points = monitor.history("GPU-0").recent
    (gap,) = [b for a, b in pairwise(points) if b.at_s - a.at_s > 50]
    assert gap.span_s == 0.0
    assert monitor.history("GPU-9").recent == ()


def test_cards_that_come_and_go_for_ever_take_no_room() -> None:
    names = iter(range(10_000))

    class Changing(PlayedSource):
        def read(self, at_s: float, cancel: CancelToken) -> tuple[GpuReading, ...]:
            memory = checked_memory(10, 5, 5)
            return (
                make_reading(
                    index=0,
                    uuid=f"GPU-{next(names)}",
                    name="",
                    memory=memory,
                    source=self.kind,
                    at_s=at_s,
                ),
            )

    monitor, run = _stepped(Changing(SourceKind.NVML))
    run(300)
    assert len(monitor._cards) <= 64


def test_stopping_ends_a_source_that_waits() -> None:
    begun = threading.Event()

    def ask(cancel: CancelToken) -> Mapping[str, Any]:
        begun.set()
        cancel.wait(WAIT_S)
        raise ServiceError(MessageId.SERVICE_SILENT)

    monitor = GpuMonitor([ServerSource(ask)], ram=_ram)
    monitor.start()
    assert begun.wait(WAIT_S)
    started = time.monotonic()
    monitor.stop()
    assert time.monotonic() - started < WAIT_S / 2
    with pytest.raises(Cancelled):
        monitor.read_now()


def test_nobody_who_can_be_called_off_is_held_up_by_a_driver_that_hangs() -> None:
    begun, goes_on = threading.Event(), threading.Event()

    def ask(_: CancelToken) -> Mapping[str, Any]:
        begun.set()
        goes_on.wait(WAIT_S)
        raise ServiceError(MessageId.SERVICE_SILENT)

    monitor, job = GpuMonitor([ServerSource(ask)], ram=_ram), CancelToken()
    with ThreadPoolExecutor(3) as pool:
        hangs = pool.submit(monitor.read_now)
        assert begun.wait(WAIT_S)
        cancelled = pool.submit(monitor.read_now, job)
        stopped = pool.submit(monitor.read_now)
        job.cancel()
        with pytest.raises(Cancelled):
            cancelled.result(WAIT_S / 2)
        assert not stopped.done()
        stop = threading.Thread(target=monitor.stop)
        stop.start()
        with pytest.raises(Cancelled):
            stopped.result(WAIT_S / 2)
        assert not hangs.done()
        goes_on.set()
        stop.join()


@pytest.mark.expected_log
def test_a_source_with_a_bug_does_not_end_the_watch(caplog: pytest.LogCaptureFixture) -> None:
    def ask(_: CancelToken) -> Mapping[str, Any]:
        raise KeyError("bug")

    with GpuMonitor([ServerSource(ask)], ram=_ram) as monitor:
        give_up = time.monotonic() + WAIT_S
        while "could not be read" not in caplog.text and time.monotonic() < give_up:
            threading.Event().wait(0.01)
        assert monitor._thread is not None
        assert monitor._thread.is_alive()
    assert "KeyError" in caplog.text


def test_simulated_cards_stand_for_all_others() -> None:
    (source,) = default_sources({"VIDGEN_FAKE_GPU": "A2000:12288:6144"})
    monitor = GpuMonitor([source], ram=_ram)
    assert isinstance(monitor.simulated, SimulatedSource)
    card = monitor.read_now().cards[0]
    assert card.simulated
    assert (card.free_mib, monitor.state().status.source) == (6144, SourceKind.SIMULATED)
    monitor.simulated.claim("llm", 5000)
    assert monitor.read_now().cards[0].free_mib == 1144
    with pytest.raises(InputError):
        default_sources({"VIDGEN_FAKE_GPU": "what?"})


def test_real_cards_are_asked_for_in_order() -> None:
    kinds = [source.kind for source in default_sources({}, lambda _: {})]
    assert kinds == [SourceKind.NVML, SourceKind.SMI, SourceKind.SERVER]
    monitor = GpuMonitor(default_sources({"PATH": ""}))
    assert monitor.simulated is None
    try:
        state = monitor.read_now()
        # With or without a card here: figures, or the reason why there are none.
        assert state.cards or len(state.status.reasons) == 2
    finally:
        monitor.stop()


def test_the_computers_memory_is_read() -> None:
    ram = read_ram(5.0)
    assert 0 < ram.available_mib <= ram.total_mib
    assert ram.used_mib == pytest.approx(ram.total_mib - ram.available_mib)
    assert ram.at_s == 5.0


def test_many_threads_may_ask_at_once() -> None:
    (source,) = default_sources({"VIDGEN_FAKE_GPU": "A2000:12288:6144;B:4096"})
    assert isinstance(source, SimulatedSource)
    failures: list[BaseException] = []

    def live(monitor: GpuMonitor, owner: str) -> None:
        try:
            for mib in range(40):
                with monitor.watching():
                    source.claim(owner, mib)
                    cards = monitor.read_now().cards
                    assert [card.total_mib for card in cards] == [12288, 4096]
                    assert monitor.history(cards[0].uuid).recent
                    assert monitor.peak_mib(0.0) is not None
                source.release(owner)
        except AssertionError as error:
            failures.append(error)

    with GpuMonitor([source], ram=_ram) as monitor:
        threads = [
            threading.Thread(target=live, args=(monitor, f"t{number}")) for number in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(WAIT_S)
        assert not failures
        assert not any(thread.is_alive() for thread in threads)
        assert monitor.read_now().cards[0].free_mib == 6144
        assert monitor._watchers == 0


def test_the_past_says_whose_memory_it_was_and_why_the_card_was_slow() -> None:
    history = CardHistory()
    for second, (used, shares, reasons) in enumerate(
        [
            (5000, Shares(4000, None), ()),
            (9000, Shares(0, 8000), ("heat",)),
            (2000, Shares(0, 0), ("power-cap",)),
        ]
    ):
        reading = make_reading(
            index=0,
            uuid="GPU-0",
            name="A2000",
            memory=checked_memory(12288, used, 12288 - used),
            source=SourceKind.NVML,
            at_s=float(second),
            throttle_reasons=reasons,
        )
        history.add_reading(reading, 100, shares)
    for second in range(3, SESSION_POINTS + 2):
        quiet = replace(reading, at_s=float(second), throttle_reasons=())
        history.add_reading(quiet, 100, NO_SHARES)
    recent, session = history.points().recent, history.points().session
    assert recent[-1].slowed_by == ()
    # Two seconds a point by now: the fuller second's shares, and all that slowed either.
    assert session[0].shares == Shares(0, 8000)
    assert session[0].slowed_by == ("heat",)
    assert session[1].slowed_by == ("power-cap",)


@pytest.mark.req("N1")
def test_the_computers_own_memory_has_a_past_without_any_card() -> None:
    monitor, run = _stepped()
    run(5)
    points = monitor.ram_history().recent
    assert [(point.total_mib, point.used_high_mib) for point in points] == [(16384, 8192)] * 5
    assert monitor.history("GPU-0").recent == ()
