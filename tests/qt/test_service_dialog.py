"""A service's details: its log, addresses, model, start and key, by hand and by keyboard."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from fake_controller import FakeController
from fake_services import MAKER, WRITER, maker_view, writer_view
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.service import EndpointView, Ownership, ServiceKind, ServiceName, ServiceState
from vidgen_gui.core.settings import setting_fields
from vidgen_gui.ui.service_addresses import MAX_ADDRESSES, same_server
from vidgen_gui.ui.service_dialog import ServiceDialog
from vidgen_gui.ui.service_log import MAX_LINE, MAX_LINES, added_lines
from vidgen_gui.ui.service_models import MAX_MODELS

HOSTILE = "<b>bold</b><img src=x>"
OpenDialog = Callable[..., ServiceDialog]


@pytest.fixture
def open_dialog(qtbot: QtBot, controller: FakeController) -> OpenDialog:
    """``open_dialog(WRITER, "log")``; both services run unless the test showed others."""
    controller.services.show(writer_view(), maker_view())

    def open_(name: ServiceName = WRITER, page: str = "") -> ServiceDialog:
        made = ServiceDialog(controller, name, page)
        qtbot.addWidget(made, before_close_func=lambda dialog: dialog.done(0))
        made.show()
        qtbot.waitExposed(made)
        made.activateWindow()
        qtbot.waitUntil(made.isActiveWindow)
        return made

    return open_


def use(controller: FakeController, **values: object) -> None:
    """``use(controller, script_writer__url="…")``."""
    paths = {name.replace("__", "."): value for name, value in values.items()}
    controller.settings = controller.settings.with_values(paths)


def shown(widget: QWidget) -> list[str]:
    return [
        label.whole if hasattr(label, "whole") else label.text()
        for label in widget.findChildren(QLabel)
        if label.isVisible() and label.text()
    ]


# The dialog as a whole


@pytest.mark.parametrize("name", list(ServiceName))
def test_every_page_opens_by_keyboard_and_every_control_has_a_name(
    open_dialog: OpenDialog, name: ServiceName
) -> None:
    dialog = open_dialog(name, "addresses")
    dialog.nav.setFocus()
    controls = (QAbstractButton, QAbstractItemView, QLineEdit, QPlainTextEdit, QSpinBox)
    for page in dialog._pages.values():
        assert page.isVisible()
        for widget in page.findChildren(QWidget):
            inside = isinstance(widget.parent(), QSpinBox | QLineEdit)
            if isinstance(widget, controls) and not inside:
                text = widget.text() if isinstance(widget, QAbstractButton) else ""
                own = widget.accessibleName() or text or widget.objectName().startswith("qt_")
                assert own, widget
        QTest.keyClick(dialog.nav, Qt.Key.Key_Down)


def test_it_opens_where_there_is_something_to_see(
    open_dialog: OpenDialog, controller: FakeController
) -> None:
    assert open_dialog(WRITER).log.isVisible()
    controller.services.show(writer_view(ownership=Ownership.ADOPTED))
    assert open_dialog(WRITER).addresses.isVisible()
    assert open_dialog(MAKER, "start").start.isVisible()


def test_the_head_follows_the_service(open_dialog: OpenDialog, controller: FakeController) -> None:
    dialog = open_dialog(WRITER)
    assert "Ready" in shown(dialog)
    assert any("process 4242" in text and "5.4 GB" in text for text in shown(dialog))
    silent = Message(MessageId.SERVICE_SILENT)
    unwell = writer_view(state=ServiceState.UNHEALTHY, detail=silent, model=HOSTILE)
    controller.services.show(unwell)
    assert "Unhealthy" in shown(dialog)
    assert any("Nothing answers at its addresses." in text for text in shown(dialog))
    controller.services.action_failed.emit("image-maker", silent)
    assert not dialog._problem.isVisible()
    controller.services.action_failed.emit("script-writer", Message(MessageId.SERVICE_NO_LAUNCH))
    assert "VidGen does not know how to start" in dialog._problem.whole
    for label in dialog.findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText or not label.text()


@pytest.mark.parametrize("answer", ["Go back", "Throw away"])
def test_changes_are_not_lost_without_a_word(
    open_dialog: OpenDialog, controller: FakeController, answer: str
) -> None:
    dialog = open_dialog(WRITER, "start")
    dialog.start.rows["script_writer.port"].editor.set_value(8099)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    (box,) = dialog.findChildren(QMessageBox)
    next(button for button in box.buttons() if button.text() == answer).click()
    assert dialog.isVisible() is (answer == "Go back")
    assert controller.settings.script_writer.port == 8080
    assert not controller.called("save_settings")


def test_escape_closes_what_was_not_changed(open_dialog: OpenDialog) -> None:
    dialog = open_dialog(WRITER)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


# The log


def test_the_log_follows_and_stays_where_it_was_put(
    open_dialog: OpenDialog, controller: FakeController
) -> None:
    controller.services.log = [f"line {number}" for number in range(300)]
    dialog = open_dialog(WRITER, "log")
    view, bar = dialog.log.view, dialog.log.view.verticalScrollBar()
    assert view.toPlainText().endswith("line 299")
    assert bar.value() == bar.maximum() > 0
    controller.services.log.append("line 300")
    dialog.log._timer.timeout.emit()
    assert bar.value() == bar.maximum()
    assert view.toPlainText().endswith("line 299\nline 300")
    bar.setValue(40)
    controller.services.log.append("line 301")
    dialog.log._timer.timeout.emit()
    assert bar.value() == 40


def test_what_is_selected_in_the_log_stays_selected(
    open_dialog: OpenDialog, controller: FakeController
) -> None:
    controller.services.log = ["one", "two"]
    dialog = open_dialog(WRITER, "log")
    dialog.log.view.selectAll()
    controller.services.log.append("three")
    dialog.log._timer.timeout.emit()
    selected = dialog.log.view.textCursor().selectedText()
    assert selected.split("\u2029") == ["one", "two"]


@pytest.mark.req("N4")
def test_a_huge_log_is_bounded_and_only_what_is_new_is_written(
    open_dialog: OpenDialog, controller: FakeController
) -> None:
    controller.services.log = [f"line {number}" for number in range(100_000)]
    controller.services.log.append("x" * 1_000_000)
    dialog = open_dialog(WRITER, "log")
    view = dialog.log.view
    assert view.document().blockCount() == MAX_LINES
    assert max(len(line) for line in view.toPlainText().split("\n")) == MAX_LINE
    written: list[int] = []
    view.document().contentsChange.connect(lambda _at, _removed, added: written.append(added))
    for number in range(200):
        controller.services.log.append(f"more {number}")
        controller.services.log_loaded.emit(WRITER.value, controller.services.log[-5000:])
    assert view.toPlainText().endswith("\nmore 198\nmore 199")
    assert view.document().blockCount() == MAX_LINES
    # Only what is new is written, however long the log is.
    assert max(written) < 2 * len("\nmore 199")


def test_html_in_the_log_is_text_and_can_be_copied(
    open_dialog: OpenDialog, controller: FakeController
) -> None:
    controller.services.log = [HOSTILE, "two\nlines"]
    dialog = open_dialog(WRITER, "log")
    assert dialog.log.view.toPlainText() == f"{HOSTILE}\ntwo lines"
    (copy,) = [
        b for b in dialog.log.findChildren(QAbstractButton) if b.accessibleName() == "Copy the log"
    ]
    copy.click()
    assert QGuiApplication.clipboard().text() == f"{HOSTILE}\ntwo lines"


def test_the_log_is_asked_for_only_while_it_is_seen(
    open_dialog: OpenDialog, controller: FakeController
) -> None:
    dialog = open_dialog(WRITER, "addresses")
    assert not controller.services.called("request_log")
    dialog.open_page("log")
    assert controller.services.called("request_log") == [(WRITER,)]
    assert dialog.log._timer.isActive()
    dialog.open_page("start")
    assert not dialog.log._timer.isActive()
    controller.services.log_loaded.emit(MAKER.value, ["another service's"])
    assert not dialog.log.view.toPlainText()


def test_a_strangers_log_is_not_promised(
    open_dialog: OpenDialog, controller: FakeController
) -> None:
    controller.services.show(writer_view(ownership=Ownership.ADOPTED))
    dialog = open_dialog(WRITER, "log")
    assert "did not start this program" in dialog.log.view.placeholderText()


@pytest.mark.parametrize(
    ("before", "after", "new"),
    [
        ([], ["a"], ["a"]),
        (["a"], ["a"], []),
        (["a", "b"], ["a", "b", "c"], ["c"]),
        (["a", "b", "c"], ["b", "c", "d"], ["d"]),
        (["a", "a", "a"], ["a", "a", "a"], []),
        (["a", "a", "b"], ["a", "b", "c"], ["c"]),
        (["a", "b"], ["x", "y"], None),
        (["a", "b"], [], None),
        (["a", "b", "c"], ["a", "b"], None),
    ],
)
def test_what_a_sliding_log_gained(
    before: list[str], after: list[str], new: list[str] | None
) -> None:
    assert added_lines(before, after) == new


# Addresses


THREE = "http://127.0.0.1:8080", "http://atelier.local:8080", "http://10.0.0.7:11434"


def three_addresses(controller: FakeController) -> None:
    use(
        controller,
        script_writer__url=THREE[0],
        script_writer__fallback_urls=", ".join(THREE[1:]),
    )


@pytest.mark.req("C4", "BUG-21")
def test_each_address_shows_how_it_is(open_dialog: OpenDialog, controller: FakeController) -> None:
    three_addresses(controller)
    unknown = Message(MessageId.SERVER_NAME_UNKNOWN, {"address": THREE[1], "host": HOSTILE})
    slow = Message(MessageId.SERVER_TOO_SLOW, {"address": THREE[2], "waited_s": 3})
    endpoints = (
        EndpointView(THREE[0], healthy=True, latency_s=0.0042),
        EndpointView(THREE[1], healthy=False, problem=unknown),
        EndpointView(THREE[2], healthy=False, problem=slow, blocked_s=74.0),
    )
    controller.services.show(writer_view(endpoints=endpoints))
    dialog = open_dialog(WRITER, "addresses")
    first, second, third = dialog.addresses.rows
    assert [line.address for line in dialog.addresses.rows] == list(THREE)
    assert {"Answers", "4 ms"} <= set(shown(first))
    assert "No answer" in shown(second)
    assert any(HOSTILE in text for text in shown(second))
    assert any("Left alone for another 1 min 14 s." in text for text in shown(third))
    faster = replace(endpoints[0], latency_s=1.25)
    controller.services.show(writer_view(endpoints=(faster, *endpoints[1:])))
    assert "1.2 s" in shown(first) or "1.3 s" in shown(first)


@pytest.mark.req("C4")
def test_checking_asks_what_is_typed_and_waits_without_waiting(
    open_dialog: OpenDialog, controller: FakeController
) -> None:
    """Five dead addresses: the click is done at once, and the page goes on working."""
    use(
        controller,
        script_writer__url="http://10.255.255.1:1",
        script_writer__fallback_urls=", ".join(f"http://10.255.255.{n}:1" for n in range(2, 6)),
    )
    dialog = open_dialog(WRITER, "addresses")
    page = dialog.addresses
    page.rows[4].field.selectAll()
    QTest.keyClicks(page.rows[4].field, "localhost:9999/v1")
    page.check_now.click()
    ((name, asked),) = controller.services.called("check_endpoints")
    assert name is WRITER
    assert asked.split(", ")[4] == "localhost:9999/v1"
    assert all("Checking…" in shown(line) for line in page.rows)
    assert not page.check_now.isEnabled()
    dialog.open_page("start")
    dialog.open_page("addresses")
    page.rows[0].down.click()
    QCoreApplication.processEvents()
    dead = Message(MessageId.SERVER_UNREACHABLE, {"address": "x"})
    views = tuple(
        EndpointView(f"http://10.255.255.{n}:1", healthy=False, problem=dead) for n in range(1, 5)
    )
    good = EndpointView("http://localhost:9999", healthy=True, latency_s=0.02)
    controller.services.endpoints_checked.emit(WRITER.value, (*views, good))
    assert page.check_now.isEnabled()
    assert ["Answers" in shown(line) for line in page.rows] == [False] * 4 + [True]


def test_an_answer_that_never_comes_is_given_up(
    open_dialog: OpenDialog, controller: FakeController
) -> None:
    three_addresses(controller)
    page = open_dialog(WRITER, "addresses").addresses
    page.check_now.click()
    assert page._give_up.isActive()
    page._give_up.timeout.emit()
    assert page.check_now.isEnabled()
    assert all("Not checked" in shown(line) for line in page.rows)


def test_addresses_are_moved_removed_added_and_saved(
    open_dialog: OpenDialog, controller: FakeController
) -> None:
    three_addresses(controller)
    dialog = open_dialog(WRITER, "addresses")
    page = dialog.addresses
    assert not dialog.save.isEnabled()
    page.rows[2].up.click()
    page.rows[0].remove.click()
    page.add.click()
    assert page.rows[2].field.hasFocus()
    QTest.keyClicks(page.rows[2].field, "[::1]:8081/v1/chat/completions")
    assert dialog.save.isEnabled()
    dialog.save.click()
    saved = controller.settings.script_writer
    assert saved.url == THREE[2]
    assert saved.fallback_urls == f"{THREE[1]}, [::1]:8081/v1/chat/completions"
    assert not dialog.values()
    assert not dialog.save.isEnabled()


def test_the_order_is_changed_by_keyboard_too(
    open_dialog: OpenDialog, controller: FakeController
) -> None:
    three_addresses(controller)
    page = open_dialog(WRITER, "addresses").addresses
    last = page.rows[2]
    last.up.setFocus()
    for _ in range(2):
        assert last.up.hasFocus()
        QTest.keyClick(last.up, Qt.Key.Key_Space)
    assert page.addresses() == [THREE[2], THREE[0], THREE[1]]
    assert page.rows[0].field.hasFocus(), "its button is at the end of its way"
    assert page.rows[0].field.accessibleName() == "Address 1 of 3"


@pytest.mark.parametrize(
    "typed", ["ftp://127.0.0.1", "http://user:secret@host:1", "not an address", "http://"]
)
def test_an_impossible_address_is_explained_beside_it(
    open_dialog: OpenDialog, controller: FakeController, typed: str
) -> None:
    dialog = open_dialog(WRITER, "addresses")
    dialog.addresses.add.click()
    (line,) = dialog.addresses.rows
    QTest.keyClicks(line.field, typed)
    assert "Not an address" in shown(line)
    assert len(shown(line)) == 3, "place, state and sentence"
    assert not dialog.save.isEnabled()
    dialog.addresses.check_now.click()
    assert not controller.services.called("check_endpoints")
    line.field.selectAll()
    QTest.keyClicks(line.field, "127.0.0.1:8080")
    assert dialog.save.isEnabled()


def test_without_addresses_it_shows_what_was_found(
    open_dialog: OpenDialog, controller: FakeController
) -> None:
    dialog = open_dialog(WRITER, "addresses")
    texts = shown(dialog.addresses)
    assert any("usual places on this computer" in text for text in texts)
    assert "127.0.0.1:8080 · Answers · 4 ms" in texts
    dialog.addresses.check_now.click()
    assert controller.services.called("refresh") == [()]


@pytest.mark.req("ENV")
def test_addresses_from_the_environment_are_shown_and_locked(
    open_dialog: OpenDialog, controller: FakeController, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QWEN_URL", "http://10.0.0.9:8080")
    use(controller, script_writer__url="http://10.0.0.9:8080")
    dialog = open_dialog(WRITER, "addresses")
    assert any("QWEN_URL" in text for text in shown(dialog.addresses))
    (line,) = dialog.addresses.rows
    assert line.field.isReadOnly()
    assert not line.remove.isEnabled()
    assert not dialog.addresses.add.isEnabled()
    assert dialog.addresses.check_now.isEnabled()
    assert not dialog.values()


def test_there_is_an_end_to_addresses(open_dialog: OpenDialog) -> None:
    page = open_dialog(WRITER, "addresses").addresses
    for _ in range(MAX_ADDRESSES + 5):
        page.add.click()
    assert len(page.rows) == MAX_ADDRESSES


def test_two_spellings_of_one_server() -> None:
    assert same_server("localhost", "http://localhost:8080/v1", 8080)
    assert same_server("http://[::1]:8080/", "[::1]:8080", 8080)
    assert not same_server("localhost:8080", "localhost:8081", 8080)
    assert same_server("no address!", "no address!", 8080)


# The key


def test_a_key_is_hidden_and_goes_to_the_keyring(
    open_dialog: OpenDialog, controller: FakeController
) -> None:
    dialog = open_dialog(WRITER, "addresses")
    key = dialog.addresses.key
    assert key.field.echoMode() is QLineEdit.EchoMode.Password
    assert not key.save.isEnabled()
    QTest.keyClicks(key.field, " sk-secret ")
    QTest.keyClick(key.field, Qt.Key.Key_Return)
    assert controller.services.called("save_api_key") == [(WRITER, "sk-secret")]
    assert key.field.text() == ""
    assert "The key is in this system's keyring." in shown(key)
    controller.services.has_keyring = False
    QTest.keyClicks(key.field, "sk-secret")
    key.save.click()
    assert any("until you close VidGen" in text for text in shown(key))
    key.forget.click()
    assert controller.services.called("save_api_key")[-1] == (WRITER, "")
    assert "The key is removed." in shown(key)
    assert not any("sk-secret" in text for text in shown(dialog))
    assert dialog.isVisible(), "Enter in the field closes nothing"


def test_a_refused_key_is_explained(open_dialog: OpenDialog, controller: FakeController) -> None:
    key = open_dialog(WRITER, "addresses").addresses.key
    QTest.keyClicks(key.field, "two words")
    controller.services.action_failed.emit(WRITER.value, Message(MessageId.API_KEY_INVALID))
    assert key._said.text() != "It is kept in this system's keyring, not in a file."


# The model


@pytest.mark.req("O8")
def test_a_missing_checkpoint_is_explained_and_another_chosen(
    open_dialog: OpenDialog, controller: FakeController
) -> None:
    use(controller, image_maker__checkpoint="gone.safetensors")
    dialog = open_dialog(MAKER, "model")
    page = dialog.models
    assert page.names() == list(maker_view().models)
    assert any("does not have “gone.safetensors”" in text for text in shown(page))
    page.list.setCurrentRow(2)
    page.use.click()
    assert controller.services.called("choose_model") == [(MAKER, "juggernautXL_v9.safetensors")]
    use(controller, image_maker__checkpoint="juggernautXL_v9.safetensors")
    controller.settings_changed.emit(controller.settings)
    assert not any("does not have" in text for text in shown(page))
    assert not page.use.isEnabled(), "it is chosen already"
    spoken = page.list.currentItem().data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "juggernautXL_v9.safetensors, chosen"


def test_enter_chooses_and_the_first_line_leaves_it_open(
    open_dialog: OpenDialog, controller: FakeController
) -> None:
    use(controller, image_maker__checkpoint="dreamshaper_8.safetensors")
    page = open_dialog(MAKER, "model").models
    page.list.setFocus()
    page.list.setCurrentRow(0)
    QTest.keyClick(page.list, Qt.Key.Key_Return)
    assert controller.services.called("choose_model") == [(MAKER, "")]


def test_an_empty_server_and_a_silent_one_are_told_apart(
    open_dialog: OpenDialog, controller: FakeController
) -> None:
    page = open_dialog(MAKER, "model").models
    controller.services.show(maker_view(models=(), model=""))
    assert any("ComfyUI has no checkpoint." in text for text in shown(page))
    controller.services.show(maker_view(models=(), model="", state=ServiceState.STOPPED))
    assert any("Start it to choose" in text for text in shown(page))
    assert not page.list.isVisible()
    page.refresh.click()
    assert controller.services.called("refresh") == [()]


def test_llama_server_has_its_model_from_a_file(open_dialog: OpenDialog) -> None:
    dialog = open_dialog(WRITER, "model")
    assert any("that it was started with" in text for text in shown(dialog.models))
    dialog.models.to_start.click()
    assert dialog.start.isVisible()


@pytest.mark.req("N4")
def test_many_and_hostile_models_are_listed_plain_and_bounded(
    open_dialog: OpenDialog, controller: FakeController
) -> None:
    models = (HOSTILE, "two\nlines", "y" * 50_000, *(f"model {n}" for n in range(10_000)))
    controller.services.show(writer_view(kind=ServiceKind.OLLAMA, models=models, model=HOSTILE))
    page = open_dialog(WRITER, "model").models
    assert len(page.names()) == MAX_MODELS
    assert page.list.item(1).text() == f"{HOSTILE} · in use"
    assert page.list.item(2).text() == "two lines"
    assert len(page.list.item(3).text()) <= 120
    QTest.keyClicks(page.filter, "model 1999")
    hidden = [page.list.isRowHidden(line) for line in range(page.list.count())]
    assert hidden.count(False) == 0
    page.filter.setText("BOLD")
    hidden = [page.list.isRowHidden(line) for line in range(page.list.count())]
    assert hidden.count(False) == 1
    # The same list again keeps what is selected, and is not built anew.
    page.list.setCurrentRow(1)
    item = page.list.item(1)
    controller.services.show(
        writer_view(kind=ServiceKind.OLLAMA, models=models, model=HOSTILE, memory_mib=1.0)
    )
    assert page.list.item(1) is item


# Start


@pytest.mark.parametrize("name", list(ServiceName))
def test_every_setting_about_a_service_is_on_some_page(
    open_dialog: OpenDialog, name: ServiceName
) -> None:
    dialog = open_dialog(name, "start")
    group = name.value.replace("-", "_")
    rows = set(dialog.start.rows)
    if name is MAKER:
        rows |= set(dialog.pictures.rows)
    model = f"{group}.checkpoint" if name is MAKER else f"{group}.model"
    elsewhere = {f"{group}.url", f"{group}.fallback_urls", f"{group}.needs_key", model}
    declared = {path for path in setting_fields() if path.startswith(f"{group}.")}
    assert rows == declared - elsewhere


@pytest.mark.req("BUG-43")
def test_what_is_changed_is_saved_and_used_at_the_next_start(
    open_dialog: OpenDialog, controller: FakeController
) -> None:
    dialog = open_dialog(WRITER, "start")
    dialog.start.rows["script_writer.context_tokens"].editor.set_value(4096)
    dialog.start.rows["script_writer.extra_flags"].editor.set_value("--flash-attn on")
    dialog.start.rows["script_writer.extra_flags"].editor.edited.emit()
    dialog.start.rows["script_writer.autostart"].editor.set_value(value=False)
    dialog.save.click()
    saved = controller.settings.script_writer
    assert (saved.context_tokens, saved.extra_flags) == (4096, "--flash-attn on")
    assert not saved.autostart
    assert "Saved. It is used at the next start." in shown(dialog)
    dialog._restart.click()
    assert controller.services.called("restart_service") == [(WRITER, False)]
    assert not dialog._restart.isVisible()


def test_the_command_is_shown_and_copied(
    open_dialog: OpenDialog, controller: FakeController
) -> None:
    command = ("/opt/my llama/llama-server", "-m", "<b>.gguf", "--port", "8080")
    controller.services.show(writer_view(command=command))
    dialog = open_dialog(WRITER, "start")
    line = "'/opt/my llama/llama-server' -m '<b>.gguf' --port 8080"
    assert dialog.command.text.toPlainText() == line
    assert "Runs with this command" in shown(dialog.command)
    (copy,) = dialog.command.findChildren(QAbstractButton)
    copy.click()
    assert QGuiApplication.clipboard().text() == line
    controller.services.show(writer_view(command=command, pid=None, state=ServiceState.STOPPED))
    assert "Starts with this command" in shown(dialog.command)
    controller.services.show(writer_view(command=()))
    assert not dialog.command.isVisible()


def test_a_workflow_is_looked_at_when_it_is_named(
    open_dialog: OpenDialog, controller: FakeController
) -> None:
    dialog = open_dialog(MAKER, "pictures")
    row = dialog.pictures.rows["image_maker.workflow_file"]
    row.editor.set_value("/home/ada/flow.json")
    row.editor.edited.emit()
    assert controller.services.called("check_workflow") == [("/home/ada/flow.json",)]
    assert "The workflow can be used." in shown(dialog.pictures)
    problem = Message(MessageId.SCRIPT_FILE_UNREADABLE, {"path": HOSTILE})
    controller.services.workflow_checked.emit("/another/file.json", problem)
    assert "The workflow can be used." in shown(dialog.pictures)
    controller.services.workflow_checked.emit("/home/ada/flow.json", problem)
    assert any(HOSTILE in text for text in shown(dialog.pictures))
    row.editor.set_value("")
    row.editor.edited.emit()
    assert not dialog.workflow.isVisible()
