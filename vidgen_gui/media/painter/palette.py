"""Which colour world a picture is painted in."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from vidgen_gui.core.script import Genre
from vidgen_gui.media.painter.colour import Rgb, gradient, parse_hex, shift
from vidgen_gui.media.painter.geometry import Rng
from vidgen_gui.system.resources import resource

_MOOD_WEIGHT = 9.0
"""How much more likely the first mood named makes a palette than chance alone."""

_WEATHER = frozenset({"winter", "autumn", "rain", "storm", "fog"})


@dataclass(frozen=True, slots=True)
class Palette:
    """A colour world. ``sky`` runs from the top to the horizon, ``land`` from far to near.

    ``body`` says what hangs in the sky: sun, moon or none.
    """

    name: str
    genres: tuple[str, ...]
    moods: tuple[str, ...]
    sky: tuple[Rgb, ...]
    light: Rgb
    haze: Rgb
    land: tuple[Rgb, ...]
    accent: Rgb
    spark: Rgb
    body: str
    stars: float

    @property
    def near(self) -> Rgb:
        return self.land[-1]

    def depth(self, nearness: float) -> Rgb:
        """The colour of land: 0 at the horizon, 1 at the viewer's feet."""
        places = np.linspace(0, 1, len(self.land))
        stops = list(zip(places.tolist(), self.land, strict=True))
        row = gradient(stops, np.array([nearness]))[0]
        return float(row[0]), float(row[1]), float(row[2])


def _palette(name: str, data: dict[str, Any]) -> Palette:
    return Palette(
        name=name,
        genres=tuple(data["genres"]),
        moods=tuple(data["moods"]),
        sky=tuple(parse_hex(text) for text in data["sky"]),
        light=parse_hex(data["light"]),
        haze=parse_hex(data["haze"]),
        land=tuple(parse_hex(text) for text in data["land"]),
        accent=parse_hex(data["accent"]),
        spark=parse_hex(data["spark"]),
        body=str(data["body"]),
        stars=float(data["stars"]),
    )


@cache
def all_palettes() -> tuple[Palette, ...]:
    """The palettes of ``resources/painter/palettes.toml``."""
    text = resource("painter/palettes.toml").read_text(encoding="utf-8")
    return tuple(_palette(name, data) for name, data in tomllib.loads(text).items())


def palettes_of(genre: Genre, prefer: str = "") -> list[Palette]:
    """Those at home in the genre; for a custom topic in ``prefer``, or any that are quiet."""
    home = prefer if genre is Genre.CUSTOM and prefer else genre.value
    own = [p for p in all_palettes() if home in p.genres]
    return own or [p for p in all_palettes() if "tech" not in p.genres]


def choose_palette(
    genre: Genre, moods: Sequence[str], rng: Rng, *, prefer: str = "", weather: float = 1.0
) -> Palette:
    """Pick by genre, then by the moods that the words name, then by chance.

    Args:
        prefer: for a custom topic, the genre whose colours its setting calls for.
        weather: how likely beside the others are palettes that are for some weather alone.
    """
    candidates = palettes_of(genre, prefer)
    weights = [
        (weather if _WEATHER.issuperset(p.moods) else 1.0)
        + sum(_MOOD_WEIGHT * 0.5**rank for rank, mood in enumerate(moods) if mood in p.moods)
        for p in candidates
    ]
    chosen = candidates[int(rng.choice(len(candidates), p=np.array(weights) / sum(weights)))]
    return _jittered(chosen, rng)


def _jittered(palette: Palette, rng: Rng) -> Palette:
    """The same world on another day: hue, lightness and colourfulness a little off."""
    turn = float(rng.uniform(-0.12, 0.12))
    light = float(rng.uniform(-0.025, 0.025))
    chroma = float(rng.uniform(0.94, 1.08))

    def other(colour: Rgb) -> Rgb:
        return shift(colour, light=light, chroma=chroma, turn=turn)

    return replace(
        palette,
        sky=tuple(other(c) for c in palette.sky),
        land=tuple(other(c) for c in palette.land),
        haze=other(palette.haze),
    )
