"""Finding keys and passwords in command lines and hiding them wherever text is shown."""

import re
from collections.abc import Iterator, Mapping, Sequence

HIDDEN = "•••"
MIN_SECRET_CHARS = 6
"""Shorter values would blot out ordinary words of a log."""

_SECRET_FLAG = re.compile(r"^--?[\w-]*(?:api[-_]?key|token|secret|password)$|^-hft$", re.IGNORECASE)
_SECRET_VARIABLE = re.compile(r"(?:API_?KEY|TOKEN|SECRET|PASSWORD)$", re.IGNORECASE)
# Keys that a program took from elsewhere and prints: an HTTP header, the usual key prefixes.
_SECRET_TEXT = re.compile(
    r"(?P<before>\bBearer\s+)[\w.~+/=-]{6,}|\b(?:sk-|hf_)[\w-]{16,}", re.IGNORECASE
)


def secrets_in(argv: Sequence[str], env: Mapping[str, str]) -> tuple[str, ...]:
    """Every secret that a command line or an environment holds, longest first.

    llama-server takes several keys as one value with commas, so each counts.
    """
    found = {value for _, value in _flag_values(argv)}
    found |= {value for name, value in env.items() if _SECRET_VARIABLE.search(name)}
    found |= {part for value in found for part in value.split(",")}
    return tuple(
        sorted((one for one in found if len(one) >= MIN_SECRET_CHARS), key=len, reverse=True)
    )


def hide(text: str, secrets: Sequence[str]) -> str:
    """``text`` with each secret, and what looks like one, replaced by dots."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return _SECRET_TEXT.sub(lambda match: (match["before"] or "") + HIDDEN, text)


def shown_command(argv: Sequence[str]) -> tuple[str, ...]:
    """A command line that may be shown: the values of secret options are dots."""
    shown = list(argv)
    for index, value in _flag_values(argv):
        shown[index] = shown[index].removesuffix(value) + HIDDEN
    return tuple(hide(part, ()) for part in shown)


def _flag_values(argv: Sequence[str]) -> Iterator[tuple[int, str]]:
    """(index, value) of each non-empty secret, given as ``--flag value`` or ``--flag=value``."""
    for index, part in enumerate(argv):
        flag, equals, value = part.partition("=")
        if not _SECRET_FLAG.match(flag):
            continue
        if equals and value:
            yield index, value
        elif not equals and index + 1 < len(argv) and argv[index + 1]:
            yield index + 1, argv[index + 1]
