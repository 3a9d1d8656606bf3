"""The script stage: a pasted script becomes scenes, a topic is written about.

A language model writes when one can be had, else the built-in writer.
"""

from collections.abc import Generator, Mapping, Sequence
from typing import Any, ClassVar

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import ServiceError
from vidgen_gui.core.events import Progress
from vidgen_gui.core.job import JobSpec, Speech, StageName
from vidgen_gui.core.language import primary_language
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.script import Script
from vidgen_gui.pipeline.llm_writer import ScriptRequest
from vidgen_gui.pipeline.pasted import script_from_text
from vidgen_gui.pipeline.script_service import ScriptService
from vidgen_gui.pipeline.service_core import StandIn
from vidgen_gui.pipeline.stage import BUILT_IN, Inputs, StageContext, StageOutput
from vidgen_gui.pipeline.writer import write_script

PASTED_RUNG = "pasted"
WRITER_RUNG = "writer"
MODEL_RUNG = "model"
WRITERS_LANGUAGE = "en"
TYPICAL_WORDS_PER_S = 2.9
"""How fast the bundled voice speaks; a voice that was heard has its own figure."""


class ScriptStage:
    """Value: `Script.to_dict()`. Rung ``"pasted"``, ``"model"`` or ``"writer"``.

    Args:
        service: the language model; without one the built-in writer writes.
    """

    name: ClassVar[StageName] = StageName.SCRIPT
    version: ClassVar[int] = 4
    per_scene: ClassVar[bool] = False

    def __init__(self, service: ScriptService | None = None) -> None:
        self._service = service

    @property
    def one_at_a_time(self) -> bool:
        """A language model writes one script after the other."""
        return self._service is not None and self._service.core.is_present

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
            "language": spec.language,
            "spoken": spec.speech is Speech.SPOKEN,
        }

    def ways(self, spec: JobSpec, cancel: CancelToken) -> Sequence[str]:
        """The model that would write now, else the built-in writer."""
        if spec.script_text or self._service is None:
            return (BUILT_IN,)
        return (self._service.way(cancel) or BUILT_IN,)

    def run(self, context: StageContext) -> Generator[Progress, None, StageOutput]:
        """Write; a language model's failure is told, and the built-in writer writes instead.

        Raises:
            Cancelled: the job was stopped.
        """
        spec = context.spec
        context.cancel.raise_if_cancelled()
        yield Progress(0.0)
        if spec.script_text:
            return StageOutput(value=built_in_script(spec).to_dict(), rung=PASTED_RUNG)
        if self._service is not None:
            try:
                return (yield from self._ask_model(self._service, context))
            except StandIn as error:
                if error.told:
                    yield from _stood_in(error)
            except ServiceError as error:
                yield from _stood_in(error)
        if primary_language(spec.language) != WRITERS_LANGUAGE:
            yield Progress(0.0, Message(MessageId.WRITER_ENGLISH_ONLY))
        return StageOutput(value=built_in_script(spec).to_dict(), rung=WRITER_RUNG)

    def _ask_model(
        self, service: ScriptService, context: StageContext
    ) -> Generator[Progress, None, StageOutput]:
        request = script_request(context.spec, context.words_per_s)
        written, way = yield from service.write(request, context.cancel)
        for notice in written.notices:
            yield Progress(1.0, notice)
        return StageOutput(value=written.script.to_dict(), rung=MODEL_RUNG, way=way)


def script_request(spec: JobSpec, words_per_s: float | None) -> ScriptRequest:
    """What a language model is asked for."""
    return ScriptRequest(
        topic=spec.topic,
        genre=spec.genre,
        language=spec.language,
        seed=spec.seed,
        words_per_s=words_per_s or TYPICAL_WORDS_PER_S,
        target_s=spec.length.seconds,
    )


def _stood_in(error: ServiceError) -> Generator[Progress, None, None]:
    yield Progress(0.0, error.message)
    yield Progress(0.0, Message(MessageId.WRITER_STANDS_IN))


def built_in_script(spec: JobSpec) -> Script:
    """The person's own script in scenes, or the built-in writer's."""
    if spec.script_text:
        return script_from_text(spec.script_text, spec.topic)
    shown_only = spec.speech is Speech.CAPTIONS_ONLY
    return write_script(spec.topic, spec.genre, spec.length, spec.seed, shown_only=shown_only)
