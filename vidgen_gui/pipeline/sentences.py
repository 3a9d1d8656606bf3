"""Cutting text of any language into sentences, and sentences into pieces that can be said."""

# ruff: noqa: RUF001 - the signs of other scripts are meant

import regex

from vidgen_gui.core.text import graphemes

_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof st sr jr vs etc no nos vol fig figs p pp ca approx dept est gen gov inc ltd "
    "co corp mt ft rev hon capt col sgt lt jan feb mar apr jun jul aug sep sept oct nov dec mon "
    "tue wed thu fri sat sun e.g i.e a.m p.m u.s u.k u.s.a ph.d b.c a.d z.b d.h u.a bzw usw ggf "
    "vgl nr str evtl inkl mme mlle m av sra srta dña d ud uds ej pág dott sig sig.ra ing ecc"
    " г гг т.е т.д т.п др стр им ул рис".split()
)
_CLOSERS = r"[\"'”’»›)\]}」』】）》〉]*"
_BREAK = regex.compile(
    # Full stops that need no space after them.
    rf"(?<wide>[。！？｡．]+{_CLOSERS})\s*"
    # Full stops of other scripts, and Western ones, before a space.
    rf"|(?<mark>(?:[.!?…؟۔।॥։።៕។။‽⁇⁈⁉]+){_CLOSERS})\s+"
)
_LAST_TOKEN = regex.compile(r"(\S+)$")
_INITIAL = regex.compile(r"^[\"'(“‘«]*\p{Lu}$")
_LIST_NUMBER = regex.compile(r"^[\"'(“‘«]*(?:\d{1,3}|[ivxlcIVXLC]{1,4}|[a-zA-Z])$")
_STARTS_SMALL = regex.compile(r"[\"'(“‘«¿¡]*\p{Ll}")
_SPACELESS = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_CLAUSE_END = regex.compile(r"[,;:，、；：،؛]\s*|\s[–—-]\s|—")
_SPACELESS_SIGNS_PER_WORD = 2.2
"""Letters of an unspaced script that take about as long to say as one English word."""

_LONGEST_WORD = 60
_LETTERS_PER_WORD = 6


def split_sentences(text: str) -> list[str]:
    """Cut one paragraph into sentences; nothing but the white space between them is lost."""
    sentences = []
    start = 0
    for found in _BREAK.finditer(text):
        if found["mark"] is not None and not _ends_sentence(text, start, found):
            continue
        end = found.end("wide") if found["wide"] is not None else found.end("mark")
        sentences.append(text[start:end])
        start = found.end()
    sentences.append(text[start:])
    return [stripped for sentence in sentences if (stripped := sentence.strip())]


def _ends_sentence(text: str, start: int, found: regex.Match[str]) -> bool:
    mark = found["mark"]
    follows_small = _STARTS_SMALL.match(text, found.end()) is not None
    if not mark.startswith("."):
        # "Really?" she asked. "Wait…" he said.
        return not (follows_small and mark[0] in "!?…")
    if mark.startswith("..") or follows_small:
        return not follows_small
    before = _LAST_TOKEN.search(text[start : found.start()])
    if before is None:
        return False
    token = before[1]
    if _INITIAL.match(token) or token.lower().strip("\"'(“‘«") in _ABBREVIATIONS:
        return False
    return not (before.start() == 0 and _LIST_NUMBER.match(token))


def spoken_size(text: str) -> float:
    """About how many English words would take as long to say."""
    unspaced = len(_SPACELESS.findall(text))
    words = (_SPACELESS.sub(" ", text) if unspaced else text).split()
    # What is no word by its length (a key, a run of letters) takes as long as its letters.
    rest = sum(1.0 if len(w) <= _LONGEST_WORD else len(w) / _LETTERS_PER_WORD for w in words)
    return rest + unspaced / _SPACELESS_SIGNS_PER_WORD


def split_long(sentence: str, most: float) -> list[str]:
    """Cut a sentence that is longer than ``most`` (see `spoken_size`) into similar pieces.

    Clause ends are preferred, then spaces; only a run without either is cut inside.
    """
    size = spoken_size(sentence)
    if size <= most:
        return [sentence]
    cut = _best_cut(sentence)
    left, right = sentence[:cut].strip(), sentence[cut:].strip()
    if not left or not right:
        return [sentence]
    return [*split_long(left, most), *split_long(right, most)]


def _best_cut(text: str) -> int:
    middle = len(text) / 2
    for pattern in (_CLAUSE_END, regex.compile(r"\s+")):
        ends = [found.end() for found in pattern.finditer(text)]
        inner = [end for end in ends if 0.2 * len(text) < end < 0.8 * len(text)]
        if inner:
            return min(inner, key=lambda end: abs(end - middle))
    parts = graphemes(text)
    return len("".join(parts[: len(parts) // 2]))
