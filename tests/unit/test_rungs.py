"""Which ways there are to make a picture: families, abilities, sizes, order by memory."""

from dataclasses import replace
from itertools import pairwise

import pytest
from comfy_interpreter import object_info
from hypothesis import given
from hypothesis import strategies as st
from recordings import recording

from vidgen_gui.core.image_family import FACTS, Family, guess_family
from vidgen_gui.core.picture import picture_size
from vidgen_gui.core.picture_plan import Decode, PicturePlan, Refine, UpscaleMethod
from vidgen_gui.core.picture_sizes import area_px, tile_grid
from vidgen_gui.core.quality import PRESETS, Aspect, FrameSize, Quality, frame_size
from vidgen_gui.core.server_abilities import ServerAbilities
from vidgen_gui.gpu.image_memory import comfortable_mib, decoding_mib, need, sampling_mib
from vidgen_gui.gpu.rungs import plans_for
from vidgen_gui.gpu.upscalers import choose_upscale_model, upscale_factor
from vidgen_gui.services.comfy_graph import abilities

SERVER = abilities(object_info())
RUNGS = (
    "hires-full",
    "hires-full-tiled",
    "hires-fraction",
    "hires-fraction-small",
    "hires-tiles",
    "upscale",
    "plain",
)


def ultra(server: ServerAbilities = SERVER, **changed: object) -> tuple[PicturePlan, ...]:
    family = changed.pop("family", Family.SD15)
    assert isinstance(family, Family)
    checkpoint = str(changed.pop("checkpoint", "random_sd15.safetensors"))
    picture = picture_size(frame_size(Quality.ULTRA, Aspect.PORTRAIT))
    return plans_for(
        Quality.ULTRA, Aspect.PORTRAIT, family, checkpoint, server, seed=1, picture=picture
    )


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("v1-5-pruned-emaonly.safetensors", Family.SD15),
        ("sd-v1-4.ckpt", Family.SD15),
        ("random_sd15.safetensors", Family.SD15),
        ("SD1.5/dreamshaper_8.safetensors", Family.SD15),
        ("realisticVisionV51_v51VAE.safetensors", Family.SD15),
        ("sd_xl_base_1.0.safetensors", Family.SDXL),
        ("juggernautXL_v9Rundiffusionphoto2.safetensors", Family.SDXL),
        ("ponyDiffusionV6XL.safetensors", Family.SDXL),
        ("dreamshaperXL_lightningDPMSDE.safetensors", Family.SDXL),
        ("sdxl_turbo_1.0_fp16.safetensors", Family.SDXL),
        ("animagine-xl-3.1.safetensors", Family.SDXL),
        ("flux1-dev-fp8.safetensors", Family.UNKNOWN),
        ("sd3.5_medium.safetensors", Family.UNKNOWN),
        ("v2-1_768-ema-pruned.ckpt", Family.UNKNOWN),
        ("sd_turbo.safetensors", Family.UNKNOWN),
        ("my_own_model_v15b.safetensors", Family.UNKNOWN),
        ("", Family.UNKNOWN),
    ],
)
def test_a_family_is_guessed_from_the_name(name: str, family: Family) -> None:
    assert guess_family(name) is family


def test_a_hint_counts_before_the_name() -> None:
    assert guess_family("mix.safetensors", "SDXL 1.0") is Family.SDXL
    assert guess_family("dreamshaper_8.safetensors", "Flux.1") is Family.UNKNOWN


def test_ultras_ways_on_a_server_that_has_everything() -> None:
    plans = ultra()
    assert tuple(plan.rung for plan in plans) == RUNGS
    by_rung = {plan.rung: plan for plan in plans}
    assert {str(plan.final) for plan in plans} == {"1616×2872"}
    assert by_rung["hires-full"].decode is Decode.PLAIN
    assert all(plan.decode is Decode.TILED for plan in plans[1:])
    assert by_rung["hires-full-tiled"].refine_size == by_rung["hires-full"].final
    assert by_rung["hires-full"].upscale is UpscaleMethod.MODEL
    assert by_rung["hires-full"].upscale_model == "RealESRGAN_x4plus.pth"
    assert by_rung["upscale"].upscale is UpscaleMethod.MODEL
    assert by_rung["plain"].upscale is UpscaleMethod.IMAGE
    assert (by_rung["hires-full"].sampler, by_rung["hires-full"].scheduler) == (
        "dpmpp_2m",
        "karras",
    )


@pytest.mark.req("V1")
def test_ultra_is_also_refined_at_the_two_sizes_between_high_and_ultra() -> None:
    sizes = {plan.rung: str(plan.refine_size) for plan in ultra()}
    assert sizes["hires-fraction"] == "1344×2384"
    assert sizes["hires-fraction-small"] == "1200×2136"


@pytest.mark.req("V3", "P4")
def test_steps_and_cfg_are_the_presets_and_cost_no_memory() -> None:
    plans = {plan.rung: plan for plan in ultra()}
    for rung in set(RUNGS) - {"hires-fraction-small"}:
        assert (plans[rung].steps, plans[rung].cfg) == (80, 9.5)
    lite = plans["hires-fraction-small"]
    assert (lite.steps, lite.cfg) == (60, 8.5)
    more = replace(lite, steps=200, cfg=15.0, sampler="euler", refine_steps=90)
    assert need(more) == need(lite)
    assert comfortable_mib(more) == comfortable_mib(lite)


def test_the_second_pass_keeps_the_density_of_steps() -> None:
    """The server takes its steps from the end of a schedule of ``steps / denoise``."""
    for plan in ultra():
        if plan.refine is not Refine.NONE:
            assert plan.refine_steps / plan.denoise == pytest.approx(plan.steps, abs=4)


def test_a_distilled_model_draws_in_few_steps_and_without_much_guidance() -> None:
    plans = ultra(family=Family.SDXL, checkpoint="sdxl_lightning_8step.safetensors")
    assert {plan.steps for plan in plans} == {8}
    assert {plan.cfg for plan in plans} == {2.0}


def test_the_memory_figures_are_the_protocols_for_a_full_picture() -> None:
    """1440×2560, SD1.5, 16-bit: sampling 2.25 GiB, weights about 2, decode 15 or 1.1 tiled."""
    gib = 1024.0
    size = FrameSize(1440, 2560)
    assert sampling_mib(size, Family.SD15, batch=2) / gib == pytest.approx(2.25, abs=0.01)
    assert decoding_mib(size) / gib == pytest.approx(15.0, abs=0.1)
    assert decoding_mib(FrameSize(512, 512)) / gib == pytest.approx(1.1, abs=0.05)
    plan = replace(ultra()[0], final=size, refine_size=size)
    assert comfortable_mib(plan) / gib == pytest.approx(15.0 + 0.17 + 0.24 + 0.39, abs=0.1)
    tiled = replace(plan, decode=Decode.TILED)
    assert comfortable_mib(tiled) / gib == pytest.approx(2.25 + 1.64 * 1.1 + 0.64, abs=0.1)


@pytest.mark.parametrize("quality", list(Quality))
@pytest.mark.parametrize("aspect", list(Aspect))
@pytest.mark.parametrize("family", list(Family))
def test_no_way_needs_more_memory_than_the_one_before(
    quality: Quality, aspect: Aspect, family: Family
) -> None:
    picture = picture_size(frame_size(quality, aspect))
    plans = plans_for(quality, aspect, family, "a.safetensors", SERVER, seed=1, picture=picture)
    needs = [need(plan).likely_mib for plan in plans]
    assert len(plans) >= 2
    assert needs == sorted(needs, reverse=True)
    assert len({plan.rung for plan in plans}) == len(plans)
    best, _, least = FACTS[family].base_px
    for plan in plans:
        assert 0.95 * least <= area_px(plan.base) <= 1.03 * best
        assert plan.final.width_px >= picture.width_px
        assert plan.final.height_px >= picture.height_px


@pytest.mark.parametrize("family", list(Family))
def test_a_lower_qualitys_picture_is_scaled_up_to_what_is_delivered(family: Family) -> None:
    picture = picture_size(frame_size(Quality.ULTRA, Aspect.PORTRAIT))
    plans = plans_for(Quality.HIGH, Aspect.PORTRAIT, family, "a", SERVER, seed=1, picture=picture)
    assert {plan.steps for plan in plans} == {PRESETS[Quality.HIGH].steps}
    full = next(plan for plan in plans if plan.rung == "hires-full")
    assert full.refine_size is not None
    own = picture_size(frame_size(Quality.HIGH, Aspect.PORTRAIT))
    assert area_px(full.refine_size) == pytest.approx(area_px(own), rel=0.02)
    assert full.final.width_px >= picture.width_px
    assert need(full).likely_mib < need(ultra(family=family)[0]).likely_mib


def test_without_an_upscale_model_a_latent_is_enlarged_little_and_a_picture_much() -> None:
    server = replace(SERVER, upscale_models=())
    ways = {plan.rung: plan.upscale for plan in ultra(server, family=Family.SDXL)}
    assert ways["hires-full"] is UpscaleMethod.IMAGE
    assert ways["hires-fraction"] is UpscaleMethod.LATENT
    assert ways["hires-tiles"] is UpscaleMethod.IMAGE
    for plan in ultra(server):
        if plan.upscale is UpscaleMethod.LATENT:
            assert plan.denoise > 0.5


@pytest.mark.req("M5")
@pytest.mark.parametrize(
    ("lost", "gone"),
    [
        ({"ImageCompositeMasked"}, {"hires-tiles"}),
        ({"ImageCrop"}, {"hires-tiles"}),
        ({"VAEDecode"}, {"hires-full"}),
        ({"VAEDecodeTiled"}, {"hires-full-tiled"}),
        (
            {"VAEEncode", "VAEEncodeTiled", "LatentUpscale"},
            {r for r in RUNGS if r.startswith("hires")},
        ),
    ],
)
def test_a_way_whose_nodes_the_server_lacks_is_not_offered(lost: set[str], gone: set[str]) -> None:
    server = abilities(object_info(without=frozenset(lost)))
    rungs = {plan.rung for plan in ultra(server)}
    assert not rungs & gone
    assert {"upscale", "plain"} <= rungs


@pytest.mark.parametrize(
    "lost", ["CheckpointLoaderSimple", "KSampler", "ImageScale", "CLIPTextEncode"]
)
def test_a_server_without_the_least_is_named_and_gets_no_plan(lost: str) -> None:
    server = abilities(object_info(without=frozenset({lost})))
    assert server.missing == (lost,)
    assert ultra(server) == ()
    nothing = abilities({})
    assert {"VAEDecode", "SaveImage", lost} <= set(nothing.missing)


def test_what_a_server_names_differently_is_chosen_from_its_own_list() -> None:
    info = object_info()
    sampler = info["KSampler"]["input"]["required"]
    sampler["sampler_name"] = [["lms", "euler"], {}]
    sampler["scheduler"] = ["COMBO", {"options": ["beta"]}]
    plans = ultra(abilities(info))
    assert {plan.sampler for plan in plans} == {"euler"}
    assert {plan.scheduler for plan in plans} == {"beta"}
    lacking = abilities(object_info(without=frozenset({"SaveImage"})))
    assert {plan.output_node for plan in ultra(lacking)} == {"PreviewImage"}


def test_abilities_of_a_recorded_server() -> None:
    info = {}
    for name in (
        "CheckpointLoaderSimple",
        "EmptyLatentImage",
        "ImageScale",
        "ImageUpscaleWithModel",
        "KSampler",
        "LatentUpscale",
        "SaveImage",
        "UpscaleModelLoader",
        "VAEDecodeTiled",
    ):
        told = recording(f"comfyui-0.3.64/get_object_info_{name}.json")
        info.update(told["body"])
    server = abilities(info)
    assert server.checkpoints == ("random_sd15.safetensors",)
    assert {"dpmpp_2m", "euler"} <= set(server.samplers)
    assert {"karras", "normal"} <= set(server.schedulers)
    assert server.image_scalers[-1] == "lanczos"
    assert server.upscale_models == ()
    assert not server.can_use_upscale_models
    assert server.missing == ("CLIPTextEncode",)
    assert server.has("VAEDecodeTiled", "LatentUpscale")


@pytest.mark.parametrize(
    "entry",
    [
        None,
        [],
        "KSampler",
        {},
        {"input": []},
        {"input": {"required": []}},
        {"input": {"required": {"sampler_name": []}}},
        {"input": {"required": {"sampler_name": [7, {}]}}},
        {"input": {"required": {"sampler_name": ["COMBO", {"options": "euler"}]}}},
        {"input": {"required": {"sampler_name": [["euler"], "no"]}}},
        {"input": {"required": {}}, "output": "LATENT"},
    ],
)
def test_a_malformed_description_counts_as_not_there(entry: object) -> None:
    info = object_info()
    info["KSampler"] = entry
    server = abilities(info)
    assert "KSampler" in server.missing
    assert server.samplers == ()


def test_names_that_are_no_names_are_left_out() -> None:
    info = object_info()
    loader = info["CheckpointLoaderSimple"]["input"]["required"]
    loader["ckpt_name"] = [["a.safetensors", 7, "", None, "x" * 5000, "a.safetensors", ["b"]]]
    assert abilities(info).checkpoints == ("a.safetensors",)


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        ([], ""),
        (["1x-DeJPG.pth"], ""),
        (["4x_NMKD-Siax.pth", "RealESRGAN_x4plus_anime_6B.pth"], "4x_NMKD-Siax.pth"),
        (["RealESRGAN_x2plus.pth", "RealESRGAN_x4plus.pth"], "RealESRGAN_x4plus.pth"),
        (["8x_NMKD.pth", "4x-UltraSharp.pth", "RealESRGAN_x4plus.pth"], "4x-UltraSharp.pth"),
        (["strange.pth"], "strange.pth"),
    ],
)
def test_the_upscale_model_for_pictures_of_anything(names: list[str], chosen: str) -> None:
    assert choose_upscale_model(names) == chosen
    assert choose_upscale_model(names[::-1]) == chosen


def test_what_a_model_enlarges_by_its_name() -> None:
    assert upscale_factor("RealESRGAN_x4plus.pth") == 4
    assert upscale_factor("2x-Remacri.pth") == 2
    assert upscale_factor("model_v12.pth") is None


@pytest.mark.req("G5", "T2")
@pytest.mark.parametrize("seed", [-1, 2**64, 10**30, -(10**30), 0])
def test_any_seed_is_folded_before_it_is_used(seed: int) -> None:
    size = FrameSize(512, 768)
    plans = plans_for(
        Quality.DRAFT, Aspect.PORTRAIT, Family.SD15, "a", SERVER, seed=seed, picture=size
    )
    assert {plan.seed for plan in plans} == {seed % 2**64}


@pytest.mark.req("G5", "T2", "LBL-11")
@pytest.mark.parametrize(
    "change",
    [
        {"seed": -1},
        {"seed": 2**64},
        {"steps": 0},
        {"steps": 10_001},
        {"cfg": -0.1},
        {"cfg": 101.0},
        {"cfg": float("nan")},
        {"base": FrameSize(500, 768)},
        {"final": FrameSize(16384, 512)},
        {"refine_size": None},
        {"refine_steps": 0},
        {"denoise": 0.0},
        {"denoise": 1.5},
        {"upscale": UpscaleMethod.NONE, "upscale_model": ""},
        {"upscale_model": ""},
        {"refine": Refine.TILES, "refine_tile_px": 0},
        {"refine": Refine.TILES, "upscale": UpscaleMethod.LATENT, "upscale_model": ""},
    ],
)
def test_values_that_make_no_plan_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        replace(ultra()[0], **change)  # type: ignore[arg-type]


@given(
    width=st.integers(8, 1024),
    height=st.integers(8, 1024),
    longest=st.integers(32, 144),
    overlap=st.integers(1, 16),
)
def test_tiles_cover_the_picture_and_overlap(
    width: int, height: int, longest: int, overlap: int
) -> None:
    picture = FrameSize(8 * width, 8 * height)
    grid = tile_grid(picture, 8 * longest, 8 * overlap)
    for length, side, starts, seam in (
        (picture.width_px, grid.size.width_px, {t.x_px for t in grid.tiles}, grid.seam_x_px),
        (picture.height_px, grid.size.height_px, {t.y_px for t in grid.tiles}, grid.seam_y_px),
    ):
        places = sorted(starts)
        assert side <= 8 * longest
        assert side % 8 == 0
        assert places[0] == 0
        assert places[-1] + side == length
        assert all(place % 8 == 0 for place in places)
        if len(places) > 1:
            overlaps = [a + side - b for a, b in pairwise(places)]
            assert min(overlaps) == seam >= 8 * overlap
