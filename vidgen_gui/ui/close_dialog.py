"""The question before closing while videos are being made."""

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from vidgen_gui.controller.job_view import QueueStatus


def _tr(text: str) -> str:
    return QCoreApplication.translate("close", text)


def ask_to_close(parent: QWidget, status: QueueStatus) -> bool:
    """Whether to close though videos are being made; they go on with the next start."""
    box = QMessageBox(parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setWindowTitle(_tr("Close VidGen?"))
    box.setText(_tr("Videos are being made: {n}.").format(n=status.running))
    box.setInformativeText(_tr("If you close now, they go on when you open VidGen again."))
    stay = box.addButton(_tr("Keep working"), QMessageBox.ButtonRole.RejectRole)
    leave = box.addButton(_tr("Close now"), QMessageBox.ButtonRole.AcceptRole)
    box.setDefaultButton(stay)
    box.setEscapeButton(stay)
    box.exec()
    return box.clickedButton() is leave
