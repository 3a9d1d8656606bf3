"""The unpitched players: drums that grow with the piece's energy, swells, wind and water."""

import itertools
import random
from collections.abc import Callable

from vidgen_gui.media.composer.form import Bar, Form
from vidgen_gui.media.composer.score import Hit, Sound
from vidgen_gui.media.composer.styles import KitKind


def drum_hits(form: Form) -> list[Hit]:
    """The palette's kit, bar by bar; a swell leads into the height of the piece."""
    play = _KITS.get(form.palette.kit)
    if play is None:
        return []
    chooser = form.chooser("drums")
    hits: list[Hit] = []
    for bar in form.bars:
        if not bar.is_ending:
            hits += play(form, bar, chooser)
    return hits + _swells(form)


def _swells(form: Form) -> list[Hit]:
    if form.palette.kit not in {"uplift", "electronic"}:
        return []
    hits = []
    for before, bar in itertools.pairwise(form.bars):
        if before.energy < 0.8 <= bar.energy:
            length_s = min(before.length_s, 2.2)
            hits.append(Hit(bar.start_s - length_s, "swell", 0.3, 0.0, length_s))
    return hits


def _at(form: Form, bar: Bar, beat: float) -> float:
    return bar.start_s + beat * bar.length_s / form.beats_per_bar


def _row(form: Form, bar: Bar, sound: Sound, beats: list[float], velocity: float) -> list[Hit]:
    return [Hit(_at(form, bar, beat), sound, velocity) for beat in beats]


def _every(form: Form, step: float, start: float = 0.0) -> list[float]:
    count = int((form.beats_per_bar - start) / step + 0.999)
    return [start + step * index for index in range(count)]


def _shakers(form: Form, bar: Bar, chooser: random.Random, step: float, level: float) -> list[Hit]:
    hits = []
    for index, beat in enumerate(_every(form, step)):
        accent = 1.0 if index % 2 else 0.62
        start_s = _at(form, bar, beat) + abs(chooser.gauss(0, 0.003))
        velocity = level * accent * chooser.uniform(0.85, 1.0)
        hits.append(Hit(start_s, "shaker", velocity, 0.35, variant=chooser.randrange(3)))
    return hits


def _uplift(form: Form, bar: Bar, chooser: random.Random) -> list[Hit]:
    hits: list[Hit] = []
    if bar.energy >= 0.42:
        hits += _row(form, bar, "kick", [0.0] if bar.energy < 0.62 else [0.0, 2.0], 0.8)
    if bar.energy >= 0.52:
        hits += _shakers(form, bar, chooser, 0.5, 0.5 * bar.energy)
    if bar.energy >= 0.7:
        backbeat: Sound = "clap" if form.seed % 2 else "snap"
        hits += _row(form, bar, backbeat, [1.0, 3.0], 0.42 + 0.25 * bar.energy)
    if bar.energy >= 0.85:
        hits += _row(form, bar, "kick", [2.5], 0.55)
    if bar.index % 4 == 3 and bar.energy >= 0.55:
        for order, beat in enumerate((2.5, 3.0, 3.5)):
            hits.append(Hit(_at(form, bar, beat), "tom", 0.4 + 0.12 * order, 0.3 - 0.3 * order))
    return hits


def _heartbeat(form: Form, bar: Bar, chooser: random.Random) -> list[Hit]:
    if bar.energy < 0.58:
        return []
    second = 0.5 if form.beats_per_bar == 4 else 1.0
    return [
        Hit(_at(form, bar, 0.0), "boom", 0.8),
        Hit(_at(form, bar, second), "boom", chooser.uniform(0.4, 0.5)),
    ]


def _electronic(form: Form, bar: Bar, chooser: random.Random) -> list[Hit]:
    hits: list[Hit] = []
    falling = bar.index >= len(form.bars) - 2 and not form.loop
    if bar.energy >= 0.42 and not falling:
        beats = _every(form, 1.0) if bar.energy >= 0.55 else _every(form, 2.0)
        hits += _row(form, bar, "kick", beats, 0.85)
    if bar.energy >= 0.34:
        for beat in _every(form, 1.0, 0.5):
            velocity = 0.5 * (0.5 + 0.5 * bar.energy)
            hits.append(Hit(_at(form, bar, beat), "hat", velocity, -0.2, variant=0))
    if bar.energy >= 0.8:
        for beat in _every(form, 0.25):
            if beat % 0.5:
                velocity = 0.22 * chooser.uniform(0.7, 1.0)
                hits.append(Hit(_at(form, bar, beat), "hat", velocity, 0.25, variant=1))
    if bar.energy >= 0.68:
        hits += _row(form, bar, "clap", [1.0, 3.0], 0.5)
    return hits


def _organic(form: Form, bar: Bar, chooser: random.Random) -> list[Hit]:
    hits: list[Hit] = []
    if bar.energy >= 0.5:
        hits += _row(form, bar, "tom", [0.0], 0.7)
        hits += _shakers(form, bar, chooser, 1.0, 0.4)
    if bar.energy >= 0.72:
        place = form.beats_per_bar - 1.5
        hits.append(Hit(_at(form, bar, place), "tom", 0.42, -0.2))
        hits.append(Hit(_at(form, bar, form.beats_per_bar - 0.5), "wood", 0.3, 0.3))
    return hits


_KITS: dict[KitKind, Callable[[Form, Bar, random.Random], list[Hit]]] = {
    "uplift": _uplift,
    "heartbeat": _heartbeat,
    "electronic": _electronic,
    "organic": _organic,
}


def texture_hits(form: Form) -> list[Hit]:
    """Wind or water over the whole piece, never two gusts alike."""
    chooser = form.chooser("texture")
    match form.palette.texture:
        case "wind":
            gusts = _gusts(form, chooser, "gust", 3.0, 6.0)
            return gusts + [_breeze_over(gust) for gust in gusts]
        case "water":
            stream = _gusts(form, chooser, "stream", 0.9, 2.2)
            return stream + _drops(form, chooser)
        case _:
            return []


def _breeze_over(gust: Hit) -> Hit:
    return Hit(
        gust.start_s + 0.4, "breeze", gust.velocity * 0.3, -gust.pan, gust.length_s, gust.variant
    )


def _gusts(
    form: Form, chooser: random.Random, sound: Sound, low_s: float, high_s: float
) -> list[Hit]:
    """Overlapping swells; each begins when the last is at its height."""
    hits = []
    clock_s = 0.0 if form.loop else -low_s / 2
    while clock_s < form.duration_s:
        length_s = chooser.uniform(low_s, high_s)
        velocity = chooser.uniform(0.45, 1.0)
        pan = chooser.uniform(-0.7, 0.7)
        hits.append(Hit(clock_s, sound, velocity, pan, length_s, chooser.randrange(1000)))
        clock_s += length_s * chooser.uniform(0.4, 0.55)
    return hits


def _drops(form: Form, chooser: random.Random) -> list[Hit]:
    hits = []
    clock_s = chooser.uniform(0.2, 1.2)
    while clock_s < form.duration_s - 0.5:
        velocity = chooser.uniform(0.15, 0.6)
        pan = chooser.uniform(-0.8, 0.8)
        hits.append(Hit(clock_s, "drop", velocity, pan, variant=chooser.randrange(6)))
        clock_s += chooser.expovariate(2.2) + 0.08
    return hits
