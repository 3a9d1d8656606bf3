"""The sentences of the quality page and its own values; `words` puts them among the others."""

from collections.abc import Mapping
from types import MappingProxyType

from vidgen_gui.core.messages import MessageId
from vidgen_gui.ui.marks import QT_TRANSLATE_NOOP

QUALITY_WORDS: Mapping[MessageId, tuple[str, str]] = MappingProxyType(
    {
        MessageId.STEPS_INVALID: (
            QT_TRANSLATE_NOOP("words", "“{given}” cannot be used as a number of steps."),
            QT_TRANSLATE_NOOP(
                "words", "Type a whole number from {low} to {high}, or nothing for the usual one."
            ),
        ),
        MessageId.CFG_INVALID: (
            QT_TRANSLATE_NOOP("words", "“{given}” cannot be used as guidance."),
            QT_TRANSLATE_NOOP(
                "words", "Type a number from {low} to {high}, or nothing for the usual one."
            ),
        ),
        MessageId.SEED_INVALID: (
            QT_TRANSLATE_NOOP("words", "“{given}” cannot be used as a seed."),
            QT_TRANSLATE_NOOP(
                "words", "Type a whole number, or nothing for another one with each video."
            ),
        ),
        MessageId.SAMPLER_NOT_USED: (
            QT_TRANSLATE_NOOP(
                "words", "The sampler “{sampler}” is not there; pictures are drawn with another."
            ),
            QT_TRANSLATE_NOOP(
                "words",
                "Choose another sampler under Advanced, or update ComfyUI. A workflow of your own "
                "brings its sampler with it.",
            ),
        ),
    }
)
