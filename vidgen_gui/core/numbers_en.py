"""English words for numbers: cardinals, ordinals, years, decimals, fractions.

Pure; what a number in a text stands for (a year, a price, a clock) is decided in `spoken_en`.
"""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_ONES = _words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS = ("", "", *_words("twenty thirty forty fifty sixty seventy eighty ninety"))
_SCALES = ("", *_words("thousand million billion trillion quadrillion"))
_IRREGULAR_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
LARGEST = 10**18 - 1
_MOST_DIGITS = 24


def cardinal(number: int) -> list[str]:
    """1024 → one thousand twenty four.

    Raises:
        ValueError: negative, or larger than `LARGEST`.
    """
    if not 0 <= number <= LARGEST:
        raise ValueError(f"{number} has no spoken form here")
    if number == 0:
        return ["zero"]
    groups = []
    while number:
        number, group = divmod(number, 1000)
        groups.append(group)
    words: list[str] = []
    for scale in reversed(range(len(groups))):
        if groups[scale]:
            words += _below_thousand(groups[scale])
            words += [_SCALES[scale]] if scale else []
    return words


def _below_thousand(number: int) -> list[str]:
    words = []
    if number >= 100:
        words += [_ONES[number // 100], "hundred"]
        number %= 100
    if number >= 20:
        words.append(_TENS[number // 10])
        number %= 10
    if number:
        words.append(_ONES[number])
    return words


def ordinal(number: int) -> list[str]:
    """21 → twenty first."""
    *rest, last = cardinal(number)
    return [*rest, ordinal_word(last)]


def ordinal_word(word: str) -> str:
    """Turn the last word of a cardinal: three → third, twenty → twentieth."""
    if word in _IRREGULAR_ORDINALS:
        return _IRREGULAR_ORDINALS[word]
    return f"{word[:-1]}ieth" if word.endswith("y") else f"{word}th"


def plural(word: str) -> str:
    """Number words in the plural: sixty → sixties, third → thirds."""
    if word.endswith("y"):
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith("x") else f"{word}s"


def year(number: int) -> list[str]:
    """1999 → nineteen ninety nine, 1905 → nineteen oh five, 2009 → two thousand nine."""
    century, rest = divmod(number, 100)
    if century % 10 == 0 and rest < 10:
        return cardinal(number)
    if rest == 0:
        return [*cardinal(century), "hundred"]
    return cardinal(century) + (["oh", _ONES[rest]] if rest < 10 else cardinal(rest))


def digits(text: str) -> list[str]:
    """007 → zero zero seven.

    Anything that is not 0…9 is passed over; the rest of a very long run is left unsaid.
    """
    return [_ONES[int(char)] for char in text if char in "0123456789"][:_MOST_DIGITS]


def number(text: str) -> list[str]:
    """What a written number says: ``1,000``, ``3.14``, ``.5``, ``007``; too long → digits."""
    whole, _, decimals = text.replace(",", "").partition(".")
    if (len(whole) > 1 and whole[0] == "0") or len(whole) > 18:
        words = digits(whole)
    else:
        words = cardinal(int(whole or "0"))
    return [*words, "point", *digits(decimals)] if decimals else words


def fraction(above: int, below: int) -> list[str]:
    """1/2 → one half, 3/4 → three quarters, 2/3 → two thirds."""
    if below == 2:
        name = "half" if above == 1 else "halves"
        return [*cardinal(above), name]
    *rest, last = ["quarter"] if below == 4 else ordinal(below)
    return [*cardinal(above), *rest, last if above == 1 else plural(last)]
