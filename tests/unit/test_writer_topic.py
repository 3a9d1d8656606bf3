"""What kind of phrase a topic is taken for, and how it is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidgen_gui.pipeline.writer.topic import Topic, TopicKind, singular, understand

KINDS = [
    ("sourdough bread", "noun", "Sourdough bread.", "sourdough bread"),
    ("SOURDOUGH BREAD", "noun", "Sourdough bread.", "sourdough bread"),
    ("the history of chess", "noun", "The history of chess.", "the history of chess"),
    ("THE HISTORY OF NASA", "noun", "The history of NASA.", "the history of NASA"),
    ("my dog Rex 🐶", "noun", "My dog Rex.", "my dog Rex"),
    ("Wolves in winter", "noun", "Wolves in winter.", "wolves in winter"),
    ("learning to swim at sixty", "noun", "Learning to swim at sixty.",
     "learning to swim at sixty"),
    ("building a house", "noun", "Building a house.", "building a house"),
    ("Marie Curie", "noun", "Marie Curie.", "Marie Curie"),
    ("dogs & cats", "noun", "Dogs and cats.", "dogs and cats"),
    ("iPhone photography", "noun", "iPhone photography.", "iPhone photography"),
    # Unsure of article or capitals: it only stands alone.
    ("lighthouse", "any", "Lighthouse.", None),
    ("The Quiet Power of Morning Walks", "any", "The Quiet Power of Morning Walks.", None),
    ("NASA", "any", "NASA.", None),
    ("why do cats purr", "question", "Why do cats purr?", None),
    ("Is time travel possible?", "question", "Is time travel possible?", None),
    ("What if the sun went out", "question", "What if the sun went out?", None),
    ("How to bake bread", "clause", "How to bake bread.", "how to bake bread"),
    ("why we dream", "clause", "Why we dream.", "why we dream"),
    ("never give up!", "advice", "Never give up!", None),
    ("face your fears", "advice", "Face your fears.", None),
    ("love letters", "noun", "Love letters.", "love letters"),
    ("happiness is a choice", "statement", "Happiness is a choice.", None),
    # A list is named without its number: no script here is told in so many points.
    ("10 tips for better sleep", "list", "Tips for better sleep.", None),
    ("five habits of calm people", "list", "Habits of calm people.", None),
    ("top 10 places to visit in Italy", "list", "Places to visit in Italy.", None),
    ("5 birds that can't fly", "list", "Birds that can't fly.", None),
    ("3 men in a boat", "list", "3 men in a boat.", None),
    ("24 hours in a desert", "noun", "24 hours in a desert.", "24 hours in a desert"),
    # A sentence has no form inside another one, though it may look like plurals.
    ("love wins", "statement", "Love wins.", None),
    ("hard work pays off", "statement", "Hard work pays off.", None),
    ("small habits change everything", "statement", "Small habits change everything.", None),
    ("my best friend moved away", "statement", "My best friend moved away.", None),
    ("the 5 am club", "noun", "The 5 am club.", "the 5 am club"),
    ("the works of Bach", "noun", "The works of Bach.", "the works of Bach"),
    ("water needs of plants", "noun", "Water needs of plants.", "water needs of plants"),
    ("do what you love", "advice", "Do what you love.", None),
    ("do cats dream", "question", "Do cats dream?", None),
    ("what's the point of school", "question", "What's the point of school?", None),
    ("quit smoking", "advice", "Quit smoking.", None),
    ("dream big", "advice", "Dream big.", None),
    ("dream catchers", "noun", "Dream catchers.", "dream catchers"),
    ("just breathe", "advice", "Just breathe.", None),
    ("have courage", "advice", "Have courage.", None),
    # Names have their capitals, however they were typed.
    ("lisbon in autumn", "noun", "Lisbon in autumn.", "Lisbon in autumn"),
    ("marie curie", "noun", "Marie Curie.", "Marie Curie"),
    ("why i love new york", "clause", "Why I love New York.", "why I love New York"),
    ("how ai works", "clause", "How AI works.", "how AI works"),
    ("IPHONE PHOTOGRAPHY", "noun", "iPhone photography.", "iPhone photography"),
    ("Christmas", "noun", "Christmas.", "Christmas"),
    ("1984 was a good year", "statement", "1984 was a good year.", None),
    ("a walk in the rain...", "noun", "A walk in the rain.", "a walk in the rain"),
    ('"Quotes everywhere"', "any", "Quotes everywhere.", None),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "kind", "title", "inner"), KINDS)
def test_kind_and_forms(typed: str, kind: str, title: str, inner: str | None):
    topic = understand(typed)
    assert (topic.kind.value, topic.title, topic.inner) == (kind, title, inner)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (r"{\an8}Hello <b>bold</b> world", "Hello bold world."),
        ("../../etc/passwd", "Etc passwd."),
        ("C++ for beginners", "C plus plus for beginners."),
        ("50% off everything", "50 percent off everything."),
        ("the cost of $5 coffee", "The cost of 5 dollars coffee."),
        ("Elon Musk vs. Mark Zuckerberg", "Elon Musk versus Mark Zuckerberg."),
        ("ocean 🌊🌊 at night", "Ocean at night."),
        ("drawtext=text='x':y=1,[in]scale;", "Drawtext equals text x y 1, scale."),
        ("hello!!! world???", "Hello! world?"),
    ],
)
@pytest.mark.req("T3", "K4")
def test_signs_and_markup_become_words_or_nothing(typed: str, said: str):
    assert understand(typed).title == said


@pytest.mark.parametrize(
    "typed",
    ["Утренние прогулки", "朝の散歩", "قوة المشي", "El poder de los paseos matutinos",
     "Die stille Kraft der Morgenspaziergänge", "🎉🎉", "':=,;[]%"],
)  # fmt: skip
@pytest.mark.req("T8")
def test_what_an_english_voice_cannot_say_is_not_spoken(typed: str):
    topic = understand(typed)
    assert topic.kind is TopicKind.NONE
    assert topic.title == ""
    assert topic.shown == typed


def test_a_topic_that_is_only_shown_keeps_its_language():
    assert understand("Утренние прогулки", shown_only=True).title == "Утренние прогулки."


def test_a_long_topic_is_said_up_to_its_first_cut():
    typed = (
        "I lost my job last winter and I did not know what to do so I walked every single "
        "day until I found a reason to go on"
    )
    assert understand(typed).title == "I lost my job last winter."


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            "the surprisingly long and complicated history of the humble potato in northern Europe",
            "The surprisingly long and complicated history of the humble potato.",
        ),
        (
            "In a world where everyone is shouting, the person who stays quiet and listens learns",
            "In a world where everyone is shouting.",
        ),
        (
            "There are so many ways to say thank you and most of us never use any of them",
            "There are so many ways to say thank you.",
        ),
        (
            "how to stop worrying about what other people think of you and start living your life",
            "How to stop worrying about what other people think of you.",
        ),
    ],
)
def test_a_cut_leaves_a_phrase_that_can_stand_alone(typed: str, said: str):
    assert understand(typed).title == said


@pytest.mark.parametrize(
    ("plural", "one"),
    [("berries", "berry"), ("beaches", "beach"), ("wolves", "wolve"), ("chess", "chess"),
     ("tides", "tide"), ("physics", "physics"), ("boxes", "box")],
)  # fmt: skip
def test_singular(plural: str, one: str):
    assert singular(plural) == one


@given(st.text(max_size=120))
def test_any_text_is_understood(typed: str):
    topic = understand(typed)
    assert isinstance(topic, Topic)
    assert topic.spoken == bool(topic.title)
    if topic.spoken:
        assert topic.title[-1] in ".?!"
        assert not set("<>{}[]\\|=*_~^\n\t") & set(topic.title)
