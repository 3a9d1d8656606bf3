"""What a node of a graph asks of the card, and how many steps its progress shows."""

import math
from typing import Any

from fakes.comfy_parts.memory import (
    Family,
    Memory,
    decode_mib,
    encode_mib,
    family_of,
    first_that_fits,
    need_mib,
    sampling_mib,
    upscaler_mib,
)

TILE_PX = 512
_UPSCALER_TILES = (512, 256, 128)
_WAYS = {
    "LatentUpscale", "LatentUpscaleBy", "VAEDecode", "VAEDecodeTiled", "ImageUpscaleWithModel",
    "ImageScale", "ImageScaleBy", "ImageCrop", "VAEEncode", "VAEEncodeTiled",
}  # fmt: skip


def way_of(graph: dict[str, Any]) -> str:
    """A name for the way in which a graph makes its picture, whatever sizes it has.

    Ways differ in their nodes, in the VAE's tiles, and in how large the redrawn picture is beside
    the one that is put out.
    """
    kinds = {node["class_type"] for node in graph.values()} & _WAYS
    passes = sum(node["class_type"] == "KSampler" for node in graph.values())
    tiles = {node.get("inputs", {}).get("tile_size", 0) for node in graph.values()} - {0}
    parts = [f"{min(passes, 3)} passes", *sorted(kinds), *map(str, sorted(tiles))]
    return " ".join([*parts, *_redrawn(graph)])


def _redrawn(graph: dict[str, Any]) -> list[str]:
    """How long the redrawn picture is beside the last one, in tenths."""
    lengths = [
        inputs["width"] + inputs["height"]
        for node in graph.values()
        if node["class_type"] in {"ImageScale", "LatentUpscale"}
        and isinstance((inputs := node.get("inputs", {})).get("width"), int)
    ]
    return [f"{lengths[0] / lengths[-1]:.1f}"] if len(lengths) > 1 else []


def claim(memory: Memory, kind: str, values: dict[str, Any], way: str, run: int) -> float | None:
    """Take the memory that this node needs; its peak in MiB, None where it needs none.

    Raises:
        OutOfMemoryOnDeviceError: it doesn't fit.
    """
    needs = _needs(kind, values, retries=memory.vae_retries)
    if needs is None:
        return None
    family, weights, ways = needs
    return first_that_fits(memory, weights, ways, memory.factor(family, way, run))[1]


def least_mib(memory: Memory, kind: str, values: dict[str, Any], way: str) -> float:
    """The least that this node can be done with in a run like most; 0 where it needs nothing."""
    needs = _needs(kind, values, retries=memory.vae_retries)
    if needs is None:
        return 0.0
    family, weights, ways = needs
    return need_mib(weights, min(ways), memory.factor(family, way, None))


def _needs(
    kind: str, values: dict[str, Any], *, retries: bool
) -> tuple[Family, dict[str, float], list[float]] | None:
    if kind == "KSampler":
        family = family_of(values["model"])
        height, width = values["latent_image"][0].shape[:2]
        count = len(values["latent_image"])
        double = 1 if values["cfg"] == 1.0 else 2
        ways = [sampling_mib(family, width, height, batch=count * double)]
        if double == 2:
            ways.append(sampling_mib(family, width, height, batch=count))
        return family, {"unet": family.unet_mib}, ways
    if kind == "CLIPTextEncode":
        family = family_of(values["clip"])
        return family, {"text": family.text_mib}, [16.0]
    if kind in {"VAEDecode", "VAEDecodeTiled", "VAEEncode", "VAEEncodeTiled"}:
        family = family_of(values["vae"])
        return family, {"vae": family.vae_mib}, _coding(kind, values, retries=retries)
    if kind == "ImageUpscaleWithModel":
        return family_of(""), {}, [upscaler_mib(tile) for tile in _UPSCALER_TILES]
    return None


def _coding(kind: str, values: dict[str, Any], *, retries: bool) -> list[float]:
    decodes = kind.startswith("VAEDecode")
    height, width = values["samples" if decodes else "pixels"][0].shape[:2]

    def mib(tile_px: int | None) -> float:
        if decodes:
            tile = (tile_px or 1 << 20) // 8
            return decode_mib(min(width, tile), min(height, tile))
        tile = tile_px or 1 << 20
        return encode_mib(min(width, tile), min(height, tile))

    if kind.endswith("Tiled"):
        return [mib(values["tile_size"])]
    return [mib(None), mib(TILE_PX)] if retries else [mib(None)]


def steps_of(kind: str, values: dict[str, Any]) -> int:
    """How many `progress` messages the node sends; 0 for those that send none."""
    if kind == "KSampler":
        return int(values["steps"])
    if kind == "VAEDecodeTiled":
        height, width = values["samples"][0].shape[:2]
        overlap = min(values["overlap"], values["tile_size"] // 4)
        return _three_passes(width, height, values["tile_size"] // 8, overlap // 8)
    if kind == "VAEEncodeTiled":
        height, width = values["pixels"][0].shape[:2]
        return _three_passes(width, height, values["tile_size"], values["overlap"])
    if kind == "ImageUpscaleWithModel":
        height, width = values["image"][0].shape[:2]
        return _tiles(width, height, TILE_PX, TILE_PX, 32)
    return 0


def _three_passes(width: int, height: int, tile: int, overlap: int) -> int:
    """The VAE averages three passes: square tiles, tall ones, wide ones."""
    shapes = ((tile, tile), (tile // 2, tile * 2), (tile * 2, tile // 2))
    return sum(_tiles(width, height, wide, tall, overlap) for wide, tall in shapes)


def _tiles(width: int, height: int, wide: int, tall: int, overlap: int) -> int:
    rows = 1 if height <= tall else math.ceil((height - overlap) / (tall - overlap))
    columns = 1 if width <= wide else math.ceil((width - overlap) / (wide - overlap))
    return rows * columns
