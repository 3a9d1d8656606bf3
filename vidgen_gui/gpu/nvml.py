"""Asking NVIDIA's driver library: one session, opened when first needed, closed once.

Uses `pynvml` of nvidia-ml-py. Importing it takes 0.1 s, so the first `read` does it.
"""

import contextlib
import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.memory_range import MIB
from vidgen_gui.core.messages import MessageId
from vidgen_gui.gpu.readings import (
    MOST_GPUS,
    GpuReading,
    Memory,
    MemorySample,
    SourceKind,
    SourceUnavailable,
    checked_memory,
    make_reading,
    throttle_names,
)

LINUX_CARDS = Path("/proc/driver/nvidia/gpus")
"""The driver's own list: a folder a card. The library counts cards only when it is opened."""


@dataclass(frozen=True, slots=True)
class _Device:
    index: int
    handle: Any
    uuid: str
    name: str


class NvmlSource:
    """NVIDIA's library as a source.

    Args:
        load: gives the module `pynvml`, or one that speaks like it.
        cards: where the driver lists its cards, if anywhere.
    """

    def __init__(
        self,
        load: Callable[[], Any] = lambda: importlib.import_module("pynvml"),
        cards: Path = LINUX_CARDS,
    ) -> None:
        self._load = load
        self._cards = cards
        self._library: Any = None
        self._devices: tuple[_Device, ...] = ()
        self._driver = ""
        self._stale = False

    @property
    def kind(self) -> SourceKind:
        return SourceKind.NVML

    @property
    def fastest_s(self) -> float:
        return 0.04

    def read(self, at_s: float, cancel: CancelToken) -> tuple[GpuReading, ...]:
        """All cards with all figures.

        Raises:
            SourceUnavailable: no library, no driver, or it was lost; the next call tries again.
        """
        with self._session() as library:
            return tuple(self._reading(library, device, at_s) for device in self._devices)

    def read_memory(self, at_s: float, cancel: CancelToken) -> tuple[MemorySample, ...]:
        """Memory alone.

        Raises:
            SourceUnavailable: as `read`.
        """
        with self._session() as library:
            return tuple(
                MemorySample(device.uuid, _memory(library, device).used_mib, at_s)
                for device in self._devices
            )

    def renew(self) -> None:
        self._stale = True

    def close(self) -> None:
        library, self._library, self._devices = self._library, None, ()
        if library is not None:
            # A driver that is gone can't be said goodbye to.
            with contextlib.suppress(library.NVMLError):
                library.nvmlShutdown()

    @contextlib.contextmanager
    def _session(self) -> Iterator[Any]:
        opened_now = self._library is None
        library = self._open()
        try:
            if self._stale or opened_now:
                self._devices = _devices(library)
                self._driver = _text(_asked(library, library.nvmlSystemGetDriverVersion))
                self._stale = False
            yield library
        except library.NVMLError as error:
            self.close()
            raise SourceUnavailable(MessageId.GPU_DRIVER_LOST, words=str(error)) from error

    def _open(self) -> Any:
        if self._stale and self._library is not None and self._card_count_changed():
            self.close()
        if self._library is None:
            library = self._load()
            try:
                library.nvmlInit()
            except library.NVMLError_LibraryNotFound as error:
                raise SourceUnavailable(MessageId.GPU_LIBRARY_ABSENT) from error
            except library.NVMLError as error:
                raise SourceUnavailable(MessageId.GPU_DRIVER_ABSENT, words=str(error)) from error
            self._library = library
        return self._library

    def _card_count_changed(self) -> bool:
        try:
            return len(list(self._cards.iterdir())) != len(self._devices)
        except OSError:
            # Other systems have no such list.
            return False

    def _reading(self, library: Any, device: _Device, at_s: float) -> GpuReading:
        handle = device.handle
        milliwatts = _asked(library, library.nvmlDeviceGetPowerUsage, handle)
        rates = _asked(library, library.nvmlDeviceGetUtilizationRates, handle)
        return make_reading(
            index=device.index,
            uuid=device.uuid,
            name=device.name,
            memory=_memory(library, device),
            source=self.kind,
            at_s=at_s,
            utilisation_percent=None if rates is None else rates.gpu,
            temperature_c=_asked(
                library, library.nvmlDeviceGetTemperature, handle, library.NVML_TEMPERATURE_GPU
            ),
            power_w=None if milliwatts is None else milliwatts / 1000,
            throttle_reasons=throttle_names(
                _asked(library, library.nvmlDeviceGetCurrentClocksThrottleReasons, handle)
            ),
            processes=tuple(_processes(library, handle)),
            driver=self._driver,
        )


def _devices(library: Any) -> tuple[_Device, ...]:
    """The cards that answer; one that fell off the bus doesn't hide the others.

    Raises:
        NVMLError: none answers, though there are some.
    """
    found: list[_Device] = []
    lost: Exception | None = None
    for index in range(min(MOST_GPUS, library.nvmlDeviceGetCount())):
        try:
            handle = library.nvmlDeviceGetHandleByIndex(index)
            uuid = _asked(library, library.nvmlDeviceGetUUID, handle)
            name = _asked(library, library.nvmlDeviceGetName, handle)
        except (library.NVMLError_GpuIsLost, library.NVMLError_Unknown) as error:
            lost = error
        else:
            found.append(_Device(index, handle, _text(uuid), _text(name)))
    if lost is not None and not found:
        raise lost
    return tuple(found)


def _text(value: Any) -> str:
    """Older versions of the module answer in bytes."""
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return value if isinstance(value, str) else ""


def _memory(library: Any, device: _Device) -> Memory:
    """Version 2 leaves out what the driver keeps; older drivers know version 1 only."""
    found = _asked(
        library, library.nvmlDeviceGetMemoryInfo, device.handle, library.nvmlMemory_v2
    ) or _asked(library, library.nvmlDeviceGetMemoryInfo, device.handle)
    if found is None:
        return checked_memory(None, None, None)
    return checked_memory(*(_mib(amount) for amount in (found.total, found.used, found.free)))


def _mib(amount: Any) -> Any:
    return amount / MIB if isinstance(amount, (int, float)) else amount


def _processes(library: Any, handle: Any) -> Iterator[tuple[Any, Any, str]]:
    for ask in (
        library.nvmlDeviceGetComputeRunningProcesses,
        library.nvmlDeviceGetGraphicsRunningProcesses,
    ):
        for process in _asked(library, ask, handle) or ():
            yield process.pid, _mib(process.usedGpuMemory), ""


def _asked(library: Any, ask: Callable[..., Any], *given: Any) -> Any:
    """The answer, or None where this card or driver has none; a lost driver goes on upwards."""
    try:
        return ask(*given)
    except (
        library.NVMLError_NotSupported,
        library.NVMLError_NoPermission,
        library.NVMLError_FunctionNotFound,
        library.NVMLError_ArgumentVersionMismatch,
        library.NVMLError_InvalidArgument,
        library.NVMLError_NoData,
        # Raised for process lists by drivers from before 2022; no NVMLError.
        library.NVMLLibraryMismatchError,
    ):
        return None
