"""Telling a process from another that later got the same pid. Starts and stops nothing."""

import os
import platform
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil


@cache
def _boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text("ascii")[:8]


def _start_mark(pid: int) -> str | None:
    """When ``pid`` started, in a form that clock changes leave alone; None when it is gone."""
    if platform.system() == "Linux":
        try:
            stat = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return None
        # proc(5): after the parenthesised name come the state (field 3) … start time (field 22).
        fields = stat[stat.rindex(")") + 1 :].split()
        return None if fields[0] in {"Z", "X"} else f"{_boot_id()}-{fields[19]}"
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return str(round(process.create_time() * 1000))
    except psutil.NoSuchProcess:
        return None


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """A process: its pid and a mark of when it started (no dots in it)."""

    pid: int
    mark: str

    @property
    def alive(self) -> bool:
        """Whether this very process still runs; a zombie doesn't."""
        return _start_mark(self.pid) == self.mark

    @classmethod
    def of(cls, pid: int) -> "ProcessIdentity | None":
        """The process that has this pid now; None when there is none."""
        mark = _start_mark(pid)
        return None if mark is None else cls(pid, mark)

    @classmethod
    def own(cls) -> "ProcessIdentity":
        """This process."""
        pid = os.getpid()
        mark = _start_mark(pid)
        if mark is None:
            raise RuntimeError("the operating system doesn't know this process")
        return cls(pid, mark)
