"""What is believed of a card, and what is refused."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidgen_gui.gpu.readings import (
    MOST_MIB,
    GpuReading,
    SourceKind,
    checked_memory,
    make_reading,
    throttle_names,
)

NUMBERS = (
    st.none()
    | st.floats(allow_nan=True, allow_infinity=True)
    | st.integers(-(10**400), 10**400)
    | st.booleans()
    | st.text(max_size=5)
    | st.floats(0, 50_000)
)


def _reading(**given_values: Any) -> GpuReading:
    memory = checked_memory(12288, 1000, 11000)
    return make_reading(
        index=0,
        uuid="GPU-1",
        name="A2000",
        memory=memory,
        source=SourceKind.NVML,
        at_s=1.0,
        **given_values,
    )


@pytest.mark.req("AUD-35")
@pytest.mark.parametrize(
    ("total", "used", "free"),
    [
        (3.4e38, 1000, 11000),
        (-1, 1000, 11000),
        (math.nan, 1000, 11000),
        (math.inf, 1000, 11000),
        (10**400, 1000, 11000),
        (0, 0, 0),
        (True, 0, 1),
        ("12288", 1000, 11000),
        (None, 1000, 11000),
    ],
)
def test_without_a_true_total_nothing_is_believed(total: Any, used: Any, free: Any) -> None:
    memory = checked_memory(total, used, free)
    assert (memory.total_mib, memory.used_mib, memory.free_mib) == (None, None, None)
    assert memory.refused


@pytest.mark.req("AUD-35")
@pytest.mark.parametrize(
    ("used", "free"),
    [(-5, 11000), (math.nan, 11000), (1000, 3.4e38), (1000, 13000), (9000, 9000), (100, 2000)],
)
def test_amounts_that_contradict_the_total_are_refused(used: float, free: float) -> None:
    memory = checked_memory(12288, used, free)
    assert (memory.total_mib, memory.used_mib, memory.free_mib) == (12288, None, None)
    assert memory.refused


@pytest.mark.parametrize(
    ("used", "free", "known"),
    [
        (None, 6144, (12288, 6144, 6144)),
        (6144, None, (12288, 6144, 6144)),
        (None, None, (12288, None, None)),
        (6000, 6144, (12288, 6000, 6144)),
        (5900, 5800, (12288, 5900, 5800)),
    ],
)
def test_a_missing_amount_follows_from_the_others(
    used: float | None, free: float | None, known: tuple[float | None, ...]
) -> None:
    memory = checked_memory(12288, used, free)
    assert (memory.total_mib, memory.used_mib, memory.free_mib) == known
    assert memory.refused == ()


@pytest.mark.req("AUD-35")
@given(NUMBERS, NUMBERS, NUMBERS)
def test_whatever_a_driver_says_what_is_believed_is_possible(
    total: Any, used: Any, free: Any
) -> None:
    memory = checked_memory(total, used, free)
    for amount in (memory.total_mib, memory.used_mib, memory.free_mib):
        assert amount is None or 0 <= amount <= MOST_MIB
    if memory.free_mib is not None:
        assert memory.total_mib is not None
        assert memory.free_mib <= memory.total_mib + 64
        assert memory.used_mib is not None
        assert memory.used_mib + memory.free_mib <= memory.total_mib + 64


@pytest.mark.parametrize("value", [-1, 101, math.nan, 3.4e38, math.inf, "55", True])
def test_other_figures_are_checked_too(value: Any) -> None:
    reading = _reading(utilisation_percent=value)
    assert reading.utilisation_percent is None
    assert reading.refused == ("utilisation",)
    assert _reading(power_w=-3.0).power_w is None
    assert _reading(temperature_c=2**32 - 1).temperature_c is None
    assert _reading(temperature_c=55, power_w=41.5).refused == ()


def test_a_program_that_computes_and_draws_is_one_program() -> None:
    reading = _reading(
        processes=[(1, 500, "a"), (1, None, "a"), (2, None, ""), (-4, 5, ""), ("x", 5, "")]
    )
    assert [(one.pid, one.used_mib) for one in reading.processes] == [(1, 500), (2, None)]
    many = _reading(processes=[(pid, 1, "") for pid in range(10_000)])
    assert len(many.processes) == 512
    assert _reading(processes=[(1, 99_999, "")]).processes[0].used_mib is None


def test_names_from_outside_are_plain_and_short() -> None:
    reading = make_reading(
        index=3,
        uuid="",
        name="A\x00B\n" + "x" * 9999,
        memory=checked_memory(1, 0, 1),
        source=SourceKind.SMI,
        at_s=0.0,
    )
    assert reading.uuid == "gpu-3"
    assert reading.name.isprintable()
    assert len(reading.name) <= 120


@pytest.mark.parametrize(
    ("mask", "names"),
    [
        (0, ()),
        (1, ()),
        (0x20 | 0x4, ("power-cap", "heat")),
        (1 << 40, ()),
        (-1, None),
        (1 << 64, None),
        (None, None),
        ("0x4", None),
    ],
)
def test_what_slows_a_card_has_names(mask: Any, names: tuple[str, ...] | None) -> None:
    assert throttle_names(mask) == names
