"""The database lane: transactions, faults in the app's words, opening and migrating."""

import re
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from vidgen_gui.core.errors import Cancelled, StorageError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.store.database import APPLICATION_ID, Database
from vidgen_gui.store.migrations import MIGRATIONS


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "jobs.db", tmp_path / "backups") as opened:
        yield opened


def _count(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT value FROM meta WHERE name = 'n'").fetchone()[0])


def _increase(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT OR IGNORE INTO meta VALUES ('n', 0)")
    connection.execute("UPDATE meta SET value = value + 1 WHERE name = 'n'")


def _open_error(path: Path, **options: object) -> MessageId:
    with pytest.raises(StorageError) as caught:
        Database(path, path.parent / "backups", **options)  # type: ignore[arg-type]
    return caught.value.message.id


def test_migration_001(tmp_path: Path) -> None:
    def facts(connection: sqlite3.Connection) -> tuple[set[str], int, int, int, str]:
        tables = {
            row[0]
            for row in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
            )
        }
        numbers = [
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("user_version", "application_id", "foreign_keys", "journal_mode")
        ]
        return (tables, *numbers)

    with Database(tmp_path / "v1.db", tmp_path / "backups", migrations=MIGRATIONS[:1]) as database:
        found = database.read(facts)
    assert found == (
        {"meta", "jobs", "history", "stage_runs", "artifacts", "job_artifacts", "processes"},
        1,
        APPLICATION_ID,
        1,
        "wal",
    )


def test_migration_002(tmp_path: Path) -> None:
    path, backups = tmp_path / "v.db", tmp_path / "backups"
    with Database(path, backups, migrations=MIGRATIONS[:1]) as old:
        old.call(_use_an_artifact)
    with Database(path, backups, migrations=MIGRATIONS[:2]) as new:
        used = new.read(lambda c: c.execute("SELECT key, intent FROM job_artifacts").fetchall())
        voices = new.read(lambda c: c.execute("SELECT voice FROM speaking_rates").fetchall())
    assert (used, voices) == ([("a" * 40, None)], [])


def _use_an_artifact(connection: sqlite3.Connection) -> None:
    connection.execute(
        "INSERT INTO jobs (id, spec, state, position, created_at) VALUES ('j', '{}', 'done', 1, 1)"
    )
    connection.execute("INSERT INTO artifacts VALUES (?, 'image', 'painter', 1, 1)", ("a" * 40,))
    connection.execute(
        "INSERT INTO job_artifacts (job_id, key, used_at) VALUES ('j', ?, 1)", ("a" * 40,)
    )


def test_migration_003(tmp_path: Path) -> None:
    path, backups = tmp_path / "v.db", tmp_path / "backups"
    with Database(path, backups, migrations=MIGRATIONS[:2]) as old:
        old.call(_count_speech)
    with Database(path, backups, migrations=MIGRATIONS[:3]) as new:
        voices = new.read(lambda c: c.execute("SELECT voice FROM speaking_rates").fetchall())
        cards = new.read(lambda c: c.execute("SELECT card FROM calibrations").fetchall())
        rungs = new.read(lambda c: c.execute("SELECT rung FROM picture_rungs").fetchall())
        times = new.read(lambda c: c.execute("SELECT step_s FROM picture_times").fetchall())
    assert (voices, cards, rungs, times) == ([("joe",)], [], [], [])


def _count_speech(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO speaking_rates VALUES ('joe', 10, 4)")


def test_every_migration_has_a_test() -> None:
    for number in range(1, len(MIGRATIONS) + 1):
        assert f"test_migration_{number:03}" in globals()


def _add_colour(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE jobs ADD COLUMN colour TEXT NOT NULL DEFAULT 'blue'")


def test_a_migration_keeps_the_data_and_copies_the_old_file_first(tmp_path: Path) -> None:
    path, backups = tmp_path / "jobs.db", tmp_path / "backups"
    with Database(path, backups) as old:
        old.call(_increase)
    with Database(path, backups, migrations=(*MIGRATIONS, _add_colour)) as new:
        assert new.read(_count) == 1
        new.read(lambda connection: connection.execute("SELECT colour FROM jobs"))
        version = new.read(lambda connection: connection.execute("PRAGMA user_version").fetchone())
    assert version == (len(MIGRATIONS) + 1,)
    copies = list(backups.iterdir())
    assert [copy.name for copy in copies] == [f"jobs-before-v{len(MIGRATIONS) + 1}.db"]
    with closing(sqlite3.connect(copies[0])) as copy:
        assert _count(copy) == 1
        assert copy.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)


def test_a_failed_migration_changes_nothing(tmp_path: Path) -> None:
    def fail(connection: sqlite3.Connection) -> None:
        _add_colour(connection)
        raise ZeroDivisionError

    path, backups = tmp_path / "jobs.db", tmp_path / "backups"
    with Database(path, backups) as old:
        old.call(_increase)
    with pytest.raises(ZeroDivisionError):
        Database(path, backups, migrations=(*MIGRATIONS, fail))
    with Database(path, backups) as again:
        assert again.read(_count) == 1
        columns = again.read(lambda c: c.execute("PRAGMA table_info(jobs)").fetchall())
    assert "colour" not in [column[1] for column in columns]


def test_a_newer_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    with Database(path, tmp_path, migrations=(*MIGRATIONS, _add_colour)):
        pass
    before = path.read_bytes()
    assert _open_error(path) is MessageId.DATABASE_TOO_NEW
    assert path.read_bytes() == before


@pytest.mark.parametrize("error", [ValueError, Cancelled, KeyboardInterrupt])
def test_an_exception_undoes_the_whole_transaction(
    database: Database, error: type[BaseException]
) -> None:
    undone = []

    def work(connection: sqlite3.Connection) -> None:
        _increase(connection)
        raise error

    database.call(_increase)
    with pytest.raises(error):
        database.call(work, on_rollback=lambda: undone.append(True))
    assert undone == [True]
    assert database.read(_count) == 1
    assert database.run(_increase).result() is None
    assert database.read(_count) == 2


def test_an_undoing_that_fails_itself_leaves_no_transaction_open(database: Database) -> None:
    def cannot_undo() -> None:
        raise StorageError(MessageId.DATA_UNWRITABLE, path="journal")

    database.call(_increase)
    with pytest.raises(StorageError) as caught:
        database.call(lambda _: 1 / 0, on_rollback=cannot_undo)
    assert isinstance(caught.value.__context__, ZeroDivisionError)
    database.call(_increase)
    assert database.read(_count) == 2


def test_all_work_runs_on_one_thread_and_none_is_lost(database: Database) -> None:
    threads = set()

    def work(connection: sqlite3.Connection) -> None:
        threads.add(threading.get_ident())
        _increase(connection)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: database.call(work), range(200)))
    assert database.read(_count) == 200
    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_waiting_on_the_lane_for_itself_is_refused(database: Database) -> None:
    with pytest.raises(RuntimeError):
        database.call(lambda _: database.call(_increase))


def test_close_finishes_what_is_queued_and_ends_the_thread(tmp_path: Path) -> None:
    before = threading.active_count()
    database = Database(tmp_path / "jobs.db", tmp_path)
    futures = [database.run(_increase) for _ in range(50)]
    database.close()
    database.close()
    assert all(future.done() for future in futures)
    assert threading.active_count() == before
    assert [path.name for path in tmp_path.glob("jobs.db*")] == ["jobs.db"]


def test_a_full_disk_is_said_plainly_and_nothing_is_half_done(database: Database) -> None:
    database.call(_increase)
    pages = database.read(lambda c: c.execute("PRAGMA page_count").fetchone()[0])
    database.read(lambda c: c.execute(f"PRAGMA max_page_count = {pages + 2}"))

    def fill(connection: sqlite3.Connection) -> None:
        _increase(connection)
        for number in range(1000):
            connection.execute("INSERT INTO meta VALUES (?, 1)", (f"{number}" * 100,))

    with pytest.raises(StorageError) as caught:
        database.call(fill)
    assert caught.value.message.id is MessageId.DISK_FULL
    assert database.read(_count) == 1


def test_a_read_only_database_can_still_be_read(database: Database) -> None:
    database.call(_increase)
    database.read(lambda c: c.execute("PRAGMA query_only = ON"))
    with pytest.raises(StorageError) as caught:
        database.call(_increase)
    assert caught.value.message.id is MessageId.DATABASE_UNUSABLE
    assert database.read(_count) == 1


def test_somebody_elses_long_lock_is_an_error_not_a_hang(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    with (
        Database(path, tmp_path, busy_timeout_s=0.05) as database,
        closing(sqlite3.connect(path, isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError) as caught:
            database.call(_increase)
        other.execute("ROLLBACK")
        assert caught.value.message.id is MessageId.DATABASE_BUSY
        database.call(_increase)


@pytest.mark.parametrize("name", ["plain", "with space", "ünï-漢字-🎬", "q?mode=ro#x%20", "it's"])
def test_any_folder_name_will_do(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    for expected in (1, 2):
        with Database(folder / "jobs.db", folder) as database:
            database.call(_increase)
            assert database.read(_count) == expected


def _garbage(path: Path) -> None:
    path.write_bytes(b"\x00\xff garbage" * 1000)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def _scribble(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096 : 4096 * 4] = b"\xa5" * (4096 * 3)
    path.write_bytes(data)


def _someone_elses(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE recipes (name)")


def _table_gone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE jobs")


def _column_renamed(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"video_path TEXT", b"video_pa%h TEXT"))


def _schema_unreadable(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"CREATE TABLE jobs", b"CREATE T\xff\xa9LE jobs"))


def _version_too_low(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 1")


def _version_negative(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = -2")


@pytest.mark.parametrize(
    "damage",
    [
        _garbage,
        _cut,
        _scribble,
        _someone_elses,
        _table_gone,
        _column_renamed,
        _schema_unreadable,
        _version_too_low,
        _version_negative,
    ],
)
def test_damage_is_recognised(tmp_path: Path, damage: object) -> None:
    path = tmp_path / "jobs.db"
    with Database(path, tmp_path) as database:
        database.call(_increase)
    damage(path)  # type: ignore[operator]
    assert _open_error(path) is MessageId.DATABASE_DAMAGED


def test_a_single_wrong_letter_in_a_key_is_recognised_wherever_it_is(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    with Database(path, tmp_path) as database:
        database.call(_use_an_artifact)
    whole = path.read_bytes()
    places = [found.start() for found in re.finditer(b"a" * 40, whole)]
    # Two tables and their indexes.
    assert len(places) >= 4
    for place in places:
        path.write_bytes(whole[:place] + b"b" + whole[place + 1 :])
        assert _open_error(path) is MessageId.DATABASE_DAMAGED


def test_a_damaged_letter_in_a_text_costs_no_more_than_itself(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    with Database(path, tmp_path) as database:
        database.call(_use_an_artifact)
        database.call(lambda connection: connection.execute("UPDATE jobs SET title = 'Waves'"))
    path.write_bytes(path.read_bytes().replace(b"Waves", b"Wa\xffes"))
    with Database(path, tmp_path) as database:
        rows = database.read(lambda c: c.execute("SELECT title FROM jobs").fetchall())
    assert rows == [("Wa\ufffdes",)]


def test_a_folder_in_its_place_is_unusable(tmp_path: Path) -> None:
    (tmp_path / "jobs.db").mkdir()
    assert _open_error(tmp_path / "jobs.db") is MessageId.DATABASE_UNUSABLE
    assert _open_error(tmp_path / "missing" / "jobs.db") is MessageId.DATABASE_UNUSABLE
