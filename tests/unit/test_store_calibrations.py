"""What drawing has taught is kept, and forgotten when card, driver or model change."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from vidgen_gui.core.quality import Aspect, Quality
from vidgen_gui.store import calibrations
from vidgen_gui.store.calibrations import CalibrationStore, PicturePlace, PictureTime
from vidgen_gui.store.database import Database

PLACE = PicturePlace("A2000", "550.1", "sd15.safetensors", "f1", Quality.ULTRA, Aspect.PORTRAIT)
TAKEN = PictureTime(12.5, 0.25)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[CalibrationStore]:
    with Database(tmp_path / "jobs.db", tmp_path / "backups") as database:
        yield CalibrationStore(database)


def test_measurements_are_there_after_a_restart(tmp_path: Path) -> None:
    for _ in range(2):
        with Database(tmp_path / "jobs.db", tmp_path / "backups") as database:
            kept = CalibrationStore(database)
            if kept.load("A2000", "550.1") is None:
                kept.save("A2000", "550.1", {"version": 1, "entries": []})
                kept.remember_rung(PLACE, "hires-full")
                kept.remember_time(PLACE, "hires-full", TAKEN)
                continue
            assert kept.load("A2000", "550.1") == {"version": 1, "entries": []}
            assert kept.rung(PLACE) == "hires-full"
            assert kept.times(PLACE) == {"hires-full": TAKEN}
            return
    pytest.fail("nothing was kept")


def test_what_worked_last_replaces_what_worked_before(kept: CalibrationStore) -> None:
    for rung in ("hires-full", "upscale"):
        kept.remember_rung(PLACE, rung)
        kept.remember_time(PLACE, rung, TAKEN)
    kept.remember_time(PLACE, "upscale", PictureTime(3.0, None))
    assert kept.rung(PLACE) == "upscale"
    assert kept.times(PLACE) == {"hires-full": TAKEN, "upscale": PictureTime(3.0, None)}


@pytest.mark.parametrize(
    "other",
    [
        replace(PLACE, card="4090"),
        replace(PLACE, model="sdxl.safetensors"),
        replace(PLACE, quality=Quality.HIGH),
        replace(PLACE, aspect=Aspect.SQUARE),
    ],
)
def test_each_card_model_quality_and_shape_has_its_own(
    kept: CalibrationStore, other: PicturePlace
) -> None:
    kept.remember_rung(PLACE, "hires-full")
    assert kept.rung(other) == ""
    kept.remember_rung(other, "plain")
    assert (kept.rung(PLACE), kept.rung(other)) == ("hires-full", "plain")


@pytest.mark.parametrize(
    "changed", [replace(PLACE, driver="551.0"), replace(PLACE, fingerprint="f2")]
)
def test_another_driver_or_model_file_makes_it_void(
    kept: CalibrationStore, changed: PicturePlace
) -> None:
    kept.remember_rung(PLACE, "hires-full")
    kept.remember_time(PLACE, "hires-full", TAKEN)
    assert kept.rung(changed) == ""
    assert not kept.times(changed)
    # Once something was learned with the new one, the old one is forgotten for good.
    kept.remember_rung(changed, "plain")
    assert kept.rung(PLACE) == ""
    assert not kept.times(PLACE)


def test_another_driver_forgets_measurements_and_rungs(kept: CalibrationStore) -> None:
    kept.save("A2000", "550.1", {"version": 1})
    kept.remember_rung(PLACE, "hires-full")
    kept.save("4090", "550.1", {"version": 1})
    assert kept.load("A2000", "551.0") is None
    kept.save("A2000", "551.0", {"version": 1, "new": True})
    assert kept.load("A2000", "550.1") is None
    assert kept.rung(PLACE) == ""
    assert kept.load("4090", "550.1") == {"version": 1}


def test_an_old_rung_can_be_left_out(kept: CalibrationStore) -> None:
    kept.remember_rung(PLACE, "plain")
    assert kept.rung(PLACE, within_s=3600) == "plain"
    assert kept.rung(PLACE, within_s=-1) == ""


@pytest.mark.parametrize("text", ["", "{", "[]", "3"])
def test_damaged_measurements_are_none(tmp_path: Path, text: str) -> None:
    with Database(tmp_path / "jobs.db", tmp_path / "backups") as database:
        kept = CalibrationStore(database)
        kept.save("A2000", "", {})
        database.call(lambda c: c.execute("UPDATE calibrations SET content = ?", (text,)))
        assert kept.load("A2000", "") is None


def test_it_stays_small(kept: CalibrationStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibrations, "MOST_CARDS", 3)
    monkeypatch.setattr(calibrations, "MOST_ROWS", 4)
    for number in range(8):
        kept.save(f"card {number}", "", {"n": number})
        kept.remember_rung(replace(PLACE, model=f"m{number}"), "plain")
    assert [n for n in range(8) if kept.load(f"card {n}", "")] == [5, 6, 7]
    assert [n for n in range(8) if kept.rung(replace(PLACE, model=f"m{n}"))] == [4, 5, 6, 7]
    with pytest.raises(ValueError, match="bytes"):
        kept.save("card", "", {"text": "x" * (calibrations.MOST_CONTENT_BYTES + 1)})
