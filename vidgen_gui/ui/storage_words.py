"""What is said of folders, disks, the list of videos, settings and what is kept of them."""

from collections.abc import Mapping
from types import MappingProxyType

from vidgen_gui.core.messages import MessageId
from vidgen_gui.ui.marks import QT_TRANSLATE_NOOP

STORAGE_WORDS: Mapping[MessageId, tuple[str, str]] = MappingProxyType(
    {
        MessageId.FOLDER_UNKNOWN: (
            QT_TRANSLATE_NOOP("words", "“{path}” leads to no folder."),
            QT_TRANSLATE_NOOP("words", "Check how it is written, or name another folder."),
        ),
        MessageId.OUTPUT_UNWRITABLE: (
            QT_TRANSLATE_NOOP("words", "Videos cannot be saved in {path}."),
            QT_TRANSLATE_NOOP("words", "Choose another output folder, then try again."),
        ),
        MessageId.OUTPUT_VANISHED: (
            QT_TRANSLATE_NOOP("words", "The folder {path} is gone."),
            QT_TRANSLATE_NOOP(
                "words", "Connect the drive or choose another output folder, then try again."
            ),
        ),
        MessageId.OUTPUT_BUSY: (
            QT_TRANSLATE_NOOP("words", "Another VidGen began to save a video and stands still."),
            QT_TRANSLATE_NOOP("words", "Close other copies of VidGen, then try again."),
        ),
        MessageId.FOLDER_NOT_SHOWN: (
            QT_TRANSLATE_NOOP("words", "No program here shows the folder {path}."),
            QT_TRANSLATE_NOOP("words", "Open it in your file manager."),
        ),
        MessageId.DATA_UNWRITABLE: (
            QT_TRANSLATE_NOOP("words", "VidGen cannot write its own files in {path}."),
            QT_TRANSLATE_NOOP(
                "words", "Make that folder writable, or set VIDGEN_HOME to another folder."
            ),
        ),
        MessageId.DISK_FULL: (
            QT_TRANSLATE_NOOP("words", "The disk that holds {path} is full."),
            QT_TRANSLATE_NOOP(
                "words", "Make room or choose another output folder, then try again."
            ),
        ),
        MessageId.SETTINGS_SET_ASIDE: (
            QT_TRANSLATE_NOOP("words", "The settings file cannot be read; the defaults are used."),
            QT_TRANSLATE_NOOP("words", "The file is kept as {path}."),
        ),
        MessageId.SETTINGS_UNWRITABLE: (
            QT_TRANSLATE_NOOP("words", "The settings cannot be saved in {path}."),
            QT_TRANSLATE_NOOP(
                "words", "Check that you may write there and that the disk is not full."
            ),
        ),
        MessageId.DATABASE_REBUILT: (
            QT_TRANSLATE_NOOP("words", "The list of videos was damaged and has been rebuilt."),
            QT_TRANSLATE_NOOP(
                "words", "Check that nothing is missing; the damaged file is kept as {path}."
            ),
        ),
        MessageId.DATABASE_UNUSABLE: (
            QT_TRANSLATE_NOOP("words", "The list of videos in {path} cannot be opened."),
            QT_TRANSLATE_NOOP("words", "Check that you may write there, then start VidGen again."),
        ),
        MessageId.DATABASE_TOO_NEW: (
            QT_TRANSLATE_NOOP("words", "The list of videos was made by a newer VidGen."),
            QT_TRANSLATE_NOOP("words", "Install the newest VidGen to open it."),
        ),
        MessageId.DATABASE_DAMAGED: (
            QT_TRANSLATE_NOOP("words", "The list of videos in {path} is damaged."),
            QT_TRANSLATE_NOOP(
                "words", "Start VidGen again: it rebuilds the list from its last backup."
            ),
        ),
        MessageId.DATABASE_BUSY: (
            QT_TRANSLATE_NOOP("words", "The list of videos is in use by another program."),
            QT_TRANSLATE_NOOP("words", "Close other copies of VidGen, then try again."),
        ),
        MessageId.SETTING_INVALID: (
            QT_TRANSLATE_NOOP(
                "words", "The setting {field} cannot be “{given}”; its default is used."
            ),
            QT_TRANSLATE_NOOP("words", "Correct it in Settings."),
        ),
        MessageId.SETTING_CLAMPED: (
            QT_TRANSLATE_NOOP("words", "The setting {field} cannot be “{given}”; {used} is used."),
            QT_TRANSLATE_NOOP("words", "Correct it in Settings."),
        ),
        MessageId.ENVIRONMENT_INVALID: (
            QT_TRANSLATE_NOOP(
                "words", "The environment variable {name} cannot be “{given}”; it is ignored."
            ),
            QT_TRANSLATE_NOOP("words", "Correct it or remove it, then start VidGen again."),
        ),
        MessageId.ENVIRONMENT_CLAMPED: (
            QT_TRANSLATE_NOOP(
                "words", "The environment variable {name} cannot be “{given}”; {used} is used."
            ),
            QT_TRANSLATE_NOOP("words", "Correct it or remove it, then start VidGen again."),
        ),
        MessageId.ARTIFACT_DAMAGED: (
            QT_TRANSLATE_NOOP("words", "A stored part of the video was damaged or removed."),
            QT_TRANSLATE_NOOP(
                "words", "Try again: it is made anew. If this happens often, check the disk."
            ),
        ),
    }
)
