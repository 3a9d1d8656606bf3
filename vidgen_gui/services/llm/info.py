"""What a language model server says of itself, as values; and what is believed of it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from vidgen_gui.core.service import ServiceKind
from vidgen_gui.core.text import clean_text, truncate

LEAST_CONTEXT_TOKENS = 64
MOST_CONTEXT_TOKENS = 1 << 24
MAX_MODELS = 200
_NAME_CHARS = 200
_MAX_SLOTS = 1024


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """A language model server as it stands.

    Attributes:
        model: the one that answers; "" while it isn't known.
        models: all that it offers, embedding models left out.
        context_tokens: what one request may use, answer included; None where the server doesn't
            say. Of Ollama: what our requests ask for.
        slots: how many requests it works on at a time; None where it doesn't say.
        loading: it is up and its model isn't yet.
        loaded: its model is in memory now.
        thinks: (Ollama) the model writes thoughts unless told not to.
    """

    kind: ServiceKind
    model: str = ""
    models: tuple[str, ...] = ()
    context_tokens: int | None = None
    slots: int | None = None
    version: str = ""
    loading: bool = False
    loaded: bool = True
    thinks: bool = False


def context_of(value: Any) -> int | None:
    """A context size that can be true, else None."""
    return whole_number(value, LEAST_CONTEXT_TOKENS, MOST_CONTEXT_TOKENS)


def slots_of(value: Any) -> int | None:
    """A number of slots that can be true, else None."""
    return whole_number(value, 1, _MAX_SLOTS)


def whole_number(value: Any, low: int, high: int) -> int | None:
    """``value`` if it is a whole number from ``low`` to ``high``."""
    if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
        return value
    return None


def name_of(value: Any) -> str:
    """A model's or version's name, cleaned and of bounded length; "" when it is no text."""
    return truncate(clean_text(value, keep_lines=False), _NAME_CHARS) if _is_short(value) else ""


def _is_short(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 4096


def file_name_of(value: Any) -> str:
    """As `name_of`; llama-server calls a model by its whole path unless told otherwise."""
    name = name_of(value)
    return PurePath(name.replace("\\", "/")).name if name.endswith(".gguf") else name


def names_of(values: Iterable[Any]) -> tuple[str, ...]:
    """The names in ``values``, each once, at most `MAX_MODELS`."""
    names = dict.fromkeys(name for name in map(name_of, values) if name)
    return tuple(names)[:MAX_MODELS]


def entries(value: Any, key: str) -> list[Mapping[str, Any]] | None:
    """The objects in the list ``value[key]``; None when there is no such list."""
    listed = value.get(key) if isinstance(value, dict) else None
    if not isinstance(listed, list):
        return None
    return [entry for entry in listed[: 10 * MAX_MODELS] if isinstance(entry, dict)]


def part(value: Any, *keys: str) -> Any:
    """What is under ``keys``, one inside the other; None where anything is missing."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
