"""Where the frame lies on a scene's picture at each moment: slow pushes, pulls and drifts.

Pure geometry in picture pixels; how pixels are read at such places is the resampler's.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from vidgen_gui.core.picture import OVERSCAN
from vidgen_gui.core.quality import FrameSize

NEAREST = 1.025
"""Picture pixels to a frame pixel at the closest. Not 1: there, a slow drift would pass through
moments of no interpolation and of most, and the sharpness of the whole frame would pulse."""
WIDEST = OVERSCAN
DRIFT_SCALE = 1.0618
"""Held during drifts, with enough margin to drift in. Its multiples fall evenly between whole
pixels, which lets the resampler reach any position."""
ZOOM_PER_S = 0.016
DRIFT_PER_S = 0.3
_EASE = 0.55


@dataclass(frozen=True, slots=True)
class View:
    """The part of the picture that fills the frame.

    Frame pixel ``(x, y)`` shows the picture at ``left_px + (x + 0.5) * scale - 0.5`` (so too in
    y): both grids count pixel centres, the first at 0.
    """

    left_px: float
    top_px: float
    scale: float


@dataclass(frozen=True, slots=True)
class Pose:
    """A view without sizes: ``scale`` as above, the centre in −1…1 of the margin left there."""

    scale: float
    across: float
    down: float


@dataclass(frozen=True, slots=True)
class Motion:
    """The way from one pose to another over a picture."""

    frame: FrameSize
    picture: FrameSize
    start: Pose
    end: Pose

    def view(self, fraction: float) -> View:
        """The view at ``fraction`` (0…1) of the scene's time."""
        eased = ease(min(1.0, max(0.0, fraction)))
        scale = self.start.scale * (self.end.scale / self.start.scale) ** eased
        # A picture that is a pixel short of the margin must not be read past its edge, and the
        # power may round to a hair past the wider pose.
        scale = min(
            scale,
            max(self.start.scale, self.end.scale),
            self.picture.width_px / self.frame.width_px,
            self.picture.height_px / self.frame.height_px,
        )
        across = self.start.across + (self.end.across - self.start.across) * eased
        down = self.start.down + (self.end.down - self.start.down) * eased
        spare_x = self.picture.width_px - self.frame.width_px * scale
        spare_y = self.picture.height_px - self.frame.height_px * scale
        return View(spare_x * (1 + across) / 2, spare_y * (1 + down) / 2, scale)


def ease(fraction: float) -> float:
    """Start and end slowly without ever standing still: speed 1 - 0.55·cos(2πu)."""
    return fraction - _EASE * math.sin(2 * math.pi * fraction) / (2 * math.pi)


class _Move(Enum):
    """What the camera seems to do."""

    PUSH_IN = "push-in"
    PULL_OUT = "pull-out"
    DRIFT_ACROSS = "drift-across"
    RISE = "rise"
    SINK = "sink"


def plan_motions(
    frame: FrameSize, picture: FrameSize, durations_s: Sequence[float], seed: int
) -> tuple[Motion, ...]:
    """Choose a move for each scene; neighbours differ, the first one pushes in.

    Speed, not distance, is what is held: long scenes don't hurry, short ones don't crawl.
    """
    rng = random.Random(f"motion {seed}")
    motions: list[Motion] = []
    previous: _Move | None = None
    for duration_s in durations_s:
        choices = [move for move in _Move if move is not previous]
        move = _Move.PUSH_IN if previous is None else rng.choice(choices)
        start, end = _poses(move, duration_s, rng)
        motions.append(Motion(frame, picture, start, end))
        previous = move
    return tuple(motions)


def _poses(move: _Move, duration_s: float, rng: random.Random) -> tuple[Pose, Pose]:
    zoom = min(WIDEST / NEAREST, 1 + ZOOM_PER_S * duration_s)
    reach = min(0.92, DRIFT_PER_S * duration_s / 2)
    side = rng.choice((-1, 1))
    lean = rng.uniform(0.1, 0.35) * side
    match move:
        case _Move.PUSH_IN:
            near = WIDEST / zoom
            return Pose(WIDEST, 0.0, 0.0), Pose(near, lean, rng.uniform(-0.4, 0.1))
        case _Move.PULL_OUT:
            near = WIDEST / zoom
            return Pose(near, lean, rng.uniform(-0.3, 0.3)), Pose(WIDEST, 0.0, 0.0)
        case _Move.DRIFT_ACROSS:
            return Pose(DRIFT_SCALE, -side * reach, -lean), Pose(DRIFT_SCALE, side * reach, lean)
        case _Move.RISE:
            return Pose(DRIFT_SCALE, -lean, reach), Pose(DRIFT_SCALE, lean, -reach)
        case _Move.SINK:
            return Pose(DRIFT_SCALE, -lean, -reach), Pose(DRIFT_SCALE, lean, reach)
