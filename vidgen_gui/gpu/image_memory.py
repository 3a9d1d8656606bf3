"""How much graphics memory a way of making a picture takes, by the server's own planning figures.

Figures of ComfyUI 0.3.64, whose source calls them in need of tweaking: measured peaks decide.

- Sampling: ``comfy/model_base.py``, ``BaseModel.memory_required`` with flash attention. With and
  without the prompt at once where that fits, else one after the other
  (``comfy/samplers.py``, ``_calc_cond_batch``), so one of them is what must fit.
- VAE: ``comfy/sd.py``, ``memory_used_decode`` and ``memory_used_encode`` of AutoencoderKL; for
  tiles the tile's size (its three passes use tiles of equal area).
- Upscale model: ``ImageUpscaleWithModel`` at the smallest tile that it halves itself down to.
- Weights that don't fit are streamed from the computer's memory; at least 128 MiB of them are put
  on the card (``comfy/model_management.py``, ``load_models_gpu``), which also has the reserve and
  the 1.1 for weights. That a tenth of a large model is there at once is our own guess: the layer
  at work, the next one, and the parts that are never streamed.
- The CUDA context: some 250 MiB, as for a language model (`gpu.llm_memory`).
"""

from dataclasses import dataclass
from enum import StrEnum

from vidgen_gui.core.image_family import FACTS, Family
from vidgen_gui.core.memory_range import MIB, MemoryRange
from vidgen_gui.core.picture_plan import Decode, PicturePlan, Refine, UpscaleMethod
from vidgen_gui.core.picture_sizes import GRAIN_PX, area_px
from vidgen_gui.core.quality import FrameSize

RESERVE_MIB = 400.0
"""Kept free by the server itself; 600 to 700 on Windows."""
CUDA_CONTEXT_MIB = 250.0
DTYPE_BYTES = 2
LEAST_FACTOR, MOST_FACTOR = 0.7, 1.6
"""How far the server's figures may be off: 0.75 to 1.6, and one run differs from the next by a
twentieth. Chosen, not measured; what is measured replaces it (`gpu.calibration`)."""
_BATCH = 2
"""With and without the prompt."""
_SAMPLING_MIB = 0.01
_DECODE_BYTES = 2178 * GRAIN_PX * GRAIN_PX
_ENCODE_BYTES = 1767
_WEIGHTS_MARGIN = 1.1
_LEAST_RESIDENT_MIB = 128.0
_RESIDENT_SHARE = 0.1
_TEXT_MIB = 16.0
"""A prompt's own numbers on their way through the text encoder; a guess on the safe side."""
_UPSCALER_MIB = 64.0
_UPSCALER_BYTES = 128 * 128 * 3 * 4 * 4 * 384
"""A tile of 128 px, three channels of 32-bit floats, four times enlarged, the source's 384."""


class StepKind(StrEnum):
    """What a step of making a picture does."""

    READING = "reading the prompt"
    SAMPLING = "sampling"
    DECODING = "decoding"
    ENCODING = "encoding"
    ENLARGING = "enlarging"


@dataclass(frozen=True, slots=True)
class StepNeed:
    """One step's memory in MiB, without the CUDA context.

    Args:
        size: what is worked on at once; None where the prompt or the model decides.
        weights_mib: of the step's model, wholly on the card.
        resident_mib: of them, what must be there at once.
        work_mib: the step's own numbers.
    """

    kind: StepKind
    size: FrameSize | None
    weights_mib: float
    work_mib: float

    @property
    def resident_mib(self) -> float:
        return min(self.weights_mib, max(_LEAST_RESIDENT_MIB, _RESIDENT_SHARE * self.weights_mib))

    @property
    def least_resident_mib(self) -> float:
        return _RESIDENT_SHARE * self.weights_mib

    @property
    def needed_mib(self) -> float:
        return self.resident_mib + self.work_mib


def need(picture: PicturePlan) -> MemoryRange:
    """What the picture cannot be made without, in MiB: the most that any of its steps needs.

    CUDA context, the weights that must be there at once, and the step's own numbers. Low and high
    are the server's figures times `LEAST_FACTOR` and `MOST_FACTOR`. Steps, CFG and sampler don't
    count: they cost time, not memory.
    """
    steps = step_needs(picture)
    likely = CUDA_CONTEXT_MIB + max(step.needed_mib for step in steps)
    low = CUDA_CONTEXT_MIB + max(step.least_resident_mib + step.work_mib for step in steps)
    return MemoryRange(LEAST_FACTOR * low, likely, MOST_FACTOR * likely)


def comfortable_mib(picture: PicturePlan) -> float:
    """Memory in MiB with which nothing is streamed and the server's own reserve stays free."""
    steps = step_needs(picture, batch=_BATCH)
    most = max(_WEIGHTS_MARGIN * step.weights_mib + step.work_mib for step in steps)
    return CUDA_CONTEXT_MIB + RESERVE_MIB + most


def step_needs(picture: PicturePlan, *, batch: int = 1) -> tuple[StepNeed, ...]:
    """The steps of making a picture and what each needs; the sampler's with ``batch`` at once."""
    facts = FACTS[picture.family]
    steps = [StepNeed(StepKind.READING, None, facts.text_encoder_mib, _TEXT_MIB)]
    for size in _sampled(picture):
        work = sampling_mib(size, picture.family, batch=batch)
        steps.append(StepNeed(StepKind.SAMPLING, size, facts.unet_mib, work))
    for size in _decoded(picture):
        part = _at_once(size, picture.decode, picture.tile_px)
        steps.append(StepNeed(StepKind.DECODING, part, facts.vae_mib, decoding_mib(part)))
    for size in _encoded(picture):
        part = _at_once(size, picture.encode, picture.tile_px)
        steps.append(StepNeed(StepKind.ENCODING, part, facts.vae_mib, encoding_mib(part)))
    if picture.upscale is UpscaleMethod.MODEL:
        work = _UPSCALER_BYTES / MIB
        steps.append(StepNeed(StepKind.ENLARGING, None, _UPSCALER_MIB, work))
    return tuple(steps)


def sampling_mib(size: FrameSize, family: Family, *, batch: int = 1) -> float:
    """A sampler's own numbers for a picture of ``size``, in MiB."""
    latent_px = area_px(size) / (GRAIN_PX * GRAIN_PX)
    return batch * latent_px * DTYPE_BYTES * _SAMPLING_MIB * FACTS[family].sampling_factor


def decoding_mib(size: FrameSize) -> float:
    """Turning a latent into a picture of ``size`` at once, in MiB."""
    return _DECODE_BYTES * area_px(size) / (GRAIN_PX * GRAIN_PX) * DTYPE_BYTES / MIB


def encoding_mib(size: FrameSize) -> float:
    """Turning a picture of ``size`` into a latent at once, in MiB."""
    return _ENCODE_BYTES * area_px(size) * DTYPE_BYTES / MIB


def _at_once(size: FrameSize, way: Decode, tile_px: int) -> FrameSize:
    if way is Decode.PLAIN or area_px(size) <= tile_px * tile_px:
        return size
    return FrameSize(tile_px, tile_px)


def _refined(plan: PicturePlan) -> list[FrameSize]:
    if plan.refine_size is None:
        return []
    if plan.refine is not Refine.TILES:
        return [plan.refine_size]
    # A tile as large as any may be, so that a smaller picture never seems to need more.
    most_px = plan.refine_tile_px
    whole = plan.refine_size
    return [FrameSize(min(whole.width_px, most_px), min(whole.height_px, most_px))]


def _sampled(plan: PicturePlan) -> list[FrameSize]:
    return [plan.base, *_refined(plan)]


def _decoded(plan: PicturePlan) -> list[FrameSize]:
    if plan.upscale is UpscaleMethod.LATENT:
        return _refined(plan)
    return [plan.base, *_refined(plan)]


def _encoded(plan: PicturePlan) -> list[FrameSize]:
    return [] if plan.upscale is UpscaleMethod.LATENT else _refined(plan)
