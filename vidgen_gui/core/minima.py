"""The smallest files that can be what they claim to be; defined here and nowhere else."""

from enum import StrEnum
from types import MappingProxyType


class FileKind(StrEnum):
    """What a media file is supposed to hold."""

    VIDEO = "video"
    SOUND = "sound"
    PICTURE = "picture"


MIN_BYTES = MappingProxyType(
    {FileKind.VIDEO: 8 * 1024, FileKind.SOUND: 1024, FileKind.PICTURE: 256}
)
"""A file below this is damaged, whatever its headers say."""

SUSPECT_VIDEO_BYTES = 512 * 1024
"""A video below this may be fine (short, calm) but is decoded whole before it is believed."""


def is_too_small(kind: FileKind, size_bytes: int) -> bool:
    """Whether a file of this size cannot hold what it should."""
    return size_bytes < MIN_BYTES[kind]
