"""Whose a card's memory is."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from vidgen_gui.core.service import ServiceName, ServiceView
from vidgen_gui.gpu.history import NO_SHARES, Shares
from vidgen_gui.gpu.readings import GpuReading, SourceKind, checked_memory, make_reading
from vidgen_gui.pipeline.gpu_owners import GpuOwners

WRITER, MAKER = ServiceName.SCRIPT_WRITER, ServiceName.IMAGE_MAKER


def _reading(*processes: tuple[int, float | None, str], simulated: bool = False) -> GpuReading:
    return make_reading(
        index=0,
        uuid="GPU-0",
        name="A2000",
        memory=checked_memory(12288, 6000, 6288),
        source=SourceKind.SIMULATED if simulated else SourceKind.NVML,
        at_s=1.0,
        processes=processes,
    )


def _views(**pids: int) -> tuple[ServiceView, ...]:
    return tuple(ServiceView(name, pid=pids.get(name.name)) for name in ServiceName)


@pytest.fixture
def child() -> Iterator[int]:
    """A process below this one."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process.pid
    process.communicate(timeout=20)


@pytest.mark.req("Q1", "B2")
def test_programs_are_told_apart_by_their_process_and_by_those_above_it(child: int) -> None:
    owners = GpuOwners(lambda: _views(SCRIPT_WRITER=os.getpid(), IMAGE_MAKER=1 << 30))
    reading = _reading((child, 5400, "ollama"), ((1 << 30), 100, "a"), ((1 << 30) - 1, 900, "x"))
    assert owners(reading) == Shares(5400, 100)


def test_a_program_that_is_gone_is_nobodys() -> None:
    owners = GpuOwners(lambda: _views(SCRIPT_WRITER=os.getpid()))
    assert owners(_reading(((1 << 30) + 5, 700, "ghost"))) == NO_SHARES


def test_simulated_memory_is_told_apart_by_name() -> None:
    owners = GpuOwners(_views)
    own = os.getpid()
    reading = _reading(
        (own, 5400, "script-writer"), (own, 3100, "image-maker"), (own, 9, "game"), simulated=True
    )
    assert owners(reading) == Shares(5400, 3100)


def test_what_was_measured_stands_in_where_the_driver_does_not_say() -> None:
    owners = GpuOwners(
        lambda: _views(SCRIPT_WRITER=77, IMAGE_MAKER=78),
        lambda uuid: {WRITER: 5300.0, MAKER: 2000.0} if uuid == "GPU-0" else {},
    )
    assert owners(_reading((77, None, "llama-server"), (78, 2500, "python"))) == Shares(5300, 2500)
    assert owners(_reading()) == Shares(5300, 2000)
