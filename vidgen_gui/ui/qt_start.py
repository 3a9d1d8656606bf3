"""What Qt says while it starts: nothing of what concerns nobody, one sentence when it cannot."""

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping

from PySide6.QtCore import (
    QLoggingCategory,
    QMessageLogContext,
    QtMsgType,
    qInstallMessageHandler,
)

from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.system.libraries import missing_packages
from vidgen_gui.ui.words import sentence

EXIT_NO_WINDOW = 1


def silence_asides() -> None:
    """Without a library for screen recording, which VidGen doesn't do, Qt needs no word."""
    QLoggingCategory.setFilterRules("qt.multimedia.symbolsresolver=false")


@contextlib.contextmanager
def explained_failure() -> Iterator[None]:
    """Inside, a Qt that finds no display ends the process with one sentence.

    Qt itself would print pages and abort, which leaves a core dump.
    """
    said: list[str] = []

    def on_message(kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
        if kind is QtMsgType.QtFatalMsg:
            _print(sentence(_cause(os.environ)))
            os._exit(EXIT_NO_WINDOW)
        said.append(text)

    before = qInstallMessageHandler(on_message)
    try:
        yield
    finally:
        qInstallMessageHandler(before)
        for text in said:
            _print(text)


def _cause(environ: Mapping[str, str]) -> Message:
    shown_somewhere = environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")
    packages = missing_packages() if shown_somewhere and sys.platform == "linux" else []
    if packages:
        return Message(MessageId.WINDOW_LACKS_LIBRARIES, {"packages": " ".join(packages)})
    return Message(MessageId.NO_DISPLAY)


def _print(text: str) -> None:
    # A program without a terminal may have no standard error.
    if sys.stderr is not None:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
