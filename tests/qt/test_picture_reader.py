from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage

from vidgen_gui.ui.picture_reader import START_BYTES, picture_reader


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
def test_only_the_reader_of_its_format_is_asked(tmp_path: Path, suffix: str) -> None:
    picture = QImage(40, 30, QImage.Format.Format_RGB32)
    picture.fill(QColor("#a04020"))
    # What a file is called doesn't matter.
    file = tmp_path / "picture.svg"
    assert picture.save(str(file), suffix)
    reader = picture_reader(file.read_bytes()[:START_BYTES], str(file))
    assert reader is not None
    assert not reader.autoDetectImageFormat()
    assert reader.size() == QSize(40, 30)
    assert reader.read().size() == QSize(40, 30)


@pytest.mark.parametrize("start", [b"<svg xmlns=", b"<?xml vers", b"GIF89a", b"", b"\x89PN"])
def test_nothing_else_is_read(start: bytes) -> None:
    assert picture_reader(start, "picture.png") is None
