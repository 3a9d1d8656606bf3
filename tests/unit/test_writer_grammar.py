"""What a theme's marks in the grammar files do to a script."""

from dataclasses import replace

import pytest

from vidgen_gui.core.script import Genre, Length
from vidgen_gui.pipeline.writer.grammar import Beat, Theme, load_grammar


def _theme(*beats: Beat) -> Theme:
    return replace(load_grammar(Genre.CUSTOM).themes[0], beats=beats)


def test_a_beat_is_said_in_the_lengths_that_it_names_and_in_all_when_it_names_none():
    always = Beat((), ("a door",), frozenset())
    roomy = Beat((), ("a street",), frozenset({"medium", "long"}))
    longest = Beat((), ("a town",), frozenset({"long"}))
    theme = _theme(roomy, always, longest)
    assert theme.beats_for(Length.SHORT) == (always,)
    assert theme.beats_for(Length.MEDIUM) == (roomy, always)
    assert theme.beats_for(Length.LONG) == (roomy, always, longest)


@pytest.mark.parametrize("genre", list(Genre))
def test_themes_written_for_a_length_have_its_number_of_beats(genre: Genre):
    counts = {Length.SHORT: 4, Length.MEDIUM: 5, Length.LONG: 6}
    for theme in load_grammar(genre).themes:
        for length, count in counts.items():
            if length.value in theme.lengths:
                assert len(theme.beats_for(length)) == count, (theme.name, length)
