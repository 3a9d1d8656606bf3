"""What is being made right now: pictures while they are drawn, scripts while they are written."""

import gc
import threading
from collections.abc import Callable
from dataclasses import replace

import psutil
import pytest
from fake_controller import FakeController
from PySide6.QtCore import QBuffer, QCoreApplication, QIODevice
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from vidgen_gui.controller.job_view import JobView, StageState, StageView
from vidgen_gui.core.job import JobState, StageName
from vidgen_gui.ui import live_preview
from vidgen_gui.ui.live_preview import (
    MAX_BYTES,
    MAX_JOBS,
    MAX_SCRIPT,
    SHOWN_PX,
    LivePreview,
    PictureDecoder,
    decode_preview,
)
from vidgen_gui.ui.main_window import MainWindow

MakeJob = Callable[..., JobView]


def encoded(width: int = 48, height: int = 64, color: str = "#a04020", kind: str = "JPG") -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(color))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, kind)
    return buffer.data().data()


def at_stage(view: JobView, name: StageName) -> JobView:
    """The job while ``name`` runs."""
    stages = tuple(
        StageView(stage, StageState.RUNNING if stage is name else StageState.WAITING)
        for stage in StageName
    )
    return replace(view, state=JobState.RUNNING, stages=stages)


@pytest.fixture
def drawing(window: MainWindow, controller: FakeController, make_job: MakeJob) -> JobView:
    """A chosen job whose pictures are being made."""
    view = at_stage(make_job(1, "Tea"), StageName.IMAGE)
    controller.load([view, at_stage(make_job(2, "Salt"), StageName.IMAGE)])
    window.jobs.list.select(view.id)
    return view


def shown_color(live: LivePreview) -> str:
    return live.picture.pixmap.toImage().pixelColor(10, 10).name()


@pytest.mark.req("I2")
def test_a_picture_is_seen_while_it_is_drawn(
    qtbot: QtBot, window: MainWindow, controller: FakeController, drawing: JobView
) -> None:
    live = window.preview.progress.live
    assert not live.isVisible()
    controller.picture_previewed.emit(drawing.id, 2, encoded())
    qtbot.waitUntil(live.isVisible)
    assert live.picture.isVisible()
    assert live.caption == "Scene 3, being drawn"
    first = shown_color(live)
    controller.picture_previewed.emit(drawing.id, 2, encoded(color="#2040a0"))
    qtbot.waitUntil(lambda: shown_color(live) != first)
    controller.show(at_stage(drawing, StageName.RENDER))
    assert not live.isVisible()


def test_another_jobs_picture_waits_until_it_is_chosen(
    qtbot: QtBot, window: MainWindow, controller: FakeController, drawing: JobView
) -> None:
    live = window.preview.progress.live
    controller.picture_previewed.emit("job-2", 0, encoded())
    qtbot.waitUntil(lambda: "job-2" in live._pictures)
    assert not live.isVisible()
    window.jobs.list.select("job-2")
    assert live.isVisible()
    window.jobs.list.select(drawing.id)
    assert not live.isVisible()
    window.jobs.list.select("job-2")
    assert live.isVisible()
    other = controller.job_model.view("job-2")
    assert other is not None
    controller.show(replace(other, state=JobState.PAUSED))
    assert not live.isVisible()


def test_the_window_goes_on_while_a_picture_is_decoded(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[int] = []

    def watched(data: bytes) -> QImage:
        threads.append(threading.get_ident())
        return decode_preview(data)

    monkeypatch.setattr(live_preview, "decode_preview", watched)
    decoder = PictureDecoder()
    with qtbot.waitSignal(decoder.decoded) as caught:
        decoder.put("job-1", 4, encoded())
    assert threads
    assert threading.get_ident() not in threads
    job_id, scene, image = caught.args
    assert (job_id, scene, image.width()) == ("job-1", 4, 48)
    decoder.close()


@pytest.mark.req("N1")
def test_only_the_newest_picture_waits(qtbot: QtBot) -> None:
    decoder = PictureDecoder()
    seen: list[int] = []
    decoder.decoded.connect(lambda _job, scene, _image: seen.append(scene))
    for scene in range(200):
        decoder.put("job-1", scene, encoded())
    assert len(decoder._waiting) == 1
    qtbot.waitUntil(lambda: bool(seen) and seen[-1] == 199)
    assert seen == [0, 199]
    for number in range(50):
        decoder.put(f"job-{number}", 0, encoded())
    assert len(decoder._waiting) <= MAX_JOBS
    decoder.close()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no picture at all",
        encoded(kind="BMP"),
        b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
        encoded(kind="PNG")[:40],
    ],
)
def test_what_is_no_picture_is_not_shown(data: bytes) -> None:
    assert decode_preview(data).isNull()


def test_pictures_are_bounded() -> None:
    assert decode_preview(encoded(9000, 8, kind="PNG")).isNull()
    large = decode_preview(encoded(2000, 3000))
    assert max(large.width(), large.height()) == SHOWN_PX
    decoder = PictureDecoder()
    decoder.put("job-1", 0, b"x" * (MAX_BYTES + 1))
    assert not decoder._busy


@pytest.mark.req("N4", "AUD-14")
@pytest.mark.usefixtures("drawing")
def test_thousands_of_previews_leave_nothing(
    qtbot: QtBot, window: MainWindow, controller: FakeController
) -> None:
    live = window.preview.progress.live
    pictures = [encoded(192, 340, color) for color in ("#a04020", "#2040a0", "#20a040")]

    def send(count: int) -> None:
        for number in range(count):
            controller.picture_previewed.emit(f"job-{number % 30}", number, pictures[number % 3])
            if number % 20 == 0:
                QCoreApplication.processEvents()
        qtbot.waitUntil(lambda: not live.decoder._busy)

    send(1000)
    gc.collect()
    before = psutil.Process().memory_info().rss
    send(10_000)
    gc.collect()
    assert len(live._pictures) <= MAX_JOBS
    assert psutil.Process().memory_info().rss - before < 16 * 2**20


def test_a_script_is_read_while_it_is_written(
    window: MainWindow, controller: FakeController, make_job: MakeJob
) -> None:
    view = at_stage(make_job(1, "Tea"), StageName.SCRIPT)
    controller.load([view])
    window.jobs.list.select(view.id)
    live = window.preview.progress.live
    text = ""
    for word in ("Nobody ", "warns <b>you</b>", "\nhow loud"):
        text += word
        controller.script_streamed.emit(view.id, text)
        assert live.script.toPlainText() == text
    assert live.script.isVisible()
    assert live.caption == "Being written"
    controller.script_streamed.emit(view.id, "Begun anew")
    assert live.script.toPlainText() == "Begun anew"
    controller.show(at_stage(view, StageName.NARRATION))
    assert not live.isVisible()


def test_a_script_without_end_is_bounded_and_followed(
    window: MainWindow, controller: FakeController, make_job: MakeJob
) -> None:
    view = at_stage(make_job(1, "Tea"), StageName.SCRIPT)
    controller.load([view])
    window.jobs.list.select(view.id)
    script = window.preview.progress.live.script
    controller.script_streamed.emit(view.id, "word " * 200_000)
    QCoreApplication.processEvents()
    assert len(script.toPlainText()) <= MAX_SCRIPT
    bar = script.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0
    bar.setValue(10)
    controller.script_streamed.emit(view.id, "word " * 200_000 + "more")
    for number in range(MAX_JOBS * 3):
        controller.script_streamed.emit(f"job-{number + 10}", "text")
    assert len(window.preview.progress.live._scripts) <= MAX_JOBS


@pytest.mark.parametrize("width_px", [420, 580, 900])
def test_what_is_made_has_room_beside_or_above_the_words(
    qtbot: QtBot, window: MainWindow, controller: FakeController, drawing: JobView, width_px: int
) -> None:
    page = window.preview.progress
    controller.picture_previewed.emit(drawing.id, 0, encoded(192, 340))
    qtbot.waitUntil(page.live.isVisible)
    page.setParent(None)
    qtbot.addWidget(page)
    page.resize(width_px, 560)
    page.show()
    QCoreApplication.processEvents()
    assert page.width() == width_px
    assert page.live.height() >= 200
    words = page._content
    corner = words.mapTo(page, words.rect().topLeft())
    beside = corner.x() >= page.live.geometry().right()
    below = corner.y() >= page.live.geometry().bottom()
    assert beside is (width_px == 900)
    assert below is not beside
