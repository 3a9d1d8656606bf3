"""What a script is asked for with, and what comes back."""

from dataclasses import dataclass

from vidgen_gui.core.errors import ServiceError
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.script import Genre, Script

LEAST_WORDS, MOST_WORDS = 45, 120
WORDS_A_SCENE = 16


@dataclass(frozen=True, slots=True)
class ScriptRequest:
    """One script.

    ``language`` is a code like ``en`` or ``pt-BR``; ``target_s`` how long the narration is to
    be, ``words_per_s`` how fast its voice speaks.
    """

    topic: str
    genre: Genre
    language: str
    seed: int
    words_per_s: float
    target_s: float

    @property
    def words(self) -> int:
        """How many words the voice says in the time."""
        return min(MOST_WORDS, max(LEAST_WORDS, round(self.target_s * self.words_per_s)))

    @property
    def scenes(self) -> int:
        """How many pictures the words are told with: hook, three to six beats, close."""
        return min(8, max(5, round(self.words / WORDS_A_SCENE)))


@dataclass(frozen=True, slots=True)
class WrittenScript:
    """A script and what the person is told about how it came about."""

    script: Script
    notices: tuple[Message, ...] = ()


class ScriptRejected(ServiceError):
    """The model answered twice, and neither answer can be used."""

    def __init__(self, model: str, problems: str) -> None:
        super().__init__(MessageId.SCRIPT_REJECTED, detail=problems, model=model, words=problems)
