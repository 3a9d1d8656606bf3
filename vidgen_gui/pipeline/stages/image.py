"""The image stage: one scene's prompt becomes one picture, painted by the built-in painter."""

from collections.abc import Generator, Mapping
from typing import Any, ClassVar

from vidgen_gui.core.events import Progress
from vidgen_gui.core.job import JobSpec, StageName, fold_seed
from vidgen_gui.core.picture import picture_size
from vidgen_gui.core.script import Script
from vidgen_gui.media.painter import PAINTER_VERSION
from vidgen_gui.media.png_check import check_png
from vidgen_gui.pipeline.stage import Inputs, OneWay, StageContext, StageOutput

PICTURE_NAME = "picture.png"
PAINTER_RUNG = "painter"
_START_S = 60.0
_SECONDS_PER_MEGAPIXEL = 15.0
"""The painter takes about a fiftieth of this; the rest is for busy machines."""


class ImageStage(OneWay):
    """Paints a scene at the size that the picture's motion needs.

    Value: what the painter chose (``motif``, ``subjects``, ``palette``). File: ``picture.png``,
    eight-bit RGB.
    """

    name: ClassVar[StageName] = StageName.IMAGE
    version: ClassVar[int] = 1
    per_scene: ClassVar[bool] = True
    one_at_a_time = False

    def intent(
        self,
        spec: JobSpec,
        scene: int | None,
        inputs: Inputs,
    ) -> Mapping[str, Any]:
        """The words, the look and the size; what is narrated doesn't matter."""
        size = picture_size(spec.frame_size)
        return {
            "prompt": _prompt(spec, scene, inputs),
            "genre": spec.genre.value,
            "seed": _seed(spec, scene),
            "width_px": size.width_px,
            "height_px": size.height_px,
            "painter": PAINTER_VERSION,
        }

    def run(self, context: StageContext) -> Generator[Progress, None, StageOutput]:
        """Paint in a worker process and look at what was written.

        Raises:
            MediaError: the written picture is damaged, of another size or blank.
            ProgramError: the worker died, hung or failed.
            StorageError: the disk is full or the folder not writable.
        """
        spec = context.spec
        size = picture_size(spec.frame_size)
        path = context.workdir / PICTURE_NAME
        request = {
            "prompt": _prompt(spec, context.scene, context.inputs),
            "genre": spec.genre.value,
            "seed": _seed(spec, context.scene),
            "width_px": size.width_px,
            "height_px": size.height_px,
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
        return StageOutput((PICTURE_NAME,), result, PAINTER_RUNG)


def _prompt(spec: JobSpec, scene: int | None, inputs: Inputs) -> str:
    if scene is None:
        raise ValueError("pictures are made scene by scene")
    script = Script.from_dict(dict(inputs[StageName.SCRIPT, None].value))
    return script.scenes[scene].image_prompt or spec.topic


def _seed(spec: JobSpec, scene: int | None) -> int:
    """Each scene its own, so that two scenes with one prompt don't get one picture."""
    return fold_seed(spec.seed + (scene or 0))
