"""What can be typed at ``make``: words that look like options, and what is said of wrong ones."""

import json

import pytest

from vidgen_gui.cli import main
from vidgen_gui.cli_arguments import parse


@pytest.mark.parametrize("topic", ["-x", "-5 degrees", "---", "- a list", "-h"])
def test_a_topic_may_begin_with_a_dash(topic: str) -> None:
    assert parse(["make", "--topic", topic, "--count", "2"]).topic == topic


@pytest.mark.parametrize(
    "words",
    [
        ["--topic", "--count", "2"],
        ["--topic"],
        ["--topic", "--"],
        ["--seed", "many"],
        ["--colour", "red"],
    ],
)
def test_a_wrong_word_is_one_line(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["make", *words]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert words[0] in line
    assert "--help" in line


@pytest.mark.parametrize(
    "words", [["make", "--seed", "many"], ["make", "--out", "-x"], ["mak"], [], ["plan"]]
)
def test_a_wrong_word_is_json_where_json_is_wanted(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--json"]) == 2
    told = capsys.readouterr()
    [failure] = json.loads(told.out)["failed"]
    assert failure["id"] == "command-invalid"
    assert failure["advice"].startswith("See vidgen-gui")
    assert told.err == ""
