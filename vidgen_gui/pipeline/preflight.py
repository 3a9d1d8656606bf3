"""What is checked before a job starts: its folder, and room for what it will make."""

from collections.abc import Iterable
from pathlib import Path

from vidgen_gui.core.errors import StorageError
from vidgen_gui.core.job import JobSpec
from vidgen_gui.core.messages import MessageId
from vidgen_gui.system.files import free_bytes, is_writable_dir, storage_errors

VIDEO_BYTES_PER_PIXEL_SECOND = 1.0
"""Generous: x264 at CRF 18 on moving stills takes about a fifth of it."""
SCENES_AT_ONCE = 8
PICTURE_BYTES_PER_PIXEL = 4.0
LONGEST_USUAL_S = 60.0
WORDS_PER_S = 2.6
FLOOR_BYTES = 100 * 2**20


def needed_bytes(spec: JobSpec) -> int:
    """Disk room for one job, its intermediate files included: an upper estimate."""
    pixels = spec.frame_size.width_px * spec.frame_size.height_px
    words = len(spec.script_text.split()) if spec.script_text else spec.length.words
    seconds = max(words / WORDS_PER_S, LONGEST_USUAL_S)
    pictures = SCENES_AT_ONCE * max(1.0, seconds / LONGEST_USUAL_S) * pixels
    sound = seconds * 48_000 * 4 * 4
    return round(
        FLOOR_BYTES
        + pictures * PICTURE_BYTES_PER_PIXEL
        + 2 * seconds * pixels * VIDEO_BYTES_PER_PIXEL_SECOND
        + sound
    )


def check_output(spec: JobSpec) -> None:
    """Make the output folder if it is missing and make sure that it can be written.

    Raises:
        StorageError: it cannot be made or written.
    """
    folder = spec.output_dir
    with storage_errors(folder, MessageId.OUTPUT_UNWRITABLE):
        folder.mkdir(parents=True, exist_ok=True)
    if not is_writable_dir(folder):
        raise StorageError(MessageId.OUTPUT_UNWRITABLE, path=str(folder))


def check_room(spec: JobSpec, work_roots: Iterable[Path]) -> None:
    """Make sure that the disks of all folders that are worked in, and the output's, have room.

    Raises:
        StorageError: DISK_FULL, with what is needed and what is free in MiB.
    """
    need = needed_bytes(spec)
    for path in (*work_roots, spec.output_dir):
        free = free_bytes(path)
        if free < need:
            raise StorageError(
                MessageId.DISK_FULL,
                path=str(path),
                needed_mib=-(-need // 2**20),
                free_mib=free // 2**20,
            )
