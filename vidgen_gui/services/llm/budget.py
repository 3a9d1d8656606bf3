"""Makes a prompt fit a model's context: what is shortened first, and what is said about it. Pure.

What the parts mean, and in which order they may suffer, is the caller's business.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import regex

from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.services.llm.errors import ContextExceeded

WARN_FROM = 0.9
"""From this share of the context on, the person is told that it is nearly full."""
ASSUMED_CONTEXT_TOKENS = 4096
"""Where a server doesn't say: what LM Studio and Ollama start a model with by default."""

_SENTENCE_END = regex.compile(
    r"[\p{STerm=Yes}…]+[\"'”’»)\]]*(?=\s|\Z)|(?<=\p{Han}|\p{Hiragana}|\p{Katakana})\p{STerm=Yes}|\n"
)
_WORD_END = regex.compile(r"(?=\s)|(?<=[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}])")
_ELLIPSIS = " …"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a prompt.

    Args:
        order: when it is shortened; lowest first, None never. Parts of one order are shortened
            one after the other as they stand.
        least_tokens: what has to be left of it; with 0 it may be dropped.
    """

    name: str
    text: str
    order: int | None = None
    least_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Fitted:
    """The parts as they may be sent.

    Attributes:
        tokens: what they take, counted part by part.
        fullness: their share of the context, with what was reserved; at most 1.
        shortened: names of the parts that lost something, in the order in which they did.
        notices: what the person is told about it.
    """

    parts: tuple[Part, ...]
    tokens: int
    fullness: float
    shortened: tuple[str, ...] = ()
    notices: tuple[Message, ...] = ()
    texts: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "texts", {part.name: part.text for part in self.parts})


def fit(
    parts: Sequence[Part], room: int, count: Callable[[str], int], *, reserved: int = 0
) -> Fitted:
    """Shorten ``parts`` until they fit.

    Whole sentences go first, from the end of a part; then words; then, at 0 least tokens, all of
    it. A part that is empty costs nothing.

    Args:
        room: the context, in tokens.
        count: how many tokens a text takes (the server's count, or an upper bound).
        reserved: tokens of ``room`` that are spoken for: the answer, the chat template.

    Raises:
        ContextExceeded: even as short as they may be, they don't fit.
    """
    available = room - reserved
    costs = [count(part.text) if part.text else 0 for part in parts]
    fitted = list(parts)
    shortened: list[str] = []
    for index in _victims(parts):
        excess = sum(costs) - available
        if excess <= 0:
            break
        part = parts[index]
        fitted[index] = _shorten(part, max(part.least_tokens, costs[index] - excess), count)
        costs[index] = count(fitted[index].text) if fitted[index].text else 0
        shortened.append(part.name)
    tokens = sum(costs)
    if tokens > available:
        raise ContextExceeded(n_prompt=tokens + reserved, n_ctx=room)
    fullness = (tokens + reserved) / room if room > 0 else 1.0
    return Fitted(
        tuple(fitted), tokens, fullness, tuple(shortened), _notices(fullness, room, shortened)
    )


def _victims(parts: Sequence[Part]) -> list[int]:
    """Indices of what may be shortened, the first to suffer first."""
    ordered = [(part.order, index) for index, part in enumerate(parts) if part.order is not None]
    return [index for _, index in sorted(ordered)]


def _notices(fullness: float, room: int, shortened: Sequence[str]) -> tuple[Message, ...]:
    if shortened:
        return (Message(MessageId.LLM_PROMPT_SHORTENED, {"context_tokens": room}),)
    if fullness >= WARN_FROM:
        percent = min(100, int(fullness * 100))
        return (
            Message(
                MessageId.LLM_CONTEXT_NEARLY_FULL, {"percent": percent, "context_tokens": room}
            ),
        )
    return ()


def _shorten(part: Part, limit: int, count: Callable[[str], int]) -> Part:
    """Cut ``part`` to at most ``limit`` tokens, or to the fewest that may be left of it.

    Words don't end where tokens do: what has to be left may take a word more than ``limit``.
    """
    for pattern, mark in ((_SENTENCE_END, ""), (_WORD_END, _ELLIPSIS)):
        kept = _prefixes(part.text, pattern, mark).longest(limit, count)
        if kept and count(kept) >= part.least_tokens:
            return replace(part, text=kept)
    if part.least_tokens == 0:
        return replace(part, text="")
    least = _prefixes(part.text, _WORD_END, _ELLIPSIS).shortest(part.least_tokens, count)
    return replace(part, text=least) if least and count(least) < count(part.text) else part


def _prefixes(text: str, pattern: "regex.Pattern[str]", mark: str) -> "_Prefixes":
    return _Prefixes(text, sorted({match.end() for match in pattern.finditer(text)} - {0}), mark)


@dataclass(frozen=True, slots=True)
class _Prefixes:
    text: str
    ends: Sequence[int]
    mark: str

    def longest(self, limit: int, count: Callable[[str], int]) -> str:
        """The longest beginning that takes at most ``limit`` tokens; "" when none does."""
        low, high = 0, len(self.ends)
        while low < high:
            middle = (low + high) // 2
            if count(self._at(middle)) <= limit:
                low = middle + 1
            else:
                high = middle
        return self._at(low - 1) if low else ""

    def shortest(self, least: int, count: Callable[[str], int]) -> str:
        """The shortest beginning that takes at least ``least`` tokens; "" when none does."""
        beginnings = map(self._at, range(len(self.ends)))
        return next((kept for kept in beginnings if count(kept) >= least), "")

    def _at(self, index: int) -> str:
        kept = self.text[: self.ends[index]].rstrip()
        return kept if self.ends[index] == len(self.text) else kept + self.mark
