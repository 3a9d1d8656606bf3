"""Where the short-video apps put no buttons or text; captions and the player's overlay use it."""

from dataclasses import dataclass
from types import MappingProxyType

from vidgen_gui.core.quality import Aspect, FrameSize


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in whole pixels; right and bottom are the first pixel outside."""

    left_px: int
    top_px: int
    right_px: int
    bottom_px: int

    @property
    def width_px(self) -> int:
        return self.right_px - self.left_px

    @property
    def height_px(self) -> int:
        return self.bottom_px - self.top_px

    def contains(self, other: "Box") -> bool:
        return (
            self.left_px <= other.left_px
            and self.top_px <= other.top_px
            and other.right_px <= self.right_px
            and other.bottom_px <= self.bottom_px
        )


@dataclass(frozen=True, slots=True)
class SafeZone:
    """The margins to keep free, as fractions of the frame's width and height."""

    left: float
    top: float
    right: float
    bottom: float

    def box(self, size: FrameSize) -> Box:
        """The zone in a frame, rounded inwards to even pixels (chroma has half the rows)."""
        return Box(
            left_px=_even_up(self.left * size.width_px),
            top_px=_even_up(self.top * size.height_px),
            right_px=_even_down((1 - self.right) * size.width_px),
            bottom_px=_even_down((1 - self.bottom) * size.height_px),
        )


# Portrait: the largest of what TikTok, Reels and Shorts cover with tabs (above), name, caption
# and sound (below) and the column of buttons (right). The others are shown in feeds and
# players whose controls lie over the lower edge; broadcasting's 5 % "title safe" elsewhere.
SAFE_ZONES = MappingProxyType(
    {
        Aspect.PORTRAIT: SafeZone(left=0.06, top=0.14, right=0.13, bottom=0.22),
        Aspect.LANDSCAPE: SafeZone(left=0.06, top=0.06, right=0.06, bottom=0.10),
        Aspect.SQUARE: SafeZone(left=0.06, top=0.06, right=0.06, bottom=0.10),
        Aspect.TALL: SafeZone(left=0.06, top=0.06, right=0.06, bottom=0.12),
    }
)

CAPTION_CENTRE = MappingProxyType(
    {
        Aspect.PORTRAIT: 0.665,
        Aspect.LANDSCAPE: 0.80,
        Aspect.SQUARE: 0.80,
        Aspect.TALL: 0.78,
    }
)
"""Where the middle of a page of captions lies, as a fraction of the height: below the subject,
above the apps' own text."""


def safe_box(size: FrameSize, aspect: Aspect) -> Box:
    """The part of a frame in which captions may lie."""
    return SAFE_ZONES[aspect].box(size)


def _even_up(value: float) -> int:
    return -int(-value // 2) * 2


def _even_down(value: float) -> int:
    return int(value // 2) * 2
