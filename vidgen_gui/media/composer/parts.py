"""The pitched players: pad, bass, ostinato and the sparse melody above them."""

import random
from collections.abc import Sequence

from vidgen_gui.media.composer.form import Bar, Form
from vidgen_gui.media.composer.score import Note

BASS_RANGE = (36, 47)
LEAD_CENTRE = 72
_RHYTHMS = (
    (1.5, 0.5, 2.0),
    (1.0, 1.0, 2.0),
    (0.5, 0.5, 1.0, 2.0),
    (3.0, 1.0),
    (1.0, 3.0),
    (0.5, 1.5, 2.0),
    (2.0, 0.5, 0.5, 1.0),
)
_CONTOURS = ((0, 1, 2), (0, -1, 0), (0, 2, 1), (0, 1, 0), (0, -1, -2), (0, 2, 4), (2, 1, 0))


def brightness_of(energy: float) -> int:
    """Three steps, so that rendered notes can be used again."""
    return 0 if energy < 0.45 else 1 if energy < 0.8 else 2


def pad_notes(form: Form) -> list[Note]:
    """Every chord held into the next; a common tone sounds on without a new attack."""
    notes = []
    for bar in form.bars:
        last = len(bar.voicing) - 1
        for place, midi in enumerate(bar.voicing):
            pan = (place / last * 2 - 1) * 0.35 if last else 0.0
            level = 0.62 + 0.38 * bar.energy
            notes.append(
                Note(bar.start_s, bar.length_s, midi, level, pan, brightness_of(bar.energy))
            )
    return notes


def bass_notes(form: Form) -> list[Note]:
    """Roots (or the chord's written bass) and fifths in the style's patterns."""
    chooser = form.chooser("bass")
    busy = chooser.choice(form.style.bass_patterns)
    calm = "1......."
    notes = []
    for bar in form.bars:
        if bar.energy < 0.28 and not bar.is_ending:
            continue
        root = _bass_pitch(form, bar.chord.bass_degree)
        fifth = _bass_pitch(form, bar.chord.degree + 4)
        if bar.is_ending:
            notes.append(Note(bar.start_s, bar.length_s, root, 0.85))
            continue
        pattern = busy if bar.energy >= 0.5 else calm
        notes += _bass_bar(form, bar, pattern, {"1": root, "5": fifth})
    return notes


def _bass_pitch(form: Form, degree: int) -> int:
    low, high = BASS_RANGE
    midi = form.key.nearest(degree, (low + high) / 2)
    return midi + 12 if midi < low else midi - 12 if midi > high else midi


def _bass_bar(form: Form, bar: Bar, pattern: str, pitches: dict[str, int]) -> list[Note]:
    slots = form.beats_per_bar * 2
    slot_s = bar.length_s / slots
    onsets = [i for i in range(slots) if pattern[i % len(pattern)] in pitches]
    notes = []
    for order, slot in enumerate(onsets):
        until = onsets[order + 1] if order + 1 < len(onsets) else slots
        velocity = 0.95 if slot == 0 else 0.8
        midi = pitches[pattern[slot % len(pattern)]]
        length_s = (until - slot) * slot_s * 0.96
        notes.append(
            Note(
                bar.start_s + slot * slot_s,
                length_s,
                midi,
                velocity * (0.75 + 0.25 * bar.energy),
                0.0,
                brightness_of(bar.energy),
            )
        )
    return notes


def pulse_notes(form: Form) -> list[Note]:
    """The ostinato: two figures, one to build with and one for the height of the piece."""
    chooser = form.chooser("pulse")
    first, second = chooser.sample(form.style.figures, 2)
    notes: list[Note] = []
    for bar in form.bars:
        if bar.is_ending:
            notes += _rolled_chord(bar, form)
            continue
        figure = (second if bar.energy >= 0.8 and bar.index % 4 != 3 else first).split()
        notes += _pulse_bar(form, bar, figure, chooser)
    return notes


def _pulse_bar(form: Form, bar: Bar, figure: Sequence[str], chooser: random.Random) -> list[Note]:
    style = form.style
    steps = form.beats_per_bar * style.steps_per_beat
    step_s = bar.length_s / steps
    notes = []
    for step in range(steps):
        member_text = figure[step % len(figure)]
        # The intro only touches the strong steps, so that the pulse grows in.
        if member_text == "." or (bar.energy < 0.4 and step % style.steps_per_beat and step % 3):
            continue
        octave, member = divmod(int(member_text), len(bar.voicing))
        midi = bar.voicing[member] + 12 * octave
        accent = 1.0 if step == 0 else 0.86 if step % style.steps_per_beat == 0 else 0.7
        velocity = accent * (0.55 + 0.45 * bar.energy) * chooser.uniform(0.9, 1.0)
        late = step_s * style.swing if step % 2 else 0.0
        late += chooser.gauss(0, style.humanise_s / 2) if step else 0.0
        notes.append(
            Note(
                bar.start_s + step * step_s + late,
                step_s * 1.6,
                midi,
                velocity,
                ((step * 5) % 8 - 3.5) / 3.5 * 0.45,
                brightness_of(bar.energy),
            )
        )
    return notes


def _rolled_chord(bar: Bar, form: Form) -> list[Note]:
    spread_s = min(0.14, bar.length_s / 16) if form.beat_s > 0.65 else min(0.06, bar.length_s / 16)
    pitches = (bar.voicing[0] - 12, *bar.voicing)
    return [
        Note(bar.start_s + i * spread_s, bar.length_s, midi, 0.72, (i - 2) * 0.15, 1)
        for i, midi in enumerate(pitches)
    ]


def lead_notes(form: Form) -> list[Note]:
    """A motif that returns, fitted to each chord, with bars of rest in between for the voice."""
    chooser = form.chooser("lead")
    rhythm = chooser.choice(_RHYTHMS)
    contour = chooser.choice(_CONTOURS)
    notes: list[Note] = []
    rested = 1
    for bar in form.bars:
        wants = bar.energy >= 0.38 and not bar.is_ending and rested > 0
        if not wants or chooser.random() > form.style.lead_chance * (0.6 + 0.6 * bar.energy):
            rested += 1
            continue
        notes += _motif(form, bar, rhythm, contour, chooser)
        rested = 0 if bar.index % 2 else 1
    return notes


def _motif(
    form: Form,
    bar: Bar,
    rhythm: Sequence[float],
    contour: Sequence[int],
    chooser: random.Random,
) -> list[Note]:
    """One statement: it starts and ends on chord notes and avoids the scale's half steps."""
    scale = _gapped_scale(form)
    anchor = form.key.nearest(bar.chord.degree + chooser.choice((2, 4)), LEAD_CENTRE)
    chord_tones = {form.key.pitch_class(degree) for degree in bar.chord.degrees}
    nearest = min(range(len(scale)), key=lambda i: abs(scale[i] - anchor))
    clock_s = bar.start_s + form.beat_s * (0.5 if rhythm[0] < 1 else 0.0)
    notes = []
    for order, beats in enumerate(rhythm):
        if clock_s >= bar.start_s + bar.length_s - form.beat_s * 0.4:
            break
        place = min(max(nearest + contour[order % len(contour)], 0), len(scale) - 1)
        midi = scale[place]
        if order in {0, len(rhythm) - 1}:
            midi = _nearest_chord_note(scale, chord_tones, midi)
        velocity = (0.8 if order == 0 else 0.68) * chooser.uniform(0.92, 1.0)
        late_s = abs(chooser.gauss(0, form.style.humanise_s))
        notes.append(Note(clock_s + late_s, beats * form.beat_s * 1.2, midi, velocity, 0.18, 1))
        clock_s += beats * form.beat_s
    return notes


def _nearest_chord_note(scale: Sequence[int], chord_tones: set[int], midi: int) -> int:
    return min(scale, key=lambda note: (note % 12 not in chord_tones, abs(note - midi)))


def _gapped_scale(form: Form) -> list[int]:
    """The key without its half steps (pentatonic), two octaves around the melody's centre."""
    keep = (0, 2, 3, 4, 6) if form.key.mode in {"minor", "dorian"} else (0, 1, 2, 4, 5)
    classes = {form.key.pitch_class(degree) for degree in keep}
    return [m for m in range(LEAD_CENTRE - 9, LEAD_CENTRE + 10) if m % 12 in classes]
