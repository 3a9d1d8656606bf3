"""One window a person: what a second start does beside one that is open, closes or hangs."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from vidgen_gui.controller.single_instance import SingleInstance
from vidgen_gui.system.paths import AppPaths

SECOND = """
import logging, sys
from vidgen_gui.controller import single_instance
from vidgen_gui.core.errors import ProgramError
from vidgen_gui.system.paths import AppPaths

logging.basicConfig(level=logging.INFO)
single_instance.ANSWER_LIMIT_S = float(sys.argv[1])
instance = single_instance.SingleInstance(AppPaths.find())
try:
    print(instance.claim())
except ProgramError as error:
    print(error.message.id)
instance.close()
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def first(home: Path) -> Iterator[SingleInstance]:
    made = SingleInstance(AppPaths.find({"VIDGEN_HOME": str(home)}))
    assert made.claim()
    yield made
    made.close()


@contextlib.contextmanager
def another_start(home: Path, limit_s: float) -> "Iterator[subprocess.Popen[str]]":
    with subprocess.Popen(
        [sys.executable, "-c", SECOND, str(limit_s)],
        env=os.environ | {"VIDGEN_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process


def told(process: "subprocess.Popen[str]") -> str:
    stdout, _ = process.communicate(timeout=120)
    return stdout.strip()


def test_a_second_start_raises_the_first(home: Path, first: SingleInstance, qtbot: QtBot) -> None:
    with another_start(home, 60) as second:
        qtbot.waitSignal(first.raised).wait()
        assert told(second) == "False"


@pytest.mark.usefixtures("qtbot")
def test_a_start_after_the_end_opens_a_window(home: Path, first: SingleInstance) -> None:
    first.close()
    with another_start(home, 60) as second:
        assert told(second) == "True"


@pytest.mark.usefixtures("qtbot")
def test_a_start_waits_for_a_window_that_closes(home: Path, first: SingleInstance) -> None:
    first.stop_answering()
    with another_start(home, 60) as second:
        assert second.stderr is not None
        assert "takes no call" in second.stderr.readline()
        first.close()
        assert told(second) == "True"


@pytest.mark.usefixtures("qtbot", "first")
def test_a_start_beside_a_window_that_hangs_says_so(home: Path) -> None:
    # Its loop stands still meanwhile: what calls it is connected, but not heard.
    with another_start(home, 0.5) as second:
        assert told(second) == "window-silent"
