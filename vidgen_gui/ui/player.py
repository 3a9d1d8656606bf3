"""The player: a video with its controls and scenes strip. How files are played is in `playback`."""

from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QSlider, QVBoxLayout, QWidget

from vidgen_gui.controller.job_view import JobView
from vidgen_gui.ui import labels
from vidgen_gui.ui.icons import bind_icon
from vidgen_gui.ui.parts import column, panel, row, text_label, tool_button
from vidgen_gui.ui.playback import Playback, PlaybackProblem
from vidgen_gui.ui.scenes_strip import ScenesStrip
from vidgen_gui.ui.seek_slider import SeekSlider
from vidgen_gui.ui.theme import GRID_PX, Scale, Theme
from vidgen_gui.ui.thumbnails import Thumbnails
from vidgen_gui.ui.video_view import VideoView

DEFAULT_FPS = 30.0
STILL_SIZE = QSize(540, 960)
VOLUME_STEPS = 100


class Player(QWidget):
    """Plays the video of one job; nothing is opened before the first play or seek."""

    problem_said = Signal(str)
    """A sentence about why there is no picture or no sound."""

    def __init__(self, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._thumbnails = thumbnails
        self._view: JobView | None = None
        self._path: Path | None = None
        self._still_path: Path | None = None
        self.playback = Playback(self)
        self.video = VideoView()
        self.scenes = ScenesStrip(thumbnails)
        self._sound_note = text_label(role="small", wrap=True)
        self._sound_note.hide()
        self._build_controls()
        self._box = QVBoxLayout()
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(GRID_PX)
        self._box.addWidget(self.video, 1)
        self._box.addWidget(self._controls)
        self._box.addWidget(self.scenes)
        self._box.addWidget(self._sound_note)
        self.setLayout(self._box)
        self._fullscreen: QWidget | None = None
        self._connect()
        self.show_job(None)

    @property
    def path(self) -> Path | None:
        """The video that is shown, opened or not."""
        return self._path

    def show_job(self, view: JobView | None) -> None:
        """Show a finished job's video, paused; the same video again changes only its facts."""
        path = view.video_path if view is not None else None
        if path != self._path:
            self.release()
            self._path = path
        self._view = view
        self._show_still()
        if view is not None:
            self.video.set_aspect(view.aspect)
            duration = view.duration_s or 0.0
            self.scenes.set_scenes(
                view.scene_starts_s, duration, view.scene_texts, view.scene_pictures
            )
            if not self.playback.duration_ms:
                self._set_duration(round(duration * 1000))
        self._controls.setEnabled(path is not None)

    def release(self) -> None:
        """Stop and let go of the file."""
        self.playback.close()
        self._path = None
        self.video.set_frame(None)
        self.video.set_sentence("")
        self._sound_note.hide()
        self._set_position(0)
        self._refresh_play()

    def toggle(self) -> None:
        """Play or pause."""
        if self._path is None:
            return
        if self.playback.is_playing:
            self.playback.pause()
        elif self._ensure_open():
            if self.playback.duration_ms and (
                self.playback.position_ms >= self.playback.duration_ms - 1
            ):
                self.playback.seek(0)
            self.playback.play()

    def step(self, frames: int) -> None:
        """Go by single frames, standing still."""
        if self._path is None or not self._ensure_open():
            return
        self.playback.pause()
        fps = (self._view.fps if self._view else None) or DEFAULT_FPS
        # A frame's start, told in whole milliseconds, may lie just before it.
        frame = int(self.playback.position_ms * fps / 1000 + 0.05) + frames
        # The middle of a frame: its edge may belong to the one before.
        self.playback.seek(round((max(0, frame) + 0.5) * 1000 / fps))

    def jump(self, position_s: float) -> None:
        """Go to a place in the video, playing or not."""
        if self._path is not None and self._ensure_open():
            self.playback.seek(round(position_s * 1000))

    def set_fullscreen(self, *, wanted: bool) -> None:
        """Show video and controls on the whole screen, or put them back."""
        if wanted and self._fullscreen is None and self._path is not None:
            self._fullscreen = _Fullscreen(self)
            self._fullscreen.box.addWidget(self.video, 1)
            self._fullscreen.box.addWidget(self._controls)
            self._fullscreen.showFullScreen()
            self.video.setFocus()
        elif not wanted and self._fullscreen is not None:
            holder, self._fullscreen = self._fullscreen, None
            self._box.insertWidget(0, self.video, 1)
            self._box.insertWidget(1, self._controls)
            holder.deleteLater()
            self.video.setFocus()
        self._full.setChecked(self._fullscreen is not None)
        bind_icon(self._full, "minimize" if self._fullscreen else "maximize")

    def toggle_fullscreen(self) -> None:
        self.set_fullscreen(wanted=self._fullscreen is None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.handle_key(event):
            super().keyPressEvent(event)

    def handle_key(self, event: QKeyEvent) -> bool:
        """Do what a key means to a player; False when it means nothing."""
        seconds = {Qt.Key.Key_Left: -2.0, Qt.Key.Key_Right: 2.0}
        key = Qt.Key(event.key())
        if key in seconds:
            self.jump(max(0.0, self.playback.position_ms / 1000 + seconds[key]))
            return True
        actions = {
            Qt.Key.Key_Space: self.toggle,
            Qt.Key.Key_Comma: self._on_back_clicked,
            Qt.Key.Key_Period: self._on_forward_clicked,
            Qt.Key.Key_L: self._loop.click,
            Qt.Key.Key_M: self._mute.click,
            Qt.Key.Key_S: self._safe.click,
            Qt.Key.Key_F: self.toggle_fullscreen,
            Qt.Key.Key_Escape: self._on_escape if self._fullscreen else None,
        }
        action = actions.get(key)
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier or action is None:
            return False
        action()
        return True

    def _build_controls(self) -> None:
        self._play = tool_button("play", self.tr("Play"), shortcut="Space")
        self._back = tool_button("step-back", self.tr("One frame back"), shortcut=",")
        self._forward = tool_button("step-forward", self.tr("One frame on"), shortcut=".")
        self._slider = SeekSlider()
        self._time = text_label("0:00 / 0:00", "small")
        small = QFontMetrics(Theme.get().font(Scale.SMALL))
        self._time.setMinimumWidth(small.horizontalAdvance("00:00 / 00:00"))
        self._time.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._loop = tool_button("repeat", self.tr("Repeat"), shortcut="L", checkable=True)
        self._safe = tool_button(
            "smartphone", self.tr("Show what apps cover with buttons"), shortcut="S", checkable=True
        )
        self._mute = tool_button("volume-2", self.tr("Mute"), shortcut="M", checkable=True)
        self._volume = QSlider(Qt.Orientation.Horizontal)
        self._volume.setRange(0, VOLUME_STEPS)
        self._volume.setValue(VOLUME_STEPS)
        self._volume.setFixedWidth(64)
        self._volume.setAccessibleName(self.tr("Volume"))
        self._full = tool_button("maximize", self.tr("Full screen"), shortcut="F", checkable=True)
        top = row(self._slider, self._time)
        buttons = row(
            self._play,
            self._back,
            self._forward,
            -1,
            self._loop,
            self._safe,
            self._mute,
            self._volume,
            self._full,
            spacing=GRID_PX // 2,
        )
        self._controls = panel(column(top, buttons, spacing=GRID_PX // 2), "plain")
        # Time runs to the right in every language's players.
        for widget in (self._controls, self.scenes):
            widget.setLayoutDirection(Qt.LayoutDirection.LeftToRight)

    def _connect(self) -> None:
        self._play.clicked.connect(self.toggle)
        self._back.clicked.connect(self._on_back_clicked)
        self._forward.clicked.connect(self._on_forward_clicked)
        self._slider.sought.connect(self._on_sought)
        self._loop.toggled.connect(self._on_loop_toggled)
        self._safe.toggled.connect(self._on_safe_toggled)
        self._mute.toggled.connect(self._on_mute_toggled)
        self._volume.valueChanged.connect(self._on_volume_changed)
        self._full.clicked.connect(self.toggle_fullscreen)
        self.video.toggled.connect(self.toggle)
        self.video.fullscreen_toggled.connect(self.toggle_fullscreen)
        self.scenes.jump_requested.connect(self.jump)
        self.playback.frame_arrived.connect(self._on_frame_arrived)
        self.playback.position_changed.connect(self._set_position)
        self.playback.duration_changed.connect(self._on_duration_changed)
        self.playback.playing_changed.connect(self._refresh_play)
        self.playback.problem_found.connect(self._on_problem_found)
        self._thumbnails.loaded.connect(self._on_thumbnail_loaded)
        self.video.installEventFilter(self)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        return (
            watched is self.video
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and self.handle_key(event)
        )

    def _ensure_open(self) -> bool:
        if self._path is None:
            return False
        if self.playback.source == self._path:
            return True
        return self.playback.open(self._path)

    def _show_still(self) -> None:
        self._still_path = self._view.thumbnail_path if self._view is not None else None
        still = None
        if self._still_path is not None:
            still = self._thumbnails.get(self._still_path, self._still_size(), 1.0)
        self.video.set_still(still)
        self._refresh_play()

    def _still_size(self) -> QSize:
        ratio = self._view.aspect.ratio if self._view is not None else 1.0
        if ratio >= 1:
            return QSize(STILL_SIZE.height(), round(STILL_SIZE.height() / ratio))
        return QSize(round(STILL_SIZE.height() * ratio), STILL_SIZE.height())

    def _on_thumbnail_loaded(self, path: str) -> None:
        if self._still_path is not None and str(self._still_path) == path:
            self._show_still()

    def _on_frame_arrived(self, frame: object) -> None:
        if self._path is not None:
            self.video.set_frame(frame)
            self._refresh_play()

    def _on_duration_changed(self, duration_ms: int) -> None:
        if duration_ms > 0:
            self._set_duration(duration_ms)

    def _set_duration(self, duration_ms: int) -> None:
        self._slider.set_duration(duration_ms)
        self._show_time()

    def _set_position(self, position_ms: int) -> None:
        self._slider.set_position(position_ms)
        self.scenes.set_position(position_ms / 1000)
        self._show_time()

    def _show_time(self) -> None:
        now = labels.clock(self._slider.value() / 1000)
        self._time.setText(f"{now} / {labels.clock(self._slider.maximum() / 1000)}")

    def _refresh_play(self) -> None:
        playing = self.playback.is_playing
        bind_icon(self._play, "pause" if playing else "play")
        name = self.tr("Pause") if playing else self.tr("Play")
        self._play.setAccessibleName(name)
        self._play.setToolTip(f"{name} (Space)")
        self.video.set_play_hint(shown=self._path is not None and not self.video.has_frame)

    def _on_sought(self, position_ms: int) -> None:
        self.jump(position_ms / 1000)

    def _on_back_clicked(self) -> None:
        self.step(-1)

    def _on_forward_clicked(self) -> None:
        self.step(1)

    def _on_loop_toggled(self, checked: bool) -> None:  # noqa: FBT001 - a Qt slot
        self.playback.set_looping(loops=checked)

    def _on_safe_toggled(self, checked: bool) -> None:  # noqa: FBT001 - a Qt slot
        self.video.set_safe_zone(shown=checked)

    def _on_mute_toggled(self, checked: bool) -> None:  # noqa: FBT001 - a Qt slot
        self.playback.set_muted(muted=checked)
        bind_icon(self._mute, "volume-x" if checked else "volume-2")

    def _on_volume_changed(self, value: int) -> None:
        self.playback.set_volume(value / VOLUME_STEPS)

    def _on_escape(self) -> None:
        self.set_fullscreen(wanted=False)

    def _on_problem_found(self, problem: PlaybackProblem, detail: str) -> None:
        sentence = self._sentence(problem)
        if problem is PlaybackProblem.NO_SOUND_DEVICE:
            self._sound_note.setText(sentence)
            self._sound_note.show()
        else:
            self.video.set_sentence(sentence)
        self.problem_said.emit(sentence)

    def _sentence(self, problem: PlaybackProblem) -> str:
        match problem:
            case PlaybackProblem.NO_SOUND_DEVICE:
                return self.tr("No sound device was found: the video plays silently here.")
            case PlaybackProblem.FILE_GONE:
                return self.tr("The video file is not where it was. Was it moved or deleted?")
            case PlaybackProblem.NO_MULTIMEDIA:
                return self.tr(
                    "This computer lacks what VidGen needs to play videos. "
                    "The video is fine: open its folder and play it there."
                )
            case _:
                return self.tr(
                    "This video cannot be played here. "
                    "Open its folder and play it with another program."
                )


class _Fullscreen(QWidget):
    """The window that holds video and controls while they fill the screen."""

    def __init__(self, player: Player) -> None:
        super().__init__(player, Qt.WindowType.Window)
        self._player = player
        self.setWindowTitle(self.tr("VidGen"))
        self.box = column(margin=GRID_PX)
        self.setLayout(self.box)

    def closeEvent(self, event: QEvent) -> None:
        self._player.set_fullscreen(wanted=False)
        event.accept()
