"""What the JSON file beside a video says: all that is needed to make the same video again."""

import time
from collections.abc import Mapping
from typing import Any

from vidgen_gui import __version__
from vidgen_gui.core.job import Job
from vidgen_gui.core.script import Script
from vidgen_gui.pipeline.graph import SCRIPT, Unit
from vidgen_gui.pipeline.stage import REMARK, StoredInput

FORMAT = 1


def build_sidecar(
    job: Job, title: str, render: StoredInput, artifacts: Mapping[Unit, StoredInput]
) -> dict[str, Any]:
    """Collect the request, the script, what each part was made with, and whom to credit.

    Args:
        artifacts: everything the video was made from, by (stage, scene).

    The output folder is left out: it says more about the person than about the video.
    """
    script = Script.from_dict(dict(artifacts[SCRIPT].value))
    starts_s = render.value["scene_starts_s"]
    return {
        "format": FORMAT,
        "title": title,
        "made_at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "made_with": {"vidgen": __version__, "ffmpeg": render.value["ffmpeg"]},
        **{name: value for name, value in render.value.items() if name not in _ELSEWHERE},
        "quality": job.spec.quality.slug,
        "request": job.spec.model_dump(mode="json", exclude={"output_dir"}),
        "hashtags": list(script.hashtags),
        "scenes": [
            {"start_s": start_s, "narration": scene.narration, "image_prompt": scene.image_prompt}
            for start_s, scene in zip(starts_s, script.scenes, strict=True)
        ],
        "artifacts": [_entry(unit, artifact) for unit, artifact in artifacts.items()],
        "credits": _credits(artifacts),
    }


_ELSEWHERE = frozenset({"scene_starts_s", "ffmpeg", REMARK})


def _entry(unit: Unit, artifact: StoredInput) -> dict[str, Any]:
    return {
        "stage": unit.stage.value,
        "scene": unit.scene,
        "key": artifact.key,
        "content_sha256": artifact.content_sha256,
        "rung": artifact.rung,
    }


def _credits(artifacts: Mapping[Unit, StoredInput]) -> list[dict[str, Any]]:
    """Every artifact may name a credit in its value; the same one is given once."""
    found: list[dict[str, Any]] = []
    for artifact in artifacts.values():
        credit = artifact.value.get("credit")
        if credit and dict(credit) not in found:
            found.append(dict(credit))
    return found
