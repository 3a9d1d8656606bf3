"""Writing GGUF headers for tests: only what stands before the weights, and known models."""

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vidgen_gui.gpu.ggml_types import GGML_TYPES, TYPE_NUMBERS

_CODES = {"u8": 0, "i8": 1, "u16": 2, "i16": 3, "u32": 4, "i32": 5, "f32": 6, "bool": 7}
_CODES |= {"str": 8, "array": 9, "u64": 10, "i64": 11, "f64": 12}
_PACK = {"u8": "B", "i8": "b", "u16": "H", "i16": "h", "u32": "I", "i32": "i", "f32": "f"}
_PACK |= {"bool": "?", "u64": "Q", "i64": "q", "f64": "d"}


class GgufWriter:
    """Collects a header; `to_bytes` gives it in any version and byte order."""

    def __init__(self, version: int = 3, order: str = "<") -> None:
        self.version, self.order = version, order
        self.entries: list[bytes] = []
        self.tensors: list[tuple[str, Sequence[int], str]] = []
        self.tensor_count: int | None = None
        self.entry_count: int | None = None

    def pack(self, code: str, value: Any) -> bytes:
        return struct.pack(self.order + code, value)

    def length(self, value: int) -> bytes:
        return self.pack("I" if self.version == 1 else "Q", value)

    def text(self, value: str | bytes) -> bytes:
        raw = value.encode() if isinstance(value, str) else value
        return self.length(len(raw)) + raw

    def add(self, key: str | bytes, kind: str, value: Any) -> "GgufWriter":
        body = self.text(value) if kind == "str" else self.pack(_PACK[kind], value)
        return self.raw(key, _CODES[kind], body)

    def raw(self, key: str | bytes, kind: int, body: bytes) -> "GgufWriter":
        self.entries.append(self.text(key) + self.pack("I", kind) + body)
        return self

    def array(self, key: str, kind: str, values: Sequence[Any]) -> "GgufWriter":
        body = self.pack("I", _CODES[kind]) + self.length(len(values))
        for value in values:
            body += self.text(value) if kind == "str" else self.pack(_PACK[kind], value)
        return self.raw(key, _CODES["array"], body)

    def tensor(self, name: str, kind: str, *shape: int) -> "GgufWriter":
        self.tensors.append((name, shape, kind))
        return self

    def to_bytes(self) -> bytes:
        tensors = len(self.tensors) if self.tensor_count is None else self.tensor_count
        entries = len(self.entries) if self.entry_count is None else self.entry_count
        parts = [b"GGUF", self.pack("I", self.version), self.length(tensors), self.length(entries)]
        parts += self.entries
        offset = 0
        for name, shape, kind in self.tensors:
            number = TYPE_NUMBERS.get(kind, 999)
            parts += [self.text(name), self.pack("I", len(shape))]
            parts += [self.length(size) for size in shape]
            parts += [self.pack("I", number), self.pack("Q", offset)]
            if number in GGML_TYPES:
                elements = 1
                for size in shape:
                    elements *= size
                offset += -(-GGML_TYPES[number].size_bytes(elements) // 32) * 32
        return b"".join(parts)

    def write(self, path: Path) -> Path:
        path.write_bytes(self.to_bytes())
        return path


LAYERS = 28
"""Of Qwen2.5-7B-Instruct, whose other public dimensions stand in `qwen_7b`."""


def _more(layer: int) -> bool:
    """The layers that llama-quantize gives more bits in its M mixes."""
    eighth = LAYERS // 8
    return layer < eighth or layer >= 7 * LAYERS // 8 or (layer - eighth) % 3 == 2


def _mix(name: str, layer: int) -> Mapping[str, str]:
    """The types of a layer's tensors, by llama-quantize's rules for a model with GQA of 7."""
    more, first = _more(layer), layer < LAYERS // 8
    if name == "Q2_K":
        return {"attn_v": "Q4_K", "attn_output": "Q3_K", "ffn_down": "Q3_K"}
    if name == "Q3_K_M":
        down = "Q5_K" if layer < LAYERS // 16 else "Q4_K"
        value = "Q5_K" if layer < 2 else "Q4_K"
        return {"attn_v": value, "attn_output": "Q4_K", "ffn_down": down}
    if name == "Q4_K_S":
        return {
            "attn_v": "Q5_K" if layer < 4 else "Q4_K",
            "ffn_down": "Q5_K" if first else "Q4_K",
        }
    if name in {"Q4_K_M", "Q5_K_M"} and more:
        return {"attn_v": "Q6_K", "ffn_down": "Q6_K"}
    return {}


QUANTISATIONS = {
    "Q2_K": 3.02,
    "Q3_K_M": 3.81,
    "Q4_0": 4.44,
    "Q4_K_S": 4.46,
    "Q4_K_M": 4.68,
    "Q5_0": 5.32,
    "Q5_K_M": 5.44,
    "Q6_K": 6.25,
    "Q8_0": 8.10,
    "F16": 15.24,
}
"""The file's size in 10⁹ bytes, as published for Qwen2.5-7B-Instruct."""
CONTEXTS = (2048, 4096, 8192, 16384, 32768, 131072)


def qwen_7b(quantisation: str) -> GgufWriter:
    """Qwen2.5-7B-Instruct in one of `QUANTISATIONS`, from its public dimensions."""
    base = {"Q3_K_M": "Q3_K", "Q4_K_S": "Q4_K", "Q4_K_M": "Q4_K", "Q5_K_M": "Q5_K"}
    main = base.get(quantisation, quantisation)
    output = main if quantisation in {"Q8_0", "F16"} else "Q6_K"
    made = GgufWriter().add("general.architecture", "str", "qwen2")
    made.add("general.name", "str", "Qwen2.5 7B Instruct")
    for key, value in {
        "block_count": LAYERS,
        "context_length": 32768,
        "embedding_length": 3584,
        "feed_forward_length": 18944,
        "attention.head_count": 28,
        "attention.head_count_kv": 4,
    }.items():
        made.add(f"qwen2.{key}", "u32", value)
    made.tensor("token_embd.weight", main, 3584, 152064)
    for layer in range(LAYERS):
        _qwen_layer(made, layer, main, _mix(quantisation, layer))
    made.tensor("output_norm.weight", "F32", 3584)
    return made.tensor("output.weight", output, 3584, 152064)


def _qwen_layer(made: GgufWriter, layer: int, main: str, mix: Mapping[str, str]) -> None:
    shapes = {
        "attn_q": (3584, 3584),
        "attn_k": (3584, 512),
        "attn_v": (3584, 512),
        "attn_output": (3584, 3584),
        "ffn_gate": (3584, 18944),
        "ffn_up": (3584, 18944),
        "ffn_down": (18944, 3584),
    }
    for name, shape in shapes.items():
        made.tensor(f"blk.{layer}.{name}.weight", mix.get(name, main), *shape)
    for name, width in {"attn_q": 3584, "attn_k": 512, "attn_v": 512}.items():
        made.tensor(f"blk.{layer}.{name}.bias", "F32", width)
    for name in ("attn_norm", "ffn_norm"):
        made.tensor(f"blk.{layer}.{name}.weight", "F32", 3584)
