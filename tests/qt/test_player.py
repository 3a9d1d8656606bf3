"""The player with a real video: playing, seeking, stepping, letting go, and saying what fails."""

import contextlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg
import pytest
from fake_controller import FakeController
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from vidgen_gui.controller.job_view import JobView
from vidgen_gui.core.job import JobState
from vidgen_gui.core.quality import Aspect
from vidgen_gui.core.safe_zone import SAFE_ZONES
from vidgen_gui.ui import playback as playback_module
from vidgen_gui.ui.main_window import MainWindow
from vidgen_gui.ui.playback import Playback, PlaybackProblem
from vidgen_gui.ui.player import Player
from vidgen_gui.ui.thumbnails import Thumbnails

MakeJob = Callable[..., JobView]
FPS = 30
SECONDS = 4


@pytest.fixture(scope="session")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Red, then from second 2 on blue; with a tone."""
    path = tmp_path_factory.mktemp("video") / "Ärger & 100% #1.mp4"
    sources = [f"color={c}:size=180x320:rate={FPS}:duration=2" for c in ("red", "blue")]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error"]
    for source in sources:
        command += ["-f", "lavfi", "-i", source]
    command += ["-f", "lavfi", "-i", f"sine=440:duration={SECONDS}"]
    command += ["-filter_complex", "[0][1]concat=n=2[v]", "-map", "[v]", "-map", "2"]
    command += ["-pix_fmt", "yuv420p", "-c:a", "aac", "-movflags", "+faststart", str(path)]
    subprocess.run(command, check=True, timeout=120)
    return path


@pytest.fixture
def player(qtbot: QtBot) -> Player:
    thumbnails = Thumbnails()
    made = Player(thumbnails)
    thumbnails.setParent(made)
    qtbot.addWidget(made, before_close_func=lambda widget: widget.release())
    made.resize(400, 640)
    made.show()
    return made


@pytest.fixture
def finished(make_job: MakeJob, video: Path) -> JobView:
    return make_job(
        1,
        state=JobState.DONE,
        video_path=video,
        duration_s=float(SECONDS),
        fps=float(FPS),
        scene_starts_s=(0.0, 2.0),
        scene_texts=("Red.", "Blue."),
    )


def color_at(player: Player, fraction_y: float = 0.5) -> str:
    """Red or blue, as shown in the middle of the video."""
    rect = player.video.picture_rect()
    image = player.video.grab().toImage()
    ratio = image.devicePixelRatio()
    x = round(rect.center().x() * ratio)
    y = round((rect.top() + rect.height() * fraction_y) * ratio)
    color = image.pixelColor(QPoint(x, y))
    return "red" if color.red() > color.blue() else "blue"


def open_files() -> set[str]:
    found = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        # Another thread may close it meanwhile.
        with contextlib.suppress(FileNotFoundError):
            found.add(str(descriptor.readlink()))
    return found


def test_nothing_is_loaded_before_the_first_play() -> None:
    program = (
        "import sys; from PySide6.QtWidgets import QApplication; app = QApplication([]);"
        "from vidgen_gui.ui.main_window import MainWindow;"
        "from vidgen_gui.ui.player import Player; from vidgen_gui.ui.thumbnails import Thumbnails;"
        "p = Player(Thumbnails());"
        "assert 'PySide6.QtMultimedia' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)


def test_plays_to_the_end_and_again(qtbot: QtBot, player: Player, finished: JobView) -> None:
    player.show_job(finished)
    assert player.playback.source is None
    player.toggle()
    # As long as it is red: what is shown may be late on a busy machine.
    qtbot.waitUntil(
        lambda: (
            player.playback.position_ms > 300
            and player.playback.is_playing
            and color_at(player) == "red"
        )
    )
    assert abs(player.playback.duration_ms - SECONDS * 1000) < 100
    player.jump(SECONDS - 0.3)
    qtbot.waitUntil(lambda: not player.playback.is_playing)
    player.toggle()
    qtbot.waitUntil(
        lambda: player.playback.is_playing and player.playback.position_ms < 2000, timeout=10_000
    )


def test_a_click_on_a_scene_goes_there(qtbot: QtBot, player: Player, finished: JobView) -> None:
    player.show_job(finished)
    second = player.scenes.pieces()[1]
    QTest.mouseClick(player.scenes, Qt.MouseButton.LeftButton, pos=second.center())
    qtbot.waitUntil(lambda: player.video.has_frame and color_at(player) == "blue")
    qtbot.waitUntil(lambda: abs(player.playback.position_ms - 2000) <= 40)
    qtbot.waitUntil(lambda: player.scenes.current == 1)
    QTest.keyClick(player.scenes, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: color_at(player) == "red")


def test_single_frames_forward_and_back(qtbot: QtBot, player: Player, finished: JobView) -> None:
    """Frame 59 is the last red one, frame 60 the first blue one."""
    player.show_job(finished)
    player.jump(59.5 / FPS)
    qtbot.waitUntil(lambda: player.video.has_frame and color_at(player) == "red")
    player.step(1)
    qtbot.waitUntil(lambda: color_at(player) == "blue")
    player.step(-1)
    qtbot.waitUntil(lambda: color_at(player) == "red")
    assert not player.playback.is_playing


def test_a_removed_job_lets_go_of_its_file(
    qtbot: QtBot, window: MainWindow, controller: FakeController, finished: JobView, video: Path
) -> None:
    controller.load([finished])
    window.jobs.list.setFocus()
    window.jobs.list.select("job-1")
    QTest.keyClick(window.jobs.list, Qt.Key.Key_Space)
    player = window.preview.player
    qtbot.waitUntil(lambda: player.playback.position_ms > 100)
    qtbot.waitUntil(lambda: str(video) in open_files())
    QTest.keyClick(window.jobs.list, Qt.Key.Key_Delete)
    assert player.playback.source is None
    qtbot.waitUntil(lambda: str(video) not in open_files())
    assert "file stays" in window.jobs.undo_bar._text.text() or "files stay" in (
        window.jobs.undo_bar._text.text()
    )


def test_progress_of_other_jobs_leaves_the_player_alone(
    qtbot: QtBot,
    window: MainWindow,
    controller: FakeController,
    finished: JobView,
    make_job: MakeJob,
) -> None:
    controller.load([finished, make_job(2)])
    window.jobs.list.select("job-1")
    player = window.preview.player
    player.toggle()
    qtbot.waitUntil(lambda: player.playback.position_ms > 100)
    controller.show(make_job(2, state=JobState.RUNNING, fraction=0.3))
    assert player.playback.is_playing
    assert player.path == finished.video_path


@pytest.mark.parametrize(
    "case",
    [(None, "not where it was"), (b"this is no video" * 4096, "cannot be played here")],
)
def test_what_cannot_be_shown_is_said(
    qtbot: QtBot,
    player: Player,
    make_job: MakeJob,
    tmp_path: Path,
    case: tuple[bytes | None, str],
) -> None:
    content, said = case
    path = tmp_path / "broken.mp4"
    if content is not None:
        path.write_bytes(content)
    player.show_job(make_job(1, state=JobState.DONE, video_path=path))
    player.toggle()
    qtbot.waitUntil(lambda: said in player.video.sentence)
    assert said in player.video.accessibleDescription()


@pytest.mark.req("O13")
def test_no_sound_device_is_said_and_the_video_plays(
    qtbot: QtBot, player: Player, finished: JobView
) -> None:
    """Test machines have no sound device; where there is one, nothing is said."""
    from PySide6.QtMultimedia import QMediaDevices

    player.show_job(finished)
    player.toggle()
    qtbot.waitUntil(lambda: player.playback.position_ms > 100)
    assert player._sound_note.isVisible() is not bool(QMediaDevices.audioOutputs())
    assert player.video.sentence == ""


def test_a_computer_that_cannot_play_says_so(
    qtbot: QtBot, player: Player, finished: JobView, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_name: str) -> object:
        raise ImportError("libpulse.so.0: cannot open shared object file")

    monkeypatch.setattr(playback_module.importlib, "import_module", missing)
    player.show_job(finished)
    with qtbot.waitSignal(player.playback.problem_found) as problem:
        player.toggle()
    assert problem.args[0] is PlaybackProblem.NO_MULTIMEDIA
    assert "open its folder" in player.video.sentence
    assert not player.playback.is_playing


def test_the_overlay_shows_the_captions_own_safe_zone(
    qtbot: QtBot, player: Player, finished: JobView
) -> None:
    player.show_job(finished)
    player.jump(1.0)
    qtbot.waitUntil(lambda: player.video.has_frame)
    rect = player.video.picture_rect()
    zone = SAFE_ZONES[Aspect.PORTRAIT]

    def brightness(fraction: float) -> int:
        image = player.video.grab().toImage()
        ratio = image.devicePixelRatio()
        x = rect.left() + rect.width() * (zone.left + 0.02)
        y = rect.top() + rect.height() * fraction
        return image.pixelColor(round(x * ratio), round(y * ratio)).red()

    edge = 1 - zone.bottom
    assert brightness(edge + 0.03) == brightness(edge - 0.03)
    QTest.keyClick(player.video, Qt.Key.Key_S)
    assert brightness(edge + 0.03) < brightness(edge - 0.03) - 50


def test_keys_of_the_player(qtbot: QtBot, player: Player, finished: JobView) -> None:
    player.show_job(finished)
    QTest.keyClick(player.video, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: player.playback.is_playing)
    QTest.keyClick(player.video, Qt.Key.Key_Space)
    assert not player.playback.is_playing
    QTest.keyClick(player.video, Qt.Key.Key_M)
    QTest.keyClick(player.video, Qt.Key.Key_L)
    assert player._mute.isChecked()
    assert player._loop.isChecked()
    QTest.keyClick(player.video, Qt.Key.Key_F)
    assert player._fullscreen is not None
    assert player.video.window() is player._fullscreen
    QTest.keyClick(player.video, Qt.Key.Key_Escape)
    assert player._fullscreen is None
    assert player.video.window() is player.window()


def test_a_playback_that_was_never_opened_can_be_closed() -> None:
    idle = Playback()
    idle.pause()
    idle.seek(5)
    idle.close()
    assert idle.source is None
    assert idle.position_ms == 0
