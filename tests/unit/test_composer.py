"""The composer, judged by measuring what it plays: length, level, key, pulse, clicks, loops."""

import os
import subprocess
import sys
import wave
from collections.abc import Generator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vidgen_gui.core.errors import StorageError
from vidgen_gui.core.script import Genre
from vidgen_gui.media.composer.form import SAMPLE_RATE_HZ, plan_form, smooth_length
from vidgen_gui.media.composer.harmony import (
    SCALES,
    Chord,
    Key,
    lead_voices,
    progression,
)
from vidgen_gui.media.composer.moods import mood_of
from vidgen_gui.media.composer.piece import Piece, compose
from vidgen_gui.media.composer.styles import STYLES
from vidgen_gui.media.composer.worker import make_handler

MOODS = tuple(STYLES)
SEEDS = (1, 2)
LENGTH_S = 24.0
BLOCK = 240


def finish(steps: Generator[Any, None, Any]) -> Any:
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value


@cache
def piece(mood: Genre, seed: int, duration_s: float) -> Piece:
    return finish(compose(mood, seed, duration_s))


def request(folder: Path, **options: object) -> dict[str, object]:
    given = {"genre": "tech", "seed": 1, "duration_s": 6.0, "topic": ""} | options
    return given | {"out_wav": str(folder / "music.wav")}


def written(folder: Path, **options: object) -> tuple[dict[str, Any], np.ndarray]:
    """What the worker answers and (2, n) floats of the file it wrote."""
    result = finish(make_handler()(request(folder, **options)))
    with wave.open(str(folder / "music.wav")) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (48_000, 2, 2)
        data = file.readframes(file.getnframes())
    return dict(result), np.frombuffer(data, "<i2").reshape(-1, 2).T / 32768


def edge_energy_db(sound: np.ndarray) -> np.ndarray:
    """The loudest part above 17 kHz of each 5 ms, dB of full scale: where clicks show.

    The first and last 20 ms, which the transform joins to each other, are left out.
    """
    n = sound.shape[-1]
    spectrum = np.fft.rfft(sound, axis=-1)
    spectrum[..., : round(17_000 * n / SAMPLE_RATE_HZ)] = 0
    high = np.abs(np.fft.irfft(spectrum, n, axis=-1)).max(axis=0)
    usable = n // BLOCK * BLOCK
    levels = 20 * np.log10(high[:usable].reshape(-1, BLOCK).max(axis=1) + 1e-9)
    levels[:4] = levels[-4:] = -180
    return levels


def chroma(sound: np.ndarray) -> np.ndarray:
    """How the energy of spectral peaks (130 Hz…1.5 kHz) is shared by the twelve notes."""
    mono = sound.mean(axis=0)
    size = 16_384
    freqs = np.fft.rfftfreq(size, 1 / SAMPLE_RATE_HZ)
    notes = np.round(12 * np.log2(np.maximum(freqs, 1) / 440) + 69).astype(int) % 12
    heard = (freqs > 130) & (freqs < 1500)
    shares = np.zeros(12)
    for start in range(0, mono.size - size, size // 2):
        power = np.abs(np.fft.rfft(mono[start : start + size] * np.hanning(size))) ** 2
        peak = np.zeros(power.size, dtype=bool)
        peak[1:-1] = (power[1:-1] > power[:-2]) & (power[1:-1] > power[2:])
        np.add.at(shares, notes[peak & heard], power[peak & heard])
    return shares / shares.sum()


def level_db(sound: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(sound**2) + 1e-12))


def band_share(sound: np.ndarray, low_hz: float, high_hz: float) -> float:
    power = np.sum(np.abs(np.fft.rfft(sound, axis=1)) ** 2, axis=0)
    freqs = np.fft.rfftfreq(sound.shape[1], 1 / SAMPLE_RATE_HZ)
    return float(power[(freqs >= low_hz) & (freqs < high_hz)].sum() / power.sum())


# Harmony


def test_chords_are_read_and_nonsense_is_refused() -> None:
    assert progression("1 5/7 4+9") == (Chord(0), Chord(4, bass=6), Chord(3, "9"))
    for text in ("8", "1+6", "x", "1/", "+9"):
        with pytest.raises(ValueError, match="not a chord"):
            progression(text)


@pytest.mark.parametrize("mood", MOODS)
def test_every_progression_of_a_style_is_in_key_and_moves_smoothly(mood: Genre) -> None:
    style = STYLES[mood]
    for mode, texts in style.progressions.items():
        for text in (*texts, style.cadences[mode]):
            for tonic in style.tonics:
                key = Key(tonic, mode)
                chords = progression(text) * 2
                hands = lead_voices(key, chords, centre=style.centre_midi)
                for chord, voicing in zip(chords, hands, strict=True):
                    fifth = key.semitones(chord.degree + 4) - key.semitones(chord.degree)
                    assert fifth == 7, "no diminished chords"
                    wanted = {key.pitch_class(degree) for degree in chord.degrees}
                    assert {note % 12 for note in voicing} == wanted
                    assert wanted <= key.pitch_classes
                    assert all(50 <= note <= 74 for note in voicing)
                moves = [
                    sum(min(abs(note - other) for other in before) for note in after) / len(after)
                    for before, after in pairwise(hands)
                ]
                assert np.mean(moves) <= 2.5
                assert max(moves) <= 5


def test_a_key_knows_its_notes() -> None:
    assert Key(2, "major").name == "D major"
    assert Key(9, "minor").pitch_classes == Key(0, "major").pitch_classes
    assert Key(0, "major").nearest(4, 60) == 55
    assert all(len(steps) == 7 for steps in SCALES.values())


# Moods


@pytest.mark.parametrize(
    ("topic", "mood"),
    [
        ("How quantum computers will change science", Genre.TECH),
        ("The secret life of forest trees in winter", Genre.NATURE),
        ("Letters my grandmother never sent", Genre.EMOTIONAL),
        ("Discipline beats motivation: start your workout", Genre.MOTIVATIONAL),
    ],
)
def test_a_custom_topic_gets_the_mood_of_its_words(topic: str, mood: Genre) -> None:
    assert mood_of(Genre.CUSTOM, topic, 1) is mood
    assert mood_of(Genre.TECH, topic, 1) is Genre.TECH


def test_a_topic_without_telling_words_gets_a_mood_by_seed() -> None:
    moods = [mood_of(Genre.CUSTOM, "тихая сила прогулок", seed) for seed in range(40)]
    assert set(moods) == set(MOODS)
    assert moods == [mood_of(Genre.CUSTOM, "тихая сила прогулок", seed) for seed in range(40)]


# Length, level, repeatability


@pytest.mark.parametrize("duration_s", [0.3, 1.55, 4.0, 7.013, 19.377])
def test_the_file_is_as_long_as_asked_to_the_sample(tmp_path: Path, duration_s: float) -> None:
    result, sound = written(tmp_path, genre="emotional", duration_s=duration_s)

    assert sound.shape[1] == round(duration_s * SAMPLE_RATE_HZ)
    assert result["duration_s"] == sound.shape[1] / SAMPLE_RATE_HZ
    assert level_db(sound) > -40


@pytest.mark.parametrize("mood", MOODS)
def test_levels_leave_room_and_ends_are_faded(tmp_path: Path, mood: Genre) -> None:
    _, sound = written(tmp_path, genre=mood.value, seed=4, duration_s=20.0)

    assert np.abs(sound).max() <= 10 ** (-3 / 20)
    assert -26 < level_db(sound) < -16
    assert np.abs(sound.mean(axis=1)).max() < 1e-4
    assert np.abs(sound[:, :8]).max() <= 3 / 32768
    assert np.abs(sound[:, -8:]).max() <= 3 / 32768
    crest_db = 20 * np.log10(np.abs(sound).max()) - level_db(sound)
    assert 8 < crest_db < 20
    assert level_db(sound[:, -SAMPLE_RATE_HZ // 4 :]) < level_db(sound) - 12


def test_the_same_request_gives_the_same_bytes_in_any_process(tmp_path: Path) -> None:
    written(tmp_path, seed=7)
    here = (tmp_path / "music.wav").read_bytes()
    code = (
        "import json, sys\n"
        "from vidgen_gui.media.composer.worker import make_handler\n"
        "for _ in make_handler()(json.loads(sys.argv[1])): pass\n"
    )
    other = tmp_path / "other"
    other.mkdir()
    subprocess.run(
        [sys.executable, "-c", code, _json(request(other, seed=7))],
        check=True,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )

    assert (other / "music.wav").read_bytes() == here


def _json(value: object) -> str:
    import json

    return json.dumps(value)


@pytest.mark.parametrize("mood", MOODS)
def test_seeds_vary_key_tempo_chords_and_instruments(mood: Genre) -> None:
    forms = [plan_form(mood, seed, 24 * SAMPLE_RATE_HZ) for seed in range(40)]
    style = STYLES[mood]

    assert len({form.key for form in forms}) >= 6
    assert len({round(form.tempo_bpm) for form in forms}) >= 5
    assert len({form.palette for form in forms}) == len(style.palettes)
    assert len({tuple(bar.voicing for bar in form.bars) for form in forms}) >= 30
    for form in forms:
        assert style.tempo_bpm[0] * 0.93 <= form.tempo_bpm <= style.tempo_bpm[1] * 1.07


def test_the_length_of_a_video_does_not_change_its_key_or_instruments() -> None:
    forms = [plan_form(Genre.NATURE, 5, round(s * SAMPLE_RATE_HZ)) for s in (18, 24.5, 61)]
    assert len({(form.key, form.palette, form.beats_per_bar) for form in forms}) == 1


# What it sounds like


@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.parametrize("seed", SEEDS)
def test_nearly_all_notes_belong_to_the_key(mood: Genre, seed: int) -> None:
    played = piece(mood, seed, LENGTH_S)
    shares = chroma(played.samples)
    assert sum(shares[note] for note in played.form.key.pitch_classes) >= 0.95


@pytest.mark.parametrize("mood", MOODS)
def test_speech_has_room(mood: Genre) -> None:
    for seed in SEEDS:
        sound = piece(mood, seed, LENGTH_S).samples
        assert band_share(sound, 1000, 4000) < 0.05
        assert band_share(sound, 4000, 20_000) < 0.03
        assert band_share(sound, 0, 60) < 0.03
        assert band_share(sound, 60, 150) > 0.02
        assert band_share(sound, 300, 1000) > 0.2


@pytest.mark.parametrize("mood", MOODS)
def test_it_is_wide_above_and_narrow_below(mood: Genre) -> None:
    sound = piece(mood, 2, LENGTH_S).samples
    assert 0.05 < np.corrcoef(sound)[0, 1] < 0.95
    spectrum = np.fft.rfft(sound, axis=1)
    spectrum[:, round(110 * sound.shape[1] / SAMPLE_RATE_HZ) :] = 0
    assert np.corrcoef(np.fft.irfft(spectrum, axis=1))[0, 1] > 0.9


@pytest.mark.parametrize("mood", MOODS)
def test_a_piece_begins_softly_and_builds(mood: Genre) -> None:
    for seed in SEEDS:
        sound = piece(mood, seed, LENGTH_S).samples
        second = SAMPLE_RATE_HZ
        start = level_db(sound[:, second : 3 * second])
        height = level_db(sound[:, 14 * second : 20 * second])
        assert height - start > 2


@pytest.mark.parametrize("mood", [Genre.MOTIVATIONAL, Genre.TECH])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_pulse_keeps_the_tempo(mood: Genre, seed: int) -> None:
    played = piece(mood, seed, LENGTH_S)
    hop, size = 480, 1024
    mono = played.samples.mean(axis=0)
    frames = np.lib.stride_tricks.sliding_window_view(mono, size)[::hop] * np.hanning(size)
    loud = np.log(np.abs(np.fft.rfft(frames, axis=1)) + 1e-3)
    onsets = np.clip(np.diff(loud, axis=0), 0, None).sum(axis=1)
    onsets -= onsets.mean()
    rate = SAMPLE_RATE_HZ / hop
    beat = 60 / played.form.tempo_bpm * rate

    def agreement(lag: float) -> float:
        whole = round(lag)
        return max(
            float(np.dot(onsets[: -whole - d], onsets[whole + d :]) / np.dot(onsets, onsets))
            for d in (-1, 0, 1)
        )

    on_beat = agreement(beat * 2)
    off_beat = np.mean([agreement(beat * 2 * part) for part in (0.83, 0.9, 1.13, 1.19)])
    assert on_beat > 0.15
    assert on_beat > off_beat + 0.1


@pytest.mark.parametrize("mood", MOODS)
def test_there_are_no_clicks(mood: Genre) -> None:
    for seed in SEEDS:
        sound = piece(mood, seed, LENGTH_S).samples
        assert edge_energy_db(sound).max() < -75


def test_the_click_test_finds_a_click() -> None:
    sound = piece(Genre.TECH, 1, LENGTH_S).samples.copy()
    sound[:, 500_000:] += 0.01
    assert edge_energy_db(sound).max() > -60


# Loops


@pytest.mark.parametrize("mood", MOODS)
def test_a_loop_has_no_seam(mood: Genre) -> None:
    played = piece(mood, 3, 200.0)
    assert played.form.loop
    loop = played.samples
    n = loop.shape[1]
    twice = np.concatenate([loop[:, n // 2 :], loop[:, : n // 2]], axis=1)
    seam = n - n // 2

    steps = np.abs(np.diff(twice, axis=1)).max(axis=0)
    assert steps[seam - 1] <= np.quantile(steps, 0.999)
    bends = np.abs(np.diff(twice, 2, axis=1)).max(axis=0)
    assert bends[seam - 2 : seam].max() <= np.quantile(bends, 0.999)
    assert edge_energy_db(twice).max() < -75
    # The room's echo is carried over: just behind the seam it is no quieter than before it.
    before, after = (
        level_db(twice[:, seam + first : seam + last]) for first, last in ((-9600, 0), (0, 9600))
    )
    assert after > before - 6


def test_long_music_repeats_its_loop(tmp_path: Path) -> None:
    result, sound = written(tmp_path, genre="nature", seed=3, duration_s=200.0)
    loop = piece(Genre.NATURE, 3, 200.0).samples
    n = loop.shape[1]
    assert 60 <= n / SAMPLE_RATE_HZ <= 90
    start = SAMPLE_RATE_HZ
    np.testing.assert_allclose(sound[:, n : n + start], loop[:, :start], atol=3 / 32768)
    np.testing.assert_allclose(sound[:, start:n], sound[:, n + start : 2 * n], atol=4 / 32768)
    assert result["duration_s"] == 200.0
    assert level_db(sound[:, -SAMPLE_RATE_HZ // 4 :]) < -45


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("duration_s", [30.0, 600.0])
def test_memory_stays_under_250_mib(tmp_path: Path, duration_s: float) -> None:
    code = (
        "import json, pathlib, sys\n"
        "from vidgen_gui.media.composer.worker import make_handler\n"
        "for _ in make_handler()(json.loads(sys.argv[1])): pass\n"
        "status = pathlib.Path('/proc/self/status').read_text()\n"
        "print(int(status.split('VmHWM:')[1].split()[0]) // 1024)\n"
    )
    given = _json(request(tmp_path, genre="motivational", duration_s=duration_s))
    run = subprocess.run(
        [sys.executable, "-c", code, given], check=True, capture_output=True, text=True
    )
    assert int(run.stdout) < 250


# The worker


def test_progress_rises_and_the_answer_says_what_it_is(tmp_path: Path) -> None:
    steps = make_handler()(request(tmp_path, genre="custom", topic="a river in the forest"))
    fractions = []
    while True:
        try:
            fractions.append(next(steps).fraction)
        except StopIteration as stop:
            result = stop.value
            break
    assert fractions == sorted(fractions)
    assert 0 < fractions[0] < fractions[-1] < 1
    assert result["mood"] == "nature"
    assert result["key"].split()[1] in STYLES[Genre.NATURE].progressions
    assert 60 < result["tempo_bpm"] < 90


def test_a_folder_that_is_gone_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        finish(make_handler()(request(tmp_path / "gone", duration_s=1.0)))


@pytest.mark.parametrize("duration_s", [0.0, -1.0, float("nan"), 1e6])
def test_impossible_durations_are_refused(duration_s: float) -> None:
    with pytest.raises(ValueError, match="cannot compose"):
        finish(compose(Genre.TECH, 1, duration_s))


@pytest.mark.parametrize("frames", [1, 2, 7, 1000, 3_456_789])
def test_transform_lengths_are_smooth_and_near(frames: int) -> None:
    length = smooth_length(frames)
    rest = length
    for prime in (2, 3, 5):
        while rest % prime == 0:
            rest //= prime
    assert rest == 1
    assert frames <= length <= frames * 1.02 + 8
