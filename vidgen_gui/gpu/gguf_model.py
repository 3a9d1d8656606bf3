"""A language model's dimensions, as its GGUF file states them; estimates are in `llm_memory`.

Sources: the keys of the GGUF specification; for windows, the defaults that llama.cpp builds in
where a file is silent (``load_arch_hparams`` of each architecture).
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from vidgen_gui.core.messages import MessageId
from vidgen_gui.gpu.gguf_header import (
    GgufFault,
    GgufHeader,
    Tensor,
    UnreadableModel,
    Value,
    read_header,
)

MOST_LAYERS = 4_096
MOST_PARTS = 200
_LARGEST = 1 << 31
"""Above every dimension of a model; what is larger is no dimension."""

WINDOW_PERIODS: Mapping[str, int] = MappingProxyType(
    {
        "afmoe": 4,
        "cohere2": 4,
        "exaone4": 4,
        "gemma2": 2,
        "gemma3": 6,
        "gemma3n": 5,
        "gpt-oss": 2,
        "olmo2": 4,
        "plamo3": 8,
    }
)
"""Of so many layers, all but the last see a window only; for files that don't say it."""

SHARED: Mapping[str, int] = MappingProxyType({"gemma3n": 10})
"""So many of the last layers share the memory of earlier ones; for files that don't say it.

The larger Gemma 3n shares 15: assuming less is never too little memory.
"""

_PART = re.compile(r"-(\d{5})-of-(\d{5})(?=\.gguf$)", re.IGNORECASE)
_LAYER = re.compile(r"^blk\.(\d{1,6})\.")
_RECURRENT = (".ssm_", ".time_mix", ".shortconv")


@dataclass(frozen=True, slots=True)
class Layer:
    """What one layer holds.

    ``key_values`` and ``value_values`` are the numbers that it remembers for each token: heads
    times the length of each (0: it remembers none). ``window`` None: of every token, else of the
    last ones only. ``state_bytes``: of a recurrent layer, for each conversation.
    """

    weight_bytes: int
    largest_tensor_bytes: int
    key_values: int
    value_values: int
    window: int | None
    state_bytes: int


@dataclass(frozen=True)
class GgufModel:
    """The dimensions of a model.

    ``heads``, ``kv_heads`` and ``windowed`` have an entry a layer. ``feed_forward`` is the widest,
    counting the experts that work at once. ``context_train`` 0 and ``vocab`` 0: not stated.
    ``remembering``: so many layers have a memory of their own, the later ones share it.
    ``latent``: one compressed row a token is kept (MLA), its values are a part of its keys.
    ``state_bytes``: what a recurrent layer remembers of a conversation.
    """

    architecture: str
    name: str
    layers: int
    embedding: int
    feed_forward: int
    heads: tuple[int, ...]
    kv_heads: tuple[int, ...]
    key_length: int
    value_length: int
    context_train: int
    sliding_window: int | None
    windowed: tuple[bool, ...]
    vocab: int
    tensors: Mapping[str, Tensor] = field(repr=False)
    window_key_length: int
    window_value_length: int
    remembering: int
    latent: bool
    state_bytes: int
    complete: bool = True

    @cached_property
    def weight_bytes(self) -> int:
        """All tensors together."""
        return sum(tensor.size_bytes for tensor in self.tensors.values())

    @cached_property
    def input_bytes(self) -> int:
        """Tables that llama.cpp keeps in the computer's memory: one row a token is read."""
        return sum(t.size_bytes for name, t in self.tensors.items() if _is_input(name))

    @cached_property
    def output_bytes(self) -> int:
        """What makes words of the last layer; a model without own output uses its input table."""
        own = sum(
            tensor.size_bytes
            for name, tensor in self.tensors.items()
            if not _LAYER.match(name) and not _is_input(name)
        )
        return own + self.tied_bytes

    @cached_property
    def tied_bytes(self) -> int:
        """The input table, where it serves as output too."""
        table = self.tensors.get("token_embd.weight")
        tied = table is not None and "output.weight" not in self.tensors
        return table.size_bytes if table is not None and tied else 0

    @cached_property
    def layer_facts(self) -> tuple[Layer, ...]:
        """What each layer weighs and remembers."""
        named: list[dict[str, Tensor]] = [{} for _ in range(self.layers)]
        for name, tensor in self.tensors.items():
            if found := _LAYER.match(name):
                # Layers past the count (for drafting) are loaded with the last one.
                named[min(int(found[1]), self.layers - 1)][name] = tensor
        return tuple(self._layer(index, tensors) for index, tensors in enumerate(named))

    def _layer(self, index: int, tensors: Mapping[str, Tensor]) -> Layer:
        sizes = [tensor.size_bytes for tensor in tensors.values()]
        recurrent = any(part in name for name in tensors for part in _RECURRENT)
        attends = not recurrent or any(".attn_k." in name for name in tensors)
        heads = self.kv_heads[index] if attends and index < self.remembering else 0
        windowed = self.windowed[index]
        keys = self.window_key_length if windowed else self.key_length
        values = self.window_value_length if windowed else self.value_length
        return Layer(
            weight_bytes=sum(sizes),
            largest_tensor_bytes=max(sizes, default=0),
            key_values=heads * keys,
            value_values=0 if self.latent else heads * values,
            window=self.sliding_window if windowed else None,
            state_bytes=self.state_bytes if recurrent else 0,
        )

    @cached_property
    def fingerprint(self) -> str:
        """The same for two files if all dimensions and types are the same."""
        digest = hashlib.sha256(f"{self.architecture}\n{self.name}\n{self.vocab}".encode())
        for name in sorted(self.tensors):
            tensor = self.tensors[name]
            digest.update(f"\n{name} {tensor.type.name} {tensor.shape}".encode())
        return digest.hexdigest()[:16]


def read_model(path: Path) -> GgufModel:
    """Read a model's dimensions; of a split model all parts, which lie beside each other.

    Raises:
        UnreadableModel: `read_header` failed, a part is missing, or it is no language model.
    """
    header = read_header(path)
    found = _PART.search(path.name)
    parts = _whole(header.values.get("split.count")) or 1
    if parts > 1 and found is not None:
        if parts > MOST_PARTS:
            raise _wrong(path, GgufFault.TOO_LARGE, f"{parts} parts")
        header = _joined(path, parts)
    return model_of(header, path)


def _joined(path: Path, parts: int) -> GgufHeader:
    headers = [
        read_header(path.with_name(_PART.sub(f"-{number:05}-of-{parts:05}", path.name)))
        for number in range(1, parts + 1)
    ]
    tensors = {name: tensor for header in headers for name, tensor in header.tensors.items()}
    return GgufHeader(
        headers[0].version,
        headers[0].values,
        MappingProxyType(tensors),
        sum(header.file_bytes for header in headers),
        complete=all(header.complete for header in headers),
    )


def model_of(header: GgufHeader, path: Path = Path("model.gguf")) -> GgufModel:
    """The dimensions in a header; ``path`` is named in errors only.

    Raises:
        UnreadableModel: it is no language model, or its figures can't be true.
    """
    keys = _Keys(header.values, path)
    layers = keys.number("block_count", 0)
    embedding = keys.number("embedding_length", 0)
    if not 0 < layers <= MOST_LAYERS or not embedding:
        raise _wrong(path, GgufFault.INCONSISTENT, "no language model: layers or width missing")
    heads = keys.per_layer("attention.head_count", (0,) * layers)
    key_length = keys.number("attention.key_length", embedding // max(1, *heads))
    value_length = keys.number("attention.value_length", key_length)
    window = keys.number("attention.sliding_window", 0) or None
    shared = keys.number("attention.shared_kv_layers", SHARED.get(keys.architecture, 0))
    experts = keys.number("expert_used_count", 0)
    return GgufModel(
        architecture=keys.architecture,
        name=str(header.values.get("general.name", "")),
        layers=layers,
        embedding=embedding,
        feed_forward=max(
            *keys.per_layer("feed_forward_length", (0,) * layers),
            keys.number("expert_feed_forward_length", 0) * experts,
        ),
        heads=heads,
        kv_heads=keys.per_layer("attention.head_count_kv", heads),
        key_length=key_length,
        value_length=value_length,
        context_train=keys.number("context_length", 0),
        sliding_window=window,
        windowed=keys.windowed(layers) if window else (False,) * layers,
        vocab=_vocab(header, keys),
        tensors=header.tensors,
        window_key_length=keys.number("attention.key_length_swa", key_length),
        window_value_length=keys.number("attention.value_length_swa", value_length),
        remembering=max(1, layers - shared),
        latent=keys.number("attention.key_length_mla", 0) > 0,
        state_bytes=keys.state_bytes(embedding),
        complete=header.complete,
    )


class _Keys:
    """Looks values up under the architecture's name; what is absurd is refused."""

    def __init__(self, values: Mapping[str, Value], path: Path) -> None:
        architecture = values.get("general.architecture")
        if not isinstance(architecture, str) or not architecture:
            raise _wrong(path, GgufFault.INCONSISTENT, "no architecture")
        self.architecture = architecture
        self._values = values
        self._path = path

    def get(self, key: str) -> Value | None:
        return self._values.get(f"{self.architecture}.{key}")

    def number(self, key: str, default: int) -> int:
        value = self.get(key)
        if isinstance(value, tuple):
            value = max(value, default=0)
        if value is None:
            return default
        whole = _whole(value)
        if whole is None:
            raise _wrong(self._path, GgufFault.INCONSISTENT, f"{key} is {value!r}")
        return whole

    def per_layer(self, key: str, default: tuple[int, ...]) -> tuple[int, ...]:
        """A number for each layer: stated for each, for all of them, or ``default``."""
        value, layers = self.get(key), len(default)
        if not isinstance(value, tuple):
            return default if value is None else (self.number(key, 0),) * layers
        found = tuple(whole for one in value[:layers] if (whole := _whole(one)) is not None)
        if len(found) < layers:
            raise _wrong(self._path, GgufFault.INCONSISTENT, f"{key} has {len(value)} entries")
        return found

    def windowed(self, layers: int) -> tuple[bool, ...]:
        """Which layers see a window only: stated for each, or all but each n-th."""
        stated = self.get("attention.sliding_window_pattern")
        if isinstance(stated, tuple) and stated:
            return tuple(bool(stated[index % len(stated)]) for index in range(layers))
        period = _whole(stated) if stated is not None else None
        if period is None:
            # An unknown architecture is taken to remember everything: that is never too little.
            period = WINDOW_PERIODS.get(self.architecture, 1)
        return tuple(period == 0 or index % period < period - 1 for index in range(layers))

    def state_bytes(self, embedding: int) -> int:
        """What a recurrent layer remembers of a conversation, in 32-bit numbers.

        Source: ``n_embd_r`` and ``n_embd_s`` of llama.cpp's ``llama-hparams.cpp``.
        """
        if head := self.number("wkv.head_size", 0):
            return 4 * embedding * (head + self.number("token_shift_count", 2))
        if reach := self.number("shortconv.l_cache", 0):
            return 4 * embedding * (reach - 1)
        inner, state = self.number("ssm.inner_size", 0), self.number("ssm.state_size", 0)
        reach = max(0, self.number("ssm.conv_kernel", 0) - 1)
        groups = self.number("ssm.group_count", 0)
        return 4 * (reach * (inner + 2 * groups * state) + state * inner)


def _vocab(header: GgufHeader, keys: _Keys) -> int:
    table = header.tensors.get("token_embd.weight")
    if table is not None and len(table.shape) > 1:
        return table.shape[1]
    tokens = header.values.get("tokenizer.ggml.tokens")
    # Only an array that was passed over has a count; a vocabulary of numbers is none.
    return getattr(tokens, "count", 0) or keys.number("vocab_size", 0)


def _whole(value: Value | None) -> int | None:
    if isinstance(value, int) and 0 <= value <= _LARGEST:
        return int(value)
    return None


def _is_input(name: str) -> bool:
    return name.startswith(("token_embd", "token_types", "position_embd", "per_layer_token_embd"))


def _wrong(path: Path, fault: GgufFault, detail: str) -> UnreadableModel:
    return UnreadableModel(path, fault, detail, MessageId.MODEL_FILE_DAMAGED)
