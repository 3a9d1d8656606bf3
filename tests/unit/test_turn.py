"""Turns: one at a time, and whoever waits can be called off."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled
from vidgen_gui.core.turn import Turn

WAIT_S = 20.0


def _pass(turn: Turn, *cancels: CancelToken, timeout_s: float | None = WAIT_S) -> bool:
    with turn.taken(*cancels, timeout_s=timeout_s):
        return True


def test_one_at_a_time_and_everybody_in_the_end() -> None:
    turn, inside, most = Turn(), [], []

    def work(number: int) -> None:
        with turn.taken(timeout_s=WAIT_S):
            inside.append(number)
            most.append(len(inside))
            threading.Event().wait(0.001)
            inside.remove(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(40)))
    assert most == [1] * 40


@pytest.mark.parametrize("which", [0, 1])
def test_who_waits_hears_each_of_its_tokens_at_once(which: int) -> None:
    turn, tokens = Turn(), (CancelToken(), CancelToken())
    with ThreadPoolExecutor(1) as pool:
        with turn.taken():
            waiting: Future[bool] = pool.submit(_pass, turn, *tokens, timeout_s=None)
            tokens[which].cancel()
            with pytest.raises(Cancelled):
                waiting.result(WAIT_S)
        # Nothing is left of who gave up.
        assert _pass(turn, timeout_s=0)


def test_a_token_that_was_set_takes_no_free_turn() -> None:
    turn, token = Turn(), CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        _pass(turn, token)
    assert _pass(turn, timeout_s=0)


def test_who_looks_only_for_a_moment_goes_on_without() -> None:
    turn = Turn()
    with turn.taken(), pytest.raises(TimeoutError):
        _pass(turn, timeout_s=0)


def test_a_failure_inside_ends_the_turn() -> None:
    turn = Turn()
    with pytest.raises(ZeroDivisionError), turn.taken():
        _ = 1 / 0
    assert _pass(turn, timeout_s=0)


def test_a_cancel_inside_is_no_business_of_the_turn() -> None:
    turn, token = Turn(), CancelToken()
    with turn.taken(token):
        token.cancel()
        with pytest.raises(TimeoutError):
            _pass(turn, timeout_s=0)
    assert _pass(turn, timeout_s=0)
