"""The judge of plans judges as the played server does: tried by drawing each graph for real."""

from collections.abc import Iterator

import pytest
from comfy_fake_kit import finished
from fakes.comfyui import FakeComfyUI
from vram_oracle import graph_needs_mib

from vidgen_gui.core.image_family import Family
from vidgen_gui.core.picture import picture_size
from vidgen_gui.core.picture_plan import PicturePlan
from vidgen_gui.core.quality import Aspect, Quality, frame_size
from vidgen_gui.gpu.rungs import plans_for
from vidgen_gui.services.comfy_graph import abilities, build_graph

UPSCALERS = ("RealESRGAN_x4.pth",)
CHECKPOINTS = {Family.SD15: "sd15.safetensors", Family.SDXL: "sdxl.safetensors"}


@pytest.fixture
def server() -> Iterator[FakeComfyUI]:
    with FakeComfyUI(
        sheets=True, error_factor=(0.75, 1.6), checkpoints=tuple(CHECKPOINTS.values())
    ) as started:
        started.memory.jitter = 0.0
        yield started


def _plans(server: FakeComfyUI, family: Family, quality: Quality) -> tuple[PicturePlan, ...]:
    return plans_for(
        quality,
        Aspect.PORTRAIT,
        family,
        CHECKPOINTS[family],
        abilities(server.inner.info()),
        seed=1,
        picture=picture_size(frame_size(quality, Aspect.PORTRAIT)),
    )


@pytest.mark.parametrize("quality", [Quality.DRAFT, Quality.HIGH, Quality.ULTRA])
@pytest.mark.parametrize("family", list(CHECKPOINTS))
def test_a_graph_fits_from_what_the_judge_says_it_needs(
    server: FakeComfyUI, family: Family, quality: Quality
) -> None:
    plans = _plans(server, family, quality)
    assert len(plans) > 1
    for plan in plans:
        graph = build_graph(plan, f"{plan.rung} a", "", prefix="vidgen")
        needed_mib = graph_needs_mib(graph, server.memory, UPSCALERS)
        server.memory.budget_mib = needed_mib + 0.01
        assert finished(server, graph)["status"]["completed"], plan.rung
        other = build_graph(plan, f"{plan.rung} b", "", prefix="vidgen")
        server.memory.budget_mib = needed_mib - 0.01
        assert not finished(server, other)["status"]["completed"], plan.rung


def test_the_error_moves_the_need_and_stays_the_same_for_a_way(server: FakeComfyUI) -> None:
    plan = _plans(server, Family.SD15, Quality.ULTRA)[0]
    needs = set()
    for seed_word in ("a", "b"):
        graph = build_graph(plan, seed_word, "", prefix="vidgen")
        needs.add(graph_needs_mib(graph, server.memory, UPSCALERS))
    assert len(needs) == 1
    server.memory.error_factor = 1.0
    assert graph_needs_mib(graph, server.memory, UPSCALERS) not in needs
