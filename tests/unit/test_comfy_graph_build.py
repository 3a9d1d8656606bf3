"""Graphs as they are sent: accepted by a server's own description, right in size, seamless."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from comfy_interpreter import Sizes, Tiles, object_info
from hypothesis import given, settings
from hypothesis import strategies as st

from vidgen_gui.core.image_family import FACTS, Family
from vidgen_gui.core.picture import picture_size
from vidgen_gui.core.picture_plan import PicturePlan, Refine, UpscaleMethod
from vidgen_gui.core.quality import Aspect, FrameSize, Quality, frame_size
from vidgen_gui.core.settings import Settings
from vidgen_gui.gpu.rungs import plans_for
from vidgen_gui.services.comfy_graph import Graph, abilities, build_graph, check_graph

OPTIONAL = (
    "LatentUpscale VAEDecodeTiled VAEEncode VAEEncodeTiled UpscaleModelLoader "
    "ImageUpscaleWithModel ImageCrop ImageCompositeMasked SolidMask FeatherMask LoadImage"
).split()
CHECKPOINTS = ["random_sd15.safetensors", "sd_xl_base_1.0.safetensors"]


def plans(
    quality: Quality = Quality.ULTRA,
    aspect: Aspect = Aspect.PORTRAIT,
    *,
    info: Mapping[str, Any] | None = None,
    seed: int = 3,
    family: Family = Family.SD15,
    shown_as: Quality | None = None,
) -> dict[str, PicturePlan]:
    picture = picture_size(frame_size(shown_as or quality, aspect))
    server = abilities(object_info() if info is None else info)
    found = plans_for(quality, aspect, family, CHECKPOINTS[0], server, seed=seed, picture=picture)
    return {plan.rung: plan for plan in found}


def nodes(graph: Graph, class_type: str) -> list[dict[str, Any]]:
    return [node["inputs"] for node in graph.values() if node["class_type"] == class_type]


@st.composite
def servers(draw: st.DrawFn) -> dict[str, Any]:
    """A server that lacks some nodes, some samplers and perhaps every upscale model."""
    lost = set(draw(st.lists(st.sampled_from(OPTIONAL), unique=True)))
    lost |= draw(st.sampled_from([set(), {"VAEDecode"}, {"SaveImage"}, {"PreviewImage"}]))
    if {"VAEDecode", "VAEDecodeTiled"} <= lost:
        lost.discard("VAEDecode")
    info = object_info(without=frozenset(lost))
    sampler = info["KSampler"]["input"]["required"]
    if draw(st.booleans()):
        sampler["sampler_name"] = [["lms"], {}]
        sampler["scheduler"] = ["COMBO", {"options": ["beta"]}]
    if "UpscaleModelLoader" in info and draw(st.booleans()):
        info["UpscaleModelLoader"]["input"]["required"]["model_name"] = ["COMBO", {"options": []}]
    return info


@pytest.mark.req("M5", "T7")
@settings(max_examples=250, deadline=None)
@given(
    info=servers(),
    wanted=st.tuples(st.sampled_from(Quality), st.sampled_from(Aspect), st.sampled_from(Quality)),
    family=st.sampled_from(Family),
    seed=st.integers(-(2**70), 2**70),
)
def test_every_graph_is_accepted_and_makes_a_picture_that_is_large_enough(
    info: dict[str, Any], wanted: tuple[Quality, Aspect, Quality], family: Family, seed: int
) -> None:
    quality, aspect, shown_as = wanted
    picture = picture_size(frame_size(shown_as, aspect))
    found = plans(quality, aspect, info=info, seed=seed, family=family, shown_as=shown_as)
    assert found
    for plan in found.values():
        graph = build_graph(plan, "a heron", "blurry", prefix="vidgen")
        assert check_graph(graph, info) == ()
        run = Sizes(graph)
        assert run.final() == (plan.final.width_px, plan.final.height_px)
        assert plan.final.width_px >= picture.width_px
        assert plan.final.height_px >= picture.height_px
        drawn = [(w, h) for w, h, denoise in run.sampled if denoise == 1.0]
        assert drawn == [(plan.base.width_px, plan.base.height_px)]
        assert drawn[0][0] * drawn[0][1] <= 1.03 * FACTS[family].base_px[0]
        assert all(w % 8 == 0 and h % 8 == 0 for w, h, _ in run.sampled)
        assert len(graph) == len(run.known) + _unsized(graph)
        for sampler in nodes(graph, "KSampler"):
            assert 0 <= sampler["seed"] < 2**64


def _unsized(graph: Graph) -> int:
    """Nodes that are no pictures: every other node is needed for the output."""
    models = {"CheckpointLoaderSimple", "CLIPTextEncode", "UpscaleModelLoader"}
    return sum(
        node["class_type"] in models | {"SaveImage", "PreviewImage"} for node in graph.values()
    )


def test_the_words_arrive_as_they_are() -> None:
    plan = plans()["plain"]
    hostile = 'a "quoted" {brace} \\ line\none\ttab 👩\u200d👧 {{seed}} \ud800\x00'
    graph = build_graph(plan, hostile, "  blurry ", prefix="vidgen-7")
    texts = [inputs["text"] for inputs in nodes(graph, "CLIPTextEncode")]
    assert texts == ['a "quoted" {brace} \\ line\none tab 👩\u200d👧 {{seed}}', "blurry"]
    sampler = nodes(graph, "KSampler")[0]
    assert graph[sampler["positive"][0]]["inputs"]["text"] == texts[0]
    assert graph[sampler["negative"][0]]["inputs"]["text"] == texts[1]
    assert nodes(graph, "SaveImage")[0]["filename_prefix"] == "vidgen-7"


@pytest.mark.req("BUG-23", "AUD-27")
@pytest.mark.parametrize("negative", ["", "x", "no text"])
def test_how_short_a_negative_prompt_is_is_the_persons_business(negative: str) -> None:
    given = Settings.model_validate({"image_maker": {"negative_prompt": negative}})
    wished = given.image_maker.negative_prompt
    graph = build_graph(plans()["plain"], "a heron", wished, prefix="v")
    sampler = nodes(graph, "KSampler")[0]
    assert graph[sampler["negative"][0]]["inputs"]["text"] == negative


@pytest.mark.req("M9", "P8")
def test_the_words_are_encoded_once_for_all_passes_and_tiles() -> None:
    graph = build_graph(plans()["hires-tiles"], "a heron", "blurry", prefix="v")
    assert len(nodes(graph, "CLIPTextEncode")) == 2
    assert len(nodes(graph, "CheckpointLoaderSimple")) == 1


def test_the_plans_figures_are_the_graphs() -> None:
    plan = plans()["hires-full-tiled"]
    graph = build_graph(plan, "a heron", "blurry", prefix="v")
    first, second = nodes(graph, "KSampler")
    for sampler, steps, denoise in (
        (first, plan.steps, 1.0),
        (second, plan.refine_steps, plan.denoise),
    ):
        assert (sampler["steps"], sampler["denoise"]) == (steps, denoise)
        assert (sampler["cfg"], sampler["sampler_name"], sampler["scheduler"]) == (
            9.5,
            "dpmpp_2m",
            "karras",
        )
    assert (first["seed"], second["seed"]) == (3, 4)
    assert nodes(graph, "UpscaleModelLoader")[0]["model_name"] == "RealESRGAN_x4plus.pth"
    assert nodes(graph, "VAEDecodeTiled")[0]["tile_size"] == 512
    assert not nodes(graph, "VAEDecode")


def test_a_latent_is_enlarged_without_being_decoded() -> None:
    info = object_info(without=frozenset({"UpscaleModelLoader"}))
    plan = plans(Quality.STANDARD, info=info)["hires-full"]
    assert plan.upscale is UpscaleMethod.LATENT
    graph = build_graph(plan, "a heron", "blurry", prefix="v")
    assert len(nodes(graph, "VAEDecode")) == 1
    assert not nodes(graph, "VAEEncode") + nodes(graph, "VAEEncodeTiled")


def test_a_picture_of_another_shape_is_cut_not_stretched() -> None:
    server = abilities(object_info())
    wide = FrameSize(1000, 500)
    for plan in plans_for(
        Quality.STANDARD, Aspect.PORTRAIT, Family.SD15, "a", server, seed=1, picture=wide
    ):
        graph = build_graph(plan, "x", "y", prefix="v")
        scales = nodes(graph, "ImageScale")
        assert all(scale["crop"] == "center" for scale in scales)
        assert Sizes(graph).final() == (1000, 504)


def test_no_two_graphs_share_what_can_be_changed() -> None:
    plan = plans()["hires-tiles"]
    graph = build_graph(plan, "x", "y", prefix="v")
    links = [v for n in graph.values() for v in n["inputs"].values() if isinstance(v, list)]
    assert len({id(link) for link in links}) == len(links)
    assert build_graph(plan, "x", "y", prefix="v") == graph


def tiled(quality: Quality = Quality.STANDARD, *, soft: bool = True) -> tuple[PicturePlan, Graph]:
    lost = frozenset() if soft else frozenset({"FeatherMask"})
    plan = plans(quality, info=object_info(without=lost))["hires-tiles"]
    assert plan.refine is Refine.TILES
    assert plan.refine_size is not None
    return plan, build_graph(plan, "x", "y", prefix="v")


@pytest.mark.parametrize("soft", [True, False])
def test_tiles_leave_nothing_unrefined(*, soft: bool) -> None:
    """Tiles of ones over a picture of zeros: whatever shows through would be below one."""
    plan, graph = tiled(soft=soft)
    assert bool(nodes(graph, "FeatherMask")) is soft
    picture = laid(plan, graph, lambda _x, _y: 1.0)
    assert picture.min() == pytest.approx(1.0)
    assert picture.max() == pytest.approx(1.0)


@pytest.mark.parametrize("quality", [Quality.STANDARD, Quality.ULTRA])
def test_seams_between_tiles_are_soft(quality: Quality) -> None:
    """Tiles of noughts and ones: from one pixel to the next the grey changes by little only."""
    plan, graph = tiled(quality)
    picture = laid(plan, graph, checkered)
    steepest = max(np.abs(np.diff(picture, axis=axis)).max() for axis in (0, 1))
    assert 0 < steepest <= 1.01 / 96
    _, hard = tiled(quality, soft=False)
    assert np.abs(np.diff(laid(plan, hard, checkered), axis=1)).max() == 1.0


def laid(
    plan: PicturePlan, graph: Graph, value: Callable[[int, int], float]
) -> npt.NDArray[np.float64]:
    assert plan.refine_size is not None
    size = (plan.refine_size.width_px, plan.refine_size.height_px)
    return Tiles(graph, size, value).picture()


def checkered(x: int, y: int) -> float:
    """Tiles are about 400 to 700 px apart in both directions; neighbours differ somewhere."""
    return float((x // 300 + y // 500) % 2)


def test_every_tile_is_cut_from_the_unrefined_picture_and_has_noise_of_its_own() -> None:
    plan, graph = tiled(Quality.ULTRA)
    cuts = nodes(graph, "ImageCrop")
    assert len({cut["image"][0] for cut in cuts}) == 1
    seeds = [sampler["seed"] for sampler in nodes(graph, "KSampler")]
    assert seeds == [plan.seed + number for number in range(16)]
    encoded = nodes(graph, "VAEEncodeTiled")
    corners = [graph[inputs["pixels"][0]]["inputs"] for inputs in encoded]
    assert len({(cut["x"], cut["y"]) for cut in corners}) == 15


def test_the_largest_seed_still_leaves_room_for_the_tiles() -> None:
    plan = plans(seed=2**64 - 1)["hires-tiles"]
    graph = build_graph(plan, "x", "y", prefix="v")
    assert check_graph(graph, object_info()) == ()
