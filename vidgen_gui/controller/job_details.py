"""What the sidecar beside a finished video says, for the player and its scenes strip."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vidgen_gui.controller.job_view import JobView
from vidgen_gui.core.job import StageName
from vidgen_gui.pipeline.delivery import sidecar_path, thumbnail_path
from vidgen_gui.system.files import read_at_most

_logger = logging.getLogger(__name__)

MAX_SIDECAR_BYTES = 4 * 2**20


class _Scene(BaseModel):
    model_config = ConfigDict(extra="ignore")

    start_s: float = 0.0
    narration: str = ""


class _Artifact(BaseModel):
    model_config = ConfigDict(extra="ignore")

    stage: str
    scene: int | None = None
    key: str = Field(pattern=r"^[0-9a-f]{40}$")


class _Sidecar(BaseModel):
    model_config = ConfigDict(extra="ignore")

    duration_s: float | None = None
    fps: float | None = None
    scenes: list[_Scene] = []
    artifacts: list[_Artifact] = []


@dataclass(frozen=True, slots=True)
class JobDetails:
    """What is known about a finished video beside what the queue keeps."""

    sidecar: Path | None
    thumbnail: Path | None
    duration_s: float | None
    fps: float | None
    scene_starts_s: tuple[float, ...]
    scene_texts: tuple[str, ...]
    scene_pictures: tuple[Path, ...] = ()

    def added_to(self, view: JobView) -> JobView:
        return replace(
            view,
            sidecar_path=self.sidecar,
            thumbnail_path=self.thumbnail,
            duration_s=self.duration_s,
            fps=self.fps,
            scene_starts_s=self.scene_starts_s,
            scene_texts=self.scene_texts,
            scene_pictures=self.scene_pictures,
        )


def read_details(video: Path, picture_of: Callable[[str], Path | None]) -> JobDetails:
    """Read the sidecar of ``video``; what is missing or unreadable stays unknown.

    Args:
        picture_of: finds the picture with an artifact key, while it is kept.
    """
    sidecar, thumbnail = sidecar_path(video), thumbnail_path(video)
    content = _Sidecar()
    try:
        data = read_at_most(sidecar, MAX_SIDECAR_BYTES)
        if len(data) <= MAX_SIDECAR_BYTES:
            content = _Sidecar.model_validate_json(data)
    except (OSError, ValidationError) as error:
        _logger.info("the sidecar %s cannot be read: %s", sidecar, error)
    return JobDetails(
        sidecar=sidecar if sidecar.is_file() else None,
        thumbnail=thumbnail if thumbnail.is_file() else None,
        duration_s=content.duration_s,
        fps=content.fps,
        scene_starts_s=tuple(scene.start_s for scene in content.scenes),
        scene_texts=tuple(scene.narration for scene in content.scenes),
        scene_pictures=_scene_pictures(content, picture_of),
    )


def _scene_pictures(
    content: _Sidecar, picture_of: Callable[[str], Path | None]
) -> tuple[Path, ...]:
    """One for each scene, or none at all."""
    keys = {a.scene: a.key for a in content.artifacts if a.stage == StageName.IMAGE}
    found = [picture_of(keys.get(scene, "")) for scene in range(len(content.scenes))]
    pictures = [picture for picture in found if picture is not None]
    return tuple(pictures) if len(pictures) == len(found) else ()
