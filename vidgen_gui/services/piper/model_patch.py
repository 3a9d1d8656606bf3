"""Making a voice tell its timings, and the same text sound the same twice.

A patched copy of the model lies in the app's data folder, made once. Two things differ from
the original: the length of each phoneme is an output, and the random numbers that make the
speech lively come in as an input (ONNX's own cannot be seeded for each run).
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from vidgen_gui.core.errors import ProgramError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.services.piper.runtime import add_alignment_output
from vidgen_gui.services.piper.voices import Voice, broken, check_hash, sha256_of, voices_dir
from vidgen_gui.system.files import atomic_write_bytes, atomic_write_text
from vidgen_gui.system.lock import FileLock

NOISE_INPUT = "vidgen_noise"
"""A vector of normal random numbers; where a node needs more than it holds, it is used again."""
_PATCH_VERSION = 1
_LOCK_TIMEOUT_S = 60.0
_OFFSET_BETWEEN_NODES = 4099


def patched_model(voice: Voice, data_dir: Path) -> Path:
    """The patched copy of a voice's model; made now if it is missing, outdated or damaged.

    Safe when two processes ask at once. Reads the whole copy (63 MB) to check it.

    Raises:
        MediaError: the voice's own files are missing or damaged (VOICE_BROKEN).
        StorageError: the data folder takes no files.
        ProgramError: another process has held the lock for a minute.
    """
    folder = voices_dir(data_dir) / "patched"
    target = folder / f"{voice.name}.onnx"
    if _is_good(target, voice):
        return target
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / f"{voice.name}.lock").held(_LOCK_TIMEOUT_S):
            if not _is_good(target, voice):
                _sweep(target)
                _make(target, voice)
    except TimeoutError as error:
        raise ProgramError(
            MessageId.PROGRAM_HANGS, program="voice", after_s=round(_LOCK_TIMEOUT_S)
        ) from error
    return target


def _record(target: Path) -> Path:
    return target.with_suffix(".json")


def _source_mark(voice: Voice) -> list[Any]:
    """What tells, without reading 63 MB, whether the voice's own file has been replaced."""
    try:
        status = voice.model.stat()
    except OSError as error:
        raise broken(voice.name, f"{voice.model}: {error}") from error
    return [voice.sha256 or status.st_mtime_ns, status.st_size]


def _is_good(target: Path, voice: Voice) -> bool:
    try:
        record = json.loads(_record(target).read_text("utf-8"))
        expected = {"version": _PATCH_VERSION, "source": _source_mark(voice)}
        known = {key: record.get(key) for key in expected}
        return known == expected and sha256_of(target) == record.get("sha256")
    except (OSError, ValueError, AttributeError):
        return False


def _sweep(target: Path) -> None:
    """Remove what a kill left of an earlier making (63 MB); the caller holds the lock."""
    for leftover in target.parent.glob(f".{target.stem}.*.tmp"):
        leftover.unlink(missing_ok=True)


def _make(target: Path, voice: Voice) -> None:
    check_hash(voice)
    source = _source_mark(voice)
    try:
        data = _patch(voice.model)
    except OSError as error:
        raise broken(voice.name, f"{voice.model}: {error}") from error
    atomic_write_bytes(target, data)
    record = {
        "version": _PATCH_VERSION,
        "source": source,
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    atomic_write_text(_record(target), json.dumps(record))


def _patch(path: Path) -> bytes:
    # onnx takes 60 MB and half a second; it is needed here only, once in a voice's life.
    import onnx  # noqa: PLC0415
    from google.protobuf.message import DecodeError  # noqa: PLC0415

    try:
        model = onnx.load(str(path))
    except DecodeError as error:
        raise broken(path.stem, f"{path}: {error}") from error
    if not model.graph.node:
        raise broken(path.stem, f"{path}: an empty model")
    outputs = {output.name for output in model.graph.output}
    lengths = {name for node in model.graph.node if node.op_type == "Ceil" for name in node.output}
    if len(lengths) == 1 and not lengths & outputs:
        add_alignment_output(model)
    _take_noise_as_input(model)
    serialized: bytes = model.SerializeToString()
    return serialized


def _take_noise_as_input(model: Any) -> None:
    """Replace each RandomNormalLike node by the numbers of `NOISE_INPUT`, in the same shape."""
    from onnx import TensorProto, helper  # noqa: PLC0415

    graph = model.graph
    nodes = []
    count = 0
    for node in graph.node:
        if node.op_type != "RandomNormalLike":
            nodes.append(node)
            continue
        nodes += _noise_nodes(helper, node, f"vidgen/{count}", count)
        count += 1
    if not count:
        return
    constants = {"zero": 0, "one": 1}
    constants |= {f"offset{k}": k * _OFFSET_BETWEEN_NODES for k in range(count)}
    for name, value in constants.items():
        graph.initializer.append(
            helper.make_tensor(f"vidgen/{name}", TensorProto.INT64, [], [value])
        )
    graph.input.append(
        helper.make_tensor_value_info(NOISE_INPUT, TensorProto.FLOAT, ["vidgen_noise_length"])
    )
    del graph.node[:]
    graph.node.extend(nodes)


def _noise_nodes(helper: Any, node: Any, name: str, index: int) -> list[Any]:
    """``reshape(noise[(offset + 0 … size) mod length], shape)`` in ONNX's operators."""
    like = node.input[0]
    return [
        helper.make_node("Shape", [like], [f"{name}/shape"]),
        helper.make_node("Size", [like], [f"{name}/size"]),
        helper.make_node("Range", ["vidgen/zero", f"{name}/size", "vidgen/one"], [f"{name}/range"]),
        helper.make_node("Add", [f"{name}/range", f"vidgen/offset{index}"], [f"{name}/moved"]),
        helper.make_node("Size", [NOISE_INPUT], [f"{name}/length"]),
        helper.make_node("Mod", [f"{name}/moved", f"{name}/length"], [f"{name}/index"]),
        helper.make_node("Gather", [NOISE_INPUT, f"{name}/index"], [f"{name}/flat"], axis=0),
        helper.make_node("Reshape", [f"{name}/flat", f"{name}/shape"], [node.output[0]]),
    ]
