"""How each caption style looks. Lengths are in em, so that a style looks alike at every size."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from vidgen_gui.core.job import CaptionStyle

Rgba: TypeAlias = tuple[int, int, int, int]
"""Red, green, blue, alpha, 0…255, not premultiplied."""

WHITE: Rgba = (255, 255, 255, 255)
INK: Rgba = (10, 11, 16, 255)


@dataclass(frozen=True, slots=True)
class Outline:
    """A line of even width around the letters."""

    width_em: float
    colour: Rgba


@dataclass(frozen=True, slots=True)
class Shadow:
    """The letters, ``spread_em`` wider, blurred, in black.

    ``blur_em`` is how far the blur reaches; ``gain`` strengthens the mask before it is cut off
    at full strength, so that the shadow is dense at the letters and still fades out.
    """

    spread_em: float
    blur_em: float
    strength: float
    gain: float = 1.0
    drop_em: float = 0.0

    @property
    def reach_em(self) -> float:
        return self.spread_em + self.blur_em + self.drop_em


@dataclass(frozen=True, slots=True)
class Plate:
    """A rounded rectangle behind text."""

    colour: Rgba
    pad_x_em: float
    pad_y_em: float
    radius_em: float


@dataclass(frozen=True, slots=True)
class Look:
    """A style. ``lit``: the word being spoken; it may grow by ``lit_growth_em`` in all."""

    weight: int
    text: Rgba
    lit: Rgba
    outline: Outline | None = None
    shadow: Shadow | None = None
    plate: Plate | None = None
    lit_plate: Plate | None = None
    lit_growth_em: float = 0.0
    line_gap_em: float = 0.0

    @property
    def reach_em(self) -> float:
        """How far anything is drawn beyond the letters, on any side."""
        reaches = [0.0]
        if self.outline is not None:
            reaches.append(self.outline.width_em + self.lit_growth_em / 2)
        if self.shadow is not None:
            reaches.append(self.shadow.reach_em)
        reaches += [max(p.pad_x_em, p.pad_y_em) for p in (self.plate, self.lit_plate) if p]
        return max(reaches)


LOOKS = MappingProxyType(
    {
        CaptionStyle.BOLD: Look(
            weight=800,
            text=WHITE,
            lit=(255, 214, 10, 255),
            outline=Outline(0.085, INK),
            shadow=Shadow(spread_em=0.08, blur_em=0.26, strength=0.6, drop_em=0.05),
            lit_growth_em=0.15,
        ),
        CaptionStyle.BOXED: Look(
            weight=700,
            text=WHITE,
            lit=WHITE,
            plate=Plate((14, 15, 22, 217), 0.44, 0.18, 0.34),
            lit_plate=Plate((94, 80, 242, 255), 0.15, 0.04, 0.22),
            line_gap_em=0.10,
        ),
        CaptionStyle.CLEAN: Look(
            weight=600,
            text=WHITE,
            lit=(255, 221, 102, 255),
            shadow=Shadow(spread_em=0.06, blur_em=0.34, strength=0.8, gain=2.5, drop_em=0.02),
        ),
    }
)
