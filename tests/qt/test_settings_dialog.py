"""The settings dialog, made from the declared settings."""

from collections.abc import Callable

import pytest
from fake_controller import FakeController
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot
from style_count import StyleCount

from vidgen_gui.core.hardware_profile import FreeAfter, HardwareProfile
from vidgen_gui.core.quality import Quality
from vidgen_gui.core.setting_declaration import SettingKind
from vidgen_gui.core.settings import setting_fields
from vidgen_gui.ui.setting_editors import (
    ChoiceEditor,
    Editor,
    NumberEditor,
    PathEditor,
    SwitchEditor,
    TextEditor,
)
from vidgen_gui.ui.setting_row import translated
from vidgen_gui.ui.settings_dialog import FIRST_ROWS, ROWS_A_TURN, SettingsDialog

Open = Callable[[], SettingsDialog]

EDITORS = {
    SettingKind.SWITCH: SwitchEditor,
    SettingKind.CHOICE: ChoiceEditor,
    SettingKind.VOICE: ChoiceEditor,
    SettingKind.NUMBER: NumberEditor,
    SettingKind.FOLDER: PathEditor,
    SettingKind.PROGRAM: PathEditor,
    SettingKind.FILE: PathEditor,
    SettingKind.TEXT: TextEditor,
    SettingKind.COMMAND: TextEditor,
    SettingKind.ADDRESS: TextEditor,
    SettingKind.ADDRESSES: TextEditor,
}


@pytest.fixture
def begin(qtbot: QtBot, controller: FakeController) -> Open:
    """A dialog as it is before the event loop had a turn."""

    def begun() -> SettingsDialog:
        made = SettingsDialog(controller)
        qtbot.addWidget(made)
        made.show()
        return made

    return begun


@pytest.fixture
def open_dialog(qtbot: QtBot, begin: Open) -> Open:
    def opened() -> SettingsDialog:
        made = begin()
        qtbot.waitUntil(lambda: made.is_built)
        return made

    return opened


@pytest.fixture
def dialog(open_dialog: Open) -> SettingsDialog:
    return open_dialog()


def test_every_declared_setting_is_there_with_its_words(dialog: SettingsDialog) -> None:
    # Hardware profiles have a page of their own.
    fields = {
        path: field
        for path, field in setting_fields().items()
        if field.kind is not SettingKind.PROFILE
    }
    assert list(dialog.rows) == list(fields)
    for path, field in fields.items():
        line = dialog.rows[path]
        assert isinstance(line.editor, EDITORS[field.kind])
        texts = [label.text() for label in line.findChildren(QLabel)]
        assert field.help_text in texts
        assert line.editor.value() == dialog._settings.value(path)


def test_save_hands_over_what_changed_only(
    controller: FakeController, dialog: SettingsDialog
) -> None:
    assert not dialog.save.isEnabled()
    dialog.rows["video.quality"].editor.set_value(Quality.ULTRA)
    dialog.rows["voice.music"].editor.set_value(value=False)
    assert dialog.values() == {"video.quality": Quality.ULTRA, "voice.music": False}
    dialog.save.click()
    ((saved,),) = controller.called("save_settings")
    assert saved.video.quality is Quality.ULTRA
    assert not saved.voice.music
    assert saved.general == controller.settings.general


def test_reset_appears_with_a_change_and_takes_it_back(dialog: SettingsDialog) -> None:
    line = dialog.rows["general.workers"]
    assert not line.reset.isVisible()
    line.editor.set_value(4)
    assert line.reset.isVisible()
    line.reset.click()
    assert line.editor.value() == 2
    assert not line.reset.isVisible()
    assert not dialog.values()


def test_an_impossible_value_is_explained_beside_its_field(
    dialog: SettingsDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = dialog.rows["general.workers"]
    # The field itself keeps numbers in bounds: this is one that got past it.
    monkeypatch.setattr(line.editor, "value", lambda: 99)
    line.editor.edited.emit()
    assert line.problem.isVisible()
    assert "99" in line.problem.text()
    assert not dialog.save.isEnabled()
    monkeypatch.setattr(line.editor, "value", lambda: 3)
    line.editor.edited.emit()
    assert not line.problem.isVisible()
    assert dialog.save.isEnabled()


def test_numbers_stay_in_bounds_and_have_units(dialog: SettingsDialog) -> None:
    workers = dialog.rows["general.workers"].editor
    workers.set_value(400)
    assert workers.value() == 4
    cache = dialog.rows["advanced.cache_limit_gib"].editor
    assert isinstance(cache, NumberEditor)
    assert cache._box.text() == "3 GiB"


@pytest.mark.req("ENV")
def test_what_the_environment_says_is_shown_and_locked(
    controller: FakeController, open_dialog: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAX_WORKERS", "1")
    controller.settings = controller.settings.with_values({"general.workers": 1})
    dialog = open_dialog()
    line = dialog.rows["general.workers"]
    assert not line.editor.isEnabled()
    assert not line.reset.isVisible()
    assert any("MAX_WORKERS" in label.text() for label in line.findChildren(QLabel))
    assert dialog.rows["video.quality"].editor.isEnabled()
    assert "general.workers" not in dialog.values()


@pytest.mark.req("ENV")
def test_what_the_hardware_profile_says_instead_is_told(
    controller: FakeController, open_dialog: Open
) -> None:
    controller.profiles.profiles = (HardwareProfile(name="Evenings", free_after=FreeAfter.NO),)
    controller.settings = controller.settings.with_values({"hardware.profile": "Evenings"})
    dialog = open_dialog()
    line = dialog.rows["image_maker.free_after"]
    shown = [label.text() for label in line.findChildren(QLabel) if label.isVisible()]
    assert "The hardware profile “Evenings” says otherwise." in shown
    assert line.editor.isEnabled()
    assert not dialog.values()


def test_nothing_is_styled_again_and_again_while_it_is_built(
    qtbot: QtBot, qapp: QApplication, controller: FakeController
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    counted = StyleCount()
    qapp.installEventFilter(counted)
    dialog = SettingsDialog(controller, window)
    qtbot.waitUntil(lambda: dialog.is_built)
    qapp.removeEventFilter(counted)
    widgets = len(dialog.findChildren(QWidget))
    assert widgets > 400
    # Once in its row, once with it, and once more for what it is made of.
    assert widgets <= counted.within(dialog) < 3 * widgets


def test_search_finds_by_title_help_and_group(dialog: SettingsDialog) -> None:
    QTest.keyClicks(dialog.search, "narration")
    shown = [path for path, line in dialog.rows.items() if line.isVisible()]
    assert shown == ["voice.speech"]
    dialog.search.setText("no such thing")
    assert dialog._nothing.isVisible()
    dialog.search.clear()
    assert all(line.isVisible() for line in dialog.rows.values())


def test_a_voice_that_is_gone_stays_chosen(controller: FakeController, open_dialog: Open) -> None:
    controller.settings = controller.settings.with_values({"voice.voice": "de_DE-gone-low"})
    dialog = open_dialog()
    assert dialog.rows["voice.voice"].editor.value() == "de_DE-gone-low"
    assert not dialog.values()


def test_escape_changes_nothing(controller: FakeController, dialog: SettingsDialog) -> None:
    dialog.rows["general.workers"].editor.set_value(4)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert not controller.called("save_settings")


def test_what_is_not_seen_at_first_is_built_in_later_turns(begin: Open) -> None:
    fields = {
        path: field
        for path, field in setting_fields().items()
        if field.kind is not SettingKind.PROFILE
    }
    dialog = begin()
    assert list(dialog.rows) == list(fields)[:FIRST_ROWS]
    assert len(dialog.findChildren(Editor)) == FIRST_ROWS
    assert not dialog.profiles.findChildren(Editor)
    groups = {translated(field.group_title) for field in setting_fields().values()}
    assert {dialog._groups.item(row).text() for row in range(dialog._groups.count())} == groups
    while not dialog.is_built:
        before = len(dialog.rows)
        QApplication.processEvents()
        assert len(dialog.rows) - before <= ROWS_A_TURN
    assert list(dialog.rows) == list(fields)


def test_saving_keeps_what_is_not_built_yet(controller: FakeController, begin: Open) -> None:
    controller.settings = controller.settings.with_values({"advanced.cache_limit_gib": 7})
    wanted = controller.settings.with_values({"general.workers": 4})
    dialog = begin()
    dialog.rows["general.workers"].editor.set_value(4)
    dialog.save.click()
    assert "advanced.cache_limit_gib" not in dialog.rows
    ((saved,),) = controller.called("save_settings")
    assert saved == wanted


def test_a_search_reaches_what_is_not_built_yet(qtbot: QtBot, begin: Open) -> None:
    dialog = begin()
    assert "voice.speech" not in dialog.rows
    dialog.search.setText("narration")
    assert not dialog._nothing.isVisible()
    qtbot.waitUntil(lambda: dialog.is_built)
    assert [path for path, line in dialog.rows.items() if line.isVisible()] == ["voice.speech"]


def test_a_group_chosen_at_once_is_shown_when_it_stands(qtbot: QtBot, begin: Open) -> None:
    dialog = begin()
    dialog._groups.setCurrentRow(dialog._groups.count() - 1)
    qtbot.waitUntil(lambda: dialog.is_built)
    bar = dialog._scroll.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0


def test_enter_in_the_search_goes_to_what_was_found_and_saves_nothing(
    qtbot: QtBot, controller: FakeController, dialog: SettingsDialog
) -> None:
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    dialog.rows["general.workers"].editor.set_value(4)
    dialog.search.setFocus()
    QTest.keyClicks(dialog.search, "narration")
    QTest.keyClick(dialog.search, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert not controller.called("save_settings")
    assert dialog.focusWidget() is dialog.rows["voice.speech"].editor.focusProxy()
    assert dialog.save.isEnabled()


def test_the_list_of_groups_follows_the_page_and_leads_back(dialog: SettingsDialog) -> None:
    groups, bar = dialog._groups, dialog._scroll.verticalScrollBar()
    assert groups.currentRow() == 0
    captions = list(dialog._sections)[3]
    bar.setValue(dialog._sections[captions].y())
    assert groups.currentItem().text() == translated(captions)
    bar.setValue(bar.maximum())
    assert groups.currentRow() == groups.count() - 1
    groups.setCurrentRow(1)
    place = bar.value()
    bar.setValue(place + 8)
    assert groups.currentRow() == 1
    QTest.mouseClick(
        groups.viewport(),
        Qt.MouseButton.LeftButton,
        pos=groups.visualItemRect(groups.item(1)).center(),
    )
    assert bar.value() == place
    assert groups.currentRow() == 1


def test_the_list_of_groups_shows_that_it_has_the_keyboard(
    qtbot: QtBot, dialog: SettingsDialog
) -> None:
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    dialog._groups.setCurrentRow(-1)
    dialog.search.setFocus()
    before = dialog._groups.grab().toImage()
    dialog._groups.setFocus()
    assert dialog._groups.grab().toImage() != before
