"""Forks children from one permanent thread, each with its parent-death kill.

Linux sends the parent-death signal when the *thread* that forked ends, and pool threads come
and go: so one thread, which lives as long as the process, starts them all.
"""

import os
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import cache
from typing import Any


class _Spawner:
    """The thread that forks every child; lives as long as the process."""

    def __init__(self) -> None:
        self._requests: queue.SimpleQueue[
            tuple[Callable[[], subprocess.Popen[bytes]], Future[subprocess.Popen[bytes]]]
        ] = queue.SimpleQueue()
        thread = threading.Thread(target=self._serve, name="vidgen-spawner", daemon=True)
        thread.start()

    def _serve(self) -> None:
        while True:
            start, future = self._requests.get()
            try:
                future.set_result(start())
            except BaseException as error:  # noqa: BLE001 - handed to the caller
                future.set_exception(error)
            del start, future

    def spawn(self, start: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
        future: Future[subprocess.Popen[bytes]] = Future()
        self._requests.put((start, future))
        return future.result()


@cache
def _spawner() -> _Spawner:
    return _Spawner()


@cache
def _windows_job() -> Any:
    from vidgen_gui.system.windows_job import KillOnCloseJob  # noqa: PLC0415 - Windows only

    return KillOnCloseJob()


def self_command() -> list[str]:
    """How this app starts itself again, frozen or not."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    # -P: a file in the current folder must not pass for one of our modules.
    return [sys.executable, "-P", "-m", "vidgen_gui"]


@cache
def _setpriv() -> str | None:
    path = shutil.which("setpriv")
    if path is None:
        return None
    probe = subprocess.run(
        [path, "--pdeathsig", "KILL", "true"], capture_output=True, check=False, timeout=10
    )
    return path if probe.returncode == 0 else None


def guarded(argv: list[str]) -> list[str]:
    """Put the parent-death kill around a command line."""
    if sys.platform == "win32":
        return argv
    if sys.platform.startswith("linux"):
        setpriv = _setpriv()
        if setpriv:
            return [setpriv, "--pdeathsig", "KILL", "--", *argv]
    return [*self_command(), "--exec", str(os.getpid()), *argv]


def start(make: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
    """Call ``make`` on the spawner thread; on Windows the child joins our job object."""
    process = _spawner().spawn(make)
    if sys.platform == "win32":
        try:
            _windows_job().add(process.pid)
        except OSError:
            # What has ended already joins no job; what runs would outlive the app.
            if process.poll() is None:
                process.kill()
                raise
    return process
