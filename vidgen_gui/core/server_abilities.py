"""What an image server can do, as a planner sees it."""

from dataclasses import dataclass

NEEDED = ("CheckpointLoaderSimple", "CLIPTextEncode", "EmptyLatentImage", "KSampler", "ImageScale")
"""Without these there is no picture; beside them one way to decode and one to put out."""


@dataclass(frozen=True, slots=True)
class ServerAbilities:
    """The server as a planner sees it. Names are the server's own and must be sent unchanged."""

    nodes: frozenset[str] = frozenset()
    checkpoints: tuple[str, ...] = ()
    samplers: tuple[str, ...] = ()
    schedulers: tuple[str, ...] = ()
    upscale_models: tuple[str, ...] = ()
    image_scalers: tuple[str, ...] = ()

    def has(self, *class_types: str) -> bool:
        """Whether the server has all these node classes."""
        return self.nodes.issuperset(class_types)

    @property
    def missing(self) -> tuple[str, ...]:
        """The node classes for want of which this server can make no picture."""
        lacks = [name for name in NEEDED if name not in self.nodes]
        if not self.nodes & {"VAEDecode", "VAEDecodeTiled"}:
            lacks.append("VAEDecode")
        if not self.nodes & {"SaveImage", "PreviewImage"}:
            lacks.append("SaveImage")
        return tuple(lacks)

    @property
    def can_use_upscale_models(self) -> bool:
        """Whether a picture can be enlarged by a model."""
        return bool(self.upscale_models) and self.has("UpscaleModelLoader", "ImageUpscaleWithModel")

    @property
    def can_encode(self) -> bool:
        """Whether a picture can be turned back into a latent."""
        return bool(self.nodes & {"VAEEncode", "VAEEncodeTiled"})

    @property
    def can_refine_tiles(self) -> bool:
        """Whether parts of a picture can be cut out, redrawn and put back."""
        return self.can_encode and self.has("ImageCrop", "ImageCompositeMasked")

    @property
    def can_soften_seams(self) -> bool:
        """Whether a part can be put back with a soft edge."""
        return self.has("SolidMask", "FeatherMask")
