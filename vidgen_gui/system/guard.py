"""Makes a program end when the process that asked for it ends, where the platform needs help.

Linux: sets the parent-death signal and becomes the program (used where util-linux's
``setpriv`` is missing). macOS, which has no such signal: stays as a small parent that watches.
"""

import ctypes
import os
import platform
import select
import signal
import subprocess
from collections.abc import Sequence

_PR_SET_PDEATHSIG = 1


def die_with_parent(parent_pid: int) -> None:
    """Ask Linux to kill this process when the thread that started it ends."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        os.kill(os.getpid(), signal.SIGKILL)


def main(arguments: Sequence[str]) -> int:
    """Run ``PARENT_PID PROGRAM [ARG …]`` guarded; returns the program's exit status."""
    parent_pid, *command = arguments
    if platform.system() != "Darwin":
        die_with_parent(int(parent_pid))
        os.execvp(command[0], command)  # noqa: S606 - an argument list, no shell
    return _watch(int(parent_pid), command)


def _watch(parent_pid: int, command: list[str]) -> int:
    child = subprocess.Popen(command)
    queue = select.kqueue()  # type: ignore[attr-defined,unused-ignore]
    events = [
        select.kevent(  # type: ignore[attr-defined,unused-ignore]
            pid,
            filter=select.KQ_FILTER_PROC,  # type: ignore[attr-defined,unused-ignore]
            flags=select.KQ_EV_ADD,  # type: ignore[attr-defined,unused-ignore]
            fflags=select.KQ_NOTE_EXIT,  # type: ignore[attr-defined,unused-ignore]
        )
        for pid in (parent_pid, child.pid)
    ]
    try:
        queue.control(events, 1)
    except ProcessLookupError:
        child.kill()
        return child.wait()
    if child.poll() is None and os.getppid() != parent_pid:
        os.killpg(0, signal.SIGKILL)
    return child.wait()
