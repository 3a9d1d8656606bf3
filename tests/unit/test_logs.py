"""The log: one rotating file, closed again, with secrets left out."""

import logging
import sys
import threading
from pathlib import Path

import pytest

from vidgen_gui.core.errors import StorageError
from vidgen_gui.system.logs import logging_uncaught, set_up_logging, shut_down_logging


@pytest.mark.req("BUG-29", "AUD-19", "N6")
def test_setting_up_twice_leaves_one_handler_and_shutting_down_none(tmp_path: Path) -> None:
    logger = logging.getLogger("vidgen_gui")
    before = list(logger.handlers)
    for _ in range(3):
        set_up_logging(tmp_path / "a.log")
    assert len(logger.handlers) == len(before) + 1
    logger.info("hello")
    shut_down_logging()
    assert logger.handlers == before
    assert "hello" in (tmp_path / "a.log").read_text()


def test_secrets_do_not_reach_the_file(tmp_path: Path) -> None:
    set_up_logging(tmp_path / "a.log")
    logger = logging.getLogger("vidgen_gui.test")
    logger.info("api_key=sk-123456 Authorization: Bearer abc.def http://me:pw@host/x")
    shut_down_logging()
    text = (tmp_path / "a.log").read_text()
    assert "sk-123456" not in text
    assert "abc.def" not in text
    assert "me:pw" not in text
    assert "host/x" in text


@pytest.mark.req("BUG-34")
def test_an_unwritable_log_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError):
        set_up_logging(tmp_path / "file" / "a.log")


@pytest.mark.expected_log
def test_what_nobody_caught_is_logged_once_and_told_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[object] = []
    monkeypatch.setattr(sys, "excepthook", lambda _kind, error, _trace: told.append(error))
    monkeypatch.setattr(threading, "excepthook", lambda given: told.append(given.exc_value))
    before = sys.excepthook, threading.excepthook
    error = ZeroDivisionError("in a slot")

    def work() -> None:
        raise KeyError("in a thread")

    with logging_uncaught():
        sys.excepthook(ZeroDivisionError, error, None)
        sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert (sys.excepthook, threading.excepthook) == before
    assert [type(one) for one in told] == [ZeroDivisionError, KeyboardInterrupt, KeyError]
    logged = [record.exc_info[0] for record in caplog.records if record.exc_info]
    assert logged == [ZeroDivisionError, KeyError]
