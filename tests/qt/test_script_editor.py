"""The script editor by itself: cards come and go without a window of their own."""

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from vidgen_gui.core.script import Scene, Script
from vidgen_gui.ui.script_editor import ScriptEditor


class _ShownWindows(QObject):
    """Notes every window that is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        shown = event.type() == QEvent.Type.Show
        if shown and isinstance(watched, QWidget) and watched.isWindow():
            self.seen.append(type(watched).__name__)
        return False


@pytest.mark.parametrize("with_pictures", [True, False])
def test_no_card_is_ever_a_window(qtbot: QtBot, *, with_pictures: bool) -> None:
    script = Script("A title", tuple(Scene(f"Line {n}.", f"picture {n}") for n in range(3)))
    watch = _ShownWindows()
    app = QApplication.instance()
    assert app is not None
    app.installEventFilter(watch)
    editor = ScriptEditor(with_pictures=with_pictures)
    qtbot.addWidget(editor)
    editor.show()
    editor.set_script(script)
    editor.set_script(script)
    editor.set_read_only(read_only=True)
    app.removeEventFilter(watch)
    assert watch.seen == ["ScriptEditor"]
    assert editor.script() == script
