"""Runs a graph's picture sizes, or its masks, as ComfyUI 0.3.64 does; no model, no server.

Written from what its nodes were read to do: encoders take whole latent pixels only, and a feather
on the right or at the bottom also dims the opposite edge.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Inputs = Mapping[str, Any]
Size = tuple[int, int]
OBJECT_INFO: Mapping[str, Any] = json.loads(
    Path(__file__).with_name("comfy_object_info.json").read_text(encoding="utf-8")
)
OUTPUTS = {"SaveImage", "PreviewImage"}
SIZED = {"EmptyLatentImage", "SolidMask", "ImageScale", "LatentUpscale"}
PASSED_ON = {"VAEDecode": "samples", "VAEDecodeTiled": "samples", "FeatherMask": "mask"}


def object_info(*, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    """A server's description, as a copy that a test may spoil."""
    told = {name: entry for name, entry in OBJECT_INFO.items() if name not in without}
    copied: dict[str, Any] = json.loads(json.dumps(told))
    return copied


@dataclass
class Sizes:
    """Sizes in pixels, width first, of everything that a graph makes on its way to its output."""

    graph: Mapping[str, Any]
    sampled: list[tuple[int, int, float]] = field(default_factory=list)
    known: dict[str, Size] = field(default_factory=dict)

    def final(self) -> Size:
        ends = [node for node in self.graph.values() if node["class_type"] in OUTPUTS]
        assert len(ends) == 1
        return self._of(ends[0]["inputs"]["images"])

    def _of(self, link: list[Any]) -> Size:
        if link[0] not in self.known:
            node = self.graph[link[0]]
            self.known[link[0]] = self._made(node["class_type"], node["inputs"])
        return self.known[link[0]]

    def _made(self, class_type: str, inputs: Inputs) -> Size:
        if class_type in PASSED_ON:
            return self._of(inputs[PASSED_ON[class_type]])
        if class_type in SIZED:
            assert all(min(self._of(link)) > 0 for link in _pictures(inputs))
            return inputs["width"], inputs["height"]
        if class_type == "ImageUpscaleWithModel":
            width, height = self._of(inputs["image"])
            return 4 * width, 4 * height
        if class_type in {"VAEEncode", "VAEEncodeTiled"}:
            width, height = self._of(inputs["pixels"])
            assert width % 8 == height % 8 == 0
            return width, height
        if class_type == "KSampler":
            size = self._of(inputs["latent_image"])
            self.sampled.append((*size, inputs["denoise"]))
            return size
        return self._cut_or_laid(class_type, inputs)

    def _cut_or_laid(self, class_type: str, inputs: Inputs) -> Size:
        if class_type == "ImageCrop":
            whole = self._of(inputs["image"])
            part = made = (inputs["width"], inputs["height"])
        else:
            assert class_type == "ImageCompositeMasked"
            assert inputs["resize_source"] is False
            whole = made = self._of(inputs["destination"])
            part = self._of(inputs["source"])
            assert "mask" not in inputs or self._of(inputs["mask"]) == part
        assert inputs["x"] + part[0] <= whole[0]
        assert inputs["y"] + part[1] <= whole[1]
        return made


def _pictures(inputs: Inputs) -> list[list[Any]]:
    return [inputs[name] for name in ("image", "samples") if name in inputs]


@dataclass
class Tiles:
    """Cuts and lays tiles as the graph would, over a picture of zeros, each tile of one value."""

    graph: Mapping[str, Any]
    size: Size
    value: Callable[[int, int], float]
    known: dict[str, Array] = field(default_factory=dict)

    def picture(self) -> Array:
        """What the last node that lays something over something leaves."""
        lays = [key for key, n in self.graph.items() if n["class_type"] == "ImageCompositeMasked"]
        return self._of([lays[-1], 0])

    def _of(self, link: list[Any]) -> Array:
        if link[0] not in self.known:
            node = self.graph[link[0]]
            self.known[link[0]] = self._made(node["class_type"], node["inputs"])
        return self.known[link[0]]

    def _made(self, class_type: str, inputs: Inputs) -> Array:
        match class_type:
            case "ImageScale":
                return np.zeros((self.size[1], self.size[0]))
            case "ImageCrop":
                x, y = inputs["x"], inputs["y"]
                return self._of(inputs["image"])[y : y + inputs["height"], x : x + inputs["width"]]
            case "VAEDecodeTiled":
                return self._redrawn(inputs)
            case "SolidMask":
                return np.full((inputs["height"], inputs["width"]), inputs["value"])
            case "FeatherMask":
                return self._feathered(inputs)
        assert class_type == "ImageCompositeMasked"
        return self._laid(inputs)

    def _redrawn(self, inputs: Inputs) -> Array:
        """A redrawn tile: its value, whatever was cut out."""
        encoder = self.graph[self.graph[inputs["samples"][0]]["inputs"]["latent_image"][0]]
        cut = self.graph[encoder["inputs"]["pixels"][0]]["inputs"]
        return np.full((cut["height"], cut["width"]), self.value(cut["x"], cut["y"]))

    def _laid(self, inputs: Inputs) -> Array:
        canvas = self._of(inputs["destination"]).copy()
        part = self._of(inputs["source"])
        weight = self._of(inputs["mask"]) if "mask" in inputs else np.ones(part.shape)
        x, y = inputs["x"], inputs["y"]
        under = canvas[y : y + part.shape[0], x : x + part.shape[1]]
        under[:] = weight * part + (1 - weight) * under
        return canvas

    def _feathered(self, inputs: Inputs) -> Array:
        soft = self._of(inputs["mask"]).copy()
        for axis, first, last in ((1, "left", "right"), (0, "top", "bottom")):
            lines = np.moveaxis(soft, axis, 0)
            for step in range(inputs[first]):
                lines[step] *= (step + 1) / inputs[first]
            for step in range(inputs[last]):
                lines[-step] *= (step + 1) / inputs[last]
        return soft
