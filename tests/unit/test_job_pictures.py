"""How far a job's pictures come down, and what is remembered of which job."""

from dataclasses import replace

import pytest

from vidgen_gui.core.errors import ServiceError
from vidgen_gui.core.hardware_profile import HardwareProfile
from vidgen_gui.core.image_family import Family
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.picture import picture_size
from vidgen_gui.core.picture_overrides import NO_OVERRIDES
from vidgen_gui.core.plan import CardMemory, Plan
from vidgen_gui.core.quality import Aspect, Quality, frame_size
from vidgen_gui.gpu.planner import PlanRequest, make_plan
from vidgen_gui.net.address import parse_address
from vidgen_gui.pipeline.drawing_notices import asks, fell, nothing_fits
from vidgen_gui.pipeline.job_pictures import MOST_JOBS, JobBook, JobKey, JobPictures
from vidgen_gui.pipeline.profile_trial import ASSUMED_SERVER
from vidgen_gui.services.comfyui.errors import (
    OutOfGpuMemory,
    OutOfRam,
    ServerGone,
    StepTooSlow,
)
from vidgen_gui.ui.drawing_words import way_name
from vidgen_gui.ui.words import sentence

SIZE = picture_size(frame_size(Quality.ULTRA, Aspect.PORTRAIT))
GONE = ServerGone("http://127.0.0.1:8188")
OOM = OutOfGpuMemory("3", "KSampler", "out of memory")


def a_plan(free_mib: float | None = 6144) -> Plan:
    return make_plan(
        PlanRequest(
            quality=Quality.ULTRA,
            aspect=Aspect.PORTRAIT,
            picture=SIZE,
            family=Family.SD15,
            checkpoint="sd15.safetensors",
            server=ASSUMED_SERVER,
            profile=HardwareProfile(),
            card=CardMemory("a card", 12_288 if free_mib else None, free_mib),
        )
    )


def key(job: str) -> JobKey:
    address = parse_address("127.0.0.1:8188")
    return job, address, "f", Quality.ULTRA, Aspect.PORTRAIT, SIZE, NO_OVERRIDES


def test_it_comes_down_to_the_painter_and_no_further() -> None:
    job = JobPictures(a_plan())
    assert job.rung is job.plan.first
    seen = [job.at]
    while not job.is_painted:
        job.fall(OOM)
        seen.append(job.at)
    assert len(set(seen)) == len(seen)
    assert job.reason is OOM
    last = job.at
    job.fall(ServiceError(MessageId.SERVICE_OFF))
    assert job.at == last


def test_a_server_has_to_die_twice_of_the_first_rung_and_once_of_the_next() -> None:
    job = JobPictures(a_plan())
    assert not job.note_death()
    assert job.note_death()
    job.fall(GONE)
    assert job.note_death()


def test_only_so_many_jobs_are_remembered() -> None:
    book, plan = JobBook(), a_plan()
    for number in range(MOST_JOBS + 3):
        book.keep(key(f"job {number}"), JobPictures(plan))
        assert book.find(key("job 0")) is not None
    assert book.find(key("job 1")) is None
    assert book.find(key(f"job {MOST_JOBS + 2}")) is not None


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OOM, MessageId.RUNG_FELL),
        (OutOfRam("3", "KSampler", "no memory"), MessageId.RUNG_FELL_FOR_RAM),
        (StepTooSlow(31.0), MessageId.RUNG_SPILLED),
        (GONE, MessageId.RUNG_DEADLY),
    ],
)
def test_each_fall_is_told_with_its_reason(error: ServiceError, expected: MessageId) -> None:
    plan = a_plan()
    first, below = plan.rungs[plan.start], plan.rungs[plan.start + 1]
    told = fell(2, (plan, first), (plan, below), error, 3174.4)
    assert told.id is expected
    words = sentence(told)
    assert words.startswith("Picture 3: ")
    assert way_name(first.name) in words
    assert way_name(below.name) in words
    assert ("3.1 GB" in words) is (expected is MessageId.RUNG_FELL)
    blind = sentence(fell(2, (plan, first), (plan, below), error, None))
    assert "GB" not in blind
    assert "—" not in blind


def test_a_pause_of_the_writer_is_told_as_what_it_is() -> None:
    before = a_plan()
    after = replace(before, pauses_script_writer=True)
    told = fell(0, (before, before.first), (after, after.first), OOM, 3000.0)
    assert told.id is MessageId.RUNG_AGAIN_WITH_MORE
    asked = asks(replace(after, asks_first=True), after.first, is_start=True)
    assert asked.id is MessageId.PAUSING_NEEDS_CONSENT
    lower = replace(after.rungs[-2], quality=Quality.DRAFT)
    assert asks(after, lower, is_start=False).id is MessageId.LOWERING_NEEDS_CONSENT


def test_a_plan_that_begins_with_the_painter_says_why() -> None:
    assert nothing_fits(a_plan(100)).message.id is MessageId.PLAN_PAINTS
    silent = replace(a_plan(100), reasons=())
    assert nothing_fits(silent).message.id is MessageId.NO_RUNG_FITS


@pytest.mark.parametrize("name", ["hires-full", "high/hires-full-tiled", "on-cpu", "painter", "x"])
def test_every_way_has_a_name_for_people(name: str) -> None:
    words = way_name(name)
    assert words
    assert "/" not in words
    assert ("High" in words) is name.startswith("high/")
