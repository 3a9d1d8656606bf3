"""The grid of tiles that a plan refines one by one."""

from vidgen_gui.services.comfy_graph.plan import PicturePlan
from vidgen_gui.services.comfy_graph.sizes import GRAIN_PX, TileGrid, tile_grid


def refine_grid(plan: PicturePlan) -> TileGrid:
    """Where the plan's tiles lie; neighbours overlap by at least an eighth of a tile.

    Raises:
        ValueError: the plan refines nothing.
    """
    if plan.refine_size is None:
        raise ValueError(f"{plan.rung} refines nothing")
    overlap_px = GRAIN_PX * (plan.refine_tile_px // (8 * GRAIN_PX))
    return tile_grid(plan.refine_size, plan.refine_tile_px, overlap_px)
