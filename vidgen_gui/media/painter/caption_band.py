"""Where captions will stand on a picture, so that nobody's face is put there.

The captions' own layout is in `media.captions`; only its outcome is told here.
"""

from math import log

from vidgen_gui.core.picture import OVERSCAN
from vidgen_gui.core.quality import Aspect
from vidgen_gui.core.safe_zone import CAPTION_CENTRE
from vidgen_gui.media.motion import DRIFT_SCALE
from vidgen_gui.media.painter.geometry import Frame

_EM = 48 / 720
"""The captions' font size beside the frame's short side."""
_HALF_EM = 1.4
"""From the middle of two lines, plate included, to their edge."""
_SHAPES = {
    Aspect.PORTRAIT: 9 / 16,
    Aspect.LANDSCAPE: 16 / 9,
    Aspect.SQUARE: 1.0,
    Aspect.TALL: 4 / 5,
}


def caption_band(frame: Frame) -> tuple[float, float]:
    """Top and bottom of the band that captions may cover, as fractions of the picture's height.

    The frame drifts over the picture while it is shown; the band is what two lines of captions
    sweep over at the end of the longest drift.
    """
    shape = frame.width / frame.height
    aspect = min(_SHAPES, key=lambda known: abs(log(shape / _SHAPES[known])))
    half = _HALF_EM * _EM * min(frame.width, frame.height) / frame.height
    centre, scale = CAPTION_CENTRE[aspect], DRIFT_SCALE / OVERSCAN
    return scale * (centre - half), scale * (centre + half) + (1 - scale)
