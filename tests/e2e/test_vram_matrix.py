"""A sample of the matrix of cards (`bench vram` plays it whole), and an Ultra video on 4 GB."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.card import PlayedCard
from fakes.comfyui import FakeComfyUI
from session_kit import a_job, open_app, rung_in, settings_with
from vram_kit import ERROR_FACTOR, JOBS, UPSCALERS, Verdict, Writer, sampled_cells
from vram_play import MAKER, Playground

from vidgen_gui.core.job import StageName
from vidgen_gui.core.minima import FileKind
from vidgen_gui.core.plan import PAINTER
from vidgen_gui.core.quality import Quality
from vidgen_gui.media.probe import probe

PASTED = "The sea is calm at dawn.\n\nStand still and listen.\n"


@pytest.fixture(scope="module")
def verdict() -> Iterator[Verdict]:
    with Playground(whole=True) as ground:
        yield Verdict([ground.play(cell) for cell in sampled_cells()])


def test_the_sample_has_everything_at_least_twice() -> None:
    cells = sampled_cells()
    for part in ("card", "quality", "family", "writer"):
        seen = [getattr(cell, part) for cell in cells]
        assert min(seen.count(value) for value in seen) >= 2
    assert {cell.writer for cell in cells} == set(Writer)
    assert {cell.quality for cell in cells} == set(Quality)


@pytest.mark.slow
@pytest.mark.req("WISH", "ERR-11", "B1", "F1")
def test_every_job_has_its_full_size_on_every_card(verdict: Verdict) -> None:
    small = [job for job in verdict.jobs if not job.is_full_size]
    assert not small
    assert len(verdict.jobs) == len(verdict.results) * (JOBS + 1)


@pytest.mark.slow
@pytest.mark.req("LBL-1", "LBL-2", "G2", "BUG-10")
def test_the_way_chosen_is_near_the_best_that_the_card_admits(verdict: Verdict) -> None:
    far = [(str(one.cell), one.best, [job.rung for job in one.every_job])
           for one in verdict.results if not one.is_near_best]  # fmt: skip
    assert verdict.near_best >= 0.9, far
    assert not [str(one.cell) for one in verdict.needlessly_painted]


@pytest.mark.slow
@pytest.mark.req("R7", "P2", "B3")
def test_after_a_few_jobs_the_first_try_goes_well(verdict: Verdict) -> None:
    late = [str(one.cell) for one in verdict.results if not one.probe.began_well]
    assert verdict.learned >= 0.9, late
    # The tries that ran out of memory are what was learned from.
    first, *_, last = verdict.began_well
    assert last >= first


@pytest.mark.slow
@pytest.mark.req("BUG-42", "AUD-40")
def test_a_model_of_ours_is_paused_once_if_at_all_and_a_strangers_never(verdict: Verdict) -> None:
    pauses = {one.cell: sum(job.pauses for job in one.every_job) for one in verdict.results}
    assert any(pauses.values())
    assert all(one.writer_came_back for one in verdict.results if one.writer_came_back is not None)
    for cell, count in pauses.items():
        assert count <= (1 if cell.writer is Writer.MANAGED else 0), cell


@pytest.mark.slow
@pytest.mark.req("WISH", "ERR-11", "F1")
def test_an_ultra_video_on_four_gigabytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDGEN_FAKE_GPU", "Small card:4096:3900")
    cards: list[PlayedCard] = []
    with FakeComfyUI(
        budget_mib=lambda: cards[0].room_for(MAKER)() if cards else 3_900.0,
        error_factor=ERROR_FACTOR,
        upscale_models=UPSCALERS,
    ) as server:
        settings = settings_with(image_maker={"url": server.url})
        with open_app(settings) as app:
            simulated = app.session.monitor.simulated
            assert simulated is not None
            cards.append(PlayedCard(simulated))
            spec = a_job(tmp_path, quality=Quality.ULTRA, script_text=PASTED)
            _, video = app.make(spec)
        (facts,) = probe(video, FileKind.VIDEO).videos
        assert (facts.width_px, facts.height_px) == (1440, 2560)
        assert PAINTER not in rung_in(video, StageName.IMAGE)
        assert any(prompt.state == "done" for prompt in server.prompts)
