"""Pictures as blank sheets: every node's sizes, and none of its pixels. No time, little memory.

For runs in which only memory and delivered sizes count. Files are real PNGs, one encoded a size.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from fakes.comfy_parts import pixels


@dataclass(frozen=True)
class Sheet:
    """A picture or latent of this size, in its own pixels."""

    width: int
    height: int

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.height, self.width, 3

    def times(self, factor: float) -> "Sheet":
        return Sheet(round(self.width * factor), round(self.height * factor))


@lru_cache(maxsize=64)
def png(sheet: Sheet) -> bytes:
    """A file of this size that shows a slope from dark to light."""
    slope = np.linspace(16, 240, sheet.height).astype(np.uint8)[:, None, None]
    return pixels.png(np.broadcast_to(slope, sheet.shape).copy())


def work(kind: str, values: dict[str, Any], upscalers: tuple[str, ...]) -> tuple[Any, ...]:
    """A node's outputs, as `pixels.NODES` would give them.

    Raises:
        FileNotFoundError: the upscale model isn't installed.
        KeyError: no such node is played here.
    """
    if kind == "UpscaleModelLoader" and values["model_name"] not in upscalers:
        raise FileNotFoundError(f"Model '{values['model_name']}' not found.")
    return _NODES[kind](values)


def _each(name: str, change: Callable[[Sheet, dict[str, Any]], Sheet]) -> "_Node":
    return lambda values: ([change(sheet, values) for sheet in values[name]],)


def _sized(grain: int) -> Callable[[Sheet, dict[str, Any]], Sheet]:
    return lambda _, values: Sheet(values["width"] // grain, values["height"] // grain)


def _cropped(sheet: Sheet, values: dict[str, Any]) -> Sheet:
    x, y = min(values["x"], sheet.width - 1), min(values["y"], sheet.height - 1)
    return Sheet(min(values["width"], sheet.width - x), min(values["height"], sheet.height - y))


def _same(sheet: Sheet, _: dict[str, Any]) -> Sheet:
    return sheet


_Node = Callable[[dict[str, Any]], tuple[Any, ...]]
_NODES: dict[str, _Node] = {
    "CheckpointLoaderSimple": lambda values: (values["ckpt_name"],) * 3,
    "CLIPTextEncode": lambda values: (values["text"],),
    "EmptyLatentImage": lambda values: (
        [Sheet(values["width"] // 8, values["height"] // 8)] * values["batch_size"],
    ),
    "KSampler": _each("latent_image", _same),
    "LatentUpscale": _each("samples", _sized(8)),
    "LatentUpscaleBy": _each("samples", lambda sheet, values: sheet.times(values["scale_by"])),
    "VAEDecode": _each("samples", lambda sheet, _: sheet.times(8)),
    "VAEDecodeTiled": _each("samples", lambda sheet, _: sheet.times(8)),
    "VAEEncode": _each("pixels", lambda sheet, _: Sheet(sheet.width // 8, sheet.height // 8)),
    "VAEEncodeTiled": _each("pixels", lambda sheet, _: Sheet(sheet.width // 8, sheet.height // 8)),
    "UpscaleModelLoader": lambda _: (pixels.UPSCALE_FACTOR,),
    "ImageUpscaleWithModel": _each(
        "image", lambda sheet, values: sheet.times(values["upscale_model"])
    ),
    "ImageScale": _each("image", _sized(1)),
    "ImageScaleBy": _each("image", lambda sheet, values: sheet.times(values["scale_by"])),
    "ImageCrop": _each("image", _cropped),
    "ImageCompositeMasked": _each("destination", _same),
    "SolidMask": lambda _: (None,),
    "FeatherMask": lambda _: (None,),
}
