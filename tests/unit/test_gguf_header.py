"""Reading a GGUF header: what is there is found, what is wrong is refused, nothing is believed."""

import os
import struct
import time
from pathlib import Path

import pytest
from busy_machine import in_time
from gguf_kit import GgufWriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vidgen_gui.core.messages import MessageId
from vidgen_gui.gpu.ggml_types import GGML_TYPES, named
from vidgen_gui.gpu.gguf_header import (
    HEADER_LIMIT_BYTES,
    GgufFault,
    GgufHeader,
    Skipped,
    UnreadableModel,
    read_header,
)


def _model(version: int = 3, order: str = "<") -> GgufWriter:
    made = GgufWriter(version, order).add("general.architecture", "str", "llama")
    made.add("llama.block_count", "u32", 2).add("llama.some", "f32", 0.5)
    made.add("llama.flag", "bool", True).add("llama.big", "u64", 1 << 40)
    made.array("llama.heads", "i32", [8, 4])
    made.array("tokenizer.ggml.tokens", "str", ["a", "bc", "", "é" * 300])
    made.array("tokenizer.ggml.scores", "f32", [0.0] * 5000)
    made.tensor("token_embd.weight", "Q4_K", 256, 100)
    return made.tensor("blk.0.attn_q.weight", "F16", 256, 256)


def _fault(path: Path, content: bytes) -> GgufFault | None:
    path.write_bytes(content)
    with pytest.raises(UnreadableModel) as caught:
        read_header(path)
    return caught.value.fault


@pytest.mark.req("BUG-2", "AUD-38")
@pytest.mark.parametrize("version", [1, 2, 3])
def test_every_version_is_read(tmp_path: Path, version: int) -> None:
    header = read_header(_model(version).write(tmp_path / "m.gguf"))
    assert header.version == version
    assert header.values["general.architecture"] == "llama"
    assert header.values["llama.block_count"] == 2
    assert header.values["llama.some"] == 0.5
    assert header.values["llama.flag"] is True
    assert header.values["llama.big"] == 1 << 40
    assert header.values["llama.heads"] == (8, 4)
    assert header.values["tokenizer.ggml.tokens"] == Skipped(4)
    assert header.values["tokenizer.ggml.scores"] == Skipped(5000)
    assert header.tensors["token_embd.weight"].size_bytes == 25600 // 256 * 144
    assert header.tensors["blk.0.attn_q.weight"].shape == (256, 256)
    assert header.tensors["blk.0.attn_q.weight"].size_bytes == 256 * 256 * 2
    assert not header.complete


def test_whether_the_weights_are_all_there_is_said(tmp_path: Path) -> None:
    made = _model()
    start = -(-len(made.to_bytes()) // 32) * 32
    data = 14400 + 256 * 256 * 2
    path = made.write(tmp_path / "m.gguf")
    os.truncate(path, start + data)
    assert read_header(path).complete
    os.truncate(path, start + data - 1)
    assert not read_header(path).complete


def test_a_file_cut_anywhere_is_truncated(tmp_path: Path) -> None:
    content, path = _model().to_bytes(), tmp_path / "m.gguf"
    for length in range(len(content)):
        if length % 7 == 0 or length < 60:
            expected = GgufFault.NOT_GGUF if length < 4 else GgufFault.TRUNCATED
            assert _fault(path, content[:length]) is expected, length


def test_what_is_no_gguf_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    assert _fault(path, b"") is GgufFault.NOT_GGUF
    assert _fault(path, b"PK\x03\x04" * 50) is GgufFault.NOT_GGUF
    assert _fault(path, b"FUGG" + _model().to_bytes()[4:]) is GgufFault.NOT_GGUF


@pytest.mark.parametrize("version", [1, 2, 3])
def test_big_endian_is_named(tmp_path: Path, version: int) -> None:
    content = _model(version, ">").to_bytes()
    assert _fault(tmp_path / "m.gguf", content) is GgufFault.BIG_ENDIAN


@pytest.mark.parametrize("version", [0, 4, 99, 2**32 - 1])
def test_other_versions_are_named(tmp_path: Path, version: int) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(_model(version).to_bytes())
    with pytest.raises(UnreadableModel) as caught:
        read_header(path)
    assert caught.value.fault is GgufFault.VERSION
    assert caught.value.message.id is MessageId.MODEL_FILE_FOREIGN


@pytest.mark.parametrize("count", [65_537, 2**31, 2**63, 2**64 - 1])
def test_absurd_counts_are_refused_before_anything_is_read(tmp_path: Path, count: int) -> None:
    made, path = _model(), tmp_path / "m.gguf"
    made.tensor_count = count
    assert _fault(path, made.to_bytes()) is GgufFault.TOO_LARGE
    made.tensor_count, made.entry_count = None, count
    assert _fault(path, made.to_bytes()) is GgufFault.TOO_LARGE


@pytest.mark.parametrize("length", [10**6, 2**40, 2**63, 2**64 - 1])
def test_absurd_lengths_end_the_reading(tmp_path: Path, length: int) -> None:
    path, huge = tmp_path / "m.gguf", struct.pack("<Q", length)
    text = GgufWriter().raw("general.name", 8, huge + b"x")
    assert _fault(path, text.to_bytes()) is GgufFault.TRUNCATED
    key = b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + huge
    assert _fault(path, key) is GgufFault.TOO_LARGE
    strings = GgufWriter().raw("tokens", 9, struct.pack("<IQ", 8, 3) + huge)
    assert _fault(path, strings.to_bytes()) is GgufFault.TRUNCATED
    numbers = GgufWriter().raw("scores", 9, struct.pack("<I", 6) + huge)
    assert _fault(path, numbers.to_bytes()) in {GgufFault.TRUNCATED, GgufFault.TOO_LARGE}


def test_many_arrays_do_not_add_up_to_for_ever(tmp_path: Path) -> None:
    made = GgufWriter()
    for number in range(20):
        body = struct.pack("<IQ", 0, 1_000_000) + bytes(1_000_000)
        made.raw(f"a{number}", 9, body)
    assert _fault(tmp_path / "m.gguf", made.to_bytes()) is GgufFault.TOO_LARGE


def test_a_header_without_end_is_left(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    length = HEADER_LIMIT_BYTES + 10
    made = GgufWriter().raw("general.name", 8, struct.pack("<Q", length))
    path.write_bytes(made.to_bytes())
    # A hole in the file: on the disk it takes nothing.
    os.truncate(path, length * 2)
    begun = time.perf_counter()
    with pytest.raises(UnreadableModel) as caught:
        read_header(path)
    assert caught.value.fault is GgufFault.TOO_LARGE
    assert in_time(time.perf_counter() - begun, 5.0)


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ((13, b""), GgufFault.INCONSISTENT),
        ((2**32 - 1, b""), GgufFault.INCONSISTENT),
        ((9, struct.pack("<IQ", 9, 1)), GgufFault.INCONSISTENT),
        ((9, struct.pack("<IQ", 77, 1)), GgufFault.INCONSISTENT),
    ],
)
def test_unknown_kinds_are_refused(
    tmp_path: Path, entry: tuple[int, bytes], fault: GgufFault
) -> None:
    made = GgufWriter().raw("some", *entry)
    assert _fault(tmp_path / "m.gguf", made.to_bytes() + bytes(64)) is fault


@pytest.mark.parametrize(
    ("writer", "fault"),
    [
        (GgufWriter().tensor("a", "F32", 1, 1, 1, 1, 1), GgufFault.INCONSISTENT),
        (GgufWriter().tensor("a", "no-such-type", 32), GgufFault.TYPE_UNKNOWN),
        (GgufWriter().tensor("a", "Q4_K", 100), GgufFault.INCONSISTENT),
        (GgufWriter().tensor("a", "F32", 2**40, 2**40), GgufFault.TOO_LARGE),
        (GgufWriter().tensor("a", "F32", 2**63, 0), GgufFault.TOO_LARGE),
        (GgufWriter().tensor("a", "F32", 4).tensor("a", "F32", 4), GgufFault.INCONSISTENT),
        (GgufWriter().add("a", "u32", 1).add("a", "u32", 1), GgufFault.INCONSISTENT),
        (GgufWriter().add(b"\xff\xfe", "u32", 1), GgufFault.INCONSISTENT),
        (GgufWriter().add("general.alignment", "u32", 0), GgufFault.INCONSISTENT),
        (GgufWriter().add("general.alignment", "str", "x"), GgufFault.INCONSISTENT),
    ],
    ids=range(10),
)
def test_contradictions_are_refused(tmp_path: Path, writer: GgufWriter, fault: GgufFault) -> None:
    assert _fault(tmp_path / "m.gguf", writer.to_bytes()) is fault


def test_files_that_cannot_be_opened_are_explained(tmp_path: Path) -> None:
    with pytest.raises(UnreadableModel) as caught:
        read_header(tmp_path / "missing.gguf")
    assert (caught.value.fault, caught.value.message.id) == (None, MessageId.MODEL_FILE_MISSING)
    with pytest.raises(UnreadableModel) as caught:
        read_header(tmp_path)
    assert caught.value.fault is GgufFault.NOT_GGUF


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.gguf")
    with pytest.raises(UnreadableModel):
        read_header(tmp_path / "pipe.gguf")


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_damage_anywhere_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(_model(data.draw(st.sampled_from([1, 2, 3]))).to_bytes()[:1200])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    path = tmp_path / "m.gguf"
    path.write_bytes(content + bytes(data.draw(st.sampled_from([0, 10_000]))))
    try:
        found = read_header(path)
    except UnreadableModel:
        return
    assert isinstance(found, GgufHeader)
    assert all(tensor.size_bytes >= 0 for tensor in found.tensors.values())


@pytest.mark.parametrize(
    ("name", "bits"),
    [
        ("F32", 32),
        ("F16", 16),
        ("BF16", 16),
        ("Q8_0", 8.5),
        ("Q6_K", 6.5625),
        ("Q5_K", 5.5),
        ("Q5_0", 5.5),
        ("Q4_K", 4.5),
        ("Q4_0", 4.5),
        ("IQ4_XS", 4.25),
        ("Q3_K", 3.4375),
        ("IQ3_XXS", 3.0625),
        ("Q2_K", 2.625),
        ("IQ2_XXS", 2.0625),
        ("IQ1_S", 1.5625),
        ("TQ1_0", 1.6875),
        ("MXFP4", 4.25),
    ],
)
def test_a_number_takes_as_many_bits_as_its_type_is_known_for(name: str, bits: float) -> None:
    kind = named(name)
    assert kind.size_bytes(kind.block_elements * 1000) * 8 / (kind.block_elements * 1000) == bits


def test_types_are_named_once() -> None:
    assert len({kind.name for kind in GGML_TYPES.values()}) == len(GGML_TYPES)
