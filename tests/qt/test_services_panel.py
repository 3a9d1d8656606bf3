"""The services panel: every state in shape and word, what can be done, who is asked first."""

import gc
import inspect
import time
from dataclasses import replace

import psutil
import pytest
from fake_controller import FakeController
from fake_services import MAKER, WRITER, FakeServices, absent_view, maker_view, unwell, writer_view
from PySide6.QtCore import QCoreApplication, QLocale, Qt, QTranslator, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from vidgen_gui.controller.job_view import Check, CheckState
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.service import Ownership, ServiceKind, ServiceState, ServiceView
from vidgen_gui.ui.service_card import ServiceCard, dot_look
from vidgen_gui.ui.services_panel import LEAST_PX, ServicesPanel

HOSTILE = "<b>bold</b><img src='http://x/y.png'>\n\u202e{0} %1"
SILENT = Message(MessageId.SERVICE_SILENT)


@pytest.fixture
def panel(qtbot: QtBot, controller: FakeController) -> ServicesPanel:
    made = ServicesPanel(controller)
    qtbot.addWidget(made)
    made.resize(288, 700)
    made.show()
    qtbot.waitExposed(made)
    return made


def shown(widget: QWidget) -> list[str]:
    """Every text on the screen, in the order of the widgets."""
    return [
        label.whole if hasattr(label, "whole") else label.text()
        for label in widget.findChildren(QLabel)
        if label.isVisible() and label.text()
    ]


def buttons(widget: QWidget) -> dict[str, QPushButton]:
    return {
        button.objectName(): button
        for button in widget.findChildren(QPushButton)
        if button.isVisible()
    }


def test_the_fake_speaks_like_the_real_controller() -> None:
    """What widgets call or connect to in these tests is there in the app, with the same names."""
    service_controller = pytest.importorskip("vidgen_gui.controller.service_controller")
    real_class = service_controller.ServiceController
    for name, member in vars(FakeServices).items():
        is_spoken = inspect.isfunction(member) or isinstance(member, Signal)
        if name.startswith("_") or name in {"show", "view", "called"} or not is_spoken:
            continue
        real = inspect.getattr_static(real_class, name)
        if inspect.isfunction(member):
            wanted = list(inspect.signature(member).parameters)
            assert wanted == list(inspect.signature(real).parameters), name
        else:
            assert str(member) == str(real), name


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (ServiceState.UNKNOWN, "Looking for it…"),
        (ServiceState.NOT_FOUND, "Not found"),
        (ServiceState.STOPPED, "Stopped"),
        (ServiceState.STARTING, "Starting"),
        (ServiceState.READY, "Ready"),
        (ServiceState.BUSY, "Busy"),
        (ServiceState.PAUSED, "Paused for images"),
        (ServiceState.STOPPING, "Stopping"),
        (ServiceState.UNHEALTHY, "Unhealthy"),
    ],
)
def test_every_state_is_a_dot_and_a_word(
    panel: ServicesPanel, controller: FakeController, state: ServiceState, word: str
) -> None:
    controller.services.show(writer_view(state=state))
    card = panel.cards[WRITER]
    assert word in shown(card)
    assert card._dot.look == dot_look(state)
    assert card.accessibleName().startswith(f"Script writer, {word}")


def test_dots_of_what_works_differ_by_shape_from_those_of_what_does_not() -> None:
    working = {dot_look(state)[0] for state in (ServiceState.READY, ServiceState.BUSY)}
    idle = {
        dot_look(state)[0]
        for state in (ServiceState.STOPPED, ServiceState.NOT_FOUND, ServiceState.PAUSED)
    }
    assert not working & idle


@pytest.mark.req("BUG-41", "Q9")
def test_a_ready_service_shows_its_facts_by_locale(
    panel: ServicesPanel, controller: FakeController
) -> None:
    controller.services.show(writer_view(started_at=time.time() - 2 * 3600 - 320))
    texts = shown(panel.cards[WRITER])
    for fact in ("llama-server b6301", "127.0.0.1:8080", "5.4 GB", "up 2 h 5 min"):
        assert fact in texts
    assert "Qwen2.5-7B-Instruct-Q4_K_M.gguf" in texts
    before = QLocale()
    try:
        QLocale.setDefault(QLocale("de_DE"))
        controller.services.show(writer_view(memory_mib=3170.0))
        assert "3,1 GB" in shown(panel.cards[WRITER])
    finally:
        QLocale.setDefault(before)


def test_the_uptime_goes_on_without_news(panel: ServicesPanel, controller: FakeController) -> None:
    controller.services.show(writer_view(started_at=time.time() - 59))
    card = panel.cards[WRITER]
    assert any(text.startswith("up 59 s") or text == "up 1 min" for text in shown(card))
    card._view = replace(card.view, started_at=time.time() - 600)
    assert panel._ticker.isActive()
    panel._ticker.timeout.emit()
    assert "up 10 min" in shown(card)
    panel.hide()
    assert not panel._ticker.isActive(), "nobody looks: nothing ticks"


@pytest.mark.parametrize(
    ("view", "keys"),
    [
        (writer_view(), {"stop", "restart"}),
        (writer_view(ownership=Ownership.ADOPTED), {"stop", "restart"}),
        (writer_view(ownership=Ownership.ADOPTED, kind=ServiceKind.OLLAMA), {"unload"}),
        (writer_view(kind=ServiceKind.OLLAMA, can_stop=False, can_start=True), {"load"}),
        (writer_view(ownership=Ownership.REMOTE, can_stop=False), set()),
        (writer_view(state=ServiceState.STARTING), {"stop"}),
        (writer_view(state=ServiceState.STOPPING), set()),
        (ServiceView(WRITER, ServiceState.STOPPED, can_start=True), {"start"}),
        (ServiceView(WRITER, ServiceState.STOPPED), {"setup"}),
        (ServiceView(WRITER, ServiceState.PAUSED, can_start=True), {"start"}),
        (ServiceView(WRITER, ServiceState.NOT_FOUND), {"setup", "address"}),
        (unwell(writer_view(), SILENT), {"stop", "restart", "log", "builtin"}),
        (
            unwell(ServiceView(WRITER, can_start=True), SILENT),
            {"start", "log", "builtin"},
        ),
        (unwell(ServiceView(WRITER), SILENT), {"address", "builtin"}),
        (ServiceView(WRITER), set()),
    ],
)
def test_buttons_fit_the_state(
    panel: ServicesPanel, controller: FakeController, view: ServiceView, keys: set[str]
) -> None:
    controller.services.show(view)
    assert set(buttons(panel.cards[WRITER])) == keys


def test_start_restart_and_stop_are_one_click_and_not_two(
    panel: ServicesPanel, controller: FakeController
) -> None:
    services = controller.services
    services.show(ServiceView(WRITER, ServiceState.STOPPED, can_start=True), maker_view())
    start = buttons(panel.cards[WRITER])["start"]
    start.click()
    start.click()
    assert services.called("start_service") == [(WRITER,)]
    buttons(panel.cards[MAKER])["restart"].click()
    assert services.called("restart_service") == [(MAKER, False)]
    services.show(writer_view(), maker_view(state=ServiceState.BUSY))
    buttons(panel.cards[WRITER])["stop"].click()
    assert services.called("stop_service") == [(WRITER, False)]


@pytest.mark.req("BUG-42", "AUD-40")
@pytest.mark.parametrize("key", ["stop", "restart"])
@pytest.mark.parametrize("answer", ["Leave it running", "it"])
def test_what_was_found_running_ends_with_consent_only(
    panel: ServicesPanel, controller: FakeController, key: str, answer: str
) -> None:
    controller.services.show(writer_view(ownership=Ownership.ADOPTED))
    assert "found running" in shown(panel.cards[WRITER])
    buttons(panel.cards[WRITER])[key].click()
    asks = f"{key}_service"
    assert not controller.services.called(asks), "it must be asked first"
    (box,) = panel.findChildren(QMessageBox)
    assert "llama-server (process 4242)" in box.text()
    assert box.textFormat() is Qt.TextFormat.PlainText
    assert box.defaultButton().text() == "Leave it running"
    allows = answer == "it"
    word = f"{key.capitalize()} it" if allows else answer
    next(button for button in box.buttons() if button.text() == word).click()
    assert controller.services.called(asks) == ([(WRITER, True)] if allows else [])


def test_escape_leaves_it_running(
    qtbot: QtBot, panel: ServicesPanel, controller: FakeController
) -> None:
    controller.services.show(writer_view(ownership=Ownership.ADOPTED))
    buttons(panel.cards[WRITER])["stop"].click()
    (box,) = panel.findChildren(QMessageBox)
    QTest.keyClick(box, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not panel.findChildren(QMessageBox))
    assert not controller.services.called("stop_service")


@pytest.mark.req("LOG", "LBL-17")
def test_what_is_not_there_says_how_to_get_it_and_what_stands_in(
    panel: ServicesPanel, controller: FakeController
) -> None:
    asked: list[tuple[object, str]] = []
    panel.details_requested.connect(lambda name, page: asked.append((name, page)))
    get = Message(MessageId.SERVICE_GET_LLM)
    controller.services.show(absent_view(WRITER, detail=get), absent_view(MAKER))
    writer, maker = (" ".join(shown(panel.cards[name])) for name in (WRITER, MAKER))
    assert "Ollama" in writer
    assert "llama.cpp" in writer
    assert writer.count("built-in writer") == 1
    assert "Install ComfyUI" in maker
    assert "Meanwhile the built-in painter paints." in maker
    buttons(panel.cards[WRITER])["setup"].click()
    buttons(panel.cards[MAKER])["address"].click()
    panel.cards[MAKER].details.click()
    assert asked == [(WRITER, "start"), (MAKER, "addresses"), (MAKER, "")]


def test_starting_shows_what_it_waits_for(panel: ServicesPanel, controller: FakeController) -> None:
    card = panel.cards[WRITER]
    waits = Message(MessageId.LLM_LOADING, {"address": "http://127.0.0.1:8080"})
    controller.services.show(writer_view(state=ServiceState.STARTING, detail=waits))
    assert any("still loading its model" in text for text in shown(card))
    assert card._waiting.isVisible()
    controller.services.show(writer_view())
    assert not card._waiting.isVisible()
    assert card._waiting.maximum() == 1, "a hidden bar must not keep a timer busy"


def test_an_unwell_one_says_why_and_what_to_do(
    panel: ServicesPanel, controller: FakeController
) -> None:
    controller.services.show(unwell(maker_view(), SILENT))
    texts = shown(panel.cards[MAKER])
    assert "Nothing answers at its addresses." in texts
    assert "Start the program, or correct its addresses." in texts
    assert "Meanwhile the built-in painter paints." in texts


@pytest.mark.req("LBL-17")
def test_the_built_in_part_can_be_chosen_and_left_again(
    panel: ServicesPanel, controller: FakeController
) -> None:
    controller.services.show(unwell(maker_view(), SILENT))
    buttons(panel.cards[MAKER])["builtin"].click()
    assert not controller.settings.image_maker.enabled
    texts = shown(panel.cards[MAKER])
    assert "Switched off" in texts
    assert "The built-in painter paints." in texts
    assert "Nothing answers at its addresses." not in texts
    buttons(panel.cards[MAKER])["enable"].click()
    assert controller.settings.image_maker.enabled
    assert "Unhealthy" in shown(panel.cards[MAKER])


def test_one_that_starts_by_itself_says_so(
    panel: ServicesPanel, controller: FakeController
) -> None:
    controller.services.show(ServiceView(WRITER, ServiceState.STOPPED, can_start=True))
    assert "Starts by itself when a video needs it." in shown(panel.cards[WRITER])
    manual = controller.settings.with_values({"script_writer.autostart": False})
    controller.save_settings(manual)
    assert "Meanwhile the built-in writer writes." in shown(panel.cards[WRITER])


def test_a_refused_wish_is_explained_until_the_state_changes(
    panel: ServicesPanel, controller: FakeController
) -> None:
    services = controller.services
    stopped = ServiceView(WRITER, ServiceState.STOPPED, can_start=True)
    services.show(stopped)
    card = panel.cards[WRITER]
    buttons(card)["start"].click()
    services.action_failed.emit(WRITER.value, Message(MessageId.SERVICE_NO_LAUNCH))
    assert "VidGen does not know how to start this program." in shown(card)
    assert buttons(card)["start"].isEnabled()
    services.show(replace(stopped, memory_mib=1.0))
    assert "VidGen does not know how to start this program." in shown(card)
    services.show(replace(stopped, state=ServiceState.STARTING))
    assert "VidGen does not know how to start this program." not in shown(card)


def test_what_a_server_says_is_text(panel: ServicesPanel, controller: FakeController) -> None:
    view = writer_view(model=HOSTILE, version="<i>1</i>", url=f"http://<u>{'x' * 3000}")
    said = {"address": "http://" + "y" * 500, "words": HOSTILE, "status": 400}
    problem = Message(MessageId.SERVER_REFUSED, said)
    controller.services.show(unwell(view, problem))
    card = panel.cards[WRITER]
    for label in card.findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText or not label.text()
        assert "<b>" not in label.toolTip()
        assert "\n" not in label.text() or label.wordWrap()
    assert any("<b>bold</b>" in text for text in shown(card))
    QCoreApplication.processEvents()
    assert panel.cards[WRITER].width() <= panel._scroll.viewport().width()


@pytest.mark.req("N4")
def test_ten_thousand_updates_cost_nothing_that_stays(
    panel: ServicesPanel, controller: FakeController
) -> None:
    process, services = psutil.Process(), controller.services
    states = list(ServiceState)

    def update(number: int) -> None:
        state = states[number // 20 % len(states)]
        view = writer_view(state=state, memory_mib=float(number), model=f"model {number}")
        services.show(unwell(view, SILENT) if number % 60 < 20 else view)
        if number % 10 == 0:
            QCoreApplication.processEvents()

    for number in range(500):
        update(number)
    gc.collect()
    widgets, before = len(panel.findChildren(QWidget)), process.memory_info().rss
    for number in range(10_000):
        update(number)
    QCoreApplication.processEvents()
    gc.collect()
    assert len(panel.findChildren(QWidget)) == widgets
    assert process.memory_info().rss - before < 8 * 2**20


def test_the_same_news_again_draws_nothing(
    panel: ServicesPanel, controller: FakeController, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = writer_view()
    controller.services.show(view)
    assert panel.cards[WRITER].view == view
    drawn: list[int] = []
    monkeypatch.setattr(ServiceCard, "_refresh", lambda _self: drawn.append(1))
    controller.services.show(replace(view))
    assert not drawn
    controller.services.show(replace(view, memory_mib=1.0))
    assert drawn == [1]


@pytest.mark.req("L5", "U4")
def test_news_and_clicks_cost_no_more_with_thousands_of_models(
    panel: ServicesPanel, controller: FakeController
) -> None:
    """The window asks and is told; it looks nothing up itself."""

    def typical_s(models: tuple[str, ...]) -> float:
        took = []
        for number in range(20):
            begun = time.thread_time()
            controller.services.show(writer_view(models=models, memory_mib=float(number)))
            panel._ticker.timeout.emit()
            buttons(panel.cards[WRITER])["restart"].click()
            QCoreApplication.processEvents()
            took.append(time.thread_time() - begun)
        return sorted(took)[len(took) // 2]

    few_s = typical_s(("one", "two"))
    many = tuple(f"model-{number}-{'x' * 200}" for number in range(5000))
    controller.services.show(writer_view(models=many, model="y" * 100_000, url="z" * 5000))
    assert typical_s(many) < 5 * few_s


def test_everything_works_by_keyboard(
    qtbot: QtBot, panel: ServicesPanel, controller: FakeController
) -> None:
    controller.services.show(writer_view(), absent_view(MAKER))
    panel.activateWindow()
    panel.cards[WRITER].details.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is panel.cards[WRITER].details)
    reached = []
    for _ in range(5):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        reached.append(QApplication.focusWidget().accessibleName())
    assert reached == [
        "Stop Script writer",
        "Restart Script writer",
        "Details of Image maker",
        "Set up Image maker",
        "Edit the address of Image maker",
    ]
    buttons(panel.cards[WRITER])["restart"].setFocus()
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    assert controller.services.called("restart_service") == [(WRITER, False)]


class _Longer(QTranslator):
    """Every sentence with 40 % more to it, as in other languages."""

    def isEmpty(self) -> bool:  # noqa: N802 - Qt's name
        return False

    def translate(self, context: str, source: str, *_: object) -> str:
        more = round(0.4 * len(source))
        return source + ("óóóóóó " * (more // 7 + 1))[:more].rstrip()


@pytest.mark.parametrize("side", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft])
@pytest.mark.parametrize("width_px", [LEAST_PX, 288, 480])
def test_longer_words_and_the_other_direction_fit(
    qtbot: QtBot,
    qapp: QApplication,
    controller: FakeController,
    width_px: int,
    side: Qt.LayoutDirection,
) -> None:
    longer = _Longer()
    qapp.installTranslator(longer)
    QGuiApplication.setLayoutDirection(side)
    try:
        made = ServicesPanel(controller)
        qtbot.addWidget(made)
        made.resize(width_px, 700)
        made.show()
        for view in (writer_view(), unwell(writer_view(), SILENT), absent_view(WRITER)):
            controller.services.show(view, replace(view, name=MAKER))
            QCoreApplication.processEvents()
            viewport = made._scroll.viewport().rect()
            for button in buttons(made).values():
                assert button.width() >= button.sizeHint().width(), button.text()
                corner = button.mapTo(made._scroll.viewport(), button.rect().topLeft())
                assert corner.x() >= 0
                assert corner.x() + button.width() <= viewport.width(), button.text()
            dot, title = (made.cards[WRITER]._dot, made.cards[WRITER]._title)
            assert (dot.x() > title.x()) is (side is Qt.LayoutDirection.RightToLeft)
    finally:
        QGuiApplication.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        qapp.removeTranslator(longer)


def test_voice_and_ffmpeg_have_their_rows(panel: ServicesPanel, controller: FakeController) -> None:
    assert "Piper · Joe" in shown(panel.voice)
    assert "Ready" in shown(panel.voice)
    controller.save_settings(controller.settings.with_values({"voice.voice": "de_DE-gone-low"}))
    assert "Not found" in shown(panel.voice)
    assert "Piper · de_DE-gone-low" in shown(panel.voice)
    assert shown(panel.ffmpeg) == ["FFmpeg", "Comes with VidGen"]
    good = Message(MessageId.CHECK_FFMPEG, {"version": "7.1", "path": "/usr/bin/ffmpeg"})
    controller.doctor_finished.emit([Check("ffmpeg", CheckState.GOOD, good)])
    assert shown(panel.ffmpeg) == ["FFmpeg", "Ready", "7.1 · Comes with VidGen"]
    gone = Message(MessageId.FFMPEG_MISSING, {"path": "/opt/<b>"})
    controller.doctor_finished.emit([Check("ffmpeg", CheckState.BAD, gone)])
    assert "Needs mending" in shown(panel.ffmpeg)
    assert any("/opt/<b>" in text for text in shown(panel.ffmpeg))
