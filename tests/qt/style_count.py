"""How much styling is done, counted: time would tell less on a busy machine."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget


class StyleCount(QObject):
    """An event filter for the application; ``widgets`` are those that got their looks, each time.

    Other tests' windows may still be there.
    """

    def __init__(self) -> None:
        super().__init__()
        self.widgets: list[QWidget] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() is QEvent.Type.StyleChange and isinstance(watched, QWidget):
            self.widgets.append(watched)
        return False

    def within(self, window: QWidget) -> int:
        """How often widgets of that window did."""
        own = {window, *window.findChildren(QWidget)}
        return sum(widget in own for widget in self.widgets)
