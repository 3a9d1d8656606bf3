"""What a header says about a model's layers."""

from pathlib import Path

import pytest
from gguf_kit import QUANTISATIONS, GgufWriter, qwen_7b

from vidgen_gui.gpu.gguf_header import GgufFault, UnreadableModel, read_header
from vidgen_gui.gpu.gguf_model import GgufModel, model_of, read_model


def _small(architecture: str = "llama", layers: int = 6, **numbers: int) -> GgufWriter:
    made = GgufWriter().add("general.architecture", "str", architecture)
    values = {
        "block_count": layers,
        "embedding_length": 512,
        "attention__head_count": 8,
        "feed_forward_length": 1024,
    }
    for key, value in (values | numbers).items():
        made.add(f"{architecture}.{key.replace('__', '.')}", "u32", value)
    made.tensor("token_embd.weight", "F16", 512, 1000)
    for layer in range(layers):
        made.tensor(f"blk.{layer}.attn_k.weight", "F16", 512, 512)
    return made


def _read(made: GgufWriter, folder: Path) -> GgufModel:
    return read_model(made.write(folder / "m.gguf"))


@pytest.mark.req("BUG-2", "BUG-12")
@pytest.mark.parametrize("quantisation", QUANTISATIONS)
def test_a_known_models_weights_have_their_published_size(
    tmp_path: Path, quantisation: str
) -> None:
    model = _read(qwen_7b(quantisation), tmp_path)
    assert model.weight_bytes / 1e9 == pytest.approx(QUANTISATIONS[quantisation], rel=0.005)


def test_the_dimensions_of_a_known_model(tmp_path: Path) -> None:
    model = _read(qwen_7b("Q4_K_M"), tmp_path)
    assert (model.architecture, model.name) == ("qwen2", "Qwen2.5 7B Instruct")
    assert (model.layers, model.embedding, model.vocab) == (28, 3584, 152064)
    assert (model.heads[0], model.kv_heads[27]) == (28, 4)
    assert (model.key_length, model.value_length, model.feed_forward) == (128, 128, 18944)
    assert (model.context_train, model.sliding_window) == (32768, None)
    # llama.cpp logs 292.36 MiB for the processor and 4168.09 for the card.
    assert model.input_bytes / 2**20 == pytest.approx(292.36, abs=0.01)
    card = model.output_bytes + sum(layer.weight_bytes for layer in model.layer_facts)
    assert card / 2**20 == pytest.approx(4168.09, abs=0.01)


def test_what_is_not_stated_follows_from_the_rest(tmp_path: Path) -> None:
    model = _read(_small(), tmp_path)
    assert (model.key_length, model.value_length) == (64, 64)
    assert model.kv_heads == (8,) * 6
    assert model.vocab == 1000
    assert model.tied_bytes == 512 * 1000 * 2
    assert model.windowed == (False,) * 6
    assert [layer.key_values for layer in model.layer_facts] == [512] * 6


def test_layers_may_differ(tmp_path: Path) -> None:
    made = _small(layers=3)
    made.array("llama.attention.head_count_kv", "i32", [8, 0, 2])
    made.array("llama.feed_forward_length.x", "i32", [1])
    model = _read(made, tmp_path)
    assert [layer.key_values for layer in model.layer_facts] == [512, 0, 128]
    short = _small(layers=3).array("llama.attention.head_count_kv", "i32", [8, 0])
    with pytest.raises(UnreadableModel):
        _read(short, tmp_path)


@pytest.mark.parametrize(
    ("architecture", "full"),
    [("gemma3", [5]), ("gemma2", [1, 3, 5]), ("cohere2", [3]), ("llama", range(6))],
)
def test_architectures_have_windows_of_their_own(
    tmp_path: Path, architecture: str, full: list[int]
) -> None:
    model = _read(_small(architecture, attention__sliding_window=512), tmp_path)
    assert [index for index, one in enumerate(model.windowed) if not one] == list(full)
    assert {layer.window for layer in model.layer_facts} <= {None, 512}


def test_a_stated_pattern_of_windows_is_followed(tmp_path: Path) -> None:
    stated = _small(attention__sliding_window=512, attention__key_length_swa=32)
    stated.array("llama.attention.sliding_window_pattern", "bool", [True, False])
    model = _read(stated, tmp_path)
    assert model.windowed == (True, False) * 3
    assert [layer.key_values for layer in model.layer_facts][:2] == [8 * 32, 8 * 64]
    period = _small(attention__sliding_window=512, attention__sliding_window_pattern=3)
    assert _read(period, tmp_path).windowed == (True, True, False) * 2
    every = _small(attention__sliding_window=512, attention__sliding_window_pattern=0)
    assert all(_read(every, tmp_path).windowed)


def test_recurrent_layers_remember_a_state_only(tmp_path: Path) -> None:
    made = _small(
        "mixed",
        layers=2,
        ssm__inner_size=1024,
        ssm__state_size=16,
        ssm__conv_kernel=4,
        ssm__group_count=1,
    )
    made.tensor("blk.2.ssm_a", "F32", 16).tensor("blk.0.ssm_a", "F32", 16)
    made.tensors = [one for one in made.tensors if one[0] != "blk.1.attn_k.weight"]
    made.tensor("blk.1.ssm_in.weight", "F16", 512, 16)
    both, alone = _read(made, tmp_path).layer_facts
    assert (both.key_values, alone.key_values, alone.value_values) == (512, 0, 0)
    assert alone.state_bytes == 4 * (3 * (1024 + 32) + 16 * 1024)


def test_shared_and_compressed_memory(tmp_path: Path) -> None:
    shared = _read(_small(attention__shared_kv_layers=4), tmp_path)
    assert [layer.key_values for layer in shared.layer_facts] == [512, 512, 0, 0, 0, 0]
    latent = _small(
        attention__key_length=576, attention__value_length=512, attention__key_length_mla=192
    )
    (layer, *_) = _read(latent, tmp_path).layer_facts
    assert (layer.key_values, layer.value_values) == (8 * 576, 0)


def test_all_parts_of_a_split_model_are_read(tmp_path: Path) -> None:
    whole = qwen_7b("Q8_0")
    first, second = qwen_7b("Q8_0"), GgufWriter()
    for made in (first, second):
        made.add("split.count", "u16", 2)
    first.tensors, second.tensors = whole.tensors[:100], whole.tensors[100:]
    path = first.write(tmp_path / "qwen-00001-of-00002.gguf")
    with pytest.raises(UnreadableModel):
        read_model(path)
    second.write(tmp_path / "qwen-00002-of-00002.gguf")
    assert read_model(path).weight_bytes == _read(whole, tmp_path).weight_bytes


@pytest.mark.parametrize(
    "numbers",
    [
        {"block_count": 0},
        {"block_count": 100_000},
        {"embedding_length": 0},
        {"attention__head_count": 2**32 - 1},
        {"attention__key_length": 2**32 - 1},
    ],
)
def test_figures_that_cannot_be_true_are_refused(tmp_path: Path, numbers: dict[str, int]) -> None:
    layers = numbers.pop("block_count", 6)
    made = _small(layers=1, **numbers)
    made.entries[1] = GgufWriter().add("llama.block_count", "u32", layers).entries[0]
    with pytest.raises(UnreadableModel) as caught:
        _read(made, tmp_path)
    assert caught.value.fault is GgufFault.INCONSISTENT


def test_other_files_are_no_language_model(tmp_path: Path) -> None:
    header = read_header(GgufWriter().tensor("a", "F32", 1).write(tmp_path / "m.gguf"))
    with pytest.raises(UnreadableModel):
        model_of(header)
    negative = GgufWriter().add("general.architecture", "str", "x").add("x.block_count", "i32", -5)
    with pytest.raises(UnreadableModel):
        _read(negative, tmp_path)


def test_another_file_has_another_fingerprint(tmp_path: Path) -> None:
    one, other = _read(qwen_7b("Q4_0"), tmp_path), _read(qwen_7b("Q4_K_M"), tmp_path)
    assert one.fingerprint == _read(qwen_7b("Q4_0"), tmp_path).fingerprint != other.fingerprint
