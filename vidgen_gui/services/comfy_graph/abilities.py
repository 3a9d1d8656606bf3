"""What a server can do for us: the node classes that it has and the files that it offers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vidgen_gui.services.comfy_graph.spec import MOST_NAME_CHARS, node_spec

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


def abilities(object_info: Mapping[str, Any]) -> ServerAbilities:
    """Read the answer of ``/object_info``; what is malformed counts as not there."""
    usable = frozenset(
        name
        for name in object_info
        if isinstance(name, str) and node_spec(object_info, name) is not None
    )
    return ServerAbilities(
        nodes=usable,
        checkpoints=_offered(object_info, "CheckpointLoaderSimple", "ckpt_name"),
        samplers=_offered(object_info, "KSampler", "sampler_name"),
        schedulers=_offered(object_info, "KSampler", "scheduler"),
        upscale_models=_offered(object_info, "UpscaleModelLoader", "model_name"),
        image_scalers=_offered(object_info, "ImageScale", "upscale_method"),
    )


def _offered(object_info: Mapping[str, Any], class_type: str, name: str) -> tuple[str, ...]:
    spec = node_spec(object_info, class_type)
    if spec is None or name not in spec.inputs:
        return ()
    choices = spec.inputs[name].choices or ()
    fit = (one for one in choices if isinstance(one, str) and 0 < len(one) <= MOST_NAME_CHARS)
    return tuple(dict.fromkeys(fit))
