"""How long one whole 20 s video takes, stage by stage, once everything is warm.

Runs the pipeline in this process as the command line does. Prints, never asserts. Run
``python -m tests.benchmarks.bench_job`` (``--quality``, ``--runs``, ``--json``).
"""

import argparse
import contextlib
import os
import queue
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.kit import print_result
from tests.benchmarks.process_watch import ProcessWatch
from vidgen_gui.core.events import Event, JobFailed, JobFinished, StageFinished, StageStarted
from vidgen_gui.core.job import JobSpec, StageName
from vidgen_gui.core.minima import FileKind
from vidgen_gui.core.quality import Quality
from vidgen_gui.core.settings import Settings
from vidgen_gui.media.probe import probe
from vidgen_gui.pipeline.session import Session
from vidgen_gui.system.paths import AppPaths

GOAL_S = 20.0
RUNS = 3
TOPIC = "Morning walks"
SCRIPT = """The best part of the day is the one that nobody sees. {name} knows it well.

Before the first message arrives, there is a street, some cold air, and your own two feet.

Nobody needs you yet. The light is low and kind.

So leave the phone at home tomorrow. Walk to the old bridge, and see who you meet."""
NAMES = ("Anna", "Ben", "Clara", "David", "Emma", "Felix", "Greta", "Henry", "Ida", "Jonas")
DEADLINE_S = 600.0


@dataclass
class StageTime:
    """Of all units of one stage, in seconds from the job's start; ``busy_s`` is their sum."""

    begin_s: float = float("inf")
    end_s: float = 0.0
    busy_s: float = 0.0


@dataclass
class Run:
    """One job's times."""

    wall_s: float = 0.0
    video_s: float = 0.0
    stages: dict[str, StageTime] = field(default_factory=dict)


class Bench:
    """An opened session whose workers stay warm from run to run."""

    def __init__(self, session: Session, events: "queue.SimpleQueue[Event]", out: Path) -> None:
        self._session = session
        self._events = events
        self._out = out

    @classmethod
    @contextlib.contextmanager
    def opened(cls, folder: Path) -> Iterator["Bench"]:
        os.environ["VIDGEN_HOME"] = str(folder)
        paths = AppPaths.find()
        paths.create()
        events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        with ThreadPoolExecutor(2, "vidgen-job") as pool:
            session = Session(paths, Settings(), submit=pool.submit, emit=events.put)
            try:
                yield cls(session, events, folder / "videos")
            finally:
                session.close()

    def make(self, number: int, quality: Quality) -> Run:
        """Make one video whose parts are all new; the seed and a name in it differ."""
        spec = JobSpec.create(
            topic=TOPIC,
            script_text=SCRIPT.format(name=NAMES[number % len(NAMES)]),
            quality=quality,
            seed=number,
            output_dir=self._out,
        )
        started = time.monotonic()
        self._session.submit([spec])
        run = Run()
        while True:
            event = self._events.get(timeout=DEADLINE_S)
            now_s = time.monotonic() - started
            match event:
                case StageStarted(stage=stage):
                    times = run.stages.setdefault(stage.value, StageTime())
                    times.begin_s = min(times.begin_s, now_s)
                case StageFinished(stage=stage, elapsed_s=elapsed_s):
                    times = run.stages[stage.value]
                    times.end_s, times.busy_s = now_s, times.busy_s + elapsed_s
                case JobFinished(video_path=path):
                    run.wall_s = now_s
                    run.video_s = probe(Path(path), FileKind.VIDEO).duration_s
                    return run
                case JobFailed(reason=reason):
                    raise RuntimeError(reason)


def measure(quality: Quality, runs: int) -> dict[str, Any]:
    """One run to warm up, then ``runs``; the one of median length is told stage by stage."""
    with (
        tempfile.TemporaryDirectory(prefix="vidgen-bench-") as name,
        Bench.opened(Path(name)) as bench,
    ):
        bench.make(0, Quality.DRAFT)
        with ProcessWatch(os.getpid()) as watch:
            made = [bench.make(number, quality) for number in range(1, runs + 1)]
    made.sort(key=lambda run: run.wall_s)
    median = made[len(made) // 2]
    cpu_s = {kind: round(seconds / runs, 2) for kind, seconds in watch.cpu_s.items()}
    return {
        "quality": quality.slug,
        "video_s": round(median.video_s, 1),
        "wall_s": [round(run.wall_s, 1) for run in made],
        "median_s": round(statistics.median(run.wall_s for run in made), 1),
        "goal_s": GOAL_S if quality is Quality.STANDARD else None,
        "cpu_s": cpu_s,
        "cpu_total_s": round(sum(cpu_s.values()), 1),
        "stages": {
            stage.value: {
                "begin_s": round(median.stages[stage.value].begin_s, 1),
                "end_s": round(median.stages[stage.value].end_s, 1),
                "busy_s": round(median.stages[stage.value].busy_s, 1),
            }
            for stage in StageName
        },
    }


def show(result: dict[str, Any]) -> None:
    """Print one measurement as tables."""
    say = sys.stdout.write
    say(f"\nOne {result['video_s']} s video at {result['quality']}, warm, all stages: ")
    say(f"{result['median_s']} s (runs {result['wall_s']}, goal {result['goal_s']}); ")
    say(f"{result['cpu_total_s']} s of CPU, {os.cpu_count()} cores\n")
    row = "{:<20} {:>8} {:>8} {:>8}\n"
    say(row.format("stage", "begin_s", "end_s", "busy_s"))
    for stage, times in result["stages"].items():
        say(row.format(stage, *times.values()))
    say(row.format("process", "cpu_s", "", ""))
    for kind, seconds in result["cpu_s"].items():
        say(row.format(kind, seconds, "", ""))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--quality", type=Quality.parse, default=Quality.STANDARD)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    result = measure(options.quality, options.runs)
    print_result(result, show, as_json=options.json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
