"""Which language a text is in, and what a voice can say of it."""

# ruff: noqa: RUF001 - letters and signs of other scripts are meant

import pytest

from vidgen_gui.core.messages import MessageId
from vidgen_gui.pipeline.language import (
    LanguageChoice,
    Recognised,
    check_language,
    is_speakable_word,
    recognise,
)

ENGLISH = (
    "sourdough bread|my dog Rex|kimchi|tiramisu at midnight|Barcelona|ikigai|hygge at home|"
    "bonsai trees|samurai discipline|pizza Napoletana|AI agents|feng shui basics|Mona Lisa|"
    "tapas crawl in Madrid|El Nino explained|Memento mori|Leonardo da Vinci|Zen gardens|"
    "Rio de Janeiro|Las Vegas|Friedrich Nietzsche|crème brûlée at home|42"
).split("|")


@pytest.mark.parametrize("topic", ENGLISH)
def test_a_short_english_topic_with_an_odd_word_stays_english(topic: str):
    assert check_language(topic, None, ["en_US"]).speakable


@pytest.mark.parametrize(
    ("text", "language", "script"),
    [
        ("Der Mond", "de", "Latn"), ("Mi perro Rex", "es", "Latn"),
        ("la forêt en hiver", "fr", "Latn"), ("Perché i gatti fanno le fusa", "it", "Latn"),
        ("Siła porannych spacerów", "pl", "Latn"), ("Сила волі", "uk", "Cyrl"),
        ("Η δύναμη του πρωινού", "el", "Grek"), ("早晨散步的力量", "zh", "Hani"),
        ("朝の散歩の静かな力", "ja", "Hani"), ("아침 산책", "ko", "Hang"),
        ("सुबह की सैर", "hi", "Deva"), ("พลังของการเดิน", "th", "Thai"),
    ],
)  # fmt: skip
@pytest.mark.req("T8")
def test_other_languages_are_told_before_starting(text: str, language: str, script: str):
    check = check_language(text, None, ["en-US"])
    assert check.recognised == Recognised(language, script)
    assert check.choices == (LanguageChoice.ENGLISH_ABOUT_IT, LanguageChoice.CAPTIONS_ONLY)
    assert check.message is not None
    assert check.message.id is MessageId.LANGUAGE_NOT_SPOKEN


def test_a_present_voice_makes_its_language_speakable():
    assert check_language("Der Mond über dem Wald", None, ["en_US", "de_DE"]).speakable


def test_a_pasted_script_no_voice_speaks_can_only_be_shown():
    check = check_language("The moon", "Луна взошла над тихим лесом.", ["en"])
    assert check.choices == (LanguageChoice.CAPTIONS_ONLY,)


def test_signs_without_letters_have_no_language():
    assert recognise("🎉 123") == Recognised(None, "Zyyy")


def test_only_words_of_its_scripts_are_given_to_a_voice():
    words = "Pushkin Пушкин wrote 散歩 🎉 poems".split()
    assert [one for one in words if is_speakable_word(one, "en")] == ["Pushkin", "wrote", "poems"]
    assert is_speakable_word("散歩", "ja")
    assert not is_speakable_word("🎉", "en")
