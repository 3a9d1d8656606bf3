"""The settings dialog, made from the declared settings: nothing here knows a single one by name.

Hardware profiles have a page of their own; everything else stands in one long page. What is not
seen at first is built in later turns of the event loop, a few rows each: all at once takes 0.1 s.
"""

import os
from collections import deque
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QLineEdit,
    QListWidget,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from vidgen_gui.core.effective_profile import settings_set_by
from vidgen_gui.core.environment import read_environment
from vidgen_gui.core.hardware_profile import profile_fields
from vidgen_gui.core.setting_declaration import SettingKind
from vidgen_gui.core.settings import Settings, setting_fields
from vidgen_gui.ui.fitting import resize_on_screen
from vidgen_gui.ui.icons import bind_icon
from vidgen_gui.ui.parts import (
    column,
    menu_text,
    panel,
    plain_widget,
    push_button,
    row,
    rule,
    text_label,
)
from vidgen_gui.ui.profiles_page import ProfilesPage
from vidgen_gui.ui.setting_row import SettingRow, field_matches, translated
from vidgen_gui.ui.theme import GRID_PX, set_role

GROUPS_PX = 184
MOST_GROUPS_PX = 256
FIRST_ROWS = 8
"""As many as the dialog has room for."""
ROWS_A_TURN = 6


class SettingsDialog(QDialog):
    """Shows every setting; Save checks them all and hands them to the controller.

    ``rows`` holds those that are built, which is all once ``is_built``; no other can be changed.
    """

    def __init__(self, controller: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._settings: Settings = controller.settings
        self.setWindowTitle(self.tr("Settings"))
        resize_on_screen(self, QSize(880, 672))
        self._fields = setting_fields()
        self.rows: dict[str, SettingRow] = {}
        self._sections: dict[str, QWidget] = {}
        self._boxes: dict[str, QVBoxLayout] = {}
        self._profile_path = next(
            path for path, field in self._fields.items() if field.kind is SettingKind.PROFILE
        )
        self._left = deque(path for path in self._fields if path != self._profile_path)
        self._variables = read_environment(os.environ).variables
        self._awaited: Callable[[], None] | None = None
        self.is_built = False
        self._builder = QTimer(self, interval=0)
        self._builder.timeout.connect(self._build_on)
        self._builder.start()
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._content = column(margin=(0, 0, GRID_PX, 0), spacing=2 * GRID_PX)
        self._scroll.setWidget(plain_widget(self._content))
        self._nothing = text_label(self.tr("No setting has these words."), "muted")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.hide()
        self.search = self._build_search()
        self._groups = QListWidget()
        self.save = push_button(self.tr("Save"), role="primary")
        self.save.setDefault(True)
        self._cancel = push_button(self.tr("Cancel"))
        left = column(self.search, self._groups)
        self._page_link = push_button(self.tr("Hardware profiles"), role="link")
        self._page_link.hide()
        long_page = column(row(self._page_link, -1), self._nothing, self._scroll)
        self._pages = QStackedWidget()
        self._pages.addWidget(plain_widget(long_page))
        body = row(left, self._pages, spacing=2 * GRID_PX)
        body.setStretch(1, 1)
        self.setLayout(column(body, row(-1, self._cancel, self.save), margin=2 * GRID_PX))
        # Into what stands already: a widget is styled anew each time that it gets another parent.
        self.profiles = ProfilesPage(controller)
        self._pages.addWidget(self.profiles)
        self._content.addStretch(1)
        self._build_rows(FIRST_ROWS)
        self._fill_groups()
        self.save.clicked.connect(self._on_save_clicked)
        self._cancel.clicked.connect(self.reject)
        self._page_link.clicked.connect(self.open_profiles)
        self.profiles.edited.connect(self._on_profile_edited)
        self._on_profile_edited()
        self.search.setFocus()

    def values(self) -> dict[str, object]:
        """What differs from the settings in force, by path."""
        edited = {
            path: line.editor.value() for path, line in self.rows.items() if not line.is_overruled
        }
        edited[self._profile_path] = self.profiles.active_name
        return {
            path: value for path, value in edited.items() if value != self._settings.value(path)
        }

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes from the search to what was found, and never saves there."""
        enters = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if not (enters and self.search.hasFocus()):
            super().keyPressEvent(event)
            return
        found = [line for line in self.rows.values() if line.isVisible()]
        if self._wanted and found:
            found[0].editor.setFocus()
            self._scroll.ensureWidgetVisible(found[0])

    def open_profiles(self) -> None:
        """Show the page of hardware profiles."""
        self._groups.setCurrentRow(self._titles.index(self._title_of_profiles))

    def open_setting(self, path: str) -> None:
        """Have one setting seen and ready to be typed, as soon as it is built."""
        if not self.is_built:
            self._awaited = lambda: self.open_setting(path)
            return
        line = self.rows[path]
        self._groups.setCurrentRow(self._titles.index(line.field.group_title))
        self._scroll.ensureWidgetVisible(line)
        line.editor.setFocus()

    def _build_on(self) -> None:
        """Some more rows; once all stand and have their places, what had to wait for that."""
        if self._left:
            self._build_rows(ROWS_A_TURN)
            return
        self._builder.stop()
        self.is_built = True
        self._keep_buttons_last()
        if self._awaited:
            # Places are told from inner widgets to outer ones, each by an event of its own.
            QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
            self._awaited()

    def _build_rows(self, most: int) -> None:
        wanted = self._wanted
        for _ in range(min(most, len(self._left))):
            path = self._left.popleft()
            line = SettingRow(
                self._fields[path],
                self._settings,
                self._controller.voices,
                self._variables.get(path),
            )
            self.rows[path] = line
            self._place(line)
            self._note_profile(path)
            line.editor.edited.connect(self._on_edited)
        if wanted:
            self._show_found(wanted)

    def _place(self, line: SettingRow) -> None:
        title = line.field.group_title
        if title in self._boxes:
            self._boxes[title].addWidget(rule())
        else:
            box = column(margin=2 * GRID_PX, spacing=2 * GRID_PX)
            self._boxes[title] = box
            self._sections[title] = panel(box)
            # Before what keeps them at the top.
            self._content.insertWidget(self._content.count() - 1, self._sections[title])
            box.addWidget(text_label(translated(title), "title"))
        self._boxes[title].addWidget(line)

    def _build_search(self) -> QLineEdit:
        search = QLineEdit()
        search.setPlaceholderText(self.tr("Search settings"))
        search.setAccessibleName(self.tr("Search settings"))
        search.setClearButtonEnabled(True)
        glass = QAction(search)
        bind_icon(glass, "search", "muted")
        search.addAction(glass, QLineEdit.ActionPosition.LeadingPosition)
        search.textChanged.connect(self._on_search_changed)
        return search

    def _fill_groups(self) -> None:
        groups = self._groups
        groups.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        groups.setAccessibleName(self.tr("Groups of settings"))
        set_role(groups, "nav")
        for title in self._titles:
            groups.addItem(translated(title))
        groups.ensurePolished()
        widest_px = groups.sizeHintForColumn(0) + 3 * GRID_PX
        width_px = min(max(GROUPS_PX, widest_px), MOST_GROUPS_PX)
        groups.setFixedWidth(width_px)
        self.search.setFixedWidth(width_px)
        groups.setCurrentRow(0)
        groups.currentRowChanged.connect(self._on_group_changed)
        # Also the one that is marked already, when the page was scrolled on since.
        groups.itemClicked.connect(lambda item: self._on_group_changed(groups.row(item)))
        self._scroll.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    def _on_group_changed(self, number: int) -> None:
        self._awaited = None
        if not 0 <= number < len(self._titles):
            return
        title = self._titles[number]
        is_profiles = title == self._title_of_profiles
        self._pages.setCurrentIndex(int(is_profiles))
        if not is_profiles:
            self._scroll_to(title)

    def _scroll_to(self, title: str) -> None:
        """Have a group stand at the top, as soon as it can."""
        if not self.is_built:
            self._awaited = lambda: self._scroll_to(title)
            return
        bar = self._scroll.verticalScrollBar()
        bar.blockSignals(True)
        bar.setValue(self._sections[title].y())
        bar.blockSignals(False)

    def _on_scrolled(self, top_px: int) -> None:
        """Mark the group that stands at the top, or next to it."""
        if self._wanted or not self.is_built:
            return
        line_px = top_px + self._scroll.viewport().height() // 4
        begun = [title for title, one in self._sections.items() if one.y() <= line_px]
        shown = [title for title in begun if title != self._title_of_profiles]
        self._groups.blockSignals(True)
        self._groups.setCurrentRow(self._titles.index(shown[-1]) if shown else 0)
        self._groups.blockSignals(False)

    def _on_search_changed(self) -> None:
        wanted = self._wanted
        # A group can be chosen again then, the one of before too.
        self._groups.setCurrentRow(-1)
        self._pages.setCurrentIndex(0)
        in_profiles = self._found_in_profiles(wanted)
        here = [field for path, field in self._fields.items() if path != self._profile_path]
        is_here = any(field_matches(field, wanted) for field in here)
        self._show_found(wanted)
        link = self.tr("In {0}: {1}").format(self._title_of_profiles, ", ".join(in_profiles))
        self._page_link.setText(menu_text(link))
        self._page_link.setAccessibleName(link)
        self._page_link.setVisible(bool(in_profiles))
        self._nothing.setVisible(not is_here and not in_profiles)
        self._scroll.setVisible(is_here)

    def _show_found(self, wanted: list[str]) -> None:
        """Show the rows that have these words, among those that are built."""
        found = set()
        for line in self.rows.values():
            matches = line.matches(wanted)
            line.setVisible(matches)
            if matches:
                found.add(line.field.group_title)
        for title, section in self._sections.items():
            for divider in section.findChildren(
                QFrame, "", Qt.FindChildOption.FindDirectChildrenOnly
            ):
                if divider.property("role") == "rule":
                    divider.setVisible(not wanted)
            section.setVisible(title in found)

    @property
    def _wanted(self) -> list[str]:
        """The words that are searched for."""
        return self.search.text().casefold().split()

    @property
    def _titles(self) -> list[str]:
        return list(dict.fromkeys(field.group_title for field in self._fields.values()))

    @property
    def _title_of_profiles(self) -> str:
        return self._fields[self._profile_path].group_title

    def _found_in_profiles(self, wanted: list[str]) -> list[str]:
        """The titles of what has these words on the page of hardware profiles."""
        if not wanted:
            return []
        fields = profile_fields().values()
        return [translated(field.title) for field in fields if field_matches(field, wanted)]

    def _on_edited(self) -> None:
        self._check()

    def _on_profile_edited(self) -> None:
        for path in self.rows:
            self._note_profile(path)
        self._keep_buttons_last()
        self._check()

    def _note_profile(self, path: str) -> None:
        """Say beside a setting whether the hardware profile overrules it."""
        profile = self.profiles.draft.profile
        self.rows[path].note_profile(profile.name if path in settings_set_by(profile) else "")

    def _keep_buttons_last(self) -> None:
        """For the Tab key, after all that was built since they were."""
        last = self.previousInFocusChain()
        while last is not None and last.focusPolicy() is Qt.FocusPolicy.NoFocus:
            last = last.previousInFocusChain()
        if last is not None and last is not self.save:
            self.setTabOrder(last, self._cancel)
            self.setTabOrder(self._cancel, self.save)

    def _check(self) -> Settings | None:
        """The settings as edited, or None; each impossible value is explained beside its field."""
        changed = self.values()
        bad = False
        for path, line in self.rows.items():
            if path not in changed:
                line.explain("")
            elif not line.check(self._settings):
                bad = True
        bad = bad or not self.profiles.is_possible()
        self.save.setEnabled((bool(changed) or self.profiles.is_changed) and not bad)
        return None if bad else self._settings.with_values(changed)

    def _on_save_clicked(self) -> None:
        settings = self._check()
        if settings is not None:
            self._controller.save_settings(settings, self.profiles.changes)
            self.accept()
