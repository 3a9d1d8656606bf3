"""What kind of phrase a topic is, and how it may be said inside our sentences.

When unsure, a topic gets no `inner` form: then it only ever stands alone, which is right for
every phrase there is.
"""

# ruff: noqa: RUF001 - the signs of other scripts are meant

from dataclasses import dataclass
from enum import StrEnum

import regex

from vidgen_gui.core.text import clean_text
from vidgen_gui.pipeline.language import is_speakable_word, recognise, speakable_share
from vidgen_gui.pipeline.writer import lexicon as lx

MAX_SPOKEN_WORDS = 12
"""A longer topic is said only up to its first natural cut."""
_SHORT_WORDS = 7
_MIN_SHARE = 0.6
_MAX_YEARLESS = 4
"""A number with fewer digits counts what follows it: 10 apps, but not 1984."""

_NAME_OF_TWO = regex.compile(rf"\b(?:{'|'.join(lx.NAMES_OF_TWO)})\b")
_BEHIND_NAME = regex.compile(r"(?:'s)?[?!.,]*$")

_MARKUP = regex.compile(r"\{\\[^{}]*\}|</?[A-Za-z!][^<>]*>|\\[Nnh](?=\s|$|[A-Z])|\[/?[a-z]{1,6}\]")
_LINK = regex.compile(r"(?:https?://|www\.)\S+")
_SIGNS = (
    (regex.compile(r"\bC\+\+"), "C plus plus"),
    (regex.compile(r"\b([CF])#"), r"\1 sharp"),
    (regex.compile(r"\s*&\s*"), " and "),
    (regex.compile(r"(?<=\d)\s*%"), " percent"),
    (regex.compile(r"[$](\d[\d.,]*\d|\d)"), r"\1 dollars"),
    (regex.compile(r"€(\d[\d.,]*\d|\d)"), r"\1 euros"),
    (regex.compile(r"£(\d[\d.,]*\d|\d)"), r"\1 pounds"),
    (regex.compile(r"(?<=\d)\s*°\s*"), " degrees "),
    (regex.compile(r"(?<=[\p{L}\d])\s*\+\s*(?=[\p{L}\d])"), " plus "),
    (regex.compile(r"(?<=\p{L})\s*=\s*(?=\p{L})"), " equals "),
    (regex.compile(r"(?<=\s)vs\.?(?=\s)"), "versus"),
    (regex.compile(r"(?<=\p{L}\p{L})\.(?=\p{L}\p{L})"), " "),
    (regex.compile(r"\s[–—-]+\s|[–—]|\s*[:;]\s+|\s*[;|•·]\s*"), ", "),
    (regex.compile(r"[’ʼ`´‘]"), "'"),
)
_NOT_SPOKEN = regex.compile(r"[^\p{L}\p{M}\p{N}\s'?!.,-]|(?<!\p{L})'|'(?!\p{L})")
_LOOSE_MARKS = regex.compile(r"(?<!\S)[-'.,?!]+(?!\S)|(?<=\s)[-'.,]+(?=\p{L})|^[-'.,?!\s]+")
_SPACE_BEFORE_MARK = regex.compile(r"\s+(?=[,.?!])")
_REPEATED_MARK = regex.compile(r"([,.?!])[,.?!]+")
_CUTS = regex.compile(
    r"[,.?!]\s+|\s+(?=(?:because|but|when|while)\s)"
    r"|\s+(?=(?:and|so)\s+(?:i|you|he|she|it|we|they|the|a|an|my|our|his|her|their|most|how|why)\s)",
    regex.IGNORECASE,
)
_RELATIVE_CUTS = regex.compile(r"\s+(?=(?:that|which|who)\s)")
_LOOSE_CUTS = regex.compile(
    r"\s+(?=(?:in|on|at|from|during|with|after|before|across|among"
    r"|and\s+(?:start|stop|find|get|make|keep|live|learn|be|become|feel|build|take))\s)"
)
_HOWTO = regex.compile(r"how (?:to|(?:do|can|could|should) (?:i|you|we))\b")


class TopicKind(StrEnum):
    """How a topic is built."""

    NOUN = "noun"
    BARE = "any"
    QUESTION = "question"
    CLAUSE = "clause"
    ADVICE = "advice"
    STATEMENT = "statement"
    LIST = "list"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic understood.

    ``title`` is how it stands at the start of a sentence, with its end mark; ``inner`` how it
    stands within one, None when that might be wrong. ``words`` are its content words, lower
    case, with their singulars. An unspoken topic (NONE) has neither form.
    """

    shown: str
    kind: TopicKind
    title: str
    inner: str | None
    words: tuple[str, ...]

    @property
    def spoken(self) -> bool:
        return self.kind is not TopicKind.NONE

    @property
    def is_short(self) -> bool:
        return len(self.title.split()) <= _SHORT_WORDS

    @property
    def is_howto(self) -> bool:
        """Whether it is about doing something: how to do it, tips for it, or the doing itself."""
        low = self.title.lower()
        if self.kind is TopicKind.LIST:
            return any(word in lx.DOING_LISTS for word in low.rstrip(".").split()[:3])
        if self.kind in {TopicKind.CLAUSE, TopicKind.QUESTION}:
            return _HOWTO.match(low) is not None
        first = low.split(" ", 1)[0]
        return self.kind is TopicKind.NOUN and first in lx.DOINGS


def understand(text: str, *, shown_only: bool = False) -> Topic:
    """Look at a topic as a person typed it.

    Args:
        shown_only: the script will be read, not heard, so a topic in any language can be said.
    """
    shown = clean_text(text, keep_lines=False)
    plain = plain_words(shown)
    foreign = recognise(plain).language not in {"en", None}
    if shown_only and foreign and plain:
        return Topic(shown, TopicKind.BARE, _ended(plain), None, ())
    if foreign or speakable_share(plain, "en") < _MIN_SHARE:
        return Topic(shown, TopicKind.NONE, "", None, ())
    said = " ".join(w for w in plain.split() if is_speakable_word(w, "en"))
    said = _shortened(_names_raised(_calmed(said)))
    if not said:
        return Topic(shown, TopicKind.NONE, "", None, content_words(plain))
    kind = _kind(said)
    if kind is TopicKind.LIST:
        said = _uncounted(said)
    start = said[0].upper() + said[1:] if _may_be_raised(said) else said
    inner = _inner(said.rstrip("?!.,")) if kind in {TopicKind.NOUN, TopicKind.CLAUSE} else None
    if kind is TopicKind.NOUN and inner is None:
        kind = TopicKind.BARE
    return Topic(shown, kind, _ended(start, question=kind is TopicKind.QUESTION), inner,
                 content_words(plain))  # fmt: skip


def plain_words(text: str) -> str:
    """Take markup, links, emoji and signs out; what can be said as a word becomes one."""
    text = _LINK.sub(" ", _MARKUP.sub(" ", text))
    for pattern, replacement in _SIGNS:
        text = pattern.sub(replacement, text)
    text = _NOT_SPOKEN.sub(" ", text)
    text = _LOOSE_MARKS.sub(" ", text)
    text = _REPEATED_MARK.sub(lambda m: "?" if "?" in m[0] else m[1], text)
    text = _SPACE_BEFORE_MARK.sub("", text)
    return " ".join(text.split()).strip(" ,-'").rstrip(".")


def content_words(text: str) -> tuple[str, ...]:
    """Lower-case words that say what a text is about, each followed by its singular."""
    found: dict[str, None] = {}
    for word in regex.findall(r"[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}'-]*", text.lower()):
        base = word.removesuffix("'s")
        if base in lx.STOP_WORDS or (len(base) < 2 and not base.isdigit()):
            continue
        found[base] = None
        found[singular(base)] = None
        for part in base.split("-"):
            if len(part) > 2 and part not in lx.STOP_WORDS:
                found[part] = None
    return tuple(found)


def singular(word: str) -> str:
    """A plain guess at the singular of an English plural; other words come back as they are."""
    if not is_plural(word):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses", "zes")):
        return word[:-2]
    return word[:-1]


def is_plural(word: str) -> bool:
    """Whether a noun looks plural."""
    word = word.lower()
    if word in lx.SINGULAR_IN_S or len(word) < 4:
        return word == "men"
    if word in {"people", "children", "women", "mice", "feet", "teeth", "geese", "wolves"}:
        return True
    return word.endswith("s") and not word.endswith(("ss", "us", "is", "ics", "'s"))


def _ended(text: str, *, question: bool = False) -> str:
    if text.endswith(("?", "!", ".", "。", "！", "？")):
        return text
    return text + ("?" if question else ".")


def _may_be_raised(text: str) -> bool:
    """Whether a capital may start it: iPhone and eBay keep their small letter."""
    first = text.split(maxsplit=1)[0]
    return not any(letter.isupper() for letter in first[1:])


def _calmed(text: str) -> str:
    """Turn shouting into words; what is an acronym stays one."""
    letters = [letter for letter in text if letter.isalpha()]
    if not letters or not all(letter.isupper() or letter.lower() == letter for letter in letters):
        return text
    if not any(letter.isupper() for letter in letters):
        return text
    words = text.split()
    if len(words) == 1 and len(letters) < 5 and text.lower() not in lx.MASS_NOUNS:
        return text
    if sum(letter.isupper() for letter in letters) < 0.9 * len(letters):
        return text
    return " ".join(
        word if regex.sub(r"\W", "", word).lower() in lx.ACRONYMS - {"it", "ar", "la", "un"}
        else "I" if word == "I"
        else word.lower()
        for word in words
    )  # fmt: skip


def _names_raised(text: str) -> str:
    """Give names and acronyms that were typed small their capitals."""
    text = _NAME_OF_TWO.sub(lambda m: m[0].title(), text)
    return " ".join(_name_raised(word) if word.islower() else word for word in text.split())


def _name_raised(word: str) -> str:
    bare = _BEHIND_NAME.sub("", word)
    rest = word[len(bare) :]
    if bare in lx.SMALL_ACRONYMS:
        return bare.upper() + rest
    if bare in lx.ALWAYS_RAISED:
        return bare.capitalize() + rest
    return lx.SPELLINGS.get(bare, bare) + rest


def _uncounted(text: str) -> str:
    """A list's name without its number: no script here is told in so many points."""
    words = text.split()
    if words[0].lower() == "top" and words[1].isdigit():
        words = words[1:]
    low = [regex.sub(r"[?!.,]+", "", word.lower()) for word in words]
    promised = set(low[2:3]) & lx.BEFORE_LISTED or set(low) & lx.LIST_HEADS
    return " ".join(words[1:]) if promised and low[0] != "top" else text


def _shortened(text: str) -> str:
    """A long topic up to its last cut that leaves a phrase of its own; "" where there is none."""
    if len(text.split()) <= MAX_SPOKEN_WORDS:
        return text
    for cuts, fewest in ((_CUTS, 2), (_RELATIVE_CUTS, 4), (_LOOSE_CUTS, 6)):
        ends = [cut.start() for cut in cuts.finditer(text)]
        fitting = [e for e in ends if fewest <= len(text[:e].split()) <= MAX_SPOKEN_WORDS]
        if fitting:
            end = fitting[-1]
            return text[: end + 1] if text[end] in "?!" else text[:end]
    return ""


def _kind(text: str) -> TopicKind:
    words = [regex.sub(r"[?!.,]+$", "", word) for word in text.lower().split()]
    first, second = words[0], words[1] if len(words) > 1 else ""
    if (text.endswith("?") and second) or _asks(first, second):
        return TopicKind.QUESTION
    if first in lx.QUESTION_WORDS:
        return TopicKind.CLAUSE
    if _is_list(words):
        return TopicKind.LIST
    if _orders(first, second):
        return TopicKind.ADVICE
    return TopicKind.STATEMENT if _states(text, words) else TopicKind.NOUN


def _asks(first: str, second: str) -> bool:
    if first in lx.QUESTION_WORDS:
        return second in lx.AUXILIARIES or (first, second) in {("what", "if"), ("how", "come")}
    if first.removesuffix("'s") in lx.QUESTION_WORDS:
        return True
    if first in {"can", "will"}:
        return second in lx.SUBJECTS | lx.DETERMINERS
    if first == "have":
        return second in lx.SUBJECTS
    if first == "do":
        return bool(second) and second not in lx.DO_THESE
    return bool(second) and first in lx.AUXILIARIES - {"don't", "may", "might", "must"}


def _orders(first: str, second: str) -> bool:
    if first in lx.IMPERATIVE_ONLY or (first, second) == ("go", "for"):
        return bool(second)
    if first in lx.NOUNS_OR_IMPERATIVES:
        return second in lx.MANNERS
    if first in lx.BEFORE_DOING and second.endswith("ing"):
        return second not in lx.NOT_GERUNDS
    if first == "just":
        return second in lx.IMPERATIVES
    return first in lx.IMPERATIVES and second in lx.AFTER_IMPERATIVE


def _states(text: str, words: list[str]) -> bool:
    if words[0] in lx.SUBJECTS and len(words) > 1:
        return True
    if text.endswith("!") or regex.search(r"[.?!]\s", text):
        return len(words) > 2
    if words[0] in lx.BELONGING and not lx.PAST_OF_SOMEBODY.isdisjoint(words[2:4]):
        return True
    return any(
        words[place] in lx.FINITE or _is_verb_of(words[place - 1], words[place], words[place + 1 :])
        for place in range(1, len(words))
    )


def _is_verb_of(subject: str, word: str, rest: list[str]) -> bool:
    """Whether a word that may be a noun, too, says something of the one before it."""
    if is_plural(subject) or subject == "things":
        return word in lx.FINITE_OF_MANY and bool(rest) and rest[0] in lx.AFTER_FINITE
    said_of_one = _is_mass(subject) or subject in {"nothing", "everything"}
    if word not in lx.FINITE_OR_PLURAL or not said_of_one:
        return False
    if not rest:
        return word in lx.FINITE_ENDINGS
    return rest[0] not in lx.PREPOSITIONS


def _is_mass(word: str) -> bool:
    return word in lx.MASS_NOUNS or word.endswith(lx.MASS_ENDINGS)


def _is_list(words: list[str]) -> bool:
    if words[0] == "top" and "".join(words[1:2]).isdigit():
        words = words[1:]
    listed = words[1] if len(words) > 1 else ""
    if listed in lx.UNITS:
        return False
    numbered = words[0].isdigit() or words[0] in lx.NUMBER_WORDS
    counted = words[0].isdigit() and len(words[0]) < _MAX_YEARLESS and is_plural(listed)
    return counted or (numbered and any(word in lx.LIST_HEADS for word in words[1:4]))


def _inner(said: str) -> str | None:
    """The form inside a sentence, when article and capital letters are sure to be right."""
    words = said.split()
    first = words[0].lower()
    second = words[1].lower() if len(words) > 1 else ""
    gerund = (
        first.endswith("ing")
        and len(first) > 4
        and (first not in lx.NOT_GERUNDS or second in lx.DETERMINERS)
    )
    opener = bool(second) and first in lx.DETERMINERS | lx.QUESTION_WORDS
    if ("," in said and len(words) > 6) or _is_headline(words):
        return None
    if words[-1].lower() in lx.PREPOSITIONS:
        return None
    if not (opener or gerund or _stands_without_article(words)):
        return None
    return _lowered(words, sure=opener or gerund)


def _is_headline(words: list[str]) -> bool:
    """The Quiet Power of Morning Walks: its capitals look wrong inside a sentence."""
    telling = [word for word in words[1:] if word.lower() not in lx.SMALL_WORDS]
    opens = words[0].lower() in lx.DETERMINERS | lx.QUESTION_WORDS
    return opens and len(telling) > 2 and all(word[0].isupper() for word in telling)


def _stands_without_article(words: list[str]) -> bool:
    head_end = next(
        (i for i, w in enumerate(words) if i and w.lower() in lx.PREPOSITIONS), len(words)
    )
    head = words[head_end - 1]
    if "and" in (word.lower() for word in words[:head_end]):
        return True
    low = head.lower()
    if is_plural(low) or _is_mass(low) or low in lx.NAMES:
        return True
    if low.endswith("ing") and low not in lx.NOT_GERUNDS and len(low) > 4:
        return True
    named = all(word[0].isupper() for word in words[:head_end])
    return words[0].lower().endswith(("'s", "s'")) or (named and head_end > 1)


def _lowered(words: list[str], *, sure: bool) -> str | None:
    first = words[0]
    if not first[0].isupper() or any(letter.isupper() for letter in first[1:]):
        return " ".join(words)
    if first.lower().removesuffix("'s") in lx.ALWAYS_RAISED:
        return " ".join(words)
    low = first.lower()
    if sure or low in lx.MASS_NOUNS or low in lx.SMALL_WORDS:
        return " ".join([low, *words[1:]])
    others = [word for word in words[1:] if word.lower() not in lx.SMALL_WORDS]
    if others and all(word[0].isupper() for word in others):
        return " ".join(words)
    if is_plural(low) or low.endswith(lx.MASS_ENDINGS):
        return " ".join([low, *words[1:]])
    return None
