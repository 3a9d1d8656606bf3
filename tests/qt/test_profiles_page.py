"""The settings' page of hardware profiles: chosen, edited, tried, handed on, saved."""

from collections.abc import Callable

import pytest
from fake_controller import FakeController
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from vidgen_gui.controller.profile_controller import ImportedProfile, ProfileChanges
from vidgen_gui.core.hardware_profile import HardwareProfile, QualityPolicy, profile_fields
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.ui.profiles_page import ProfilesPage
from vidgen_gui.ui.setting_row import ValueRow
from vidgen_gui.ui.settings_dialog import SettingsDialog

EVENINGS = HardwareProfile(name="Evenings", reserve_mib=1536, rungs=("hires-tiles", "plain"))
Open = Callable[[], SettingsDialog]


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MAX_VRAM_MB", "AUTO_QUALITY_DOWNGRADE", "MAX_WORKERS", "FREE_VRAM_AFTER_GEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def open_page(qtbot: QtBot, controller: FakeController) -> Open:
    def opened() -> SettingsDialog:
        dialog = SettingsDialog(controller)
        qtbot.addWidget(dialog)
        dialog.show()
        qtbot.waitUntil(lambda: dialog.is_built)
        dialog.open_profiles()
        return dialog

    return opened


@pytest.fixture
def dialog(open_page: Open, controller: FakeController) -> SettingsDialog:
    controller.profiles.profiles = (EVENINGS,)
    controller.settings = controller.settings.with_values({"hardware.profile": "Evenings"})
    return open_page()


@pytest.fixture
def page(dialog: SettingsDialog) -> ProfilesPage:
    return dialog.profiles


def _row(page: ProfilesPage, name: str) -> ValueRow:
    assert page.values is not None
    return page.values.rows[name]


def _texts(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def _saved(controller: FakeController) -> ProfileChanges:
    ((changes,),) = controller.called("save_profiles")
    assert isinstance(changes, ProfileChanges)
    return changes


def test_this_machine_is_followed_until_a_profile_is_made(
    controller: FakeController, open_page: Open
) -> None:
    dialog = open_page()
    page = dialog.profiles
    assert page.chooser.currentText() == "This machine (auto)"
    shown = _texts(page)
    assert "NVIDIA RTX A2000 12GB, 12.0 GB" in shown
    assert "15.6 GB of main memory" in shown
    assert page.make_own.isVisible()
    assert not any(action.isEnabled() for action in (page.rename, page.remove, page.export_file))
    page.make_own.click()
    assert page.chooser.currentText() == "My profile"
    field = dialog.focusWidget()
    assert field is _row(page, "name").editor.field
    QTest.keyClicks(field, "Nights")
    dialog.save.click()
    assert _saved(controller).put == (("", HardwareProfile(name="Nights")),)
    assert controller.settings.hardware.profile == "Nights"


def test_every_value_is_there_with_its_words(page: ProfilesPage) -> None:
    assert page.values is not None
    assert list(page.values.rows) == [
        *("name", "gpu", "vram_limit_mib", "reserve_mib", "pause_script_writer"),
        *("stop_found_programs", "free_after", "rungs", "quality_policy", "lowest_quality"),
        *("cpu_allowed", "workers", "ram_limit_mib", "comfyui_flags"),
    ]
    assert set(page.values.rows) == set(profile_fields())
    for name, field in profile_fields().items():
        line = page.values.rows[name]
        assert field.help_text in [label.text() for label in line.findChildren(QLabel)]
        assert line.editor.value() == getattr(EVENINGS, name)


def test_each_edited_value_reaches_the_draft_and_what_is_saved(
    controller: FakeController, dialog: SettingsDialog
) -> None:
    page = dialog.profiles
    wanted = HardwareProfile(
        name="Nights",
        gpu="NVIDIA RTX A2000 12GB",
        vram_limit_mib=8192,
        reserve_mib=256,
        pause_script_writer="ask",
        stop_found_programs=True,
        rungs=("plain", "hires-full"),
        quality_policy="keep",
        lowest_quality="high",
        cpu_allowed=True,
        free_after="no",
        workers=3,
        ram_limit_mib=12_000,
        comfyui_flags="--lowvram",
    )
    for name in profile_fields():
        _row(page, name).editor.set_value(getattr(wanted, name))
        _row(page, name).editor.edited.emit()
    assert page.draft.profile == wanted
    assert page.chooser.currentText() == "Nights"
    dialog.save.click()
    assert _saved(controller) == ProfileChanges((("Evenings", wanted),), ())
    assert controller.settings.hardware.profile == "Nights"


def test_nothing_is_saved_without_a_change_and_another_profile_is_one(
    controller: FakeController, dialog: SettingsDialog
) -> None:
    assert not dialog.save.isEnabled()
    QTest.keyClick(dialog.profiles.chooser, Qt.Key.Key_Up)
    assert dialog.profiles.draft.is_auto
    assert dialog.values() == {"hardware.profile": ""}
    dialog.save.click()
    assert controller.settings.hardware.profile == ""
    assert not controller.called("save_profiles")


def test_an_empty_or_taken_name_is_explained_and_not_saved(dialog: SettingsDialog) -> None:
    page = dialog.profiles
    page.duplicate.click()
    assert page.draft.names == ["Evenings", "Evenings copy"]
    assert dialog.save.isEnabled()
    line = _row(page, "name")
    for name, words in (("", "has no name"), ("evenings", "Another hardware profile")):
        line.editor.field.setText(name)
        line.editor.edited.emit()
        assert words in line.problem.text()
        assert not dialog.save.isEnabled()
    page.chooser.setCurrentIndex(0)
    page.chooser.activated.emit(0)
    assert not dialog.save.isEnabled()


def test_options_that_no_program_could_take_are_explained(dialog: SettingsDialog) -> None:
    line = _row(dialog.profiles, "comfyui_flags")
    line.editor.set_value('--reserve-vram "1')
    line.editor.edited.emit()
    assert "quot" in line.problem.text()
    assert not dialog.save.isEnabled()
    line.editor.set_value("--reserve-vram 1")
    line.editor.edited.emit()
    assert line.problem.isHidden()
    assert dialog.save.isEnabled()


def test_removed_is_gone_when_it_is_saved(
    controller: FakeController, dialog: SettingsDialog
) -> None:
    page = dialog.profiles
    page.remove.trigger()
    assert page.draft.is_auto
    assert "“Evenings” is removed when you save." in _texts(page)
    dialog.save.click()
    assert _saved(controller) == ProfileChanges((), ("Evenings",))
    assert controller.settings.hardware.profile == ""


def test_escape_changes_nothing(controller: FakeController, dialog: SettingsDialog) -> None:
    dialog.profiles.remove.trigger()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not controller.called("save_settings")


def test_reset_takes_one_value_back_or_all(page: ProfilesPage) -> None:
    line = _row(page, "reserve_mib")
    assert line.reset.isVisibleTo(line)
    line.reset.click()
    assert page.draft.profile == EVENINGS.model_copy(update={"reserve_mib": 512})
    page.reset.trigger()
    assert page.draft.profile == HardwareProfile(name="Evenings")
    assert not _row(page, "name").reset.isVisibleTo(_row(page, "name"))


@pytest.mark.req("ENV", "G2")
def test_what_the_environment_says_is_shown_and_locked(
    controller: FakeController, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAX_VRAM_MB", "4096")
    monkeypatch.setenv("AUTO_QUALITY_DOWNGRADE", "0")
    controller.profiles.profiles = (EVENINGS,)
    dialog = open_page()
    page = dialog.profiles
    assert "Memory limit: 4.0 GB. Set by MAX_VRAM_MB in the environment." in _texts(page)
    assert "AUTO_QUALITY_DOWNGRADE" in _texts(page)
    page.chooser.setCurrentIndex(1)
    page.chooser.activated.emit(1)
    for name, shown in (("vram_limit_mib", 4096), ("quality_policy", QualityPolicy.KEEP)):
        line = _row(page, name)
        assert not line.editor.isEnabled()
        assert line.editor.value() == shown
        assert "in the environment" in "".join(one.text() for one in line.findChildren(QLabel))
    assert page.draft.put == ()
    assert page.draft.profile.vram_limit_mib == 0


@pytest.mark.req("B5")
def test_the_plan_is_shown_and_follows_what_is_edited(
    qtbot: QtBot, controller: FakeController, page: ProfilesPage
) -> None:
    before = page.box.how.whole
    assert "1440×2560" in before
    assert "refined in tiles at" in before
    assert "of 4.5 GB" in page.box.need.whole
    _row(page, "reserve_mib").editor.set_value(4608)
    qtbot.waitUntil(lambda: "of 4.5 GB" not in page.box.need.whole)
    page.chooser.activated.emit(0)
    assert page.box.how.whole != before
    assert "refined at" in page.box.how.whole
    asked = controller.profiles.called("make_plan")
    assert asked[-1][0] == HardwareProfile()


def test_a_late_plan_is_not_shown(controller: FakeController, page: ProfilesPage) -> None:
    controller.profiles.answers = False
    first, token = EVENINGS, page._token + 1
    page.chooser.activated.emit(0)
    page.chooser.activated.emit(1)
    shown = page.box.how.whole
    controller.profiles.plan_made.emit(token, Message(MessageId.GPU_NO_CARD))
    assert page.box.how.whole == shown
    controller.profiles.plan_made.emit(token + 1, Message(MessageId.GPU_NO_CARD))
    assert "No graphics card" in page.box.how.whole
    assert first == page.draft.profile


def test_what_is_only_assumed_or_not_there_is_said(
    controller: FakeController, open_page: Open
) -> None:
    controller.profiles.is_assumed = True
    dialog = open_page()
    assert "ComfyUI is not there now." in dialog.profiles.box.notes.whole
    controller.profiles.card = None
    dialog = open_page()
    page = dialog.profiles
    assert "No graphics card whose memory can be read" in _texts(page)
    assert "the processor draws" in page.box.need.whole
    assert "not known" not in page.box.need.whole


@pytest.mark.req("ENV")
def test_settings_say_when_the_profile_overrules_them(dialog: SettingsDialog) -> None:
    line = dialog.rows["general.workers"]
    others = [dialog.rows[path] for path in ("image_maker.free_after", "general.theme")]
    says = "The hardware profile “Evenings” says otherwise."
    assert says not in [one.text() for one in line.findChildren(QLabel)]
    editor = _row(dialog.profiles, "workers").editor
    editor.set_value(3)
    assert says in [one.text() for one in line.findChildren(QLabel)]
    assert all(says not in one.text() for other in others for one in other.findChildren(QLabel))
    assert line.editor.isEnabled()
    dialog.profiles.chooser.activated.emit(0)
    assert says not in [one.text() for one in line.findChildren(QLabel)]


def test_a_simulated_card_is_called_so(controller: FakeController, open_page: Open) -> None:
    controller.profiles.with_card("RTX 4090", 24_564, 23_000, 0)
    dialog = open_page()
    assert "RTX 4090 (simulated), 24.0 GB" in _texts(dialog.profiles)


def test_a_card_that_is_not_here_stays_chosen(controller: FakeController, open_page: Open) -> None:
    other = HardwareProfile(name="Other", gpu="A card in another machine")
    controller.profiles.profiles = (other,)
    controller.settings = controller.settings.with_values({"hardware.profile": "Other"})
    dialog = open_page()
    page = dialog.profiles
    assert _row(page, "gpu").editor.value() == "A card in another machine"
    assert page.draft.put == ()


def test_an_imported_profile_is_chosen_and_told(
    controller: FakeController, dialog: SettingsDialog
) -> None:
    page = dialog.profiles
    clamped = Message(
        MessageId.PROFILE_VALUE_CLAMPED,
        {"profile": "Evenings", "field": "Left free", "given": "-1", "used": "0"},
    )
    controller.profiles.imported = ImportedProfile(EVENINGS, (clamped,))
    controller.profiles.import_file("/media/stick/theirs.toml")
    assert page.draft.names == ["Evenings", "Evenings 2"]
    assert "Imported “Evenings 2”. Save to keep it." in _texts(page)
    assert "Left free cannot be “-1”" in _texts(page)
    dialog.save.click()
    ((name, profile),) = _saved(controller).put
    assert (name, profile.name) == ("", "Evenings 2")


def test_what_is_no_profile_is_explained(controller: FakeController, page: ProfilesPage) -> None:
    problem = Message(MessageId.PROFILE_UNREADABLE, {"path": "/media/stick/holiday.jpg"})
    controller.profiles.profile_imported.emit(problem)
    assert "/media/stick/holiday.jpg is no hardware profile" in _texts(page)
    assert page.draft.names == ["Evenings"]


def test_an_exported_profile_is_told(controller: FakeController, page: ProfilesPage) -> None:
    controller.profiles.export_file(page.draft.profile, "/media/stick/evenings.toml")
    assert "Saved as /media/stick/evenings.toml." in _texts(page)


def test_damaged_files_are_told_on_the_page(controller: FakeController, open_page: Open) -> None:
    controller.profiles.notices = (
        Message(MessageId.PROFILE_SET_ASIDE, {"path": "/home/ada/x.toml.broken-1"}),
    )
    dialog = open_page()
    assert "/home/ada/x.toml.broken-1" in _texts(dialog.profiles)


def test_until_the_profiles_are_read_nothing_of_them_is_saved(
    qtbot: QtBot, controller: FakeController, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(controller.profiles), "load", lambda _: None)
    controller.settings = controller.settings.with_values({"hardware.profile": "Evenings"})
    dialog = SettingsDialog(controller)
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: dialog.is_built)
    dialog.profiles.make_own.click()
    assert dialog.values() == {}
    dialog.rows["voice.music"].editor.set_value(value=False)
    assert dialog.values() == {"voice.music": False}
    assert not dialog.profiles.is_changed


def test_search_leads_to_the_page(dialog: SettingsDialog) -> None:
    dialog.search.setText("memory limit")
    assert dialog._page_link.isVisible()
    assert dialog._page_link.text() == "In Hardware profiles: Memory limit, Main memory limit"
    dialog._page_link.click()
    assert dialog.profiles.isVisible()
    dialog.search.setText("narration")
    assert not dialog._page_link.isVisible()
    assert dialog.rows["voice.speech"].isVisible()


def test_the_wheel_passes_over_fields_without_changing_them(page: ProfilesPage) -> None:
    for name, kind in (("pause_script_writer", QComboBox), ("reserve_mib", QSpinBox)):
        (box,) = _row(page, name).editor.findChildren(kind)
        assert not box.hasFocus()
        turn = QWheelEvent(
            QPointF(5, 5),
            QPointF(box.mapToGlobal(QPoint(5, 5))),
            QPoint(),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(box, turn)
    assert page.draft.put == ()


def test_every_control_can_be_reached_and_has_a_name(page: ProfilesPage) -> None:
    kinds = (QAbstractButton, QComboBox, QSpinBox, QLineEdit, QListWidget)
    controls = [
        one
        for one in page.findChildren(QWidget)
        if isinstance(one, kinds)
        and one.isVisibleTo(page)
        and one.isEnabled()
        and one.objectName() != "qt_spinbox_lineedit"
    ]
    assert len(controls) > 15
    for control in controls:
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, control
        assert control.accessibleName() or getattr(control, "text", str)(), control


def _by_tab(dialog: SettingsDialog) -> list[QWidget]:
    """What the Tab key reaches, in its order, from the search field on."""
    found: list[QWidget] = []
    widget: QWidget = dialog.search
    while widget not in found:
        widget.setFocus()
        found.append(widget)
        QTest.keyClick(widget, Qt.Key.Key_Tab)
        reached = dialog.focusWidget()
        assert reached is not None
        widget = reached
    assert widget is dialog.search
    return found


@pytest.mark.parametrize("on_page", [False, True])
def test_the_tab_key_goes_from_top_to_bottom(dialog: SettingsDialog, *, on_page: bool) -> None:
    if not on_page:
        dialog._groups.setCurrentRow(0)
    dialog.rows["voice.music"].editor.set_value(value=False)
    rows = dialog.profiles.values.rows if dialog.profiles.values and on_page else dialog.rows
    reached = _by_tab(dialog)
    first = [line.editor.focusProxy() for line in rows.values()]
    places = [reached.index(one) for one in first if one in reached]
    assert len(places) > len(first) // 2
    assert places == sorted(places)
    assert reached[0] is dialog.search
    assert [one.accessibleName() for one in reached[-2:]] == ["Cancel", "Save"]


def test_longer_words_are_not_clipped(page: ProfilesPage, dialog: SettingsDialog) -> None:
    for label in page.findChildren(QLabel):
        if label.text() and label.wordWrap():
            label.setText(label.text() + " " + label.text()[: len(label.text()) * 2 // 5])
    for button in (page.duplicate, page.more):
        button.setText(button.text() + "xxxxx")
    QApplication.processEvents()
    assert page.minimumSizeHint().width() <= page.width()
    assert page.values is not None
    inner = page.values._scroll.widget()
    assert inner.minimumSizeHint().width() <= page.values._scroll.viewport().width()
    assert dialog.width() == 880
