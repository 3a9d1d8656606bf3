"""Says the phrases of one draft: picks among choices, fills slots, keeps a narrator's habits.

Which lines a script is made of is `assemble`'s business.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import regex

from vidgen_gui.pipeline.writer.dice import Dice
from vidgen_gui.pipeline.writer.grammar import Habit
from vidgen_gui.pipeline.writer.notation import Phrase
from vidgen_gui.pipeline.writer.topic import Topic

_HABIT_SHARE = 0.4
_TOPIC_INSIDE = "\x01"
_TOPIC_FIRST = "\x02"
_SENTENCE_START = regex.compile(r"(^|[.?!]\s+)(['\"]?)(\p{Ll})")
_DANGLING = regex.compile(r"\s+([.,?!])")


def choose_habits(habits: Sequence[Habit], *ingredients: object) -> tuple[Habit, ...]:
    """The ways of speaking that the narrator of one script has, by these seed ingredients."""
    dice = Dice("habits", *ingredients)
    return tuple(habit for habit in habits if dice.chance(_HABIT_SHARE))


@dataclass(slots=True)
class Speaker:
    """Expands phrases for one draft; says nothing twice while there is something else."""

    dice: Dice
    topic: Topic
    habits: tuple[Habit, ...]
    subject: str
    used: set[Phrase] = field(default_factory=set)

    def say(self, phrase: Phrase) -> str:
        text = phrase.expand(self._pick, self._fill)
        text = _DANGLING.sub(r"\1", " ".join(text.split()))
        for habit in self.habits:
            text = habit.apply(text)
        text = _SENTENCE_START.sub(lambda m: m[1] + m[2] + m[3].upper(), text)
        text = text.replace(_TOPIC_FIRST, self.topic.title)
        return text.replace(_TOPIC_INSIDE, self.topic.inner or self.topic.title)

    def _pick(self, options: Sequence[Phrase]) -> Phrase:
        fresh = [option for option in options if option not in self.used] or options
        chosen = self.dice.pick(fresh)
        self.used.add(chosen)
        return chosen

    def _fill(self, name: str) -> str:
        return {"topic": _TOPIC_INSIDE, "title": _TOPIC_FIRST, "subject": self.subject}[name]
