"""The status bar's line about the queue."""

from PySide6.QtCore import QCoreApplication

from vidgen_gui.controller.job_view import QueueStatus
from vidgen_gui.ui import labels


def _tr(text: str, count: int = -1) -> str:
    return QCoreApplication.translate("queue", text, None, count)


def queue_text(status: QueueStatus) -> str:
    """The queue in one line, such as "1 being made · 3 waiting · about 4 min left"."""
    parts = []
    if status.running:
        parts.append(_tr("{n} being made").format(n=status.running))
    if status.waiting:
        parts.append(_tr("{n} waiting").format(n=status.waiting))
    if status.paused:
        parts.append(_tr("queue paused"))
    elif status.eta_s and (status.running or status.waiting):
        parts.append(_tr("about {time} left").format(time=labels.duration(status.eta_s)))
    return " · ".join(parts) or _tr("Nothing in the queue")
