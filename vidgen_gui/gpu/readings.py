"""What a graphics card says of itself, as checked values; who asks it lives beside.

Unknown is None and never made up. What cannot be true is refused and named.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import VidgenError
from vidgen_gui.core.text import clean_text

MOST_GPUS = 64
MOST_PROCESSES = 512
MOST_MIB = 64 * 1024 * 1024
"""64 TiB: above every card there will be, below what a broken driver answers (3.4e38)."""
HIGHEST_TEMPERATURE_C = 200.0
HIGHEST_POWER_W = 10_000.0
_MOST_PID = 1 << 32
_NAME_LIMIT = 120
# The driver keeps some for itself, which newer ones count as neither used nor free.
_RESERVED_MIB, _RESERVED_PART = 1_024.0, 0.1
_ROUNDING_MIB = 64.0


class SourceKind(StrEnum):
    """Who was asked, best first."""

    NVML = "nvml"
    SMI = "nvidia-smi"
    SERVER = "server"
    SIMULATED = "simulated"


class SourceUnavailable(VidgenError):
    """A source cannot say anything now; its message says why."""


class GpuSource(Protocol):
    """Something that knows about cards. One thread at a time uses it.

    Attributes:
        fastest_s: how often asking makes sense.
    """

    @property
    def kind(self) -> SourceKind: ...

    @property
    def fastest_s(self) -> float: ...

    def read(self, at_s: float, cancel: CancelToken) -> tuple["GpuReading", ...]:
        """All cards with all figures; none is an answer too.

        Raises:
            SourceUnavailable: it cannot say anything now.
            Cancelled: ``cancel`` was set meanwhile.
        """

    def read_memory(self, at_s: float, cancel: CancelToken) -> tuple["MemorySample", ...]:
        """Memory alone, as cheaply as can be.

        Raises:
            SourceUnavailable: as `read`.
            Cancelled: as `read`.
        """

    def renew(self) -> None:
        """Look again which cards there are, with the next `read`."""

    def close(self) -> None:
        """Let go of everything; `read` opens it again."""


@dataclass(frozen=True, slots=True)
class GpuProcess:
    """A program on a card. ``used_mib`` None: not said (Windows never does)."""

    pid: int
    used_mib: float | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class MemorySample:
    """A card's memory at one moment; ``at_s`` is monotonic."""

    uuid: str
    used_mib: float | None
    at_s: float


@dataclass(frozen=True, slots=True)
class GpuReading:
    """A card at one moment. None is unknown; ``at_s`` is monotonic, by the monitor's clock.

    ``used_mib`` and ``free_mib`` may add up to less than ``total_mib``: the driver keeps some.
    ``throttle_reasons`` empty: it runs freely; None: not known. ``refused`` names figures that
    could not be true. ``driver`` is its version, "" where the source doesn't say.
    """

    index: int
    uuid: str
    name: str
    total_mib: float | None
    used_mib: float | None
    free_mib: float | None
    utilisation_percent: float | None
    temperature_c: float | None
    power_w: float | None
    throttle_reasons: tuple[str, ...] | None
    processes: tuple[GpuProcess, ...]
    source: SourceKind
    at_s: float
    refused: tuple[str, ...] = ()
    driver: str = ""

    @property
    def memory_known(self) -> bool:
        return self.total_mib is not None and self.free_mib is not None

    @property
    def simulated(self) -> bool:
        return self.source is SourceKind.SIMULATED

    @property
    def memory(self) -> MemorySample:
        return MemorySample(self.uuid, self.used_mib, self.at_s)


def sane(value: Any, highest: float, lowest: float = 0.0) -> float | None:
    """A finite number from ``lowest`` to ``highest``, else None."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if not lowest <= value <= highest or math.isnan(value):
        return None
    return float(value)


@dataclass(frozen=True, slots=True)
class Memory:
    """Checked amounts in MiB and the names of those that were refused."""

    total_mib: float | None
    used_mib: float | None
    free_mib: float | None
    refused: tuple[str, ...]


def checked_memory(total: Any, used: Any, free: Any) -> Memory:
    """Believe what can be true; a missing amount follows from the two others.

    Args:
        total: in MiB, as the driver said it; None where it said nothing.
        used: the same.
        free: the same.
    """
    given = {"total": total, "used": used, "free": free}
    fine = {name: sane(value, MOST_MIB) for name, value in given.items()}
    refused = [name for name in given if given[name] is not None and fine[name] is None]
    if fine["total"] is not None and fine["total"] <= 0:
        fine["total"] = None
        refused.append("total")
    known_total = fine["total"]
    if known_total is None:
        # Without a total nothing can be checked against it.
        refused += [name for name in ("used", "free") if fine[name] is not None]
        return Memory(None, None, None, tuple(refused))
    known_used, known_free = fine["used"], fine["free"]
    # Beside one amount that can't be true, the other is not believed either.
    if refused or not _plausible(known_total, known_used, known_free):
        refused += [name for name in ("used", "free") if fine[name] is not None]
        return Memory(known_total, None, None, tuple(refused))
    if known_free is None and known_used is not None:
        known_free = max(0.0, known_total - known_used)
    elif known_used is None and known_free is not None:
        known_used = max(0.0, known_total - known_free)
    return Memory(known_total, known_used, known_free, tuple(refused))


def _plausible(total: float, used: float | None, free: float | None) -> bool:
    if any(part is not None and part > total + _ROUNDING_MIB for part in (used, free)):
        return False
    if used is None or free is None:
        return True
    kept = total - used - free
    return -_ROUNDING_MIB <= kept <= max(_RESERVED_MIB, _RESERVED_PART * total)


def make_reading(
    *,
    index: int,
    uuid: str,
    name: str,
    memory: Memory,
    source: SourceKind,
    at_s: float,
    utilisation_percent: Any = None,
    temperature_c: Any = None,
    power_w: Any = None,
    throttle_reasons: Sequence[str] | None = None,
    processes: Iterable[tuple[Any, Any, str]] = (),
    driver: str = "",
) -> GpuReading:
    """A reading of what a source said; figures that can't be true become None and are named.

    Args:
        processes: pid, MiB and name of each.
    """
    figures = {
        "utilisation": (utilisation_percent, 100.0, 0.0),
        "temperature": (temperature_c, HIGHEST_TEMPERATURE_C, -50.0),
        "power": (power_w, HIGHEST_POWER_W, 0.0),
    }
    fine = {name: sane(*figure) for name, figure in figures.items()}
    refused = [
        name for name, found in fine.items() if found is None and figures[name][0] is not None
    ]
    return GpuReading(
        index=index,
        uuid=clean_text(uuid[:_NAME_LIMIT], keep_lines=False) or f"gpu-{index}",
        name=clean_text(name[:_NAME_LIMIT], keep_lines=False),
        total_mib=memory.total_mib,
        used_mib=memory.used_mib,
        free_mib=memory.free_mib,
        utilisation_percent=fine["utilisation"],
        temperature_c=fine["temperature"],
        power_w=fine["power"],
        throttle_reasons=None if throttle_reasons is None else tuple(throttle_reasons),
        processes=_processes(processes, memory.total_mib),
        source=source,
        at_s=at_s,
        refused=(*memory.refused, *refused),
        driver=clean_text(driver[:_NAME_LIMIT], keep_lines=False),
    )


def _processes(
    given: Iterable[tuple[Any, Any, str]], total_mib: float | None
) -> tuple[GpuProcess, ...]:
    """One entry a program: it may be listed for computing and for drawing."""
    found: dict[tuple[int, str], GpuProcess] = {}
    for pid, used, name in given:
        number = sane(pid, _MOST_PID)
        if number is None or len(found) >= MOST_PROCESSES:
            continue
        limit = MOST_MIB if total_mib is None else total_mib + _ROUNDING_MIB
        label = clean_text(name[:_NAME_LIMIT], keep_lines=False)
        process = GpuProcess(int(number), sane(used, limit), label)
        before = found.get((process.pid, label))
        if before is None or (process.used_mib or 0.0) > (before.used_mib or 0.0):
            found[process.pid, label] = process
    return tuple(found.values())


THROTTLE_REASONS: tuple[tuple[int, str], ...] = (
    (0x1, "idle"),
    (0x2, "application-clocks"),
    (0x4, "power-cap"),
    (0x8, "hardware"),
    (0x10, "sync-boost"),
    (0x20, "heat"),
    (0x40, "heat-hardware"),
    (0x80, "power-brake"),
    (0x100, "display-clocks"),
)
"""Bits of ``nvmlClocksEventReasons`` (nvml.h). "idle" slows nothing that runs and is left out."""


def throttle_names(mask: Any) -> tuple[str, ...] | None:
    """The reasons in a bit mask, or None when it is none."""
    if isinstance(mask, bool) or not isinstance(mask, int) or not 0 <= mask < 1 << 64:
        return None
    return tuple(name for bit, name in THROTTLE_REASONS if mask & bit and name != "idle")
