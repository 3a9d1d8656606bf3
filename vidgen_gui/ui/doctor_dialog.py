"""The set-up check as a list: a state in word and colour, a sentence, and where it is mended."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QProgressBar, QScrollArea, QVBoxLayout, QWidget

from vidgen_gui.controller.job_view import Check, CheckState
from vidgen_gui.core.service import ServiceName
from vidgen_gui.ui import labels, words
from vidgen_gui.ui.fitting import resize_on_screen
from vidgen_gui.ui.parts import (
    Glyph,
    Item,
    column,
    panel,
    plain_widget,
    push_button,
    row,
    text_label,
)
from vidgen_gui.ui.theme import GRID_PX

_LOOKS = {
    CheckState.GOOD: ("circle-check", "done"),
    CheckState.WARNING: ("triangle-alert", "warn"),
    CheckState.BAD: ("circle-alert", "failed"),
}


SETTING_OF: Mapping[str, str] = MappingProxyType(
    {
        "ffmpeg": "advanced.ffmpeg_path",
        "output folder": "general.output_folder",
        "room": "general.output_folder",
    }
)
"""The setting by which a check's trouble can be mended."""
SERVICES = frozenset(name.value for name in ServiceName)


class DoctorDialog(QDialog):
    """Starts the check when it opens."""

    setting_requested = Signal(str)
    """The path of the setting that mends something."""
    service_requested = Signal(object)
    """The `ServiceName` whose details are wanted."""

    def __init__(self, controller: Any, parent: QWidget) -> None:
        super().__init__(parent)
        self._controller = controller
        self._report = ""
        self.setWindowTitle(self.tr("Doctor"))
        resize_on_screen(self, QSize(680, 600))
        self._summary = text_label(role="muted", wrap=True)
        self._busy = QProgressBar()
        self._busy.setRange(0, 0)
        self._busy.setTextVisible(False)
        self._busy.setAccessibleName(self.tr("Checking"))
        self._lines = QVBoxLayout()
        self._lines.setContentsMargins(0, 0, GRID_PX, 0)
        self._lines.setSpacing(GRID_PX)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(plain_widget(column(self._lines, -1)))
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._again = push_button(self.tr("Check again"), "rotate-ccw")
        self._copy = push_button(self.tr("Copy report"), "copy")
        close = push_button(self.tr("Close"))
        self._again.clicked.connect(self.check)
        self._copy.clicked.connect(self._on_copy_clicked)
        close.clicked.connect(self.accept)
        self.setLayout(
            column(
                text_label(self.tr("Is everything in place?"), "title"),
                self._summary,
                self._busy,
                scroll,
                row(self._again, self._copy, -1, close),
                margin=2 * GRID_PX,
            )
        )
        controller.doctor_finished.connect(self._on_finished)
        self.check()

    def check(self) -> None:
        """Look at everything again."""
        self._summary.setText(self.tr("Looking at this computer…"))
        self._busy.show()
        self._again.setEnabled(False)
        self._copy.setEnabled(False)
        self._controller.run_doctor()

    def _on_finished(self, lines: list[Check]) -> None:
        self._busy.hide()
        self._again.setEnabled(True)
        self._copy.setEnabled(True)
        self._clear()
        for line in lines:
            self._lines.addWidget(self._line_widget(line))
        open_ = sum(line.state is not CheckState.GOOD for line in lines)
        if open_:
            self._summary.setText(self.tr("Worth a look: {0} of {1}.").format(open_, len(lines)))
        else:
            self._summary.setText(self.tr("Everything VidGen needs is in place."))
        self._report = "\n".join(_report_line(line) for line in lines)

    def _clear(self) -> None:
        while (item := self._lines.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()

    def _line_widget(self, line: Check) -> QWidget:
        icon, tone = _LOOKS[line.state]
        texts: list[Item] = [
            row(
                text_label(labels.check_name(line.name), "heading"),
                -1,
                text_label(labels.doctor_state_name(line.state), tone),
            ),
            text_label(words.reason(line.message), "muted", wrap=True),
        ]
        if line.state is not CheckState.GOOD:
            advice = words.advice(line.message)
            texts += [text_label(advice, wrap=True)] if advice else []
            texts += self._mending(line.name)
        glyph = Glyph(icon, tone, 20)
        layout = row(glyph, column(*texts, spacing=GRID_PX // 2), margin=GRID_PX * 3 // 2)
        layout.setAlignment(glyph, Qt.AlignmentFlag.AlignTop)
        layout.setStretch(1, 1)
        return panel(layout)

    def _mending(self, name: str) -> list[Item]:
        """The button that leads to where a check's trouble is mended, if there is such a place."""
        if name in SETTING_OF:
            button = push_button(self.tr("Open the setting"), "settings", "compact")
        elif name in SERVICES:
            button = push_button(self.tr("Set up…"), "settings", "compact")
        else:
            return []
        button.setObjectName(name)
        title = labels.check_name(name)
        button.setAccessibleName(self.tr("{0}: {1}").format(title, button.text().strip()))
        button.clicked.connect(self._on_mend_clicked)
        return [row(button, -1, margin=(0, GRID_PX // 2, 0, 0))]

    def _on_mend_clicked(self) -> None:
        name = self.sender().objectName()
        self.accept()
        if name in SETTING_OF:
            self.setting_requested.emit(SETTING_OF[name])
        else:
            self.service_requested.emit(ServiceName(name))

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._report)


def _report_line(line: Check) -> str:
    return f"[{line.state.value}] {labels.check_name(line.name)}: {words.reason(line.message)}"
