"""Docks with a quiet header; their arrangement is the main window's."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QFrame, QMainWindow, QWidget

from vidgen_gui.ui.icons import bind_icon
from vidgen_gui.ui.parts import column, panel, row, text_label, tool_button
from vidgen_gui.ui.theme import GRID_PX, set_role


class _Header(QFrame):
    """A dock's title; dragging it moves the dock, its button hides it."""

    def __init__(self, dock: QDockWidget) -> None:
        super().__init__()
        set_role(self, "plain")
        title = text_label(dock.windowTitle(), "small")
        close = tool_button("x", self.tr("Hide “{0}”").format(dock.windowTitle()))
        bind_icon(close, "x", "muted")
        close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        close.clicked.connect(dock.close)
        self.setLayout(row(title, -1, close, margin=(GRID_PX, 0, 0, 0)))


class Dock(QDockWidget):
    """A dock around one panel; ``name`` is what its place is remembered by."""

    def __init__(self, name: str, title: str, content: QWidget, window: QMainWindow) -> None:
        super().__init__(title, window)
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setFeatures(
            QDockWidget.DockWidgetFeature.DockWidgetMovable
            | QDockWidget.DockWidgetFeature.DockWidgetFloatable
            | QDockWidget.DockWidgetFeature.DockWidgetClosable
        )
        self.setTitleBarWidget(_Header(self))
        self.setWidget(panel(column(content, spacing=0)))
