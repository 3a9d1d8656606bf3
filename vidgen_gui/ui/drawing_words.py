"""The sentences about drawing a job's pictures: which way failed, and which one is taken."""

from collections.abc import Mapping
from types import MappingProxyType

from PySide6.QtCore import QCoreApplication

from vidgen_gui.core.errors import InputError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.quality import Quality
from vidgen_gui.ui.labels import quality_name
from vidgen_gui.ui.marks import QT_TRANSLATE_NOOP

_SIZE_STAYS = QT_TRANSLATE_NOOP(
    "words", "It is made by {after_way}; the video keeps its size and nothing else is made again."
)

DRAWING_WORDS: Mapping[MessageId, tuple[str, str]] = MappingProxyType(
    {
        MessageId.RUNG_FELL: (
            QT_TRANSLATE_NOOP(
                "words",
                "Picture {picture}: the graphics card’s memory was not enough for {before_way}.",
            ),
            _SIZE_STAYS,
        ),
        MessageId.RUNG_FELL_FOR_RAM: (
            QT_TRANSLATE_NOOP(
                "words", "Picture {picture}: the computer’s memory was not enough for {before_way}."
            ),
            _SIZE_STAYS,
        ),
        MessageId.RUNG_SPILLED: (
            QT_TRANSLATE_NOOP(
                "words",
                "Picture {picture}: {before_way} went many times slower than it should, as when "
                "the graphics card’s memory is full and the driver uses the computer’s instead.",
            ),
            _SIZE_STAYS,
        ),
        MessageId.RUNG_DEADLY: (
            QT_TRANSLATE_NOOP(
                "words",
                "Picture {picture}: ComfyUI ended during {before_way}, as when memory runs out.",
            ),
            _SIZE_STAYS,
        ),
        MessageId.RUNG_AGAIN_WITH_MORE: (
            QT_TRANSLATE_NOOP(
                "words",
                "Picture {picture}: the graphics card’s memory was not enough for {before_way} "
                "beside the script writer.",
            ),
            QT_TRANSLATE_NOOP(
                "words", "The script writer is paused, and the picture is made by {after_way}."
            ),
        ),
        MessageId.CARD_IS_TRIED: (
            QT_TRANSLATE_NOOP(
                "words", "This graphics card and model are new: a small picture is drawn first."
            ),
            QT_TRANSLATE_NOOP("words", "It shows how long pictures take; this is done once."),
        ),
        MessageId.NO_RUNG_FITS: (
            QT_TRANSLATE_NOOP("words", "No way of drawing pictures with ComfyUI fits here."),
            QT_TRANSLATE_NOOP(
                "words",
                "Close other programs that use the graphics card, or allow more in the hardware "
                "profile.",
            ),
        ),
        MessageId.LOWERING_NEEDS_CONSENT: (
            QT_TRANSLATE_NOOP(
                "words",
                "This video’s pictures do not fit on the graphics card in the quality that was "
                "asked for; they would be made by {after_way}.",
            ),
            QT_TRANSLATE_NOOP(
                "words",
                "Choose “Go on” to have them made like that; the video keeps its size. Or close "
                "other programs that use the graphics card first.",
            ),
        ),
        MessageId.PAUSING_NEEDS_CONSENT: (
            QT_TRANSLATE_NOOP(
                "words",
                "For {after_way}, the script writer has to be paused while this video’s pictures "
                "are drawn.",
            ),
            QT_TRANSLATE_NOOP("words", "Choose “Go on” to agree; it comes back when it is needed."),
        ),
        MessageId.PLAN_BY_WORKFLOW: (
            QT_TRANSLATE_NOOP("words", "Your own workflow draws the pictures."),
            QT_TRANSLATE_NOOP("words", "How much memory it needs is not known beforehand."),
        ),
        MessageId.PLAN_SERVER_NOT_ASKED: (
            QT_TRANSLATE_NOOP("words", "ComfyUI is started when the first picture is drawn."),
            QT_TRANSLATE_NOOP("words", "What it can do is taken from what it usually can."),
        ),
        MessageId.PLAN_NO_SERVER: (
            QT_TRANSLATE_NOOP("words", "ComfyUI is not there, so the built-in painter paints."),
            QT_TRANSLATE_NOOP("words", "Set it up under Services to have pictures drawn."),
        ),
        MessageId.COMFY_STEP_TOO_SLOW: (
            QT_TRANSLATE_NOOP(
                "words", "ComfyUI needs many times as long for a step as it should: {after_s} s."
            ),
            QT_TRANSLATE_NOOP("words", "Close other programs that use the graphics card."),
        ),
    }
)

FULLER_DRAWING_WORDS: Mapping[MessageId, str] = MappingProxyType(
    {
        MessageId.RUNG_FELL: QT_TRANSLATE_NOOP(
            "words",
            "Picture {picture}: {free_mib} of graphics memory were not enough for {before_way}.",
        ),
    }
)

_WAYS: Mapping[str, str] = MappingProxyType(
    {
        "super": QT_TRANSLATE_NOOP("ways", "drawing larger than the video"),
        "super-tiled": QT_TRANSLATE_NOOP("ways", "drawing larger than the video, in tiles"),
        "hires-full": QT_TRANSLATE_NOOP("ways", "refining at full size"),
        "hires-full-tiled": QT_TRANSLATE_NOOP("ways", "refining at full size, finished in tiles"),
        "hires-fraction": QT_TRANSLATE_NOOP("ways", "refining a little smaller and enlarging"),
        "hires-fraction-small": QT_TRANSLATE_NOOP("ways", "refining smaller and enlarging"),
        "hires-tiles": QT_TRANSLATE_NOOP("ways", "refining tile by tile"),
        "upscale": QT_TRANSLATE_NOOP("ways", "drawing small and enlarging"),
        "plain": QT_TRANSLATE_NOOP("ways", "drawing very small and enlarging"),
        "base": QT_TRANSLATE_NOOP("ways", "drawing at full size"),
        "base-tiled": QT_TRANSLATE_NOOP("ways", "drawing at full size, finished in tiles"),
        "workflow": QT_TRANSLATE_NOOP("ways", "your own workflow"),
        "on-cpu": QT_TRANSLATE_NOOP("ways", "drawing on the processor"),
        "painter": QT_TRANSLATE_NOOP("ways", "VidGen’s own painter"),
    }
)


def way_name(rung: str) -> str:
    """A rung as the middle of a sentence has it; with the quality whose detail it has if lower."""
    quality, _, own = str(rung).rpartition("/")
    name = QCoreApplication.translate("ways", _WAYS.get(own, own))
    if not quality:
        return name
    try:
        shown = quality_name(Quality.parse(quality))
    except InputError:
        return name
    template = QCoreApplication.translate("ways", "{way} with the detail of {quality}")
    return template.format(way=name, quality=shown)
