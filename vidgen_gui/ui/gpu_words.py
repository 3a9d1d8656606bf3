"""The sentences about measuring the graphics card."""

from collections.abc import Mapping
from types import MappingProxyType

from vidgen_gui.core.messages import MessageId
from vidgen_gui.ui.marks import QT_TRANSLATE_NOOP

GPU_WORDS: Mapping[MessageId, tuple[str, str]] = MappingProxyType(
    {
        MessageId.MODEL_FILE_FOREIGN: (
            QT_TRANSLATE_NOOP(
                "words", "The model file {path} is of a kind of GGUF that VidGen cannot read."
            ),
            QT_TRANSLATE_NOOP("words", "Choose another file of the model, or update VidGen."),
        ),
        MessageId.GPU_LIBRARY_ABSENT: (
            QT_TRANSLATE_NOOP("words", "There is no NVIDIA driver on this computer."),
            QT_TRANSLATE_NOOP("words", "If it has an NVIDIA card, install the card’s driver."),
        ),
        MessageId.GPU_DRIVER_ABSENT: (
            QT_TRANSLATE_NOOP(
                "words", "NVIDIA’s driver is installed, and it does not answer: {words}"
            ),
            QT_TRANSLATE_NOOP("words", "Restart the computer, or install the driver again."),
        ),
        MessageId.GPU_DRIVER_LOST: (
            QT_TRANSLATE_NOOP("words", "The graphics driver stopped answering: {words}"),
            QT_TRANSLATE_NOOP(
                "words", "VidGen asks it again by itself; restart the computer if this stays."
            ),
        ),
        MessageId.GPU_TOOL_ABSENT: (
            QT_TRANSLATE_NOOP("words", "NVIDIA’s program nvidia-smi was not found."),
            QT_TRANSLATE_NOOP("words", "It comes with the driver of an NVIDIA card."),
        ),
        MessageId.GPU_TOOL_FAILED: (
            QT_TRANSLATE_NOOP("words", "NVIDIA’s program nvidia-smi failed: {words}"),
            QT_TRANSLATE_NOOP("words", "Restart the computer, or install the driver again."),
        ),
        MessageId.GPU_NO_CARD: (
            QT_TRANSLATE_NOOP("words", "No graphics card was found."),
            QT_TRANSLATE_NOOP("words", "Pictures are made without one."),
        ),
        MessageId.GPU_FIGURES_REFUSED: (
            QT_TRANSLATE_NOOP(
                "words", "The memory figures given for {name} cannot be true; they are not used."
            ),
            QT_TRANSLATE_NOOP("words", "Restart the computer, or install the driver again."),
        ),
        MessageId.GPU_SERVER_UNKNOWING: (
            QT_TRANSLATE_NOOP("words", "The image server does not say how much memory is free."),
            QT_TRANSLATE_NOOP("words", "Start it, or install the driver of the graphics card."),
        ),
        MessageId.GPU_SIMULATION_INVALID: (
            QT_TRANSLATE_NOOP(
                "words", "VIDGEN_FAKE_GPU cannot be “{given}”: it names no card to simulate."
            ),
            QT_TRANSLATE_NOOP(
                "words", "Give it as name:MiB or name:MiB:free MiB, or remove the variable."
            ),
        ),
    }
)
