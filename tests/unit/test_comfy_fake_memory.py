"""The played ComfyUI on a card that others use too, and what becomes of work that doesn't fit."""

import itertools
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from busy_machine import in_time
from comfy_fake_kit import enlarge, failure, finished, history, picture_graph, pixels, post, served
from fakes.card import PlayedCard
from fakes.comfy_parts.demands import least_mib, way_of
from fakes.comfy_parts.memory import SD15, Memory
from fakes.comfyui import FakeComfyUI, JobState, Overflow
from service_kit import free_port

from vidgen_gui.core.service import ServiceName

PROGRAM = Path(__file__).parents[1] / "fakes" / "comfy_program.py"
MAKER, WRITER = ServiceName.IMAGE_MAKER.value, ServiceName.SCRIPT_WRITER.value
LARGE = (1440, 2560)


@pytest.fixture
def card() -> PlayedCard:
    return PlayedCard.of(12_288, 12_000)


@pytest.fixture
def server(card: PlayedCard) -> Iterator[FakeComfyUI]:
    options = {"budget_mib": card.room_for(MAKER), "on_hold": card.follow(), "sheets": True}
    with FakeComfyUI(**options) as started:
        yield started


def test_the_card_shows_what_the_server_holds(card: PlayedCard, server: FakeComfyUI) -> None:
    assert card.held_by(MAKER) == 0
    finished(server)
    held = card.held_by(MAKER)
    assert held == server.memory.held_mib > 1_900
    assert card.free_mib == 12_000 - held
    server.inner.books.free = {}
    server.restart()
    assert card.held_by(MAKER) == 0


def test_what_others_take_is_missing_and_comes_back(card: PlayedCard, server: FakeComfyUI) -> None:
    card.hold(WRITER, 11_500)
    assert (
        failure(finished(server, picture_graph(512, 768)))["exception_type"]
        == "torch.OutOfMemoryError"
    )
    card.source.release(WRITER)
    finished(server, picture_graph(512, 768))


def test_models_shrink_when_others_take_memory(card: PlayedCard, server: FakeComfyUI) -> None:
    finished(server, picture_graph(256, 256))
    card.hold(WRITER, 11_000 - 600)
    finished(server, picture_graph(256, 256))
    assert server.memory.loaded_mib < 1_600
    assert card.free_mib >= 0


def test_sheets_have_the_sizes_that_pixels_have(server: FakeComfyUI) -> None:
    graph = picture_graph(128, 192, tile=320)
    enlarge(graph, 304, 504)
    picture = pixels(served(server, finished(server, graph)).content)
    assert picture.shape == (504, 304, 3)
    assert picture.std() > 5


def test_a_large_sheet_takes_next_to_no_time(server: FakeComfyUI) -> None:
    card_free = server.memory.limit_mib
    assert card_free > 6_000
    finished(server, picture_graph(*LARGE, tile=512))
    # The server is in this process; other programs' work doesn't count.
    began = time.process_time()
    for _ in range(5):
        finished(server, picture_graph(*LARGE, tile=512))
    # Drawn by its pixels, one alone takes about so long.
    assert time.process_time() - began < 2.0


def test_the_least_need_is_where_a_run_begins_to_fail() -> None:
    memory = Memory(24_000, (0.75, 1.6), jitter=0.0)
    values = {"model": "sd15", "cfg": 7.5, "latent_image": [_Latent(180, 320)]}
    way = way_of(picture_graph())
    least = least_mib(memory, "KSampler", values, way)
    activation = 320 * 180 * 2 * 0.01 * SD15.factor
    assert least == pytest.approx((250 + 0.1 * SD15.unet_mib + activation) * memory.factor(
        SD15, way, None
    ))  # fmt: skip
    assert 0.75 <= memory.factor(SD15, way, None) <= 1.6
    assert least_mib(memory, "SaveImage", {}, way) == 0


class _Latent:
    def __init__(self, width: int, height: int) -> None:
        self.shape = (height, width, 3)


@pytest.mark.parametrize("overflow", list(Overflow))
def test_work_that_does_not_fit_fails_kills_or_crawls(overflow: Overflow) -> None:
    states: list[str] = []
    with FakeComfyUI(
        budget_mib=1_500,
        overflow=overflow,
        sheets=True,
        spilled_step_s=0.3,
        on_crash=lambda: states.append("crashed"),
    ) as server:
        began = time.monotonic()
        post(server, picture_graph(*LARGE, tile=512, steps=4))
        wanted = {
            Overflow.RAISE: JobState.FAILED,
            Overflow.DIE: JobState.LOST,
            Overflow.SPILL: JobState.DONE,
        }[overflow]
        server.wait_for_state(wanted, 30)
        took_s = time.monotonic() - began
        assert (states == ["crashed"]) is (overflow is Overflow.DIE)
        if overflow is Overflow.SPILL:
            assert took_s >= 4 * 0.3
        else:
            assert in_time(took_s, 4 * 0.3)
        assert not server.memory.spilled
        if overflow is Overflow.DIE:
            server.wait(lambda fake: fake.inner.is_up)
            assert history(server) == {}
        finished(server, picture_graph(64, 96))


def test_even_a_driver_that_lends_ram_has_an_end() -> None:
    with FakeComfyUI(budget_mib=1_500, overflow=Overflow.SPILL, sheets=True) as server:
        server.memory.ram_mib = 1_000
        assert "OutOfMemory" in failure(finished(server, picture_graph(*LARGE)))["exception_type"]


def test_the_program_can_be_killed_for_want_of_memory() -> None:
    port = free_port()
    command = [sys.executable, str(PROGRAM), "--port", str(port)]
    command += ["--budget-mib", "1500", "--killed-at-overflow"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert b"To see the GUI go to" in process.stdout.readline()
        post(_At(port), picture_graph(*LARGE))
        assert process.wait(30) == -signal.SIGKILL


class _At:
    """A server in another process, as far as `post` looks."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"


def test_ways_differ_by_the_share_that_is_redrawn() -> None:
    def refined(width: int) -> dict[str, object]:
        graph = picture_graph()
        for number, side in (("30", width), ("31", 1000)):
            graph[number] = {
                "class_type": "ImageScale",
                "inputs": {"image": ["8", 0], "width": side, "height": side},
            }
        return graph

    ways = [way_of(refined(width)) for width in (700, 800, 1000, 1300)]
    assert all(one != other for one, other in itertools.combinations(ways, 2))
