"""Puts a script together: the topic, a theme, one line a beat, and the length asked for.

Drafts are drawn until one can be brought to the wanted length by saying or leaving out the
extensions of its lines; the one that comes nearest is taken.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from vidgen_gui.core.script import Genre, Length
from vidgen_gui.pipeline.writer.dice import Dice
from vidgen_gui.pipeline.writer.domains import own_themes
from vidgen_gui.pipeline.writer.grammar import Beat, Domain, Grammar, Habit, Shared, Theme
from vidgen_gui.pipeline.writer.notation import Line
from vidgen_gui.pipeline.writer.speaker import Speaker, choose_habits
from vidgen_gui.pipeline.writer.topic import Topic, TopicKind

MIN_WORDS = 45
MAX_WORDS = 120
_CLOSE_ENOUGH = 0.07
_MANY_FACTS = 10
_MANY_VARIANTS = 5
_LAPS = 6
"""How often the most varied lines have their turn in a round."""
_MAX_DRAFTS = 160
_FAITHFUL_DRAFTS = 24
_FULL_DRAFTS = 100
"""After so many more the lines at hand are too long for the script: it gets a beat less."""
_OWN_FITTING = 8
_DOMAIN_SHARE = {Length.SHORT: 2, Length.MEDIUM: 7, Length.LONG: 7}
"""How often a script is about its topic's field alone, for each one that goes another way.

In a short one a line is a fifth of the whole, so that two with a line or two in common are alike.
"""
_FACT_SHARE = {Length.SHORT: 0.2, Length.MEDIUM: 1.0, Length.LONG: 1.0}
_RETURN_SHARE = {Length.SHORT: 0.4, Length.MEDIUM: 0.7, Length.LONG: 1.0}
"""How often the close comes back to the topic."""
_COMPANION_SHARE = 0.5
HOWTO = "howto"
"""Among the kinds of a theme: topics about doing something, of whatever kind they are."""
_AIM = {Length.SHORT: 62, Length.MEDIUM: 84, Length.LONG: 116}
"""Words aimed at: a little over `Length.words`, which leaves room on both sides of it."""


@dataclass(frozen=True, slots=True)
class Part:
    """One scene's words, and what its beat shows."""

    text: str
    images: tuple[str, ...]


@dataclass(slots=True)
class _Piece:
    core: str
    extension: str
    images: tuple[str, ...]

    @property
    def core_words(self) -> int:
        return len(self.core.split())

    @property
    def extra_words(self) -> int:
        return len(self.extension.split())


@dataclass(frozen=True, slots=True)
class Draft:
    """A script before its pictures are described."""

    theme: Theme
    domain: Domain
    parts: tuple[Part, ...]

    @property
    def word_count(self) -> int:
        return sum(len(part.text.split()) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Workshop:
    """What a script is made from."""

    genre: Genre
    grammar: Grammar
    shared: Shared
    topic: Topic
    domain: Domain
    on_topic: bool
    length: Length
    seed: int
    dice: Dice
    rounds: dict[tuple[object, ...], list[Line]] = field(default_factory=dict)
    """The shuffled lines of each place, kept while one script is written."""


def compose(shop: Workshop) -> Draft:
    """Draw drafts until one has about the words wanted; the nearest one otherwise."""
    theme, turn = _take_turn(shop)
    habits = choose_habits(shop.shared.habits, shop.genre.value, shop.topic.shown, shop.seed)
    best: Draft | None = None
    for attempt in range(_MAX_DRAFTS):
        # When the lines that are due can't be brought to the length, others may take their turn.
        detour = max(0, attempt - _FAITHFUL_DRAFTS)
        draft = _draft(shop, habits, _Walk(shop, theme, turn, detour))
        if best is None or _miss(shop, draft) < _miss(shop, best):
            best = draft
        if _miss(shop, best) <= _CLOSE_ENOUGH:
            break
    assert best is not None  # noqa: S101 - the loop runs at least once
    return best


def _take_turn(shop: Workshop) -> tuple[Theme, int]:
    """Choose the theme, and say how often it had its turn for this topic before this seed.

    Seeds that follow each other go round all fitting themes, the better fitting ones more
    often, so that a batch about one topic does not repeat itself.
    """
    names = [theme for theme, turns in _turns_of_themes(shop) for _ in range(turns)]
    cycle = Dice(shop.genre.value, shop.topic.shown, "themes").shuffled(names)
    rounds, place = divmod(shop.seed, len(cycle))
    theme = cycle[place]
    before = sum(other is theme for other in cycle[:place])
    return theme, rounds * sum(other is theme for other in cycle) + before


@dataclass(frozen=True, slots=True)
class _Walk:
    """Which lines a script gets, so that seeds which follow each other share few of them.

    ``turn`` counts the scripts of this theme, the seed counts all. Neighbours take their turns
    in one shuffled round of the lines for a place, distant seeds have other shuffles. A line
    that can be said in few ways gets one turn a round, a varied one up to `_LAPS`.
    """

    shop: Workshop
    theme: Theme
    turn: int
    detour: int

    def line(self, place: int, lines: Sequence[Line]) -> Line:
        return self._step(self.turn, lines, self.theme.name, place)

    def companion_line(self, companion: Theme, place: int, lines: Sequence[Line]) -> Line:
        return self._step(self.shop.seed, lines, "companion", companion.name, place)

    def fact(self, facts: Sequence[Line]) -> Line:
        return self._step(self.shop.seed, facts, "fact")

    def way_back(self, returns: Sequence[Line]) -> Line:
        return self._step(self.shop.seed, returns, "return")

    def _step(self, number: int, lines: Sequence[Line], *purpose: object) -> Line:
        lines = [line for line in lines if line.suits(self.shop.topic.words)]
        turns = [_turns(line) for line in lines]
        number, step = divmod(number, sum(turns))
        known = self.shop.rounds
        # A detour has a shuffle of its own: a step along this one would take a neighbour's lines.
        key = (*purpose, number, "detour", self.detour) if self.detour else (*purpose, number)
        if key not in known:
            dice = Dice(self.shop.genre.value, self.shop.topic.shown, *key)
            known[key] = _round(lines, turns, dice)
        return known[key][step]


def _turns(line: Line) -> int:
    """How often a line has its turn in a round.

    Two sayings of a line with many variants share less, but still some: turns that grow like the
    cube root of the variants gave the fewest scripts with a long run in common. No whole number
    has a root so near a half that platforms could round it differently. What is said of few
    topics has its turn twice as often where it is said at all.
    """
    return min(_LAPS, round(math.cbrt(line.variants)) * (2 if line.topics else 1))


def _round(lines: Sequence[Line], turns: Sequence[int], dice: Dice) -> list[Line]:
    """Shuffle ``lines`` so that one with several turns has them in different laps."""
    laps: list[list[Line]] = [[] for _ in range(_LAPS)]
    for line, count in zip(lines, turns, strict=True):
        for lap in dice.shuffled(laps)[:count]:
            lap.append(line)
    return [line for lap in laps for line in dice.shuffled(lap)]


def _miss(shop: Workshop, draft: Draft) -> float:
    """How far a draft is from what is wanted: its length, and the topic said twice at most."""
    count = draft.word_count
    outside = max(0, MIN_WORDS - count, count - MAX_WORDS)
    aim = _AIM[shop.length]
    return abs(count - aim) / aim + outside + _surplus(shop.topic, draft)


def _surplus(topic: Topic, draft: Draft) -> int:
    said = topic.title.rstrip("?!.").lower()
    if not said:
        return 0
    text = " ".join(part.text for part in draft.parts).lower()
    return max(0, text.count(said) - 2)


def _fitting_themes(shop: Workshop) -> list[Theme]:
    """The genre's themes for this length and this kind of topic; there is one for each.

    One that is for its own topics only needs such a word. Those for topics about doing something
    come first where the topic is one.
    """
    kind, words = shop.topic.kind.value, set(shop.topic.words)
    themes = [
        theme
        for theme in shop.grammar.themes
        if shop.length.value in theme.lengths
        and (not theme.kinds or kind in theme.kinds or _is_for_doing(theme, shop.topic))
        and (not theme.own_topics_only or theme.topics & words)
    ]
    return [theme for theme in themes if _is_for_doing(theme, shop.topic)] or themes


def _is_for_doing(theme: Theme, topic: Topic) -> bool:
    return topic.is_howto and HOWTO in theme.kinds


def _turns_of_themes(shop: Workshop) -> list[tuple[Theme, int]]:
    """How often each theme has its turn in a round of all; a domain's own come most often."""
    general = [(theme, _weight(theme, shop.topic)) for theme in _fitting_themes(shop)]
    found = own_themes(shop.domain, shop.topic, shop.genre, shop.shared) if shop.on_topic else ()
    own = [theme for theme in found if shop.length.value in theme.lengths]
    total = _DOMAIN_SHARE[shop.length] * sum(turns for _, turns in general)
    return general + [(theme, total // len(own)) for theme in own]


def _weight(theme: Theme, topic: Topic) -> int:
    """A genre's own themes come before borrowed ones, fitting ones before the rest."""
    fits = bool(theme.topics & set(topic.words))
    if theme.borrowed:
        return 2 if fits else 1
    return _OWN_FITTING if fits else 2


def _draft(shop: Workshop, habits: tuple[Habit, ...], walk: _Walk) -> Draft:
    speaker = Speaker(shop.dice, shop.topic, habits, shop.domain.subject(shop.topic.words))
    pieces = [_hook(speaker, walk)]
    pieces += [_piece(speaker, line, beat) for beat, line in _beats(walk)]
    pieces.append(_close(speaker, walk))
    _fit(pieces, shop.length, shop.dice)
    parts = tuple(Part(f"{p.core} {p.extension}".strip(), p.images) for p in pieces)
    return Draft(walk.theme, shop.domain, parts)


def _beats(walk: _Walk) -> list[tuple[Beat, Line]]:
    """The theme's beats in their order, with a fact of the topic's field in front of them."""
    shop, theme = walk.shop, walk.theme
    beats = _blended(walk)
    fact = _fact(walk)
    count = theme.beat_counts.get(shop.length.value, len(beats))
    count -= walk.detour > _FULL_DRAFTS
    beats = _kept(shop.dice, beats, count - bool(fact))
    return [(theme.beats[0], fact), *beats] if fact else beats


def _kept(dice: Dice, beats: list[tuple[Beat, Line]], count: int) -> list[tuple[Beat, Line]]:
    """``count`` of the beats, still in their order; the spare ones are left out first."""
    order = sorted(dice.shuffled(range(len(beats))), key=lambda place: beats[place][0].spare)
    return [beats[place] for place in sorted(order[:count])]


def _blended(walk: _Walk) -> list[tuple[Beat, Line]]:
    """The theme's beats, some replaced by those of fitting companions at the same point."""
    dice = walk.shop.dice
    theme = walk.theme
    themes = [theme] if theme.whole else _fitting_themes(walk.shop)
    others = [o for o in themes if o is not theme and not o.whole] or [theme]
    weights = [_weight(other, walk.shop.topic) for other in others]
    result = []
    own = theme.beats_for(walk.shop.length)
    for index, beat in enumerate(own):
        if not theme.genres and dice.chance(_COMPANION_SHARE):
            companion = dice.pick_weighted(others, weights)
            theirs = companion.beats_for(walk.shop.length)
            other = theirs[index * len(theirs) // len(own)]
            result.append((other, walk.companion_line(companion, index + 1, other.lines)))
        else:
            result.append((beat, walk.line(index + 1, beat.lines)))
    return result


def _piece(speaker: Speaker, line: Line, beat: Beat) -> _Piece:
    core = speaker.say(line.core)
    extension = ""
    # What can be said in one way only would be heard too often.
    if line.extension and speaker.dice.chance(line.extension.variants / _MANY_VARIANTS):
        extension = speaker.say(line.extension)
    return _Piece(core, extension, beat.images)


def _hook(speaker: Speaker, walk: _Walk) -> _Piece:
    """The topic as a sentence of its own, where it can be said, and the theme's hook."""
    theme = walk.theme
    piece = _piece(speaker, walk.line(0, theme.hooks), theme.beats[0])
    piece.core = f"{walk.shop.topic.title} {piece.core}".lstrip()
    return piece


def _close(speaker: Speaker, walk: _Walk) -> _Piece:
    """The theme's close, often after a sentence that comes back to the topic."""
    shop, theme = walk.shop, walk.theme
    piece = _piece(speaker, walk.line(len(theme.beats) + 1, theme.closes), theme.beats[-1])
    returns = shop.shared.returns.get(_said_as(shop.topic).value)
    if returns and shop.topic.is_short and shop.dice.chance(_RETURN_SHARE[shop.length]):
        piece.core = f"{speaker.say(walk.way_back(returns).core)} {piece.core}"
    return piece


def _said_as(topic: Topic) -> TopicKind:
    """The kind of phrase that it can be said as: a clause that fits in no sentence stands alone."""
    alone = topic.kind is TopicKind.CLAUSE and topic.inner is None
    return TopicKind.BARE if alone else topic.kind


def _fact(walk: _Walk) -> Line | None:
    """A true sentence about the topic's own field: what makes a script one about this topic.

    A theme of that field needs none.
    """
    shop = walk.shop
    if not shop.on_topic or walk.theme.genres:
        return None
    facts = [fact for fact in shop.domain.facts if fact.suits(shop.topic.words)]
    # Where few are known, each would turn up in every other script.
    share = shop.grammar.fact_share * _FACT_SHARE[shop.length] * min(1, len(facts) / _MANY_FACTS)
    return walk.fact(facts) if facts and shop.dice.chance(share) else None


def _fit(pieces: list[_Piece], length: Length, dice: Dice) -> None:
    """Keep the extensions that bring the words nearest to the wanted number."""
    room = _AIM[length] - sum(piece.core_words for piece in pieces)
    for piece in dice.shuffled(pieces):
        if piece.extra_words <= room + piece.extra_words // 2:
            room -= piece.extra_words
        else:
            piece.extension = ""
