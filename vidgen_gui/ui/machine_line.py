"""The status bar's line about the machine: memory, and how warm the cards are."""

from typing import Any

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QLabel

from vidgen_gui.controller.gpu_controller import GpuView
from vidgen_gui.ui import vram_texts
from vidgen_gui.ui.theme import GRID_PX, set_role

MOST_CARDS = 4


def _tr(text: str) -> str:
    return QCoreApplication.translate("machine", text)


def machine_text(view: GpuView) -> str:
    """Such as "RAM 5.1 of 16 GB · GPU 54 °C"; what is not known is left out."""
    parts = []
    if view.ram is not None:
        used = vram_texts.used_of(view.ram.used_mib, view.ram.total_mib)
        parts.append(_tr("RAM {used}").format(used=used))
    warmths = [card.temperature_c for card in view.cards if card.temperature_c is not None]
    if warmths:
        shown = ", ".join(vram_texts.degrees(celsius) for celsius in warmths[:MOST_CARDS])
        parts.append(_tr("GPU {degrees}").format(degrees=shown))
    if view.is_simulated and view.cards:
        parts.append(_tr("simulated card"))
    return " · ".join(parts)


class MachineLine(QLabel):
    """Follows ``gpu`` second by second."""

    def __init__(self, gpu: Any) -> None:
        super().__init__(machine_text(gpu.view))
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setContentsMargins(0, 0, GRID_PX, 0)
        set_role(self, "small")
        gpu.gpu_changed.connect(self._show)

    def _show(self, view: GpuView) -> None:
        text = machine_text(view)
        if text != self.text():
            self.setText(text)
