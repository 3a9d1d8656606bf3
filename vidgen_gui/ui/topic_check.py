"""Whether a voice here speaks a text's language, and what to do when none does. No widgets."""

from enum import StrEnum
from itertools import count
from typing import Any

from PySide6.QtCore import QObject, Signal

from vidgen_gui.controller.job_view import LanguageCheck
from vidgen_gui.core.job import Speech

ENGLISH = "en"
_tokens = count(1)


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


class TopicCheck(QObject):
    """Asks the controller about one text at a time; only the newest answer counts."""

    answered = Signal(object)
    """A `LanguageCheck`."""

    def __init__(self, controller: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._token: int | None = None
        controller.language_checked.connect(self._on_checked)

    @property
    def is_waiting(self) -> bool:
        return self._token is not None

    def ask(self, text: str) -> None:
        """Start asking; an earlier question is forgotten."""
        self._token = next(_tokens)
        self._controller.check_language(text, self._token)

    def forget(self) -> None:
        """Don't care about the answer any more."""
        self._token = None

    def _on_checked(self, token: int, check: LanguageCheck) -> None:
        if token == self._token:
            self._token = None
            self.answered.emit(check)
