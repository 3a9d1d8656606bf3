"""What is said when nothing can start: no window, no process more, no sense in a command."""

from collections.abc import Mapping
from types import MappingProxyType

from vidgen_gui.core.messages import MessageId
from vidgen_gui.ui.marks import QT_TRANSLATE_NOOP

START_WORDS: Mapping[MessageId, tuple[str, str]] = MappingProxyType(
    {
        MessageId.NO_DISPLAY: (
            QT_TRANSLATE_NOOP("words", "There is no display here that a window could open on."),
            QT_TRANSLATE_NOOP(
                "words",
                "Start VidGen from a desktop, or make videos without a window, with "
                "vidgen-gui make --topic TOPIC.",
            ),
        ),
        MessageId.NO_HOME: (
            QT_TRANSLATE_NOOP(
                "words", "This user has no home folder that VidGen could keep files in."
            ),
            QT_TRANSLATE_NOOP("words", "Set HOME, or VIDGEN_HOME, to a folder of your own."),
        ),
        MessageId.WINDOW_SILENT: (
            QT_TRANSLATE_NOOP("words", "VidGen is open already, but it does not answer."),
            QT_TRANSLATE_NOOP(
                "words", "Give it a moment. If it stays like that, end it, then start it again."
            ),
        ),
        MessageId.WINDOW_LACKS_LIBRARIES: (
            QT_TRANSLATE_NOOP("words", "The window needs libraries that this system lacks."),
            QT_TRANSLATE_NOOP("words", "On Debian and Ubuntu: sudo apt-get install {packages}"),
        ),
        MessageId.SYSTEM_LIMIT: (
            QT_TRANSLATE_NOOP(
                "words",
                "This system gives VidGen no more processes, open files or memory: {words}",
            ),
            QT_TRANSLATE_NOOP(
                "words",
                "Close other programs, then try again. In a container, or where limits are set "
                "(ulimit -a), allow more.",
            ),
        ),
        MessageId.COMMAND_INVALID: (
            QT_TRANSLATE_NOOP("words", "This command cannot be carried out: {words}"),
            QT_TRANSLATE_NOOP("words", "See {program} --help."),
        ),
        MessageId.COUNT_INVALID: (
            QT_TRANSLATE_NOOP("words", "A number of {given} videos cannot be made at once."),
            QT_TRANSLATE_NOOP("words", "Ask for 1 to {most}."),
        ),
        MessageId.CARD_INVALID: (
            QT_TRANSLATE_NOOP("words", "“{given}” is not the memory of a graphics card."),
            QT_TRANSLATE_NOOP(
                "words",
                "Give all of it and what is free in MiB, such as 12288:6144, or “none”.",
            ),
        ),
    }
)
