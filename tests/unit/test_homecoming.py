"""Bringing the script writer back: what goes wrong there is told, and holds nobody up."""

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.messages import Message
from vidgen_gui.pipeline.homecoming import Homecoming
from vidgen_gui.pipeline.paused_services import PausedProgram


class BrokenWriter:
    """Fails in a way that nobody expects."""

    def __init__(self) -> None:
        self.core = SimpleNamespace(paused=PausedProgram(), note_work_over=lambda: None)

    def come_back(self, _: CancelToken) -> None:
        raise KeyError("bug")


@pytest.mark.expected_log
def test_a_bug_in_coming_back_is_logged_and_not_laid_at_the_next_pictures_door(
    caplog: pytest.LogCaptureFixture,
) -> None:
    writer: Any = BrokenWriter()
    told: list[Message] = []
    home = Homecoming(writer, told.append)
    home.bring_back()
    home.interrupt()
    begun, goes_on = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        goes_on.wait(60)
        raise IndexError("bug")

    home.run(work)
    assert begun.wait(60)
    home.bring_back()
    closing = threading.Thread(target=home.close)
    closing.start()
    goes_on.set()
    closing.join()
    # What was never begun is no failure of whoever waits for it.
    home.interrupt()
    logged = [record.exc_info[0] for record in caplog.records if record.exc_info]
    assert KeyError in logged
    assert IndexError in logged
    assert told == []
