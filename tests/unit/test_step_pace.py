"""When steps take many times as long as they should, by a clock of the test's own."""

import pytest

from vidgen_gui.pipeline import step_pace
from vidgen_gui.pipeline.step_pace import (
    LEAST_S,
    LOADING_S,
    RELOADING_S,
    STRANGER_S,
    TIMES_AS_LONG,
    Passes,
    StepPace,
)
from vidgen_gui.services.comfyui.messages import Executing, NodeProgress, NodeState
from vidgen_gui.services.comfyui.pace import keep_pace

FIRST, REFINE, DECODE = "5", "9", "10"
PASSES = Passes(FIRST, {FIRST: 1.0, REFINE: 8.0})


@pytest.fixture(autouse=True)
def _as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VIDGEN_PATIENCE", raising=False)


def drawn_first(pace: StepPace, step_s: float, steps: int = 20) -> float:
    """The first pass; the time at which it is done. Loading took a minute."""
    pace.begin(FIRST, 0.0)
    for step in range(1, steps + 1):
        pace.advance(FIRST, step, 60.0 + step * step_s)
    return 60.0 + steps * step_s


def test_the_second_pass_is_judged_by_the_first() -> None:
    pace = StepPace(PASSES)
    now = drawn_first(pace, 0.5)
    pace.begin(REFINE, now)
    # Attention costs at most with the square of the pixels: 0.5 · 64 = 32 s a step.
    limit_s = TIMES_AS_LONG * 32
    assert pace.overdue_s(now + limit_s + RELOADING_S - 1) is None
    assert pace.overdue_s(now + limit_s + RELOADING_S + 1) == limit_s + RELOADING_S + 1
    pace.advance(REFINE, 1, now + 30)
    pace.advance(REFINE, 2, now + 34)
    # From its second step on, the pass is judged by itself: 4 s a step.
    assert pace.overdue_s(now + 34 + TIMES_AS_LONG * 4 - 1) is None
    assert pace.overdue_s(now + 34 + TIMES_AS_LONG * 4 + 1) is not None


def test_an_earlier_picture_is_the_better_judge() -> None:
    pace = StepPace(PASSES, usual_step_s=3.0, usual_picture_s=60.0)
    now = drawn_first(pace, 0.5)
    pace.begin(REFINE, now)
    limit_s = TIMES_AS_LONG * 3 + RELOADING_S
    assert pace.overdue_s(now + limit_s - 1) is None
    assert pace.overdue_s(now + limit_s + 1) is not None


def test_quick_steps_may_stumble() -> None:
    pace = StepPace(PASSES, usual_step_s=0.01)
    now = drawn_first(pace, 0.01)
    assert pace.overdue_s(now + LEAST_S - 0.1) is None
    assert pace.overdue_s(now + LEAST_S + 0.1) is not None


def test_nothing_known_means_patience_with_loading_too() -> None:
    pace = StepPace(PASSES)
    assert pace.overdue_s(1e6) is None
    pace.begin(FIRST, 0.0)
    assert pace.overdue_s(STRANGER_S + LOADING_S - 1) is None
    assert pace.overdue_s(STRANGER_S + LOADING_S + 1) is not None
    pace.begin(DECODE, 0.0)
    assert pace.overdue_s(1e6) is None


def test_nodes_without_steps_are_judged_too() -> None:
    pace = StepPace(PASSES)
    now = drawn_first(pace, 0.5)
    pace.begin(DECODE, now)
    limit_s = TIMES_AS_LONG * step_pace.STEPS_OF_OTHER_NODES * 0.5 * 8 + RELOADING_S
    assert pace.overdue_s(now + limit_s - 1) is None
    assert pace.overdue_s(now + limit_s + 1) is not None


def test_what_was_not_heard_is_not_judged() -> None:
    pace = StepPace(PASSES, usual_step_s=1.0)
    now = drawn_first(pace, 0.5)
    pace.begin(REFINE, now)
    pace.pause()
    assert pace.overdue_s(now + 1e6) is None
    pace.advance(REFINE, 9, now + 1000)
    assert pace.overdue_s(now + 1000 + LEAST_S) is None
    # Its steps so far took nobody knows how long.
    assert pace.step_s == 0.5


def test_the_costliest_pass_is_what_is_learned() -> None:
    pace = StepPace(PASSES)
    assert pace.step_s is None
    now = drawn_first(pace, 0.5)
    pace.advance(REFINE, 1, now + 20)
    pace.advance(REFINE, 3, now + 26)
    assert pace.step_s == 3.0


def test_only_our_own_prompts_steps_count() -> None:
    pace = StepPace(PASSES)
    ours, theirs = "our prompt", "theirs"
    keep_pace(pace, Executing(theirs, FIRST), ours, 0.0)
    keep_pace(pace, NodeProgress(theirs, (NodeState(FIRST, 3, 20),)), ours, 1.0)
    assert pace.overdue_s(1e6) is None
    keep_pace(pace, Executing(ours, FIRST), ours, 0.0)
    keep_pace(pace, NodeProgress(ours, (NodeState(FIRST, 1, 20),)), ours, 1.0)
    # Older servers name neither prompt nor node.
    keep_pace(pace, NodeProgress(None, (NodeState("", 2, 20),)), ours, 3.0)
    keep_pace(pace, Executing(ours, None), ours, 4.0)
    assert pace.step_s == 2.0
