"""The installed app: built, unpacked like a package and run with nothing of this environment."""

import configparser
import fcntl
import json
import os
import shlex
import shutil
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import psutil
import pytest
from PyInstaller.depend.bindepend import get_python_library_path
from PyInstaller.exceptions import PythonLibraryNotFoundError

from vidgen_gui import __version__
from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.minima import FileKind
from vidgen_gui.core.quality import FrameSize
from vidgen_gui.media.ffmpeg import find_ffmpeg
from vidgen_gui.media.probe import probe
from vidgen_gui.media.verify import ExpectedVideo, verify_video

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the package is for Linux"),
    pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="dpkg-deb packs it"),
    pytest.mark.skipif(shutil.which("objcopy") is None, reason="binutils freezes it"),
]

ROOT = Path(__file__).resolve().parents[2]
TOPIC = "The quiet power of morning walks"
FRAME_SIZE = FrameSize(720, 1280)
FPS = 30
SCREEN = (1280, 860)
WINDOW_COLOURS = 100
START_DEADLINE_S = 120.0
MAX_PACKAGE_MIB = 360


@pytest.fixture(scope="session")
def package(testrun_uid: str) -> Path:
    """The Debian package, built once for the whole run."""
    try:
        get_python_library_path()
    except PythonLibraryNotFoundError:
        pytest.skip("the frozen app starts Python's library; Debian's package libpython3.x has it")
    done = ROOT / "build" / "built-in-test-run"
    done.parent.mkdir(exist_ok=True)
    with (ROOT / "build" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists() or done.read_text() != testrun_uid:
            command = [sys.executable, str(ROOT / "build_installer.py")]
            built = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
            assert built.returncode == 0, built.stderr
            done.write_text(testrun_uid)
    (found,) = (ROOT / "dist").glob(f"vidgen_{__version__}_*.deb")
    return found


@pytest.fixture(scope="session")
def system(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The root of a system into which the package was unpacked."""
    root = tmp_path_factory.mktemp("system")
    subprocess.run(["dpkg-deb", "-x", str(package), str(root)], check=True)
    yield root
    shutil.rmtree(root)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "Zoë's vidéos – 影片 ñ"
    folder.mkdir()
    return folder


@pytest.fixture
def environment(system: Path, home: Path, tmp_path: Path) -> dict[str, str]:
    """What a person's session has, and nothing of the one that runs the tests."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return {
        "HOME": str(tmp_path),
        "PATH": f"{system}/usr/bin:/usr/bin:/bin",
        "TMPDIR": str(scratch),
        "VIDGEN_HOME": str(home),
    }


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[tuple[str, Callable[[], np.ndarray]]]:
    """A display without a screen: its name, and what it shows as (height, width, 3) bytes."""
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb shows the window; the package xvfb has it")
    reading, writing = os.pipe()
    size = "x".join(map(str, (*SCREEN, 24)))
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", size, "-nolisten", "tcp"]
    server = subprocess.Popen(
        [*command, "-fbdir", str(tmp_path)], pass_fds=[writing], stderr=subprocess.DEVNULL
    )
    os.close(writing)
    with os.fdopen(reading) as pipe:
        number = pipe.readline().strip()
    assert number, "Xvfb did not start"
    yield f":{number}", lambda: _picture(tmp_path / "Xvfb_screen0")
    server.terminate()
    server.wait(START_DEADLINE_S)


def _picture(dump: Path) -> np.ndarray:
    """Decode an X window dump of 32 bits a pixel: 25 big-endian numbers, colours, rows."""
    data = dump.read_bytes()
    header = struct.unpack_from(">25I", data)
    start, width, height, row_bytes = header[0] + 12 * header[19], *header[4:6], header[12]
    rows = np.frombuffer(data, np.uint8, row_bytes * height, start).reshape(height, -1, 4)
    return rows[:, :width, :3]


def _colours(picture: np.ndarray) -> int:
    return len(np.unique(picture.reshape(-1, 3), axis=0))


def _desktop_entry(system: Path) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(system / "usr/share/applications/vidgen.desktop", encoding="utf-8")
    return parser["Desktop Entry"]


def _command(system: Path) -> list[str]:
    """The desktop entry's command as a launcher runs it: found on PATH, field codes dropped."""
    words = shlex.split(_desktop_entry(system)["Exec"])
    program = system / "usr/bin" / words[0]
    return [str(program), *(word for word in words[1:] if not word.startswith("%"))]


def _processes_of(system: Path) -> list[str]:
    return [
        " ".join(process.info["cmdline"] or [])
        for process in psutil.process_iter(["exe", "cmdline"])
        if (process.info["exe"] or "").startswith(str(system))
    ]


def _wait_until(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + START_DEADLINE_S
    while not condition():
        assert time.monotonic() < give_up, "waited in vain"
        threading.Event().wait(0.05)


def _run(command: Sequence[str], environment: dict[str, str], cwd: Path) -> str:
    result = subprocess.run(
        command, env=environment, cwd=cwd, capture_output=True, check=False, timeout=600
    )
    assert result.returncode == 0, result.stderr.decode()
    return result.stdout.decode("utf-8")


def test_package_is_complete(package: Path, system: Path) -> None:
    entry = _desktop_entry(system)
    icons = system / "usr/share/icons/hicolor"
    sizes = {path.parts[-3] for path in icons.glob(f"*/apps/{entry['Icon']}.png")}
    assert entry["Type"] == "Application"
    assert os.access(_command(system)[0], os.X_OK)
    assert {"16x16", "48x48", "256x256"} <= sizes
    assert (icons / f"scalable/apps/{entry['Icon']}.svg").is_file()
    files = list(system.rglob("*"))
    assert [path for path in files if not path.exists()] == [], "links to nothing"
    assert [path for path in files if not path.stat().st_mode & 0o004] == [], "for root only"
    assert package.stat().st_size < MAX_PACKAGE_MIB * 2**20


def test_every_library_is_brought_or_depended_on(package: Path, system: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": f"{system}/usr/lib/vidgen/_internal"}
    fields = ["dpkg-deb", "-f", str(package), "Depends"]
    depends = subprocess.run(fields, capture_output=True, text=True, check=True).stdout
    missing = set()
    for path in (system / "usr/lib/vidgen").rglob("*.so*"):
        listing = subprocess.run(
            ["ldd", str(path)], capture_output=True, text=True, env=environment, check=False
        ).stdout
        missing |= {line.split()[0] for line in listing.splitlines() if "not found" in line}
    assert not missing
    assert {"libegl1", "libfontconfig1", "libstdc++6"} <= set(depends.replace(",", "").split())


@pytest.mark.req("WISH", "O3")
def test_makes_the_sample_video(
    system: Path, home: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    out = home / "out"
    command = [*_command(system), "make", "--topic", TOPIC, "--out", str(out), "--json"]
    report = json.loads(_run(command, environment, tmp_path))
    assert report["failed"] == []
    (path,) = (Path(video["path"]) for video in report["videos"])
    assert path.parent == out
    facts = probe(path, FileKind.VIDEO)
    expected = ExpectedVideo(FRAME_SIZE, FPS, round(facts.duration_s * FPS))
    verify_video(path, expected, find_ffmpeg(), CancelToken())
    assert facts.duration_s > 15
    _wait_until(lambda: _processes_of(system) == [])
    assert list((tmp_path / "scratch").iterdir()) == []


@pytest.mark.req("AUD-31")
def test_a_killed_app_takes_its_workers_along(
    system: Path, home: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    command = [*_command(system), "make", "--topic", TOPIC, "--out", str(home / "out")]
    app = subprocess.Popen(
        command, env=environment, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_until(lambda: any("--worker" in line for line in _processes_of(system)))
    finally:
        app.kill()
        app.wait()
    _wait_until(lambda: not _processes_of(system))


def test_doctor_finds_everything(system: Path, environment: dict[str, str], tmp_path: Path) -> None:
    checks = json.loads(_run([*_command(system), "doctor", "--json"], environment, tmp_path))
    broken = [check for check in checks if check["state"] == "bad"]
    assert {"ffmpeg", "voice", "fonts", "libraries"} <= {check["check"] for check in checks}
    assert broken == []


@pytest.mark.req("WISH")
def test_shows_its_window(
    system: Path,
    environment: dict[str, str],
    tmp_path: Path,
    screen: tuple[str, Callable[[], np.ndarray]],
) -> None:
    display, look = screen
    app = subprocess.Popen(
        _command(system),
        env=environment | {"DISPLAY": display},
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        _wait_until(lambda: app.poll() is not None or _colours(look()) >= WINDOW_COLOURS)
        assert app.poll() is None, app.stderr.read().decode() if app.stderr else ""
        app.terminate()
        _, complaints = app.communicate(timeout=START_DEADLINE_S)
    finally:
        app.kill()
        app.wait()
    assert app.returncode == 0, complaints.decode()
    assert b"Traceback" not in complaints
    _wait_until(lambda: _processes_of(system) == [])


def test_children_see_nothing_of_the_bundle(
    system: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    """What the app starts, here a stand-in for FFmpeg, gets the person's own environment."""
    spy = tmp_path / "ffmpeg"
    spy.write_text(f'#!/bin/sh\nenv > "{tmp_path}/seen"\necho ffmpeg version 1\n')
    spy.chmod(0o755)
    command = [*_command(system), "doctor", "--json"]
    subprocess.run(
        command,
        env=environment | {"VIDGEN_FFMPEG": str(spy), "LD_LIBRARY_PATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    seen = dict(line.split("=", 1) for line in (tmp_path / "seen").read_text().splitlines())
    folders = [folder for folder in seen["LD_LIBRARY_PATH"].split(":") if Path(folder).is_dir()]
    assert folders == [str(tmp_path)]
    assert not {"QT_PLUGIN_PATH", "QML2_IMPORT_PATH", "LD_LIBRARY_PATH_ORIG"} & set(seen)
