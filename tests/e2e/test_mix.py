"""The sound pass with the real FFmpeg: levels, ducking, sync, length, odd inputs, cancel."""

import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from busy_machine import in_time
from sound_tools import (
    RATE,
    band,
    chord,
    decode,
    loudness_lufs,
    speech,
    true_peak_dbtp,
    write_wav,
)

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled, MediaError, ProgramError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.timeline import LEAD_IN_S, SCENE_GAP_S, plan_timeline
from vidgen_gui.media.ffmpeg import find_ffmpeg, run_ffmpeg
from vidgen_gui.media.mix import MixRequest, MixResult, mix_sound
from vidgen_gui.media.narration_track import VoiceClip

VOICE_RATE = 22_050


@pytest.fixture(scope="module")
def ffmpeg() -> Path:
    return find_ffmpeg()


@pytest.fixture
def workdir(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def mix(
    ffmpeg: Path,
    workdir: Path,
    clips: Sequence[VoiceClip],
    music: Path | None,
    duration_s: float,
    *,
    cancel: CancelToken | None = None,
) -> tuple[MixResult, Path]:
    """Run a mix to its end; progress must rise and nothing but the result may stay."""
    out = workdir / "sound.m4a"
    steps = mix_sound(
        MixRequest(tuple(clips), music, duration_s, out, workdir), ffmpeg, cancel or CancelToken()
    )
    fractions = []
    while True:
        try:
            fractions.append(next(steps).fraction)
        except StopIteration as stop:
            assert fractions == sorted(fractions)
            assert all(0 <= fraction < 1 for fraction in fractions)
            assert [path.name for path in workdir.iterdir()] == ["sound.m4a"]
            return stop.value, out


def voice_clip(tmp_path: Path, sound: np.ndarray, start_s: float = LEAD_IN_S) -> VoiceClip:
    return VoiceClip(write_wav(tmp_path / f"voice-{start_s:.2f}.wav", sound, VOICE_RATE), start_s)


@pytest.mark.req("N2")
@pytest.mark.parametrize(
    ("voice", "music_peak", "duration_s"),
    [
        pytest.param(speech(6.0), 0.5, 8.0, id="voice-and-music"),
        pytest.param(speech(6.0, peak=0.002), 0.5, 8.0, id="very-quiet-voice"),
        pytest.param(np.clip(speech(6.0) * 6, -1, 1), 0.5, 8.0, id="clipped-voice"),
        pytest.param(speech(6.0), 0.0, 8.0, id="voice-alone"),
        pytest.param(speech(0.2), 0.5, 1.7667, id="one-short-word"),
        pytest.param(None, 0.5, 8.0, id="music-alone"),
        pytest.param(speech(6.0), 0.003, 8.0, id="hardly-any-music"),
        pytest.param(None, 0.5, 0.5, id="half-a-second-of-music"),
    ],
)
def test_the_encoded_file_has_the_right_loudness_and_peak(
    ffmpeg: Path, tmp_path: Path, voice: np.ndarray | None, music_peak: float, duration_s: float
) -> None:
    clips = [] if voice is None else [voice_clip(tmp_path, voice)]
    music = None
    if music_peak:
        music = write_wav(tmp_path / "music.wav", chord(duration_s, music_peak), RATE)
    workdir = tmp_path / "work"
    workdir.mkdir()

    result, out = mix(ffmpeg, workdir, clips, music, duration_s)

    heard = decode(ffmpeg, out)
    assert loudness_lufs(heard) == pytest.approx(-14, abs=0.55)
    assert true_peak_dbtp(heard) <= -0.95
    assert result.loudness_lufs == pytest.approx(loudness_lufs(heard), abs=0.15)
    assert result.true_peak_dbtp == pytest.approx(true_peak_dbtp(heard), abs=0.25)
    assert result.encodings <= 3


@pytest.mark.req("N2")
def test_music_gives_way_to_the_voice_and_comes_back(
    ffmpeg: Path, workdir: Path, tmp_path: Path
) -> None:
    random = np.random.default_rng(5)
    noise = random.standard_normal(4 * VOICE_RATE)
    spectrum = np.fft.rfft(noise)
    freqs = np.fft.rfftfreq(noise.size, 1 / VOICE_RATE)
    spectrum[(freqs < 600) | (freqs > 3000)] = 0
    voice = np.fft.irfft(spectrum, noise.size)
    voice *= 0.2 / np.sqrt(np.mean(voice**2))
    clips = [voice_clip(tmp_path, voice, 3.0), voice_clip(tmp_path, voice, 9.0)]
    music = write_wav(tmp_path / "music.wav", chord(16.0), RATE)

    _, out = mix(ffmpeg, workdir, clips, music, 16.0)

    heard = decode(ffmpeg, out)
    music_part, voice_part = band(heard, 150, 350), band(heard, 600, 3000)

    def lufs(part: np.ndarray, start_s: float, end_s: float) -> float:
        return loudness_lufs(part[:, round(start_s * RATE) : round(end_s * RATE)])

    open_lufs = lufs(music_part, 1.0, 2.5)
    under_lufs = lufs(music_part, 4.0, 6.0)
    assert open_lufs - under_lufs == pytest.approx(8, abs=1)
    assert lufs(music_part, 10.0, 12.0) == pytest.approx(under_lufs, abs=1)
    assert lufs(music_part, 7.6, 8.6) == pytest.approx(open_lufs, abs=1), "back in a long pause"
    assert lufs(music_part, 14.0, 15.5) == pytest.approx(open_lufs, abs=1)
    assert 12 <= lufs(voice_part, 4.0, 6.0) - under_lufs <= 15


def test_a_click_is_heard_when_the_timeline_says_in_the_finished_mp4(
    ffmpeg: Path, workdir: Path, tmp_path: Path
) -> None:
    click = np.zeros(round(3.0 * VOICE_RATE))
    click[:] = 0.02 * np.sin(2 * np.pi * 300 * np.arange(click.size) / VOICE_RATE)
    at = round(1.0 * VOICE_RATE)
    click[at : at + 22] = 0.9
    starts_s = (0.35, 3.7, 7.05)
    clips = [voice_clip(tmp_path, click, start_s) for start_s in starts_s]
    _, sound = mix(ffmpeg, workdir, clips, None, 11.2)
    video = tmp_path / "video.mp4"
    picture = ["-f", "lavfi", "-i", "color=s=64x64:r=30:d=11.2"]
    copy = ["-map", "0:v", "-map", "1:a", "-c:v", "libx264", "-c:a", "copy"]
    run_ffmpeg(
        ffmpeg,
        [*picture, "-i", sound, *copy, "-movflags", "+faststart", video],
        deadline_s=60,
    )

    heard = np.abs(decode(ffmpeg, video)).max(axis=0)

    for start_s in starts_s:
        expected = round((start_s + 1.0) * RATE)
        window = slice(expected - RATE // 2, expected + RATE // 2)
        late_s = (int(np.argmax(heard[window])) - RATE // 2) / RATE
        assert abs(late_s) < 0.005


@pytest.mark.parametrize("durations", [[2.31], [1.017, 2.239, 0.5], [0.333] * 7])
def test_the_sound_is_as_long_as_the_timeline(
    ffmpeg: Path, workdir: Path, tmp_path: Path, durations: list[float]
) -> None:
    timeline = plan_timeline(durations, 30)
    clips = [
        voice_clip(tmp_path, speech(length_s, seed=index), span.voice_start_s)
        for index, (length_s, span) in enumerate(zip(durations, timeline.scenes, strict=True))
    ]

    result, out = mix(ffmpeg, workdir, clips, None, timeline.duration_s)

    assert result.duration_s == timeline.duration_s
    assert decode(ffmpeg, out).shape[1] / RATE == pytest.approx(timeline.duration_s, abs=0.001)


@pytest.mark.parametrize("silent_clip", [False, True])
def test_without_voice_and_music_there_is_a_silent_track_that_says_so(
    ffmpeg: Path,
    workdir: Path,
    tmp_path: Path,
    silent_clip: bool,  # noqa: FBT001
) -> None:
    clips = [voice_clip(tmp_path, np.zeros(VOICE_RATE))] if silent_clip else []

    result, out = mix(ffmpeg, workdir, clips, None, 3.5)

    assert result.silent
    assert result.true_peak_dbtp is None
    heard = decode(ffmpeg, out)
    assert heard.shape[1] == round(3.5 * RATE)
    assert not heard.any()


def test_voices_of_different_rates_are_all_heard(
    ffmpeg: Path, workdir: Path, tmp_path: Path
) -> None:
    slow = write_wav(tmp_path / "slow.wav", speech(2.0, 16_000), 16_000)
    fast = write_wav(tmp_path / "fast.wav", speech(2.0, VOICE_RATE), VOICE_RATE)

    _, out = mix(ffmpeg, workdir, [VoiceClip(slow, 0.35), VoiceClip(fast, 2.7)], None, 6.0)

    heard = decode(ffmpeg, out)
    first = loudness_lufs(heard[:, : round(2.4 * RATE)])
    second = loudness_lufs(heard[:, round(2.6 * RATE) : round(4.8 * RATE)])
    assert first == pytest.approx(second, abs=1.5)


@pytest.mark.slow
def test_a_long_script_of_many_scenes_is_mixed(ffmpeg: Path, workdir: Path, tmp_path: Path) -> None:
    path = write_wav(tmp_path / "scene.wav", speech(0.3), VOICE_RATE)
    step_s = 0.3 + SCENE_GAP_S
    clips = [VoiceClip(path, LEAD_IN_S + index * step_s) for index in range(160)]

    result, out = mix(ffmpeg, workdir, clips, None, LEAD_IN_S + 160 * step_s + 1)

    heard = np.abs(decode(ffmpeg, out)).max(axis=0)
    for clip in (clips[0], clips[79], clips[159]):
        start = round(clip.start_s * RATE)
        assert heard[start : start + RATE // 4].max() > 0.2
        assert heard[start - RATE // 4 : start - RATE // 50].max() < 0.02
    assert result.loudness_lufs == pytest.approx(-14, abs=0.5)


_LONG_MIX = """
import resource, sys
from pathlib import Path
from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.media.ffmpeg import find_ffmpeg
from vidgen_gui.media.mix import MixRequest, mix_sound
from vidgen_gui.media.narration_track import VoiceClip

folder = Path(sys.argv[1])
clips = tuple(VoiceClip(folder / "scene.wav", 0.35 + 20.35 * n) for n in range(29))
request = MixRequest(clips, folder / "music.wav", 600.0, folder / "sound.m4a", folder)
for _ in mix_sound(request, find_ffmpeg(), CancelToken()):
    pass
status = Path("/proc/self/status").read_text()
own_kib = int(status.split("VmHWM:")[1].split()[0])
print(max(own_kib, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) // 1024)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_ten_minutes_stay_under_600_mib(ffmpeg: Path, workdir: Path) -> None:
    write_wav(workdir / "scene.wav", speech(20.0), VOICE_RATE)
    write_wav(workdir / "music.wav", np.tile(chord(60.0), 10), RATE)

    run = subprocess.run(
        [sys.executable, "-c", _LONG_MIX, str(workdir)], capture_output=True, text=True, check=True
    )

    assert int(run.stdout) < 600
    heard = decode(ffmpeg, workdir / "sound.m4a")
    assert heard.shape[1] == 600 * RATE
    assert loudness_lufs(heard[:, : 120 * RATE]) == pytest.approx(-14, abs=1)


def test_sound_that_cannot_reach_the_level_is_refused_after_three_encodings(
    ffmpeg: Path, workdir: Path, tmp_path: Path
) -> None:
    click = np.zeros(VOICE_RATE)
    click[11_000:11_040] = np.hanning(40) * 0.9

    with pytest.raises(MediaError) as caught:
        mix(ffmpeg, workdir, [voice_clip(tmp_path, click)], None, 3.0)

    assert caught.value.message.id is MessageId.SOUND_INVALID
    assert "LUFS" in caught.value.message.params["words"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(None, id="missing"),
        pytest.param(b"", id="empty"),
        pytest.param(b"RIFF\x24\x00\x00\x00WAVEfmt ", id="header-cut-off"),
        pytest.param(b"<html>404</html>" * 100, id="not-sound"),
    ],
)
def test_a_damaged_voice_file_is_an_error_of_that_file(
    ffmpeg: Path, workdir: Path, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "scene-3.wav"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(MediaError) as caught:
        mix(ffmpeg, workdir, [VoiceClip(path, 0.35)], None, 3.0)

    assert caught.value.message.id is MessageId.SOUND_INVALID
    assert caught.value.message.params["file"] == "scene-3.wav"
    assert list(workdir.iterdir()) == []


def test_damaged_music_is_an_error_of_that_file(
    ffmpeg: Path, workdir: Path, tmp_path: Path
) -> None:
    music = tmp_path / "song.wav"
    music.write_bytes(b"<html>404</html>" * 100)

    with pytest.raises(MediaError) as caught:
        mix(ffmpeg, workdir, [voice_clip(tmp_path, speech(1.0))], music, 3.0)

    assert caught.value.message.id is MessageId.SOUND_INVALID
    assert caught.value.message.params["file"] == "song.wav"
    assert list(workdir.iterdir()) == []


def test_a_missing_ffmpeg_is_said_and_nothing_stays(workdir: Path, tmp_path: Path) -> None:
    with pytest.raises(ProgramError) as caught:
        mix(tmp_path / "no-ffmpeg", workdir, [voice_clip(tmp_path, speech(1.0))], None, 3.0)

    assert caught.value.message.id is MessageId.FFMPEG_MISSING
    assert list(workdir.iterdir()) == []


@pytest.mark.req("E1")
def test_cancel_while_ffmpeg_works_takes_effect_within_a_second(
    ffmpeg: Path, workdir: Path, tmp_path: Path
) -> None:
    music = write_wav(tmp_path / "music.wav", np.tile(chord(60.0), 10), RATE)
    token = CancelToken()
    cancelled_at: list[float] = []

    def cancel() -> None:
        cancelled_at.append(time.monotonic())
        token.cancel()

    timer = threading.Timer(0.6, cancel)
    timer.start()
    with pytest.raises(Cancelled):
        mix(ffmpeg, workdir, [], music, 600.0, cancel=token)
    timer.join()

    assert in_time(time.monotonic() - cancelled_at[0], 1.0)
    assert not [path for path in workdir.iterdir() if path.suffix == ".wav"]
