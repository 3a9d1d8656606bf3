"""What can be done with the selected jobs: one set of actions for menus, keys and buttons."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from vidgen_gui.controller.job_view import JobView
from vidgen_gui.core.job import JobState
from vidgen_gui.ui.icons import bind_icon

RUNNABLE = frozenset({JobState.WAITING, JobState.RUNNING})
STOPPABLE = RUNNABLE | {JobState.PAUSED, JobState.SCRIPT_READY}
RETRYABLE = frozenset({JobState.FAILED, JobState.CANCELLED})


@dataclass(frozen=True, slots=True)
class _Row:
    """One action: what it is called, when it applies, and how many jobs it takes at once."""

    key: str
    icon: str
    text: str
    shortcut: str
    applies: Callable[[JobView], bool]
    single: bool = False
    rule_before: bool = False


class JobActions(QObject):
    """Actions on the selection; ``triggered(key, jobs)`` says which and with which jobs.

    Keys: open, play, pause, resume, cancel, retry, approve, script, duplicate, history,
    folder, copy_path, remove.
    """

    triggered = Signal(str, list)

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self._selected: list[JobView] = []
        self._rows = {row.key: row for row in self._table()}
        self._actions: dict[str, QAction] = {}
        for row in self._rows.values():
            action = QAction(row.text, self)
            action.setObjectName(row.key)
            if row.shortcut:
                action.setShortcut(QKeySequence(row.shortcut))
                action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            bind_icon(action, row.icon)
            action.triggered.connect(self._on_triggered)
            owner.addAction(action)
            self._actions[row.key] = action
        self.set_selection([])

    def __getitem__(self, key: str) -> QAction:
        return self._actions[key]

    def set_selection(self, views: list[JobView]) -> None:
        """Enable what applies to at least one of ``views``."""
        self._selected = views
        for key, row in self._rows.items():
            fits = any(row.applies(view) for view in views)
            self._actions[key].setEnabled(fits and not (row.single and len(views) != 1))

    def menu(self, parent: QWidget) -> QMenu:
        """A context menu with what applies now."""
        menu = QMenu(parent)
        for key, row in self._rows.items():
            if row.rule_before:
                menu.addSeparator()
            if self._actions[key].isEnabled():
                menu.addAction(self._actions[key])
        return menu

    def _on_triggered(self) -> None:
        key = self.sender().objectName()
        applies = self._rows[key].applies
        fitting = [view for view in self._selected if applies(view)]
        if fitting:
            self.triggered.emit(key, fitting)

    def _table(self) -> list[_Row]:
        def is_done(view: JobView) -> bool:
            return view.video_path is not None

        def always(_view: JobView) -> bool:
            return True

        def script_open(view: JobView) -> bool:
            return view.state is not JobState.DONE

        return [
            _Row("open", "clapperboard", self.tr("Open"), "Return", always, single=True),
            _Row("play", "play", self.tr("Play"), "Space", is_done, single=True),
            _Row(
                "approve",
                "check",
                self.tr("Script is fine, go on"),
                "Ctrl+Return",
                lambda view: view.state is JobState.SCRIPT_READY,
            ),
            _Row(
                "pause",
                "pause",
                self.tr("Pause"),
                "Ctrl+P",
                lambda view: view.state in RUNNABLE,
                rule_before=True,
            ),
            _Row(
                "resume",
                "play",
                self.tr("Go on"),
                "Ctrl+G",
                lambda view: view.state is JobState.PAUSED,
            ),
            _Row(
                "cancel", "ban", self.tr("Cancel"), "Ctrl+.", lambda view: view.state in STOPPABLE
            ),
            _Row(
                "retry",
                "rotate-ccw",
                self.tr("Try again"),
                "Ctrl+R",
                lambda view: view.state in RETRYABLE,
            ),
            _Row(
                "script",
                "square-pen",
                self.tr("Read and edit the script…"),
                "F2",
                script_open,
                single=True,
                rule_before=True,
            ),
            _Row("duplicate", "copy-plus", self.tr("Duplicate"), "Ctrl+D", always),
            _Row("history", "history", self.tr("Show history…"), "Ctrl+H", always, single=True),
            _Row(
                "folder",
                "folder-open",
                self.tr("Open folder"),
                "Ctrl+O",
                is_done,
                single=True,
                rule_before=True,
            ),
            _Row("copy_path", "copy", self.tr("Copy path"), "Ctrl+C", is_done),
            _Row("remove", "trash-2", self.tr("Remove"), "Del", always, rule_before=True),
        ]
