"""What FFmpeg is asked for when sound is mixed: inputs, filter graphs, encoder. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vidgen_gui.media.loudness import meter

SAMPLE_RATE_HZ = 48_000
BIT_RATE = "192k"
_RESAMPLE = f"aresample={SAMPLE_RATE_HZ}:filter_size=64:cutoff=0.97"
_STEREO = "pan=stereo|c0=c0|c1=c0"
_NO_RUMBLE = "highpass=f=80:p=2"
_VOICE_POLISH = (
    _NO_RUMBLE,
    "acompressor=threshold=-20dB:ratio=2:attack=6:release=130:knee=6dB:detection=rms",
    # What radio does to voices: turning the phases of the lowest partials takes up to 3 dB off a
    # peaky voice's crests, unheard, so that the limiter hardly has to work. Under 5 ms late.
    "allpass=f=200:t=q:w=0.7,allpass=f=200:t=q:w=0.7",
)
_ROOM_FOR_CONSONANTS = "equalizer=f=2300:t=o:w=2:g=-2.5"


@dataclass(frozen=True, slots=True)
class Source:
    """One input file of a mix and the gain that brings it to its place."""

    path: Path
    gain_db: float = 0.0


@dataclass(frozen=True, slots=True)
class Mix:
    """What is mixed: mono voices, music, and the music's gain over time as a WAV (or None)."""

    frames: int
    voices: tuple[Source, ...] = field(default=())
    music: Source | None = None
    curve: Path | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """How a mix is brought to level: a gain and the limiter's ceiling, both in dB."""

    gain_db: float
    ceiling_db: float


def source_arguments(voices: Sequence[Path], music: Path | None) -> list[str]:
    """Measures each input by itself: meters ``voice0``, ``voice1``… and ``music``."""
    arguments: list[str] = []
    graph: list[str] = []
    outputs: list[str] = []
    for index, path in enumerate(voices):
        arguments += ["-i", str(path)]
        chain = [_NO_RUMBLE, _RESAMPLE, _STEREO, meter(f"voice{index}")]
        graph.append(f"[{index}:a]{','.join(chain)}[voice{index}]")
        outputs += ["-map", f"[voice{index}]", "-f", "null", "-"]
    if music is not None:
        arguments += ["-i", str(music)]
        chain = [_RESAMPLE, "aformat=channel_layouts=stereo", meter("music")]
        graph.append(f"[{len(voices)}:a]{','.join(chain)}[music]")
        outputs += ["-map", "[music]", "-f", "null", "-"]
    return [*arguments, "-filter_complex", ";".join(graph), *outputs]


def mix_arguments(mix: Mix, *filters: str) -> list[str]:
    """Inputs, the mixing graph with ``filters`` behind it, and the mapping of its one output."""
    arguments: list[str] = []
    graph: list[str] = []
    labels: list[str] = []
    for index, source in enumerate(mix.voices):
        arguments += ["-i", str(source.path)]
        chain = [f"volume={source.gain_db:.2f}dB", *_VOICE_POLISH, _RESAMPLE, _STEREO]
        graph.append(f"[{index}:a]{','.join(chain)}[voice{index}]")
        labels.append(f"[voice{index}]")
    if mix.music is not None:
        graph += _music_chains(mix.music, len(labels), ducked=mix.curve is not None)
        arguments += ["-i", str(mix.music.path)]
        labels.append("[music]")
        if mix.curve is not None:
            arguments += ["-i", str(mix.curve)]
    joined = f"{''.join(labels)}amix=inputs={len(labels)}:normalize=0:duration=longest"
    exact = f"apad=whole_len={mix.frames},atrim=end_sample={mix.frames}"
    graph.append(",".join([joined, exact, *filters]) + "[out]")
    return [*arguments, "-filter_complex", ";".join(graph), "-map", "[out]"]


def _music_chains(music: Source, index: int, *, ducked: bool) -> list[str]:
    chain = f"[{index}:a]{_RESAMPLE},aformat=channel_layouts=stereo,volume={music.gain_db:.2f}dB"
    if not ducked:
        return [f"{chain}[music]"]
    return [
        f"{chain},{_ROOM_FOR_CONSONANTS}[open]",
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


def silence_arguments(frames: int) -> list[str]:
    """An input of nothing, ``frames`` samples long."""
    return ["-f", "lavfi", "-i", f"anullsrc=r={SAMPLE_RATE_HZ}:cl=stereo,atrim=end_sample={frames}"]


def encoder_arguments(out_path: Path) -> list[str]:
    """AAC-LC, 192 kb/s, 48 kHz, stereo, without anything that differs from run to run."""
    codec = ["-c:a", "aac", "-profile:a", "aac_low", "-b:a", BIT_RATE, "-ar", str(SAMPLE_RATE_HZ)]
    plain = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"]
    return [*codec, *plain, "-f", "mp4", str(out_path)]


def file_meter_arguments(path: Path) -> list[str]:
    """Measures a finished file as a player would decode it: meter ``file``."""
    return ["-i", str(path), "-map", "0:a:0", "-af", meter("file", true_peak=True), *NOWHERE]


NOWHERE = ("-f", "null", "-")
"""For passes that only measure."""
