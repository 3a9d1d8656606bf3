"""How much graphics memory a plan asks for, by the server's own planning figures.

Figures of ComfyUI 0.3.64, whose source calls them in need of tweaking: measured peaks decide.
Sampling: ``comfy/model_base.py``, ``BaseModel.memory_required`` with flash attention. VAE:
``comfy/sd.py``, ``memory_used_decode`` and ``memory_used_encode`` of AutoencoderKL; for tiles the
tile's size. Upscale model: ``ImageUpscaleWithModel`` at the smallest tile that it halves itself
down to. Reserve and the 1.1 for weights: ``comfy/model_management.py``.
"""

from vidgen_gui.core.image_family import FACTS
from vidgen_gui.core.picture_plan import Decode, PicturePlan, Refine, UpscaleMethod, refine_grid
from vidgen_gui.core.picture_sizes import GRAIN_PX, area_px
from vidgen_gui.core.quality import FrameSize

MIB = 1024 * 1024
RESERVE_MIB = 400.0
DTYPE_BYTES = 2
_BATCH = 2
"""With and without the prompt."""
_SAMPLING_MIB = 0.01
_DECODE_BYTES = 2178 * GRAIN_PX * GRAIN_PX
_ENCODE_BYTES = 1767
_WEIGHTS_MARGIN = 1.1
_UPSCALER_MIB = 64.0
_UPSCALER_BYTES = 128 * 128 * 3 * 4 * 4 * 384
"""A tile of 128 px, three channels of 32-bit floats, four times enlarged, the source's 384."""


def estimate_mib(plan: PicturePlan) -> float:
    """The largest need of any step of the plan, its model wholly on the card, in MiB.

    The server streams weights from RAM where they don't fit, so with less it is slower, not
    impossible. Steps, CFG and sampler don't count: they cost time, not memory.
    """
    facts = FACTS[plan.family]
    unet, vae = facts.unet_mib * _WEIGHTS_MARGIN, facts.vae_mib * _WEIGHTS_MARGIN
    parts = [facts.text_encoder_mib * _WEIGHTS_MARGIN]
    parts += [unet + _sampling_mib(size, facts.sampling_factor) for size in _sampled(plan)]
    parts += [vae + _decoding_mib(plan, size) for size in _decoded(plan)]
    parts += [vae + _encoding_mib(plan, size) for size in _encoded(plan)]
    if plan.upscale is UpscaleMethod.MODEL:
        parts.append(_UPSCALER_MIB * _WEIGHTS_MARGIN + _UPSCALER_BYTES / MIB)
    return RESERVE_MIB + max(parts)


def _sampling_mib(size: FrameSize, factor: float) -> float:
    latent_px = area_px(size) / (GRAIN_PX * GRAIN_PX)
    return _BATCH * latent_px * DTYPE_BYTES * _SAMPLING_MIB * factor


def _decoding_mib(plan: PicturePlan, size: FrameSize) -> float:
    pixels = _at_once_px(size, plan.decode, plan.tile_px)
    return _DECODE_BYTES * pixels / (GRAIN_PX * GRAIN_PX) * DTYPE_BYTES / MIB


def _encoding_mib(plan: PicturePlan, size: FrameSize) -> float:
    return _ENCODE_BYTES * _at_once_px(size, plan.encode, plan.tile_px) * DTYPE_BYTES / MIB


def _at_once_px(size: FrameSize, way: Decode, tile_px: int) -> int:
    return area_px(size) if way is Decode.PLAIN else min(area_px(size), tile_px * tile_px)


def _refined(plan: PicturePlan) -> list[FrameSize]:
    if plan.refine_size is None:
        return []
    return [refine_grid(plan).size if plan.refine is Refine.TILES else plan.refine_size]


def _sampled(plan: PicturePlan) -> list[FrameSize]:
    return [plan.base, *_refined(plan)]


def _decoded(plan: PicturePlan) -> list[FrameSize]:
    if plan.upscale is UpscaleMethod.LATENT:
        return _refined(plan)
    return [plan.base, *_refined(plan)]


def _encoded(plan: PicturePlan) -> list[FrameSize]:
    return [] if plan.upscale is UpscaleMethod.LATENT else _refined(plan)
