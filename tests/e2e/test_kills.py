"""``kill -9`` of the window at random moments: each video is made all the same, once."""

import os
import random
import re
import signal
import sqlite3
import sys
import threading
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from kit import RUN_LIMIT_S, App, Run, follow, sidecar, wait_until

from vidgen_gui.core.job import JobSpec
from vidgen_gui.core.quality import Quality
from vidgen_gui.store.store import open_store
from vidgen_gui.system.paths import AppPaths

SEED = int(os.environ.get("VIDGEN_TEST_SEED", "20240611"))
KILLS_A_STAGE = 4
DELIVERY_KILLS = 2
MOST_KILLS = 34
DRIVER = Path(__file__).with_name("die_after_rename.py")
LONGEST_DELAY_S = {
    "script": 0.02,
    "narration": 0.4,
    "image": 0.4,
    "music": 0.4,
    "render": 2.0,
    "delivery": 0.01,
}
"""How long a kill waits at most once the stage began: less than it usually takes."""
LINE = re.compile(r": job (\w+): ([a-z]+)(?: (\d+))? (begins|made|reused)(?: as (\w+))?")
SAY = "The {0} is calm at dawn.\n\nStand by the {0} and listen to it for a while.\n"


@dataclass
class Told:
    """What the log says of the units of all jobs."""

    begun: list[tuple[str, str]] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    """Keys, once for each time that something was made."""
    there: dict[tuple[str, str], str] = field(default_factory=dict)
    """What is finished: (job, unit) and its key."""

    def take(self, line: str) -> tuple[str, str] | None:
        """Note a line; returns what it says that begins, unless that is finished already."""
        found = LINE.search(line)
        if found is None:
            return None
        job, stage, scene, what, key = found.groups()
        unit = stage if scene is None else f"{stage} {scene}"
        if what == "begins":
            return None if (job, unit) in self.there else (job, unit)
        self.there[job, unit] = key
        if what == "made":
            self.made.append(key)
        return None

    def jobs_without(self, stage: str, jobs: list[str]) -> list[str]:
        """Jobs whose ``stage`` is still to come, at least in part."""
        units = (
            [stage] if stage in {"script", "music", "render"} else [f"{stage} {n}" for n in (0, 1)]
        )
        return [job for job in jobs if any((job, unit) not in self.there for unit in units)]


class Bench:
    """The app's home, its queue, and the log as far as it has been read."""

    def __init__(self, app: App, randomness: random.Random) -> None:
        self.app = app
        self.random = randomness
        self.paths = AppPaths.find({"VIDGEN_HOME": str(app.home)})
        self.told = Told()
        self.lines = follow(self.paths.log_file)
        self.topics = iter([f"harbour number {word}" for word in "one two three four".split() * 9])
        self.kills: Counter[str] = Counter()
        self.jobs: list[str] = []

    def add_job(self) -> None:
        topic = f"{next(self.topics)} {len(self.jobs)}"
        spec = JobSpec.create(
            topic=topic,
            script_text=SAY.format(topic),
            quality=Quality.DRAFT,
            seed=len(self.jobs),
            output_dir=self.app.out,
        )
        with open_store(self.paths) as store:
            self.jobs.append(store.jobs.add(spec).id)

    def unfinished(self) -> list[str]:
        with closing(sqlite3.connect(self.paths.data / "jobs.db")) as database:
            rows = database.execute("SELECT id FROM jobs WHERE state != 'done'").fetchall()
        return [row[0] for row in rows]

    def read(self) -> tuple[str, str] | None:
        """Read on to the next unit that really begins, or to the log's end (None)."""
        for line in self.lines:
            if not line:
                return None
            if begins := self.told.take(line):
                return begins
        return None

    def read_to_end(self) -> None:
        """Read what is left in the log, when nothing is written any more."""
        # The first end is that of what had been read when something was last waited for.
        for _ in range(2):
            while self.read():
                pass

    def wait_for(self, stage: str, run: Run) -> tuple[str, str]:
        """Read on until ``stage`` begins somewhere."""
        caught: list[tuple[str, str]] = []

        def look() -> bool:
            assert run.process.poll() is None, run.process.communicate()[1]
            made = len(self.told.there)
            if begins := self.read():
                if begins[1].split()[0] == stage:
                    caught.append(begins)
            elif stage == "delivery" and len(self.told.there) > made:
                caught.extend(p for p in list(self.told.there)[made:] if p[1] == "render")
            return bool(caught)

        wait_until(look)
        return caught[0]

    def kill_in(self, stage: str) -> None:
        """Start the window, kill it while ``stage`` runs, see that nothing outlives it."""
        waiting = self.told.jobs_without(
            "render" if stage == "delivery" else stage, self.unfinished()
        )
        if not waiting:
            self.add_job()
        run = self.app.start()
        caught = self.wait_for(stage, run)
        delay_s = self.random.uniform(0.0, LONGEST_DELAY_S[stage])
        # A random moment, not a wait for anything.
        threading.Event().wait(delay_s)
        run.signal(signal.SIGKILL)
        assert run.wait().code == -signal.SIGKILL
        self.app.assert_all_ended()
        self.read_to_end()
        in_time = caught not in self.told.there
        if stage == "delivery":
            in_time = caught[0] in self.unfinished()
        self.kills[stage if in_time else f"after {stage}"] += 1
        sys.stdout.write(f"{stage}: {caught} +{delay_s:.3f} s, {in_time=}\n")

    def kill_between_rename_and_record(self) -> str:
        """Let the window kill itself; returns the key of what was renamed but not recorded."""
        self.add_job()
        program = [sys.executable, "-P", str(DRIVER)]
        assert self.app.start(program=program).wait().code == -signal.SIGKILL
        self.app.assert_all_ended()
        stored = {path.name for path in (self.paths.cache / "artifacts").glob("??/*")}
        with closing(sqlite3.connect(self.paths.data / "jobs.db")) as database:
            recorded = {row[0] for row in database.execute("SELECT key FROM artifacts")}
        [key] = stored - recorded
        self.kills["rename"] += 1
        return key

    def finish(self) -> None:
        """Let the window make what is left, and close it."""
        self.add_job()
        run = self.app.start()
        wait_until(lambda: not self.unfinished(), RUN_LIMIT_S)
        run.signal(signal.SIGTERM)
        ended = run.wait(60).clean()
        assert ended.code == 0
        self.read_to_end()


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.req("F2", "PAT-PROGRESS", "F4", "E1")
def test_twenty_kills_cost_nothing_that_was_finished(app: App) -> None:
    bench = Bench(app, random.Random(SEED))
    plan = [*(list(LONGEST_DELAY_S)[:5] * KILLS_A_STAGE), *["delivery"] * DELIVERY_KILLS]
    bench.random.shuffle(plan)
    sys.stdout.write(f"seed {SEED}\n")
    unrecorded = bench.kill_between_rename_and_record()
    while plan:
        stage = plan.pop()
        bench.kill_in(stage)
        late = bench.kills[f"after {stage}"] and stage != "delivery"
        if late and bench.kills.total() < MOST_KILLS:
            plan.insert(0, stage)
            bench.kills[f"after {stage}"] -= 1
            bench.kills["late"] += 1
    bench.finish()
    sys.stdout.write(f"{dict(bench.kills)}\n")
    assert bench.kills.total() >= 20
    assert all(bench.kills[stage] >= 3 for stage in list(LONGEST_DELAY_S)[:5])
    assert bench.kills["rename"] == 1
    twice = [key for key, times in Counter(bench.told.made).items() if times > 1]
    assert twice == []
    assert unrecorded in bench.told.there.values()
    assert unrecorded not in bench.told.made
    videos = sorted(app.out.glob("*.mp4"))
    assert sorted(sidecar(video)["job_id"] for video in videos) == sorted(bench.jobs)
    assert len(list((app.out / ".vidgen").iterdir())) == 3 * len(videos)
    app.assert_nothing_left()
