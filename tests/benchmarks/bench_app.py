"""What the window costs while it makes videos: memory, held-up turns of its loop, CPU.

Starts the real window offscreen in a process of its own. Prints, never asserts. Run
``python -m tests.benchmarks.bench_app`` (``--quality``, ``--count``, ``--json``, ``--blame``).
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.kit import print_result, window_environment
from tests.benchmarks.process_watch import ProcessWatch
from vidgen_gui.core.quality import Quality
from vidgen_gui.core.script import Length

APP_GOAL_MB = 350
OTHER_GOAL_MB = 600
ULTRA_FFMPEG_GOAL_MB = 750
LONGEST_TURN_GOAL_MS = 50
QUICK_TURNS_GOAL = 0.99
TOPICS = ("The quiet power of morning walks", "Why old trees matter", "The first computer")
DEADLINE_S = 1200.0


def measure(
    quality: Quality, count: int, text: str | None = None, blame_ms: float = 0
) -> dict[str, Any]:
    """Have the window make ``count`` videos; what it and its processes took.

    Args:
        text: what they say; else each gets a short script about its topic.
        blame_ms: how long a turn must be for all threads' stacks to be told.
    """
    with tempfile.TemporaryDirectory(prefix="vidgen-bench-") as name:
        folder = Path(name)
        report = folder / "report.json"
        request = {
            "topics": [TOPICS[number % len(TOPICS)] for number in range(count)],
            "options": {
                "quality": int(quality),
                "length": Length.SHORT.value,
                "script_text": text,
                "output_dir": str(folder / "videos"),
            },
            "started": time.monotonic(),
            "blame_ms": blame_ms,
        }
        driver = [sys.executable, "-m", "tests.benchmarks.window_driver"]
        environment = window_environment(folder)
        beats = folder / "heartbeat.json"
        heartbeat = [sys.executable, "-m", "tests.benchmarks.heartbeat", str(beats)]
        with (
            subprocess.Popen(heartbeat) as bare,
            subprocess.Popen([*driver, str(report), json.dumps(request)], env=environment) as run,
        ):
            try:
                with ProcessWatch(run.pid) as watch:
                    status = run.wait(DEADLINE_S)
            finally:
                run.kill()
                bare.terminate()
        wall_s = time.monotonic() - request["started"]
        result: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        stalls = json.loads(beats.read_text(encoding="utf-8"))
    return {
        "quality": quality.slug,
        "videos": count,
        "exit_status": status,
        "wall_s": round(wall_s, 1),
        "peaks_mb": watch.peaks_mb,
        "cpu_s": watch.cpu_s,
        "goals_mb": {kind: goal_mb(kind, quality) for kind in watch.peaks_mb},
        "bare_longest_ms": max((late_ms for _, late_ms in stalls), default=0.0),
        "alone_longest_ms": longest_alone(result["long_turns"], stalls),
        **result,
    }


def longest_alone(turns: list[tuple[float, float]], stalls: list[tuple[float, float]]) -> float:
    """The longest turn, less what a bare process beside it was late within the same time.

    Both are lists of an end (`time.monotonic` seconds) and a length in milliseconds.
    """
    longest = 0.0
    for end_s, own_ms in turns:
        start_s = end_s - own_ms / 1000
        shared_s = sum(
            max(0.0, min(end_s, stall_end_s) - max(start_s, stall_end_s - late_ms / 1000))
            for stall_end_s, late_ms in stalls
        )
        longest = max(longest, own_ms - 1000 * shared_s)
    return round(longest, 1)


def goal_mb(kind: str, quality: Quality) -> int:
    """The memory that a process of this kind may take."""
    if kind == "app":
        return APP_GOAL_MB
    if kind == "ffmpeg" and quality is Quality.ULTRA:
        return ULTRA_FFMPEG_GOAL_MB
    return OTHER_GOAL_MB


def show(result: dict[str, Any]) -> None:
    """Print one measurement as tables."""
    say = sys.stdout.write
    say(f"\nThe window while it makes {result['videos']} video(s) at {result['quality']}: ")
    say(f"{result['wall_s']} s, {', '.join(result['states'])}\n")
    say(
        f"visible after {result['visible_s']} s ({result['visible_cpu_s']} s of CPU), "
        f"queue open after {result['ready_s']} s\n"
    )
    row = "{:<22} {:>10} {:>10} {:>14}\n"
    say(row.format("event loop", "longest_ms", "p99_ms", "under_16_ms"))
    for label, prefix in (("all that held it up", ""), ("less other programs", "own_")):
        figures = [result["working"][f"{prefix}{n}_ms"] for n in ("longest", "p99", "under_16")]
        say(row.format(label, *map(str, figures)))
    say(row.format("when a bare one ran", result["alone_longest_ms"], "", ""))
    say(row.format("a bare one beside it", result["bare_longest_ms"], "", ""))
    say(row.format("goal", LONGEST_TURN_GOAL_MS, "", QUICK_TURNS_GOAL))
    row = "{:<22} {:>10} {:>10} {:>14}\n"
    say(row.format("process", "peak_mb", "goal_mb", "cpu_s"))
    for kind, peak in result["peaks_mb"].items():
        say(row.format(kind, peak, result["goals_mb"][kind], result["cpu_s"][kind]))
    total = sum(result["cpu_s"].values())
    say(f"the app's share of all CPU time: {result['cpu_s']['app'] / total:.1%}\n")
    for note in result["blame"]:
        say(f"\n{note}")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--quality", type=Quality.parse, default=Quality.ULTRA)
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--text", help="what the videos say")
    parser.add_argument("--blame", type=float, default=0, metavar="MS", help="name what held it up")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    result = measure(options.quality, options.count, options.text, options.blame)
    print_result(result, show, as_json=options.json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
