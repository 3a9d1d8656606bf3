"""Steps, guidance, sampler and model that a person changed: checked, carried, really drawn with."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from comfy_interpreter import object_info

from vidgen_gui.core.errors import InputError
from vidgen_gui.core.image_family import Family
from vidgen_gui.core.job import JobSpec, StageName
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.picture import picture_size
from vidgen_gui.core.picture_overrides import NO_OVERRIDES, PictureOverrides
from vidgen_gui.core.picture_plan import Refine, adjusted
from vidgen_gui.core.quality import PRESETS, Aspect, Quality, frame_size
from vidgen_gui.core.script import Scene, Script
from vidgen_gui.gpu.rungs import plans_for
from vidgen_gui.pipeline.picture_recipes import (
    ImageWishes,
    KnownServer,
    PictureRequest,
    know_server,
    known_for,
    lacks,
    recipe,
)
from vidgen_gui.pipeline.stage import StoredInput
from vidgen_gui.pipeline.stages.image import ImageStage
from vidgen_gui.services.comfy_graph import abilities
from vidgen_gui.services.comfyui.errors import MissingCheckpoint
from vidgen_gui.ui.words import sentence

SIZE = picture_size(frame_size(Quality.ULTRA, Aspect.PORTRAIT))
ADJUSTED = PictureOverrides(steps=44, cfg=6.5, sampler="euler")


def server(**more: Any) -> KnownServer:
    known = know_server(object_info(), ImageWishes())
    return replace(known, **more)


def request(overrides: PictureOverrides) -> PictureRequest:
    return PictureRequest("a lighthouse", 7, Quality.ULTRA, Aspect.PORTRAIT, SIZE, overrides)


def samplers(request: PictureRequest, known: KnownServer) -> list[list[dict[str, Any]]]:
    """What each way's samplers are told, first pass first."""
    plans = plans_for(
        request.quality, request.aspect, known.family, known.checkpoint, known.abilities,
        seed=request.seed, picture=request.size,
    )  # fmt: skip
    graphs = [recipe(plan, request, known).graph for plan in plans]
    return [
        [n["inputs"] for n in graph.values() if n["class_type"] == "KSampler"] for graph in graphs
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"steps": 0},
        {"steps": -3},
        {"steps": 201},
        {"steps": 7.5},
        {"cfg": 0.9},
        {"cfg": 31},
        {"cfg": float("nan")},
        {"cfg": float("inf")},
        {"sampler": "two words"},
        {"checkpoint": "x" * 301},
        {"width": 10},
    ],
)
@pytest.mark.req("T2")
def test_what_is_out_of_range_never_becomes_a_job(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        JobSpec.create(topic="sea", output_dir=tmp_path, picture=wrong)
    assert caught.value.message.id is MessageId.VALUE_INVALID


def test_a_job_keeps_them_and_an_older_one_has_none(tmp_path: Path) -> None:
    spec = JobSpec.create(topic="sea", output_dir=tmp_path, picture=ADJUSTED)
    assert JobSpec.model_validate_json(spec.model_dump_json()).picture == ADJUSTED
    older = spec.model_dump(mode="json", exclude={"picture"})
    assert JobSpec.model_validate(older).picture is NO_OVERRIDES


@pytest.mark.req("LBL-3", "V4", "P4")
def test_adjusted_plans_are_new_values_that_need_no_less_memory() -> None:
    plans = plans_for(
        Quality.ULTRA, Aspect.PORTRAIT, Family.SD15, "x", abilities(object_info()),
        seed=1, picture=SIZE,
    )  # fmt: skip
    for plan in plans:
        before = replace(plan)
        made = adjusted(plan, ADJUSTED)
        assert plan == before
        assert (made.steps, made.cfg, made.sampler) == (44, 6.5, "euler")
        assert (made.base, made.refine_size, made.decode) == (
            plan.base, plan.refine_size, plan.decode,
        )  # fmt: skip
        if plan.refine is not Refine.NONE:
            assert made.refine_steps == -(-44 * plan.denoise // 1)
        assert adjusted(plan, NO_OVERRIDES) == plan
    assert PRESETS[Quality.ULTRA].steps == 80


@pytest.mark.req("LBL-11", "V3")
def test_every_way_is_drawn_with_them() -> None:
    usual, wanted = samplers(request(NO_OVERRIDES), server()), samplers(request(ADJUSTED), server())
    assert len(usual) == len(wanted)
    for before, after in zip(usual, wanted, strict=True):
        assert {node["sampler_name"] for node in after} == {"euler"}
        assert {node["cfg"] for node in after} == {6.5}
        assert after[0]["steps"] == 44
        assert sum(node["steps"] for node in after) < sum(node["steps"] for node in before)


def test_a_model_of_ones_own_choice_is_planned_and_told_apart() -> None:
    found = server()
    both = replace(
        found.abilities, checkpoints=(*found.abilities.checkpoints, "sd_xl_base_1.0.safetensors")
    )
    known = replace(found, abilities=both)
    wanted = PictureOverrides(checkpoint="sd_xl_base_1.0.safetensors")
    used = known_for(known, wanted)
    assert (used.checkpoint, used.family) == ("sd_xl_base_1.0.safetensors", Family.SDXL)
    assert used.fingerprint != known.fingerprint
    assert known_for(known, NO_OVERRIDES) is known
    with pytest.raises(MissingCheckpoint):
        known_for(known, PictureOverrides(checkpoint="gone.safetensors"))


def test_a_sampler_that_is_not_there_is_told_and_not_drawn_with() -> None:
    strange = PictureOverrides(sampler="tea_leaves", steps=30)
    known = server()
    told = lacks(strange, known)
    assert told is not None
    assert "tea_leaves" in sentence(told)
    first = samplers(request(strange), known)[0][0]
    assert (first["sampler_name"], first["steps"]) == ("dpmpp_2m", 30)
    # What was drawn without it is not taken for a picture that was drawn with it.
    with_it = replace(known.abilities, samplers=(*known.abilities.samplers, "tea_leaves"))
    later = known_for(replace(known, abilities=with_it), strange)
    assert later.fingerprint != known_for(known, strange).fingerprint
    assert lacks(ADJUSTED, known) is None


def test_the_intent_knows_them_and_stays_as_it_was_without(tmp_path: Path) -> None:
    script = Script("Sea", (Scene("The sea.", "waves"),)).to_dict()
    inputs = {(StageName.SCRIPT, None): StoredInput("k", "s", tmp_path, script, "builtin")}

    def intent(picture: PictureOverrides) -> Any:
        spec = JobSpec.create(topic="sea", output_dir=tmp_path, picture=picture)
        return ImageStage().intent(spec, 0, inputs)

    assert "overrides" not in intent(NO_OVERRIDES)
    assert intent(ADJUSTED)["overrides"]["steps"] == 44
    assert intent(ADJUSTED) != intent(ADJUSTED.model_copy(update={"cfg": 7.0}))
