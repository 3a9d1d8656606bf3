"""The middle dock: the chosen job, playing when it is finished, its progress until then."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QStackedWidget, QWidget

from vidgen_gui.controller.job_view import JobView
from vidgen_gui.core.text import truncate
from vidgen_gui.ui import labels
from vidgen_gui.ui.delivered_labels import delivered_badge, delivered_text
from vidgen_gui.ui.empty_state import EmptyState
from vidgen_gui.ui.fitting import ElidedLabel
from vidgen_gui.ui.flow import FlowLayout
from vidgen_gui.ui.parts import column, plain_widget, push_button, row, text_label
from vidgen_gui.ui.player import Player
from vidgen_gui.ui.progress_page import MAX_TITLE, ProgressPage
from vidgen_gui.ui.theme import GRID_PX
from vidgen_gui.ui.thumbnails import Thumbnails

SIDE_BY_SIDE_PX = 540
FACTS_PX = 240
FACTS_SHARE = 0.34
WIDEST_PX = 16_777_215
LEAST = QSize(356, 264)
"""What the panel can live with, whatever it shows beside the video now."""


class _Facts(QWidget):
    """Title, facts and buttons of a finished video."""

    action_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._title = text_label(role="title", wrap=True)
        self._title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(2 * GRID_PX)
        self._grid.setVerticalSpacing(GRID_PX // 2)
        self._grid.setColumnStretch(1, 1)
        self._values = []
        for line, name in enumerate(
            (self.tr("Quality"), self.tr("Shape"), self.tr("Length"), self.tr("Made in"))
        ):
            value = ElidedLabel()
            self._grid.addWidget(text_label(name, "muted"), line, 0)
            self._grid.addWidget(value, line, 1)
            self._values.append(value)
        buttons = []
        for key, icon, text in (
            ("folder", "folder-open", self.tr("Open folder")),
            ("copy_path", "copy", self.tr("Copy path")),
            ("duplicate", "copy-plus", self.tr("Duplicate")),
        ):
            button = push_button(text, icon)
            button.setObjectName(key)
            button.clicked.connect(self._on_button_clicked)
            buttons.append(button)
        self._line = text_label(role="muted", wrap=True)
        self._delivered = text_label(role="small", wrap=True)
        self._details = plain_widget(self._grid)
        buttons_row = plain_widget(FlowLayout(*buttons, fills=True))
        self.setLayout(
            column(
                self._title,
                self._line,
                self._details,
                self._delivered,
                GRID_PX // 2,
                buttons_row,
                -1,
            )
        )

    def show_job(self, view: JobView) -> None:
        self._title.setText(truncate(view.title, MAX_TITLE))
        values = (
            labels.quality_name(view.quality),
            f"{labels.aspect_name(view.aspect)} · {view.spec.frame_size}",
            labels.clock(view.duration_s) if view.duration_s is not None else "–",
            labels.duration(view.elapsed_s) or "–",
        )
        for label, value in zip(self._values, values, strict=True):
            label.show_text(value)
        told = (*values[:3], delivered_badge(view))
        self._line.setText(" · ".join(value for value in told if value not in {"", "–"}))
        told_of_video = delivered_text(view)
        self._delivered.setText(told_of_video)
        self._delivered.setVisible(bool(told_of_video))

    def fit(self, width_px: int, room_px: int, *, beside: bool) -> bool:
        """A table beside the video, one line below it; no more than there is room for.

        The title is left away before the buttons, since the list of videos has it as well; whether
        there is room for anything.
        """
        self._details.setVisible(beside)
        note = self._delivered if beside else self._line
        for shown in ((self._title, note), (self._title,), ()):
            for label in (self._title, self._line, self._delivered):
                label.setVisible(label in shown and bool(label.text()))
            if self._needed_px(width_px) <= room_px:
                return True
        return False

    def _needed_px(self, width_px: int) -> int:
        layout = self.layout()
        return layout.heightForWidth(width_px) if layout is not None else 0

    def _on_button_clicked(self) -> None:
        self.action_requested.emit(self.sender().objectName())


class PreviewPanel(QWidget):
    """Shows one job at a time; `action_requested` tells what is to be done with it."""

    action_requested = Signal(str, object)
    """A key of `JobActions` and the `JobView`."""

    def __init__(self, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._view: JobView | None = None
        self.player = Player(thumbnails)
        self.progress = ProgressPage()
        self._facts = _Facts()
        self._stack = QStackedWidget()
        self._nothing = EmptyState(
            "clapperboard",
            self.tr("Your video plays here"),
            self.tr("What is finished can be watched, the rest shows how far it is."),
        )
        self._split = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._split.setContentsMargins(2 * GRID_PX, 2 * GRID_PX, 2 * GRID_PX, 2 * GRID_PX)
        self._split.setSpacing(3 * GRID_PX)
        self._split.addWidget(self.player, 1)
        self._split.addWidget(self._facts)
        self._player_page = plain_widget(self._split)
        for page in (self._nothing, self._player_page, self.progress):
            self._stack.addWidget(page)
        self.setLayout(row(self._stack))
        self._facts.action_requested.connect(self._on_action_requested)
        self.progress.action_requested.connect(self._on_action_requested)

    @property
    def view(self) -> JobView | None:
        """The job that is shown."""
        return self._view

    def show_job(self, view: JobView | None) -> None:
        """Show a job, or that none is chosen; another job's video is let go."""
        self._view = view
        if view is None:
            self.player.show_job(None)
            self.progress.live.show_job(None)
            self._stack.setCurrentWidget(self._nothing)
        elif view.video_path is not None:
            self._facts.show_job(view)
            self.player.show_job(view)
            self._arrange()
            self.progress.live.show_job(None)
            self._stack.setCurrentWidget(self._player_page)
        else:
            self.player.show_job(None)
            self.progress.show_job(view)
            self._stack.setCurrentWidget(self.progress)

    def show_picture(self, job_id: str, scene: int | None, image: bytes) -> None:
        """A scene's picture as it looks by now."""
        self.progress.live.show_picture(job_id, scene, image)

    def show_script(self, job_id: str, text: str) -> None:
        """A script as far as it is written."""
        self.progress.live.show_script(job_id, text)

    def release(self) -> None:
        """Let go of the video and of what is being decoded."""
        self.player.release()
        self.progress.live.decoder.close()

    def forget(self, job_ids: list[str]) -> None:
        """Let go of a job that was removed."""
        for job_id in job_ids:
            self.progress.live.forget(job_id)
        if self._view is not None and self._view.id in job_ids:
            self.show_job(None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """The facts beside the video or below it, as far as the video leaves room for them."""
        beside = self.width() >= SIDE_BY_SIDE_PX
        direction = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        self._split.setDirection(direction)
        room = self.rect().marginsRemoved(self._split.contentsMargins())
        if beside:
            width_px, room_px = min(FACTS_PX, round(FACTS_SHARE * self.width())), room.height()
            self._facts.setFixedWidth(width_px)
        else:
            least_px = self.player.minimumSizeHint().height() + self._split.spacing()
            width_px, room_px = room.width(), room.height() - least_px
            self._facts.setMinimumWidth(0)
            self._facts.setMaximumWidth(WIDEST_PX)
        self._facts.setVisible(self._facts.fit(width_px, room_px, beside=beside))

    def minimumSizeHint(self) -> QSize:
        return LEAST

    def sizeHint(self) -> QSize:
        return QSize(720, 640)

    def _on_action_requested(self, key: str) -> None:
        if self._view is not None:
            self.action_requested.emit(key, self._view)
