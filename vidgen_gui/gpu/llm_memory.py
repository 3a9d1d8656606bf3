"""How much memory a language model takes in llama-server: pure; nothing is measured here.

The sums follow llama.cpp (read, and checked against what its log says on a CPU, see
``tests/real/test_llm_buffers.py``):

- weights: the tensors' own sizes. Offloading begins with the output layer and goes from the last
  layer to the first; the input table stays in the computer's memory.
- context (KV): cells · (key numbers + value numbers) · bytes, layer by layer. A windowed layer
  has ``min(context, window + batch)`` cells. Cells come in multiples of 256.
- compute buffer: the largest moment of a batch. Attention mask, the widest of (three
  feed-forward rows, three query rows and without flash attention all scores) and five rows of the
  model's width; or the scores of every word in the vocabulary, for each token of a batch in
  programs older than June 2026 (llama.cpp pull request 23861), else for each conversation only.
- scratch on a card: where its matrix product wants 16 bits, a copy of the largest matrix, with
  its input and output, and cuBLAS's own 32 MiB. This appears in no log line.
- the CUDA context: some 250 MiB; 120 to 450 depending on card, driver and libraries.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from vidgen_gui.core.memory_range import MIB, NOTHING, MemoryRange
from vidgen_gui.gpu import ggml_types
from vidgen_gui.gpu.gguf_model import GgufModel, Layer

ALL_LAYERS = -1
CUDA_CONTEXT = MemoryRange(120.0, 250.0, 450.0)
CUBLAS_WORKSPACE_BYTES = 32 * MIB
SLACK = 0.02
"""Buffers are rounded up and aligned; part of the upper figure only."""
CELL_MULTIPLE = 256
MOST_CONTEXT = 1 << 31
MOST_SLOTS = 256
MOST_BATCH = 1 << 16


class CacheType(StrEnum):
    """What the context is kept in: the values of ``--cache-type-k`` and ``-v``."""

    F32 = "f32"
    F16 = "f16"
    BF16 = "bf16"
    Q8_0 = "q8_0"
    Q5_1 = "q5_1"
    Q5_0 = "q5_0"
    IQ4_NL = "iq4_nl"
    Q4_1 = "q4_1"
    Q4_0 = "q4_0"


@dataclass(frozen=True, slots=True)
class LlmSettings:
    """How llama-server runs a model; the defaults are its own.

    Args:
        context_tokens: ``-c``, of all slots together.
        gpu_layers: ``-ngl``; `ALL_LAYERS` or anything above their number is all of them.
        slots: ``-np``. Left to itself a newer server takes 4 and ``unified``.
        unified: ``-kvu``: slots share one context.
        flash_attention: newer servers use it wherever the card can.
        full_window: ``--swa-full``.
        batch_logits: scores are kept for each token of a batch (see above); None: not known.
        card: the program was built for a card and there is one, layers on it or not.
    """

    context_tokens: int
    gpu_layers: int = ALL_LAYERS
    key_type: CacheType = CacheType.F16
    value_type: CacheType = CacheType.F16
    slots: int = 1
    unified: bool = False
    flash_attention: bool = True
    batch_tokens: int = 512
    full_window: bool = False
    batch_logits: bool | None = None
    card: bool = True

    def __post_init__(self) -> None:
        bounds = (
            (self.context_tokens, MOST_CONTEXT),
            (self.slots, MOST_SLOTS),
            (self.batch_tokens, MOST_BATCH),
        )
        if not all(0 < given <= most for given, most in bounds):
            raise ValueError(f"llama-server cannot be run so: {self}")


class PartKind(StrEnum):
    """What memory is for."""

    WEIGHTS = "weights"
    CONTEXT = "context"
    COMPUTE = "compute"
    SCRATCH = "scratch"
    DRIVER = "driver"
    OUTPUT = "output"
    SLACK = "slack"


@dataclass(frozen=True, slots=True)
class MemoryPart:
    """One purpose, on the card (``device``) and in the computer's memory (``host``)."""

    kind: PartKind
    device: MemoryRange = NOTHING
    host: MemoryRange = NOTHING


@dataclass(frozen=True, slots=True)
class LlmEstimate:
    """What a model takes. ``offloaded`` layers are on the card, of ``layers``; the output too."""

    parts: tuple[MemoryPart, ...]
    offloaded: int
    layers: int
    output_offloaded: bool

    @property
    def device(self) -> MemoryRange:
        return sum((part.device for part in self.parts), NOTHING)

    @property
    def host(self) -> MemoryRange:
        """Buffers and mapped weights; not the program itself."""
        return sum((part.host for part in self.parts), NOTHING)

    def part(self, kind: PartKind) -> MemoryPart:
        return next((part for part in self.parts if part.kind is kind), MemoryPart(kind))


def estimate(model: GgufModel, settings: LlmSettings) -> LlmEstimate:
    """What llama-server takes with ``model``, by purpose."""
    split = _split(model, settings)
    parts = [
        _weights(model, split),
        _context(settings, split),
        _compute(model, settings, split),
        _scratch(model, settings, split),
        MemoryPart(PartKind.OUTPUT, host=MemoryRange.exact_bytes(4 * model.vocab * settings.slots)),
    ]
    if settings.card:
        # A program without a card may be what runs when no layer is asked for.
        least = CUDA_CONTEXT.low_mib if split.output else 0.0
        parts.append(MemoryPart(PartKind.DRIVER, device=replace(CUDA_CONTEXT, low_mib=least)))
    slack = MemoryPart(
        PartKind.SLACK,
        device=_at_most(SLACK * sum(part.device.high_mib for part in parts)),
        host=_at_most(SLACK * sum(part.host.high_mib for part in parts)),
    )
    return LlmEstimate((*parts, slack), len(split.on_card), model.layers, split.output)


def most_gpu_layers(model: GgufModel, settings: LlmSettings, available_mib: float) -> int:
    """The largest ``-ngl`` whose upper figure fits; 0 when not even one layer does."""
    low, high = 0, model.layers + 1
    while low < high:
        middle = (low + high + 1) // 2
        needed = estimate(model, replace(settings, gpu_layers=middle)).device
        if needed.high_mib <= available_mib:
            low = middle
        else:
            high = middle - 1
    return low


PROFILES = (
    (1_200.0, MemoryRange(8.0, 32.0, 112.0)),
    (3_500.0, MemoryRange(24.0, 112.0, 384.0)),
    (9_000.0, MemoryRange(48.0, 128.0, 512.0)),
    (20_000.0, MemoryRange(80.0, 192.0, 512.0)),
    (math.inf, MemoryRange(160.0, 320.0, 640.0)),
)
"""For models of up to so many MiB: KiB of context a token in 16 bits.

From the dimensions of public models of that size: Qwen2.5 0.5B has 12, Phi-3-mini 384, Qwen2.5 7B
56, Llama 3 8B 128, Llama 2 7B 512, Gemma 3 27B 496, Llama 3 70B 320.
"""
UNREAD_BUFFERS = MemoryRange(100.0, 450.0, 1_000.0)


def estimate_unread(weights_mib: float, context_tokens: int) -> MemoryRange:
    """On the card, when no file can be read: all that is known is how large the model is.

    Raises:
        ValueError: ``weights_mib`` is no size of a model, or nothing can be remembered.
    """
    if not 0 < weights_mib < MIB or not 0 < context_tokens <= MOST_CONTEXT:
        raise ValueError(f"no model of {weights_mib} MiB with {context_tokens} tokens")
    kib = next(profile for limit, profile in PROFILES if weights_mib <= limit)
    tokens = context_tokens / 1024
    remembered = MemoryRange(kib.low_mib * tokens, kib.likely_mib * tokens, kib.high_mib * tokens)
    # An input table, which stays behind, is up to a tenth of a file.
    weights = MemoryRange(0.9 * weights_mib, weights_mib, weights_mib)
    return weights + remembered + UNREAD_BUFFERS + CUDA_CONTEXT


def table(models: Mapping[str, GgufModel], contexts: Sequence[int], settings: LlmSettings) -> str:
    """Estimates in MiB as a Markdown table: likely, and the range beneath."""
    lines = [
        "| model | " + " | ".join(f"{context:,}" for context in contexts) + " |",
        "|---|" + "---:|" * len(contexts),
    ]
    for name, model in models.items():
        cells = []
        for context in contexts:
            found = estimate(model, replace(settings, context_tokens=context)).device
            cells.append(f"{found.likely_mib:,.0f} ({found.low_mib:,.0f}–{found.high_mib:,.0f})")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class _Split:
    """Which layers are on the card; ``output`` whether the output layer is."""

    on_card: tuple[Layer, ...]
    on_host: tuple[Layer, ...]
    output: bool


def _split(model: GgufModel, settings: LlmSettings) -> _Split:
    wanted = settings.gpu_layers
    if not settings.card:
        wanted = 0
    elif wanted < 0:
        wanted = model.layers + 1
    first = max(0, model.layers + 1 - wanted) if wanted else model.layers
    return _Split(model.layer_facts[first:], model.layer_facts[:first], wanted > 0)


def _weights(model: GgufModel, split: _Split) -> MemoryPart:
    device = sum(layer.weight_bytes for layer in split.on_card)
    host = model.input_bytes + sum(layer.weight_bytes for layer in split.on_host)
    if split.output:
        device += model.output_bytes
    else:
        # An output that is the input table is there already.
        host += model.output_bytes - model.tied_bytes
    return MemoryPart(
        PartKind.WEIGHTS, MemoryRange.exact_bytes(device), MemoryRange.exact_bytes(host)
    )


def _context(settings: LlmSettings, split: _Split) -> MemoryPart:
    def held(layers: Sequence[Layer]) -> MemoryRange:
        return MemoryRange.exact_bytes(sum(_remembered(layer, settings) for layer in layers))

    return MemoryPart(PartKind.CONTEXT, held(split.on_card), held(split.on_host))


def _remembered(layer: Layer, settings: LlmSettings) -> int:
    cells = _cells(settings, layer.window) * _streams(settings)
    keys = _cache_bytes(settings.key_type, layer.key_values)
    values = _cache_bytes(settings.value_type, layer.value_values)
    return cells * (keys + values) + layer.state_bytes * settings.slots


def _cache_bytes(cache: CacheType, numbers: int) -> int:
    kind = ggml_types.named(cache.value.upper())
    return kind.size_bytes(_up(numbers, kind.block_elements))


def _streams(settings: LlmSettings) -> int:
    """Contexts that are kept apart."""
    return 1 if settings.unified else settings.slots


def _cells(settings: LlmSettings, window: int | None) -> int:
    """Tokens that a layer remembers in each stream."""
    whole = _up(_up(settings.context_tokens, CELL_MULTIPLE) // _streams(settings), CELL_MULTIPLE)
    if window is None or settings.full_window:
        return whole
    sharing = settings.slots if settings.unified else 1
    return _up(min(whole, window * sharing + _batch(settings)), CELL_MULTIPLE)


def _batch(settings: LlmSettings) -> int:
    return min(settings.batch_tokens, _up(settings.context_tokens, CELL_MULTIPLE))


def _compute(model: GgufModel, settings: LlmSettings, split: _Split) -> MemoryPart:
    batch = _batch(settings)
    inputs = _mask_bytes(model, settings) + 4 * batch * model.embedding
    few = _busiest_bytes(model, settings, min(settings.slots, batch))
    many = _busiest_bytes(model, settings, batch)
    if settings.batch_logits is False:
        many = few
    elif settings.batch_logits:
        few = many
    needed = MemoryRange(few / MIB, many / MIB, many / MIB)
    if not settings.card:
        return MemoryPart(PartKind.COMPUTE, host=needed)
    # What is not on the card is copied there, matrix by matrix, for large batches.
    lent = max((layer.largest_tensor_bytes for layer in split.on_host), default=0)
    if not split.output:
        table = model.tensors.get("output.weight", model.tensors.get("token_embd.weight"))
        lent = max(lent, table.size_bytes if table is not None else 0)
    device = needed + _between(0.0, lent / MIB)
    if not split.output:
        device = replace(device, low_mib=0.0)
    host = needed if split.on_host else MemoryRange.exact_bytes(inputs)
    return MemoryPart(PartKind.COMPUTE, device, host)


def _busiest_bytes(model: GgufModel, settings: LlmSettings, scored: int) -> int:
    """The moment of a batch that takes the most; ``scored`` tokens get scores for each word."""
    batch, width = _batch(settings), 5 * model.embedding
    queries = 3 * max(model.heads) * max(model.key_length, model.value_length)
    scores = 0
    if not settings.flash_attention:
        scores = 4 * batch * max(model.heads) * _cells(settings, None)
    masks = _mask_bytes(model, settings)
    return max(
        masks + 4 * batch * (3 * model.feed_forward + width),
        masks + 4 * batch * (queries + width) + scores,
        4 * (scored * model.vocab + batch * model.embedding),
    )


def _mask_bytes(model: GgufModel, settings: LlmSettings) -> int:
    cells = _cells(settings, None)
    if any(model.windowed):
        cells += _cells(settings, model.sliding_window)
    return cells * _batch(settings) * (2 if settings.flash_attention else 4)


def _scratch(model: GgufModel, settings: LlmSettings, split: _Split) -> MemoryPart:
    if not split.on_card:
        return MemoryPart(PartKind.SCRATCH)
    batch, most = _batch(settings), 0
    first = model.layers - len(split.on_card)
    for name, tensor in model.tensors.items():
        if not name.startswith("blk.") or len(tensor.shape) < 2:
            continue
        if int(name.split(".", 2)[1]) < first:
            continue
        copied = 2 * tensor.shape[0] * tensor.shape[1] if tensor.type.quantised else 0
        most = max(most, copied + 2 * batch * (tensor.shape[0] + tensor.shape[1]))
    return MemoryPart(PartKind.SCRATCH, device=_between(0.0, (most + CUBLAS_WORKSPACE_BYTES) / MIB))


def _between(low_mib: float, rest_mib: float) -> MemoryRange:
    return MemoryRange(low_mib, rest_mib, rest_mib)


def _at_most(mib: float) -> MemoryRange:
    return MemoryRange(0.0, 0.0, mib)


def _up(number: int, multiple: int) -> int:
    return -(-number // multiple) * multiple
