"""Whose a card's memory is: the script writer's, the image maker's, or somebody else's.

Programs are recognised by their process or one above it: Ollama's models run in children. Where
the driver does not say what a program uses (Windows never does), what was measured around a
service's start stands in.
"""

from collections.abc import Callable, Iterable, Mapping

import psutil

from vidgen_gui.core.service import ServiceName, ServiceView
from vidgen_gui.gpu.history import Shares
from vidgen_gui.gpu.readings import GpuProcess, GpuReading

MOST_ANCESTORS = 32


def _nothing_measured(_uuid: str) -> Mapping[ServiceName, float]:
    return {}


class GpuOwners:
    """Called with each reading, on the monitor's thread.

    Args:
        views: how the services stand; asks nobody.
        measured: MiB that services were measured to take of the card with a uuid.
    """

    def __init__(
        self,
        views: Callable[[], Iterable[ServiceView]],
        measured: Callable[[str], Mapping[ServiceName, float]] = _nothing_measured,
    ) -> None:
        self._views = views
        self._measured = measured
        self._chains: dict[int, tuple[int, ...]] = {}

    def __call__(self, reading: GpuReading) -> Shares:
        roots = {view.pid: view.name for view in self._views() if view.pid is not None}
        amounts: dict[ServiceName, float] = {}
        for process in reading.processes:
            owner = self._owner(process, roots, simulated=reading.simulated)
            if owner is not None and process.used_mib is not None:
                amounts[owner] = amounts.get(owner, 0.0) + process.used_mib
        present = {process.pid for process in reading.processes}
        self._chains = {pid: chain for pid, chain in self._chains.items() if pid in present}
        found = {**self._measured(reading.uuid), **amounts}
        return Shares(found.get(ServiceName.SCRIPT_WRITER), found.get(ServiceName.IMAGE_MAKER))

    def _owner(
        self, process: GpuProcess, roots: Mapping[int, ServiceName], *, simulated: bool
    ) -> ServiceName | None:
        if simulated:
            # What lives on a card that is not there is claimed by its name.
            return next((name for name in ServiceName if name.value == process.name), None)
        if process.pid in roots:
            return roots[process.pid]
        if process.pid not in self._chains:
            self._chains[process.pid] = _ancestors(process.pid)
        return next((roots[pid] for pid in self._chains[process.pid] if pid in roots), None)


def _ancestors(pid: int) -> tuple[int, ...]:
    """The processes above one, nearest first; none when it is gone or of another user."""
    try:
        return tuple(parent.pid for parent in psutil.Process(pid).parents()[:MOST_ANCESTORS])
    except psutil.Error:
        return ()
