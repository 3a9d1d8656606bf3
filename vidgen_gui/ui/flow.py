"""A layout that puts widgets side by side and goes on in the next line where they don't fit."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

from vidgen_gui.ui.theme import GRID_PX


class FlowLayout(QLayout):
    """Lines of widgets at their own size, from the side where reading begins.

    Args:
        fills: each line's widgets share what is left of its width.
    """

    def __init__(self, *widgets: QWidget, spacing: int = GRID_PX, fills: bool = False) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._fills = fills
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(spacing)
        for widget in widgets:
            self.addWidget(widget)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width_px: int) -> int:
        margins = self.contentsMargins()
        lines = self._lines(width_px - margins.left() - margins.right())
        gaps = self.spacing() * max(0, len(lines) - 1)
        return sum(height for _, height in lines) + gaps + margins.top() + margins.bottom()

    def sizeHint(self) -> QSize:
        widths = [item.sizeHint().width() for item in self._shown()]
        gaps = self.spacing() * max(0, len(widths) - 1)
        return self._with_margins(sum(widths) + gaps, self._tallest())

    def minimumSize(self) -> QSize:
        widths = [item.sizeHint().width() for item in self._shown()]
        return self._with_margins(max(widths, default=0), self._tallest())

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        rect = rect.marginsRemoved(self.contentsMargins())
        widget = self.parentWidget()
        mirrored = widget is not None and widget.isRightToLeft()
        top = rect.top()
        for items, height in self._lines(rect.width()):
            left = 0
            spare = rect.width() - self.spacing() * (len(items) - 1)
            spare -= sum(item.sizeHint().width() for item in items)
            more = max(0, spare) // len(items) if self._fills else 0
            for item in items:
                size = item.sizeHint() + QSize(more, 0)
                x = rect.width() - left - size.width() if mirrored else left
                item.setGeometry(QRect(QPoint(rect.left() + x, top), size))
                left += size.width() + self.spacing()
            top += height + self.spacing()

    def _with_margins(self, width_px: int, height_px: int) -> QSize:
        return QSize(width_px, height_px).grownBy(self.contentsMargins())

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _tallest(self) -> int:
        return max((item.sizeHint().height() for item in self._shown()), default=0)

    def _lines(self, width_px: int) -> list[tuple[list[QLayoutItem], int]]:
        """What stands in each line, and how high the line is."""
        lines: list[tuple[list[QLayoutItem], int]] = []
        used = 0
        for item in self._shown():
            size = item.sizeHint()
            if lines and used + self.spacing() + size.width() <= width_px:
                items, height = lines[-1]
                lines[-1] = ([*items, item], max(height, size.height()))
                used += self.spacing() + size.width()
            else:
                lines.append(([item], size.height()))
                used = size.width()
        return lines
