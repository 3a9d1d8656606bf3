"""One editor for each kind of setting: shows a value, hands back what a person made of it."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QSizePolicy,
    QWidget,
)

from vidgen_gui.controller.job_view import VoiceInfo
from vidgen_gui.core.setting_declaration import SettingField, SettingKind
from vidgen_gui.ui import labels
from vidgen_gui.ui.parts import menu_text, row, spin_box, tool_button
from vidgen_gui.ui.theme import GRID_PX

CONTROL_PX = 280


class _WheelGuard(QObject):
    """Lets a page scroll on where the pointer happens to pass a field."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        is_passing = (
            event.type() is QEvent.Type.Wheel
            and isinstance(watched, QWidget)
            and not watched.hasFocus()
        )
        if is_passing:
            event.ignore()
        return is_passing


class Editor(QWidget):
    """Shows one setting's value; `value` may be anything, validation comes after."""

    edited = Signal()

    def value(self) -> object:
        raise NotImplementedError

    def set_value(self, value: object) -> None:
        raise NotImplementedError

    def set_name(self, name: str) -> None:
        """What a screen reader says."""
        raise NotImplementedError


class SwitchEditor(Editor):
    def __init__(self, title: str) -> None:
        super().__init__()
        self._box = QCheckBox(menu_text(title))
        self._box.toggled.connect(self.edited)
        self.setLayout(row(self._box, -1))
        self.setFocusProxy(self._box)

    def value(self) -> object:
        return self._box.isChecked()

    def set_value(self, value: object) -> None:
        self._box.setChecked(bool(value))

    def set_name(self, name: str) -> None:
        self._box.setAccessibleName(name)


class ChoiceEditor(Editor):
    """A list of values with their names."""

    def __init__(self, choices: Sequence[tuple[str, object]]) -> None:
        super().__init__()
        self._values = [value for _, value in choices]
        self._box = QComboBox()
        for name, _ in choices:
            self._box.addItem(name)
        self._box.setMinimumWidth(CONTROL_PX)
        self._box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._box.installEventFilter(_WheelGuard(self._box))
        self._box.currentIndexChanged.connect(self.edited)
        self.setLayout(row(self._box, -1))
        self.setFocusProxy(self._box)

    def value(self) -> object:
        return self._values[self._box.currentIndex()]

    def set_value(self, value: object) -> None:
        if value not in self._values:
            # A voice that is not here any more stays chosen until another one is.
            self._values.append(value)
            self._box.addItem(str(value))
        self._box.setCurrentIndex(self._values.index(value))

    def set_name(self, name: str) -> None:
        self._box.setAccessibleName(name)


class NumberEditor(Editor):
    def __init__(self, field: SettingField, unit: str) -> None:
        super().__init__()
        low = field.low if field.low is not None else -(2**31)
        self._box = spin_box(low, field.high if field.high is not None else 2**31 - 1)
        if unit:
            self._box.setSuffix(f" {unit}")
        self._box.setMinimumWidth(CONTROL_PX // 2)
        self._box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._box.installEventFilter(_WheelGuard(self._box))
        self._box.valueChanged.connect(self.edited)
        self.setLayout(row(self._box, -1))
        self.setFocusProxy(self._box)

    def name_least(self, words: str) -> None:
        """Show words instead of the least number."""
        self._box.setSpecialValueText(words)

    def set_step(self, step: int) -> None:
        """How far the arrows go; large numbers are grouped."""
        self._box.setSingleStep(step)
        self._box.setGroupSeparatorShown(True)

    def value(self) -> object:
        return self._box.value()

    def set_value(self, value: object) -> None:
        self._box.setValue(int(str(value)))

    def set_name(self, name: str) -> None:
        self._box.setAccessibleName(name)


class TextEditor(Editor):
    """One line: a name, an address, a command."""

    def __init__(self, placeholder: str) -> None:
        super().__init__()
        self.field = QLineEdit()
        self.field.setPlaceholderText(placeholder)
        self.field.textEdited.connect(self.edited)
        self.setLayout(row(self.field))
        self.setFocusProxy(self.field)

    def value(self) -> object:
        return self.field.text().strip()

    def set_value(self, value: object) -> None:
        self.field.setText(str(value))
        self.field.setCursorPosition(0)

    def set_name(self, name: str) -> None:
        self.field.setAccessibleName(name)


class PathEditor(Editor):
    """A folder or a program: typed, or chosen from the disk."""

    def __init__(self, *, folder: bool, placeholder: str) -> None:
        super().__init__()
        self._is_folder = folder
        self.field = QLineEdit()
        self.field.setPlaceholderText(placeholder)
        self.field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._browse = tool_button("folder-open", self.tr("Browse…"))
        self.field.textEdited.connect(self.edited)
        self._browse.clicked.connect(self._on_browse_clicked)
        self.setLayout(row(self.field, self._browse, spacing=GRID_PX // 2))
        self.setFocusProxy(self.field)

    def value(self) -> object:
        return self.field.text().strip()

    def set_value(self, value: object) -> None:
        self.field.setText(str(value))
        self.field.setCursorPosition(0)

    def set_name(self, name: str) -> None:
        self.field.setAccessibleName(name)
        self._browse.setAccessibleName(self.tr("Browse for {0}").format(name))

    def _on_browse_clicked(self) -> None:
        dialog = QFileDialog(self)
        dialog.setFileMode(
            QFileDialog.FileMode.Directory if self._is_folder else QFileDialog.FileMode.ExistingFile
        )
        dialog.setDirectory(self.field.text() or str(Path.home()))
        dialog.fileSelected.connect(self._on_chosen)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _on_chosen(self, path: str) -> None:
        self.field.setText(path)
        self.edited.emit()


def make_editor(
    field: SettingField, title: str, unit: str, voices: Sequence[VoiceInfo], default_text: str
) -> Editor:
    """The editor that fits a setting.

    Args:
        default_text: what an empty path stands for.
    """
    match field.kind:
        case SettingKind.SWITCH:
            return SwitchEditor(title)
        case SettingKind.CHOICE:
            return ChoiceEditor([(labels.choice_name(value), value) for value in field.choices])
        case SettingKind.VOICE:
            return ChoiceEditor([(voice.title, voice.name) for voice in voices])
        case SettingKind.NUMBER:
            return NumberEditor(field, unit)
        case SettingKind.FOLDER | SettingKind.PROGRAM | SettingKind.FILE:
            return PathEditor(folder=field.kind is SettingKind.FOLDER, placeholder=default_text)
        case _:
            return TextEditor(default_text)
