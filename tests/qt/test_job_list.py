"""The job list on the screen: keys, menu, filter, undo, many rows, plain text, thumbnails."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fake_controller import FakeController
from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, QSize, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from vidgen_gui.controller.job_model import JobModel
from vidgen_gui.controller.job_view import Delivered, JobView, StageState, StageView
from vidgen_gui.core.job import JobState, StageName
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.quality import Quality
from vidgen_gui.ui import thumbnails as thumbnails_module
from vidgen_gui.ui.delivered_labels import delivered_badge
from vidgen_gui.ui.job_delegate import JobDelegate, spoken_text, status_text
from vidgen_gui.ui.job_list import JobListView
from vidgen_gui.ui.main_window import MainWindow
from vidgen_gui.ui.thumbnails import Thumbnails

MakeJob = Callable[..., JobView]


@pytest.fixture
def jobs(window: MainWindow, controller: FakeController, make_job: MakeJob) -> list[JobView]:
    made = [
        make_job(1, "Morning walks", state=JobState.RUNNING, fraction=0.5, eta_s=70.0),
        make_job(2, "Salt in the sea"),
        make_job(3, "Old bridges", state=JobState.FAILED, failure=Message(MessageId.DISK_FULL)),
        make_job(4, "Jet engines", state=JobState.DONE),
    ]
    controller.load(made)
    window.jobs.list.setFocus()
    return made


def press(window: MainWindow, key: Qt.Key, *more: Qt.KeyboardModifier) -> None:
    modifiers = Qt.KeyboardModifier.NoModifier
    for modifier in more:
        modifiers |= modifier
    QTest.keyClick(window.jobs.list, key, modifiers)


@pytest.mark.usefixtures("jobs")
def test_delete_removes_and_undo_brings_back(
    window: MainWindow, controller: FakeController
) -> None:
    window.jobs.list.select("job-2")
    press(window, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    press(window, Qt.Key.Key_Delete)
    assert controller.called("remove") == [(["job-2", "job-3"],)]
    assert [v.id for v in controller.job_model.views()] == ["job-1", "job-4"]
    assert not window.jobs.undo_bar.isHidden()
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert controller.called("undo_remove") == [()]
    assert [v.id for v in controller.job_model.views()] == ["job-1", "job-2", "job-3", "job-4"]
    assert window.jobs.undo_bar.isHidden()
    # What is not offered any more cannot be undone a second time.
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(controller.called("undo_remove")) == 1


@pytest.mark.parametrize(
    ("job", "keys", "call"),
    [
        ("job-1", (Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier), ("pause", ["job-1"])),
        ("job-1", (Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier), ("cancel", ["job-1"])),
        ("job-3", (Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier), ("retry", ["job-3"])),
        ("job-2", (Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier), ("move", ["job-2"], "job-1")),
        ("job-2", (Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier), ("move", ["job-2"], "job-4")),
        ("job-2", (Qt.Key.Key_F2, Qt.KeyboardModifier.NoModifier), ("request_script", "job-2")),
        (
            "job-2",
            (Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier),
            ("request_history", "job-2"),
        ),
    ],
)
@pytest.mark.usefixtures("jobs")
def test_keys_do_what_the_menu_does(
    window: MainWindow,
    controller: FakeController,
    job: str,
    keys: tuple[Qt.Key, Qt.KeyboardModifier],
    call: tuple[object, ...],
) -> None:
    window.jobs.list.select(job)
    press(window, *keys)
    assert call in controller.calls


@pytest.mark.usefixtures("jobs")
def test_what_does_not_apply_is_not_offered(window: MainWindow, controller: FakeController) -> None:
    window.jobs.list.select("job-2")
    menu = window.jobs.actions_.menu(window)
    offered = {action.objectName() for action in menu.actions() if not action.isSeparator()}
    assert {"pause", "cancel", "duplicate", "script", "history", "remove"} <= offered
    assert not {"retry", "resume", "play", "folder", "copy_path", "approve"} & offered
    press(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert not controller.called("retry")
    menu.deleteLater()


@pytest.mark.usefixtures("jobs")
def test_a_mixed_selection_does_each_to_those_it_fits(
    window: MainWindow, controller: FakeController
) -> None:
    window.jobs.list.selectAll()
    press(window, Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier)
    assert controller.called("cancel") == [(["job-1", "job-2"],)]


@pytest.mark.usefixtures("jobs")
def test_duplicates_are_variations(window: MainWindow, controller: FakeController) -> None:
    window.jobs.list.select("job-2")
    press(window, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    (((spec,),),) = controller.called("submit")
    assert spec.topic == "Salt in the sea"
    original = controller.job_model.view("job-2")
    assert original is not None
    assert spec.seed != original.spec.seed
    assert spec.model_copy(update={"seed": original.spec.seed}) == original.spec


@pytest.mark.usefixtures("jobs")
def test_the_state_changes_what_can_be_done_with_the_selection(
    window: MainWindow, controller: FakeController, make_job: MakeJob
) -> None:
    window.jobs.list.select("job-2")
    assert not window.jobs.actions_["retry"].isEnabled()
    controller.show(make_job(2, state=JobState.FAILED, failure=Message(MessageId.DISK_FULL)))
    assert window.jobs.actions_["retry"].isEnabled()
    assert window.preview.view is not None
    assert window.preview.view.state is JobState.FAILED


@pytest.mark.usefixtures("jobs")
def test_search_and_state_narrow_the_list(qtbot: QtBot, window: MainWindow) -> None:
    rows = window.jobs.list.filter
    window.jobs.search.setText("SEA salt")
    qtbot.waitUntil(lambda: rows.rowCount() == 1)
    window.jobs.search.setText("nothing like this")
    qtbot.waitUntil(lambda: rows.rowCount() == 0)
    assert not window.jobs.list.isVisible()
    window.jobs.clear_filter()
    assert rows.rowCount() == 4
    window.jobs.states.setCurrentIndex(3)
    assert [view.id for view in window.jobs.list.shown_views()] == ["job-3"]


def test_a_new_video_is_chosen_and_shown(window: MainWindow, controller: FakeController) -> None:
    assert window.jobs.is_empty
    controller.languages.clear()
    window.jobs.submit([controller_spec(controller)])
    assert not window.jobs.is_empty
    current = window.jobs.list.current_view()
    assert current is not None
    assert window.preview.view is not None
    assert window.preview.view.id == current.id


def controller_spec(controller: FakeController) -> object:
    from vidgen_gui.core.job import JobSpec

    return JobSpec.create(topic="Tea", output_dir=controller.paths.videos)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"state": JobState.RUNNING, "fraction": 0.62, "eta_s": 70.0}, "62 % · 1 min 10 s left"),
        ({"state": JobState.RUNNING, "fraction": 1.7, "eta_s": None}, "100 %"),
        ({"state": JobState.WAITING}, "Waiting"),
        ({"state": JobState.SCRIPT_READY}, "Waits for your OK"),
        ({"state": JobState.PAUSED, "fraction": 0.25}, "Paused · 25 %"),
        ({"state": JobState.CANCELLED}, "Cancelled"),
        ({"state": JobState.DONE, "duration_s": 21.4}, "Done · 0:21"),
    ],
)
def test_states_are_said_in_words(make_job: MakeJob, options: dict[str, object], text: str) -> None:
    view = make_job(1, **options)
    assert status_text(view) == text
    assert text in spoken_text(view)


def test_rows_are_told_to_screen_readers_and_tips_are_plain(
    window: MainWindow, controller: FakeController, make_job: MakeJob
) -> None:
    failure = Message(MessageId.OUTPUT_UNWRITABLE, {"path": "/<i>x</i>"})
    controller.load([make_job(1, "<b>Tea</b>", state=JobState.FAILED, failure=failure)])
    index = window.jobs.list.filter.index(0, 0)
    spoken = index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("<b>Tea</b>, Standard, Failed")
    tip = index.data(Qt.ItemDataRole.ToolTipRole)
    assert "&lt;b&gt;Tea&lt;/b&gt;" in tip
    assert "&lt;i&gt;" in tip
    assert "Choose another output folder" in tip


@pytest.mark.req("L5", "U4")
def test_ten_thousand_rows_scroll_without_a_stall(
    qtbot: QtBot, window: MainWindow, controller: FakeController, make_job: MakeJob
) -> None:
    template = make_job(1, state=JobState.RUNNING, fraction=0.4, eta_s=20.0)
    stages = (StageView(StageName.SCRIPT, StageState.DONE, 1.0), *template.stages[1:])
    template = replace(template, stages=stages)
    views = [
        replace(template, id=f"job-{n}", title=f"Video number {n}", position=float(n))
        for n in range(10_000)
    ]
    listed = window.jobs.list
    bar = listed.verticalScrollBar()
    painted: list[int] = []
    assert isinstance(listed.itemDelegate(), JobDelegate)

    def typical_turn_s(shown: list[JobView]) -> float:
        controller.load(shown)
        qtbot.waitUntil(lambda: bar.maximum() > 90 * len(shown))
        turns = []
        for step in range(40):
            for view in shown[step * 13 : step * 13 + 12]:
                controller.job_model.update(replace(view, fraction=0.5))
            started = time.thread_time()
            bar.setValue(bar.maximum() * step // 40)
            controller.job_model.flush()
            QApplication.processEvents()
            turns.append(time.thread_time() - started)
            painted.append(len(listed.shown_views()))
        return sorted(turns)[len(turns) // 2]

    few_s = typical_turn_s(views[:600])
    assert typical_turn_s(views) < 3 * few_s
    assert max(painted) < 20
    listed.filter.set_text("number 77")
    assert listed.filter.rowCount() == 280


class CountingModel(JobModel):
    """Counts how often Qt asks it for something."""

    asked = 0

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        self.asked += 1
        return super().data(index, role)


def test_thousands_are_selected_and_searched_without_asking_qt_for_each(
    qtbot: QtBot, make_job: MakeJob
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    thumbnails = Thumbnails(parent)
    model = CountingModel(parent)
    model.load([make_job(number) for number in range(2000)])
    rows = JobListView(model, thumbnails, parent)
    rows.selectAll()
    selected = rows.selected_views()
    rows.filter.set_text("999")
    thumbnails.close()
    assert model.asked < 200
    assert [view.id for view in selected] == [f"job-{number}" for number in range(2000)]
    assert rows.filter.rowCount() == 2


def test_the_selection_is_told_in_the_order_shown_whatever_is_hidden(
    window: MainWindow, controller: FakeController, make_job: MakeJob
) -> None:
    controller.load([make_job(number, f"Tea {number % 2}") for number in range(10)])
    rows = window.jobs.list
    rows.filter.set_text("1")
    assert rows.filter.rowCount() == 5
    flag = QItemSelectionModel.SelectionFlag.Select
    for row in (4, 0, 1):
        rows.selectionModel().select(rows.filter.index(row, 0), flag)
    assert [view.id for view in rows.selected_views()] == ["job-1", "job-3", "job-9"]
    rows.filter.set_text("")
    assert [view.id for view in rows.selected_views()] == ["job-1", "job-3", "job-9"]


def test_pictures_are_read_elsewhere_and_kept_within_bounds(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = QImage(90, 160, QImage.Format.Format_RGB32)
    image.fill(QColor("#204060"))
    readers = set()
    read = thumbnails_module._read_cropped

    def noting(path: str, width_px: int, height_px: int) -> QImage:
        readers.add(threading.get_ident())
        return read(path, width_px, height_px)

    monkeypatch.setattr(thumbnails_module, "_read_cropped", noting)
    monkeypatch.setattr(thumbnails_module, "MAX_CACHED_BYTES", 8 * 56 * 72 * 4)
    cache = Thumbnails()
    size = QSize(28, 36)
    for number in range(20):
        path = tmp_path / f"{number}.png"
        image.save(str(path))
        assert cache.get(path, size, 2.0) is None
        qtbot.waitUntil(lambda path=path: cache.get(path, size, 2.0) is not None)
    assert threading.get_ident() not in readers
    assert len(cache._cache) == 8
    large = QSize(100, 160)
    cache.get(path, large, 1.0)
    qtbot.waitUntil(lambda: cache.get(path, large, 1.0) is not None)
    assert len(cache._cache) == 5, "a picture as large as four small ones takes their place"
    picture = cache.get(path, size, 2.0)
    assert picture is not None
    assert picture.size() == QSize(56, 72)
    assert picture.toImage().pixelColor(10, 10).name() == "#204060"
    gone = tmp_path / "gone.png"
    cache.get(gone, size, 1.0)
    qtbot.waitUntil(lambda: cache.get(gone, size, 1.0) is not None)
    missing = cache.get(gone, size, 1.0)
    assert missing is not None
    assert missing.isNull()
    cache.close()


@pytest.mark.usefixtures("jobs")
def test_the_context_menu_opens_on_the_selection(qtbot: QtBot, window: MainWindow) -> None:
    window.jobs.list.select("job-1")
    rect = window.jobs.list.visualRect(window.jobs.list.currentIndex())
    window.jobs.list.customContextMenuRequested.emit(QPoint(rect.center()))
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is not None)
    QApplication.activePopupWidget().close()


def test_rows_are_painted_mirrored_for_right_to_left(
    window: MainWindow, controller: FakeController, make_job: MakeJob
) -> None:
    """The picture's side of the row changes, and nothing is painted outside."""
    controller.load([make_job(1, "Tea")])
    listed = window.jobs.list
    listed.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    QApplication.processEvents()
    image = listed.viewport().grab().toImage()
    ratio = image.devicePixelRatio()
    row = listed.visualRect(listed.filter.index(0, 0))
    y = round(row.center().y() * ratio) - 30
    raised = QColor("#eceef3").name()
    left = image.pixelColor(round((row.left() + 30) * ratio), y).name()
    right = image.pixelColor(round((row.right() - 30) * ratio), y).name()
    assert raised == right != left


FELL = Message(
    MessageId.RUNG_FELL, {"picture": 2, "before_way": "hires-full", "after_way": "high/hires-full"}
)


@pytest.mark.parametrize(
    ("delivered", "badge", "told"),
    [
        (None, "", ""),
        (
            Delivered("high/hires-full", Quality.HIGH, 2, 5, FELL),
            "as High",
            "2 of 5 pictures were made by refining at full size with the detail of High",
        ),
        (Delivered("hires-tiles", Quality.ULTRA, 5, 5, FELL), "adapted", "tile by tile"),
        (Delivered("painter", None, 5, 5, FELL), "painted", "VidGen’s own painter"),
        (Delivered("high/plain", Quality.HIGH, 5, 5), "as High", "had not enough memory"),
    ],
)
@pytest.mark.req("B3", "F1")
def test_how_it_was_delivered_stands_beside_the_quality(
    window: MainWindow,
    controller: FakeController,
    make_job: MakeJob,
    *,
    delivered: Delivered | None,
    badge: str,
    told: str,
) -> None:
    plain = make_job(1, "Jet engines", state=JobState.DONE, quality=Quality.ULTRA)
    controller.load([plain])
    before = window.jobs.list.grab().toImage()
    view = replace(plain, delivered=delivered)
    controller.show(view)
    assert delivered_badge(view) == badge
    index = window.jobs.list.model().index(0, 0)
    tip = index.data(Qt.ItemDataRole.ToolTipRole)
    spoken = index.data(Qt.ItemDataRole.AccessibleTextRole)
    for text in (tip, spoken):
        assert told in text
        assert ("its full size, 1440×2560" in text) is bool(badge)
    QApplication.processEvents()
    assert (window.jobs.list.grab().toImage() != before) is bool(badge)


def test_what_the_captions_cannot_show_stands_at_the_finished_video(
    window: MainWindow, controller: FakeController, make_job: MakeJob
) -> None:
    remark = Message(MessageId.CAPTION_CHARACTERS_MISSING, {"characters": ["𓀀"], "others": 3})
    view = make_job(1, "Jet engines", state=JobState.DONE)
    controller.load([view])
    facts = window.preview._facts
    facts.show_job(view)
    assert facts._delivered.isHidden()
    view = replace(view, remark=remark)
    controller.show(view)
    facts.show_job(view)
    told = "cannot show “𓀀” (U+13000) and 3 more"
    index = window.jobs.list.model().index(0, 0)
    tip = index.data(Qt.ItemDataRole.ToolTipRole)
    spoken = index.data(Qt.ItemDataRole.AccessibleTextRole)
    for text in (tip, spoken, facts._delivered.text()):
        assert told in text
        assert "in the script" in text
    assert not facts._delivered.isHidden()


@pytest.mark.req("B3")
def test_what_a_paused_job_asks_stands_in_its_row_and_its_page(
    window: MainWindow, controller: FakeController, make_job: MakeJob
) -> None:
    question = Message(MessageId.LOWERING_NEEDS_CONSENT, {"after_way": "high/hires-full"})
    view = make_job(1, "Jet engines", state=JobState.PAUSED, question=question)
    controller.load([view])
    assert status_text(view).startswith("Paused: This video’s pictures do not fit")
    tip = window.jobs.list.model().index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "Go on" in tip
    window.jobs.list.select(view.id)
    page = window.preview.progress
    assert "do not fit" in page._reason.text()
    assert "Go on" in page._advice.text()
    assert page._buttons["resume"].isVisible()
    page._buttons["resume"].click()
    assert controller.called("resume") == [([view.id],)]
