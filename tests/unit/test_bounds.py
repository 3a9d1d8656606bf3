"""What is kept for as long as the app is open: after three days it takes no more than after one."""

import tracemalloc
from collections.abc import Callable

import pytest

from vidgen_gui.controller.gpu_chart import MarkBook
from vidgen_gui.core.events import Event, Notice, StageStarted
from vidgen_gui.core.job import StageName
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.picture_overrides import NO_OVERRIDES
from vidgen_gui.core.quality import Aspect, FrameSize, Quality
from vidgen_gui.core.recent import Recent
from vidgen_gui.gpu.planner import painter_plan
from vidgen_gui.net.address import parse_address
from vidgen_gui.pipeline.job_pictures import JobBook, JobPictures
from vidgen_gui.pipeline.picture_records import PictureRecords
from vidgen_gui.pipeline.teller import Teller
from vidgen_gui.services.llm.speed import SpeedMeter
from vidgen_gui.services.managed.log_ring import LogRing
from vidgen_gui.store.calibrations import PicturePlace, PictureTime

DAY = 2_100
"""More than any of these keeps: so many jobs, lines or replies."""
SLACK_BYTES = 24 * 1024
SERVER = parse_address("http://127.0.0.1:8188")


def _marks() -> Callable[[int], object]:
    book = MarkBook()

    def note(number: int) -> None:
        job = f"job {number}"
        fell = Notice(job, Message(MessageId.RUNG_FELL, {"number": number}))
        begun = StageStarted(job, StageName.IMAGE, 0)
        book.note([begun, fell], float(number), lambda one: f"title of {one}")

    return note


def _plans() -> Callable[[int], object]:
    book = JobBook()

    def keep(number: int) -> None:
        plan = painter_plan(Quality.ULTRA, Aspect.PORTRAIT, Message(MessageId.SERVICE_OFF))
        size = FrameSize(1440, 2560)
        key = (f"job {number}", SERVER, "", Quality.ULTRA, Aspect.PORTRAIT, size, NO_OVERRIDES)
        book.keep(key, JobPictures(plan))

    return keep


def _log() -> Callable[[int], object]:
    ring = LogRing()
    return lambda number: ring.add(f"line {number} of a program that says a lot")


def _speed() -> Callable[[int], object]:
    meter = SpeedMeter()
    return lambda number: meter.add(writing_per_s=1.0 + number, reading_per_s=2.0 + number)


def _faults() -> Callable[[int], object]:
    def fail(event: Event) -> None:
        raise ValueError(event.job_id)

    teller = Teller(fail)
    return lambda number: teller(Notice(f"job {number}", Message(MessageId.SERVICE_OFF)))


def _places() -> Callable[[int], object]:
    records = PictureRecords()

    def remember(number: int) -> None:
        place = PicturePlace("card", "1", f"model {number}", "", Quality.HIGH, Aspect.SQUARE)
        records.remember_rung(place, f"rung {number}")
        records.remember_time(place, "rung", PictureTime(float(number)))

    return remember


def test_what_was_used_last_is_remembered_longest() -> None:
    recent: Recent[str, int] = Recent(2)
    recent["a"], recent["b"] = 1, 2
    assert recent.touch("a") == 1
    assert recent.touch("x") is None
    recent["c"] = 3
    assert dict(recent) == {"a": 1, "c": 3}
    assert recent.setdefault("d", 4) == 4
    assert list(recent) == ["c", "d"]


@pytest.mark.expected_log
@pytest.mark.req("AUD-29")
@pytest.mark.parametrize("keeper", [_marks, _plans, _log, _speed, _faults, _places])
def test_three_days_take_no_more_than_one(keeper: Callable[[], Callable[[int], object]]) -> None:
    note = keeper()
    tracemalloc.start()
    try:
        for number in range(DAY):
            note(number)
        before, _ = tracemalloc.get_traced_memory()
        for number in range(DAY, 3 * DAY):
            note(number)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < SLACK_BYTES
