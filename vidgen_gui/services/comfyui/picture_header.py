"""What a picture file says of itself before anything is decoded; pure.

PNG: W3C Recommendation, third edition, §5.2 and §11.2.1. JPEG: ITU-T T.81, B.2.2. WebP: RFC 9649,
§2.5 to §2.7.
"""

import struct

from vidgen_gui.core.quality import FrameSize

_PNG = b"\x89PNG\r\n\x1a\n"
_NO_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def picture_dimensions(data: bytes) -> FrameSize | None:
    """The size in pixels that a PNG, JPEG or WebP claims; None for everything else."""
    try:
        if data.startswith(_PNG) and data[12:16] == b"IHDR":
            return FrameSize(*struct.unpack_from(">II", data, 16))
        if data.startswith(b"\xff\xd8\xff"):
            return _jpeg(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
    except (struct.error, IndexError):
        return None
    return None


def _jpeg(data: bytes) -> FrameSize | None:
    """Walk the segments up to the one that starts the frame."""
    place = 2
    while data[place] == 0xFF:
        marker = data[place + 1]
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, place + 5)
            return FrameSize(width, height)
        if marker == 0xFF or marker in _NO_LENGTH:
            place += 1 if marker == 0xFF else 2
            continue
        place += 2 + struct.unpack_from(">H", data, place + 2)[0]
    return None


def _webp(data: bytes) -> FrameSize | None:
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
        return FrameSize(width, height)
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        return FrameSize((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return FrameSize(width & 0x3FFF, height & 0x3FFF)
    return None
