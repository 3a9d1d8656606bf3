"""The narration stage: one scene's text becomes one WAV with a time for every written word."""

from collections.abc import Generator, Mapping
from typing import Any, ClassVar

import regex

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.events import Progress
from vidgen_gui.core.job import JobSpec, Speech, StageName
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.script import Script
from vidgen_gui.core.word_times import NARRATION_SPEED, plan_reading
from vidgen_gui.pipeline.stage import Inputs, OneWay, StageContext, StageOutput, Workers
from vidgen_gui.services.piper.sound import write_silence
from vidgen_gui.system.paths import AppPaths

WAV_NAME = "voice.wav"
_SILENCE_RATE_HZ = 22_050
_DEADLINE_S = 120.0
_DEADLINE_PER_CHAR_S = 0.05
_LETTER = regex.compile(r"\p{L}")


def preload(workers: Workers, voice: str, cancel: CancelToken) -> Generator[Progress, None, None]:
    """Load the voice in its worker ahead of the first scene.

    Raises:
        VidgenError: the voice is unknown or damaged, or the worker failed.
    """
    request = {"preload": True, "voice": voice, "data_dir": str(AppPaths.find().data)}
    yield from workers.call("voice", request, cancel, deadline_s=_DEADLINE_S)


class NarrationStage(OneWay):
    """Speaks a scene with Piper, or lays it out silently at reading pace."""

    name: ClassVar[StageName] = StageName.NARRATION
    version: ClassVar[int] = 1
    per_scene: ClassVar[bool] = True

    def intent(
        self,
        spec: JobSpec,
        scene: int | None,
        inputs: Inputs,
    ) -> Mapping[str, Any]:
        """The scene's text and how it is spoken; the rest of the script doesn't matter."""
        intent: dict[str, Any] = {"text": _text(scene, inputs), "speech": spec.speech.value}
        if spec.speech is Speech.SPOKEN:
            intent |= {"voice": spec.voice, "speed": NARRATION_SPEED}
        return intent

    def run(self, context: StageContext) -> Generator[Progress, None, StageOutput]:
        """Write the WAV.

        Raises:
            InputError: the voice is unknown.
            MediaError: the voice is damaged.
            ProgramError: the voice's worker died or hung.
            StorageError: the WAV cannot be written.
        """
        text = _text(context.scene, context.inputs)
        path = context.workdir / WAV_NAME
        if context.spec.speech is Speech.CAPTIONS_ONLY:
            timings, duration_s = plan_reading(text.split())
            duration_s = write_silence(path, duration_s, _SILENCE_RATE_HZ)
            words = [[timing.text, timing.start_s, timing.end_s] for timing in timings]
            yield Progress(1.0)
            return StageOutput((WAV_NAME,), {"duration_s": duration_s, "words": words}, "silent")
        request = {
            "text": text,
            "out_wav": str(path),
            "voice": context.spec.voice,
            "data_dir": str(AppPaths.find().data),
            "speed": NARRATION_SPEED,
        }
        deadline_s = _DEADLINE_S + _DEADLINE_PER_CHAR_S * len(text)
        result = yield from context.workers.call(
            "voice", request, context.cancel, deadline_s=deadline_s
        )
        if not result["spoken"] and _LETTER.search(text):
            notice = Message(MessageId.TEXT_NOT_SAID, {"voice": context.spec.voice})
            yield Progress(1.0, notice)
        value = {"duration_s": result["duration_s"], "words": result["words"]}
        return StageOutput((WAV_NAME,), value, "piper" if result["spoken"] else "silent")


def _text(scene: int | None, inputs: Inputs) -> str:
    if scene is None:
        raise ValueError("narration is made scene by scene")
    script = Script.from_dict(dict(inputs[StageName.SCRIPT, None].value))
    return script.scenes[scene].narration
