"""The editor of an order: dragged, moved by keys and buttons, ticked."""

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from vidgen_gui.gpu.rungs import RUNGS
from vidgen_gui.ui.order_editor import OrderEditor
from vidgen_gui.ui.rung_names import rung_names


@pytest.fixture
def editor(qtbot: QtBot) -> OrderEditor:
    made = OrderEditor([("a", "First"), ("b", "Second"), ("c", "Third")])
    made.set_name("Ways")
    qtbot.addWidget(made)
    made.show()
    return made


def test_the_usual_order_is_the_empty_value(editor: OrderEditor) -> None:
    assert editor.value() == ()
    editor.set_value(("a", "b", "c"))
    assert editor.value() == ()


def test_a_value_is_shown_in_its_order_and_the_rest_without_a_tick(editor: OrderEditor) -> None:
    editor.set_value(("c", "z", "a"))
    items = [editor.list.item(at) for at in range(editor.list.count())]
    assert [item.text() for item in items] == ["Third", "z", "First", "Second"]
    ticks = [item.checkState() is Qt.CheckState.Checked for item in items]
    assert ticks == [True, True, True, False]
    assert editor.value() == ("c", "z", "a")


def test_lines_are_moved_by_drag_keys_and_buttons(qtbot: QtBot, editor: OrderEditor) -> None:
    with qtbot.waitSignal(editor.edited):
        assert editor.list.model().moveRow(QModelIndex(), 0, QModelIndex(), 3)
    assert editor.value() == ("b", "c", "a")
    editor.list.setCurrentRow(2)
    editor.list.setFocus()
    with qtbot.waitSignal(editor.edited):
        QTest.keyClick(editor.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert editor.value() == ("b", "a", "c")
    assert editor.list.currentRow() == 1
    editor.down.click()
    assert editor.value() == ("b", "c", "a")
    assert not editor.down.isEnabled()
    QTest.keyClick(editor.list, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert editor.value() == ("b", "c", "a")
    editor.up.click()
    editor.up.click()
    assert editor.value() == ()


def test_the_last_tick_stays(editor: OrderEditor) -> None:
    editor.list.setFocus()
    for number, left in enumerate([("b", "c"), ("c",), ("c",)]):
        editor.list.setCurrentRow(number)
        QTest.keyClick(editor.list, Qt.Key.Key_Space)
        assert editor.value() == left


def test_arrows_alone_only_walk(editor: OrderEditor) -> None:
    editor.list.setFocus()
    QTest.keyClick(editor.list, Qt.Key.Key_Down)
    assert editor.list.currentRow() == 1
    assert editor.value() == ()


def test_every_way_has_a_name_of_its_own() -> None:
    names = dict(rung_names())
    assert tuple(names) == RUNGS
    assert len(set(names.values())) == len(RUNGS)
    assert not set(names) & set(names.values())
