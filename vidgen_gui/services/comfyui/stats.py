"""What ``/system_stats`` says, as values in MiB; pure. Older servers leave parts of it out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vidgen_gui.services.comfyui import untrusted

_MIB = 1024 * 1024
_MOST_DEVICES = 64
_MOST_ARGUMENTS = 200


@dataclass(frozen=True, slots=True)
class Device:
    """A device that computes, as the server sees it.

    ``type`` is ``cuda``, ``cpu``, ``mps``, ``xpu``… ``torch_…`` is the part that PyTorch has
    taken already. On a CPU all of it is the computer's memory.
    """

    name: str
    type: str
    index: int | None
    vram_total_mib: float
    vram_free_mib: float
    torch_vram_total_mib: float
    torch_vram_free_mib: float


@dataclass(frozen=True, slots=True)
class SystemStats:
    """The server and its machine. Unknown texts are empty, unknown amounts None."""

    version: str
    pytorch_version: str
    python_version: str
    os: str
    arguments: tuple[str, ...]
    ram_total_mib: float | None
    ram_free_mib: float | None
    devices: tuple[Device, ...]


def parse_stats(answer: Any) -> SystemStats | None:
    """Read the answer; None when it is none of ComfyUI's."""
    fields = untrusted.mapping(answer)
    system, devices = fields.get("system"), fields.get("devices")
    if not isinstance(system, Mapping) or not isinstance(devices, list):
        return None
    arguments = untrusted.items(system.get("argv"), _MOST_ARGUMENTS)
    return SystemStats(
        version=untrusted.words(system.get("comfyui_version")),
        pytorch_version=untrusted.words(system.get("pytorch_version")),
        python_version=untrusted.words(system.get("python_version")),
        os=untrusted.words(system.get("os")),
        arguments=tuple(untrusted.words(argument) for argument in arguments),
        ram_total_mib=_mib(system.get("ram_total")),
        ram_free_mib=_mib(system.get("ram_free")),
        devices=tuple(_device(untrusted.mapping(entry)) for entry in devices[:_MOST_DEVICES]),
    )


def _device(entry: Mapping[str, Any]) -> Device:
    index = entry.get("index")
    total, free, torch_total, torch_free = (
        _mib(entry.get(key)) or 0.0
        for key in ("vram_total", "vram_free", "torch_vram_total", "torch_vram_free")
    )
    return Device(
        name=untrusted.words(entry.get("name")),
        type=untrusted.words(entry.get("type")),
        index=index if isinstance(index, int) and not isinstance(index, bool) else None,
        vram_total_mib=total,
        vram_free_mib=free,
        torch_vram_total_mib=torch_total,
        torch_vram_free_mib=torch_free,
    )


def _mib(value: Any) -> float | None:
    amount = untrusted.number(value)
    return None if amount is None or amount < 0 else amount / _MIB
