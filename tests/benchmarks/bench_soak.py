"""Whether the window holds more and more while it works through a night's batch.

Starts the real window offscreen in a process of its own and has it make short videos, round after
round. ``heap_mb`` and the counts tell a leak soonest; ``rss_mb`` has what malloc keeps unused, too.
Prints, never asserts. Run ``python -m tests.benchmarks.bench_soak`` (``--rounds``, ``--jobs``,
``--failing``, ``--json``).
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.benchmarks.kit import print_result, window_environment
from vidgen_gui.core.job import Speech
from vidgen_gui.core.quality import Quality

DEADLINE_S = 3600.0
COLUMNS = (
    "jobs",
    "rss_mb",
    "heap_mb",
    "python_blocks",
    "threads",
    "descriptors",
    "qt_objects",
    "timers",
    "widgets",
    "log_kb",
    "database_kb",
    "temp_files",
)
THINGS = ("The sea", "An old tree", "The first train", "A kitchen", "The moon", "A quiet street")
WHAT = ("waits for nobody", "keeps what it knows", "is louder than you think", "was here before us")


def soak(rounds: int, jobs: int, *, failing: bool = False) -> dict[str, Any]:
    """Have the window make ``rounds`` times ``jobs`` videos; see `soak_driver` for what comes back.

    No two say the same, so none takes over what another made. Every other is spoken, the others
    have captions alone.

    Args:
        failing: the second job of each round has a folder that cannot be.
    """
    with tempfile.TemporaryDirectory(prefix="vidgen-soak-") as name:
        folder = Path(name)
        report = folder / "report.json"
        (folder / "a file").touch()
        request = {
            "rounds": [
                [
                    _job(place * jobs + number, folder, fails=failing and number == 1)
                    for number in range(jobs)
                ]
                for place in range(rounds)
            ]
        }
        driver = [sys.executable, "-m", "tests.benchmarks.soak_driver"]
        run = subprocess.run(
            [*driver, str(report), json.dumps(request)],
            env=window_environment(folder),
            check=False,
            timeout=DEADLINE_S,
        )
        result: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return {"exit_status": run.returncode, **result}


def _job(number: int, folder: Path, *, fails: bool) -> dict[str, Any]:
    thing, what = THINGS[number % len(THINGS)], WHAT[number // len(THINGS) % len(WHAT)]
    speech = Speech.SPOKEN if number % 2 == 0 else Speech.CAPTIONS_ONLY
    return {
        "topic": f"{thing} {what}",
        "script_text": f"{thing} {what}, {number}.\n\nListen, and you hear it too.",
        "quality": int(Quality.DRAFT),
        "speech": speech.value,
        "seed": number,
        "output_dir": str(folder / ("a file" if fails else "videos")),
    }


def show(result: dict[str, Any]) -> None:
    """Print all samples as a table."""
    say = sys.stdout.write
    say(f"\nThe window through {len(result['states'])} jobs: ")
    say(", ".join(f"{result['states'].count(s)} {s}" for s in sorted(set(result["states"]))))
    say("\n")
    row = "  ".join(f"{{:>{len(column)}}}" for column in COLUMNS) + "  {}\n"
    say(row.format(*COLUMNS, "workers_mb"))
    for sample in result["samples"]:
        workers = ", ".join(f"{kind} {mb:.0f}" for kind, mb in sorted(sample["workers_mb"].items()))
        say(row.format(*(str(sample[column]) for column in COLUMNS), workers))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=3, help="in each round")
    parser.add_argument("--failing", action="store_true", help="one of each round cannot be made")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    result = soak(options.rounds, options.jobs, failing=options.failing)
    print_result(result, show, as_json=options.json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
