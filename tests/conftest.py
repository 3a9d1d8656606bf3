"""Fixtures for every test: private folders, and checks that name who left something behind."""

import gc
import logging
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from busy_machine import in_time
from hypothesis import HealthCheck, settings

from vidgen_gui.core.environment import VARIABLES

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_MEDIA_BACKEND", "ffmpeg")

# An example takes as long as the machine lets it; 200 ms are soon over where others compute.
settings.register_profile(
    "busy-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("busy-machine")

PERMANENT_THREADS = ("vidgen-spawner", "pytest_timeout")
SETTLE_S = 3.0
MOST_SETTLE_S = 20.0
"""For what is just about to end: alone, and on a machine that does much else."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for marker in item.iter_markers("req"):
            if len(marker.args) > 4:
                raise pytest.UsageError(f"{item.nodeid}: more than four requirement ids")


@pytest.fixture(autouse=True)
def _private_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the person's own folders."""
    monkeypatch.setenv("VIDGEN_HOME", str(tmp_path / "vidgen-home"))
    for name in (*VARIABLES, "VIDGEN_FAKE_GPU", "VIDGEN_LLM_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    # A language model that happens to run on this machine has no part in a test.
    monkeypatch.setenv("VIDGEN_DISCOVER", "off")


def _threads() -> set[threading.Thread]:
    return {
        thread
        for thread in threading.enumerate()
        if not thread.name.startswith(PERMANENT_THREADS) and not _is_foreign(thread)
    }


def _is_foreign(thread: threading.Thread) -> bool:
    # Threads of Qt's pools that ran Python code appear as dummies; Qt ends them itself.
    return isinstance(thread, threading._DummyThread)  # type: ignore[attr-defined]


def _children() -> dict[int, str]:
    found = {}
    for child in psutil.Process().children(recursive=True):
        try:
            found[child.pid] = " ".join(child.cmdline()[:6]) or child.name()
        except psutil.NoSuchProcess:
            continue
        except psutil.ZombieProcess:
            found[child.pid] = "zombie"
    return found


def _descriptors() -> dict[str, str]:
    folder = Path("/proc/self/fd")
    found = {}
    if not folder.is_dir():
        return found
    for entry in list(folder.iterdir()):
        try:
            target = str(entry.readlink())
        except FileNotFoundError:
            continue
        if target.startswith(("/dev/", "anon_inode:", "/proc/", "/memfd:")):
            continue
        found[entry.name] = target
    return found


@pytest.fixture(scope="session", autouse=True)
def _private_temp_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Everything this test process and its children make in the temp folder can be seen."""
    folder = tmp_path_factory.mktemp("tempdir")
    before = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = None
    yield folder
    tempfile.tempdir = None
    if before is None:
        del os.environ["TMPDIR"]
    else:
        os.environ["TMPDIR"] = before


def _temp_files() -> set[str]:
    return {path.name for path in Path(tempfile.gettempdir()).iterdir()}


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    """Fail the test that leaves a thread, process, descriptor or temp file behind."""
    threads, children, files = _threads(), _children(), _temp_files()
    descriptors = _descriptors()
    yield
    complaint = ""
    started = time.monotonic()
    while (took_s := time.monotonic() - started) < MOST_SETTLE_S:
        found = _complaint(threads, children, files, descriptors)
        if not found:
            if in_time(took_s, SETTLE_S):
                return
            break
        complaint = found
        gc.collect()
        threading.Event().wait(0.05)
    pytest.fail(complaint)


def _complaint(
    threads: set[threading.Thread],
    children: dict[int, str],
    files: set[str],
    descriptors: dict[str, str],
) -> str:
    new_threads = _threads() - threads
    if new_threads:
        return f"left threads running: {sorted(thread.name for thread in new_threads)}"
    new_children = {pid: name for pid, name in _children().items() if pid not in children}
    if new_children:
        return f"left processes running: {new_children}"
    new_files = _temp_files() - files
    if new_files:
        return f"left files in the temp folder: {sorted(new_files)}"
    new_descriptors = {
        number: target
        for number, target in _descriptors().items()
        if descriptors.get(number) != target
        and target.startswith(("pipe:", "socket:", str(tempfile.gettempdir())))
    }
    grown = len(_descriptors()) - len(descriptors)
    if grown > 0 and new_descriptors:
        return f"left {grown} descriptors open: {new_descriptors}"
    return ""


@pytest.fixture(autouse=True)
def _no_unexpected_warnings(
    request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> Iterator[None]:
    """Fail on WARNING and above from our loggers unless the test says `expected_log`."""
    with caplog.at_level(logging.WARNING):
        yield
    if request.node.get_closest_marker("expected_log"):
        return
    unexpected = [
        f"{record.name}: {record.getMessage()}"
        for phase in ("setup", "call", "teardown")
        for record in caplog.get_records(phase)  # type: ignore[arg-type]
        if record.levelno >= logging.WARNING and record.name.startswith("vidgen_gui")
    ]
    if unexpected:
        pytest.fail(f"unexpected log records: {unexpected}")
