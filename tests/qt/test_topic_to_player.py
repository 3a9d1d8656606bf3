"""The main job, through the real window and controller: a topic, Enter, and the video plays."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from vidgen_gui.controller.pipeline_controller import PipelineController
from vidgen_gui.core.job import JobState
from vidgen_gui.core.quality import Quality
from vidgen_gui.core.script import Length
from vidgen_gui.core.settings import Settings
from vidgen_gui.system.paths import AppPaths
from vidgen_gui.ui.main_window import MainWindow

MAKING_MS = 400_000


@pytest.mark.slow
def test_a_topic_becomes_a_video_that_plays(qtbot: QtBot, tmp_path: Path) -> None:
    paths = AppPaths.find({"VIDGEN_HOME": str(tmp_path / "home")})
    settings = Settings(default_output_folder=tmp_path / "videos").with_values(
        {"video.quality": Quality.DRAFT, "script.length": Length.SHORT}
    )
    paths.create()
    controller = PipelineController(paths, settings)
    window = MainWindow(controller)
    window.stop_asking()
    qtbot.addWidget(window)
    window.show()
    with qtbot.waitSignal(controller.jobs_loaded):
        controller.start()
    try:
        field = window.jobs.first_add.field
        field.setFocus()
        QTest.keyClicks(field, "The quiet power of morning walks")
        QTest.keyClick(field, Qt.Key.Key_Return)
        model = controller.job_model
        qtbot.waitUntil(lambda: model.rowCount() == 1)
        job_id = model.views()[0].id
        assert window.preview.view is not None
        assert window.preview.progress.isVisible()
        qtbot.waitUntil(
            lambda: (view := model.view(job_id)) is not None and view.state.is_final,
            timeout=MAKING_MS,
        )
        view = model.view(job_id)
        assert view is not None
        assert view.state is JobState.DONE, view.failure
        qtbot.waitUntil(window.preview.player.isVisible)
        window.jobs.list.setFocus()
        QTest.keyClick(window.jobs.list, Qt.Key.Key_Return)
        player = window.preview.player
        qtbot.waitUntil(lambda: player.playback.position_ms > 500)
        qtbot.waitUntil(lambda: player.video.has_frame)
        assert player.video.sentence == ""
        qtbot.waitUntil(player.scenes.isVisible)
        assert len(player.scenes.pieces()) >= 3
        second = player.scenes.pieces()[1].center()
        QTest.mouseClick(player.scenes, Qt.MouseButton.LeftButton, pos=second)
        start_ms = model.view(job_id).scene_starts_s[1] * 1000  # type: ignore[union-attr]
        qtbot.waitUntil(lambda: player.playback.position_ms >= start_ms - 1)
        image = player.video.grab().toImage()
        middle = image.rect().center()
        shades = {
            image.pixelColor(middle.x(), y).lightness() for y in range(40, image.height() - 40)
        }
        assert len(shades) > 10, "a picture, not a plain colour"
    finally:
        player = window.preview.player
        player.release()
        with qtbot.waitSignal(controller.closed):
            window.close()
            controller.close()
        QApplication.processEvents()
