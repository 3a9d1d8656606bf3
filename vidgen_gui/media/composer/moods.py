"""Which character a piece of music gets: the genre's own, or one read off a custom topic."""

import random

import regex

from vidgen_gui.core.script import Genre


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORDS: dict[Genre, frozenset[str]] = {
    Genre.MOTIVATIONAL: _words(
        "achieve ambition begin best brave business challenge champion change confidence courage"
        " discipline dream energy fitness focus freedom goal goals grow growth habit habits hero"
        " improve journey leader leadership learn lesson lessons mindset money morning motivation"
        " persist power practice productive productivity progress purpose resilience rise run"
        " running sport start startup strength strong succeed success train training travel victory"
        " win winner winning work workout"
    ),
    Genre.EMOTIONAL: _words(
        "alone anxiety calm child childhood comfort death empathy family farewell father feel"
        " feeling feelings forgive forgiveness friend friends friendship goodbye grandmother"
        " gratitude grief heal healing heart home hope hurt kind kindness letter lonely loneliness"
        " longing loss love memories memory mother nostalgia pain parents past peace poem prayer"
        " quiet regret remember sad sadness silence sleep sorrow soul story tears war"
    ),
    Genre.TECH: _words(
        "ai algorithm algorithms android app apps automation bitcoin blockchain chip chips cloud"
        " code coding computer computers crypto cyber data deepfake digital drone electric"
        " electronics engine engineering future gadget gadgets gpu hacker hackers hardware history"
        " innovation internet iphone laser machine machines mars math mathematics model models moon"
        " nasa network neural phone physics planet programming python quantum robot robots rocket"
        " satellite science software space spacex tech technology universe virtual"
    ),
    Genre.NATURE: _words(
        "animal animals autumn bee bees bird birds cat cats climate coast coral desert dog dogs"
        " earth ecosystem farm fish flower flowers forest garden gardening green hiking honey ice"
        " island jungle lake leaf leaves meadow mountain mountains nature ocean park plant planting"
        " plants rain rainforest reef river rivers sea season seasons sky snow spring stars stream"
        " summer sun sunrise sunset tree trees water waterfall waves whale whales wild wilderness"
        " wildlife wind winter wolf wolves woods"
    ),
}
_WORD = regex.compile(r"\p{L}+")


def mood_of(genre: Genre, topic: str, seed: int) -> Genre:
    """The character to compose in; never CUSTOM.

    A custom topic is read for telling words; without any (or in another language) the seed
    chooses, so that the same job always sounds the same.
    """
    if genre is not Genre.CUSTOM:
        return genre
    words = _WORD.findall(topic.lower())
    scores = {mood: sum(word in known for word in words) for mood, known in _WORDS.items()}
    best = max(scores.values())
    leading = [mood for mood, score in scores.items() if score == best]
    return random.Random(f"mood:{seed}").choice(leading)
