"""Captions as a subtitle file, for players and sites that draw their own."""

from collections.abc import Sequence
from pathlib import Path

import pysubs2

from vidgen_gui.media.captions.frames import CaptionState
from vidgen_gui.media.captions.layout import Page
from vidgen_gui.system.files import atomic_write_text

_WORD_JOINER = "\u2060"


def write_srt(
    path: Path, pages: Sequence[Page], states: Sequence[CaptionState], fps: float
) -> None:
    """Write one cue a page, at the times at which the page is seen.

    Raises:
        StorageError: the file cannot be written.
    """
    subtitles = pysubs2.SSAFile()
    for number, page in enumerate(pages):
        seen = [state for state in states if state.page == number]
        if not seen:
            continue
        cue = pysubs2.SSAEvent(
            start=round(seen[0].first_frame * 1000 / fps),
            end=round(seen[-1].end_frame * 1000 / fps),
            text=r"\N".join(_plain(line) for line in page.line_texts),
        )
        subtitles.append(cue)
    # Tags are kept as they are because there are none: what looks like one is the person's.
    atomic_write_text(path, subtitles.to_string("srt", keep_ssa_tags=True))


def _plain(text: str) -> str:
    """SRT has no escapes; an invisible joiner keeps what looks like a tag or escape literal."""
    for opener in ("<", "{", "\\"):
        text = text.replace(opener, opener + _WORD_JOINER)
    return text
