"""What a theme's marks in the grammar files do to a script."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain

import pytest

from vidgen_gui.core.script import Genre, Length
from vidgen_gui.pipeline.writer import write_script
from vidgen_gui.pipeline.writer.grammar import (
    Beat,
    Theme,
    load_domain_themes,
    load_grammar,
    load_shared,
)
from vidgen_gui.pipeline.writer.notation import Line, Phrase
from vidgen_gui.pipeline.writer.topic import TopicKind, understand


def _theme(*beats: Beat) -> Theme:
    return replace(load_grammar(Genre.CUSTOM).themes[0], beats=beats)


def _beat(image: str, *lengths: str) -> Beat:
    return Beat((), (image,), frozenset(lengths), spare=False)


def test_a_beat_is_said_in_the_lengths_that_it_names_and_in_all_when_it_names_none():
    always = _beat("a door")
    roomy = _beat("a street", "medium", "long")
    longest = _beat("a town", "long")
    theme = _theme(roomy, always, longest)
    assert theme.beats_for(Length.SHORT) == (always,)
    assert theme.beats_for(Length.MEDIUM) == (roomy, always)
    assert theme.beats_for(Length.LONG) == (roomy, always, longest)


@pytest.mark.parametrize("genre", list(Genre))
def test_themes_written_for_a_length_have_beats_enough_for_it(genre: Genre):
    fewest = {Length.SHORT: 4, Length.MEDIUM: 3, Length.LONG: 5}
    for theme in load_grammar(genre).themes:
        for length, count in fewest.items():
            if length.value in theme.lengths:
                beats = len(theme.beats_for(length))
                assert count <= theme.beat_counts.get(length.value, beats) <= beats


@pytest.mark.parametrize(
    ("topic", "about_doing"),
    [
        ("how to start running", True),
        ("How do I say no?", True),
        ("5 tips for better sleep", True),
        ("learning to swim at sixty", True),
        ("how black holes form", False),
        ("7 myths about money", False),
        ("morning walks", False),
        ("why do cats purr?", False),
    ],
)
def test_topics_about_doing_something_go_to_themes_for_that(topic: str, *, about_doing: bool):
    assert understand(topic).is_howto is about_doing


def test_a_theme_is_lent_for_the_kinds_and_lengths_that_the_borrower_names():
    lent = {theme.name: theme for theme in load_grammar(Genre.NATURE).themes if theme.borrowed}
    assert lent["custom/look-closer"].lengths == {"short"}
    assert lent["motivational/every-day"].kinds == {"advice"}
    assert lent["motivational/every-day"].lengths == {"medium", "long"}
    own = {theme.name: theme for theme in load_grammar(Genre.CUSTOM).themes}
    assert own["look-closer"].kinds == lent["custom/look-closer"].kinds


@pytest.mark.parametrize("seed", range(20))
def test_a_script_gets_as_many_beats_as_its_theme_counts(seed: int):
    beats = {Length.MEDIUM: 3, Length.LONG: 5}
    for length, count in beats.items():
        script = write_script("volcanoes", Genre.NATURE, length, seed)
        assert len(script.scenes) in {count + 1, count + 2}


@pytest.mark.parametrize("genre", list(Genre))
@pytest.mark.parametrize("length", list(Length))
def test_each_kind_of_topic_has_a_theme_written_for_each_length(genre: Genre, length: Length):
    kinds = set(TopicKind)
    for theme in load_grammar(genre).themes:
        if length.value in theme.lengths and not theme.own_topics_only:
            kinds -= {kind for kind in TopicKind if not theme.kinds or kind.value in theme.kinds}
    assert not kinds


@pytest.mark.parametrize("topic", ["morning walks", "how batteries age", "never give up"])
@pytest.mark.parametrize("genre", list(Genre))
def test_a_long_script_comes_back_to_its_topic(topic: str, genre: Genre):
    for seed in range(10):
        script = write_script(topic, genre, Length.LONG, seed)
        assert script.scenes[0].narration.lower().startswith(topic)
        assert topic in script.scenes[-1].narration.lower()


@pytest.mark.parametrize("topic", ["What dogs dream about", "Where we come from"])
def test_a_clause_that_fits_in_no_sentence_is_said_alone(topic: str):
    for seed in range(20):
        script = write_script(topic, Genre.CUSTOM, Length.LONG, seed)
        text = " ".join(scene.narration for scene in script.scenes)
        assert all(text[place - 2] in ".?!:" for place in _places(text, topic) if place)
        assert ".." not in text


def _places(text: str, said: str) -> list[int]:
    return [match.start() for match in re.finditer(re.escape(said), text)]


def test_each_kind_of_topic_that_can_be_said_has_its_way_back_but_a_list():
    assert set(load_shared().returns) == set(TopicKind) - {TopicKind.NONE, TopicKind.LIST}


@pytest.mark.parametrize("genre", [Genre.TECH, Genre.NATURE])
@pytest.mark.parametrize("length", ["medium", "long"])
def test_a_statement_has_more_than_one_theme_to_go_through(genre: Genre, length: str):
    themes = [t for t in load_grammar(genre).themes if length in t.lengths]
    assert sum("statement" in theme.kinds for theme in themes) > 1


WRONG_ARTICLE = re.compile(
    r"\ba (?!one\b|once|use|uni|eu|ukulele|u\b)[aeiou]|\ban (?!hour|hono|hones|heir|X\b)[^aeiou\W]",
    re.IGNORECASE,
)
STRAY_MARK = re.compile(r"[,;:.?!] ?[.,?!]")


def _sayings(phrase: Phrase) -> Iterator[str]:
    """The phrase said again and again, until each option of each choice was taken."""
    turn, widest = 0, 1

    def pick(options: Sequence[Phrase]) -> Phrase:
        nonlocal widest
        widest = max(widest, len(options))
        return options[turn % len(options)]

    while turn < widest:
        yield phrase.expand(pick, str.upper)
        turn += 1


def _lines_of(theme: Theme) -> Iterator[Line]:
    yield from (*theme.hooks, *theme.closes)
    yield from (line for beat in theme.beats for line in beat.lines)


def _all_lines() -> Iterator[Line]:
    for genre in Genre:
        for theme in load_grammar(genre).themes:
            if not theme.borrowed:
                yield from _lines_of(theme)
    for domain in load_shared().domains.values():
        for theme in chain.from_iterable(map(load_domain_themes, domain.themes)):
            yield from _lines_of(theme)
        yield from domain.facts


def test_articles_and_end_marks_are_right_whatever_is_chosen():
    wrong = [
        said
        for line in _all_lines()
        for phrase in (line.core, line.extension)
        for said in (_sayings(phrase) if phrase else ())
        if WRONG_ARTICLE.search(said) or STRAY_MARK.search(re.sub(r"\s+(?=[,.?!])", "", said))
    ]
    assert not wrong
