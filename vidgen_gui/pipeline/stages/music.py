"""The music stage: has the built-in composer write music as long as the video."""

from collections.abc import Generator, Mapping
from typing import Any, ClassVar

from vidgen_gui.core.events import Progress
from vidgen_gui.core.job import JobSpec, StageName
from vidgen_gui.core.quality import PRESETS
from vidgen_gui.core.timeline import plan_timeline
from vidgen_gui.media.composer.moods import mood_of
from vidgen_gui.pipeline.stage import Inputs, OneWay, StageContext, StageOutput

MUSIC_FILE = "music.wav"
_START_S = 30.0
_SECONDS_PER_SECOND = 1.0
"""The composer takes about a fiftieth of this; the rest is for busy machines."""


class MusicStage(OneWay):
    """Makes one piece for the whole video, or, where none is wanted, nothing but its length.

    Value: ``duration_s``, ``silent``, ``credit`` (None: the music is the app's own) and, with
    music, ``key``, ``tempo_bpm`` and ``mood``. File: ``music.wav``, unless ``silent``.
    """

    name: ClassVar[StageName] = StageName.MUSIC
    version: ClassVar[int] = 1
    per_scene: ClassVar[bool] = False

    def intent(
        self,
        spec: JobSpec,
        scene: int | None,
        inputs: Inputs,
    ) -> Mapping[str, Any]:
        """Mood, seed and length; two topics of one mood share their music."""
        duration_ms = _duration_ms(spec, inputs)
        if not spec.music:
            return {"silent": True, "duration_ms": duration_ms}
        mood = mood_of(spec.genre, spec.topic, spec.seed)
        return {"mood": mood.value, "seed": spec.seed, "duration_ms": duration_ms}

    def run(self, context: StageContext) -> Generator[Progress, None, StageOutput]:
        """Compose in a worker process.

        Raises:
            VidgenError: the worker died, hung or could not write the file.
        """
        spec = context.spec
        duration_s = _duration_ms(spec, context.inputs) / 1000
        if not spec.music:
            value = {"duration_s": duration_s, "silent": True, "credit": None}
            return StageOutput(value=value, rung="silence")
        request = {
            "genre": mood_of(spec.genre, spec.topic, spec.seed).value,
            "seed": spec.seed,
            "duration_s": duration_s,
            "topic": spec.topic,
            "out_wav": str(context.workdir / MUSIC_FILE),
        }
        result = yield from context.workers.call(
            "composer",
            request,
            context.cancel,
            deadline_s=_START_S + _SECONDS_PER_SECOND * duration_s,
        )
        value = {**result, "silent": False, "credit": None}
        return StageOutput((MUSIC_FILE,), value, rung="composer")


def _duration_ms(spec: JobSpec, inputs: Inputs) -> int:
    """The video's length, which follows from the narrations' lengths."""
    scenes = sorted(
        scene for stage, scene in inputs if stage is StageName.NARRATION and scene is not None
    )
    voices_s = [float(inputs[StageName.NARRATION, n].value["duration_s"]) for n in scenes]
    fps = PRESETS[spec.quality].frame_rate(high=spec.high_frame_rate)
    return round(plan_timeline(voices_s, fps).duration_s * 1000)
