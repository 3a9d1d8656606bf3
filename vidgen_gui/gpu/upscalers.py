"""Picks the upscale model that suits pictures of anything, by the names that a server offers."""

import re
from collections.abc import Sequence

_SCALE = re.compile(r"(?<![0-9])([1-9])x(?![0-9])|(?<![a-z])x([1-9])(?![0-9])")
_LIKED = ("ultrasharp", "nomos", "remacri", "realesrgan", "real_esrgan", "swinir", "esrgan")
_SPECIAL = ("anime", "manga", "cartoon", "face", "text", "denoise", "jpeg", "deblur", "halftone")


def upscale_factor(name: str) -> int | None:
    """How many times a model enlarges, as its name says: ``RealESRGAN_x4plus`` is 4."""
    found = _SCALE.search(name.lower())
    return int(found[1] or found[2]) if found else None


def choose_upscale_model(names: Sequence[str]) -> str:
    """The best of what is offered, or an empty string where none enlarges.

    Models that enlarge four times are liked best, ones made for drawings or for repairing least.
    """
    fit = [name for name in names if upscale_factor(name) != 1]
    return min(fit, key=_rank, default="")


def _rank(name: str) -> tuple[bool, int, int, str]:
    lower = name.lower()
    scales = {4: 0, None: 1, 2: 2, 3: 2}
    liked = next((place for place, word in enumerate(_LIKED) if word in lower), len(_LIKED))
    special = any(word in lower for word in _SPECIAL)
    return special, scales.get(upscale_factor(name), 3), liked, lower
