"""Qualities, aspect ratios and the one table of what each quality means."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from types import MappingProxyType

from vidgen_gui.core.errors import InputError
from vidgen_gui.core.messages import MessageId

RATIO_TOLERANCE = 0.01


class Quality(IntEnum):
    """What the person asked for, in rising order."""

    DRAFT = 1
    STANDARD = 2
    HIGH = 3
    ULTRA_LITE = 4
    ULTRA = 5

    @property
    def slug(self) -> str:
        """The name used on the command line, in files and in the database."""
        return self.name.lower().replace("_", "-")

    @classmethod
    def parse(cls, text: str) -> "Quality":
        """Read ``ultra-lite``, ``Ultra lite`` or ``ULTRA_LITE``.

        Raises:
            InputError: no quality has this name.
        """
        wanted = text.strip().lower().replace("_", "-").replace(" ", "-")
        for quality in cls:
            if quality.slug == wanted:
                return quality
        raise InputError(
            MessageId.QUALITY_UNKNOWN, given=text, known=", ".join(q.slug for q in cls)
        )


class Aspect(StrEnum):
    """Width to height of the delivered video."""

    PORTRAIT = "9:16"
    LANDSCAPE = "16:9"
    SQUARE = "1:1"
    TALL = "4:5"

    @property
    def ratio(self) -> float:
        width, height = self.value.split(":")
        return int(width) / int(height)

    @classmethod
    def parse(cls, text: str) -> "Aspect":
        """Read ``9:16``, ``9x16``, ``9/16``, ``9×16``.

        Raises:
            InputError: not one of the four ratios.
        """
        wanted = text.strip().lower()
        for separator in ("x", "/", "×"):
            wanted = wanted.replace(separator, ":")
        for aspect in cls:
            if aspect.value == wanted.replace(" ", ""):
                return aspect
        raise InputError(
            MessageId.ASPECT_UNKNOWN, given=text, known=", ".join(a.value for a in cls)
        )


@dataclass(frozen=True, slots=True)
class FrameSize:
    """A picture size in pixels."""

    width_px: int
    height_px: int

    def __str__(self) -> str:
        return f"{self.width_px}×{self.height_px}"

    @property
    def short_side_px(self) -> int:
        return min(self.width_px, self.height_px)

    def check_matches(self, aspect: Aspect) -> None:
        """Refuse a free size that is odd or more than 1 % off the named ratio.

        Raises:
            InputError: the size cannot be delivered at this aspect.
        """
        if self.width_px < 2 or self.height_px < 2 or self.width_px % 2 or self.height_px % 2:
            raise InputError(MessageId.VALUE_INVALID, field="size", given=str(self))
        ratio = self.width_px / self.height_px
        if abs(ratio / aspect.ratio - 1) > RATIO_TOLERANCE:
            raise InputError(MessageId.ASPECT_UNKNOWN, given=str(self), known=aspect.value)


@dataclass(frozen=True, slots=True)
class Preset:
    """Everything that follows from a quality. Immutable; adjusted settings are new values.

    ``steps`` and ``cfg`` are the diffusion sampler's; ``crf`` and ``encoder_preset`` x264's.
    """

    portrait: FrameSize
    steps: int
    cfg: float
    crf: int
    encoder_preset: str
    fps: int = 30
    high_fps: int | None = None

    def frame_rate(self, *, high: bool) -> int:
        return self.high_fps if high and self.high_fps else self.fps


PRESETS = MappingProxyType(
    {
        Quality.DRAFT: Preset(FrameSize(512, 768), 20, 6.0, 24, "veryfast"),
        Quality.STANDARD: Preset(FrameSize(720, 1280), 35, 7.5, 20, "veryfast"),
        Quality.HIGH: Preset(FrameSize(1080, 1920), 50, 8.5, 19, "veryfast"),
        Quality.ULTRA_LITE: Preset(FrameSize(1280, 2272), 60, 8.5, 18, "veryfast"),
        Quality.ULTRA: Preset(FrameSize(1440, 2560), 80, 9.5, 18, "veryfast", high_fps=60),
    }
)


def frame_size(quality: Quality, aspect: Aspect) -> FrameSize:
    """The delivered size. The table's short side is kept in every aspect.

    Landscape is portrait turned (so Draft, whose 9:16 is 2:3 by the table, turns to 3:2).
    """
    portrait = PRESETS[quality].portrait
    short = portrait.width_px
    match aspect:
        case Aspect.PORTRAIT:
            return portrait
        case Aspect.LANDSCAPE:
            return FrameSize(portrait.height_px, portrait.width_px)
        case Aspect.SQUARE:
            return FrameSize(short, short)
        case Aspect.TALL:
            return FrameSize(short, short * 5 // 4)
