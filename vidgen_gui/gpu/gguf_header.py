"""Reading the header of a GGUF file: what it says of itself and of its tensors, no weights.

Nothing in the file is believed: every count and length is bounded before it is used, and what
nobody asks for (the vocabulary) is passed over. The `gguf` package reads the same with 10 s and
716 MiB for Gemma 3's 262,144 words, and trusts each length; this takes 0.1 s and no memory.

Source: the GGUF specification, ``docs/gguf.md`` of ggml, versions 1 to 3.
"""

import stat
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, TypeAlias

from vidgen_gui.core.errors import InputError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.text import clean_text
from vidgen_gui.gpu.ggml_types import GGML_TYPES, GgmlType

MAGIC = b"GGUF"
VERSIONS = (1, 2, 3)
DEFAULT_ALIGNMENT = 32
HEADER_LIMIT_BYTES = 128 * 1024 * 1024
"""The largest known headers (256,000 words and their merges) have about 15 MiB."""
MOST_ENTRIES = 65_536
MOST_TENSORS = 65_536
MOST_ELEMENTS = 8_000_000
"""Elements of all arrays together."""
KEPT_ELEMENTS = 4_096
"""Arrays of numbers up to this are kept (one number a layer); of longer ones only the length."""
LONGEST_KEY = 65_535
KEPT_TEXT = 4_096
MOST_DIMENSIONS = 4
MOST_TENSOR_ELEMENTS = 1 << 44
_READ_AHEAD = 1 << 20

_SCALARS = MappingProxyType(
    dict(zip((0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12), "BbHhIif?Qqd", strict=True))
)
_STRING, _ARRAY = 8, 9


class GgufFault(StrEnum):
    """What is wrong with a file."""

    NOT_GGUF = "not-gguf"
    TRUNCATED = "truncated"
    BIG_ENDIAN = "big-endian"
    VERSION = "version"
    TOO_LARGE = "too-large"
    INCONSISTENT = "inconsistent"
    TYPE_UNKNOWN = "type-unknown"


class UnreadableModel(InputError):
    """The file cannot be read as a model.

    Attributes:
        fault: what is wrong; None when the file cannot be opened at all.
    """

    def __init__(
        self, path: Path, fault: GgufFault | None, detail: str, message: MessageId
    ) -> None:
        super().__init__(message, detail=detail, path=str(path), what=str(path))
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Skipped:
    """An array that was passed over, of so many elements."""

    count: int


Value: TypeAlias = bool | int | float | str | tuple[bool | int | float, ...] | Skipped


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor's type, shape (innermost first) and size in the file."""

    type: GgmlType
    shape: tuple[int, ...]
    size_bytes: int


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """What stands before the weights. ``complete``: the file is long enough to hold them all."""

    version: int
    values: Mapping[str, Value]
    tensors: Mapping[str, Tensor]
    file_bytes: int
    complete: bool


class _Fault(Exception):
    def __init__(self, fault: GgufFault, detail: str) -> None:
        super().__init__(detail)
        self.fault = fault


class _Reader:
    """Reads forward in a file, never past its end nor past `HEADER_LIMIT_BYTES`."""

    def __init__(self, file: BinaryIO, size_bytes: int) -> None:
        self._file = file
        self._end = min(size_bytes, HEADER_LIMIT_BYTES)
        self._cut = GgufFault.TOO_LARGE if size_bytes > HEADER_LIMIT_BYTES else GgufFault.TRUNCATED
        self.at = 0
        self.elements = 0
        self.wide = True

    def _advance(self, count: int) -> None:
        self.at += count
        if self.at > self._end:
            raise _Fault(self._cut, f"the header goes on after byte {self._end}")

    def take(self, count: int) -> bytes:
        self._advance(count)
        found = self._file.read(count)
        if len(found) != count:
            raise _Fault(GgufFault.TRUNCATED, "the file became shorter")
        return found

    def skip(self, count: int) -> None:
        self._advance(count)
        self._file.seek(count, 1)

    def number(self, code: str) -> bool | int | float:
        found: bool | int | float
        (found,) = struct.unpack("<" + code, self.take(struct.calcsize("<" + code)))
        return found

    def u32(self) -> int:
        return int.from_bytes(self.take(4), "little")

    def count(self) -> int:
        """A length: 32 bits in version 1, 64 since."""
        return int.from_bytes(self.take(8 if self.wide else 4), "little")

    def bounded(self, limit: int, what: str) -> int:
        found = self.count()
        if found > limit:
            raise _Fault(GgufFault.TOO_LARGE, f"{found} {what}, at most {limit} are read")
        return found

    def name(self) -> str:
        raw = self.take(self.bounded(LONGEST_KEY, "bytes of a name"))
        try:
            return raw.decode()
        except UnicodeDecodeError as error:
            raise _Fault(GgufFault.INCONSISTENT, "a name is no UTF-8") from error

    def text(self) -> str:
        length = self.count()
        kept = self.take(min(length, KEPT_TEXT))
        self.skip(length - len(kept))
        return clean_text(kept.decode(errors="replace"))

    def value(self) -> Value:
        kind = self.u32()
        if kind == _STRING:
            return self.text()
        if kind == _ARRAY:
            return self._array()
        return self.number(self._code(kind))

    def _code(self, kind: int) -> str:
        code = _SCALARS.get(kind)
        if code is None:
            raise _Fault(GgufFault.INCONSISTENT, f"a value of the unknown kind {kind}")
        return code

    def _array(self) -> Value:
        kind, count = self.u32(), self.bounded(MOST_ELEMENTS, "elements in an array")
        self.elements += count
        if self.elements > MOST_ELEMENTS:
            raise _Fault(GgufFault.TOO_LARGE, f"{self.elements} elements in all arrays")
        if kind == _STRING:
            for _ in range(count):
                self.skip(self.count())
            return Skipped(count)
        # Arrays of arrays are allowed on paper; no program writes or reads them.
        code = self._code(kind)
        if count > KEPT_ELEMENTS:
            self.skip(count * struct.calcsize("<" + code))
            return Skipped(count)
        return tuple(self.number(code) for _ in range(count))


def read_header(path: Path) -> GgufHeader:
    """Read a file's header.

    Raises:
        UnreadableModel: the file is missing, no GGUF file, cut short in its header, of a
            kind that is not read (big-endian, newer than version 3), or contradicts itself.
    """
    try:
        size_bytes = _size_bytes(path)
        with path.open("rb", buffering=_READ_AHEAD) as file:
            return _read(_Reader(file, size_bytes), size_bytes)
    except _Fault as error:
        foreign = error.fault in {GgufFault.BIG_ENDIAN, GgufFault.VERSION, GgufFault.TYPE_UNKNOWN}
        message = MessageId.MODEL_FILE_FOREIGN if foreign else MessageId.MODEL_FILE_DAMAGED
        raise UnreadableModel(path, error.fault, str(error), message) from error
    except PermissionError as error:
        raise UnreadableModel(path, None, str(error), MessageId.ACCESS_DENIED) from error
    except OSError as error:
        raise UnreadableModel(path, None, str(error), MessageId.MODEL_FILE_MISSING) from error


def _size_bytes(path: Path) -> int:
    found = path.stat()
    # A pipe or a device would be waited for.
    if not stat.S_ISREG(found.st_mode):
        raise _Fault(GgufFault.NOT_GGUF, "no regular file")
    return found.st_size


def _read(reader: _Reader, file_bytes: int) -> GgufHeader:
    if file_bytes < len(MAGIC) or reader.take(4) != MAGIC:
        raise _Fault(GgufFault.NOT_GGUF, "it does not begin with GGUF")
    version = _version(reader.take(4))
    reader.wide = version > 1
    tensor_count = reader.bounded(MOST_TENSORS, "tensors")
    entry_count = reader.bounded(MOST_ENTRIES, "entries")
    values: dict[str, Value] = {}
    for _ in range(entry_count):
        key = reader.name()
        if key in values:
            raise _Fault(GgufFault.INCONSISTENT, f"{key!r} stands there twice")
        values[key] = reader.value()
    tensors: dict[str, Tensor] = {}
    data_bytes = 0
    for _ in range(tensor_count):
        name, tensor, offset = _tensor(reader)
        if name in tensors:
            raise _Fault(GgufFault.INCONSISTENT, f"the tensor {name!r} stands there twice")
        tensors[name] = tensor
        data_bytes = max(data_bytes, offset + tensor.size_bytes)
    start = _aligned(reader.at, values.get("general.alignment", DEFAULT_ALIGNMENT))
    return GgufHeader(
        version,
        MappingProxyType(values),
        MappingProxyType(tensors),
        file_bytes,
        complete=file_bytes >= start + data_bytes,
    )


def _version(raw: bytes) -> int:
    version = int.from_bytes(raw, "little")
    if version in VERSIONS:
        return version
    if int.from_bytes(raw, "big") in VERSIONS:
        raise _Fault(GgufFault.BIG_ENDIAN, "its numbers are big-endian")
    raise _Fault(GgufFault.VERSION, f"version {version}")


def _tensor(reader: _Reader) -> tuple[str, Tensor, int]:
    name = reader.name()
    dimensions = reader.u32()
    if dimensions > MOST_DIMENSIONS:
        raise _Fault(GgufFault.INCONSISTENT, f"{name!r} has {dimensions} dimensions")
    shape = tuple(reader.count() for _ in range(dimensions)) or (1,)
    elements = 1
    for length in shape:
        elements *= length
    if elements > MOST_TENSOR_ELEMENTS or max(shape) > MOST_TENSOR_ELEMENTS:
        raise _Fault(GgufFault.TOO_LARGE, f"{name!r} has {elements} numbers")
    number = reader.u32()
    kind = GGML_TYPES.get(number)
    if kind is None:
        raise _Fault(GgufFault.TYPE_UNKNOWN, f"{name!r} is of the unknown type {number}")
    if shape[0] % kind.block_elements:
        raise _Fault(GgufFault.INCONSISTENT, f"{name!r} has rows of {shape[0]} in {kind.name}")
    # The offset is 64 bits wide in every version.
    offset = int.from_bytes(reader.take(8), "little")
    return name, Tensor(kind, shape, kind.size_bytes(elements)), offset


def _aligned(position: int, alignment: object) -> int:
    if isinstance(alignment, bool) or not isinstance(alignment, int) or alignment <= 0:
        raise _Fault(GgufFault.INCONSISTENT, f"an alignment of {alignment!r}")
    return -(-position // alignment) * alignment
