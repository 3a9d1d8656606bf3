"""The journal: what was acknowledged is in it, what was not is not, torn lines do no harm."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from vidgen_gui.core.errors import StorageError
from vidgen_gui.core.job import JobSpec
from vidgen_gui.core.messages import MessageId
from vidgen_gui.store.backup import KEPT, Backup, find_backups
from vidgen_gui.store.database import Database
from vidgen_gui.store.jobs import JobStore
from vidgen_gui.store.journal import Journal, sequence_of

OpenDatabase = Callable[[], Database]


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.jsonl")


@pytest.fixture
def open_database(tmp_path: Path) -> Iterator[OpenDatabase]:
    """Each call opens one more empty database."""
    opened: list[Database] = []

    def make() -> Database:
        opened.append(Database(tmp_path / f"{len(opened)}.db", tmp_path / "other"))
        return opened[-1]

    yield make
    for database in opened:
        database.close()


def _spec(topic: str = "Morning walks") -> JobSpec:
    return JobSpec.create(topic=topic, output_dir=Path("/videos"))


def _lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_an_empty_database_and_the_journal_make_the_same_queue(
    journal: Journal, open_database: OpenDatabase
) -> None:
    first = open_database()
    jobs = JobStore(first, journal)
    ids = [job.id for job in jobs.add_many([_spec(f"{number}") for number in range(6)])]
    jobs.move([ids[5]], ids[0])
    jobs.finish(ids[1], Path("/videos/a.mp4"))
    jobs.set_title(ids[1], "Title")
    jobs.remove([ids[2], ids[3]])
    jobs.undo_remove([ids[3]])
    jobs.purge()
    second = open_database()
    assert second.call(journal.replay) == 7
    assert JobStore(second, journal).list(include_removed=True) == jobs.list(include_removed=True)
    assert second.call(journal.replay) == 0


def test_only_what_the_database_lacks_is_done_again(
    journal: Journal, open_database: OpenDatabase
) -> None:
    first = open_database()
    jobs = JobStore(first, journal)
    old = jobs.add(_spec("old"))
    assert first.call(journal.replay) == 0
    second = open_database()
    second.call(journal.replay)
    new = jobs.add(_spec("new"))
    assert second.call(journal.replay) == 1
    assert JobStore(second, journal).list() == [old, new]


@pytest.mark.parametrize(
    "tail",
    [
        b'{"seq":',
        b'{"seq":9',
        b"\x00\x00\x00",
        b"\xff\n",
        b"[]\n",
        b'{"seq":1e999}\n',
        b'{"seq":99999999999999999999,"op":"remove","ids":[]}\n',
        b'{"seq":-4,"op":"remove","ids":[]}\n',
        b"[" * 100_000 + b"\n",
    ],
)
def test_a_torn_line_costs_nothing_but_itself(
    journal: Journal, open_database: OpenDatabase, tmp_path: Path, tail: bytes
) -> None:
    jobs = JobStore(open_database(), journal)
    first = jobs.add(_spec("first"))
    with (tmp_path / "journal.jsonl").open("ab") as file:
        file.write(tail)
    second = jobs.add(_spec("second"))
    other = open_database()
    assert other.call(journal.replay) == 2
    assert JobStore(other, journal).list() == [first, second]


def test_what_failed_to_be_committed_is_taken_back(
    journal: Journal, open_database: OpenDatabase, tmp_path: Path
) -> None:
    database = open_database()
    jobs = JobStore(database, journal)
    kept = jobs.add(_spec("kept"))
    before = (tmp_path / "journal.jsonl").read_bytes()
    pages = database.read(lambda c: c.execute("PRAGMA page_count").fetchone()[0])
    database.read(lambda c: c.execute(f"PRAGMA max_page_count = {pages + 1}"))
    with pytest.raises(StorageError):
        jobs.add_many([_spec("x" * 400)] * 100)
    assert (tmp_path / "journal.jsonl").read_bytes() == before
    other = open_database()
    other.call(journal.replay)
    assert JobStore(other, journal).list() == [kept]


def test_a_failure_before_anything_was_written_takes_nothing_back(
    journal: Journal, open_database: OpenDatabase, tmp_path: Path
) -> None:
    database = open_database()
    jobs = JobStore(database, journal)
    jobs.add(_spec("kept"))
    before = (tmp_path / "journal.jsonl").read_bytes()
    database.read(lambda c: c.execute("ALTER TABLE jobs RENAME COLUMN position TO place"))
    with pytest.raises(sqlite3.OperationalError):
        jobs.move(["any"], None)
    assert (tmp_path / "journal.jsonl").read_bytes() == before


def test_a_number_that_was_written_twice_counts_once(
    journal: Journal, open_database: OpenDatabase, tmp_path: Path
) -> None:
    """A kill between journal and commit leaves an entry whose number is used again."""
    jobs = JobStore(open_database(), journal)
    jobs.add(_spec("real"))
    path = tmp_path / "journal.jsonl"
    line = path.read_bytes()
    path.write_bytes(line.replace(b"real", b"lost").replace(b'"id":"', b'"id":"f') + line)
    other = open_database()
    assert other.call(journal.replay) == 1
    assert [job.spec.topic for job in JobStore(other, journal).list()] == ["real"]


@pytest.mark.expected_log
def test_an_entry_that_makes_no_sense_is_logged_and_skipped(
    journal: Journal, open_database: OpenDatabase, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    jobs = JobStore(open_database(), journal)
    jobs.add(_spec("before"))
    lines = [{"seq": 2, "op": "dance"}, {"seq": 3, "op": "state"}, {"seq": 4, "op": "add"}]
    with (tmp_path / "journal.jsonl").open("a") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
    other = open_database()
    assert other.call(journal.replay) == 4
    assert [job.spec.topic for job in JobStore(other, journal).list()] == ["before"]
    assert len(caplog.records) == 3


def test_an_unwritable_journal_refuses_the_job(tmp_path: Path, open_database: OpenDatabase) -> None:
    (tmp_path / "folder").mkdir()
    jobs = JobStore(open_database(), Journal(tmp_path / "folder"))
    with pytest.raises(StorageError) as caught:
        jobs.add(_spec())
    assert caught.value.message.id is MessageId.DATA_UNWRITABLE
    assert jobs.list() == []


def test_two_backups_are_kept_and_the_journal_reaches_back_to_the_older(
    journal: Journal, open_database: OpenDatabase, tmp_path: Path
) -> None:
    database = open_database()
    jobs = JobStore(database, journal)
    backup = Backup(database, journal, tmp_path / "backups")
    path = tmp_path / "journal.jsonl"
    (tmp_path / ".journal.jsonl.abc.tmp").write_bytes(b"left by a kill")
    numbers = []
    for number in range(5):
        jobs.add(_spec(f"{number}"))
        backup.make()
        numbers.append([line["seq"] for line in _lines(path)])
    assert numbers == [[1], [2], [3], [4], [5]]
    assert len(find_backups(tmp_path / "backups")) == KEPT
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith(".")) == []
    jobs.add(_spec("after"))
    for copy in find_backups(tmp_path / "backups"):
        with Database(copy, tmp_path / "other") as restored:
            restored.call(journal.replay)
            assert len(JobStore(restored, journal).list()) == 6
            assert restored.read(sequence_of) == 6


def test_a_requested_backup_is_made_and_requests_are_joined(
    journal: Journal, open_database: OpenDatabase, tmp_path: Path
) -> None:
    database = open_database()
    JobStore(database, journal).add(_spec())
    backup = Backup(database, journal, tmp_path / "backups")
    copies = []
    database.read(lambda c: c.set_trace_callback(lambda sql: copies.append("BEGIN" in sql)))
    for _ in range(50):
        backup.request()
    database.close()
    assert len(find_backups(tmp_path / "backups")) == 1
    assert sum(copies) < 50


@pytest.mark.expected_log
def test_a_backup_that_fails_is_logged_and_leaves_the_earlier_one(
    journal: Journal,
    open_database: OpenDatabase,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    database = open_database()
    jobs = JobStore(database, journal)
    jobs.add(_spec())
    backup = Backup(database, journal, tmp_path / "backups")
    earlier = backup.make()
    content = earlier.read_bytes()
    jobs.add(_spec())
    (tmp_path / "backups" / "jobs-000000000002.db.part").mkdir()
    backup.request()
    database.close()
    assert "no backup" in caplog.text
    assert find_backups(tmp_path / "backups") == [earlier]
    assert earlier.read_bytes() == content


@pytest.mark.expected_log
def test_a_backup_that_a_locked_database_refused_does_not_stand_in_for_the_next(
    journal: Journal, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "jobs.db"
    with (
        Database(path, tmp_path / "other", busy_timeout_s=0.05) as database,
        closing(sqlite3.connect(path, isolation_level=None)) as other,
    ):
        backup = Backup(database, journal, tmp_path / "backups")
        other.execute("BEGIN IMMEDIATE")
        backup.request()
        # The lane works in order: this one comes after the backup's turn.
        database.read(sequence_of)
        other.execute("ROLLBACK")
        backup.request()
    assert "no backup" in caplog.text
    assert len(find_backups(tmp_path / "backups")) == 1
