"""The plan of a piece: key, tempo, chords bar by bar, and how its energy rises and falls."""

import itertools
import random
from dataclasses import dataclass

from vidgen_gui.core.script import Genre
from vidgen_gui.media.composer.harmony import (
    Chord,
    Key,
    Mode,
    Voicing,
    lead_voices,
    progression,
)
from vidgen_gui.media.composer.styles import STYLES, Palette, Style

SAMPLE_RATE_HZ = 48_000
LOOP_TARGET_S = 72.0
RING_S = (1.4, 2.8)
"""How long the last chord may ring, from shortest to longest."""
_ONE_SHOT_ENERGY = ((0.0, 0.2), (0.12, 0.38), (0.35, 0.62), (0.7, 1.0), (0.88, 0.95), (1.0, 0.5))
_LOOP_ENERGY = ((0.0, 0.5), (0.25, 0.72), (0.55, 1.0), (0.75, 0.9), (0.9, 0.55), (1.0, 0.5))


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its place, its chord as the hands take it, and its energy, 0…1.

    ``is_ending`` marks the last chord of a piece that ends, which rings instead of being played.
    """

    index: int
    start_s: float
    length_s: float
    chord: Chord
    voicing: Voicing
    energy: float
    is_ending: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """Everything that is decided before a note is placed.

    ``loop`` pieces have no beginning and no end: their last sample leads into their first.
    """

    mood: Genre
    seed: int
    key: Key
    tempo_bpm: float
    beats_per_bar: int
    bars: tuple[Bar, ...]
    palette: Palette
    frames: int
    loop: bool

    @property
    def style(self) -> Style:
        return STYLES[self.mood]

    @property
    def duration_s(self) -> float:
        return self.frames / SAMPLE_RATE_HZ

    @property
    def beat_s(self) -> float:
        return 60 / self.tempo_bpm

    def chooser(self, aspect: str) -> random.Random:
        """The random source for one aspect; aspects don't disturb each other."""
        return _chooser(self.mood, self.seed, aspect)


def _chooser(mood: Genre, seed: int, aspect: str) -> random.Random:
    return random.Random(f"{mood.value}:{seed}:{aspect}")


def smooth_length(frames: int) -> int:
    """The smallest number ≥ ``frames`` that has no prime factor above 5 (quick to transform)."""
    best = 1 << max(frames - 1, 1).bit_length()
    five = 1
    while five < best:
        three = five
        while three < best:
            quotient = -(-frames // three)
            candidate = three * (1 << max(quotient - 1, 0).bit_length())
            if frames <= candidate < best:
                best = candidate
            three *= 3
        five *= 5
    return best


def plan_form(mood: Genre, seed: int, frames: int, *, loop: bool = False) -> Form:
    """Choose key, tempo, progression and instruments and lay out the bars.

    A piece that ends is fitted so that a whole number of bars leads into the last chord; the
    tempo gives way a little. A loop's length is moved to a near length of whole bars, so
    ``frames`` is only its target.
    """
    style = STYLES[mood]
    mode: Mode = _chooser(mood, seed, "mode").choice(sorted(style.progressions))
    key = Key(_chooser(mood, seed, "tonic").choice(style.tonics), mode)
    beats = _chooser(mood, seed, "metre").choice(style.beats_per_bar)
    wanted_bpm = _chooser(mood, seed, "tempo").uniform(*style.tempo_bpm)
    palette = _chooser(mood, seed, "palette").choice(style.palettes)
    chords = progression(_chooser(mood, seed, "chords").choice(style.progressions[mode]))
    if loop:
        frames, count = _fit_loop(frames, wanted_bpm, beats, len(chords))
        end_s = frames / SAMPLE_RATE_HZ
    else:
        count, end_s = _fit_ending(frames / SAMPLE_RATE_HZ, style, wanted_bpm, beats)
    bar_s = end_s / count if count else frames / SAMPLE_RATE_HZ
    cadence = () if loop else progression(style.cadences[mode])
    sequence = _sequence(chords, cadence, count, loop=loop)
    bars = _lay_out(key, style, sequence, bar_s=bar_s, end_s=end_s, frames=frames, loop=loop)
    return Form(mood, seed, key, 60 * beats / bar_s, beats, bars, palette, frames, loop)


def _fit_loop(frames: int, bpm: float, beats: int, chord_count: int) -> tuple[int, int]:
    """Length in samples and bars: whole rounds of the progression, in pairs where short."""
    round_bars = chord_count if chord_count >= 8 else chord_count * 2
    bar_s = beats * 60 / bpm
    rounds = max(1, round(frames / SAMPLE_RATE_HZ / (bar_s * round_bars)))
    count = rounds * round_bars
    return smooth_length(round(count * bar_s * SAMPLE_RATE_HZ)), count


def _fit_ending(duration_s: float, style: Style, bpm: float, beats: int) -> tuple[int, float]:
    """How many bars come before the last chord, and when it starts.

    Whole phrases of four bars and the wanted tempo weigh against each other. Under one slow bar
    there is only the last chord.
    """
    wanted_bar_s = beats * 60 / bpm
    slowest_bar_s = beats * 60 / style.tempo_bpm[0]
    if duration_s < slowest_bar_s + RING_S[0]:
        return 0, 0.0
    best = (float("inf"), 1, duration_s - RING_S[0])
    steps = 15
    for step in range(steps + 1):
        ring_s = RING_S[0] + (RING_S[1] - RING_S[0]) * step / steps
        for count in range(1, int(duration_s / wanted_bar_s) + 3):
            end_s = duration_s - ring_s
            bar_s = end_s / count
            tempo = beats * 60 / bar_s if bar_s > 0 else 0.0
            outside = max(0.0, style.tempo_bpm[0] * 0.94 - tempo, tempo - style.tempo_bpm[1] * 1.06)
            cost = abs(bar_s / wanted_bar_s - 1) * 5 + outside
            cost += 0.0 if count % 4 == 0 else 0.1 if count % 2 == 0 else 0.3
            best = min(best, (cost, count, end_s))
    return best[1], best[2]


def _sequence(
    chords: tuple[Chord, ...], cadence: tuple[Chord, ...], count: int, *, loop: bool
) -> tuple[Chord, ...]:
    sequence = [chords[index % len(chords)] for index in range(count)]
    if loop:
        return tuple(sequence)
    if count >= 2 * len(cadence):
        sequence[-len(cadence) :] = cadence
    return (*sequence, Chord(0, "9"))


def _lay_out(
    key: Key,
    style: Style,
    sequence: tuple[Chord, ...],
    *,
    bar_s: float,
    end_s: float,
    frames: int,
    loop: bool,
) -> tuple[Bar, ...]:
    voicings = lead_voices(key, sequence, centre=style.centre_midi)
    points = _LOOP_ENERGY if loop else _ONE_SHOT_ENERGY
    bars = []
    for index, (chord, voicing) in enumerate(zip(sequence, voicings, strict=True)):
        start_s = index * bar_s
        is_ending = not loop and index == len(sequence) - 1
        length_s = frames / SAMPLE_RATE_HZ - start_s if is_ending else bar_s
        place = (start_s + bar_s / 2) / max(end_s, bar_s)
        energy = 0.4 if is_ending else _interpolate(points, place)
        bars.append(Bar(index, start_s, length_s, chord, voicing, energy, is_ending))
    return tuple(bars)


def _interpolate(points: tuple[tuple[float, float], ...], place: float) -> float:
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        if place <= x1:
            return y0 + (y1 - y0) * max(0.0, place - x0) / (x1 - x0)
    return points[-1][1]
