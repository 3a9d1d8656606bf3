"""What llama-server's own log says about its memory; pure. It is printed with ``-lv 4`` and up."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

_BUFFER = re.compile(
    r"(?P<place>[\w.]+)\s+(?P<kind>model|KV|RS|compute|output) buffer size\s+=\s+"
    r"(?P<mib>\d{1,9}(?:\.\d{1,4})?) MiB"
)
_OUTPUTS = re.compile(r"\bn_outputs_max\s+=\s+(\d{1,9})\b")
_LONGEST_LINE = 2_000
_MOST_BUFFERS = 256


@dataclass(frozen=True, slots=True)
class LoggedBuffer:
    """One line. ``place``: CUDA0, CPU, CPU_Mapped, CUDA_Host…; ``kind``: model, KV, compute…."""

    place: str
    kind: str
    mib: float

    @property
    def on_host(self) -> bool:
        return self.place.startswith("CPU") or self.place.endswith("_Host")


@dataclass(frozen=True, slots=True)
class LoggedMemory:
    """The buffers of a server; ``outputs`` is how many tokens get scores, if it says so."""

    buffers: tuple[LoggedBuffer, ...]
    outputs: int | None

    @property
    def host_mib(self) -> float:
        return math.fsum(one.mib for one in self.buffers if one.on_host)

    @property
    def device_mib(self) -> float:
        """What was taken on cards; neither scratch nor the driver's own is in it."""
        return math.fsum(one.mib for one in self.buffers if not one.on_host)


def parse_log(lines: Iterable[str]) -> LoggedMemory | None:
    """The buffers in a log, or None when it has none.

    Newer servers first try how much would fit, which prints every line once more: only what
    stands after the last "model buffer" counts.
    """
    buffers: list[LoggedBuffer] = []
    outputs = None
    for line in lines:
        text = line[:_LONGEST_LINE]
        if found := _BUFFER.search(text):
            buffer = LoggedBuffer(found["place"], found["kind"], float(found["mib"]))
            if buffer.kind == "model" and any(one.kind != "model" for one in buffers):
                buffers.clear()
            if len(buffers) < _MOST_BUFFERS:
                buffers.append(buffer)
        elif found := _OUTPUTS.search(text):
            outputs = int(found[1])
    return LoggedMemory(tuple(buffers), outputs) if buffers else None
