"""What a program prints, cleaned and bounded. Reads nothing by itself: lines are handed in."""

import re
import threading
from collections import deque
from collections.abc import Sequence
from itertools import islice

from vidgen_gui.core.text import clean_text
from vidgen_gui.services.managed.redaction import hide

MAX_LINES = 2000
MAX_LINE_CHARS = 500
_MAX_RAW_CHARS = 3 * MAX_LINE_CHARS
"""Cleaning is not paid for what is cut off anyway."""

# ECMA-48: CSI sequences (colours, cursor), OSC strings (titles, links), two-character escapes.
_ANSI = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]"
    r"|\x9b[0-?]*[ -/]*[@-~]"
)


def clean_line(line: str, secrets: Sequence[str] = ()) -> str:
    """One line as it may be shown: no colours or controls, no secrets, at most 500 characters."""
    plain = _ANSI.sub("", hide(line, secrets)[:_MAX_RAW_CHARS])
    plain = clean_text(plain, keep_lines=False)
    if len(plain) > MAX_LINE_CHARS:
        plain = plain[: MAX_LINE_CHARS - 1].rstrip() + "…"
    return plain


class LogRing:
    """The last lines of a program, both streams in the order they came. Safe from any thread."""

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        self._secrets = tuple(secrets)
        self._lock = threading.Lock()
        self._lines: deque[str] = deque(maxlen=MAX_LINES)
        self._added = 0

    def add(self, line: str) -> str:
        """Keep a line, and return it as it was kept; a blank one is dropped."""
        cleaned = clean_line(line, self._secrets)
        if cleaned:
            with self._lock:
                self._lines.append(cleaned)
                self._added += 1
        return cleaned

    @property
    def position(self) -> int:
        """How many lines were ever kept: a mark for `since`."""
        with self._lock:
            return self._added

    def tail(self, count: int = MAX_LINES) -> tuple[str, ...]:
        """At most the last ``count`` lines, oldest first."""
        with self._lock:
            return tuple(islice(self._lines, max(0, len(self._lines) - max(0, count)), None))

    def since(self, position: int) -> tuple[str, ...]:
        """What came after ``position``, as far as it is still kept."""
        with self._lock:
            wanted = self._added - position
            return tuple(islice(self._lines, max(0, len(self._lines) - wanted), None))
