"""Page 3: five qualities, each with what this computer does for it now, and "Advanced"."""

from collections.abc import Sequence
from itertools import count
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QScrollArea

from vidgen_gui.controller.job_view import PlanBoard
from vidgen_gui.core.errors import InputError
from vidgen_gui.core.messages import Message
from vidgen_gui.core.plan import Plan
from vidgen_gui.core.quality import Quality, frame_size
from vidgen_gui.core.service import ServiceName
from vidgen_gui.ui import labels, plan_lines, words
from vidgen_gui.ui.advanced_choices import Advanced
from vidgen_gui.ui.advanced_panel import AdvancedPanel
from vidgen_gui.ui.cards import exclusive
from vidgen_gui.ui.icons import bind_icon
from vidgen_gui.ui.memory_bar import MemoryBar
from vidgen_gui.ui.parts import column, plain_widget, push_button, row, text_label
from vidgen_gui.ui.plan_card import CardFacts, PlanCard
from vidgen_gui.ui.plan_details import PlanDetails
from vidgen_gui.ui.plan_fit import Fit, fit
from vidgen_gui.ui.theme import GRID_PX
from vidgen_gui.ui.wizard_flow import Step, WizardFlow
from vidgen_gui.ui.wizard_parts import Page

REFRESH_MS = 3000
"""How long after an answer the plans are asked for again while the page is shown."""
LEAST_DETAILS_PX, DETAILS_PX = 240, 320
_tokens = count(1)


class QualityPage(Page):
    """A card for each quality on the left, the chosen one's plan and "Advanced" on the right."""

    def __init__(self, flow: WizardFlow, controller: Any) -> None:
        super().__init__(flow, Step.QUALITY)
        self.set_heading(
            self.tr("How good is it to be?"),
            self.tr("What this computer does for each, as things stand now. For one video."),
        )
        self._controller = controller
        self._token = 0
        self._is_opening = False
        self.board = PlanBoard()
        self._machine = text_label(role="small", wrap=True)
        self.cards = {q: PlanCard(labels.quality_name(q), self._sentence(q)) for q in Quality}
        self._group = exclusive(*self.cards.values())
        self.cards[flow.choices.quality].setChecked(True)
        self.details = PlanDetails()
        self.high_frame_rate = QCheckBox(self.tr("60 frames a second"))
        self.high_frame_rate.setToolTip(self.tr("Smoother, takes longer"))
        self.high_frame_rate.setChecked(flow.choices.high_frame_rate)
        self.advanced = AdvancedPanel(flow.choices.advanced)
        self.opener = push_button(self.tr("Advanced"), "chevron-right", "link")
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REFRESH_MS)
        self._connect()

    def enter(self) -> None:
        self._open_advanced(open_it=not self.flow.choices.advanced.is_empty)
        self._ask()
        self._refresh()
        self.cards[self.flow.choices.quality].setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()
        self._token = 0
        self._controller.cancel_plans()

    def _sentence(self, quality: Quality) -> str:
        return {
            Quality.DRAFT: self.tr("Small and quick, to try an idea"),
            Quality.STANDARD: self.tr("Fine on every phone"),
            Quality.HIGH: self.tr("Full HD, what most platforms show"),
            Quality.ULTRA_LITE: self.tr("Sharper than Full HD"),
            Quality.ULTRA: self.tr("As sharp as it gets, for large screens too"),
        }[quality]

    def _lay_out(self) -> None:
        left = column(*self.cards.values(), -1)
        beside = column(
            self.details,
            self.high_frame_rate,
            row(self.opener, -1),
            self.advanced,
            -1,
            margin=(0, 0, GRID_PX, 0),
        )
        self._scroll = scroll = QScrollArea()
        scroll.setWidget(plain_widget(beside))
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        body = row(plain_widget(left), scroll, spacing=2 * GRID_PX)
        scroll.setMinimumWidth(LEAST_DETAILS_PX)
        scroll.setMaximumWidth(DETAILS_PX)
        body.setStretch(0, 4)
        body.setStretch(1, 3)
        self.box.addWidget(self._machine)
        self.box.addSpacing(GRID_PX // 2)
        self.box.addLayout(body, 1)

    def _connect(self) -> None:
        for card in self.cards.values():
            card.toggled.connect(self._on_edited)
        self.high_frame_rate.toggled.connect(self._on_edited)
        self.opener.clicked.connect(self._on_opener_clicked)
        self._scroll.verticalScrollBar().rangeChanged.connect(self._on_range_changed)
        self.advanced.edited.connect(self._on_advanced_edited)
        self._timer.timeout.connect(self._ask)
        self._controller.plans_made.connect(self._on_plans_made)

    def _on_opener_clicked(self) -> None:
        self._open_advanced(open_it=not self.advanced.isVisible())
        self._is_opening = self.advanced.isVisible()

    def _on_range_changed(self) -> None:
        """Bring what was just opened into view as soon as there is room for it."""
        if self._is_opening:
            self._scroll.verticalScrollBar().setValue(self.opener.y())

    def _open_advanced(self, *, open_it: bool) -> None:
        # A field with something wrong in it is never folded away.
        open_it = open_it or bool(self.flow.problems(Step.QUALITY))
        self.advanced.setVisible(open_it)
        bind_icon(self.opener, "chevron-down" if open_it else "chevron-right", "accent")

    def _ask(self) -> None:
        self._timer.stop()
        self._token = next(_tokens)
        chosen = self.flow.choices
        self._controller.make_plans(chosen.aspect, chosen.advanced.checkpoint, self._token)

    def _on_plans_made(self, token: int, answer: PlanBoard | Message) -> None:
        if token != self._token:
            return
        if isinstance(answer, Message):
            self.board = PlanBoard()
            self._machine.setText(words.sentence(answer))
        else:
            self.board = answer
        self.flow.plans = self.board.plans
        self._refresh()
        self._timer.start()

    def _on_edited(self) -> None:
        self._is_opening = False
        chosen = next((q for q, card in self.cards.items() if card.isChecked()), None)
        if chosen is not None:
            high = self.high_frame_rate.isChecked()
            self.flow.change(quality=chosen, high_frame_rate=high)
            self._refresh()

    def _on_advanced_edited(self, advanced: Advanced) -> None:
        other_model = advanced.checkpoint != self.flow.choices.advanced.checkpoint
        self._is_opening = False
        self.flow.change(advanced=advanced)
        if other_model:
            self._ask()
        self._refresh()
        self.completeChanged.emit()

    def _refresh(self) -> None:
        estimates = self._estimates()
        plans = self.board.plans
        recommended = self.flow.recommended(estimates, plans)
        scale_mib = _scale_mib(tuple(plans.values()))
        for quality, card in self.cards.items():
            badge = self.tr("Recommended") if quality is recommended else ""
            seconds, plan = estimates[quality], plans.get(quality)
            card.set_facts(self._facts(quality, plan, seconds, scale_mib, badge))
        self._machine.setText(plan_lines.card_line(self.board.card) or self._machine.text())
        self._machine.setVisible(bool(self._machine.text()))
        self._refresh_beside()

    def _facts(
        self,
        quality: Quality,
        plan: Plan | None,
        seconds: float | None,
        scale_mib: float,
        badge: str,
    ) -> CardFacts:
        size = str(frame_size(quality, self.flow.choices.aspect))
        time = plan_lines.about(seconds) if seconds else ""
        if plan is None:
            return CardFacts(size, time, self._sentence(quality), badge=badge)
        return CardFacts(
            size,
            time or self.tr("not timed yet"),
            plan_lines.rung_line(plan.first, plan),
            plan_lines.need_line(plan),
            MemoryBar.of(plan, scale_mib),
            warning=fit(plan) in {Fit.TIGHT, Fit.SHORT},
            pauses=self.tr("writer paused") if plan.pauses_script_writer else "",
            badge=badge,
            spoken=plan_lines.fit_line(plan),
        )

    def _refresh_beside(self) -> None:
        chosen = self.flow.choices
        self.details.show_plan(
            self.board.plans.get(chosen.quality),
            chosen.advanced.overrides(),
            high_frame_rate=chosen.high_frame_rate and self.flow.has_high_frame_rate,
        )
        self.high_frame_rate.setVisible(self.flow.has_high_frame_rate)
        views = self._controller.services.views
        models = next((v.models for v in views if v.name is ServiceName.IMAGE_MAKER), ())
        own = bool(self._controller.settings.image_maker.workflow_file)
        self.advanced.show_quality(chosen.quality, models, own_workflow=own)
        self.advanced.show_problems(self.flow.problems(Step.QUALITY))

    def _estimates(self) -> dict[Quality, float | None]:
        found: dict[Quality, float | None] = {}
        for quality in Quality:
            try:
                spec = self.flow.preview_spec().model_copy(update={"quality": quality})
            except InputError:
                found[quality] = None
            else:
                plan = self.board.plans.get(quality)
                found[quality] = self._controller.estimate(spec, plan).work_s
        return found


def _scale_mib(plans: Sequence[Plan]) -> float:
    """One scale for all bars, so that they can be compared: a fifth of it lies past the room."""
    room_mib = max((plan.available_mib or 0.0 for plan in plans), default=0.0)
    most_mib = max((plan.first.need.high_mib for plan in plans), default=0.0)
    return 1.25 * room_mib or most_mib
