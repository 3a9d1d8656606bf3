"""A slider for places in a video: a click goes there at once, dragging follows."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QSlider, QStyle

from vidgen_gui.ui import labels


class SeekSlider(QSlider):
    """Values are milliseconds; ``sought`` is a person's wish, never the video's own progress."""

    sought = Signal(int)

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setRange(0, 0)
        self.setSingleStep(500)
        self.setPageStep(5000)
        self.setAccessibleName(self.tr("Position"))
        self.actionTriggered.connect(self._on_action)

    def set_duration(self, duration_ms: int) -> None:
        self.setMaximum(max(0, duration_ms))

    def set_position(self, position_ms: int) -> None:
        if not self.isSliderDown():
            self.setValue(position_ms)
        self.setAccessibleDescription(labels.clock(self.value() / 1000))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        self.setSliderDown(True)
        self._follow(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._follow(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)

    def _follow(self, event: QMouseEvent) -> None:
        value = QStyle.sliderValueFromPosition(
            self.minimum(),
            self.maximum(),
            round(event.position().x()),
            self.width(),
        )
        self.setValue(value)
        self.sought.emit(value)
        event.accept()

    def _on_action(self, _action: int) -> None:
        # Keys and wheel: the new value is not set yet, but the slider's position is.
        self.sought.emit(self.sliderPosition())
