"""The store after ``kill -9`` at any moment: nothing acknowledged is lost or made twice."""

import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import pytest

from vidgen_gui.core.job import JobState
from vidgen_gui.store.store import Store, open_store
from vidgen_gui.system.paths import AppPaths

CHILD = Path(__file__).with_name("store_kill_child.py")
RANDOM_KILLS = 22
RENAME_KILLS = 3
SEED = int(os.environ.get("VIDGEN_TEST_SEED", "20240611"))


@dataclass
class _Acknowledged:
    """What the children said, in all rounds together."""

    added: set[str] = field(default_factory=set)
    edited: dict[str, str] = field(default_factory=dict)
    finished: set[str] = field(default_factory=set)
    made: set[str] = field(default_factory=set)
    made_again: list[str] = field(default_factory=list)
    lines: Counter[str] = field(default_factory=Counter)

    def take(self, line: str) -> None:
        word, _, rest = line.strip().partition(" ")
        self.lines[word] += 1
        match word:
            case "added":
                self.added.add(rest)
            case "edited":
                job_id, _, text = rest.partition(" ")
                self.edited[job_id] = text
            case "finished":
                self.finished.add(rest)
            case "made":
                self.made.add(rest)
            case "making" if rest in self.made:
                self.made_again.append(rest)


def _run_and_kill(
    acknowledged: _Acknowledged, seed: int, *, lines: int, delay_s: float, die_in: int = 0
) -> None:
    """Let a child work; kill it after so many lines and a moment, or let it kill itself."""
    command = [sys.executable, str(CHILD), str(seed), *([str(die_in)] if die_in else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in islice(child.stdout, None if die_in else lines):
            acknowledged.take(line)
        # A random moment, not a wait for anything.
        threading.Event().wait(delay_s)
        child.kill()
        for line in child.stdout:
            if line.endswith("\n"):
                acknowledged.take(line)
    assert child.returncode == -signal.SIGKILL


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _check(store: Store, paths: AppPaths, acknowledged: _Acknowledged) -> None:
    jobs = {job.id: job for job in store.jobs.list()}
    assert len(jobs) == len(store.jobs.list())
    assert acknowledged.added <= set(jobs)
    assert all(job.state in {JobState.WAITING, JobState.DONE} for job in jobs.values())
    assert {i for i in acknowledged.finished if jobs[i].state is not JobState.DONE} == set()
    assert len(jobs) <= acknowledged.lines["added"] + 3 * (RANDOM_KILLS + RENAME_KILLS)
    for job_id, text in acknowledged.edited.items():
        script = store.jobs.script(job_id)
        assert script is not None
        assert script.title == text
    missing = {key for key in acknowledged.made if store.artifacts.find(key) is None}
    assert missing == set()
    assert acknowledged.made_again == []
    assert list((store.artifacts.root / "tmp").iterdir()) == []
    unfinished = ("*.part*", ".*.tmp", "*-journal")
    folders = (paths.data, paths.state, paths.state / "backups")
    leftovers = [path for folder in folders for name in unfinished for path in folder.glob(name)]
    assert leftovers == []
    assert store.notices == ()


@pytest.mark.slow
@pytest.mark.req("F2", "PAT-PROGRESS", "F4")
def test_twenty_five_kills_lose_nothing_and_repeat_nothing() -> None:
    randomness = random.Random(SEED)
    paths = AppPaths.find()
    acknowledged = _Acknowledged()
    kills = [0] * RANDOM_KILLS + [1, 2, 5][:RENAME_KILLS]
    randomness.shuffle(kills)
    for die_in in kills:
        seed = randomness.randrange(2**32)
        lines = randomness.choice([0, 1, 2, 4, 8, 15, 30, 60])
        delay_s = randomness.uniform(0.0, 0.25)
        _say(f"seed {SEED}: child {seed}, kill after {lines} lines and {delay_s:.3f} s")
        _run_and_kill(acknowledged, seed, lines=lines, delay_s=delay_s, die_in=die_in)
        with open_store(paths) as store:
            _check(store, paths, acknowledged)
    _say(str(dict(acknowledged.lines)))
    assert acknowledged.lines["dying"] == RENAME_KILLS
    assert len(acknowledged.finished) > 10
    assert len(acknowledged.made) > 100
    with open_store(paths) as store:
        stored = store.database.read(lambda c: c.execute("SELECT key FROM artifacts").fetchall())
        folders = {path.name for path in store.artifacts.root.glob("??/*")}
    assert {row[0] for row in stored} == folders
