"""Beside the quality cards: how the chosen one is made on this computer, in words and figures."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.picture_overrides import PictureOverrides
from vidgen_gui.core.plan import Plan
from vidgen_gui.core.quality import PRESETS
from vidgen_gui.ui import labels, plan_lines, words
from vidgen_gui.ui.parts import Glyph, column, panel, plain_tool_tip, plain_widget, row, text_label
from vidgen_gui.ui.plan_fit import Fit, fit, is_drawn
from vidgen_gui.ui.theme import GRID_PX

IN_THE_FIGURES = frozenset(
    {MessageId.PLAN_SIMULATED, MessageId.PLAN_NEEDS, MessageId.PLAN_PAUSES_WRITER}
)
"""Reasons that the page's figures have said already."""


class PlanDetails(QWidget):
    """Figures pass by pass, memory, what follows if it fails, and the planner's reasons."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: object = None
        self._heading = text_label(role="heading", wrap=True)
        self._body = QWidget()
        self._holder = column(self._body)
        inner = column(self._heading, self._holder, margin=2 * GRID_PX)
        self.setLayout(column(panel(inner)))
        self.hide()

    def show_plan(
        self, plan: Plan | None, overrides: PictureOverrides, *, high_frame_rate: bool
    ) -> None:
        """Show this plan; None while there is none. The same again changes nothing."""
        shown = (plan, overrides, high_frame_rate)
        if shown == self._shown:
            return
        self._shown = shown
        self.setVisible(plan is not None)
        if plan is None:
            return
        self._heading.setText(
            self.tr("How {0} is made here").format(labels.quality_name(plan.quality))
        )
        facts = self._facts(plan, overrides, high_frame_rate=high_frame_rate)
        told = [_reason(reason) for reason in plan.reasons if reason.id not in IN_THE_FIGURES]
        body = plain_widget(column(_table(facts), *told, spacing=GRID_PX))
        self._holder.replaceWidget(self._body, body)
        self._body.hide()
        self._body.deleteLater()
        self._body = body

    def _facts(
        self, plan: Plan, overrides: PictureOverrides, *, high_frame_rate: bool
    ) -> list[tuple[str, str]]:
        frames = PRESETS[plan.quality].frame_rate(high=high_frame_rate)
        delivers = self.tr("{0}, {1} frames a second").format(plan.delivered, frames)
        return [
            *plan_lines.pass_facts(plan, overrides),
            (self.tr("Delivers"), delivers),
            *(self._memory(plan) if is_drawn(plan.first) else ()),
        ]

    def _memory(self, plan: Plan) -> list[tuple[str, str]]:
        lines = [plan_lines.need_line(plan)]
        if fit(plan) is not Fit.NO_NEED:
            lines.append(plan_lines.fit_line(plan))
        facts = [(self.tr("Memory"), ": ".join(lines))]
        if plan.pauses_script_writer:
            facts.append((self.tr("Script writer"), self.tr("paused while pictures are drawn")))
        if plan.asks_first:
            facts.append((self.tr("Before that"), self.tr("you are asked")))
        if following := plan_lines.next_line(plan):
            facts.append((self.tr("If it fails"), following))
        return facts


def _table(facts: list[tuple[str, str]]) -> QGridLayout:
    table = QGridLayout()
    table.setContentsMargins(0, 0, 0, 0)
    table.setHorizontalSpacing(2 * GRID_PX)
    table.setVerticalSpacing(GRID_PX // 2)
    table.setColumnStretch(1, 1)
    for line, (title, value) in enumerate(facts):
        # The name stands beside the first line of a longer text.
        table.addWidget(text_label(title, "muted"), line, 0, Qt.AlignmentFlag.AlignTop)
        table.addWidget(text_label(value, wrap=True), line, 1)
    return table


def _reason(message: Message) -> QHBoxLayout:
    label = text_label(words.reason(message), "small", wrap=True)
    label.setToolTip(plain_tool_tip(words.advice(message) or ""))
    line = row(column(Glyph("info"), -1), label)
    line.setStretch(1, 1)
    return line
