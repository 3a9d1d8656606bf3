"""Subjects: what stands, floats or flies in a setting, and how large it is beside a person."""

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from vidgen_gui.media.painter import animals, emblems, flora, people, things
from vidgen_gui.media.painter.amounts import Fade
from vidgen_gui.media.painter.canvas import Ramp, Stencil
from vidgen_gui.media.painter.colour import Rgb, mix
from vidgen_gui.media.painter.geometry import Points, Rng, box, ellipse, placed, points, ribbon
from vidgen_gui.media.painter.land import Ridge, rim_light
from vidgen_gui.media.painter.painting import Painting
from vidgen_gui.media.painter.things import Parts

Maker = Callable[[Rng], Parts]


def _solid(maker: Callable[[Rng], list[Points]]) -> Maker:
    return lambda rng: (maker(rng), [])


def _person(rng: Rng) -> list[Points]:
    return people.figure(
        str(rng.choice(["stand", "stand", "open"])), dress=str(rng.choice(["", "coat", "skirt"]))
    )


def _fixed(maker: Callable[[], Parts]) -> Maker:
    """For what always looks the same."""
    return lambda _: maker()


def _fixed_solid(maker: Callable[[], list[Points]]) -> Maker:
    return lambda _: (maker(), [])


def _champion(rng: Rng) -> list[Points]:
    return people.figure(str(rng.choice(["raise", "raise", "reach"])))


def _on_bench() -> list[Points]:
    """Someone sitting on a bench, seen from the side."""
    seat = [
        box(-0.24, -0.36, 0.17, -0.325),
        ribbon(points((-0.2, -0.34), (-0.235, -0.5), (-0.3, -0.68)), [0.045, 0.04, 0.035]),
        ribbon(points((-0.3, -0.68), (-0.33, -0.69)), 0.035),
        ribbon(points((-0.25, -0.52), (-0.1, -0.5), (0.13, -0.5)), 0.026),
        ribbon(points((0.11, -0.5), (0.12, -0.34), (0.135, 0.0)), 0.03),
        ribbon(points((-0.2, -0.34), (-0.235, -0.15), (-0.255, 0.0)), [0.04, 0.035, 0.03]),
    ]
    return [*people.figure("bench"), *seat]


@dataclass(frozen=True, slots=True)
class Subject:
    """``height`` is beside a person's; ``home`` is ground, sky or water."""

    make: Maker
    height: float
    home: str = "ground"
    colourful: bool = False


SUBJECTS = MappingProxyType(
    {
        "walker": Subject(_fixed_solid(lambda: people.figure("walk", pack=True)), 1.0),
        "person": Subject(_solid(_person), 1.0),
        "champion": Subject(_solid(_champion), 1.0),
        "climber": Subject(_fixed_solid(lambda: people.figure("climb", pack=True)), 1.0),
        "bench": Subject(_fixed_solid(_on_bench), 0.95),
        "runner": Subject(_fixed_solid(lambda: people.figure("run")), 1.0),
        "sitter": Subject(_fixed_solid(lambda: people.figure("sit")), 1.0),
        "yogi": Subject(_fixed_solid(lambda: people.figure("lotus")), 1.15),
        "pair": Subject(_solid(people.pair), 1.0),
        "family": Subject(_solid(people.family), 1.0),
        "umbrella": Subject(_fixed_solid(people.umbrella_person), 1.0),
        "house": Subject(_fixed(things.house), 1.9),
        "lighthouse": Subject(_fixed(things.lighthouse), 4.0),
        "deer": Subject(_solid(animals.deer), 1.15),
        "wolf": Subject(_fixed_solid(animals.wolf), 0.8),
        "horse": Subject(_fixed_solid(animals.horse), 1.2),
        "cat": Subject(_fixed_solid(animals.cat), 0.55),
        "owl": Subject(_fixed_solid(animals.owl), 0.5),
        "camel": Subject(_fixed_solid(animals.camel), 1.35),
        "tent": Subject(_fixed(things.tent), 0.8),
        "windmill": Subject(things.windmill, 3.4),
        "flag": Subject(_fixed(things.flag), 1.5),
        "bicycle": Subject(_fixed(things.bicycle), 0.75),
        "car": Subject(_fixed(things.car), 0.85),
        "train": Subject(_fixed(things.train), 1.0),
        "robot": Subject(_fixed(things.robot), 1.1),
        "astronaut": Subject(_fixed(things.astronaut), 1.1),
        "mushroom": Subject(_fixed_solid(flora.mushroom), 0.6),
        "cactus": Subject(_fixed_solid(flora.cactus), 1.5),
        "door": Subject(_fixed(things.door), 1.5),
        "boat": Subject(_fixed(things.sailboat), 1.6, "water"),
        "balloon": Subject(_fixed(things.balloon), 1.5, "sky", colourful=True),
        "kite": Subject(_fixed(things.kite), 0.9, "sky", colourful=True),
        "rocket": Subject(_fixed(emblems.rocket_up), 1.6, "sky", colourful=True),
        "satellite": Subject(_fixed(things.satellite), 1.0, "sky"),
        "butterfly": Subject(_fixed_solid(animals.butterfly), 0.6, "sky", colourful=True),
        "birds": Subject(_solid(lambda rng: animals.skein(rng, 9)), 1.0, "sky"),
    }
)

_FORESHORTENED = 0.85
"""How long a reflection in wet ground is beside what it mirrors."""
_HEADROOM = 0.05
"""What stands on the ground ends this far below the picture's upper edge (fraction of it)."""
PEOPLE = frozenset(
    {"walker", "person", "champion", "climber", "runner", "sitter", "bench", "yogi", "pair"}
    | {"family", "umbrella"}
)
MOVING = PEOPLE | {"deer", "wolf", "horse", "cat", "camel", "bicycle", "robot", "astronaut"}
"""Those that may be met on a path."""

_SLOPE = 0.025
"""How much lower (units) than the lowest footing a second subject may stand."""
_WIDE = frozenset({"pair", "family"})
_FURTHER_OFF = 2.0
"""How much further away one stands from what is wider than a person."""

EMBLEMS: MappingProxyType[str, Maker] = MappingProxyType(
    {
        "heart": _fixed(emblems.heart),
        "book": _fixed(emblems.book),
        "clock": emblems.clock,
        "hourglass": _fixed(emblems.hourglass),
        "cup": _fixed(emblems.cup),
        "candle": _fixed(emblems.candle),
        "bulb": _fixed(emblems.bulb),
        "phone": _fixed(emblems.phone),
        "lock": _fixed(emblems.lock),
        "brain": _fixed(emblems.brain),
        "globe": _fixed(emblems.globe),
        "chip": _fixed(emblems.chip),
        "target": _fixed(emblems.target),
        "guitar": _fixed(emblems.guitar),
        "headphones": _fixed(emblems.headphones),
        "vinyl": _fixed(emblems.vinyl),
        "piano": _fixed(emblems.piano),
        "photo": _fixed(emblems.photo),
        "planet": _fixed(emblems.planet),
        "sprout": _fixed(emblems.sprout),
        "flower": _fixed(emblems.rose),
        "robot": _fixed(emblems.robot_bust),
        "rocket": _fixed(emblems.rocket_up),
    }
)


def treeline(
    p: Painting,
    ridge: Ridge,
    nearness: float,
    heights: tuple[float, float],
    *,
    count: int,
    name: str,
    leafy: bool = False,
) -> None:
    """Trees along a ridge, in clumps."""
    rng, frame = p.rng(name), p.frame
    low, high = heights
    sheet = p.canvas.sheet(0, ridge.top - high * 1.3, frame.width, float(ridge.ys.max()) + 0.02)
    centers = rng.uniform(0, frame.width, max(2, count // 7))
    for _ in range(count):
        x = float(rng.choice(centers) + rng.normal(0, 0.055))
        size = float(rng.uniform(low, high))
        foot = x, ridge.height_at(x) + size * 0.06
        if leafy:
            _leafy_clump(sheet, rng, foot, size)
            continue
        outline = flora.conifer(rng) if high > 0.07 else flora.far_conifer(rng)
        sheet.polygon(placed(outline, foot, size, flip=bool(rng.random() < 0.5)))
    p.canvas.lay(sheet, p.palette.depth(nearness))
    rim_light(p, sheet, 0.0014, 0.5)


def _leafy_clump(sheet: Stencil, rng: Rng, foot: tuple[float, float], size: float) -> None:
    for _ in range(6):
        off = rng.normal(0, size * 0.18, 2)
        center = foot[0] + float(off[0]), foot[1] - size * 0.5 + float(off[1])
        sheet.circle(center, size * float(rng.uniform(0.16, 0.32)))
    sheet.polygon(
        points(
            (foot[0] - size * 0.04, foot[1] - size * 0.5),
            (foot[0] + size * 0.04, foot[1] - size * 0.5),
            (foot[0] + size * 0.06, foot[1]),
            (foot[0] - size * 0.06, foot[1]),
        )
    )


def stand(
    p: Painting, name: str, at: tuple[float, float], person: float, *, colour: Rgb | None = None
) -> None:
    """Draw one subject with its foot (or middle) at ``at``; ``person`` is a person's height."""
    subject = SUBJECTS[name]
    rng = p.rng(f"subject-{name}")
    flip = bool(rng.random() < 0.5)
    filled, openings = subject.make(rng)
    size = subject.height * person
    if subject.home == "ground":
        size = min(size, at[1] - p.canvas.view_y(_HEADROOM))
    parts = [placed(part, at, size, flip=flip) for part in filled]
    sheet = p.canvas.stencil(*parts, margin=0.01)
    dark = colour or p.palette.near
    if subject.home == "ground":
        p.meet(parts)
        if p.wet:
            reflect(p, parts, at[1])
        xs = np.concatenate([part[:, 0] for part in parts])
        reach = max(person * 0.3, float(xs.max() - xs.min()) * 0.55)
        middle = float(xs.max() + xs.min()) / 2, at[1]
        under_foot = p.canvas.stencil(ellipse(middle, reach, person * 0.03), margin=0.02)
        p.canvas.lay(under_foot.softened(person * 0.03), p.palette.near, 0.5)
    if subject.colourful:
        bright = mix(p.palette.accent, p.palette.spark, 0.15)
        top, bottom = at[1] - size, at[1]
        p.canvas.lay(sheet, Ramp(((top, bright), (bottom, mix(p.palette.accent, dark, 0.45)))))
    else:
        p.canvas.lay(sheet, dark)
    rim_light(p, sheet, 0.0018, 0.95)
    if openings:
        lit = p.canvas.stencil(*[placed(part, at, size, flip=flip) for part in openings])
        p.canvas.lay(lit, mix(p.palette.accent, p.palette.spark, 0.4))
        if not subject.colourful:
            middle = at[0], at[1] - size * 0.35
            p.canvas.halo(middle, size * 0.9, p.palette.accent, 0.3)


def reflect(p: Painting, parts: list[Points], foot: float) -> None:
    """Mirror what stands at the height ``foot`` (units) in the wet ground before it."""
    high = foot - min(float(part[:, 1].min()) for part in parts)
    mirrored = []
    for part in parts:
        depth = foot - part[:, 1]
        waver = 0.004 * np.sin(depth * 190) * np.clip(depth / 0.05, 0, 1)
        mirrored.append(np.stack([part[:, 0] + waver, foot + depth * _FORESHORTENED], axis=1))
    sheet = p.canvas.stencil(*mirrored, margin=0.02).softened(0.0022)
    end = foot + high * _FORESHORTENED
    fade = Fade(((foot - 0.01, 1.0), (foot, 1.0), (end, 0.12)))
    p.canvas.lay(sheet, p.palette.near, 0.62, [fade])


def ground_subjects(p: Painting) -> list[str]:
    return [
        name for name in p.brief.subjects if name in SUBJECTS and SUBJECTS[name].home == "ground"
    ]


def place_subject(
    p: Painting,
    at: tuple[float, float],
    person: float,
    *,
    beside: float = 0.0,
    on: Ridge | None = None,
    narrow: bool = False,
) -> None:
    """Stand the picture's first one or two subjects on the ground at ``at``.

    Args:
        beside: how far (units) the second stands towards the middle; 0 leaves it out.
        on: the ground that the second stands on, where it isn't flat.
        narrow: only who or what can be on a path, a step or a jetty; no houses, no trees.
    """
    names = [n for n in ground_subjects(p) if not narrow or n in MOVING]
    if not narrow and "tree" in p.brief.subjects[:3]:
        lone_tree(p, (at[0] + person * 0.9 * p.side, at[1]), person * 2.5)
    if not narrow and "fire" in p.brief.subjects:
        campfire(p, (at[0] - person * 0.75, at[1]), person * 0.55)
    if not names:
        return
    if beside and len(names) > 1:
        slim = (MOVING - _WIDE).issuperset(names[:2])
        room = abs(beside) * (1 if slim else _FURTHER_OFF)
        inwards = room if at[0] < p.frame.x(0.5) else -room
        _stand_beside(p, names[1], at, inwards, person=person, on=on)
    stand(p, names[0], at, person)


def _stand_beside(
    p: Painting, name: str, at: tuple[float, float], off: float, *, person: float, on: Ridge | None
) -> None:
    """Stand the second subject ``off`` (units) from ``at``, or across where the ground drops."""
    for x in (at[0] + off, at[0] - off):
        y = on.height_at(x) + 0.004 if on else at[1]
        if y - p.above_captions(y) < _SLOPE:
            stand(p, name, (x, y), person)
            return


def float_subjects(p: Painting) -> None:
    """Put what flies into the free half of the sky."""
    rng = p.rng("floating")
    names = [n for n in p.brief.subjects if n in SUBJECTS and SUBJECTS[n].home == "sky"]
    spots = rng.uniform(0, 1, (6, 3))
    for index, name in enumerate(names[:2]):
        at = p.toward(0.2 + 0.2 * spots[index, 0]), p.frame.y(0.24 + 0.1 * spots[index, 1])
        if name == "balloon":
            for k in range(3):
                other = p.frame.x(spots[2 + k, 0]), p.frame.y(0.14 + 0.2 * spots[2 + k, 1])
                stand(p, name, other, 0.035 + 0.03 * spots[2 + k, 2])
            stand(p, name, (at[0], at[1] + 0.1), 0.16)
            continue
        size = 0.07 if name == "birds" else 0.1
        stand(p, name, at, size, colour=mix(p.palette.near, p.palette.haze, 0.1))


def lone_tree(
    p: Painting, at: tuple[float, float], size: float, *, bare: bool | None = None
) -> None:
    """A grown tree with limbs, and a crown unless it is bare."""
    rng = p.rng("lone-tree")
    bare = bool(rng.random() < 0.4) if bare is None else bare
    grown = flora.Branching(rng, depth=7, spread=float(rng.uniform(0.4, 0.58)))
    sheet = p.canvas.sheet(at[0] - size, at[1] - size * 1.3, at[0] + size, at[1] + 0.03)
    grown.draw(sheet, at, size * 0.82, flip=False)
    if not bare:
        crown = p.canvas.sheet(at[0] - size, at[1] - size * 1.4, at[0] + size, at[1] + 0.03)
        grown.crown(crown, rng, at, size * 0.82, flip=False)
        dark = mix(p.palette.near, p.palette.depth(0.6), 0.25)
        p.canvas.lay(crown, dark)
        rim_light(p, crown, 0.006, 0.6)
        p.canvas.lay(sheet, p.palette.near)
        lit = p.canvas.sheet(at[0] - size, at[1] - size * 1.4, at[0] + size, at[1])
        grown.crown(
            lit, rng, (at[0] + 0.02 * size * p.side, at[1] - 0.035 * size), size * 0.8, flip=False
        )
        p.canvas.lay(lit.within(crown), mix(p.palette.depth(0.55), p.light.colour, 0.22), 0.5)
        return
    p.canvas.lay(sheet, p.palette.near)
    rim_light(p, sheet, 0.0016, 0.8)


def campfire(p: Painting, at: tuple[float, float], size: float) -> None:
    """Flames over crossed logs."""
    rng = p.rng("campfire")
    p.canvas.halo((at[0], at[1] - size * 0.4), size * 5.5, p.palette.accent, 0.6)
    tongues = (
        (1.0, mix(p.palette.accent, (0.9, 0.2, 0.05), 0.45)),
        (0.7, p.palette.accent),
        (0.42, p.palette.spark),
    )
    for scale, colour in tongues:
        t = np.linspace(0, 1, 9)
        right = 0.3 * np.sin(np.pi * (0.15 + 0.85 * (1 - t))) * (1 + 0.3 * rng.normal(0, 0.3, 9))
        outline = np.vstack(
            [np.stack([right, -t], axis=1), np.stack([-right * 0.9, -t * 0.96], axis=1)[::-1]]
        )
        p.canvas.lay(p.canvas.stencil(placed(outline, at, size * scale)), colour)
    logs = p.canvas.stencil(
        placed(ellipse((0, 0), 0.6, 0.07), at, size, turn=0.18),
        placed(ellipse((0, 0), 0.6, 0.07), at, size, turn=-0.18),
    )
    p.canvas.lay(logs, p.palette.near)
