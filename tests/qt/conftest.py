"""What widget tests share: an English locale, bundled fonts, a fake controller, an open window."""

import gc
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QLocale, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

sys.path.insert(0, str(Path(__file__).parent))

from fake_controller import FakeController, make_view

from vidgen_gui.controller.job_view import JobView, QueueStatus
from vidgen_gui.core.job import JobSpec
from vidgen_gui.system.resources import resource
from vidgen_gui.ui.main_window import MainWindow
from vidgen_gui.ui.theme import Appearance, Theme

SCREENS = Path(__file__).with_name("screen.json")
"""A desk's and a small laptop's; Qt's own has no room for the window."""
os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={SCREENS}"

FONTS = ("NotoSans-Regular.ttf", "NotoSans-SemiBold.ttf")
PATIENT_MS = 60_000
"""For what comes sooner or later, on a machine that does much else."""
HARMLESS = (
    "This plugin does not support",
    "No audio device detected",
    "No HW decoder found",
    "Couldn't load",
    "Couldn't resolve",
    "Could not open media",
    "No RHI backend",
    "PulseAudioService",
)


@pytest.fixture(scope="session", autouse=True)
def _look(qapp: QApplication) -> None:
    """The offscreen platform has hardly a font, and the machine any locale."""
    QLocale.setDefault(QLocale("en_US"))
    for name in FONTS:
        QFontDatabase.addApplicationFont(str(resource(f"fonts/{name}")))
    qapp.setFont(QFont("Noto Sans", 10))


@pytest.fixture(autouse=True)
def _rubbish_stays_until_the_test_is_over() -> Iterator[None]:
    """A test's own controller, once dropped, would be destroyed by any thread that collects.

    QObjects must end on the thread that they live on; in the app they live as long as it does.
    """
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def _light() -> None:
    Theme.get().set_appearance(Appearance.LIGHT)


@pytest.fixture(autouse=True)
def _no_qt_complaints() -> Iterator[None]:
    """Fail the test in which Qt warned of something."""
    said: list[str] = []

    def note(kind: QtMsgType, _context: object, text: str) -> None:
        if kind in (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg) and not any(
            harmless in text for harmless in HARMLESS
        ):
            said.append(text)

    before = qInstallMessageHandler(note)
    yield
    qInstallMessageHandler(before)
    assert not said


@pytest.fixture
def controller(tmp_path: Path) -> Iterator[FakeController]:
    fake = FakeController(tmp_path)
    yield fake
    fake.deleteLater()


@pytest.fixture
def qtbot(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> QtBot:
    """What a test shows by itself wears the theme, as it would in the window; waits are patient."""
    add = qtbot.addWidget
    for name in ("waitUntil", "waitSignal", "waitExposed"):
        monkeypatch.setattr(qtbot, name, partial(getattr(qtbot, name), timeout=PATIENT_MS))

    def add_dressed(widget: QWidget, **options: Any) -> None:
        if widget.parentWidget() is None:
            Theme.get().dress(widget)
        add(widget, **options)

    monkeypatch.setattr(qtbot, "addWidget", add_dressed)
    return qtbot


@pytest.fixture
def window(qtbot: QtBot, controller: FakeController) -> Iterator[MainWindow]:
    """An open main window with no jobs."""
    opened = MainWindow(controller)
    # An idle window closes without a question that nobody would answer.
    idle = QueueStatus()
    qtbot.addWidget(opened, before_close_func=lambda _: controller.queue_changed.emit(idle))
    opened.show()
    qtbot.waitExposed(opened)
    controller.load([])
    yield opened
    opened.preview.release()
    opened.thumbnails.close()


@pytest.fixture
def make_job(tmp_path: Path) -> Callable[..., JobView]:
    """``make_job(3, topic="Tea", state=…)``: a view, with spec options or view fields."""
    spec_names = set(JobSpec.model_fields) - {"topic"}

    def make(number: int, topic: str = "", **options: object) -> JobView:
        wanted = {name: options.pop(name) for name in list(options) if name in spec_names}
        wanted.setdefault("output_dir", tmp_path)
        spec = JobSpec.create(topic=topic or f"Topic {number}", **wanted)
        return make_view(spec, number, **options)

    return make
