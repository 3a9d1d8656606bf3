"""Keys, chords, progressions and voice leading, in MIDI note numbers; no sound is made here."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Mode: TypeAlias = Literal["major", "minor", "dorian", "lydian", "mixolydian"]
Colour: TypeAlias = Literal["", "7", "9", "s2", "s4"]

SCALES: dict[Mode, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
}
NOTE_NAMES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")

_COLOUR_STEPS: dict[str, tuple[int, ...]] = {
    "": (0, 2, 4),
    "7": (0, 2, 4, 6),
    "9": (0, 2, 4, 8),
    "s2": (0, 1, 4),
    "s4": (0, 3, 4),
}
_TOKEN = re.compile(r"^([1-7])(?:\+(7|9|s2|s4))?(?:/([1-7]))?$")
MUDDY_BELOW_MIDI = 53
"""Under F3 intervals smaller than a minor third blur."""


@dataclass(frozen=True, slots=True)
class Key:
    """A tonic (pitch class, 0 = C) and a mode."""

    tonic: int
    mode: Mode

    @property
    def name(self) -> str:
        return f"{NOTE_NAMES[self.tonic]} {self.mode}"

    @property
    def pitch_classes(self) -> frozenset[int]:
        return frozenset((self.tonic + step) % 12 for step in SCALES[self.mode])

    def semitones(self, degree: int) -> int:
        """Semitones above the tonic of scale step ``degree`` (0 = tonic, 7 = its octave)."""
        octave, step = divmod(degree, 7)
        return 12 * octave + SCALES[self.mode][step]

    def pitch_class(self, degree: int) -> int:
        return (self.tonic + self.semitones(degree)) % 12

    def nearest(self, degree: int, midi: float) -> int:
        """The MIDI note of scale step ``degree`` that lies closest to ``midi``."""
        pitch_class = self.pitch_class(degree)
        return pitch_class + 12 * round((midi - pitch_class) / 12)


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord on scale step ``degree`` (0 = tonic), built of the key's own notes."""

    degree: int
    colour: Colour = ""
    bass: int | None = None

    @property
    def degrees(self) -> tuple[int, ...]:
        return tuple(self.degree + step for step in _COLOUR_STEPS[self.colour])

    @property
    def bass_degree(self) -> int:
        return self.degree if self.bass is None else self.bass


def progression(text: str) -> tuple[Chord, ...]:
    """Read chords written as scale steps: ``"1 5/7 6+7 4+9"``.

    ``+7``, ``+9``, ``+s2``, ``+s4`` colour a chord, ``/n`` puts step n into the bass.

    Raises:
        ValueError: a token is not a chord.
    """
    chords = []
    for token in text.split():
        match = _TOKEN.match(token)
        if match is None:
            raise ValueError(f"not a chord: {token!r}")
        degree, colour, bass = match.groups()
        chords.append(
            Chord(
                int(degree) - 1,
                colour or "",  # type: ignore[arg-type]  # the pattern allows only colours
                int(bass) - 1 if bass else None,
            )
        )
    return tuple(chords)


Voicing: TypeAlias = tuple[int, ...]


def voicings(key: Key, chord: Chord, low: int, high: int) -> list[Voicing]:
    """Every close voicing of ``chord`` inside ``low``…``high``, rising, without mud."""
    classes = sorted({key.pitch_class(degree) for degree in chord.degrees})
    if len(classes) == 3:  # noqa: SIM102 — the doubled root is a second, separate decision
        if chord.colour == "":
            classes.append(key.pitch_class(chord.degree))
    found = set()
    for order in set(itertools.permutations(classes)):
        for base in range(low, min(high, low + 12) + 1):
            if base % 12 != order[0]:
                continue
            notes = [base]
            for pitch_class in order[1:]:
                step = (pitch_class - notes[-1]) % 12
                notes.append(notes[-1] + (step or 12))
            if notes[-1] <= high and not _muddy(notes):
                found.add(tuple(notes))
    return sorted(found)


def _muddy(notes: Sequence[int]) -> bool:
    pairs = itertools.pairwise(notes)
    return any(low < MUDDY_BELOW_MIDI and high - low < 3 for low, high in pairs) or any(
        high - low < 2 for low, high in itertools.pairwise(notes)
    )


def _movement(previous: Voicing, voicing: Voicing) -> int:
    shared = min(len(previous), len(voicing))
    moves = sum(abs(a - b) for a, b in zip(previous[:shared], voicing[:shared], strict=True))
    parallel = _parallel_fifths(previous[:shared], voicing[:shared])
    return moves + 2 * parallel + 2 * abs(len(previous) - len(voicing))


def _parallel_fifths(previous: Voicing, voicing: Voicing) -> int:
    count = 0
    for low, high in itertools.combinations(range(len(voicing)), 2):
        before = (previous[high] - previous[low]) % 12
        after = (voicing[high] - voicing[low]) % 12
        count += before == after == 7 and previous[low] != voicing[low]
    return count


def lead_voices(
    key: Key, chords: Sequence[Chord], *, low: int = 50, high: int = 74, centre: float = 61.0
) -> list[Voicing]:
    """Voice each chord so that the hands move least and stay around ``centre``.

    Returns:
        One rising tuple of three or four MIDI notes for each chord.
    """
    result: list[Voicing] = []
    for chord in chords:
        choices = voicings(key, chord, low, high)
        if not choices:  # seconds everywhere: a span of two octaves always holds the root chord
            choices = voicings(key, Chord(chord.degree), low, high)
        previous = result[-1] if result else None

        def cost(voicing: Voicing, previous: Voicing | None = previous) -> tuple[float, Voicing]:
            drift = abs(sum(voicing) / len(voicing) - centre)
            width = max(0, voicing[-1] - voicing[0] - 16)
            moved = _movement(previous, voicing) if previous else 0
            return moved + 0.6 * drift + 0.5 * width, voicing

        result.append(min(choices, key=cost))
    return result
