"""The scenes strip with more scenes than it has room for."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from vidgen_gui.ui.scenes_strip import ScenesStrip
from vidgen_gui.ui.thumbnails import Thumbnails

SCENES = 300
SCENE_S = 4.0


@pytest.fixture
def strip(qtbot: QtBot, tmp_path: Path) -> ScenesStrip:
    picture = QImage(60, 90, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.darkGreen)
    pictures = [tmp_path / f"{number}.bmp" for number in range(SCENES)]
    for path in pictures:
        assert picture.save(str(path))
    thumbnails = Thumbnails()
    made = ScenesStrip(thumbnails)
    thumbnails.setParent(made)
    qtbot.addWidget(made, before_close_func=lambda _: thumbnails.close())
    made.resize(480, made.height())
    starts_s = tuple(SCENE_S * number for number in range(SCENES))
    made.set_scenes(starts_s, SCENE_S * SCENES, pictures=tuple(pictures))
    made.show()
    return made


def in_sight(strip: ScenesStrip) -> list[int]:
    return [n for n, rect in enumerate(strip.pieces()) if strip.rect().contains(rect)]


def turn_wheel(strip: ScenesStrip, notches: int) -> None:
    middle = QPointF(strip.rect().center())
    event = QWheelEvent(
        middle,
        QPointF(strip.mapToGlobal(middle.toPoint())),
        QPoint(),
        QPoint(0, -120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(strip, event)


def test_the_scene_that_plays_is_in_sight(strip: ScenesStrip) -> None:
    assert in_sight(strip)[0] == 0
    for number in (7, 150, SCENES - 1, 149, 0):
        strip.set_position(number * SCENE_S + 0.1)
        assert strip.current == number
        assert number in in_sight(strip)
    strip.resize(200, strip.height())
    strip.set_position((SCENES - 1) * SCENE_S)
    strip.resize(900, strip.height())
    assert in_sight(strip)[-1] == SCENES - 1
    assert strip.pieces()[-1].right() == strip.rect().right()


def test_every_scene_can_be_reached_by_mouse_and_by_keys(qtbot: QtBot, strip: ScenesStrip) -> None:
    turn_wheel(strip, 10)
    target = in_sight(strip)[3]
    assert target > 20
    with qtbot.waitSignal(strip.jump_requested) as jump:
        QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.pieces()[target].center())
    assert jump.args == [target * SCENE_S]
    turn_wheel(strip, 1000)
    assert in_sight(strip)[-1] == SCENES - 1
    QTest.keyClick(strip, Qt.Key.Key_Right)
    assert strip.current == target + 1
    assert strip.current in in_sight(strip)
    turn_wheel(strip, -1000)
    assert in_sight(strip)[0] == 0


def test_only_pictures_in_sight_are_read_and_each_once(qtbot: QtBot, strip: ScenesStrip) -> None:
    """The cache does not hold all of them: reading them all would never end."""
    read: list[str] = []
    strip._thumbnails.loaded.connect(read.append)
    seen = len(in_sight(strip))
    qtbot.waitUntil(lambda: len(read) >= seen)
    for _ in range(20):
        strip.grab()
        qtbot.wait(10)
    assert len(read) == len(set(read)) <= seen + 2
