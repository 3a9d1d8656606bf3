"""The script stage: a pasted script becomes scenes, a topic is written about."""

from collections.abc import Generator, Mapping
from typing import Any, ClassVar

from vidgen_gui.core.events import Progress
from vidgen_gui.core.job import JobSpec, Speech, StageName
from vidgen_gui.core.script import Script
from vidgen_gui.pipeline.pasted import script_from_text
from vidgen_gui.pipeline.stage import Inputs, OneWay, StageContext, StageOutput
from vidgen_gui.pipeline.writer import write_script


class ScriptStage(OneWay):
    """Value: `Script.to_dict()`. Rung ``"pasted"`` or ``"writer"``."""

    name: ClassVar[StageName] = StageName.SCRIPT
    version: ClassVar[int] = 1
    per_scene: ClassVar[bool] = False
    one_at_a_time = False

    def intent(
        self,
        spec: JobSpec,
        scene: int | None,
        inputs: Inputs,
    ) -> Mapping[str, Any]:
        """A pasted script depends on nothing but itself and its title."""
        if spec.script_text:
            return {"text": spec.script_text, "topic": spec.topic}
        return {
            "topic": spec.topic,
            "genre": spec.genre.value,
            "length": spec.length.value,
            "seed": spec.seed,
            "spoken": spec.speech is Speech.SPOKEN,
        }

    def run(self, context: StageContext) -> Generator[Progress, None, StageOutput]:
        context.cancel.raise_if_cancelled()
        yield Progress(0.0)
        script, rung = _make(context.spec)
        yield Progress(1.0)
        return StageOutput(value=script.to_dict(), rung=rung)


def script_for(spec: JobSpec) -> Script:
    """The script that a job with this request would get."""
    return _make(spec)[0]


def _make(spec: JobSpec) -> tuple[Script, str]:
    if spec.script_text:
        return script_from_text(spec.script_text, spec.topic), "pasted"
    shown_only = spec.speech is Speech.CAPTIONS_ONLY
    script = write_script(spec.topic, spec.genre, spec.length, spec.seed, shown_only=shown_only)
    return script, "writer"
