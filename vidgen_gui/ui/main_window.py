"""The main window: toolbar, docks, status bar, and what each action does with the controller."""

import random
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QByteArray, QSettings, QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDesktopServices,
    QGuiApplication,
    QKeySequence,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import QDialog, QMainWindow, QWidget

from vidgen_gui.controller.job_view import JobView, QueueStatus
from vidgen_gui.core.job import SEED_SPAN, JobSpec, JobState
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.service import ServiceName
from vidgen_gui.core.settings import Settings
from vidgen_gui.ui.activity import ActivityPanel
from vidgen_gui.ui.close_dialog import ask_to_close
from vidgen_gui.ui.docks import Dock
from vidgen_gui.ui.doctor_dialog import DoctorDialog
from vidgen_gui.ui.fitting import resize_on_screen
from vidgen_gui.ui.history_dialog import HistoryDialog
from vidgen_gui.ui.icons import app_icon
from vidgen_gui.ui.jobs_panel import JobsPanel
from vidgen_gui.ui.machine_line import MachineLine
from vidgen_gui.ui.parts import plain_widget, text_label
from vidgen_gui.ui.preview_panel import PreviewPanel
from vidgen_gui.ui.queue_label import queue_text
from vidgen_gui.ui.script_dialog import ScriptDialog
from vidgen_gui.ui.service_dialog import ServiceDialog
from vidgen_gui.ui.services_panel import ServicesPanel
from vidgen_gui.ui.settings_dialog import SettingsDialog
from vidgen_gui.ui.theme import GRID_PX, Appearance, Theme
from vidgen_gui.ui.thumbnails import Thumbnails
from vidgen_gui.ui.toolbar import ToolBar
from vidgen_gui.ui.vram_chart import VramChart, machine_column
from vidgen_gui.ui.wizard import NewVideoWizard

LAYOUT_FILE = "window.ini"
LAYOUT_VERSION = 2
DEFAULT_SIZE = QSize(1280, 800)
DETAILS_BATCH = 24
ACTIVITY_PX = 152
MACHINE_PX = 288
JOBS_PX = 400


class MainWindow(QMainWindow):
    """The one window. Talks to ``controller`` only; see its signals for what comes back."""

    close_requested = Signal()
    """The person, or the system, wants the app to end; the window is gone already."""

    def __init__(self, controller: Any) -> None:
        super().__init__()
        self._controller = controller
        self._status = QueueStatus()
        self._asks = True
        self._has_layout = False
        self._dialogs: dict[str, QWidget] = {}
        self._asked_details: set[str] = set()
        self._theme = Theme.get()
        self._use_appearance(controller.settings)
        self._theme.dress(self)
        self.thumbnails = Thumbnails(self)
        self.jobs = JobsPanel(controller, self.thumbnails)
        self.preview = PreviewPanel(self.thumbnails)
        self.machine = ServicesPanel(controller)
        self.chart = VramChart(controller)
        self.activity = ActivityPanel()
        self.setWindowTitle(self.tr("VidGen"))
        self.setWindowIcon(app_icon())
        self._build_docks()
        self.toolbar = ToolBar(self, list(self._docks))
        self.addToolBar(self.toolbar)
        self._build_status_bar()
        self._connect_controller()
        self._connect_panels()
        self._add_shortcuts()
        self._restore_layout()
        self.jobs.focus_topic()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._has_layout:
            self._has_layout = True
            # Docks take sizes only after the window's own layout has run once.
            QTimer.singleShot(0, self, self._reset_sizes)

    def raise_to_front(self) -> None:
        """Come up, wherever the window was."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def sizeHint(self) -> QSize:
        return DEFAULT_SIZE

    def stop_asking(self) -> None:
        """The system ends: from now on the window closes whatever is being made."""
        self._asks = False

    def close_at_once(self) -> None:
        """Close without a question, open dialogs too; what is being made goes on next time."""
        self.stop_asking()
        for dialog in self.findChildren(QDialog):
            dialog.done(QDialog.DialogCode.Rejected)
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        asks = self._asks and self._status.running and self.isVisible()
        # While the question stands, the system may end: then the answer doesn't count.
        if asks and not ask_to_close(self, self._status) and self._asks:
            event.ignore()
            return
        self._save_layout()
        self.preview.release()
        self.thumbnails.close()
        event.accept()
        self.close_requested.emit()

    def open_wizard(self) -> None:
        """Make videos with all choices."""
        wizard = NewVideoWizard(self._controller, self)
        wizard.submitted.connect(self.jobs.submit)
        self._show_dialog("wizard", wizard)

    def open_settings(self, path: str = "") -> None:
        """Show the settings; with the path of one, that one."""
        dialog = SettingsDialog(self._controller, self)
        self._show_dialog("settings", dialog)
        if path:
            dialog.open_setting(path)

    def open_doctor(self) -> None:
        dialog = DoctorDialog(self._controller, self)
        dialog.setting_requested.connect(self.open_settings)
        dialog.service_requested.connect(self.open_service)
        self._show_dialog("doctor", dialog)

    def open_service(self, name: ServiceName, page: str = "") -> None:
        """Show a service's details, on one of the pages of `ServiceDialog`."""
        self._show_dialog("service", ServiceDialog(self._controller, name, page, self))

    def _build_docks(self) -> None:
        self.setDockNestingEnabled(True)
        self.setContentsMargins(GRID_PX, GRID_PX, GRID_PX, 0)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self._jobs_dock = Dock("jobs", self.tr("Videos"), self.jobs, self)
        self._preview_dock = Dock("preview", self.tr("Preview"), self.preview, self)
        machine = plain_widget(machine_column(self.machine, self.chart))
        self._machine_dock = Dock("machine", self.tr("Machine"), machine, self)
        self._activity_dock = Dock("activity", self.tr("Activity"), self.activity, self)
        self._docks = (
            self._jobs_dock,
            self._preview_dock,
            self._machine_dock,
            self._activity_dock,
        )
        self._place_docks()

    def _place_docks(self) -> None:
        self.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, self._jobs_dock)
        across = Qt.Orientation.Horizontal
        self.splitDockWidget(self._jobs_dock, self._preview_dock, across)
        self.splitDockWidget(self._preview_dock, self._machine_dock, across)
        self.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, self._activity_dock)

    def _build_status_bar(self) -> None:
        self._queue_line = text_label(queue_text(self._status), "small")
        self._queue_line.setContentsMargins(GRID_PX, 0, 0, 0)
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        bar.addWidget(self._queue_line, 1)
        self._machine_line = MachineLine(self._controller.gpu)
        bar.addPermanentWidget(self._machine_line)

    def _connect_controller(self) -> None:
        source = self._controller
        source.jobs_loaded.connect(self._on_jobs_loaded)
        source.job_added.connect(self._on_jobs_added)
        source.job_changed.connect(self._on_job_changed)
        source.job_removed.connect(self._on_jobs_removed)
        source.notice.connect(self._on_notice)
        source.queue_changed.connect(self._on_queue_changed)
        source.settings_changed.connect(self._use_appearance)
        source.store_failed.connect(self._on_store_failed)
        source.picture_previewed.connect(self.preview.show_picture)
        source.script_streamed.connect(self.preview.show_script)
        source.services.action_failed.connect(self._on_service_action_failed)

    def _connect_panels(self) -> None:
        self.jobs.current_changed.connect(self._on_current_changed)
        self.jobs.action_triggered.connect(self.do_action)
        self.jobs.undo_bar.undo_requested.connect(self._controller.undo_remove)
        self.jobs.rows_shown.connect(self._on_rows_shown)
        self.preview.action_requested.connect(self._on_preview_action)
        self.machine.details_requested.connect(self.open_service)
        self.toolbar.new_video.connect(self.open_wizard)
        self.toolbar.settings.connect(self.open_settings)
        self.toolbar.doctor.connect(self.open_doctor)
        self.toolbar.queue_toggled.connect(self._on_queue_toggled)
        self.toolbar.reset_layout.connect(self._reset_layout)
        self.toolbar.quit.connect(self.close)

    def _add_shortcuts(self) -> None:
        slots: tuple[tuple[str, Callable[[], object]], ...] = (
            ("Ctrl+L", self.jobs.focus_topic),
            ("Ctrl+F", self.jobs.focus_filter),
            ("Ctrl+Z", self.jobs.undo_bar.undo),
            ("F11", self.preview.player.toggle_fullscreen),
        )
        for keys, slot in slots:
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.activated.connect(slot)

    def do_action(self, key: str, views: list[JobView]) -> None:
        """Do what a key of `JobActions` stands for."""
        ids = [view.id for view in views]
        source = self._controller
        actions: dict[str, Callable[[], object]] = {
            "open": lambda: self._open(views[0]),
            "play": self.preview.player.toggle,
            "approve": lambda: self._approve(ids),
            "pause": lambda: source.pause(ids),
            "resume": lambda: source.resume(ids),
            "cancel": lambda: source.cancel(ids),
            "retry": lambda: source.retry(ids),
            "script": lambda: self._open_script(views[0]),
            "duplicate": lambda: self._duplicate(views),
            "history": lambda: self._open_history(views[0]),
            "folder": lambda: self._open_folder(views[0]),
            "copy_path": lambda: self._copy_paths(views),
            "remove": lambda: self._remove(views),
        }
        actions[key]()

    def _open(self, view: JobView) -> None:
        """Enter: watch a finished video, read a waiting script, else look at the progress."""
        if view.state is JobState.SCRIPT_READY:
            self._open_script(view)
        elif view.video_path is not None:
            self._preview_dock.show()
            self.preview.player.toggle()
            self.preview.player.video.setFocus()

    def _approve(self, ids: list[str]) -> None:
        for job_id in ids:
            self._controller.approve_script(job_id)

    def _open_script(self, view: JobView) -> None:
        self._show_dialog("script", ScriptDialog(self._controller, view, self))

    def _open_history(self, view: JobView) -> None:
        self._show_dialog("history", HistoryDialog(self._controller, view, self))

    def _duplicate(self, views: list[JobView]) -> None:
        """Make variations: the same wishes, another seed."""
        specs: list[JobSpec] = [
            view.spec.model_copy(update={"seed": random.randrange(SEED_SPAN)}) for view in views
        ]
        self.jobs.submit(specs)

    def _open_folder(self, view: JobView) -> None:
        if view.video_path is None:
            return
        folder = view.video_path.parent
        # Programs that show folders are started, and not heard of again.
        if not folder.is_dir():
            self._on_notice(Message(MessageId.OUTPUT_VANISHED, {"path": str(folder)}))
        elif not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self._on_notice(Message(MessageId.FOLDER_NOT_SHOWN, {"path": str(folder)}))

    def _copy_paths(self, views: list[JobView]) -> None:
        paths = [str(view.video_path) for view in views if view.video_path is not None]
        QGuiApplication.clipboard().setText("\n".join(paths))

    def _remove(self, views: list[JobView]) -> None:
        ids = [view.id for view in views]
        self.preview.forget(ids)
        self._controller.remove(ids)
        if len(views) == 1:
            text = self.tr("“{0}” was removed from the list.").format(views[0].title)
        else:
            text = self.tr("{0} videos were removed from the list.").format(len(views))
        if any(view.video_path is not None for view in views):
            text = f"{text} {self.tr('The video files stay.')}"
        self.jobs.undo_bar.offer(text)

    def _on_preview_action(self, key: str, view: JobView) -> None:
        self.do_action(key, [view])

    def _on_current_changed(self, view: JobView | None) -> None:
        self.preview.show_job(view)
        if view is not None and view.video_path is not None and not view.scene_starts_s:
            self._ask_details(view.id)

    def _on_rows_shown(self, views: list[JobView]) -> None:
        for view in views[:DETAILS_BATCH]:
            if view.video_path is not None and view.thumbnail_path is None:
                self._ask_details(view.id)

    def _ask_details(self, job_id: str) -> None:
        if job_id not in self._asked_details:
            self._asked_details.add(job_id)
            self._controller.request_details(job_id)

    def _on_jobs_loaded(self, views: list[JobView]) -> None:
        self.activity.load(views)
        self._controller.load_voices()

    def _on_jobs_added(self, views: list[JobView]) -> None:
        for view in views:
            self.activity.follow(view)

    def _on_job_changed(self, view: JobView) -> None:
        self.activity.follow(view)

    def _on_jobs_removed(self, job_ids: list[str]) -> None:
        self.preview.forget(job_ids)
        self.activity.forget(job_ids)

    def _on_notice(self, message: Message) -> None:
        self.activity.say(message)

    def _on_service_action_failed(self, _name: str, message: Message) -> None:
        self.activity.say(message)

    def _on_store_failed(self, message: Message) -> None:
        self.jobs.show_failure(message)
        self.activity.say(message)

    def _on_queue_changed(self, status: QueueStatus) -> None:
        self._status = status
        self._queue_line.setText(queue_text(status))
        self.toolbar.set_paused(paused=status.paused)

    def _on_queue_toggled(self) -> None:
        if self._status.paused:
            self._controller.start_queue()
        else:
            self._controller.pause_queue()

    def _use_appearance(self, settings: Settings) -> None:
        self._theme.set_appearance(Appearance(settings.general.theme.value))

    def _show_dialog(self, name: str, dialog: Any) -> None:
        """Open a dialog beside the window's life; one of a kind at a time."""
        before = self._dialogs.pop(name, None)
        if before is not None:
            before.close()
        self._dialogs[name] = dialog
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.destroyed.connect(lambda: self._dialogs.pop(name, None))
        dialog.open()

    def _layout_file(self) -> QSettings:
        path = self._controller.paths.config / LAYOUT_FILE
        return QSettings(str(path), QSettings.Format.IniFormat)

    def _restore_layout(self) -> None:
        resize_on_screen(self, DEFAULT_SIZE)
        kept = self._layout_file()
        geometry, state = kept.value("geometry"), kept.value("state")
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)
        self._has_layout = isinstance(state, QByteArray) and self.restoreState(
            state, LAYOUT_VERSION
        )

    def _save_layout(self) -> None:
        kept = self._layout_file()
        kept.setValue("geometry", self.saveGeometry())
        kept.setValue("state", self.saveState(LAYOUT_VERSION))
        kept.sync()

    def _reset_layout(self) -> None:
        for dock in self._docks:
            dock.setFloating(False)
            dock.show()
        self._place_docks()
        self._reset_sizes()

    def _reset_sizes(self) -> None:
        # On a small window all three give way alike, on a large one the preview grows.
        width = self.width() - 4 * GRID_PX
        sides = [min(JOBS_PX, width * 5 // 16), min(MACHINE_PX, width * 9 // 40)]
        self.resizeDocks(
            [self._jobs_dock, self._preview_dock, self._machine_dock],
            [sides[0], width - sum(sides), sides[1]],
            Qt.Orientation.Horizontal,
        )
        below = min(ACTIVITY_PX, self.height() * 3 // 16)
        self.resizeDocks(
            [self._jobs_dock, self._activity_dock],
            [self.height() - below, below],
            Qt.Orientation.Vertical,
        )
