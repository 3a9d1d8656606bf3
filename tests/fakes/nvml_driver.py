"""A driver library as `pynvml` sees it: C functions by name, answers by reference, error codes.

The real `pynvml` runs on top of it, so that its structures and its errors are the real ones.
"""

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pynvml

MIB = 1024 * 1024
NOT_AVAILABLE = (1 << 64) - 1


@dataclass
class FakeCard:
    uuid: str = "GPU-aaaa"
    name: str = "NVIDIA RTX A2000 12GB"
    total_mib: float = 12288
    used_mib: float = 1000
    free_mib: float | None = None
    reserved_mib: float = 288
    load: int = 37
    temperature: int = 55
    milliwatts: int = 41_500
    reasons: int = 0x4 | 0x1
    processes: list[tuple[int, int]] = field(default_factory=lambda: [(4242, 900 * MIB)])
    lost: bool = False

    def bytes_of(self, mib: float) -> int:
        return min(NOT_AVAILABLE, max(0, int(mib * MIB)))

    @property
    def free_bytes(self) -> int:
        free = self.total_mib - self.used_mib - self.reserved_mib
        return self.bytes_of(free if self.free_mib is None else self.free_mib)


class FakeDriver:
    """Attributes are the library's functions; ``missing`` ones it does not have."""

    def __init__(self, *cards: FakeCard, missing: tuple[str, ...] = ()) -> None:
        self.cards = list(cards)
        self.missing = missing
        self.opened = self.closed = 0
        self.fails_with: int | None = None
        self.no_driver = False
        self.version = "550.163.01"
        self.seen: tuple[FakeCard, ...] = ()
        self.threads: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        if name in self.missing or not name.startswith("nvml"):
            raise AttributeError(name)
        function = getattr(type(self), "_" + name, None)
        if function is None:
            raise AttributeError(name)

        def call(*given: Any) -> int:
            self.threads.add(threading.current_thread().name)
            if self.fails_with is not None and name != "nvmlShutdown":
                return self.fails_with
            return function(self, *given) or 0

        return call

    def _nvmlInitWithFlags(self, flags: int) -> int:  # noqa: N802 — the library's own names
        if self.no_driver:
            return int(pynvml.NVML_ERROR_DRIVER_NOT_LOADED)
        self.opened += 1
        # As the real one: cards are counted when it is opened.
        self.seen = tuple(self.cards)
        return 0

    def _nvmlSystemGetDriverVersion(self, text: Any, size: Any) -> None:  # noqa: N802
        text.value = self.version.encode()

    def _nvmlShutdown(self) -> None:  # noqa: N802
        self.closed += 1

    def _nvmlDeviceGetCount_v2(self, count: Any) -> None:  # noqa: N802
        count._obj.value = len(self.seen)

    def _nvmlDeviceGetHandleByIndex_v2(self, index: Any, handle: Any) -> int:  # noqa: N802
        if self.seen[index.value].lost:
            return int(pynvml.NVML_ERROR_GPU_IS_LOST)
        ctypes.memmove(handle, ctypes.byref(ctypes.c_void_p(index.value + 1)), 8)
        return 0

    def _card(self, handle: Any) -> FakeCard:
        address = ctypes.cast(handle, ctypes.c_void_p).value
        assert address is not None
        return self.seen[address - 1]

    def _nvmlDeviceGetUUID(self, handle: Any, text: Any, size: Any) -> None:  # noqa: N802
        text.value = self._card(handle).uuid.encode()

    def _nvmlDeviceGetName(self, handle: Any, text: Any, size: Any) -> None:  # noqa: N802
        text.value = self._card(handle).name.encode()

    def _nvmlDeviceGetMemoryInfo(self, handle: Any, memory: Any) -> int:  # noqa: N802
        card = self._card(handle)
        if card.lost:
            return int(pynvml.NVML_ERROR_GPU_IS_LOST)
        memory._obj.total = card.bytes_of(card.total_mib)
        memory._obj.free = card.free_bytes
        memory._obj.used = card.bytes_of(card.used_mib + card.reserved_mib)
        return 0

    def _nvmlDeviceGetMemoryInfo_v2(self, handle: Any, memory: Any) -> int:  # noqa: N802
        if failed := self._nvmlDeviceGetMemoryInfo(handle, memory):
            return failed
        card = self._card(handle)
        memory._obj.used = card.bytes_of(card.used_mib)
        memory._obj.reserved = card.bytes_of(card.reserved_mib)
        return 0

    def _nvmlDeviceGetUtilizationRates(self, handle: Any, rates: Any) -> None:  # noqa: N802
        rates._obj.gpu = self._card(handle).load

    def _nvmlDeviceGetTemperature(self, handle: Any, sensor: Any, heat: Any) -> None:  # noqa: N802
        heat._obj.value = self._card(handle).temperature

    def _nvmlDeviceGetPowerUsage(self, handle: Any, power: Any) -> None:  # noqa: N802
        power._obj.value = self._card(handle).milliwatts

    def _nvmlDeviceGetCurrentClocksThrottleReasons(self, handle: Any, mask: Any) -> None:  # noqa: N802
        mask._obj.value = self._card(handle).reasons

    def _nvmlDeviceGetComputeRunningProcesses_v3(  # noqa: N802
        self, handle: Any, count: Any, found: Any
    ) -> int:
        listed = self._card(handle).processes
        if found is None:
            count._obj.value = len(listed)
            return int(pynvml.NVML_ERROR_INSUFFICIENT_SIZE) if listed else 0
        count._obj.value = len(listed)
        for place, (pid, used) in enumerate(listed):
            found[place].pid, found[place].usedGpuMemory = pid, used
        return 0

    def _nvmlDeviceGetGraphicsRunningProcesses_v3(  # noqa: N802
        self, handle: Any, count: Any, found: Any
    ) -> int:
        return self._nvmlDeviceGetComputeRunningProcesses_v3(handle, count, found)


@contextmanager
def installed(driver: FakeDriver) -> Iterator[FakeDriver]:
    """While inside, `pynvml` finds this driver."""
    library, cache = pynvml.nvmlLib, dict(pynvml._nvmlGetFunctionPointer_cache)
    pynvml.nvmlLib = driver
    pynvml._nvmlGetFunctionPointer_cache.clear()
    try:
        yield driver
    finally:
        pynvml.nvmlLib = library
        pynvml._nvmlGetFunctionPointer_cache.clear()
        pynvml._nvmlGetFunctionPointer_cache.update(cache)
