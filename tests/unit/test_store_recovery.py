"""Opening the store whatever happened to its files: no job is lost, and the person is told."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from vidgen_gui.core.errors import StorageError
from vidgen_gui.core.job import Job, JobSpec, JobState, StageName
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.script import Scene, Script
from vidgen_gui.store.artifacts import StoredArtifact, intent_key
from vidgen_gui.store.backup import find_backups
from vidgen_gui.store.database import Database
from vidgen_gui.store.migrations import MIGRATIONS
from vidgen_gui.store.store import Store, open_store
from vidgen_gui.system.paths import AppPaths

KEY = intent_key("script", 1, {"topic": "walks"})


@pytest.fixture
def paths(tmp_path: Path) -> AppPaths:
    return AppPaths.find({"VIDGEN_HOME": str(tmp_path / "home with späces")})


def _spec(topic: str = "Morning walks") -> JobSpec:
    return JobSpec.create(topic=topic, output_dir=Path("/videos"))


def _database(paths: AppPaths) -> Path:
    return paths.data / "jobs.db"


def _make(store: Store, job: Job) -> StoredArtifact:
    with store.artifacts.workspace(KEY) as workdir:
        return store.artifacts.commit(
            KEY, stage="script", workdir=workdir, files=(), value={"a": 1}, rung="x", job_id=job.id
        )


def _fill(paths: AppPaths, *, backups: int) -> list[Job]:
    """A store with a done, a failed, an edited, a removed, a moved and a running job."""
    with open_store(paths) as store:
        jobs = store.jobs.add_many([_spec(f"topic {number}") for number in range(6)])
        ids = [job.id for job in jobs]
        for _ in range(backups):
            store.jobs.add(_spec("before a backup"))
            store.backups.make()
        store.jobs.finish(ids[0], Path("/videos/a.mp4"))
        store.jobs.set_script(ids[1], Script("T", (Scene("One.", "a hill"),)))
        store.jobs.remove([ids[2]])
        store.jobs.move([ids[5]], ids[0])
        store.jobs.claim(ids[3])
        _make(store, jobs[4])
        found = store.jobs.list(include_removed=True)
    return [_restarted(job) for job in sorted(found, key=lambda job: job.id)]


def _restarted(job: Job) -> Job:
    """What a running job is after a restart."""
    return replace(job, state=JobState.WAITING) if job.state is JobState.RUNNING else job


def _garbage(path: Path) -> None:
    path.write_bytes(b"\x00\xff garbage" * 1000)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 + 100])


def _scribble(path: Path) -> None:
    data = bytearray(path.read_bytes())
    for start in range(4096, len(data), 8192):
        data[start : start + 64] = b"\xa5" * 64
    path.write_bytes(data)


def _delete(path: Path) -> None:
    path.unlink()


@pytest.mark.req("F2", "PAT-PROGRESS")
@pytest.mark.parametrize("backups", [0, 1, 3])
@pytest.mark.parametrize("damage", [_garbage, _empty, _cut, _scribble, _delete])
def test_a_damaged_database_is_rebuilt_with_every_job(
    paths: AppPaths, damage: Callable[[Path], None], backups: int
) -> None:
    before = _fill(paths, backups=backups)
    damage(_database(paths))
    with open_store(paths) as store:
        after = sorted(store.jobs.list(include_removed=True), key=lambda job: job.id)
        assert after == before
        edited = next(job for job in after if job.spec.topic == "topic 1")
        assert store.jobs.script(edited.id) == Script("T", (Scene("One.", "a hill"),))
        assert store.artifacts.find(KEY) is not None
        (notice,) = store.notices
        assert notice.id is MessageId.DATABASE_REBUILT
        assert notice.params["jobs"] == len(before) - 1
        if damage is not _delete:
            assert Path(notice.params["path"]).name.startswith("jobs.db.damaged-")
            assert Path(notice.params["path"]).exists()
        store.jobs.add(_spec("goes on"))
    with open_store(paths) as store:
        assert store.notices == ()
        assert len(store.jobs.list(include_removed=True)) == len(before) + 1


@pytest.mark.parametrize("backups", [0, 2])
def test_a_garbage_log_beside_the_database_loses_nothing(paths: AppPaths, backups: int) -> None:
    """SQLite silently drops what it cannot read there; the journal has it."""
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from vidgen_gui.core.job import JobSpec\n"
        "from vidgen_gui.store.store import open_store\n"
        "from vidgen_gui.system.paths import AppPaths\n"
        "store = open_store(AppPaths.find())\n"
        "spec = JobSpec.create(topic='Only in the log', output_dir=Path('/videos'))\n"
        "print(store.jobs.add(spec).id, flush=True)\n"
        "os._exit(9)\n"
    )
    before = _fill(paths, backups=backups)
    command = [sys.executable, "-c", script]
    env = {"VIDGEN_HOME": str(paths.data.parent), "PYTHONPATH": str(Path.cwd())}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=env)
    new_id = done.stdout.strip()
    log = paths.data / "jobs.db-wal"
    assert log.stat().st_size > 0, done.stderr
    log.write_bytes(b"\xa5" * log.stat().st_size)
    with open_store(paths) as store:
        assert store.notices == ()
        assert store.jobs.get(new_id) is not None
        assert len(store.jobs.list(include_removed=True)) == len(before) + 1


def test_the_older_backup_serves_when_the_newer_is_damaged(paths: AppPaths) -> None:
    before = _fill(paths, backups=3)
    newest, older = find_backups(paths.state / "backups")
    _garbage(newest)
    _garbage(_database(paths))
    with open_store(paths) as store:
        after = sorted(store.jobs.list(include_removed=True), key=lambda job: job.id)
    assert after == before
    assert older.exists()


def test_artifacts_are_recorded_again_after_everything_else_was_lost(paths: AppPaths) -> None:
    with open_store(paths) as store:
        made = _make(store, store.jobs.add(_spec()))
    _garbage(_database(paths))
    (paths.data / "journal.jsonl").unlink()
    shutil.rmtree(paths.state / "backups", ignore_errors=True)
    with open_store(paths) as store:
        assert store.jobs.list() == []
        keys = store.database.read(lambda c: c.execute("SELECT key FROM artifacts").fetchall())
        assert keys == [(KEY,)]
        assert store.artifacts.find(KEY) == made
        assert [notice.id for notice in store.notices] == [MessageId.DATABASE_REBUILT]


def test_a_first_start_says_nothing(paths: AppPaths) -> None:
    with open_store(paths) as store:
        assert (store.notices, store.jobs.list()) == ((), [])
    _empty(_database(paths))
    with open_store(paths) as store:
        assert store.notices == ()


def test_a_newer_database_stays_as_it_is(paths: AppPaths) -> None:
    _fill(paths, backups=1)
    with Database(_database(paths), paths.state, migrations=(*MIGRATIONS, lambda _: None)):
        pass
    content = _database(paths).read_bytes()
    with pytest.raises(StorageError) as caught:
        open_store(paths)
    assert caught.value.message.id is MessageId.DATABASE_TOO_NEW
    assert _database(paths).read_bytes() == content


def _file_instead_of_data(paths: AppPaths) -> None:
    paths.data.parent.mkdir(parents=True)
    paths.data.write_bytes(b"a file")


def _folder_instead_of_database(paths: AppPaths) -> None:
    _database(paths).mkdir(parents=True)


def _folder_instead_of_lock(paths: AppPaths) -> None:
    (paths.data / "store.lock").mkdir(parents=True)


@pytest.mark.parametrize(
    "spoil", [_file_instead_of_data, _folder_instead_of_database, _folder_instead_of_lock]
)
def test_an_unusable_folder_is_one_clear_error(
    paths: AppPaths, spoil: Callable[[AppPaths], None]
) -> None:
    spoil(paths)
    with pytest.raises(StorageError) as caught:
        open_store(paths)
    assert caught.value.message.id is MessageId.DATABASE_UNUSABLE


def test_a_backup_after_a_finished_job_holds_it(paths: AppPaths) -> None:
    with open_store(paths) as store:
        job = store.jobs.add(_spec())
        store.jobs.finish(job.id, Path("/videos/a.mp4"))
        store.backup()
    (backup,) = find_backups(paths.state / "backups")
    with Database(backup, paths.state) as copy:
        state = copy.read(lambda c: c.execute("SELECT id, state FROM jobs").fetchall())
    assert state == [(job.id, "done")]


@pytest.mark.parametrize(("resume", "state"), [(True, JobState.WAITING), (False, JobState.PAUSED)])
def test_what_was_running_waits_or_is_paused(
    paths: AppPaths,
    resume: bool,  # noqa: FBT001 - a table's column
    state: JobState,
) -> None:
    with open_store(paths) as store:
        running, waiting = store.jobs.add_many([_spec(), _spec()])
        store.jobs.claim(running.id)
    with open_store(paths, resume=resume) as store:
        states = [job.state for job in store.jobs.list()]
    assert states == [state, JobState.WAITING]
    assert waiting.state is JobState.WAITING


def test_removed_jobs_can_be_brought_back_after_a_restart(paths: AppPaths) -> None:
    with open_store(paths) as store:
        job = store.jobs.add(_spec())
        store.history.record_stage(job.id, StageName.SCRIPT, None, 1.0, reused=False, rung="x")
        store.jobs.remove([job.id])
    with open_store(paths) as store:
        assert store.jobs.list() == []
        store.jobs.undo_remove([job.id])
        assert store.jobs.list() == [job]
        assert len(store.history.timings(job.id)) == 1
