"""Whose memory it is: the card that pictures are made on, and who holds how much of it.

Measures and attributes; who has to make room for whom is decided in `residency`.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import psutil

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled, ServiceError, VidgenError
from vidgen_gui.core.hardware_profile import HardwareProfile
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.service import ServiceName, ServiceView
from vidgen_gui.gpu.history import NO_SHARES, Holder, Shares
from vidgen_gui.gpu.monitor import GpuMonitor, GpuState
from vidgen_gui.gpu.readings import GpuReading, SourceKind
from vidgen_gui.gpu.server_stats import ServerSource
from vidgen_gui.net.http import HttpClient
from vidgen_gui.pipeline.service_core import ServiceCore
from vidgen_gui.services.comfyui.client import ComfyClient
from vidgen_gui.services.comfyui.stats import Device, parse_stats
from vidgen_gui.system.patience import patient

WRITER, DRAWER = ServiceName.SCRIPT_WRITER.value, ServiceName.IMAGE_MAKER.value
"""What the two are called among a simulated card's programs."""
STATS_S = 3.0
FAMILY_KEPT_S = 3.0


@dataclass(frozen=True, slots=True)
class CardFacts:
    """The card of the pictures at one moment.

    Args:
        reading: None where no card is known.
        has_card: False only where it is certain that there is none.
        remote: it is in another computer, where the image server runs.
    """

    reading: GpuReading | None
    shares: Shares
    has_card: bool = True
    remote: bool = False


class CardReader:
    """Reads the card that the image maker draws on.

    Args:
        profile: gives the limits in force.
    """

    def __init__(
        self,
        monitor: GpuMonitor,
        writer: ServiceCore,
        drawer: ServiceCore,
        profile: Callable[[], HardwareProfile],
    ) -> None:
        self._monitor = monitor
        self._writer = writer
        self._drawer = drawer
        self._profile = profile
        self._lock = threading.Lock()
        self._families: dict[int, tuple[float, frozenset[int]]] = {}

    def read(self, cancel: CancelToken) -> CardFacts:
        """Ask now. Never raises `ServiceError`.

        Raises:
            Cancelled: the token was set, or the monitor stopped.
        """
        state = self._monitor.read_now(cancel)
        address = self._drawer.address
        if address is not None and not address.is_local and self._monitor.simulated is None:
            return self._read_remote(cancel)
        card = self.pick(state)
        if card is None:
            return CardFacts(None, NO_SHARES, has_card=not self._is_without(state, cancel))
        shares = state.shares_of(card)
        if shares.image_maker_mib is None and address is not None:
            device = self._device(cancel)
            held = device.torch_vram_total_mib if device is not None else 0.0
            shares = replace(shares, image_maker_mib=held)
        return CardFacts(card, shares)

    def pick(self, state: GpuState) -> GpuReading | None:
        """The card of the pictures: as the profile says, else where ComfyUI is, else the first."""
        found = card_named(state, self._profile().gpu)
        if found is not None:
            return found
        pid = self._drawer.view().pid
        if pid is not None:
            family = self._family(pid)
            for card in state.cards:
                if any(process.pid in family for process in card.processes):
                    return card
        return next(iter(state.cards), None)

    def shares(self, cards: Sequence[GpuReading]) -> tuple[Shares, ...]:
        """Who holds what of each card, all read at one moment; asks no server."""
        return tuple(self._shares(card, cards) for card in cards)

    def _shares(self, card: GpuReading, cards: Sequence[GpuReading]) -> Shares:
        if card.simulated:
            held = {process.name: process.used_mib or 0.0 for process in card.processes}
            others = tuple(
                Holder(one.pid, one.name, one.used_mib)
                for one in card.processes
                if one.name not in (WRITER, DRAWER)
            )
            return Shares(held.get(WRITER, 0.0), held.get(DRAWER, 0.0), others)
        writer, drawer = self._pids(self._writer.view()), self._pids(self._drawer.view())
        elsewhere = {
            one.pid for other in cards if other.uuid != card.uuid for one in other.processes
        }
        theirs = [one for one in card.processes if one.pid not in writer | drawer]
        # In a container the driver tells the host's pids, which mean nothing here.
        telling = bool(card.processes) and all(psutil.pid_exists(one.pid) for one in theirs)
        return Shares(
            _held(card, writer, telling=telling or bool(writer & elsewhere)),
            _held(card, drawer, telling=telling or bool(drawer & elsewhere)),
            tuple(Holder(one.pid, one.name or _name(one.pid), one.used_mib) for one in theirs),
        )

    def ask_server(self, cancel: CancelToken) -> Mapping[str, Any]:
        """The image server's own statistics, as a source for the monitor.

        Raises:
            ServiceError: none answers.
        """
        address = self._drawer.address
        if address is None:
            raise ServiceError(MessageId.GPU_SERVER_UNKNOWING)
        with HttpClient(address) as http:
            return ComfyClient(http).stats_answer(cancel, deadline_s=patient(STATS_S))

    def _pids(self, view: ServiceView) -> frozenset[int]:
        return self._family(view.pid) if view.pid is not None else frozenset()

    def _family(self, pid: int) -> frozenset[int]:
        """A program and those that it started; Ollama loads models in a child."""
        now = time.monotonic()
        with self._lock:
            known = self._families.get(pid)
        if known is not None and now - known[0] < FAMILY_KEPT_S:
            return known[1]
        found = {pid}
        with contextlib.suppress(psutil.Error):
            found |= {child.pid for child in psutil.Process(pid).children(recursive=True)}
        with self._lock:
            self._families = {pid: (now, frozenset(found))} | {
                other: kept
                for other, kept in self._families.items()
                if now - kept[0] < FAMILY_KEPT_S and other != pid
            }
        return frozenset(found)

    def _read_remote(self, cancel: CancelToken) -> CardFacts:
        try:
            answer = self.ask_server(cancel)
            cards = ServerSource(lambda _: answer).read(time.monotonic(), cancel)
        except VidgenError:
            return CardFacts(None, NO_SHARES, remote=True)
        device = _first_device(answer)
        if not cards or device is None:
            return CardFacts(None, NO_SHARES, has_card=bool(cards), remote=True)
        # The server counts what its own loaded models leave unused as free already.
        held = max(0.0, device.torch_vram_total_mib - device.torch_vram_free_mib)
        return CardFacts(cards[0], Shares(0.0, held), remote=True)

    def _is_without(self, state: GpuState, cancel: CancelToken) -> bool:
        """Whether it is certain that there is no card: a server that says so, or a simulation."""
        if self._monitor.simulated is not None:
            return True
        device = self._device(cancel)
        return not state.cards and device is not None and device.type == "cpu"

    def _device(self, cancel: CancelToken) -> Device | None:
        """The first device of the image server; None when it doesn't say."""
        try:
            return _first_device(self.ask_server(cancel))
        except VidgenError:
            # It is down, or hangs: what it holds is not known, and drawing will tell.
            return None


def card_named(state: GpuState, name: str) -> GpuReading | None:
    """The card that a profile means by its name, its driver's id or its number; None for none."""
    wanted = name.strip()
    named = (one for one in state.cards if wanted in (one.uuid, one.name, str(one.index)))
    return next(named, None) if wanted else None


def card_environment(monitor: GpuMonitor, name: str) -> Mapping[str, str]:
    """Variables by which a program that is started now computes on the card that is meant.

    As CUDA's programming guide tells: a card by the id that the driver gives it, counted in the
    order of the slots. Empty where there is nothing to choose between.
    """
    try:
        state = monitor.read_now()
    except Cancelled:
        return {}
    card = card_named(state, name)
    real = card is not None and card.source in (SourceKind.NVML, SourceKind.SMI)
    if card is None or not real or len(state.cards) < 2:
        return {}
    return {"CUDA_DEVICE_ORDER": "PCI_BUS_ID", "CUDA_VISIBLE_DEVICES": card.uuid}


def _held(card: GpuReading, pids: frozenset[int], *, telling: bool) -> float | None:
    """What some programs hold; None where the driver doesn't say.

    Args:
        telling: the driver would list them if they held anything here.
    """
    if not pids:
        return 0.0
    found = [one.used_mib for one in card.processes if one.pid in pids]
    if not found:
        return 0.0 if telling else None
    if any(mib is None for mib in found):
        return None
    return sum(mib for mib in found if mib is not None)


def _first_device(answer: Mapping[str, Any]) -> Device | None:
    stats = parse_stats(answer)
    return next(iter(stats.devices), None) if stats is not None else None


def _name(pid: int) -> str:
    try:
        return psutil.Process(pid).name()
    except psutil.Error:
        return ""
