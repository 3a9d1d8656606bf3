"""What to do about a text that no voice here speaks. Pure: no Qt."""

from enum import StrEnum
from typing import Any

from vidgen_gui.controller.job_view import LanguageCheck
from vidgen_gui.core.job import Speech

ENGLISH = "en"
LANGUAGES = (
    "ar", "bg", "ca", "cs", "cy", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he", "hi",
    "hr", "hu", "id", "is", "it", "ja", "ka", "kk", "ko", "lt", "lv", "ne", "nl", "no", "pl", "pt",
    "ro", "ru", "sk", "sl", "sr", "sv", "sw", "th", "tr", "uk", "vi", "zh",
)  # fmt: skip
"""What a video's language can be chosen from; the fonts that are here draw all of them."""


class SpeechChoice(StrEnum):
    """What to make of a text whose language no voice here speaks."""

    ENGLISH = "english"
    CAPTIONS_ONLY = "captions-only"


def speech_options(
    check: LanguageCheck | None, choice: SpeechChoice | None, speech: Speech
) -> dict[str, Any]:
    """The `JobSpec` options that follow from what was found and chosen.

    Args:
        check: what is known about the text's language, if anything.
        choice: what to do when no voice speaks it.
        speech: what is wanted otherwise.
    """
    if check is None or check.spoken or speech is Speech.CAPTIONS_ONLY:
        return {"language": check.language if check else ENGLISH, "speech": speech}
    if choice is SpeechChoice.CAPTIONS_ONLY:
        return {"language": check.language, "speech": Speech.CAPTIONS_ONLY}
    return {"language": ENGLISH, "speech": Speech.SPOKEN}
