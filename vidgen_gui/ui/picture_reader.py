"""Qt's readers of pictures, for files and bytes that are read on a thread of a pool.

Left to itself Qt asks every plugin whose a picture is. SVG's connects signals for that; on a pool's
thread, with the interpreter held, that stood still for ever beside an object that ended on the GUI
thread at the same moment. So the format is told by the first bytes, and nobody else is asked.
"""

from collections.abc import Mapping
from types import MappingProxyType

from PySide6.QtCore import QByteArray, QIODevice
from PySide6.QtGui import QImageReader

FORMATS: Mapping[bytes, bytes] = MappingProxyType(
    {b"\xff\xd8\xff": b"jpeg", b"\x89PNG\r\n\x1a\n": b"png", b"RIFF": b"webp"}
)
"""Qt's name of a format by how its files begin."""
START_BYTES = max(map(len, FORMATS))


def picture_reader(start: bytes, source: str | QIODevice) -> QImageReader | None:
    """A reader of a JPEG, PNG or WebP that begins with ``start``; None for anything else."""
    name = next((name for begin, name in FORMATS.items() if start.startswith(begin)), None)
    if name is None:
        return None
    reader = QImageReader(source, QByteArray(name))
    reader.setAutoDetectImageFormat(False)
    return reader
