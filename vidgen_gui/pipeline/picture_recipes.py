"""What a ComfyUI server offers, and the graph by which it makes a scene's picture. Asks nobody.

In which way the picture is made is planned in `picture_plans`.
"""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vidgen_gui.core.errors import InputError
from vidgen_gui.core.image_family import Family, guess_family
from vidgen_gui.core.job import fold_seed
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.picture_overrides import NO_OVERRIDES, PictureOverrides
from vidgen_gui.core.picture_plan import PicturePlan, adjusted
from vidgen_gui.core.quality import PRESETS, Aspect, FrameSize, Quality
from vidgen_gui.core.server_abilities import ServerAbilities
from vidgen_gui.pipeline.profile_trial import ASSUMED_SERVER
from vidgen_gui.services.comfy_graph import (
    Graph,
    GraphProblem,
    UserWorkflow,
    abilities,
    build_graph,
    check_graph,
    load_workflow,
)
from vidgen_gui.services.comfy_graph.workflow import MOST_BYTES
from vidgen_gui.services.comfyui.errors import (
    MissingCheckpoint,
    NoCheckpoint,
    NodeProblem,
)

FILE_PREFIX = "vidgen"
"""What the server's own copies of our pictures are called."""
_EXTENSIONS = "custom_nodes"


@dataclass(frozen=True, slots=True)
class PictureRequest:
    """One scene's picture.

    Args:
        size: what the video's motion needs, in pixels.
        job: whose picture it is; what its earlier pictures met is not tried again. Empty: its own.
        scene: counted from 0; None where there are no scenes.
        lowering_agreed: the person agreed to what was asked before this job went on.
    """

    prompt: str
    seed: int
    quality: Quality
    aspect: Aspect
    size: FrameSize
    overrides: PictureOverrides = NO_OVERRIDES
    job: str = ""
    scene: int | None = None
    lowering_agreed: bool = False


@dataclass(frozen=True, slots=True)
class ImageWishes:
    """What the settings say about pictures. ``workflow_file`` "" for the app's own graphs."""

    checkpoint: str = ""
    negative: str = ""
    workflow_file: str = ""


@dataclass(frozen=True, slots=True)
class KnownServer:
    """A server as it was asked at ``at`` (monotonic seconds).

    ``object_info`` is kept as far as our own graphs are checked against it. ``fingerprint`` changes
    with whatever decides a picture besides the request, ``memory_mark`` with whatever decides how
    much memory it takes.
    """

    at: float
    wishes: ImageWishes
    object_info: Mapping[str, Any]
    abilities: ServerAbilities
    checkpoint: str
    family: Family
    workflow: UserWorkflow | None
    fingerprint: str
    memory_mark: str = ""

    def way(self, rung: str) -> str:
        """What tells a picture made like this from those of other models and rungs."""
        return f"comfyui:{self.fingerprint}:{rung}"


@dataclass(frozen=True, slots=True)
class Recipe:
    """One way of making the picture; ``size`` and ``plan`` None: the person's workflow decides."""

    graph: Graph
    size: FrameSize | None
    plan: PicturePlan | None


def know_server(object_info: Mapping[str, Any], wishes: ImageWishes) -> KnownServer:
    """Make sense of what a server offers.

    Raises:
        MissingCheckpoint: the wished one is not there, or there is none at all.
        InputError: the person's workflow cannot be used.
    """
    found = abilities(object_info)
    checkpoint = wishes.checkpoint or next(iter(found.checkpoints), "")
    workflow = read_workflow(wishes.workflow_file) if wishes.workflow_file else None
    if workflow is None and checkpoint not in found.checkpoints:
        raise _missing_checkpoint(checkpoint, found.checkpoints)
    text = repr((wishes, checkpoint, workflow))
    return KnownServer(
        at=time.monotonic(),
        wishes=wishes,
        object_info={} if workflow else _core_nodes(object_info),
        abilities=found,
        checkpoint=checkpoint,
        family=guess_family(checkpoint),
        workflow=workflow,
        fingerprint=hashlib.sha256(text.encode()).hexdigest()[:16],
    )


def expected_server(wishes: ImageWishes, overrides: PictureOverrides) -> KnownServer:
    """A server that was not asked yet: what every installation offers, with the wished models.

    Raises:
        InputError: the person's workflow cannot be used.
    """
    wished = dict.fromkeys(filter(None, (wishes.checkpoint, overrides.checkpoint)))
    checkpoints = (*wished, *ASSUMED_SERVER.checkpoints)
    samplers = (*ASSUMED_SERVER.samplers, *filter(None, (overrides.sampler,)))
    checkpoint = wishes.checkpoint or checkpoints[0]
    return KnownServer(
        at=time.monotonic(),
        wishes=wishes,
        object_info={},
        abilities=replace(ASSUMED_SERVER, checkpoints=checkpoints, samplers=samplers),
        checkpoint=checkpoint,
        family=guess_family(checkpoint),
        workflow=read_workflow(wishes.workflow_file) if wishes.workflow_file else None,
        fingerprint="",
    )


def known_for(known: KnownServer, overrides: PictureOverrides) -> KnownServer:
    """The server as a job with these overrides uses it: its model, and a fingerprint of its own.

    A person's own workflow names its model and sampler itself.

    Raises:
        MissingCheckpoint: the model that the job asks for is not there.
    """
    used = usable(overrides, known)
    if used.is_empty:
        return known
    text = repr((known.fingerprint, used))
    fingerprint = hashlib.sha256(text.encode()).hexdigest()[:16]
    known = replace(known, fingerprint=fingerprint)
    checkpoint = overrides.checkpoint
    if known.workflow is not None or not checkpoint:
        return known
    if checkpoint not in known.abilities.checkpoints:
        raise _missing_checkpoint(checkpoint, known.abilities.checkpoints)
    return replace(known, checkpoint=checkpoint, family=guess_family(checkpoint))


def usable(overrides: PictureOverrides, known: KnownServer) -> PictureOverrides:
    """Without what this server cannot do: a sampler that it lacks is the plan's own instead."""
    if known.workflow is not None:
        return overrides.model_copy(update={"sampler": "", "checkpoint": ""})
    if overrides.sampler in known.abilities.samplers:
        return overrides
    return overrides.model_copy(update={"sampler": ""})


def lacks(overrides: PictureOverrides, known: KnownServer) -> Message | None:
    """What to tell when a sampler was asked for that this server has not."""
    if usable(overrides, known).sampler == overrides.sampler:
        return None
    return Message(MessageId.SAMPLER_NOT_USED, {"sampler": overrides.sampler})


def recipe(picture: PicturePlan | None, request: PictureRequest, known: KnownServer) -> Recipe:
    """How the server is told to make the picture, with this scene's seed and the person's wishes.

    Args:
        picture: None for the person's own workflow.

    Raises:
        ValueError: there is neither a way nor a workflow.
    """
    if known.workflow is not None:
        return Recipe(_filled(known.workflow, request, known.wishes), None, None)
    if picture is None:
        raise ValueError("no way to make the picture")
    seeded = replace(picture, seed=fold_seed(request.seed))
    plan = adjusted(seeded, usable(request.overrides, known))
    graph = build_graph(plan, request.prompt, known.wishes.negative, prefix=FILE_PREFIX)
    return Recipe(graph, plan.final, plan)


def refusals(
    picture: PicturePlan, request: PictureRequest, known: KnownServer
) -> tuple[GraphProblem, ...]:
    """Why the server would refuse the graph of this way; nothing where it would not.

    What was not asked yet is taken to refuse nothing.
    """
    if not known.object_info:
        return ()
    return tuple(check_graph(recipe(picture, request, known).graph, known.object_info))


def read_workflow(file: str) -> UserWorkflow:
    """The person's own workflow.

    Raises:
        InputError: the file cannot be read, or is no workflow that can be filled in.
    """
    try:
        with Path(file).open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(MessageId.WORKFLOW_UNREADABLE, path=file, detail=str(error)) from error
    return load_workflow(data.decode("utf-8-sig", "replace"))


def _filled(workflow: UserWorkflow, request: PictureRequest, wishes: ImageWishes) -> Graph:
    preset, wanted = PRESETS[request.quality], request.overrides
    return workflow.fill(
        request.prompt,
        wishes.negative,
        seed=request.seed,
        width=request.size.width_px,
        height=request.size.height_px,
        steps=preset.steps if wanted.steps is None else wanted.steps,
        cfg=preset.cfg if wanted.cfg is None else wanted.cfg,
    )


def _core_nodes(object_info: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without what extensions bring: a server with many describes itself in tens of megabytes."""
    return {
        name: entry
        for name, entry in object_info.items()
        if not str(entry.get("python_module", "")).startswith(_EXTENSIONS)
    }


def wishes_problem(wishes: ImageWishes, checkpoints: tuple[str, ...]) -> Message | None:
    """Why no picture can be made as wished with these checkpoints; None when one can.

    A workflow of the person's names its own models.
    """
    if wishes.workflow_file:
        try:
            read_workflow(wishes.workflow_file)
        except InputError as error:
            return error.message
        return None
    if checkpoints and (not wishes.checkpoint or wishes.checkpoint in checkpoints):
        return None
    return _missing_checkpoint(wishes.checkpoint, checkpoints).message


def _missing_checkpoint(given: str, allowed: tuple[str, ...]) -> MissingCheckpoint:
    problem = NodeProblem(
        node_id="",
        node_type="CheckpointLoaderSimple",
        kind="value_not_in_list",
        input="ckpt_name",
        given=given,
        allowed=allowed,
        words="",
    )
    return MissingCheckpoint((problem,)) if allowed else NoCheckpoint((problem,))
