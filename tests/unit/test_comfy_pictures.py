"""Only whole pictures of the wanted size that show something pass, and all become plain PNG."""

import struct
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from vidgen_gui.core.errors import StorageError
from vidgen_gui.core.quality import FrameSize
from vidgen_gui.services.comfyui.errors import PictureUnusable
from vidgen_gui.services.comfyui.picture_header import picture_dimensions
from vidgen_gui.services.comfyui.pictures import MAX_PIXELS, accept_picture, most_bytes

SIZE = FrameSize(96, 64)
Pixels = npt.NDArray[Any]


def drawn(channels: int = 3, kind: type = np.uint8) -> Pixels:
    """Smooth, so that a lossy format keeps it; blue, green and red differ."""
    rows, columns = np.mgrid[0:64, 0:96]
    planes = [rows * 3, columns * 2, (rows + columns) * 1.5, np.full((64, 96), 255)][:channels]
    picture = np.stack(planes, axis=2)
    if kind is np.uint16:
        picture = picture * 257
    return picture.astype(kind)


def encoded(pixels: Pixels, kind: str = ".png", quality: int = 100) -> bytes:
    options = [cv2.IMWRITE_JPEG_QUALITY, quality] if kind == ".jpg" else []
    done, data = cv2.imencode(kind, pixels, options)
    assert done
    return data.tobytes()


def png(
    header: tuple[int, ...], rows: bytes, extra: list[tuple[bytes, bytes]] | None = None
) -> bytes:
    """A PNG by hand: IHDR's seven fields, the filtered rows, and chunks before them."""
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", *header)), *(extra or [])]
    chunks += [(b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    parts = [b"\x89PNG\r\n\x1a\n"]
    for name, data in chunks:
        checksum = zlib.crc32(name + data)
        parts.append(struct.pack(">I", len(data)) + name + data + struct.pack(">I", checksum))
    return b"".join(parts)


def accepted(tmp_path: Path, data: bytes, size: FrameSize | None = SIZE) -> Pixels:
    source, target = tmp_path / "download", tmp_path / "picture.png"
    source.write_bytes(data)
    assert accept_picture(source, target, size) == SIZE
    raw = target.read_bytes()
    eight_bits_rgb_not_interlaced = struct.pack(">IIBBBBB", 96, 64, 8, 2, 0, 0, 0)
    assert raw[16:29] == eight_bits_rgb_not_interlaced
    pixels = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_UNCHANGED)
    assert pixels is not None
    return pixels


def refused(tmp_path: Path, data: bytes, size: FrameSize | None = SIZE) -> PictureUnusable:
    source, target = tmp_path / "download", tmp_path / "picture.png"
    source.write_bytes(data)
    with pytest.raises(PictureUnusable) as caught:
        accept_picture(source, target, size)
    assert not target.exists()
    return caught.value


@pytest.mark.parametrize("size", [SIZE, None])
@pytest.mark.req("K3", "V7")
def test_a_plain_png_keeps_every_pixel(tmp_path: Path, size: FrameSize | None) -> None:
    assert np.array_equal(accepted(tmp_path, encoded(drawn()), size), drawn())


def test_metadata_does_not_survive(tmp_path: Path) -> None:
    rows = b"".join(b"\0" + row.tobytes() for row in drawn()[:, :, ::-1])
    note = (b"tEXt", b"workflow\0" + b"x" * 100_000)
    data = png((96, 64, 8, 2, 0, 0, 0), rows, [note])
    assert np.array_equal(accepted(tmp_path, data), drawn())
    assert b"workflow" not in (tmp_path / "picture.png").read_bytes()


def test_sixteen_bits_become_eight(tmp_path: Path) -> None:
    assert np.array_equal(accepted(tmp_path, encoded(drawn(kind=np.uint16))), drawn())


def test_grey_becomes_colour(tmp_path: Path) -> None:
    grey = drawn()[:, :, 0]
    assert np.array_equal(accepted(tmp_path, encoded(grey)), np.dstack([grey] * 3))


def test_transparency_lies_over_black(tmp_path: Path) -> None:
    picture = drawn(4)
    assert np.array_equal(accepted(tmp_path, encoded(picture)), drawn())
    picture[:, :48, 3] = 0
    seen = accepted(tmp_path, encoded(picture))
    assert not seen[:, :48].any()
    assert np.array_equal(seen[:, 48:], drawn()[:, 48:])
    picture[:, :, 3] = 128
    half = accepted(tmp_path, encoded(picture))
    assert np.abs(half - drawn().astype(float) * 128 / 255).max() <= 1


def test_sixteen_bits_with_transparency(tmp_path: Path) -> None:
    picture = drawn(4, np.uint16)
    assert np.array_equal(accepted(tmp_path, encoded(picture)), drawn())


def test_a_palette_is_looked_up(tmp_path: Path) -> None:
    index = (np.arange(96) % 3).astype(np.uint8)
    palette = bytes([255, 0, 0, 0, 255, 0, 0, 0, 255])
    rows = (b"\0" + index.tobytes()) * 64
    seen = accepted(tmp_path, png((96, 64, 8, 3, 0, 0, 0), rows, [(b"PLTE", palette)]))
    assert [list(seen[0, x]) for x in range(3)] == [[0, 0, 255], [0, 255, 0], [255, 0, 0]]


@pytest.mark.parametrize(("kind", "tolerance"), [(".jpg", 6), (".webp", 6)])
def test_other_formats_are_taken(tmp_path: Path, kind: str, tolerance: int) -> None:
    seen = accepted(tmp_path, encoded(drawn(), kind)).astype(int)
    assert np.abs(seen - drawn()).mean() < tolerance


@pytest.mark.parametrize("kind", [".png", ".jpg", ".webp"])
@pytest.mark.req("K3", "V7")
def test_a_picture_that_is_cut_off_is_damaged(tmp_path: Path, kind: str) -> None:
    data = encoded(np.random.default_rng(7).integers(0, 255, (64, 96, 3), np.uint8), kind)
    for share in (0.3, 0.9):
        assert refused(tmp_path, data[: int(len(data) * share)]).damaged


def test_a_flipped_bit_is_damage(tmp_path: Path) -> None:
    data = bytearray(encoded(drawn()))
    data[len(data) // 2] ^= 4
    assert refused(tmp_path, bytes(data)).damaged


def test_too_few_rows_are_damage(tmp_path: Path) -> None:
    rows = b"".join(b"\0" + row.tobytes() for row in drawn()[:40])
    assert refused(tmp_path, png((96, 64, 8, 2, 0, 0, 0), rows)).damaged


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n", b"<html>", b"\xff\xd8\xff", b"RIFF"])
def test_what_is_no_picture(tmp_path: Path, data: bytes) -> None:
    assert refused(tmp_path, data).damaged


@pytest.mark.req("K3", "V7")
def test_another_size_is_refused_and_not_worth_another_try(tmp_path: Path) -> None:
    error = refused(tmp_path, encoded(drawn()), FrameSize(64, 96))
    assert not error.damaged
    assert "96×64" in error.words


@pytest.mark.parametrize("level", [0, 1, 128, 255])
@pytest.mark.req("K3", "V7")
def test_one_colour_shows_nothing(tmp_path: Path, level: int) -> None:
    error = refused(tmp_path, encoded(np.full((64, 96, 3), level, np.uint8)))
    assert not error.damaged
    assert ("black" in error.words) == (level == 0)


def test_nan_as_the_server_writes_it_is_refused(tmp_path: Path) -> None:
    with np.errstate(invalid="ignore"):
        written = np.clip(np.full((64, 96, 3), np.nan) * 255, 0, 255).astype(np.uint8)
    assert "black" in refused(tmp_path, encoded(written)).words


def test_a_dark_picture_is_still_one(tmp_path: Path) -> None:
    night = np.zeros((64, 96, 3), np.uint8)
    night[10:14, 20:30] = 60
    assert np.array_equal(accepted(tmp_path, encoded(night)), night)


def test_an_invisible_picture_shows_nothing(tmp_path: Path) -> None:
    picture = drawn(4)
    picture[:, :, 3] = 0
    assert "black" in refused(tmp_path, encoded(picture)).words


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = png((60_000, 60_000, 8, 2, 0, 0, 0), b"\0" * 1000)
    assert "too many" in refused(tmp_path, bomb, None).words
    assert "instead of" in refused(tmp_path, bomb).words
    assert refused(tmp_path, png((0, 64, 8, 2, 0, 0, 0), b""), None)


def test_a_folder_that_cannot_be_written_is_a_storage_error(tmp_path: Path) -> None:
    source = tmp_path / "download"
    source.write_bytes(encoded(drawn()))
    (tmp_path / "file").touch()
    with pytest.raises(StorageError):
        accept_picture(source, tmp_path / "file" / "picture.png", SIZE)
    with pytest.raises(StorageError):
        accept_picture(tmp_path / "nothing", tmp_path / "picture.png", SIZE)


def test_the_bound_on_bytes_holds_every_honest_file() -> None:
    noise = np.random.default_rng(3).integers(0, 65535, (64, 96, 4), np.uint16)
    assert len(encoded(noise)) < most_bytes(SIZE) < 20 << 20
    assert most_bytes(None) > MAX_PIXELS


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (encoded(drawn()), SIZE),
        (encoded(drawn(), ".jpg"), SIZE),
        (encoded(drawn(), ".webp"), SIZE),
        (b"RIFF\0\0\0\0WEBPVP8X" + bytes(8) + b"\x5f\0\0\x3f\0\0", SIZE),
        (b"RIFF\0\0\0\0WEBPVP8 " + bytes(10) + struct.pack("<HH", 96, 64), SIZE),
        (b"\xff\xd8\xff\xff\xd0\xff\xc0\0\x11\x08" + struct.pack(">HH", 64, 96), SIZE),
        (b"RIFF\0\0\0\0WEBPALPH" + bytes(20), None),
        (b"\xff\xd8\xff\xe0\xff\xff" + bytes(20), None),
        (b"\xff\xd8\xff\xe0\0\0" * 10, None),
        (b"", None),
    ],
)
def test_sizes_are_read_from_headers(data: bytes, size: FrameSize | None) -> None:
    assert picture_dimensions(data) == size
