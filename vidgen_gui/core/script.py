"""Scripts, scenes and where each spoken word lies in time."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Genre(StrEnum):
    """The tone of a video; CUSTOM follows the topic alone."""

    MOTIVATIONAL = "motivational"
    EMOTIONAL = "emotional"
    TECH = "tech"
    NATURE = "nature"
    CUSTOM = "custom"


class Length(StrEnum):
    """How long the script is to be, in spoken words."""

    SHORT = "short"
    MEDIUM = "medium"
    LONG = "long"

    @property
    def words(self) -> int:
        """Spoken words aimed at by the built-in writer."""
        return {Length.SHORT: 60, Length.MEDIUM: 80, Length.LONG: 115}[self]

    @property
    def seconds(self) -> float:
        """How long the narration is to be: `words` at the bundled voice's 2.9 a second."""
        return {Length.SHORT: 21.0, Length.MEDIUM: 28.0, Length.LONG: 40.0}[self]


@dataclass(frozen=True, slots=True)
class Scene:
    """One sentence group of the script with one picture."""

    narration: str
    image_prompt: str


@dataclass(frozen=True, slots=True)
class Script:
    """The text of a video."""

    title: str
    scenes: tuple[Scene, ...]
    hashtags: tuple[str, ...] = ()

    @property
    def word_count(self) -> int:
        return sum(len(scene.narration.split()) for scene in self.scenes)

    def to_dict(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "hashtags": list(self.hashtags),
            "scenes": [
                {"narration": s.narration, "image_prompt": s.image_prompt} for s in self.scenes
            ],
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Script":
        """Rebuild what `to_dict` wrote; KeyError or TypeError when it is something else."""
        scenes = tuple(Scene(str(s["narration"]), str(s["image_prompt"])) for s in data["scenes"])
        return cls(str(data["title"]), scenes, tuple(str(t) for t in data.get("hashtags", ())))


@dataclass(frozen=True, slots=True)
class WordTiming:
    """When one written word is heard, in seconds from the start of its scene's WAV.

    ``text`` is the word as written, with its punctuation.
    """

    text: str
    start_s: float
    end_s: float

    def shifted(self, offset_s: float) -> "WordTiming":
        return WordTiming(self.text, self.start_s + offset_s, self.end_s + offset_s)
