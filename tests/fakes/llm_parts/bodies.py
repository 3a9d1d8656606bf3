"""The JSON of llama-server (as recorded), Ollama and LM Studio (as documented)."""

import json
import secrets
import string
import time
from dataclasses import dataclass, field
from typing import Any

FINGERPRINT = "b0-unknown"
LOADING = {"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}}
NOT_FOUND = {"error": {"message": "File Not Found", "type": "not_found_error", "code": 404}}
NOT_SUPPORTED = {
    "error": {
        "code": 501,
        "message": "This server does not support this endpoint.",
        "type": "not_supported_error",
    }
}
NOW = "2026-11-22T08:00:00.000000000Z"


def error(code: int, message: str, kind: str = "invalid_request_error", **more: Any) -> Any:
    return {"error": {"code": code, "message": message, "type": kind, **more}}


def context_error(n_prompt: int, n_ctx: int) -> Any:
    words = (
        f"request ({n_prompt} tokens) exceeds the available context size ({n_ctx} tokens), "
        "try increasing it"
    )
    return error(400, words, "exceed_context_size_error", n_prompt_tokens=n_prompt, n_ctx=n_ctx)


_SAMPLING = {
    "seed": 4294967295,
    "temperature": 0.8,
    "dynatemp_range": 0.0,
    "dynatemp_exponent": 1.0,
    "top_k": 40,
    "top_p": 0.95,
    "min_p": 0.05,
    "top_n_sigma": -1.0,
    "xtc_probability": 0.0,
    "xtc_threshold": 0.1,
    "typical_p": 1.0,
    "repeat_last_n": 64,
    "repeat_penalty": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
    "dry_multiplier": 0.0,
    "dry_base": 1.75,
    "dry_allowed_length": 2,
    "dry_penalty_last_n": 64,
    "mirostat": 0,
    "mirostat_tau": 5.0,
    "mirostat_eta": 0.1,
    "adaptive_target": -1.0,
    "adaptive_decay": 0.8,
    "max_tokens": -1,
    "n_predict": -1,
    "n_keep": 0,
    "n_discard": 0,
    "ignore_eos": False,
    "stream": False,
    "n_probs": 0,
    "min_keep": 0,
    "chat_format": "Content-only",
    "reasoning_format": "none",
    "reasoning_in_content": False,
    "generation_prompt": "",
    "samplers": ["top_k", "min_p"],
    "speculative.types": "none",
    "timings_per_token": False,
    "post_sampling_probs": False,
    "backend_sampling": False,
    "lora": [],
}
_TEMPLATE_ABILITIES = (
    "object_arguments parallel_tool_calls preserve_reasoning reasoning_effort string_content "
    "system_role tool_calls tools typed_content"
).split()


def props(model: str, n_ctx: Any, slots: int) -> Any:
    return {
        "default_generation_settings": {"params": _SAMPLING, "n_ctx": n_ctx},
        "total_slots": slots,
        "model_alias": model,
        "model_ftype": "Q4_K - Medium",
        "model_path": model,
        "modalities": {"vision": False, "video": False, "audio": False},
        "media_marker": "<__media__>",
        "endpoint_slots": True,
        "endpoint_props": False,
        "endpoint_metrics": True,
        "ui": True,
        "ui_settings": {},
        "chat_template": "{%- for message in messages -%}{{ message.content }}{%- endfor -%}",
        "chat_template_caps": {f"supports_{name}": True for name in _TEMPLATE_ABILITIES},
        "bos_token": "<bos>",
        "eos_token": "<eos>",
        "build_info": FINGERPRINT,
        "is_sleeping": False,
        "cors_proxy_enabled": False,
    }


_COUNTERS = (
    "prompt_tokens_total prompt_tokens_cached_total prompt_seconds_total tokens_predicted_total "
    "tokens_predicted_seconds_total n_decode_total n_tokens_max "
    "spec_decode_num_draft_tokens_total spec_decode_num_accepted_tokens_total "
    "spec_decode_num_drafts_total"
).split()
_GAUGES = (
    "prompt_tokens_seconds predicted_tokens_seconds requests_processing requests_deferred "
    "n_busy_slots_per_decode"
).split()


def metrics() -> bytes:
    kinds = [(name, "counter") for name in _COUNTERS] + [(name, "gauge") for name in _GAUGES]
    return "".join(
        f"# HELP llamacpp:{name} What it counts\n# TYPE llamacpp:{name} {kind}\nllamacpp:{name} 0\n"
        for name, kind in kinds
    ).encode()


def llama_models(model: str, n_ctx: Any) -> Any:
    details = {"parent_model": "", "format": "gguf", "family": "", "families": [""]}
    details |= {"parameter_size": "", "quantization_level": ""}
    listed = {"name": model, "model": model, "modified_at": "", "size": "", "digest": ""}
    listed |= {"type": "model", "description": "", "tags": [""]}
    listed |= {"capabilities": ["completion"], "parameters": "", "details": details}
    meta = {"vocab_type": 1, "n_vocab": 262144, "n_ctx": n_ctx, "n_ctx_train": 32768}
    meta |= {"n_embd": 640, "n_params": 268098176, "size": 246587904, "ftype": "Q4_K - Medium"}
    data = {"id": model, "aliases": [model], "tags": [], "object": "model"}
    data |= {"architecture": {"input_modalities": ["text"], "output_modalities": ["text"]}}
    data |= {"created": 1795320340, "owned_by": "llamacpp", "meta": meta}
    return {"models": [listed], "object": "list", "data": [data]}


def openai_models(models: list[str], owner: str = "organization_owner") -> Any:
    data = [
        {"id": model, "object": "model", "created": 1795320340, "owned_by": owner}
        for model in models
    ]
    return {"object": "list", "data": data}


def lm_studio_models(models: list[str], n_ctx: Any) -> Any:
    data = [
        {
            "id": model,
            "object": "model",
            "type": "llm",
            "publisher": "lmstudio-community",
            "arch": "qwen2",
            "compatibility_type": "gguf",
            "quantization": "Q4_K_M",
            "state": "loaded" if index == 0 else "not-loaded",
            "max_context_length": 32768,
            **({"loaded_context_length": n_ctx} if index == 0 else {}),
        }
        for index, model in enumerate(models)
    ]
    embedder = {"id": "text-embedding-nomic", "object": "model", "type": "embeddings"}
    return {"object": "list", "data": [*data, embedder | {"state": "not-loaded"}]}


def ollama_tags(models: list[str]) -> Any:
    details = {"parent_model": "", "format": "gguf", "family": "qwen2", "families": ["qwen2"]}
    details |= {"parameter_size": "7.6B", "quantization_level": "Q4_K_M"}
    listed = [
        {
            "name": model,
            "model": model,
            "modified_at": NOW,
            "size": 4683087332,
            "digest": "845dbda0ea48",
            "details": details,
        }
        for model in models
    ]
    embedder = {"name": "nomic-embed-text:latest", "model": "nomic-embed-text:latest"}
    embedder |= {"details": details | {"family": "nomic-bert", "families": ["nomic-bert"]}}
    return {"models": [*listed, embedder]}


def ollama_running(model: str, n_ctx: int) -> Any:
    return {
        "name": model,
        "model": model,
        "size": 5_500_000_000,
        "digest": "845dbda0ea48",
        "details": {"format": "gguf", "family": "qwen2"},
        "expires_at": NOW,
        "size_vram": 5_000_000_000,
        "context_length": n_ctx,
    }


def ollama_show(n_ctx_train: Any, parameters: str, *, thinks: bool) -> Any:
    return {
        "modelfile": "FROM qwen2.5",
        "parameters": parameters,
        "template": "{{ .Prompt }}",
        "details": {"format": "gguf", "family": "qwen2", "parameter_size": "7.6B"},
        "model_info": {
            "general.architecture": "qwen2",
            "qwen2.block_count": 28,
            "qwen2.attention.head_count_kv": 4,
            "qwen2.context_length": n_ctx_train,
        },
        "capabilities": ["completion", "tools", *(["thinking"] if thinks else [])],
    }


@dataclass
class Completion:
    """One answer under way, in the shapes that the recordings have."""

    model: str
    n_prompt: int
    n_cached: int = 0
    n_written: int = 0
    timed: bool = True
    started: float = field(default_factory=time.monotonic)
    created: int = field(default_factory=lambda: int(time.time()))
    id: str = field(
        default_factory=lambda: (
            "chatcmpl-" + "".join(secrets.choice(string.ascii_letters) for _ in range(32))
        )
    )

    def whole(self, text: str, finish: str) -> Any:
        message = {"role": "assistant", "content": text}
        return {
            "choices": [{"finish_reason": finish, "index": 0, "message": message}],
            "created": self.created,
            "model": self.model,
            "system_fingerprint": FINGERPRINT,
            "object": "chat.completion",
            "usage": self.usage(),
            "id": self.id,
            **self.timings(),
        }

    def chunk(self, delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"finish_reason": finish, "index": 0, "delta": delta}
        return self.event(self._chunk([choice]))

    def last_chunk(self) -> bytes:
        return self.event(self._chunk([]) | {"usage": self.usage()} | self.timings())

    @staticmethod
    def event(value: Any) -> bytes:
        return f"data: {value if isinstance(value, str) else json.dumps(value)}\n\n".encode()

    def _chunk(self, choices: list[Any]) -> dict[str, Any]:
        return {
            "choices": choices,
            "created": self.created,
            "id": self.id,
            "model": self.model,
            "system_fingerprint": FINGERPRINT,
            "object": "chat.completion.chunk",
        }

    def usage(self) -> Any:
        return {
            "completion_tokens": self.n_written,
            "prompt_tokens": self.n_prompt,
            "total_tokens": self.n_prompt + self.n_written,
            "prompt_tokens_details": {"cached_tokens": self.n_cached},
        }

    def timings(self) -> Any:
        if not self.timed:
            return {}
        spent_ms = max(0.001, (time.monotonic() - self.started) * 1000)
        n_read = self.n_prompt - self.n_cached
        timings = {
            "cache_n": self.n_cached,
            "prompt_n": n_read,
            "prompt_ms": spent_ms / 2,
            "prompt_per_token_ms": spent_ms / 2 / max(1, n_read),
            "prompt_per_second": n_read / spent_ms * 2000,
            "predicted_n": self.n_written,
            "predicted_ms": spent_ms / 2,
            "predicted_per_token_ms": spent_ms / 2 / max(1, self.n_written),
            "predicted_per_second": self.n_written / spent_ms * 2000,
        }
        return {"timings": timings}

    def ollama(self, text: str, finish: str | None = None) -> bytes:
        line: dict[str, Any] = {"model": self.model, "created_at": NOW}
        line |= {"message": {"role": "assistant", "content": text}, "done": finish is not None}
        if finish is not None:
            spent_ns = int((time.monotonic() - self.started) * 1e9) + 1
            line |= {"done_reason": finish, "total_duration": spent_ns, "load_duration": 0}
            line |= {"prompt_eval_count": self.n_prompt, "prompt_eval_duration": spent_ns // 2}
            line |= {"eval_count": self.n_written, "eval_duration": spent_ns // 2}
        return json.dumps(line).encode() + b"\n"
