"""The icon set: one family of line icons, tinted by the theme, crisp at every scale."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton

from vidgen_gui.system.resources import resource
from vidgen_gui.ui.theme import Theme

_SIZES_PX = (16,)
_RATIOS = (1.0, 2.0, 3.0)


@lru_cache(maxsize=128)
def _svg(name: str) -> str:
    return resource(f"icons/{name}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=512)
def _rendered(name: str, size_px: int, ratio: float, color: str) -> QPixmap:
    pixmap = QPixmap(QSize(round(size_px * ratio), round(size_px * ratio)))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    svg = _svg(name).replace("currentColor", color)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(pixmap.rect()))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def icon_pixmap(name: str, size_px: int, ratio: float, color: QColor) -> QPixmap:
    """One icon of ``resources/icons`` in one colour, for painting; cached.

    Raises:
        StorageError: there is no such icon.
    """
    return _rendered(name, size_px, ratio, color.name(QColor.NameFormat.HexRgb))


def icon(name: str, tone: str = "text") -> QIcon:
    """An icon in the theme's colour ``tone``, as it is now. Prefer `bind_icon`."""
    colors = Theme.get().colors
    return _made(name, getattr(colors, tone), colors.outline)


@lru_cache(maxsize=256)
def _made(name: str, color: str, disabled: str) -> QIcon:
    made = QIcon()
    for size_px in _SIZES_PX:
        for ratio in _RATIOS:
            made.addPixmap(_rendered(name, size_px, ratio, color))
            made.addPixmap(_rendered(name, size_px, ratio, disabled), QIcon.Mode.Disabled)
    return made


class _Binding(QObject):
    """Keeps a button's or action's icon in the theme's colours for as long as it lives."""

    def __init__(self, target: QAbstractButton | QAction, name: str, tone: str) -> None:
        super().__init__(target)
        self._target = target
        self._name = name
        self._tone = tone
        Theme.get().changed.connect(self.refresh)
        self.refresh()

    def rename(self, name: str, tone: str) -> None:
        if (name, tone) != (self._name, self._tone):
            self._name, self._tone = name, tone
            self.refresh()

    def refresh(self) -> None:
        self._target.setIcon(icon(self._name, self._tone))


def bind_icon(target: QAbstractButton | QAction, name: str, tone: str = "text") -> None:
    """Give ``target`` an icon that follows the theme; calling again changes it."""
    binding = target.findChild(_Binding)
    if binding is None:
        _Binding(target, name, tone)
    else:
        binding.rename(name, tone)


def app_icon() -> QIcon:
    """The product's own icon."""
    return QIcon(str(resource("icons/vidgen.svg")))
