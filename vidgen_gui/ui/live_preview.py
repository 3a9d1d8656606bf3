"""What is being made right now: a scene's picture while it is drawn, a script while it is written.

Pictures come from a server: they are bounded and decoded in a pool, the newest one only.
"""

from collections import OrderedDict
from dataclasses import dataclass

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QIODevice,
    QObject,
    QRectF,
    QSize,
    Qt,
    QThreadPool,
    Signal,
)
from PySide6.QtGui import (
    QImage,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QWidget

from vidgen_gui.controller.job_view import JobView, StageState
from vidgen_gui.core.job import JobState, StageName
from vidgen_gui.ui.following_text import FollowingText
from vidgen_gui.ui.parts import column, text_label
from vidgen_gui.ui.picture_reader import START_BYTES, picture_reader
from vidgen_gui.ui.theme import RADIUS_PX, Theme, set_role

MAX_BYTES = 4 * 2**20
"""A preview is some 10 to 100 kB; what is larger is not looked at."""
MAX_SIDE_PX = 8192
SHOWN_PX = 720
"""The longer side that a preview is decoded to."""
MAX_JOBS = 8
MAX_SCRIPT = 20_000
"""Characters of a growing script that are shown; longer ones show their end."""


@dataclass(frozen=True, slots=True)
class LivePicture:
    """A scene's picture as it looks by now; ``scene`` counts from 0, None when not known."""

    scene: int | None
    pixmap: QPixmap


class PictureDecoder(QObject):
    """Decodes pictures in a thread of its own; emits ``decoded`` with the job, scene and image.

    While one is being decoded, the newest of each job waits and the ones before it are dropped.
    """

    decoded = Signal(str, object, QImage)
    _read = Signal(str, object, QImage)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: OrderedDict[str, tuple[int | None, bytes]] = OrderedDict()
        self._busy = False
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._read.connect(self._on_read, Qt.ConnectionType.QueuedConnection)

    def put(self, job_id: str, scene: int | None, data: bytes) -> None:
        """Take an encoded picture; an impossible one is forgotten without a word."""
        if not data or len(data) > MAX_BYTES:
            return
        self._waiting[job_id] = (scene, data)
        self._waiting.move_to_end(job_id)
        while len(self._waiting) > MAX_JOBS:
            self._waiting.popitem(last=False)
        self._start()

    def forget(self, job_id: str) -> None:
        self._waiting.pop(job_id, None)

    def close(self) -> None:
        """Decode no more, and wait for what is being decoded."""
        self._waiting.clear()
        self._pool.waitForDone()

    def _start(self) -> None:
        if self._busy or not self._waiting:
            return
        job_id, (scene, data) = self._waiting.popitem(last=False)
        self._busy = True
        self._pool.start(lambda: self._read.emit(job_id, scene, decode_preview(data)))

    def _on_read(self, job_id: str, scene: int | None, image: QImage) -> None:
        self._busy = False
        if not image.isNull():
            self.decoded.emit(job_id, scene, image)
        self._start()


def decode_preview(data: bytes) -> QImage:
    """A picture of at most `SHOWN_PX`, or a null image: not a picture, or one too large."""
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    # No other reader of Qt's is let near a server's bytes.
    reader = picture_reader(data[:START_BYTES], buffer)
    if reader is None:
        return QImage()
    full = reader.size()
    if not full.isValid() or max(full.width(), full.height()) > MAX_SIDE_PX:
        return QImage()
    if max(full.width(), full.height()) > SHOWN_PX:
        target = QSize(SHOWN_PX, SHOWN_PX)
        reader.setScaledSize(full.scaled(target, Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()


class _Picture(QWidget):
    """A picture as large as fits, centred, with round corners."""

    def __init__(self) -> None:
        super().__init__()
        self._pixmap = QPixmap()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("The picture as it is being drawn"))
        Theme.get().changed.connect(self.update)

    @property
    def pixmap(self) -> QPixmap:
        return self._pixmap

    def set_pixmap(self, pixmap: QPixmap) -> None:
        self._pixmap = pixmap
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, 360)

    def minimumSizeHint(self) -> QSize:
        return QSize(96, 96)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._pixmap.isNull():
            return
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.SmoothPixmapTransform | QPainter.RenderHint.Antialiasing
        )
        size = self._pixmap.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        box = self.rect()
        box.setSize(size)
        box.moveCenter(self.rect().center())
        corners = QPainterPath()
        corners.addRoundedRect(QRectF(box), RADIUS_PX, RADIUS_PX)
        painter.setClipPath(corners)
        painter.drawPixmap(box, self._pixmap)
        painter.end()


class ScriptView(FollowingText):
    """A script as it grows; of a very long one its end."""

    def __init__(self) -> None:
        super().__init__()
        self._shown = ""
        self.setAccessibleName(self.tr("The script as it is being written"))
        set_role(self, "note")

    def show_text(self, text: str) -> None:
        text = text[-MAX_SCRIPT:]
        if text == self._shown:
            return
        if self._shown and text.startswith(self._shown):
            self.grow(text[len(self._shown) :])
        else:
            self.show_whole(text)
        self._shown = text


class LivePreview(QWidget):
    """Shows what a running job makes now; hidden while there is nothing to see of it.

    Keeps the newest picture and text of the last few jobs, so that another job can be looked at
    and come back to.
    """

    def __init__(self) -> None:
        super().__init__()
        self._view: JobView | None = None
        self._pictures: OrderedDict[str, LivePicture] = OrderedDict()
        self._scripts: OrderedDict[str, str] = OrderedDict()
        self.decoder = PictureDecoder(self)
        self.decoder.decoded.connect(self._on_decoded)
        self.picture = _Picture()
        self.script = ScriptView()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.picture)
        self._stack.addWidget(self.script)
        self._caption = text_label(role="small")
        self._caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = column(self._stack, self._caption)
        layout.setStretch(0, 1)
        self.setLayout(layout)
        self.hide()

    @property
    def caption(self) -> str:
        return self._caption.text()

    def show_job(self, view: JobView | None) -> None:
        """Look at another job, or at a later moment of the same one."""
        self._view = view
        if view is not None and view.state is not JobState.RUNNING:
            self.forget(view.id)
        self._refresh()

    def show_picture(self, job_id: str, scene: int | None, data: bytes) -> None:
        self.decoder.put(job_id, scene, bytes(data))

    def show_script(self, job_id: str, text: str) -> None:
        _keep(self._scripts, job_id, text[-MAX_SCRIPT:])
        if self._view is not None and self._view.id == job_id:
            self._refresh()

    def forget(self, job_id: str) -> None:
        self.decoder.forget(job_id)
        self._pictures.pop(job_id, None)
        self._scripts.pop(job_id, None)

    def _on_decoded(self, job_id: str, scene: int | None, image: QImage) -> None:
        _keep(self._pictures, job_id, LivePicture(scene, QPixmap.fromImage(image)))
        if self._view is not None and self._view.id == job_id:
            self._refresh()

    def _refresh(self) -> None:
        view = self._view
        picture = script = None
        if view is not None and view.state is JobState.RUNNING:
            running = {one.name for one in view.stages if one.state is StageState.RUNNING}
            if StageName.IMAGE in running:
                picture = self._pictures.get(view.id)
            if StageName.SCRIPT in running:
                script = self._scripts.get(view.id)
        if picture is not None:
            self.picture.set_pixmap(picture.pixmap)
            self._stack.setCurrentWidget(self.picture)
            if picture.scene is None:
                self._caption.setText(self.tr("Being drawn"))
            else:
                self._caption.setText(self.tr("Scene {0}, being drawn").format(picture.scene + 1))
        elif script:
            self.script.show_text(script)
            self._stack.setCurrentWidget(self.script)
            self._caption.setText(self.tr("Being written"))
        self.setVisible(picture is not None or bool(script))


def _keep(kept: OrderedDict, job_id: str, value: object) -> None:  # type: ignore[type-arg]
    kept[job_id] = value
    kept.move_to_end(job_id)
    while len(kept) > MAX_JOBS:
        kept.popitem(last=False)
