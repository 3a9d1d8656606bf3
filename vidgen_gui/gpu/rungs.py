"""The ways of making one picture at one quality, the best first, each needing no more than before.

Pure. Which of them a machine may use and which is tried first is decided in `gpu.planner`.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from vidgen_gui.core.image_family import FACTS, Family, wants_few_steps
from vidgen_gui.core.job import fold_seed
from vidgen_gui.core.picture import picture_size
from vidgen_gui.core.picture_plan import Decode, PicturePlan, Refine, UpscaleMethod
from vidgen_gui.core.picture_sizes import area_px, rounded_up, scaled, with_area
from vidgen_gui.core.quality import PRESETS, Aspect, FrameSize, Quality, frame_size
from vidgen_gui.core.server_abilities import ServerAbilities
from vidgen_gui.gpu.image_memory import need
from vidgen_gui.gpu.upscalers import choose_upscale_model

SAMPLERS = ("dpmpp_2m", "dpmpp_2m_sde", "euler", "ddim")
SCHEDULERS = ("karras", "normal", "simple")
IMAGE_SCALERS = ("lanczos", "bicubic", "bilinear")

FRACTIONS = (("hires-fraction", 0.83), ("hires-fraction-small", 0.743))
"""Lengths against the full picture's; Ultra's portrait is refined at 1344×2384 and 1200×2136."""
LITE_RUNG = "hires-fraction-small"
"""Refined with Ultra lite's steps and guidance where Ultra was asked for."""

SUPER_AVAILABLE_MIB = 20.0 * 1024
"""The largest picture is drawn where so much is available: on cards of 24 GB and more."""
SUPER_SCALE = 2048 / 1440
"""Ultra's portrait is drawn at 2048×3640 and scaled down."""
SUPER_STEPS, SUPER_CFG = 100, 9.5

TILES_PX = (512, 448, 384, 320)
"""Sides of the VAE's tiles. The server cuts pictures in 512; older ones take none below 320, and
the smaller the tile, the less each sees of its surroundings."""
SMALLEST_TILE_PX = TILES_PX[-1]

RUNGS = (
    "super",
    "super-tiled",
    "hires-full",
    "hires-full-tiled",
    "hires-fraction",
    "hires-fraction-small",
    "hires-tiles",
    "upscale",
    "plain",
)
"""All names of ways, best first."""
ONLY_BASE = {"base": "hires-full", "base-tiled": "hires-full-tiled"}
"""Where the first picture is large enough already, and which way takes its place elsewhere."""

_DENOISE = {UpscaleMethod.LATENT: 0.55, UpscaleMethod.MODEL: 0.35, UpscaleMethod.IMAGE: 0.42}
"""A scaled latent is blurred and needs more noise to become sharp; a model leaves least to do."""
_TILE_DENOISE = 0.3
"""More, and each tile would draw a subject of its own."""
_MOST_LATENT_SCALE = 2.0
_WORTH_REFINING = 1.2
"""The full picture has this many times the base's pixels, or the base is only resized."""
_FEW_STEPS = 8
_FEW_STEPS_CFG = 2.0


@dataclass(frozen=True, slots=True)
class _Order:
    """What `plans_for` was asked for, worked out once. ``full`` is the quality's own picture."""

    server: ServerAbilities
    blank: PicturePlan
    full: FrameSize
    upscale_model: str


def plans_for(
    quality: Quality,
    aspect: Aspect,
    family: Family,
    checkpoint: str,
    server: ServerAbilities,
    *,
    seed: int,
    picture: FrameSize,
    available_mib: float | None = None,
    wanted: Sequence[str] = (),
) -> tuple[PicturePlan, ...]:
    """The ways to make a picture that covers ``picture``, best first, with falling memory need.

    Only what is larger than the quality's own picture, and scaled down, may need less than the way
    after it; this is among them where at least `SUPER_AVAILABLE_MIB` are available.

    The quality decides steps, guidance and the size up to which detail is drawn. A ``picture``
    larger than the quality's own is filled by scaling up. Any ``seed`` is folded into 0…2⁶⁴−1.

    Args:
        wanted: names of `RUNGS`: only these, in this order, whatever they need.

    Returns:
        Nothing where the server has not even the nodes of a plain picture; its
        `ServerAbilities.missing` tells which.
    """
    if server.missing:
        return ()
    blank = _blank(quality, family, checkpoint, server, seed=seed, final=rounded_up(picture))
    own = rounded_up(picture_size(frame_size(quality, aspect)))
    share = math.sqrt(area_px(own) / area_px(blank.final))
    order = _Order(
        server,
        blank,
        blank.final if share >= 1 else scaled(blank.final, share),
        choose_upscale_model(server.upscale_models) if server.can_use_upscale_models else "",
    )
    large: Iterator[PicturePlan] = iter(())
    if quality is Quality.ULTRA and (available_mib or 0.0) >= SUPER_AVAILABLE_MIB:
        large = _super(order, scaled(frame_size(quality, aspect), SUPER_SCALE))
    usual = _candidates(order, lite=quality is Quality.ULTRA)
    if not wanted:
        return tuple(chain(_falling(large), _falling(usual)))
    named = {_listed_name(plan): plan for plan in chain(large, usual)}
    return tuple(named[name] for name in dict.fromkeys(wanted) if name in named)


def _listed_name(plan: PicturePlan) -> str:
    return ONLY_BASE.get(plan.rung, plan.rung)


def _falling(plans: Iterator[PicturePlan]) -> Iterator[PicturePlan]:
    """Without those that need more than one before them.

    One that needs as much stays, as the sums are the server's guesses and may miss one way's need
    by more than another's; but not if it is the same at a smaller size.
    """
    least_mib = math.inf
    for plan in plans:
        needed_mib, smaller = need(plan).likely_mib, plan.rung == LITE_RUNG
        if needed_mib < least_mib or (needed_mib == least_mib and not smaller):
            least_mib = needed_mib
            yield plan


def _blank(
    quality: Quality,
    family: Family,
    checkpoint: str,
    server: ServerAbilities,
    *,
    seed: int,
    final: FrameSize,
) -> PicturePlan:
    """What all the plans have in common."""
    preset = PRESETS[quality]
    few = wants_few_steps(checkpoint)
    return PicturePlan(
        rung="",
        family=family,
        checkpoint=checkpoint,
        base=with_area(final, FACTS[family].base_px[0]),
        final=final,
        steps=min(preset.steps, _FEW_STEPS) if few else preset.steps,
        cfg=min(preset.cfg, _FEW_STEPS_CFG) if few else preset.cfg,
        sampler=_preferred(SAMPLERS, server.samplers),
        scheduler=_preferred(SCHEDULERS, server.schedulers),
        seed=fold_seed(seed),
        decode=Decode.TILED if server.has("VAEDecodeTiled") else Decode.PLAIN,
        encode=Decode.TILED if server.has("VAEEncodeTiled") else Decode.PLAIN,
        tile_px=TILES_PX[0],
        soft_seams=server.can_soften_seams,
        image_scaler=_preferred(IMAGE_SCALERS, server.image_scalers),
        output_node="SaveImage" if server.has("SaveImage") else "PreviewImage",
    )


def _candidates(order: _Order, *, lite: bool) -> Iterator[PicturePlan]:
    blank, full = order.blank, order.full
    _, middle_px, least_px = FACTS[blank.family].base_px
    if area_px(full) > _WORTH_REFINING * area_px(blank.base):
        yield from _hires(order, lite=lite)
        yield _enlarged(order, "upscale", middle_px, order.upscale_model)
    else:
        yield from _decoded_both_ways(order, replace(blank, rung="base"))
    yield _enlarged(order, "plain", least_px, "")


def _super(order: _Order, size: FrameSize) -> Iterator[PicturePlan]:
    few = wants_few_steps(order.blank.checkpoint)
    finest = replace(
        order.blank,
        steps=order.blank.steps if few else SUPER_STEPS,
        cfg=order.blank.cfg if few else SUPER_CFG,
    )
    whole = _refined(replace(order, blank=finest), "super", Refine.FULL, size)
    if whole is None or area_px(size) <= area_px(order.full):
        return
    yield from _decoded_both_ways(order, whole)


def _decoded_both_ways(order: _Order, plan: PicturePlan) -> Iterator[PicturePlan]:
    """Decoded at once, and in tiles; as far as the server can."""
    if order.server.has("VAEDecode"):
        yield replace(plan, decode=Decode.PLAIN)
    if order.server.has("VAEDecodeTiled"):
        yield replace(plan, rung=f"{plan.rung}-tiled")


def _hires(order: _Order, *, lite: bool) -> Iterator[PicturePlan]:
    full = order.full
    whole = _refined(order, "hires-full", Refine.FULL, full)
    if whole is not None:
        yield from _decoded_both_ways(order, whole)
    for rung, share in FRACTIONS:
        part = _refined(order, rung, Refine.FRACTION, scaled(full, share))
        if part is not None:
            part = _with_tiles_that_fit(part)
            yield _with_lite_preset(part) if lite and rung == LITE_RUNG else part
    yield from _in_tiles(order)


def _with_lite_preset(plan: PicturePlan) -> PicturePlan:
    preset = PRESETS[Quality.ULTRA_LITE]
    steps, cfg = min(plan.steps, preset.steps), min(plan.cfg, preset.cfg)
    return replace(plan, steps=steps, cfg=cfg, refine_steps=_refine_steps(steps, plan.denoise))


def _refined(order: _Order, rung: str, refine: Refine, size: FrameSize) -> PicturePlan | None:
    base = order.blank.base
    if area_px(size) <= _WORTH_REFINING * area_px(base):
        return None
    upscale = _whole_upscale(order, math.sqrt(area_px(size) / area_px(base)))
    if upscale is UpscaleMethod.NONE:
        return None
    denoise = _DENOISE[upscale]
    return replace(
        order.blank,
        rung=rung,
        upscale=upscale,
        upscale_model=order.upscale_model if upscale is UpscaleMethod.MODEL else "",
        refine=refine,
        refine_size=size,
        denoise=denoise,
        refine_steps=_refine_steps(order.blank.steps, denoise),
    )


def _whole_upscale(order: _Order, scale: float) -> UpscaleMethod:
    can_encode = order.server.can_encode
    if order.upscale_model and can_encode:
        return UpscaleMethod.MODEL
    if order.server.has("LatentUpscale") and (scale <= _MOST_LATENT_SCALE or not can_encode):
        return UpscaleMethod.LATENT
    return UpscaleMethod.IMAGE if can_encode else UpscaleMethod.NONE


def _in_tiles(order: _Order) -> Iterator[PicturePlan]:
    tile_px = FACTS[order.blank.family].tile_px
    if not order.server.can_refine_tiles or area_px(order.full) <= tile_px * tile_px:
        return
    plan = replace(
        order.blank,
        rung="hires-tiles",
        upscale=UpscaleMethod.MODEL if order.upscale_model else UpscaleMethod.IMAGE,
        upscale_model=order.upscale_model,
        refine=Refine.TILES,
        refine_size=order.full,
        refine_tile_px=tile_px,
        denoise=_TILE_DENOISE,
        refine_steps=_refine_steps(order.blank.steps, _TILE_DENOISE),
    )
    yield _with_tiles_that_fit(plan)


def _with_tiles_that_fit(plan: PicturePlan) -> PicturePlan:
    """With the largest tiles of the VAE that need no more than the sampling, or the smallest."""
    smallest = replace(plan, tile_px=SMALLEST_TILE_PX)
    least_mib = need(smallest).likely_mib
    rounds = (replace(plan, tile_px=tile_px) for tile_px in TILES_PX)
    return next((one for one in rounds if need(one).likely_mib <= least_mib), smallest)


def _enlarged(order: _Order, rung: str, pixels: int, model: str) -> PicturePlan:
    return _with_tiles_that_fit(
        replace(
            order.blank,
            rung=rung,
            base=with_area(order.blank.final, pixels),
            upscale=UpscaleMethod.MODEL if model else UpscaleMethod.IMAGE,
            upscale_model=model,
        )
    )


def _refine_steps(steps: int, denoise: float) -> int:
    return max(1, math.ceil(steps * denoise))


def _preferred(wanted: Sequence[str], offered: Sequence[str]) -> str:
    """The first wanted name on offer, else the server's first, else the first wanted."""
    return next((name for name in wanted if name in offered), (*offered, wanted[0])[0])
