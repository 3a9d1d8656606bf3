"""A profile's values to be edited: one row each, in a few groups."""

import os
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QCoreApplication, QPoint, Qt, Signal
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from vidgen_gui.controller.profile_controller import CardView
from vidgen_gui.core.effective_profile import effective_profile
from vidgen_gui.core.hardware_profile import profile_fields
from vidgen_gui.core.setting_declaration import SettingField, SettingKind
from vidgen_gui.core.settings import Settings
from vidgen_gui.services.managed.own_commands import split_command
from vidgen_gui.ui import words
from vidgen_gui.ui.marks import QT_TRANSLATE_NOOP
from vidgen_gui.ui.order_editor import OrderEditor
from vidgen_gui.ui.parts import column, panel, plain_widget, rule, text_label
from vidgen_gui.ui.profile_draft import ProfileDraft
from vidgen_gui.ui.rung_names import rung_names
from vidgen_gui.ui.setting_editors import (
    ChoiceEditor,
    Editor,
    NumberEditor,
    TextEditor,
    make_editor,
)
from vidgen_gui.ui.setting_row import ValueRow, translated
from vidgen_gui.ui.theme import GRID_PX

STEP_MIB = 256
_GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("", ("name",)),
    (
        QT_TRANSLATE_NOOP("profiles", "Graphics memory"),
        (
            "gpu",
            "vram_limit_mib",
            "reserve_mib",
            "pause_script_writer",
            "stop_found_programs",
            "free_after",
        ),
    ),
    (
        QT_TRANSLATE_NOOP("profiles", "Pictures"),
        ("rungs", "quality_policy", "lowest_quality", "cpu_allowed"),
    ),
    (
        QT_TRANSLATE_NOOP("profiles", "Computer and ComfyUI"),
        ("workers", "ram_limit_mib", "comfyui_flags"),
    ),
)
_LEAST = {
    "vram_limit_mib": QT_TRANSLATE_NOOP("profiles", "All of it"),
    "workers": QT_TRANSLATE_NOOP("profiles", "As under General"),
    "ram_limit_mib": QT_TRANSLATE_NOOP("profiles", "Nine tenths"),
}


def _tr(text: str) -> str:
    return QCoreApplication.translate("profiles", text)


class ProfileValues(QWidget):
    """Shows the draft's chosen profile and puts what is edited into it."""

    edited = Signal()

    def __init__(
        self, cards: Sequence[CardView], variables: Mapping[str, str], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._draft = ProfileDraft((), "")
        self._is_filling = False
        self.rows: dict[str, ValueRow] = {}
        content = column(margin=(0, 0, GRID_PX, 0), spacing=2 * GRID_PX)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._content = plain_widget(content)
        scroll.setWidget(self._content)
        self._scroll = scroll
        self.setLayout(column(scroll))
        # Into what stands already: a widget is styled anew each time that it gets another parent.
        for title, names in _GROUPS:
            box = column(margin=2 * GRID_PX, spacing=2 * GRID_PX)
            content.addWidget(panel(box))
            if title:
                box.addWidget(text_label(_tr(title), "title"))
            self._fill_group(box, names, cards, variables)
        content.addStretch(1)

    def show_draft(self, draft: ProfileDraft, settings: Settings) -> None:
        """Show the chosen profile; where the environment overrules it, what that says."""
        self._draft = draft
        effective = effective_profile(draft.profile, settings, os.environ)
        self._is_filling = True
        for name, line in self.rows.items():
            source = effective.profile if line.is_overruled else draft.profile
            line.editor.set_value(getattr(source, name))
            line.explain("")
        self._is_filling = False
        for line in self.rows.values():
            line.editor.edited.emit()

    def scroll_to(self, line: ValueRow) -> None:
        """Have a row stand at the top."""
        top = line.mapTo(self._content, QPoint(0, 0)).y() - 2 * GRID_PX
        self._scroll.verticalScrollBar().setValue(top)

    def focus_name(self) -> None:
        """Have the name typed."""
        line = self.rows["name"]
        self.scroll_to(line)
        line.editor.setFocus()
        if isinstance(line.editor, TextEditor):
            line.editor.field.selectAll()

    @property
    def is_possible(self) -> bool:
        """Whether every value is; what is not is explained beside its field."""
        return all(line.problem.isHidden() for line in self.rows.values())

    def _fill_group(
        self,
        box: QVBoxLayout,
        names: Sequence[str],
        cards: Sequence[CardView],
        variables: Mapping[str, str],
    ) -> None:
        for place, name in enumerate(names):
            field = profile_fields()[name]
            editor = _editor(field, cards)
            variable, is_named = variables.get(name), name == "name"
            line = ValueRow(field, editor, field.default, variable, has_default=not is_named)
            line.editor.edited.connect(lambda line=line: self._on_edited(line))
            self.rows[name] = line
            if place:
                box.addWidget(rule())
            box.addWidget(line)

    def _on_edited(self, line: ValueRow) -> None:
        if self._is_filling or line.is_overruled or self._draft.is_auto:
            return
        before = self._draft.profile
        if line.try_value(lambda value: self._use(line.field, value)):
            problem = self._draft.name_problem() if line.field.name == "name" else None
            line.explain(words.sentence(problem) if problem is not None else "")
        if before != self._draft.profile or not line.problem.isHidden():
            self.edited.emit()

    def _use(self, field: SettingField, value: object) -> None:
        if field.kind is SettingKind.COMMAND and value:
            # Refused here, not when ComfyUI is to start.
            split_command(str(value))
        self._draft.change(field.name, value)


def _editor(field: SettingField, cards: Sequence[CardView]) -> Editor:
    title, unit = translated(field.title), translated(field.unit)
    if field.kind is SettingKind.ORDER:
        return OrderEditor(rung_names())
    if field.name == "gpu":
        known = [(card.name, card.key) for card in cards]
        return ChoiceEditor([(_tr(QT_TRANSLATE_NOOP("profiles", "The first one")), ""), *known])
    editor = make_editor(field, title, unit, (), "")
    if isinstance(editor, NumberEditor):
        if field.name in _LEAST:
            editor.name_least(_tr(_LEAST[field.name]))
        if field.unit:
            editor.set_step(STEP_MIB)
    return editor
