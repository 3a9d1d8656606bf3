"""Which field of life a topic belongs to, and the themes that are about nothing else."""

from collections.abc import Sequence
from itertools import pairwise

from vidgen_gui.core.script import Genre
from vidgen_gui.pipeline.writer import lexicon as lx
from vidgen_gui.pipeline.writer.dice import Dice
from vidgen_gui.pipeline.writer.grammar import (
    Domain,
    Grammar,
    Shared,
    Theme,
    load_domain_themes,
)
from vidgen_gui.pipeline.writer.topic import Topic, TopicKind, content_words

_PHRASES = frozenset({TopicKind.NOUN, TopicKind.BARE, TopicKind.LIST})


def choose_domain(
    topic: Topic, genre: Genre, grammar: Grammar, shared: Shared, dice: Dice
) -> tuple[Domain, bool]:
    """Find the field of life that the topic's words belong to, else one that suits the genre.

    Where several have as many of its words, it is one that has themes for it, and the one that
    the topic is about: "morning coffee" and "a coffee in the morning" are coffee. The second
    value says whether it is the topic's own.
    """
    said = _words_as_said(topic)
    hits = {name: _count(said, domain) for name, domain in shared.domains.items()}
    themed = {
        name
        for name, count in hits.items()
        if count and own_themes(shared.domains[name], topic, genre, shared)
    }
    if grammar.own_domains_only:
        of_genre = {name for name, domain in shared.domains.items() if domain.genre is genre}
        hits = {name: hits[name] for name in hits if name in of_genre | themed}
    most = max(hits.values())
    if most == 0:
        return shared.domains[dice.pick(grammar.domains)], False
    best = [name for name, count in hits.items() if count == most]
    named = [name for name in best if name in themed] or best
    domains = [shared.domains[name] for name in named]
    return _most_meant(domains, topic) or dice.pick(domains), True


def own_themes(domain: Domain, topic: Topic, genre: Genre, shared: Shared) -> tuple[Theme, ...]:
    """The themes about this field alone; none for a grave topic, which they would not suit.

    A topic that only has loose words of the field, as "steps to freedom", is about another.
    """
    words = set().union(*_words_as_said(topic))
    if words & shared.grave or not words & (domain.topics - domain.loose):
        return ()
    return tuple(
        theme
        for name in domain.themes
        for theme in load_domain_themes(name)
        if genre in theme.genres
    )


def flavour(topic: Topic, shared: Shared) -> Genre | None:
    """The genre whose fields the topic's words clearly belong to, if any."""
    words = set(topic.words)
    hits: dict[Genre, int] = {}
    for domain in shared.domains.values():
        if domain.genre is not None:
            hits[domain.genre] = max(hits.get(domain.genre, 0), len(words & domain.topics))
    best = max(hits, key=lambda genre: hits[genre])
    return best if hits[best] else None


def _most_meant(domains: Sequence[Domain], topic: Topic) -> Domain | None:
    """Of several, the one whose word weighs most: the head of a phrase, else what comes first."""
    words = _by_weight(topic)
    meant = [(word, domain, domain.topics - domain.loose) for word in words for domain in domains]
    meant += [(word, domain, domain.loose) for word in words for domain in domains]
    return next((d for word, d, own in meant if not own.isdisjoint(content_words(word))), None)


def _words_as_said(topic: Topic) -> list[set[str]]:
    """Each word in its forms, and neighbours as one: no word of "black holes" says the field."""
    words = [set(content_words(word)) for word in topic.title.split()]
    return words + [{a + b for a in left for b in right} for left, right in pairwise(words)]


def _count(said: Sequence[set[str]], domain: Domain) -> int:
    return sum(not forms.isdisjoint(domain.topics) for forms in said)


def _by_weight(topic: Topic) -> list[str]:
    words = topic.title.rstrip("?!.").split()
    if topic.kind not in _PHRASES:
        return words
    # The head of an English phrase is the last word before a preposition.
    cut = next((i for i, word in enumerate(words) if word.lower() in lx.PREPOSITIONS), len(words))
    return [*reversed(words[:cut]), *reversed(words[cut:])]
