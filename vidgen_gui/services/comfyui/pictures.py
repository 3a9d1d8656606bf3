"""Is what was downloaded a picture, and the one that was asked for; then it becomes a plain PNG.

Nothing of the server's file survives but its pixels: no metadata, no odd layout.
"""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from vidgen_gui.core.quality import FrameSize
from vidgen_gui.services.comfyui.errors import PictureUnusable
from vidgen_gui.services.comfyui.picture_header import picture_dimensions
from vidgen_gui.system.files import atomic_write_bytes, storage_errors

MAX_PIXELS = 40_000_000
"""Twice what the largest plan makes (2048×3640, and a margin for what people bring along)."""
_LARGEST_PIXEL_BYTES = 8
_METADATA_BYTES = 16 << 20
_PNG_LEVEL = 1
"""The grain of a picture doesn't compress; a higher level takes twice the time for nothing."""
_BLANK_SPREAD = 1.0
"""Standard deviation, of 255, under which a picture shows nothing. A sampler that ran into NaN
gives pure black, as the server writes NaN as 0."""


def most_bytes(size: FrameSize | None) -> int:
    """The largest file that a picture of ``size`` can be: uncompressed, and all its metadata."""
    pixels = size.width_px * size.height_px if size else MAX_PIXELS
    return pixels * _LARGEST_PIXEL_BYTES + _METADATA_BYTES


def accept_picture(source: Path, target: Path, size: FrameSize | None) -> FrameSize:
    """Verify the file ``source`` and write it to ``target`` as an eight-bit RGB PNG.

    Takes PNG, JPEG and WebP of any depth, with transparency laid over black. Needs some 8 bytes
    of memory a pixel for a moment. Returns the picture's size.

    Args:
        size: refuse any other; None takes every size of at most `MAX_PIXELS`.

    Raises:
        PictureUnusable: damaged, cut off, of another size or too large, or blank.
        StorageError: the disk is full or the folder not writable; ``target`` is untouched.
    """
    with storage_errors(source):
        data = source.read_bytes()
    claimed = picture_dimensions(data)
    if claimed is None:
        raise PictureUnusable("no PNG, JPEG or WebP file", damaged=True)
    if size is not None and claimed != size:
        raise PictureUnusable(f"{claimed} instead of {size} pixels")
    if not 0 < claimed.width_px * claimed.height_px <= MAX_PIXELS:
        raise PictureUnusable(f"{claimed} pixels are too many")
    pixels = _plain(_decoded(data))
    if (pixels.shape[1], pixels.shape[0]) != (claimed.width_px, claimed.height_px):
        raise PictureUnusable(f"{pixels.shape[1]}×{pixels.shape[0]} pixels, but says {claimed}")
    _check_shows_something(pixels)
    encoded, png = cv2.imencode(".png", pixels, [cv2.IMWRITE_PNG_COMPRESSION, _PNG_LEVEL])
    if not encoded:
        raise PictureUnusable("it cannot be written as PNG")
    atomic_write_bytes(target, png.tobytes())
    return claimed


def _decoded(data: bytes) -> npt.NDArray[np.integer[Any] | np.floating[Any]]:
    try:
        # Unchanged, as OpenCV's own way to three channels keeps what transparency hides; and no
        # camera ever turned these.
        pixels = cv2.imdecode(
            np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
        )
    except cv2.error as error:
        raise PictureUnusable("it cannot be decoded", damaged=True, detail=str(error)) from error
    if pixels is None:
        raise PictureUnusable("it is damaged or cut off", damaged=True)
    return pixels


def _plain(pixels: npt.NDArray[np.integer[Any] | np.floating[Any]]) -> npt.NDArray[np.uint8]:
    """Blue, green and red, eight bits each."""
    if pixels.dtype == np.uint16:
        pixels = cv2.convertScaleAbs(pixels, alpha=1 / 257)
    if pixels.dtype != np.uint8:
        raise PictureUnusable(f"values of the kind {pixels.dtype}")
    plain = pixels.astype(np.uint8, copy=False)
    if plain.ndim == 2 or plain.shape[2] == 1:
        return np.asarray(cv2.cvtColor(plain, cv2.COLOR_GRAY2BGR), np.uint8)
    if plain.shape[2] == 4:
        alpha = cv2.cvtColor(plain[:, :, 3], cv2.COLOR_GRAY2BGR)
        return np.asarray(cv2.multiply(plain[:, :, :3], alpha, scale=1 / 255), np.uint8)
    return plain


def _check_shows_something(pixels: npt.NDArray[np.uint8]) -> None:
    _, spread = cv2.meanStdDev(pixels)
    if float(np.max(spread)) < _BLANK_SPREAD:
        level = "black" if not pixels.any() else "one colour"
        raise PictureUnusable(f"it is all {level}")
