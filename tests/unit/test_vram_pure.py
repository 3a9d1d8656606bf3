"""Every card of the matrix against the hidden need, by the pure parts alone."""

import pytest
from vram_kit import ERROR_FACTOR, Verdict, all_cells
from vram_pure import play

from vidgen_gui.core.quality import Quality


@pytest.fixture(scope="module")
def verdict() -> Verdict:
    return Verdict(play(all_cells(), ERROR_FACTOR))


@pytest.mark.slow
@pytest.mark.req("G2", "LBL-6", "AUD-8", "P2")
def test_plans_are_near_the_best_and_learn(verdict: Verdict) -> None:
    assert not verdict.problems(), verdict.problems()
    assert len(verdict.results) == 10 * 5 * 2 * 4


@pytest.mark.parametrize("factor", [(0.5, 2.2), (1.6, 1.6), (0.75, 0.75)])
def test_an_error_that_nobody_reckoned_with_is_learned_too(factor: tuple[float, float]) -> None:
    verdict = Verdict(play((c for c in all_cells() if c.quality is Quality.ULTRA), factor))
    assert verdict.near_best >= 0.9
    assert verdict.learned >= 0.9
    assert not verdict.needlessly_painted


@pytest.mark.parametrize("world", ["a", "b", "c"])
def test_other_hidden_factors_change_nothing(world: str) -> None:
    ultra = (cell for cell in all_cells() if cell.quality is Quality.ULTRA)
    verdict = Verdict(play(ultra, ERROR_FACTOR, world=world))
    assert not verdict.problems(), verdict.problems()
