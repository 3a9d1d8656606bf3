"""The five stages, by name."""

from collections.abc import Mapping
from types import MappingProxyType

from vidgen_gui.core.job import StageName
from vidgen_gui.pipeline.stage import Stage
from vidgen_gui.pipeline.stages.image import ImageStage
from vidgen_gui.pipeline.stages.music import MusicStage
from vidgen_gui.pipeline.stages.narration import NarrationStage
from vidgen_gui.pipeline.stages.render import RenderStage
from vidgen_gui.pipeline.stages.script import ScriptStage

STAGES: Mapping[StageName, Stage] = MappingProxyType(
    {
        StageName.SCRIPT: ScriptStage(),
        StageName.NARRATION: NarrationStage(),
        StageName.MUSIC: MusicStage(),
        StageName.IMAGE: ImageStage(),
        StageName.RENDER: RenderStage(),
    }
)
