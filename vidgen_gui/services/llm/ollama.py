"""What only Ollama has: models that come and go, and a context that each request asks for.

Routes as in Ollama's documentation of its API (`/api/tags`, `/api/show`, `/api/ps`,
`/api/generate` with ``keep_alive``).
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.service import ServiceKind
from vidgen_gui.net.errors import HttpFailure
from vidgen_gui.net.http import HttpClient
from vidgen_gui.services.llm.errors import ModelMissing, StillLoaded
from vidgen_gui.services.llm.info import (
    ServerInfo,
    context_of,
    entries,
    name_of,
    names_of,
    part,
    whole_number,
)
from vidgen_gui.services.llm.probing import Prober
from vidgen_gui.system.patience import patient

DEFAULT_CONTEXT_TOKENS = 4096
"""What we ask for unless the model was made with another; as Ollama itself does."""
KEEP_ALIVE = "10m"
LOAD_S = 300.0
UNLOAD_S = 15.0
ASK_S = 5.0
_POLL_S = 0.1
_NUM_CTX = re.compile(r"^\s*num_ctx\s+(\d{1,9})\s*$", re.MULTILINE)
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class RunningModel:
    """A model in Ollama's memory; sizes in MiB, 0 where it doesn't say."""

    name: str
    size_mib: float
    vram_mib: float
    context_tokens: int | None


def ollama_running(http: HttpClient, cancel: CancelToken) -> tuple[RunningModel, ...]:
    """The models that are in memory now.

    Raises:
        NetError: Ollama doesn't answer as it should.
    """
    return _running(http.get_json("/api/ps", deadline_s=patient(ASK_S), cancel=cancel))


def ollama_load(
    http: HttpClient,
    model: str,
    *,
    context_tokens: int = DEFAULT_CONTEXT_TOKENS,
    deadline_s: float = LOAD_S,
    cancel: CancelToken,
) -> None:
    """Bring ``model`` into memory; returns when it is there.

    Raises:
        ModelMissing: Ollama doesn't have it.
        NetError: it doesn't fit into memory, or Ollama doesn't answer.
    """
    options = {"num_ctx": context_tokens}
    _generate(http, model, {"keep_alive": KEEP_ALIVE, "options": options}, deadline_s, cancel)


def ollama_unload(
    http: HttpClient, model: str, *, deadline_s: float = UNLOAD_S, cancel: CancelToken
) -> None:
    """Take ``model`` out of memory; returns when Ollama no longer lists it.

    Raises:
        StillLoaded: it is still there at the deadline.
        ModelMissing: Ollama doesn't have it.
        NetError: Ollama doesn't answer as it should.
    """
    until = time.monotonic() + deadline_s
    _generate(http, model, {"keep_alive": 0}, deadline_s, cancel)
    while any(_same(one.name, model) for one in ollama_running(http, cancel)):
        if time.monotonic() >= until:
            raise StillLoaded(http.address.url, model)
        cancel.wait(_POLL_S)


def ollama_info(
    tags: list[Mapping[str, Any]], prober: Prober, address: str, wanted: str
) -> ServerInfo:
    """What is known of an Ollama that listed ``tags``.

    Raises:
        ModelMissing: it doesn't have the ``wanted`` model.
    """
    names = names_of(one.get("name") for one in tags if not _embeds(one))
    running = _running(prober.get("/api/ps"))
    model = next((name for name in names if wanted and _same(name, wanted)), "")
    if wanted and not model:
        raise ModelMissing(address, wanted)
    in_memory = [one for one in running if not model or _same(one.name, model)]
    model = model or next((one.name for one in in_memory if one.name in names), "")
    model = model or next(iter(names), "")
    show = prober.post("/api/show", {"model": model}) if model else None
    abilities = part(show, "capabilities")
    return ServerInfo(
        ServiceKind.OLLAMA,
        model=model,
        models=names,
        context_tokens=_context(show, [one for one in in_memory if one.name == model]),
        version=name_of(part(prober.get("/api/version"), "version")),
        loaded=any(one.name == model for one in in_memory),
        thinks=isinstance(abilities, list) and "thinking" in abilities,
    )


def _context(show: Any, running: list[RunningModel]) -> int:
    """The context to ask for: the one it is loaded with, which costs nothing; else its own."""
    for one in running:
        if one.context_tokens:
            return one.context_tokens
    written = part(show, "parameters")
    match = _NUM_CTX.search(written) if isinstance(written, str) else None
    made_with = context_of(int(match[1])) if match else None
    return min(made_with or DEFAULT_CONTEXT_TOKENS, _trained_for(show) or DEFAULT_CONTEXT_TOKENS)


def _trained_for(show: Any) -> int | None:
    facts = part(show, "model_info")
    if not isinstance(facts, dict):
        return None
    sizes = [context_of(size) for key, size in facts.items() if key.endswith(".context_length")]
    return next((size for size in sizes if size is not None), None)


def _running(answer: Any) -> tuple[RunningModel, ...]:
    return tuple(
        RunningModel(
            name_of(one.get("name")),
            (whole_number(one.get("size"), 0, 1 << 50) or 0) / _MIB,
            (whole_number(one.get("size_vram"), 0, 1 << 50) or 0) / _MIB,
            context_of(one.get("context_length")),
        )
        for one in entries(answer, "models") or []
        if name_of(one.get("name"))
    )


def _embeds(tag: Mapping[str, Any]) -> bool:
    return "bert" in name_of(part(tag, "details", "family")).lower()


def _same(name: str, other: str) -> bool:
    """Ollama takes a name without a tag for the one that is tagged "latest"."""
    return name.removesuffix(":latest") == other.removesuffix(":latest")


def _generate(
    http: HttpClient, model: str, options: Mapping[str, Any], deadline_s: float, cancel: CancelToken
) -> None:
    try:
        http.post_json(
            "/api/generate",
            {"model": model, "stream": False, **options},
            deadline_s=deadline_s,
            cancel=cancel,
        )
    except HttpFailure as failure:
        if failure.status == 404:
            raise ModelMissing(http.address.url, model) from failure
        raise
