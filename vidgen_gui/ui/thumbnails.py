"""Small pictures from the disk: read and scaled in a pool, kept in a bounded cache."""

from collections import OrderedDict
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Qt, QThreadPool, Signal
from PySide6.QtGui import QImage, QPixmap

from vidgen_gui.ui.picture_reader import START_BYTES, picture_reader

MAX_CACHED_BYTES = 16 * 2**20
"""Some 250 rows at twice the scale (112×144 pixels), or eight pictures that fill the player."""
_PIXEL_BYTES = 4
MAX_WAITING = 64
"""What scrolled by long ago is not worth loading any more."""
READERS = 2

_Key = tuple[str, int, int]


class Thumbnails(QObject):
    """Hands out scaled pictures by path; emits ``loaded(path)`` when one has arrived."""

    loaded = Signal(str)
    _read = Signal(object, QImage)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cache: OrderedDict[_Key, QPixmap] = OrderedDict()
        self._cached_bytes = 0
        self._waiting: OrderedDict[_Key, None] = OrderedDict()
        self._reading: set[_Key] = set()
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(READERS)
        self._read.connect(self._on_read, Qt.ConnectionType.QueuedConnection)

    def get(self, path: Path, size: QSize, ratio: float) -> QPixmap | None:
        """The picture cropped to fill ``size`` (logical pixels), or None until it is loaded.

        A file that cannot be read gives a null pixmap, once, and is not tried again.
        """
        key = (str(path), round(size.width() * ratio), round(size.height() * ratio))
        cached = self._cache.get(key)
        if cached is not None:
            self._cache.move_to_end(key)
            cached.setDevicePixelRatio(ratio)
            return cached
        if key not in self._reading:
            self._waiting[key] = None
            self._waiting.move_to_end(key)
            if len(self._waiting) > MAX_WAITING:
                self._waiting.popitem(last=False)
            self._start()
        return None

    def close(self) -> None:
        """Stop reading and wait for what is being read."""
        self._waiting.clear()
        self._pool.clear()
        self._pool.waitForDone()

    def _start(self) -> None:
        # The newest wish first: it is the one on the screen.
        while self._waiting and len(self._reading) < READERS:
            key, _ = self._waiting.popitem()
            self._reading.add(key)
            self._pool.start(lambda key=key: self._read.emit(key, _read_cropped(*key)))

    def _on_read(self, key: _Key, image: QImage) -> None:
        self._reading.discard(key)
        self._cache[key] = QPixmap.fromImage(image)
        self._cached_bytes += _bytes_of(self._cache[key])
        while self._cached_bytes > MAX_CACHED_BYTES and len(self._cache) > 1:
            _, oldest = self._cache.popitem(last=False)
            self._cached_bytes -= _bytes_of(oldest)
        self._start()
        self.loaded.emit(key[0])


def _bytes_of(picture: QPixmap) -> int:
    # One that could not be read is kept, too: it is no reason to try again and again.
    return max(1, picture.width() * picture.height()) * _PIXEL_BYTES


def _read_cropped(path: str, width_px: int, height_px: int) -> QImage:
    try:
        with Path(path).open("rb") as file:
            reader = picture_reader(file.read(START_BYTES), path)
    except OSError:
        return QImage()
    if reader is None:
        return QImage()
    reader.setAutoTransform(True)
    full = reader.size()
    target = QSize(width_px, height_px)
    if full.isValid():
        # Decoding at the target's size is what makes JPEGs cheap.
        scaled = full.scaled(target, Qt.AspectRatioMode.KeepAspectRatioByExpanding)
        reader.setScaledSize(scaled)
    image = reader.read()
    if image.isNull():
        return image
    left = (image.width() - width_px) // 2
    top = (image.height() - height_px) // 2
    return image.copy(left, top, width_px, height_px)
