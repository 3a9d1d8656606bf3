"""The wizard's logic, without a widget or an application."""

from itertools import count
from pathlib import Path

import pytest

from vidgen_gui.controller.job_view import FolderCheck, LanguageCheck, VoiceInfo
from vidgen_gui.core.job import CaptionStyle, Speech
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.quality import Aspect, Quality
from vidgen_gui.core.script import Genre, Length
from vidgen_gui.core.settings import Settings
from vidgen_gui.ui.speech_choice import SpeechChoice
from vidgen_gui.ui.wizard_flow import Choices, Step, WizardFlow

OUT = Path("/films")
VOICES = (VoiceInfo("en_US-joe-medium", "Joe", ("en-US",)),)
ENGLISH = LanguageCheck("en", spoken=True)
SPANISH = LanguageCheck("es", spoken=False)


@pytest.fixture
def flow() -> WizardFlow:
    seeds = count(100)
    made = WizardFlow(Choices(OUT, voice="en_US-joe-medium"), VOICES, new_seed=lambda: next(seeds))
    made.change(topic="Tea")
    made.set_language(ENGLISH)
    return made


def test_starts_from_the_settings() -> None:
    settings = Settings(default_output_folder=OUT).with_values(
        {"video.quality": "high", "script.genre": "nature", "captions.style": "boxed"}
    )
    choices = Choices.from_settings(settings)
    assert choices.quality is Quality.HIGH
    assert choices.genre is Genre.NATURE
    assert choices.caption_style is CaptionStyle.BOXED
    assert choices.output_dir == OUT


def test_goes_forward_and_back_and_keeps_everything(flow: WizardFlow) -> None:
    assert [flow.next(), flow.next(), flow.next(), flow.next()] == [1, 2, 3, 3]
    flow.change(quality=Quality.ULTRA, aspect=Aspect.SQUARE)
    assert [flow.back(), flow.back(), flow.back(), flow.back()] == [2, 1, 0, 0]
    assert flow.choices.topic == "Tea"
    assert flow.choices.quality is Quality.ULTRA
    assert flow.choices.aspect is Aspect.SQUARE


@pytest.mark.parametrize(
    ("changes", "field", "message_id"),
    [
        ({"topic": ""}, "topic", MessageId.TOPIC_EMPTY),
        ({"topic": " \n\t\0 "}, "topic", MessageId.TOPIC_EMPTY),
        ({"topic": "🙂🎉"}, "topic", MessageId.TOPIC_NO_WORDS),
        ({"topic": "x" * 501}, "topic", MessageId.TOPIC_TOO_LONG),
        ({"uses_own_script": True}, "own_script", MessageId.SCRIPT_EMPTY),
        (
            {"uses_own_script": True, "own_script": "word " * 5000},
            "own_script",
            MessageId.SCRIPT_TOO_LONG,
        ),
    ],
)
def test_what_is_wrong_keeps_the_page(
    flow: WizardFlow, changes: dict[str, object], field: str, message_id: MessageId
) -> None:
    flow.change(**changes)
    (problem,) = flow.problems()
    assert (problem.field, problem.message.id) == (field, message_id)
    assert flow.next() is Step.WHAT


def test_a_silent_language_asks_what_to_do(flow: WizardFlow) -> None:
    flow.change(topic="Por qué el mar es salado")
    flow.set_language(SPANISH)
    assert flow.problems()[0].message.id is MessageId.LANGUAGE_NOT_SPOKEN
    assert flow.next() is Step.WHAT
    flow.change(speech_choice=SpeechChoice.ENGLISH)
    assert flow.can_go_on
    (spec,) = flow.specs()
    assert (spec.language, spec.speech) == ("en", Speech.SPOKEN)
    flow.change(speech_choice=SpeechChoice.CAPTIONS_ONLY)
    (spec,) = flow.specs()
    assert (spec.language, spec.speech) == ("es", Speech.CAPTIONS_ONLY)


def test_an_own_script_is_not_translated(flow: WizardFlow) -> None:
    flow.change(uses_own_script=True, own_script="El mar es salado.")
    flow.set_language(SPANISH)
    assert flow.speech_choices == (SpeechChoice.CAPTIONS_ONLY,)
    flow.change(speech_choice=SpeechChoice.ENGLISH)
    assert not flow.can_go_on
    flow.change(speech_choice=SpeechChoice.CAPTIONS_ONLY)
    assert flow.can_go_on


def test_another_text_forgets_what_was_found_about_the_first(flow: WizardFlow) -> None:
    flow.set_language(SPANISH)
    flow.change(speech_choice=SpeechChoice.ENGLISH)
    flow.change(topic="Tea again")
    assert flow.language is None
    assert flow.choices.speech_choice is None


def test_a_language_can_be_chosen_beside_the_topic(flow: WizardFlow) -> None:
    flow.change(language="de")
    assert flow.needs_speech_choice
    assert [problem.field for problem in flow.problems()] == ["speech_choice"]
    flow.change(speech_choice=SpeechChoice.CAPTIONS_ONLY)
    [spec] = flow.specs()
    assert (spec.language, spec.speech) == ("de", Speech.CAPTIONS_ONLY)
    # Another language asks anew; the topic's own needs no answer.
    flow.change(language="fr")
    assert flow.needs_speech_choice
    flow.change(language="")
    [spec] = flow.specs()
    assert (spec.language, spec.speech) == ("en", Speech.SPOKEN)


def test_a_chosen_language_gets_a_voice_that_speaks_it(flow: WizardFlow) -> None:
    flow.voices = (*VOICES, VoiceInfo("de_DE-thorsten-medium", "Thorsten", ("de-DE",)))
    flow.change(language="de")
    [spec] = flow.specs()
    assert (spec.language, spec.voice) == ("de", "de_DE-thorsten-medium")
    flow.change(language="en")
    assert flow.specs()[0].voice == "en_US-joe-medium"
    # Nobody translates a script of one's own.
    flow.change(language="de", uses_own_script=True, own_script="Hello there.")
    flow.set_language(ENGLISH)
    assert flow.specs()[0].language == "en"


def test_captions_only_by_choice_needs_no_voice(flow: WizardFlow) -> None:
    flow.change(speech=Speech.CAPTIONS_ONLY, voice="gone")
    flow.set_language(SPANISH)
    assert not flow.needs_speech_choice
    assert not flow.problems(Step.LOOK)
    assert flow.specs()[0].language == "es"


def test_a_voice_that_is_gone_is_said(flow: WizardFlow) -> None:
    flow.change(voice="gone")
    assert flow.problems(Step.LOOK)[0].message.id is MessageId.VOICE_UNKNOWN


def test_each_of_many_videos_has_its_own_seed(flow: WizardFlow) -> None:
    flow.change(count=10)
    seeds = [spec.seed for spec in flow.specs()]
    assert len(set(seeds)) == 10
    assert not flow.can_preview_script


def test_an_own_script_makes_one_video_named_by_its_words(flow: WizardFlow) -> None:
    flow.change(uses_own_script=True, own_script="First words. " * 20, topic="", count=10)
    (spec,) = flow.specs()
    assert spec.topic.startswith("First words.")
    assert len(spec.topic) <= 60
    assert spec.script_text is not None
    assert spec.script_text.startswith("First words. First words.")


def test_the_script_that_was_read_is_the_one_that_is_made(flow: WizardFlow) -> None:
    """The preview and the job have the same seed, and edits become the script."""
    preview = flow.preview_spec()
    assert flow.specs() == [preview]
    flow.change(edited_script="Tea first.\n\nThen the rest.")
    (spec,) = flow.specs()
    assert spec.script_text == "Tea first.\n\nThen the rest."
    assert spec.seed == preview.seed


@pytest.mark.parametrize(
    "changes",
    [
        {"topic": "Coffee"},
        {"genre": Genre.TECH},
        {"length": Length.LONG},
        {"speech_choice": SpeechChoice.CAPTIONS_ONLY},
    ],
)
def test_an_edited_script_is_dropped_when_it_no_longer_fits(
    flow: WizardFlow, changes: dict[str, object]
) -> None:
    flow.change(edited_script="Tea first.")
    flow.change(quality=Quality.HIGH, aspect=Aspect.TALL, music=False)
    assert flow.choices.edited_script == "Tea first."
    flow.change(**changes)
    assert flow.choices.edited_script is None


def test_high_frame_rate_is_for_ultra_only(flow: WizardFlow) -> None:
    flow.change(high_frame_rate=True, quality=Quality.HIGH)
    assert not flow.has_high_frame_rate
    assert not flow.specs()[0].high_frame_rate
    flow.change(quality=Quality.ULTRA)
    assert flow.specs()[0].high_frame_rate


def test_an_unwritable_folder_keeps_the_last_page(flow: WizardFlow) -> None:
    problem = Message(MessageId.OUTPUT_UNWRITABLE, {"path": "/films"})
    flow.step = Step.CHECK
    flow.set_folder(FolderCheck(OUT, problem=problem))
    assert flow.problems()[0].message is problem
    flow.change(output_dir=Path("/other"))
    assert not flow.problems()


@pytest.mark.parametrize(
    ("seconds", "recommended"),
    [
        ((10, 20, 40, 80, 160), Quality.ULTRA_LITE),
        ((10, 20, 40, 80, 110), Quality.ULTRA),
        ((60, 200, 400, 800, 1600), Quality.STANDARD),
        ((None, None, None, None, None), Quality.STANDARD),
    ],
)
def test_recommends_what_is_made_while_one_waits(
    flow: WizardFlow, seconds: tuple[float | None, ...], recommended: Quality
) -> None:
    assert flow.recommended(dict(zip(Quality, seconds, strict=True)), {}) is recommended
