"""How much slower a whole render is than x264 alone on the same frames; prints, never asserts.

Both encode 20 s with x264 veryfast CRF 20 and take turns in one run: the render starts its own
worker process, moves over pictures, crossfades and mixes captions in; x264 alone reads the same
raw frames from a file in memory. Run ``python -m tests.benchmarks.bench_render``.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.benchmarks.synthetic import caption_index, paint_picture, write_music, write_voice
from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.picture import picture_size
from vidgen_gui.core.quality import PRESETS, Aspect, FrameSize, Quality, frame_size
from vidgen_gui.core.timeline import plan_timeline
from vidgen_gui.media.compositor.frames import FrameComposer
from vidgen_gui.media.compositor.plan import Composition, ScenePicture
from vidgen_gui.media.compositor.planes import Frame
from vidgen_gui.media.encoders import VideoEncoder, mp4_output, raw_input, x264
from vidgen_gui.media.ffmpeg import find_ffmpeg, run_ffmpeg
from vidgen_gui.media.mix import MixRequest, mix_sound
from vidgen_gui.media.motion import plan_motions
from vidgen_gui.media.narration_track import VoiceClip
from vidgen_gui.system.worker import WorkerProcess

GOALS = {Quality.STANDARD: 1.4, Quality.ULTRA: 1.3}
PAIRS = 5
VOICES_S = [4.3, 4.1, 4.4, 4.6]
FPS = 30
CAPTION_CHANGES = 48
DEADLINE_S = 900.0


@dataclass(frozen=True, slots=True)
class Bench:
    """One quality's composition, its raw frames and where things lie."""

    quality: Quality
    composition: Composition
    encoder: VideoEncoder
    ffmpeg: Path
    folder: Path

    @property
    def raw(self) -> Path:
        return self.folder / "frames.yuv"


def compose(quality: Quality, folder: Path) -> Composition:
    """A 20 s video in four scenes with captions that change all the time."""
    size = frame_size(quality, Aspect.PORTRAIT)
    timeline = plan_timeline(VOICES_S, FPS)
    pictures = [paint_picture(folder / f"{n}.png", picture_size(size), n) for n in range(4)]
    spans = timeline.scenes
    durations_s = [(span.end_frame - span.first_frame) / FPS for span in spans]
    motions = plan_motions(size, picture_size(size), durations_s, seed=7)
    scenes = tuple(
        ScenePicture(picture, span.first_frame, span.end_frame, motion)
        for picture, span, motion in zip(pictures, spans, motions, strict=True)
    )
    captions = caption_index(folder / "captions", size, timeline.frame_count, CAPTION_CHANGES)
    return Composition(
        size=size,
        fps=FPS,
        frame_count=timeline.frame_count,
        crossfade_frames=timeline.crossfade_frames,
        dim_frames=FPS // 2,
        scenes=scenes,
        captions=captions,
    )


def write_raw_frames(bench: Bench) -> None:
    """The very frames that the render will draw, for x264 alone."""
    frame = Frame(bench.composition.size)
    with bench.raw.open("wb") as file, FrameComposer.opened(bench.composition) as composer:
        for number in range(bench.composition.frame_count):
            composer.draw(number, frame)
            file.write(frame.block.data)


def render(bench: Bench) -> None:
    """Everything, from the start of the worker process to the finished file."""
    request = bench.composition.to_request() | {
        "ffmpeg": str(bench.ffmpeg),
        "output": str(bench.folder / "render.mp4"),
        "encoder": list(bench.encoder.arguments),
    }
    worker = WorkerProcess("compositor")
    try:
        for _ in worker.call(request, CancelToken(), deadline_s=DEADLINE_S):
            pass
    finally:
        worker.close()


def encode_alone(bench: Bench) -> None:
    """x264 with nothing to wait for."""
    arguments = [
        *raw_input(bench.composition.size, FPS, str(bench.raw)),
        *mp4_output(bench.encoder.arguments, str(bench.folder / "alone.mp4"), sound=False),
    ]
    run_ffmpeg(bench.ffmpeg, arguments, deadline_s=DEADLINE_S)


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds on the clock and of all processors; the latter is less disturbed by neighbours."""

    wall_s: float
    cpu_s: float


def measured(work: Callable[[Bench], None], bench: Bench) -> Cost:
    wall_s, cpu_s = time.perf_counter(), children_cpu_s()
    work(bench)
    return Cost(time.perf_counter() - wall_s, children_cpu_s() - cpu_s)


def all_cpu_s() -> float:
    return time.process_time() + children_cpu_s()


def children_cpu_s() -> float:
    times = os.times()
    return times.children_user + times.children_system


def measure(quality: Quality, pairs: int) -> dict[str, Any]:
    """Take turns, the one that starts changing too; the ratio is taken pair by pair."""
    with tempfile.TemporaryDirectory(prefix="vidgen-bench-", dir=roomy_dir(quality)) as name:
        folder = Path(name)
        preset = replace(PRESETS[quality], crf=20)
        bench = Bench(quality, compose(quality, folder), x264(preset, FPS), find_ffmpeg(), folder)
        write_raw_frames(bench)
        rendered: list[Cost] = []
        alone: list[Cost] = []
        turns = [(render, rendered), (encode_alone, alone)]
        for _ in range(pairs):
            for work, costs in turns:
                costs.append(measured(work, bench))
            turns.reverse()
    ratios = [r.wall_s / a.wall_s for r, a in zip(rendered, alone, strict=True)]
    cpu_ratios = [r.cpu_s / a.cpu_s for r, a in zip(rendered, alone, strict=True)]
    return {
        "quality": quality.slug,
        "size": str(bench.composition.size),
        "frames": bench.composition.frame_count,
        "render_s": round(statistics.median(cost.wall_s for cost in rendered), 2),
        "x264_alone_s": round(statistics.median(cost.wall_s for cost in alone), 2),
        "median_ratio": round(statistics.median(ratios), 3),
        "goal": GOALS.get(quality),
        "cpu_ratio": round(statistics.median(cpu_ratios), 3),
        "ratios": [round(ratio, 3) for ratio in ratios],
    }


def roomy_dir(quality: Quality) -> str | None:
    """The RAM disk when the raw frames fit there twice, else the usual temporary folder."""
    size: FrameSize = frame_size(quality, Aspect.PORTRAIT)
    needed = size.width_px * size.height_px * 3 // 2 * FPS * 20 * 2
    shm = Path("/dev/shm")  # noqa: S108 - a RAM disk is what is wanted
    if shm.is_dir() and shutil.disk_usage(shm).free > needed:
        return str(shm)
    return None


def measure_sound(runs: int) -> dict[str, float]:
    """The pass before the video's: voices and music mixed, encoded and measured."""
    costs = []
    with tempfile.TemporaryDirectory(prefix="vidgen-bench-") as name:
        folder = Path(name)
        timeline = plan_timeline(VOICES_S, FPS)
        clips = tuple(
            VoiceClip(write_voice(folder / f"{number}.wav", length_s), span.voice_start_s)
            for number, (length_s, span) in enumerate(zip(VOICES_S, timeline.scenes, strict=True))
        )
        music = write_music(folder / "music.wav", timeline.duration_s)
        out = folder / "sound.m4a"
        request = MixRequest(clips, music, timeline.duration_s, out, folder)
        for _ in range(runs):
            wall_s, cpu_s = time.perf_counter(), all_cpu_s()
            for _ in mix_sound(request, find_ffmpeg(), CancelToken()):
                pass
            costs.append(Cost(time.perf_counter() - wall_s, all_cpu_s() - cpu_s))
    return {
        "seconds": round(statistics.median(cost.wall_s for cost in costs), 2),
        "cpu_s": round(statistics.median(cost.cpu_s for cost in costs), 2),
    }


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--quality", action="append", type=Quality.parse)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    results = [measure(q, options.pairs) for q in options.quality or list(GOALS)]
    sound = measure_sound(options.pairs)
    if options.json:
        sys.stdout.write(json.dumps({"render": results, "sound": sound}, indent=1) + "\n")
        return 0
    row = "{:<10} {:>11} {:>7} {:>9} {:>13} {:>7} {:>6} {:>10}  {}\n"
    sys.stdout.write("Render beside x264 alone on the same frames (veryfast, CRF 20)\n")
    heads = "quality size frames render_s x264_alone_s ratio goal cpu_ratio pairs"
    sys.stdout.write(row.format(*heads.split()))
    for result in results:
        *cells, ratios = result.values()
        sys.stdout.write(row.format(*map(str, cells), " ".join(map(str, ratios))))
    sys.stdout.write(f"The sound pass, apart: {sound['seconds']} s ({sound['cpu_s']} s of CPU)\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
