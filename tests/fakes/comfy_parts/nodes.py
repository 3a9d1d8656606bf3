"""The node classes that the fake ComfyUI knows, as `/object_info` tells them.

Types, bounds and option lists are those of ComfyUI 0.3.64. What the nodes do lives in `pixels.py`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

SAMPLERS = (
    "euler euler_cfg_pp euler_ancestral euler_ancestral_cfg_pp heun heunpp2 dpm_2 dpm_2_ancestral "
    "lms dpm_fast dpm_adaptive dpmpp_2s_ancestral dpmpp_2s_ancestral_cfg_pp dpmpp_sde "
    "dpmpp_sde_gpu dpmpp_2m dpmpp_2m_cfg_pp dpmpp_2m_sde dpmpp_2m_sde_gpu dpmpp_2m_sde_heun "
    "dpmpp_2m_sde_heun_gpu dpmpp_3m_sde dpmpp_3m_sde_gpu ddpm lcm ipndm ipndm_v deis "
    "res_multistep res_multistep_cfg_pp res_multistep_ancestral res_multistep_ancestral_cfg_pp "
    "gradient_estimation gradient_estimation_cfg_pp er_sde seeds_2 seeds_3 sa_solver "
    "sa_solver_pece ddim uni_pc uni_pc_bh2"
).split()
SCHEDULERS = (
    "simple sgm_uniform karras exponential ddim_uniform beta normal linear_quadratic kl_optimal"
).split()
IMAGE_METHODS = ["nearest-exact", "bilinear", "area", "bicubic", "lanczos"]
LATENT_METHODS = ["nearest-exact", "bilinear", "area", "bicubic", "bislerp"]
CROPS = ["disabled", "center"]
MAX_SIDE = 16384
MAX_SEED = 0xFFFFFFFFFFFFFFFF

NodeInfo = dict[str, Any]
Inputs = dict[str, list[Any]]


def _int(default: int, low: int, high: int, *, step: int | None = None, **more: Any) -> list[Any]:
    extra: dict[str, Any] = {"default": default, "min": low, "max": high}
    if step is not None:
        extra["step"] = step
    return ["INT", extra | more]


def _float(default: float, low: float, high: float, step: float, **more: Any) -> list[Any]:
    return ["FLOAT", {"default": default, "min": low, "max": high, "step": step, **more}]


def _node(
    name: str,
    title: str,
    category: str,
    required: Inputs,
    output: Sequence[str],
    *,
    optional: Inputs | None = None,
    hidden: dict[str, str] | None = None,
    is_output: bool = False,
    module: str = "nodes",
    tooltips: bool = False,
    modern: bool = False,
    names: Sequence[str] | None = None,
) -> NodeInfo:
    """One entry; ``modern`` ones are declared by the newer schema and carry more flags."""
    inputs: dict[str, Any] = {"required": required}
    if optional:
        inputs["optional"] = optional
    if hidden:
        inputs["hidden"] = hidden
    info: NodeInfo = {
        "input": inputs,
        "input_order": {group: list(members) for group, members in inputs.items()},
        "output": list(output),
        "output_is_list": [False] * len(output),
        "output_name": list(names or output),
        "name": name,
        "display_name": title,
        "description": "",
        "python_module": module,
        "category": category,
        "output_node": is_output,
    }
    if tooltips or modern:
        info["output_tooltips"] = [None if modern else f"The {kind}." for kind in output]
    if modern:
        info |= {"deprecated": False, "experimental": False, "api_node": False}
    return info


def _loaders(checkpoints: Sequence[str], upscalers: Sequence[str], pictures: Sequence[str]) -> Any:
    tip = {"tooltip": "The name of the checkpoint (model) to load."}
    yield _node(
        "CheckpointLoaderSimple", "Load Checkpoint", "loaders",
        {"ckpt_name": [list(checkpoints), tip]},
        ("MODEL", "CLIP", "VAE"), tooltips=True,
    )  # fmt: skip
    yield _node(
        "UpscaleModelLoader", "Load Upscale Model", "loaders",
        {"model_name": ["COMBO", {"multiselect": False, "options": list(upscalers)}]},
        ("UPSCALE_MODEL",), module="comfy_extras.nodes_upscale_model", modern=True,
    )  # fmt: skip
    yield _node(
        "LoadImage", "Load Image", "image",
        {"image": [list(pictures), {"image_upload": True}]},
        ("IMAGE", "MASK"),
    )  # fmt: skip


def _sampling() -> Any:
    prompt = {"multiline": True, "dynamicPrompts": True, "tooltip": "The text to be encoded."}
    yield _node(
        "CLIPTextEncode", "CLIP Text Encode (Prompt)", "conditioning",
        {"text": ["STRING", prompt], "clip": ["CLIP", {"tooltip": "The model for the text."}]},
        ("CONDITIONING",), tooltips=True,
    )  # fmt: skip
    yield _node(
        "KSampler", "KSampler", "sampling",
        {
            "model": ["MODEL", {"tooltip": "What denoises."}],
            "seed": _int(0, 0, MAX_SEED, control_after_generate=True, tooltip="The noise."),
            "steps": _int(20, 1, 10000, tooltip="How many steps."),
            "cfg": _float(8.0, 0.0, 100.0, 0.1, round=0.01, tooltip="How strong the guidance."),
            "sampler_name": [SAMPLERS, {"tooltip": "The algorithm."}],
            "scheduler": [SCHEDULERS, {"tooltip": "How noise is taken away."}],
            "positive": ["CONDITIONING", {"tooltip": "What to draw."}],
            "negative": ["CONDITIONING", {"tooltip": "What not to draw."}],
            "latent_image": ["LATENT", {"tooltip": "What to start from."}],
            "denoise": _float(1.0, 0.0, 1.0, 0.01, tooltip="How much to change."),
        },
        ("LATENT",), tooltips=True,
    )  # fmt: skip


def _latents() -> Any:
    side = _int(512, 16, MAX_SIDE, step=8, tooltip="In pixels.")
    yield _node(
        "EmptyLatentImage", "Empty Latent Image", "latent",
        {"width": side, "height": side, "batch_size": _int(1, 1, 4096, tooltip="How many.")},
        ("LATENT",), tooltips=True,
    )  # fmt: skip
    size = _int(512, 0, MAX_SIDE, step=8)
    yield _node(
        "LatentUpscale", "Upscale Latent", "latent",
        {"samples": ["LATENT"], "upscale_method": [LATENT_METHODS], "width": size, "height": size,
         "crop": [CROPS]},
        ("LATENT",),
    )  # fmt: skip
    yield _node(
        "LatentUpscaleBy", "Upscale Latent By", "latent",
        {"samples": ["LATENT"], "upscale_method": [LATENT_METHODS],
         "scale_by": _float(1.5, 0.01, 8.0, 0.01)},
        ("LATENT",),
    )  # fmt: skip
    place = _int(0, 0, MAX_SIDE, step=8)
    yield _node(
        "LatentComposite", "Latent Composite", "latent",
        {"samples_to": ["LATENT"], "samples_from": ["LATENT"], "x": place, "y": place,
         "feather": place},
        ("LATENT",),
    )  # fmt: skip


def _coding(*, older: bool) -> Any:
    latent, vae, pixels = ["LATENT"], ["VAE"], ["IMAGE"]
    tile: Inputs = {
        "tile_size": _int(512, 64, 4096, step=32), "overlap": _int(64, 0, 4096, step=32),
    }  # fmt: skip
    if not older:
        tip = "Only used for video VAEs."
        tile["temporal_size"] = _int(64, 8, 4096, step=4, tooltip=tip)
        tile["temporal_overlap"] = _int(8, 4, 4096, step=4, tooltip=tip)
    yield _node(
        "VAEDecode", "VAE Decode", "latent",
        {"samples": ["LATENT", {"tooltip": "What to decode."}],
         "vae": ["VAE", {"tooltip": "What decodes."}]},
        ("IMAGE",), tooltips=True,
    )  # fmt: skip
    yield _node(
        "VAEDecodeTiled", "VAE Decode (Tiled)", "_for_testing",
        {"samples": latent, "vae": vae, **tile}, ("IMAGE",),
    )  # fmt: skip
    yield _node("VAEEncode", "VAE Encode", "latent", {"pixels": pixels, "vae": vae}, ("LATENT",))
    yield _node(
        "VAEEncodeTiled", "VAE Encode (Tiled)", "_for_testing",
        {"pixels": pixels, "vae": vae, **tile, "tile_size": _int(512, 64, 4096, step=64)},
        ("LATENT",),
    )  # fmt: skip


def _images() -> Any:
    image, mask = ["IMAGE"], ["MASK"]
    size = _int(512, 0, MAX_SIDE, step=1)
    yield _node(
        "ImageScale", "Upscale Image", "image/upscaling",
        {"image": image, "upscale_method": [IMAGE_METHODS], "width": size, "height": size,
         "crop": [CROPS]},
        ("IMAGE",),
    )  # fmt: skip
    yield _node(
        "ImageScaleBy", "Upscale Image By", "image/upscaling",
        {"image": image, "upscale_method": [IMAGE_METHODS],
         "scale_by": _float(1.0, 0.01, 8.0, 0.01)},
        ("IMAGE",),
    )  # fmt: skip
    yield _node(
        "ImageUpscaleWithModel", "Upscale Image (using Model)", "image/upscaling",
        {"upscale_model": ["UPSCALE_MODEL", {}], "image": ["IMAGE", {}]},
        ("IMAGE",), module="comfy_extras.nodes_upscale_model", modern=True,
    )  # fmt: skip
    side, place = _int(512, 1, MAX_SIDE, step=1), _int(0, 0, MAX_SIDE, step=1)
    yield _node(
        "ImageCrop", "Image Crop", "image/transform",
        {"image": image, "width": side, "height": side, "x": place, "y": place},
        ("IMAGE",), module="comfy_extras.nodes_images",
    )  # fmt: skip
    yield _node(
        "ImageCompositeMasked", "ImageCompositeMasked", "image",
        {"destination": image, "source": image, "x": place, "y": place,
         "resize_source": ["BOOLEAN", {"default": False}]},
        ("IMAGE",), optional={"mask": mask}, module="comfy_extras.nodes_mask",
    )  # fmt: skip
    yield _node(
        "SolidMask", "SolidMask", "mask",
        {"value": _float(1.0, 0.0, 1.0, 0.01), "width": side, "height": side},
        ("MASK",), module="comfy_extras.nodes_mask",
    )  # fmt: skip
    yield _node(
        "FeatherMask", "FeatherMask", "mask",
        {"mask": mask, "left": place, "top": place, "right": place, "bottom": place},
        ("MASK",), module="comfy_extras.nodes_mask",
    )  # fmt: skip


def _outputs() -> Any:
    hidden = {"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"}
    prefix = {"default": "ComfyUI", "tooltip": "The prefix of the file's name."}
    yield _node(
        "SaveImage", "Save Image", "image",
        {"images": ["IMAGE", {"tooltip": "What to save."}], "filename_prefix": ["STRING", prefix]},
        (), hidden=hidden, is_output=True,
    )  # fmt: skip
    yield _node(
        "PreviewImage", "Preview Image", "image",
        {"images": ["IMAGE"]},
        (), hidden=hidden, is_output=True,
    )  # fmt: skip


def _cue_nodes() -> Any:
    for name in ("OomOnCue", "RaiseOnCue"):
        yield _node(
            name, name, "testing", {"samples": ["LATENT"]}, ("LATENT",),
            module="custom_nodes.oomnode",
        )  # fmt: skip


def object_info(
    *,
    checkpoints: Sequence[str],
    upscalers: Sequence[str] = (),
    pictures: Sequence[str] = (),
    older: bool = False,
    cue_nodes: bool = False,
    without: Sequence[str] = (),
) -> dict[str, NodeInfo]:
    """What `GET /object_info` answers; option lists are what is installed right now."""
    found = [
        *_loaders(checkpoints, upscalers, pictures), *_sampling(), *_latents(),
        *_coding(older=older), *_images(), *_outputs(), *(_cue_nodes() if cue_nodes else ()),
    ]  # fmt: skip
    return {info["name"]: info for info in found if info["name"] not in without}


def inputs_of(info: Mapping[str, Any]) -> dict[str, tuple[str, Any, dict[str, Any]]]:
    """Each declared input: whether required or optional, its type (a list: the options), extras."""
    found = {}
    for group in ("required", "optional"):
        for name, config in info["input"].get(group, {}).items():
            found[name] = (group, config[0], config[1] if len(config) > 1 else {})
    return found
