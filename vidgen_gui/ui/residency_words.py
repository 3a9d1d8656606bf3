"""The sentences about who holds the graphics card, and who gives it back."""

from collections.abc import Mapping
from types import MappingProxyType

from vidgen_gui.core.messages import MessageId
from vidgen_gui.ui.marks import QT_TRANSLATE_NOOP

RESIDENCY_WORDS: Mapping[MessageId, tuple[str, str]] = MappingProxyType(
    {
        MessageId.SERVICE_LENDS_MEMORY: (
            QT_TRANSLATE_NOOP("words", "Its graphics memory is lent to the pictures."),
            QT_TRANSLATE_NOOP(
                "words",
                "It comes back by itself when a script needs it, and after the last picture.",
            ),
        ),
        MessageId.SCRIPT_WRITER_PAUSED: (
            QT_TRANSLATE_NOOP(
                "words",
                "The script writer was paused for the pictures: {mib} of graphics memory came "
                "free in {seconds} s.",
            ),
            QT_TRANSLATE_NOOP(
                "words",
                "It comes back when a script needs it, and after the last picture. A hardware "
                "profile in Settings can keep it running.",
            ),
        ),
        MessageId.SCRIPT_WRITER_NOT_PAUSED: (
            QT_TRANSLATE_NOOP("words", "The script writer could not be paused for the pictures."),
            QT_TRANSLATE_NOOP(
                "words", "They are made beside it. For more of the card, stop it yourself."
            ),
        ),
        MessageId.SCRIPT_WRITER_BACK: (
            QT_TRANSLATE_NOOP("words", "The script writer is back after {seconds} s."),
            QT_TRANSLATE_NOOP("words", "It had been paused for the pictures."),
        ),
        MessageId.SCRIPT_WRITER_NOT_BACK: (
            QT_TRANSLATE_NOOP("words", "The script writer did not come back after the pictures."),
            QT_TRANSLATE_NOOP("words", "Start it under Services; its log there says more."),
        ),
        MessageId.IMAGE_MAKER_FREED: (
            QT_TRANSLATE_NOOP(
                "words",
                "The image maker gave {mib} of graphics memory to the script writer in "
                "{seconds} s.",
            ),
            QT_TRANSLATE_NOOP("words", "It loads its model again with the next picture."),
        ),
        MessageId.MEMORY_HELD_BY: (
            QT_TRANSLATE_NOOP(
                "words",
                "Only {available} of graphics memory can be had where {need} were wanted: "
                "the program {program} (number {pid}) holds {mib}.",
            ),
            QT_TRANSLATE_NOOP("words", "Close it to make better use of the card."),
        ),
        MessageId.MEMORY_HELD_UNKNOWN: (
            QT_TRANSLATE_NOOP(
                "words",
                "Only {available} of graphics memory can be had where {need} were wanted. "
                "The driver does not say who holds the rest.",
            ),
            QT_TRANSLATE_NOOP("words", "Close other programs that use the graphics card."),
        ),
        MessageId.ADOPTED_NOT_BACK: (
            QT_TRANSLATE_NOOP(
                "words", "The program {program}, which was paused for pictures, did not start."
            ),
            QT_TRANSLATE_NOOP("words", "Start it in the way in which you did before."),
        ),
    }
)
