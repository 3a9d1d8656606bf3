"""The box that tells how Ultra would be made with a profile, while the profile is edited."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from vidgen_gui.controller.profile_controller import ProfilePlan
from vidgen_gui.core.messages import Message
from vidgen_gui.core.plan import PAINTER, Plan
from vidgen_gui.ui import labels, plan_lines, words
from vidgen_gui.ui.fitting import WrappedLabel
from vidgen_gui.ui.memory_bar import MARK_PX, MemoryBar
from vidgen_gui.ui.parts import column, text_label
from vidgen_gui.ui.theme import GRID_PX, Theme, set_role

MARGIN_PX = 3 * GRID_PX // 2
_ROOM = 1.1
"""The bar is a tenth longer than the larger of need and room."""


class ProfilePlanBox(QFrame):
    """One plan in words, with a bar of what it needs and what there is."""

    def __init__(self) -> None:
        super().__init__()
        set_role(self, "note")
        self._title = text_label(role="heading", wrap=True)
        self.how = WrappedLabel()
        self._bar = _Bar()
        self.need = WrappedLabel("small")
        self.notes = WrappedLabel("small")
        self.setLayout(
            column(
                self._title,
                self.how,
                self._bar,
                self.need,
                self.notes,
                margin=MARGIN_PX,
                spacing=GRID_PX // 2,
            )
        )
        self.show_waiting()

    def show_waiting(self) -> None:
        """Nothing is known yet."""
        self._title.setText(self.tr("With this profile, Ultra would be made like this"))
        self._show(self.tr("Looking at this machine…"), "", "", None)

    def show_problem(self, message: Message) -> None:
        """Say why there is no plan."""
        self._show(words.sentence(message), "", "", None)

    def show_plan(self, answer: ProfilePlan) -> None:
        """Say how it would be made."""
        plan = answer.plan
        title = self.tr("With this profile, {quality} would be made like this").format(
            quality=labels.quality_name(plan.quality)
        )
        self._title.setText(title)
        facts = [plan_lines.need_line(plan), plan_lines.fit_line(plan)]
        if answer.is_without_card and plan.first.picture is not None:
            facts = [
                self.tr("without a graphics card, the processor draws: many minutes a picture")
            ]
        if plan.pauses_script_writer:
            facts.append(self.tr("the script writer is paused meanwhile"))
        if plan.first.seconds is not None:
            time = labels.duration(plan.first.seconds)
            facts.append(self.tr("about {time} a picture").format(time=time))
        left = len(plan.rungs) - 1 - plan.start
        if left > 1 and not answer.is_without_card:
            facts.append(self.tr("further ways if memory runs out: {count}").format(count=left))
        how = plan_lines.rung_line(plan.first, plan)
        delivered = self.tr("{how} — a video of {size}")
        how = delivered.format(how=_capital(how), size=plan.delivered)
        self._show(how, _capital(" · ".join(filter(None, facts))), self._notes(answer), plan)

    def _notes(self, answer: ProfilePlan) -> str:
        plan = answer.plan
        notes = []
        if answer.is_assumed:
            notes.append(
                self.tr("ComfyUI is not there now. This is what it would do with an SD 1.5 model.")
            )
        if plan.asks_first:
            notes.append(self.tr("You are asked before it is made like this."))
        if plan.first.name == PAINTER:
            notes += [words.reason(reason) for reason in plan.reasons[:1]]
        return " ".join(notes)

    def _show(self, how: str, need: str, notes: str, plan: Plan | None) -> None:
        self.how.show_text(how)
        for label, text in ((self.need, need), (self.notes, notes)):
            label.show_text(text)
            label.setVisible(bool(text))
        self._bar.show_plan(plan)


class _Bar(QWidget):
    """The bar by itself; what it shows stands in words beside it."""

    def __init__(self) -> None:
        super().__init__()
        self._bar: MemoryBar | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        Theme.get().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(20 * GRID_PX, MARK_PX + 2)

    def show_plan(self, plan: Plan | None) -> None:
        self._bar = None
        if plan is not None:
            scale = _ROOM * max(plan.first.need.high_mib, plan.available_mib or 0.0)
            self._bar = MemoryBar.of(plan, scale)
        self.setVisible(self._bar is not None)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._bar is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        self._bar.paint(painter, QRectF(self.rect()), mirrored=mirrored)
        painter.end()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
