"""What a chart shows of a card's past, and what is marked on its time line."""

import gc
import itertools
from collections.abc import Sequence

import pytest

from vidgen_gui.controller.gpu_chart import (
    MARKED,
    MOST_MARKS,
    RECENT_S,
    ChartData,
    Mark,
    MarkBook,
    MarkKind,
    Span,
    chart_data,
    grouped,
    shares_of,
)
from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.events import Notice, StageProgressed, StageStarted
from vidgen_gui.core.job import StageName
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.gpu.history import SESSION_POINTS, History, HistoryPoint, Shares
from vidgen_gui.gpu.monitor import GpuMonitor, RamReading
from vidgen_gui.gpu.readings import GpuReading, MemorySample, SourceKind, make_reading
from vidgen_gui.gpu.readings import checked_memory as memory_of
from vidgen_gui.pipeline.forecast import NO_OUTLOOK

DAY_S = 86_400


def _point(at_s: float, used: float | None = 5000.0, **more: object) -> HistoryPoint:
    values: dict[str, object] = {
        "at_s": at_s,
        "span_s": 1.0,
        "total_mib": 12_288.0,
        "used_low_mib": used,
        "used_high_mib": used,
        "free_mib": None if used is None else 12_288.0 - used,
        "utilisation_percent": None,
        "temperature_c": 50.0,
        "ram_used_mib": None,
    }
    return HistoryPoint(**{**values, **more})  # type: ignore[arg-type]


def _chart(*points: HistoryPoint, now_s: float = 100.0, marks: tuple[Mark, ...] = ()) -> ChartData:
    return chart_data(History(points, points), Span.RECENT, now_s, marks, NO_OUTLOOK)


class DaySource:
    """A card whose memory follows the clock: the language model by turns with pictures."""

    kind = SourceKind.NVML
    fastest_s = 0.05

    def read(self, at_s: float, cancel: CancelToken) -> tuple[GpuReading, ...]:
        used = used_at(at_s)
        memory = memory_of(12_288, used, 12_288 - used)
        return (
            make_reading(
                index=0,
                uuid="GPU-0",
                name="A2000",
                memory=memory,
                source=self.kind,
                at_s=at_s,
                temperature_c=60,
            ),
        )

    def read_memory(self, at_s: float, cancel: CancelToken) -> tuple[MemorySample, ...]:
        return tuple(reading.memory for reading in self.read(at_s, cancel))

    def renew(self) -> None: ...

    def close(self) -> None: ...


def _points_alive() -> int:
    return sum(isinstance(one, HistoryPoint) for one in gc.get_objects())


def used_at(at_s: float) -> float:
    return 6400.0 if int(at_s) % 600 < 300 else 3000.0 + int(at_s) % 100


def shares_at(cards: Sequence[GpuReading]) -> list[Shares]:
    used = used_at(cards[0].at_s)
    return [Shares(5500.0, 0.0) if used > 6000 else Shares(0.0, used - 900.0)]


@pytest.mark.slow
@pytest.mark.req("Q1", "BUG-25", "AUD-24")
def test_a_day_of_seconds_stays_right_in_bounded_memory() -> None:
    clock = itertools.count(1000.0)
    now = [next(clock)]
    monitor = GpuMonitor(
        [DaySource()],
        clock=lambda: now[0],
        ram=lambda at_s: RamReading(16_384, 8_192, 8_192, 0.0, at_s),
        shares=shares_at,
    )
    sizes = []
    gc.collect()
    before = _points_alive()
    for second in range(DAY_S):
        now[0] = next(clock)
        monitor.step()
        if second in {DAY_S // 4, DAY_S // 2, DAY_S - 1}:
            past = monitor.history("GPU-0")
            sizes.append((len(past.recent), len(past.session)))
            # The card's and the computer's, and nobody keeps what they let go.
            assert _points_alive() - before <= 2 * (600 + SESSION_POINTS + 1)
    assert all(recent == 600 for recent, _ in sizes)
    assert all(SESSION_POINTS / 2 <= session <= SESSION_POINTS + 1 for _, session in sizes)
    past = monitor.history("GPU-0")
    recent = chart_data(past, Span.RECENT, now[0], (), NO_OUTLOOK)
    (layers,) = recent.layers
    assert len(layers.at_s) == 600
    for number, at_s in enumerate(layers.at_s):
        writer, maker = (5500.0, 0.0) if used_at(at_s) > 6000 else (0.0, used_at(at_s) - 900.0)
        assert layers.used[number] == used_at(at_s)
        assert (layers.script_writer[number], layers.image_maker[number]) == (writer, maker)
        assert layers.others[number] == pytest.approx(900.0)
    session = chart_data(past, Span.SESSION, now[0], (), NO_OUTLOOK)
    (whole,) = session.layers
    assert session.begin_s <= 1002
    assert whole.at_s[-1] - whole.at_s[0] > DAY_S - 200
    # Each point tells the most of its span, and whose it was then.
    ends = [session.begin_s, *whole.at_s]
    for begin_s, (number, end_s) in zip(ends, enumerate(whole.at_s), strict=False):
        most = max(used_at(at) for at in range(int(begin_s) + 1, int(end_s) + 1))
        assert whole.used[number] == most


@pytest.mark.req("Q1", "B2")
def test_the_layers_add_up_to_the_most_that_was_used() -> None:
    data = _chart(_point(99.0, 7000.0, shares=Shares(4000.0, 2000.0)), _point(100.0))
    (layers,) = data.layers
    assert (layers.others, layers.script_writer) == ([1000.0, 5000.0], [4000.0, 0.0])
    assert (layers.image_maker, layers.used) == ([2000.0, 0.0], [7000.0, 5000.0])
    assert data.owners_known
    assert not _chart(_point(100.0)).owners_known


def test_shares_never_exceed_what_is_used() -> None:
    assert shares_of(_point(1.0, 3000.0, shares=Shares(4000.0, 2000.0))) == (0.0, 3000.0, 0.0)
    assert shares_of(_point(1.0, None, shares=Shares(4000.0, None))) == (0.0, 0.0, 0.0)


def test_nothing_is_drawn_over_gaps_and_what_is_not_known() -> None:
    gap = _chart(_point(90.0), _point(91.0), _point(97.0, span_s=0.0), _point(98.0))
    assert [run.at_s for run in gap.layers] == [[90.0, 91.0], [97.0, 98.0]]
    unknown = _chart(_point(96.0), _point(97.0, None), _point(98.0, temperature_c=None))
    assert [run.at_s for run in unknown.layers] == [[96.0], [98.0]]
    assert [run.at_s for run in unknown.warmth] == [[96.0, 97.0]]


def test_the_last_ten_minutes_end_now() -> None:
    data = _chart(_point(90.0), _point(800.0), now_s=1000.0)
    assert (data.begin_s, data.end_s) == (1000.0 - RECENT_S, 1000.0)
    assert [run.at_s for run in data.layers] == [[800.0]]
    assert data.latest is not None


def test_a_card_that_was_never_seen_has_an_empty_chart() -> None:
    data = _chart()
    assert data.is_empty
    assert (data.total_mib, data.latest) == (None, None)


@pytest.mark.req("Q5")
def test_heat_is_shown_and_calm_limits_are_not() -> None:
    data = _chart(
        _point(90.0, slowed_by=("power-cap",)),
        _point(91.0, slowed_by=("heat",)),
        _point(92.0, slowed_by=("hardware", "power-cap")),
        _point(95.0, slowed_by=("heat",), span_s=1.0),
    )
    assert [(slow.begin_s, slow.end_s, slow.reasons) for slow in data.slowed] == [
        (90.0, 92.0, ("hardware", "heat")),
        (94.0, 95.0, ("heat",)),
    ]


def test_a_stage_is_marked_once_and_notices_by_what_they_mean() -> None:
    book = MarkBook()
    titles = {"a": "The sea"}.get
    pause = Message(MessageId.SCRIPT_WRITER_PAUSED, {"mib": 5530, "seconds": 0.8})
    fell = Message(MessageId.RUNG_FELL, {"picture": 1})
    book.note(
        [
            StageStarted("a", StageName.IMAGE, 0),
            StageProgressed("a", StageName.IMAGE, 0, 0.5),
            StageStarted("a", StageName.IMAGE, 1),
            Notice("a", pause),
            Notice("", Message(MessageId.DISK_FULL)),
        ],
        5.0,
        lambda job_id: titles(job_id, ""),
    )
    book.note([Notice("a", fell), StageStarted("a", StageName.IMAGE, 2)], 6.0, lambda _: "")
    assert [(mark.at_s, mark.kind) for mark in book.marks] == [
        (5.0, MarkKind.STAGE),
        (5.0, MarkKind.SWAP),
        (6.0, MarkKind.FALL),
    ]
    assert book.marks[0].title == "The sea"
    assert set(MARKED.values()) == {MarkKind.SWAP, MarkKind.FALL}


def test_a_long_session_forgets_its_oldest_marks() -> None:
    book = MarkBook()
    for number in range(3 * MOST_MARKS):
        book.note([StageStarted(f"job-{number}", StageName.IMAGE)], float(number), lambda _: "")
    assert len(book.marks) == MOST_MARKS
    assert book.marks[0].at_s == 2 * MOST_MARKS


def test_marks_that_would_lie_on_each_other_become_one_of_the_gravest_kind() -> None:
    marks = [
        Mark(1.0, MarkKind.STAGE),
        Mark(9.0, MarkKind.FALL),
        Mark(10.5, MarkKind.STAGE),
        Mark(12.0, MarkKind.SWAP),
        Mark(30.0, MarkKind.SWAP),
    ]
    groups = grouped(marks, 10.0)
    assert [(group.at_s, group.kind, len(group.marks)) for group in groups] == [
        (10.5, MarkKind.FALL, 3),
        (12.0, MarkKind.SWAP, 1),
        (30.0, MarkKind.SWAP, 1),
    ]
    assert [len(group.marks) for group in grouped(marks, 0.1)] == [1] * 5
