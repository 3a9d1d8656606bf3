"""What a language model takes in memory, by its header."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from gguf_kit import CONTEXTS, QUANTISATIONS, GgufWriter, qwen_7b
from hypothesis import given, settings
from hypothesis import strategies as st

from vidgen_gui.core.memory_range import MemoryRange
from vidgen_gui.gpu.gguf_model import GgufModel, read_model
from vidgen_gui.gpu.llm_log import parse_log
from vidgen_gui.gpu.llm_memory import (
    MOST_CONTEXT,
    CacheType,
    LlmSettings,
    PartKind,
    estimate,
    estimate_unread,
    most_gpu_layers,
    table,
)

GIB = 1024.0


def _model(made: GgufWriter) -> GgufModel:
    with TemporaryDirectory() as folder:
        return read_model(made.write(Path(folder) / "m.gguf"))


@cache
def _qwen(quantisation: str = "Q4_K_M") -> GgufModel:
    return _model(qwen_7b(quantisation))


@cache
def _windowed() -> GgufModel:
    """Layers of every kind: windows, different heads, no own output."""
    made = GgufWriter().add("general.architecture", "str", "gemma3")
    for key, value in {
        "block_count": 12,
        "embedding_length": 640,
        "feed_forward_length": 2048,
        "attention.head_count": 4,
        "attention.head_count_kv": 1,
        "attention.key_length": 256,
        "attention.sliding_window": 512,
    }.items():
        made.add(f"gemma3.{key}", "u32", value)
    made.tensor("token_embd.weight", "Q8_0", 640, 262144)
    for layer in range(12):
        made.tensor(f"blk.{layer}.attn_k.weight", "Q8_0", 640, 256)
        made.tensor(f"blk.{layer}.ffn_up.weight", "Q4_0", 640, 2048 * (1 + layer % 3))
    return _model(made)


SETTINGS = st.builds(
    LlmSettings,
    context_tokens=st.integers(1, 300_000) | st.integers(1, MOST_CONTEXT),
    gpu_layers=st.integers(-1, 40),
    key_type=st.sampled_from(CacheType),
    value_type=st.sampled_from(CacheType),
    slots=st.integers(1, 256),
    unified=st.booleans(),
    flash_attention=st.booleans(),
    batch_tokens=st.integers(1, 65_536),
    full_window=st.booleans(),
    batch_logits=st.none() | st.booleans(),
    card=st.booleans(),
)
MODELS = st.sampled_from([_qwen, _windowed])
"""What makes them: a model is too long to be shown when a property fails."""


@pytest.mark.req("BUG-12", "AUD-46", "BUG-31")
def test_qwen_7b_takes_what_a_real_card_showed() -> None:
    found = estimate(_qwen(), LlmSettings(8192)).device
    assert 5.2 * GIB <= found.likely_mib <= found.high_mib <= 5.8 * GIB
    assert found.low_mib >= 4.7 * GIB


@pytest.mark.req("BUG-12", "AUD-39", "BUG-2")
def test_context_costs_56_kib_a_token_and_not_220_mb_a_thousand() -> None:
    for context in CONTEXTS:
        part = estimate(_qwen(), LlmSettings(context)).part(PartKind.CONTEXT)
        assert part.device == MemoryRange.exact(context * 56 / 1024)
    short = estimate(_qwen("Q2_K"), LlmSettings(131_072)).part(PartKind.CONTEXT)
    assert short == estimate(_qwen("F16"), LlmSettings(131_072)).part(PartKind.CONTEXT)


@pytest.mark.req("BUG-2", "AUD-38", "BUG-45", "BUG-31")
def test_ten_quantisations_and_six_contexts_are_told_apart() -> None:
    models = {name: _qwen(name) for name in QUANTISATIONS}
    text = table(models, CONTEXTS, LlmSettings(8192))
    print(f"\n{text}")  # noqa: T201 — with `-s`, the table of docs/vram.md
    rows = text.splitlines()
    assert len(rows) == 2 + len(QUANTISATIONS)
    assert rows[0] == "| model | 2,048 | 4,096 | 8,192 | 16,384 | 32,768 | 131,072 |"
    likely = [
        [float(cell.split()[0].replace(",", "")) for cell in row.split("|")[2:-1]]
        for row in rows[2:]
    ]
    for row in likely:
        assert row == sorted(row)
    for column in zip(*likely, strict=True):
        assert list(column) == sorted(column)
        assert len(set(column)) == len(column)


def test_what_is_not_on_the_card_is_in_the_computers_memory() -> None:
    model = _qwen()
    for layers in (0, 1, 14, 29):
        found = estimate(model, LlmSettings(8192, gpu_layers=layers))
        weights = found.part(PartKind.WEIGHTS)
        together = weights.device.likely_mib + weights.host.likely_mib
        assert together == pytest.approx(model.weight_bytes / 2**20)
        context = found.part(PartKind.CONTEXT)
        assert context.device.likely_mib + context.host.likely_mib == pytest.approx(448)
        assert (found.offloaded, found.output_offloaded) == (max(0, layers - 1), layers > 0)
    none = estimate(model, LlmSettings(8192, card=False))
    assert none.device == MemoryRange.exact(0)
    # A program made for cards uses one for large batches, even with no layer on it.
    idle = estimate(model, LlmSettings(8192, gpu_layers=0)).device
    assert idle.low_mib == 0 < idle.likely_mib


def test_a_tied_output_is_on_the_card_and_its_table_stays() -> None:
    model = _windowed()
    table_mib = 640 * 262144 / 32 * 34 / 2**20
    weights = estimate(model, LlmSettings(2048)).part(PartKind.WEIGHTS)
    assert weights.host.likely_mib == pytest.approx(table_mib)
    assert weights.device.likely_mib > table_mib
    alone = estimate(model, LlmSettings(2048, card=False)).part(PartKind.WEIGHTS)
    assert alone.host.likely_mib == pytest.approx(model.weight_bytes / 2**20)


@pytest.mark.parametrize(
    ("changed", "cells"),
    [
        ({}, 1024),
        ({"slots": 2}, 2 * 1024),
        ({"slots": 4, "unified": True}, 2560),
        ({"batch_tokens": 256}, 768),
        ({"full_window": True}, 16384),
        ({"context_tokens": 600}, 768),
    ],
)
def test_windows_bound_what_is_remembered(changed: dict[str, int], cells: int) -> None:
    """The cells are those that llama-server logged for Gemma 3 270M with these settings."""
    run = replace(LlmSettings(16384), **changed)
    whole = -(-run.context_tokens // 256) * 256
    part = estimate(_windowed(), run).part(PartKind.CONTEXT).device
    assert part.likely_mib * 2**20 == (10 * cells + 2 * whole) * 512 * 2


def test_a_quantised_context_is_smaller() -> None:
    def context(kind: CacheType) -> float:
        run = LlmSettings(8192, key_type=kind, value_type=kind)
        return estimate(_qwen(), run).part(PartKind.CONTEXT).device.likely_mib

    assert context(CacheType.F32) == 896
    assert context(CacheType.Q8_0) == 448 * 8.5 / 16
    assert context(CacheType.Q4_0) == 448 * 4.5 / 16


def test_without_flash_attention_a_batch_takes_more() -> None:
    def compute(context: int, *, flash: bool) -> float:
        run = LlmSettings(context, flash_attention=flash)
        return estimate(_qwen(), run).part(PartKind.COMPUTE).device.likely_mib

    assert compute(8192, flash=True) == 304
    assert compute(8192, flash=False) > 448
    assert compute(131_072, flash=False) > 7000


def test_newer_servers_keep_scores_for_few_tokens() -> None:
    def compute(*, batch_logits: bool | None) -> MemoryRange:
        run = LlmSettings(8192, batch_logits=batch_logits)
        return estimate(_qwen(), run).part(PartKind.COMPUTE).device

    assert compute(batch_logits=False).high_mib == compute(batch_logits=None).low_mib == 154
    assert compute(batch_logits=True).low_mib == compute(batch_logits=None).high_mib == 304


@pytest.mark.req("AUD-35")
@settings(max_examples=200, deadline=None)
@given(MODELS, SETTINGS)
def test_no_estimate_is_negative_or_overflows(
    made: Callable[[], GgufModel], run: LlmSettings
) -> None:
    model = made()
    found = estimate(model, run)
    for part in (*found.parts, found):
        for amount in (part.device, part.host):
            assert 0 <= amount.low_mib <= amount.likely_mib <= amount.high_mib < math.inf


@settings(max_examples=200, deadline=None)
@given(MODELS, SETTINGS, st.integers(0, 100_000))
def test_more_context_never_takes_less(
    made: Callable[[], GgufModel], run: LlmSettings, more: int
) -> None:
    model = made()
    longer = replace(run, context_tokens=min(MOST_CONTEXT, run.context_tokens + more))
    _never_less(estimate(model, run).device, estimate(model, longer).device)
    _never_less(estimate(model, run).host, estimate(model, longer).host)


@settings(max_examples=200, deadline=None)
@given(MODELS, SETTINGS, st.integers(0, 30))
def test_more_layers_never_take_less_of_the_card(
    made: Callable[[], GgufModel], run: LlmSettings, layers: int
) -> None:
    model = made()
    fewer, more = replace(run, gpu_layers=layers), replace(run, gpu_layers=layers + 1)
    _never_less(estimate(model, fewer).device, estimate(model, more).device)
    _never_less(estimate(model, more).device, estimate(model, replace(run, gpu_layers=-1)).device)


@settings(max_examples=100, deadline=None)
@given(MODELS, SETTINGS, st.floats(0, 100_000), st.floats(0, 100_000))
def test_more_free_memory_never_fits_fewer_layers(
    made: Callable[[], GgufModel], run: LlmSettings, free: float, more: float
) -> None:
    model = made()
    fits = most_gpu_layers(model, run, free)
    assert fits <= most_gpu_layers(model, run, free + more)
    if fits:
        assert estimate(model, replace(run, gpu_layers=fits)).device.high_mib <= free


def test_layers_are_put_on_the_card_while_they_fit() -> None:
    run = LlmSettings(8192)
    assert most_gpu_layers(_qwen(), run, 500) == 0
    assert 10 < most_gpu_layers(_qwen(), run, 4096) < 25
    assert most_gpu_layers(_qwen(), run, 6144) == 29
    assert most_gpu_layers(_qwen(), run, -5) == 0
    assert most_gpu_layers(_qwen(), run, math.nan) == 0


def _never_less(fewer: MemoryRange, more: MemoryRange) -> None:
    # Sums of the same parts in floating point: a byte more or less is no difference.
    byte = 1e-6
    assert fewer.low_mib <= more.low_mib + byte
    assert fewer.likely_mib <= more.likely_mib + byte
    assert fewer.high_mib <= more.high_mib + byte


@pytest.mark.parametrize(
    "bad",
    [
        {"context_tokens": 0},
        {"context_tokens": 10**400},
        {"slots": 0},
        {"slots": 257},
        {"batch_tokens": -1},
        {"batch_tokens": 10**9},
    ],
)
def test_settings_that_no_server_takes_are_refused(bad: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="cannot be run"):
        LlmSettings(**({"context_tokens": 8192} | bad))


def test_absurd_models_are_summed_up_too() -> None:
    made = GgufWriter().add("general.architecture", "str", "llama")
    made.add("llama.block_count", "u32", 4096).add("llama.embedding_length", "u32", 2**31)
    made.add("llama.attention.head_count", "u32", 2**31)
    made.add("llama.attention.key_length", "u32", 2**31)
    made.tensor("token_embd.weight", "F64", 2**22, 2**22)
    found = estimate(_model(made), LlmSettings(MOST_CONTEXT, slots=256, flash_attention=False))
    assert 1e15 < found.device.high_mib < math.inf


@pytest.mark.req("AUD-39")
def test_a_model_that_cannot_be_read_has_a_wide_range() -> None:
    real = estimate(_qwen(), LlmSettings(8192)).device
    guess = estimate_unread(4466, 8192)
    assert guess.low_mib < real.likely_mib < guess.high_mib
    assert guess.high_mib - guess.low_mib > 2 * (real.high_mib - real.low_mib)
    assert estimate_unread(40_000, 8192).low_mib > 36_000
    for bad in (0.0, -1.0, math.nan, math.inf, 1e12):
        with pytest.raises(ValueError, match="no model"):
            estimate_unread(bad, 8192)
    with pytest.raises(ValueError, match="no model"):
        estimate_unread(4466, 0)


@settings(max_examples=200, deadline=None)
@given(st.floats(1, 500_000), st.floats(0, 10_000), st.integers(1, 200_000), st.integers(0, 10_000))
def test_larger_unread_models_take_more(
    weights: float, more: float, context: int, longer: int
) -> None:
    _never_less(
        estimate_unread(weights, context), estimate_unread(weights + more, context + longer)
    )


LOG = """
0.444 I load_tensors:          CPU model buffer size =     0.00 MiB
0.447 I llama_kv_cache:        CPU KV buffer size =     0.00 MiB
0.448 I sched_reserve:        CPU compute buffer size =    21.28 MiB
0.700 I load_tensors:   CPU_Mapped model buffer size =   292.36 MiB
0.701 I load_tensors:        CUDA0 model buffer size =  4168.09 MiB
0.702 I llama_context: n_outputs_max         = 2
0.702 I llama_context: n_outputs_max_per_seq = 1
0.703 I llama_context:  CUDA_Host  output buffer size =     0.58 MiB
0.704 I llama_kv_cache:      CUDA0 KV buffer size =   448.00 MiB
0.705 I llama_context:      CUDA0 compute buffer size =   304.00 MiB
0.706 I llama_context:  CUDA_Host compute buffer size =    23.01 MiB
"""


def test_a_servers_log_says_what_it_took() -> None:
    logged = parse_log(LOG.splitlines())
    assert logged is not None
    assert logged.device_mib == pytest.approx(4168.09 + 448 + 304)
    assert logged.host_mib == pytest.approx(292.36 + 0.58 + 23.01)
    assert logged.outputs == 2
    assert parse_log([]) is None
    assert (
        parse_log(["model buffer size = MiB", "CPU KV buffer size = 1e9 MiB", "x" * 10**6]) is None
    )
    endless = parse_log("CUDA0 KV buffer size = 1 MiB" for _ in range(10_000))
    assert endless is not None
    assert len(endless.buffers) == 256
