"""The queue: order, states, edits, removal, who runs a job, and what is noted about it."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from busy_machine import in_time
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vidgen_gui.core.errors import InputError, StorageError
from vidgen_gui.core.job import JobSpec, JobState, StageName
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.quality import Quality
from vidgen_gui.core.script import Scene, Script
from vidgen_gui.store.database import Database
from vidgen_gui.store.history import (
    ESTIMATE_SAMPLES,
    MAX_LINES_PER_JOB,
    MAX_ORPHANED_RUNS,
    HistoryStore,
)
from vidgen_gui.store.identity import ProcessIdentity
from vidgen_gui.store.jobs import JobStore
from vidgen_gui.store.journal import Journal


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "jobs.db", tmp_path / "backups") as opened:
        yield opened


@pytest.fixture
def jobs(database: Database, tmp_path: Path) -> JobStore:
    return JobStore(database, Journal(tmp_path / "journal.jsonl"))


@pytest.fixture
def history(database: Database) -> HistoryStore:
    return HistoryStore(database)


def _spec(topic: str = "Morning walks", **options: object) -> JobSpec:
    return JobSpec.create(topic=topic, **{"output_dir": Path("/videos")} | options)


def _topics(jobs: JobStore) -> list[str]:
    return [job.spec.topic for job in jobs.list()]


def test_a_job_comes_back_as_it_was_added(jobs: JobStore) -> None:
    spec = _spec("Ночь 👨‍👩‍👧 \\an8", quality=Quality.ULTRA, seed=2**64 - 1, script_text="A.\nB.")
    job = jobs.add(spec)
    assert job.spec == spec
    assert job.state is JobState.WAITING
    assert abs(job.created_at - time.time()) < 60
    assert jobs.get(job.id) == job
    assert jobs.list() == [job]
    assert jobs.get("unknown") is None


def test_many_are_added_in_order_with_ids_of_their_own(jobs: JobStore) -> None:
    jobs.add(_spec("first"))
    added = jobs.add_many(_spec(f"topic {number}") for number in range(5))
    assert [job.spec.topic for job in added] == [f"topic {number}" for number in range(5)]
    assert _topics(jobs) == ["first", *(f"topic {number}" for number in range(5))]
    assert len({job.id for job in jobs.list()}) == 6
    assert jobs.add_many([]) == []


def test_ten_thousand_jobs_are_added_and_listed_at_once(jobs: JobStore) -> None:
    started = time.monotonic()
    jobs.add_many([_spec()] * 10_000)
    assert len(jobs.list()) == 10_000
    assert in_time(time.monotonic() - started, 10.0)


def test_a_folder_that_is_no_unicode_is_refused_before_anything_is_kept(jobs: JobStore) -> None:
    folder = Path(os.fsdecode(b"/videos/\xff"))
    with pytest.raises(InputError) as caught:
        jobs.add_many([_spec(), _spec(output_dir=folder)])
    assert caught.value.message.id is MessageId.VALUE_INVALID
    assert jobs.list() == []


def test_states_and_results(jobs: JobStore) -> None:
    done, failed, stopped = (job.id for job in jobs.add_many([_spec()] * 3))
    reason = Message(MessageId.DISK_FULL, {"path": "/videos"})
    jobs.finish(done, Path("/videos/a.mp4"))
    jobs.fail(failed, reason)
    jobs.set_state(stopped, JobState.CANCELLED)
    found = {job.id: job for job in jobs.list()}
    assert found[done].state is JobState.DONE
    assert found[done].video_path == Path("/videos/a.mp4")
    assert found[failed].state is JobState.FAILED
    assert found[failed].failure == reason
    assert found[stopped].state is JobState.CANCELLED
    assert all(job.finished_at is not None for job in found.values())
    jobs.set_state(failed, JobState.WAITING)
    again = jobs.get(failed)
    assert again is not None
    assert (again.state, again.failure, again.finished_at) == (JobState.WAITING, None, None)


@pytest.mark.parametrize("state", [JobState.RUNNING, JobState.DONE, JobState.FAILED])
def test_states_with_more_to_say_have_their_own_methods(jobs: JobStore, state: JobState) -> None:
    with pytest.raises(ValueError, match="claim, finish or fail"):
        jobs.set_state(jobs.add(_spec()).id, state)


def test_a_title_and_an_edited_script_are_kept(jobs: JobStore) -> None:
    job = jobs.add(_spec())
    script = Script("Títle", (Scene("One {\\b1}.", "a hill"), Scene("Two", "a lake")), ("#a",))
    jobs.set_title(job.id, "Títle")
    assert jobs.script(job.id) is None
    jobs.set_script(job.id, script)
    assert jobs.script(job.id) == script
    kept = jobs.get(job.id)
    assert kept is not None
    assert kept.shown_title == "Títle"
    jobs.set_script(job.id, None)
    assert jobs.script(job.id) is None
    assert jobs.script("unknown") is None


def test_removing_can_be_undone_until_it_is_purged(jobs: JobStore) -> None:
    ids = [job.id for job in jobs.add_many([_spec("a"), _spec("b"), _spec("c")])]
    jobs.remove(ids[:2])
    assert _topics(jobs) == ["c"]
    assert [job.removed for job in jobs.list(include_removed=True)] == [True, True, False]
    jobs.undo_remove(ids[:1])
    assert _topics(jobs) == ["a", "c"]
    assert jobs.purge(older_than_s=3600) == 0
    assert jobs.purge() == 1
    assert jobs.get(ids[1]) is None
    assert jobs.purge() == 0


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    moves=st.lists(
        st.tuples(
            st.lists(st.integers(0, 7), unique=True, min_size=1, max_size=4),
            st.one_of(st.none(), st.integers(0, 7)),
        ),
        max_size=12,
    )
)
def test_moving_is_what_a_list_would_do(
    jobs: JobStore, moves: list[tuple[list[int], int | None]]
) -> None:
    ids = [job.id for job in jobs.add_many([_spec()] * 8)]
    expected = list(ids)
    for picked, before in moves:
        target = None if before is None or before in picked else ids[before]
        moved = [ids[number] for number in picked]
        jobs.move(moved, target)
        expected = [job_id for job_id in expected if job_id not in moved]
        place = len(expected) if target is None else expected.index(target)
        expected[place:place] = moved
        assert [job.id for job in jobs.list() if job.id in ids] == expected
    jobs.remove(ids)
    jobs.purge()


def test_moving_into_the_same_gap_for_ever_keeps_the_order(jobs: JobStore) -> None:
    ids = [job.id for job in jobs.add_many([_spec()] * 3)]
    for number in range(60):
        jobs.move([ids[1 + number % 2]], ids[2 - number % 2])
        assert [job.id for job in jobs.list()] == [
            ids[0],
            ids[1 + number % 2],
            ids[2 - number % 2],
        ]
    jobs.move(["unknown"], ids[0])
    jobs.move([ids[2], ids[2], ids[0]], None)
    assert [job.id for job in jobs.list()] == [ids[1], ids[2], ids[0]]


def test_only_one_gets_a_job(jobs: JobStore) -> None:
    job = jobs.add(_spec())
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda _: jobs.claim(job.id), range(8)))
    assert sorted(got) == [False] * 7 + [True]
    removed = jobs.add(_spec())
    jobs.remove([removed.id])
    assert not jobs.claim(removed.id)
    assert not jobs.claim("unknown")


def _claimed_by(database: Database, job_id: str, identity: ProcessIdentity) -> None:
    database.call(
        lambda connection: connection.execute(
            "UPDATE jobs SET runner_pid = ?, runner_mark = ? WHERE id = ?",
            (identity.pid, identity.mark, job_id),
        )
    )


@pytest.mark.parametrize("state", [JobState.WAITING, JobState.PAUSED])
def test_an_interrupted_job_waits_again_but_a_running_one_is_left_alone(
    jobs: JobStore, database: Database, state: JobState
) -> None:
    dead, alive, own, reused_pid = (job.id for job in jobs.add_many([_spec()] * 4))
    for job_id in (dead, alive, own, reused_pid):
        jobs.claim(job_id)
    command = [sys.executable, "-c", "input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as other:
        identity = ProcessIdentity.of(other.pid)
        assert identity is not None
        _claimed_by(database, alive, identity)
        _claimed_by(database, reused_pid, ProcessIdentity(other.pid, "0-0"))
        _claimed_by(database, dead, ProcessIdentity(2**22 + 1, identity.mark))
        assert set(jobs.requeue_interrupted(state)) == {dead, own, reused_pid}
        states = {job.id: job.state for job in jobs.list()}
        assert states == {
            dead: state,
            own: state,
            reused_pid: state,
            alive: JobState.RUNNING,
        }
        other.communicate(b"\n")
    assert jobs.requeue_interrupted() == [alive]
    assert jobs.requeue_interrupted() == []


def test_a_zombie_is_dead() -> None:
    with subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE) as child:
        identity = ProcessIdentity.of(child.pid)
        assert identity is not None
        assert child.stdout is not None
        # Its end of the pipe closes as it exits; it is not reaped before the block ends.
        child.stdout.read()
        give_up = time.monotonic() + 60
        while identity.alive and time.monotonic() < give_up:
            threading.Event().wait(0.01)
        assert not identity.alive


@pytest.mark.expected_log
def test_a_job_that_cannot_be_read_is_logged_and_kept(jobs: JobStore, database: Database) -> None:
    bad, good = jobs.add_many([_spec("bad"), _spec("good")])
    database.call(
        lambda c: c.execute("UPDATE jobs SET spec = '{\"colour\": 1}' WHERE id = ?", (bad.id,))
    )
    assert jobs.list() == [good]
    rows = database.read(lambda c: c.execute("SELECT count(*) FROM jobs").fetchone())
    assert rows == (2,)


@pytest.mark.req("N4")
def test_history_is_kept_and_bounded(jobs: JobStore, history: HistoryStore) -> None:
    job, other = jobs.add_many([_spec(), _spec()])
    history.add_line(other.id, Message(MessageId.UNEXPECTED, {"detail": "other"}))
    for number in range(MAX_LINES_PER_JOB + 5):
        message = Message(MessageId.WORKER_LOST, {"kind": "painter", "number": number})
        history.add_line(job.id, message, stage=StageName.IMAGE, scene=number)
    lines = history.lines(job.id)
    assert [line.scene for line in lines] == list(range(5, MAX_LINES_PER_JOB + 5))
    assert lines[-1].message.params["number"] == MAX_LINES_PER_JOB + 4
    assert lines[-1].stage is StageName.IMAGE
    assert len(history.lines(other.id)) == 1
    history.add_line("unknown", Message(MessageId.UNEXPECTED))
    assert history.lines("unknown") == []


def test_timings_are_kept_per_job_and_scene(jobs: JobStore, history: HistoryStore) -> None:
    job = jobs.add(_spec(quality=Quality.HIGH))
    history.record_stage(job.id, StageName.IMAGE, 0, 9.0, reused=False, rung="painter")
    history.record_stage(job.id, StageName.SCRIPT, None, 0.5, reused=False, rung="builtin")
    history.record_stage(job.id, StageName.IMAGE, 0, 0.1, reused=True, rung="painter")
    history.record_stage("unknown", StageName.IMAGE, 0, 0.1, reused=True, rung="painter")
    found = {(timing.stage, timing.scene): timing for timing in history.timings(job.id)}
    assert set(found) == {(StageName.SCRIPT, None), (StageName.IMAGE, 0)}
    image = found[StageName.IMAGE, 0]
    assert (image.elapsed_s, image.reused, image.rung) == (0.1, True, "painter")
    assert abs(image.started_at + 0.1 - time.time()) < 60


def test_estimates_are_the_median_of_recent_real_work(
    jobs: JobStore, history: HistoryStore
) -> None:
    high = jobs.add(_spec(quality=Quality.HIGH))
    draft = jobs.add(_spec(quality=Quality.DRAFT))
    for scene in range(ESTIMATE_SAMPLES):
        history.record_stage(high.id, StageName.IMAGE, scene, 500.0, reused=False, rung="r")
    for scene, elapsed_s in enumerate([1.0, 2.0, 90.0] * (ESTIMATE_SAMPLES // 3)):
        history.record_stage(high.id, StageName.IMAGE, scene, elapsed_s, reused=False, rung="r")
    history.record_stage(high.id, StageName.MUSIC, None, 0.0, reused=True, rung="r")
    history.record_stage(draft.id, StageName.IMAGE, 0, 0.25, reused=False, rung="r")
    assert history.typical_seconds(Quality.HIGH) == {StageName.IMAGE: 2.0}
    assert history.typical_seconds(Quality.DRAFT) == {StageName.IMAGE: 0.25}
    assert history.typical_seconds(Quality.ULTRA) == {}
    jobs.remove([high.id])
    jobs.purge()
    assert history.timings(high.id) == []
    assert history.typical_seconds(Quality.HIGH) == {StageName.IMAGE: 2.0}


def test_a_voice_s_rate_is_learned_and_follows_what_it_spoke_lately(history: HistoryStore) -> None:
    assert history.words_per_s("joe") is None
    history.record_speech("joe", 30, 10.0)
    assert history.words_per_s("joe") == pytest.approx(3.0)
    for _ in range(200):
        history.record_speech("joe", 20, 10.0)
    assert history.words_per_s("joe") == pytest.approx(2.0, abs=0.03)
    history.record_speech("ann", 0, 0.0)
    assert history.words_per_s("ann") is None


def test_timings_of_purged_jobs_are_bounded(
    jobs: JobStore, history: HistoryStore, database: Database
) -> None:
    job = jobs.add(_spec())
    rows = [("render", number, 1, 0.0, 1.0, 0, "x") for number in range(MAX_ORPHANED_RUNS + 50)]
    database.call(
        lambda c: c.executemany(
            "INSERT INTO stage_runs (stage, scene, quality, started_at, elapsed_s, reused, rung)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
    )
    history.record_stage(job.id, StageName.SCRIPT, None, 1.0, reused=False, rung="x")
    history.trim()
    count = database.read(lambda c: c.execute("SELECT count(*) FROM stage_runs").fetchone())
    assert count == (MAX_ORPHANED_RUNS + 1,)
    assert len(history.timings(job.id)) == 1


def test_a_full_disk_keeps_every_other_job(jobs: JobStore, database: Database) -> None:
    kept = jobs.add(_spec())
    pages = database.read(lambda c: c.execute("PRAGMA page_count").fetchone()[0])
    database.read(lambda c: c.execute(f"PRAGMA max_page_count = {pages + 1}"))
    with pytest.raises(StorageError) as caught:
        jobs.add_many([_spec("x" * 400)] * 100)
    assert caught.value.message.id is MessageId.DISK_FULL
    assert jobs.list() == [kept]
