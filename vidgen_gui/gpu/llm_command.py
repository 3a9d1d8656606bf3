"""What a command line of llama-server says about the memory that it takes: pure.

Options as in ``llama-server --help``; a value that is none is read as if it weren't given.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vidgen_gui.gpu.llm_memory import (
    ALL_LAYERS,
    MOST_BATCH,
    MOST_CONTEXT,
    MOST_SLOTS,
    CacheType,
    LlmSettings,
)

_NAMES: Mapping[str, tuple[str, ...]] = {
    "model": ("-m", "--model"),
    "context": ("-c", "--ctx-size"),
    "layers": ("-ngl", "--gpu-layers", "--n-gpu-layers"),
    "slots": ("-np", "--parallel"),
    "batch": ("-ub", "--ubatch-size"),
    "keys": ("-ctk", "--cache-type-k"),
    "values": ("-ctv", "--cache-type-v"),
    "flash": ("-fa", "--flash-attn"),
    "main": ("-mg", "--main-gpu"),
    "device": ("-dev", "--device"),
}
_UNIFIED = frozenset({"-kvu", "--kv-unified"})
_FULL_WINDOW = "--swa-full"
_OFF = frozenset({"off", "0", "false"})
_NUMBERED = re.compile(r"(?:CUDA|ROCm|Vulkan|SYCL)(\d{1,2})", re.IGNORECASE)
_MOST_LAYERS = 10_000
USUAL_CONTEXT_TOKENS = 4096
"""Where no context is asked for: older servers' default; newer ones take what fits."""


@dataclass(frozen=True, slots=True)
class LlmCommand:
    """``model_file`` is as written, from the program's own folder. ``card`` is the card's number.

    ``card`` None: on no card at all.
    """

    model_file: str
    settings: LlmSettings
    card: int | None


def read_command(argv: Sequence[str], env: Mapping[str, str]) -> LlmCommand | None:
    """Read a command line; None when it names no model file."""
    given = _options(argv)
    model = given.get("model", "")
    if not model:
        return None
    layers = _number(given.get("layers"), ALL_LAYERS, 0, _MOST_LAYERS)
    settings = LlmSettings(
        context_tokens=_number(given.get("context"), USUAL_CONTEXT_TOKENS, 1, MOST_CONTEXT),
        gpu_layers=layers,
        key_type=_cache(given.get("keys")),
        value_type=_cache(given.get("values")),
        slots=_number(given.get("slots"), 1, 1, MOST_SLOTS),
        unified=bool(_UNIFIED & set(argv)),
        flash_attention=given.get("flash", "").lower() not in _OFF,
        batch_tokens=_number(given.get("batch"), 512, 1, MOST_BATCH),
        full_window=_FULL_WINDOW in argv,
    )
    card = None if layers == 0 else _card(given, env)
    return LlmCommand(model, settings, card)


def _options(argv: Sequence[str]) -> dict[str, str]:
    """The last value of each known option, given as two words or as one with ``=``."""
    found: dict[str, str] = {}
    for index, word in enumerate(argv):
        name, equals, value = word.partition("=")
        if not equals:
            following = argv[index + 1] if index + 1 < len(argv) else ""
            value = following
        for option, spellings in _NAMES.items():
            if name in spellings:
                found[option] = value
    return found


def _card(given: Mapping[str, str], env: Mapping[str, str]) -> int | None:
    named = given.get("device", "")
    if named.lower() == "none":
        return None
    numbered = _NUMBERED.match(named)
    own = int(numbered[1]) if numbered else _number(given.get("main"), 0, 0, 63)
    seen = [part.strip() for part in env.get("CUDA_VISIBLE_DEVICES", "").split(",")]
    if not any(seen):
        return own
    if seen[0] == "-1":
        return None
    # The program counts only the cards that it may see.
    place = seen[own] if own < len(seen) else seen[0]
    return int(place) if place.isascii() and place.isdigit() else own


def _number(given: str | None, otherwise: int, least: int, most: int) -> int:
    if given is None or not re.fullmatch(r"\d{1,10}", given, re.ASCII):
        return otherwise
    number = int(given)
    return number if least <= number <= most else otherwise


def _cache(given: str | None) -> CacheType:
    try:
        return CacheType((given or "").lower())
    except ValueError:
        return CacheType.F16
