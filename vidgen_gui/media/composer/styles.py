"""What each character of music is made of: tempos, keys, progressions, timbres and patterns.

Data only. Levels are dB between the layers of one style.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

from vidgen_gui.core.script import Genre
from vidgen_gui.media.composer.harmony import Mode

Layer: TypeAlias = Literal["pad", "bass", "pulse", "lead", "drums", "texture"]
Timbre: TypeAlias = Literal[
    "felt", "mute", "marimba", "kalimba", "harp", "bell", "saw", "square", "glass", "soft"
]
PadKind: TypeAlias = Literal["warm", "strings", "airy", "analog"]
BassKind: TypeAlias = Literal["round", "sub", "pulse"]
KitKind: TypeAlias = Literal["uplift", "heartbeat", "electronic", "organic", "none"]
TextureKind: TypeAlias = Literal["none", "wind", "water"]


@dataclass(frozen=True, slots=True)
class Palette:
    """One set of instruments that sound well together."""

    pad: PadKind
    pulse: Timbre
    lead: Timbre
    bass: BassKind
    kit: KitKind
    texture: TextureKind


@dataclass(frozen=True, slots=True)
class Style:
    """Everything the composer chooses from for one character.

    ``figures`` are ostinatos: one entry a step, an index into the chord's notes from the lowest
    (beyond its size: an octave higher), ``.`` rests; ``steps_per_beat`` of them make a beat.
    """

    tempo_bpm: tuple[float, float]
    tonics: tuple[int, ...]
    progressions: Mapping[Mode, tuple[str, ...]]
    cadences: Mapping[Mode, str]
    palettes: tuple[Palette, ...]
    figures: tuple[str, ...]
    steps_per_beat: int
    bass_patterns: tuple[str, ...]
    beats_per_bar: tuple[int, ...]
    levels_db: Mapping[Layer, float]
    centre_midi: float
    swing: float = 0.0
    side_chain_db: float = 0.0
    room_s: float = 2.2
    lead_chance: float = 0.5
    humanise_s: float = 0.006


_MOTIVATIONAL = Style(
    tempo_bpm=(84, 104),
    tonics=(0, 2, 3, 5, 7, 9, 10),
    progressions={
        "major": (
            "1 5/7 6+7 4+9",
            "4+9 1/3 5+s4 6+7",
            "1 1/3 4+9 5+s4",
            "6+7 4+9 1 5",
            "1 3 6 4+9",
            "4 5 6+7 1/3 4+9 5+s4 6+7 5",
            "1+9 4/1 6+7 5+s4 1+9 4/1 2+7 5",
        ),
        "mixolydian": ("1 7 4+9 1/3", "1+s2 4/6 7 4+9"),
    },
    cadences={"major": "4+9 5+s4", "mixolydian": "7 4+9"},
    palettes=(
        Palette("warm", "felt", "bell", "round", "uplift", "none"),
        Palette("strings", "mute", "felt", "round", "uplift", "none"),
        Palette("warm", "marimba", "soft", "round", "uplift", "none"),
        Palette("analog", "mute", "glass", "pulse", "uplift", "none"),
    ),
    figures=(
        "0 2 1 2 3 2 1 2",
        "0 . 2 1 . 2 3 1",
        "0 1 2 3 2 1 2 1",
        "0 0 2 0 3 0 2 1",
        "0 2 3 2 4 2 3 2",
        "2 0 2 1 2 0 3 1",
    ),
    steps_per_beat=2,
    bass_patterns=("1...5...", "1..1..5.", "1.......", "1.1.1.1."),
    beats_per_bar=(4,),
    levels_db={"pad": -3.5, "bass": -2.5, "pulse": -1, "lead": -5, "drums": -4.5},
    centre_midi=61,
    room_s=2.2,
    lead_chance=0.45,
)

_EMOTIONAL = Style(
    tempo_bpm=(58, 76),
    tonics=(0, 2, 4, 5, 7, 9, 11),
    progressions={
        "major": (
            "1+9 5/7 6+7 4+9",
            "1+s2 3 4+9 4",
            "6+7 4+9 1/5 5+s4",
            "4+9 1/3 2+7 5+s4",
            "1 5/7 4/6 1/5 4+9 1/3 2+7 5+s4",
        ),
        "minor": (
            "1+9 6+7 3 7+s4",
            "1 5/7 6+7 4+9",
            "1+s2 4+7 6 7+s4",
            "6+7 7 1 1+s2",
            "1 7/2 3 6+7 4+9 1/5 6 7+s4",
        ),
    },
    cadences={"major": "4+9 4", "minor": "6+7 7+s4"},
    palettes=(
        Palette("strings", "felt", "felt", "sub", "none", "none"),
        Palette("warm", "felt", "soft", "sub", "heartbeat", "none"),
        Palette("airy", "felt", "bell", "sub", "none", "none"),
        Palette("strings", "harp", "felt", "sub", "heartbeat", "none"),
    ),
    figures=(
        "0 2 3 4 3 2 3 2",
        "0 . 2 3 . 2 4 .",
        "0 1 2 3 4 3 2 1",
        "0 2 4 . 3 . 2 .",
        "0 . 3 2 . 4 3 .",
        "0 3 2 4 3 2 3 2",
    ),
    steps_per_beat=2,
    bass_patterns=("1.......", "1...5...", "1.....5."),
    beats_per_bar=(4, 4, 3),
    levels_db={"pad": -4, "bass": -5, "pulse": 1, "lead": -2, "drums": -9},
    centre_midi=60,
    room_s=3.0,
    lead_chance=0.6,
    humanise_s=0.012,
)

_TECH = Style(
    tempo_bpm=(96, 118),
    tonics=(0, 1, 2, 4, 5, 7, 9, 11),
    progressions={
        "minor": (
            "1+9 6+7 3 7",
            "1 1+s2 6+7 6",
            "1+7 4+9 6+7 7+s4",
            "6+7 7+s4 1 3/5",
            "1 6/1 4/1 7+s4",
        ),
        "dorian": ("1+9 4/1 1+s2 4", "1+7 3 4+9 7", "1 7 4/6 4"),
    },
    cadences={"minor": "6+7 7+s4", "dorian": "3 4/6"},
    palettes=(
        Palette("analog", "saw", "glass", "pulse", "electronic", "none"),
        Palette("airy", "square", "bell", "pulse", "electronic", "none"),
        Palette("analog", "glass", "soft", "sub", "electronic", "none"),
        Palette("warm", "saw", "soft", "pulse", "electronic", "none"),
    ),
    figures=(
        "0 1 2 3 4 3 2 1",
        "0 2 4 1 3 2 4 3",
        "0 3 . 2 4 . 3 1 0 3 . 2 5 . 4 1",
        "4 2 0 3 2 0 4 3",
        "0 . 2 0 . 3 0 2 . 4 0 . 3 0 2 1",
        "0 4 2 4 3 4 2 4",
    ),
    steps_per_beat=4,
    bass_patterns=("1.1.1.1.", ".1.1.1.1", "1..1..1.", "1......1"),
    beats_per_bar=(4,),
    levels_db={"pad": -3, "bass": -2, "pulse": -3, "lead": -7, "drums": -3.5},
    centre_midi=62,
    side_chain_db=7.0,
    room_s=1.7,
    lead_chance=0.35,
    humanise_s=0.0015,
)

_NATURE = Style(
    tempo_bpm=(64, 84),
    tonics=(0, 2, 4, 5, 7, 9),
    progressions={
        "major": (
            "1+9 4+7 1+9 6+7",
            "1+9 6+7 4+9 1/5",
            "4+7 1/3 4+9 2+7",
            "1+s2 4/1 2+7 1+9",
        ),
        "lydian": ("1+9 2/1 1+7 2/1", "1+7 6+7 2 1+9"),
        "mixolydian": ("1+9 7+9 4+9 1",),
    },
    cadences={"major": "2+7 4+9", "lydian": "2/1 2", "mixolydian": "7+9 4+9"},
    palettes=(
        Palette("airy", "kalimba", "kalimba", "sub", "organic", "wind"),
        Palette("airy", "harp", "bell", "sub", "none", "water"),
        Palette("warm", "kalimba", "soft", "sub", "organic", "water"),
        Palette("airy", "marimba", "kalimba", "sub", "organic", "wind"),
    ),
    figures=(
        "0 . 2 . 3 2 . 4",
        "0 2 . 3 . 2 4 .",
        "3 . 2 0 . 2 . 4",
        "0 . . 3 2 . 4 .",
        "0 3 2 4 . 3 2 .",
        "4 . 3 . 2 3 0 .",
    ),
    steps_per_beat=2,
    bass_patterns=("1.......", "1.....5.", "1......."),
    beats_per_bar=(4, 4, 3),
    levels_db={"pad": -1.5, "bass": -5, "pulse": -1, "lead": -3, "drums": -11, "texture": -19},
    centre_midi=62,
    room_s=3.2,
    lead_chance=0.6,
    humanise_s=0.014,
)

STYLES: Mapping[Genre, Style] = MappingProxyType(
    {
        Genre.MOTIVATIONAL: _MOTIVATIONAL,
        Genre.EMOTIONAL: _EMOTIONAL,
        Genre.TECH: _TECH,
        Genre.NATURE: _NATURE,
    }
)
"""One style for each mood that `moods.mood_of` returns."""
