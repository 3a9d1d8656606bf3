"""Whether a PNG on the disk is whole, of the right size and shows something.

Works on the file's own bytes with the standard library, so that the app's process needs no
imaging library for it. PNG: W3C Recommendation, third edition (chunk layout, §5; filters, §9).
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from vidgen_gui.core.errors import MediaError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.quality import FrameSize
from vidgen_gui.system.files import storage_errors

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}
_MAX_CHUNK_BYTES = 1 << 28
_MIN_DISTINCT_BYTES = 16
"""A picture of one colour, black or not, filters to a handful of different bytes."""


def check_png(path: Path, size: FrameSize, *, may_be_plain: bool = False) -> None:
    """Read the file whole and refuse it unless it is a picture of ``size`` that isn't blank.

    Args:
        may_be_plain: whether it shows something was found out before, by its pixels. The look at
            the file's bytes takes an even slope for blank.

    Raises:
        MediaError: damaged, cut off, of another size, interlaced, palettised, or blank.
        StorageError: the file cannot be read.
    """
    with storage_errors(path), path.open("rb") as file:
        try:
            distinct = _check(file, size)
        except (ValueError, zlib.error, struct.error) as error:
            raise MediaError(
                MessageId.PICTURE_INVALID, file=path.name, detail=str(error)
            ) from error
    if distinct < _MIN_DISTINCT_BYTES and not may_be_plain:
        raise MediaError(MessageId.PICTURE_INVALID, file=path.name, detail="blank")


def _check(file: IO[bytes], size: FrameSize) -> int:
    """How many different bytes there are in it."""
    if file.read(len(_SIGNATURE)) != _SIGNATURE:
        raise ValueError("no PNG signature")
    chunks = _chunks(file)
    kind, header = next(chunks)
    if kind != b"IHDR":
        raise ValueError("no header")
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    if (width, height) != (size.width_px, size.height_px):
        raise ValueError(f"{width}×{height} instead of {size}")
    if interlaced or depth not in {8, 16} or colour not in _CHANNELS:
        raise ValueError(f"layout not used here: depth {depth}, colour type {colour}")
    row_bytes = 1 + width * _CHANNELS[colour] * depth // 8
    return _check_pixels(chunks, height * row_bytes)


def _check_pixels(chunks: Iterator[tuple[bytes, bytes]], expected_bytes: int) -> int:
    inflater = zlib.decompressobj()
    seen: set[int] = set()
    total = 0
    for kind, data in chunks:
        if kind == b"IDAT":
            part = inflater.decompress(data, expected_bytes - total + 1)
            total += len(part)
            if total > expected_bytes:
                break
            seen.update(part[::7])
    if total != expected_bytes or not inflater.eof:
        raise ValueError(f"{total} bytes of pixels instead of {expected_bytes}")
    return len(seen)


def _chunks(file: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """(kind, data) up to the end chunk, each with its checksum verified."""
    while True:
        length, kind = struct.unpack(">I4s", file.read(8))
        if length > _MAX_CHUNK_BYTES:
            raise ValueError(f"a chunk of {length} bytes")
        data = file.read(length)
        (checksum,) = struct.unpack(">I", file.read(4))
        if zlib.crc32(kind + data) != checksum:
            raise ValueError(f"damaged {kind!r} chunk")
        if kind == b"IEND":
            return
        yield kind, data
