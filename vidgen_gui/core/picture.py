"""How big a scene's picture is beside the frame that shows it: the margin that motion needs."""

import math

from vidgen_gui.core.quality import FrameSize

OVERSCAN = 1.12
"""Pictures are this much larger than the frame in each direction, so that moving over them
never has to enlarge."""


def picture_size(frame: FrameSize) -> FrameSize:
    """The size at which a picture for ``frame`` is painted: `OVERSCAN` times it, even sides."""

    def side(frame_px: int) -> int:
        return 2 * math.ceil(frame_px * OVERSCAN / 2)

    return FrameSize(side(frame.width_px), side(frame.height_px))
