"""The sentences about hardware profiles; `words` puts them among the others."""

from collections.abc import Mapping
from types import MappingProxyType

from vidgen_gui.core.messages import MessageId
from vidgen_gui.ui.marks import QT_TRANSLATE_NOOP

_IN_SETTINGS = QT_TRANSLATE_NOOP("words", "Look at it in Settings, under Hardware profiles.")

PROFILE_WORDS: Mapping[MessageId, tuple[str, str]] = MappingProxyType(
    {
        MessageId.PROFILE_MISSING: (
            QT_TRANSLATE_NOOP(
                "words",
                "The hardware profile “{name}” is not there any more; VidGen follows what this "
                "machine has.",
            ),
            QT_TRANSLATE_NOOP("words", "Choose another one in Settings, under Hardware profiles."),
        ),
        MessageId.PROFILE_SET_ASIDE: (
            QT_TRANSLATE_NOOP("words", "A hardware profile was damaged and is not used."),
            QT_TRANSLATE_NOOP("words", "The damaged file is kept as {path}."),
        ),
        MessageId.PROFILE_UNREADABLE: (
            QT_TRANSLATE_NOOP("words", "The file {path} is no hardware profile that can be read."),
            QT_TRANSLATE_NOOP("words", "Choose a file that VidGen exported and you may open."),
        ),
        MessageId.PROFILE_VALUE_INVALID: (
            QT_TRANSLATE_NOOP(
                "words",
                "In the hardware profile “{profile}”, {field} cannot be “{given}”; its default "
                "is used.",
            ),
            _IN_SETTINGS,
        ),
        MessageId.PROFILE_VALUE_CLAMPED: (
            QT_TRANSLATE_NOOP(
                "words",
                "In the hardware profile “{profile}”, {field} cannot be “{given}”; {used} is used.",
            ),
            _IN_SETTINGS,
        ),
        MessageId.PROFILE_NAME_EMPTY: (
            QT_TRANSLATE_NOOP("words", "The hardware profile has no name."),
            QT_TRANSLATE_NOOP("words", "Type what it is to be called."),
        ),
        MessageId.PROFILE_NAME_TAKEN: (
            QT_TRANSLATE_NOOP("words", "Another hardware profile is called “{name}”."),
            QT_TRANSLATE_NOOP("words", "Give this one another name."),
        ),
        MessageId.PROFILES_UNWRITABLE: (
            QT_TRANSLATE_NOOP("words", "The hardware profiles in {path} cannot be read or saved."),
            QT_TRANSLATE_NOOP(
                "words", "Check that you may write there and that the disk is not full."
            ),
        ),
    }
)
