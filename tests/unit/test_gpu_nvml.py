"""NVIDIA's library: one session, every card, and what becomes of it when the driver goes."""

from collections.abc import Iterator
from pathlib import Path

import pynvml
import pytest
from fakes.nvml_driver import MIB, NOT_AVAILABLE, FakeCard, FakeDriver, installed

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.messages import MessageId
from vidgen_gui.gpu.nvml import NvmlSource
from vidgen_gui.gpu.readings import SourceUnavailable

CANCEL = CancelToken()


@pytest.fixture
def driver() -> Iterator[FakeDriver]:
    with installed(FakeDriver(FakeCard())) as made:
        yield made


@pytest.fixture
def source(driver: FakeDriver, tmp_path: Path) -> Iterator[NvmlSource]:
    assert pynvml.nvmlLib is driver
    made = NvmlSource(cards=tmp_path / "cards")
    yield made
    made.close()


@pytest.mark.req("BUG-15", "Q1", "Q5", "AUD-15")
def test_every_figure_of_a_card_is_read(source: NvmlSource) -> None:
    (card,) = source.read(7.0, CANCEL)
    assert (card.uuid, card.name, card.at_s) == ("GPU-aaaa", "NVIDIA RTX A2000 12GB", 7.0)
    assert (card.total_mib, card.used_mib, card.free_mib) == (12288, 1000, 11000)
    assert (card.utilisation_percent, card.temperature_c, card.power_w) == (37, 55, 41.5)
    assert card.throttle_reasons == ("power-cap",)
    assert [(one.pid, one.used_mib) for one in card.processes] == [(4242, 900)]
    assert not card.refused


@pytest.mark.req("BUG-1", "AUD-1")
def test_one_session_serves_every_reading_and_is_closed_once(
    source: NvmlSource, driver: FakeDriver
) -> None:
    for second in range(200):
        source.read(second, CANCEL)
        source.read_memory(second, CANCEL)
    source.renew()
    source.read(201, CANCEL)
    assert (driver.opened, driver.closed) == (1, 0)
    source.close()
    source.close()
    assert (driver.opened, driver.closed) == (1, 1)


@pytest.mark.req("BUG-1", "O12")
def test_a_lost_driver_is_said_and_found_again(source: NvmlSource, driver: FakeDriver) -> None:
    source.read(0, CANCEL)
    driver.fails_with = pynvml.NVML_ERROR_UNKNOWN
    for read in (source.read_memory, source.read):
        with pytest.raises(SourceUnavailable) as caught:
            read(1, CANCEL)
    assert caught.value.message.id in {MessageId.GPU_DRIVER_LOST, MessageId.GPU_DRIVER_ABSENT}
    driver.fails_with = None
    assert source.read(2, CANCEL)[0].free_mib == 11000
    assert driver.opened == 2


def test_without_a_driver_there_is_a_reason(source: NvmlSource, driver: FakeDriver) -> None:
    driver.no_driver = True
    with pytest.raises(SourceUnavailable) as caught:
        source.read(0, CANCEL)
    assert caught.value.message.id is MessageId.GPU_DRIVER_ABSENT


@pytest.mark.req("O12")
def test_without_the_library_there_is_a_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(pynvml, "nvmlLib", None)

    def no_library(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr(pynvml, "CDLL", no_library)
    with pytest.raises(SourceUnavailable) as caught:
        NvmlSource(cards=tmp_path).read(0, CANCEL)
    assert caught.value.message.id is MessageId.GPU_LIBRARY_ABSENT


@pytest.mark.req("AUD-35")
@pytest.mark.parametrize(
    ("said", "known_total"),
    [
        ((NOT_AVAILABLE / MIB, 1000, 11000), None),
        ((0, 0, 0), None),
        ((12288, NOT_AVAILABLE / MIB, 11000), 12288),
        ((12288, 1000, 20000), 12288),
        ((12288, 1000, 2000), 12288),
        ((12288, 12000, 12000), 12288),
    ],
)
def test_amounts_that_cannot_be_true_are_refused(
    source: NvmlSource,
    driver: FakeDriver,
    said: tuple[float, float, float],
    known_total: float | None,
) -> None:
    card = driver.cards[0]
    card.total_mib, card.used_mib, card.free_mib = said
    (reading,) = source.read(0, CANCEL)
    assert (reading.total_mib, reading.used_mib, reading.free_mib) == (known_total, None, None)
    assert reading.refused
    assert not reading.memory_known


def test_windows_does_not_say_what_a_process_uses(source: NvmlSource, driver: FakeDriver) -> None:
    driver.cards[0].processes = [(4242, NOT_AVAILABLE), (17, 5 * MIB)]
    (card,) = source.read(0, CANCEL)
    assert {one.pid: one.used_mib for one in card.processes} == {4242: None, 17: 5}


def test_an_old_driver_answers_what_it_can(source: NvmlSource, driver: FakeDriver) -> None:
    driver.missing = (
        "nvmlDeviceGetMemoryInfo_v2",
        "nvmlDeviceGetComputeRunningProcesses_v3",
        "nvmlDeviceGetGraphicsRunningProcesses_v3",
        "nvmlDeviceGetCurrentClocksThrottleReasons",
        "nvmlDeviceGetPowerUsage",
    )
    (card,) = source.read(0, CANCEL)
    assert (card.total_mib, card.used_mib, card.free_mib) == (12288, 1288, 11000)
    assert (card.power_w, card.throttle_reasons, card.processes) == (None, None, ())
    assert not card.refused


@pytest.mark.req("B2", "G1")
def test_a_changed_total_is_seen_with_the_next_look(source: NvmlSource, driver: FakeDriver) -> None:
    assert source.read(0, CANCEL)[0].total_mib == 12288
    driver.cards[0].total_mib = 24576
    assert source.read(1, CANCEL)[0].total_mib == 24576


@pytest.mark.req("B2", "G1")
def test_an_added_card_opens_the_session_anew(
    source: NvmlSource, driver: FakeDriver, tmp_path: Path
) -> None:
    listed = tmp_path / "cards"
    (listed / "0000:01:00.0").mkdir(parents=True)
    source.read(0, CANCEL)
    driver.cards.append(FakeCard(uuid="GPU-bbbb", total_mib=24576))
    (listed / "0000:02:00.0").mkdir()
    source.renew()
    assert [card.uuid for card in source.read(1, CANCEL)] == ["GPU-aaaa", "GPU-bbbb"]
    assert (driver.opened, driver.closed) == (2, 1)


def test_one_lost_card_does_not_hide_the_other(source: NvmlSource, driver: FakeDriver) -> None:
    driver.cards.append(FakeCard(uuid="GPU-bbbb"))
    assert len(source.read(0, CANCEL)) == 2
    driver.cards[0].lost = True
    with pytest.raises(SourceUnavailable):
        source.read(1, CANCEL)
    assert [card.uuid for card in source.read(2, CANCEL)] == ["GPU-bbbb"]
    driver.cards[1].lost = True
    with pytest.raises(SourceUnavailable):
        source.read(3, CANCEL)
    with pytest.raises(SourceUnavailable):
        source.read(4, CANCEL)
