"""Sizes in pixels: multiples of eight, first pictures near the training size, grids of tiles."""

import math
from dataclasses import dataclass
from itertools import pairwise

from vidgen_gui.core.quality import FrameSize

GRAIN_PX = 8
"""A latent pixel of the supported families covers 8×8 picture pixels."""
SMALLEST_PX = 64
"""No side of a generated picture is shorter: the U-Net halves the latent three times."""


def area_px(size: FrameSize) -> int:
    """Width times height."""
    return size.width_px * size.height_px


def rounded_up(size: FrameSize) -> FrameSize:
    """The smallest size of whole latent pixels that covers ``size``."""

    def side(length_px: int) -> int:
        return max(SMALLEST_PX, GRAIN_PX * math.ceil(length_px / GRAIN_PX))

    return FrameSize(side(size.width_px), side(size.height_px))


def scaled(size: FrameSize, factor: float) -> FrameSize:
    """``size`` times ``factor`` in each direction, to the nearest multiple of eight."""

    def side(length_px: int) -> int:
        return max(SMALLEST_PX, GRAIN_PX * round(length_px * factor / GRAIN_PX))

    return FrameSize(side(size.width_px), side(size.height_px))


def with_area(shape: FrameSize, pixels: int) -> FrameSize:
    """A size with the shape of ``shape`` and about ``pixels`` pixels."""
    return scaled(shape, math.sqrt(pixels / area_px(shape)))


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of a picture: its upper left corner and where it stands in the grid."""

    x_px: int
    y_px: int
    column: int
    row: int


@dataclass(frozen=True, slots=True)
class TileGrid:
    """Equal tiles that cover a picture, in reading order.

    ``seam_x_px`` and ``seam_y_px`` are the least that neighbours overlap.
    """

    size: FrameSize
    tiles: tuple[Tile, ...]
    seam_x_px: int
    seam_y_px: int


def tile_grid(picture: FrameSize, longest_px: int, overlap_px: int) -> TileGrid:
    """Cover ``picture`` with the fewest equal tiles whose sides are at most ``longest_px``.

    All four numbers are multiples of eight, and so is every corner. Neighbours overlap by
    ``overlap_px`` or more.
    """
    width_px, lefts = _cuts(picture.width_px, longest_px, overlap_px)
    height_px, tops = _cuts(picture.height_px, longest_px, overlap_px)
    tiles = tuple(
        Tile(left, top, column, row)
        for row, top in enumerate(tops)
        for column, left in enumerate(lefts)
    )
    return TileGrid(
        FrameSize(width_px, height_px), tiles, _seam(width_px, lefts), _seam(height_px, tops)
    )


def _cuts(length_px: int, longest_px: int, overlap_px: int) -> tuple[int, list[int]]:
    if length_px <= longest_px:
        return length_px, [0]
    count = math.ceil((length_px - overlap_px) / (longest_px - overlap_px))
    share = (length_px + (count - 1) * overlap_px) / count
    side = GRAIN_PX * math.ceil(share / GRAIN_PX)
    last = length_px - side
    starts = [GRAIN_PX * (last * index // (count - 1) // GRAIN_PX) for index in range(count)]
    return side, starts


def _seam(side_px: int, starts: list[int]) -> int:
    gaps = [later - earlier for earlier, later in pairwise(starts)]
    return side_px - max(gaps) if gaps else 0
