"""What the preview shows of a job without a video: its stages, its state, and the next step."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QGridLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QWidget,
)

from vidgen_gui.controller.job_view import JobView, StageState, StageView
from vidgen_gui.core.job import JobState, StageName
from vidgen_gui.core.text import truncate
from vidgen_gui.ui import labels, words
from vidgen_gui.ui.fitting import Shrinking
from vidgen_gui.ui.flow import FlowLayout
from vidgen_gui.ui.job_delegate import STATE_LOOKS, facts_text, status_text
from vidgen_gui.ui.live_preview import LivePreview
from vidgen_gui.ui.parts import Glyph, column, panel, plain_widget, push_button, row, text_label
from vidgen_gui.ui.theme import GRID_PX, set_role

MAX_TITLE = 140
CONTENT_PX = 480
BESIDE_PX = 320
"""How wide the words are beside what is being made."""
SIDE_BY_SIDE_PX = 620
MARGIN_PX = 3 * GRID_PX
LEAST_TOLD = QSize(240, 64)
_LOOKS = {
    StageState.WAITING: ("circle-dashed", "outline"),
    StageState.RUNNING: ("circle-play", "accent"),
    StageState.DONE: ("circle-check", "done"),
    StageState.REUSED: ("circle-check", "done"),
    StageState.FAILED: ("circle-x", "failed"),
}
_BUTTONS: dict[JobState, tuple[str, ...]] = {
    JobState.WAITING: ("pause", "cancel", "script"),
    JobState.RUNNING: ("pause", "cancel"),
    JobState.PAUSED: ("resume", "cancel", "script"),
    JobState.SCRIPT_READY: ("approve", "script", "cancel"),
    JobState.FAILED: ("retry", "script", "remove"),
    JobState.CANCELLED: ("retry", "remove"),
    JobState.DONE: ("duplicate", "remove"),
}
_REARRANGING = {
    True: (QEvent.Type.ShowToParent, QEvent.Type.HideToParent),
    False: (QEvent.Type.LayoutRequest,),
}
"""What asks for another arrangement, of the live preview and of the words."""
_PRIMARY = frozenset({"approve", "retry", "resume"})


class _StageRow:
    """Icon, name, thin bar and words of one stage, in one line of a grid."""

    def __init__(self, name: StageName, grid: QGridLayout, line: int) -> None:
        self.name = name
        self.glyph = Glyph("circle-dashed", "outline", 20)
        self.title = text_label(labels.stage_name(name))
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(labels.stage_name(name))
        self.words = text_label(role="small")
        self.words.setAlignment(Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter)
        for place, widget in enumerate((self.glyph, self.title, self.bar, self.words)):
            grid.addWidget(widget, line, place)

    def show_stage(self, stage: StageView) -> None:
        self.glyph.set_look(*_LOOKS[stage.state])
        running = stage.state is StageState.RUNNING
        finished = stage.state in (StageState.DONE, StageState.REUSED)
        self.bar.setValue(1000 if finished else round(1000 * stage.fraction))
        state = labels.stage_state_name(stage.state)
        self.words.setText(labels.percent(stage.fraction) if running else state)
        set_role(self.title, "heading" if running else "")


class ProgressPage(QWidget):
    """One job at work, waiting, stopped or failed."""

    action_requested = Signal(str)
    """A key of `JobActions`."""

    def __init__(self) -> None:
        super().__init__()
        self._title = text_label(role="title", wrap=True)
        self._facts = text_label(role="muted", wrap=True)
        self._state = text_label(wrap=True)
        self._state_glyph = Glyph("clock", "muted", 20)
        self._bar = QProgressBar()
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Progress of the whole video"))
        self.live = LivePreview()
        self._stages_panel = self._build_stages()
        self._note = self._build_note()
        self._buttons = self._build_buttons()
        told = column(
            self._title,
            self._facts,
            GRID_PX,
            row(self._state_glyph, self._state, spacing=GRID_PX),
            self._bar,
            GRID_PX,
            self._stages_panel,
            self._note,
        )
        # What can be done stays in sight, however much there is to say.
        self._told = plain_widget(told)
        self._button_row = plain_widget(FlowLayout(*self._buttons.values()))
        self._scroll = Shrinking(self._told, LEAST_TOLD)
        self._content = plain_widget(column(self._scroll, self._button_row, spacing=2 * GRID_PX))
        self._content.setMaximumWidth(CONTENT_PX)
        middle = row(-1, self._content, -1)
        middle.setStretch(1, 1000)
        self._split = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._split.setContentsMargins(*(MARGIN_PX,) * 4)
        self._split.setSpacing(3 * GRID_PX)
        self._split.addWidget(self.live, 1)
        self._split.addWidget(plain_widget(column(-2, middle, -3)))
        self.setLayout(self._split)
        self.live.installEventFilter(self)
        self._told.installEventFilter(self)
        self._arrange()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _REARRANGING[watched is self.live]:
            self._arrange()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """What is being made is the larger part: beside the words, or above the few that matter."""
        lives = not self.live.isHidden()
        beside = lives and self.width() >= SIDE_BY_SIDE_PX
        direction = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        self._split.setDirection(direction)
        # Above each other, the words begin where what is being made begins.
        widest_px = BESIDE_PX if beside else SIDE_BY_SIDE_PX if lives else CONTENT_PX
        self._content.setMaximumWidth(widest_px)
        width_px = min(widest_px, self.width() - 2 * MARGIN_PX)
        room_px = self.height() - 2 * MARGIN_PX - 2 * GRID_PX
        room_px -= self._button_row.heightForWidth(width_px)
        if lives and not beside:
            room_px -= self.live.minimumSizeHint().height() + self._split.spacing()
        stages_px = self._stages_panel.sizeHint().height() + GRID_PX
        told_px = self._told.heightForWidth(width_px)
        told_px -= 0 if self._stages_panel.isHidden() else stages_px
        # The list of videos shows the stages as well, so the table is what has to give way first.
        if beside or (not lives and told_px + stages_px <= room_px):
            self._stages_panel.show()
            told_px += stages_px
        else:
            self._stages_panel.hide()
        self._scroll.setFixedHeight(max(LEAST_TOLD.height(), min(told_px, room_px)))

    def show_job(self, view: JobView) -> None:
        self.live.show_job(view)
        self._title.setText(truncate(view.title, MAX_TITLE))
        self._facts.setText(f"{labels.quality_name(view.quality)} · {facts_text(view)}")
        glyph, tone = STATE_LOOKS[view.state]
        self._state_glyph.set_look(glyph, tone)
        state = labels.state_name(view.state)
        is_noted = view.state is JobState.FAILED or view.question is not None
        detail = state if is_noted else status_text(view)
        self._state.setText(detail if detail.startswith(state) else f"{state} · {detail}")
        self._bar.setValue(round(1000 * view.fraction))
        self._bar.setVisible(view.state in (JobState.RUNNING, JobState.PAUSED))
        for line, stage in zip(self._stages, view.stages, strict=True):
            line.show_stage(stage)
        self._show_note(view)
        wanted = _BUTTONS[view.state]
        for key, button in self._buttons.items():
            button.setVisible(key in wanted)
        self._arrange()

    def sizeHint(self) -> QSize:
        return QSize(480, 560)

    def _build_stages(self) -> QWidget:
        grid = QGridLayout()
        grid.setContentsMargins(2 * GRID_PX, GRID_PX, 2 * GRID_PX, GRID_PX)
        grid.setHorizontalSpacing(GRID_PX * 3 // 2)
        grid.setVerticalSpacing(GRID_PX)
        grid.setColumnStretch(2, 1)
        self._stages = [_StageRow(name, grid, line) for line, name in enumerate(StageName)]
        for line in range(len(self._stages)):
            grid.setRowMinimumHeight(line, 3 * GRID_PX)
        grid.setColumnMinimumWidth(3, self.fontMetrics().horizontalAdvance("done before") + GRID_PX)
        return panel(grid)

    def _build_note(self) -> QWidget:
        self._reason: QLabel = text_label(role="heading", wrap=True)
        self._advice: QLabel = text_label(wrap=True)
        self._note_glyph = Glyph("circle-alert", "failed", 20)
        texts = column(self._reason, self._advice, spacing=GRID_PX // 2)
        layout = row(self._note_glyph, texts, margin=2 * GRID_PX, spacing=GRID_PX * 3 // 2)
        layout.setAlignment(self._note_glyph, Qt.AlignmentFlag.AlignTop)
        layout.setStretch(1, 1)
        return panel(layout, "note")

    def _build_buttons(self) -> dict[str, QPushButton]:
        made = {}
        for key, icon, text in (
            ("approve", "check", self.tr("Script is fine, go on")),
            ("resume", "play", self.tr("Go on")),
            ("retry", "rotate-ccw", self.tr("Try again")),
            ("script", "square-pen", self.tr("Read and edit the script…")),
            ("pause", "pause", self.tr("Pause")),
            ("cancel", "ban", self.tr("Cancel")),
            ("duplicate", "copy-plus", self.tr("Duplicate")),
            ("remove", "trash-2", self.tr("Remove")),
        ):
            button = push_button(text, icon, "primary" if key in _PRIMARY else "")
            button.setObjectName(key)
            button.clicked.connect(self._on_button_clicked)
            made[key] = button
        return made

    def _show_note(self, view: JobView) -> None:
        if view.state is JobState.FAILED and view.failure is not None:
            self._note_glyph.set_look("circle-alert", "failed")
            self._reason.setText(words.reason(view.failure))
            self._advice.setText(words.advice(view.failure) or "")
        elif view.state is JobState.PAUSED and view.question is not None:
            self._note_glyph.set_look("circle-pause", "warn")
            self._reason.setText(words.reason(view.question))
            self._advice.setText(words.advice(view.question) or "")
        elif view.state is JobState.SCRIPT_READY:
            self._note_glyph.set_look("file-text", "warn")
            self._reason.setText(self.tr("The script is ready to be read."))
            self._advice.setText(
                self.tr("Change what you like; the video is made when you say so.")
            )
        elif view.state is JobState.DONE:
            self._note_glyph.set_look("circle-alert", "warn")
            self._reason.setText(self.tr("The video is not where it was saved."))
            self._advice.setText(self.tr("Make it again with “Duplicate”."))
        else:
            self._note.hide()
            return
        self._note.show()

    def _on_button_clicked(self) -> None:
        self.action_requested.emit(self.sender().objectName())
