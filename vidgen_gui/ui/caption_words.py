"""What captions have to tell; `words` puts it among the others."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from vidgen_gui.core.messages import MessageId
from vidgen_gui.ui.marks import QT_TRANSLATE_NOOP

CAPTION_WORDS: Mapping[MessageId, tuple[str, str]] = MappingProxyType(
    {
        MessageId.CAPTION_CHARACTERS_MISSING: (
            QT_TRANSLATE_NOOP(
                "words",
                "The captions cannot show {characters}: no font here has them, so something "
                "plainer or nothing stands in their place.",
            ),
            QT_TRANSLATE_NOOP(
                "words", "Write something else there in the script if the video needs them."
            ),
        ),
    }
)

FULLER_CAPTION_WORDS: Mapping[MessageId, str] = MappingProxyType(
    {
        MessageId.CAPTION_CHARACTERS_MISSING: QT_TRANSLATE_NOOP(
            "words",
            "The captions cannot show {characters} and {others} more: no font here has them, so "
            "something plainer or nothing stands in their place.",
        ),
    }
)


def named_characters(characters: Sequence[str]) -> str:
    """Each with its code points: what no font has may be an empty box here, too."""
    return ", ".join(f"“{one}” ({' '.join(f'U+{ord(c):04X}' for c in one)})" for one in characters)
