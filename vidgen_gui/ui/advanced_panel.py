"""The fields under "Advanced": steps, guidance, sampler, seed and model, checked while typed."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QLocale, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from vidgen_gui.core.quality import PRESETS, Quality
from vidgen_gui.ui.advanced_choices import NO_CHANGES, Advanced
from vidgen_gui.ui.parts import column, panel, push_button, row, text_label
from vidgen_gui.ui.plan_lines import sampler_name
from vidgen_gui.ui.theme import GRID_PX
from vidgen_gui.ui.wizard_flow import Problem
from vidgen_gui.ui.wizard_parts import ChoiceBox, labelled, problem_label, show_problem

SAMPLERS = ("dpmpp_2m", "dpmpp_2m_sde", "euler", "euler_ancestral", "ddim", "uni_pc")
"""Every ComfyUI has these."""
_TYPED = ("steps", "cfg", "seed")
_LONGEST_CHARS = 64


class AdvancedPanel(QWidget):
    """Emits ``edited`` with new `Advanced` values at each keystroke."""

    edited = Signal(object)

    def __init__(self, given: Advanced) -> None:
        super().__init__()
        self._value = given
        self.fields = {name: QLineEdit(getattr(given, name)) for name in _TYPED}
        self._problems = {name: problem_label() for name in _TYPED}
        self.sampler, self.checkpoint = ChoiceBox(), ChoiceBox()
        self.reset = push_button(self.tr("As the quality says"), "undo-2", "link")
        self._note = text_label(role="small", wrap=True)
        for name, field in self.fields.items():
            field.setMaxLength(_LONGEST_CHARS)
            field.textEdited.connect(lambda text, name=name: self._change(**{name: text}))
        self.sampler.activated.connect(lambda: self._change(sampler=self.sampler.value()))
        self.checkpoint.activated.connect(lambda: self._change(checkpoint=self.checkpoint.value()))
        self.reset.clicked.connect(self._on_reset_clicked)
        self._own_workflow = False
        self._lay_out()
        self.show_quality(Quality.STANDARD, ())

    def _lay_out(self) -> None:
        titles = {
            "steps": self.tr("Steps"),
            "cfg": self.tr("Guidance (CFG)"),
            "seed": self.tr("Seed"),
        }
        steps, cfg, seed = (labelled(titles[name], self.fields[name]) for name in _TYPED)
        numbers = row(steps, cfg, spacing=2 * GRID_PX)
        numbers.setStretch(0, 1)
        numbers.setStretch(1, 1)
        for box in (self.sampler, self.checkpoint):
            box.setMinimumContentsLength(8)
            box.setSizeAdjustPolicy(
                ChoiceBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
        inner = column(
            self._note,
            column(numbers, self._problems["steps"], self._problems["cfg"], spacing=GRID_PX // 2),
            labelled(self.tr("Sampler"), self.sampler),
            labelled(self.tr("Model"), self.checkpoint),
            column(seed, self._problems["seed"], spacing=GRID_PX // 2),
            row(self.reset, -1),
            margin=2 * GRID_PX,
            spacing=GRID_PX * 3 // 2,
        )
        self.setLayout(column(panel(inner)))

    def show_quality(
        self, quality: Quality, checkpoints: Sequence[str], *, own_workflow: bool = False
    ) -> None:
        """Say what is used where nothing is chosen, and offer these models.

        Args:
            own_workflow: the person's workflow draws, which brings its sampler and model.
        """
        preset = PRESETS[quality]
        self.fields["steps"].setPlaceholderText(str(preset.steps))
        self.fields["cfg"].setPlaceholderText(QLocale().toString(preset.cfg, "g", 4))
        self.fields["seed"].setPlaceholderText(self.tr("another one for each video"))
        usual = self.tr("As usual")
        samplers = dict.fromkeys((*SAMPLERS, self._value.sampler))
        self.sampler.set_choices(
            [(usual, ""), *((sampler_name(s), s) for s in samplers if s)], self._value.sampler
        )
        models = dict.fromkeys((*checkpoints, self._value.checkpoint))
        self.checkpoint.set_choices(
            [(self.tr("As set under Settings"), ""), *((m, m) for m in models if m)],
            self._value.checkpoint,
        )
        self.sampler.setEnabled(not own_workflow)
        self.checkpoint.setEnabled(not own_workflow)
        self._note.setText(
            self.tr("Your own workflow decides about sampler and model.")
            if own_workflow
            else self.tr(
                "For pictures that ComfyUI draws. These change look and time, not how much "
                "memory is needed."
            )
        )

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Explain each wrong value beside its field."""
        wrong = {problem.field: problem for problem in problems}
        for name, label in self._problems.items():
            show_problem(label, wrong.get(name))
        self.reset.setEnabled(not self._value.is_empty)

    def _change(self, **changes: str) -> None:
        self._value = replace(self._value, **changes)
        self.edited.emit(self._value)

    def _on_reset_clicked(self) -> None:
        for field in self.fields.values():
            field.clear()
        self.sampler.setCurrentIndex(0)
        self.checkpoint.setCurrentIndex(0)
        self._value = NO_CHANGES
        self.edited.emit(self._value)
