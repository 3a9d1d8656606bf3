"""Which kind of diffusion model a checkpoint holds, guessed from its name, and what suits it.

No file is opened here: the server has it, often on another machine, and tells only its name.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Family(StrEnum):
    """The kinds of checkpoints that pictures are planned for."""

    SD15 = "sd15"
    SDXL = "sdxl"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class FamilyFacts:
    """What suits a family, and what its parts weigh in 16-bit floats.

    Args:
        base_px: pixels (width times height) of the first picture: at best, when memory is
            short, when it is shortest. Diffusion models draw well near their training size
            (512×512 for SD1.5, 1024×1024 for SDXL) and repeat their subject far above it.
        tile_px: longest side of a tile that is refined by itself.
        sampling_factor: the server's ``memory_usage_factor``.
    """

    base_px: tuple[int, int, int]
    tile_px: int
    unet_mib: float
    text_encoder_mib: float
    vae_mib: float
    sampling_factor: float


FACTS = MappingProxyType(
    {
        Family.SD15: FamilyFacts((400_000, 330_000, 262_144), 768, 1680.0, 236.0, 160.0, 1.0),
        Family.SDXL: FamilyFacts((1_030_000, 800_000, 600_000), 1024, 4900.0, 1560.0, 160.0, 0.8),
        Family.UNKNOWN: FamilyFacts((450_000, 350_000, 262_144), 768, 4900.0, 1560.0, 160.0, 1.0),
    }
)
"""Weights: SD1.5's parts fill 1.64, 0.23 and 0.16 GiB of its checkpoint; SDXL's by the parameter
counts of its paper (U-Net 2.6 billion, text encoders 817 million, arXiv 2307.01952). An unknown
model is taken to be as heavy as the heaviest known one, and to draw as small as the smallest."""

_OTHER = re.compile(
    r"flux|sd[-_ .]?3|stable-?diffusion-?3|(?:^|[^a-z])(?:sd[-_ .]?|v)2[-_.]?[01](?![0-9])|768-v"
    r"|cascade|pixart|kolors|auraflow|hidream|lumina|chroma(?:[^a-z]|$)|qwen|hunyuan|z-?image"
    r"|(?:^|[^a-z])sd[-_]?turbo|svd|ltx|wan2"
)
_SDXL = re.compile(r"sdxl|xl(?![a-z])|pony|illustrious|noobai|animagine")
_SD15 = re.compile(
    r"sd[-_ ]?v?1[-_. ]?[45](?![0-9])|(?:^|[^0-9a-z])v?1[-_.][45](?![0-9])"
    r"|dreamshaper|realisticvision|realistic[-_ ]vision|deliberate|absolutereality|epicrealism"
    r"|revanimated|anything[-_]?v?\d|counterfeit|majicmix|chilloutmix|openjourney|meinamix"
    r"|cyberrealistic|ghostmix|toonyou|analog-?diffusion|icbinp"
)
_FEW_STEPS = re.compile(r"turbo|lightning|lcm|hyper[-_]?sd|dmd2|schnell|\d-?steps?(?![a-z])")


def guess_family(checkpoint: str, hint: str = "") -> Family:
    """The family that a checkpoint's name and folder speak of; UNKNOWN when they say nothing.

    Args:
        hint: more words about it, such as the model's own metadata; they count before the name.
    """
    for words in (hint.lower(), checkpoint.lower()):
        if _OTHER.search(words):
            return Family.UNKNOWN
        if _SDXL.search(words):
            return Family.SDXL
        if _SD15.search(words):
            return Family.SD15
    return Family.UNKNOWN


def wants_few_steps(checkpoint: str) -> bool:
    """Whether the name says that the model was distilled to draw in a few steps.

    Such models burn at an ordinary guidance scale and gain nothing from more steps.
    """
    return _FEW_STEPS.search(checkpoint.lower()) is not None
