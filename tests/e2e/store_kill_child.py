"""Works on a store until it is killed; says on standard output what was acknowledged.

Run as ``store_kill_child.py SEED [COMMIT_TO_DIE_IN]``. Each line is written only after the store
returned, except ``making KEY``, which comes before.
"""

import os
import random
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

from vidgen_gui.core.job import Job, JobSpec, JobState
from vidgen_gui.core.script import Scene, Script
from vidgen_gui.store.artifacts import intent_key
from vidgen_gui.store.store import Store, open_store
from vidgen_gui.system.paths import AppPaths

UNITS = 5
MAX_WAITING = 6

_output = threading.Lock()


def say(*words: object) -> None:
    with _output:
        os.write(1, (" ".join(str(word) for word in words) + "\n").encode())


def unit_key(job_id: str, unit: int) -> str:
    return intent_key("image", 1, {"job": job_id, "unit": unit})


def make_unit(store: Store, job_id: str, unit: int) -> None:
    key = unit_key(job_id, unit)
    if store.artifacts.find(key, job_id=job_id) is not None:
        return
    say("making", key)
    with store.artifacts.workspace(key) as workdir:
        data = key.encode() * 2000
        (workdir / "picture.png").write_bytes(data)
        store.artifacts.commit(
            key,
            stage="image",
            workdir=workdir,
            files=["picture.png"],
            value={"unit": unit},
            rung="painter",
            job_id=job_id,
        )
    say("made", key)


def run_job(store: Store, job: Job) -> None:
    if not store.jobs.claim(job.id):
        return
    for unit in range(UNITS):
        make_unit(store, job.id, unit)
    store.jobs.finish(job.id, Path("/videos") / f"{job.id}.mp4")
    say("finished", job.id)
    store.backup()


def add_jobs(store: Store, randomness: random.Random) -> None:
    spec = JobSpec.create(topic="Walks", output_dir=Path("/videos"))
    for job in store.jobs.add_many([spec] * randomness.randint(1, 3)):
        say("added", job.id)
        text = f"Edited {randomness.random()}"
        store.jobs.set_script(job.id, Script(text, (Scene(text, "a hill"),)))
        say("edited", job.id, text)


def main() -> None:
    randomness = random.Random(int(sys.argv[1]))
    last_commit = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    commits = count(1)

    def after_rename() -> None:
        if next(commits) == last_commit:
            say("dying between rename and record")
            os.kill(os.getpid(), signal.SIGKILL)

    store = open_store(AppPaths.find(), after_rename=after_rename)
    say("opened")
    with ThreadPoolExecutor(3) as pool:
        while True:
            waiting = [job for job in store.jobs.list() if job.state is JobState.WAITING]
            if len(waiting) < MAX_WAITING:
                add_jobs(store, randomness)
            for done in [pool.submit(run_job, store, job) for job in waiting]:
                done.result()


if __name__ == "__main__":
    main()
