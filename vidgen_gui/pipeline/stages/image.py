"""The image stage: one scene's prompt becomes one picture, by ComfyUI or the built-in painter."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import InputError, MediaError, ServiceError
from vidgen_gui.core.events import Progress
from vidgen_gui.core.job import JobSpec, StageName, fold_seed
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.picture import picture_size
from vidgen_gui.core.plan import PAINTER
from vidgen_gui.core.script import Script
from vidgen_gui.media.fit_picture import fit_picture
from vidgen_gui.media.painter import PAINTER_VERSION
from vidgen_gui.media.png_check import check_png
from vidgen_gui.pipeline.image_service import ImageService
from vidgen_gui.pipeline.picture_recipes import PictureRequest
from vidgen_gui.pipeline.service_core import StandIn
from vidgen_gui.pipeline.stage import BUILT_IN, Inputs, StageContext, StageOutput

PICTURE_NAME = "picture.png"
_DRAWN_NAME = "drawn.png"
_START_S = 60.0
_SECONDS_PER_MEGAPIXEL = 15.0
"""The painter takes about a fiftieth of this; the rest is for busy machines."""


class ImageStage:
    """Makes a scene's picture at the size that its motion needs.

    Value: what the painter chose (``motif``, ``subjects``, ``palette``), or ComfyUI's
    ``checkpoint`` and ``seconds``. File: ``picture.png``, eight-bit RGB.

    Args:
        service: ComfyUI; without it the built-in painter paints.
    """

    name: ClassVar[StageName] = StageName.IMAGE
    version: ClassVar[int] = 1
    per_scene: ClassVar[bool] = True

    def __init__(self, service: ImageService | None = None) -> None:
        self._service = service

    @property
    def one_at_a_time(self) -> bool:
        """ComfyUI draws one picture after the other."""
        return self._service is not None and self._service.core.is_present

    def intent(
        self,
        spec: JobSpec,
        scene: int | None,
        inputs: Inputs,
    ) -> Mapping[str, Any]:
        """The words, the look, the video's colours and the size; not what is narrated."""
        size = picture_size(spec.frame_size)
        intent: dict[str, Any] = {
            "prompt": _prompt(spec, scene, inputs),
            "genre": spec.genre.value,
            "seed": _seed(spec, scene),
            "width_px": size.width_px,
            "height_px": size.height_px,
            "painter": PAINTER_VERSION,
            "video": _video(spec, scene, inputs),
        }
        if not spec.picture.is_empty:
            intent["overrides"] = spec.picture.model_dump(mode="json")
        return intent

    def ways(self, spec: JobSpec, cancel: CancelToken) -> Sequence[str]:
        """ComfyUI's, down to what it would do now; else the painter's."""
        if self._service is None:
            return (BUILT_IN,)
        return self._service.ways(_wanted(spec), cancel) or (BUILT_IN,)

    def run(self, context: StageContext) -> Generator[Progress, None, StageOutput]:
        """Make the picture and look at what was written.

        Raises:
            NeedsConsent: the person is to be asked before this job goes on.
            MediaError: the written picture is damaged, of another size or blank.
            ProgramError: the worker died, hung or failed.
            StorageError: the disk is full or the folder not writable.
        """
        if self._service is not None:
            try:
                return (yield from self._draw(self._service, context))
            except StandIn as error:
                if error.told:
                    yield from _stood_in(error)
            except (ServiceError, InputError, MediaError) as error:
                yield from _stood_in(error)
        return (yield from self._paint(context))

    def _draw(
        self, service: ImageService, context: StageContext
    ) -> Generator[Progress, None, StageOutput]:
        spec = context.spec
        prompt = _prompt(spec, context.scene, context.inputs)
        request = replace(
            _wanted(spec, prompt, _seed(spec, context.scene)),
            job=context.job_id,
            scene=context.scene,
            lowering_agreed=context.agreed,
        )
        drawn, picture = context.workdir / _DRAWN_NAME, context.workdir / PICTURE_NAME
        made = yield from service.draw(request, drawn, context.cancel)
        if made.size == request.size:
            drawn.rename(picture)
        else:
            fit_picture(context.ffmpeg, drawn, picture, request.size, context.cancel)
        check_png(picture, request.size, may_be_plain=True)
        value = {"checkpoint": made.checkpoint, "seconds": round(made.seconds, 2)}
        return StageOutput((PICTURE_NAME,), value, made.rung, made.way)

    def _paint(self, context: StageContext) -> Generator[Progress, None, StageOutput]:
        spec = context.spec
        size = picture_size(spec.frame_size)
        path = context.workdir / PICTURE_NAME
        request = {
            "prompt": _prompt(spec, context.scene, context.inputs),
            "genre": spec.genre.value,
            "seed": _seed(spec, context.scene),
            "width_px": size.width_px,
            "height_px": size.height_px,
            "video": _video(spec, context.scene, context.inputs),
            "out_png": str(path),
        }
        megapixels = size.width_px * size.height_px / 1e6
        result = yield from context.workers.call(
            "painter",
            request,
            context.cancel,
            deadline_s=_START_S + _SECONDS_PER_MEGAPIXEL * megapixels,
        )
        check_png(path, size)
        return StageOutput((PICTURE_NAME,), result, PAINTER)


def _wanted(spec: JobSpec, prompt: str = "", seed: int = 0) -> PictureRequest:
    size = picture_size(spec.frame_size)
    return PictureRequest(prompt, seed, spec.quality, spec.aspect, size, spec.picture)


def _stood_in(error: ServiceError | InputError | MediaError) -> Generator[Progress, None, None]:
    yield Progress(0.0, error.message)
    yield Progress(0.0, Message(MessageId.PAINTER_STANDS_IN))


def _prompt(spec: JobSpec, scene: int | None, inputs: Inputs) -> str:
    if scene is None:
        raise ValueError("pictures are made scene by scene")
    script = Script.from_dict(dict(inputs[StageName.SCRIPT, None].value))
    return script.scenes[scene].image_prompt or spec.topic


def _video(spec: JobSpec, scene: int | None, inputs: Inputs) -> dict[str, Any]:
    """Whose colours a picture has; a pasted script without a topic is about its title."""
    title = str(inputs[StageName.SCRIPT, None].value["title"])
    return {"about": spec.topic or title, "seed": spec.seed, "scene": scene or 0}


def _seed(spec: JobSpec, scene: int | None) -> int:
    """Each scene its own, so that two scenes with one prompt don't get one picture."""
    return fold_seed(spec.seed + (scene or 0))
