"""The ways of making a picture by name, as a person orders them.

What a plan does is put into words in `plan_lines`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from PySide6.QtCore import QCoreApplication

from vidgen_gui.gpu.rungs import RUNGS
from vidgen_gui.ui.marks import QT_TRANSLATE_NOOP

_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "super": QT_TRANSLATE_NOOP("rungs", "Larger than the video, then scaled down"),
        "super-tiled": QT_TRANSLATE_NOOP("rungs", "Larger than the video, finished in tiles"),
        "hires-full": QT_TRANSLATE_NOOP("rungs", "Refined at full size"),
        "hires-full-tiled": QT_TRANSLATE_NOOP("rungs", "Refined at full size, finished in tiles"),
        "hires-fraction": QT_TRANSLATE_NOOP("rungs", "Refined a little smaller, then enlarged"),
        "hires-fraction-small": QT_TRANSLATE_NOOP("rungs", "Refined smaller, then enlarged"),
        "hires-tiles": QT_TRANSLATE_NOOP("rungs", "Refined tile by tile"),
        "upscale": QT_TRANSLATE_NOOP("rungs", "Drawn small, enlarged"),
        "plain": QT_TRANSLATE_NOOP("rungs", "Drawn smallest, enlarged"),
    }
)


def rung_names() -> list[tuple[str, str]]:
    """Each way and its name in the person's language, best first."""
    return [(rung, QCoreApplication.translate("rungs", _NAMES.get(rung, rung))) for rung in RUNGS]
