"""Reads what a server can do for us from its ``/object_info``."""

from collections.abc import Mapping
from typing import Any

from vidgen_gui.core.server_abilities import ServerAbilities
from vidgen_gui.services.comfy_graph.spec import MOST_NAME_CHARS, node_spec


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
