"""The settings' page about hardware profiles: which one is used, what it says, what it would do.

What is done here is a draft: nothing is written before the dialog is saved, but exported files.
"""

import os
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QComboBox, QFileDialog, QMenu, QSizePolicy, QStackedWidget, QWidget

from vidgen_gui.controller.profile_controller import (
    ImportedProfile,
    MachineView,
    ProfileChanges,
    ProfilesView,
)
from vidgen_gui.core.effective_profile import effective_profile
from vidgen_gui.core.hardware_profile import HardwareProfile, profile_fields
from vidgen_gui.core.messages import Message
from vidgen_gui.core.setting_declaration import SettingField
from vidgen_gui.core.text import slug
from vidgen_gui.ui import labels, words
from vidgen_gui.ui.fitting import WrappedLabel
from vidgen_gui.ui.parts import column, panel, plain_widget, push_button, row, text_label
from vidgen_gui.ui.profile_draft import ProfileDraft
from vidgen_gui.ui.profile_plan_box import ProfilePlanBox
from vidgen_gui.ui.profile_values import ProfileValues
from vidgen_gui.ui.setting_row import translated
from vidgen_gui.ui.theme import GRID_PX, set_role

PLAN_DELAY_MS = 200
SCROLL_BAR_PX = 20


class ProfilesPage(QWidget):
    """``edited`` whenever the draft differs from before."""

    edited = Signal()

    def __init__(self, controller: Any) -> None:
        super().__init__()
        self._controller = controller
        self._profiles = controller.profiles
        self._settings = controller.settings
        self._effective = effective_profile(HardwareProfile(), self._settings, os.environ)
        self._machine = MachineView()
        self.is_loaded = False
        self.draft = ProfileDraft((), "")
        self._token = 0
        self.values: ProfileValues | None = None
        self._build_head()
        self.box = ProfilePlanBox()
        self._auto = self._build_auto()
        self._body = QStackedWidget()
        self._body.addWidget(self._auto)
        chooser = row(self.chooser, self.duplicate, self.more)
        chooser.setStretch(0, 1)
        title = text_label(self.tr("Hardware profiles"), "title")
        head = column(
            title,
            chooser,
            self._detected,
            self._note,
            GRID_PX // 2,
            self.box,
            margin=2 * GRID_PX,
        )
        # As wide as the panels beside the scroll bar below.
        layout = column(row(panel(head), SCROLL_BAR_PX), self._body, spacing=2 * GRID_PX)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self._plan_timer = QTimer(self)
        self._plan_timer.setSingleShot(True)
        self._plan_timer.setInterval(PLAN_DELAY_MS)
        self._plan_timer.timeout.connect(self._ask_plan)
        self._connect()
        self._is_shown = False
        self._profiles.load()

    @property
    def changes(self) -> ProfileChanges:
        """What is to be written."""
        return ProfileChanges(self.draft.put, self.draft.removed)

    @property
    def is_changed(self) -> bool:
        return bool(self.draft.put or self.draft.removed)

    @property
    def active_name(self) -> str:
        """The profile to be used, for the settings; what they have while nothing is known yet."""
        return self.draft.profile.name if self.is_loaded else self._settings.hardware.profile

    def showEvent(self, event: QShowEvent) -> None:
        """Build what takes its time when the page is looked at."""
        super().showEvent(event)
        if self.is_loaded and not self._is_shown:
            self._show_chosen()

    def is_possible(self) -> bool:
        """Whether everything can be saved as it is."""
        return self.draft.is_possible and (
            self.draft.is_auto or self.values is None or self.values.is_possible
        )

    def _build_head(self) -> None:
        self.chooser = QComboBox()
        self.chooser.setAccessibleName(self.tr("Hardware profile in use"))
        self.chooser.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.chooser.setMinimumContentsLength(12)
        self.duplicate = push_button(self.tr("Duplicate"), "copy-plus")
        self.more = push_button(self.tr("More"), "ellipsis")
        menu = QMenu(self.more)
        self.rename = self._action(menu, self.tr("Rename"), self._on_rename)
        self.reset = self._action(menu, self.tr("Reset all values"), self._on_reset)
        self.remove = self._action(menu, self.tr("Remove"), self._on_remove)
        menu.addSeparator()
        self.import_file = self._action(menu, self.tr("Import…"), self._on_import)
        self.export_file = self._action(menu, self.tr("Export…"), self._on_export)
        self.more.setMenu(menu)
        self._detected = WrappedLabel("small")
        self._note = WrappedLabel("warn")
        self._note.hide()

    def _action(self, menu: QMenu, text: str, slot: Any) -> QAction:
        action = menu.addAction(text)
        action.triggered.connect(slot)
        return action

    def _build_auto(self) -> QWidget:
        says = text_label(
            self.tr(
                "VidGen follows what this machine has: the best way of making a picture that fits "
                "is tried first, the script writer is paused while its memory is needed, and {0} "
                "of the card are left to other programs."
            ).format(labels.size_mib(HardwareProfile().reserve_mib)),
            wrap=True,
        )
        hint = text_label(
            self.tr("To set limits and preferences of your own, make a profile."),
            "small",
            wrap=True,
        )
        self.make_own = push_button(self.tr("Make my own profile"), "plus")
        self._overruled = WrappedLabel("warn")
        self._overruled.show_text("\n".join(self._overruled_lines()))
        self._overruled.setVisible(bool(self._effective.variables))
        content = column(
            text_label(self.tr("This machine (auto)"), "title"),
            says,
            self._overruled,
            hint,
            row(self.make_own, -1),
            margin=2 * GRID_PX,
        )
        return plain_widget(column(row(panel(content), SCROLL_BAR_PX), -1))

    def _overruled_lines(self) -> list[str]:
        line = self.tr("{title}: {value}. Set by {variable} in the environment.")
        return [
            line.format(
                title=translated(field.title),
                value=_shown(field, getattr(self._effective.profile, name)),
                variable=variable,
            )
            for name, variable in self._effective.variables.items()
            for field in (profile_fields()[name],)
        ]

    def _connect(self) -> None:
        self.chooser.activated.connect(self._on_chosen)
        self.duplicate.clicked.connect(self._on_duplicate)
        self.make_own.clicked.connect(self._on_duplicate)
        self._profiles.profiles_loaded.connect(self._on_loaded)
        self._profiles.plan_made.connect(self._on_plan_made)
        self._profiles.profile_imported.connect(self._on_imported)
        self._profiles.profile_exported.connect(self._on_exported)

    def _on_loaded(self, view: ProfilesView) -> None:
        if self.is_loaded:
            return
        self.is_loaded = True
        self._machine = view.machine
        self.draft = ProfileDraft(view.profiles, self._settings.hardware.profile)
        self._detected.show_text(self._detected_text())
        self._tell("\n".join(words.sentence(notice) for notice in view.notices), "warn")
        if self.isVisible():
            self._show_chosen()
        else:
            self.edited.emit()

    def _detected_text(self) -> str:
        parts = []
        for card in self._machine.cards:
            name = card.name
            if card.is_simulated:
                name = self.tr("{0} (simulated)").format(name)
            total = "" if card.total_mib is None else f", {labels.size_mib(card.total_mib)}"
            parts.append(f"{name}{total}")
        if not parts:
            parts.append(self.tr("No graphics card whose memory can be read"))
        if self._machine.ram_mib is not None:
            ram = labels.size_mib(self._machine.ram_mib)
            parts.append(self.tr("{0} of main memory").format(ram))
        return self.tr("This machine: {0}").format(" · ".join(parts))

    def _show_chosen(self) -> None:
        """The chosen profile everywhere: its name, its values, its plan."""
        self._is_shown = True
        draft = self.draft
        self._fill_chooser()
        for action in (self.rename, self.reset, self.remove, self.export_file):
            action.setEnabled(not draft.is_auto)
        if draft.is_auto:
            self._body.setCurrentWidget(self._auto)
        else:
            values = self.values or self._make_values()
            values.show_draft(draft, self._settings)
            self._body.setCurrentWidget(values)
        self._ask_plan()
        self.edited.emit()

    def _make_values(self) -> ProfileValues:
        values = ProfileValues(self._machine.cards, self._effective.variables, self._body)
        values.edited.connect(self._on_values_edited)
        self._body.addWidget(values)
        self.values = values
        return values

    def _fill_chooser(self) -> None:
        self.chooser.blockSignals(True)
        self.chooser.clear()
        self.chooser.addItem(self.tr("This machine (auto)"))
        for name in self.draft.names:
            self.chooser.addItem(name or self.tr("(no name)"))
        self.chooser.setCurrentIndex(self.draft.number)
        self.chooser.blockSignals(False)

    def _on_chosen(self, number: int) -> None:
        self._tell("")
        self.draft.choose(number)
        self._show_chosen()

    def _on_duplicate(self) -> None:
        if not self.is_loaded:
            return
        was_auto = self.draft.is_auto
        name = self.draft.profile.name
        name = self.tr("My profile") if was_auto else self.tr("{0} copy").format(name)
        self.draft.add(self.draft.profile.model_copy(update={"name": name}))
        self._tell("")
        self._show_chosen()
        self._on_rename()

    def _on_rename(self) -> None:
        if self.values is not None:
            self.values.focus_name()

    def _on_reset(self) -> None:
        self.draft.reset()
        self._show_chosen()

    def _on_remove(self) -> None:
        name = self.draft.profile.name
        self.draft.remove()
        self._tell(self.tr("“{0}” is removed when you save.").format(name), "muted")
        self._show_chosen()
        self.chooser.setFocus()

    def _on_import(self) -> None:
        dialog = self._file_dialog(self.tr("Import a hardware profile"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._profiles.import_file)
        dialog.open()

    def _on_export(self) -> None:
        profile = self.draft.profile
        dialog = self._file_dialog(self.tr("Export this hardware profile"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("toml")
        dialog.selectFile(f"{slug(profile.name)}.toml")
        dialog.fileSelected.connect(lambda path: self._profiles.export_file(profile, path))
        dialog.open()

    def _file_dialog(self, title: str) -> QFileDialog:
        dialog = QFileDialog(self, title)
        dialog.setNameFilter(self.tr("Hardware profiles (*.toml)"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return dialog

    def _on_imported(self, answer: ImportedProfile | Message) -> None:
        if isinstance(answer, Message):
            self._tell(words.sentence(answer), "failed")
            return
        self.draft.add(answer.profile)
        self._show_chosen()
        told = [self.tr("Imported “{0}”. Save to keep it.").format(self.draft.profile.name)]
        told += [words.reason(notice) for notice in answer.notices]
        self._tell("\n".join(told), "warn" if answer.notices else "muted")

    def _on_exported(self, path: str, problem: Message | None) -> None:
        if problem is not None:
            self._tell(words.sentence(problem), "failed")
        else:
            self._tell(self.tr("Saved as {0}.").format(path), "muted")

    def _on_values_edited(self) -> None:
        self._fill_chooser()
        self._plan_timer.start()
        self.edited.emit()

    def _ask_plan(self) -> None:
        self._plan_timer.stop()
        self._token += 1
        aspect = self._settings.video.aspect
        self._profiles.make_plan(self.draft.profile, self._settings, aspect, self._token)

    def _on_plan_made(self, token: int, answer: Any) -> None:
        if token != self._token:
            return
        if isinstance(answer, Message):
            self.box.show_problem(answer)
        else:
            self.box.show_plan(answer)

    def _tell(self, text: str, role: str = "muted") -> None:
        set_role(self._note, role)
        self._note.show_text(text)
        self._note.setVisible(bool(text))


def _shown(field: SettingField, value: object) -> str:
    """A value as a person reads it."""
    if field.choices:
        return labels.choice_name(next(one for one in field.choices if one == value))
    if isinstance(value, int) and field.unit:
        return labels.size_mib(value)
    return str(value)
