"""The sound of a whole video: voice and music mixed, brought to −14 LUFS, encoded and measured.

FFmpeg does the work in a few passes, each streaming; what it is asked for is built by pure
functions here. What decides is the measurement of the encoded file, not of what went in.
"""

import contextlib
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import MediaError
from vidgen_gui.core.events import Progress
from vidgen_gui.core.messages import MessageId
from vidgen_gui.media.ducking import duck_curve, write_curve
from vidgen_gui.media.ffmpeg import run_ffmpeg
from vidgen_gui.media.loudness import (
    MAX_TRUE_PEAK_DBTP,
    TARGET_LUFS,
    Loudness,
    meter,
    read_summaries,
)
from vidgen_gui.media.narration_track import NarrationTrack, VoiceClip, write_narration_tracks

SAMPLE_RATE_HZ = 48_000
BIT_RATE = "192k"
MAX_ENCODINGS = 3
VOICE_LUFS = -18.0
"""Where the voice stands when it meets its compressor."""
MUSIC_BELOW_VOICE_LU = 5.5
"""In the open; under speech `ducking.DEPTH_DB` more."""
FIRST_CEILING_DB = -1.7
"""AAC overshoots what was limited by a few tenths of a dB."""
_RESAMPLE = f"aresample={SAMPLE_RATE_HZ}:filter_size=64:cutoff=0.97"
_STEREO = "pan=stereo|c0=c0|c1=c0"
_VOICE_POLISH = (
    "highpass=f=80:p=2",
    "acompressor=threshold=0.089:ratio=2.5:attack=6:release=130:knee=4:detection=rms",
    # What radio does to voices: turning the phases of the lowest partials takes up to 3 dB off a
    # peaky voice's crests, unheard, so that the limiter hardly has to work. Under 5 ms late.
    "allpass=f=200:t=q:w=0.7,allpass=f=200:t=q:w=0.7",
)
_MUSIC_ROOM = "equalizer=f=2300:t=o:w=2:g=-2.5"
"""A little less music where consonants are."""


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
    """What the encoded file measures. ``loudness_lufs`` and peak are None when it is silent."""

    duration_s: float
    loudness_lufs: float | None
    true_peak_dbtp: float | None
    encodings: int = 1

    @property
    def silent(self) -> bool:
        return self.loudness_lufs is None


@dataclass(frozen=True, slots=True)
class Source:
    """One input file of the mix and the gain that brings it to its place."""

    path: Path
    gain_db: float = 0.0


@dataclass(frozen=True, slots=True)
class Mix:
    """The inputs of a mixing pass; ``curve`` is the music's gain over time as a WAV."""

    voices: tuple[Source, ...]
    music: Source | None
    curve: Path | None
    frames: int


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
    runner = _Runner(ffmpeg, cancel, request.duration_s)
    with contextlib.ExitStack() as scratch:
        tracks = write_narration_tracks(request.clips, request.duration_s, request.workdir)
        for track in tracks:
            scratch.callback(track.path.unlink, missing_ok=True)
        spoken = [track for track in tracks if track.spans_s]
        yield Progress(0.08)
        mix = runner.balance(request, spoken)
        yield Progress(0.2)
        if mix is None:
            runner.encode_silence(request.out_path, round(request.duration_s * SAMPLE_RATE_HZ))
            return MixResult(request.duration_s, None, None)
        if mix.curve is not None:
            scratch.callback(mix.curve.unlink, missing_ok=True)
        return (yield from _reach_target(runner, mix, request))


def _reach_target(
    runner: "_Runner", mix: Mix, request: MixRequest
) -> Generator[Progress, None, MixResult]:
    """Encode, measure what came out, correct; at most `MAX_ENCODINGS` times."""
    setting = Setting(TARGET_LUFS - runner.measure_mix(mix).integrated_lufs, FIRST_CEILING_DB)
    last: tuple[Setting, Loudness] | None = None
    yield Progress(0.35)
    for attempt in range(1, MAX_ENCODINGS + 1):
        runner.encode(mix, setting, request.out_path)
        measured = runner.measure_file(request.out_path)
        if measured.is_right:
            return MixResult(
                request.duration_s, measured.integrated_lufs, measured.true_peak_dbtp, attempt
            )
        setting, last = setting.corrected(measured, last), (setting, measured)
        yield Progress(0.35 + 0.2 * attempt)
    raise MediaError(
        MessageId.SOUND_INVALID,
        file=request.out_path.name,
        words=f"{measured.integrated_lufs:.1f} LUFS, {measured.true_peak_dbtp:.1f} dBTP",
    )


@dataclass(frozen=True, slots=True)
class Setting:
    """How the mix is brought to level: a gain and the limiter's ceiling, both in dB."""

    gain_db: float
    ceiling_db: float

    def corrected(
        self, measured: Loudness, last: "tuple[Setting, Loudness] | None" = None
    ) -> "Setting":
        """The next setting, from what this one came out as and, if any, the one before it.

        The harder the limiter works, the less of a gain comes through; two measurements say how
        much (a secant step), one leaves a guess.
        """
        missing_lu = TARGET_LUFS - measured.integrated_lufs
        comes_through = 0.75 if missing_lu > 0 else 1.0
        if last is not None and abs(self.gain_db - last[0].gain_db) > 0.05:
            risen_lu = measured.integrated_lufs - last[1].integrated_lufs
            comes_through = min(1.0, max(0.25, risen_lu / (self.gain_db - last[0].gain_db)))
        over_db = 0.0
        if measured.true_peak_dbtp > MAX_TRUE_PEAK_DBTP:
            over_db = measured.true_peak_dbtp - MAX_TRUE_PEAK_DBTP + 0.15
        return Setting(self.gain_db + missing_lu / comes_through, self.ceiling_db - over_db)


class _Runner:
    """Runs FFmpeg's passes for one video."""

    def __init__(self, ffmpeg: Path, cancel: CancelToken, duration_s: float) -> None:
        self._ffmpeg = ffmpeg
        self._cancel = cancel
        self._deadline_s = 60 + 2 * duration_s

    def _run(self, arguments: list[str]) -> dict[str, Loudness]:
        run = run_ffmpeg(
            self._ffmpeg,
            arguments,
            deadline_s=self._deadline_s,
            cancel=self._cancel,
            loglevel="info",
        )
        return dict(read_summaries(run.stderr))

    def balance(self, request: MixRequest, spoken: list[NarrationTrack]) -> Mix | None:
        """Measure each source and decide its gain; None when nothing is to be heard."""
        paths = [track.path for track in spoken]
        figures = self.measure_sources(paths, request.music)
        voices = tuple(
            Source(path, VOICE_LUFS - figures[f"voice{index}"].integrated_lufs)
            for index, path in enumerate(paths)
            if not figures[f"voice{index}"].is_silence
        )
        music = None
        if request.music is not None and not figures["music"].is_silence:
            level = VOICE_LUFS - MUSIC_BELOW_VOICE_LU
            music = Source(request.music, level - figures["music"].integrated_lufs)
        if not voices and music is None:
            return None
        curve = None
        if voices and music is not None:
            curve = request.workdir / "ducking.wav"
            spans = sorted(span for track in spoken for span in track.spans_s)
            write_curve(curve, duck_curve(spans, request.duration_s))
        return Mix(voices, music, curve, round(request.duration_s * SAMPLE_RATE_HZ))

    def measure_sources(self, voices: list[Path], music: Path | None) -> dict[str, Loudness]:
        if not voices and music is None:
            return {}
        return self._run(source_arguments(voices, music))

    def measure_mix(self, mix: Mix) -> Loudness:
        figures = self._run([*mix_arguments(mix, meter("mix")), "-f", "null", "-"])
        return figures["mix"]

    def encode(self, mix: Mix, setting: Setting, out_path: Path) -> None:
        self._run([*mix_arguments(mix, *level_filters(setting)), *encoder_arguments(out_path)])

    def encode_silence(self, out_path: Path, frames: int) -> None:
        source = f"anullsrc=r={SAMPLE_RATE_HZ}:cl=stereo,atrim=end_sample={frames}"
        self._run(["-f", "lavfi", "-i", source, *encoder_arguments(out_path)])

    def measure_file(self, path: Path) -> Loudness:
        tail = ["-map", "0:a:0", "-af", meter("file", true_peak=True), "-f", "null", "-"]
        return self._run(["-i", str(path), *tail])["file"]


def source_arguments(voices: Sequence[Path], music: Path | None) -> list[str]:
    """Measures each input by itself: meters ``voice0``, ``voice1``… and ``music``."""
    arguments, graph, outputs = [], [], []
    for index, path in enumerate(voices):
        arguments += ["-i", str(path)]
        graph.append(
            f"[{index}:a]highpass=f=80:p=2,{_RESAMPLE},{_STEREO},{meter(f'voice{index}')}[v{index}]"
        )
        outputs += ["-map", f"[v{index}]", "-f", "null", "-"]
    if music is not None:
        arguments += ["-i", str(music)]
        graph.append(f"[{len(voices)}:a]{_RESAMPLE},{meter('music')}[m]")
        outputs += ["-map", "[m]", "-f", "null", "-"]
    return [*arguments, "-filter_complex", ";".join(graph), *outputs]


def mix_arguments(mix: Mix, *filters: str) -> list[str]:
    """Inputs, the mixing graph with ``filters`` behind it, and the mapping of its one output."""
    arguments: list[str] = []
    graph: list[str] = []
    labels: list[str] = []
    for source in mix.voices:
        index = len(labels)
        chain = [f"volume={source.gain_db:.2f}dB", *_VOICE_POLISH, _RESAMPLE, _STEREO]
        graph.append(f"[{index}:a]{','.join(chain)}[voice{index}]")
        arguments += ["-i", str(source.path)]
        labels.append(f"[voice{index}]")
    if mix.music is not None:
        graph += _music_chains(mix.music, len(labels), ducked=mix.curve is not None)
        arguments += ["-i", str(mix.music.path)]
        labels.append("[music]")
        if mix.curve is not None:
            arguments += ["-i", str(mix.curve)]
    exact = f"apad=whole_len={mix.frames},atrim=end_sample={mix.frames}"
    joined = f"{''.join(labels)}amix=inputs={len(labels)}:normalize=0:duration=longest"
    graph.append(",".join([joined, exact, *filters]) + "[out]")
    return [*arguments, "-filter_complex", ";".join(graph), "-map", "[out]"]


def _music_chains(music: Source, index: int, *, ducked: bool) -> list[str]:
    chain = f"[{index}:a]{_RESAMPLE},aformat=channel_layouts=stereo,volume={music.gain_db:.2f}dB"
    if not ducked:
        return [f"{chain}[music]"]
    return [
        f"{chain},{_MUSIC_ROOM}[open]",
        f"[{index + 1}:a]{_RESAMPLE},{_STEREO}[curve]",
        "[open][curve]amultiply[music]",
    ]


def level_filters(setting: Setting) -> tuple[str, ...]:
    """Gain, then a limiter at four times the rate, so that it sees peaks between samples."""
    ceiling = 10 ** (min(setting.ceiling_db, 0.0) / 20)
    return (
        f"volume={setting.gain_db:.3f}dB",
        f"aresample={4 * SAMPLE_RATE_HZ}",
        f"alimiter=limit={ceiling:.5f}:attack=4:release=60:level=disabled:latency=1",
        f"aresample={SAMPLE_RATE_HZ}",
    )


def encoder_arguments(out_path: Path) -> list[str]:
    """AAC-LC, 192 kb/s, 48 kHz, stereo, without anything that differs from run to run."""
    codec = ["-c:a", "aac", "-profile:a", "aac_low", "-b:a", BIT_RATE, "-ar", str(SAMPLE_RATE_HZ)]
    plain = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"]
    return [*codec, *plain, "-f", "mp4", str(out_path)]
