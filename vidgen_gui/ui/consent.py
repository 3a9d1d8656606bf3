"""Questions before something is lost: a program that is not ours, changes that are not saved."""

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QDialog, QMessageBox, QWidget

from vidgen_gui.core.service import ServiceView
from vidgen_gui.ui import service_labels


def _tr(text: str) -> str:
    return QCoreApplication.translate("consent", text)


def leave_question(dialog: QDialog) -> QMessageBox:
    """A box to be opened before unsaved changes are lost; throwing them away ends ``dialog``."""
    box = QMessageBox(dialog)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setWindowTitle(_tr("Keep what you changed?"))
    box.setText(_tr("You changed something here and did not save it."))
    stay = box.addButton(_tr("Go back"), QMessageBox.ButtonRole.RejectRole)
    leave = box.addButton(_tr("Throw away"), QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(stay)
    box.setEscapeButton(stay)
    leave.clicked.connect(lambda: dialog.done(QDialog.DialogCode.Rejected))
    return box


def stop_question(parent: QWidget, view: ServiceView, *, restarts: bool = False) -> QMessageBox:
    """A box to be opened; ``accepted`` when the person allows it."""
    program = service_labels.kind_name(view.kind) or service_labels.service_name(view.name)
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setIcon(QMessageBox.Icon.NoIcon)
    title = _tr("Restart {0}?") if restarts else _tr("Stop {0}?")
    box.setWindowTitle(title.format(program))
    if view.pid is None:
        what = _tr("{0} was already running; VidGen did not start it.").format(program)
    else:
        what = _tr("{0} (process {1}) was already running; VidGen did not start it.")
        what = what.format(program, view.pid)
    box.setText(what)
    box.setInformativeText(
        _tr(
            "Somebody else may be using it. VidGen remembers how it was started, so that it can "
            "be started the same way again."
        )
    )
    leave = box.addButton(_tr("Leave it running"), QMessageBox.ButtonRole.RejectRole)
    end = _tr("Restart it") if restarts else _tr("Stop it")
    box.addButton(end, QMessageBox.ButtonRole.AcceptRole)
    box.setDefaultButton(leave)
    box.setEscapeButton(leave)
    return box
