"""Whose turn it is: what has to wait waits, and what may go on goes on."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from threading import Event

import pytest

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled
from vidgen_gui.pipeline import card_turns
from vidgen_gui.pipeline.card_turns import CardTurns

SOON_S = 60.0
A_WHILE_S = 0.6
NEVER = CancelToken()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as made:
        yield made


class Inside:
    """A thread that enters a turn, says so, and stays until it is told to leave."""

    def __init__(
        self, pool: ThreadPoolExecutor, turn: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self.entered, self._leave = Event(), Event()
        self._ended: Future[None] = pool.submit(self._stay, turn)

    def _stay(self, turn: Callable[[], AbstractContextManager[None]]) -> None:
        with turn():
            self.entered.set()
            assert self._leave.wait(SOON_S)

    @property
    def waits(self) -> bool:
        return not self.entered.wait(A_WHILE_S)

    def leave(self) -> None:
        self._leave.set()
        self._ended.result(SOON_S)


def test_the_writer_is_not_paused_while_it_writes(pool: ThreadPoolExecutor) -> None:
    turns = CardTurns()
    writing = Inside(pool, lambda: turns.writing(NEVER))
    assert writing.entered.wait(SOON_S)
    pausing = Inside(pool, lambda: turns.pausing(NEVER))
    assert pausing.waits
    # No further script begins before the pause, else there might never be one.
    second = Inside(pool, lambda: turns.writing(NEVER))
    assert second.waits
    # The one that writes may have to start its server first.
    with turns.starting(NEVER):
        pass
    writing.leave()
    assert pausing.entered.wait(SOON_S)
    assert second.waits
    pausing.leave()
    assert second.entered.wait(SOON_S)
    second.leave()


def test_the_writer_does_not_start_beside_a_picture(pool: ThreadPoolExecutor) -> None:
    turns = CardTurns()
    drawing = Inside(pool, turns.drawing)
    assert drawing.entered.wait(SOON_S)
    starting = Inside(pool, lambda: turns.starting(NEVER))
    assert starting.waits
    drawing.leave()
    assert starting.entered.wait(SOON_S)
    with pytest.raises(TimeoutError):
        pool.submit(turns.wait_for_start, NEVER).result(A_WHILE_S)
    starting.leave()


def test_room_that_was_made_is_kept_for_the_picture_for_a_while(
    pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(card_turns, "PROMISE_S", 2.0)
    turns = CardTurns()
    turns.promise()
    starting = Inside(pool, lambda: turns.starting(NEVER))
    assert starting.waits
    # It never came to a picture: nobody waits for it for ever.
    assert starting.entered.wait(SOON_S)
    starting.leave()
    monkeypatch.setattr(card_turns, "PROMISE_S", 600.0)
    turns.promise()
    second = Inside(pool, lambda: turns.starting(NEVER))
    assert second.waits
    turns.withdraw()
    assert second.entered.wait(SOON_S)
    second.leave()


def test_who_is_stopped_waits_no_longer(pool: ThreadPoolExecutor) -> None:
    turns, cancel = CardTurns(), CancelToken()
    with turns.drawing(), turns.writing(NEVER):
        waiting = [
            pool.submit(turns.starting(cancel).__enter__),
            pool.submit(turns.pausing(cancel).__enter__),
        ]
        with pytest.raises(TimeoutError):
            waiting[0].result(A_WHILE_S)
        cancel.cancel()
        for one in waiting:
            with pytest.raises(Cancelled):
                one.result(SOON_S)
    # Whoever gave up holds nobody up.
    with turns.pausing(NEVER):
        pass
    with turns.starting(NEVER), turns.writing(NEVER):
        pass
