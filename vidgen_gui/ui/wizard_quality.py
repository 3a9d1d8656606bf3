"""Page 3: five qualities, each with what it delivers and about how long it takes here."""

from typing import Any

from PySide6.QtWidgets import QCheckBox

from vidgen_gui.core.errors import InputError
from vidgen_gui.core.quality import Quality, frame_size
from vidgen_gui.ui import labels
from vidgen_gui.ui.cards import OptionCard, exclusive
from vidgen_gui.ui.theme import GRID_PX
from vidgen_gui.ui.wizard_flow import Step, WizardFlow
from vidgen_gui.ui.wizard_parts import Page


class QualityPage(Page):
    """One card a quality; the recommended one is marked."""

    def __init__(self, flow: WizardFlow, controller: Any) -> None:
        super().__init__(flow, Step.QUALITY)
        self.set_heading(
            self.tr("How good is it to be?"),
            self.tr("Times are for one video on this computer, from what it did before."),
        )
        self._controller = controller
        sentences = {
            Quality.DRAFT: self.tr("Small and quick, to try an idea"),
            Quality.STANDARD: self.tr("Fine on every phone"),
            Quality.HIGH: self.tr("Full HD, what most platforms show"),
            Quality.ULTRA_LITE: self.tr("Sharper than Full HD"),
            Quality.ULTRA: self.tr("As sharp as it gets, for large screens too"),
        }
        self.cards = {q: OptionCard(labels.quality_name(q), sentences[q]) for q in Quality}
        self._group = exclusive(*self.cards.values())
        self.cards[flow.choices.quality].setChecked(True)
        for card in self.cards.values():
            self.box.addWidget(card)
            card.toggled.connect(self._on_edited)
        self.high_frame_rate = QCheckBox(self.tr("60 frames a second: smoother, takes longer"))
        self.high_frame_rate.setChecked(flow.choices.high_frame_rate)
        self.high_frame_rate.toggled.connect(self._on_edited)
        self.box.addSpacing(GRID_PX)
        self.box.addWidget(self.high_frame_rate)
        self.box.addStretch(1)

    def enter(self) -> None:
        self._refresh()
        self.cards[self.flow.choices.quality].setFocus()

    def _on_edited(self) -> None:
        chosen = next((q for q, card in self.cards.items() if card.isChecked()), None)
        if chosen is not None:
            high = self.high_frame_rate.isChecked()
            self.flow.change(quality=chosen, high_frame_rate=high)
            self._refresh()

    def _refresh(self) -> None:
        estimates = self._estimates()
        recommended = self.flow.recommended(estimates)
        for quality, card in self.cards.items():
            size = frame_size(quality, self.flow.choices.aspect)
            seconds = estimates[quality]
            time = self.tr("about {0}").format(labels.duration(seconds)) if seconds else ""
            badge = self.tr("Recommended") if quality is recommended else ""
            card.set_facts(str(size), time, badge)
        self.high_frame_rate.setVisible(self.flow.has_high_frame_rate)

    def _estimates(self) -> dict[Quality, float | None]:
        found: dict[Quality, float | None] = {}
        for quality in Quality:
            try:
                spec = self.flow.preview_spec().model_copy(update={"quality": quality})
            except InputError:
                found[quality] = None
            else:
                found[quality] = self._controller.estimate(spec).work_s
        return found
