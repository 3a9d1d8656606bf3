"""``vidgen-gui plan``: words and figures for any card, for none, and for this machine's."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from gguf_kit import qwen_7b

from vidgen_gui.cli_arguments import build_parser
from vidgen_gui.cli_plan import plan_report
from vidgen_gui.core.errors import InputError
from vidgen_gui.core.hardware_profile import HardwareProfile
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.settings import Settings
from vidgen_gui.store.profiles import change_profiles
from vidgen_gui.system.paths import AppPaths

GIVEN = ("--quality", "ultra", "--gpu", "12288:6144")


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppPaths:
    monkeypatch.setenv("VIDGEN_HOME", str(tmp_path))
    for name in ("MAX_VRAM_MB", "AUTO_QUALITY_DOWNGRADE", "VIDGEN_FAKE_GPU"):
        monkeypatch.delenv(name, raising=False)
    found = AppPaths.find()
    found.create()
    return found


def report(paths: AppPaths, *options: str, settings: Settings | None = None) -> str:
    arguments = build_parser().parse_args(["plan", *options])
    wrong: list[Message] = []
    shown = plan_report(arguments, paths, settings or Settings(), wrong.append)
    assert wrong == []
    return shown


def data(paths: AppPaths, *options: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(report(paths, *options, "--json"))
    return found


@pytest.mark.req("B5", "G2", "P2")
def test_a_plan_is_shown_in_words_and_figures(paths: AppPaths) -> None:
    told = report(paths, *GIVEN, "--llm", "5638")
    assert "delivered at 1440×2560" in told
    assert "472×840 → refined at 1616×2872" in told
    [first] = [line for line in told.splitlines() if line.startswith("> ")]
    assert first.split()[1:6] == ["hires-full-tiled", "1,308", "1,868", "2,989", "5,399"]
    [decides] = [line for line in told.splitlines() if "decides" in line]
    assert "sampling 1616×2872" in decides
    assert "250 + 168 + 1,450 =   1,868" in decides
    assert "6.0 GB are free" in told
    assert told.count("painter") == 1


def test_a_limit_that_makes_no_sense_is_told(
    paths: AppPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAX_VRAM_MB", "plenty")
    wrong: list[Message] = []
    arguments = build_parser().parse_args(["plan", *GIVEN])
    assert "hires-full-tiled" in plan_report(arguments, paths, Settings(), wrong.append)
    assert [one.id for one in wrong] == [MessageId.ENVIRONMENT_INVALID]
    assert wrong[0].params["name"] == "MAX_VRAM_MB"


@pytest.mark.req("B5", "G2")
def test_and_as_json(paths: AppPaths) -> None:
    made = data(paths, *GIVEN, "--aspect", "16:9", "--family", "sdxl")
    assert (made["quality"], made["aspect"], made["family"]) == ("ultra", "16:9", "sdxl")
    assert made["delivered"] == [2560, 1440]
    assert made["available_mib"] == 5632
    assert made["rungs"][made["start"]]["name"] == "hires-full-tiled"
    for rung in made["rungs"][:-1]:
        low, likely, high = rung["need_mib"]
        assert 0 < low < likely < high
        most = max(sum_["weights"] + sum_["work"] for sum_ in rung["sums_mib"])
        assert likely == pytest.approx(250 + most)
    assert made["rungs"][-1]["need_mib"] == [0, 0, 0]
    assert all(why["text"] for why in made["reasons"])


@pytest.mark.req("BUG-32")
def test_a_language_models_file_says_what_pausing_gives(paths: AppPaths, tmp_path: Path) -> None:
    model = qwen_7b("Q4_K_M").write(tmp_path / "qwen.gguf")
    made = data(paths, "--quality", "ultra", "--gpu", "8192:1500", "--llm", str(model))
    held = made["card"]["writer_mib"]
    assert 5.2 * 1024 <= held <= 5.8 * 1024
    assert made["pauses_script_writer"]
    assert made["available_mib"] == pytest.approx(1500 + held - 512)
    beside = data(paths, "--quality", "ultra", "--gpu", "8192:1500")
    assert not beside["pauses_script_writer"]
    assert beside["start"] > made["start"]


@pytest.mark.req("ENV", "G2")
def test_the_environment_limits_it(paths: AppPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_VRAM_MB", "900")
    made = data(paths, *GIVEN)
    assert made["available_mib"] == 900
    assert made["rungs"][made["start"]]["need_mib"][0] <= 900


def test_this_machines_card_is_measured(paths: AppPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDGEN_FAKE_GPU", "RTX 4090:24564:23000")
    made = data(paths, "--quality", "ultra")
    assert (made["card"]["name"], made["card"]["simulated"]) == ("RTX 4090", True)
    assert made["available_mib"] == 23000 - 512
    assert made["rungs"][made["start"]]["name"] == "super-tiled"
    monkeypatch.setenv("VIDGEN_FAKE_GPU", "none")
    assert "There is no graphics card" in report(paths, "--quality", "ultra")
    assert "There is no graphics card" in report(paths, "--quality", "draft", "--gpu", "none")


def test_the_profile_says_which_card(paths: AppPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDGEN_FAKE_GPU", "Small:4096;Large:49152")
    change_profiles(paths, [("", HardwareProfile(name="Mine", gpu="Large", reserve_mib=0))])
    mine = Settings.model_validate({"hardware": {"profile": "Mine"}})
    assert "Pictures can use 48.0 GB" in report(paths, "--quality", "ultra", settings=mine)
    assert data(paths, "--quality", "ultra")["available_mib"] == 4096 - 512


@pytest.mark.parametrize(
    "options",
    [
        ("--gpu", "12288:12289"),
        ("--gpu", "0"),
        ("--gpu", "much"),
        ("--gpu=-5:3",),
        ("--gpu", "99999999999:3"),
        ("--gpu", "12288:6144", "--llm", "6145"),
        ("--gpu", "12288:6144", "--llm", "no-such-file.gguf"),
        ("--aspect", "1:10"),
    ],
)
def test_what_makes_no_sense_is_refused(paths: AppPaths, options: tuple[str, ...]) -> None:
    with pytest.raises(InputError):
        report(paths, "--quality", "ultra", *options)
    with pytest.raises(InputError):
        report(paths, "--quality", "best")


@pytest.mark.req("ENV", "G2")
def test_a_limit_on_the_command_line_comes_before_all_others(
    paths: AppPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_profiles(paths, [("", HardwareProfile(name="Mine", vram_limit_mib=5000))])
    settings = Settings().with_values({"hardware.profile": "Mine"})

    def available(*options: str) -> float:
        told = report(paths, *GIVEN, *options, "--json", settings=settings)
        return float(json.loads(told)["available_mib"])

    assert available() == 5000
    monkeypatch.setenv("MAX_VRAM_MB", "4000")
    assert available() == 4000
    assert available("--max-vram", "3000") == 3000
    with pytest.raises(InputError):
        available("--max-vram", "-1")


@pytest.mark.usefixtures("paths")
def test_a_reader_that_has_seen_enough_is_no_failure_to_speak_of() -> None:
    command = [sys.executable, "-m", "vidgen_gui", "plan", *GIVEN]
    # A pipe whose other end is closed already.
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        ended = subprocess.run(
            command, stdout=write_end, stderr=subprocess.PIPE, timeout=60, check=False
        )
    finally:
        os.close(write_end)
    assert ended.returncode == 1
    assert ended.stderr == b""
