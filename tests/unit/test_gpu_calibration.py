"""What measuring teaches: bounds, medians, and what makes it void."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidgen_gui.core.memory_range import MemoryRange
from vidgen_gui.gpu.calibration import (
    MOST_ENTRIES,
    MOST_OBSERVATIONS,
    Calibration,
    Key,
    Outcome,
    from_dict,
    margin,
)

KEY = Key("sd15.safetensors", "f1", "1440x2560", "hires-full")
GUESS = MemoryRange(4000, 5000, 7000)
EMPTY = Calibration("A2000", "570.1")


def _after(*seen: tuple[Outcome, float], key: Key = KEY) -> Calibration:
    found = EMPTY
    for outcome, mib in seen:
        found = found.observe(key, outcome, mib, GUESS)
    return found


def test_without_measurements_the_estimate_stands() -> None:
    assert EMPTY.corrected(KEY, GUESS) == GUESS
    assert EMPTY.evidence(KEY) == 0


@pytest.mark.req("AUD-46", "BUG-44")
def test_what_worked_is_an_upper_bound() -> None:
    found = _after((Outcome.WORKED, 5500)).corrected(KEY, GUESS)
    assert (found.low_mib, found.likely_mib) == (4000, 5000)
    assert found.high_mib == pytest.approx(5500 * (1 + margin(1)))
    less = _after((Outcome.WORKED, 4200)).corrected(KEY, GUESS)
    assert less.likely_mib == less.high_mib == pytest.approx(4200 * (1 + margin(1)))
    more = _after((Outcome.WORKED, 9000)).corrected(KEY, GUESS)
    assert more.likely_mib == 5000
    assert more.high_mib > 9000


@pytest.mark.req("AUD-46")
def test_what_failed_is_a_lower_bound() -> None:
    found = _after((Outcome.OUT_OF_MEMORY, 6000)).corrected(KEY, GUESS)
    assert found.low_mib == 6000
    assert 6000 < found.likely_mib <= found.high_mib
    both = _after((Outcome.OUT_OF_MEMORY, 6000), (Outcome.WORKED, 5000)).corrected(KEY, GUESS)
    assert both.low_mib == 6000


@pytest.mark.req("BUG-44", "AUD-46", "B2")
def test_exact_measurements_replace_the_estimate_and_their_margin_shrinks() -> None:
    few = _after((Outcome.EXACT, 5400)).corrected(KEY, GUESS)
    many = _after(*[(Outcome.EXACT, 5400.0)] * 9).corrected(KEY, GUESS)
    assert few.likely_mib == many.likely_mib == 5400
    assert few.high_mib - few.low_mib > many.high_mib - many.low_mib
    assert many.high_mib >= 5400 * 1.04


def test_one_odd_measurement_changes_little() -> None:
    seen = [(Outcome.EXACT, 5400.0), (Outcome.EXACT, 5410.0), (Outcome.EXACT, 11_000.0)]
    assert _after(*seen).corrected(KEY, GUESS).likely_mib == 5410


def test_only_the_last_measurements_count() -> None:
    found = _after(*[(Outcome.OUT_OF_MEMORY, 9000.0)], *[(Outcome.EXACT, 5000.0)] * 20)
    assert found.evidence(KEY) == MOST_OBSERVATIONS
    assert found.corrected(KEY, GUESS).likely_mib == 5000


@pytest.mark.parametrize("mib", [0, -1, math.nan, math.inf, 3.4e38, 100, 50_000, True, "5"])
def test_measurements_that_cannot_be_true_are_left_out(mib: Any) -> None:
    assert EMPTY.observe(KEY, Outcome.EXACT, mib, GUESS) is EMPTY
    assert EMPTY.observe(KEY, Outcome.EXACT, 5000, MemoryRange(0, 0, 0)) is EMPTY


def test_other_settings_of_the_same_rung_learn_too() -> None:
    found = _after((Outcome.EXACT, 6000))
    larger = Key(KEY.model, KEY.fingerprint, "2048x3640", KEY.rung)
    guess = MemoryRange(8000, 10_000, 14_000)
    corrected = found.corrected(larger, guess)
    assert corrected.likely_mib == pytest.approx(12_000)
    assert corrected.high_mib > 12_000 * (1 + margin(1))
    other_rung = Key(KEY.model, KEY.fingerprint, KEY.settings, "plain")
    assert found.corrected(other_rung, guess) == guess


def test_another_card_driver_or_model_makes_it_void() -> None:
    found = _after((Outcome.EXACT, 6000))
    assert found.for_machine("A2000", "570.1") is found
    assert found.for_machine("A2000", "580.0").entries == {}
    assert found.for_machine("4090", "570.1").entries == {}
    changed = Key(KEY.model, "f2", KEY.settings, KEY.rung)
    assert found.corrected(changed, GUESS) == GUESS
    later = found.observe(changed, Outcome.EXACT, 4500, GUESS)
    assert list(later.entries) == [changed]


def test_it_never_grows_beyond_its_bound() -> None:
    found = EMPTY
    for number in range(MOST_ENTRIES + 50):
        found = found.observe(Key("m", "f", str(number), "r"), Outcome.EXACT, 5000, GUESS)
    assert len(found.entries) == MOST_ENTRIES
    assert next(iter(found.entries)).settings == "50"


def test_it_survives_being_stored() -> None:
    found = _after((Outcome.WORKED, 5500.5), (Outcome.OUT_OF_MEMORY, 3000))
    stored = json.loads(json.dumps(found.to_dict()))
    assert from_dict(stored) == found


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"card": 5},
        {"card": "x" * 1000},
        {"entries": {}},
        {"entries": [5]},
        {"entries": [{}] * 1000},
        {"seen": []},
        {"seen": [["exact", 5000]]},
        {"seen": [["unknown", 5000, 5000]]},
        {"seen": [["exact", -5, 5000]]},
        {"seen": [["exact", math.nan, 5000]]},
        {"seen": [["exact", 3.4e38, 5000]]},
        {"seen": [["exact", 5000, 5]]},
        {"seen": [["exact", 5000, 5000]] * 99},
        {"rung": None},
    ],
)
def test_damaged_storage_is_refused(change: dict[str, Any]) -> None:
    stored = _after((Outcome.EXACT, 5500)).to_dict()
    entry = stored["entries"][0]
    for name, value in change.items():
        (entry if name in entry else stored)[name] = value
    with pytest.raises(ValueError, match=r"no |none|cannot|valid"):
        from_dict(stored)
    with pytest.raises(ValueError, match="no calibration"):
        from_dict([])


@given(
    st.lists(st.tuples(st.sampled_from(Outcome), st.floats(1, 60_000)), max_size=30),
    st.tuples(st.floats(1, 30_000), st.floats(0, 30_000), st.floats(0, 30_000)),
)
def test_whatever_is_measured_the_answer_is_a_range(
    seen: list[tuple[Outcome, float]], guess: tuple[float, float, float]
) -> None:
    low, more, most = guess
    estimated = MemoryRange(low, low + more, low + more + most)
    found = EMPTY
    for outcome, mib in seen:
        found = found.observe(KEY, outcome, mib, estimated)
    corrected = found.corrected(KEY, estimated)
    failed = [mib for outcome, mib in seen if outcome is Outcome.OUT_OF_MEMORY]
    assert corrected.high_mib <= 1.3 * max(estimated.high_mib, 4 * estimated.likely_mib)
    if not seen:
        assert corrected == estimated
    if failed and found.evidence(KEY) == len(seen) == len(failed):
        assert corrected.likely_mib >= sorted(failed)[(len(failed) - 1) // 2]


@pytest.mark.parametrize(
    "figures", [(-1, 0, 0), (2, 1, 3), (1, 3, 2), (0, 0, math.inf), (math.nan, 1, 2)]
)
def test_no_range_is_upside_down(figures: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="no range"):
        MemoryRange(*figures)
