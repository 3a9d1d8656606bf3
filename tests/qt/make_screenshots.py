"""Renders the window's pictures in ``docs/screenshots``: ``python -m tests.qt.make_screenshots``.

With names after it (``services dialogs``) it renders those groups only.

The videos in them are real: they are made once, with the app's own command line, and kept under
``build/screenshots``. The window itself is fed by the tests' controller, so that a job can stand
at 62 % for as long as its picture takes. Each theme and scale is rendered by its own process.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import imageio_ffmpeg
from PySide6.QtCore import QBuffer, QEventLoop, QIODevice, QLocale, QSize, Qt, QTimer
from PySide6.QtGui import QFont, QFontDatabase, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

sys.path.insert(0, str(Path(__file__).parent))

from fake_controller import FakeController, make_view
from fake_services import MAKER, WRITER
from gpu_scenes import play_at_work, play_swap_and_fall, play_two_cards, play_without_card
from plan_scenes import CARDS, board, painted_board
from profile_scenes import take_profiles
from service_scenes import GROWING_SCRIPT, fill_details, service_states

from vidgen_gui.controller.job_view import (
    Check,
    CheckState,
    Delivered,
    JobView,
    QueueStatus,
    StageState,
    StageView,
)
from vidgen_gui.core.job import CaptionStyle, JobSpec, JobState, StageName
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.quality import Aspect, Quality
from vidgen_gui.core.script import Genre
from vidgen_gui.core.settings import Theme
from vidgen_gui.pipeline.delivery import sidecar_path, thumbnail_path
from vidgen_gui.pipeline.previews import Previews
from vidgen_gui.system.paths import AppPaths
from vidgen_gui.system.resources import resource
from vidgen_gui.ui.main_window import MainWindow

ROOT = Path(__file__).resolve().parents[2]
MATERIAL = ROOT / "build" / "screenshots"
TARGET = ROOT / "docs" / "screenshots"
SCREENS = Path(__file__).with_name("screen.json")
SIZE = QSize(1280, 800)
VIDEOS = (
    ("The quiet power of morning walks", "motivational", "standard"),
    ("What a forest says in winter", "nature", "draft"),
)


@dataclass(frozen=True, slots=True)
class Made:
    """One finished video with what the window shows of it."""

    video: Path
    title: str
    duration_s: float
    starts_s: tuple[float, ...]
    texts: tuple[str, ...]
    pictures: tuple[Path, ...]


def main(arguments: list[str]) -> None:
    """Make the material, then every picture (or the groups that are named) in every look."""
    if arguments and arguments[0] in set(Theme):
        _render_all(Theme(arguments[0]), int(arguments[1]), arguments[2:])
        return
    _make_material()
    TARGET.mkdir(parents=True, exist_ok=True)
    for theme in (Theme.LIGHT, Theme.DARK):
        for scale in (1, 2):
            environment = {**os.environ, "QT_SCALE_FACTOR": str(scale)}
            environment["QT_QPA_PLATFORM"] = f"offscreen:configfile={SCREENS}"
            command = [sys.executable, "-m", __spec__.name, theme.value, str(scale), *arguments]
            subprocess.run(command, check=True, env=environment, cwd=ROOT, timeout=300)
    for path in sorted(TARGET.glob("*.png")):
        print(path.relative_to(ROOT))  # noqa: T201 - what this command is for


def _make_material() -> None:
    environment = {**os.environ, "VIDGEN_HOME": str(MATERIAL / "home")}
    for topic, genre, quality in VIDEOS:
        folder = MATERIAL / quality
        if not list(folder.glob("*.mp4")):
            command = [sys.executable, "-m", "vidgen_gui", "make", "--topic", topic]
            command += ["--genre", genre, "--quality", quality, "--seed", "11"]
            command += ["--out", str(folder)]
            subprocess.run(command, check=True, env=environment, cwd=ROOT, timeout=600)
    previews = Previews(_paths())
    previews.caption_sample(CaptionStyle.BOLD, Aspect.PORTRAIT)


def _paths() -> AppPaths:
    return AppPaths.find({"VIDGEN_HOME": str(MATERIAL / "home")})


def _made(quality: str) -> Made:
    video = next((MATERIAL / quality).glob("*.mp4"))
    sidecar = json.loads(sidecar_path(video).read_text(encoding="utf-8"))
    starts = tuple(scene["start_s"] for scene in sidecar["scenes"])
    pictures = []
    for number, start in enumerate(starts):
        picture = video.with_name(f"scene-{number}.jpg")
        if not picture.exists():
            command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y"]
            command += ["-ss", str(start + 1.0), "-i", str(video), "-frames:v", "1", str(picture)]
            subprocess.run(command, check=True, timeout=60)
        pictures.append(picture)
    return Made(
        video,
        sidecar["title"],
        sidecar["duration_s"],
        starts,
        tuple(scene["narration"] for scene in sidecar["scenes"]),
        tuple(pictures),
    )


def _stages(*states: tuple[StageState, float]) -> tuple[StageView, ...]:
    waiting = (StageState.WAITING, 0.0)
    padded = (*states, *(waiting,) * (len(StageName) - len(states)))
    pairs = zip(StageName, padded, strict=True)
    return tuple(StageView(name, state, fraction) for name, (state, fraction) in pairs)


def _finished(number: int, quality: Quality, made: Made, elapsed_s: float) -> JobView:
    spec = JobSpec.create(
        topic=made.title, quality=quality, genre=Genre.NATURE, output_dir=Path("/home/ada/Videos")
    )
    return make_view(
        spec,
        number,
        title=made.title,
        state=JobState.DONE,
        video_path=made.video,
        thumbnail_path=thumbnail_path(made.video),
        duration_s=made.duration_s,
        elapsed_s=elapsed_s,
        finished_at=1_790_000_000.0 + number * 60,
        fps=30.0,
        fraction=1.0,
        scene_starts_s=made.starts_s,
        scene_texts=made.texts,
        scene_pictures=made.pictures,
    )


def _jobs() -> list[JobView]:
    done, running = (StageState.DONE, 1.0), StageState.RUNNING
    out = Path("/home/ada/Videos")

    def spec(topic: str, quality: Quality = Quality.STANDARD, **more: object) -> JobSpec:
        return JobSpec.create(topic=topic, quality=quality, output_dir=out, **more)

    full = Message(
        MessageId.DISK_FULL, {"path": "/home/ada/Videos", "free_mib": 12, "needed_mib": 900}
    )
    fell = Message(
        MessageId.RUNG_FELL,
        {"picture": 2, "before_way": "hires-full", "after_way": "hires-tiles", "free_mib": 1190},
    )
    adapted = Delivered("hires-tiles", Quality.STANDARD, 3, 4, fell)
    return [
        replace(_finished(1, Quality.STANDARD, _made("standard"), 24.0), delivered=adapted),
        _finished(2, Quality.DRAFT, _made("draft"), 15.0),
        make_view(
            spec("Why the sea is salty", Quality.HIGH),
            3,
            state=JobState.RUNNING,
            fraction=0.62,
            eta_s=33.0,
            stages=_stages(done, done, done, (running, 0.6)),
        ),
        make_view(
            spec("How a jet engine breathes", Quality.ULTRA, aspect=Aspect.LANDSCAPE),
            4,
            state=JobState.RUNNING,
            fraction=0.08,
            eta_s=160.0,
            stages=_stages(done, (running, 0.3)),
        ),
        make_view(
            spec("Letters my grandfather never sent"),
            5,
            state=JobState.SCRIPT_READY,
            stages=_stages(done),
        ),
        make_view(spec("Ten minutes of nothing"), 6),
        make_view(
            spec("Why old bridges sing"),
            7,
            state=JobState.FAILED,
            failure=full,
            fraction=0.8,
            stages=_stages(done, done, done, done, (StageState.FAILED, 0.4)),
        ),
    ]


def _half_drawn() -> bytes:
    """A scene's picture as coarse as image servers preview it."""
    paths = (MATERIAL / "home" / "cache" / "artifacts").glob("*/*/picture.png")
    image = next(image for path in sorted(paths) if (image := QImage(str(path))).width() > 800)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.scaledToWidth(128, Qt.TransformationMode.SmoothTransformation).save(buffer, "JPG", 92)
    return buffer.data().data()


def _wait(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


class _Studio:
    """One look: opens windows, brings them into a state and takes their pictures."""

    def __init__(self, theme: Theme, scale: int) -> None:
        self._suffix = theme.value + ("@2x" if scale == 2 else "")
        self._theme = theme

    def window(self, jobs: list[JobView]) -> MainWindow:
        controller = FakeController(MATERIAL / "window")
        chosen = controller.settings.with_values(
            {"general.theme": self._theme, "general.output_folder": "/home/ada/Videos/VidGen"}
        )
        controller.settings = chosen
        (MATERIAL / "window" / "config" / "window.ini").unlink(missing_ok=True)
        window = MainWindow(controller)
        window.controller = controller  # type: ignore[attr-defined]
        window.resize(SIZE)
        window.show()
        controller.load(jobs)
        controller.services.show(*service_states()["ready" if jobs else "missing"])
        play_at_work(controller.gpu, quiet=not jobs)
        if jobs:
            controller.queue_changed.emit(QueueStatus(2, 2, paused=False, eta_s=193.0))
            window.activity.forget([view.id for view in jobs])
            for view in jobs:
                window.activity.follow(view)
        _wait(500)
        return window

    def take(self, name: str, widget: QWidget) -> None:
        _wait(400)
        widget.grab().save(str(TARGET / f"{name}-{self._suffix}.png"), "PNG", 0)

    def shots(self, names: Sequence[str]) -> None:
        groups = {
            "empty": self._empty,
            "running": self._running,
            "finished": self._finished,
            "wizard": self._wizard,
            "quality": self._quality,
            "settings": self._settings,
            "profiles": self._profiles,
            "live": self._live,
            "services": self._services,
            "service": self._service,
            "chart": self._chart,
        }
        for name in names or groups:
            groups[name]()

    def _empty(self) -> None:
        window = self.window([])
        self.take("empty", window)
        _close(window)

    def _running(self) -> None:
        window = self.window(_jobs())
        window.jobs.list.select("job-3")
        self.take("running", window)
        window.jobs.list.select("job-7")
        self.take("failed", window)
        window.jobs.list.select("job-5")
        window.do_action("script", window.jobs.list.selected_views())
        self.take("script", window._dialogs["script"])
        _close(window)

    def _finished(self) -> None:
        window = self.window(_jobs())
        window.jobs.list.select("job-1")
        player = window.preview.player
        player.jump(2.4)
        _until(lambda: player.video.has_frame)
        player._sound_note.hide()
        self.take("finished", window)
        player._safe.click()
        self.take("safe-zone", window)
        _close(window)

    def _wizard(self) -> None:
        window = self.window([])
        controller = window.controller  # type: ignore[attr-defined]
        controller.board = board("12gb")
        controller.caption_sample = Previews(_paths()).caption_sample(
            CaptionStyle.BOLD, Aspect.PORTRAIT
        )
        window.open_wizard()
        wizard = window._dialogs["wizard"]
        wizard.what.topic.setText("The quiet power of morning walks")
        _wait(600)
        for number in range(1, 5):
            self.take(f"wizard-{number}", wizard)
            wizard.next()
        wizard.close()
        _close(window)

    def _quality(self) -> None:
        window = self.window([])
        controller = window.controller  # type: ignore[attr-defined]
        for name in ("4gb", "12gb", "24gb", "none"):
            controller.board = board(name) if name in CARDS else painted_board()
            window.open_wizard()
            wizard = window._dialogs["wizard"]
            wizard.what.topic.setText("The quiet power of morning walks")
            _wait(400)
            wizard.next()
            _wait(200)
            wizard.next()
            wizard.quality.cards[Quality.ULTRA].click()
            wizard.quality.cards[Quality.ULTRA].setFocus()
            self.take(f"quality-{name}", wizard)
            if name == "12gb":
                wizard.quality.opener.click()
                _wait(200)
                wizard.quality.advanced.fields["steps"].setFocus()
                QTest.keyClicks(wizard.quality.advanced.fields["steps"], "400")
                self.take("quality-advanced", wizard)
            wizard.close()
        _close(window)

    def _settings(self) -> None:
        window = self.window([])
        window.open_settings()
        self.take("settings", window._dialogs["settings"])
        window._dialogs["settings"].close()
        window.open_doctor()
        self.take("doctor", window._dialogs["doctor"])
        _close(window)

    def _profiles(self) -> None:
        window = self.window([])
        take_profiles(window, self.take)
        _close(window)

    def _live(self) -> None:
        jobs = _jobs()
        window = self.window(jobs)
        controller = window.controller  # type: ignore[attr-defined]
        controller.services.show(*service_states()["paused"])
        window.jobs.list.select("job-3")
        controller.picture_previewed.emit("job-3", 2, _half_drawn())
        live = window.preview.progress.live
        _until(lambda: not live.isHidden())
        self.take("live-picture", window)
        writing = replace(jobs[3], stages=_stages((StageState.RUNNING, 0.4)), fraction=0.03)
        controller.services.show(*service_states()["writing"])
        controller.show(writing)
        window.jobs.list.select(writing.id)
        controller.script_streamed.emit(writing.id, GROWING_SCRIPT)
        self.take("live-script", window)
        _close(window)

    def _services(self) -> None:
        window = self.window([])
        controller = window.controller  # type: ignore[attr-defined]
        version = Message(MessageId.CHECK_FFMPEG, {"version": "7.1", "path": "/usr/bin/ffmpeg"})
        controller.doctor_finished.emit([Check("ffmpeg", CheckState.GOOD, version)])
        for name in ("ready", "starting", "unhealthy", "missing", "adopted", "paused"):
            controller.services.show(*service_states()[name])
            self.take(f"services-{name}", window._machine_dock)
        _close(window)

    def _chart(self) -> None:
        window = self.window(_jobs())
        window.jobs.list.select("job-3")
        gpu = window.controller.gpu  # type: ignore[attr-defined]
        play_swap_and_fall(gpu)
        for message in (mark.message for mark in gpu.marks if mark.message is not None):
            window.activity.say(message)
        gpu.tell()
        self.take("chart", window)
        self.take("chart-swap-and-fall", window._machine_dock)
        play_without_card(gpu)
        gpu.tell()
        self.take("chart-no-card", window._machine_dock)
        play_two_cards(gpu)
        gpu.tell()
        window.chart.choose_all()
        self.take("chart-two-cards", window._machine_dock)
        _close(window)

    def _service(self) -> None:
        window = self.window([])
        controller = window.controller  # type: ignore[attr-defined]
        fill_details(controller)
        for name, page in (
            (WRITER, "log"),
            (WRITER, "start"),
            (WRITER, "addresses"),
            (MAKER, "model"),
        ):
            window.open_service(name, page)
            dialog = window._dialogs["service"]
            if page == "addresses":
                dialog.addresses.check_now.click()
            self.take(f"service-{page}", dialog)
            dialog.done(0)
        _close(window)


def _until(reached: Callable[[], bool]) -> None:
    for _ in range(100):
        if reached():
            return
        _wait(50)
    raise TimeoutError("the video did not show")


def _close(window: MainWindow) -> None:
    controller = window.controller  # type: ignore[attr-defined]
    controller.queue_changed.emit(QueueStatus())
    window.close()
    window.deleteLater()
    _wait(50)


def _render_all(theme: Theme, scale: int, names: Sequence[str]) -> None:
    app = QApplication([])
    QLocale.setDefault(QLocale("en_US"))
    for name in ("Regular", "Medium", "SemiBold", "Bold"):
        QFontDatabase.addApplicationFont(str(resource(f"fonts/NotoSans-{name}.ttf")))
    app.setFont(QFont("Noto Sans", 10))
    _Studio(theme, scale).shots(names)


if __name__ == "__main__":
    main(sys.argv[1:])
