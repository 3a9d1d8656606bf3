"""The new-video wizard without widgets: what was chosen, what is wrong, and the jobs that follow.

Every change makes a new `Choices`; going back loses nothing.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from pathlib import Path
from typing import Any

from vidgen_gui.controller.job_view import FolderCheck, LanguageCheck, VoiceInfo
from vidgen_gui.core.errors import InputError
from vidgen_gui.core.job import SEED_SPAN, CaptionStyle, JobSpec, Speech, fold_seed
from vidgen_gui.core.language import primary_language
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.plan import Plan
from vidgen_gui.core.quality import PRESETS, Aspect, Quality
from vidgen_gui.core.script import Genre, Length
from vidgen_gui.core.settings import Settings
from vidgen_gui.core.text import clean_text, truncate
from vidgen_gui.ui.advanced_choices import NO_CHANGES, Advanced
from vidgen_gui.ui.plan_fit import is_drawn, keeps_promise
from vidgen_gui.ui.speech_choice import ENGLISH, SpeechChoice, speech_options

MAX_COUNT = 100
TITLE_FROM_SCRIPT = 60
PATIENCE_S = 120.0
"""How long a video may take whose quality is recommended, with the built-in painter's pictures."""
DRAWN_PATIENCE_S = 600.0
"""The same with pictures that ComfyUI draws."""
SEED_STRIDE = 0x9E3779B97F4A7C15
"""From one video's seed to the next's, where a person gave the first: odd, so that none recurs,
and far more than a video has scenes."""


class Step(IntEnum):
    """The four pages, in order."""

    WHAT = 0
    LOOK = 1
    QUALITY = 2
    CHECK = 3


@dataclass(frozen=True, slots=True)
class Choices:
    """Everything that can be chosen.

    ``language`` is a code, "" for the topic's own. ``edited_script`` is the preview as changed by
    the person.
    """

    output_dir: Path
    topic: str = ""
    uses_own_script: bool = False
    own_script: str = ""
    genre: Genre = Genre.CUSTOM
    length: Length = Length.MEDIUM
    count: int = 1
    language: str = ""
    speech: Speech = Speech.SPOKEN
    speech_choice: SpeechChoice | None = None
    aspect: Aspect = Aspect.PORTRAIT
    voice: str = ""
    music: bool = True
    captions: bool = True
    caption_style: CaptionStyle = CaptionStyle.BOLD
    quality: Quality = Quality.STANDARD
    high_frame_rate: bool = False
    advanced: Advanced = NO_CHANGES
    wait_for_script_ok: bool = False
    edited_script: str | None = None

    @classmethod
    def from_settings(cls, settings: Settings) -> "Choices":
        options = settings.job_options()
        return cls(**options)

    @property
    def effective_count(self) -> int:
        """How many videos: an own script makes one."""
        return 1 if self.uses_own_script else self.count


@dataclass(frozen=True, slots=True)
class Problem:
    """What keeps a page from being left, and which choice it is about."""

    field: str
    message: Message


@dataclass
class WizardFlow:
    """Where the person is and what is chosen.

    Args:
        new_seed: gives each video its seed.
    """

    choices: Choices
    voices: Sequence[VoiceInfo] = ()
    new_seed: Callable[[], int] = field(default=lambda: random.randrange(SEED_SPAN))
    step: Step = Step.WHAT
    language: LanguageCheck | None = None
    folder: FolderCheck | None = None
    plans: Mapping[Quality, Plan] = field(default_factory=dict)
    """How each quality would be made, as far as that was asked for."""
    _seed: int = field(init=False)

    def __post_init__(self) -> None:
        self._seed = self.new_seed()

    def change(self, **changes: Any) -> None:
        """Choose; what depended on an earlier choice is forgotten."""
        before = self.choices
        self.choices = replace(before, **changes)
        if self._text(before) != self._text(self.choices):
            self.language = None
            self.choices = replace(self.choices, speech_choice=None)
        if before.language != self.choices.language:
            self.choices = replace(self.choices, speech_choice=None, voice=self._fitting_voice())
        if self._script_parts(before) != self._script_parts(self.choices):
            self.choices = replace(self.choices, edited_script=None)
        if before.output_dir != self.choices.output_dir:
            self.folder = None

    def set_language(self, check: LanguageCheck) -> None:
        """Take in what was found about the text's language."""
        self.language = check

    def set_folder(self, check: FolderCheck) -> None:
        """Take in what was found about the output folder."""
        self.folder = check

    @property
    def text_to_check(self) -> str:
        """The text whose language decides whether it can be spoken."""
        return self._text(self.choices)

    @property
    def needs_speech_choice(self) -> bool:
        """Whether no voice speaks the language and the person has to say what then."""
        check = self.wanted_language
        return check is not None and not check.spoken and self.choices.speech is Speech.SPOKEN

    @property
    def wanted_language(self) -> LanguageCheck | None:
        """The language that was chosen, else the text's; None while that is not known."""
        chosen = self.choices.language
        if self.language is None or not chosen or self.choices.uses_own_script:
            return self.language
        return LanguageCheck(chosen, chosen in self.spoken_languages)

    @property
    def spoken_languages(self) -> frozenset[str]:
        """Languages that a voice here speaks, without regions."""
        codes = [code for voice in self.voices for code in voice.languages] or [ENGLISH]
        return frozenset(primary_language(code) for code in codes)

    def _fitting_voice(self) -> str:
        """The chosen voice, or another if it doesn't speak the language."""
        wanted = self.choices.language
        fitting = [
            voice.name
            for voice in self.voices
            if wanted in {primary_language(code) for code in voice.languages}
        ]
        return (
            self.choices.voice
            if self.choices.voice in fitting
            else next(iter(fitting), self.choices.voice)
        )

    @property
    def speech_choices(self) -> tuple[SpeechChoice, ...]:
        """What can be offered then: an own script is not translated."""
        if self.choices.uses_own_script:
            return (SpeechChoice.CAPTIONS_ONLY,)
        return (SpeechChoice.ENGLISH, SpeechChoice.CAPTIONS_ONLY)

    def problems(self, step: Step | None = None) -> list[Problem]:
        """What is wrong on a page (this one, if none is named)."""
        step = self.step if step is None else step
        if step is Step.WHAT:
            return self._what_problems()
        if step is Step.LOOK:
            return self._look_problems()
        if step is Step.QUALITY:
            wrong = self.choices.advanced.problems()
            return [Problem(field_name, message) for field_name, message in wrong.items()]
        if step is Step.CHECK and self.folder is not None and self.folder.problem is not None:
            return [Problem("output_dir", self.folder.problem)]
        return []

    @property
    def can_go_on(self) -> bool:
        return not self.problems()

    def next(self) -> Step:
        """Go to the next page, if nothing is wrong here."""
        if self.can_go_on and self.step < Step.CHECK:
            self.step = Step(self.step + 1)
        return self.step

    def back(self) -> Step:
        if self.step > Step.WHAT:
            self.step = Step(self.step - 1)
        return self.step

    @property
    def can_preview_script(self) -> bool:
        """Whether the check page shows a script: for one video that the app writes."""
        return self.choices.effective_count == 1 and not self.choices.uses_own_script

    def preview_spec(self) -> JobSpec:
        """The first video as it would be made without edits; its script is what is previewed.

        Raises:
            InputError: the choices are not complete.
        """
        return self._spec(self.seed, None)

    @property
    def seed(self) -> int:
        """The first video's: the one that was typed, else one of this wizard's own."""
        typed = self.choices.advanced.seed_value()
        return self._seed if typed is None else typed

    def specs(self) -> list[JobSpec]:
        """The jobs to submit.

        Raises:
            InputError: the choices are not complete.
        """
        if self.choices.effective_count == 1:
            edited = self.choices.edited_script if self.can_preview_script else None
            return [self._spec(self.seed, edited)]
        more = range(1, self.choices.effective_count)
        if self.choices.advanced.seed_value() is None:
            seeds = [self.seed, *(self.new_seed() for _ in more)]
        else:
            seeds = [self.seed, *(fold_seed(self.seed + SEED_STRIDE * n) for n in more)]
        return [self._spec(seed, None) for seed in seeds]

    def recommended(
        self, estimates: Mapping[Quality, float | None], plans: Mapping[Quality, Plan]
    ) -> Quality:
        """The best quality that this machine makes as it should be, soon enough; Standard at least.

        Where ComfyUI draws and nothing was timed yet, no more than High.
        """
        if any(is_drawn(plan.first) for plan in plans.values()):
            good = [q for q, plan in plans.items() if _is_worth_it(plan, estimates.get(q))]
        else:
            good = [q for q, work_s in estimates.items() if work_s and work_s <= PATIENCE_S]
        return max([Quality.STANDARD, *good])

    @property
    def plan(self) -> Plan | None:
        """How the chosen quality would be made, if that is known for the chosen shape."""
        plan = self.plans.get(self.choices.quality)
        return plan if plan is not None and plan.aspect is self.choices.aspect else None

    @property
    def has_high_frame_rate(self) -> bool:
        """Whether the quality can be made with more frames a second."""
        return PRESETS[self.choices.quality].high_fps is not None

    def _what_problems(self) -> list[Problem]:
        field_name = "own_script" if self.choices.uses_own_script else "topic"
        try:
            self._spec(self.seed, None)
        except InputError as error:
            return [Problem(field_name, error.message)]
        if self.needs_speech_choice and self.choices.speech_choice not in self.speech_choices:
            language = self.wanted_language.language if self.wanted_language else ""
            message = Message(MessageId.LANGUAGE_NOT_SPOKEN, {"language": language})
            return [Problem("speech_choice", message)]
        return []

    def _look_problems(self) -> list[Problem]:
        spoken = self._speech()["speech"] is Speech.SPOKEN
        known = {voice.name for voice in self.voices}
        if spoken and known and self.choices.voice not in known:
            there = {"given": self.choices.voice, "known": sorted(known)}
            message = Message(MessageId.VOICE_UNKNOWN, there)
            return [Problem("voice", message)]
        return []

    def _speech(self) -> dict[str, Any]:
        return speech_options(self.wanted_language, self.choices.speech_choice, self.choices.speech)

    def _spec(self, seed: int, edited: str | None) -> JobSpec:
        chosen = self.choices
        script = chosen.own_script if chosen.uses_own_script else edited
        return JobSpec.create(
            topic=self._topic(),
            script_text=script,
            genre=chosen.genre,
            length=chosen.length,
            quality=chosen.quality,
            aspect=chosen.aspect,
            voice=chosen.voice,
            caption_style=chosen.caption_style,
            captions=chosen.captions,
            music=chosen.music,
            high_frame_rate=chosen.high_frame_rate and self.has_high_frame_rate,
            seed=seed,
            picture=chosen.advanced.overrides(),
            output_dir=chosen.output_dir,
            wait_for_script_ok=chosen.wait_for_script_ok,
            **self._speech(),
        )

    def _topic(self) -> str:
        """The topic; a script without one is named by its first words."""
        topic = clean_text(self.choices.topic, keep_lines=False)
        if topic or not self.choices.uses_own_script:
            return topic
        return truncate(clean_text(self.choices.own_script, keep_lines=False), TITLE_FROM_SCRIPT)

    @staticmethod
    def _text(choices: Choices) -> str:
        return choices.own_script if choices.uses_own_script else choices.topic

    @staticmethod
    def _script_parts(choices: Choices) -> tuple[object, ...]:
        """What the app's own script depends on."""
        return (
            choices.topic,
            choices.genre,
            choices.length,
            choices.language,
            choices.speech,
            choices.speech_choice,
            choices.uses_own_script,
            choices.advanced.seed_value(),
        )


def _is_worth_it(plan: Plan, work_s: float | None) -> bool:
    if not keeps_promise(plan):
        return False
    return plan.quality <= Quality.HIGH if work_s is None else work_s <= DRAWN_PATIENCE_S
