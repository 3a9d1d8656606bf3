"""From a prompt to a finished picture: read the words, lay out, let a setting paint, finish."""

from collections.abc import Callable, Generator
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from vidgen_gui.core.script import Genre
from vidgen_gui.media.painter import finish, weather
from vidgen_gui.media.painter.canvas import Canvas
from vidgen_gui.media.painter.geometry import Rng
from vidgen_gui.media.painter.lexicon import Brief, read_prompt
from vidgen_gui.media.painter.noise import stream
from vidgen_gui.media.painter.painting import Light, Painting
from vidgen_gui.media.painter.palette import Palette, choose_palette
from vidgen_gui.media.painter.scheme import VideoPart, draw_scheme
from vidgen_gui.media.painter.settings import (
    abstract,
    cosmos,
    cyber,
    deep,
    highland,
    indoors,
    machine,
    open_air,
    places,
    still_life,
    streams,
    street,
    town,
    waters,
    woods,
)
from vidgen_gui.media.painter.subjects import EMBLEMS, SUBJECTS
from vidgen_gui.media.painter.things import Parts

Setting = Callable[[Painting], None]

SETTINGS: MappingProxyType[str, tuple[Setting, str]] = MappingProxyType(
    {
        "mountains": (highland.mountains, "motivational"),
        "hills": (highland.hills, "nature"),
        "path": (highland.path, "motivational"),
        "road": (highland.road, "motivational"),
        "volcano": (highland.volcano, "motivational"),
        "forest": (woods.forest, "nature"),
        "pines": (woods.pines, "nature"),
        "jungle": (woods.jungle, "nature"),
        "meadow": (woods.meadow, "nature"),
        "sea": (waters.sea, ""),
        "lake": (waters.lake, "nature"),
        "river": (streams.river, "nature"),
        "waterfall": (streams.waterfall, "nature"),
        "underwater": (deep.underwater, "nature"),
        "desert": (open_air.desert, "motivational"),
        "snow": (open_air.snow, ""),
        "sky": (open_air.cloud_tops, ""),
        "storm": (open_air.storm, ""),
        "aurora": (open_air.aurora, "nature"),
        "city": (town.city, ""),
        "street": (street.street, "emotional"),
        "village": (places.village, "emotional"),
        "stairs": (places.stairs, "motivational"),
        "lanterns": (places.lanterns, "emotional"),
        "window": (indoors.window, "emotional"),
        "table": (still_life.table, "emotional"),
        "space": (cosmos.space, "tech"),
        "circuit": (machine.circuit, "tech"),
        "network": (machine.network, "tech"),
        "grid": (cyber.grid, "tech"),
        "terrain": (cyber.terrain, "tech"),
        "tunnel": (cyber.tunnel, "tech"),
        "code": (cyber.code, "tech"),
        "music": (abstract.music, ""),
        "paper": (abstract.paper, ""),
    }
)
"""Name → how it is painted, and the genre whose colours suit it when the topic is custom."""

SHELTERED = frozenset({"window", "table", "stairs", "underwater", "space", "music", "paper"})
STAGES = frozenset({"window", "table", "village", "lanterns", "desert"})
"""Where someone or something stands even if the words name nobody."""
_LAND_AT_LEAST, _LAND_IN_SIGHT = 0.125, 0.145
"""How far behind one who stands there the horizon lies: at least, and up to so much more."""
MACHINES = frozenset({"circuit", "network", "grid", "terrain", "tunnel", "code"})
SATURATION = MappingProxyType(
    {
        Genre.MOTIVATIONAL: 1.24,
        Genre.EMOTIONAL: 0.96,
        Genre.TECH: 1.15,
        Genre.NATURE: 1.18,
        Genre.CUSTOM: 1.12,
    }
)


def begin(
    prompt: str, genre: Genre, seed: int, canvas: Canvas, video: VideoPart | None = None
) -> Painting:
    """Read the words and lay out: colours, light, horizon."""
    key = (prompt, genre.value, seed)
    about, opening = ("", False) if video is None else (video.about, video.scene == 0)
    brief = read_prompt(prompt, genre, stream(*key, "brief"), about=about, opening=opening)
    rng = stream(*key, "layout")
    palette = _palette(brief, genre, key, video)
    frame = canvas.frame
    staged = _staged(brief)

    def chance(name: str) -> float:
        own = float(rng.random())
        return own if video is None else video.chance(name)

    zoom = 1 + 0.24 * chance("zoom") ** 1.2
    spare = 1 - 1 / zoom
    across, down = float(rng.random()), float(rng.random()) * 0.8
    # Cut off above, not below: then all that is placed moves up, away from the captions.
    canvas.look(
        zoom, frame.x(spare * across), frame.y(spare * (1 - 0.75 * down if staged else down))
    )
    side = 1 if chance("side") < 0.5 else -1
    horizon = 0.43 + 0.17 * chance("horizon")
    at = frame.x(0.5 + side * float(rng.uniform(0.05, 0.3))), frame.y(float(rng.uniform(0.13, 0.4)))
    radius = float(rng.uniform(0.045, 0.125))
    light = Light(at, radius, palette.light, rays=0.35)
    p = Painting(
        canvas, brief, genre, palette, key, light, frame.y(horizon), side, staged,
        emblem_maker=_emblem(brief), video=video,
    )  # fmt: skip
    if staged:
        p.horizon = p.footing - _LAND_IN_SIGHT * (0.6 - horizon) / 0.17 - _LAND_AT_LEAST
        p.light.at = at[0], min(max(at[1], canvas.view_y(0.07)), p.horizon - 0.03)
    return p


def _palette(
    brief: Brief, genre: Genre, key: tuple[object, ...], video: VideoPart | None
) -> Palette:
    if video is None:
        home = SETTINGS[brief.setting][1]
        return choose_palette(genre, brief.moods, stream(*key, "palette"), prefer=home)
    homes = {name: home for name, (_, home) in SETTINGS.items()}
    return draw_scheme(video, genre, homes).palette(video.scene, brief.moods)


def _staged(brief: Brief) -> bool:
    """Whether someone or something will stand on the ground, on a sill or on a table."""
    on_ground = any(n in SUBJECTS and SUBJECTS[n].home == "ground" for n in brief.subjects)
    return on_ground or brief.setting in STAGES


def _emblem(brief: Brief) -> Callable[[Rng], Parts] | None:
    """What stands for the idea, when the first thing named cannot stand in the setting."""
    if not brief.named_subject or not brief.subjects:
        return None
    name = brief.subjects[0]
    at_home = brief.setting in {"meadow", "jungle"} and name in {"flower", "sprout"}
    if name not in EMBLEMS or at_home:
        return None
    if name in SUBJECTS and brief.setting not in MACHINES | {"paper"}:
        return None
    return EMBLEMS[name]


def steps(
    prompt: str, genre: Genre, seed: int, canvas: Canvas, video: VideoPart | None = None
) -> Generator[float, None, tuple[npt.NDArray[np.uint8], Brief, str]]:
    """Paint; yields the fraction done between passes, returns (BGR pixels, brief, palette)."""
    p = begin(prompt, genre, seed, canvas, video)
    yield 0.02
    SETTINGS[p.brief.setting][0](p)
    yield 0.6
    if p.brief.setting not in SHELTERED | MACHINES:
        weather.effects(p)
    yield 0.66
    finish.cast_rays(p)
    finish.spill_light(p)
    yield 0.76
    finish.side_light(p)
    finish.deepen(canvas)
    finish.tone(p)
    finish.saturate(canvas, SATURATION[genre])
    yield 0.86
    pixels = finish.to_pixels(canvas, p.rng("grain"))
    return pixels, p.brief, p.palette.name


def paint(
    prompt: str,
    genre: Genre,
    seed: int,
    width_px: int,
    height_px: int,
    *,
    video: VideoPart | None = None,
) -> npt.NDArray[np.uint8]:
    """Paint a picture for a scene; the same arguments always give the same picture.

    The composition depends on the prompt, genre and seed alone, not on the size.

    Args:
        prompt: what is to be seen.
        genre: of the video.
        seed: of this picture.
        width_px: of the picture.
        height_px: of the picture.
        video: whose colours to take; without one the picture picks its own.

    Returns:
        RGB, shape (height_px, width_px, 3).
    """
    work = steps(prompt, genre, seed, Canvas(width_px, height_px), video)
    while True:
        try:
            next(work)
        except StopIteration as done:
            pixels: npt.NDArray[np.uint8] = done.value[0]
            return np.ascontiguousarray(pixels[:, :, ::-1])
