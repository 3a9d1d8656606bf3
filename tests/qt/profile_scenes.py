"""The settings' page of hardware profiles in states worth a picture: small, usual, large cards."""

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QWidget

from vidgen_gui.core.hardware_profile import HardwareProfile

EVENINGS = HardwareProfile(
    name="Evenings, desktop in use",
    reserve_mib=1536,
    rungs=("hires-full-tiled", "hires-tiles", "hires-fraction", "upscale", "plain"),
    workers=1,
)
CARDS = {
    "4gb": ("NVIDIA GeForce GTX 1650", 4_096, 3_600, 0),
    "12gb": ("NVIDIA RTX A2000 12GB", 12_288, 6_144, 5_530),
    "24gb": ("NVIDIA GeForce RTX 4090", 24_564, 23_000, 0),
}
"""Name, memory, what is free and what the script writer holds, in MiB."""


def take_profiles(window: Any, take: Callable[[str, QWidget], None]) -> None:
    """Open the page on each card; on the usual one with a profile of the person's."""
    controller = window.controller
    controller.profiles.profiles = (EVENINGS,)
    for size, card in CARDS.items():
        controller.profiles.with_card(*card)
        chosen = EVENINGS.name if size == "12gb" else ""
        controller.settings = controller.settings.with_values({"hardware.profile": chosen})
        window.open_settings()
        dialog = window._dialogs["settings"]
        dialog.open_profiles()
        take(f"profiles-{size}", dialog)
        if chosen:
            values = dialog.profiles.values
            values.scroll_to(values.rows["rungs"])
            take("profiles-order", dialog)
        dialog.close()
