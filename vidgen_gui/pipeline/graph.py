"""Which (stage, scene) runs a job consists of and what each waits for. Pure."""

from collections.abc import Collection
from typing import NamedTuple

from vidgen_gui.core.job import StageName


class Unit(NamedTuple):
    """The unit of work: one stage of one scene, or of the whole job (``scene`` None)."""

    stage: StageName
    scene: int | None = None

    def __str__(self) -> str:
        return self.stage.value if self.scene is None else f"{self.stage.value} {self.scene}"


SCRIPT = Unit(StageName.SCRIPT)
MUSIC = Unit(StageName.MUSIC)
RENDER = Unit(StageName.RENDER)


def units(scene_count: int | None) -> list[Unit]:
    """All units of a job in the order in which they are preferred.

    Args:
        scene_count: None while the script is not there yet.
    """
    if scene_count is None:
        return [SCRIPT]
    return [
        SCRIPT,
        *_each_scene(StageName.NARRATION, scene_count),
        *_each_scene(StageName.IMAGE, scene_count),
        MUSIC,
        RENDER,
    ]


def inputs_of(unit: Unit, scene_count: int | None) -> list[Unit]:
    """The units whose artifacts ``unit`` works from."""
    match unit.stage:
        case StageName.SCRIPT:
            return []
        case StageName.NARRATION | StageName.IMAGE:
            return [SCRIPT]
        case StageName.MUSIC:
            return [SCRIPT, *_each_scene(StageName.NARRATION, scene_count)]
        case StageName.RENDER:
            narrations = _each_scene(StageName.NARRATION, scene_count)
            return [SCRIPT, *narrations, *_each_scene(StageName.IMAGE, scene_count), MUSIC]


def _each_scene(stage: StageName, scene_count: int | None) -> list[Unit]:
    return [Unit(stage, scene) for scene in range(scene_count or 0)]


def ready_units(
    scene_count: int | None, done: Collection[Unit], running: Collection[Unit]
) -> list[Unit]:
    """What could start now: not done, not running, and everything it needs is there."""
    return [
        unit
        for unit in units(scene_count)
        if unit not in done
        and unit not in running
        and all(needed in done for needed in inputs_of(unit, scene_count))
    ]
