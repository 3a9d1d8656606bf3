"""Artifacts: found by intent, tagged, durable, bounded, and never served damaged."""

import hashlib
import hmac
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import Any

import psutil
import pytest

from vidgen_gui.core.errors import StorageError
from vidgen_gui.core.job import JobSpec, JobState, StageName
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.settings import Settings
from vidgen_gui.store.artifacts import ArtifactStore, StoredArtifact, intent_key
from vidgen_gui.store.database import Database
from vidgen_gui.store.jobs import JobStore
from vidgen_gui.store.journal import Journal
from vidgen_gui.store.manifest import MANIFEST_FORMAT, MANIFEST_NAME, canonical_json
from vidgen_gui.store.tag_key import KEY_BYTES, load_tag_key

TAG_KEY = bytes(range(32))
KEY = intent_key("image", 1, {"prompt": "a hill"})


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "jobs.db", tmp_path / "backups") as opened:
        yield opened


@pytest.fixture
def store(database: Database, tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path / "artifacts", database, TAG_KEY)


@pytest.fixture
def jobs(database: Database, tmp_path: Path) -> JobStore:
    return JobStore(database, Journal(tmp_path / "journal.jsonl"))


def _spec() -> JobSpec:
    return JobSpec.create(topic="Morning walks", output_dir=Path("/videos"))


def _make(
    store: ArtifactStore, key: str = KEY, data: bytes = b"picture", job_id: str | None = None
) -> StoredArtifact:
    with store.workspace(key) as workdir:
        (workdir / "picture.png").write_bytes(data)
        (workdir / "scratch").mkdir()
        (workdir / "scratch" / "log.txt").write_text("not wanted")
        return store.commit(
            key,
            stage=StageName.IMAGE,
            workdir=workdir,
            files=["picture.png"],
            value={"seconds": 1.25, "words": [["Hi", 0.0, 0.5]]},
            rung="painter",
            job_id=job_id,
        )


def _temp_files(store: ArtifactStore) -> list[str]:
    return [path.name for path in (store.root / "tmp").iterdir()]


def _key(number: int) -> str:
    return intent_key("image", 1, {"number": number})


def test_the_key_depends_on_everything_asked_for_and_nothing_else() -> None:
    intent: dict[str, Any] = {"prompt": "a hill", "size": [720, 1280], "seed": 7, "cfg": 7.5}
    key = intent_key("image", 1, intent)
    assert key == intent_key("image", 1, MappingProxyType(dict(reversed(intent.items()))))
    others = [
        intent_key("music", 1, intent),
        intent_key("image", 2, intent),
        intent_key("image", 1, intent | {"seed": 8}),
        intent_key("image", 1, intent | {"size": [1280, 720]}),
        intent_key("image", 1, intent | {"more": None}),
    ]
    assert len({key, *others}) == 6


@pytest.mark.req("BUG-40", "AUD-45")
def test_keys_and_contents_are_blake2_and_sha256(store: ArtifactStore) -> None:
    document = b'{"intent":{"a":1},"stage":"image","version":3}'
    expected = hashlib.blake2b(document, digest_size=20).hexdigest()
    assert intent_key("image", 3, {"a": 1}) == expected
    stored = _make(store, data=b"picture")
    manifest = json.loads((stored.folder / MANIFEST_NAME).read_bytes())
    sha256 = manifest["files"]["picture.png"]["sha256"]
    assert sha256 == hashlib.sha256(b"picture").hexdigest()
    package = Path(sys.modules[ArtifactStore.__module__].__file__ or "").parent.parent
    for path in package.rglob("*.py"):
        assert re.search(r"\b(md5|sha1)\b", path.read_text("utf-8")) is None, path


@pytest.mark.parametrize("intent", [{"a": float("nan")}, {"a": object()}, {"a": {1, 2}}])
def test_an_intent_that_is_no_json_is_refused(intent: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        intent_key("image", 1, intent)


def test_made_once_found_again(store: ArtifactStore) -> None:
    assert store.find(KEY) is None
    made = _make(store)
    assert store.find(KEY) == made
    assert made.file("picture.png").read_bytes() == b"picture"
    assert (made.stage, made.rung, made.bytes) == ("image", "painter", 7)
    assert made.value == {"seconds": 1.25, "words": [["Hi", 0.0, 0.5]]}
    assert sorted(path.name for path in made.folder.iterdir()) == [MANIFEST_NAME, "picture.png"]
    assert _temp_files(store) == []
    assert store.total_bytes() == 7


@pytest.mark.expected_log
@pytest.mark.req("LBL-10", "LBL-19")
def test_the_manifest_carries_the_format_and_another_format_is_made_again(
    store: ArtifactStore,
) -> None:
    stored = _make(store)
    path = stored.folder / MANIFEST_NAME
    manifest = json.loads(path.read_bytes())
    assert manifest["format"] == MANIFEST_FORMAT
    del manifest["tag"]
    manifest["format"] = MANIFEST_FORMAT + 1
    tag = hmac.new(TAG_KEY, canonical_json(manifest), "sha256").hexdigest()
    path.write_bytes(canonical_json(manifest | {"tag": tag}))
    assert store.find(KEY) is None


def test_content_hash_follows_value_and_files(store: ArtifactStore) -> None:
    hashes = {_make(store, _key(n), data).content_sha256 for n, data in enumerate([b"a", b"b"])}
    assert len(hashes) == 2
    assert _make(store, _key(9), b"a").content_sha256 in hashes


@pytest.mark.req("A8", "BUG-39", "AUD-44")
def test_a_work_folder_is_private_and_goes_away(store: ArtifactStore) -> None:
    def fail(workdir: Path) -> None:
        assert stat.S_IMODE(workdir.stat().st_mode) == 0o700
        assert list(workdir.iterdir()) == []
        (workdir / "deep" / "er").mkdir(parents=True)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), store.workspace(KEY) as workdir:
        fail(workdir)
    assert _temp_files(store) == []


@pytest.mark.parametrize("name", ["../evil", "a/b", MANIFEST_NAME, "link", "missing.png", "dir"])
def test_only_plain_files_of_the_work_folder_are_taken(store: ArtifactStore, name: str) -> None:
    with store.workspace(KEY) as workdir:
        (workdir / "link").symlink_to("/etc/hostname")
        (workdir / "dir").mkdir()
        (workdir.parent / "evil").write_bytes(b"")
        with pytest.raises(ValueError, match=r"not a plain file name|was not made"):
            store.commit(KEY, stage="image", workdir=workdir, files=[name], value={}, rung="x")
        (workdir.parent / "evil").unlink()
    assert store.find(KEY) is None


def test_a_work_folder_that_was_tidied_away_is_said_plainly(store: ArtifactStore) -> None:
    with store.workspace(KEY) as workdir:
        shutil.rmtree(workdir)
        with pytest.raises(StorageError) as caught:
            store.commit(KEY, stage="x", workdir=workdir, files=["a"], value={}, rung="x")
    assert caught.value.message.id is MessageId.ARTIFACT_DAMAGED


def test_a_key_from_outside_cannot_name_another_folder(store: ArtifactStore) -> None:
    with pytest.raises(ValueError, match="not an artifact key"):
        store.find("../../etc")


def _cut(folder: Path) -> None:
    (folder / "picture.png").write_bytes(b"pic")


def _flip(folder: Path) -> None:
    (folder / "picture.png").write_bytes(b"pictuRe")


def _lose_file(folder: Path) -> None:
    (folder / "picture.png").unlink()


def _lose_manifest(folder: Path) -> None:
    (folder / MANIFEST_NAME).unlink()


def _garbage_manifest(folder: Path) -> None:
    (folder / MANIFEST_NAME).write_bytes(b"\xff{not json")


def _wrong_shape(folder: Path) -> None:
    (folder / MANIFEST_NAME).write_bytes(b'["tag"]')


def _no_tag(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST_NAME).read_bytes())
    del manifest["tag"]
    (folder / MANIFEST_NAME).write_bytes(canonical_json(manifest))


def _other_value(folder: Path) -> None:
    path = folder / MANIFEST_NAME
    path.write_bytes(path.read_bytes().replace(b"1.25", b"9.75"))


def _other_key(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST_NAME).read_bytes())
    del manifest["tag"]
    tag = hmac.new(b"another key", canonical_json(manifest), "sha256").hexdigest()
    (folder / MANIFEST_NAME).write_bytes(canonical_json(manifest | {"tag": tag}))


def _link_instead(folder: Path) -> None:
    elsewhere = folder.parent / "elsewhere"
    shutil.move(folder / "picture.png", elsewhere)
    (folder / "picture.png").symlink_to(elsewhere)


@pytest.mark.expected_log
@pytest.mark.req("BUG-6", "AUD-2", "BUG-30", "AUD-34")
@pytest.mark.parametrize(
    "damage",
    [
        _cut,
        _flip,
        _lose_file,
        _lose_manifest,
        _garbage_manifest,
        _wrong_shape,
        _no_tag,
        _other_value,
        _other_key,
        _link_instead,
    ],
)
def test_a_damaged_artifact_is_logged_and_made_again(
    store: ArtifactStore, caplog: pytest.LogCaptureFixture, damage: Callable[[Path], None]
) -> None:
    stored = _make(store)
    damage(stored.folder)
    assert store.find(KEY) is None
    assert KEY in caplog.text
    assert not stored.folder.exists()
    assert store.total_bytes() == 0
    assert _temp_files(store) == []
    assert _make(store) == stored
    assert store.find(KEY) == stored


@pytest.mark.expected_log
def test_another_artifacts_folder_under_this_key_is_not_served(store: ArtifactStore) -> None:
    first, second = _make(store, _key(1), b"one"), _make(store, _key(2), b"two")
    shutil.rmtree(second.folder)
    shutil.copytree(first.folder, second.folder)
    assert store.find(_key(2)) is None
    assert store.find(_key(1)) == first


@pytest.mark.expected_log
def test_a_large_file_is_checked_in_full_on_demand(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vidgen_gui.store.artifacts.FULL_CHECK_LIMIT_BYTES", 3)
    stored = _make(store)
    _flip(stored.folder)
    assert store.find(KEY) == stored
    assert store.find(KEY, full_check=True) is None


@pytest.mark.expected_log
def test_the_first_of_two_commits_is_kept(store: ArtifactStore) -> None:
    first = _make(store, data=b"first")
    assert _make(store, data=b"later") == first
    assert first.file("picture.png").read_bytes() == b"first"
    _flip(first.folder)
    assert _make(store, data=b"third").file("picture.png").read_bytes() == b"third"
    assert _temp_files(store) == []


@pytest.mark.req("D2")
def test_many_threads_make_and_find_the_same_things(store: ArtifactStore) -> None:
    barrier = threading.Barrier(6)

    def work(number: int) -> set[str]:
        barrier.wait()
        keys = [_key(n % 5) for n in range(number, number + 15)]
        made = [store.find(key) or _make(store, key, key.encode()) for key in keys]
        return {artifact.file("picture.png").read_text() for artifact in made}

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(work, range(6)))
    assert all(result == {_key(n) for n in range(5)} for result in results)
    assert store.total_bytes() == 5 * 40
    assert _temp_files(store) == []


@pytest.mark.req("H1", "H3")
def test_work_on_another_disk_is_copied_over_and_leaves_nothing(
    database: Database, tmp_path: Path
) -> None:
    elsewhere = Path("/dev/shm")  # noqa: S108 - the other disk that every Linux has
    if not elsewhere.is_dir() or elsewhere.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("no second disk here")
    temp_root = elsewhere / f"vidgen-test-{os.getpid()}"
    try:
        store = ArtifactStore(tmp_path / "artifacts", database, TAG_KEY, temp_root=temp_root)
        stored = _make(store)
        assert store.find(KEY) == stored
        assert stored.file("picture.png").read_bytes() == b"picture"
        assert list(temp_root.iterdir()) == []
        assert _temp_files(store) == []
    finally:
        shutil.rmtree(temp_root)


def test_a_full_disk_while_committing_leaves_nothing(store: ArtifactStore) -> None:
    """RLIMIT_FSIZE stands in for a full disk: the kernel refuses to write the manifest."""
    script = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from vidgen_gui.core.errors import StorageError\n"
        "from vidgen_gui.store.artifacts import ArtifactStore\n"
        "from vidgen_gui.store.database import Database\n"
        "root = Path(sys.argv[1])\n"
        "with Database(root / 'other.db', root) as database:\n"
        "    store = ArtifactStore(root / 'artifacts', database, bytes(32))\n"
        "    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (5, -1))\n"
        "    try:\n"
        "        with store.workspace('ab' * 20) as workdir:\n"
        "            (workdir / 'a').write_bytes(b'abc')\n"
        "            store.commit('ab' * 20, stage='x', workdir=workdir, files=['a'], value={},"
        " rung='r')\n"
        "    except StorageError as error:\n"
        "        print(error.message.id.value)\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))\n"
    )
    command = [sys.executable, "-c", script, str(store.root.parent)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == "disk-full\n", done.stderr
    assert _temp_files(store) == []
    assert store.find("ab" * 20) is None


@pytest.mark.req("H2", "P10")
def test_the_longest_unused_go_first_when_the_limit_is_reached(store: ArtifactStore) -> None:
    assert store.limit_bytes == Settings().cache_limit_bytes == 3 * 2**30
    for number in range(4):
        _make(store, _key(number), b"x" * 100)
    store.find(_key(0))
    store.limit_bytes = 350
    _make(store, _key(4), b"x" * 100)
    assert [number for number in range(5) if store.find(_key(number))] == [0, 3, 4]
    assert store.total_bytes() == 300
    assert _temp_files(store) == []
    store.limit_bytes = 50
    assert store.enforce_limit() == 300
    assert _make(store, _key(5), b"x" * 100).file("picture.png").exists()


@pytest.mark.req("H2")
@pytest.mark.parametrize("end", ["done", "failed", "cancelled", "removed", "purged"])
def test_what_an_unfinished_job_needs_stays_whatever_the_limit(
    store: ArtifactStore, jobs: JobStore, end: str
) -> None:
    job = jobs.add(_spec())
    made = _make(store, _key(1), b"x" * 100, job_id=job.id)
    _make(store, _key(2), b"x" * 100)
    store.find(_key(2), job_id=job.id)
    _make(store, _key(3), b"x" * 100, job_id="unknown")
    for state in (JobState.PAUSED, JobState.SCRIPT_READY, JobState.WAITING):
        jobs.set_state(job.id, state)
        store.clear()
        assert store.total_bytes() == 200
    assert store.find(_key(3)) is None
    assert store.latest(job.id, StageName.IMAGE) == store.find(_key(2))
    match end:
        case "done":
            jobs.finish(job.id, Path("/videos/a.mp4"))
        case "failed":
            jobs.fail(job.id, Message(MessageId.WORKER_LOST))
        case "cancelled":
            jobs.set_state(job.id, JobState.CANCELLED)
        case _:
            jobs.remove([job.id])
    if end == "purged":
        jobs.purge()
        assert store.latest(job.id, StageName.IMAGE) is None
    else:
        assert store.latest(job.id, StageName.IMAGE) is not None
    assert store.clear() == 200
    assert not made.folder.exists()
    assert store.latest(job.id, StageName.IMAGE) is None


def test_a_lost_row_is_found_by_its_folder(
    store: ArtifactStore, database: Database, jobs: JobStore
) -> None:
    job = jobs.add(_spec())
    stored = [_make(store, _key(number)) for number in range(3)]
    database.call(lambda connection: connection.execute("DELETE FROM artifacts"))
    assert store.find(_key(0), job_id=job.id) == stored[0]
    assert store.latest(job.id, StageName.IMAGE) == stored[0]
    shutil.rmtree(stored[0].folder)
    store.reconcile()
    rows = database.read(lambda c: c.execute("SELECT key FROM artifacts ORDER BY key").fetchall())
    assert rows == sorted([(_key(1),), (_key(2),)])
    assert store.find(_key(0)) is None


@pytest.mark.req("ERR-7", "O10", "PAT-3")
def test_the_sweep_takes_only_what_dead_processes_left(store: ArtifactStore) -> None:
    script = (
        "import sys, tempfile\n"
        "from vidgen_gui.store.identity import ProcessIdentity\n"
        "own = ProcessIdentity.own()\n"
        "prefix = f'vidgen.{own.pid}.{own.mark}.'\n"
        "print(tempfile.mkdtemp(dir=sys.argv[1], prefix=prefix), flush=True)\n"
        "sys.stdin.read()\n"
    )
    temp = store.root / "tmp"
    stranger = temp / "somebody-elses"
    stranger.mkdir()
    command = [sys.executable, "-c", script, str(temp)]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child,
        store.workspace(KEY) as ours,
    ):
        assert child.stdout is not None
        theirs = Path(child.stdout.readline().decode().strip())
        (theirs / "half.png").write_bytes(b"half")
        assert store.sweep() == 0
        child.communicate()
        assert store.sweep() == 1
        assert not theirs.exists()
        assert ours.exists()
    assert stranger.exists()


@pytest.mark.expected_log
@pytest.mark.req("ERR-1", "A1")
def test_no_descriptor_stays_open_whatever_happens(store: ArtifactStore, tmp_path: Path) -> None:
    process = psutil.Process()

    def round_of_everything(number: int) -> None:
        made = _make(store, _key(number))
        store.find(_key(number))
        _garbage_manifest(made.folder)
        store.find(_key(number))
        with pytest.raises(ValueError, match="was not made"), store.workspace(KEY) as workdir:
            store.commit(KEY, stage="x", workdir=workdir, files=["no"], value={}, rung="x")
        load_tag_key(tmp_path / f"key{number}")

    round_of_everything(0)
    before = process.num_fds()
    for number in range(1, 30):
        round_of_everything(number)
    assert process.num_fds() == before


def test_an_unusable_folder_is_said_plainly(database: Database, tmp_path: Path) -> None:
    (tmp_path / "artifacts").write_bytes(b"a file")
    with pytest.raises(StorageError) as caught:
        ArtifactStore(tmp_path / "artifacts", database, TAG_KEY)
    assert caught.value.message.id is MessageId.DATA_UNWRITABLE


@pytest.mark.req("BUG-30", "AUD-34", "D2")
def test_threads_and_processes_get_the_same_private_key(tmp_path: Path) -> None:
    path = tmp_path / "data" / "artifact.key"
    script = (
        "import sys; from pathlib import Path\n"
        "from vidgen_gui.store.tag_key import load_tag_key\n"
        "sys.stdin.readline(); print(load_tag_key(Path(sys.argv[1])).hex())\n"
    )
    command = [sys.executable, "-c", script, str(path)]
    children = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    with ThreadPoolExecutor(8) as pool:
        others = [pool.submit(child.communicate, "go\n", 60) for child in children]
        keys = set(pool.map(lambda _: load_tag_key(path).hex(), range(8)))
        keys |= {other.result()[0].strip() for other in others}
    assert len(keys) == 1
    assert len(keys.pop()) == 2 * KEY_BYTES
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.expected_log
def test_a_key_file_cut_short_by_a_kill_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "artifact.key"
    path.write_bytes(b"short")
    assert load_tag_key(path) == load_tag_key(path)
    assert len(path.read_bytes()) == KEY_BYTES


def test_a_job_finds_what_it_took_whichever_way_it_was_made(
    store: ArtifactStore, jobs: JobStore
) -> None:
    mine, other = jobs.add_many([_spec(), _spec()])
    _make(store, _key(1))
    store.find(_key(1), job_id=mine.id, intent=_key(9))
    _make(store, _key(2))
    found = store.taken(mine.id, _key(9))
    assert found is not None
    assert found.key == _key(1)
    assert store.taken(other.id, _key(9)) is None
    assert store.taken(mine.id, _key(8)) is None
    store.discard(_key(1))
    assert store.taken(mine.id, _key(9)) is None


def test_folders_that_were_tidied_away_are_made_again(database: Database, tmp_path: Path) -> None:
    temp_root = tmp_path / "temp"
    store = ArtifactStore(tmp_path / "artifacts", database, TAG_KEY, temp_root=temp_root)
    _make(store)
    shutil.rmtree(store.root)
    shutil.rmtree(temp_root)
    assert store.find(KEY) is None
    assert _make(store).file("picture.png").read_bytes() == b"picture"
    shutil.rmtree(store.root)
    store.discard(KEY)
    assert store.total_bytes() == 0
