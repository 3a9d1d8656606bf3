"""Memory and held-up turns while the real window makes a video: memory by its budget, time grossly.

`tests.benchmarks.bench_app` tells the figures; times of a shared machine prove little, so here
only what no busy machine explains is a failure.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
GROSS_TURN_MS = 500
TEXT = """Before the first message arrives there is a street and some cold air.

Nobody needs you yet. So leave the phone at home, and walk."""


def bench(*arguments: str) -> dict[str, Any]:
    run = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.bench_app", "--json", *arguments],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
    )
    result: dict[str, Any] = json.loads(run.stdout)
    return result


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "arguments", [("--quality", "ultra"), ("--quality", "draft", "--count", "3")], ids=" ".join
)
@pytest.mark.req("L5")
def test_the_window_stays_small_and_lively_while_videos_are_made(
    arguments: tuple[str, ...],
) -> None:
    result = bench(*arguments, "--text", TEXT)
    assert result["exit_status"] == 0
    assert result["states"] == ["done"] * result["videos"]
    workers = {"worker voice", "worker painter", "worker captions", "worker compositor"}
    assert workers | {"app", "ffmpeg"} <= set(result["peaks_mb"])
    over = {
        kind: peak for kind, peak in result["peaks_mb"].items() if peak > result["goals_mb"][kind]
    }
    assert over == {}
    loop = result["working"]
    assert loop["turns"] > 500
    assert loop["own_longest_ms"] < GROSS_TURN_MS
    assert loop["own_under_16_ms"] > 0.97
