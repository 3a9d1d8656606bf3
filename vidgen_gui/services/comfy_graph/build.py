"""Turns a plan and its words into a graph of ComfyUI's core nodes, in API format.

What each node does was read in ComfyUI 0.3.64; inputs that an older server doesn't know (such as
a decoder's ``overlap``) are ignored by it.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

from vidgen_gui.core.job import fold_seed
from vidgen_gui.core.picture_plan import Decode, PicturePlan, Refine, UpscaleMethod, refine_grid
from vidgen_gui.core.quality import FrameSize
from vidgen_gui.core.text import clean_text

Graph: TypeAlias = dict[str, dict[str, Any]]
"""Nodes by id; each has ``class_type`` and ``inputs``, and a link is ``[node id, output]``."""
Link: TypeAlias = list[str | int]

LATENT_SCALER = "bicubic"
VAE_OVERLAP_PX = 64


def build_graph(plan: PicturePlan, prompt: str, negative: str, *, prefix: str) -> Graph:
    """The graph that makes this picture and puts out exactly one file.

    Args:
        prefix: how the file's name on the server starts; must be plain (no ``%``, no dots).
    """
    return _Builder(plan, prompt, negative).finished(prefix)


class _Builder:
    def __init__(self, plan: PicturePlan, prompt: str, negative: str) -> None:
        self._plan = plan
        self._graph: Graph = {}
        loader = self._add("CheckpointLoaderSimple", ckpt_name=plan.checkpoint)
        self._model: Link = [loader, 0]
        self._vae: Link = [loader, 2]
        self._positive = self._out("CLIPTextEncode", text=clean_text(prompt), clip=[loader, 1])
        self._negative = self._out("CLIPTextEncode", text=clean_text(negative), clip=[loader, 1])
        self._tiles_drawn = 0

    def finished(self, prefix: str) -> Graph:
        image, size = self._picture()
        image = self._resized(image, size, self._plan.final)
        named = {"filename_prefix": prefix} if self._plan.output_node == "SaveImage" else {}
        self._add(self._plan.output_node, images=image, **named)
        return self._graph

    def _picture(self) -> tuple[Link, FrameSize]:
        plan = self._plan
        empty = self._out(
            "EmptyLatentImage",
            width=plan.base.width_px,
            height=plan.base.height_px,
            batch_size=1,
        )
        latent = self._sampled(empty, plan.seed, plan.steps, 1.0)
        size = plan.refine_size
        if size is None:
            return self._enlarged(self._decoded(latent), plan.base, plan.final), plan.final
        if plan.upscale is UpscaleMethod.LATENT:
            larger = self._out(
                "LatentUpscale",
                samples=latent,
                upscale_method=LATENT_SCALER,
                width=size.width_px,
                height=size.height_px,
                crop="center",
            )
            return self._decoded(self._again(larger, 1)), size
        image = self._enlarged(self._decoded(latent), plan.base, size)
        if plan.refine is Refine.TILES:
            return self._refined_tiles(image), size
        return self._redrawn(image, 1), size

    def _enlarged(self, image: Link, size: FrameSize, wanted: FrameSize) -> Link:
        if self._plan.upscale is not UpscaleMethod.MODEL:
            return self._resized(image, size, wanted)
        model = self._out("UpscaleModelLoader", model_name=self._plan.upscale_model)
        image = self._out("ImageUpscaleWithModel", upscale_model=model, image=image)
        return self._scaled(image, wanted)

    def _resized(self, image: Link, size: FrameSize, wanted: FrameSize) -> Link:
        return image if size == wanted else self._scaled(image, wanted)

    def _scaled(self, image: Link, wanted: FrameSize) -> Link:
        """Exactly ``wanted``; where the shape differs, what juts out is cut off on both sides."""
        return self._out(
            "ImageScale",
            image=image,
            upscale_method=self._plan.image_scaler,
            width=wanted.width_px,
            height=wanted.height_px,
            crop="center",
        )

    def _refined_tiles(self, image: Link) -> Link:
        """Tiles become rows, and rows the picture, so that no corner shows where four meet.

        Each tile is cut from the unrefined picture; what it lays over is refined already.
        """
        grid = refine_grid(self._plan)
        whole = self._plan.refine_size or self._plan.final
        row_size = FrameSize(whole.width_px, grid.size.height_px)
        across = self._edge(grid.size, left=grid.seam_x_px)
        down = self._edge(row_size, top=grid.seam_y_px)
        canvas = image
        for first in (tile for tile in grid.tiles if tile.column == 0):
            row = self._cut(image, row_size, 0, first.y_px)
            for tile in (tile for tile in grid.tiles if tile.row == first.row):
                part = self._cut(image, grid.size, tile.x_px, tile.y_px)
                self._tiles_drawn += 1
                drawn = self._redrawn(part, self._tiles_drawn)
                row = self._laid(row, drawn, tile.x_px, 0, across if tile.column else {})
            canvas = self._laid(canvas, row, 0, first.y_px, down if first.row else {})
        return canvas

    def _cut(self, image: Link, size: FrameSize, x_px: int, y_px: int) -> Link:
        return self._out(
            "ImageCrop",
            image=image,
            width=size.width_px,
            height=size.height_px,
            x=x_px,
            y=y_px,
        )

    def _laid(
        self, canvas: Link, part: Link, x_px: int, y_px: int, mask: Mapping[str, Link]
    ) -> Link:
        return self._out(
            "ImageCompositeMasked",
            destination=canvas,
            source=part,
            x=x_px,
            y=y_px,
            resize_source=False,
            **mask,
        )

    def _edge(self, size: FrameSize, *, left: int = 0, top: int = 0) -> Mapping[str, Link]:
        """A mask that is soft where a part lies over an earlier one: on its left or at its top.

        Never on the right or at the bottom: later parts cover those, and ``FeatherMask`` dims
        the opposite edge too when it is asked to soften them.
        """
        if not self._plan.soft_seams or not left + top:
            return {}
        solid = self._out("SolidMask", value=1.0, width=size.width_px, height=size.height_px)
        return {"mask": self._out("FeatherMask", mask=solid, left=left, top=top, right=0, bottom=0)}

    def _redrawn(self, image: Link, number: int) -> Link:
        return self._decoded(self._again(self._encoded(image), number))

    def _again(self, latent: Link, number: int) -> Link:
        """A second pass; each tile has a seed of its own, lest the noise shows as a pattern."""
        plan = self._plan
        return self._sampled(latent, fold_seed(plan.seed + number), plan.refine_steps, plan.denoise)

    def _sampled(self, latent: Link, seed: int, steps: int, denoise: float) -> Link:
        return self._out(
            "KSampler",
            model=self._model,
            seed=seed,
            steps=steps,
            cfg=self._plan.cfg,
            sampler_name=self._plan.sampler,
            scheduler=self._plan.scheduler,
            positive=self._positive,
            negative=self._negative,
            latent_image=latent,
            denoise=denoise,
        )

    def _decoded(self, latent: Link) -> Link:
        if self._plan.decode is Decode.PLAIN:
            return self._out("VAEDecode", samples=latent, vae=self._vae)
        return self._out("VAEDecodeTiled", samples=latent, vae=self._vae, **self._tiles())

    def _encoded(self, image: Link) -> Link:
        if self._plan.encode is Decode.PLAIN:
            return self._out("VAEEncode", pixels=image, vae=self._vae)
        return self._out("VAEEncodeTiled", pixels=image, vae=self._vae, **self._tiles())

    def _tiles(self) -> Mapping[str, int]:
        return {
            "tile_size": self._plan.tile_px,
            "overlap": VAE_OVERLAP_PX,
            "temporal_size": 64,
            "temporal_overlap": 8,
        }

    def _out(self, class_type: str, **inputs: Any) -> Link:
        return [self._add(class_type, **inputs), 0]

    def _add(self, class_type: str, **inputs: Any) -> str:
        node_id = str(len(self._graph) + 1)
        own = {name: list(one) if isinstance(one, list) else one for name, one in inputs.items()}
        self._graph[node_id] = {"class_type": class_type, "inputs": own}
        return node_id
