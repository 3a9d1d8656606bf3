"""Watches a process and all it starts: how much memory each kind had at its peak, and its CPU."""

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psutil

PERIOD_S = 0.1
MB = 1_000_000


@dataclass
class Usage:
    """Of one process: the highest resident memory, and processor seconds so far."""

    peak_bytes: int = 0
    cpu_s: float = 0.0


class ProcessWatch:
    """Looks ten times a second while its block runs.

    A kind is ``app`` for the process itself, ``worker KIND`` for our workers, else the program's
    name. The peak is the kernel's own high-water mark where it keeps one, so no moment is missed.
    """

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)
        self._root_command = self._root.cmdline()
        self._usage: dict[tuple[str, int], Usage] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="process-watch")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def peaks_mb(self) -> dict[str, float]:
        """The peak of the largest process of each kind."""
        peaks: dict[str, float] = {}
        for (kind, _), usage in self._usage.items():
            peaks[kind] = max(peaks.get(kind, 0.0), usage.peak_bytes / MB)
        return {kind: round(peak) for kind, peak in sorted(peaks.items())}

    @property
    def cpu_s(self) -> dict[str, float]:
        """Processor seconds of all processes of each kind."""
        sums: dict[str, float] = {}
        for (kind, _), usage in self._usage.items():
            sums[kind] = sums.get(kind, 0.0) + usage.cpu_s
        return {kind: round(seconds, 2) for kind, seconds in sorted(sums.items())}

    def _watch(self) -> None:
        while not self._stop.wait(PERIOD_S):
            try:
                family = [self._root, *self._root.children(recursive=True)]
            except psutil.NoSuchProcess:
                return
            for process in family:
                self._look(process)

    def _look(self, process: psutil.Process) -> None:
        try:
            kind = self._kind(process)
            if kind is None:
                return
            times = process.cpu_times()
            peak = _peak_bytes(process)
        except (psutil.NoSuchProcess, psutil.ZombieProcess, FileNotFoundError, ProcessLookupError):
            return
        usage = self._usage.setdefault((kind, process.pid), Usage())
        usage.peak_bytes = max(usage.peak_bytes, peak)
        usage.cpu_s = times.user + times.system

    def _kind(self, process: psutil.Process) -> str | None:
        """None for a child that has not become its own program yet."""
        if process.pid == self._root.pid:
            return "app"
        command = process.cmdline()
        if command == self._root_command or process.name() == "setpriv":
            return None
        if "--worker" in command[:-1]:
            return f"worker {command[command.index('--worker') + 1]}"
        return process.name().split("-")[0]


def _peak_bytes(process: psutil.Process) -> int:
    status = Path(f"/proc/{process.pid}/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return int(process.memory_info().rss)
