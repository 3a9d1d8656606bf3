"""The five stages, by name."""

from collections.abc import Mapping
from types import MappingProxyType

from vidgen_gui.core.job import StageName
from vidgen_gui.pipeline.service_hub import ServiceHub
from vidgen_gui.pipeline.stage import Stage
from vidgen_gui.pipeline.stages.image import ImageStage
from vidgen_gui.pipeline.stages.music import MusicStage
from vidgen_gui.pipeline.stages.narration import NarrationStage
from vidgen_gui.pipeline.stages.render import RenderStage
from vidgen_gui.pipeline.stages.script import ScriptStage


def make_stages(services: ServiceHub) -> Mapping[StageName, Stage]:
    """The stages, working with these services where they are there."""
    return MappingProxyType(
        {
            StageName.SCRIPT: ScriptStage(services.script_writer),
            StageName.NARRATION: NarrationStage(),
            StageName.MUSIC: MusicStage(),
            StageName.IMAGE: ImageStage(services.image_maker),
            StageName.RENDER: RenderStage(),
        }
    )
