"""How written English amounts are said: numbers, units, prices, clocks, dates, ranges.

Pure. `spoken_en` recognises them in a word; `numbers_en` knows the plain number words.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from vidgen_gui.core import lexicon_en as lexicon
from vidgen_gui.core import numbers_en as numbers

PAUSE = ","
"""Stands among spoken words where the reader takes a short breath."""

NUMBER = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+"
UNIT = re.compile(
    r"(?P<name>°[CF]?|[a-zA-Zµ]+)(?P<power>[²³])?(?:/(?P<per>[a-zA-Z]+)(?P<per_power>[²³])?)?"
)
FRACTION_CHARS = {
    "½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅖": (2, 5),
    "⅗": (3, 5), "⅘": (4, 5), "⅙": (1, 6), "⅚": (5, 6), "⅛": (1, 8), "⅜": (3, 8), "⅝": (5, 8),
    "⅞": (7, 8), "⅐": (1, 7), "⅑": (1, 9), "⅒": (1, 10),
}  # fmt: skip
_VERBS_IN_S = frozenset(["was", "is", "has", "does", "its", "this", "as", "us", "his"])


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What stands around a written word: its neighbours without their outer punctuation.

    ``shouted``: the text around is in capitals, which then mean nothing.
    """

    before: str = ""
    after: str = ""
    shouted: bool = False


def with_unit(value: str, unit: re.Match[str], core: str) -> list[str] | None:
    """``5km``, ``72°F``, ``60km/h``, ``10k``, ``3x``; None when the letters are no unit."""
    name = unit[0]
    if unit.end() < len(core) and core[unit.end()].isalnum():
        return None
    if name in {"k", "K"}:
        # "4K" is a picture size, "10k" a count; both are said as the letter.
        return [*numbers.number(value), "kay"]
    words = unit_words(name, singular=value == "1")
    return [*numbers.number(value), *words] if words else None


def unit_words(text: str, *, singular: bool) -> list[str] | None:
    """How a unit is said (``km/h``: kilometers per hour); None when it is none that is known."""
    match = UNIT.fullmatch(text)
    name = lexicon.UNITS.get(match["name"]) if match else None
    if match is None or name is None:
        return None
    first, *rest = name.split()
    words = [first if singular else _plural_unit(first), *rest]
    words = _power(match["power"]) + words
    if match["per"]:
        below = lexicon.UNITS.get(match["per"])
        if below is None:
            return None
        words += ["per", *below.split(), *(["squared"] if match["per_power"] else [])]
    return words


def _power(sign: str | None) -> list[str]:
    return {"²": ["square"], "³": ["cubic"]}.get(sign or "", [])


def _plural_unit(word: str) -> str:
    if word in lexicon.UNCOUNTED:
        return word
    return lexicon.IRREGULAR_PLURALS.get(word) or numbers.plural(word)


def is_unit_apart(core: str, near: Neighbours) -> bool:
    """Whether this is a unit that belongs to the number before it: the ``km`` of ``5 km``."""
    name = core.partition("/")[0].rstrip("²³")
    known = name in lexicon.UNITS_APART or ("/" in core and name in lexicon.UNITS)
    return (
        known
        and bool(re.fullmatch(f"[~-]?(?:{NUMBER})", near.before))
        and unit_words(core, singular=True) is not None
    )


def is_one(text: str) -> bool:
    return text in {"1", "one", "a", "an", "per"}


def _say_number(text: str, near: Neighbours) -> list[str]:
    month = near.before.lower()
    if re.fullmatch(r"[1-9]|[12][0-9]|3[01]", text):
        dated = lexicon.ABBREVIATIONS.get(month, month) in lexicon.MONTHS
        return numbers.ordinal(int(text)) if dated else numbers.number(text)
    if re.fullmatch(r"1[1-9][0-9][0-9]|20[0-9][0-9]", text) and not _counts(text, near.after):
        return numbers.year(int(text))
    return numbers.number(text)


def _counts(text: str, after: str) -> bool:
    """Whether a four-digit number counts what follows ("1500 steps") and is no year."""
    word = after.lower()
    plural = word.endswith("s") and word not in _VERBS_IN_S and word.isalpha()
    counted = plural or word in {"people", "percent", "million", "billion"} or word[:1] == "%"
    return counted or word in lexicon.UNITS_APART or (text.endswith("00") and word == "of")


def _money(text: str, near: Neighbours) -> list[str]:
    sign = next(char for char in text if char in lexicon.CURRENCIES)
    body = text.replace(sign, "")
    number = re.match(NUMBER, body)
    value = number[0] if number else "0"
    scale = lexicon.MAGNITUDES.get(body[len(value) :], "")
    unit, cent = lexicon.CURRENCIES[sign]
    if scale:
        return [*numbers.number(value), scale, _plural_money(unit)]
    if near.after.lower() in lexicon.MAGNITUDE_WORDS:
        return numbers.number(value)
    whole, _, cents = value.partition(".")
    whole = whole.replace(",", "") or "0"
    words = [*numbers.number(whole), unit if whole == "1" else _plural_money(unit)]
    if not cents or not cent or len(cents) != 2:
        return [*numbers.number(value), _plural_money(unit)] if cents else words
    if int(cents) == 0:
        return words
    small = [*numbers.cardinal(int(cents)), cent if int(cents) == 1 else _plural_money(cent)]
    return small if whole == "0" else [*words, "and", *small]


def currency_after_magnitude(before: str) -> list[str]:
    """``$5 million``: the dollars are said after the million."""
    if re.fullmatch(rf"[$€£¥₹₽₩₿](?:{NUMBER})", before):
        return [_plural_money(lexicon.CURRENCIES[before[0]][0])]
    return []


def _plural_money(name: str) -> str:
    return lexicon.CURRENCY_PLURALS.get(name) or f"{name}s"


def _clock(text: str, near: Neighbours) -> list[str]:
    match = re.match(r"([0-9]+):([0-9]+)(?::([0-9]+))?(.*)", text)
    if match is None:
        raise AssertionError(text)
    hour, minute = int(match[1]), int(match[2])
    half = _half_of_day(match[4])
    words = numbers.cardinal(hour)
    if minute == 0 and match[3] is None:
        told = half or (near.after.lower().replace(".", "") in {"am", "pm"})
        words += [] if told else (["o'clock"] if 0 < hour <= 12 else ["hundred"])
    else:
        words += _two_digits(minute)
    if match[3] is not None:
        words += _two_digits(int(match[3]))
    return words + half


def _two_digits(value: int) -> list[str]:
    return ["oh", *numbers.cardinal(value)] if value < 10 else numbers.cardinal(value)


def _half_of_day(text: str) -> list[str]:
    letters = text.replace(".", "").upper()
    return [".".join(letters)] if letters else []


def _half_day(text: str) -> list[str]:
    match = re.match(r"([0-9]+)(.*)", text)
    if match is None:
        raise AssertionError(text)
    return [*numbers.number(match[1]), *_half_of_day(match[2])]


def _ordinal(text: str) -> list[str]:
    value = text[:-2].replace(",", "")
    return numbers.ordinal(int(value)) if len(value) <= 18 else numbers.digits(value)


def _decade(text: str) -> list[str]:
    value = int(text.strip("'s"))
    words = numbers.year(value) if value >= 1000 else numbers.cardinal(value)
    return [*words[:-1], numbers.plural(words[-1])]


def _ratio(text: str) -> list[str]:
    above, below = (int(part) for part in text.split("/"))
    if 0 < above < below <= 20 and below > 1:
        return numbers.fraction(above, below)
    return [*numbers.cardinal(above), "out", "of", *numbers.cardinal(below)]


def _date(text: str) -> list[str]:
    month, day, year = (int(part) for part in text.split("/"))
    if month > 12:
        month, day = day, month
    return _spoken_date(year if year >= 100 else 2000 + year, month, day) or numbers.digits(text)


def _iso_date(text: str) -> list[str]:
    year, month, day = (int(part) for part in text.split("-"))
    return _spoken_date(year, month, day) or numbers.digits(text)


def _spoken_date(year: int, month: int, day: int) -> list[str] | None:
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return [lexicon.MONTHS[month - 1], *numbers.ordinal(day), PAUSE, *numbers.year(year)]


def _version(text: str) -> list[str]:
    words = ["version"] if text.startswith("v") else []
    for index, part in enumerate(text.lstrip("v").split(".")):
        words += (["point"] if index else []) + numbers.number(part)
    return words


def _range(text: str) -> list[str]:
    return [*_say_number(text[:-1], Neighbours()), "to"]


def fraction_char(char: str) -> list[str]:
    above, below = FRACTION_CHARS[char]
    return ["a", "half"] if (above, below) == (1, 2) else numbers.fraction(above, below)


def _phone(text: str) -> list[str]:
    words: list[str] = []
    for part in text.strip("+").split("-"):
        words += [PAUSE] if words else []
        words += numbers.digits(part)
    return words


PLAIN: dict[str, Callable[[str], list[str]]] = {
    "version": _version,
    "iso_date": _iso_date,
    "date": _date,
    "phone": _phone,
    "half_day": _half_day,
    "ordinal": _ordinal,
    "decade": _decade,
    "ratio": _ratio,
    "range": _range,
}
"""Kinds of amounts that say the same whatever stands around them."""

IN_CONTEXT: dict[str, Callable[[str, Neighbours], list[str]]] = {
    "money": _money,
    "money_after": _money,
    "clock": _clock,
    "number": _say_number,
}
"""Kinds whose neighbours change what is said."""
