"""Plays one file: a thin, late-loaded layer over QtMultimedia that says in words what fails.

QtMultimedia is imported with the first video that is opened, so that the window starts without.
"""

import importlib
from enum import StrEnum
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QUrl, Signal


class PlaybackProblem(StrEnum):
    """Why a video cannot be shown, or not be heard."""

    NO_MULTIMEDIA = "no-multimedia"
    NO_SOUND_DEVICE = "no-sound-device"
    CANNOT_DECODE = "cannot-decode"
    FILE_GONE = "file-gone"


class Playback(QObject):
    """One file at a time; times in milliseconds."""

    frame_arrived = Signal(object)
    """A valid QVideoFrame."""
    position_changed = Signal(int)
    duration_changed = Signal(int)
    playing_changed = Signal(bool)
    problem_found = Signal(object, str)
    """A `PlaybackProblem` and its details."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._qt: Any = None
        self._player: Any = None
        self._sound: Any = None
        self._volume = 1.0
        self._muted = False
        self._loops = False
        self._wanted_ms: int | None = None
        self._has_frame = False

    @property
    def source(self) -> Path | None:
        """The file that is held open now."""
        if self._player is None or self._player.source().isEmpty():
            return None
        return Path(self._player.source().toLocalFile())

    @property
    def is_playing(self) -> bool:
        if self._player is None:
            return False
        return bool(
            self._player.playbackState() == self._qt.QMediaPlayer.PlaybackState.PlayingState
        )

    @property
    def position_ms(self) -> int:
        return int(self._player.position()) if self._player is not None else 0

    @property
    def duration_ms(self) -> int:
        return int(self._player.duration()) if self._player is not None else 0

    def open(self, path: Path) -> bool:
        """Load a file, paused at its start; False when this computer cannot play at all."""
        if not self._load_qt():
            return False
        self._wanted_ms = None
        self._has_frame = False
        self._player.setSource(QUrl.fromLocalFile(str(path)))
        return True

    def close(self) -> None:
        """Let go of the file, so that it can be moved or deleted."""
        if self._player is not None:
            self._player.stop()
            self._player.setSource(QUrl())

    def play(self) -> None:
        if self._player is not None:
            self._player.play()

    def pause(self) -> None:
        if self._player is not None:
            self._player.pause()

    def seek(self, position_ms: int) -> None:
        """Go somewhere, as soon as the file is loaded; what stands still shows that frame."""
        if self._player is None:
            return
        if not self.is_playing:
            # A stopped player shows nothing, a paused one the frame it is at.
            self._player.pause()
        if not self._has_frame:
            # WORKAROUND: QMediaPlayer loses a position that is set before its first frame.
            self._wanted_ms = position_ms
            return
        self._player.setPosition(max(0, min(position_ms, self.duration_ms - 1)))

    def set_volume(self, volume: float) -> None:
        """Loudness as a person hears it, 0…1."""
        self._volume = volume
        if self._sound is not None:
            # Loudness is heard by the logarithm; the square is close to it and reaches zero.
            self._sound.setVolume(volume**2)

    def set_muted(self, *, muted: bool) -> None:
        self._muted = muted
        if self._sound is not None:
            self._sound.setMuted(muted)

    def set_looping(self, *, loops: bool) -> None:
        self._loops = loops
        if self._player is not None:
            self._player.setLoops(
                self._qt.QMediaPlayer.Loops.Infinite if loops else self._qt.QMediaPlayer.Loops.Once
            )

    def _load_qt(self) -> bool:
        if self._player is not None:
            return True
        try:
            self._qt = importlib.import_module("PySide6.QtMultimedia")
        except ImportError as error:
            self.problem_found.emit(PlaybackProblem.NO_MULTIMEDIA, str(error))
            return False
        qt = self._qt
        self._player = qt.QMediaPlayer(self)
        self._sound = qt.QAudioOutput(self)
        self._sink = qt.QVideoSink(self)
        self._player.setVideoSink(self._sink)
        if qt.QMediaDevices.audioOutputs():
            self._player.setAudioOutput(self._sound)
        else:
            self.problem_found.emit(PlaybackProblem.NO_SOUND_DEVICE, "")
        self.set_volume(self._volume)
        self.set_muted(muted=self._muted)
        self.set_looping(loops=self._loops)
        self._sink.videoFrameChanged.connect(self._on_frame)
        self._player.positionChanged.connect(self._on_position_changed)
        self._player.durationChanged.connect(self._on_duration_changed)
        self._player.playbackStateChanged.connect(self._on_state_changed)
        self._player.errorOccurred.connect(self._on_error)
        return True

    def _on_frame(self, frame: Any) -> None:
        if not frame.isValid():
            return
        self._has_frame = True
        if self._wanted_ms is not None:
            wanted_ms, self._wanted_ms = self._wanted_ms, None
            self.seek(wanted_ms)
        else:
            self.frame_arrived.emit(frame)

    def _on_position_changed(self, position_ms: int) -> None:
        self.position_changed.emit(position_ms)

    def _on_duration_changed(self, duration_ms: int) -> None:
        self.duration_changed.emit(duration_ms)

    def _on_state_changed(self, _state: Any) -> None:
        self.playing_changed.emit(self.is_playing)

    def _on_error(self, error: Any, detail: str) -> None:
        if error == self._qt.QMediaPlayer.Error.NoError:
            return
        gone = error == self._qt.QMediaPlayer.Error.ResourceError
        problem = PlaybackProblem.FILE_GONE if gone else PlaybackProblem.CANNOT_DECODE
        self.problem_found.emit(problem, detail)
