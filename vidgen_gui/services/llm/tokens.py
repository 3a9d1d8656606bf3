"""How many tokens a text takes at most, for servers that cannot count them.

No tokenizer spends more than one token on a byte: that bound holds for whatever isn't known
better. The discounts were set by counting with eight tokenizers (GPT-2, cl100k, o200k, Llama 2,
Llama 3, Mistral, Qwen 3, Gemma 3); GPT-2 and Llama 2 are the wasteful ones. The texts and counts
are in ``tests/token_samples.json``.
"""

import math

import regex

TEMPLATE_TOKENS_PER_MESSAGE = 20
"""What a chat template adds to a message: role, delimiters; each may be split into letters."""
TEMPLATE_TOKENS = 40
"""What it adds once: the answer's opening, today's date, a system prompt of the model's own."""
_START_TOKENS = 2

_PIECE = regex.compile(
    r"(?P<word>[A-Za-z]+)"
    r"|(?P<alphabetic>[\p{Cyrillic}\p{Greek}\p{Hebrew}\p{Arabic}]+)"
    r"|(?P<syllabic>[\p{Hiragana}\p{Katakana}\p{Devanagari}\p{Thai}]+)"
    r"|(?P<free>[ ](?=[A-Za-z]))"
    r"|(?P<ascii>[\x00-\x7f])"
    r"|(?P<other>[^\x00-\x7f])",
    regex.V1,
)
_CAPITALS = regex.compile(r"[A-Z]")
_VOWELS = regex.compile(r"[aeiouy]", regex.IGNORECASE)


def estimate_tokens(text: str) -> int:
    """An upper bound for ordinary text; about twice what a modern model really needs."""
    tokens = float(_START_TOKENS)
    for match in _PIECE.finditer(text):
        piece, kind = match.group(), match.lastgroup
        if kind == "word":
            tokens += _word_tokens(piece)
        elif kind == "alphabetic":
            tokens += 1.6 * len(piece)
        elif kind == "syllabic":
            tokens += 2.2 * len(piece)
        elif kind == "ascii":
            tokens += 1
        elif kind == "other":
            tokens += len(piece.encode("utf-8", "surrogatepass"))
    return math.ceil(tokens)


def _word_tokens(word: str) -> int:
    """Two letters a token; more for capitals and for what cannot be spoken."""
    length = len(word)
    inner_capitals = len(_CAPITALS.findall(word, 1))
    crowded = length - len(_VOWELS.findall(word)) * 5 // 4
    return min(length, max((length + 1) // 2 + inner_capitals, crowded))
