"""One way of making one picture, as a value. Which ways there are is chosen in `gpu.rungs`."""

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from vidgen_gui.core.image_family import Family
from vidgen_gui.core.job import SEED_SPAN
from vidgen_gui.core.picture_overrides import PictureOverrides
from vidgen_gui.core.picture_sizes import GRAIN_PX, SMALLEST_PX, TileGrid, tile_grid
from vidgen_gui.core.quality import FrameSize

MOST_STEPS = 10_000
MOST_CFG = 100.0
LONGEST_PX = 8192
"""Older servers take no longer side (newer ones 16384)."""


class UpscaleMethod(StrEnum):
    """How the first picture is enlarged: as a latent, by a model, or by resampling."""

    NONE = "none"
    LATENT = "latent"
    MODEL = "model"
    IMAGE = "image"


class Refine(StrEnum):
    """Where the enlarged picture is redrawn with little noise."""

    NONE = "none"
    FULL = "full"
    FRACTION = "fraction"
    TILES = "tiles"


class Decode(StrEnum):
    """Whether the VAE works on the whole picture at once or tile by tile."""

    PLAIN = "plain"
    TILED = "tiled"


@dataclass(frozen=True, slots=True)
class PicturePlan:
    """Everything that decides a picture besides its words.

    Args:
        rung: short stable name of this way.
        base: size of the first picture, the only one drawn from pure noise.
        final: size of the file.
        refine_size: size of the picture that is refined; with tiles, the whole picture's.
        refine_steps: steps that the second pass really runs. The server draws them from the end
            of a schedule of ``refine_steps / denoise`` steps (``KSampler`` of 0.3.64).
        tile_px: side of the VAE's tiles.
        refine_tile_px: longest side of a refined tile.
        soft_seams: tiles are put back with a soft edge.

    Raises:
        ValueError: the values don't make a plan.
    """

    rung: str
    family: Family
    checkpoint: str
    base: FrameSize
    final: FrameSize
    steps: int
    cfg: float
    sampler: str
    scheduler: str
    seed: int
    upscale: UpscaleMethod = UpscaleMethod.NONE
    upscale_model: str = ""
    refine: Refine = Refine.NONE
    refine_size: FrameSize | None = None
    refine_steps: int = 0
    denoise: float = 0.0
    decode: Decode = Decode.PLAIN
    tile_px: int = 512
    encode: Decode = Decode.PLAIN
    refine_tile_px: int = 0
    soft_seams: bool = True
    image_scaler: str = "lanczos"
    output_node: str = "SaveImage"

    def __post_init__(self) -> None:
        sizes = [self.base, self.final, *([self.refine_size] if self.refine_size else [])]
        if not all(_fits(size) for size in sizes):
            raise ValueError(f"sizes must be multiples of {GRAIN_PX}: {sizes}")
        if not 0 <= self.seed < SEED_SPAN:
            raise ValueError(f"seed {self.seed} is not in 0…2⁶⁴−1")
        if not 1 <= self.steps <= MOST_STEPS or not 0 <= self.cfg <= MOST_CFG:
            raise ValueError(f"{self.steps} steps at CFG {self.cfg}")
        if (self.refine is Refine.NONE) is not (self.refine_size is None):
            raise ValueError("a refined picture has a size, another has none")
        if (self.upscale is UpscaleMethod.MODEL) is not bool(self.upscale_model):
            raise ValueError("a model is named when one enlarges, and only then")
        if self.upscale is UpscaleMethod.LATENT and self.refine in {Refine.NONE, Refine.TILES}:
            raise ValueError("an enlarged latent is blurred until it is refined as a whole")
        if self.refine is not Refine.NONE:
            self._check_refining()

    def _check_refining(self) -> None:
        if not 1 <= self.refine_steps <= MOST_STEPS or not 0 < self.denoise <= 1:
            raise ValueError(f"{self.refine_steps} steps at denoise {self.denoise}")
        if self.upscale is UpscaleMethod.NONE:
            raise ValueError("what is refined has been enlarged before")
        if self.refine is Refine.TILES and self.refine_tile_px < 4 * SMALLEST_PX:
            raise ValueError(f"tiles of {self.refine_tile_px} px")


def _fits(size: FrameSize) -> bool:
    return all(
        SMALLEST_PX <= side <= LONGEST_PX and side % GRAIN_PX == 0
        for side in (size.width_px, size.height_px)
    )


def adjusted(plan: PicturePlan, overrides: PictureOverrides) -> PicturePlan:
    """The plan with the person's steps, guidance and sampler; the model is chosen before planning.

    What is refined runs the same share of the steps as before.
    """
    changed = replace(
        plan,
        steps=plan.steps if overrides.steps is None else overrides.steps,
        cfg=plan.cfg if overrides.cfg is None else overrides.cfg,
        sampler=overrides.sampler or plan.sampler,
    )
    if overrides.steps is None or plan.refine is Refine.NONE:
        return changed
    return replace(changed, refine_steps=max(1, math.ceil(overrides.steps * plan.denoise)))


def refine_grid(plan: PicturePlan) -> TileGrid:
    """Where the plan's tiles lie; neighbours overlap by at least an eighth of a tile.

    Raises:
        ValueError: the plan refines nothing.
    """
    if plan.refine_size is None:
        raise ValueError(f"{plan.rung} refines nothing")
    overlap_px = GRAIN_PX * (plan.refine_tile_px // (8 * GRAIN_PX))
    return tile_grid(plan.refine_size, plan.refine_tile_px, overlap_px)
