"""``vidgen-gui bench``: what can be measured, and what it says where the source is missing."""

import argparse
import sys
from pathlib import Path
from types import ModuleType

import pytest

from vidgen_gui.cli_arguments import build_parser
from vidgen_gui.cli_bench import SOURCE, run_bench
from vidgen_gui.core.errors import InputError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.ui.words import sentence


def _asked(*options: str) -> argparse.Namespace:
    return build_parser().parse_args(["bench", *options])


def test_an_installed_app_says_that_it_takes_the_source(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        run_bench(_asked("vram"), tmp_path)
    assert caught.value.message.id is MessageId.BENCH_NEEDS_SOURCE
    assert "bench_vram.py" in sentence(caught.value.message)


def test_what_cannot_be_measured_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        _asked("speed")
    assert "vram" in sentence(caught.value.message)


def test_this_checkout_has_what_is_measured_with() -> None:
    assert (SOURCE / "tests" / "benchmarks" / "bench_vram.py").is_file()


def test_its_options_reach_the_measurement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "report.md"
    played = ModuleType("tests.benchmarks.bench_vram")
    asked: list[list[str]] = []

    def main(options: list[str]) -> int:
        asked.append(options)
        return 1

    played.__dict__["main"] = main
    monkeypatch.setitem(sys.modules, played.__name__, played)
    monkeypatch.setattr(sys, "path", [*sys.path])
    assert run_bench(_asked("vram", "--quick", "--out", str(target))) == 1
    assert run_bench(_asked("vram", "--json")) == 1
    assert asked == [["--quick", "--out", str(target)], ["--json"]]
