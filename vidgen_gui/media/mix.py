"""The sound of a whole video: voice and music mixed, brought to −14 LUFS, encoded and measured.

FFmpeg does the work in a few streaming passes (`mix_graph` builds what it is asked for). What
decides is the measurement of the encoded file, not of what went in.
"""

import contextlib
import math
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import MediaError, ProgramError
from vidgen_gui.core.events import Progress
from vidgen_gui.core.messages import MessageId
from vidgen_gui.media.ducking import DEPTH_DB, duck_curve, write_curve
from vidgen_gui.media.ffmpeg import run_ffmpeg
from vidgen_gui.media.loudness import (
    MAX_TRUE_PEAK_DBTP,
    TARGET_LUFS,
    Loudness,
    meter,
    read_summaries,
)
from vidgen_gui.media.mix_graph import (
    NOWHERE,
    SAMPLE_RATE_HZ,
    Mix,
    Setting,
    Source,
    encoder_arguments,
    file_meter_arguments,
    level_filters,
    mix_arguments,
    silence_arguments,
    source_arguments,
)
from vidgen_gui.media.narration_track import NarrationTrack, VoiceClip, write_narration_tracks

MAX_ENCODINGS = 3
VOICE_LUFS = -20.0
"""Where a voice stands when it meets its compressor."""
MUSIC_UNDER_VOICE_LU = 14.0
"""How far under the voice the music lies while somebody speaks."""
FIRST_CEILING_DB = -1.7
"""AAC overshoots what was limited by a few tenths of a dB."""


@dataclass(frozen=True, slots=True)
class MixRequest:
    """What is to be heard: scenes' voices at their places and music (or None) from the start.

    ``workdir`` takes intermediate files, which are removed again; ``out_path`` becomes an .m4a
    of exactly ``duration_s``.
    """

    clips: tuple[VoiceClip, ...]
    music: Path | None
    duration_s: float
    out_path: Path
    workdir: Path


@dataclass(frozen=True, slots=True)
class MixResult:
    """What the encoded file measures. Loudness and peak are None when it is silent throughout."""

    duration_s: float
    loudness_lufs: float | None
    true_peak_dbtp: float | None
    encodings: int = 1

    @property
    def silent(self) -> bool:
        return self.loudness_lufs is None


def mix_sound(
    request: MixRequest, ffmpeg: Path, cancel: CancelToken
) -> Generator[Progress, None, MixResult]:
    """Make the sound of a video.

    Raises:
        MediaError: SOUND_INVALID: an input cannot be read, or the encoded file would not come
            within 0.5 LU of −14 LUFS and under −1 dBTP in three encodings.
        ProgramError, StorageError: as `run_ffmpeg`.
        Cancelled: ``cancel`` was set.
        ValueError: a duration that is not positive, or overlapping clips.
    """
    if not 0 < request.duration_s < 86_400:
        raise ValueError(f"cannot mix {request.duration_s!r} seconds")
    runner = _Runner(ffmpeg, cancel, request)
    with contextlib.ExitStack() as scratch:
        tracks = write_narration_tracks(request.clips, request.duration_s, request.workdir)
        for path in [track.path for track in tracks] + [runner.curve_path]:
            scratch.callback(path.unlink, missing_ok=True)
        yield Progress(0.08)
        balanced = runner.balance([track for track in tracks if track.spans_s])
        yield Progress(0.3)
        if balanced is None:
            runner.encode_silence()
            return MixResult(request.duration_s, None, None)
        mix, expected_lufs = balanced
        setting = Setting(TARGET_LUFS - expected_lufs, FIRST_CEILING_DB)
        return (yield from _reach_target(runner, mix, setting, request))


def _reach_target(
    runner: "_Runner", mix: Mix, setting: Setting, request: MixRequest
) -> Generator[Progress, None, MixResult]:
    """Encode, measure what came out, correct; at most `MAX_ENCODINGS` times."""
    last: tuple[Setting, Loudness] | None = None
    for attempt in range(1, MAX_ENCODINGS + 1):
        runner.encode(mix, setting)
        measured = runner.measure_encoded()
        if measured.is_right:
            return MixResult(
                request.duration_s, measured.integrated_lufs, measured.true_peak_dbtp, attempt
            )
        setting, last = corrected(setting, measured, last), (setting, measured)
        yield Progress(0.3 + 0.22 * attempt)
    raise MediaError(
        MessageId.SOUND_INVALID,
        file=request.out_path.name,
        words=f"{measured.integrated_lufs:.1f} LUFS, {measured.true_peak_dbtp:.1f} dBTP",
    )


def corrected(
    setting: Setting, measured: Loudness, last: tuple[Setting, Loudness] | None = None
) -> Setting:
    """The next setting, from what this one came out as and, if any, the one before it.

    The harder the limiter works, the less of a gain comes through; two measurements say how
    much (a secant step), one leaves a guess.
    """
    missing_lu = TARGET_LUFS - measured.integrated_lufs
    comes_through = 0.75 if missing_lu > 0 else 1.0
    if last is not None and abs(setting.gain_db - last[0].gain_db) > 0.05:
        risen_lu = measured.integrated_lufs - last[1].integrated_lufs
        comes_through = min(1.0, max(0.25, risen_lu / (setting.gain_db - last[0].gain_db)))
    over_db = 0.0
    if measured.true_peak_dbtp > MAX_TRUE_PEAK_DBTP:
        over_db = measured.true_peak_dbtp - MAX_TRUE_PEAK_DBTP + 0.15
    return Setting(setting.gain_db + missing_lu / comes_through, setting.ceiling_db - over_db)


class _Runner:
    """Runs FFmpeg's passes for one video."""

    def __init__(self, ffmpeg: Path, cancel: CancelToken, request: MixRequest) -> None:
        self._ffmpeg = ffmpeg
        self._cancel = cancel
        self._request = request
        self._frames = round(request.duration_s * SAMPLE_RATE_HZ)
        self.curve_path = request.workdir / "ducking.wav"

    def _run(self, arguments: list[str]) -> dict[str, Loudness]:
        run = run_ffmpeg(
            self._ffmpeg,
            arguments,
            deadline_s=60 + 2 * self._request.duration_s,
            cancel=self._cancel,
            loglevel="info",
        )
        return dict(read_summaries(run.stderr))

    def balance(self, spoken: list[NarrationTrack]) -> tuple[Mix, float] | None:
        """Measure each source and give it its gain; None when nothing is to be heard.

        Returns:
            The mix and the loudness that is to be expected of it.
        """
        figures = self._measure_sources(spoken)
        voices = tuple(
            Source(track.path, VOICE_LUFS - figure.integrated_lufs)
            for index, track in enumerate(spoken)
            if not (figure := figures.get(f"voice{index}", Loudness())).is_silence
        )
        music_path, music_figure = self._request.music, figures.get("music", Loudness())
        if music_path is None or music_figure.is_silence:
            return (Mix(self._frames, voices), self._polished_lufs(voices)) if voices else None
        if not voices:
            return Mix(self._frames, (), Source(music_path)), music_figure.integrated_lufs
        voice_lufs = self._polished_lufs(voices)
        open_lufs = voice_lufs - MUSIC_UNDER_VOICE_LU + DEPTH_DB
        music = Source(music_path, open_lufs - music_figure.integrated_lufs)
        spans = sorted(span for track in spoken for span in track.spans_s)
        write_curve(self.curve_path, duck_curve(spans, self._request.duration_s))
        gained_lu = 10 * math.log10(1 + 10 ** (-MUSIC_UNDER_VOICE_LU / 10))
        return Mix(self._frames, voices, music, self.curve_path), voice_lufs + gained_lu

    def _measure_sources(self, spoken: list[NarrationTrack]) -> dict[str, Loudness]:
        music = self._request.music
        if not spoken and music is None:
            return {}
        try:
            return self._run(source_arguments([track.path for track in spoken], music))
        except ProgramError as error:
            # The voices are WAVs that were just written; what cannot be read is the music.
            if music is None or error.message.id is not MessageId.FFMPEG_FAILED:
                raise
            words = str(error.message.params.get("words", ""))
            raise MediaError(
                MessageId.SOUND_INVALID, detail=error.detail, file=music.name, words=words
            ) from error

    def _polished_lufs(self, voices: tuple[Source, ...]) -> float:
        arguments = mix_arguments(Mix(self._frames, voices), meter("polished"))
        return self._run([*arguments, *NOWHERE])["polished"].integrated_lufs

    def encode(self, mix: Mix, setting: Setting) -> None:
        output = encoder_arguments(self._request.out_path)
        self._run([*mix_arguments(mix, *level_filters(setting)), *output])

    def encode_silence(self) -> None:
        output = encoder_arguments(self._request.out_path)
        self._run([*silence_arguments(self._frames), *output])

    def measure_encoded(self) -> Loudness:
        return self._run(file_meter_arguments(self._request.out_path))["file"]
