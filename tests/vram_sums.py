"""The sums for the cards that the app was asked for, from its own planner; written down as text."""

from functools import cache

from fakes.comfy_parts.nodes import object_info
from vram_kit import CHECKPOINTS, UPSCALERS
from vram_report import as_table, rungs_table

from vidgen_gui.core.hardware_profile import USUAL_RESERVE_MIB, HardwareProfile
from vidgen_gui.core.image_family import FACTS, Family
from vidgen_gui.core.picture import picture_size
from vidgen_gui.core.picture_plan import Decode, PicturePlan
from vidgen_gui.core.plan import CardMemory, Plan
from vidgen_gui.core.quality import Aspect, FrameSize, Quality, frame_size
from vidgen_gui.core.server_abilities import ServerAbilities
from vidgen_gui.gpu import image_memory
from vidgen_gui.gpu.planner import PlanRequest, make_plan
from vidgen_gui.services.comfy_graph import abilities

TOTAL_MIB, FREE_MIB = 12_288.0, 6_144.0
LARGE_MIB = 24_576.0
WRITER_MIB = 5_632.0
"""Of the 6,144 MiB in use, so that 512 remain for the desktop."""
FAMILIES = (Family.SD15, Family.SDXL)


@cache
def server() -> ServerAbilities:
    """A ComfyUI with its core nodes and one upscale model."""
    return abilities(
        object_info(
            checkpoints=tuple(CHECKPOINTS.values()),
            upscalers=UPSCALERS,
            pictures=[],
            older=False,
            cue_nodes=False,
            without=(),
        )
    )


def ultra(family: Family, card: CardMemory) -> Plan:
    """The plan for a portrait Ultra job on a machine where nothing was measured yet."""
    quality = Quality.ULTRA
    return make_plan(
        PlanRequest(
            quality=quality,
            aspect=Aspect.PORTRAIT,
            picture=picture_size(frame_size(quality, Aspect.PORTRAIT)),
            family=family,
            checkpoint=CHECKPOINTS[family],
            server=server(),
            profile=HardwareProfile(),
            card=card,
        )
    )


def small(*, may_pause: bool) -> CardMemory:
    """12 GB with the language model on it; whether it may be paused."""
    return CardMemory("RTX A2000", TOTAL_MIB, FREE_MIB, 0.0, WRITER_MIB, may_pause)


def large() -> CardMemory:
    """24 GB, nothing on it."""
    return CardMemory("24 GB", LARGE_MIB, LARGE_MIB)


def twelve_gb() -> str:
    """The 12 GB card with 6 GB free, with the language model kept and paused, beside 24 GB."""
    available = FREE_MIB - USUAL_RESERVE_MIB
    sum_up = (
        f"{TOTAL_MIB:,.0f} MiB in all, {FREE_MIB:,.0f} free, {WRITER_MIB:,.0f} held by the "
        f"language model. {FREE_MIB:,.0f} − {USUAL_RESERVE_MIB} left to the desktop = "
        f"**{available:,.0f} MiB** beside the language model, "
        f"{available + WRITER_MIB:,.0f} with it paused.\n"
    )
    parts = [sum_up, _chosen()]
    for family in FAMILIES:
        plan = ultra(family, small(may_pause=False))
        parts += [f"\n### {family.value}: the rungs of Ultra\n", rungs_table(plan)]
        full = [rung.picture for rung in plan.rungs if rung.name.startswith("hires-full")]
        parts += [f"\n{_sum(picture)}" for picture in full if picture is not None]
    return "\n".join(parts)


def _chosen() -> str:
    rows = []
    available = FREE_MIB - USUAL_RESERVE_MIB
    for family in FAMILIES:
        kept, paused = ultra(family, small(may_pause=False)), ultra(family, small(may_pause=True))
        rows.append(
            (
                family.value,
                best_by_rules(kept, available),
                kept.first.name,
                paused.first.name + (", paused" if paused.pauses_script_writer else ""),
                ultra(family, large()).first.name,
            )
        )
    titles = ("family", "highest that the rules say fits beside", "begins with, model kept",
              "begins with, model may be paused", "begins with, 24 GB and empty")  # fmt: skip
    return as_table(titles, rows)


def best_by_rules(plan: Plan, available_mib: float) -> str:
    """The highest of a plan's rungs whose need, by the server's rules, is available."""
    return next(rung.name for rung in plan.rungs if rung.need.likely_mib <= available_mib)


def _sum(picture: PicturePlan) -> str:
    """What decides the rung's need, by the server's rules."""
    family, size = picture.family, picture.refine_size or picture.base
    factor = FACTS[family].sampling_factor
    whole = picture.decode is Decode.PLAIN
    tile = FrameSize(picture.tile_px, picture.tile_px)
    sampling = image_memory.sampling_mib(size, family)
    decoding = image_memory.decoding_mib(size if whole else tile)
    encoding = image_memory.encoding_mib(size if picture.encode is Decode.PLAIN else tile)
    what = "at once" if whole else f"in tiles of {picture.tile_px} px"
    return (
        f"`{picture.rung}`, {size}: sampling h·w·2·0.01·{factor:g} on a latent of "
        f"{size.width_px // 8}×{size.height_px // 8} = {sampling:,.0f} MiB with prompt and no "
        f"prompt one after the other, {2 * sampling:,.0f} at once; decoding {what} "
        f"2178·h·w·64·2 bytes = {decoding:,.0f}; encoding 1767·H·W·2 bytes = {encoding:,.0f}; "
        f"CUDA context {image_memory.CUDA_CONTEXT_MIB:,.0f}. The dearest step decides: "
        f"**{image_memory.need(picture).likely_mib:,.0f} MiB** by the rules, weights streamed."
    )
