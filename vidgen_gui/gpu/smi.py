"""Asking nvidia-smi, where NVIDIA's library cannot be used: a process each time, so rarely."""

import csv
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import ProgramError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.text import clean_text
from vidgen_gui.gpu.readings import (
    MOST_GPUS,
    MOST_PROCESSES,
    GpuReading,
    MemorySample,
    SourceKind,
    SourceUnavailable,
    checked_memory,
    make_reading,
    throttle_names,
)
from vidgen_gui.system.process import run

DEADLINE_S = 10.0
"""Without persistence mode a cold driver takes seconds."""
FIELDS = (
    *("index", "uuid", "name", "memory.total", "memory.used", "memory.free"),
    *("utilization.gpu", "temperature.gpu", "power.draw"),
)
REASONS = ("clocks_event_reasons.active", "clocks_throttle_reasons.active", "")
"""Newer drivers, older ones, and those that know neither."""
PROCESS_FIELDS = ("gpu_uuid", "pid", "used_memory", "process_name")
_MOST_LINES = 2_000
_WORDS_LIMIT = 200
_NO_CARDS = "No devices"
_AMOUNT = re.compile(r"^(-?\d{1,39}(?:\.\d{1,9})?)\s*(MiB|GiB|KiB|W|mW|%|C|)$")
_FACTORS = {"KiB": 1 / 1024, "GiB": 1024.0, "mW": 1e-3}


def usual_places(environ: Mapping[str, str], platform: str = sys.platform) -> Iterator[Path]:
    """Where nvidia-smi lies outside PATH: Windows' drivers, WSL, NixOS, containers."""
    if platform == "win32":
        windows = Path(environ.get("SYSTEMROOT", r"C:\Windows")) / "System32"
        programs = Path(environ.get("PROGRAMFILES", r"C:\Program Files"))
        yield windows / "nvidia-smi.exe"
        yield programs / "NVIDIA Corporation" / "NVSMI" / "nvidia-smi.exe"
        yield from sorted(
            (windows / "DriverStore" / "FileRepository").glob("nv*/nvidia-smi.exe"), reverse=True
        )
    else:
        for folder in ("/usr/bin", "/usr/local/bin", "/usr/lib/wsl/lib", "/opt/bin"):
            yield Path(folder) / "nvidia-smi"
        yield Path("/run/current-system/sw/bin/nvidia-smi")
        yield Path("/usr/local/nvidia/bin/nvidia-smi")


def find_smi(
    environ: Mapping[str, str] = os.environ, places: Iterable[Path] | None = None
) -> Path | None:
    """Where nvidia-smi is, on PATH or in one of ``places``, or None."""
    found = shutil.which("nvidia-smi", path=environ.get("PATH", ""))
    if found is not None:
        return Path(found)
    for place in usual_places(environ) if places is None else places:
        if place.is_file() and os.access(place, os.X_OK):
            return place
    return None


class SmiSource:
    """nvidia-smi as a source; looked for again with each `read` until it is there."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._environ = environ
        self._program: Path | None = None
        self._reasons = list(REASONS)

    @property
    def kind(self) -> SourceKind:
        return SourceKind.SMI

    @property
    def fastest_s(self) -> float:
        return 1.0

    def read(self, at_s: float, cancel: CancelToken) -> tuple[GpuReading, ...]:
        """All cards with all figures.

        Raises:
            SourceUnavailable: it is not there, fails, hangs or answers with something else.
            Cancelled: ``cancel`` was set; the program is dead.
        """
        rows = self._cards(cancel)
        processes = self._rows(("--query-compute-apps=" + ",".join(PROCESS_FIELDS),), cancel)
        return tuple(_reading(row, processes, at_s) for row in rows[:MOST_GPUS])

    def read_memory(self, at_s: float, cancel: CancelToken) -> tuple[MemorySample, ...]:
        """Memory alone; not cheaper than `read` by much.

        Raises:
            SourceUnavailable: as `read`.
            Cancelled: as `read`.
        """
        rows = self._rows(("--query-gpu=" + ",".join(FIELDS),), cancel)
        if not rows or any(len(row) < len(FIELDS) for row in rows):
            raise SourceUnavailable(MessageId.GPU_TOOL_FAILED, words=_words(str(rows)))
        return tuple(_reading([*row, ""], (), at_s).memory for row in rows[:MOST_GPUS])

    def renew(self) -> None:
        self._program = None

    def close(self) -> None:
        """Nothing stays open between two readings."""

    def _cards(self, cancel: CancelToken) -> list[list[str]]:
        while True:
            wanted = [*FIELDS, self._reasons[0]] if self._reasons[0] else list(FIELDS)
            try:
                rows = self._rows(("--query-gpu=" + ",".join(wanted),), cancel)
            except SourceUnavailable as error:
                # It refuses the whole question for one field that it doesn't know.
                if "not a valid field" not in error.detail or len(self._reasons) == 1:
                    raise
                del self._reasons[0]
                continue
            if not all(len(row) == len(wanted) for row in rows):
                raise SourceUnavailable(MessageId.GPU_TOOL_FAILED, words=_words(str(rows)))
            return rows if self._reasons[0] else [[*row, ""] for row in rows]

    def _rows(self, query: Sequence[str], cancel: CancelToken) -> list[list[str]]:
        if self._program is None:
            self._program = find_smi(self._environ)
        if self._program is None:
            raise SourceUnavailable(MessageId.GPU_TOOL_ABSENT)
        lines: list[str] = []

        def keep(line: str) -> None:
            if len(lines) < _MOST_LINES:
                lines.append(line)

        try:
            outcome = run(
                [self._program, *query, "--format=csv,noheader"],
                deadline_s=DEADLINE_S,
                cancel=cancel,
                on_stdout_line=keep,
            )
        except ProgramError as error:
            self._program = None
            raise SourceUnavailable(MessageId.GPU_TOOL_FAILED, words=str(error)) from error
        if not outcome.ok:
            # It prints what is wrong to stdout.
            said = "\n".join(lines) or outcome.stderr_tail
            words = _words(said) or str(outcome.error())
            raise SourceUnavailable(MessageId.GPU_TOOL_FAILED, detail=said[:2000], words=words)
        if lines and lines[0].startswith(_NO_CARDS):
            return []
        try:
            return list(csv.reader(lines, skipinitialspace=True))
        except csv.Error as error:
            words = _words(lines[0])
            raise SourceUnavailable(MessageId.GPU_TOOL_FAILED, words=words) from error


def parse_amount(text: str) -> float | None:
    """``"6144 MiB"``, ``"37 %"``, ``"[N/A]"``: MiB, W, °C or %, or None."""
    found = _AMOUNT.match(text.strip())
    return None if found is None else float(found[1]) * _FACTORS.get(found[2], 1.0)


def _reading(row: Sequence[str], processes: Iterable[Sequence[str]], at_s: float) -> GpuReading:
    index, uuid, name, total, used, free, load, heat, power, reasons = row
    if not index.isascii() or not index.isdigit():
        raise SourceUnavailable(MessageId.GPU_TOOL_FAILED, words=_words(",".join(row)))
    return make_reading(
        index=int(index[:6]),
        uuid=uuid,
        name=name,
        memory=checked_memory(parse_amount(total), parse_amount(used), parse_amount(free)),
        source=SourceKind.SMI,
        at_s=at_s,
        utilisation_percent=parse_amount(load),
        temperature_c=parse_amount(heat),
        power_w=parse_amount(power),
        throttle_reasons=throttle_names(_mask(reasons)),
        processes=tuple(
            (int(pid), parse_amount(amount), _base_name(program))
            for card, pid, amount, program in _whole(processes)
            if card == uuid
        ),
    )


def _whole(rows: Iterable[Sequence[str]]) -> Iterator[tuple[str, str, str, str]]:
    for row in list(rows)[:MOST_PROCESSES]:
        if len(row) == len(PROCESS_FIELDS) and row[1].isascii() and row[1][:12].isdigit():
            yield row[0], row[1][:12], row[2], row[3]


def _mask(text: str) -> int | None:
    try:
        return int(text, 16)
    except ValueError:
        return None


def _base_name(program: str) -> str:
    return re.split(r"[\\/]", program)[-1]


def _words(text: str) -> str:
    return clean_text(text[:_WORDS_LIMIT], keep_lines=False)
