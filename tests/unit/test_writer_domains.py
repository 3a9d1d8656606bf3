"""Scripts that are about their topic's own field of life."""

import pytest

from vidgen_gui.core.script import Genre, Length
from vidgen_gui.pipeline.writer import write_script
from vidgen_gui.pipeline.writer.dice import Dice
from vidgen_gui.pipeline.writer.domains import choose_domain, own_themes
from vidgen_gui.pipeline.writer.grammar import (
    Theme,
    load_domain_themes,
    load_grammar,
    load_shared,
)
from vidgen_gui.pipeline.writer.notation import parse_line
from vidgen_gui.pipeline.writer.topic import understand
from vidgen_gui.system.resources import resource

FEWEST_LINES = 30
FILES = sorted(path.stem for path in resource("scripts/domains").glob("*.toml"))


def domain_of(topic: str, genre: Genre = Genre.CUSTOM) -> str | None:
    dice = Dice("test", topic)
    grammar, shared = load_grammar(genre), load_shared()
    domain, on_topic = choose_domain(understand(topic), genre, grammar, shared, dice)
    return domain.name if on_topic else None


def themes_of(topic: str, genre: Genre) -> tuple[Theme, ...]:
    shared = load_shared()
    domain = shared.domains[domain_of(topic, genre) or "everyday"]
    return own_themes(domain, understand(topic), genre, shared)


@pytest.mark.parametrize(
    ("topic", "domain"),
    [
        ("The quiet power of morning walks", "walking"),
        ("morning coffee", "coffee"),
        ("a coffee in the morning", "coffee"),
        ("The sea at dawn", "sea"),
        ("a walk by the sea", "walking"),
        ("robots in space", "computing"),
        ("space robots", "computing"),
        ("why dogs love the sea", "pets"),
        ("how cats see at night", "pets"),
        ("How black holes form", "sky"),
        ("why I love hiking", "walking"),
        ("a walk in the woods", "walking"),
        ("dog training tips", "pets"),
        ("whale songs", "sea"),
        ("the future of artificial intelligence", "computing"),
        ("happy Tuesday", None),
    ],
)
def test_of_two_fields_it_is_the_one_that_the_topic_is_about(topic: str, domain: str | None):
    assert domain_of(topic) == domain


def test_a_line_for_some_topics_is_said_of_these_only():
    line = parse_line("cat cats:: {Your|A} cat {sleeps|dozes} // {Again|Still}.")
    assert line.topics == {"cat", "cats"}
    assert line.suits({"cats", "purr"})
    assert not line.suits({"dog"})
    assert parse_line("{A|The} pet {sleeps|dozes}.").suits(set())


@pytest.mark.parametrize(
    "topic", ["5 steps to financial freedom", "emotional intelligence", "the path to success"]
)
def test_a_word_that_often_means_something_else_calls_no_theme(topic: str):
    for genre in Genre:
        assert themes_of(topic, genre) == ()


@pytest.mark.parametrize("topic", ["the dog that died", "sharks attack", "walking after the war"])
def test_a_grave_topic_gets_no_light_theme(topic: str):
    for genre in Genre:
        assert themes_of(topic, genre) == ()


def test_each_file_belongs_to_one_domain_and_is_used():
    named = [name for domain in load_shared().domains.values() for name in domain.themes]
    assert sorted(named) == FILES


@pytest.mark.parametrize("name", FILES)
def test_a_domains_theme_serves_every_length_and_some_genre(name: str):
    for theme in load_domain_themes(name):
        assert theme.genres
        assert theme.lengths == {length.value for length in Length}
        assert len(theme.beats) == 6
        assert theme.beat_counts["short"] < theme.beat_counts["medium"] < 6


@pytest.mark.parametrize("name", FILES)
def test_there_are_lines_enough_for_every_topic_of_the_domain(name: str):
    (domain,) = (d for d in load_shared().domains.values() if name in d.themes)
    for theme in load_domain_themes(name):
        for place in (theme.hooks, *(beat.lines for beat in theme.beats), theme.closes):
            for word in domain.topics:
                count = sum(line.suits({word}) for line in place)
                assert count >= FEWEST_LINES, (theme.name, word, place[0])


def test_most_scripts_go_through_a_theme_of_their_own():
    (theme, *_) = themes_of("morning walks", Genre.MOTIVATIONAL)
    own = {image for beat in theme.beats for image in beat.images}
    count = 0
    for seed in range(80):
        script = write_script("morning walks", Genre.MOTIVATIONAL, Length.MEDIUM, seed)
        count += any(scene.image_prompt.split(", ")[0] in own for scene in script.scenes)
    assert 0.8 <= count / 80 < 1


@pytest.mark.parametrize(
    ("topic", "subject"), [("my dog Rex", "dog"), ("Kittens", "cat"), ("Our pet", "pet")]
)
def test_lines_call_the_subject_by_its_name(topic: str, subject: str):
    pets = load_shared().domains["pets"]
    assert pets.subject(understand(topic).words) == subject
    others = {"dog", "cat", "pet"} - {subject}
    texts = [
        " ".join(scene.narration for scene in script.scenes).lower().split()
        for script in (write_script(topic, Genre.CUSTOM, Length.LONG, seed) for seed in range(10))
    ]
    named = sum(words.count(subject) for words in texts)
    assert named > sum(words.count(other) for words in texts for other in others)
