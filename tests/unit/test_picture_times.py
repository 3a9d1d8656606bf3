"""What one picture's time tells about another's, and what is remembered of it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from vidgen_gui.core.hardware_profile import HardwareProfile
from vidgen_gui.core.image_family import Family
from vidgen_gui.core.memory_range import MemoryRange
from vidgen_gui.core.picture import picture_size
from vidgen_gui.core.picture_overrides import PictureOverrides
from vidgen_gui.core.picture_plan import adjusted
from vidgen_gui.core.plan import CardMemory, Plan
from vidgen_gui.core.quality import Aspect, Quality, frame_size
from vidgen_gui.gpu.calibration import Key, Outcome
from vidgen_gui.gpu.planner import PlanRequest, make_plan
from vidgen_gui.pipeline.picture_records import PictureRecords
from vidgen_gui.pipeline.picture_times import timed, usual_time, work
from vidgen_gui.pipeline.profile_trial import ASSUMED_SERVER
from vidgen_gui.store.calibrations import CalibrationStore, PicturePlace, PictureTime
from vidgen_gui.store.database import Database

PLACE = PicturePlace("card", "1", "sd15", "", Quality.ULTRA, Aspect.PORTRAIT)
MACHINE = ("card", "1")
KEY = Key("sd15", "", "1440×2560", "hires-full")
NEED = MemoryRange(1000, 1500, 2000)


def plan_of(quality: Quality) -> Plan:
    return make_plan(
        PlanRequest(
            quality=quality,
            aspect=Aspect.PORTRAIT,
            picture=picture_size(frame_size(quality, Aspect.PORTRAIT)),
            family=Family.SD15,
            checkpoint="sd15.safetensors",
            server=ASSUMED_SERVER,
            profile=HardwareProfile(),
            card=CardMemory("card", 24_576, 24_000),
        )
    )


def works(quality: Quality) -> dict[str, float]:
    rungs = plan_of(quality).rungs
    return {rung.name: work(rung.picture) for rung in rungs if rung.picture is not None}


def test_more_pixels_and_steps_are_more_work() -> None:
    first = [works(quality)["hires-full-tiled"] for quality in Quality if quality.name != "DRAFT"]
    assert first == sorted(first)
    ultra = works(Quality.ULTRA)
    assert ultra["super"] > ultra["hires-full"] > ultra["hires-fraction"] > ultra["upscale"] > 0


def test_other_steps_are_counted_as_if_they_were_the_plans() -> None:
    picture = plan_of(Quality.ULTRA).rungs[2].picture
    assert picture is not None
    used = adjusted(picture, PictureOverrides(steps=picture.steps // 2))
    usual = usual_time(PictureTime(30.0), picture, used)
    assert 50 < usual.seconds < 62
    assert usual.work == work(picture)
    assert usual_time(PictureTime(30.0), picture, picture).seconds == 30.0


def test_what_was_never_drawn_is_timed_by_what_was() -> None:
    plan = plan_of(Quality.ULTRA)
    assert timed(plan, None) is plan
    measured = replace(plan.rungs[0], seconds=5.0)
    found = timed(replace(plan, rungs=(measured, *plan.rungs[1:])), 0.5)
    assert found.rungs[0].seconds == 5.0
    for rung in found.rungs[1:-1]:
        assert rung.picture is not None
        assert rung.seconds == pytest.approx(0.5 * work(rung.picture))
    assert found.rungs[-1].seconds is None


@pytest.fixture(params=["stored", "for-now"])
def records(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PictureRecords]:
    if request.param == "for-now":
        yield PictureRecords()
        return
    with Database(tmp_path / "jobs.db", tmp_path / "backups") as database:
        yield PictureRecords(CalibrationStore(database))


def test_a_unit_of_work_is_timed_over_all_qualities_of_a_card_and_model(
    records: PictureRecords,
) -> None:
    assert records.work_s(PLACE) is None
    for quality, seconds in ((Quality.DRAFT, 10.0), (Quality.HIGH, 40.0), (Quality.ULTRA, 30.0)):
        place = replace(PLACE, quality=quality)
        records.remember_time(place, "hires-full", PictureTime(seconds, None, 10.0))
    records.remember_time(PLACE, "on-cpu", PictureTime(9000.0))
    records.remember_time(replace(PLACE, model="sdxl"), "plain", PictureTime(99.0, 1.0, 1.0))
    assert records.work_s(PLACE) == 3.0
    assert records.work_s(replace(PLACE, model="flux")) is None
    assert records.times(PLACE)["on-cpu"].seconds == 9000.0


def test_measurements_are_learned_and_another_card_knows_nothing(records: PictureRecords) -> None:
    records.observe(MACHINE, KEY, Outcome.OUT_OF_MEMORY, 1800.0, NEED)
    records.observe(MACHINE, KEY, Outcome.WORKED, 2500.0, NEED)
    assert records.calibration(MACHINE).evidence(KEY) == 2
    assert records.calibration(("other", "1")).evidence(KEY) == 0


def test_a_new_driver_knows_nothing(records: PictureRecords) -> None:
    records.observe(MACHINE, KEY, Outcome.WORKED, 1800.0, NEED)
    assert records.calibration(("card", "2")).evidence(KEY) == 0
    records.observe(("card", "2"), KEY, Outcome.WORKED, 1800.0, NEED)
    assert records.calibration(("card", "2")).evidence(KEY) == 1
    assert records.calibration(MACHINE).evidence(KEY) == 0


@pytest.mark.expected_log("what drawing taught is not kept")
def test_a_store_that_fails_costs_no_picture(tmp_path: Path) -> None:
    with Database(tmp_path / "jobs.db", tmp_path / "backups") as database:
        records = PictureRecords(CalibrationStore(database))
        database.read(lambda connection: connection.execute("PRAGMA query_only = ON"))
        records.remember_rung(PLACE, "plain")
        records.remember_time(PLACE, "plain", PictureTime(3.0, None, 1.0))
        records.observe(MACHINE, KEY, Outcome.WORKED, 1800.0, NEED)
        # For as long as the app is open, it is known all the same.
        assert records.rung(PLACE, is_blind=True) == "plain"
        assert records.times(PLACE)["plain"].seconds == 3.0
        assert records.calibration(MACHINE).evidence(KEY) == 1
