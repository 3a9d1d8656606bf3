"""Logging: one rotating file, quiet terminal, secrets redacted."""

import contextlib
import logging
import logging.handlers
import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from vidgen_gui.system.files import storage_errors

_logger = logging.getLogger(__name__)

MAX_BYTES = 2 * 2**20
KEPT_FILES = 3
FORMAT = "%(asctime)s %(levelname)-7s %(threadName)s %(name)s: %(message)s"
_SECRET = re.compile(
    r"(?i)\b((?:api[_-]?key|token|password|secret|authorization)\b\s*[:=]\s*(?:bearer\s+)?)[^\s,;\"']+"
)
_URL_CREDENTIALS = re.compile(r"(://)[^/\s:@]+:[^/\s@]+@")


class RedactingFormatter(logging.Formatter):
    """Formats as usual, then hides what looks like a secret, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        text = _SECRET.sub(r"\1…", super().format(record))
        return _URL_CREDENTIALS.sub(r"\1…@", text)


def set_log_level(level: str) -> None:
    """``debug``, ``info``, ``warning`` or ``error``."""
    logging.getLogger("vidgen_gui").setLevel(level.upper())


def set_up_logging(log_file: Path) -> None:
    """Log to ``log_file``. Calling it again replaces what was set up.

    Raises:
        StorageError: the log file cannot be written.
    """
    shut_down_logging()
    logger = logging.getLogger("vidgen_gui")
    logger.setLevel(logging.INFO)
    with storage_errors(log_file):
        log_file.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(
            log_file, maxBytes=MAX_BYTES, backupCount=KEPT_FILES, encoding="utf-8"
        )
    handler.setFormatter(RedactingFormatter(FORMAT))
    logger.addHandler(handler)
    logging.raiseExceptions = False


def shut_down_logging() -> None:
    """Flush and close what `set_up_logging` opened."""
    logger = logging.getLogger("vidgen_gui")
    for handler in list(logger.handlers):
        if not isinstance(handler, logging.FileHandler):
            continue
        logger.removeHandler(handler)
        # On a full disk the last lines are lost; that is no reason to end badly.
        with contextlib.suppress(OSError):
            handler.close()


@contextlib.contextmanager
def logging_uncaught() -> Iterator[None]:
    """While inside, what nobody catches is in the log: in a slot, a thread, the main program.

    Whoever was told before is told all the same: a terminal shows it, too.
    """
    before, before_in_threads = sys.excepthook, threading.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        _log_uncaught(kind, error, trace)
        before(kind, error, trace)

    def hook_in_threads(given: threading.ExceptHookArgs) -> None:
        if given.exc_value is not None:
            _log_uncaught(given.exc_type, given.exc_value, given.exc_traceback)
        before_in_threads(given)

    sys.excepthook, threading.excepthook = hook, hook_in_threads
    try:
        yield
    finally:
        sys.excepthook, threading.excepthook = before, before_in_threads


def _log_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, Exception):
        _logger.error("nobody caught this", exc_info=(kind, error, trace))
