"""The app as a person runs it: processes of their own, private folders, nothing left behind."""

import contextlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from busy_machine import in_time

from vidgen_gui.media.ffmpeg import find_ffmpeg
from vidgen_gui.services.piper.model_patch import patched_model
from vidgen_gui.services.piper.voices import BUNDLED_VOICE, find_voice
from vidgen_gui.system.spawn import self_command

MARK = "VIDGEN_TEST_MARK"
UNFINISHED = ("*.part", ".*.part", "*.tmp", ".*.tmp", "tmp*", "vidgen.*.*", ".vidgen-*")
LIMIT_S = 120.0
"""For whatever comes sooner or later, on a machine that does much else."""
RUN_LIMIT_S = 300.0
GONE_S = 3.0
"""For processes to end with the app; one that was forgotten may end by itself later."""
POLL_S = 0.005
SHORT_SCRIPT = "The sea is calm at dawn.\n\nStand still and listen.\n"
"""Two scenes, four seconds: as little as makes a whole video."""


def warm_voice(folder: Path) -> Path:
    """The bundled voice as the app keeps it after its first use, made once for many homes."""
    return patched_model(find_voice(BUNDLED_VOICE, folder), folder).parent


def wait_until(condition: Callable[[], object], limit_s: float = LIMIT_S) -> None:
    """Look until it is so; AssertionError when it never is."""
    give_up = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < give_up, f"not within {limit_s} s"
        time.sleep(POLL_S)


@dataclass(frozen=True)
class Ended:
    """How a run of the app ended."""

    code: int
    stdout: str
    stderr: str
    elapsed_s: float

    @property
    def report(self) -> dict[str, Any]:
        """What ``--json`` printed: nothing but one line of JSON."""
        assert self.stdout.count("\n") == 1, self.stdout
        found: dict[str, Any] = json.loads(self.stdout)
        return found

    @property
    def videos(self) -> list[Path]:
        return [Path(video["path"]) for video in self.report["videos"]]

    @property
    def failures(self) -> list[str]:
        """The ids of what failed; each must come with a sentence and an advice."""
        for failure in self.report["failed"]:
            assert failure["message"].strip(), failure
            assert (failure["advice"] or "").strip(), failure
        return [failure["id"] for failure in self.report["failed"]]

    def clean(self) -> "Ended":
        """The same, once it is sure that no traceback and no stray word was printed."""
        assert "Traceback" not in self.stderr, self.stderr
        return self


class Run:
    """One started process of the app."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self._started = time.monotonic()

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def wait(self, limit_s: float = RUN_LIMIT_S) -> Ended:
        try:
            stdout, stderr = self.process.communicate(timeout=limit_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            stdout, stderr = self.process.communicate()
            raise AssertionError(f"still running after {limit_s} s: {stderr[-3000:]}") from None
        elapsed_s = time.monotonic() - self._started
        return Ended(self.process.returncode, stdout, stderr, elapsed_s)


class App:
    """A home, an output folder, a temp folder, and every process that was started with them."""

    def __init__(self, folder: Path, voice: Path | None = None) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.out = folder / "out"
        self.temp = folder / "temp"
        self.mark = uuid.uuid4().hex
        self.runs: list[Run] = []
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("VIDGEN_")} | {
            "VIDGEN_HOME": str(self.home),
            "TMPDIR": str(self.temp),
            "QT_QPA_PLATFORM": "offscreen",
            MARK: self.mark,
        }
        self.temp.mkdir(parents=True)
        self.script = folder / "script.txt"
        self.script.write_text(SHORT_SCRIPT, encoding="utf-8")
        if voice is not None:
            shutil.copytree(voice, self.home / "data" / "voices" / "patched", copy_function=os.link)

    @property
    def log(self) -> str:
        path = self.home / "state" / "vidgen.log"
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def start(
        self,
        *arguments: str,
        program: list[str] | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Run:
        """Start the app (the window, without arguments)."""
        command = program or self_command()
        process = subprocess.Popen(
            [*command, *arguments],
            cwd=self.folder,
            env=self.env | dict(env or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        self.runs.append(Run(process))
        return self.runs[-1]

    @contextlib.contextmanager
    def on_terminal(self, *arguments: str, terminal: int) -> Iterator[Run]:
        """The app with ``terminal`` for what it says beside its result."""
        with subprocess.Popen(
            [*self_command(), *arguments],
            cwd=self.folder,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=terminal,
            text=True,
            start_new_session=True,
        ) as process:
            yield Run(process)

    def job_states(self) -> list[str]:
        """The states of all jobs in the queue, oldest first, straight from the database."""
        with contextlib.closing(sqlite3.connect(self.home / "data" / "jobs.db")) as database:
            rows = database.execute("SELECT state FROM jobs ORDER BY position").fetchall()
        return [row[0] for row in rows]

    def start_make(self, *arguments: str, env: Mapping[str, str] | None = None) -> Run:
        """``make`` at Draft into the output folder, reporting as JSON."""
        base = ["make", "--json", "--quality", "draft"]
        if "--out" not in arguments:
            base += ["--out", str(self.out)]
        if "--seed" not in arguments:
            base += ["--seed", "7"]
        return self.start(*base, *arguments, env=env)

    def make(self, *arguments: str, env: Mapping[str, str] | None = None) -> Ended:
        return self.start_make(*arguments, env=env).wait().clean()

    def start_short(self, *arguments: str, env: Mapping[str, str] | None = None) -> Run:
        """A video of the two-scene script."""
        base = ("--script", str(self.script), "--topic", "The sea at dawn")
        return self.start_make(*base, *arguments, env=env)

    def make_short(self, *arguments: str, env: Mapping[str, str] | None = None) -> Ended:
        return self.start_short(*arguments, env=env).wait().clean()

    def processes(self) -> dict[int, list[str]]:
        """Every living process that was started, directly or not, with this app's mark."""
        wanted = f"{MARK}={self.mark}".encode()
        found = {}
        for process in psutil.process_iter():
            with contextlib.suppress(OSError, psutil.Error):
                environ = Path(f"/proc/{process.pid}/environ").read_bytes()
                if wanted in environ and process.status() != psutil.STATUS_ZOMBIE:
                    found[process.pid] = process.cmdline()
        return found

    def workers(self, kind: str) -> list[int]:
        """The processes that work as ``kind``; ``ffmpeg`` and ``encoder`` are FFmpeg's."""
        if kind == "ffmpeg":
            return [p for p, line in self.processes().items() if line and "ffmpeg" in line[0]]
        if kind == "encoder":
            return [p for p, line in self.processes().items() if "libx264" in line]
        return [p for p, line in self.processes().items() if line[-2:] == ["--worker", kind]]

    def leftovers(self) -> list[str]:
        """Unfinished files anywhere in the app's folders; none is what there should be."""
        found = [str(path.relative_to(self.folder)) for path in self.temp.iterdir()]
        found += [str(p) for p in (self.home / "cache" / "artifacts" / "tmp").glob("*")]
        for root in (self.home, self.out):
            for pattern in (
                "*.part",
                ".*.part",
                "*.tmp",
                ".*.tmp",
                "tmp*",
                "vidgen.*.*",
                ".vidgen-*",
            ):
                found += [str(p) for p in root.rglob(pattern) if p.name != "tmp"]
        return sorted(set(found))

    def assert_all_ended(self, limit_s: float = GONE_S) -> None:
        """No process of ours within ``limit_s``, as it would be on a machine that is not busy."""
        started = time.monotonic()
        with contextlib.suppress(AssertionError):
            wait_until(lambda: not self.processes())
        took_s = time.monotonic() - started
        assert self.processes() == {}
        assert in_time(took_s, limit_s)

    def assert_nothing_left(self, limit_s: float = GONE_S) -> None:
        """No process of ours within ``limit_s``, and no unfinished file."""
        self.assert_all_ended(limit_s)
        assert self.leftovers() == []

    def end(self) -> None:
        """Kill whatever a failed test left."""
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for run in self.runs:
            if run.process.poll() is None or not run.process.stdout.closed:  # type: ignore[union-attr]
                run.process.kill()
                run.process.communicate()


def wrap_ffmpeg(folder: Path, when: str, action: str) -> Path:
    """An FFmpeg that does ``action`` (sh) for command lines like ``*when*``, else as always."""
    path = folder / "ffmpeg-wrapped"
    path.write_text(
        f'#!/bin/sh\ncase "$*" in\n*{when}*) {action} ;;\nesac\nexec "{find_ffmpeg()}" "$@"\n'
    )
    path.chmod(0o755)
    return path


def sidecar(video: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (video.parent / ".vidgen" / f"{video.stem}.json").read_text(encoding="utf-8")
    )
    return found


def loudness(video: Path) -> tuple[float, float]:
    """Integrated LUFS and true peak in dBTP, by FFmpeg's own meter on the delivered file."""
    command = [str(find_ffmpeg()), "-hide_banner", "-nostats", "-i", str(video), "-map", "0:a:0"]
    told = subprocess.run(
        [*command, "-af", "ebur128=peak=true:framelog=quiet", "-f", "null", "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    summary = told[told.rindex("Summary:") :]
    integrated = re.search(r"I:\s+(\S+) LUFS", summary)
    peak = re.search(r"Peak:\s+(\S+) dBFS", summary)
    assert integrated
    assert peak
    return float(integrated[1]), float(peak[1])


def streams(video: Path) -> str:
    """What FFmpeg says about a file's streams."""
    command = [str(find_ffmpeg()), "-hide_banner", "-i", str(video)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stderr


def boxes(video: Path) -> list[str]:
    """The kinds of an MP4's top-level boxes, in order."""
    data = video.read_bytes()
    kinds, at = [], 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        kinds.append(data[at + 4 : at + 8].decode("ascii"))
        at += size
    return kinds


def follow(path: Path, start: int = 0) -> Iterator[str]:
    """Lines as they are appended to a file, for as long as the caller asks; "" when none is new."""
    at, rest = start, ""
    while True:
        if path.is_file():
            with path.open(encoding="utf-8", errors="replace") as file:
                file.seek(at)
                rest += file.read()
                at = file.tell()
        *lines, rest = rest.split("\n")
        yield from lines
        yield ""
