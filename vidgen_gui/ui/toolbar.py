"""The main window's toolbar and its menu."""

from PySide6.QtCore import QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QDockWidget,
    QMainWindow,
    QMenu,
    QSizePolicy,
    QToolBar,
    QToolButton,
    QWidget,
)

from vidgen_gui.ui.icons import bind_icon
from vidgen_gui.ui.parts import beside_icon, push_button, tool_button
from vidgen_gui.ui.theme import ICON_PX


class ToolBar(QToolBar):
    """What is always at hand; says what was wished by signals."""

    new_video = Signal()
    queue_toggled = Signal()
    doctor = Signal()
    settings = Signal()
    reset_layout = Signal()
    quit = Signal()

    def __init__(self, window: QMainWindow, docks: list[QDockWidget]) -> None:
        super().__init__(window)
        self.setObjectName("toolbar")
        self.setWindowTitle(self.tr("Toolbar"))
        self.setMovable(False)
        self.setIconSize(QSize(ICON_PX, ICON_PX))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._add_new_video()
        self._queue = self._action("pause", self.tr("Pause queue"), "", self.queue_toggled)
        self.addAction(self._queue)
        spacer = QWidget()
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(spacer)
        doctor = self._action("stethoscope", self.tr("Doctor"), "F8", self.doctor)
        settings = self._action("settings", self.tr("Settings"), "Ctrl+,", self.settings)
        self.addAction(doctor)
        self.addAction(settings)
        self._add_menu(docks)
        for button in self.findChildren(QToolButton):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            if not button.accessibleName():
                button.setAccessibleName(button.text().strip())

    def set_paused(self, *, paused: bool) -> None:
        """Offer to start a paused queue, or to pause a running one."""
        text = self.tr("Start queue") if paused else self.tr("Pause queue")
        self._queue.setText(text)
        self._queue.setIconText(beside_icon(text))
        self._queue.setToolTip(
            self.tr("Go on making videos") if paused else self.tr("Begin no new steps")
        )
        bind_icon(self._queue, "play" if paused else "pause")

    def _add_new_video(self) -> None:
        button = push_button(self.tr("New video…"), "plus", role="primary")
        button.setShortcut(QKeySequence("Ctrl+N"))
        button.setToolTip(self.tr("Choose everything about a new video (Ctrl+N)"))
        button.clicked.connect(self.new_video)
        self.addWidget(button)

    def _add_menu(self, docks: list[QDockWidget]) -> None:
        menu = QMenu(self)
        for dock in docks:
            menu.addAction(dock.toggleViewAction())
        menu.addAction(self._action("", self.tr("Reset the arrangement"), "", self.reset_layout))
        menu.addSeparator()
        menu.addAction(self._action("", self.tr("Quit"), "Ctrl+Q", self.quit))
        button = tool_button("menu", self.tr("Menu"), shortcut="F10")
        button.setShortcut(QKeySequence("F10"))
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.addWidget(button)

    def _action(self, icon: str, text: str, keys: str, wished: SignalInstance) -> QAction:
        action = QAction(text, self)
        if icon:
            action.setIconText(beside_icon(text))
            bind_icon(action, icon)
        if keys:
            action.setShortcut(QKeySequence(keys))
            action.setToolTip(f"{text} ({keys})")
        action.triggered.connect(wished)
        return action
