"""When each picture of the captions is seen: pages and highlights on the grid of frames."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from vidgen_gui.media.captions.layout import LONG_PAUSE_S, Page

LINGER_S = 0.6
"""How long a page stays after its last word when silence or nothing follows."""


@dataclass(frozen=True, slots=True)
class CaptionState:
    """Page ``page`` with token ``token`` lit, in frames ``first_frame`` … ``end_frame`` − 1."""

    page: int
    token: int
    first_frame: int
    end_frame: int


def onset_frame(time_s: float, fps: float) -> int:
    """The frame whose display time, frame ÷ fps, is nearest: at most half a frame off."""
    return math.floor(time_s * fps + 0.5)


def plan_states(
    scenes: Sequence[Sequence[Page]],
    fps: float,
    frame_count: int,
    scene_end_frames: Sequence[int] | None = None,
) -> list[CaptionState]:
    """Put the pages of all scenes, numbered through, on the grid.

    A page is there from its first word's onset until the next page's, or until `LINGER_S`
    after its last word when more than `LONG_PAUSE_S` of silence follows; never beyond its
    scene's end. A token is lit from its onset until the next one's. What would last no frame
    is left out.
    """
    ends = scene_end_frames or [frame_count] * len(scenes)
    pages = [
        (page, min(end, frame_count))
        for scene, end in zip(scenes, ends, strict=True)
        for page in scene
    ]
    states: list[CaptionState] = []
    for number, (page, scene_end) in enumerate(pages):
        following = pages[number + 1][0] if number + 1 < len(pages) else None
        end_frame = min(scene_end, _page_end(page, following, fps))
        onsets = [onset_frame(token.start_s, fps) for token in page.tokens]
        for index, onset in enumerate(onsets):
            until = min(end_frame, onsets[index + 1] if index + 1 < len(onsets) else end_frame)
            if onset < until:
                states.append(CaptionState(number, index, onset, until))
    return states


def _page_end(page: Page, following: Page | None, fps: float) -> int:
    if following is not None and following.start_s - page.end_s <= LONG_PAUSE_S:
        return onset_frame(following.start_s, fps)
    return onset_frame(page.end_s + LINGER_S, fps)
