"""Finds out which language model server answers at an address, and what it can do."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.service import ServiceKind
from vidgen_gui.net.address import ServerAddress
from vidgen_gui.net.http import HttpClient
from vidgen_gui.services.llm.errors import ModelLoading
from vidgen_gui.services.llm.info import (
    ServerInfo,
    context_of,
    entries,
    file_name_of,
    name_of,
    names_of,
    part,
    slots_of,
)
from vidgen_gui.services.llm.ollama import ollama_info
from vidgen_gui.services.llm.probing import Prober
from vidgen_gui.system.patience import patient

DETECT_S = 5.0
HEALTH_S = 2.5
# Where OpenAI-compatible servers put the context of a model: vLLM, LM Studio, others.
_CONTEXT_KEYS = ("loaded_context_length", "max_model_len", "context_length", "context_window")
_WRITES = frozenset({None, "llm", "vlm", "model"})


def check_health(address: ServerAddress, cancel: CancelToken, api_key: str | None = None) -> None:
    """Ask whether a language model could answer now; takes at most `HEALTH_S`.

    Raises:
        ModelLoading: not yet.
        NotLlmServer: something else answers there.
        NetError: nothing answers, or it wants a key.
    """
    with HttpClient(address, api_key=api_key) as http:
        prober = Prober(http, cancel, patient(HEALTH_S))
        # llama-server's own route; others don't have it, or answer it with anything.
        prober.get("/health")
        if entries(prober.get("/v1/models"), "data") is not None:
            return
        if entries(prober.get("/api/tags"), "models") is not None:
            return
        raise prober.unknown()


def detect_server(http: HttpClient, cancel: CancelToken, *, model: str = "") -> ServerInfo:
    """Which server this is, its model and its real context.

    Args:
        model: the one that is wanted; "" takes the one in memory, else the first.

    Raises:
        ModelMissing: Ollama doesn't have ``model``.
        NotLlmServer: something else answers there.
        NetError: nothing answers, or it wants a key.
    """
    prober = Prober(http, cancel, patient(DETECT_S))
    try:
        props = prober.get("/props")
    except ModelLoading:
        return ServerInfo(ServiceKind.LLAMA_SERVER, loading=True, loaded=False)
    if isinstance(part(props, "default_generation_settings"), dict):
        return _llama_info(props, prober, model)
    tags = entries(prober.get("/api/tags"), "models")
    if tags is not None:
        return ollama_info(tags, prober, http.address.url, model)
    models = entries(prober.get("/api/v0/models"), "data") or entries(
        prober.get("/v1/models"), "data"
    )
    if models is None:
        raise prober.unknown()
    return _openai_info(models, model)


def _llama_info(props: Mapping[str, Any], prober: Prober, wanted: str) -> ServerInfo:
    models = entries(prober.get("/v1/models"), "data") or []
    names = tuple(file_name_of(name) for name in names_of(one.get("id") for one in models))
    own = file_name_of(props.get("model_alias")) or file_name_of(props.get("model_path"))
    # Told several models (router mode), it takes the one that a request names.
    model = wanted if wanted in names else (names[0] if names else own)
    info = ServerInfo(
        ServiceKind.LLAMA_SERVER,
        model=model,
        models=names or ((own,) if own else ()),
        context_tokens=context_of(part(props, "default_generation_settings", "n_ctx")),
        slots=slots_of(props.get("total_slots")),
        version=name_of(props.get("build_info")),
    )
    if info.context_tokens is None or info.slots is None:
        info = _ask_slots(info, prober)
    if info.context_tokens is None and models:
        info = replace(info, context_tokens=context_of(part(models[0], "meta", "n_ctx")))
    return info


def _ask_slots(info: ServerInfo, prober: Prober) -> ServerInfo:
    """What /slots knows; a server may be started without it (501)."""
    slots = entries({"slots": prober.get("/slots")}, "slots")
    if not slots:
        return info
    return replace(
        info,
        context_tokens=info.context_tokens or context_of(slots[0].get("n_ctx")),
        slots=info.slots or slots_of(len(slots)),
    )


def _openai_info(listed: list[Mapping[str, Any]], wanted: str) -> ServerInfo:
    models = [one for one in listed if one.get("type") in _WRITES and name_of(one.get("id"))]
    names = names_of(one.get("id") for one in models)
    in_memory = [one for one in models if one.get("state") == "loaded"]
    chosen = [one for one in models if wanted and name_of(one.get("id")) == wanted]
    used = next(iter(chosen or in_memory or models), {})
    contexts = [context_of(used.get(key)) for key in _CONTEXT_KEYS]
    contexts.append(context_of(part(used, "meta", "n_ctx")))
    return ServerInfo(
        ServiceKind.OPENAI,
        model=wanted or name_of(used.get("id")),
        models=names,
        context_tokens=next((one for one in contexts if one is not None), None),
        loaded=used.get("state", "loaded") == "loaded",
    )
