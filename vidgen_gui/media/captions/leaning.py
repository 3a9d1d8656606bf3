"""Which words lean on the word after them: no good end of a line or of a page. Pure."""

import regex

ENGLISH = "en"
_BY_SHARE = (
    # Articles, possessives, conjunctions, and pronouns that are subjects only.
    (1.0, ("a an the my your our their its every each no and or but nor so if when while because "
          "although though until unless whose i he she we they i'm i've i'd i'll he's she's we're "
          "we've we'll we'd they're they've they'll they'd")),
    # Prepositions: "plan for / the bad days" can be read, "plan for the / bad days" jars.
    (0.6, ("of to in on at by for with from into onto about than as since where per toward towards "
          "through without within between against among")),
    # Auxiliaries, and what may lean ("this life") or stand alone ("like this").
    (0.5, ("is are was were am be been being has have had do does did can could will would shall "
          "should may might must can't cannot don't doesn't didn't isn't aren't wasn't weren't "
          "won't wouldn't couldn't shouldn't haven't hasn't it's it'll that's there's there you're "
          "you've you'll you'd what's let's who who's which what how why that this these those "
          "some any another his her very too not never just even like more most less you it one")),
)  # fmt: skip
_SHARES = {word: share for share, words in _BY_SHARE for word in words.split()}
_FOREIGN = regex.compile(r"\p{Ll}{1,3}")
_FOREIGN_SHARE = 0.7


def leaning(text: str, language: str) -> float:
    """How much a word leans on the next: 0, not at all, … 1, as "the" does.

    A sign after the word ends its leaning. English is known by its words; elsewhere the shortest
    lower-case words ("и", "der", "los") are mostly of that kind.

    Args:
        text: the word as it is shown.
        language: its tag, such as ``en`` or ``pt-BR``; empty when it isn't known.
    """
    if language.split("-", maxsplit=1)[0] != ENGLISH:
        return _FOREIGN_SHARE if _FOREIGN.fullmatch(text) else 0.0
    return _SHARES.get(text.lower().replace("’", "'"), 0.0)
