"""The sentences about what is to come on the graphics card."""

from collections.abc import Mapping
from types import MappingProxyType

from vidgen_gui.core.messages import MessageId
from vidgen_gui.ui.marks import QT_TRANSLATE_NOOP

FORECAST_WORDS: Mapping[MessageId, tuple[str, str]] = MappingProxyType(
    {
        MessageId.FORECAST_PAUSES_WRITER: (
            QT_TRANSLATE_NOOP(
                "words",
                "The pictures of “{title}” come next; they need {needed_gb} GB and will not fit "
                "beside the script writer, which holds {writer_gb} GB.",
            ),
            QT_TRANSLATE_NOOP(
                "words", "VidGen pauses the script writer for them and starts it again afterwards."
            ),
        ),
        MessageId.FORECAST_LOWER: (
            QT_TRANSLATE_NOOP(
                "words",
                "The pictures of “{title}” come next; at their best they need {needed_gb} GB of "
                "the graphics card, and {available_gb} GB can be had.",
            ),
            QT_TRANSLATE_NOOP(
                "words",
                "They will be made in a smaller way and enlarged; the video’s size stays as it is.",
            ),
        ),
        MessageId.FORECAST_HELD_BY: (
            QT_TRANSLATE_NOOP(
                "words",
                "The pictures of “{title}” come next; at their best they need {needed_gb} GB and "
                "will not fit beside {program}, which holds {held_gb} GB of the graphics card.",
            ),
            QT_TRANSLATE_NOOP(
                "words", "Close {program} for better pictures; else they are made in a smaller way."
            ),
        ),
        MessageId.FORECAST_PAINTED: (
            QT_TRANSLATE_NOOP(
                "words",
                "The pictures of “{title}” come next, and no way of making them with ComfyUI fits "
                "into the {available_gb} GB of the graphics card that can be had.",
            ),
            QT_TRANSLATE_NOOP(
                "words",
                "The built-in painter will make them; close other programs to have them drawn.",
            ),
        ),
        MessageId.FORECAST_LEAK: (
            QT_TRANSLATE_NOOP(
                "words",
                "The memory of {name} fills up: {grown_gb} GB more than at first are in use, and "
                "{rate_gb} GB an hour are added.",
            ),
            QT_TRANSLATE_NOOP(
                "words",
                "In about {hours} hours there is none left; restart the program that grows, most "
                "often ComfyUI.",
            ),
        ),
    }
)
