"""Simulated cards: what they are called, and how their memory moves."""

import json
from pathlib import Path
from typing import Any

import pytest

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import InputError
from vidgen_gui.gpu.readings import GpuReading
from vidgen_gui.gpu.simulated import SimulatedSource

CANCEL = CancelToken()


def _cards(given: str) -> tuple[GpuReading, ...]:
    return SimulatedSource.parse(given).read(1.0, CANCEL)


@pytest.mark.parametrize(
    ("given", "cards"),
    [
        ("RTX A2000:12288", [("RTX A2000", 12288, 12288)]),
        ("RTX A2000:12288:6144", [("RTX A2000", 12288, 6144)]),
        (" a : 2048 : 0 ; b:3:1;", [("a", 2048, 0), ("b", 3, 1)]),
        ("a:b:2048", [("a:b", 2048, 2048)]),
        ("None", []),
    ],
)
def test_cards_are_named_in_a_line(given: str, cards: list[tuple[str, float, float]]) -> None:
    found = _cards(given)
    assert [(card.name, card.total_mib, card.free_mib) for card in found] == cards
    assert all(card.simulated for card in found)


@pytest.mark.parametrize(
    "given",
    ["", ";", "12288", "a:", "a:0", "a:-5", "a:5:6", "a:1e9", ":5", "a:9999999999", "a:5;b"],
)
def test_what_names_no_card_is_refused(given: str) -> None:
    with pytest.raises(InputError):
        SimulatedSource.parse(given)


def test_a_fixture_may_say_more(tmp_path: Path) -> None:
    fixture = tmp_path / "cards.json"
    card = {"name": "A", "total_mib": 8192, "free_mib": 8000, "temperature_c": 60, "power_w": -1}
    fixture.write_text(json.dumps([card]))
    (found,) = _cards(str(fixture))
    assert (found.total_mib, found.free_mib, found.temperature_c) == (8192, 8000, 60)
    assert found.power_w is None


@pytest.mark.parametrize(
    "content",
    ["", "{}", "[1]", '[{"name": 5, "total_mib": 5}]', '[{"name": "a"}]', "[" * 100_000]
    + [json.dumps([{"name": "a", "total_mib": bad}]) for bad in (0, -1, "5", 3.4e38, True)],
)
def test_a_broken_fixture_is_refused(tmp_path: Path, content: str) -> None:
    fixture = tmp_path / "cards.json"
    fixture.write_text(content)
    with pytest.raises(InputError):
        SimulatedSource.parse(str(fixture))
    with pytest.raises(InputError):
        SimulatedSource.parse(str(tmp_path / "missing.json"))


def test_memory_moves_with_what_is_claimed() -> None:
    source = SimulatedSource.parse("a:12288:12000;b:4096")
    assert source.claim("llm", 5400) == 5400
    first, second = source.read(1.0, CANCEL)
    assert (first.used_mib, first.free_mib, second.free_mib) == (5688, 6600, 4096)
    assert [(one.name, one.used_mib) for one in first.processes] == [("llm", 5400)]
    assert source.claim("llm", 1000) == 1000
    assert source.claim("image", 4000, card=1) == 4000
    assert [one.used_mib for one in source.read_memory(2.0, CANCEL)] == [1288, 4000]
    source.release("llm")
    source.release("llm")
    source.release("image")
    assert [card.free_mib for card in source.read(3.0, CANCEL)] == [12000, 4096]


def test_no_more_than_there_is_can_be_claimed() -> None:
    source = SimulatedSource.parse("a:4096:3000")
    assert source.claim("image", 5000) == 3000
    assert source.claim("llm", 1) == 0
    assert source.read(1.0, CANCEL)[0].free_mib == 0


@pytest.mark.parametrize("bad", [(-1, 0), (float("nan"), 0), (3.4e38, 0), (5, 1), (5, -1)])
def test_nonsense_cannot_be_claimed(bad: tuple[Any, int]) -> None:
    with pytest.raises(ValueError, match="cannot hold"):
        SimulatedSource.parse("a:4096").claim("x", bad[0], bad[1])
