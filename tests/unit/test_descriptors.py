"""Descriptors: closed on every path, also where something fails in the middle."""

import contextlib
import errno
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from fakes.raw_server import Peer, RawServer, refused_port, says_json

from vidgen_gui.controller.job_details import read_details
from vidgen_gui.core.errors import ProgramError, StorageError
from vidgen_gui.net import transport  # noqa: F401 - its import opens descriptors of its own
from vidgen_gui.net.address import parse_address
from vidgen_gui.net.errors import NetError
from vidgen_gui.net.http import HttpClient
from vidgen_gui.net.sockets import CallSocket
from vidgen_gui.pipeline.paused_services import PausedServices
from vidgen_gui.store.backup import Backup
from vidgen_gui.store.database import Database
from vidgen_gui.store.journal import Journal
from vidgen_gui.store.set_aside import set_aside
from vidgen_gui.store.settings_file import load_settings
from vidgen_gui.system.files import atomic_write_bytes, fsync_dir, is_writable_dir, read_at_most
from vidgen_gui.system.lock import FileLock
from vidgen_gui.system.paths import AppPaths
from vidgen_gui.system.process import ManagedProcess

ROUNDS = 12
SETTLE_S = 20.0


def descriptors() -> int:
    return psutil.Process().num_fds()


def grown_after(work: Callable[[], object]) -> int:
    """How many more descriptors are open after some rounds than after the first."""
    work()
    grown = -1
    # Fewer than before: a server of this process had not yet closed its own ends by then.
    while grown < 0:
        before = descriptors()
        for _ in range(ROUNDS):
            work()
        give_up = time.monotonic() + SETTLE_S
        while (grown := descriptors() - before) > 0 and time.monotonic() < give_up:
            threading.Event().wait(0.05)
    return grown


@pytest.mark.req("BUG-11", "AUD-7")
def test_files_that_cannot_be_read_or_written_stay_closed(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "inside").mkdir(parents=True)

    def fail() -> None:
        with pytest.raises(StorageError):
            atomic_write_bytes(folder, b"a folder is in its place")
        for path in (folder, tmp_path / "missing"):
            with pytest.raises(OSError, match="directory"):
                read_at_most(path, 10)
        with pytest.raises(OSError, match="directory"):
            fsync_dir(tmp_path / "missing")
        assert not is_writable_dir(tmp_path / "missing")
        with FileLock(tmp_path / "lock").held(0), pytest.raises(TimeoutError):
            FileLock(tmp_path / "lock").held(0).__enter__()
        with pytest.raises(StorageError):
            set_aside(tmp_path / "missing", "broken")

    assert grown_after(fail) == 0


@pytest.mark.expected_log
@pytest.mark.req("BUG-37", "AUD-42")
def test_a_damaged_store_and_damaged_notes_stay_closed(tmp_path: Path) -> None:
    paths = AppPaths.find()
    paths.create()
    paused = tmp_path / "paused"

    def fail() -> None:
        (tmp_path / "broken.db").write_bytes(b"no database at all" * 100)
        with pytest.raises(StorageError):
            Database(tmp_path / "broken.db", tmp_path)
        with Database(tmp_path / "jobs.db", tmp_path) as database:
            (tmp_path / "in the way").write_bytes(b"")
            with pytest.raises(StorageError):
                Backup(database, Journal(tmp_path / "journal"), tmp_path / "in the way").make()
        (paths.config / "settings.toml").write_bytes(b"\xff[")
        load_settings(paths)
        atomic_write_bytes(paused / "script-writer-1.json", b"{", mode=0o600)
        PausedServices(paused).take_over()

    assert grown_after(fail) == 0


@pytest.mark.req("BUG-37", "AUD-42")
def test_programs_that_cannot_be_started_leave_no_pipe(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(b"\x7fELF no program")
    broken.chmod(0o755)

    def fail() -> None:
        with pytest.raises(ProgramError):
            ManagedProcess([tmp_path / "missing"], pipe_stdin=True, pipe_stdout=True)
        with ManagedProcess([broken], pipe_stdin=True, pipe_stdout=True) as process:
            assert process.wait(60).returncode != 0
        with pytest.raises(ProgramError):
            ManagedProcess([broken], cwd=tmp_path / "missing", pipe_stdin=True)

    assert grown_after(fail) == 0


@pytest.mark.req("BUG-11", "AUD-7")
def test_servers_that_hang_up_leave_no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang_up(peer: Peer) -> None:
        peer.request()

    def ask(url: str) -> None:
        with HttpClient(parse_address(url)) as http, contextlib.suppress(NetError):
            http.get_json("/", deadline_s=5)

    with RawServer(hang_up) as server:
        assert grown_after(lambda: ask(server.url)) == 0
    with refused_port() as port:
        assert grown_after(lambda: ask(f"http://127.0.0.1:{port}")) == 0

    def refuse(*_: object) -> None:
        # What macOS says of a connection whose other end has hung up.
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    monkeypatch.setattr(CallSocket, "setsockopt", refuse)
    kept: list[BaseException] = []

    def ask_and_keep(url: str) -> None:
        # Whoever keeps the error keeps its frames, and with them what was left open.
        with HttpClient(parse_address(url)) as http, pytest.raises(NetError) as caught:
            http.get_json("/", deadline_s=5)
        kept.append(caught.value)

    with RawServer(says_json({})) as server:
        assert grown_after(lambda: ask_and_keep(server.url)) == 0


@pytest.mark.parametrize("in_its_place", ["nothing", "folder", "pipe", "too much", "too deep"])
def test_whatever_lies_in_a_sidecars_place_is_read_as_nothing_and_closed(
    tmp_path: Path, in_its_place: str
) -> None:
    sidecar = tmp_path / ".vidgen" / "film.json"
    sidecar.parent.mkdir()
    match in_its_place:
        case "folder":
            sidecar.mkdir()
        case "pipe":
            os.mkfifo(sidecar)
        case "too much":
            sidecar.write_bytes(b" " * (4 * 2**20) + b'{"fps": 30}')
        case "too deep":
            sidecar.write_bytes(b"[" * 100_000)
        case _:
            sidecar.symlink_to(tmp_path / "gone")

    def read() -> None:
        details = read_details(tmp_path / "film.mp4", lambda _: None)
        assert (details.fps, details.scene_starts_s) == (None, ())

    assert grown_after(read) == 0
