"""The new-video wizard's window; its logic is in `wizard_flow`."""

from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QWidget, QWizard

from vidgen_gui.core.errors import InputError
from vidgen_gui.ui.fitting import resize_on_screen
from vidgen_gui.ui.theme import set_role
from vidgen_gui.ui.thumbnails import Thumbnails
from vidgen_gui.ui.wizard_check import CheckPage
from vidgen_gui.ui.wizard_flow import Choices, Step, WizardFlow
from vidgen_gui.ui.wizard_look import LookPage
from vidgen_gui.ui.wizard_parts import Page, StepList
from vidgen_gui.ui.wizard_quality import QualityPage
from vidgen_gui.ui.wizard_what import WhatPage


class NewVideoWizard(QWizard):
    """Four pages; emits ``submitted`` with the `JobSpec` list when it is finished."""

    submitted = Signal(list)

    def __init__(self, controller: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.flow = WizardFlow(Choices.from_settings(controller.settings), controller.voices)
        self._thumbnails = Thumbnails(self)
        self.setWindowTitle(self.tr("New video"))
        self.setWizardStyle(QWizard.WizardStyle.ModernStyle)
        self.setOption(QWizard.WizardOption.NoBackButtonOnStartPage)
        self.setOption(QWizard.WizardOption.NoDefaultButton, on=False)
        # Pages keep what was chosen when the person goes back.
        self.setOption(QWizard.WizardOption.IndependentPages)
        self.setTitleFormat(Qt.TextFormat.PlainText)
        self.setSubTitleFormat(Qt.TextFormat.PlainText)
        self.what = WhatPage(self.flow, controller)
        self.look = LookPage(self.flow, controller, self._thumbnails)
        self.quality = QualityPage(self.flow, controller)
        self.check = CheckPage(self.flow, controller)
        for page in (self.what, self.look, self.quality, self.check):
            self.setPage(page.step, page)
        self._steps = StepList(
            [self.tr("What"), self.tr("Look and sound"), self.tr("Quality"), self.tr("Check")]
        )
        self.setSideWidget(self._steps)
        self._name_buttons()
        self.setMinimumSize(800, 480)
        resize_on_screen(self, QSize(1000, 680))
        self.currentIdChanged.connect(self._on_page_changed)
        self.finished.connect(self._on_finished)

    def accept(self) -> None:
        try:
            specs = self.flow.specs()
        except InputError as error:
            self.check.explain(error)
            return
        self.submitted.emit(specs)
        super().accept()

    def _name_buttons(self) -> None:
        buttons = QWizard.WizardButton
        self.setButtonText(buttons.BackButton, self.tr("Back"))
        self.setButtonText(buttons.NextButton, self.tr("Next"))
        self.setButtonText(buttons.CancelButton, self.tr("Cancel"))
        for which in (buttons.NextButton, buttons.FinishButton):
            set_role(self.button(which), "primary")

    def _on_page_changed(self, number: int) -> None:
        if number < 0:
            return
        self.flow.step = Step(number)
        self._steps.show_step(number)
        page = self.page(number)
        if isinstance(page, Page):
            page.enter()
        count = self.flow.choices.effective_count
        text = self.tr("Make video") if count == 1 else self.tr("Make {0} videos").format(count)
        self.setButtonText(QWizard.WizardButton.FinishButton, text)
        if number == Step.WHAT:
            self.what.focus_source()

    def _on_finished(self) -> None:
        self.look.release()
        self._thumbnails.close()
