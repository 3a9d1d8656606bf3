"""The render stage: sound first, then captions, pictures and encoding in one pass, then checks."""

import contextlib
import time
from collections.abc import Generator, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from vidgen_gui.core.events import Progress
from vidgen_gui.core.job import JobSpec, StageName
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.picture import picture_size
from vidgen_gui.core.quality import PRESETS
from vidgen_gui.core.timeline import Timeline, plan_timeline
from vidgen_gui.media.compositor.plan import Composition, ScenePicture
from vidgen_gui.media.encoders import x264
from vidgen_gui.media.ffmpeg import ffmpeg_version
from vidgen_gui.media.mix import MixRequest, MixResult, mix_sound
from vidgen_gui.media.motion import plan_motions
from vidgen_gui.media.narration_track import VoiceClip
from vidgen_gui.media.verify import ExpectedVideo, verify_video, write_thumbnail
from vidgen_gui.pipeline.delivery import SUBTITLES_NAME, THUMBNAIL_NAME, VIDEO_NAME
from vidgen_gui.pipeline.pace import RenderPace
from vidgen_gui.pipeline.stage import (
    REMARK,
    Inputs,
    OneWay,
    StageContext,
    StageOutput,
    StoredInput,
)

DIM_S = 0.5
"""How long the end takes to grow dark."""
_SOUND_NAME = "sound.m4a"
_CAPTIONS_FOLDER = "captions"
_NAMED_CHARACTERS, _LONGEST_CHARACTER = 5, 4
"""How many characters are named, and how many code points of each."""
_SOUND_DONE, _CAPTIONS_DONE, _VIDEO_DONE = 0.15, 0.22, 0.95
_Result = TypeVar("_Result")


class RenderStage(OneWay):
    """Turns a job's voices, pictures and music into its video."""

    name: ClassVar[StageName] = StageName.RENDER
    version: ClassVar[int] = 2
    per_scene: ClassVar[bool] = False

    def __init__(self) -> None:
        self._pace = RenderPace()

    def intent(self, spec: JobSpec, scene: int | None, inputs: Inputs) -> Mapping[str, Any]:
        """What is shown and heard, and how it is put together."""
        parts = (StageName.NARRATION, StageName.IMAGE, StageName.MUSIC)
        return {
            "parts": [
                [stage.value, number, stored.content_sha256]
                for (stage, number), stored in sorted(inputs.items(), key=_in_order)
                if stage in parts
            ],
            "quality": spec.quality.slug,
            "aspect": spec.aspect.value,
            "fps": _frame_rate(spec),
            "seed": spec.seed,
            "captions": spec.caption_style.value if spec.captions else None,
        }

    def run(self, context: StageContext) -> Generator[Progress, None, StageOutput]:
        """Make and check the video.

        Raises:
            VidgenError: a part cannot be read, FFmpeg or a worker fails, the disk is full, or
                the result is not what was planned.
        """
        spec, inputs = context.spec, context.inputs
        voices = _of_scenes(inputs, StageName.NARRATION)
        timeline = plan_timeline([v.value["duration_s"] for v in voices], _frame_rate(spec))
        expected = ExpectedVideo(spec.frame_size, timeline.fps, timeline.frame_count)
        version = ffmpeg_version(context.ffmpeg, context.cancel)
        sound = yield from _between(0.0, _SOUND_DONE, _mix(context, voices, timeline))
        remark: Message | None = None
        if spec.captions:
            drawing = _draw_captions(context, voices, timeline)
            drawn = yield from _between(_SOUND_DONE, _CAPTIONS_DONE, drawing)
            remark = _not_shown(drawn["missing"])
        yield from _between(_CAPTIONS_DONE, _VIDEO_DONE, self._compose(context, timeline))
        video, thumbnail = context.workdir / VIDEO_NAME, context.workdir / THUMBNAIL_NAME
        facts = verify_video(video, expected, context.ffmpeg, context.cancel)
        yield Progress(0.98)
        write_thumbnail(video, thumbnail, expected, context.ffmpeg, context.cancel)
        yield Progress(1.0)
        return StageOutput(
            files=(VIDEO_NAME, THUMBNAIL_NAME, *((SUBTITLES_NAME,) if spec.captions else ())),
            value={
                "duration_s": timeline.duration_s,
                "width_px": expected.size.width_px,
                "height_px": expected.size.height_px,
                "fps": timeline.fps,
                "frame_count": timeline.frame_count,
                "size_bytes": facts.size_bytes,
                "loudness_lufs": sound.loudness_lufs,
                "true_peak_dbtp": sound.true_peak_dbtp,
                "scene_starts_s": [span.first_frame / timeline.fps for span in timeline.scenes],
                "ffmpeg": version,
                REMARK: None if remark is None else remark.to_dict(),
            },
            rung="x264",
        )

    def _compose(
        self, context: StageContext, timeline: Timeline
    ) -> Generator[Progress, None, Mapping[str, Any]]:
        spec = context.spec
        preset = PRESETS[spec.quality]
        request = _composition(context, timeline).to_request() | {
            "ffmpeg": str(context.ffmpeg),
            "output": str(context.workdir / VIDEO_NAME),
            "encoder": list(x264(preset, timeline.fps).arguments),
        }
        started = time.monotonic()
        result = yield from context.workers.call(
            "compositor",
            request,
            context.cancel,
            deadline_s=self._pace.deadline_s(spec.quality, timeline.fps, timeline.duration_s),
        )
        elapsed_s = time.monotonic() - started
        self._pace.record(spec.quality, timeline.fps, timeline.duration_s, elapsed_s)
        return result


def _composition(context: StageContext, timeline: Timeline) -> Composition:
    size = context.spec.frame_size
    pictures = _of_scenes(context.inputs, StageName.IMAGE)
    spans = timeline.scenes
    durations_s = [(span.end_frame - span.first_frame) / timeline.fps for span in spans]
    motions = plan_motions(size, picture_size(size), durations_s, context.spec.seed)
    captions = context.workdir / _CAPTIONS_FOLDER / "captions.json"
    return Composition(
        size=size,
        fps=timeline.fps,
        frame_count=timeline.frame_count,
        crossfade_frames=timeline.crossfade_frames,
        dim_frames=round(DIM_S * timeline.fps),
        scenes=tuple(
            ScenePicture(picture.file("picture.png"), span.first_frame, span.end_frame, motion)
            for picture, span, motion in zip(pictures, spans, motions, strict=True)
        ),
        captions=captions if context.spec.captions else None,
        sound=context.workdir / _SOUND_NAME,
    )


def _mix(
    context: StageContext, voices: Sequence[StoredInput], timeline: Timeline
) -> Generator[Progress, None, MixResult]:
    music = context.inputs[StageName.MUSIC, None].file("music.wav")
    request = MixRequest(
        clips=tuple(
            VoiceClip(voice.file("voice.wav"), span.voice_start_s)
            for voice, span in zip(voices, timeline.scenes, strict=True)
        ),
        # A job without music has a music artifact without a file.
        music=music if music.is_file() else None,
        duration_s=timeline.duration_s,
        out_path=context.workdir / _SOUND_NAME,
        workdir=context.workdir,
    )
    return (yield from mix_sound(request, context.ffmpeg, context.cancel))


def _draw_captions(
    context: StageContext, voices: Sequence[StoredInput], timeline: Timeline
) -> Generator[Progress, None, Mapping[str, Any]]:
    folder = context.workdir / _CAPTIONS_FOLDER
    folder.mkdir()
    spans = timeline.scenes
    request = {
        "words": [
            [[text, start + span.voice_start_s, end + span.voice_start_s] for text, start, end in v]
            for v, span in zip((voice.value["words"] for voice in voices), spans, strict=True)
        ],
        "scene_end_frames": [span.end_frame for span in spans],
        "fps": timeline.fps,
        "frame_count": timeline.frame_count,
        "width_px": context.spec.frame_size.width_px,
        "height_px": context.spec.frame_size.height_px,
        "aspect": context.spec.aspect.value,
        "style": context.spec.caption_style.value,
        "out_dir": str(folder),
        "srt": str(context.workdir / SUBTITLES_NAME),
        "language": context.spec.language,
    }
    return (
        yield from context.workers.call(
            "captions", request, context.cancel, deadline_s=120 + 4 * timeline.duration_s
        )
    )


def _not_shown(characters: Sequence[str]) -> Message | None:
    """Which characters of the captions no font has; the first few are named."""
    if not characters:
        return None
    named = [character[:_LONGEST_CHARACTER] for character in characters[:_NAMED_CHARACTERS]]
    told: dict[str, Any] = {"characters": named}
    if len(characters) > len(named):
        told["others"] = len(characters) - len(named)
    return Message(MessageId.CAPTION_CHARACTERS_MISSING, told)


def _of_scenes(inputs: Inputs, stage: StageName) -> list[StoredInput]:
    numbers = sorted(n for of_stage, n in inputs if of_stage is stage and n is not None)
    return [inputs[stage, number] for number in numbers]


def _in_order(item: tuple[tuple[StageName, int | None], StoredInput]) -> tuple[str, int]:
    (stage, scene), _ = item
    return stage.value, -1 if scene is None else scene


def _frame_rate(spec: JobSpec) -> int:
    return PRESETS[spec.quality].frame_rate(high=spec.high_frame_rate)


def _between(
    start: float, end: float, work: Generator[Progress, None, _Result]
) -> Generator[Progress, None, _Result]:
    """Run a part of the stage, its 0…1 becoming ``start``…``end`` of the whole."""
    with contextlib.closing(work):
        while True:
            try:
                step = next(work)
            except StopIteration as stop:
                result: _Result = stop.value
                return result
            yield Progress(start + (end - start) * step.fraction, step.notice)
