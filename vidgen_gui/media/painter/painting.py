"""What every brush needs to know about the picture in hand: canvas, colours, light, layout."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from vidgen_gui.core.script import Genre
from vidgen_gui.media.painter.amounts import Amount, Fade, Field
from vidgen_gui.media.painter.canvas import Canvas
from vidgen_gui.media.painter.caption_band import caption_band
from vidgen_gui.media.painter.colour import Rgb, mix
from vidgen_gui.media.painter.geometry import Floats, Frame, Points, Rng
from vidgen_gui.media.painter.lexicon import Brief
from vidgen_gui.media.painter.noise import noise_2d, stream
from vidgen_gui.media.painter.palette import Palette
from vidgen_gui.media.painter.scheme import VideoPart

_RIM = 0.07
"""As much of each side is outside the frame at times, or too near its edge for what matters."""
_ANKLES = 0.012
"""How far feet may reach into the captions' band, in units."""

_SKY_CELLS = 60
"""How finely (cells a unit) the sky is remembered."""
_COVERED = 0.07
"""How much a colour differs from the sky's where something stands before it."""


@dataclass(slots=True)
class Light:
    """Where the light comes from, in units, and how far its glow reaches."""

    at: tuple[float, float]
    radius: float
    colour: Rgb
    rays: float = 0.0


@dataclass(slots=True)
class Painting:
    """A picture in the making. ``side`` is +1 with the light in the right half, else −1.

    ``horizon`` is in units from the top; ``key`` seeds every stream of chance. ``staged``:
    someone or something stands in the picture that captions must not cover. ``figures``: the
    top and bottom (units) of each that was drawn. ``wet``: the ground mirrors who stands on it.
    """

    canvas: Canvas
    brief: Brief
    genre: Genre
    palette: Palette
    key: tuple[object, ...]
    light: Light
    horizon: float
    side: int
    staged: bool = False
    bloom: float = 0.35
    emblem_maker: Callable[[Rng], tuple[list[Points], list[Points]]] | None = None
    figures: list[tuple[float, float]] = field(default_factory=list)
    wet: bool = False
    video: VideoPart | None = None
    _bare_sky: Floats | None = None
    _streams: dict[str, Rng] = field(default_factory=dict)

    @property
    def frame(self) -> Frame:
        return self.canvas.frame

    def rng(self, name: str) -> Rng:
        """The stream of chance of one layer: what one layer draws never shifts another."""
        if name not in self._streams:
            self._streams[name] = stream(*self.key, name)
        return self._streams[name]

    def kind(self, name: str) -> float:
        """A number 0…1 that decides between ways to paint; neighbours of a video differ in it."""
        own = float(self.rng(name).random())
        return own if self.video is None else self.video.chance(name)

    def wants(self, *effects: str) -> bool:
        return any(effect in self.brief.effects for effect in effects)

    def mood(self, *moods: str) -> bool:
        return any(mood in self.brief.moods for mood in moods)

    def emblem(self) -> tuple[list[Points], list[Points]] | None:
        """What stands for the topic's idea, when nothing in a landscape can show it."""
        return self.emblem_maker(self.rng("emblem")) if self.emblem_maker else None

    def toward(self, fraction: float) -> float:
        """An x in units: 0 is the edge away from the light, 1 the edge on its side."""
        return self.frame.x(fraction if self.side > 0 else 1 - fraction)

    @property
    def footing(self) -> float:
        """The lowest ground (units) on which one stands clear of the captions."""
        return self.canvas.view_y(caption_band(self.frame)[0]) + _ANKLES

    def above_captions(self, y: float, height: float = 9.0) -> float:
        """The ground at ``y`` (units), raised if who stands there would meet the captions.

        Args:
            height: of who stands there; the whole of them may also lie below the captions.
        """
        below = self.canvas.view_y(caption_band(self.frame)[1])
        return y if not self.staged or y - height > below else min(y, self.footing)

    def in_sight(
        self, at: tuple[float, float], half_width: float, half_height: float
    ) -> tuple[float, float]:
        """The place nearest to ``at`` where something of this size (units) is seen whole.

        Whole, while the frame drifts over the picture, and above the captions if it fits there.
        """
        left, right = self.canvas.view_x(_RIM), self.canvas.view_x(1 - _RIM)
        top, bottom = self.canvas.view_y(_RIM), self.canvas.view_y(caption_band(self.frame)[0])
        x = min(max(at[0], left + half_width), max(right - half_width, (left + right) / 2))
        y = max(min(at[1], bottom - half_height), top + half_height)
        return x, y

    @property
    def open_height(self) -> float:
        """How tall (units) something may be that is seen whole above the captions."""
        band = caption_band(self.frame)[0]
        return self.canvas.view_y(band) - self.canvas.view_y(_RIM)

    def calm(self, share: float) -> Fade:
        """How much of what is busy is left: ``share`` where captions will stand, else all."""
        top, bottom = caption_band(self.frame)
        stops = ((top - 0.05, 1.0), (top + 0.01, share), (bottom - 0.01, share), (bottom + 0.05, 1))
        return Fade(tuple((self.canvas.view_y(place), amount) for place, amount in stops))

    def meet(self, parts: Sequence[Points]) -> None:
        """Note who or what was drawn that captions must not cover."""
        ys = np.concatenate([part[:, 1] for part in parts])
        self.figures.append((float(ys.min()), float(ys.max())))

    def note_sky(self) -> None:
        """Remember the sky as it is now, before land, trees and houses are painted over it."""
        self._bare_sky = self.canvas.sampled(_SKY_CELLS)

    def open_sky(self, places: Points) -> npt.NDArray[np.bool_]:
        """Which of the places (units) still show nothing but the sky that was noted."""
        if self._bare_sky is None:
            return np.ones(len(places), np.bool_)
        changed = np.abs(self.canvas.sampled(_SKY_CELLS) - self._bare_sky).max(axis=0)
        covered = cv2.dilate((changed > _COVERED).astype(np.uint8), np.ones((3, 3), np.uint8))
        low = self.canvas.view_x(0.0), self.canvas.view_y(0.0)
        high = self.canvas.view_x(1.0), self.canvas.view_y(1.0)
        shown = (places - low) / (np.array(high) - low)
        rows, cols = covered.shape
        cells = np.clip((shown * (cols, rows)).astype(np.int64), 0, (cols - 1, rows - 1))
        inside = ((shown >= 0) & (shown <= 1)).all(axis=1)
        return np.asarray(inside & (covered[cells[:, 1], cells[:, 0]] == 0), np.bool_)

    def hazed(self, colour: Rgb, distance: float) -> Rgb:
        """The colour seen through ``distance`` (0…1) of air."""
        return mix(colour, self.palette.haze, distance)

    def mist(
        self,
        top: float,
        bottom: float,
        opacity: float,
        *,
        colour: Rgb | None = None,
        name: str = "mist",
    ) -> None:
        """A bank of mist between two heights (units), thickest two thirds of the way down."""
        rng = self.rng(name)
        wisps = noise_2d(rng, self.frame, (1.3, 7.0), 3, cells=110) * 0.28 + 0.72
        shape = Fade(
            (
                (top, 0.0),
                (top * 0.4 + bottom * 0.6, 0.85),
                (bottom, 1.0),
                (bottom + (bottom - top) * 0.6, 0.0),
            )
        )
        amounts: Sequence[Amount] = (shape, Field(wisps))
        self.canvas.lay(None, colour or self.palette.haze, opacity, amounts)
