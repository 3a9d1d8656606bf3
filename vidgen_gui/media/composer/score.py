"""What is played: notes and hits in seconds, layer by layer."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from vidgen_gui.media.composer.styles import Layer

Sound: TypeAlias = Literal[
    "kick",
    "boom",
    "tom",
    "clap",
    "snap",
    "shaker",
    "hat",
    "wood",
    "swell",
    "gust",
    "breeze",
    "stream",
    "drop",
]


@dataclass(frozen=True, slots=True)
class Note:
    """A pitched note. ``velocity`` 0…1, ``pan`` −1 (left) … 1, ``brightness`` 0, 1 or 2."""

    start_s: float
    length_s: float
    midi: int
    velocity: float
    pan: float = 0.0
    brightness: int = 1


@dataclass(frozen=True, slots=True)
class Hit:
    """An unpitched sound; ``length_s`` counts for swells and gusts, ``variant`` picks a take."""

    start_s: float
    sound: Sound
    velocity: float
    pan: float = 0.0
    length_s: float = 0.0
    variant: int = 0


@dataclass(slots=True)
class Score:
    """All notes by layer, and all hits by layer (drums, texture)."""

    notes: dict[Layer, list[Note]] = field(default_factory=dict)
    hits: dict[Layer, list[Hit]] = field(default_factory=dict)
