"""How one written English word is said: numbers, prices, clocks, acronyms, addresses, symbols.

Pure. Where sentences end and what is kept from the voice altogether is decided in `spoken`.
"""

import regex

from vidgen_gui.core import amounts_en as amounts
from vidgen_gui.core import lexicon_en as lexicon
from vidgen_gui.core import numbers_en as numbers
from vidgen_gui.core.amounts_en import PAUSE, Neighbours

_LETTER = r"\p{L}"
_MAGNITUDE = r"(?:bn|tn|[kKmMbBT])(?!\p{L})"
_PHONE = r"[0-9]{3}-[0-9]{4}(?![0-9])"
_PIECES = regex.compile(
    rf"""
      (?P<version>v?[0-9]+(?:\.[0-9]+){{2,}})
    | (?P<iso_date>[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}(?![0-9]))
    | (?P<date>[0-9]{{1,2}}/[0-9]{{1,2}}/[0-9]{{2,4}}(?![0-9]))
    | (?P<phone>\+?[0-9]{{1,3}}?(?:-?[0-9]{{3}})?-{_PHONE}|{_PHONE})
    | (?P<money>[$€£¥₹₽₩₿](?:{amounts.NUMBER})(?:{_MAGNITUDE})?)
    | (?P<money_after>(?:{amounts.NUMBER})(?:{_MAGNITUDE})?[$€£¥₹₽₩₿])
    | (?P<clock>[0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}})?(?:[ap]\.?m\.?(?!{_LETTER}))?)
    | (?P<half_day>[0-9]{{1,2}}[ap]\.?m\.?(?!{_LETTER}))
    | (?P<ordinal>[0-9][0-9,]*(?:st|nd|rd|th)(?!{_LETTER}))
    | (?P<decade>'?[0-9]{{1,3}}0s(?!{_LETTER}))
    | (?P<ratio>[0-9]{{1,3}}/[0-9]{{1,3}}(?![0-9]))
    | (?P<range>(?:{amounts.NUMBER})[-–](?={amounts.NUMBER}|[$€£]))
    | (?P<number>{amounts.NUMBER})
    | (?P<word>(?:{_LETTER}\.)+{_LETTER}(?!{_LETTER})|{_LETTER}+(?:['-]{_LETTER}+)*'?)
    | (?P<symbol>\.{{2,}}|--+|.)
    """,
    regex.VERBOSE | regex.DOTALL,
)
_ADDRESS = regex.compile(
    r"(?:(?:https?|ftp)://)?(?:www\.)?"
    r"(?P<user>[\w.+-]+@)?(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?P<top>[a-z]{2,6}))"
    r"(?::[0-9]+)?(?P<path>/[^?#]*)?(?:[?#].*)?",
    regex.IGNORECASE,
)
_HANDLE = regex.compile(r"[@#](?=\p{L})[\w.]*\w")
_HUMP = regex.compile(r"\p{L}+|[0-9]+")
_CAMEL = regex.compile(r"(?<=[a-zà-öø-ÿ])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-zà-öø-ÿ])")
_ROMAN = regex.compile(r"(?=[IVX]{2,}$|V$|X$)(X{0,3})(IX|IV|V?I{0,3})$")
_PRICE_RANGE = regex.compile(r"[-–](?=[0-9$€£¥])")
_LONG_RUN = regex.compile(r"([a-z])\1{2,}")
_DASHES_AND_STOPS = frozenset("—–…;:")
_BEFORE_DIGITS = {"-": "minus", "−": "minus", "~": "about", "#": "number"}
_MOST_WORDS = 40


def say(core: str, near: Neighbours) -> list[str]:
    """The spoken words of one written word (its outer punctuation taken off already).

    Items are plain words, or `PAUSE`. Empty when there is nothing to say.
    """
    special = lexicon.INTERJECTIONS.get(core.lower())
    if special:
        return special.split()
    if core.lower() in lexicon.MAGNITUDE_WORDS:
        return [core, *amounts.currency_after_magnitude(near.before)]
    if amounts.is_unit_apart(core, near):
        return amounts.unit_words(core, singular=amounts.is_one(near.before)) or []
    return (_name(core) or _pieces(core, near))[:_MOST_WORDS]


def _name(core: str) -> list[str]:
    """Web and mail addresses, @names and #tags; empty when it is none of these."""
    address = _ADDRESS.fullmatch(core)
    if address and ("/" in core or "@" in core or address["top"].lower() in lexicon.DOMAINS):
        return _address(address)
    return _handle(core) if _HANDLE.fullmatch(core) else []


def _pieces(core: str, near: Neighbours) -> list[str]:
    said: list[str] = []
    at = 0
    while at < len(core) and len(said) < _MOST_WORDS:
        match = _PIECES.match(core, at)
        if match is None:
            raise AssertionError(core)
        kind = str(match.lastgroup)
        at = match.end()
        alone = kind == "number" and not core[match.start() - 1 : match.start()].isalpha()
        unit = amounts.UNIT.match(core, at) if alone else None
        with_unit = amounts.with_unit(match[0], unit, core) if unit else None
        if unit and with_unit:
            said += with_unit
            at = unit.end()
        elif kind == "number" and at < len(core) and core[at] in amounts.FRACTION_CHARS:
            said += [*numbers.number(match[0]), "and", *amounts.fraction_char(core[at])]
            at += 1
        else:
            inner = Neighbours(said[-1] if said else "", core[at:])
            outer = Neighbours(inner.before or near.before, inner.after or near.after, near.shouted)
            said += _piece(kind, match[0], inner, outer)
            if kind.startswith("money") and _PRICE_RANGE.match(core, at):
                said.append("to")
                at += 1
    return said


def _piece(kind: str, text: str, inner: Neighbours, outer: Neighbours) -> list[str]:
    """``inner`` sees only the word that the piece is in, ``outer`` also the words around."""
    if kind in amounts.PLAIN:
        return amounts.PLAIN[kind](text)
    if kind in amounts.IN_CONTEXT:
        return amounts.IN_CONTEXT[kind](text, outer)
    if text in {"x", "×"} and inner.before and inner.after[:1].isdigit():
        return ["by"]
    return _word(text, outer) if kind == "word" else _symbol(text, inner)


def _symbol(char: str, near: Neighbours) -> list[str]:
    if char in amounts.FRACTION_CHARS:
        return amounts.fraction_char(char)
    if char == ":" and near.before and near.after[:1].isdigit():
        return ["to"]
    if char[0] in _DASHES_AND_STOPS or len(char) > 1:
        return [PAUSE]
    if near.after[:1].isdigit() and (char == "#" or not near.before):
        before_digits = _BEFORE_DIGITS.get(char)
        if before_digits:
            return [before_digits]
    if char == "." and near.before and near.after[:1].isalpha():
        return ["dot"]
    return lexicon.SYMBOLS.get(char, "").split()


def _word(text: str, near: Neighbours) -> list[str]:
    if "." in text:
        return spell(text.replace(".", ""))
    stem, possessive = (text[:-2], True) if text.endswith("'s") else (text, False)
    if len(stem) == 1:
        return _single_letter(stem, near, possessive=possessive)
    if stem.isupper() and stem.isalpha():
        return _capitals(stem, near, possessive=possessive)
    singular = stem[:-1]
    if stem.endswith("s") and len(singular) > 1 and singular.isupper() and singular.isalpha():
        as_word = singular.lower() in lexicon.SAID_AS_WORDS
        return [stem.lower()] if as_word else spell(singular, ending=True)
    short = _LONG_RUN.sub(r"\1\1", text.lower())
    return [text] if short == text.lower() else lexicon.INTERJECTIONS.get(short, short).split()


def _single_letter(letter: str, near: Neighbours, *, possessive: bool) -> list[str]:
    if possessive:
        return spell(letter, ending=True)
    named = near.before[:1].isalpha() and near.before.lower() not in {"is", "was", "such", "and"}
    if letter == "A" and named and not near.shouted:
        return ["eh"]
    if letter.lower() == "e" or not letter.isascii():
        return lexicon.SYMBOLS.get(letter, letter).split()
    return [letter]


def _capitals(word: str, near: Neighbours, *, possessive: bool) -> list[str]:
    lower = word.lower()
    roman = _roman(word, near)
    if roman:
        return roman
    ending = "'s" if possessive else ""
    if lower in lexicon.SAID_AS_WORDS or not lower.isascii():
        return [lower + ending]
    if near.shouted:
        spelled = lower in lexicon.SPELLED and lower not in {"us", "am", "ad", "led", "id", "ma"}
    else:
        voiced = any(char in "aeiouy" for char in lower)
        is_word = lower in lexicon.SHORT_WORDS or (voiced and len(lower) > 3)
        spelled = lower in lexicon.SPELLED or not is_word
    spelled = spelled and len(word) <= 5
    return spell(word, ending=possessive) if spelled else [lower + ending]


def spell(letters: str, *, ending: bool = False) -> list[str]:
    """Letter by letter: ``FBI`` → ``F.B.I``; ``ending`` adds the sound of an s (``DVDs``)."""
    letters = letters.upper()
    if not letters.isascii():
        return [letters.lower()]
    if ending:
        last = lexicon.LETTER_PLURALS[letters[-1].lower()]
        return [*(spell(letters[:-1]) if len(letters) > 1 else []), last]
    if len(letters) == 1:
        return [lexicon.LETTERS["a"] if letters == "A" else letters]
    return [".".join(letters)]


def _roman(word: str, near: Neighbours) -> list[str]:
    match = _ROMAN.match(word)
    before = near.before
    if match is None or not before[:1].isupper() or near.shouted:
        return []
    value = 10 * len(match[1]) + {"IX": 9, "IV": 4}.get(
        match[2], 5 * match[2].count("V") + match[2].count("I")
    )
    if before.lower() in lexicon.ROMAN_AFTER:
        return numbers.cardinal(value)
    if before.isupper() or len(word) == 1:
        return []
    return ["the", *numbers.ordinal(value)]


def _handle(text: str) -> list[str]:
    words = ["at"] if text[0] == "@" else []
    for chunk in _HUMP.findall(text[1:]):
        if chunk.isdigit():
            words += numbers.number(chunk)
            continue
        for hump in _CAMEL.split(chunk):
            words += _word(hump, Neighbours())
    return words


def _address(match: regex.Match[str]) -> list[str]:
    words: list[str] = []
    user = (match["user"] or "").rstrip("@")
    if user:
        words += [*_dotted(user), "at"]
    words += _dotted(match["host"])
    for part in [p for p in (match["path"] or "").split("/") if p][:3]:
        words += ["slash", *_dotted(part)]
    return words


def _dotted(text: str) -> list[str]:
    words: list[str] = []
    for index, part in enumerate(text.split(".")):
        words += ["dot"] if index else []
        for chunk in _HUMP.findall(part):
            if chunk.isdigit():
                words += numbers.number(chunk)
            elif chunk.lower() in lexicon.SPELLED or (len(chunk) == 2 and index):
                words += spell(chunk)
            else:
                words += [hump for hump in _CAMEL.split(chunk) if hump]
    return words
