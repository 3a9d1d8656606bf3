"""Puts a piece together: form, players, instruments, room; and repeats loops for long videos."""

from collections.abc import Callable, Generator
from dataclasses import dataclass

import numpy as np

from vidgen_gui.core.script import Genre
from vidgen_gui.media.composer.accompaniment import drum_hits, texture_hits
from vidgen_gui.media.composer.form import LOOP_TARGET_S, SAMPLE_RATE_HZ, Form, plan_form
from vidgen_gui.media.composer.parts import bass_notes, lead_notes, pad_notes, pulse_notes
from vidgen_gui.media.composer.percussion import Percussion
from vidgen_gui.media.composer.score import Hit, Note, Score
from vidgen_gui.media.composer.space import Mixdown
from vidgen_gui.media.composer.styles import Layer
from vidgen_gui.media.composer.synth import Samples, bass, pad, plucked

LOOP_ABOVE_S = 100.0
"""Longer music repeats a seamless loop."""
_SENDS: dict[Layer, float] = {
    "pad": 0.4,
    "bass": 0.06,
    "pulse": 0.45,
    "lead": 0.7,
    "drums": 0.16,
    "texture": 0.3,
}
_DUCKED_BY_KICK: dict[Layer, float] = {"pad": 1.0, "texture": 0.6, "bass": 0.5}
_CACHED_NOTES = 24
DYNAMICS_DB = 5.5
"""How much quieter a piece is where it has no energy at all."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A finished piece: (2, frames) samples and what it is.

    A ``loop``'s last sample leads into its first; it has no fades.
    """

    samples: Samples
    form: Form


def write_score(form: Form) -> Score:
    """Let every player write their part."""
    return Score(
        notes={
            "pad": pad_notes(form),
            "bass": bass_notes(form),
            "pulse": pulse_notes(form),
            "lead": lead_notes(form),
        },
        hits={"drums": drum_hits(form), "texture": texture_hits(form)},
    )


def compose(mood: Genre, seed: int, duration_s: float) -> Generator[float, None, Piece]:
    """Make the music for a video; yields the fraction done.

    Up to `LOOP_ABOVE_S` it is one piece with a beginning and an end, exactly
    ``round(duration_s · 48000)`` samples, unfaded; above, a loop of about `LOOP_TARGET_S` to be
    repeated.

    Raises:
        ValueError: no such mood, or a duration that is not a positive number of seconds.
    """
    if not 0 < duration_s < 86_400:
        raise ValueError(f"cannot compose {duration_s!r} seconds")
    loop = duration_s > LOOP_ABOVE_S
    frames = round((LOOP_TARGET_S if loop else duration_s) * SAMPLE_RATE_HZ)
    form = plan_form(mood, seed, max(frames, 1), loop=loop)
    samples = yield from perform(form)
    return Piece(samples, form)


def perform(form: Form) -> Generator[float, None, Samples]:
    """Play a form's score; (2, ``form.frames``) samples, peak under −3 dBFS."""
    score = write_score(form)
    mixdown = Mixdown(form.frames, loop=form.loop, room_s=form.style.room_s)
    kicks = [hit.start_s for hit in score.hits["drums"] if hit.sound == "kick"]
    depth_db = form.style.side_chain_db
    dynamics = mixdown.swell(
        [(bar.start_s + bar.length_s / 2, DYNAMICS_DB * (bar.energy - 1)) for bar in form.bars]
    )
    percussion = Percussion()
    layers = tuple(form.style.levels_db)
    for index, layer in enumerate(layers):
        stem = mixdown.stem()
        _play_notes(mixdown, stem, layer, form, score.notes.get(layer, []))
        _play_hits(mixdown, stem, percussion, score.hits.get(layer, []))
        ducking_db = _DUCKED_BY_KICK.get(layer, 0.0) * depth_db
        curve = mixdown.side_chain(kicks, ducking_db) * dynamics if ducking_db else dynamics
        mixdown.merge(stem, form.style.levels_db[layer], _SENDS[layer], curve)
        yield (index + 1) / (len(layers) + 2)
    return mixdown.master(form.seed % 2**31)


def _play_notes(
    mixdown: Mixdown, stem: Samples, layer: Layer, form: Form, notes: list[Note]
) -> None:
    render = _instrument(layer, form)
    cache: dict[tuple[int, int, int, float], Samples] = {}
    for note in notes:
        pan = note.pan if layer == "pad" else 0.0
        key = (note.midi, round(note.length_s * 100), note.brightness, pan)
        sound = cache.get(key)
        if sound is None:
            if len(cache) >= _CACHED_NOTES:
                cache.pop(next(iter(cache)))
            sound = cache[key] = render(note)
        if layer == "pad":
            left = right = note.velocity
        else:
            left, right = _panned(note.velocity, note.pan)
        mixdown.place(stem, sound, note.start_s, left, right)


def _play_hits(mixdown: Mixdown, stem: Samples, percussion: Percussion, hits: list[Hit]) -> None:
    for hit in hits:
        left, right = _panned(hit.velocity, hit.pan)
        mixdown.place(stem, percussion.sound(hit), hit.start_s, left, right)


def _instrument(layer: Layer, form: Form) -> Callable[[Note], Samples]:
    palette = form.palette
    if layer == "pad":
        return lambda n: pad(palette.pad, n.midi, n.length_s, n.brightness, n.pan)
    if layer == "bass":
        return lambda n: bass(palette.bass, n.midi, n.length_s, n.brightness)
    timbre = palette.pulse if layer == "pulse" else palette.lead
    return lambda n: plucked(timbre, n.midi, n.length_s, n.brightness)


def _panned(velocity: float, pan: float) -> tuple[float, float]:
    """Equal power, −3 dB in the middle raised to 0."""
    angle = (pan + 1) * np.pi / 4
    return velocity * 1.414 * float(np.cos(angle)), velocity * 1.414 * float(np.sin(angle))
