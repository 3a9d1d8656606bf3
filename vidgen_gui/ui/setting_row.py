"""One setting as dialogs show it: its title, editor and help, and what is wrong with its value."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QWidget

from vidgen_gui.controller.job_view import VoiceInfo
from vidgen_gui.core.errors import InputError
from vidgen_gui.core.setting_declaration import SettingField, SettingKind
from vidgen_gui.core.settings import Settings
from vidgen_gui.ui import words
from vidgen_gui.ui.parts import column, row, text_label, tool_button
from vidgen_gui.ui.setting_editors import Editor, make_editor
from vidgen_gui.ui.theme import GRID_PX


def translated(text: str) -> str:
    """Settings are declared in English; their words are translated here."""
    return QCoreApplication.translate("settings", text) if text else ""


class ValueRow(QWidget):
    """One declared value: title, editor, help, and what is wrong or who overrules.

    Args:
        variable: the environment variable that overrules this value, if one does.
        has_default: there is something to go back to.
    """

    def __init__(
        self,
        field: SettingField,
        editor: Editor,
        value: object,
        variable: str | None,
        *,
        has_default: bool = True,
    ) -> None:
        super().__init__()
        self.field = field
        self._has_default = has_default
        title = translated(field.title)
        self.editor = editor
        self.editor.set_name(title)
        self.editor.set_value(value)
        self.reset = tool_button("undo-2", self.tr("Back to the default: {0}").format(title))
        self.problem = text_label(role="failed", wrap=True)
        self.problem.hide()
        self._overruled = text_label(role="warn", wrap=True)
        self.is_overruled = variable is not None
        self.editor.setEnabled(not self.is_overruled)
        self._note(self.tr("Set by {0} in the environment.").format(variable) if variable else "")
        head = text_label(title, "heading")
        head.setVisible(field.kind is not SettingKind.SWITCH)
        help_label = text_label(translated(field.help_text), "small", wrap=True)
        line = row(self.editor, self.reset)
        line.setStretch(0, 1)
        if field.kind is SettingKind.ORDER:
            line.setAlignment(self.reset, Qt.AlignmentFlag.AlignTop)
        self.setLayout(
            column(head, line, help_label, self.problem, self._overruled, spacing=GRID_PX // 2)
        )
        self.editor.edited.connect(self._refresh_reset)
        self.reset.clicked.connect(self._on_reset_clicked)
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        self._refresh_reset()

    def matches(self, wanted: Sequence[str]) -> bool:
        """Whether every one of these case-folded words stands in it."""
        return field_matches(self.field, wanted)

    def try_value(self, use: Callable[[object], object]) -> bool:
        """Say beside the field what is wrong with its value; whether it is possible.

        Args:
            use: raises `InputError` about an impossible value.
        """
        self.explain("")
        try:
            use(self.editor.value())
        except InputError as error:
            self.explain(words.sentence(error.message))
            return False
        return True

    def explain(self, sentence: str) -> None:
        """Say what is wrong with the value; empty when nothing is."""
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))

    def note_profile(self, name: str) -> None:
        """Say which hardware profile overrules this value; empty when none does."""
        if not self.is_overruled:
            says = self.tr("The hardware profile “{0}” says otherwise.")
            self._note(says.format(name) if name else "")

    def _note(self, text: str) -> None:
        self._overruled.setText(text)
        self._overruled.setVisible(bool(text))

    def _refresh_reset(self) -> None:
        differs = self.editor.value() != self.field.default
        self.reset.setVisible(differs and self._has_default and not self.is_overruled)

    def _on_reset_clicked(self) -> None:
        self.editor.set_value(self.field.default)
        self.editor.setFocus()
        self.editor.edited.emit()


class SettingRow(ValueRow):
    """One of the settings."""

    def __init__(
        self,
        field: SettingField,
        settings: Settings,
        voices: Sequence[VoiceInfo],
        variable: str | None,
    ) -> None:
        empty = str(settings.default_output_folder) if "output" in field.path else ""
        title, unit = translated(field.title), translated(field.unit)
        editor = make_editor(field, title, unit, voices, empty)
        super().__init__(field, editor, settings.value(field.path), variable)

    def check(self, settings: Settings) -> bool:
        """Say beside the field what is wrong with its value; whether it is possible."""
        return self.try_value(lambda value: settings.with_values({self.field.path: value}))


def field_matches(field: SettingField, wanted: Sequence[str]) -> bool:
    """Whether every one of these case-folded words stands in a setting's words."""
    texts = (field.title, field.help_text, field.group_title)
    text = " ".join(translated(one) for one in texts).casefold()
    return all(word in text for word in wanted)
