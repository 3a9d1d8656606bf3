"""The settings dialog, made from the declared settings: nothing here knows a single one by name."""

import os
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QLineEdit,
    QListWidget,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from vidgen_gui.core.environment import read_environment
from vidgen_gui.core.settings import Settings, setting_fields
from vidgen_gui.ui.icons import bind_icon
from vidgen_gui.ui.parts import (
    column,
    panel,
    plain_widget,
    push_button,
    row,
    rule,
    text_label,
)
from vidgen_gui.ui.setting_row import SettingRow, translated
from vidgen_gui.ui.theme import GRID_PX, set_role

GROUPS_PX = 184


class SettingsDialog(QDialog):
    """Shows every setting; Save checks them all and hands them to the controller."""

    def __init__(self, controller: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._settings: Settings = controller.settings
        self.setWindowTitle(self.tr("Settings"))
        self.resize(880, 672)
        self.rows: dict[str, SettingRow] = {}
        self._sections: dict[str, QFrame] = {}
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._build_sections())
        self._nothing = text_label(self.tr("No setting has these words."), "muted")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.hide()
        self.search = self._build_search()
        self._groups = self._build_groups()
        self.save = push_button(self.tr("Save"), role="primary")
        self.save.setDefault(True)
        cancel = push_button(self.tr("Cancel"))
        left = column(self.search, self._groups)
        right = column(self._nothing, self._scroll)
        body = row(left, right, spacing=2 * GRID_PX)
        body.setStretch(1, 1)
        self.setLayout(column(body, row(-1, cancel, self.save), margin=2 * GRID_PX))
        self.save.clicked.connect(self._on_save_clicked)
        cancel.clicked.connect(self.reject)
        for line in self.rows.values():
            line.editor.edited.connect(self._on_edited)
        self._on_edited()
        self.search.setFocus()

    def values(self) -> dict[str, object]:
        """What differs from the settings in force, by path."""
        edited = {
            path: line.editor.value() for path, line in self.rows.items() if not line.is_overruled
        }
        return {
            path: value for path, value in edited.items() if value != self._settings.value(path)
        }

    def _build_sections(self) -> QWidget:
        overruled = read_environment(os.environ).variables
        sections = QVBoxLayout()
        sections.setContentsMargins(0, 0, GRID_PX, 0)
        sections.setSpacing(2 * GRID_PX)
        boxes: dict[str, QVBoxLayout] = {}
        for path, field in setting_fields().items():
            line = SettingRow(field, self._settings, self._controller.voices, overruled.get(path))
            self.rows[path] = line
            if field.group_title not in boxes:
                box = column(margin=2 * GRID_PX, spacing=2 * GRID_PX)
                boxes[field.group_title] = box
                title = text_label(translated(field.group_title), "title")
                section = panel(box)
                self._sections[field.group_title] = section
                box.addWidget(title)
                sections.addWidget(section)
            else:
                boxes[field.group_title].addWidget(rule())
            boxes[field.group_title].addWidget(line)
        sections.addStretch(1)
        return plain_widget(sections)

    def _build_search(self) -> QLineEdit:
        search = QLineEdit()
        search.setPlaceholderText(self.tr("Search settings"))
        search.setAccessibleName(self.tr("Search settings"))
        search.setClearButtonEnabled(True)
        search.setFixedWidth(GROUPS_PX)
        glass = QAction(search)
        bind_icon(glass, "search", "muted")
        search.addAction(glass, QLineEdit.ActionPosition.LeadingPosition)
        search.textChanged.connect(self._on_search_changed)
        return search

    def _build_groups(self) -> QListWidget:
        groups = QListWidget()
        groups.setFixedWidth(GROUPS_PX)
        groups.setAccessibleName(self.tr("Groups of settings"))
        set_role(groups, "nav")
        for title in self._sections:
            groups.addItem(translated(title))
        groups.currentRowChanged.connect(self._on_group_changed)
        return groups

    def _on_group_changed(self, number: int) -> None:
        sections = list(self._sections.values())
        if 0 <= number < len(sections):
            bar = self._scroll.verticalScrollBar()
            bar.setValue(sections[number].y())

    def _on_search_changed(self, text: str) -> None:
        wanted = text.casefold().split()
        found = 0
        for title, section in self._sections.items():
            lines = [line for line in self.rows.values() if line.field.group_title == title]
            for line in lines:
                line.setVisible(line.matches(wanted))
            shown = sum(line.matches(wanted) for line in lines)
            for divider in section.findChildren(
                QFrame, "", Qt.FindChildOption.FindDirectChildrenOnly
            ):
                if divider.property("role") == "rule":
                    divider.setVisible(not wanted)
            section.setVisible(shown > 0)
            found += shown
        self._nothing.setVisible(found == 0)
        self._scroll.setVisible(found > 0)

    def _on_edited(self) -> None:
        self._check()

    def _check(self) -> Settings | None:
        """The settings as edited, or None; each impossible value is explained beside its field."""
        changed = self.values()
        bad = False
        for path, line in self.rows.items():
            if path not in changed:
                line.explain("")
            elif not line.check(self._settings):
                bad = True
        self.save.setEnabled(bool(changed) and not bad)
        return None if bad else self._settings.with_values(changed)

    def _on_save_clicked(self) -> None:
        settings = self._check()
        if settings is not None:
            self._controller.save_settings(settings)
            self.accept()
