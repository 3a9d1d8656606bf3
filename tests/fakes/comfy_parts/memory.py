"""How much memory a graph takes on the fake's card, by ComfyUI's own planning rules.

The rules: sampling `2·h·w·dtype·0.01·factor` MiB (batch 1 when that doesn't fit: half), VAE decode
`2178·h·w·64·dtype` bytes for a latent of h×w, encode `1767·H·W·dtype` on pixels, tiled by the tile.
What really is needed differs from them by a hidden error, as on a real card.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

MIB = 1 << 20
DTYPE_BYTES = 2
CONTEXT_MIB = 250.0
RESIDENT_SHARE = 0.1
"""Weights are streamed where they don't fit; a layer at a time has to be there."""

UPSCALER_MIB = 67.0


@dataclass(frozen=True)
class Family:
    """A model family's sampling factor and its weights in FP16."""

    name: str
    factor: float
    unet_mib: float
    text_mib: float
    vae_mib: float


SD15 = Family("sd15", 1.0, 1679.0, 235.0, 164.0)
SDXL = Family("sdxl", 0.8, 4897.0, 1560.0, 164.0)
SD3 = Family("sd3", 1.2, 4135.0, 10600.0, 164.0)
FLUX = Family("flux", 3.1, 22700.0, 9600.0, 164.0)


def family_of(checkpoint: str) -> Family:
    """The family that the file's name tells; SD1.5 where it tells none."""
    name = checkpoint.lower()
    for word, family in (("flux", FLUX), ("sd3", SD3), ("xl", SDXL)):
        if word in name:
            return family
    return SD15


class OutOfMemoryOnDeviceError(Exception):
    """The card is full: what was asked for, what is taken and what the card has, in MiB."""

    def __init__(self, asked_mib: float, taken_mib: float, limit_mib: float) -> None:
        super().__init__(asked_mib)
        free_mib = max(0.0, limit_mib - taken_mib)
        self.message = (
            "Allocation on device 0 would exceed allowed memory. (out of memory)\n"
            f"Currently allocated     : {taken_mib / 1024:.2f} GiB\n"
            f"Requested               : {asked_mib / 1024:.2f} GiB\n"
            f"Device limit            : {limit_mib / 1024:.2f} GiB\n"
            f"Free (according to CUDA): {free_mib:.2f} MiB\n"
            "PyTorch limit (set by user-supplied memory fraction)\n"
            "                        : 17179869184.00 GiB"
        )


class Overflow(StrEnum):
    """What becomes of a node whose work doesn't fit."""

    RAISE = "raise"
    """An out-of-memory error, as PyTorch raises it."""
    SPILL = "spill"
    """The driver lends RAM, as on Windows: nothing fails, and every step takes many times as long;
    what doesn't fit there either raises."""
    DIE = "die"
    """The process is killed in the middle of it."""


def sampling_mib(family: Family, width: int, height: int, *, batch: int) -> float:
    """Activations of one step on a latent of ``width``×``height``."""
    return batch * height * width * DTYPE_BYTES * 0.01 * family.factor


def decode_mib(width: int, height: int) -> float:
    """A VAE decode of a latent of ``width``×``height``."""
    return 2178 * height * width * 64 * DTYPE_BYTES / MIB


def encode_mib(width: int, height: int) -> float:
    """A VAE encode of a picture of ``width``×``height`` pixels."""
    return 1767 * height * width * DTYPE_BYTES / MIB


def upscaler_mib(tile: int) -> float:
    """An upscale model on a square tile of this many pixels."""
    return UPSCALER_MIB + tile * tile * 3 * DTYPE_BYTES * 4 * 384 / MIB


@dataclass
class Memory:
    """The card: its budget, what is loaded, what the running node takes on top.

    ``budget_mib`` may be a callable: what the card has for this server now, whatever it holds
    itself. ``on_hold`` is told what it holds whenever that changes. ``error_factor`` is how far the
    rules are off: one number, or a range from which each pair of family and way of making the
    picture gets its own, always the same; another ``world`` has others. Each run jitters it.
    ``ram_mib``: how much a driver that spills can lend.
    """

    budget_mib: float | Callable[[], float]
    error_factor: float | tuple[float, float] = 1.0
    jitter: float = 0.05
    world: str = ""
    others_mib: float = 0.0
    vae_retries: bool = False
    overflow: Overflow = Overflow.RAISE
    ram_mib: float = 8192.0
    on_hold: Callable[[float], None] = lambda _: None
    loaded: dict[str, float] = field(default_factory=dict)
    active_mib: float = 0.0
    started: bool = False
    spilled: bool = False
    peaks: list[tuple[str, str, float]] = field(default_factory=list)

    @property
    def limit_mib(self) -> float:
        """What the card has for this server now."""
        return self.budget_mib() if callable(self.budget_mib) else self.budget_mib

    def factor(self, family: Family, way: str, run: int | None) -> float:
        """How many times the rules' figure this run really takes; None: a run like most."""
        low, high = (
            self.error_factor
            if isinstance(self.error_factor, tuple)
            else (self.error_factor, self.error_factor)
        )
        own = low + (high - low) * share(f"{self.world}{family.name} {way}")
        if run is None:
            return own
        return own * (1 + self.jitter * (2 * share(f"{family.name} {way} {run}") - 1))

    def take(self, weights: dict[str, float], activation_mib: float, factor: float) -> float:
        """Make room for a node's work, or raise; returns the peak in MiB.

        Loaded models that the node doesn't use are let go as far as needed.

        Raises:
            OutOfMemoryOnDeviceError: even alone the work doesn't fit.
        """
        self.started = True
        limit = self.limit_mib
        over = need_mib(weights, activation_mib, factor) - limit
        self.spilled = self.overflow is Overflow.SPILL and 0 < over <= self.ram_mib
        if over > 0 and not self.spilled:
            taken = CONTEXT_MIB + self.loaded_mib
            self.unload()
            raise OutOfMemoryOnDeviceError(activation_mib * factor, taken, limit)
        self.active_mib = min(activation_mib * factor, max(0.0, limit - CONTEXT_MIB))
        self.loaded |= weights
        room = limit - CONTEXT_MIB - self.active_mib
        self._shrink(room, keep=weights)
        self._tell()
        return CONTEXT_MIB + self.loaded_mib + self.active_mib

    def _shrink(self, room_mib: float, keep: Iterable[str]) -> None:
        for name in [name for name in self.loaded if name not in keep]:
            if self.loaded_mib <= room_mib:
                return
            del self.loaded[name]
        over = self.loaded_mib - max(0.0, room_mib)
        for name in list(self.loaded):
            if over <= 0:
                return
            less = min(over, self.loaded[name])
            self.loaded[name] -= less
            over -= less

    def release(self) -> None:
        """The node is done: its activations go, models stay."""
        self.active_mib = 0.0
        self.spilled = False
        self._tell()

    def unload(self) -> None:
        """Models and activations go, as after `/free` or an out-of-memory."""
        self.loaded.clear()
        self.release()

    def reset(self) -> None:
        """As a fresh process."""
        self.started = False
        self.unload()

    def _tell(self) -> None:
        self.on_hold(self.held_mib)

    @property
    def loaded_mib(self) -> float:
        return sum(self.loaded.values())

    @property
    def torch_mib(self) -> float:
        return self.loaded_mib + self.active_mib

    @property
    def held_mib(self) -> float:
        """What the process has of the card."""
        return self.torch_mib + (CONTEXT_MIB if self.started else 0.0)

    @property
    def free_mib(self) -> float:
        return max(0.0, self.limit_mib - self.held_mib)

    @property
    def total_mib(self) -> float:
        return self.limit_mib + self.others_mib


def need_mib(weights: dict[str, float], activation_mib: float, factor: float) -> float:
    """The least with which a node's work can be done."""
    return (CONTEXT_MIB + RESIDENT_SHARE * sum(weights.values()) + activation_mib) * factor


def share(text: str) -> float:
    """A number in 0…1 that belongs to this text."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest()) / (1 << 48)


def first_that_fits(
    memory: Memory, weights: dict[str, float], ways: Sequence[float], factor: float
) -> tuple[int, float]:
    """Try ways from the dearest to the cheapest: which one it was, and its peak.

    Raises:
        OutOfMemoryOnDeviceError: not even the cheapest fits.
    """
    number, last = 0, len(ways) - 1
    while number < last and need_mib(weights, ways[number], factor) > memory.limit_mib:
        memory.unload()
        number += 1
    return number, memory.take(weights, ways[number], factor)
