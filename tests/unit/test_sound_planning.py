"""Where somebody speaks, how music gives way to it, and how a level is corrected."""

import gc
import time
import wave
from pathlib import Path

import numpy as np
import pytest

from vidgen_gui.core.errors import StorageError
from vidgen_gui.media.ducking import CURVE_RATE_HZ, DEPTH_DB, duck_curve, lift, write_curve
from vidgen_gui.media.loudness import Loudness
from vidgen_gui.media.mix import corrected
from vidgen_gui.media.mix_graph import Mix, Setting, Source, mix_arguments
from vidgen_gui.media.narration_track import (
    VoiceClip,
    speech_spans,
    write_narration_tracks,
)
from vidgen_gui.services.piper.sound import write_silence

RATE = 22_050


def voice(path: Path, *parts: tuple[float, float], rate_hz: int = RATE) -> Path:
    """A WAV of (seconds, amplitude) stretches of a tone."""
    sound = np.concatenate(
        [np.sin(np.arange(round(s * rate_hz)) * 0.1) * amplitude for s, amplitude in parts]
    )
    with path.open("wb") as file, wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate_hz)
        out.writeframes((sound * 32767).astype("<i2").tobytes())
    return path


def samples(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


def test_clips_lie_at_their_places_to_the_sample(tmp_path: Path) -> None:
    first = voice(tmp_path / "a.wav", (0.5, 0.5))
    second = voice(tmp_path / "b.wav", (3.7, 0.3))

    (track,) = write_narration_tracks(
        [VoiceClip(second, 1.2), VoiceClip(first, 0.35)], 6.0, tmp_path
    )

    written = samples(track.path)
    assert written.size == 6 * RATE
    at_first, at_second = round(0.35 * RATE), round(1.2 * RATE)
    np.testing.assert_array_equal(written[at_first:][: samples(first).size], samples(first))
    np.testing.assert_array_equal(written[at_second:][: samples(second).size], samples(second))
    assert np.count_nonzero(written) <= samples(first).size + samples(second).size


def test_speech_is_found_with_its_pauses(tmp_path: Path) -> None:
    clip = voice(
        tmp_path / "a.wav", (0.3, 0), (1.0, 0.5), (0.5, 0.0005), (0.7, 0.1), (0.08, 0), (0.5, 0.5)
    )

    (track,) = write_narration_tracks([VoiceClip(clip, 1.0)], 6.0, tmp_path)

    assert len(track.spans_s) == 2, "the pause of 80 ms is part of the speech"
    (begin, end), (begin_2, end_2) = track.spans_s
    assert (begin, end) == (pytest.approx(1.3, abs=0.02), pytest.approx(2.3, abs=0.02))
    assert (begin_2, end_2) == (pytest.approx(2.8, abs=0.02), pytest.approx(4.08, abs=0.02))


def test_a_clip_beyond_the_end_is_cut_and_silence_has_no_speech(tmp_path: Path) -> None:
    clip = voice(tmp_path / "a.wav", (3.0, 0.5))
    silent = voice(tmp_path / "b.wav", (1.0, 0.0), rate_hz=16_000)

    tracks = write_narration_tracks([VoiceClip(clip, 1.0), VoiceClip(silent, 0)], 2.0, tmp_path)

    by_rate = {track.rate_hz: track for track in tracks}
    assert samples(by_rate[RATE].path).size == 2 * RATE
    ((begin, end),) = by_rate[RATE].spans_s
    assert begin == 1.0
    assert end == pytest.approx(2.0, abs=0.01)
    assert by_rate[16_000].spans_s == ()


def test_overlapping_clips_are_refused(tmp_path: Path) -> None:
    clip = voice(tmp_path / "a.wav", (1.0, 0.5))
    with pytest.raises(ValueError, match="before"):
        write_narration_tracks([VoiceClip(clip, 0.0), VoiceClip(clip, 0.5)], 3.0, tmp_path)


def test_a_folder_that_is_gone_is_a_storage_error(tmp_path: Path) -> None:
    clip = voice(tmp_path / "a.wav", (1.0, 0.5))
    with pytest.raises(StorageError):
        write_narration_tracks([VoiceClip(clip, 0.0)], 3.0, tmp_path / "gone")
    with pytest.raises(StorageError):
        write_curve(tmp_path / "gone" / "curve.wav", np.ones(3))


def test_spans_of_no_levels_are_none() -> None:
    assert speech_spans([], 0.01) == ()
    assert speech_spans([(0.0, np.zeros(0)), (1.0, np.full(50, 1e-6))], 0.01) == ()


def test_music_is_down_exactly_while_somebody_speaks() -> None:
    spans = [(1.0, 3.0), (3.4, 5.0), (8.0, 9.0)]
    curve = duck_curve(spans, 12.0)
    decibels = 20 * np.log10(curve)

    assert curve.size == 12 * CURVE_RATE_HZ + 1
    for begin, end in spans:
        during = decibels[round(begin * 1000) : round(end * 1000)]
        assert during.max() == pytest.approx(-DEPTH_DB, abs=0.01)
    assert decibels[3000:3400].max() < -DEPTH_DB + 0.8, "a breath is no reason to come up"
    assert decibels[6500] == pytest.approx(0, abs=0.01)
    assert decibels[0] == pytest.approx(0, abs=0.01)
    assert decibels[-1] == pytest.approx(0, abs=0.01)
    assert np.abs(np.diff(decibels)).max() < 0.1, "no step anywhere"


def test_music_without_a_voice_stays_up() -> None:
    assert (duck_curve([], 3.0) == 1).all()


def test_speech_from_the_first_to_the_last_moment_keeps_it_down() -> None:
    np.testing.assert_allclose(20 * np.log10(duck_curve([(0, 3)], 3.0)[:-1]), -DEPTH_DB)


def test_a_thousand_sentences_are_ducked_as_fast_as_ten_a_hundred_times() -> None:
    spans = [(0.7 * number, 0.7 * number + 0.55) for number in range(1000)]

    def seconds(count: int) -> float:
        started = time.thread_time()
        duck_curve(spans[:count], 0.7 * count)
        return time.thread_time() - started

    assert min(seconds(1000) for _ in range(3)) < 4 * 100 * min(seconds(10) for _ in range(10))
    curve = 20 * np.log10(duck_curve(spans, 700.0))
    for number in (0, 500, 999):
        during = curve[700 * number : 700 * number + 550]
        np.testing.assert_allclose(during, -DEPTH_DB)


def test_the_longer_the_pause_the_more_the_music_comes_up() -> None:
    lifts = [lift(pause_s) for pause_s in (0.1, 0.3, 0.5, 0.8, 1.1, 5)]
    assert lifts == sorted(lifts)
    assert (lifts[0], lifts[-1]) == (0, 1)


@pytest.mark.parametrize(
    ("measured", "last", "gain_db", "ceiling_db"),
    [
        # The first correction of a quiet file guesses that a quarter is lost in the limiter.
        (Loudness(-15.5, -1.7), None, 8.0, -1.7),
        (Loudness(-13.0, -1.7), None, 5.0, -1.7),
        # Two points tell how much comes through: half, here.
        (Loudness(-15.0, -1.7), (Setting(4.0, -1.7), Loudness(-16.0, -1.7)), 8.0, -1.7),
        # Never more than four times what is missing.
        (Loudness(-15.0, -1.7), (Setting(4.0, -1.7), Loudness(-15.0, -1.7)), 10.0, -1.7),
        # A peak over the limit lowers the ceiling by as much and a little more.
        (Loudness(-14.0, -0.6), None, 6.0, -2.25),
    ],
)
def test_corrections(
    measured: Loudness,
    last: tuple[Setting, Loudness] | None,
    gain_db: float,
    ceiling_db: float,
) -> None:
    found = corrected(Setting(6.0, -1.7), measured, last)
    assert found.gain_db == pytest.approx(gain_db)
    assert found.ceiling_db == pytest.approx(ceiling_db)


def test_file_names_never_reach_the_filter_graph(tmp_path: Path) -> None:
    odd = tmp_path / "a':=,;[]%{}\\b.wav"
    arguments = mix_arguments(Mix(48_000, (Source(odd),), Source(odd), odd))
    graph = arguments[arguments.index("-filter_complex") + 1]
    assert str(odd) not in graph
    assert arguments.count(str(odd)) == 3


def test_a_silence_without_a_place_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        write_silence(tmp_path / "gone" / "voice.wav", 1.0, RATE)
    # The half-made writer complains, if at all, when it is dropped.
    gc.collect()
