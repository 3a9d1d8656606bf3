"""No two scripts of a batch sound alike."""

import itertools
import random
import re

import pytest

from vidgen_gui.core.script import Genre, Length, Script
from vidgen_gui.pipeline.writer import write_script
from vidgen_gui.pipeline.writer.topic import understand

MOST_SHARED = 0.25
TOPICS = (
    "sourdough bread|the history of chess|my dog Rex|why do cats purr?|never give up|lighthouse|"
    "wolves|learning to swim at sixty|the ocean at night|artificial intelligence|grief|discipline|"
    "my grandmother's hands|quantum entanglement|coffee|rain|Marie Curie|how to sleep better|"
    "10 tips for better sleep|morning walks|video games|Paris|old trains|love letters|bees|"
    "the moon|money|winter|fear of failure|phones|Утренние прогулки|it's never too late|"
    "electric cars|the last day of school|friendship|volcanoes|jazz|gardening|"
    "the cost of free apps|forgiveness|penguins|stoicism|starting over|my first apartment|"
    "a single candle|passwords|mushrooms|patience|robots|deserts"
).split("|")


def four_grams(script: Script, topic: str) -> set[tuple[str, ...]]:
    """All runs of four words, with the topic and digits taken out."""
    text = " ".join(scene.narration for scene in script.scenes).lower()
    said = understand(topic)
    for form in (said.title.rstrip("?!."), said.inner, topic):
        if form:
            text = text.replace(form.lower(), " ")
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*", text)
    return set(zip(words, words[1:], words[2:], words[3:], strict=False))


def shares(asked: list[tuple[str, int]], genre: Genre, length: Length) -> list[float]:
    """For each pair of scripts, which part of the shorter one's 4-grams the other has, too."""
    grams = [four_grams(write_script(t, genre, length, seed), t) for t, seed in asked]
    return [len(a & b) / min(len(a), len(b)) for a, b in itertools.combinations(grams, 2)]


def most_shared(asked: list[tuple[str, int]], genre: Genre, length: Length) -> float:
    return max(shares(asked, genre, length))


@pytest.mark.parametrize("genre", list(Genre))
@pytest.mark.parametrize("length", list(Length))
@pytest.mark.parametrize("topic", ["coffee", "the quiet power of morning walks", "patience"])
def test_a_batch_about_one_topic(genre: Genre, length: Length, topic: str):
    assert most_shared([(topic, seed) for seed in range(50)], genre, length) <= MOST_SHARED


@pytest.mark.parametrize("genre", list(Genre))
@pytest.mark.parametrize("length", list(Length))
def test_a_batch_about_fifty_topics(genre: Genre, length: Length):
    asked = [(topic, seed) for seed, topic in enumerate(TOPICS)]
    assert most_shared(asked, genre, length) <= MOST_SHARED


FRESH_SCRIPTS = {Length.SHORT: 240, Length.MEDIUM: 120, Length.LONG: 120}
PAIRS_TOO_LIKE = {Length.SHORT: 3, Length.MEDIUM: 2, Length.LONG: 2}
"""How many pairs over the limit are put down to chance.

Where 2 % of all sets of 50 scripts hold such a pair, 240 short scripts hold 0.5 of them on
average, and more than the bound once in 600 draws or more; longer scripts are surer still to
pass. Only a gross defect is sure to fail: at 10 % of the sets most draws would pass, at 50 %
none of the short scripts' and a quarter of the longer ones'.
"""


@pytest.mark.parametrize("genre", list(Genre))
@pytest.mark.parametrize("length", list(Length))
@pytest.mark.parametrize("topics", [TOPICS, ["coffee", "never give up"]], ids=["many", "two"])
def test_seeds_that_nobody_chose(topics: list[str], genre: Genre, length: Length):
    dice = random.Random(f"unseen {genre} {length} {len(topics)}")
    asked = [
        (topics[place % len(topics)], dice.randrange(2**31))
        for place in range(FRESH_SCRIPTS[length])
    ]
    alike = [share for share in shares(asked, genre, length) if share > MOST_SHARED]
    assert len(alike) <= PAIRS_TOO_LIKE[length]


@pytest.mark.parametrize("length", list(Length))
@pytest.mark.parametrize("genre", list(Genre))
def test_length_is_kept_for_every_topic(genre: Genre, length: Length):
    for seed, topic in enumerate(TOPICS):
        count = write_script(topic, genre, length, seed).word_count
        assert 45 <= count <= 120
        assert abs(count - length.words) <= 0.12 * length.words


@pytest.mark.parametrize("genre", list(Genre))
def test_the_topic_is_said_once_or_twice(genre: Genre):
    for seed, topic in enumerate(TOPICS):
        said = understand(topic)
        if said.spoken:
            script = write_script(topic, genre, Length.MEDIUM, seed)
            text = " ".join(scene.narration for scene in script.scenes).lower()
            assert text.count(said.title.rstrip("?!.").lower()) in {1, 2}, (topic, text)
