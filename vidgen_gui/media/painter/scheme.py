"""One colour scheme for a whole video: a family of colours, and how its light moves on.

A scene's palette is the family's at that scene's hour. What is painted with it is not decided
here; a picture that belongs to no video picks a palette of its own (`palette.choose_palette`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from vidgen_gui.core.script import Genre
from vidgen_gui.media.painter.colour import Rgb, gradient, mix, oklab, shift
from vidgen_gui.media.painter.geometry import Rng
from vidgen_gui.media.painter.lexicon import read_prompt
from vidgen_gui.media.painter.noise import stream
from vidgen_gui.media.painter.palette import Palette, choose_palette, palettes_of

_TOWARDS_COMPANION = 0.4
"""How far the colours go, at most, towards those of a related palette."""
_WEATHER_SHARE = 0.35
"""A whole video in the colours of snow or rain is rarer, unless its topic names them."""
_SCENES_THERE = 5
"""After so many scenes the light has come as far as it goes; then it goes back."""
_SWING = 0.3
_HOURS = {
    "night": -0.55, "storm": -0.4, "lamp": -0.3, "rain": -0.22, "dusk": -0.15, "dawn": -0.08,
    "noon": 0.42, "summer": 0.26, "winter": 0.14, "spring": 0.12, "desert": 0.12,
}  # fmt: skip
"""How much lighter or darker a scene is whose words name this mood."""
_SECOND = 0.35
_NIGHT = -0.42
_SKY_SHIFT = 0.75
_GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True, slots=True)
class VideoPart:
    """Which video a picture belongs to: what it is about, its seed, which scene this is (0…).

    The number of scenes is left out on purpose: a scene more at the end would repaint them all.
    """

    about: str
    seed: int
    scene: int

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild what a request carries; KeyError or ValueError when it is something else."""
        return cls(str(data["about"]), int(data["seed"]), int(data["scene"]))

    def chance(self, name: str) -> float:
        """A number 0…1 for each ``name`` as if by chance, but far from the neighbouring scenes'.

        Steps by the golden ratio fall evenly: neighbours lie 0.38 apart, the next but one 0.24.
        """
        start = float(stream("chance", self.about, self.seed, name).random())
        return (start + self.scene * _GOLDEN) % 1.0


@dataclass(frozen=True, slots=True)
class Scheme:
    """The colours of a video. ``rising``: +1 if it gets lighter at first, −1 darker."""

    base: Palette
    companion: Palette
    rising: int

    def hour(self, scene: int, moods: Sequence[str]) -> float:
        """How light a scene is: −1 deep night … 0 as the palette is … 1 glaring."""
        named = [_HOURS[mood] for mood in moods if mood in _HOURS][:2]
        # The second is often the topic's, which every scene's words repeat.
        words = float(np.average(named, weights=(1.0, _SECOND)[: len(named)])) if named else 0.0
        moved = self.rising * _SWING * (2 * _way(scene) - 1)
        return float(np.clip(words + moved * (0.5 if named else 1.0), -0.7, 0.55))

    def palette(self, scene: int, moods: Sequence[str]) -> Palette:
        """The palette of one scene."""
        there = _TOWARDS_COMPANION * _way(scene)
        return _at_hour(_between(self.base, self.companion, there), self.hour(scene, moods))


def draw_scheme(video: VideoPart, genre: Genre, homes: Mapping[str, str]) -> Scheme:
    """The scheme of a video, from what it is about, its genre and its seed; nothing else.

    Args:
        video: whose scene number doesn't matter here.
        genre: of the video.
        homes: setting → the genre whose colours suit it when the topic is custom.
    """
    key = "scheme", video.about, genre.value, video.seed
    rng = stream(*key)
    brief = read_prompt(video.about, genre, stream(*key, "brief"))
    home = homes[brief.setting] if brief.named_setting else ""
    base = choose_palette(genre, brief.moods, rng, prefer=home, weather=_WEATHER_SHARE)
    companion = _related(base, palettes_of(genre, home), rng)
    return Scheme(base, companion, 1 if rng.random() < 0.5 else -1)


def _way(scene: int) -> float:
    """How far the light has come at a scene: 0…1, there and back."""
    return float(0.5 - 0.5 * np.cos(np.pi * scene / _SCENES_THERE))


def _related(base: Palette, others: Sequence[Palette], rng: Rng) -> Palette:
    """One of the two palettes whose colours are nearest to ``base``."""

    def distance(other: Palette) -> float:
        pairs = zip((*base.sky, *base.land), (*other.sky, *other.land), strict=True)
        return float(sum(np.linalg.norm(oklab(a) - oklab(b)) for a, b in pairs))

    candidates = sorted((p for p in others if p.name != base.name), key=distance)
    return candidates[int(rng.integers(min(2, len(candidates))))]


def _between(first: Palette, second: Palette, amount: float) -> Palette:
    """The first palette on its way to the second; what may shout stays the first's."""

    def mixed(ours: tuple[Rgb, ...], theirs: tuple[Rgb, ...]) -> tuple[Rgb, ...]:
        return tuple(mix(a, b, amount) for a, b in zip(ours, theirs, strict=True))

    return replace(
        first,
        sky=mixed(first.sky, second.sky),
        land=mixed(first.land, second.land),
        haze=mix(first.haze, second.haze, amount),
        light=mix(first.light, second.light, amount),
    )


def _at_hour(palette: Palette, hour: float) -> Palette:
    """The palette in more or less light: the sky shows more of its horizon, or of its zenith.

    So no hue comes in that the palette hasn't got.
    """
    sky = palette.sky
    stops = [
        (-0.5, shift(sky[0], light=-0.1)),
        *zip((0.0, 1 / 3, 2 / 3, 1.0), sky, strict=True),
        (1.5, mix(sky[3], palette.light, 0.6)),
    ]
    places = np.array([0.0, 1 / 3, 2 / 3, 1.0]) + hour * _SKY_SHIFT
    rows = gradient(stops, places).astype(np.float64)
    night = hour < _NIGHT and palette.body == "sun"
    return replace(
        palette,
        sky=tuple((float(r), float(g), float(b)) for r, g, b in rows),
        land=tuple(shift(colour, light=0.1 * hour) for colour in palette.land[:-1])
        + palette.land[-1:],
        haze=mix(palette.haze, sky[1], -0.7 * hour)
        if hour < 0
        else mix(palette.haze, palette.light, 0.3 * hour),
        body="moon" if night else palette.body,
        stars=max(palette.stars, 0.7)
        if night
        else palette.stars * min(1.0, max(0.0, 1 - 3 * hour)),
    )
