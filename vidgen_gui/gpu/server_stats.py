"""Reading memory from an image server's ``/system_stats``: for servers on other machines."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import VidgenError
from vidgen_gui.core.memory_range import MIB
from vidgen_gui.core.messages import MessageId
from vidgen_gui.gpu.readings import (
    MOST_GPUS,
    MOST_MIB,
    GpuReading,
    MemorySample,
    SourceKind,
    SourceUnavailable,
    checked_memory,
    make_reading,
    sane,
)

_NO_CARDS = frozenset({"cpu", "meta"})
_DEVICE = re.compile(r"^(?:cuda|xpu|hip|privateuseone):?\d* |(?: :)? *: \w*[Mm]alloc\w*$|: native$")


class ServerSource:
    """A server as a source.

    Args:
        ask: gives the answer to ``/system_stats``, as JSON, within a deadline of its own.
            Raises a `VidgenError` where it cannot be had.
    """

    def __init__(self, ask: Callable[[CancelToken], Mapping[str, Any]]) -> None:
        self._ask = ask

    @property
    def kind(self) -> SourceKind:
        return SourceKind.SERVER

    @property
    def fastest_s(self) -> float:
        return 1.0

    def read(self, at_s: float, cancel: CancelToken) -> tuple[GpuReading, ...]:
        """The server's cards; a server that computes on its processor has none.

        Raises:
            SourceUnavailable: it does not answer, or with something else.
            Cancelled: ``cancel`` was set meanwhile.
        """
        try:
            answer = self._ask(cancel)
        except VidgenError as error:
            raise SourceUnavailable(MessageId.GPU_SERVER_UNKNOWING, detail=str(error)) from error
        devices = answer.get("devices") if isinstance(answer, Mapping) else None
        if not isinstance(devices, list):
            raise SourceUnavailable(MessageId.GPU_SERVER_UNKNOWING)
        return tuple(
            _reading(number, device, at_s)
            for number, device in enumerate(devices[:MOST_GPUS])
            if isinstance(device, Mapping) and device.get("type") not in _NO_CARDS
        )

    def read_memory(self, at_s: float, cancel: CancelToken) -> tuple[MemorySample, ...]:
        """The same, shortened.

        Raises:
            SourceUnavailable: as `read`.
            Cancelled: as `read`.
        """
        return tuple(reading.memory for reading in self.read(at_s, cancel))

    def renew(self) -> None:
        """Every answer is new."""

    def close(self) -> None:
        """Nothing is held open here."""


def _reading(number: int, device: Mapping[str, Any], at_s: float) -> GpuReading:
    index, name = device.get("index"), device.get("name")
    return make_reading(
        index=index if isinstance(index, int) and 0 <= index < MOST_GPUS else number,
        uuid=f"server-{number}",
        name=_DEVICE.sub("", name) if isinstance(name, str) else "",
        memory=checked_memory(_mib(device.get("vram_total")), None, _mib(device.get("vram_free"))),
        source=SourceKind.SERVER,
        at_s=at_s,
    )


def _mib(amount: Any) -> Any:
    """Bytes as MiB; what is no number stays, to be refused by name."""
    checked = sane(amount, MOST_MIB * MIB)
    return amount if checked is None else checked / MIB
