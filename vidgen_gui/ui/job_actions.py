"""What can be done with the selected jobs: one set of actions for menus, keys and buttons."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from vidgen_gui.controller.job_view import JobView
from vidgen_gui.core.job import JobState
from vidgen_gui.ui.icons import bind_icon
from vidgen_gui.ui.marks import QT_TRANSLATE_NOOP

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


def _is_made(view: JobView) -> bool:
    return view.video_path is not None


def _always(_view: JobView) -> bool:
    return True


def _in(*states: JobState) -> Callable[[JobView], bool]:
    return lambda view: view.state in states


_TABLE = (
    _Row(
        "open",
        "clapperboard",
        QT_TRANSLATE_NOOP("JobActions", "Open"),
        "Return",
        _always,
        single=True,
    ),
    _Row("play", "play", QT_TRANSLATE_NOOP("JobActions", "Play"), "Space", _is_made, single=True),
    _Row(
        "approve",
        "check",
        QT_TRANSLATE_NOOP("JobActions", "Script is fine, go on"),
        "Ctrl+Return",
        _in(JobState.SCRIPT_READY),
    ),
    _Row(
        "pause",
        "pause",
        QT_TRANSLATE_NOOP("JobActions", "Pause"),
        "Ctrl+P",
        _in(*RUNNABLE),
        rule_before=True,
    ),
    _Row(
        "resume", "play", QT_TRANSLATE_NOOP("JobActions", "Go on"), "Ctrl+G", _in(JobState.PAUSED)
    ),
    _Row("cancel", "ban", QT_TRANSLATE_NOOP("JobActions", "Cancel"), "Ctrl+.", _in(*STOPPABLE)),
    _Row(
        "retry",
        "rotate-ccw",
        QT_TRANSLATE_NOOP("JobActions", "Try again"),
        "Ctrl+R",
        _in(*RETRYABLE),
    ),
    _Row(
        "script",
        "square-pen",
        QT_TRANSLATE_NOOP("JobActions", "Read and edit the script…"),
        "F2",
        _always,
        single=True,
        rule_before=True,
    ),
    _Row("duplicate", "copy-plus", QT_TRANSLATE_NOOP("JobActions", "Duplicate"), "Ctrl+D", _always),
    _Row(
        "history",
        "history",
        QT_TRANSLATE_NOOP("JobActions", "Show history…"),
        "Ctrl+H",
        _always,
        single=True,
    ),
    _Row(
        "folder",
        "folder-open",
        QT_TRANSLATE_NOOP("JobActions", "Open folder"),
        "Ctrl+O",
        _is_made,
        single=True,
        rule_before=True,
    ),
    _Row("copy_path", "copy", QT_TRANSLATE_NOOP("JobActions", "Copy path"), "Ctrl+C", _is_made),
    _Row(
        "remove",
        "trash-2",
        QT_TRANSLATE_NOOP("JobActions", "Remove"),
        "Del",
        _always,
        rule_before=True,
    ),
)


class JobActions(QObject):
    """Actions on the selection; ``triggered(key, jobs)`` says which and with which jobs.

    Keys: open, play, pause, resume, cancel, retry, approve, script, duplicate, history,
    folder, copy_path, remove.
    """

    triggered = Signal(str, list)

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self._selected: list[JobView] = []
        self._rows = {row.key: row for row in _TABLE}
        self._actions: dict[str, QAction] = {}
        for row in self._rows.values():
            action = QAction(self.tr(row.text), self)
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
