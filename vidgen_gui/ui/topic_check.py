"""Asks the controller whether a voice here speaks a text's language. No widgets."""

from itertools import count
from typing import Any

from PySide6.QtCore import QObject, Signal

from vidgen_gui.controller.job_view import LanguageCheck

_tokens = count(1)


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
