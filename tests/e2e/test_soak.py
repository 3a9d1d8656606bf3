"""A batch in the real window: nothing it holds grows from job to job, and failures hold up nobody.

`tests.benchmarks.bench_soak` tells the figures and goes on for as long as one likes.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROUNDS, JOBS = 4, 3
HEAP_MB_A_JOB = 0.25
"""Some 0.05 MB a job are its row's picture and facts; one frame or caption kept is more."""
PYTHON_BLOCKS_A_JOB = 1500
"""A job's row, its request and its script are some 500."""
TEMPORARY = 4
"""Threads and descriptors of pools that wait for work or have just given up waiting."""
RESIDENT_MB_A_JOB = 2
"""Some 0.15 MB a job, and what malloc keeps for the next."""
RESIDENT_MB = 350


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.req("N8", "N9", "N10", "AUD-29")
def test_nothing_grows_from_job_to_job_and_failures_hold_up_nobody() -> None:
    command = [sys.executable, "-m", "tests.benchmarks.bench_soak", "--json", "--failing"]
    command += ["--rounds", str(ROUNDS), "--jobs", str(JOBS)]
    run = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    result: dict[str, Any] = json.loads(run.stdout)
    assert result["exit_status"] == 0
    assert sorted(result["states"]) == ["done"] * ROUNDS * (JOBS - 1) + ["failed"] * ROUNDS
    samples = result["samples"]
    assert [sample["jobs"] for sample in samples] == [n * JOBS for n in range(ROUNDS + 1)]
    # By then every part of the app was used for the first time.
    warm, last = samples[ROUNDS // 2], samples[-1]
    jobs = last["jobs"] - warm["jobs"]
    assert last["qt_objects"] == warm["qt_objects"]
    assert last["timers"] == warm["timers"]
    assert last["widgets"] == warm["widgets"]
    assert last["temp_files"] == 0
    assert last["threads"] <= warm["threads"] + TEMPORARY
    assert last["descriptors"] <= warm["descriptors"] + TEMPORARY
    assert last["python_blocks"] - warm["python_blocks"] < PYTHON_BLOCKS_A_JOB * jobs
    assert last["heap_mb"] - warm["heap_mb"] < HEAP_MB_A_JOB * jobs
    assert last["rss_mb"] - warm["rss_mb"] < RESIDENT_MB_A_JOB * jobs
    assert last["rss_mb"] < RESIDENT_MB
