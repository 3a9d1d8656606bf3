"""Under which key a picture's measured memory is kept, and what was learned says about a try."""

from vidgen_gui.core.memory_range import MemoryRange
from vidgen_gui.core.picture_plan import PicturePlan
from vidgen_gui.gpu.calibration import AFTER_FAILURE, Calibration, Key, Outcome
from vidgen_gui.gpu.image_memory import need


def key_of(picture: PicturePlan, fingerprint: str) -> Key:
    """What the memory of this way of drawing is remembered under.

    Words, seed, steps, guidance and sampler change no memory and are left out.

    Args:
        fingerprint: changes with the checkpoint's file, or whatever else decides the model.
    """
    parts = [
        str(picture.base),
        str(picture.refine_size or ""),
        str(picture.final),
        picture.upscale.value,
        picture.upscale_model,
        picture.refine.value,
        f"{picture.refine_tile_px}",
        f"decode {picture.decode.value} {picture.tile_px}",
        f"encode {picture.encode.value}",
    ]
    return Key(picture.checkpoint, fingerprint, " ".join(parts)[:300], picture.rung)


def learned_need(
    picture: PicturePlan, fingerprint: str, calibration: Calibration | None
) -> MemoryRange:
    """The modelled need, moved and narrowed by what was measured."""
    modelled = need(picture)
    if calibration is None:
        return modelled
    return calibration.corrected(key_of(picture, fingerprint), modelled)


def least_worth_trying_mib(
    picture: PicturePlan, fingerprint: str, calibration: Calibration | None
) -> float:
    """With less available than this, the picture is known to fail; 0 when it never failed.

    What it failed with is not tried again until there is some more; what worked later with less
    overrules it.
    """
    bound_mib = 0.0
    seen = () if calibration is None else calibration.entries.get(key_of(picture, fingerprint), ())
    for one in seen:
        if one.outcome is Outcome.OUT_OF_MEMORY:
            bound_mib = max(bound_mib, one.mib * AFTER_FAILURE)
        else:
            bound_mib = min(bound_mib, one.mib)
    return bound_mib
